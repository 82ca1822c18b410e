"""Workers of a sweep on this machine: as many processes as asked for (loky of joblib), each with its own pool.

A process that dies, of a signal or for lack of memory, takes its own pool along and no other: it is known which cell
it had, and nobody else's work is lost. That cell is tried again, and one that kills its worker more than
`MOST_DEATHS` times has failed.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass

from joblib import cpu_count
from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

from numerics.sweep.cells import CellRecord
from numerics.sweep.file import Cell
from numerics.workers import start

MOST_DEATHS = 2  # of the workers of one cell: a machine that was short of memory once may not be again


@dataclass(frozen=True)
class Local:
    """A backend: `run` runs cells side by side."""

    workers: int

    def run(self, job: Callable[[Cell], CellRecord], cells: Sequence[Cell]) -> Generator[CellRecord]:
        """The record of each cell as it finishes. Workers are gone when the iterator is closed."""
        waiting, deaths = deque(cells), Counter[str]()
        running: dict[Future[CellRecord], tuple[ProcessPoolExecutor, Cell]] = {}
        idle = [_worker() for _ in range(min(self.workers, len(cells)))]
        try:
            while waiting or running:
                while idle and waiting:
                    worker, cell = idle.pop(), waiting.popleft()
                    running[worker.submit(job, cell)] = worker, cell
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    worker, cell = running.pop(future)
                    try:
                        record = future.result()
                    except BrokenProcessPool:
                        worker.shutdown(kill_workers=True)
                        worker = _worker()
                        deaths[cell.id] += 1
                        if deaths[cell.id] <= MOST_DEATHS:
                            waiting.append(cell)
                            idle.append(worker)
                            continue
                        record = CellRecord(cell, "failed", error=f"killed its worker {deaths[cell.id]} times (out of "
                                        "memory, or a signal)")
                    idle.append(worker)
                    yield record
        finally:
            for worker in idle:
                worker.shutdown()
            for worker, _ in running.values():
                worker.shutdown(kill_workers=True)


@contextmanager
def local(workers: int | None) -> Iterator[Local]:
    """One worker for each core unless told otherwise."""
    yield Local(workers or cpu_count())


def _worker() -> ProcessPoolExecutor:
    """A pool of one process, which starts with its first cell."""
    return ProcessPoolExecutor(max_workers=1, initializer=start, initargs=(os.getpid(),))
