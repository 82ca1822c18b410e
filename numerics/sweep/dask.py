"""Workers of a sweep on a Dask cluster: one that runs already, or one made on this machine.

The scheduler runs the cell of a worker that died elsewhere; a cell that takes too many along
(``distributed.scheduler.allowed-failures``) has failed.
"""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from distributed import Client, KilledWorker, LocalCluster, Security, as_completed
from distributed.comm.core import connect
from joblib import cpu_count

from numerics.sweep.cells import CellRecord
from numerics.sweep.file import Cell
from slt_symbolic.errors import InvalidInput, note
from slt_symbolic.storage.results import versions

CONNECT_SECONDS = 10  # for a scheduler to answer
POLL_SECONDS = 0.05  # between two looks for a cell that has finished
ALONE_SECONDS = 20.0  # without one, after which it is asked whether there are workers


@dataclass(frozen=True)
class Dask:
    """A backend: `run` runs cells on the cluster."""

    client: Client
    address: str

    @property
    def workers(self) -> int:
        """How many there are at present."""
        with self._scheduler_errors():
            return len(self.client.nthreads())

    def run(self, job: Callable[[Cell], CellRecord], cells: Sequence[Cell]) -> Generator[CellRecord]:
        """The record of each cell as it finishes. Raises `InvalidInput` if the scheduler is lost.

        The scheduler blames a death on all cells that the worker had, those that waited there too. So those it gives
        up are run again, one by one: only one that kills its workers when it is alone has failed.
        """
        suspects = []
        for cell, outcome in self._outcomes(job, cells):
            if isinstance(outcome, KilledWorker):
                suspects.append(cell)
            else:
                yield _record(cell, outcome)
        for suspect in suspects:
            for cell, outcome in self._outcomes(job, (suspect,)):
                yield _record(cell, outcome)

    def results(self, job: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """What a job that keeps what it has done returns for each item, as it is done. Raises what it raises.

        `InvalidInput` where the scheduler is lost, or gave up a job whose workers died.
        """
        with self._scheduler_errors():
            finished = as_completed(self.client.map(job, list(items), pure=False))
        while not finished.is_empty():
            with self._scheduler_errors():
                self._wait(finished)
                future = next(finished)
                try:
                    outcome = future.result()
                except KilledWorker:
                    raise InvalidInput("--backend dask", "lost its worker with the same job each time (out of memory, "
                                       "or a signal); what is done is kept", "the same with fewer workers") from None
            yield outcome

    def _outcomes(self, job: Callable[[Cell], CellRecord],
                  cells: Sequence[Cell]) -> Iterator[tuple[Cell, CellRecord | BaseException]]:
        """What the job returned, or why it could not."""
        this_time = uuid.uuid4().hex  # the scheduler remembers a key that it gave up
        cell_of = {f"{cell.id}-{this_time}": cell for cell in cells}
        with self._scheduler_errors():
            same = partial(run_at_the_same_versions, job=job, expected=versions())
            finished = as_completed(self.client.map(same, cells, key=list(cell_of), pure=False))
        while not finished.is_empty():
            with self._scheduler_errors():
                self._wait(finished)
                future = next(finished)
                if future.status not in ("finished", "error"):
                    raise CancelledError
                outcome = future.exception() or future.result()
            yield cell_of[future.key], outcome

    def _wait(self, finished: as_completed) -> None:
        """Until a cell has finished; say so if there is nobody to run it."""
        looked = time.monotonic()
        while not finished.has_ready():
            time.sleep(POLL_SECONDS)
            if time.monotonic() > looked + ALONE_SECONDS:
                looked = time.monotonic() if self.workers else math.inf
                if looked == math.inf:
                    note(f"no workers at {self.address}; waiting for one")

    @contextmanager
    def _scheduler_errors(self) -> Iterator[None]:
        """Turn a lost connection into `InvalidInput`."""
        try:
            yield
        except (OSError, CancelledError):
            raise InvalidInput(f"scheduler={self.address}", "was lost; what is done is kept",
                               "the same again when it is there: the sweep goes on") from None


def run_at_the_same_versions(cell: Cell, job: Callable[[Cell], CellRecord],
                             expected: Mapping[str, str]) -> CellRecord:
    """What ``job`` returns, if this worker has the ``expected`` versions: the numbers of a sweep are to be compared."""
    other = [f"{name} {versions().get(name, 'missing')} and not {expected.get(name, 'missing')}"
             for name in {**expected, **versions()} if versions().get(name) != expected.get(name)]
    if other:
        host = socket.gethostname()
        return CellRecord(cell, "failed", error=f"the worker at {host} has {', '.join(other)}; the same versions are "
                                                "needed everywhere", host=host)
    return job(cell)


def _record(cell: Cell, outcome: CellRecord | BaseException) -> CellRecord:
    """An exception means that its workers died, or have not what we have installed."""
    if isinstance(outcome, CellRecord):
        return outcome
    if isinstance(outcome, KilledWorker):
        return CellRecord(cell, "failed", error="killed its worker each time (out of memory, or a signal)")
    return CellRecord(cell, "failed", error=" ".join(f"{type(outcome).__name__}: {outcome}".split()))


def _cluster(workers: int) -> LocalCluster:
    try:
        return LocalCluster(n_workers=workers, threads_per_worker=1, memory_limit=None, dashboard_address=":0",
                            silence_logs=logging.CRITICAL)
    except (OSError, RuntimeError, TimeoutError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InvalidInput("backend=dask", f"no cluster can be started here ({first})", "backend=joblib") from None


async def _shake_hands(address: str) -> None:
    """Raise unless a scheduler answers there in time: a client waits without end for one who listens and is silent."""
    security = Security().get_connection_args("client")
    async with asyncio.timeout(CONNECT_SECONDS):
        answering = await connect(address, timeout=CONNECT_SECONDS, **security)
    await answering.close()


@contextmanager
def dask(scheduler: str | None, workers: int | None) -> Iterator[Dask]:
    """Connect to the scheduler, or start a cluster with a worker for each core unless told otherwise."""
    for logger in ("distributed", "distributed.client", "asyncio", "tornado"):  # what matters is said in one line
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    if scheduler is None:
        number = workers or cpu_count()
        with _cluster(number) as cluster, Client(cluster) as client:
            cluster.adapt(minimum=number, maximum=number)  # else one that dies while it starts is not replaced
            yield Dask(client, cluster.scheduler_address)
        return
    try:
        asyncio.run(_shake_hands(scheduler))
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except Exception as error:  # what answers there may be anything, and its first words be taken for a length
        raise InvalidInput(f"scheduler={scheduler}", f"cannot be reached ({str(error) or type(error).__name__})",
                           "scheduler=tcp://HOST:8786") from None
    with client:
        yield Dask(client, scheduler)
