"""Split a stratum at the roots of a polynomial in one free coordinate.

Theorem. Let ``q`` be a polynomial in the free coordinate ``x_j`` alone, irreducible over Q. The points where ``q(x_j)``
is not 0, with ``q`` as a unit, and those where ``x_j`` is a real root ``c`` of it, with ``x_j = c + x_j'`` and ``x_j'``
near 0, cover the stratum. A flat variable lends its name to ``c``. What is shown with
``q(c) = 0`` only holds for every root.
"""

from __future__ import annotations

import sympy

from slt_symbolic.check.pairs import least
from slt_symbolic.check.ring import Polynomial, factors, substitute, support, terms
from slt_symbolic.check.step import Combine, Data, fields, polynomial, position, require
from slt_symbolic.check.stratum import Stratum


def algebraic(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``variable`` x_j, ``polynomial`` q, ``constant``: a flat variable. Children: at the roots, elsewhere."""
    name, text, constant = fields(data, "variable", "polynomial", "constant")
    j, c, q = position(s, name), position(s, constant), polynomial(s, text)
    require(j in s.free, f"{name} is no free variable")
    require(not s.constants, "there is an algebraic constant already")
    require(c in s.flat and c != j, f"{constant} is not flat")
    require_minimal_polynomial(q, j)
    shift = {j: s.variables[j] + s.variables[c]}
    relation = substitute(q, {j: s.variables[c]})
    at_roots = s.derive(generators=[substitute(g, shift) for g in s.generators], near=(s.near | {j}) - {c},
                        units=[substitute(u, shift) for u in s.units], constants={**s.constants, c: relation})
    return [at_roots, s.derive(units=[*s.units, q])], least


def require_minimal_polynomial(q: Polynomial, j: int) -> None:
    """A polynomial in the variable j alone, irreducible over Q, of degree two or more, with a real root."""
    require(support(q) == {j}, f"{q} is not a polynomial in one variable alone")
    irreducible = [power for _, power in factors(q)] == [1]
    require(irreducible and q.degrees()[j] >= 2, f"{q} is not irreducible, of degree 2 or more")
    symbol = sympy.Dummy()
    univariate = sympy.Poly({(e[j],): sympy.Rational(int(v.p), int(v.q)) for e, v in terms(q).items()}, symbol)
    require(bool(univariate.intervals()), f"{q} has no real root")
