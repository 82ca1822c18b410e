r"""Finite mixtures of normal densities with free variances, by their moments.

Theorem. Let ``p = sum_k a_k N(b_k, v_k)``, k <= H, with weights ``a_k >= 0`` that sum to 1 and variances ``v_k > 0``,
and let q be the truth, with r distinct pairs (mean, variance) of positive weight, the largest of their variances V. If
all ``v_k < 2V`` at the truth, the divergence is comparable to the sum of ``M_n^2``, ``0 < n < R``, where ``M_n`` is
the n-th moment of p less that of q, and R the sum of multiplicities ``e_i``: the H + r pairs in some order, ``e_i`` is
1 plus the ``e_j`` of those before it with another variance.

Proof. ``w -> p - q`` is an analytic map into the square integrable functions for the density ``(1 + x^2)/q``, since
``v_k < 2V``. Let I be the ideal of its coordinates in the convergent power series in w, with least generators
``g_1, ..., g_s`` among the coordinates. Then ``p - q = sum_i g_i phi_i``, the ``phi_i`` analytic in w and independent
at the truth (Nakayama), also on a large bounded set. With ``S(u) = u - 1 - log u`` the divergence is ``∫ q S(p/q)``.
From below: on a bounded set p/q is near 1, ``S(u) >= c (u - 1)^2``, and ``∫ (p - q)^2/q`` over it is a positive
definite form in the ``g_i``. From above: ``S(u) <= (u - 1)^2 (1 + |log u|)``, and ``|log p/q| <= C (1 + x^2)``, as a
weight is bounded below. So K is comparable to ``sum_i g_i^2``.
The moments generate I: modulo them and a power of the maximal ideal, p - q has finitely many coordinates, derivatives
of normal densities in mean and variance, whose moments are all 0; they are 0, since their Laplace transforms are
entire. By Krull's theorem, I is the ideal of the moments.
Those below R do: ``F(t) = sum_n M_n t^n/n!`` is a sum of ``a_k exp(b_k t + v_k t^2/2)``. ``E_i = d/dt - b_i - v_i t``
takes ``P(t) exp_j`` to ``(P' + (b_j - b_i) P + (v_j - v_i) t P) exp_j``: the degree of P falls for i = j, and rises by
one at most, by none for equal variances. Hence the product of the ``E_i^{e_i}`` takes F to 0; it is a differential
operator of order R, with leading coefficient 1, whose coefficients are polynomials in t and the parameters: each
``M_n``, ``n >= R``, is a combination of earlier ones.

A weight that is 0 at the truth is not negative nearby only on one side: that side is the domain.
Sources: Watanabe 2009, ch. 7; Ho, Nguyen, Annals of Statistics 44 (2016), on how weakly such mixtures are identified.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.models.model import expressions

LAST = 24  # moments that are written out: the bound doubles with each component of a variance of its own
STATEMENT = ("K is comparable to the squares of the moments less those of the truth, 0 < n < {}: further ones are "
             "combinations, since the Laplace transform of p - q solves a linear differential equation of that order, "
             "polynomial in the parameters, with leading coefficient 1; all variances are below twice the largest of "
             "the truth (Watanabe 2009, ch. 7)")
Parameter = tuple[sympy.Expr, sympy.Expr]


def normal_parameters(given: Sequence[object], point: dict[sympy.Symbol, sympy.Rational]) -> list[Parameter]:
    """Pairs of a mean and a variance, read from pairs. Raises `InvalidInput`."""
    pairs = []
    for value in given:
        if not (isinstance(value, Sequence | sympy.Tuple) and len(value) == 2):
            raise InvalidInput("components", f"{value!r:.60} is no pair of a mean and a variance",
                               "[(t, (a, v)), (1 - t, (b, w))]")
        mean, variance = expressions("parameters", value, point)
        pairs.append((mean, variance))
    return pairs


def moments(weights: Sequence[sympy.Expr], parameters: Sequence[Parameter],
            point: dict[sympy.Symbol, sympy.Rational]) -> list[sympy.Expr]:
    """The moments of the mixture that decide. Raises `InvalidInput` where the theorem does not hold."""
    known = [(mean.subs(point), variance.subs(point)) for mean, variance in parameters]
    positive = [place for a, place in zip(weights, known, strict=True) if a.subs(point)]
    largest = max(variance for _, variance in positive)
    for _, variance in known:
        if not 0 < variance < 2 * largest:
            raise InvalidInput("parameters", f"have the variance {variance} at the truth",
                               f"positive ones below {2 * largest}, twice the largest of positive weight")
    truths = [(sympy.Integer(0) + mean, sympy.Integer(0) + variance) for mean, variance in dict.fromkeys(positive)]
    order = _order([variance for _, variance in [*truths, *dict.fromkeys(parameters)]])
    if order - 1 > LAST:
        raise InvalidInput("components", f"are decided by {order - 1} moments, and {LAST} are written out",
                           "fewer components, or variances that some of them share")
    columns = [_moments(mean, variance, order - 1) for mean, variance in parameters]
    return [sum((a * column[n] for a, column in zip(weights, columns, strict=True)), sympy.Integer(0))
            for n in range(1, order)]


def _order(variances: Sequence[sympy.Expr]) -> int:
    """The least order of the equation over the orders of pairs: those that share a variance beside one another."""
    classes: dict[sympy.Expr, int] = {}
    for variance in map(sympy.expand, variances):
        classes[variance] = classes.get(variance, 0) + 1
    order = 0
    for members in sorted(classes.values(), reverse=True):
        order += members * (1 + order)
    return order


def _moments(mean: sympy.Expr, variance: sympy.Expr, last: int) -> list[sympy.Expr]:
    """``m_0, ..., m_last`` of a normal variable: ``m_n = mean m_{n-1} + (n - 1) variance m_{n-2}``."""
    found = [sympy.Integer(1), mean]
    for n in range(2, last + 1):
        found.append(sympy.expand(mean * found[-1] + (n - 1) * variance * found[-2]))
    return found[:last + 1]
