"""A zero on an orbit that tends to the point: an upper bound.

Theorem. Let every generator be quasi-homogeneous for weights ``w >= 0``, and let them vanish at ``p``, where
``w_j > 0`` if ``p_j != 0``. Scaling ``x_j -> s^{w_j} x_j`` maps the germ at ``p`` to that at ``s·p`` (each generator
times a constant), and ``s·p -> 0`` for ``s -> 0``: ``(lambda, m)``, lower semicontinuous, is at the origin at most
that at ``p``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flint import fmpq

from slt_symbolic.check.algebra.ring import substitute
from slt_symbolic.check.bracket import Bracket
from slt_symbolic.check.step import Data, fields, ratio, require
from slt_symbolic.check.steps.bounds import order_bound
from slt_symbolic.check.steps.common import (
    Outcome,
    position,
    quasi_homogeneous_weights,
    require_a_point,
    require_no_jacobian,
    require_no_orders,
)
from slt_symbolic.check.stratum import Stratum


def nearby(s: Stratum, data: Data) -> Outcome:
    """Data: ``weights``, positive integers, and ``point``, rationals, for some of the variables."""
    table, coordinates = fields(data, "weights", "point")
    require_no_orders(s)
    require_no_jacobian(s)
    require_a_point(s)
    lower = order_bound(s)
    weights = quasi_homogeneous_weights(s, table)
    require(isinstance(coordinates, Mapping), "a point is a table of names")
    point = {position(s, name): ratio(text) for name, text in coordinates.items()}
    for j, a in point.items():
        require(a == 0 or weights[j] > 0, "needs a weight for each coordinate that is not 0; {} has none", s.names[j])
    moved = [substitute(g, {j: s.variables[j] + fmpq(a.numerator, a.denominator) for j, a in point.items()})
             for g in s.generators]
    for g, image in zip(s.generators, moved, strict=True):
        require(image(*[0] * s.size) == 0, "needs a zero of all generators; {} does not vanish at the point", g)

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(lower, brackets[0].upper)

    return [s.derive(moved)], combine
