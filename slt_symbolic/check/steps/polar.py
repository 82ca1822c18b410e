"""A block of coordinates that enters through its radius only.

Theorem. Let the near variables ``b_1..b_r`` carry no orders, and let every generator that involves one of them be
``c b_i^e`` with ``c`` free of the block, together with
 ``c b_1^e, ..., c b_r^e``. Then ``K`` is comparable to a function of
the radius ``b^2 = sum b_i^2`` and the other variables, and the measure is ``b^(H-1) db`` times a finite measure on
the sphere, ``H = sum_i (h_i + 1)``: one variable with Jacobian order ``H - 1`` stands for the block.
"""

from __future__ import annotations

from slt_symbolic.check.ring import coefficients_in, monic
from slt_symbolic.check.step import Combine, Data, fields, only_child, position, require
from slt_symbolic.check.stratum import Stratum


def polar(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``block``, at least two variables; the first one stands for the block afterwards."""
    (names,) = fields(data, "block")
    block = [position(s, name) for name in names]
    require(len(set(block)) == len(block) >= 2, "a block has two variables or more")
    require(all(j in s.near and s.orders[j] == 0 for j in block), "a variable of the block is free or has an order")
    kept, found = [], set()
    for g in s.generators:
        parts = coefficients_in(g, block)
        ((exponent, cofactor),) = parts.items() if len(parts) == 1 else [((), g)]
        require(len(parts) == 1 and sum(1 for e in exponent if e) <= 1, f"{g} is not c b^e")
        if any(exponent):
            place = next(i for i, e in enumerate(exponent) if e)
            found.add((str(monic(cofactor)), sum(exponent), place))
            if place:
                continue
        kept.append(g)
    for cofactor, power, _ in found:
        require(all((cofactor, power, i) in found for i in range(len(block))),
                f"({cofactor}) b^{power} is not there for every variable of the block")
    jacobian = list(s.jacobian)
    jacobian[block[0]] = sum(s.jacobian[j] + 1 for j in block) - 1
    for j in block[1:]:
        jacobian[j] = 0
    return [s.derive(generators=kept, jacobian=jacobian)], only_child
