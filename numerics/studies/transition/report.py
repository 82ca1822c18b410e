"""The report of the study: the answer, the free energies by setting and outcome, each run, checks, and the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from tabulate import tabulate

from numerics.figures import COLOURS, styled, write_figure
from numerics.studies.conclusion import Check, checks_section, verdict_of
from numerics.studies.transition.analysis import OUTCOMES, outcome_of
from slt_symbolic.storage.files import write_atomically

Results = Mapping[str, Any]
SHADES = dict(zip(OUTCOMES, (COLOURS["blue"], COLOURS["vermillion"], COLOURS["black"]), strict=True))


def write_report(results: Results, found: Sequence[Check], folder: Path) -> None:
    """``report.md`` and the figure."""
    with styled():
        write_figure(folder / "transition.png", figure(results), dpi=100)
    lines = ["# Does the order of the basins change when a network generalises?", "", "## Answer", "",
             *answer(results), "",
             verdict_of(found), "", "![Free energies and ranks](transition.png)", "",
             *_groups(results), *_rows(results), *checks_section(found), *LIMITS]
    write_atomically(folder / "report.md", "\n".join(lines) + "\n")


def answer(results: Results) -> list[str]:
    """One sentence for each setting and outcome."""
    lines = []
    for group in results["groups"]:
        signs = [(row["n"], row["later"], row["earlier"], row["runs"]) for row in group["at_n"]]
        always = [n for n, later, _, runs in signs if later == runs]
        never = [n for n, _, earlier, runs in signs if earlier == runs]
        last = group["at_n"][-1]
        lines.append(
            f"- **{group['setting']}, {_outcome(group)}** ({group['runs']} runs): {_ranks(group)}the free "
            f"energy of the last fit is {_lower_and_higher(always, never, signs)}; that of the first less that of the "
            f"last is {last['median']:.0f} nats in the median at n = {last['n']:.0e} ({last['least']:.0f} to "
            f"{last['most']:.0f}). {_crossings(group)}")
    return lines or ["There is none: no run had two fits."]


def _ranks(group: Mapping[str, Any]) -> str:
    if group["half_ranks"] is None:
        return ""
    first, last = (_span(*ends) for ends in group["half_ranks"])
    return f"half the rank goes from {first} at the first fit to {last} at the end; "


def _crossings(group: Mapping[str, Any]) -> str:
    count, *ends = group["crossings"]
    if not count:
        return (f"In none of {group['runs']} runs has an earlier fit a smaller one than the last at small n and not at "
                "large n.")
    return (f"In {count} of {group['runs']} runs one of the earlier fits has a smaller one than the last at small n "
            f"and not at large n: the order changes between n = {ends[0]:.3g} and {ends[1]:.3g}.")


def _outcome(group: Mapping[str, Any]) -> str:
    return {OUTCOMES[0]: "networks that generalise", OUTCOMES[1]: "networks that do not"}.get(
        group["outcome"], "labels drawn at random")


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _lower_and_higher(lower: Sequence[float], higher: Sequence[float],
                      signs: Sequence[tuple[float, int, int, int]]) -> str:
    """At which n all runs agree that it is."""
    parts = [f"{word} {_where(chosen, signs)}" for word, chosen in (("lower", lower), ("higher", higher)) if chosen]
    return ", ".join(parts) or "lower or higher at no n in all runs"


def _where(chosen: Sequence[float], signs: Sequence[tuple[float, int, int, int]]) -> str:
    if len(chosen) == len(signs):
        return f"at every n from {signs[0][0]:.0f} to {signs[-1][0]:.0e} in all runs"
    return f"in all runs at n = {', '.join(f'{n:.3g}' for n in chosen)}"


def _groups(results: Results) -> list[str]:
    lines = ["## `F(first) - F(end)` by n", "", "Nats, in the window of the run: median over runs (least to most), "
             "and in how many the later fit has the smaller free energy by more than the error allows. *Decay*: what "
             "the penalty `n wd |w|^2 / 2` of weight decay adds, the same for both windows, in the median.", ""]
    for group in results["groups"]:
        rows = [[f"{row['n']:.3g}", f"{row['median']:.2f} ({row['least']:.2f} to {row['most']:.2f})",
                 f"{row['later']} of {row['runs']}", f"{row['earlier']} of {row['runs']}",
                 f"{group['decay'] * row['n']:.3g}"] for row in group["at_n"]]
        lines += [f"**{group['setting']}, {_outcome(group)}**", "", tabulate(
            rows, ["n", "difference", "later lower", "earlier lower", "decay"], "github", disable_numparse=True), ""]
    return lines


def _rows(results: Results) -> list[str]:
    rows = []
    for row in results["rows"]:
        last = row["differences"][-1]
        rows.append([row["setting"], row["seed"], row["outcome"], *(f"{epoch:.0f}" for epoch in row["epochs"]),
                     " to ".join(f"{'' if exact else '>= '}{value}" for exact, value in zip(
                         row["exact"], row["half_ranks"], strict=True) if value is not None),
                     " to ".join(map(str, row["active"])), f"{last['value']:.2f} ± {last['error']:.2f}"])
    return ["## Runs", "", "*Lambda*: half the rank of the Hessian at the first fit next to the network from where its "
            "pairs are memorised on, and at the last: lambda where minimisers form a manifold, else a lower bound.", "",
            tabulate(rows, ["setting", "seed", "outcome", "first fit", "end", "lambda", "active units",
                            "difference at the largest n"], "github", disable_numparse=True), ""]


LIMITS = [
    "## What this can and cannot show", "",
    "- F belongs to a point and a window of fixed width in the weights: another gauge of the same function, or another "
    "width, changes it. All exact fits near may form one connected set: a basin here is what a window sees.",
    "- At fixed n the order of two basins is a fact about the loss, the same at every epoch. What changes in training "
    "is which of them the network is at; how it gets there, and when, no free energy says.",
    "- F is of the loss without its penalty. Weight decay adds `n wd |w|^2 / 2`, given beside it: the larger part at "
    "large n, where it falls too.",
    "- The n of a training is not known: for one whose noise is that of batches no temperature is defined. So all are "
    "given, from where the loss begins to count to 10^6.",
    "- Ranks are numerical, from dense Hessians. Networks that are too large for these have none; a fit is then "
    "a point that leaves less than a nat of loss at the largest n, and lambda need not show by then."]


def figure(results: Results) -> Figure:
    """Differences against n; along the runs half the rank, or the units that count, and F at the largest n."""
    drawing = Figure(figsize=(12, 4.2), layout="constrained")
    by_n, ranks, along = drawing.subplots(1, 3)
    ranked = all(basin["half_rank"] for run in results["runs"] for basin in run["basins"] if basin["fits"])
    _differences(by_n, results)
    labels = {setting["name"]: setting["labels"] for setting in results["settings"]}
    for run in results["runs"]:
        colour = SHADES[outcome_of(labels[run["setting"]], run)]
        fits = [basin for basin in run["basins"] if isinstance(basin["curve"], Mapping)]
        epochs = [basin["epoch"] for basin in fits]
        ranks.plot(epochs, [float(Fraction(basin["half_rank"])) if ranked else basin["active"] for basin in fits], "o-",
                   color=colour, alpha=0.7)
        n = min((basin["curve"]["t"][-1] for basin in fits), default=0.0)
        values = [dict(zip(basin["curve"]["t"], basin["curve"]["value"], strict=True))[n] for basin in fits]
        along.plot(epochs, [value - values[0] for value in values], "o-", color=colour, alpha=0.7)
        if run["generalised"] is not None:
            for axes in (ranks, along):
                axes.axvline(run["generalised"], color=colour, lw=0.5, ls=":")
    for axes, title in ((ranks, f"{'half the rank' if ranked else 'active units'} of the fit next to the network"),
                        (along, "its free energy at the largest n that all reach,\nless that of the first fit, nats")):
        axes.set_xscale("log")
        axes.set_xlabel("epoch (dotted: generalises)")
        axes.set_title(title)
    return drawing


def _differences(axes: Axes, results: Results) -> None:
    seen = set()
    for row in results["rows"]:
        label = None if row["outcome"] in seen else row["outcome"]
        seen.add(row["outcome"])
        axes.errorbar([x["n"] for x in row["differences"]], [x["value"] for x in row["differences"]],
                      [x["error"] for x in row["differences"]], fmt="o-", color=SHADES[row["outcome"]], alpha=0.7,
                      label=label)
    axes.axhline(0, color="0.5", lw=1)
    axes.set_xscale("log")
    axes.set_yscale("symlog", linthresh=0.1)
    axes.set_xlabel("n")
    axes.set_title("F(first) - F(end), nats:\nabove 0 the later fit has the smaller free energy")
    if seen:
        axes.legend()
