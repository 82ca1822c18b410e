"""When the stored values fall, and how they go along with the validation loss: the measures of our own runs.

A run is watched from the first row with four in five of its training pairs right. Before that weights may shrink, at
validation accuracy 0, and the value with them: that is no fall at generalisation. (In two runs with weight decay 5e-4
three in four are right at the first row, and fewer than half at the next; the rule was made with these in view.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from tabulate import tabulate

from numerics.estimation.settings import MONITOR_DROP
from numerics.grokking.history import GROKKED
from numerics.studies.authors.data import Measurement, read_trajectories
from numerics.studies.foresight.detectors import Detector, Outcome, Trajectory, wilson
from numerics.studies.foresight.measures import MOVED

LEARNING = 0.8  # training accuracy from which on a run is watched
FEWEST = 5  # rows, for a rank correlation
GRID = 20  # places along each run, to set it beside others
RESAMPLES = 2000
HEADERS = {"run": "run", "outcome": "outcome", "final": "best validation accuracy", "alarm": "alarm at step",
           "accuracy_at_alarm": "accuracy there", "peak": "peak", "loss_peak": "peak of validation loss",
           "correlation": "rank correlation"}
ALARM = Detector((("llc", "falls by", MONITOR_DROP),))


def watched(rows: Sequence[Measurement]) -> Sequence[Measurement]:
    """The rows from the first on with that training accuracy; none if there is none."""
    first = next((i for i, row in enumerate(rows) if row.train_accuracy >= LEARNING), len(rows))
    return rows[first:]


def to_trajectory(name: str, rows: Sequence[Measurement]) -> Trajectory:
    """What the detectors see of a run: the LLC and the training loss since it is watched."""
    seen = watched(rows)
    moved = next((float(row.step) for row in rows if row.val_accuracy >= MOVED), None)
    generalised = max(row.val_accuracy for row in rows) >= GROKKED
    steps = np.array([row.step for row in seen], float)
    outcome: Outcome = ("never" if moved is None else "between" if not generalised else
               "generalised" if len(steps) > 1 and steps[1] < moved else "at once")
    return Trajectory(name, steps, {"llc": np.array([row.llc for row in seen])}, outcome, moved)


def run_row(name: str, rows: Sequence[Measurement]) -> dict[str, Any]:
    """One run: whether it generalises, where the alarm is and at which accuracy, peaks, and the rank correlation."""
    run, seen = to_trajectory(name, rows), watched(rows)
    alarm = ALARM.alarm(run)
    at = next((row for row in seen if row.step == alarm), None)
    llc, loss = (np.array([getattr(row, key) for row in seen]) for key in ("llc", "val_loss"))
    steps = run.epochs
    few = len(seen) < FEWEST
    return {"run": name, "outcome": run.outcome, "final": max(row.val_accuracy for row in rows), "moved": run.moved,
            "alarm": None if at is None else at.step, "accuracy_at_alarm": None if at is None else at.val_accuracy,
            "peak": None if few else float(steps[llc.argmax()]),
            "loss_peak": None if few else float(steps[loss.argmax()]),
            "correlation": None if few else float(spearmanr(llc, loss).statistic)}


def analyse() -> dict[str, Any]:
    """All runs, counts of where the alarm came in those that generalise, and what correlations are worth."""
    trajectories = read_trajectories()
    rows = [run_row(name, measured) for name, measured in trajectories.items()]
    good = [row for row in rows if row["final"] >= GROKKED]
    accuracy = [row["accuracy_at_alarm"] for row in good]
    before = sum(x is not None and x < 0.5 for x in accuracy)
    kept = [row["run"] for row in good if row["correlation"] is not None]
    own = np.array([row["correlation"] for row in good if row["correlation"] is not None])
    other = _with_others([watched(trajectories[name]) for name in kept])
    later = [row["peak"] >= row["loss_peak"] for row in good if row["peak"] is not None]
    return {"runs": rows, "generalise": len(good),
            "before_half": before, "before_half_interval": wilson(before, len(good)),
            "half_to_end": sum(x is not None and 0.5 <= x < GROKKED for x in accuracy),
            "after": sum(x is not None and x >= GROKKED for x in accuracy), "none": accuracy.count(None),
            "correlation": float(np.median(own)), "correlation_interval": _interval(own),
            "correlation_with_others": float(np.median(other)), "correlation_with_others_interval": _interval(other),
            "peak_not_before_loss_peak": sum(later), "peaks": len(later)}


def _with_others(runs: Sequence[Sequence[Measurement]]) -> NDArray[np.float64]:
    """(R,): for each run the mean correlation of its LLC with the validation losses of the other runs.

    At the same share of the way. It is what the common shape, up and then down, gives without any tracking.
    """
    llc, loss = (np.stack([_resampled(run, key) for run in runs]) for key in ("llc", "val_loss"))
    both = np.array([[spearmanr(a, b).statistic for b in loss] for a in llc])
    np.fill_diagonal(both, np.nan)
    return np.asarray(np.nanmean(both, 1))


def _resampled(run: Sequence[Measurement], key: str) -> NDArray[np.float64]:
    steps = np.array([row.step for row in run], float)
    return np.asarray(np.interp(np.linspace(steps[0], steps[-1], GRID), steps, [getattr(row, key) for row in run]))


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """95 % for the median, by bootstrap over the runs."""
    medians = np.median(np.random.default_rng(0).choice(values, (RESAMPLES, len(values))), 1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return float(low), float(high)


def section(found: Mapping[str, Any]) -> list[str]:
    """The section of a report, in Markdown."""
    rows = [[_cell(row[name]) for name in HEADERS] for row in found["runs"]]
    return [
        "## The authors' own trajectories", "",
        f"21 stored runs at p = 53 (`numerics/studies/authors`, with the commit of each); {found['generalise']} "
        f"generalise. The value is {MONITOR_DROP:.0%} below its largest so far while validation accuracy is below 0.5 "
        f"in {found['before_half']} of these (a share of {_text(found['before_half_interval'])}), between 0.5 and 0.95 "
        f"in {found['half_to_end']}, after 0.95 in {found['after']}; in {found['none']} it never is (weight decay "
        f"5e-4: the value rises to the end). Rows before the first with {LEARNING:.0%} of the training pairs right do "
        "not count: weights shrink there, at accuracy 0.", "",
        "*Tracking.* The rank correlation of the value with the validation loss has the median "
        f"{found['correlation']:.2f} ({_text(found['correlation_interval'])}) over the runs: it goes along. With the "
        "validation losses of *other* runs, at the same share of the way, it is "
        f"{found['correlation_with_others']:.2f} ({_text(found['correlation_with_others_interval'])}), what a common "
        "shape, up and then down, gives by itself. The value's peak is at or after that of the validation loss in "
        f"{found['peak_not_before_loss_peak']} of {found['peaks']}. No weight norm is stored, so whether the norm "
        "alone would do as well cannot be seen here; below it can.", "",
        tabulate(rows, list(HEADERS.values()), "github", disable_numparse=True), ""]


def _text(interval: Sequence[float]) -> str:
    return f"{interval[0]:.2f} to {interval[1]:.2f}"


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
