"""Pairs ``(lambda, m)`` and the brackets that steps compute with.

Pairs are ordered by ``(lambda, -m)``: a comparison of losses ``K >= c K'`` orders their pairs, and the pair of a
compact set is the minimum over its points (Watanabe 2009, ch. 2 and 4; Lin 2011, thesis, ch. 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import total_ordering


@total_ordering
@dataclass(frozen=True, eq=True)
class Pair:
    """``(lambda, m)``; ``value`` None stands for infinity: the loss does not vanish.

    >>> Pair(Fraction(1, 2), 2) < Pair(Fraction(1, 2), 1) < Pair(Fraction(1), 1) < INFINITE
    True
    """

    value: Fraction | None
    multiplicity: int

    def _key(self) -> tuple[bool, Fraction, int]:
        return (self.value is None, self.value or Fraction(0), -self.multiplicity)

    def __lt__(self, other: Pair) -> bool:
        return self._key() < other._key()


INFINITE = Pair(None, 0)


def sum_of(pairs: Iterable[Pair]) -> Pair:
    """Sum of losses in separate variables: ``lambda`` adds, ``m = 1 + sum (m_i - 1)``."""
    value, multiplicity = Fraction(0), 1
    for pair in pairs:
        if pair.value is None:
            return INFINITE
        value, multiplicity = value + pair.value, multiplicity + pair.multiplicity - 1
    return Pair(value, multiplicity)


def product_of(pairs: Iterable[Pair]) -> Pair:
    """Product of losses in separate variables: the least ``lambda``; ``m`` adds over those that attain it."""
    finite = [pair for pair in pairs if pair.value is not None]
    if not finite:
        return INFINITE
    least = min(pair.value for pair in finite if pair.value is not None)
    return Pair(least, sum(pair.multiplicity for pair in finite if pair.value == least))


@dataclass(frozen=True)
class Bracket:
    """``lower <= v <= upper`` for the least pair ``v`` over the points of a stratum."""

    lower: Pair
    upper: Pair

    @property
    def exact(self) -> bool:
        """Whether both ends meet."""
        return self.lower == self.upper


def least(brackets: Iterable[Bracket]) -> Bracket:
    """The minimum over strata that cover: both sides take the minimum; over nothing it is infinite."""
    found = list(brackets)
    return Bracket(min((b.lower for b in found), default=INFINITE), min((b.upper for b in found), default=INFINITE))
