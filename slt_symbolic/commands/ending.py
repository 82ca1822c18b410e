"""How programs end: an exit code, and one line on stderr unless they answered."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TextIO

from slt_symbolic.errors import Contradiction, InvalidInput, one_line
from slt_symbolic.storage.signals import Terminated, sent_again, terminate

OUT_OF_MEMORY = "allocate memory"  # what torch says by a `RuntimeError`, where others raise `MemoryError`


def run_program(work: Callable[[], int], resumes: bool = False) -> int:
    """Run the ``work`` of a whole program in a process that is ready for it; the exit code of `exit_code_of`."""
    with _ready_process():
        return exit_code_of(work, resumes)


def exit_code_of(work: Callable[[], int], resumes: bool = False) -> int:
    """Run ``work`` and return its exit code, or 1 (a contradiction), 2 (bad input), 130 (Ctrl-C), 143 (SIGTERM).

    ``resumes`` says that it goes on where it was interrupted, if it is run again.
    """
    try:
        code = work()
        sys.stdout.flush()
        return code
    except InvalidInput as error:
        return _said(f"error: {error}", 2)
    except Contradiction as error:
        return _said(f"contradiction: {error}", 1)
    except BrokenPipeError:
        _discard(sys.stdout)  # nobody reads on: there is nothing to say, and nobody to say it to
        return 0
    except OSError as error:
        _discard(sys.stdout)
        named, why = str(error.filename or "output"), error.strerror or str(error)
        return _said(f"error: {one_line(named)}: cannot be read or written ({one_line(why)})", 2)
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and OUT_OF_MEMORY not in str(error):
            raise
        return _said("error: the memory of this machine is too small; try smaller sizes", 2)
    except KeyboardInterrupt:
        exec("")  # CPython remembers an interrupt amid an `exec`, of a dataclass say, and would end -m by the signal
        return _said("interrupted" + _how_to_go_on(resumes), 130)
    except Terminated:
        return _said("terminated" + _how_to_go_on(resumes), 143)


def _how_to_go_on(resumes: bool) -> str:
    return "; what was done is kept: the same command goes on" if resumes else ""


def _said(line: str, code: int) -> int:
    with contextlib.suppress(OSError):  # stderr may be closed as well
        print(line, file=sys.stderr, flush=True)
    return code


def _discard(stream: TextIO) -> None:
    """What is left in the buffer must not fail again at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def _ready_process() -> Iterator[None]:
    """Make output that cannot fail for its characters, and SIGTERM an exception, for as long as a program runs."""
    while (unused := os.open(os.devnull, os.O_RDWR)) < 3:
        pass  # else a file of ours would take the place of a standard stream that is closed
    os.close(unused)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without · is no reason to fail
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, terminate)
    try:
        with sent_again({KeyboardInterrupt: signal.SIGINT, Terminated: signal.SIGTERM}):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
