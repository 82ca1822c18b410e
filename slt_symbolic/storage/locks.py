"""Folders of results, each written by one process at a time.

The kernel releases a lock when its holder dies, however it dies: no lock is ever left behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.files import nameable, remove_unfinished

LOCK = ".lock"  # the file in each folder that names who writes there


@contextmanager
def results_folder(folder: Path, argument: str | None = None, wait: bool = False) -> Iterator[Path]:
    """Hold a folder for writing, made if it is not there, without what a killed process left unfinished.

    A folder that was never held is not searched for that: it may be the root of a disk.
    Raises `InvalidInput`, about ``argument`` (else the folder), where it cannot be written, and where another process
    holds it; with ``wait`` it waits for that one.
    """
    named = argument or str(folder)
    try:
        with nameable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            held_before = os.path.lexists(folder / LOCK)
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        why = f"{LOCK} in it is a link" if error.errno == errno.ELOOP else error.strerror
        raise InvalidInput(named, f"cannot be a folder to write in ({why})", "another folder") from None
    with os.fdopen(descriptor, "r+b", buffering=0) as file:  # what a full disk refuses is not tried again at the end
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            holder = file.read(200).decode(errors="replace").strip() or "another process"
            raise InvalidInput(named, f"is being written ({holder})", "another folder, or wait for it") from None
        except OSError as error:
            raise InvalidInput(named, f"has no locks ({error.strerror})", "a folder on a local disk") from None
        try:
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
            if held_before:
                remove_unfinished(folder, apart=LOCK)
        except OSError as error:
            raise InvalidInput(named, f"cannot be written ({error.strerror})", "another folder") from None
        yield folder
