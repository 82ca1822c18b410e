"""The figures of the study: along the runs, the ramp of the chain, slopes without training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.figures import COLOURS, styled, write_figure
from numerics.studies.published import plan
from numerics.studies.published.checks import error_of
from numerics.studies.published.measures import HOT

Results = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]


def draw(results: Results, folder: Path) -> None:
    """``along``, ``ramp`` and ``slopes``, each as png and svg."""
    for name, picture in (("along", _along), ("ramp", _ramp), ("slopes", _slopes)):
        with styled():
            write_figure(folder / f"{name}.png", picture(results), dpi=100)


def _along(results: Results) -> Figure:
    """A column for each run, a row for each quantity."""
    figure = Figure(figsize=(12, 11), layout="constrained")
    names = (plan.TRUE, plan.RANDOM)
    grid = figure.subplots(4, len(names), sharex="col")
    for column, name in enumerate(names):
        rows = results["runs"][name]
        _hot_panel(grid[0, column], rows, results)
        _blurred_panel(grid[1, column], rows)
        steps = [row["step"] for row in rows]
        grid[2, column].plot(steps, [row["square_norm"] for row in rows], "-o", color=COLOURS["black"])
        grid[3, column].plot(steps, [row["validation_accuracy"] for row in rows], "-o", label="validation",
                             color=COLOURS["orange"])
        grid[3, column].plot(steps, [row["train_accuracy"] for row in rows], "--o", label="training",
                             color=COLOURS["blue"])
        grid[3, column].set(ylim=(-0.05, 1.05), xlabel="optimiser steps (one batch each)")
        grid[3, column].set_xscale("symlog", linthresh=50)
        grid[3, column].set_xlim(0, None)
        grid[0, column].set_title(name)
    for row, label in enumerate(("value at gamma 5", "value at gamma 100", "squared weight norm", "accuracy")):
        grid[row, 0].set_ylabel(label)
        grid[row, 0].legend(fontsize="small") if row != 2 else None
    return figure


def _hot_panel(axes: Axes, rows: Rows, results: Results) -> None:
    line = results["line"]
    steps = [row["step"] for row in rows]
    axes.errorbar(steps, [row["gamma 5"]["value"] for row in rows],
                  [2 * error_of(results, "gamma 5", row) for row in rows], fmt="-o", color=COLOURS["vermillion"],
                  label="SGLD as published (100 + 500 steps)")
    axes.plot(steps, [line["intercept"] + line["slope"] * row["square_norm"] for row in rows], ":", color="black",
              label=f"{line['intercept']:.4g} + {line['slope']:.3g} |w|², fitted on the left")
    there = [row for row in rows if row["converged"]]
    other = axes.twinx()  # nearly twice as high
    other.plot([row["step"] for row in there], [row["converged"]["value"] for row in there], "s",
               color=COLOURS["purple"])
    other.grid(False)
    other.set_ylabel("HMC", color=COLOURS["purple"])
    axes.plot([], [], "s", color=COLOURS["purple"], label="HMC, same nbeta and gamma (right axis)")


def _blurred_panel(axes: Axes, rows: Rows) -> None:
    steps = [row["step"] for row in rows]
    axes.errorbar(steps, [row["gamma 100"]["value"] for row in rows], [2 * row["gamma 100"]["error"] for row in rows],
                  fmt="-o", color=COLOURS["vermillion"], label="SGLD as published (100 + 500 steps)")
    axes.errorbar(steps, [row["noise"]["value"] for row in rows], [2 * row["noise"]["error"] for row in rows],
                  fmt="x", color=COLOURS["green"], label="plain weight noise, no chain")
    axes.plot(steps, [row["closed_as_the_chain"] for row in rows], ":", color="black",
              label="closed form, with the chain's variance and batches")


def _ramp(results: Results) -> Figure:
    """``nbeta (L - L0)`` along the longer chain, the draws that the published mean takes shaded."""
    figure = Figure(figsize=(9, 5.5), layout="constrained")
    axes = figure.subplots()
    colours = [COLOURS[name] for name in ("blue", "vermillion", "green")]
    for (name, late), colour in zip(results["late"].items(), colours, strict=True):
        trace = np.array(late["trace"])
        smooth = trace[: len(trace) // 20 * 20].reshape(-1, 20).mean(1)
        axes.plot(10 + 20 * np.arange(len(smooth)), smooth, color=colour, label=f"chain, {name} network")
    last = results["late"]["generalised"]
    axes.plot(10 * np.arange(len(last["noise"])), last["noise"], "--", color="black",
              label="the chain's noise alone (no loss), generalised network")
    if results["size"] == "published":
        axes.plot(*zip(*plan.RAMP.items(), strict=True), "x", color="black",
                  label="an independent program, generalised")
    axes.axvspan(HOT.burn_in, HOT.steps, color="0.9", label="draws of the published mean")
    axes.set(xlabel="steps of SGLD at gamma 5, from the network", ylabel="nbeta (L - L0)",
             ylim=(0, 1.3 * max(late["trace"][-1] for late in results["late"].values())), xlim=(0, None))
    axes.legend(fontsize="small")
    return figure


def _slopes(results: Results) -> Figure:
    """Slopes in p and in K: without training, and those of others."""
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    for axes, along, fixed in zip(figure.subplots(1, 2), ("p", "K"), ("K", "p"), strict=True):
        for kind, mark in (("zero", "o"), ("untrained", "s")):
            rows = [row for row in results["slopes"] if row["kind"] == kind and row["along"] == along]
            label = "all weights zero" if kind == "zero" else "untrained"
            axes.plot([row[fixed] for row in rows], [row["slope"] for row in rows], f"-{mark}", label=label)
            if kind == "zero" and results["size"] == "published":
                for source, theirs in plan.SLOPES.items():
                    axes.plot([row[fixed] for row in rows], theirs[along], "--x", label=source)
        axes.set(xlabel=fixed, ylabel=f"slope of the value at gamma 5 in {along}", ylim=(0, None))
    figure.axes[0].legend(fontsize="small")
    return figure
