"""A limit of time for programs of others, which may never return: an alarm of the process."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from fractions import Fraction
from types import FrameType

from slt_symbolic.storage.signals import sent_again

AGAIN = 1  # seconds after which an alarm rings once more: a bare except of the program may have swallowed it
SHORTEST = Fraction(1, 1000)  # second: an alarm at 0 would never ring


class TimeIsUp(BaseException):
    """The time is over. No `Exception`: programs catch those."""


@contextlib.contextmanager
def limited(seconds: float | Fraction | None) -> Iterator[None]:
    """Raise `TimeIsUp` in the block when the seconds are over.

    Only the main thread of a process can be stopped so; elsewhere, and for None, nothing is. Code in C that does not
    return to Python is not stopped either.

    >>> with limited(Fraction(1, 100)):
    ...     while True:
    ...         pass
    Traceback (most recent call last):
        ...
    slt_symbolic.testing.limit.TimeIsUp
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    rest, interval = signal.setitimer(signal.ITIMER_REAL, float(max(seconds, SHORTEST)), AGAIN)
    try:
        with sent_again({TimeIsUp: signal.SIGALRM}):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, rest, interval)
        signal.signal(signal.SIGALRM, before)


def _ring(number: int, frame: FrameType | None) -> None:
    raise TimeIsUp
