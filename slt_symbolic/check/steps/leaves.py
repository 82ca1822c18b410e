"""Strata that need no argument."""

from __future__ import annotations

from fractions import Fraction

from slt_symbolic.check.bracket import INFINITE, Bracket, End
from slt_symbolic.check.step import Data, fields, require
from slt_symbolic.check.steps.common import Outcome
from slt_symbolic.check.stratum import Stratum


def empty_stratum(s: Stratum, data: Data) -> Outcome:
    """A stratum without points: a unit that is 0 on it."""
    fields(data)
    require(s.is_empty, "needs a stratum without points; here no unit is 0")
    return [], lambda _: Bracket(INFINITE, INFINITE)


def zero_loss(s: Stratum, data: Data) -> Outcome:
    """The loss is identically zero: ``lambda = 0``, ``m = 1`` by convention."""
    fields(data)
    require(not s.generators, "needs the loss 0; here there are generators")
    end = End(Fraction(0), 1)
    return [], lambda _: Bracket(end, end)
