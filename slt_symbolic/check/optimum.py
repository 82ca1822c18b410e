"""The linear program of a Newton polyhedron, decided by two feasible points that the certificate gives.

Theorem (Howald 2001; real version Lin 2011, thesis, ch. 4). For monomials ``x^a, a in A``, and the measure ``x^h dx``
the sum of squares has ``lambda = min {w·(h+1) : w >= 0, w·a >= 1 for a in A} / 2``, and ``m`` is one more than the
dimension of the set of optimal weights w.

By duality any feasible w and any ``t >= 0`` with ``sum t_a a <= h + 1`` satisfy ``sum t <= w·(h+1)``; on equality both
are optimal. Every optimal weight then satisfies the equations ``E``: ``w·a = 1`` where ``t_a > 0``, ``w_j = 0`` where t
leaves slack in coordinate j; and near the given w all solutions of the equations ``T`` that hold at w are optimal. So
the dimension is ``n - rank`` if E and T have the same rank, which is required.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from math import lcm
from operator import le, mul
from typing import Any

from slt_symbolic.check.algebra.ring import Exponent, rank
from slt_symbolic.check.bracket import INFINITE, End
from slt_symbolic.check.budget import charge
from slt_symbolic.check.step import fields, items, ratio, require


def minimal(exponents: Iterable[Exponent]) -> list[Exponent]:
    """The exponents that are ``>=`` no other one: the rest lies on no compact face.

    >>> minimal([(2, 0), (0, 3), (2, 1)])
    [(2, 0), (0, 3)]
    """
    kept: list[Exponent] = []
    for _, same_degree in groupby(sorted(set(exponents), key=lambda e: (sum(e), e)), key=sum):
        # Of two exponents of one degree neither is below the other.
        new = list(same_degree)
        charge(len(kept) * len(new) * (1 + len(new[0]) // 8))
        kept += [a for a in new if not any(all(map(le, b, a)) for b in kept)]
    return kept


def optimum(exponents: Iterable[Exponent], jacobian: Sequence[int], proof: Any) -> End:
    """``(lambda, m)`` of the monomials with the measure ``x^h dx``; infinite if one of them is constant.

    >>> optimum([(1, 1)], [0, 0], {"combination": [[[1, 1], "1"]], "weights": ["1/2", "1/2"]})
    End(value=Fraction(1, 2), multiplicity=2)
    """
    allowed = minimal(exponents)
    require(bool(allowed), "there are no monomials")
    if not any(allowed[0]):
        require(proof is None, "a monomial is constant, so that there is no optimum")
        return INFINITE
    combination, weights = fields(proof, "combination", "weights")
    w = _weights(weights, jacobian)
    t = combination_of(combination)
    charge_sums([*t.values()], len(w) + 2)
    shared = lcm(*(value.denominator for value in t.values()))  # integers are faster than rationals
    multiples = {a: int(value * shared) for a, value in t.items()}
    sums = [sum([value * a[j] for a, value in multiples.items()]) for j in range(len(w))]
    require(set(t) <= set(allowed), "the combination holds an exponent that is not minimal or not there")
    require(all(value > 0 for value in multiples.values()), "a coefficient of the combination is not positive")
    bounds = [shared * (h + 1) for h in jacobian]
    require(all(map(le, sums, bounds)), "the combination is not feasible")
    charge_sums(w, len(allowed) + 1)
    values = _values(allowed, w)
    require(all(value >= 0 for value in values.values()), "the weights are not feasible")
    value = _total(w, jacobian)
    require(value * shared == sum(multiples.values()), "combination and weights have different values")
    unit = [tuple(int(i == j) for i in range(len(w))) for j in range(len(w))]
    known = [*t, *(unit[j] for j, bound in enumerate(bounds) if sums[j] < bound)]
    tight = [*(a for a in allowed if values[a] == 0), *(unit[j] for j, x in enumerate(w) if x == 0)]
    require(rank(known) == rank(tight), "the weights are not shown to be in general position among the optimal ones")
    return End(value / 2, len(w) - rank(known) + 1)


def weighted_bound(exponents: Iterable[Exponent], jacobian: Sequence[int], weights: Any) -> End:
    """An upper bound of ``(lambda, m)`` of the monomials by weights that are feasible, and need not be optimal.

    >>> weighted_bound([(1, 1)], [0, 0], ["1", "0"])
    End(value=Fraction(1, 2), multiplicity=1)
    """
    w = _weights(weights, jacobian)
    known = set(exponents)
    require(bool(known), "there are no monomials")
    charge_sums(w, len(known) + 1)
    require(all(value >= 0 for value in _values(known, w).values()), "the weights are not feasible")
    return End(_total(w, jacobian) / 2, 1)


def _weights(texts: Any, jacobian: Sequence[int]) -> list[Fraction]:
    w = [ratio(text) for text in items(texts, None, "weights are rationals")]
    require(len(w) == len(jacobian), "there is not one weight for each variable")
    require(all(value >= 0 for value in w), "a weight is negative")
    return w


def _total(w: Sequence[Fraction], jacobian: Sequence[int]) -> Fraction:
    """``w·(h + 1)``."""
    scale = lcm(*(x.denominator for x in w))
    return Fraction(sum([int(x * scale) * (h + 1) for x, h in zip(w, jacobian, strict=True)]), scale)


def _values(exponents: Iterable[Exponent], w: Sequence[Fraction]) -> dict[Exponent, int]:
    """A positive multiple of ``w·a - 1`` for each exponent."""
    scale = lcm(*(x.denominator for x in w))
    integral = [int(x * scale) for x in w]
    found = {}
    for a in exponents:
        found[a] = sum(map(mul, integral, a)) - scale
    return found


def combination_of(listed: Any) -> Mapping[Exponent, Fraction]:
    """Rational coefficients of exponents."""
    found: dict[Exponent, Fraction] = {}
    for exponent, text in items(listed, 2, "a combination lists exponents with their coefficients"):
        e = exponent_of(exponent)
        require(e not in found, "the exponent {} is listed twice", list(e))
        found[e] = ratio(text)
    return found


def charge_sums(values: Sequence[Fraction], count: int) -> None:
    """Count so many sums of multiples of these: the common denominator grows with every one that is added."""
    words = sum(x.numerator.bit_length() + x.denominator.bit_length() for x in values) // 64
    charge(count * len(values) * (1 + words**2 // 512))


def exponent_of(listed: Any) -> Exponent:
    """An exponent: integers >= 0."""
    require(isinstance(listed, list) and all(type(a) is int and a >= 0 for a in listed),
            "an exponent is no list of integers >= 0")
    return tuple(listed)
