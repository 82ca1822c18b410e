"""Alarms that a quantity raises along a training run, and how well they foretell that the run generalises.

A run is watched from when it has memorised its training pairs. A detector sees one quantity x at the snapshots since
then and raises an alarm, once, at the first snapshot where ``x <= (1 - threshold) max x`` (*falls by*),
``x >= min x / (1 - threshold)`` (*rises by*), maximum and minimum over the snapshots so far, or where x is on one side
of a threshold (*is below*, *is above*). It uses training data alone.

Validation accuracy only scores it. A run that generalises is a *hit* if the alarm comes before validation accuracy
moves; the *lead* is the share of the time until then that was left. A run that never generalises is a *false alarm* if
there is one at any time. Runs in between, whose validation accuracy moved without arriving, count as neither, and nor
do those that generalise at once, where it moved before there was a second snapshot to compare with the first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

Shape = Literal["falls by", "rises by", "is below", "is above"]
Outcome = Literal["generalised", "at once", "between", "never"]

CHANGES: tuple[Shape, ...] = ("falls by", "rises by")
LEVELS: tuple[Shape, ...] = ("is below", "is above")
# From a change of 0.1 % to a factor of 2, and on to a factor of 10^4.
THRESHOLDS = tuple(map(float, [*np.geomspace(1e-3, 0.5, 150), *1 - np.geomspace(0.49, 1e-4, 100)]))
QUANTILES = 150  # of the values that occur: thresholds for levels
RESAMPLES, LEVEL = 10_000, 0.95  # of the bootstrap; of its intervals


@dataclass(frozen=True)
class Trajectory:
    """One run: ``epochs`` (T,) of its snapshots from memorising on, and each quantity there (T,).

    ``cluster`` names what runs have in common that should not count as independent. ``moved``: the epoch at which
    validation accuracy moved; None if it never did.
    """

    cluster: str
    epochs: NDArray[np.float64]
    series: Mapping[str, NDArray[np.float64]]
    outcome: Outcome
    moved: float | None


@dataclass(frozen=True)
class Detector:
    """An alarm when all of the ``conditions`` (quantity, shape, threshold) have been met."""

    conditions: tuple[tuple[str, Shape, float], ...]

    def alarm(self, run: Trajectory) -> float:
        """The epoch of the alarm, infinity without one."""
        return max(float(alarms(run, name, shape, [threshold])[0]) for name, shape, threshold in self.conditions)

    def __str__(self) -> str:
        return " and ".join(f"{name} {shape} {_threshold_text(shape, threshold)}"
                            for name, shape, threshold in self.conditions)


@dataclass(frozen=True)
class Score:
    """``hits`` of ``generalised`` runs, ``false_alarms`` of those that ``never`` do; for each hit its lead.

    ``leads`` are shares of the time until validation accuracy moved, ``lead_epochs`` the epochs.
    """

    hits: int
    generalised: int
    false_alarms: int
    never: int
    leads: tuple[float, ...]
    lead_epochs: tuple[float, ...]

    @property
    def skill(self) -> float:
        """Hit rate less false alarm rate (Youden's J): 0 without knowledge, 1 without error."""
        return _rate(self.hits, self.generalised) - _rate(self.false_alarms, self.never)

    @property
    def lead(self) -> float | None:
        """The median lead."""
        return float(np.median(self.leads)) if self.leads else None


def score(detector: Detector, runs: Sequence[Trajectory]) -> Score:
    """How the ``detector`` did on the ``runs``.

    >>> early = Trajectory("a", np.array([1., 2, 3]), {"x": np.array([4., 3, 1])}, "generalised", 4.0)
    >>> flat = Trajectory("b", np.array([1., 2, 3]), {"x": np.array([4., 4, 4])}, "never", None)
    >>> score(Detector((("x", "falls by", 0.2),)), [early, flat])
    Score(hits=1, generalised=1, false_alarms=0, never=1, leads=(0.5,), lead_epochs=(2.0,))
    """
    generalised = [run for run in runs if run.outcome == "generalised"]
    never = [run for run in runs if run.outcome == "never"]
    timed = [(detector.alarm(run), run.moved or 0.0) for run in generalised]
    hits = [(alarm, moved) for alarm, moved in timed if alarm < moved]
    return Score(len(hits), len(generalised), sum(detector.alarm(run) < math.inf for run in never), len(never),
                 tuple(1 - alarm / moved for alarm, moved in hits), tuple(moved - alarm for alarm, moved in hits))


def alarms(run: Trajectory, quantity: str, shape: Shape, thresholds: Sequence[float]) -> NDArray[np.float64]:
    """(M,): the epoch of the alarm at each of the thresholds, infinity without one."""
    x, wanted = run.series[quantity], np.asarray(thresholds, float)
    if shape in CHANGES:
        extreme = (np.maximum if shape == "falls by" else np.minimum).accumulate(x)
        ratio = x / extreme if shape == "falls by" else extreme / x
        evidence, wanted = np.where(extreme > 0, -ratio, -math.inf), wanted - 1
    elif shape == "is below":
        evidence, wanted = -x, -wanted
    else:
        evidence = x
    return np.append(run.epochs, math.inf)[np.searchsorted(np.maximum.accumulate(evidence), wanted)]


def calibrated(quantities: Sequence[str], shapes: Sequence[Shape], runs: Sequence[Trajectory]) -> Detector:
    """The detector on these quantities with most skill on ``runs``; of equals the longest lead, then the middle one.

    One quantity: all these shapes and all thresholds. Two: the best shape of each alone, and coarser thresholds.
    """
    if len(quantities) == 1:
        name, = quantities
        grids = [_grid([(name, shape, x) for x in thresholds(name, shape, runs)], runs) for shape in shapes]
    else:
        best = [calibrated([name], shapes, runs).conditions[0] for name in quantities]
        grids = [_cross(*(_grid([(name, shape, x) for x in (*thresholds(name, shape, runs)[::10], threshold)], runs)
                          for name, shape, threshold in best))]
    detectors = [detector for grid in grids for detector in grid.detectors]
    skill, lead = _merits(np.concatenate([grid.epochs for grid in grids], 1), runs)
    most = skill == skill.max()
    equals = np.flatnonzero(most & (lead == lead[most].max()))
    chosen: Detector = detectors[equals[len(equals) // 2]]
    return chosen


@dataclass(frozen=True)
class _Grid:
    """M detectors, and when each raises its alarm: epochs (R, M)."""

    detectors: Sequence[Detector]
    epochs: NDArray[np.float64]


def _grid(conditions: Sequence[tuple[str, Shape, float]], runs: Sequence[Trajectory]) -> _Grid:
    """One condition each, all on the same quantity and of the same shape."""
    (name, shape, _), *_ = conditions
    tried = [threshold for *_, threshold in conditions]
    return _Grid([Detector((condition,)) for condition in conditions],
                 np.stack([alarms(run, name, shape, tried) for run in runs]))


def _cross(left: _Grid, right: _Grid) -> _Grid:
    """All pairs: both conditions."""
    return _Grid([Detector(a.conditions + b.conditions) for a in left.detectors for b in right.detectors],
                 np.maximum(left.epochs[:, :, None], right.epochs[:, None]).reshape(len(left.epochs), -1))


def _merits(epochs: NDArray[np.float64], runs: Sequence[Trajectory]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(M,) each: skill and median lead, -1 without hits, of alarms at ``epochs`` (R, M)."""
    generalised, never = (np.array([[run.outcome == kind] for run in runs]) for kind in ("generalised", "never"))
    moved = np.array([[run.moved or 1.0] for run in runs])
    hits, false = generalised & (epochs < moved), never & (epochs < math.inf)
    lead = np.full(epochs.shape[1], -1.0)
    some = hits.any(0)
    lead[some] = np.nanmedian(np.where(hits, 1 - epochs / moved, math.nan)[:, some], axis=0)
    return hits.sum(0) / max(generalised.sum(), 1) - false.sum(0) / max(never.sum(), 1), lead


def thresholds(quantity: str, shape: Shape, runs: Sequence[Trajectory]) -> tuple[float, ...]:
    """The thresholds that are tried: for levels, values between those that occur."""
    if shape in CHANGES:
        return THRESHOLDS
    values = np.unique(np.concatenate([run.series[quantity] for run in runs]))
    found = np.quantile(values, np.linspace(0, 1, min(QUANTILES, 2 * len(values) - 1)))
    return tuple(map(float, found))


def halves(runs: Sequence[Trajectory], seed: int = 0) -> tuple[list[Trajectory], list[Trajectory]]:
    """The runs in two halves; clusters stay whole, and both halves have as many that generalise, to one."""
    clusters = sorted({run.cluster for run in runs})
    order = np.random.default_rng(seed).permutation(len(clusters))
    generalised = {name: np.mean([run.outcome == "generalised" for run in runs if run.cluster == name])
                   for name in clusters}
    ranked = sorted((clusters[i] for i in order), key=lambda name: generalised[name])
    first = {name for index, name in enumerate(ranked) if index % 4 in (0, 3)}
    return [run for run in runs if run.cluster in first], [run for run in runs if run.cluster not in first]


def points(detector: Detector, runs: Sequence[Trajectory]) -> NDArray[np.float64]:
    """(R,): 1 for a hit, -1 for a false alarm, else 0."""
    results = [score(detector, [run]) for run in runs]
    return np.array([result.hits - result.false_alarms for result in results], float)


def skill_interval(gains: NDArray[np.float64], runs: Sequence[Trajectory], seed: int = 0) -> tuple[float, float]:
    """A 95 % bootstrap interval, clusters drawn with replacement, of the skill that the `points` ``gains`` amount to.

    For two detectors the difference of their points gives the interval of the difference of their skills.
    """
    names = sorted({run.cluster for run in runs})
    drawn = np.random.default_rng(seed).multinomial(len(names), [1 / len(names)] * len(names), RESAMPLES)
    skill = np.zeros(RESAMPLES)
    for outcome in ("generalised", "never"):
        chosen = np.array([[run.cluster == name and run.outcome == outcome for run in runs] for name in names], float)
        with np.errstate(invalid="ignore"):  # a resample without such a run says nothing
            skill += drawn @ (chosen @ gains) / (drawn @ chosen.sum(1))
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.nanpercentile(skill, [tail, 100 - tail])
    return float(low), float(high)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a rate; (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    found = binomtest(successes, trials).proportion_ci(LEVEL, "wilson")
    return float(found.low), float(found.high)


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _threshold_text(shape: Shape, threshold: float) -> str:
    if shape == "falls by":
        return f"{100 * threshold:.3g} %"
    return f"a factor {1 / (1 - threshold):.4g}" if shape == "rises by" else f"{threshold:.3g}"
