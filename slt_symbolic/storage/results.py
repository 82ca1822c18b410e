"""Results that take long are computed once and kept: JSON, written atomically, with a checksum that is verified."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from slt_symbolic.storage.files import write_atomically


def computed_once(path: Path, source: Mapping[str, Any], compute: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What ``compute`` returns, as plain data; it is kept at ``path``, and read from there for the same ``source``.

    ``source`` is plain data too, and holds all that the result depends on. Raises `OSError` where it cannot be kept.
    """
    kept = read_result(path, source)
    if kept is None:
        result = compute()
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = keep_result(path, source, result)
    return kept


def keep_result(path: Path, source: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """Write the result of ``source``; returns it as it will be read. Raises `OSError`, and what was there stays."""
    content = {"checksum": _checksum(source, result), "source": source, "result": result}
    write_atomically(path, json.dumps(content, indent=1).encode() + b"\n")
    return _plain(result)


def read_result(path: Path, source: Mapping[str, Any]) -> dict[str, Any] | None:
    """The result that is kept for ``source``, if there is one; that a file is damaged is said on stderr."""
    try:
        content = json.loads(path.read_bytes())
        intact = _checksum(content["source"], content["result"]) == content["checksum"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):  # not to be read, half written, or of another kind
        intact = False
    if not intact:
        print(f"note: {path} is damaged, or of an earlier version (its checksum is wrong): it is made again",
              file=sys.stderr, flush=True)
        return None
    return _plain(content["result"]) if content["source"] == _plain(source) else None


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON reads it: a tuple is a list there."""
    return dict(json.loads(json.dumps(data)))


def _checksum(source: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([source, result]).encode()).hexdigest()
