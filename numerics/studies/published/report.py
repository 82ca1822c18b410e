"""The report of the study: what holds, what does not, with every number and each check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from scipy.stats import spearmanr
from tabulate import tabulate

from numerics.studies.authors.analysis import section
from numerics.studies.conclusion import Check, checks_section
from numerics.studies.published import plan
from numerics.studies.published.checks import error_of
from numerics.studies.published.drawing import draw
from numerics.studies.published.measures import BLURRED, HOT
from slt_symbolic.storage.files import write_atomically

Results = Mapping[str, Any]
MEASURES = ("gamma 5", "gamma 100", "square_norm")


def write_report(results: Results, found: Sequence[Check], folder: Path) -> None:
    """``report.md`` and its figures."""
    draw(results, folder)
    lines = [f"# What the published LLC is: p = {results['p']}, K = {results['K']}", "", *answer(results), "",
             *_failed(found),
             *_estimators(), *_along(results), *_hot(results), *_blurred(results), *_slopes(results),
             *section(results["authors"]), *checks_section(found), *LIMITS]
    write_atomically(folder / "report.md", "\n".join(lines) + "\n")


def answer(results: Results) -> list[str]:
    """The two sentences, and what they rest on."""
    line, low_high = results["line"], results["closeness"]
    late, one = results["late"]["generalised"], results["runs"][plan.TRUE][-1]
    return [
        "## Answer", "",
        f"1. **At gamma 100** (most of the authors' stored runs) the published value is the loss blurred by Gaussian "
        f"weight noise of variance 1/gamma: chain and noise differ by {low_high['low']:+.1%} to "
        f"{low_high['high']:+.1%} on {low_high['networks']} networks, trained, random and untrained. This *expected "
        "sharpness* is an honest measure of flatness at one scale. It is a polynomial in the weights, known in closed "
        "form; no chain is needed.",
        f"2. **At gamma 5** (the published figures) the chain stops on a ramp ({one['gamma 5']['value']:.0f} as "
        f"published, {late['value']:.0f} after 1500 steps of burn-in), and what it gives is the squared weight norm in "
        f"other units: {line['intercept']:.0f} ± {2 * line['intercept_error']:.0f} + ({line['slope']:.3f} ± "
        f"{2 * line['slope_error']:.3f}) |w|², R² = {line['r_squared']:.4f} along one run (two standard errors).", "",
        "What holds: the value does rise while a network memorises and fall while it generalises, in our runs as in "
        "the authors'. What does not follow: that it sees generalisation. " + (
            "It rises and falls on random labels too, where nothing is generalised, and it"
            if results["size"] == "published" else
            "At the published size it rises and falls on random labels too, where nothing is generalised, and here it")
        + " moves when the same function is written with other weights."]


def _failed(found: Sequence[Check]) -> list[str]:
    wrong = [check.name for check in found if not check.holds]
    return [f"**{len(wrong)} of {len(found)} checks below fail; what they are about this run does not show:** "
            f"{'; '.join(wrong)}.", ""] if wrong else [f"All {len(found)} checks below hold.", ""]


def _estimators() -> list[str]:
    rows = [[name, f"{x.step:g}", f"{x.nbeta:.2f}", x.batch, f"{x.burn_in} + {x.draws}", f"{x.relaxation:.0f}",
             f"{x.variance(x.burn_in) / x.variance():.0%} to {x.variance(x.steps) / x.variance():.0%}"]
            for name, x in (("gamma 5", HOT), ("gamma 100", BLURRED))]
    return ["## Two estimators", "", tabulate(rows, [
        "", "step", "nbeta", "batch", "burn-in + draws", "steps in which the noise relaxes by e",
        "share of its final variance, first to last draw"], "github", disable_numparse=True), ""]


def _along(results: Results) -> list[str]:
    lines = ["## Along runs", "", "![Along the runs](along.png)", "",
             "Both estimators, the closed form, HMC, the norm and accuracy; right, the same with labels "
             "drawn at random. Steps are optimiser steps on one drawn batch, what the published code calls epochs.", ""]
    for name, rows in results["runs"].items():
        cells = [[row["step"], f"{row['train_loss']:.2g}", f"{row['validation_accuracy']:.2f}",
                  f"{row['square_norm']:.0f}", _hot_value(results, row), _rhat(row["gamma 5"]),
                  _value(row["converged"]), _rhat(row["converged"]),
                  _value(row["gamma 100"]), _value(row["noise"]), f"{row['closed']:.2f}",
                  f"{row['closed_as_the_chain']:.2f}"] for row in rows]
        lines += [f"**{name}**", "", tabulate(cells, [
            "step", "train loss", "validation accuracy", "norm²", "gamma 5", "R-hat", "HMC", "R-hat", "gamma 100",
            "noise", "closed form", "the same, as the chain"], "github", disable_numparse=True), ""]
    held = results["runs"][plan.HELD][-1]
    free = min(results["runs"][plan.TRUE], key=lambda row: abs(row["step"] - held["step"]))
    return [*lines, f"With the norm held since step {results['memorised']} the value at gamma 5 is "
            f"{held['gamma 5']['value']:.0f} at step {held['step']} and validation accuracy "
            f"{held['validation_accuracy']:.2f}; where it is free {free['gamma 5']['value']:.0f} and "
            f"{free['validation_accuracy']:.2f}. Without the fall of the norm there may be no generalisation: this "
            "control cannot tell the two apart. HMC ran shortly, its R-hat says how far it can be trusted; longer SGLD "
            "chains at the networks with true labels (below) agree with it.", "", *_tracking(results)]


def _tracking(results: Results) -> list[str]:
    """Of each measure on the run that generalises, since memorising: its peak, how it goes with the validation loss."""
    rows = [row for row in results["runs"][plan.TRUE] if row["step"] >= results["memorised"]]
    loss = [row["validation_loss"] for row in rows]
    norm = [row["square_norm"] for row in rows]
    top = rows[loss.index(max(loss))]["step"]
    cells = []
    for name in MEASURES:
        values = [row[name] if name == "square_norm" else row[name]["value"] for row in rows]
        with_loss = float(spearmanr(values, loss).statistic)
        given = "" if name == "square_norm" else _partial(values, loss, norm)
        cells.append([name.replace("_", " "), rows[values.index(max(values))]["step"], top, f"{with_loss:.2f}", given])
    return [tabulate(cells, ["measure", "peak at step", "peak of the validation loss", "rank correlation with it",
                             "the same given the norm"], "github", disable_numparse=True), "",
            f"One run, {len(rows)} snapshots since memorising: a description, no test. The norm, which costs nothing, "
            "does as well here as either estimator.", ""]


def _partial(values: Sequence[float], loss: Sequence[float], norm: Sequence[float]) -> str:
    """The rank correlation of values and loss given the norm, from the three of pairs."""
    a, b, c = (float(spearmanr(*pair).statistic) for pair in combinations((values, loss, norm), 2))
    left = (1 - b * b) * (1 - c * c)
    return "none left: the ranks are those of the norm" if left < 1e-9 else f"{(a - b * c) / left**0.5:.2f}"


def _hot(results: Results) -> list[str]:
    one, rows = results["runs"][plan.TRUE][-1], []
    rows += [["generalised", f"{one['square_norm']:.0f}", f"{one['train_loss']:.3g}", _hot_value(results, one)]]
    rows += [[f"the same function, gauge (t u, t v, V/t²), t = {row['t']}", f"{row['square_norm']:.0f}",
              f"{row['loss']:.3g}", _hot_value(results, row)] for row in results["gauge"]]
    rows += [["all weights zero" if not row["norm"] else "random Gaussian weights", f"{row['square_norm']:.0f}",
              f"{row['loss']:.3g}", _hot_value(results, row)] for row in results["gaussian"]]
    late = [[name, f"{row['value']:.0f}"] for name, row in results["late"].items()]
    other = results["other_chains"]
    return ["## Gamma 5: a ramp, and the weight norm", "", "![The ramp](ramp.png)", "",
            tabulate(late, ["network", "value after 1500 steps of burn-in"], "github", disable_numparse=True), "",
            f"At the generalised network the published chain on all pairs instead of batches gives "
            f"{other['all pairs']:.0f}, with the step of the paper's text (1e-4) {other['step 1e-4']:.0f}.", "",
            tabulate(rows, ["network", "norm²", "loss", "gamma 5"], "github", disable_numparse=True), "",
            "Networks that learned nothing get the values of trained ones of their norm; the history of a training "
            "beside them says which is which, the value does not.", ""]


def _blurred(results: Results) -> list[str]:
    return ["## Gamma 100: weight noise", "",
            f"The chain differs from noise of variance 1/gamma in two known ways: its own variance is 1/gamma · "
            f"{BLURRED.variance() * BLURRED.gamma:.4f}, and each batch is centred by itself, which takes "
            f"1/{BLURRED.batch} of the blurred part away. The last column of the tables above has both; what is "
            "left is the action of the loss on the chain.", ""]


def _slopes(results: Results) -> list[str]:
    cells = []
    for row in results["slopes"]:
        fixed = "K" if row["along"] == "p" else "p"
        here = [other[fixed] for other in results["slopes"]
                if other["kind"] == row["kind"] and other["along"] == row["along"]].index(row[fixed])
        theirs = [f"{of[row['along']][here]:g}" if results["size"] == "published" else ""
                  for of in plan.SLOPES.values()]
        cells.append(["all zero" if row["kind"] == "zero" else row["kind"],
                      f"in {row['along']} at {fixed} = {row[fixed]}", ", ".join(map(str, row["grid"])),
                      f"{row['slope']:.3g} ± {2 * row['error']:.2g}",
                      f"{row['r_squared']:.4f}", *theirs])
    return ["## The published check of p and K, without training", "", "![Slopes](slopes.png)", "", tabulate(
        cells, ["network", "slope", "grid", "found", "R²", *plan.SLOPES], "github", disable_numparse=True), "",
        "A line in p and in K is found with all weights zero: growth with the size says nothing about what was "
        "learned. Slopes hang on the grid, since the value is concave in K. Between the paper and its reproduction "
        "lies a factor 1.3 to 1.4 that is not explained.", ""]


def _value(row: Mapping[str, Any] | None) -> str:
    return "" if row is None else f"{row['value']:.4g} ± {row['error']:.2g}"


def _hot_value(results: Results, row: Mapping[str, Any]) -> str:
    """With the scatter of repeated chains: the draws of a ramp do not tell the error of their mean."""
    error = row["gamma 5"] and error_of(results, "gamma 5", row)
    return "" if error is None else f"{row['gamma 5']['value']:.5g} ± {error:.2g}"


def _rhat(row: Mapping[str, Any] | None) -> str:
    return "" if row is None else f"{row['rhat']:.2f}"


LIMITS = [
    "## What this can and cannot show", "",
    "- One seed of one network; the controls are about what the estimators measure, not about how often networks grok.",
    "- Errors at gamma 5 are the scatter of the published mean over chains with other random numbers: how well that "
    "mean is known, not how far it is from the limit, which R-hat and the longer chain say.",
    "- *Wanted* numbers of the checks come from a program that shares nothing with this one, and from the "
    "authors' files.",
    "- That the norm explains the value here does not say that flatness is useless: at gamma 100 the value is flatness "
    "at the scale 0.1 of weight noise, and whether that foretells anything is the question of "
    "`python -m numerics.studies.foresight`."]
