"""The report of the study: the answer with its intervals, every measure, controls, checks, and what it cannot show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from tabulate import tabulate

from numerics.figures import COLOURS, styled, write_figure
from numerics.studies.conclusion import Check, checks_section, verdict_of
from numerics.studies.tracking import plan
from numerics.studies.tracking.analysis import NORM, ORACLE, ROOM, main_family, whole
from numerics.studies.tracking.measures import PUBLISHED
from numerics.studies.tracking.plan import Setting
from slt_symbolic.storage.files import write_atomically

Results = Mapping[str, Any]
PANELS = (("correlation", "rank correlation with the\nvalidation loss, within a run", 0.0),
          ("over_norm", "the same, less the\nweight norm's", 0.0),
          ("beyond_others", "the same, less that with\nother runs' losses", 0.0),
          ("forecast", "forecast: concordance\nof runs of one setting", 0.5),
          ("diagnosis", "diagnosis at the end:\nconcordance", 0.5))
COURSES = (*PUBLISHED, "weight_norm", "effective_rank", "fourier_ipr", "validation_loss")


def write_report(results: Results, found: Sequence[Check], folder: Path) -> None:
    """``report.md`` and its figures."""
    draw(results, folder)
    lines = ["# Do the published LLCs track generalisation?", "", "## Answer", "", *answer(results), "",
             verdict_of(found), "", *_runs(results)]
    for name, family in results["families"].items():
        if family["measures"]:
            lines += [*_tracking(name, family), *_between(name, family)]
    lines += [*_by_setting(results), *_controls(results), *checks_section(found), *LIMITS]
    write_atomically(folder / "report.md", "\n".join(lines) + "\n")


def answer(results: Results) -> list[str]:
    """Two sentences about the networks asked about, with 95 % intervals, and what other runs show."""
    name = main_family(results)
    family = results["families"].get(name, {"measures": {}})
    if PUBLISHED[0] not in family["measures"]:
        return [f"There is none: fewer than two {name} networks generalised."]
    return [_tracks(family), _foretells(family), *_elsewhere(results)]


def _tracks(family: Mapping[str, Any]) -> str:
    rows = [family["measures"][name] for name in (*PUBLISHED, NORM)]
    others = rows[-1]["others"]
    elsewhere = f"; in {others} runs of the same settings that do not it is {_three(rows, 'elsewhere')}"
    return (f"1. **Tracking.** In {family['generalised']} runs that generalise, the rank correlation with the "
            f"validation loss until they do is {_three(rows, 'correlation')}{elsewhere if others else ''}. "
            f"{_beside_the_norm(rows)} {_about_itself(rows, family['room'])} To the last epoch, with what comes after "
            f"generalising, it is {_three(rows, 'to_end')}; where epochs are counted evenly, not in their logarithm, "
            f"{_three(rows, 'evenly')}.")


def _beside_the_norm(rows: Sequence[Mapping[str, Any]]) -> str:
    less = [row["over_norm"] for row in rows[:2]]
    better = [f"{name} by {_range(found)}" for name, found in zip(PUBLISHED, less, strict=True) if found["low"] > 0]
    if better:
        return f"Better than the norm, which costs nothing, is {' and '.join(better)}."
    most = max(found["high"] for found in less)
    return f"Neither estimator is better than the norm, which costs nothing, by more than {most:.2f}."


def _about_itself(rows: Sequence[Mapping[str, Any]], room: float) -> str:
    if room < ROOM:
        return "Seeds of a setting have nearly one course: no measure can be more about its own run than about others."
    own = max(row["beyond_others"]["high"] for row in rows[:2])
    return (f"Of either no more than {own:.2f} is about the run itself, beyond what the losses of other runs of its "
            f"setting give, where the loss has {room:.2f}.")


def _foretells(family: Mapping[str, Any]) -> str:
    rows = [family["measures"][name] for name in (*PUBLISHED, NORM)]
    if not rows[0]["forecast"]:
        return "2. **Forecast and diagnosis.** There were no two runs to compare."
    told = (f"; at the end of training the value tells who has generalised with {_three(rows, 'diagnosis')}"
            if rows[0]["diagnosis"] else "; all generalise, so that there is nothing to tell apart at the end")
    return (f"2. **Forecast and diagnosis.** Of two of the {family['runs']} runs that differ in their seed alone, how "
            f"often the one that generalises first has the lower value early on: {_three(rows, 'forecast')}, 0.5 being "
            f"nothing: {_judged(rows[:2])}{told}.")


def _three(rows: Sequence[Mapping[str, Any]], key: str) -> str:
    hot, blurred, norm = (_range(row[key]) for row in rows)
    return f"{hot} at gamma 5, {blurred} at gamma 100 and {norm} for the weight norm"


def _elsewhere(results: Results) -> list[str]:
    """The same correlation in other networks and settings, and on random labels."""
    main = main_family(results)
    described = {name: family["all"] for name, family in results["families"].items() if name != main}
    described |= results["controls"]
    parts = []
    for name, found in described.items():
        ranges = [_range(found["measures"][measure]["elsewhere"]) for measure in (*PUBLISHED, NORM)]
        parts.append(f"{name} ({found['runs']} runs, validation accuracy at most {found['accuracy']:.2f}): "
                     f"{', '.join(ranges)}")
    return ["3. **Elsewhere** (few runs, no part of the question), the same correlation at gamma 5, gamma 100 and of "
            f"the weight norm. {'; '.join(parts)}."] if parts else []


def _judged(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the intervals of the concordances of both estimators allow."""
    ends = [(row["forecast"]["low"], row["forecast"]["high"]) for row in rows]
    said = [f"at {name} the {'lower' if low > 0.5 else 'higher'} value goes first"
            for name, (low, high) in zip(PUBLISHED, ends, strict=True) if low > 0.5 or high < 0.5]
    if not said:
        return f"no forecast is found, and none better than {max(max(high, 1 - low) for low, high in ends):.2f} is left"
    return f"{' and '.join(said)}; that the lower one does is left with {max(high for _, high in ends):.2f} at most"


