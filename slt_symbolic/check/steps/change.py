"""Change of one coordinate.

Theorem. Let ``A``, ``B`` be free of ``x_j`` and ``A`` without zeros on the stratum. Then ``x_j' = A x_j + B`` is a
coordinate at every point of the stratum, in place of ``x_j = (x_j' - B)/A``. Generators may be multiplied by powers
of the unit ``A``, which clears denominators. If ``x_j`` is near 0, ``B`` has to vanish on the stratum, so that
``x_j'`` is near 0 again; if it carries an order, ``B`` has to be 0, so that ``x_j'`` is ``x_j`` times a unit.
If ``x_j`` is free then so is ``x_j'``, and the points correspond one to one.
"""

from __future__ import annotations

from slt_symbolic.check.algebra.ring import involves, substitute_fraction
from slt_symbolic.check.step import Data, fields, require
from slt_symbolic.check.steps.common import Outcome, only_child, polynomial, position, require_unit
from slt_symbolic.check.stratum import Stratum


def change(s: Stratum, data: Data) -> Outcome:
    """Data: ``variable`` x_j, ``unit`` A, ``shift`` B, for the coordinate ``A x_j + B``; ``nonzero``: A is a unit."""
    name, unit_text, shift_text, proof = fields(data, "variable", "unit", "shift", "nonzero")
    j, unit, shift = position(s, name), polynomial(s, unit_text), polynomial(s, shift_text)
    require(j not in s.constants, "needs a coordinate; here {} is a constant", name)
    require(not involves(unit, j), "needs a unit free of {}; here it is {}", name, unit)
    require(not involves(shift, j), "needs a shift free of {}; here it is {}", name, shift)
    require_unit(s, unit, proof)
    if j in s.near:
        require(s.on_stratum(shift).is_zero(), "needs a shift that vanishes on the stratum; here it is {}", shift)
        require(shift.is_zero() or (s.orders[j] == 0 and s.jacobian[j] == 0),
                "needs the shift 0, since {} carries an order; here it is {}", name, shift)
    old = s.variables[j] - shift
    moved = [substitute_fraction(g, j, old, unit) for g in s.generators]
    # The unit may involve near variables; on the stratum the substitution is that of its values there.
    on_unit, on_old = s.on_stratum(unit), s.on_stratum(old)
    units = [u if j in s.near else substitute_fraction(u, j, on_old, on_unit) for u in s.units]
    return [s.derive(generators=moved, units=[*units, on_unit])], only_child
