"""What the study found: detectors calibrated on one half of the runs and tried on the other, as text and figures."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import spearmanr
from tabulate import tabulate

from numerics.estimation.settings import MONITOR_DROP
from numerics.figures import COLOURS, styled, write_figure
from numerics.studies.foresight.detectors import (
    CHANGES,
    LEVELS,
    Detector,
    Score,
    Shape,
    Trajectory,
    calibrated,
    halves,
    points,
    score,
    skill_interval,
    thresholds,
    wilson,
)
from numerics.studies.foresight.measures import BASELINES, LLC, MOVED, QUANTITIES, SETTINGS, to_trajectory

OUTCOMES = ("generalised", "at once", "between", "never")
NORM = "weight_norm"
SPLITS = 100  # other ways to halve the runs
FAMILIES: Mapping[str, tuple[Shape, ...]] = {"Changes along the run": CHANGES, "Levels": LEVELS}
COLUMNS = ("p", "width", "fraction", "weight_decay", "seed", "epochs", "outcome", "memorised", "moved", "generalised",
           "final_validation_accuracy")
LINES = {"llc_published": ("vermillion", "-"), "llc_monitor": ("orange", "-"), "llc_local": ("purple", "-"),
         "llc_share": ("sky", "-"), "gaussian": ("sky", "--"), "weight_norm": ("blue", "--"),
         "train_loss": ("green", "--"), "trace": ("orange", "--"), "active_units": ("purple", "--"),
         "effective_rank": ("black", "--"), "epoch": ("green", ":"), "fraction": ("black", ":")}

RunData = Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """A detector calibrated on some runs and tried on others; ``gain``, with its interval, over the weight norm."""

    detector: Detector
    calibration: Score
    test: Score
    skill: tuple[float, float]
    gain: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain data; intervals of 95 %."""
        test = self.test
        return {
            "conditions": [list(condition) for condition in self.detector.conditions],
            "calibration_skill": self.calibration.skill, "hits": test.hits, "generalised": test.generalised,
            "hit_rate_interval": wilson(test.hits, test.generalised), "false_alarms": test.false_alarms,
            "never": test.never, "false_alarm_interval": wilson(test.false_alarms, test.never), "skill": test.skill,
            "skill_interval": self.skill, "median_lead": test.lead,
            "median_lead_epochs": float(np.median(test.lead_epochs)) if test.lead_epochs else None,
            "gain_over_weight_norm": self.gain["gain"], "gain_interval": self.gain["interval"],
        }


def trials(shapes: Sequence[Shape], fixed_on: Sequence[Trajectory],
           tested_on: Sequence[Trajectory]) -> dict[str, Trial]:
    """One for each quantity, and for each LLC together with the weight norm."""
    detectors = {name: calibrated([name], shapes, fixed_on) for name in QUANTITIES}
    detectors |= {f"{name} and {NORM}": calibrated([name, NORM], shapes, fixed_on) for name in LLC}
    return {name: Trial(detector, score(detector, fixed_on), score(detector, tested_on),
                        skill_interval(points(detector, tested_on), tested_on),
                        _difference(detector, detectors[NORM], tested_on)) for name, detector in detectors.items()}


def best(tried: Mapping[str, Trial], names: Sequence[str]) -> str:
    """The one that did best where thresholds were fixed: the test half has no say."""
    return max(names, key=lambda name: tried[name].calibration.skill)


def analyse(data: Sequence[RunData]) -> dict[str, Any]:
    """Everything that the report says, as plain data."""
    runs = [to_trajectory(run_data) for run_data in data]
    first, second = halves(runs)
    return {
        "runs": len(data), "outcomes": Counter(run_data["outcome"] for run_data in data),
        "calibration_runs": len(first), "test_runs": len(second),
        "test_clusters": len({run.cluster for run in second}),
        "families": {name: _family(shapes, first, second) for name, shapes in FAMILIES.items()},
        "default_alarm": _default_alarm(runs),
        "fallen": {name: {outcome: _median_fall(runs, name, outcome) for outcome in ("generalised", "never")}
                   for name in (*LLC, NORM)},
        "follows_weight_norm": {name: _follows(runs, name) for name in (*LLC, "gaussian", "trace")},
    }