def _range(estimate: Mapping[str, float] | None) -> str:
    return "" if estimate is None else f"{estimate['value']:.2f} ({estimate['low']:.2f} to {estimate['high']:.2f})"


def _runs(results: Results) -> list[str]:
    rows = [[row["setting"], setting["model"], setting["p"], setting["width"], setting["fraction"],
             f"{setting['weight_decay']:g}", setting["epochs"], row["runs"], row["generalised"], row["moved"],
             f"{row['snapshots']:.1f}"]
            for row, setting in zip(results["outcomes"], results["settings"], strict=True)]
    return ["## The runs", "", "Seeds of one setting differ in the start, the training pairs and the order of batches. "
            f"A run is watched from training accuracy {plan.LEARNED} on, before which weights may shrink at validation "
            "accuracy 0, until validation accuracy 0.95 or its last epoch, where it is measured in any case.", "",
            tabulate(rows, ["setting", "network", "p", "width", "fraction", "weight decay", "epochs", "runs",
                            "generalise", "validation accuracy moves", "snapshots"], "github", disable_numparse=True),
            "", "![All measures](measures.png)", "", "![Along the runs](along.png)", ""]


def _tracking(name: str, family: Mapping[str, Any]) -> list[str]:
    rows = []
    for measure, row in family["measures"].items():
        rows.append([_name(measure), _range(row["correlation"]), "" if measure == NORM else _range(row["over_norm"]),
                     "" if measure == NORM else _range(row["given_norm"]), _range(row["beyond_others"]),
                     _range(row["permuted"]), _range(row["lag"]), f"{row['peak_inside']:.0%}",
                     f"{row['falls_before_moving']} of {row['correlation']['runs']}",
                     f"{row['false_falls']} of {row['others']}", _range(row["elsewhere"]), _range(row["to_end"]),
                     _range(row["evenly"])])
    return [f"## Tracking: {name}", "", f"{family['generalised']} runs that generalise, means over runs. "
            "*Correlation*: Spearman's, with the validation loss, within a run. *Beyond others*: less that with the "
            "validation losses of other runs of the setting at the same epochs, what the common shape gives; "
            "*permuted*: the same where another run is taken for the own. *Lag*: binary logarithm of the epoch of the "
            f"peak over that of the validation loss. *Falls*: by {plan.FALL:.0%} from the largest value "
            "before validation accuracy moves, and at any time in runs that do not generalise; in these the "
            "correlation again. *To the end*: the correlation over what was measured after generalising too; *evenly*: "
            "at epochs evenly spread over the whole run, not in their logarithm.", "",
            tabulate(rows, ["measure", "correlation", "less the norm's", "given the norm", "beyond others", "permuted",
                            "lag", "peak inside", "falls before", "falls elsewhere", "correlation elsewhere",
                            "to the end", "evenly"],
                     "github", disable_numparse=True), ""]


