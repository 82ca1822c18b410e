"""Growing a tree: steps are applied by the checker's own functions, so that a tree that exists is one that verifies.

While a limit of time is over, no step is proposed any more: `OutOfTime` takes the search back to the nearest stratum.
What a call may take is told by the clock on the wall (`time_limit`), its parts by processor time (`effort`), so
that these end at the same place whatever else the machine does.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
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


@dataclass(frozen=True)
class _Ends:
    """When limits are over: on the clock on the wall, and in processor time of this thread."""

    clock: float = math.inf
    effort: float = math.inf

    @property
    def past(self) -> bool:
        return time.monotonic() > self.clock or time.thread_time() > self.effort


_ENDS: ContextVar[_Ends | None] = ContextVar("ends", default=None)


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


def time_limit(seconds: float) -> AbstractContextManager[None]:
    """The time by the clock that the work inside the block may take, within the limits of blocks around it."""
    return _within(_Ends(clock=time.monotonic() + seconds))


def effort(seconds: float) -> AbstractContextManager[None]:
    """The processor time that the work inside the block may take, within the limits of blocks around it."""
    return _within(_Ends(effort=time.thread_time() + seconds))


@contextmanager
def _within(ends: _Ends) -> Iterator[None]:
    outer = _ENDS.get()
    if outer is not None:
        ends = _Ends(min(outer.clock, ends.clock), min(outer.effort, ends.effort))
    token = _ENDS.set(ends)
    try:
        with contextlib.nullcontext() if outer is not None else metered(_Watch()):
            yield
    finally:
        _ENDS.reset(token)


@contextmanager
def unlimited() -> Iterator[None]:
    """What is short, and has to be done after the time is over too."""
    token = _ENDS.set(None)
    try:
        yield
    finally:
        _ENDS.reset(token)


def expired() -> bool:
    """Is a limit over?"""
    ends = _ENDS.get()
    return ends is not None and ends.past


def poll() -> None:
    """Raise `OutOfTime` if a limit is over."""
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


def closed(path: Sequence[Proposal], node: Node) -> Node:
    """The node at the start of a path of steps with one child each, which leads to this one."""
    for proposal in reversed(path):
        node = proposal.close([node])
    return node


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
