"""The frozen analysis: tracking, forecast and diagnosis by each measure, with its negative and positive controls.

A run is watched from when it has learned its pairs (`LEARNED`) until it generalises or ends. What is asked of each
measure, on runs of one setting or within one run, is in ``PLAN.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from numerics.studies.tracking.measures import ALWAYS, MEASURES, PUBLISHED, RISES
from numerics.studies.tracking.plan import FALL, LANDMARK, Setting
from numerics.studies.tracking.statistics import (
    Array,
    Estimate,
    concordance,
    first_fall,
    mean_over_runs,
    rank_correlation,
    rank_correlation_given,
)

Run = Mapping[str, Any]
NORM, ORACLE = "weight_norm", "oracle"
ORACLE_NOISE = 0.1  # of the logarithm of the validation loss, in the measure that must be found
FEWEST = 4  # snapshots, for a rank correlation
EVENLY = 50  # epochs, where they are taken evenly
ROOM = 0.05  # what the validation loss itself must have beyond others', for that to tell anything of a measure


def analyse(settings: Sequence[Setting], runs: Sequence[Run]) -> dict[str, Any]:
    """Everything that the report says, as plain data."""
    named = {setting.name: setting for setting in settings}
    watched = [run for run in runs if len(run["rows"]) >= FEWEST]
    free = [run for run in watched if not named[run["setting"]].is_control]
    families = {family: _family([run for run in free if named[run["setting"]].family == family])
                for family in dict.fromkeys(named[run["setting"]].family for run in free)}
    controls = {name: _together([run for run in watched if run["setting"] == name])
                for name, setting in named.items() if setting.is_control}
    return {"outcomes": _outcomes(settings, runs), "families": families,
            "controls": {name: found for name, found in controls.items() if found},
            "by_setting": {name: _briefly([run for run in free if run["setting"] == name]) for name in named}}


def main_family(results: Mapping[str, Any]) -> str:
    """What is asked about: the networks of the first setting that is no control."""
    return next(iter(results["families"]), "quadratic")


def _briefly(runs: Sequence[Run]) -> dict[str, Any]:
    """Tracking by the published estimators and the weight norm in those runs that generalise; empty for one or none."""
    good = [run for run in runs if run["generalised"] is not None]
    return {name: _tracking(good, name) for name in (*PUBLISHED, NORM)} if len(good) > 1 else {}


def _outcomes(settings: Sequence[Setting], runs: Sequence[Run]) -> list[dict[str, Any]]:
    rows = []
    for setting in settings:
        own = [run for run in runs if run["setting"] == setting.name]
        rows.append({"setting": setting.name, "runs": len(own), "unlearned": sum(not run["rows"] for run in own),
                     "generalised": sum(run["generalised"] is not None for run in own),
                     "moved": sum(run["moved"] is not None for run in own),
                     "snapshots": float(np.mean([len(run["rows"]) for run in own])) if own else 0.0})
    return rows


def _family(runs: Sequence[Run]) -> dict[str, Any]:
    good = [run for run in runs if run["generalised"] is not None]
    rest = [run for run in runs if run["generalised"] is None]
    names = [name for name in (*MEASURES, ORACLE) if len(_having(good, name)) > 1]
    room = float(beyond_others(good, "validation_loss").mean()) if len(good) > 1 else 0.0
    return {"runs": len(runs), "generalised": len(good), "room": room, "all": _together(runs), "measures": {
        name: {**_tracking(_having(good, name), name), **_elsewhere(_having(rest, name), name),
               **_between(_having(runs, name), name)} for name in names}}


def _having(runs: Sequence[Run], name: str) -> list[Run]:
    """Those in which the measure was taken often enough."""
    return [run for run in runs if name == ORACLE
            or sum(row.get(name) is not None for row in run["rows"]) >= FEWEST]


def series(run: Run, name: str) -> tuple[Array, Array]:
    """Epochs and values (T,) of a measure where it was measured, falling where the network generalises.

    The oracle is the validation loss with noise; what rises by its source is turned over.
    """
    if name == ORACLE:
        noise = np.random.default_rng(run["seed"]).normal(0, ORACLE_NOISE, len(run["rows"]))
        values = [row["validation_loss"] for row in run["rows"]] * np.exp(noise)
        return np.array([row["epoch"] for row in run["rows"]], float), np.asarray(values)
    rows = [row for row in run["rows"] if row.get(name) is not None]
    return np.array([row["epoch"] for row in rows], float), _turned(name, np.array([row[name] for row in rows], float))


def _turned(name: str, values: Array) -> Array:
    return -values if name in RISES else values


def _loss_at(run: Run, epochs: Array) -> Array:
    course = run["course"]
    return np.asarray(np.interp(epochs, course["epochs"], course["validation_loss"]))


def correlation(run: Run, name: str, other: Run | None = None) -> float:
    """Spearman's, of the measure with the validation loss: the run's own, or that of another at the same epochs."""
    epochs, values = series(run, name)
    return rank_correlation(values, _loss_at(other or run, epochs))


def whole(run: Run) -> Run:
    """The run with what was measured after it generalised, its last epoch too, among its ``rows``."""
    end = [run["end"]] if run["end"]["epoch"] > run["rows"][-1]["epoch"] else []
    return {**run, "rows": [*run["rows"], *run["later"], *end]}


def converged_rows(run: Run) -> list[dict[str, Any]]:
    """The snapshots at which chains ran until they had converged, each once."""
    return [row for row in whole(run)["rows"] if row.get("converged_rhat") is not None] if run["end"] else []


def to_end(run: Run, name: str) -> float:
    """The correlation over all snapshots, those after generalising too."""
    return correlation(whole(run), name)


def evenly(run: Run, name: str) -> float:
    """The correlation at epochs evenly spread to the last one, not in their logarithm; the measure interpolated."""
    epochs, values = series(whole(run), name)
    at = np.linspace(epochs[0], epochs[-1], EVENLY)
    return rank_correlation(np.interp(at, epochs, values), _loss_at(run, at))


def given_norm(run: Run, name: str) -> float:
    """The same given the weight norm; 0 where nothing is left."""
    epochs, values = series(run, name)
    of_norm, norm = series(run, NORM)
    found = rank_correlation_given(values, _loss_at(run, epochs), np.interp(epochs, of_norm, norm))
    return found or 0.0


def beyond_others(runs: Sequence[Run], name: str, shift: int = 0) -> Array:
    """(R,): each run's correlation with its own validation loss less the mean of those with other runs'.

    Runs of one setting, at the same epochs. With a ``shift`` what counts as its own is another run's: a control. 0
    where there is no other run.
    """
    found = []
    for run in runs:
        same = [other for other in runs if other["setting"] == run["setting"]]
        here = next(index for index, other in enumerate(same) if other is run)
        own = same[(here + shift) % len(same)]
        others = [other for other in same if other is not own and other is not run]
        found.append(correlation(run, name, own) - float(np.mean([correlation(run, name, other) for other in others]))
                     if others else 0.0)
    return np.array(found)


def lag(run: Run, name: str) -> float:
    """Of the measure's peak behind that of the validation loss, as a binary logarithm of the ratio of epochs."""
    epochs, values = series(run, name)
    loss = _loss_at(run, epochs)
    return float(np.log2(epochs[values.argmax()] / epochs[loss.argmax()]))


