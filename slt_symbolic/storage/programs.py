"""A user's program: run as Python runs it, and what it raises as one line with its place."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.reading import given_file

LARGEST_PROGRAM = 2**20  # bytes
MODULE = "slt_program"  # its name while it runs


@contextlib.contextmanager
def running(path: Path, example: str) -> Iterator[Mapping[str, Any]]:
    """What the program in the file defines. In the block it finds its neighbours, as when Python runs it.

    It may change the folder in which relative paths start: whoever writes afterwards has absolute ones.
    Raises `InvalidInput`, with the line, if it cannot be read, is no Python, or raises; an ``example`` is the remedy.
    """
    source = given_file(path, LARGEST_PROGRAM, str(path), example)
    module = ModuleType(MODULE)
    module.__file__ = str(path.absolute())
    before, streams = (list(sys.path), sys.modules.get(MODULE)), (sys.stdout, sys.stderr)
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules[MODULE] = module
    try:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a program that is not ours
                code = compile(source, str(path), "exec", dont_inherit=True)
            exec(code, vars(module))
        except BaseException as error:
            if not is_of_program(error):
                raise
            raise broken(error, path, "it does not run") from None
        finally:
            sys.stdout, sys.stderr = streams  # which say how it went
        yield vars(module)
    finally:
        sys.path[:] = before[0]
        if before[1] is None:
            sys.modules.pop(MODULE, None)
        else:
            sys.modules[MODULE] = before[1]


@contextlib.contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn what a program of the file raises in the block into one line; errors that are not its own pass."""
    try:
        yield
    except InvalidInput:
        raise
    except BaseException as error:
        if not is_of_program(error) or _line_in(error.__traceback__, str(path)) is None:
            raise
        raise broken(error, path, "it raises") from None


def is_of_program(error: BaseException) -> bool:
    """Whether a program may have raised it of its own: interrupts and the end of its time come from elsewhere."""
    return isinstance(error, (Exception, SystemExit, GeneratorExit)) or type(error).__module__ == MODULE


def broken(error: BaseException, path: Path, what: str, otherwise: int | None = None) -> InvalidInput:
    """The error for a program that raises: the file and the line, in one line.

    ``otherwise`` is the line where no frame of the file has a part in it.
    """
    line = _line_in(error.__traceback__, str(path)) or otherwise
    if isinstance(error, SyntaxError) and error.filename == str(path):
        line = error.lineno
    place = str(path) if line is None else f"{path}:{line}"
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # the text of others' errors is their own program
        text = type(error).__name__
    return InvalidInput(place, f"{what}: {' '.join(text.split())}", "to mend it")


def _line_in(traceback: TracebackType | None, file: str) -> int | None:
    """The innermost line of the file."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == file:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
