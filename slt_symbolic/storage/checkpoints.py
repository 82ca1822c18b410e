"""Files that a kill or a full disk cannot damage, and checkpoints with a checksum.

A file is written beside its place, flushed to the disk, and only then renamed into it: at any moment its place holds
the old content or the new one, complete. A checkpoint keeps its predecessor, for a disk that damages what it holds.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.files import sync_folder, write_atomically

# Load order; FRESH exists only if the process was killed between writing it and renaming it to LATEST.
LATEST, FRESH, PREVIOUS = "checkpoint", "checkpoint.fresh", "checkpoint.previous"
Arrays = Mapping[str, NDArray[Any]]


class Damaged(ValueError):
    """A checkpoint whose checksum is not that of its content."""






def packed(arrays: Arrays) -> bytes:
    """An ``.npz`` file; the same bytes for the same arrays."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def save(folder: Path, arrays: Arrays) -> None:
    """Make this the latest checkpoint; the one before is kept. Raises `OSError`, and both are then still there."""
    content = packed(arrays)
    latest, fresh = folder / LATEST, folder / FRESH
    write_atomically(fresh, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    if latest.exists():
        latest.replace(folder / PREVIOUS)
    fresh.replace(latest)
    sync_folder(folder)


def load(folder: Path) -> tuple[Arrays | None, str | None]:
    """The latest checkpoint, or None if there is none, and one line about what was wrong with it, or None.

    Falls back to an older one. Raises `InvalidInput` if there are checkpoints and none is good.
    """
    problem = None
    for name in (LATEST, FRESH, PREVIOUS):
        path = folder / name
        try:
            return _read(path), problem and f"{problem}; going on from {name}"
        except FileNotFoundError:
            continue  # before the first save, or after a kill between two renames
        except OSError as error:
            problem = f"{path} cannot be read ({error.strerror})"
        except Damaged:
            problem = f"{path} is damaged (its checksum is wrong)"
    if problem:
        raise InvalidInput(str(folder), f"{problem}, and there is no other",
                           "another DIR, or start again after removing it")
    return None, None


def _read(path: Path) -> Arrays:
    checksum, _, content = path.read_bytes().partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != checksum:
        raise Damaged(path)
    with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
        return {name: loaded[name] for name in loaded.files}