def _default_alarm(runs: Sequence[Trajectory]) -> dict[str, Any]:
    """That of `LLCMonitor` as it comes, a fall by 5 %, on all runs: nothing was fixed on them."""
    detector = Detector((("llc_monitor", "falls by", MONITOR_DROP),))
    result, (low, high) = score(detector, runs), skill_interval(points(detector, runs), runs)
    return {"hits": result.hits, "generalised": result.generalised, "false_alarms": result.false_alarms,
            "never": result.never, "skill": result.skill, "skill_interval": (low, high)}


def _median_fall(runs: Sequence[Trajectory], name: str, outcome: str) -> float:
    """The share of its highest value that is gone when validation accuracy has arrived, or at the end: median."""
    return float(np.median([1 - run.series[name][-1] / run.series[name].max() for run in runs
                            if run.outcome == outcome]))


def _family(shapes: Sequence[Shape], first: Sequence[Trajectory], second: Sequence[Trajectory]) -> dict[str, Any]:
    """Detectors of these shapes, calibrated on the first half and tried on the second; and on other halves."""
    tried = trials(shapes, first, second)
    signal, baseline = best(tried, LLC), best(tried, BASELINES)
    others = {"baseline": tried[baseline], "weight_norm": tried[NORM], **{name: tried[name] for name in SETTINGS}}
    return {
        "trials": {name: trial.to_json() for name, trial in tried.items()}, "signal": signal, "baseline": baseline,
        "against": {name: _difference(tried[signal].detector, other.detector, second)
                    for name, other in others.items()},
        "with_weight_norm": tried[f"{signal} and {NORM}"].gain,
        "splits": _splits(shapes, [*first, *second]),
    }


def _splits(shapes: Sequence[Shape], runs: Sequence[Trajectory]) -> dict[str, dict[str, float]]:
    """Skill on the test half, and on the half where thresholds were fixed, over other ways to halve the runs."""
    pairs = [halves(runs, seed) for seed in range(1, SPLITS + 1)]
    skills = {}
    for name in QUANTITIES:
        detectors = [calibrated([name], shapes, fixed) for fixed, _ in pairs]
        fixed_on, tested_on = (np.array([score(detector, pair[half]).skill
                                         for detector, pair in zip(detectors, pairs, strict=True)]) for half in (0, 1))
        low, median, high = np.quantile(tested_on, [0.1, 0.5, 0.9])
        skills[name] = {"where_fixed": float(np.median(fixed_on)), "low": float(low), "median": float(median),
                        "high": float(high)}
    return skills


def is_analysis(found: Any) -> bool:
    """Whether plain data are what `replicate` reads: asked before the hours of work that it comes after."""
    try:
        families = found["families"]
        tried = [trial for family in families.values() for trial in family["trials"].values()]
        numbers = [x for trial in tried for x in (trial["skill"], *_pair(trial["skill_interval"]))]
        conditions = [condition for trial in tried for condition in detector_of(trial).conditions]
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return bool(tried) and set(families) == set(FAMILIES) and all(
        name in QUANTITIES and shape in (*CHANGES, *LEVELS) for name, shape, _ in conditions) and all(
        isinstance(x, float | int) and abs(x) <= sys.float_info.max
        for x in [*numbers, *(threshold for *_, threshold in conditions)])


def _pair(interval: Any) -> tuple[Any, Any]:
    low, high = interval
    return low, high


def replicate(analysis: Mapping[str, Any], data: Sequence[RunData]) -> dict[str, Any]:
    """The detectors of another study, thresholds and all, on these runs; whether the intervals of skill overlap."""
    runs = [to_trajectory(run_data) for run_data in data]
    return {family: {name: _replicate(trial, runs) for name, trial in claimed["trials"].items()}
            for family, claimed in analysis["families"].items()}


def _replicate(claimed: Mapping[str, Any], runs: Sequence[Trajectory]) -> dict[str, Any]:
    detector = detector_of(claimed)
    fresh, interval = score(detector, runs), skill_interval(points(detector, runs), runs)
    return {"detector": str(detector), "claimed": claimed["skill"], "claimed_interval": claimed["skill_interval"],
            "found": fresh.skill, "interval": interval, "overlap": _overlap(claimed["skill_interval"], interval)}


