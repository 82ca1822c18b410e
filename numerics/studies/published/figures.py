"""``python -m numerics.studies.published.figures --out DIR``: the published LLC against p and K, and what it should be.

For each (p, K) a network is trained by `numerics.grokking.run` and measured at its end: at the published sampler
settings (nbeta = 128/ln 128, gamma = 5, arXiv:2603.01192), and, polished to the nearest minimum, at settings that
measure its coefficient. Beside them stand half the numerical rank there, half the number of equations, and what Cor.
5.4 claims. Slopes in p and in K are those of a least squares fit, with 95 % intervals. Cells that are done are kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from itertools import product
from operator import itemgetter
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import linregress, t
from tqdm import tqdm

from numerics.curvature.eigenvalues import LARGEST_DENSE, allows_dense
from numerics.diagnosis.basin import bracket_there, polish_network
from numerics.estimation.estimate import estimate_llc
from numerics.estimation.settings import PUBLISHED_GAMMA, PUBLISHED_NBETA
from numerics.figures import COLOURS, styled, write_figure
from numerics.grokking import run as grok
from numerics.grokking.settings import RunSettings
from numerics.networks.file import read_network
from numerics.sampling.localised import Chains, sample_around
from numerics.sampling.summary import EstimateError
from numerics.studies.published.plan import SLOPES
from slt_symbolic.commands.arguments import Parser, folder_name, kept_on_failure, output_folder
from slt_symbolic.commands.ending import run_program
from slt_symbolic.storage.files import subfolder, write_atomically
from slt_symbolic.storage.results import computed_once

SMALL = ((5, 7, 9), (12, 16, 20), 4000)  # p, K, epochs
PUBLISHED = ((53, 61, 71), (600, 1000, 1400), 5000)
CHAINS = Chains(3, 40, 80, leapfrogs=12)
LARGEST_RHAT = 1.1  # of a few short chains
LINES = {"published": "published settings", "measured": "settings that measure it", "half_rank": "half the rank",
         "ceiling": "half the equations", "claimed": "Cor. 5.4"}
STYLES = (("published", "-o", "vermillion"), ("measured", "-s", "blue"), ("half_rank", "--", "green"),
          ("ceiling", ":", "black"), ("claimed", "-.", "purple"))
PAPER = {along: dict(zip(at, SLOPES["the paper"][along], strict=True))  # by the value that is fixed
         for along, at in (("p", PUBLISHED[1]), ("K", PUBLISHED[0]))}
ERRORS = {"published": "published_mcse", "measured": "measured_uncertainty"}

_TEXT = """*published*: `nbeta E[L(w) - L(w0)]` at nbeta = 26.4, gamma = 5 around the trained weights, w0 the mode. At
that temperature the chains leave the network: linear growth in p or K there says nothing about the coefficient.
*measured*: at the minimum next to the trained network, with a bias budget; to be compared with half the rank.
*half the equations*: half of p(N-1), a bound of any half rank; no network's coefficient where K(3p-2) < p(N-1)."""
_NOT_CONVERGED = f"**Chains with R-hat above {LARGEST_RHAT} have not converged: no slope through them can be trusted.**"


def measure_cell(p: int, width: int, epochs: int, folder: Path) -> dict[str, Any]:
    """Train one network in ``folder`` (or go on where it was left) and measure it at its end."""
    settings = RunSettings(p=p, width=width, epochs=epochs)
    grok.run(settings, folder)
    network = read_network(folder / "final.npz")
    large = not allows_dense(network.loss.parameters)
    loss, point = network.two_hot(torch.float32 if large else torch.float64)
    sampled = sample_around(loss, point, PUBLISHED_NBETA, PUBLISHED_GAMMA, CHAINS)
    equations = p * (len(network.pairs) - 1)
    row: dict[str, Any] = {
        "p": p, "K": width, "N": len(network.pairs), "published": sampled.corrected,
        "published_mcse": sampled.rung.mcse, "published_rhat": sampled.rung.rhat,
        "measured": None, "measured_uncertainty": None, "half_rank": None, "ceiling": equations / 2,
        "claimed": width * (3 * p - 1) / 2, "problem": None}
    if large:
        return row | {"problem": f"more than {LARGEST_DENSE} parameters: no rank, no adapted settings"}
    polished = polish_network(network, str(folder))
    known = bracket_there(network, polished, str(folder))
    if not polished.is_near or known.lambda_ is None:
        return row | {"problem": "no regular minimum near the end of training"}
    row["half_rank"] = float(known.lambda_)
    try:
        estimate = estimate_llc(network.loss, polished.geometry.point, multiplicity=known.multiplicity)
    except EstimateError as error:
        return row | {"problem": str(error)}
    return row | {"measured": estimate.mean, "measured_uncertainty": estimate.uncertainty}


