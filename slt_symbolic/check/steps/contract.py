"""Contraction of free variables to 0.

Theorem. Let ``w >= 0`` be weights for which every generator is quasi-homogeneous. Scaling ``x_j -> s^{w_j} x_j`` maps
the germ at a point to the germ at the scaled point (each generator times a constant); for ``s -> 0`` the free
variables with ``w_j > 0`` tend to 0. The pair is lower semicontinuous in the point, so that it is least where these
variables are 0. If no unit involves them, the limits are points of the stratum, and ``v`` stays; otherwise the units
that do are dropped and only the lower bound stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slt_symbolic.check.pairs import INFINITE, Bracket
from slt_symbolic.check.ring import terms
from slt_symbolic.check.step import Combine, Data, fields, position, require
from slt_symbolic.check.stratum import Stratum


def contract(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``weights``, a positive integer for each variable that is scaled."""
    (table,) = fields(data, "weights")
    weights = require_quasi_homogeneous(s, table)
    contracted = frozenset(j for j, w in enumerate(weights) if w and j not in s.near)
    require(bool(contracted), "no free variable is contracted")
    units = [u for u in s.units if not s.support(u) & contracted]
    child = s.derive(near=s.near | contracted, units=units)

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        (b,) = brackets
        return b if len(units) == len(s.units) else Bracket(b.lower, INFINITE)

    return [child], combine


def require_quasi_homogeneous(s: Stratum, table: Mapping[str, int]) -> list[int]:
    """The weights of all variables, 0 for those without an entry."""
    weights = [0] * s.size
    for name, weight in table.items():
        require(type(weight) is int and weight > 0, f"weight {weight!r} of {name}")
        weights[position(s, name)] = weight
    require(not any(weights[j] for j in s.constants), "a constant has a weight")
    for g in s.generators:
        degrees = {sum(a * b for a, b in zip(weights, e, strict=True)) for e in terms(g)}
        require(len(degrees) == 1, f"{g} is not quasi-homogeneous")
    return weights
