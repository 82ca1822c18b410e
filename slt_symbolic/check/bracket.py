"""Ends ``(lambda, m)`` and the brackets between two of them, which steps compute with.

Ends are ordered by ``(lambda, -m)``: a comparison of losses ``K >= c K'`` orders their ``(lambda, m)``, and that of a
compact set is the minimum over its points (Watanabe 2009, ch. 2 and 4; Lin 2011, thesis, ch. 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import total_ordering


@total_ordering
@dataclass(frozen=True, eq=True)
class End:
    """``(lambda, m)``; ``value`` None stands for infinity: the loss does not vanish.

    >>> End(Fraction(1, 2), 2) < End(Fraction(1, 2), 1) < End(Fraction(1), 1) < INFINITE
    True
    """

    value: Fraction | None
    multiplicity: int

    def _key(self) -> tuple[bool, Fraction | int, int]:
        return (self.value is None, self.value or 0, -self.multiplicity)

    def __lt__(self, other: End) -> bool:
        return self._key() < other._key()

    def __le__(self, other: End) -> bool:
        return self._key() <= other._key()


INFINITE = End(None, 0)


def sum_of(ends: Iterable[End]) -> End:
    """Sum of losses in separate variables: ``lambda`` adds, ``m = 1 + sum (m_i - 1)``."""
    value, multiplicity = Fraction(0), 1
    for end in ends:
        if end.value is None:
            return INFINITE
        value, multiplicity = value + end.value, multiplicity + end.multiplicity - 1
    return End(value, multiplicity)


def product_of(ends: Iterable[End]) -> End:
    """Product of losses in separate variables: the least ``lambda``; ``m`` adds over those that attain it."""
    finite = [end for end in ends if end.value is not None]
    if not finite:
        return INFINITE
    least = min(end.value for end in finite if end.value is not None)
    return End(least, sum(end.multiplicity for end in finite if end.value == least))


@dataclass(frozen=True)
class Bracket:
    """``lower <= v <= upper`` for the least ``v = (lambda, m)`` over the points of a stratum."""

    lower: End
    upper: End

    @property
    def exact(self) -> bool:
        """Whether both ends meet."""
        return self.lower == self.upper


def least(brackets: Iterable[Bracket]) -> Bracket:
    """The minimum over strata that cover: both sides take the minimum; over nothing it is infinite."""
    found = list(brackets)
    return Bracket(min((b.lower for b in found), default=INFINITE), min((b.upper for b in found), default=INFINITE))