def slopes(rows: Sequence[dict[str, Any]], along: str, fixed: str) -> list[dict[str, Any]]:
    """Slope of each line against ``along`` at each value of ``fixed``: least squares, 95 % interval."""
    fitted = []
    for value, line in product(sorted({row[fixed] for row in rows}), LINES):
        points = [(row[along], row[line]) for row in rows if row[fixed] == value and row[line] is not None]
        if len(points) > 2:
            fit = linregress(*zip(*points, strict=True))
            flat = len({y for _, y in points}) == 1  # no residual, and linregress has 0/0
            half = 0.0 if flat else float(t.ppf(0.975, len(points) - 2)) * fit.stderr
            fitted.append({fixed: value, "line": line, "slope": fit.slope, "low": fit.slope - half,
                          "high": fit.slope + half})
    return fitted


def draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """The values against p and against K, a panel for each value of the other, and one legend for all."""
    moduli, widths = sorted({row["p"] for row in rows}), sorted({row["K"] for row in rows})
    columns = max(len(moduli), len(widths))
    with styled():
        figure = Figure(figsize=(3.6 * columns, 6.5), layout="constrained")
        grid = figure.subplots(2, columns, sharey="row", squeeze=False)
        for along, fixed, values, panels in (("p", "K", widths, grid[0]), ("K", "p", moduli, grid[1])):
            for axes, value in zip(panels, values, strict=False):
                chosen = sorted((row for row in rows if row[fixed] == value), key=itemgetter(along))
                _panel(axes, chosen, along)
                if slope := PAPER[along].get(value):
                    _line(axes, chosen, along, slope)
                axes.set(xlabel=along, title=f"{fixed} = {value}")
            for axes in panels[len(values):]:
                axes.remove()
            panels[0].set_ylabel("localised excess, or half a rank")
        found = {label: line for axes in figure.axes for line, label in zip(*axes.get_legend_handles_labels(),
                                                                            strict=True)}
        figure.legend(found.values(), found.keys(), loc="outside lower center", ncols=len(found))
        write_figure(path, figure)


def _panel(axes: Axes, rows: Sequence[dict[str, Any]], along: str) -> None:
    """What is measured with its errors, and the closed forms; on a scale that shows both."""
    for line, style, colour in STYLES:
        known = [row for row in rows if row[line] is not None]
        if known:
            errors = [2 * row.get(ERRORS.get(line, ""), 0) for row in known]
            axes.errorbar([row[along] for row in known], [row[line] for row in known], errors, fmt=style,
                          color=COLOURS[colour], capsize=3 if line in ERRORS else 0, label=LINES[line])
    axes.set_yscale("log")


def _line(axes: Axes, rows: Sequence[dict[str, Any]], along: str, slope: float) -> None:
    """A line of the paper's slope through the middle of what the published settings give here."""
    places, values = [row[along] for row in rows], [row["published"] for row in rows]
    axes.plot(places, [mean(values) + slope * (x - mean(places)) for x in places], "-", color=COLOURS["sky"], lw=3,
              alpha=0.7, zorder=1, label="the paper's slope, through the mean")


def report(rows: Sequence[dict[str, Any]], fitted: Sequence[dict[str, Any]]) -> str:
    """The table and the slopes in Markdown."""
    def text_of(value: object) -> str:
        return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)

    names = ["p", "K", "N", "published_rhat", *LINES, "problem"]
    lines = ["# LLC against p and K", "", "| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    lines += ["| " + " | ".join(text_of(row[name]) for name in names) + " |" for row in rows]
    lines += ["", "| at | line | slope | 95 % interval |", "|---|---|---|---|"]
    for row in fitted:
        fixed = "K" if "K" in row else "p"
        lines.append(f"| {fixed} = {row[fixed]}, against {'p' if fixed == 'K' else 'K'} | {LINES[row['line']]} | "
                     f"{row['slope']:.3g} | {row['low']:.3g} to {row['high']:.3g} |")
    unconverged = any(not row["published_rhat"] <= LARGEST_RHAT for row in rows)
    lines += ["", _TEXT, "", *([_NOT_CONVERGED, ""] if unconverged else []), "![LLC against p and K](figures.png)", ""]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Run the study; exit code 0, or 2 (bad input)."""
    parser = Parser(prog="python -m numerics.studies.published.figures", allow_abbrev=False, description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=folder_name, required=True, metavar="DIR")
    parser.add_argument("--size", choices=("small", "published"), default="small",
                        help="published: p = 53, 61, 71; K = 600, 1000, 1400: 10 min (default: small)")
    return run_program(lambda: _run(parser.parse_args(arguments)), resumes=True)


def _run(options: argparse.Namespace) -> int:
    moduli, widths, epochs = PUBLISHED if options.size == "published" else SMALL
    torch.set_num_threads(1)
    rows = []
    with output_folder(options.out) as folder, kept_on_failure(options.out):
        for p, width in tqdm(list(product(moduli, widths)), unit="network"):
            inside = subfolder(folder, f"p{p}_K{width}")
            source = {"p": p, "width": width, "epochs": epochs, "chains": asdict(CHAINS)}
            rows.append(computed_once(inside, "cell.json", source, partial(measure_cell, p, width, epochs, inside)))
        fitted = slopes(rows, "p", "K") + slopes(rows, "K", "p")
        write_atomically(folder / "figures.json", json.dumps({"cells": rows, "slopes": fitted}, indent=1) + "\n")
        draw(rows, folder / "figures.png")
        write_atomically(folder / "report.md", report(rows, fitted))
    print(f"wrote {options.out / 'report.md'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
