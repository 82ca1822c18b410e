"""Files that a kill or a full disk cannot damage.

A file is written beside its place, flushed to the disk, and only then renamed into it: at any moment its place holds
the old content or the new one, complete.
"""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file by ``content``, or leave it as it was and raise `OSError`."""
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)  # what is left of it would fill the disk
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """A rename is on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
