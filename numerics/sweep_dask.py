"""Workers of a sweep on a Dask cluster: one that runs already, or one made on this machine.

A worker that dies is replaced by the scheduler, which runs its cell elsewhere; a cell that takes too many along
(``distributed.scheduler.allowed-failures``) has failed.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass

from distributed import Client, LocalCluster, as_completed
from joblib import cpu_count

from numerics.sweep_cells import Record
from numerics.sweep_file import Cell
from slt_symbolic.errors import InvalidInput

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Dask:
    """A backend: `run` runs cells on the cluster."""

    client: Client
    address: str

    @property
    def workers(self) -> int:
        """How many there are at present."""
        with self._told():
            return len(self.client.nthreads())

    def run(self, job: Callable[[Cell], Record], cells: Sequence[Cell]) -> Iterator[Record]:
        """The record of each cell as it finishes. Raises `InvalidInput` if the scheduler is lost."""
        this_time = uuid.uuid4().hex  # a cell that failed may be tried again on the same cluster
        keys = [f"{cell.id}-{this_time}" for cell in cells]
        futures = self.client.map(job, cells, key=keys, pure=False)
        of_key = dict(zip(keys, cells, strict=True))
        for future in as_completed(futures):
            with self._told():
                if future.status not in ("finished", "error"):
                    raise CancelledError
                error = future.exception()
                record = future.result() if error is None else None
            if record is None:  # the worker died too often, or has not what we have installed
                words = " ".join(f"{type(error).__name__}: {error}".split())
                record = Record(of_key[future.key], "failed", error=words)
            yield record

    @contextmanager
    def _told(self) -> Iterator[None]:
        """That the scheduler does not answer."""
        try:
            yield
        except (OSError, CancelledError):
            raise InvalidInput(f"--scheduler {self.address}", "was lost; what is done is kept",
                               "the same command when it is there again: it goes on") from None


@contextmanager
def dask(scheduler: str | None, workers: int | None) -> Iterator[Dask]:
    """Connect to the scheduler, or start a cluster with a worker for each core unless told otherwise."""
    for logger in ("distributed", "distributed.client"):  # what matters of it is said in one line
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    if scheduler is None:
        with (LocalCluster(n_workers=workers or cpu_count(), threads_per_worker=1, memory_limit=None,
                           dashboard_address=None, silence_logs=logging.CRITICAL) as cluster,
              Client(cluster) as client):
            yield Dask(client, cluster.scheduler_address)
        return
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"--scheduler {scheduler}", f"cannot be reached ({str(error) or type(error).__name__})",
                           "--scheduler tcp://HOST:8786") from None
    with client:
        yield Dask(client, scheduler)
