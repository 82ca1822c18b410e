"""Scalar products of rows that are nearly orthogonal.

Theorem. Let ``a_1..a_p``, p >= 2, be rows of k >= 1 distinct near variables without Jacobian orders, let all generators
be polynomials in near variables, and orders 0. For each pair i < j let there be a generator of which each term has a
variable of a_i and one of a_j, with the quadratic part ``c_ij a_i^T W a_j``, c_ij != 0, W symmetric and definite, the
same for all pairs. Then v is at least ``(p min(k, p-1)/4, p if k = p-1 else 1)``. It is equal to that if there are no
other generators; if k < p - 1, and in each term of the others two variables of the rows at least; if k = p - 1, and
three at least; with two, v is at most ``(p k/4, 1)``.

Proof, for the generators of the pairs, by induction on p. W = I without loss, and they are ``F_ij = a_i^T (I + E_ij)
a_j``, the matrices E_ij polynomial and 0 at the origin. For p = 1 there are none. Blow up a = 0: ``a = r u``,
``|u| = 1``, ``F_ij = r^2 F'_ij``, a divisor with the pole ``p k/4``. F' is of the same kind in u, with matrices that
are 0 where r and the further variables are. There, at a common zero, the rows u_i != 0, i in S, are orthogonal, so that
``1 <= s = |S| <= k``. The F'_ij with i or j in S are coordinates: the gradients are independent, and tangent to the
sphere. Where they are 0, ``u_i^T (I + E') u_j = 0`` for i in S is linear in the row u_j, j not in S: ``u_j = (I +
small) y_j``, y_j orthogonal to all u_i. Left are ``y_i^T (I + small) y_j``, p - s rows of k - s variables. Further
variables and r are parameters, which no blow-up touches. So v is the least of ``p k/4`` and of ``s(p-s)/2 + s(s-1)/4 +
v(p-s, k-s)``, by induction ``(p k + s (p-1-k))/4`` while k <= p - 1; m counts the divisors that meet: all p of them
if k = p - 1. If k >= p, s = p is least: all pairs are coordinates.
With others: two variables in each term give ``K <= C |a|^4``, whose value is ``p k/4``. Three give ``K <= C (sum F^2 +
|a|^6)``: with ``a = t b``, ``t = e^(1/6)``, the set where ``sum F^2 <= e`` and ``|a| <= t`` is that of ``|b| <= 1``,
``sum F(t b)^2/t^4 <= e^(1/3)``, scaled. F(t b)/t^2 is of the same kind in b, with t as a parameter, so that the volume
is at least a multiple of ``t^{p k} e^{p k/12} log(1/e)^(p-1) = e^{p k/4} log(1/e)^(p-1)``: m is at least p.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from flint import fmpq, fmpq_mat

from slt_symbolic.check.algebra.ring import Polynomial, support, terms
from slt_symbolic.check.algebra.signs import index
from slt_symbolic.check.bracket import INFINITE, Bracket, End
from slt_symbolic.check.budget import charge
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import Outcome, position, require_no_orders
from slt_symbolic.check.stratum import Stratum

MOST_PLACES = 12  # of a row
Matrix = list[list[fmpq]]


def orthogonal(s: Stratum, data: Data) -> Outcome:
    """Data: ``rows``, lists of names; ``pairs``, the numbers of the generators of a_1 and a_2, a_1 and a_3, ..."""
    listed, numbers = fields(data, "rows", "pairs")
    require_no_orders(s)
    rows = _rows(s, listed)
    for g in s.generators:
        require(support(g) <= s.near, "needs generators in near variables; here {}", g)
        charge(len(g) * s.size)
    pairs = [index(i, len(s.generators), "generator") for i in items(numbers, None, "pairs are a list of numbers")]
    p, k = len(rows), len(rows[0])
    require(len(set(pairs)) == len(pairs) == p * (p - 1) // 2, "needs a generator for each of {} pairs",
            p * (p - 1) // 2)
    metrics = [_metric(s.generators[i], first, second)
               for i, (first, second) in zip(pairs, combinations(rows, 2), strict=True)]
    require(all(metric == metrics[0] for metric in metrics), "needs one form for all pairs, up to numbers")
    _require_definite(metrics[0])
    inside = [j for row in rows for j in row]
    others = [sum(e[j] for j in inside) for i, g in enumerate(s.generators) if i not in pairs for e in terms(g)]
    value = Fraction(p * min(k, p - 1), 4)
    lower = End(value, p if k == p - 1 else 1)
    if not others or (k < p and min(others) >= (3 if k == p - 1 else 2)):
        upper = lower
    else:
        upper = End(value, 1) if k < p and min(others) >= 2 else INFINITE
    return [], lambda _: Bracket(lower, upper)


def _rows(s: Stratum, listed: object) -> list[list[int]]:
    rows = [[position(s, name) for name in items(row, None, "a row is a list of names")]
            for row in items(listed, None, "rows are a list of lists")]
    inside = [j for row in rows for j in row]
    require(len(rows) > 1 and len({len(row) for row in rows}) == 1, "needs two rows or more, all of one length")
    require(0 < len(rows[0]) <= MOST_PLACES, "needs rows of 1 to {} variables", MOST_PLACES)
    require(len(set(inside)) == len(inside), "needs distinct variables; here one is named twice")
    for j in inside:
        require(j in s.near, "needs near variables; here {} is not near 0", s.names[j])
        require(s.jacobian[j] == 0, "needs variables without Jacobian orders; here {} has one", s.names[j])
    return rows


def _metric(g: Polynomial, first: Sequence[int], second: Sequence[int]) -> Matrix:
    """W, its first entry 1, from the quadratic part of the generator of two rows."""
    table = {e: c for e, c in terms(g).items() if sum(e) == 2}
    require(all(any(e[j] for j in first) and any(e[j] for j in second) for e in terms(g)),
            "needs a variable of both rows in each term; here {}", g)
    products = {tuple(j for j, power in enumerate(e) if power): c for e, c in table.items()}
    matrix = [[products.get((min(i, j), max(i, j)), fmpq(0)) for j in second] for i in first]
    require(bool(matrix[0][0]), "needs a definite form; here that of {} has a zero on its diagonal", g)
    return [[entry / matrix[0][0] for entry in row] for row in matrix]


def _require_definite(metric: Matrix) -> None:
    require(metric == [list(column) for column in zip(*metric, strict=True)], "needs a symmetric form; here {}", metric)
    for n in range(1, len(metric) + 1):
        require(fmpq_mat([row[:n] for row in metric[:n]]).det() > 0,
                "needs a definite form; here a leading minor of size {} is not positive", n)
