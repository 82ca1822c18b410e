"""A certificate from a file: JSON, read more strictly than Python's own reader does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from slt_symbolic.check.algebra.grammar import LARGEST_NUMBER
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.step import Refused

LARGEST_FILE = 2**26  # bytes


def read_certificate(path: Path) -> Any:
    """The data of a file; what they say is for `slt_symbolic.check.core.verify` to find out.

    Raises `OSError` if it cannot be read, `ValueError` if it is not JSON, `Refused` if a key stands twice in one object
    or something is no number, `OverBudget` if it is too large, too deep, or holds an integer that is too long.
    """
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # nothing is waited for
        content = file.read(LARGEST_FILE + 1) or b""  # None where it would have to wait
    if len(content) > LARGEST_FILE:
        raise OverBudget(f"a file of more than {LARGEST_FILE} bytes")
    try:
        return json.loads(content.decode(), object_pairs_hook=_without_repetition, parse_constant=_no_number,
                          parse_int=_short_integer)
    except RecursionError:
        raise OverBudget("the data are nested too deeply") from None


def _no_number(text: str) -> None:
    raise Refused(f"{text} is no number")


def _short_integer(text: str) -> int:
    if len(text) > LARGEST_NUMBER + 1:
        raise OverBudget(f"a number of more than {LARGEST_NUMBER} digits")
    return int(text)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise Refused("a key is given twice in one object")
    return table
