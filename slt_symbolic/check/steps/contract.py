"""Contraction of free variables to 0.

Theorem. Let ``w >= 0`` be weights for which every generator is quasi-homogeneous. Scaling ``x_j -> s^{w_j} x_j`` maps
the germ at a point to the germ at the scaled point (each generator times a constant); for ``s -> 0`` the free
variables with ``w_j > 0`` tend to 0. ``(lambda, m)`` is lower semicontinuous in the point, so that it is least where
these variables are 0. If no unit involves them, the limits are points of the stratum, and ``v`` stays; otherwise the
units that do are dropped and only the lower bound stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from slt_symbolic.check.bracket import INFINITE, Bracket
from slt_symbolic.check.step import Data, fields, require
from slt_symbolic.check.steps.common import Outcome, quasi_homogeneous_weights
from slt_symbolic.check.stratum import Stratum


def contract(s: Stratum, data: Data) -> Outcome:
    """Data: ``weights``, a positive integer for each variable that is scaled."""
    (table,) = fields(data, "weights")
    weights = quasi_homogeneous_weights(s, table)
    require(not any(weights[j] for j in s.constants), "needs weights of coordinates; here the constant has one")
    contracted = frozenset(j for j in s.free if weights[j])
    require(bool(contracted), "needs a free variable with a weight; here there is none")
    units = [u for u in s.units if not s.support(u) & contracted]
    child = s.derive(near=s.near | contracted, units=units)

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        (b,) = brackets
        return b if len(units) == len(s.units) else Bracket(b.lower, INFINITE)

    return [child], combine
