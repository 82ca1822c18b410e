"""The work that a verification may cost, counted before it is done.

Work is counted in operations on terms and words (FORMAT.md), never in seconds, so that a certificate is over its
budget on every machine or on none. Whoever calls the checker's functions may listen: the search keeps its deadline so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LARGEST_WORK = 10**9  # of one verification: some minutes at most

Meter = Callable[[int], None]
_METERS: ContextVar[tuple[Meter, ...]] = ContextVar("meters", default=())


class OverBudget(Exception):
    """A certificate is neither accepted nor refused: its verification costs more than the format allows."""


class Budget:
    """A meter that allows so much work."""

    def __init__(self, allowed: int) -> None:
        """Allow ``allowed`` units of work, as `charge` counts them."""
        self.left = allowed

    def __call__(self, work: int) -> None:
        """Take ``work`` off what is left; raises `OverBudget` below zero."""
        self.left -= work
        if self.left < 0:
            raise OverBudget("the verification costs more work than the format allows")


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Tell the meter of all work inside the block; it may raise."""
    token = _METERS.set((*_METERS.get(), meter))
    try:
        yield
    finally:
        _METERS.reset(token)


def charge(work: int) -> None:
    """Count work that is about to be done."""
    for meter in _METERS.get():
        meter(work)
