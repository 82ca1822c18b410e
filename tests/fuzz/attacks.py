"""Worst days: a command that is killed, signalled or doubled, and the folder of results that it leaves."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from slt_symbolic.storage.locks import LOCK
from tests import DATA
from tests.numerics.studies.transition.test_study import TINY

ORPHANS = 5.0  # seconds in which workers have to end after their parent
VOLATILE = ("seconds", "host", "traceback", "files")  # what no two runs share, and checksums of it
SWEEP = """
[[grok]]
p = 5
width = [6, 8]
fraction = 0.6
batch = 8
epochs = 600
[[verify]]
name = "quadratic-ntk"
"""


@dataclass(frozen=True)
class Job:
    """A command that writes into a folder, without ``--out``, and its exit code."""

    name: str
    arguments: tuple[str, ...]
    module: str = "slt_symbolic"
    code: int = 0

    def command(self, out: Path) -> list[str]:
        """The whole command line."""
        return [sys.executable, "-m", self.module, *self.arguments, "--out", str(out)]


def jobs(folder: Path) -> dict[str, Job]:
    """Small jobs; the files of the sweep and of the study are written into ``folder``."""
    (folder / "sweep.toml").write_text(SWEEP)
    (folder / "runs.toml").write_text(TINY)
    track = DATA / "track"
    small = ("--p", "5", "--width", "7", "--batch", "4")
    return {job.name: job for job in (
        Job("grok", ("grok", *small, "--seeds", "2", "--epochs", "2500", "--no-track")),
        Job("track", ("grok", *small, "--epochs", "300")),
        Job("sweep", ("sweep", str(folder / "sweep.toml"), "--workers", "2")),
        Job("verify", ("verify", "quadratic-ntk", "cullen-2026-thm-5.1")),
        Job("checkpoints", ("track", str(track), "--task", str(track / "task.py"), "--chains", "4", "--draws", "100")),
        Job("export", ("export",)),
        Job("study", ("--runs", str(folder / "runs.toml"), "--workers", "2"), "numerics.studies.transition",
            code=1))}  # of its checks one fails: nothing generalises in so few epochs


@dataclass(frozen=True)
class Ended:
    """How a process ended, and the processes of its session that were left `ORPHANS` seconds later."""

    code: int
    out: str
    err: str
    orphans: tuple[str, ...] = ()


def run(job: Job, out: Path, *, kill: float | None = None, number: int = signal.SIGKILL) -> Ended:
    """Run a job to its end, or send it a signal after ``kill`` seconds."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(job.command(out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment, start_new_session=True) as process:
        if kill is not None:
            time.sleep(kill)
            process.send_signal(number)
        try:
            printed = process.communicate(timeout=300)
        finally:
            left = _orphans(process.pid)
    return Ended(process.returncode, *printed, left)


def _orphans(session: int) -> tuple[str, ...]:
    end = time.monotonic() + ORPHANS
    while (left := _session(session)) and time.monotonic() < end:
        time.sleep(0.05)
    for process in left:
        process.kill()
    return tuple(str(process) for process in left)


def _session(session: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != session and os.getsid(process.pid) == session \
                    and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.Error):
            continue
    return found


def state(folder: Path) -> dict[str, Any]:
    """What the files of a folder say, read as their readers do: blanks and times of archives do not count."""
    readers: Mapping[str, Callable[[Path], Any]] = {
        ".json": lambda path: _stable(json.loads(path.read_text())), ".npz": _arrays, ".csv": _table}
    return {str(path.relative_to(folder)): readers.get(path.suffix, Path.read_bytes)(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != LOCK and not path.name.startswith("checkpoint")
            and path.name not in ("report.md", "summary.png", "summary.svg")}  # say how long it took


def _stable(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _stable(value) for name, value in data.items() if name not in (*VOLATILE, "checksum")}
    return [_stable(value) for value in data] if isinstance(data, list) else data


def _arrays(path: Path) -> Any:
    with np.load(io.BytesIO(path.read_bytes())) as loaded:
        return {name: loaded[name].tolist() for name in loaded.files}


def _table(path: Path) -> Any:
    """Without the columns that no two runs share."""
    rows = [line.split(",") for line in path.read_text().splitlines()]
    kept = [number for number, name in enumerate(rows[0]) if name not in VOLATILE]
    return [[row[number] for number in kept] for row in rows]
