"""A Dask cluster under fire: workers that die, a sweep that is killed and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from distributed import KilledWorker

from numerics.sweep.cells import CellRecord
from numerics.sweep.dask import Dask, run_at_the_same_versions
from numerics.sweep.file import Cell, cells_of, read_sweep
from numerics.sweep.sweep import sweep
from slt_symbolic.storage.locks import LOCK
from slt_symbolic.storage.results import versions
from tests import ROOT
from tests.numerics.sweep.grids import TINY, Inline, rows_of, written


class Blaming:
    """A client whose scheduler gives up width 8, and width 6 with it if it was given both."""

    def __init__(self):
        self.batches = []

    def map(self, job, cells, key, pure):
        self.batches.append(widths := [cell.settings["width"] for cell in cells])
        return [Finished(one, cell, width == 8 or (width == 6 and 8 in widths))
                for one, cell, width in zip(key, cells, widths, strict=True)]


@dataclass
class Finished:
    """A future that is done, or was given up."""

    key: str
    cell: Cell
    blamed: bool

    @property
    def status(self):
        return "error" if self.blamed else "finished"

    def exception(self):
        return KilledWorker(self.key, None, 4) if self.blamed else None

    def result(self):
        return CellRecord(self.cell, "done")


class InOrder:
    """Futures that are all done, one after the other."""

    def __init__(self, futures):
        self.left = deque(futures)

    def is_empty(self):
        return not self.left

    def has_ready(self):
        return bool(self.left)

    def __next__(self):
        return self.left.popleft()


def test_of_cells_that_the_scheduler_gives_up_only_the_guilty_fail(monkeypatch):
    """It blames all that a worker had; alone, width 6 is fine."""
    monkeypatch.setattr("numerics.sweep.dask.as_completed", InOrder)
    cells, client = cells_of({"grok": [{**TINY, "width": [6, 7, 8]}]}, "f"), Blaming()
    found = {record.cell.settings["width"]: record.status for record in Dask(client, "").run(None, cells)}
    assert client.batches == [[6, 7, 8], [6], [8]]
    assert found == {6: "done", 7: "done", 8: "failed"}


def test_a_worker_of_other_versions_runs_nothing():
    cell = cells_of({"grok": [TINY]}, "f")[0]
    job, ran = lambda cell: CellRecord(cell, "done"), []
    assert run_at_the_same_versions(cell, job, versions()).status == "done"
    for expected in ({**versions(), "torch": "1.0"}, {**versions(), "scipy": "1.0"}, {"python": versions()["python"]}):
        record = run_at_the_same_versions(cell, ran.append, expected)
        assert record.status == "failed"
        assert "the same versions are needed everywhere" in record.error
    assert f"torch {versions()['torch']} and not 1.0" in run_at_the_same_versions(
        cell, ran.append, {**versions(), "torch": "1.0"}).error
    assert not ran


SLOW = """
[[grok]]
p = 5
width = 8
fraction = 0.6
lr = 0.01
batch = 8
epochs = 3000
seed = [0, 1, 2, 3]
[[grok]]
p = 5
width = 6
lr = 1e30
"""


@pytest.fixture
def processes():
    """Start one in the repository; what is left of them at the end is killed, with its children."""
    started = []

    def start(*arguments):
        process = subprocess.Popen([sys.executable, *map(str, arguments)], cwd=ROOT, start_new_session=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)
    return found


def holders(out: Path) -> list[int]:
    """The processes that began a cell which is not finished."""
    return [int(lock.read_text().split()[1]) for lock in out.glob(f"cells/*/{LOCK}")
            if not (lock.parent / "cell.json").exists() and lock.read_text()]


@pytest.mark.long
def test_a_cluster_whose_worker_dies_and_a_sweep_that_is_killed_and_restarted(tmp_path, processes):
    path, out = written(tmp_path / "sweep.toml", SLOW), tmp_path / "out"
    address = f"tcp://127.0.0.1:{free_port()}"
    quiet = ("--no-dashboard", "--host", "127.0.0.1")
    processes("-m", "distributed.cli.dask_scheduler", "--port", address.split(":")[-1], *quiet)
    for _ in range(2):
        processes("-m", "distributed.cli.dask_worker", address, "--nthreads", 1, "--local-directory", tmp_path, *quiet)
    command = ("-m", "slt_symbolic", "sweep", path, "--backend", "dask", "--scheduler", address, "--out", out)
    first = processes(*command)
    os.kill(wait_for(lambda: holders(out))[0], signal.SIGKILL)  # a worker, in the middle of a cell
    wait_for(lambda: list(out.glob("cells/*/cell.json")))
    first.kill()  # the sweep
    assert first.wait() == -signal.SIGKILL
    stamps = {kept: kept.stat().st_mtime_ns for kept in out.glob("cells/*/cell.json")}
    assert len(stamps) < 5
    second = processes(*command)
    printed, said = second.communicate(timeout=180)  # catches a hang
    assert second.returncode == 1, said
    assert "5 cells: 4 done" in printed
    assert "not finite" in said
    done = [kept for kept in stamps if json.loads(kept.read_text())["result"]["status"] == "done"]
    assert all(kept.stat().st_mtime_ns == stamps[kept] for kept in done)
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    sweep(read_sweep(path), undisturbed, Inline())
    rows = rows_of(out)
    assert rows == rows_of(undisturbed)
    assert [row["status"] for row in rows] == ["done"] * 4 + ["failed"]
    assert len({row["train_loss"] for row in rows}) == 5  # rows can differ: each seed has a result of its own
