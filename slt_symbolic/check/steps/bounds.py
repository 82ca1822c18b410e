"""One-sided bounds, and the best of several arguments."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq

from slt_symbolic.check.algebra.ring import Polynomial, rank, terms, times
from slt_symbolic.check.algebra.signs import index, weights_of
from slt_symbolic.check.bracket import INFINITE, Bracket, End
from slt_symbolic.check.optimum import optimum
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import (
    Outcome,
    monomial_upper_bound,
    polynomial,
    position,
    require_a_point,
    require_generators,
    require_no_orders,
)
from slt_symbolic.check.stratum import Stratum

MOST_ARGUMENTS = 10


def best(s: Stratum, data: Data) -> Outcome:
    """Several arguments about the same stratum: the largest lower and the smallest upper bound. Data: ``arguments``."""
    (count,) = fields(data, "arguments")
    require(type(count) is int and 1 <= count <= MOST_ARGUMENTS,
            "needs 1 to {} arguments; here there are {}", MOST_ARGUMENTS, count)

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(max(b.lower for b in brackets), min(b.upper for b in brackets))

    return [s.derive()] * count, combine


def order(s: Stratum, data: Data) -> Outcome:
    """The bounds that every stratum has. Data: ``optimum`` of the monomials, or ``weights`` alone for an upper bound.

    Lower: no generator vanishes identically on the stratum, since none is 0 modulo the constant; a polynomial of
    degree D that does not vanishes nowhere to a higher order than D, so ``|g|^{-c}`` is integrable for ``c < 1/D``; by
    Hölder's inequality ``1/lambda <= 2 D + 2 max_j k_j/(h_j + 1)``; and m is at most the dimension.
    Upper: the Newton polyhedron, by ``K <= C sum of squares of the monomials``.
    """
    (proof,) = fields(data, "optimum")
    lower, upper = order_bound(s), monomial_upper_bound(s, proof)
    return [], lambda _: Bracket(lower, upper)


def order_bound(s: Stratum) -> End:
    """The lower bound by the degree of a generator; infinite if one is a number and there are no orders."""
    require_generators(s)
    degree = min(int(g.total_degree()) for g in s.generators)
    slowest = max(Fraction(k, h + 1) for k, h in zip(s.orders, s.jacobian, strict=True))
    return INFINITE if degree + slowest == 0 else End(1 / (2 * (degree + slowest)), s.size)


def initial(s: Stratum, data: Data) -> Outcome:
    """Initial monomials: a lower bound by the *complex* threshold, which is lower semicontinuous in families.

    Let no variable be free, and the orders be 0. For weights ``w > 0`` for which each generator has one term of least
    weight, the generators degenerate to these monomials, so that ``lambda >= lct_C / 2 >= lct_C(monomials) / 2``; for
    monomials the complex and the real threshold agree (Howald 2001). Nothing follows for m. Jacobian orders only make
    the measure smaller. Data: ``weights``, 1 for variables that are not named, and ``optimum`` of the monomials.
    """
    table, proof = fields(data, "weights", "optimum")
    require_generators(s)
    require_no_orders(s)
    require_a_point(s)
    weights = [w or 1 for w in weights_of(s.ring, table)]
    exponents = []
    for g in s.generators:
        values = sorted((sum(w * e for w, e in zip(weights, exponent, strict=True)), exponent) for exponent in terms(g))
        require(len(values) == 1 or values[0][0] < values[1][0], "needs one term of least weight; {} has several", g)
        exponents.append(tuple(values[0][1][j] for j in s.ridges))
    end = optimum(exponents, [0] * len(s.ridges), proof)
    require(end != INFINITE, "needs initial monomials that vanish at the point; here one is a number")
    return [], lambda _: Bracket(End(end.value, s.size), INFINITE)


def jacobian_rank(s: Stratum, data: Data) -> Outcome:
    """The Jacobian: its rank r at the point bounds ``lambda >= r/2``.

    r generators are coordinates, and ``K`` is at least the sum of their squares. That is all of ``K`` (up to
    comparison, no Jacobian orders) if there are no other generators, or if n - r vector fields that are independent at
    the point annihilate all generators: then r is the rank near the point, the generators are functions of r of them.
    Data: ``fields``, tables of components, polynomials by variable; 0 for variables left out.
    """
    (tables,) = fields(data, "fields")
    require_no_orders(s)
    require_a_point(s)
    origin = [0] * s.size
    unit = [tuple([int(i == j) for i in range(s.size)]) for j in range(s.size)]
    for g in s.generators:
        require(g(*origin) == 0, "needs generators that vanish at the point; {} does not", g)
    r = rank([[linear.get(e, fmpq(0)) for e in unit] for linear in map(terms, s.generators)])
    require(r > 0, "needs a generator with a linear part; here there is none")
    vector_fields = [{position(s, name): polynomial(s, text) for name, text in table.items()}
                     for table in items(tables, None, "fields are a list of tables")]
    for field in vector_fields:
        for g in s.generators:
            total = sum((times(g.derivative(j), part) for j, part in field.items()), s.ring.constant(0))
            require(total.is_zero(), "a vector field does not annihilate {}", g)
    symmetries = rank([[field[j](*origin) if j in field else 0 for j in range(s.size)] for field in vector_fields])
    complete = not any(s.jacobian) and (len(s.generators) == r or symmetries == s.size - r)
    end = End(Fraction(r, 2), 1)
    return [], lambda _: Bracket(end, end if complete else INFINITE)


def subset(s: Stratum, data: Data) -> Outcome:
    """Some of the generators: a lower bound. Data: ``keep``, their numbers."""
    (keep,) = fields(data, "keep")
    chosen = [index(i, len(s.generators), "generator") for i in items(keep, None, "keep lists numbers of generators")]
    require(bool(chosen), "needs a generator that is kept; here there is none")
    require(len(set(chosen)) == len(chosen), "needs distinct generators; here one is kept twice")

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(brackets[0].lower, INFINITE)

    return [s.derive([s.generators[i] for i in chosen])], combine


def part_of_least_weight(polynomial: Polynomial, weights: Sequence[int]) -> Polynomial:
    """The terms in which the weights of the variables add up to the least value."""
    table = terms(polynomial)
    degrees = {e: sum(w * a for w, a in zip(weights, e, strict=True)) for e in table}
    least = min(degrees.values())
    return polynomial.context().from_dict({e: c for e, c in table.items() if degrees[e] == least})