def detector_of(trial: Mapping[str, Any]) -> Detector:
    """The one that a trial was of, from plain data."""
    return Detector(tuple((quantity, shape, threshold) for quantity, shape, threshold in trial["conditions"]))


def _overlap(a: Sequence[float], b: Sequence[float]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


def _difference(detector: Detector, reference: Detector, runs: Sequence[Trajectory]) -> dict[str, Any]:
    """How much more skill the ``detector`` has than the ``reference``."""
    return {"gain": score(detector, runs).skill - score(reference, runs).skill,
            "interval": skill_interval(points(detector, runs) - points(reference, runs), runs)}


def _follows(runs: Sequence[Trajectory], name: str) -> dict[str, float]:
    """Spearman's correlation with the weight norm within each run: median and quartiles over the runs."""
    correlations = [spearmanr(run.series[name], run.series[NORM]).statistic for run in runs
                    if len(run.epochs) > 4 and np.ptp(run.series[name]) > 0]
    low, median, high = np.quantile(correlations, [0.25, 0.5, 0.75])
    return {"lower_quartile": float(low), "median": float(median), "upper_quartile": float(high)}


def verdict(analysis: Mapping[str, Any]) -> list[str]:
    """The answers in sentences, each with its numbers."""
    follows = analysis["follows_weight_norm"]
    lines = [line for name in FAMILIES for line in _verdict(name, analysis["families"][name])]
    alarm, fallen = analysis["default_alarm"], analysis["fallen"]
    lines.append(f"The alarm of `LLCMonitor` as it comes, a fall by {MONITOR_DROP:.0%}, on all runs: {alarm['hits']} "
                 f"hits of {alarm['generalised']}, {alarm['false_alarms']} false alarms of {alarm['never']}, skill "
                 f"{_range_text(alarm)}.")
    lines.append("How far it has fallen from its highest value, median over the runs, when validation accuracy has "
                 "arrived at 0.95, and at the end of runs where it never does: " + ", ".join(
                     f"{fallen[name]['generalised']:.1%} and {fallen[name]['never']:.1%} for `{name}`"
                     for name in (*LLC[:3], NORM)) + ".")
    lines.append("Within a run the excess follows the weight norm: rank correlation (median over runs) " + ", ".join(
        f"{follows[name]['median']:.2f} for `{name}`" for name in LLC[:3]) + ".")
    return lines


def _verdict(name: str, family: Mapping[str, Any]) -> list[str]:
    trial, against = family["trials"][family["signal"]], family["against"]
    nothing = "" if trial["skill_interval"][0] > 0 else "; **that cannot be told from no skill at all**"
    return [
        f"{name}: the excess that did best where thresholds were fixed is `{family['signal']}`. On the other half it "
        f"foretold {trial['hits']} of {trial['generalised']} runs that generalise and gave false alarms in "
        f"{trial['false_alarms']} of {trial['never']} that never do: skill {_range_text(trial)}{nothing}.",
        f"{name}: against the best baseline there, `{family['baseline']}`: {_judgement_text(against['baseline'])}; "
        f"against the weight norm: {_judgement_text(against['weight_norm'])}, and the two together against the weight "
        f"norm alone: {_judgement_text(family['with_weight_norm'])}.",
        f"{name}: against the epoch, a clock: {_judgement_text(against['epoch'])}; against the training fraction, "
        f"which is known before training: {_judgement_text(against['fraction'])}."]


def _judgement_text(difference: Mapping[str, Any]) -> str:
    low, high = difference["interval"]
    words = "**more skill**" if low > 0 else "**less skill**" if high < 0 else "**no difference found**"
    return f"{words}, {difference['gain']:+.2f} ({low:+.2f} to {high:+.2f})"


def _range_text(trial: Mapping[str, Any]) -> str:
    low, high = trial["skill_interval"]
    return f"{trial['skill']:.2f} ({low:.2f} to {high:.2f})"


def report(analysis: Mapping[str, Any], data: Sequence[RunData], replication: Mapping[str, Any] | None) -> str:
    """Markdown."""
    outcomes = analysis["outcomes"]
    lines = [
        "# Does the localised excess foresee generalisation?", "",
        f"{analysis['runs']} quadratic networks trained on addition modulo p by `slt grok`: "
        f"{outcomes.get('generalised', 0)} generalise after memorising (validation accuracy 0.95 or more at the end), "
        f"{outcomes.get('never', 0)} never do (it never reaches {MOVED}), {outcomes.get('between', 0)} are in between "
        f"and {outcomes.get('at once', 0)} generalise before there is anything to watch: these count as neither. A "
        "detector watches one quantity, from training data alone, at the snapshots (12 for each tenfold of the epochs) "
        "from memorising on, and raises an alarm when it has fallen by a share of its highest or risen by a factor "
        "from its lowest value, or when it is on one side of a level. Shape and threshold are those with most skill on "
        f"{analysis['calibration_runs']} runs; the numbers below are from the other {analysis['test_runs']} "
        f"({analysis['test_clusters']} combinations of p, width and training fraction; none is in both halves). "
        f"*Hit*: an alarm before validation accuracy reaches {MOVED} in a run that generalises. *False alarm*: an "
        "alarm at any time in a run that never does. *Skill*: rate of hits less rate of false alarms. *Lead*: the "
        "share of the time until validation accuracy moves that is left at the alarm, median over the hits.", "",
        "The *localised excess* is `nbeta E[L(w) - L(w*)]` around the weights w* of a network in training, which is no "
        "minimum; at a minimum, cold and close, it would be a local learning coefficient (LLC).", "",
        "## Answer", "",
        *(f"- {line}" for line in verdict(analysis)), "", *_families(analysis),
        "![Hits against false alarms](skill.png)", "",
        "All thresholds, all runs: the best that each quantity can do. A curve along the diagonal is a "
        "coin.", "", "![Along the runs](trajectories.png)", "", "## Outcomes by setting", "", _outcomes(data), "",
        *_what_it_says(analysis)]
    if replication is not None:
        lines += ["", "## Fresh seeds", "", "The detectors of an earlier study, thresholds unchanged, on these runs.",
                  "", _replication(replication)]
    lines += ["", "## The runs", "", "| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    lines += ["| " + " | ".join(_cell(row[name]) for name in COLUMNS) + " |" for row in data]
    return "\n".join(lines) + "\n"


def _families(analysis: Mapping[str, Any]) -> Iterator[str]:
    for name, family in analysis["families"].items():
        yield from (f"## {name}, on the test half", "", _table(family["trials"]), "",
                    f"Skill on the test half in {SPLITS} other ways to halve the runs, thresholds fixed anew each "
                    "time:", "", _splits_table(family["splits"]), "")
    yield from ("Intervals of 95 %: rates after Wilson; skill and gain by bootstrap over the combinations.", "")


def _splits_table(splits: Mapping[str, Any]) -> str:
    rows = [[name, f"{row['where_fixed']:.2f}", f"{row['median']:.2f}", f"{row['low']:.2f} to {row['high']:.2f}"]
            for name, row in splits.items()]
    table: str = tabulate(rows, ["quantity", "where fixed", "median", "middle 80 %"], "github", disable_numparse=True)
    return table


def _what_it_says(analysis: Mapping[str, Any]) -> list[str]:
    low = max(analysis["follows_weight_norm"][name]["lower_quartile"] for name in LLC[:1])
    return [
        "## What this can and cannot show", "",
        "- A run that never generalises is watched to its last epoch, one that generalises only until it does: "
        "quantities that drift give false alarms for that reason alone. The clock shows how much that matters.",
        "- A level may only say what the settings say: the LLC of a network that memorised is p (N - 1)/2 or less, "
        "which grows with the training fraction, and with more pairs more runs generalise. The fraction itself is in "
        "the table for that reason.",
        "- *Never* means: not within the epochs of the run.",
        f"- At the published settings the chains move by more than the weights' own norm; three runs in four have a "
        f"rank correlation of that excess with the weight norm above {low:.2f}.",
        "- Networks are small (p at most 23). Whether larger ones behave alike was not measured."]


def _table(trials: Mapping[str, Any]) -> str:
    rows = []
    for name, trial in trials.items():
        lead = "" if trial["median_lead"] is None else f"{trial['median_lead']:.2f}, {trial['median_lead_epochs']:.0f}"
        low, high = trial["gain_interval"]
        gain = f"{trial['gain_over_weight_norm']:+.2f} ({low:+.2f} to {high:+.2f})"
        rows.append([str(detector_of(trial)), f"{trial['calibration_skill']:.2f}",
                     _rate(trial["hits"], trial["generalised"], trial["hit_rate_interval"]),
                     _rate(trial["false_alarms"], trial["never"], trial["false_alarm_interval"]),
                     _range_text(trial), lead, gain if name != NORM else ""])
    table: str = tabulate(rows, ["alarm when", "skill where fixed", "hits", "false alarms", "skill", "lead, epochs",
                                 "gain over weight_norm"], "github", disable_numparse=True)
    return table


def _rate(part: int, whole: int, interval: Sequence[float]) -> str:
    return f"{part}/{whole} ({interval[0]:.2f} to {interval[1]:.2f})"


def _outcomes(data: Sequence[RunData]) -> str:
    names = ("p", "width", "fraction", "weight_decay")
    groups: dict[tuple[Any, ...], Counter[str]] = {}
    for row in data:
        groups.setdefault(tuple(row[name] for name in names), Counter())[row["outcome"]] += 1
    rows = [[*key, *(count[outcome] for outcome in OUTCOMES)]
            for key, count in sorted(groups.items())]
    table: str = tabulate(rows, [*names, *OUTCOMES], "github", disable_numparse=True)
    return table


def _replication(replication: Mapping[str, Any]) -> str:
    rows = [[family, trial["detector"], f"{trial['claimed']:.2f} ({trial['claimed_interval'][0]:.2f} to "
             f"{trial['claimed_interval'][1]:.2f})", f"{trial['found']:.2f} ({trial['interval'][0]:.2f} to "
             f"{trial['interval'][1]:.2f})", "yes" if trial["overlap"] else "**no**"]
            for family, of_family in replication.items() for trial in of_family.values()]
    table: str = tabulate(rows, ["", "alarm when", "claimed skill", "skill on fresh runs", "intervals overlap"],
                          "github", disable_numparse=True)
    return table


def _cell(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def draw_skill(runs: Sequence[Trajectory], path: Path) -> None:
    """Hit rate against false alarm rate over all thresholds, a panel for each shape."""
    with styled():
        figure = Figure(figsize=(10, 9), layout="constrained")
        for axes, shape in zip(figure.subplots(2, 2, sharex=True, sharey=True).flat, (*CHANGES, *LEVELS), strict=True):
            for name in QUANTITIES:
                found = [score(Detector(((name, shape, x),)), runs) for x in (*thresholds(name, shape, runs), math.inf)]
                colour, style = LINES[name]
                axes.plot([x.false_alarms / max(x.never, 1) for x in found],
                          [x.hits / max(x.generalised, 1) for x in found], style, color=COLOURS[colour],
                          label=name.replace("_", " "))
            axes.plot([0, 1], [0, 1], color="0.5", lw=1, label="a coin")
            axes.set(title=f"alarm when it {shape} a threshold", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        figure.supxlabel("share of false alarms")
        figure.supylabel("share of hits")
        figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside right upper")
        write_figure(path, figure, dpi=110)


def draw_trajectories(runs: Sequence[Trajectory], path: Path) -> None:
    """Each quantity over its highest value so far, against the epochs since memorising: runs that do and never do."""
    names = ("llc_published", "llc_local", "weight_norm", "train_loss", "trace", "effective_rank")
    with styled():
        figure = Figure(figsize=(12, 6), layout="constrained")
        for axes, name in zip(figure.subplots(2, 3).flat, names, strict=True):
            for run in runs:
                if run.outcome in ("generalised", "never"):
                    share = run.series[name] / np.maximum.accumulate(run.series[name])
                    colour = COLOURS["blue" if run.outcome == "generalised" else "orange"]
                    axes.plot(run.epochs / run.epochs[0], share, color=colour, alpha=0.4, lw=0.8)
            axes.set(xscale="log", yscale="log" if name == "train_loss" else "linear", title=name.replace("_", " "))
        figure.supxlabel("epoch, in units of the epoch of memorising")
        figure.supylabel("share of its highest value so far")
        for label, colour in (("generalises", "blue"), ("never does", "orange")):
            figure.axes[0].plot([], [], color=COLOURS[colour], label=label)
        figure.axes[0].legend()
        write_figure(path, figure, dpi=110)
