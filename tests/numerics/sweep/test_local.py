"""Workers of this machine: one that dies takes no other cell along."""

import os
import signal
import time
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pytest
from joblib.externals.loky.process_executor import BrokenProcessPool

from numerics.sweep.cells import CellRecord
from numerics.sweep.file import Cell, cells_of
from numerics.sweep.local import Local
from tests.numerics.sweep.grids import TINY


def dying(cell: Cell, folder: Path) -> CellRecord:
    """Width 8 kills its worker, always; width 6 once."""
    mark = folder / f"{cell.settings['width']}-{time.monotonic_ns()}"
    mark.touch()
    if cell.settings["width"] == 8 or (cell.settings["width"] == 6 and len(list(folder.glob("6-*"))) == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    return CellRecord(cell, "done")


class Pool:
    """A pool whose one worker is no process: a cell that would kill it breaks the pool."""

    opened = 0

    def __init__(self, max_workers, initializer, initargs):
        self.broken = False
        Pool.opened += max_workers

    def submit(self, job, cell):
        assert not self.broken
        future = Future()
        if (record := job(cell)) is None:
            self.broken = True
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(record)
        return future

    def shutdown(self, kill_workers=False):
        assert kill_workers or not self.broken


def test_of_cells_whose_pools_break_the_innocent_are_done(monkeypatch):
    """Width 8 breaks its pool always, width 6 once: each broken pool is replaced, and no other cell is run again."""
    monkeypatch.setattr("numerics.sweep.local.MOST_DEATHS", 1)
    monkeypatch.setattr("numerics.sweep.local.ProcessPoolExecutor", Pool)
    started = []

    def job(cell):
        started.append(width := cell.settings["width"])
        return None if width == 8 or (width == 6 and started.count(6) == 1) else CellRecord(cell, "done")

    cells = cells_of({"grok": [{**TINY, "width": [8, 6, 7, 9]}]}, "f")
    found = {record.cell.settings["width"]: record for record in Local(2).run(job, cells)}
    assert {width: record.status for width, record in found.items()} == {6: "done", 7: "done", 8: "failed", 9: "done"}
    assert "killed its worker 2 times" in found[8].error
    assert sorted(started) == [6, 6, 7, 8, 8, 9]
    assert Pool.opened == 2 + 3


@pytest.mark.long
def test_a_cell_that_kills_its_worker_is_the_only_one_to_fail(tmp_path, monkeypatch):
    monkeypatch.setattr("numerics.sweep.local.MOST_DEATHS", 1)
    cells = cells_of({"grok": [{**TINY, "width": [8, 6, 7, 9, 10]}]}, "f")
    found = {record.cell.settings["width"]: record
             for record in Local(2).run(partial(dying, folder=tmp_path), cells)}
    assert {width: record.status for width, record in found.items()} == {
        6: "done", 7: "done", 8: "failed", 9: "done", 10: "done"}
    assert "killed its worker 2 times" in found[8].error
    assert [len(list(tmp_path.glob(f"{width}-*"))) for width in (6, 7, 8, 9, 10)] == [
        2, 1, 2, 1, 1]
