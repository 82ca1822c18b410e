"""Split a stratum along a coordinate.

Theorem. A free variable ``x_j`` is 0 or not: the points with ``x_j = 0``, where it is near 0, and the others, where
it is a unit, cover the stratum.
"""

from __future__ import annotations

from slt_symbolic.check.bracket import least
from slt_symbolic.check.step import Data, fields, require
from slt_symbolic.check.steps.common import Outcome, position
from slt_symbolic.check.stratum import Stratum


def split(s: Stratum, data: Data) -> Outcome:
    """Data: ``variable``. Children: where it is 0, where it is not."""
    (name,) = fields(data, "variable")
    j = position(s, name)
    require(j in s.free, "needs a free variable; here {} is not free", name)
    return [s.derive(near=s.near | {j}), s.derive(units=[*s.units, s.variables[j]])], least
