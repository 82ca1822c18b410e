"""What a sweep found: ``table.csv``, a row for each result with all its settings, and ``summary.png``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from statistics import mean, median
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from numerics.figures import COLOURS, styled, write_figure
from numerics.sweep.cells import CellRecord
from numerics.sweep.file import KEYS
from slt_symbolic.storage.files import write_atomically
from slt_symbolic.storage.tables import csv_text

Row = dict[str, Any]
Panel = Sequence[Axes]
SEEDS = ("seed", "seeds")
MOST_PANELS, MOST_COLOURS = 4, 8
SHADES = colormaps["cividis"]  # the colour-blind see it as others do


def write_report(records: Sequence[CellRecord], folder: Path) -> None:
    """Table and figure of the cells that have finished. Raises `OSError`; what was there before is then kept."""
    rows = table(records)
    write_atomically(folder / "table.csv", csv_text(rows, last=("seconds", "host")))
    write_figure(folder / "summary.png", figure(rows))


def table(records: Iterable[CellRecord]) -> list[Row]:
    """Tidy: a row for each result, the seed that of its own network; a failed cell has a row without results."""
    return [{"cell": record.cell.id, "kind": record.cell.kind, "status": record.status, "error": record.error,
             **record.cell.columns, **row, "seconds": record.seconds, "host": record.host}
            for record in records for row in record.rows or ({},)]


def figure(rows: Sequence[Row]) -> Figure:
    """Two axes, one above the other, in a column for each view; where no cell is done, words alone.

    A view for each setting that varies over grokking runs, one for estimates, one for trajectories, one for audits.
    """
    with styled():
        return _views(rows)


def _views(rows: Sequence[Row]) -> Figure:
    done = {kind: [row for row in rows if row["kind"] == kind and row["status"] == "done"]
            for kind in ("grok", "llc", "track", "verify")}
    axes = varied(done["grok"])
    drawings: list[Any] = []
    if done["grok"]:
        shown = axes[:MOST_PANELS] or ["p"]
        drawings += [(_grokking, done["grok"], along, next((x for x in axes if x != along), None)) for along in shown]
    if done["llc"]:
        drawings.append((_estimates, done["llc"]))
    if done["track"]:
        drawings.append((_trajectories, done["track"]))
    if done["verify"]:
        drawings.append((_audits, done["verify"]))
    found = Figure(figsize=(4.5 * max(1, len(drawings)), 6.5 if drawings else 1), layout="constrained")
    if not drawings:
        found.text(0.5, 0.5, "no cell is done", ha="center")
        return found
    for panel, (draw, *arguments) in zip(found.subplots(2, len(drawings), squeeze=False).T, drawings, strict=True):
        draw(panel, *arguments)
    return found


def varied(rows: Sequence[Row]) -> list[str]:
    """The settings of grokking runs that take more than one value, seeds aside."""
    return [name for name in KEYS["grok"] if name not in SEEDS and len({row[name] for row in rows}) > 1]


def _grokking(panel: Panel, rows: Sequence[Row], along: str, beside: str | None) -> None:
    """The share of the networks that generalise, and since which epoch; where none does, how far they came."""
    upper, lower = panel
    values = sorted({row[along] for row in rows})
    groups = sorted({row[beside] for row in rows}) if beside else [None]
    since = [max(row["generalised_from"], 1) for row in rows if row["generalised"]]
    for index, group in enumerate(groups):
        colour = SHADES(index / max(1, len(groups) - 1) * 0.9)
        own = [[row for row in rows if row[along] == value and (beside is None or row[beside] == group)]
               for value in values]
        there = [x for x, found in enumerate(own) if found]
        upper.plot(there, [mean(row["generalised"] for row in own[x]) for x in there], "o-", color=colour,
                   label=None if beside is None else f"{beside} = {group}")
        below = {x: [max(row["generalised_from"], 1) for row in own[x] if row["generalised"]] if since
                 else [row["validation_accuracy"] for row in own[x]] for x in there}
        _dots_and_medians(lower, {x: found for x, found in below.items() if found}, colour)
    for axes in panel:
        axes.set_xticks(range(len(values)), [str(value) for value in values])
        axes.set(xlabel=along, xlim=(-0.5, len(values) - 0.5))
    upper.set(ylabel="share of networks that generalise", ylim=(-0.05, 1.05))
    if since:
        lower.set(ylabel="generalised from epoch", yscale="log", ylim=(min(since) / 1.5, max(since) * 1.5))
    else:
        lower.set(ylabel="validation accuracy at the end (none generalised)", ylim=(-0.05, 1.05))
    if beside is not None and len(groups) <= MOST_COLOURS:
        upper.legend()


def _dots_and_medians(axes: Axes, found: Mapping[int, Sequence[float]], colour: Any) -> None:
    """Each network a dot, their median a line."""
    axes.plot([x for x, values in found.items() for _ in values], [y for values in found.values() for y in values],
              ".", color=colour, alpha=0.5)
    axes.plot(list(found), [median(values) for values in found.values()], "-", color=colour)


def _estimates(panel: Panel, rows: Sequence[Row]) -> None:
    """Estimates against what is exact, or the bracket; below, the difference to it with 3u."""
    upper, lower = panel
    for number, row in enumerate(rows, 1):
        ends = [float(Fraction(row[end])) for end in ("lower", "upper")]
        colour = COLOURS["vermillion"] if row["contradicts"] else COLOURS["blue"]
        upper.errorbar(mean(ends), row["estimate"], 3 * row["uncertainty"], (ends[1] - ends[0]) / 2, "o", color=colour)
        lower.errorbar(number, row["difference"], 3 * row["uncertainty"], fmt="o", color=colour, capsize=3)
    upper.axline((0, 0), slope=1, color="black", linewidth=0.8)
    lower.axhline(0, color="black", linewidth=0.8)
    upper.set(xlabel="exact", ylabel="estimate ± 3u")
    lower.set(xlabel="estimate, in the order of the table", ylabel="estimate - exact ± 3u")
    lower.xaxis.set_major_locator(MaxNLocator(integer=True))


def _trajectories(panel: Panel, rows: Sequence[Row]) -> None:
    """The localised excess of checkpoints along their runs; below, the loss."""
    upper, lower = panel
    lines = sorted({(row["cell"], row["restriction"], row["estimator"]) for row in rows})
    for number, line in enumerate(lines):
        own = [row for row in rows if (row["cell"], row["restriction"], row["estimator"]) == line]
        known = [row for row in own if row["excess"] is not None]
        colour = SHADES(number / max(1, len(lines) - 1) * 0.9)
        upper.errorbar([row["step"] for row in known], [row["excess"] for row in known],
                       [3 * row["uncertainty"] for row in known], fmt="o-", color=colour, capsize=3)
        lower.plot([row["step"] for row in own], [row["loss"] for row in own], "o-", color=colour)
    upper.set(xlabel="step", ylabel="localised excess ± 3u")
    lower.set(xlabel="step", ylabel="loss")


def _audits(panel: Panel, rows: Sequence[Row]) -> None:
    """How much of each entry was compared, and how much disagreed."""
    upper, lower = panel
    names = [f"{row['name']} ({row['level']})" for row in rows]
    upper.barh(names, [row["audited"] for row in rows], color=COLOURS["blue"])
    lower.barh(names, [row["disagreements"] for row in rows], color=COLOURS["vermillion"])
    upper.set(xlabel="sizes compared")
    lower.set(xlabel="disagreements", xlim=(0, max([1, *(row["disagreements"] for row in rows)])))
    for axes in panel:
        axes.tick_params(axis="y", labelsize=7)
