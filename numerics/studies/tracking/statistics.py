"""Statistics of runs: rank correlations, with and without what is given, peaks, concordance; intervals and power.

Runs are the units: whatever is computed is one number a run, or a comparison of two runs of one setting, and intervals
are those of drawing runs with replacement within their settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]
RESAMPLES, LEVEL = 2000, 0.95  # of the bootstrap; of its intervals
EXPLAINED = 1e-9  # of the variance of ranks left, under which nothing is


@dataclass(frozen=True)
class Estimate:
    """A mean over ``runs`` with its 95 % interval and its standard error."""

    value: float
    low: float
    high: float
    error: float
    runs: int


def rank_correlation(x: Array, y: Array) -> float:
    """Spearman's, between -1 and 1; 0 where one of the two is constant: what does not move tracks nothing.

    >>> x = np.array([1.0, 2, 3, 4])
    >>> rank_correlation(x, x**2), rank_correlation(np.ones(4), x)
    (1.0, 0.0)
    """
    return _correlation(rankdata(x), rankdata(y))


def _correlation(x: Array, y: Array) -> float:
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return min(max(float(x @ y) / scale, -1.0), 1.0) if scale > 0 else 0.0


def rank_correlation_given(x: Array, y: Array, given: Array) -> float | None:
    """Spearman's partial correlation of x and y given a third; None where x or y has its ranks and nothing is left.

    >>> x = np.array([1.0, 2, 3, 4])
    >>> rank_correlation_given(x, x[::-1], x) is None
    True
    """
    a, b, c = rank_correlation(x, y), rank_correlation(x, given), rank_correlation(y, given)
    left = (1 - b * b) * (1 - c * c)
    return None if left < EXPLAINED else min(max((a - b * c) / left**0.5, -1.0), 1.0)


def first_fall(x: Array, share: float) -> int | None:
    """The first index at which x is that share below its largest value so far.

    >>> first_fall(np.array([1.0, 2.0, 1.95, 1.8]), 0.05)
    3
    """
    below = x <= (1 - share) * np.maximum.accumulate(x)
    return int(below.argmax()) if below.any() else None


def mean_over_runs(values: Array, strata: Sequence[str], seed: int = 0) -> Estimate:
    """The mean of one value a run (R,), runs drawn with replacement within the ``strata``."""
    drawn = _drawn(strata, seed)
    means = drawn @ values / len(values)
    return _estimate(float(values.mean()), means, len(values))


def concordance(x: Array, time: Array, event: NDArray[np.bool_], strata: Sequence[str], seed: int = 0) -> Estimate:
    """How often, of two runs of one stratum, the one with the smaller x has its event first (Harrell's C).

    Pairs count whose order is known: the first of the two times is an event. Ties in x count half; 1/2 is nothing.
    """
    names = np.array(strata)
    same = names[:, None] == names
    first = same & event[:, None] & ((time[:, None] < time) | ((time[:, None] == time) & ~event))
    right = first * ((x[:, None] < x) + 0.5 * (x[:, None] == x))
    drawn = _drawn(strata, seed)
    with np.errstate(invalid="ignore"):
        resampled = ((drawn @ right) * drawn).sum(1) / ((drawn @ first) * drawn).sum(1)
        value = float(right.sum() / first.sum()) if first.any() else float("nan")
    return _estimate(value, resampled, len(x))


def _drawn(strata: Sequence[str], seed: int) -> Array:
    """(RESAMPLES, R): how often each run is drawn; each stratum keeps its number."""
    generator, drawn = np.random.default_rng(seed), np.zeros((RESAMPLES, len(strata)))
    names = np.array(strata)
    for name in dict.fromkeys(strata):
        members = np.flatnonzero(names == name)
        drawn[:, members] = generator.multinomial(len(members), np.full(len(members), 1 / len(members)), RESAMPLES)
    return drawn


def _estimate(value: float, resampled: Array, runs: int) -> Estimate:
    tail = (1 - LEVEL) / 2
    resampled = resampled[np.isfinite(resampled)]
    if not len(resampled):
        return Estimate(value, float("nan"), float("nan"), float("nan"), runs)
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Estimate(value, float(low), float(high), float(resampled.std()), runs)


def power_of_mean(effect: float, deviation: float, runs: int, trials: int = 1000, seed: int = 0) -> float:
    """How often the interval of a mean over ``runs`` leaves 0 out, where it is ``effect`` with this deviation."""
    values = np.random.default_rng(seed).normal(effect, deviation, (trials, runs))
    means, errors = values.mean(1), values.std(1) / runs**0.5
    return float((np.abs(means) > 1.96 * errors).mean())


def power_of_concordance(wanted: float, strata: int, runs: int, events: float, trials: int = 300,
                         seed: int = 0) -> float:
    """How often the interval of `concordance` leaves 1/2 out: ``runs`` in each stratum, this share with an event.

    x is Gaussian, and lower in runs with an event by what makes the concordance with the others as ``wanted``; the
    times of events say nothing more.
    """
    from scipy.stats import norm

    shift = float(norm.ppf(wanted)) * 2**0.5
    generator, found = np.random.default_rng(seed), 0
    names = [str(stratum) for stratum in range(strata) for _ in range(runs)]
    for trial in range(trials):
        event = generator.random(len(names)) < events
        x = generator.normal(0, 1, len(names)) - shift * event
        estimate = concordance(x, np.where(event, 0.0, 1.0), event, names, trial)
        found += not estimate.low <= 0.5 <= estimate.high
    return found / trials
