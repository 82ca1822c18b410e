"""What sub-commands share: a parser with one-line errors, sizes, pairs and folders as they are typed."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import re
import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from slt_symbolic.errors import InvalidInput, install_command, one_line
from slt_symbolic.storage.locks import results_folder
from slt_symbolic.storage.reading import given_json

LEAST_MEMORY = 2**30  # bytes of addresses, for the libraries of the numerics extra
LARGEST_PAIRS_FILE = 2**26  # bytes: some millions of pairs
SCHEMA = 1  # of the JSON answers: grows when a key is renamed or removed


class Parser(argparse.ArgumentParser):
    """argparse with our one-line errors."""

    def error(self, message: str) -> NoReturn:
        """Raise `InvalidInput` where argparse would print usage and exit."""
        raise InvalidInput(self.prog, message, f"{self.prog} --help")


@dataclass(frozen=True)
class Command:
    """A sub-command: ``arguments`` adds what it takes to its parser, ``run`` does the work and returns the exit code.

    ``examples`` are command lines without ``slt``, for ``--help``; one that ``resumes`` goes on where it was
    interrupted. The package that does the work registers it in the
    group of entry points ``slt_symbolic.commands``, under the name that is typed.
    """

    help: str
    examples: tuple[str, ...]
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    takes_polynomials: bool = False  # which may start with a minus
    resumes: bool = False


def print_json(answer: Mapping[str, Any], asked: Mapping[str, Any] | None = None) -> None:
    """Print an answer as JSON, with the question and the version of its keys; a number that is not finite is null."""
    question = {} if asked is None else {"asked": dict(asked)}
    print(json.dumps(_finite({**answer, **question, "schema": SCHEMA}), indent=2, allow_nan=False))


def _finite(data: Any) -> Any:
    match data:
        case float():
            return data if math.isfinite(data) else None
        case dict():
            return {name: _finite(value) for name, value in data.items()}
        case list() | tuple():
            return [_finite(value) for value in data]
    return data


@contextlib.contextmanager
def needs(argument: str, extra: str = "numerics") -> Iterator[None]:
    """Turn an import that fails inside into `InvalidInput`: ``argument`` needs the extra that brings it.

    With too little memory some libraries do not fail but try for ever: that is refused before.
    """
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if extra == "numerics" and 0 <= allowed < LEAST_MEMORY:
        raise InvalidInput(argument, f"may use {allowed >> 20} MiB of memory, and the {extra} extra needs "
                           f"{LEAST_MEMORY >> 20}", "a larger limit (ulimit -v)")
    try:
        yield
    except ModuleNotFoundError as error:
        raise InvalidInput(argument, f"needs the {extra} extra ({error.name} is not installed)",
                           install_command(extra)) from None
    except (ImportError, ValueError) as error:  # a library that does not fit the machine, its memory, or its settings
        raise InvalidInput(argument, f"needs the {extra} extra, which cannot be loaded ({error})",
                           install_command(extra)) from None


def folder_name(text: str) -> Path:
    """The ``type`` of ``--out``: a shell variable that is not set is no name of a folder, least of all of this one."""
    if not text:
        raise argparse.ArgumentTypeError("names no folder (. is the one where you are)")
    return Path(text)


def output_folder(path: Path) -> AbstractContextManager[Path]:
    """Hold the folder that ``--out`` names, made if it is not there, while a command writes into it."""
    return results_folder(path, f"--out {path}")


@contextlib.contextmanager
def kept_on_failure(path: Path) -> Iterator[None]:
    """Turn a full disk, or a folder that is gone, into `InvalidInput`, which says that what was done is kept."""
    try:
        yield
    except (BrokenPipeError, InvalidInput):
        raise
    except OSError as error:
        where = f" at {one_line(str(error.filename), 80)}" if error.filename else ""
        raise InvalidInput(f"--out {path}", f"cannot be written or read{where} ({error.strerror or error}); what was "
                           "saved is kept", "the same command when this is mended: it goes on") from None


def sizes_of(arguments: Sequence[str]) -> dict[str, object]:
    """Sizes from ``key=value``, each key once; ``pairs=FILE`` and ``edges=FILE`` are read."""
    sizes: dict[str, object] = {}
    for argument in arguments:
        name, equals, text = argument.partition("=")
        if not name or not equals:
            raise InvalidInput(argument, "is not of the form key=value", "K=3")
        if name in sizes:
            raise InvalidInput(argument, "is given twice", "it once")
        sizes[name] = read_pairs(text, name) if name in ("pairs", "edges") else _value(text)
    return sizes


def _value(text: str) -> object:
    """An integer or a flag; anything else stays text, which no parameter accepts."""
    flags = {"true": True, "false": False}
    if text.lower() in flags:
        return flags[text.lower()]
    return int(text) if re.fullmatch("[+-]?[0-9]{1,100}", text) else text


def read_pairs(path: str, name: str = "pairs") -> object:
    """The content of a JSON file of pairs, not yet checked."""
    return given_json(Path(path), LARGEST_PAIRS_FILE, f"{name}={path}", "a JSON file like [[0, 1], [1, 2]]")
