"""Checkpoints with a checksum, each bound to the settings of its run; the one before is kept.

At any moment one of them is complete, also on a disk that damages what it holds.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.files import sync_folder, write_atomically

# Load order; FRESH exists only if the process was killed between writing it and renaming it to LATEST.
LATEST, FRESH, PREVIOUS = "checkpoint", "checkpoint.fresh", "checkpoint.previous"
FORMAT = b"slt-checkpoint 2"  # grows when older files mean something else
Arrays = Mapping[str, NDArray[Any]]
State = TypeVar("State")


class Damaged(ValueError):
    """What is wrong with a checkpoint, in words that follow its name."""


def packed(arrays: Arrays) -> bytes:
    """An ``.npz`` file; the same bytes for the same arrays."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def save(folder: Path, arrays: Arrays, settings: Mapping[str, Any]) -> None:
    """Make this the latest checkpoint; the one before is kept. Raises `OSError`, and both are then still there.

    ``settings``, plain data, are those of the run that it belongs to.
    """
    content = packed(arrays)
    latest, fresh = folder / LATEST, folder / FRESH
    header = (FORMAT, digest_of(settings).encode(), hashlib.sha256(content).hexdigest().encode())
    write_atomically(fresh, b"\n".join([*header, content]))
    if latest.exists():
        latest.replace(folder / PREVIOUS)
    fresh.replace(latest)
    sync_folder(folder)


def load(folder: Path, settings: Mapping[str, Any], read: Callable[[Arrays], State]) -> tuple[State | None, str | None]:
    """What ``read`` makes of the latest checkpoint of these settings, or None if there is none; and a note, or None.

    The note says what was wrong with it. Falls back to an older one. ``read`` raises `Damaged` or `KeyError` where the
    arrays are not what was saved. Raises `InvalidInput` if there are checkpoints and none is good.
    """
    problem = None
    for name in (LATEST, FRESH, PREVIOUS):
        path = folder / name
        try:
            return read(_read(path, settings)), problem and f"{problem}; going on from {name}"
        except FileNotFoundError:
            continue  # before the first save, or after a kill between two renames
        except OSError as error:
            problem = f"{path} cannot be read ({error.strerror})"
        except KeyError as error:
            problem = f"{path} has no {error}"
        except Damaged as error:
            problem = f"{path} {error}"
    if problem:
        raise InvalidInput(str(folder), f"{problem}, and there is no other",
                           "another DIR, or start again after removing it")
    return None, None


def digest_of(settings: Mapping[str, Any]) -> str:
    """The SHA-256 of settings, whatever the order of their names."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def _read(path: Path, settings: Mapping[str, Any]) -> Arrays:
    parts = path.read_bytes().split(b"\n", 3)
    if len(parts) < 4 or hashlib.sha256(parts[3]).hexdigest().encode() != parts[2]:
        raise Damaged("is damaged (its checksum is wrong)")
    if parts[0] != FORMAT:
        raise Damaged("is of another version")
    if parts[1] != digest_of(settings).encode():
        raise Damaged("belongs to a run with other settings")
    try:
        with np.load(io.BytesIO(parts[3]), allow_pickle=False) as loaded:
            return {name: loaded[name] for name in loaded.files}
    except Exception as error:  # its checksum is right, but it holds no arrays, or objects
        raise Damaged(f"holds no plain arrays ({type(error).__name__})") from None
