"""Pairs ``(lambda, m)``: ``-lambda`` is the largest pole of ``∫ K^z dx`` and m its order.

The order of the pairs is that of the size of ``∫ exp(-n K)``: smaller lambda first, and of equal lambda larger m first.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

Pair: TypeAlias = tuple[Fraction, int]


def least(pairs: Iterable[Pair]) -> Pair:
    """The pole of a sum of integrals of positive functions: the largest, of the largest order.

    >>> least([(Fraction(1, 2), 1), (Fraction(1, 2), 2), (Fraction(1), 3)])
    (Fraction(1, 2), 2)
    """
    return min(pairs, key=_key)


def product(first: Pair, second: Pair) -> Pair:
    """``K(x) L(y)``: the poles of a product of integrals; their orders add where both have the same.

    >>> product((Fraction(1, 2), 1), (Fraction(1, 2), 2))
    (Fraction(1, 2), 3)
    """
    value = min(first[0], second[0])
    return value, sum(m for v, m in (first, second) if v == value)


def monomial(divisors: Iterable[tuple[int, int]]) -> Pair:
    """``∫ prod |x_j|^{2 N_j z + a_j - 1} dx`` near 0, from the ``(N_j, a_j)`` of crossing divisors.

    >>> monomial([(1, 1), (2, 2), (0, 1)])
    (Fraction(1, 2), 2)
    """
    values = [Fraction(a, 2 * order) for order, a in divisors if order]
    return min(values), values.count(min(values))


def within(pair: Pair, lower: Pair, upper: Pair) -> bool:
    """Does the pair lie between the two?"""
    return _key(lower) <= _key(pair) <= _key(upper)


def _key(pair: Pair) -> tuple[Fraction, int]:
    return pair[0], -pair[1]
