"""Growing a tree: steps are applied by the checker's own functions, so that a tree that exists is one that verifies.

While a `time_limit` is over, no step is proposed any more: `OutOfTime` takes the search back to the nearest stratum.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from slt_symbolic.check.algebra.grammar import LARGEST_EXPONENT
from slt_symbolic.check.bracket import Bracket
from slt_symbolic.check.budget import LARGEST_WORK, OverBudget, metered
from slt_symbolic.check.step import Refused
from slt_symbolic.check.steps import STEPS
from slt_symbolic.check.steps.common import Combine
from slt_symbolic.check.stratum import Derived, Stratum, canonical
from slt_symbolic.errors import InvalidInput
from slt_symbolic.search.proofs.factors import unit_factors

_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)


class OutOfTime(Exception):
    """The time for the search is over."""


class TooMuch(OutOfTime, OverBudget):
    """There is no time for what would be more work than a whole verification may be."""


BETWEEN_LOOKS = 5_000  # work, some milliseconds at most, after which the clock is looked at


class _Watch:
    """A meter that polls now and then, and has no time for what is `TooMuch`."""

    def __init__(self) -> None:
        self.left = BETWEEN_LOOKS

    def __call__(self, work: int) -> None:
        self.left -= work
        if work > LARGEST_WORK:
            raise TooMuch
        if self.left < 0:
            self.left = BETWEEN_LOOKS
            poll()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """The time that the work inside the block may take, within the limits of blocks around it."""
    outer = _DEADLINE.get()
    end = time.monotonic() + seconds
    token = _DEADLINE.set(end if outer is None else min(outer, end))
    try:
        with contextlib.nullcontext() if outer is not None else metered(_Watch()):
            yield
    finally:
        _DEADLINE.reset(token)


@contextmanager
def unlimited() -> Iterator[None]:
    """What is short, and has to be done after the time is over too."""
    token = _DEADLINE.set(None)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def expired() -> bool:
    """Is the time limit over?"""
    deadline = _DEADLINE.get()
    return deadline is not None and time.monotonic() > deadline


def poll() -> None:
    """Raise `OutOfTime` if the time limit is over."""
    if expired():
        raise OutOfTime


@dataclass(frozen=True)
class Node:
    """A proved node: a stratum, the step, and the children."""

    stratum: Stratum
    step: str
    data: Mapping[str, Any]
    children: tuple[Node, ...]
    bracket: Bracket


@dataclass(frozen=True)
class Proposal:
    """A step that applies to a stratum, with the strata that it leads to."""

    stratum: Stratum
    step: str
    data: Mapping[str, Any]
    strata: tuple[Stratum, ...]
    combine: Combine

    @property
    def child(self) -> Stratum:
        """The stratum of the only child."""
        (only,) = self.strata
        return only

    def close(self, children: Sequence[Node]) -> Node:
        """The node, once its children are proved."""
        bracket = self.combine([child.bracket for child in children])
        return Node(self.stratum, self.step, self.data, tuple(children), bracket)


def propose(s: Stratum, step: str, **data: Any) -> Proposal | None:
    """The step applied to the stratum; None if a hypothesis fails, or a certificate could not state what follows."""
    poll()
    try:
        derived, combine = STEPS[step](s, data)
        strata = [settled(child) for child in derived]
    except (Refused, InvalidInput, OverBudget):  # a hypothesis fails, or a polynomial outgrows limits
        return None
    if any(max(p.degrees()) > LARGEST_EXPONENT for child in strata for p in (*child.generators, *child.units)):
        return None
    return Proposal(s, step, data, tuple(strata), combine)


def settled(derived: Derived) -> Stratum:
    """The stratum in canonical form, with irreducible units."""
    return canonical(derived, unit_factors(derived.conditions, frozenset(derived.constants)))