def _tracking(runs: Sequence[Run], name: str) -> dict[str, Any]:
    strata = [run["setting"] for run in runs]
    means = {"given_norm": [given_norm(run, name) for run in runs], "beyond_others": beyond_others(runs, name),
             "permuted": beyond_others(runs, name, 1), "lag": [lag(run, name) for run in runs]}
    for key, less, correlated in (("correlation", "over_norm", correlation), ("to_end", "to_end_over_norm", to_end),
                                  ("evenly", "evenly_over_norm", evenly)):
        own, norm = (np.array([correlated(run, which) for run in runs]) for which in (name, NORM))
        means |= {key: own, less: own - norm}
    inside = [0 < values.argmax() < len(values) - 1 for _, values in (series(run, name) for run in runs)]
    return {**{key: _plain(mean_over_runs(np.asarray(values, float), strata)) for key, values in means.items()},
            "peak_inside": float(np.mean(inside)), **_falls(runs, name)}


def _falls(runs: Sequence[Run], name: str) -> dict[str, Any]:
    """In how many runs there is a fall, and in how many one before validation accuracy moved."""
    epochs = [_first_fall(run, name) for run in runs]
    return {"falls": sum(epoch is not None for epoch in epochs),
            "falls_before_moving": sum(epoch is not None and run["moved"] is not None and epoch < run["moved"]
                                       for epoch, run in zip(epochs, runs, strict=True))}


