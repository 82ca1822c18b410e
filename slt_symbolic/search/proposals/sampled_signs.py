"""Values that a polynomial takes arbitrarily near the origin: those of its forms on compact faces."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from flint import fmpq_poly

from slt_symbolic.check.algebra.ring import Polynomial, fraction, support, terms
from slt_symbolic.check.optimum import minimal
from slt_symbolic.check.point import Number, lifted, value_of
from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.steps.bounds import part_of_least_weight

TRIALS = 60
MOST_VARIABLES = 8
MOST_EXPONENTS = 60

SIGNED = [sign * a for a in (1, 1, 2, 3, 4, 5, 9, 25) for sign in (1, -1)]

Values = tuple[list[int], list[int], Fraction]


def takes_negative_values(polynomial: Polynomial, number: Number | None = None) -> bool:
    """Does it take negative values arbitrarily near the origin? False means: not seen.

    The last variable is the number, if there is one.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> x, y = ring_of(["x", "y"]).gens()
    >>> takes_negative_values(x**2 - y**4), takes_negative_values((x - y) ** 2)
    (True, False)
    """
    return not _sum_of_even_powers(polynomial) and any(value < 0 for _, _, value in _values(polynomial, number))


def opposite_signs(polynomial: Polynomial) -> list[list[list[object]]] | None:
    """Two curves, weights and a point each, along which its values have opposite signs; None if not seen."""
    seen: dict[bool, list[list[object]]] = {}
    for weights, point, value in _values(polynomial):
        if value:
            seen[value > 0] = [list(weights), [str(a) for a in point]]
        if len(seen) == 2:
            return list(seen.values())
    return None


def _sum_of_even_powers(polynomial: Polynomial) -> bool:
    return all(c > 0 and not any(a % 2 for a in e) for e, c in terms(polynomial).items())


def _values(polynomial: Polynomial, number: Number | None = None) -> Iterator[Values]:
    """Weights, points and the values there of the part of least weight; their signs, where there is a number.

    Along ``x_j = e^{w_j} p_j`` the polynomial is ``e^d (part(p) + O(e))``. Random weights, which show vertices, and
    those of all compact faces, if they are few.
    """
    generator = random.Random(0)
    constants = [] if number is None else [0]  # their weights
    size = len(polynomial.context().names()) - len(constants)
    for _ in range(TRIALS):
        weights = [generator.randint(1, 60) for _ in range(size)]
        point = [generator.choice(SIGNED) for _ in range(size)]
        yield weights, point, _value(part_of_least_weight(polynomial, [*weights, *constants]), point, number)
    used = sorted(support(polynomial) - set(range(size, size + len(constants))))
    exponents = [tuple(e[j] for j in used) for e in terms(polynomial)]
    if len(used) > MOST_VARIABLES or len(minimal(exponents)) > MOST_EXPONENTS:
        return
    for face in Polyhedron.of(exponents).compact_faces:
        weights = [1] * size
        for j, column in zip(used, zip(*face.rays, strict=True), strict=True):
            weights[j] = sum(column)
        part = part_of_least_weight(polynomial, [*weights, *constants])
        for _ in range(TRIALS):
            point = [generator.choice(SIGNED) for _ in range(size)]
            yield weights, point, _value(part, point, number)


def _value(part: Polynomial, point: list[int], number: Number | None) -> Fraction:
    """The value at a point; its sign, where the last variable is the number."""
    if number is None:
        return fraction(part(*point))
    values = [*(fmpq_poly([a]) for a in point), fmpq_poly([0, 1])]
    return Fraction(number.sign(lifted(value_of(part, values, number.relation()), number.polynomial.context(), 0)))
