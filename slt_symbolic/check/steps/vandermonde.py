"""Sums of powers with outer weights: units of one activation at zero truth.

Theorem. For a_ih and b_h near 0, without orders, ``i <= M``, ``h <= H``, the sums ``sum_h a_ih b_h^(s + Q n)``, all i
and ``n < H`` at least, Q >= 1, s >= 0, and ``H < Q (H - 1)`` if s = 0, have with ``d_n = s n + Q n (n - 1)/2`` and the
largest k for which ``M d_k <= H``

    ``lambda = (M Q k (k + 1) + 2 H)/(4 (s + k Q))``,    ``m = 2`` if ``M d_k = H`` and ``k >= 1``, else 1.

Proof. Sums with ``n >= H`` are combinations of the others. For fixed b they are ``V a_i``, V of singular values ``s_1
>= s_2 >= ...``; the volume of ``|a_i| <= 1, |V a_i| <= e`` is comparable to ``prod_j min(1, e/s_j)``, which is the
least of ``e^n/(s_1..s_n)``, and ``s_1..s_n`` to the largest minor of size n: to the largest of the ``D_S = prod_S b_h^s
prod_S (b_h^Q - b_g^Q)``, |S| = n, of degree d_n, since other rows multiply it by a symmetric polynomial. k is less than
H, or H = M = s = 1: ``M d_H <= H`` says ``M (2 s + Q (H - 1)) <= 2``, and ``Q (H - 1) > 2`` if s = 0.
*The volume is at least* that where b is of the order ``e^t`` and in general position, ``e^(H t + M max_n (n - d_n
t))``: the exponent is least at ``t = 1/(s + k Q)``, and on an interval of t if and only if ``M d_k = H``, ``k >= 1``.
*At most*: if H < M s (k = 0), ``min(1, e/max |b_h|^s)^M <= prod_h min(1, e/|b_h|^s)^(M/H)``, whose integral is of the
order ``e^(H/s)``. If H = M s (k = 1), the term 1, ``(e/max |b_h|^s)^M``, is a logarithm between ``e^(1/s)`` and
``e^(1/(s + Q))``, and shares of the terms 0 and 2 bound what is beyond. Else the terms k and k + 1 with the shares ``1
- c`` and c, ``M (d_k + c (s + k Q)) = H``, and ``max_S |D_S|`` at least its geometric mean, give ``e^(M (k + c))``
times the integral of ``prod |b_h|^-x prod |b_h^Q - b_g^Q|^-y``, ``x = M s (k + c)/H``, ``y = M k (k - 1 + 2 c)/(H (H -
1)) > 0`` (c > 0 if k = 1). Its exponents are below the codimension for n < H units at 0, ``x + y Q (n - 1)/2 < 1``,
with equality for n = H; hence ``y H/2 = (H - H x)/(Q (H - 1)) < 1``, since ``H x = M s (k + c) > 1``, or s = 0 and ``H
< Q (H - 1)``: and so for n at one value of b^Q, ``y n/2 < 1``. By homogeneity what is left is an integral of ``1/r``.
If c > 0, other shares make it converge on both sides of ``r = e^(1/(s + k Q))``. If c = 0, it is a logarithm between
``e^(1/(s + (k - 1) Q))`` and ``e^(1/(s + k Q))``, and shares with k - 1 and k + 1 bound what is beyond.

The value is Aoyagi's for s = 1 (Neural Networks 23, 2010); the proof here is another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from slt_symbolic.check.algebra.ring import Polynomial, terms
from slt_symbolic.check.bracket import Bracket, End
from slt_symbolic.check.budget import charge
from slt_symbolic.check.step import Data, fields, integer, items, require
from slt_symbolic.check.steps.common import Outcome, position, require_no_orders
from slt_symbolic.check.stratum import Stratum


def vandermonde(s: Stratum, data: Data) -> Outcome:
    """Data: ``units``, the names b_h; ``weights``, a list of names a_ih for each output; ``stride``, Q."""
    listed, tables, number = fields(data, "units", "weights", "stride")
    require_no_orders(s)
    units = [position(s, name) for name in items(listed, None, "units are a list of names")]
    weights = [[position(s, name) for name in items(row, None, "the weights of an output are a list of names")]
               for row in items(tables, None, "weights are a list of lists")]
    q = integer(number, 1, "the stride")
    require(bool(units) and bool(weights) and all(len(row) == len(units) for row in weights),
            "needs units, and a weight of each for each output")
    variables = [*units, *(j for row in weights for j in row)]
    require(len(set(variables)) == len(variables), "needs distinct variables; here one is named twice")
    for j in variables:
        require(j in s.near, "needs near variables; here {} is not near 0", s.names[j])
        require(s.jacobian[j] == 0, "needs variables without Jacobian orders; here {} has one", s.names[j])
    found = {_sum(g, units, weights) for g in s.generators}
    start = min((power for _, power in found), default=0)
    require(all((power - start) % q == 0 for _, power in found),
            "needs powers that are {} modulo the stride; here there are others", start)
    charge(len(weights) * len(units))
    require(all((i, start + q * n) in found for i in range(len(weights)) for n in range(len(units))),
            "needs a sum for each of {} outputs, and as many powers as there are units", len(weights))
    require(start > 0 or len(units) < q * (len(units) - 1), "needs more units, or a larger stride, for the power 0")
    end = value(len(units), len(weights), q, start)
    return [], lambda _: Bracket(end, end)


def _sum(g: Polynomial, units: Sequence[int], weights: Sequence[Sequence[int]]) -> tuple[int, int]:
    """``(i, p)`` of a generator ``sum_h a_ih b_h^p``, up to a number."""
    table = terms(g)
    charge(len(g) * len(weights) * len(units))
    power = int(g.total_degree()) - 1
    require(len(set(table.values())) == 1, "needs equal coefficients; here {}", g)
    found = [i for i, row in enumerate(weights)
             if set(table) == {_exponent(len(g.degrees()), a, b, power) for a, b in zip(row, units, strict=True)}]
    require(len(found) == 1, "needs a sum over all units of a weight times a power; here {}", g)
    return found[0], power


def _exponent(size: int, a: int, b: int, power: int) -> tuple[int, ...]:
    return tuple([1 if j == a else power if j == b else 0 for j in range(size)])


def value(units: int, outputs: int, q: int, start: int) -> End:
    """``(lambda, m)`` of the theorem.

    >>> value(5, 1, 2, 1), value(4, 1, 2, 1).multiplicity
    (End(value=Fraction(11, 10), multiplicity=1), 2)
    """
    k = 0
    while outputs * _degree(k + 1, q, start) <= units:
        k += 1
    ties = k > 0 and outputs * _degree(k, q, start) == units
    return End(Fraction(outputs * q * k * (k + 1) + 2 * units, 4 * (start + k * q)), 2 if ties else 1)


def _degree(n: int, q: int, start: int) -> int:
    return start * n + q * n * (n - 1) // 2
