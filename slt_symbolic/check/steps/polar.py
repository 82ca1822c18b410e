"""A block of coordinates that enters through its radius only.

Theorem. Let the near variables ``b_1..b_r`` carry no orders, and let every generator that involves one of them be
``c b_i^e`` with ``c`` free of the block, together with ``c b_1^e, ..., c b_r^e``. Then ``K`` is comparable to a
function of the radius ``b^2 = sum b_i^2`` and the other variables, and the measure is ``b^(H-1) db`` times a finite
measure on the sphere, ``H = sum_i (h_i + 1)``: one variable with Jacobian order ``H - 1`` stands for the block.
"""

from __future__ import annotations

from slt_symbolic.check.algebra.ring import coefficients_in, monic
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import Outcome, only_child, position
from slt_symbolic.check.stratum import Stratum


def polar(s: Stratum, data: Data) -> Outcome:
    """Data: ``block``, at least two variables; the first one stands for the block afterwards."""
    (names,) = fields(data, "block")
    block = [position(s, name) for name in items(names, None, "a block is a list of names")]
    require(len(set(block)) == len(block), "needs distinct variables; here one is named twice")
    require(len(block) >= 2, "needs a block of two variables or more; here it has {}", len(block))
    for j in block:
        require(j in s.near, "needs near variables; here {} is not near 0", s.names[j])
        require(s.orders[j] == 0, "needs variables without orders; here {} has the order {}", s.names[j], s.orders[j])
    kept, found = [], {}
    for g in s.generators:
        parts = coefficients_in(g, block)
        exponent, cofactor = next(iter(parts.items()))
        require(len(parts) == 1 and sum(1 for e in exponent if e) <= 1, "needs generators c b^e; here {} is none", g)
        if not any(exponent):
            kept.append(g)
            continue
        (place,) = (i for i, e in enumerate(exponent) if e)
        found[str(monic(cofactor)), sum(exponent), place] = g
        if place == 0:
            kept.append(g)
    for (cofactor, power, _), g in found.items():
        require(all((cofactor, power, i) in found for i in range(len(block))),
                "needs the like of {} for every variable of the block", g)
    jacobian = list(s.jacobian)
    jacobian[block[0]] = sum(s.jacobian[j] + 1 for j in block) - 1
    for j in block[1:]:
        jacobian[j] = 0
    return [s.derive(generators=kept, jacobian=jacobian)], only_child
