"""Files of others, or damaged ones of ours: read only if they are files, of bounded size, depth and digits."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from slt_symbolic.errors import InvalidInput

MOST_DIGITS = 1000  # of an integer in JSON
# Keys of TOML for which Python's reader takes much time and stack.
DEEP_KEY = re.compile(r"(?<![\w\"'-])([\w\"'-]++\s*+\.\s*+){16}[\w\"'-]")
Content = TypeVar("Content")


class Unreadable(ValueError):
    """What is wrong with the content of a file, in some words that follow its name."""


def read_file(path: Path, largest: int) -> bytes:
    """The content of a regular file of at most ``largest`` bytes. Raises `Unreadable`, or `OSError`.

    A pipe or a device is not waited for.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("is no regular file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(largest + 1) or b""  # None where it would have to wait
    if len(content) > largest:
        raise Unreadable(f"has more than {largest} bytes")
    return content


def read_text(path: Path, largest: int) -> str:
    """The content of such a file as text in UTF-8."""
    try:
        return read_file(path, largest).decode()
    except UnicodeDecodeError:
        raise Unreadable("is not text in UTF-8") from None


def read_json(path: Path, largest: int) -> Any:
    """The data of such a file, in which no object has a key twice."""
    return _data(path, largest, None)


def read_exact_json(path: Path, largest: int) -> Any:
    """The data of such a file, in which all numbers are integers: others would be rounded unseen."""
    return _data(path, largest, _inexact)


def _data(path: Path, largest: int, inexact: Callable[[str], Any] | None) -> Any:
    try:
        return json.loads(read_text(path, largest), object_pairs_hook=_once, parse_int=_integer,
                          parse_float=inexact, parse_constant=inexact)
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(str(error) if isinstance(error, Unreadable) else f"is not JSON ({error})") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise Unreadable("gives a key twice in one object")
    return table


def _inexact(text: str) -> None:
    raise Unreadable(f"holds the number {text[:40]}, which JSON readers round")


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise Unreadable(f"holds an integer of more than {MOST_DIGITS} digits")
    return int(text)


def given_json(path: Path, largest: int, argument: str, example: str) -> Any:
    """The data of a file that the user names. Raises `InvalidInput` about ``argument``, with an ``example``."""
    return _given(read_json, path, largest, argument, example)


def given_exact_json(path: Path, largest: int, argument: str, example: str) -> Any:
    """The same where all numbers have to be integers."""
    return _given(read_exact_json, path, largest, argument, example)


def given_toml(path: Path, largest: int, argument: str, example: str) -> dict[str, Any]:
    """The tables of a file that the user names. Raises `InvalidInput` about ``argument``, with an ``example``."""
    text = given_text(path, largest, argument, example)
    try:
        if DEEP_KEY.search(text):
            raise ValueError("a key is nested too deeply")
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidInput(argument, f"is not TOML ({why})", example) from None


def given_text(path: Path, largest: int, argument: str, example: str) -> str:
    """The text of a file that the user names. Raises `InvalidInput` about ``argument``, with an ``example``."""
    return _given(read_text, path, largest, argument, example)


def given_file(path: Path, largest: int, argument: str, example: str) -> bytes:
    """The content of a file that the user names. Raises `InvalidInput` about ``argument``, with an ``example``."""
    return _given(read_file, path, largest, argument, example)


def _given(read: Callable[[Path, int], Content], path: Path, largest: int, argument: str, example: str) -> Content:
    try:
        return read(path, largest)
    except Unreadable as error:
        raise InvalidInput(argument, str(error), example) from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(argument, f"cannot be read ({why})", example) from None
