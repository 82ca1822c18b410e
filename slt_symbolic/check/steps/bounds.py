"""One-sided bounds, and the best of several arguments."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_mat

from slt_symbolic.check.pairs import INFINITE, Bracket, Pair
from slt_symbolic.check.polyhedron import minimal
from slt_symbolic.check.ring import Exponent, Polynomial, coefficients_in, fraction, terms
from slt_symbolic.check.step import Combine, Data, fields, polynomial, position, require
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.newton import weighted_threshold

MOST_ARGUMENTS = 10


def best(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Several arguments about the same stratum: the largest lower and the smallest upper bound. Data: ``arguments``."""
    (count,) = fields(data, "arguments")
    require(type(count) is int and 1 <= count <= MOST_ARGUMENTS, f"arguments {count!r}")

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(max(b.lower for b in brackets), min(b.upper for b in brackets))

    return [s] * count, combine


def order(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """The bounds that every stratum has.

    Lower: a polynomial of degree D vanishes at no point to a higher order, so ``|g|^{-c}`` is integrable for
    ``c < 1/D``; by Hölder's inequality ``1/lambda <= 2 D + 2 max_j k_j/(h_j + 1)``; and m is at most the dimension.
    Upper: the Newton polyhedron, by ``K <= C sum of squares of the monomials``.
    """
    fields(data)
    require(bool(s.generators) and not s.is_empty, "there are no generators, or no points")
    degree = min(int(g.total_degree()) for g in s.generators)
    slowest = max(Fraction(k, h + 1) for k, h in zip(s.orders, s.jacobian, strict=True))
    if degree + slowest == 0:
        return [], lambda _: Bracket(INFINITE, INFINITE)
    lower = Pair(1 / (2 * (degree + slowest)), s.size)
    return [], lambda _: Bracket(lower, polyhedron_bound(s))


def polyhedron_bound(s: Stratum) -> Pair:
    """The pair of the monomials with the measure ``x^h dx``, at least that of the germ; infinite if one is constant."""
    exponents = near_exponents(s)
    if not any(exponents[0]):
        return INFINITE
    value, multiplicity, _ = weighted_threshold(exponents, tuple(s.jacobian[j] for j in sorted(s.near)))
    return Pair(value, multiplicity)


def near_exponents(s: Stratum) -> tuple[Exponent, ...]:
    """The minimal exponents of ``K^(1/2)`` in the near variables, in order of their degree."""
    near = sorted(s.near)
    return tuple(minimal({tuple(e + s.orders[j] for j, e in zip(near, exponent, strict=True))
                          for g in s.generators for exponent in coefficients_in(g, near)}))


def initial(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Initial monomials: a lower bound by the *complex* threshold, which is lower semicontinuous in families.

    Let no variable be free, and the orders be 0. For weights ``w > 0`` for which each generator has one term of least
    weight, the generators degenerate to these monomials, so that ``lambda >= lct_C / 2 >= lct_C(monomials) / 2``; for
    monomials the complex and the real threshold agree (Howald 2001). Nothing follows for m. Data: ``weights``.
    """
    (table,) = fields(data, "weights")
    require(not any(s.orders) and not s.free and not s.constants and bool(s.generators), "orders, free variables")
    weights = [table.get(name, 1) for name in s.ring.names()]
    require(all(type(w) is int and w > 0 for w in weights), "a weight is not a positive integer")
    exponents = []
    for g in s.generators:
        values = sorted((sum(w * e for w, e in zip(weights, exponent, strict=True)), exponent) for exponent in terms(g))
        require(len(values) == 1 or values[0][0] < values[1][0], f"{g} has several terms of least weight")
        exponents.append(values[0][1])
    value, _, _ = weighted_threshold(tuple(exponents), (0,) * s.size)
    return [], lambda _: Bracket(Pair(value, s.size), INFINITE)


def rank(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """The Jacobian: its rank r, where it is constant on the stratum, bounds ``lambda >= r/2``.

    r generators are coordinates, and ``K`` is at least the sum of their squares. That is all of ``K`` (up to
    comparison, no Jacobian orders) if there are no other generators, or if n - r vector fields that are independent at
    the point annihilate all generators: then r is the rank near the point, the generators are functions of r of them.
    Data: ``fields``, tables of components, polynomials by variable; 0 for variables left out.
    """
    (texts,) = fields(data, "fields")
    require(not any(s.orders) and not s.free and not s.constants, "orders, free variables or constants")
    coordinates = sorted(s.near)
    gradients = [[g.derivative(j) for j in coordinates] for g in s.generators]
    origin = [0] * s.size
    require(all(g(*origin) == 0 for g in s.generators), "a generator does not vanish")
    r = _exact_rank([[entry(*origin) for entry in row] for row in gradients])
    require(r > 0, "the rank is 0")
    vector_fields = [{position(s, name): polynomial(s, text) for name, text in table.items()} for table in texts]
    for field in vector_fields:
        for row in gradients:
            total = sum((row[coordinates.index(j)] * component for j, component in field.items()), s.ring.constant(0))
            require(total.is_zero(), "a vector field does not annihilate a generator")
    symmetries = _exact_rank([[field[j](*origin) if j in field else 0 for j in coordinates] for field in vector_fields])
    complete = len(s.generators) == r or symmetries == len(coordinates) - r
    pair = Pair(Fraction(r, 2), 1)
    return [], lambda _: Bracket(pair, pair if complete and not any(s.jacobian) and not s.is_empty else INFINITE)


def _exact_rank(rows: Sequence[Sequence[fmpq]]) -> int:
    return int(fmpq_mat([list(row) for row in rows]).rank()) if rows else 0


def subset(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Some of the generators: a lower bound. Data: ``keep``, their numbers."""
    (keep,) = fields(data, "keep")
    require(bool(keep), "nothing is kept")
    require(all(type(i) is int and 0 <= i < len(s.generators) for i in keep), "no such generators")
    child = s.derive([s.generators[i] for i in keep])

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(brackets[0].lower, INFINITE)

    return [child], combine


def value_at(polynomial: Polynomial, point: Sequence[Fraction]) -> Fraction:
    """The value at a rational point."""
    return fraction(polynomial(*[fmpq(x.numerator, x.denominator) for x in point]))