def _first_fall(run: Run, name: str) -> float | None:
    epochs, values = series(run, name)
    index = first_fall(1 / -values if name in RISES else values, FALL)
    return None if index is None else float(epochs[index])


def _elsewhere(runs: Sequence[Run], name: str) -> dict[str, Any]:
    """In runs that do not generalise: the correlation with the validation loss, and falls."""
    if not runs:
        return {"elsewhere": None, "false_falls": 0, "others": 0}
    values = np.array([correlation(run, name) for run in runs])
    return {"elsewhere": _plain(mean_over_runs(values, [run["setting"] for run in runs])),
            "false_falls": _falls(runs, name)["falls"], "others": len(runs)}


def _between(runs: Sequence[Run], name: str) -> dict[str, Any]:
    """Forecast at the landmark, by level and by what is left of the largest value; diagnosis at the last epoch."""
    early = [run for run in runs if _landmark(run) is not None]
    found = {"forecast": _concordance(early, partial(_level, name=name)),
             "forecast_by_fall": _concordance(early, partial(_share_left, name=name)),
             "forecast_permuted": _concordance(early, partial(_level, name=name), permuted=True),
             "diagnosis": _concordance([run for run in runs if run["end"]], partial(_at_end, name=name), last=True),
             "diagnosis_permuted": _concordance([run for run in runs if run["end"]], partial(_at_end, name=name),
                                                last=True, permuted=True)}
    return {key: _plain(estimate) for key, estimate in found.items()}


def _plain(estimate: Estimate) -> dict[str, Any] | None:
    """None where there was nothing to compare."""
    return asdict(estimate) if np.isfinite(estimate.value) else None


def _landmark(run: Run) -> float | None:
    """The epoch; None where validation accuracy had moved by then."""
    epoch = float(LANDMARK * run["rows"][0]["epoch"])
    late = run["rows"][-1]["epoch"] < epoch or (run["moved"] is not None and run["moved"] <= epoch)
    return None if late else epoch


def _level(run: Run, name: str) -> float:
    epochs, values = series(run, name)
    return float(values[max(int(np.searchsorted(epochs, _landmark(run) or 0.0, "right")) - 1, 0)])


def _share_left(run: Run, name: str) -> float:
    epochs, values = series(run, name)
    some = values[: max(int(np.searchsorted(epochs, _landmark(run) or 0.0, "right")), 1)]
    return float(some[-1] / some.max() if name not in RISES else some.max() / some[-1])


def _at_end(run: Run, name: str) -> float:
    if name == ORACLE:
        noise = np.random.default_rng(run["seed"]).normal(0, ORACLE_NOISE)
        return float(run["end"]["validation_loss"] * np.exp(noise))
    return float(_turned(name, np.array(run["end"][name])))


def _concordance(runs: Sequence[Run], value: Callable[[Run], float], last: bool = False,
                 permuted: bool = False) -> Estimate:
    """Of runs of one setting: whether the lower value generalises first, or (``last``) has generalised by the end."""
    event = np.array([run["generalised"] is not None for run in runs], bool)
    time = np.array([run["generalised"] if run["generalised"] is not None else run["epochs"] for run in runs], float)
    if last:
        time = np.where(event, 0.0, 1.0)
    strata = [run["setting"] for run in runs]
    if permuted:
        order = _shuffled(strata)
        event, time = event[order], time[order]
    return concordance(np.array([value(run) for run in runs]), time, event, strata)


def _shuffled(strata: Sequence[str]) -> list[int]:
    """An order of the runs that moves them within their strata alone."""
    generator, order = np.random.default_rng(1), np.arange(len(strata))
    for name in dict.fromkeys(strata):
        members = [index for index, stratum in enumerate(strata) if stratum == name]
        order[members] = generator.permutation(members)
    return [int(index) for index in order]


def _together(runs: Sequence[Run]) -> dict[str, Any]:
    """Correlations and falls in runs, whether they generalise or not."""
    if not runs:
        return {}
    names = [name for name in (*PUBLISHED, *ALWAYS) if _having(runs, name)]
    return {"runs": len(runs), "accuracy": max(row["validation_accuracy"] for run in runs for row in run["rows"]),
            "measures": {name: {**_elsewhere(runs, name), "lost": float(np.median([_lost(run, name) for run in runs]))}
                         for name in names}}


def _lost(run: Run, name: str) -> float:
    """The share of its largest value that a measure has lost at the end."""
    _, values = series(run, name)
    return float(1 - (values[-1] / values.max() if name not in RISES else values.max() / values[-1]))
