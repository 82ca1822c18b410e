"""Results that take long are computed once and kept: JSON, written atomically, with a checksum that is verified."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from slt_symbolic.errors import InvalidInput, note
from slt_symbolic.storage.files import subfolder, write_atomically
from slt_symbolic.storage.reading import Unreadable, read_json

FORMAT = 3  # of what is kept: grows when older files mean something else
LARGEST_RESULT = 2**28  # bytes
PACKAGES = ("slt-symbolic", "numpy", "torch")  # that numbers hang on


def computed_once(folder: Path, name: str, source: Mapping[str, Any],
                  compute: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What ``compute`` returns, as plain data; it is kept in ``folder/name``, and read from there for this ``source``.

    ``name`` may stand in folders inside, made if they are not there; in the place of another name a file is not read.
    ``source`` is plain data too, and holds all that the result depends on. Raises `OSError` where it cannot be kept,
    `InvalidInput` where a link leads elsewhere or a folder stands in its place.
    """
    *inside, last = name.split("/")
    path, bound = subfolder(folder, *inside) / last, {"file": name, **source}
    kept = read_result(path, bound)
    return keep_result(path, bound, compute()) if kept is None else kept


def keep_result(path: Path, source: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """Write the result of ``source``; returns it as it will be read. Raises `OSError`, and what was there stays."""
    content: dict[str, Any] = {"source": source, "versions": versions(), "result": result}
    write_atomically(path, json.dumps({"checksum": _checksum(content), **content}, indent=1) + "\n")
    return _plain(result)


def read_result(path: Path, source: Mapping[str, Any]) -> dict[str, Any] | None:
    """The result that is kept for ``source``, if there is one; that a file is damaged is said on stderr.

    Raises `InvalidInput` where a folder stands in its place: no file can take that, however long it was computed.
    """
    if path.is_dir() and not path.is_symlink():
        raise InvalidInput(str(path), "is a folder in the place of a result", "the same once it is moved away")
    try:
        content = read_json(path, LARGEST_RESULT)
        intact = _checksum(content) == content["checksum"]
    except FileNotFoundError:
        return None
    except (Unreadable, OSError, TypeError, KeyError):  # half written, or of another kind
        intact = False
    if not intact:
        note(f"{path} is damaged, or of another version (its checksum is wrong): it is made again")
        return None
    return _plain(content["result"]) if content["source"] == _plain(source) else None


@cache
def versions() -> dict[str, str]:
    """Of Python and of the packages that numbers hang on, as far as they are installed; kept beside each result."""
    found = {"python": ".".join(map(str, sys.version_info[:2]))}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON reads it: a tuple is a list there."""
    return dict(json.loads(json.dumps(data)))


def _checksum(content: Mapping[str, Any]) -> str:
    covered = [FORMAT, *(content[key] for key in ("source", "versions", "result"))]
    return hashlib.sha256(json.dumps(covered).encode()).hexdigest()
