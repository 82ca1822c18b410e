"""``python -m numerics.studies.transition --out DIR``: does the order of basins change when a network generalises?

Small quadratic networks are trained on modular addition. At landmarks along each run the network is polished to the
minimiser next to it: its rank, and its free energy within a window at many n, sampled. ``report.md`` has the free
energy of the first fit from there on less that of the fit at the end, at each n, for networks that generalise
and others; and a table of checks, exit code 1 where one fails. What is done is kept: started again it goes on.
``--runs FILE`` repeats it at other sizes, ``--seed N`` on fresh seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from numerics.grokking.settings import MEMORISED
from numerics.studies.conclusion import conclude
from numerics.studies.tracking.plan import Setting
from numerics.studies.tracking.study import asked_runs, parser_of_runs
from numerics.studies.tracking.training import Course, courses
from numerics.studies.transition.analysis import analyse
from numerics.studies.transition.checks import checks
from numerics.studies.transition.measures import AROUND, Window, basin_data, window_of
from numerics.studies.transition.report import write_report
from numerics.studies.workers import Run, workers_of
from numerics.workers import side_by_side
from slt_symbolic.commands.arguments import kept_on_failure, output_folder
from slt_symbolic.commands.ending import run_program
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.results import computed_once

SMALL = Path(__file__).with_name("small.toml")
PUBLISHED = Path(__file__).with_name("published.toml")
RUNS = MappingProxyType({"small": SMALL, "published": PUBLISHED})
BETWEEN = 2  # landmarks between memorising and generalising
OTHERS = ("seeds", "seed", "converged", "aside")  # of a setting: a run does not hang on them
Job = tuple[Setting, int]


def study(settings: Sequence[Setting], folder: Path, runner: Run = side_by_side) -> dict[str, Any]:
    """All runs, kept in ``folder``, and the analysis."""
    jobs = [(setting, seed) for setting in settings for seed in range(setting.seed, setting.seed + setting.seeds)]
    bar = tqdm(runner(partial(run, folder), jobs), "measuring", total=len(jobs), unit="run", disable=None)
    found = {(one["setting"], one["seed"]): one for one in bar}
    runs = [found[setting.name, seed] for setting, seed in jobs]
    return {"settings": [asdict(setting) for setting in settings], "runs": runs, **analyse(settings, runs)}


def run(folder: Path, job: Job) -> dict[str, Any]:
    """One run: read where it is kept, else trained and measured."""
    setting, seed = job
    torch.set_num_threads(1)
    settled = {name: value for name, value in asdict(setting).items() if name not in OTHERS}
    source = {**settled, "of": seed, "again": seed == setting.seed, "between": BETWEEN, "window": asdict(Window(0.0)),
              "around": asdict(AROUND)}
    return computed_once(folder, f"runs/{setting.file}/{seed:05d}.json", source,
                         lambda: run_data(setting, courses(setting, range(seed, seed + 1))[0]))


def run_data(setting: Setting, course: Course) -> dict[str, Any]:
    """Its basins at the landmarks; of the first seed, the last basin again by other chains."""
    found = landmarks(course)
    generalised = course.generalised
    basins: list[dict[str, Any]] = []
    again = None
    if found:
        window = window_of(setting, course, found[-1])
        basins = [basin_data(setting, course, index, window) for index in found]
        if course.seed == setting.seed:
            other = replace(window, chains=replace(window.chains, seed=window.chains.seed + 1))
            again = basin_data(setting, course, found[-1], other)
    return {"setting": setting.name, "seed": course.seed, "basins": basins, "again": again,
            "generalised": None if generalised is None else float(course.epochs[generalised])}


def landmarks(course: Course) -> list[int]:
    """Where the pairs are memorised, evenly on in the logarithm of the epoch until it generalises or ends, and the end.

    None if they never are.
    """
    memorised = course.metrics["train_accuracy"] >= MEMORISED
    if not memorised.any():
        return []
    first, last = int(memorised.argmax()), len(course.epochs) - 1
    turning = last if course.generalised is None else max(course.generalised, first)
    wanted = np.geomspace(course.epochs[first], course.epochs[turning], BETWEEN + 2)
    near = np.abs(np.log(course.epochs) - np.log(wanted)[:, None]).argmin(1)
    return sorted({int(index) for index in near} | {last})


def main(arguments: Sequence[str]) -> int:
    """Run the study; exit code 0, 1 (a check failed) or 2 (bad input)."""
    parser = parser_of_runs("transition", __doc__)
    parser.add_argument("--size", choices=tuple(RUNS), default="small",
                        help="published: p = 53, K = 1024, two hours of one core (default: small, some minutes)")
    return run_program(lambda: _run(parser.parse_args(arguments)), resumes=True)


def _run(options: argparse.Namespace) -> int:
    settings = asked_runs(options, RUNS[options.size])
    for setting in settings:
        if setting.model != "quadratic":
            raise InvalidInput(f"run {setting.name}: model={setting.model}", "has no squared loss",
                               'model = "quadratic"')
    with output_folder(options.out) as folder, kept_on_failure(options.out), workers_of(options) as runner:
        results = study(settings, folder.resolve(), runner)
        return conclude(results, checks(results), folder, write_report)
