"""``python -m numerics.studies.tracking --out DIR``: do the published LLCs track generalisation, or foretell it?

Seeds of settings at which outcomes differ are trained side by side and measured along the way: both published
estimators, converged chains, the blurred loss, baselines. Then the analysis that ``PLAN.md`` fixed: tracking, forecast
and diagnosis, each measure beside the weight norm, with controls. ``report.md`` has the answer, figures and a table of
checks, and the exit code is 1 where one fails. What is done is kept: started again it goes on. ``--runs FILE`` repeats
it at other sizes, whose lists are crossed as in a sweep, ``--seed N`` on fresh seeds, ``--backend dask`` on a cluster.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from numerics.grokking.settings import MEMORISED
from numerics.studies.conclusion import conclude
from numerics.studies.foresight.measures import MOVED
from numerics.studies.published.controls import gauged
from numerics.studies.tracking import plan
from numerics.studies.tracking.analysis import analyse
from numerics.studies.tracking.checks import checks
from numerics.studies.tracking.measures import DIGITS, measured
from numerics.studies.tracking.plan import Setting, read_runs
from numerics.studies.tracking.report import write_report
from numerics.studies.tracking.training import Course, courses
from numerics.studies.workers import Run, workers_of
from numerics.sweep.options import add_workers
from numerics.workers import side_by_side
from slt_symbolic.commands.arguments import Parser, folder_name, kept_on_failure, output_folder
from slt_symbolic.commands.ending import run_program
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.results import computed_once

BLOCK = 10  # seeds that are trained side by side
GAUGE = 1.3  # t of the gauge
Job = tuple[Setting, range]


def study(settings: Sequence[Setting], folder: Path, run: Run = side_by_side) -> dict[str, Any]:
    """All runs, kept in ``folder``, and the analysis."""
    jobs = _jobs(settings)
    done = run(partial(block, folder), jobs)
    bar = tqdm(done, "measuring", total=len(jobs), unit="block", disable=None)
    runs = {(run["setting"], run["seed"]): run for of_block in bar for run in of_block}
    ordered = [runs[setting.name, seed] for setting in settings
               for seed in range(setting.seed, setting.seed + setting.seeds)]
    return {"settings": [asdict(setting) for setting in settings], **analyse(settings, ordered),
            "gauge": [{"setting": run["setting"], "moved": run["gauge"]} for run in ordered if run["gauge"]],
            "runs": ordered}


def _jobs(settings: Sequence[Setting]) -> list[Job]:
    """Blocks of seeds, those of all settings in turn."""
    blocks = [(number, setting, range(first, min(first + BLOCK, setting.seed + setting.seeds)))
              for setting in settings
              for number, first in enumerate(range(setting.seed, setting.seed + setting.seeds, BLOCK))]
    return [(setting, seeds) for _, setting, seeds in sorted(blocks, key=lambda block: block[0])]


def block(folder: Path, job: Job) -> list[dict[str, Any]]:
    """The runs of a block: read where they are kept, else trained (together) and measured."""
    setting, seeds = job
    torch.set_num_threads(1)
    trained: dict[int, Course] = {}

    def compute(seed: int) -> dict[str, Any]:
        if not trained:
            trained.update({course.seed: course for course in courses(setting, seeds)})
        return run_data(setting, trained[seed])

    settled = {name: value for name, value in asdict(setting).items() if name != "aside"}  # a run does not hang on it
    source = {**settled, "block": list(seeds), "snapshots": plan.SNAPSHOTS, "learned": plan.LEARNED}
    return [computed_once(folder, f"runs/{setting.file}/{seed:05d}.json", source | {"of": seed},
                          partial(compute, seed)) for seed in seeds]


def run_data(setting: Setting, course: Course) -> dict[str, Any]:
    """Everything about one run as plain data."""
    metrics, watched = course.metrics, course.watched()
    last = len(course.epochs) - 1
    later = course.later(setting.later) if watched else []
    indices = [*watched, *later, last] if watched and watched[-1] != last else watched
    sampled = course.seed < setting.seed + setting.converged
    converged = [*indices[::plan.EVERY], last] if sampled else []
    rows = _rows(setting, course, indices, converged) if indices else []
    end = rows[-1] if rows else None
    return {"setting": setting.name, "seed": course.seed, "epochs": setting.epochs,
            "memorised": _first(course, metrics["train_accuracy"] >= MEMORISED),
            "moved": _first(course, metrics["validation_accuracy"] >= MOVED),
            "generalised": None if course.generalised is None else float(course.epochs[course.generalised]),
            "rows": rows[: len(watched)], "later": rows[len(watched):][: len(later)], "end": end,
            "gauge": _gauge(setting, course, watched),
            "course": {"epochs": course.epochs.tolist(), "validation_loss": _rounded(metrics["validation_loss"]),
                       "validation_accuracy": _rounded(metrics["validation_accuracy"])}}


def _gauge(setting: Setting, course: Course, watched: Sequence[int]) -> dict[str, float] | None:
    """How far each measure moves, as a share, where the last network watched is written with other weights."""
    if setting.model != "quadratic" or setting.is_control or course.seed != setting.seed or not watched:
        return None
    point = course.weights[watched[-1]]
    both = replace(course, weights=torch.stack([point, gauged(point, setting.p, setting.width, GAUGE)]))
    before, after = measured(setting, both, (0, 1), ())
    return {name: new / old - 1 for name, old in before.items()
            if old is not None and (new := after[name]) is not None}


def _rows(setting: Setting, course: Course, indices: Sequence[int], converged: Sequence[int]) -> list[dict[str, Any]]:
    found = measured(setting, course, indices, converged)
    return [{"epoch": float(course.epochs[index]),
             **{name: _rounded([course.metrics[name][index]])[0] for name in
                ("train_accuracy", "validation_accuracy", "validation_loss")}, **row}
            for index, row in zip(indices, found, strict=True)]


def _first(course: Course, met: np.ndarray[Any, np.dtype[np.bool_]]) -> float | None:
    return float(course.epochs[met.argmax()]) if met.any() else None


def _rounded(values: Sequence[float] | np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    return [float(f"{x:.{DIGITS}g}") for x in values]


def parser_of_runs(name: str, description: str | None) -> Parser:
    """The options of a study whose runs stand in a file."""
    parser = Parser(prog=f"python -m numerics.studies.{name}", allow_abbrev=False, description=description,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=folder_name, required=True, metavar="DIR")
    parser.add_argument("--runs", type=Path, metavar="FILE", help="other runs, a file as small.toml beside the study")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first seed of each run (default: 0)")
    add_workers(parser)
    return parser


def asked_runs(options: argparse.Namespace, usual: Path) -> list[Setting]:
    """The settings of the file given, or of the ``usual`` one, from the seed asked for on. Raises `InvalidInput`."""
    if options.seed < 0:
        raise InvalidInput(f"--seed {options.seed}", "must be an integer >= 0", "--seed 1")
    return [replace(setting, seed=setting.seed + options.seed) for setting in read_runs(options.runs or usual)]


def main(arguments: Sequence[str]) -> int:
    """Run the study; exit code 0, 1 (a check failed) or 2 (bad input)."""
    parser = parser_of_runs("tracking", __doc__)
    parser.add_argument("--size", choices=tuple(plan.RUNS), default="small",
                        help="published: p = 53, K = 1024, an hour of one core; few-pairs: the same where outcomes "
                             "differ; transformer: less; full: more of all, hours (default: small, some minutes)")
    return run_program(lambda: _run(parser.parse_args(arguments)), resumes=True)


def _run(options: argparse.Namespace) -> int:
    settings = asked_runs(options, plan.RUNS[options.size])
    with output_folder(options.out) as folder, kept_on_failure(options.out), workers_of(options) as run:
        results = study(settings, folder.resolve(), run)
        return conclude(results, checks(results), folder, write_report)
