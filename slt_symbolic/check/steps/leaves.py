"""Strata that need no argument."""

from __future__ import annotations

from fractions import Fraction

from slt_symbolic.check.pairs import INFINITE, Bracket, Pair
from slt_symbolic.check.step import Combine, Data, fields, require
from slt_symbolic.check.stratum import Stratum


def empty_stratum(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """A stratum without points: a unit that is 0 on it."""
    fields(data)
    require(s.is_empty, "the stratum has points")
    return [], lambda _: Bracket(INFINITE, INFINITE)


def zero_loss(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """The loss is identically zero: ``lambda = 0``, ``m = 1`` by convention."""
    fields(data)
    require(not s.generators and not s.is_empty, "there are generators, or no points")
    pair = Pair(Fraction(0), 1)
    return [], lambda _: Bracket(pair, pair)
