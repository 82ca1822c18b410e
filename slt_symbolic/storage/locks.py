"""Locks that the kernel releases when their holder dies, however it dies: no lock is ever left behind."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Held(RuntimeError):
    """Another process holds the lock; the message says which."""


@contextmanager
def locked(path: Path, wait: bool) -> Iterator[None]:
    """Hold the lock ``path``, a file that names its holder. Where it is taken, wait for it or raise `Held`.

    Raises `OSError` where the file cannot be written, or the file system has no locks.
    """
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.seek(0)
            raise Held(file.read().strip() or "another process") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield
