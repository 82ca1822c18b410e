"""What each kind of cell of a sweep does, in a worker, and how its outcome is kept.

A cell has the folder ``cells/ID`` of the sweep. Its outcome is ``cell.json``, written at once (`slt_symbolic.storage`);
a cell that raises has one too, and only one that is done is not run again. While it runs its worker holds ``lock``
there: a worker that outlived its sweep and that of the next one do not write into the same files. The record has the
checksums of the other files too, so that one that has changed since is named; the outcome does not hang on them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import joblib
import torch

from numerics.estimation.entry import NoMinimiser, llc_of_entry
from numerics.estimation.settings import Settings
from numerics.grokking import run as grok
from numerics.grokking.folder import COLUMNS
from numerics.grokking.history import grokking_severity, read_histories
from numerics.grokking.settings import RunSettings
from numerics.grokking.track import track_run
from numerics.modules.track import track_checkpoints
from numerics.sampling.summary import EstimateError
from numerics.sweep.file import Cell
from numerics.verification.verify import verify
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.errors import InvalidInput, note
from slt_symbolic.storage.files import subfolder, write_atomically
from slt_symbolic.storage.locks import LOCK, results_folder
from slt_symbolic.storage.results import keep_result, read_result

Row = Mapping[str, Any]
EXPECTED = (InvalidInput, EstimateError, NoMinimiser, grok.Diverged)  # their messages say all
OUTCOME = "cell.json"
READ_AGAIN = ("track",)  # kinds of cells whose settings are not all that they depend on
ONE_AT_A_TIME = threading.Lock()  # the number of torch's threads belongs to the process


@dataclass(frozen=True)
class CellRecord:
    """The outcome of a cell. ``rows`` are its results, one for each network; ``seconds`` are those of the last try."""

    cell: Cell
    status: Literal["done", "failed"]
    rows: tuple[Row, ...] = ()
    error: str | None = None
    seconds: float = 0.0
    host: str = ""
    traceback: str | None = None

    @property
    def contradicts(self) -> bool:
        """Whether an entry of the catalogue is contradicted."""
        return any(row.get("contradicts", False) for row in self.rows)


def folder_of(cell: Cell, sweep: Path) -> Path:
    """The folder where the cell keeps its files."""
    return sweep / "cells" / cell.id


def run_cell(cell: Cell, sweep: Path) -> CellRecord:
    """Run the cell, or go on where it was interrupted, and keep the outcome. Raises nothing."""
    started = time.perf_counter()

    def ended(status: Literal["done", "failed"], **outcome: Any) -> CellRecord:
        seconds = round(time.perf_counter() - started, 3)
        return CellRecord(cell, status, seconds=seconds, host=socket.gethostname(), **outcome)

    try:
        folder = folder_of(cell, sweep)
        if not folder.parent.is_dir():
            raise InvalidInput(str(folder.parent), f"is not there on {socket.gethostname()}", "a folder that all share")
        with ONE_AT_A_TIME, results_folder(subfolder(sweep, "cells", cell.id), wait=True):
            before = done_before(cell, sweep)  # meanwhile, by a worker that outlived its sweep
            if before is not None:
                return before
            torch.set_num_threads(1)
            record = ended("done", rows=tuple(JOBS[cell.kind](cell.settings, folder)))
            keep(record, sweep)
            return record
    except Exception as error:
        expected = isinstance(error, EXPECTED)
        words = str(error) if expected else f"{type(error).__name__}: {error}"
        record = ended("failed", error=" ".join(words.split()), traceback=None if expected else traceback.format_exc())
    with contextlib.suppress(OSError):  # the disk is full, say; the sweep hears of the failure all the same
        keep(record, sweep)
    return record


def keep(record: CellRecord, sweep: Path) -> None:
    """Write ``cell.json``. Raises `OSError`."""
    folder = folder_of(record.cell, sweep)
    result = {name: value for name, value in asdict(record).items() if name != "cell"}
    keep_result(folder / OUTCOME, asdict(record.cell), {**result, "files": _checksums(folder)})


def done_before(cell: Cell, sweep: Path) -> CellRecord | None:
    """The outcome that is kept, if the cell is done; what is damaged counts as not done.

    A cell that reads files of the user's is never done, since they may have changed under the same names: it runs
    again, and finds by the contents of the files what of it was measured before.
    """
    if cell.kind in READ_AGAIN:
        return None
    kept = read_result(folder_of(cell, sweep) / OUTCOME, asdict(cell))
    if kept is None or kept["status"] != "done":
        return None
    if changed := _changed(cell, sweep, kept.pop("files", {})):
        note(f"{changed}; the row of the cell was not read from there. To make it again, delete "
             f"{folder_of(cell, sweep)}")
    return CellRecord(cell, **{**kept, "rows": tuple(kept["rows"])})


def untouched_folder(cell: Cell, sweep: Path) -> Path:
    """The folder of a cell that is done, for others to read. Raises `InvalidInput` where a file in it has changed."""
    folder = folder_of(cell, sweep)
    kept = read_result(folder / OUTCOME, asdict(cell)) or {}
    if changed := _changed(cell, sweep, kept.get("files", {})):
        raise InvalidInput(str(folder), changed, f"the same command once {folder} is deleted: that cell runs again")
    return folder


def _changed(cell: Cell, sweep: Path, files: Mapping[str, str]) -> str:
    """Which of the files of a cell are no longer what they were, in words."""
    folder = folder_of(cell, sweep)
    found = _checksums(folder)
    changed = [name for name, checksum in files.items() if found.get(name) != checksum]
    more = f" and {len(changed) - 1} more" if changed[1:] else ""
    return f"{folder / changed[0]}{more}: not as it was written, or gone" if changed else ""


def _checksums(folder: Path) -> dict[str, str]:
    """Of the files that a cell leaves, besides its outcome."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.name not in (OUTCOME, LOCK):
            with path.open("rb") as file:
                found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _grok(settings: Mapping[str, Any], folder: Path) -> Sequence[Row]:
    """A row for each network: when it memorised, since when it generalised, where it ended."""
    training = RunSettings(**{name: value for name, value in settings.items() if name != "track"})
    position = grok.run(training, folder)
    histories = read_histories(folder / "history.csv")
    measured = _at_the_end(folder) if settings["track"] else {}
    rows = []
    for network, seed in enumerate(training.all_seeds):
        held = int(position.held_since[network])
        rows.append({
            "seed": seed, "epoch": position.epoch, "memorised_at": grok.memorised_at(position, network),
            "generalised": held >= 0, "generalised_from": None if held < 0 else held,
            **dict(zip(COLUMNS, position.rows[-1][network].tolist(), strict=True)),
            "grokking_severity": grokking_severity(histories[seed]), **measured.get(seed, {})})
    return rows


