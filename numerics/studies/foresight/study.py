"""``python -m numerics.studies.foresight --out DIR``: does the LLC foresee generalisation? Many runs, judged.

Trains the runs of ``study.toml`` as a sweep, measures each along its snapshots (`study_measures`), fixes
thresholds on one half and tries them on the other (`detectors`), and writes ``report.md``, figures, ``runs.csv`` (one
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

RUNS = Path(__file__).with_name("study.toml")


def study(content: dict[str, Any], folder: Path, claims: dict[str, Any] | None, workers: int | None = None) -> None:
    """The runs of the sweep ``content``, and everything that follows from them, in ``folder``.

    Raises `InvalidInput` where a run could not be trained or there are too few of either kind.
    """
    cells = cells_of(content, str(RUNS))
    with local(workers) as backend:
        outcome = sweep(cells, folder, backend)
    if not outcome.agrees:
        raise InvalidInput(f"--out {folder}", outcome.summary(), f"{folder / 'table.csv'} says why")
    jobs = [(record.cell, row) for record in outcome.records for row in record.rows]
    measured = Parallel(n_jobs=workers or -1, return_as="generator")(
        delayed(_measured_once)(cell, row, folder) for cell, row in jobs)
    found = [{**one, "outcome": outcome_of(one)} for one in tqdm(measured, "measuring", total=len(jobs), unit="run")
             if one["rows"]]
    kinds = {one["outcome"] for one in found}
    if not {"generalised", "never"} <= kinds:
        raise InvalidInput(f"--out {folder}", f"all runs are {', '.join(sorted(kinds))}", "more settings")
    analysis = analyse(found)
    replication = None if claims is None else replicate(claims, found)
    _write(analysis | {"replication": replication}, found, folder)
    write_atomically(folder / "report.md", report(analysis, found, replication).encode())


def _measured_once(cell: Cell, row: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The measurements of one run: the saved ones if there are any."""
    saved = folder / "measured" / f"{cell.id}-{row['seed']}.json"
    if saved.exists():
        return dict(json.loads(saved.read_text()))
    torch.set_num_threads(1)
    settings = {name: cell.settings[name] for name in ("p", "width", "fraction", "weight_decay", "epochs")}
    cluster = f"p={settings['p']} width={settings['width']} fraction={settings['fraction']}"
    found = settings | trajectory(folder_of(cell, folder), row, cluster)
    saved.parent.mkdir(exist_ok=True)
    write_atomically(saved, json.dumps(found).encode())
    return found


def _write(analysis: dict[str, Any], found: Sequence[dict[str, Any]], folder: Path) -> None:
    write_atomically(folder / "study.json", json.dumps(analysis, indent=1).encode() + b"\n")
    with (folder / "runs.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(found)
    runs = [to_trajectory(one) for one in found]
    with (folder / "measurements.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["cluster", "weight_decay", "seed", *QUANTITIES])
        writer.writerows([run.cluster, one["weight_decay"], one["seed"],
                          *(f"{run.series[name][index]:.6g}" for name in QUANTITIES)]
                         for one, run in zip(found, runs, strict=True) for index in range(len(run.epochs)))
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
