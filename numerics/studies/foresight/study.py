"""``python -m numerics.studies.foresight --out DIR``: does the localised excess foresee generalisation?

Trains the runs of ``study.toml`` as a sweep, measures each along its snapshots (`measures`), fixes thresholds on one
half and tries them on the other (`detectors`), and writes ``report.md``, figures, ``runs.csv`` (one
run a line) and ``study.json`` into DIR. What is done is kept: started again it goes on. ``--seed N`` takes fresh
seeds, ``--claims FILE`` the ``study.json`` of an earlier study, whose detectors are then tried, as they are, on these.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from numerics.studies.foresight import measures
from numerics.studies.foresight.measures import QUANTITIES, outcome_of, to_trajectory, trajectory
from numerics.studies.foresight.report import (
    COLUMNS,
    analyse,
    draw_skill,
    draw_trajectories,
    is_analysis,
    replicate,
    report,
)
from numerics.sweep.cells import untouched_folder
from numerics.sweep.file import Cell, cells_of
from numerics.sweep.local import local
from numerics.sweep.sweep import sweep
from numerics.workers import side_by_side
from slt_symbolic.commands.arguments import Parser, folder_name, kept_on_failure, output_folder
from slt_symbolic.commands.ending import run_program
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.files import write_atomically
from slt_symbolic.storage.reading import given_json
from slt_symbolic.storage.results import computed_once
from slt_symbolic.storage.tables import csv_text

LARGEST_STUDY = 2**28  # bytes
RUNS = Path(__file__).with_name("study.toml")


def study(content: dict[str, Any], folder: Path, claims: dict[str, Any] | None, workers: int | None = None) -> None:
    """The runs of the sweep ``content``, and everything that follows from them, in ``folder``.

    Raises `InvalidInput` where a run could not be trained or there are too few of either kind.
    """
    cells = cells_of(content, str(RUNS))
    with local(workers) as backend:
        outcome = sweep(cells, folder, backend)
    if not outcome.agrees:
        raise InvalidInput(str(folder), outcome.summary(), f"{folder / 'table.csv'} says why")
    rows = [(record.cell, row) for record in outcome.records for row in record.rows]
    jobs = [(number, cell, row) for number, (cell, row) in enumerate(rows)]
    measured = side_by_side(partial(_measure_once, folder), jobs, workers)
    done = dict(tqdm(measured, "measuring", total=len(jobs), unit="run"))
    measured_runs = [{**data, "outcome": outcome_of(data)} for _, data in sorted(done.items()) if data["rows"]]
    kinds = {data["outcome"] for data in measured_runs}
    if not {"generalised", "never"} <= kinds:
        raise InvalidInput(str(folder), f"all runs are {', '.join(sorted(kinds))}", "more settings")
    analysis = analyse(measured_runs)
    replication = None if claims is None else replicate(claims, measured_runs)
    _write(analysis | {"replication": replication}, measured_runs, folder)
    write_atomically(folder / "report.md", report(analysis, measured_runs, replication))


def _measure_once(folder: Path, job: tuple[int, Cell, Mapping[str, Any]]) -> tuple[int, dict[str, Any]]:
    """The measurements of one run, kept, with its number."""
    number, cell, row = job
    settings = {name: cell.settings[name] for name in ("p", "width", "fraction", "weight_decay", "epochs")}
    cluster = f"p={settings['p']} width={settings['width']} fraction={settings['fraction']}"

    def measure() -> dict[str, Any]:
        torch.set_num_threads(1)
        return settings | trajectory(untouched_folder(cell, folder), row, cluster)

    source = {"cell": asdict(cell), **{name: row[name] for name in ("seed", "memorised_at", "generalised_from")},
              "chains": [asdict(measures.CHAINS), asdict(measures.LOCAL_CHAINS)]}
    return number, computed_once(folder, f"measured/{cell.id}-{row['seed']}.json", source, measure)


def _write(analysis: dict[str, Any], measured_runs: Sequence[dict[str, Any]], folder: Path) -> None:
    write_atomically(folder / "study.json", json.dumps(analysis, indent=1) + "\n")
    write_atomically(folder / "runs.csv", csv_text(
        {name: data.get(name) for name in COLUMNS} for data in measured_runs))
    runs = [to_trajectory(data) for data in measured_runs]
    write_atomically(folder / "measurements.csv", csv_text(
        {"cluster": run.cluster, "weight_decay": data["weight_decay"], "seed": data["seed"],
         **{name: f"{run.series[name][index]:.6g}" for name in QUANTITIES}}
        for data, run in zip(measured_runs, runs, strict=True) for index in range(len(run.epochs))))
    draw_skill(runs, folder / "skill.png")
    draw_trajectories(runs, folder / "trajectories.png")


def main(arguments: Sequence[str]) -> int:
    """Run the study; exit code 0, or 2 (bad input)."""
    parser = Parser(prog="python -m numerics.studies.foresight", allow_abbrev=False, description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=folder_name, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first seed of each cell (default: 0)")
    parser.add_argument("--claims", type=Path, metavar="FILE", help="study.json of an earlier study")
    return run_program(lambda: _run(parser.parse_args(arguments)), resumes=True)


def _run(options: argparse.Namespace) -> int:
    content = tomllib.loads(RUNS.read_text(encoding="utf-8"))
    content["grok"] = [{**table, "seed": options.seed} for table in content["grok"]]
    claims = None if options.claims is None else _claims(options.claims)
    with output_folder(options.out) as folder, kept_on_failure(options.out):
        study(content, folder, claims)
    print(f"wrote {options.out / 'report.md'}")
    return 0


def _claims(path: Path) -> dict[str, Any]:
    argument, example = f"--claims {path}", "the study.json that this command writes"
    found: dict[str, Any] = given_json(path, LARGEST_STUDY, argument, example)
    if not is_analysis(found):
        raise InvalidInput(argument, "is not the result of a study", example)
    return found
