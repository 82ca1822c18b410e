"""Values that a polynomial takes arbitrarily near the origin: those of its forms on compact faces."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from slt_symbolic.check.algebra.ring import Polynomial, fraction, support, terms
from slt_symbolic.check.optimum import minimal
from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.steps.bounds import part_of_least_weight

TRIALS = 60
MOST_VARIABLES = 8
MOST_EXPONENTS = 60

SIGNED = [sign * a for a in (1, 1, 2, 3, 4, 5, 9, 25) for sign in (1, -1)]

Values = tuple[list[int], list[int], Fraction]


def takes_negative_values(polynomial: Polynomial) -> bool:
    """Does it take negative values arbitrarily near the origin? False means: not seen.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> x, y = ring_of(["x", "y"]).gens()
    >>> takes_negative_values(x**2 - y**4), takes_negative_values((x - y) ** 2)
    (True, False)
    """
    return not _sum_of_even_powers(polynomial) and any(value < 0 for _, _, value in _values(polynomial))


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


def _values(polynomial: Polynomial) -> Iterator[Values]:
    """Weights, points and the values there of the part of least weight.

    Along ``x_j = e^{w_j} p_j`` the polynomial is ``e^d (part(p) + O(e))``. Random weights, which show vertices, and
    those of all compact faces, if they are few.
    """
    generator = random.Random(0)
    size = len(polynomial.context().names())
    for _ in range(TRIALS):
        weights = [generator.randint(1, 60) for _ in range(size)]
        point = [generator.choice(SIGNED) for _ in range(size)]
        yield weights, point, fraction(part_of_least_weight(polynomial, weights)(*point))
    used = sorted(support(polynomial))
    exponents = [tuple(e[j] for j in used) for e in terms(polynomial)]
    if len(used) > MOST_VARIABLES or len(minimal(exponents)) > MOST_EXPONENTS:
        return
    for face in Polyhedron.of(exponents).compact_faces:
        weights = [1] * size
        for j, column in zip(used, zip(*face.rays, strict=True), strict=True):
            weights[j] = sum(column)
        part = part_of_least_weight(polynomial, weights)
        for _ in range(TRIALS):
            point = [generator.choice(SIGNED) for _ in range(size)]
            yield weights, point, fraction(part(*point))
