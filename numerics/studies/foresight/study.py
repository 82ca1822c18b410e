"""``python -m numerics.studies.foresight --out DIR``: does the localised excess foresee generalisation?

Trains the runs of ``study.toml`` as a sweep, measures each along its snapshots (`measures`), fixes thresholds on one
half and tries them on the other (`detectors`), and writes ``report.md``, figures, ``runs.csv`` (one
run a line) and ``study.json`` into DIR. What is done is kept: started again it goes on. ``--seed N`` takes fresh
seeds, ``--claims FILE`` the ``study.json`` of an earlier study, whose detectors are then tried, as they are, on these.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from joblib import Parallel, delayed
from tqdm import tqdm

from numerics.studies.foresight.measures import QUANTITIES, outcome_of, to_trajectory, trajectory
from numerics.studies.foresight.report import COLUMNS, analyse, draw_skill, draw_trajectories, replicate, report
from numerics.sweep.cells import folder_of
from numerics.sweep.file import Cell, cells_of
from numerics.sweep.local import local
from numerics.sweep.sweep import sweep
from slt_symbolic.commands.arguments import Parser, output_folder
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.files import write_atomically
from slt_symbolic.storage.results import computed_once

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
    jobs = [(record.cell, row) for record in outcome.records for row in record.rows]
    measured = Parallel(n_jobs=workers or -1, return_as="generator")(
        delayed(_measure_once)(cell, row, folder) for cell, row in jobs)
    measured_runs = [{**data, "outcome": outcome_of(data)}
                     for data in tqdm(measured, "measuring", total=len(jobs), unit="run") if data["rows"]]
    kinds = {data["outcome"] for data in measured_runs}
    if not {"generalised", "never"} <= kinds:
        raise InvalidInput(str(folder), f"all runs are {', '.join(sorted(kinds))}", "more settings")
    analysis = analyse(measured_runs)
    replication = None if claims is None else replicate(claims, measured_runs)
    _write(analysis | {"replication": replication}, measured_runs, folder)
    write_atomically(folder / "report.md", report(analysis, measured_runs, replication).encode())


def _measure_once(cell: Cell, row: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The measurements of one run, kept."""
    settings = {name: cell.settings[name] for name in ("p", "width", "fraction", "weight_decay", "epochs")}
    cluster = f"p={settings['p']} width={settings['width']} fraction={settings['fraction']}"

    def measure() -> dict[str, Any]:
        torch.set_num_threads(1)
        return settings | trajectory(folder_of(cell, folder), row, cluster)

    source = {"cell": cell.id, **{name: row[name] for name in ("seed", "memorised_at", "generalised_from")}}
    return computed_once(folder / "measured" / f"{cell.id}-{row['seed']}.json", source, measure)


def _write(analysis: dict[str, Any], measured_runs: Sequence[dict[str, Any]], folder: Path) -> None:
    write_atomically(folder / "study.json", json.dumps(analysis, indent=1).encode() + b"\n")
    with (folder / "runs.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(measured_runs)
    runs = [to_trajectory(data) for data in measured_runs]
    with (folder / "measurements.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["cluster", "weight_decay", "seed", *QUANTITIES])
        table.writerows([run.cluster, data["weight_decay"], data["seed"],
                          *(f"{run.series[name][index]:.6g}" for name in QUANTITIES)]
                         for data, run in zip(measured_runs, runs, strict=True) for index in range(len(run.epochs)))
    draw_skill(runs, folder / "skill.png")
    draw_trajectories(runs, folder / "trajectories.png")


def main(arguments: Sequence[str]) -> int:
    """Exit code 0, or 2 (bad input)."""
    parser = Parser(prog="python -m numerics.studies.foresight", allow_abbrev=False, description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first seed of each cell (default: 0)")
    parser.add_argument("--claims", type=Path, metavar="FILE", help="study.json of an earlier study")
    try:
        options = parser.parse_args(arguments)
        content = tomllib.loads(RUNS.read_text())
        content["grok"] = [{**table, "seed": options.seed} for table in content["grok"]]
        claims = None if options.claims is None else _claims(options.claims)
        folder = output_folder(options.out)
        study(content, folder, claims)
        print(f"wrote {folder / 'report.md'}")
    except InvalidInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: --out {options.out}: cannot be written or read ({error.strerror}); what was saved is kept; try "
              "the same command when this is mended: it goes on", file=sys.stderr)
        return 2
    return 0


def _claims(path: Path) -> dict[str, Any]:
    example = "the study.json that this command writes"
    try:
        found = json.loads(path.read_text())
        if not isinstance(found, dict) or "families" not in found:
            raise ValueError
    except (OSError, ValueError):
        raise InvalidInput(f"--claims {path}", "is not the result of a study", example) from None
    return found