def _by_setting(results: Results) -> list[str]:
    """Each setting by itself, where two runs or more generalise."""
    rows = [[setting, found[NORM]["correlation"]["runs"], _name(measure),
             *(_range(row[key]) for key in ("correlation", "over_norm", "lag", "to_end", "to_end_over_norm", "evenly",
                                            "evenly_over_norm"))]
            for setting, found in results["by_setting"].items() for measure, row in found.items()]
    header = ["setting", "runs", "measure", "correlation", "less the norm's", "lag", "to the end",
              "to the end, less the norm's", "evenly", "evenly, less the norm's"]
    return ["## Tracking, setting by setting", "", tabulate(rows, header, "github", disable_numparse=True), ""]


def _between(name: str, family: Mapping[str, Any]) -> list[str]:
    rows = [[_name(measure), *(_range(row[key]) for key in ("forecast", "forecast_by_fall", "forecast_permuted",
                                                           "diagnosis", "diagnosis_permuted"))]
            for measure, row in family["measures"].items()]
    return [f"## Between runs: {name}", "", "Harrell's concordance between runs of one setting: how often the lower "
            f"value generalises first (0.5: nothing). *Forecast*: at {plan.LANDMARK:g} times the first epoch watched, "
            "by the value and by its share of the largest so far. *Diagnosis*: at the last epoch, of runs that have "
            "generalised and others. *Permuted*: with outcomes of other runs of the setting.", "",
            tabulate(rows, ["measure", "forecast", "by its fall", "permuted", "diagnosis", "permuted"], "github",
                     disable_numparse=True), ""]


def _name(measure: str) -> str:
    return "validation loss, noisy" if measure == ORACLE else measure.replace("_", " ")


def _controls(results: Results) -> list[str]:
    main = main_family(results)
    described = results["controls"] | {name: family["all"] for name, family in results["families"].items()
                                       if name != main}
    lines = ["## Controls and other networks", "", "All runs, whether they generalise or not.", ""]
    for name, control in described.items():
        rows = [[_name(measure), _range(row["elsewhere"]), f"{row['false_falls']} of {row['others']}",
                 f"{row['lost']:.0%}"] for measure, row in control["measures"].items()]
        lines += [f"**{name}** ({control['runs']} runs, validation accuracy at most {control['accuracy']:.2f})", "",
                  tabulate(rows, ["measure", "correlation with the validation loss", "falls", "lost at the end"],
                           "github", disable_numparse=True), ""]
    rows = [[row["setting"], _name(measure), f"{moved:+.2%}"] for row in results["gauge"]
            for measure, moved in row["moved"].items()]
    return [*lines, "**The gauge** `(t u, t v, V/t²)`, t = 1.3, writes the same function with other weights:", "",
            tabulate(rows, ["setting", "measure", "moved"], "github", disable_numparse=True), ""]


