"""``python -m numerics.studies.published --out DIR``: what the published LLC is, measured along runs of its own.

Both published SGLD chains (gamma 5 and gamma 100), plain weight noise and its closed form, converged chains and the
weight norm along one training; the same with random labels and with the norm held; the length of the chain; networks
that learned nothing; the gauge; slopes in p and K without training. ``report.md`` has a table of checks with their
tolerances, and the exit code is 1 where one fails. What is done is kept: started again it goes on.
`python -m numerics.studies.published.figures` has the grid of trained networks with their coefficients.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from numerics.studies.authors.analysis import analyse
from numerics.studies.conclusion import conclude
from numerics.studies.published.checks import checks, closeness, line_of
from numerics.studies.published.controls import (
    GAUGES,
    WEIGHTS_SEED,
    cell_row,
    cells,
    gauge_row,
    late_row,
    other_chains_row,
    repeated_gauge_row,
    repeated_row,
    slope_rows,
    untrained_row,
)
from numerics.studies.published.measures import BLURRED, HOT, Row, measured
from numerics.studies.published.plan import SIZES, Run, Size
from numerics.studies.published.report import write_report
from numerics.studies.published.training import Snapshot, snapshots
from slt_symbolic.commands.arguments import Parser, folder_name, kept_on_failure, output_folder
from slt_symbolic.commands.ending import run_program
from slt_symbolic.storage.results import computed_once


def study(size: Size, folder: Path) -> dict[str, Any]:
    """Everything that is measured, as plain data; each measurement is kept in ``folder``."""
    first, *others = size.runs
    networks = sum(len(run.steps) for run in size.runs) + len(cells(size)) + len(GAUGES) + len(size.norms) + 6
    with tqdm(total=networks, unit="network", disable=None) as bar:
        kept = _Kept(size, folder, bar)
        trained = _Trained(size, first)
        runs = {first.name: _along(size, first, trained, kept)}
        controls = _controls(size, trained, kept)
        runs |= {run.name: _along(size, run, _Trained(size, run), kept) for run in others}
        grid = [kept(f"cells/{kind}_p{p}_K{width}", {}, partial(cell_row, p, width, kind))
                for p, width, kind in cells(size)]
    return {"p": size.p, "K": size.width, "memorised": size.memorised, "runs": runs, **controls, "cells": grid,
            "slopes": slope_rows(size, grid), "line": line_of(runs[first.name]), "authors": analyse()}


@dataclass(frozen=True)
class _Kept:
    """Computes, or reads what was kept for this network and these chains."""

    size: Size
    folder: Path
    bar: tqdm[Any]

    def __call__(self, name: str, source: Mapping[str, Any], compute: Callable[[], Row]) -> Row:
        size = self.size
        everything = {"p": size.p, "width": size.width, "seed": size.seed, "own_chains": size.chains,
                      "noise_draws": size.noise_draws, "hmc": asdict(size.hmc),
                      "chains": [asdict(HOT), asdict(BLURRED)], **source}
        row = computed_once(self.folder, f"{name.replace(' ', '_')}.json", everything, compute)
        self.bar.update()
        return row


class _Trained:
    """The networks of a run, trained in the order of steps as far as one is asked for."""

    def __init__(self, size: Size, run: Run) -> None:
        self._coming = snapshots(size, run)
        self._found: dict[int, Snapshot] = {}

    def at(self, step: int) -> Snapshot:
        while step not in self._found:
            found = next(self._coming)
            self._found[found.step] = found
        return self._found[step]


def _along(size: Size, run: Run, trained: _Trained, kept: _Kept) -> list[Row]:
    """The measurements of one run."""
    def measure(step: int) -> Row:
        found = trained.at(step)
        return {"step": step, **found.metrics,
                **measured(size, found.loss, found.point, run.hot, step in run.converged)}

    source = {"weight_decay": run.weight_decay, "labels": run.labels, "held_from": run.held_from}
    return [kept(f"runs/{run.name.replace(chr(39), '')}/{step:06d}",
                 {**source, "hot": run.hot, "converged": step in run.converged}, partial(measure, step))
            for step in run.steps]


def _controls(size: Size, trained: _Trained, kept: _Kept) -> dict[str, Any]:
    """At networks of the first run: the ramp, the gauge; and networks without training."""
    def at(step: int, compute: Callable[..., Row], *more: Any) -> Row:
        found = trained.at(step)
        return compute(found.loss, found.point, *more)

    named = {"untrained": 0, "memorised": size.memorised, "generalised": size.generalised}
    source = {"weight_decay": size.runs[0].weight_decay}
    late = {name: {"step": step} | kept(f"controls/late_{name}", {**source, "step": step}, partial(at, step, late_row))
            for name, step in named.items()}
    last = {**source, "step": size.generalised}
    other = kept("controls/other_chains", last, partial(at, size.generalised, other_chains_row))
    repeated = kept("controls/repeated", last, partial(at, size.generalised, repeated_row))
    turned = kept("controls/repeated_gauge", last, partial(at, size.generalised, partial(repeated_gauge_row, size)))
    gauge = [kept(f"controls/gauge_{t}", last, partial(at, size.generalised, partial(gauge_row, size), t))
             for t in GAUGES]
    gaussian = [kept(f"controls/gaussian_{norm}", {"weights": WEIGHTS_SEED},
                     partial(at, 0, partial(untrained_row, size), norm))
                for norm in size.norms]
    return {"late": late, "repeated": repeated, "repeated_gauge": turned, "other_chains": other,
            "gauge": gauge, "gaussian": gaussian}


def main(arguments: Sequence[str]) -> int:
    """Run the study; exit code 0, 1 (a check failed) or 2 (bad input)."""
    parser = Parser(prog="python -m numerics.studies.published", allow_abbrev=False, description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=folder_name, required=True, metavar="DIR")
    parser.add_argument("--size", choices=tuple(SIZES), default="small",
                        help="published: p = 53, K = 1024, some 20 minutes of one core (default: small, p = 23)")
    return run_program(lambda: _run(parser.parse_args(arguments)), resumes=True)


def _run(options: argparse.Namespace) -> int:
    torch.set_num_threads(1)
    with output_folder(options.out) as folder, kept_on_failure(options.out):
        results: dict[str, Any] = {"size": options.size, **study(SIZES[options.size], folder)}
        results["closeness"] = closeness(results)
        return conclude(results, checks(results), folder, write_report)
