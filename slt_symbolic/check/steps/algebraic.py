"""Split a stratum at the roots of a polynomial in one free coordinate.

Theorem. Let the stratum have no constant, and let ``q`` be a polynomial in the free coordinate ``x_j`` alone,
irreducible over Q. The points where ``q(x_j)`` is not 0, with ``q`` as a unit, and those where ``x_j`` is a real root
``c`` of it, with ``x_j = c + x_j'`` and ``x_j'`` near 0, cover the stratum. A flat variable lends its name to ``c``.
What is shown with ``q(c) = 0`` only holds for every root. That q is irreducible, with a real root, the certificate
shows once, where it lists the minimal polynomials of its constant.
"""

from __future__ import annotations

from slt_symbolic.check.algebra.ring import substitute, support
from slt_symbolic.check.bracket import least
from slt_symbolic.check.step import Data, fields, require
from slt_symbolic.check.steps.common import Outcome, polynomial, position
from slt_symbolic.check.stratum import Stratum


def algebraic(s: Stratum, data: Data) -> Outcome:
    """Data: ``variable`` x_j, ``polynomial`` q, ``constant``: a flat variable. Children: at the roots, elsewhere.

    Whoever applies the step sees to it that ``q(c)`` is a minimal polynomial that the certificate lists.
    """
    name, text, constant = fields(data, "variable", "polynomial", "constant")
    j, c, q = position(s, name), position(s, constant), polynomial(s, text)
    require(not s.constants, "needs no constant; here {} is one already", ", ".join(s.names[i] for i in s.constants))
    require(j in s.free, "needs a free variable; here {} is not free", name)
    require(c in s.flat, "needs a flat variable to be the constant; here {} is not flat", constant)
    require(support(q) == {j}, "needs a polynomial in {} alone; here it is {}", name, q)
    shift = {j: s.variables[j] + s.variables[c]}
    relation = substitute(q, {j: s.variables[c]})
    at_roots = s.derive(generators=[substitute(g, shift) for g in s.generators], near=(s.near | {j}) - {c},
                        units=[substitute(u, shift) for u in s.units], constants={c: relation})
    return [at_roots, s.derive(units=[*s.units, q])], least