LIMITS = [
    "## What this can and cannot show", "",
    "- Settings are few, and those at which seeds differ in outcome were chosen for that, on other seeds.",
    "- Runs that do not generalise within their epochs are censored: some would later.",
    "- Intervals (95 %) draw runs with replacement within settings. There are many measures: only those of the two "
    "published estimators against the weight norm were fixed as the question, the others are a description.",
    "- A rank correlation within a run asks whether two curves have one shape. Two that rise and then fall have, "
    "whatever made them fall: *beyond others* is what is left of it.",
    "- Runs are watched until validation accuracy 0.95: what falls after that has not tracked, it has followed; *to "
    "the end* counts it all the same. Seeds differ in outcome where decay or pairs are barely enough; where decay is "
    "stronger all generalise, and the norm and what goes with it fall earlier.",
    "- Other networks and what stands aside are descriptions of few runs.",
    "- With the norm held few runs generalise, so that this control cannot tell norm and generalisation apart."]


def draw(results: Results, folder: Path) -> None:
    """``measures`` and ``along``, each as png and svg."""
    with styled():
        for name, figure in (("measures", _measures(results)), ("along", _along(results))):
            write_figure(folder / f"{name}.png", figure, dpi=80)


def _measures(results: Results) -> Figure:
    """A row for each kind of network, a panel for each question, a line for each measure."""
    families = {name: family for name, family in results["families"].items() if family["measures"]}
    figure = Figure(figsize=(12, 4.2 * max(len(families), 1)), layout="constrained")
    grid = figure.subplots(max(len(families), 1), len(PANELS), squeeze=False)
    for row, (name, family) in zip(grid, families.items(), strict=False):
        for axes, (key, title, nothing) in zip(row, PANELS, strict=True):
            _panel(axes, family["measures"], key, nothing)
            axes.set_title(title)
        row[0].set_yticks(range(len(family["measures"])), [
            "noisy validation loss" if x == ORACLE else x.replace("_", " ") for x in family["measures"]])
        row[0].set_ylabel(f"{name}, {family['generalised']} of {family['runs']} runs generalise")
    return figure


def _panel(axes: Axes, measures: Mapping[str, Any], key: str, nothing: float) -> None:
    for place, (name, row) in enumerate(measures.items()):
        colour = COLOURS["black" if name == ORACLE else "vermillion" if name in PUBLISHED else "blue"]
        if found := row[key]:
            axes.plot([found["low"], found["high"]], [place, place], "-", color=colour)
            axes.plot([found["value"]], [place], "o", color=colour)
    if not any(row[key] for row in measures.values()):
        axes.text(0.5, 0.5, "all runs end alike:\nnothing to tell apart", transform=axes.transAxes, ha="center")
        axes.set_xticks([])
    else:
        axes.axvline(nothing, color="0.5", lw=1)
    axes.set_yticks(range(len(measures)), [])
    axes.invert_yaxis()


def _along(results: Results) -> Figure:
    """Each run of the networks asked about: what generalises and what does not, to the last epoch."""
    names = {setting.name for setting in (Setting(**setting) for setting in results["settings"])
             if setting.family == main_family(results) and not setting.is_control}
    figure = Figure(figsize=(12, 6.5), layout="constrained")
    for axes, measure in zip(figure.subplots(2, 3).flat, COURSES, strict=True):
        for run in results["runs"]:
            if run["setting"] in names and run["rows"]:
                rows = whole(run)["rows"]
                values = np.array([row[measure] for row in rows])
                colour = COLOURS["blue" if run["generalised"] is not None else "orange"]
                axes.plot([row["epoch"] for row in rows], values / values.max(), color=colour, alpha=0.4, lw=0.8)
        axes.set(xscale="log", xlabel="epoch", title=measure.replace("_", " "))
    figure.axes[0].set_ylabel("share of its largest value")
    for label, colour in (("generalises", "blue"), ("does not", "orange")):
        figure.axes[0].plot([], [], color=COLOURS[colour], label=label)
    figure.axes[0].legend()
    return figure
