"""Weighted blow-up along a coordinate subspace.

Theorem. Let ``w_j > 0`` for some near variables. In the chart of ``x_i`` one puts ``x_i = ± t^{w_i}``,
``x_j = t^{w_j} y_j`` (see `charts`; the sign is needed for even ``w_i`` only). A point of the exceptional divisor has a
first coordinate that is not 0, in the order given: the charts with the earlier ``y_j`` near 0 and the later ones free
cover it. A later variable that carries an order is either near 0 or a unit.
"""

from __future__ import annotations

from itertools import product

from slt_symbolic.check.bracket import least
from slt_symbolic.check.budget import charge
from slt_symbolic.check.step import Data, fields, integer, items, require
from slt_symbolic.check.steps.charts import blowup_chart
from slt_symbolic.check.steps.common import Outcome, position
from slt_symbolic.check.stratum import Stratum


def blowup(s: Stratum, data: Data) -> Outcome:
    """Data: ``weights``, a list of ``[variable, positive integer]``; its order is that of the charts."""
    (listed,) = fields(data, "weights")
    weights = [0] * s.size
    centre: list[int] = []
    for name, weight in items(listed, 2, "the centre lists variables with their weights"):
        j = position(s, name)
        require(j in s.near, "needs near variables; here {} is not near 0", name)
        require(j not in centre, "needs distinct variables; here {} is listed twice", name)
        weights[j] = integer(weight, 1, "the weight of a variable")
        centre.append(j)
    require(len(centre) >= 2, "needs a centre of two variables or more; here it has {}", len(centre))
    strata = []
    for i, pivot in enumerate(centre):
        earlier, later = frozenset(centre[:i]), centre[i + 1 :]
        ordered = [j for j in later if s.orders[j] or s.jacobian[j]]
        charge(1 << len(ordered))
        for sign in (1, -1) if weights[pivot] % 2 == 0 else (1,):
            for pattern in product((False, True), repeat=len(ordered)):
                nonzero = frozenset(j for j, unit in zip(ordered, pattern, strict=True) if unit)
                zero = earlier | (frozenset(ordered) - nonzero)
                strata.append(blowup_chart(s, weights, pivot, zero, nonzero, sign))
    return strata, least
