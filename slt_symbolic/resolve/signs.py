"""Values that a polynomial takes arbitrarily near the origin: those of its forms on compact faces."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from slt_symbolic.check.polyhedron import compact_faces, minimal
from slt_symbolic.check.ring import Polynomial, support, terms
from slt_symbolic.check.steps.bounds import value_at

TRIALS = 60
MOST_VARIABLES = 8
MOST_EXPONENTS = 60

Values = tuple[list[int], list[Fraction], Fraction]


def takes_negative_values(polynomial: Polynomial) -> bool:
    """Does it take negative values arbitrarily near the origin? False means: not seen.

    >>> from slt_symbolic.check.ring import ring_of
    >>> x, y = ring_of(["x", "y"]).gens()
    >>> takes_negative_values(x**2 - y**4), takes_negative_values((x - y) ** 2)
    (True, False)
    """
    return any(value < 0 for _, _, value in _values(polynomial))


def opposite_signs(polynomial: Polynomial) -> tuple[list[int], list[list[str]]] | None:
    """Weights, and two points where the part of least weight has opposite signs; None if not seen."""
    seen: dict[tuple[int, ...], dict[bool, list[Fraction]]] = {}
    for weights, point, value in _values(polynomial):
        points = seen.setdefault(tuple(weights), {})
        if value:
            points[value > 0] = point
        if len(points) == 2:
            return weights, [[str(a) for a in p] for p in points.values()]
    return None


def _values(polynomial: Polynomial) -> Iterator[Values]:
    """Weights, points and the values there of the part of least weight: along ``x_j = e^{w_j} p_j`` the polynomial is
    ``e^d (part(p) + O(e))``."""
    used = sorted(support(polynomial))
    table = {tuple(e[j] for j in used): (e, c) for e, c in terms(polynomial).items()}
    if len(used) > MOST_VARIABLES or len(minimal(table)) > MOST_EXPONENTS:
        return
    generator = random.Random(0)
    size = len(polynomial.context().names())
    for face in compact_faces(list(table)):
        part = polynomial.context().from_dict(dict(table[e] for e in face.exponents))
        weights = [1] * size
        for j, column in zip(used, zip(*face.rays, strict=True), strict=True):
            weights[j] = sum(column)
        for _ in range(TRIALS):
            point = [Fraction(generator.choice((-4, -3, -2, -1, 1, 2, 3, 4)), generator.choice((1, 1, 2, 3)))
                     for _ in range(size)]
            yield weights, point, value_at(part, point)