def _at_the_end(folder: Path) -> Mapping[int, Row]:
    """What `track` finds at the last snapshot of each seed."""
    track_run(folder, progress=False)
    last = {row["seed"]: row for row in json.loads((folder / "tracking.json").read_text())["snapshots"]}
    return {seed: {f"{setting}_{name}": row[setting][name] for setting in ("published", "local")
                   for name in ("llc", "mcse")} for seed, row in last.items()}


def _llc(settings: Mapping[str, Any], folder: Path) -> Sequence[Row]:
    """The estimate beside what is exact there; all of it in ``llc.json``."""
    sampler = Settings(**{name: value for name, value in settings.items() if name not in ("name", "sizes", "point")})
    found = llc_of_entry(settings["name"], dict(settings["sizes"]), point=settings["point"], settings=sampler)
    write_atomically(folder / "llc.json", json.dumps(found.to_json(), indent=1) + "\n")
    estimate, point, comparison = found.estimate, found.point, found.agreement
    return [{
        "estimate": estimate.mean, "uncertainty": estimate.uncertainty, "mcse": estimate.mcse,
        "budget": estimate.budget_uncertainty, "ess": estimate.ess, "rhat": estimate.rhat,
        "exact": None if point.lambda_ is None else str(point.lambda_), "lower": str(point.lower),
        "upper": str(point.upper), "multiplicity": point.multiplicity, "difference": comparison.difference,
        "agrees": comparison.agrees, "contradicts": comparison.contradicts}]


def _track(settings: Mapping[str, Any], folder: Path) -> Sequence[Row]:
    """A row for each checkpoint, restriction and estimator; table, figure and report beside it."""
    given = {name: value for name, value in settings.items() if name not in ("folder", "task", "estimator")}
    estimator = settings["estimator"]
    found = track_checkpoints(Path(settings["folder"]), Path(settings["task"]), folder, Settings(sampler=None, **given),
                              None if estimator is None else [estimator], progress=False)
    return [{"step": row.step, "checkpoint": row.checkpoint, "restriction": row.restriction, "estimator": row.estimator,
             "loss": row.loss, "excess": row.excess, "uncertainty": row.error, "ess": row.ess, "rhat": row.rhat,
             "nbeta": row.nbeta, "gamma": row.gamma, "problem": row.problem} for row in found.rows]


def _verify(settings: Mapping[str, Any], folder: Path) -> Sequence[Row]:
    """`slt verify` of one entry, in one process; its report beside it."""
    with joblib.parallel_config("sequential"):
        report = verify([closed_forms[settings["name"]]], settings["level"], progress=False)
    report.write(folder)
    return [{"audited": len(report.rows), "derived": len(report.derivations), "sampled": len(report.checks),
             "disagreements": report.disagreements, "agrees": report.agrees, "contradicts": not report.agrees}]


JOBS: Mapping[str, Callable[[Mapping[str, Any], Path], Sequence[Row]]] = {
    "grok": _grok, "llc": _llc, "track": _track, "verify": _verify}
