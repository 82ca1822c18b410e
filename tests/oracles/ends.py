"""Ends ``(lambda, m)``: ``-lambda`` is the largest pole of ``∫ K^z dx`` and m its order.

The order of the ends is that of the size of ``∫ exp(-n K)``: smaller lambda first, and of equal lambda larger m first.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

End: TypeAlias = tuple[Fraction, int]


def least(ends: Iterable[End]) -> End:
    """The pole of a sum of integrals of positive functions: the largest, of the largest order.

    >>> least([(Fraction(1, 2), 1), (Fraction(1, 2), 2), (Fraction(1), 3)])
    (Fraction(1, 2), 2)
    """
    return min(ends, key=_key)


def product(first: End, second: End) -> End:
    """``K(x) L(y)``: the poles of a product of integrals; their orders add where both have the same.

    >>> product((Fraction(1, 2), 1), (Fraction(1, 2), 2))
    (Fraction(1, 2), 3)
    """
    value = min(first[0], second[0])
    return value, sum(m for v, m in (first, second) if v == value)


def monomial(divisors: Iterable[tuple[int, int]]) -> End:
    """``∫ prod |x_j|^{2 N_j z + a_j - 1} dx`` near 0, from the ``(N_j, a_j)`` of crossing divisors.

    >>> monomial([(1, 1), (2, 2), (0, 1)])
    (Fraction(1, 2), 2)
    """
    values = [Fraction(a, 2 * order) for order, a in divisors if order]
    return min(values), values.count(min(values))


def within(end: End, lower: End, upper: End) -> bool:
    """Does the end lie between the two?"""
    return _key(lower) <= _key(end) <= _key(upper)


def _key(end: End) -> tuple[Fraction, int]:
    return end[0], -end[1]
