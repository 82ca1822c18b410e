"""Processes of this machine that work side by side, and end with the process that started them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError
from tqdm import tqdm

from slt_symbolic.errors import InvalidInput

ORPHANED_SECONDS = 0.5  # until a worker notices that its parent was killed
Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(job: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None) -> Iterator[Result]:
    """The result of each item as it is done, in any order; by default a worker for each core.

    Closing the iterator ends the workers. Raises what a job raises, and `InvalidInput` where a worker was killed.
    """
    run = Parallel(n_jobs=workers or -1, return_as="generator_unordered", initializer=start, initargs=(os.getpid(),))
    try:
        yield from run(delayed(job)(item) for item in items)
    except TerminatedWorkerError:
        raise InvalidInput("a worker", "was killed (out of memory, or by a signal); what was kept until then is not "
                           "computed again", "the same with fewer workers, or more memory") from None


def start(parent: int) -> None:
    """Prepare a worker: an interrupt is for its parent, which ends it; and it ends itself if the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tqdm.set_lock(threading.RLock())  # its own is a semaphore of the system, and outlives a kill
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(ORPHANED_SECONDS)
    os._exit(1)
