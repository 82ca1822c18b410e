"""`slt sweep`: the cells of a file, each run once, on whatever workers there are.

Each finished cell is saved at once by its worker (`numerics.sweep.cells`); a sweep that is started again skips what is
done, goes on with what was interrupted and tries again what failed. The table and the figure (`numerics.sweep.report`)
are written when the sweep ends, and when it is interrupted.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

from numerics.sweep.cells import CellRecord, done_before, run_cell
from numerics.sweep.file import Cell, cell_text
from numerics.sweep.report import write_report
from slt_symbolic.storage.files import subfolder

LOG_SECONDS = 30.0  # between two lines of progress where nobody watches


class Backend(Protocol):
    """Something that runs cells side by side."""

    @property
    def workers(self) -> int:
        """How many cells run side by side."""

    def run(self, job: Callable[[Cell], CellRecord], cells: Sequence[Cell]) -> Generator[CellRecord]:
        """Run ``job`` on each cell; records come as cells finish."""
        ...


@dataclass(frozen=True)
class Outcome:
    """The records of all cells, in the order of the file, and how many were done before."""

    records: tuple[CellRecord, ...]
    skipped: int

    @property
    def agrees(self) -> bool:
        """Whether no cell failed and none contradicts the catalogue."""
        return all(record.status == "done" and not record.contradicts for record in self.records)

    def summary(self) -> str:
        """One line."""
        failed = sum(record.status == "failed" for record in self.records)
        contradict = sum(record.contradicts for record in self.records)
        return (f"{len(self.records)} cells: {len(self.records) - failed} done ({self.skipped} of them before), "
                f"{failed} failed" + (f", {contradict} DISAGREE" if contradict else ""))


def sweep(cells: Sequence[Cell], folder: Path, backend: Backend) -> Outcome:
    """Run what is left to run of ``cells``, in a folder that the caller holds. Raises `OSError`."""
    subfolder(folder, "cells")
    records = {cell.id: record for cell in cells if (record := done_before(cell, folder)) is not None}
    skipped, left = len(records), [cell for cell in cells if cell.id not in records]
    remaining, failed = Remaining(left, records.values()), 0
    try:
        with closing(backend.run(partial(run_cell, sweep=folder), left)) as finished, _bar(len(cells), skipped) as bar:
            for record in finished:
                records[record.cell.id] = record
                remaining.finish(record)
                if record.status == "failed":
                    failed += 1
                    _print_above_bar(f"failed: {record.cell.id}, {cell_text(record.cell)}: {record.error}")
                bar.set_postfix_str(f"{failed} failed, {remaining.words(backend.workers)}", refresh=False)
                bar.update()
    finally:
        write_report([records[cell.id] for cell in cells if cell.id in records], folder)
    return Outcome(tuple(records[cell.id] for cell in cells), skipped)


def _bar(total: int, skipped: int) -> tqdm:
    """A bar on a terminal; in a log a line now and then, once the sweep has taken a while."""
    log = {} if sys.stderr.isatty() else {"mininterval": LOG_SECONDS, "delay": LOG_SECONDS}
    return tqdm(total=total, initial=skipped, desc="sweep", leave=False,
                bar_format="{desc}: {n_fmt} of {total_fmt} cells |{bar:20}| {elapsed}{postfix}", **log)


def _print_above_bar(line: str) -> None:
    """Above the bar, if there is one."""
    if sys.stderr.isatty():
        tqdm.write(line, sys.stderr)
    else:
        print(line, file=sys.stderr, flush=True)


class Remaining:
    """The time left, from the time that finished cells took for their work, kind by kind."""

    def __init__(self, left: Iterable[Cell], done: Iterable[CellRecord]) -> None:
        """Start from the cells that are left and the records of those that are done."""
        self._left, self._work, self._seconds = (defaultdict[str, float](float) for _ in range(3))
        self._cells = 0
        for cell in left:
            self._left[cell.kind] += cell.work
            self._cells += 1
        for record in done:
            self._count(record)

    def _count(self, record: CellRecord) -> None:
        self._work[record.cell.kind] += record.cell.work
        self._seconds[record.cell.kind] += record.seconds

    def finish(self, record: CellRecord) -> None:
        """Count a cell that was left as finished."""
        self._left[record.cell.kind] -= record.cell.work
        self._cells -= 1
        if record.status == "done":
            self._count(record)

    def seconds(self, workers: int) -> float | None:
        """The seconds left; None as long as no cell of a kind that is left has finished."""
        kinds = [kind for kind, work in self._left.items() if work > 0]
        if not all(self._work[kind] for kind in kinds):
            return None
        total = sum(self._left[kind] * self._seconds[kind] / self._work[kind] for kind in kinds)
        return total / max(1, min(workers, self._cells))

    def words(self, workers: int) -> str:
        """The time left, for the bar."""
        seconds = self.seconds(workers)
        return "time left unknown" if seconds is None else f"about {tqdm.format_interval(seconds)} left"
