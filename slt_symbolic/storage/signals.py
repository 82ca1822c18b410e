"""Signals that ask a process to end: held back until what was computed is kept."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

SOON = 1 / 100  # seconds until a signal is sent again


class Terminated(BaseException):
    """SIGTERM, which schedulers send first; like `KeyboardInterrupt` it is no error."""


def terminate(number: int, frame: FrameType | None) -> None:
    """Handle SIGTERM: raise `Terminated`."""
    raise Terminated


@contextmanager
def sent_again(numbers: Mapping[type[BaseException], int]) -> Iterator[None]:
    """Send a signal of these ``numbers`` once more, if Python has ignored the exception that its handler raised.

    That is what it does where the handler happens to run within a destructor, or a callback of the garbage collector.
    """
    before = sys.unraisablehook

    def hook(ignored: sys.UnraisableHookArgs) -> None:
        number = numbers.get(ignored.exc_type)
        if number is None:
            before(ignored)
            return
        left = threading.Event()  # from here it would be ignored again
        threading.Thread(target=_send, args=(number, left), daemon=True).start()
        left.set()

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


def _send(number: int, when: threading.Event) -> None:
    when.wait()
    time.sleep(SOON)
    signal.raise_signal(number)


class HeldBack:
    """The signals that have come: ``pending`` says whether one has, ``deliver`` raises what it asks for."""

    def __init__(self) -> None:
        """Start with none."""
        self._number: int | None = None

    @property
    def pending(self) -> bool:
        """Whether the process is asked to end."""
        return self._number is not None

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: remember the first; a second one does not wait."""
        if self.pending:
            self.deliver()
        self._number = number

    def deliver(self) -> None:
        """Raise `KeyboardInterrupt` or `Terminated`, if a signal asked for it."""
        if self._number is not None:
            raise KeyboardInterrupt if self._number == signal.SIGINT else Terminated


@contextmanager
def held_back() -> Iterator[HeldBack]:
    """Hold back SIGINT and SIGTERM, as far as Python handles them and this is the main thread."""
    held = HeldBack()
    numbers = [signal.SIGINT, signal.SIGTERM] if threading.current_thread() is threading.main_thread() else []
    before = {number: handler for number in numbers if callable(handler := signal.getsignal(number))
              and not isinstance(handler, signal.Handlers)}
    for number in before:
        signal.signal(number, held.note)
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    held.deliver()
