"""Generators that are coordinates wherever they vanish together.

Theorem. Let ``g_1..g_r`` be some of the generators and ``h_1..h_q`` the others. Let P be the free variables and those
near variables without order and Jacobian order that no h involves; let no h involve a free one. If at every point of
the stratum where ``g_1..g_r`` vanish their gradients in P are independent, then there they are coordinates, together
with all variables but r of P. So the germ is that of ``y_1^2 + ... + y_r^2 + h_1^2 + ... + h_q^2`` with the same orders
and measure, where ``y_1..y_r`` are new coordinates; at the other points K is at least a multiple of ``x^{2k}``, whose
pair is not less. Hence v is at least the pair of that germ, and equal to it if ``g_1..g_r`` have a common zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from slt_symbolic.check.algebra.ring import value_at
from slt_symbolic.check.algebra.signs import determinant, index, require_empty
from slt_symbolic.check.bracket import INFINITE, Bracket
from slt_symbolic.check.step import Data, fields, items, ratio, require
from slt_symbolic.check.steps.common import Outcome, position
from slt_symbolic.check.stratum import Stratum


def coordinates(s: Stratum, data: Data) -> Outcome:
    """Data: ``generators``, ``names``, ``minors``, ``empty``, ``zero``.

    The numbers of the generators; names among P for the new coordinates; the columns of minors of the Jacobian, and a
    proof that these have no common zero with the generators; a common zero as a table of the free variables, or None.
    """
    chosen, names, minors, proof, zero = fields(data, "generators", "names", "minors", "empty", "zero")
    numbers = [index(i, len(s.generators), "generator") for i in items(chosen, None, "generators are listed by number")]
    require(bool(numbers) and len(set(numbers)) == len(numbers), "needs distinct generators; here {}", numbers)
    own = [s.generators[i] for i in numbers]
    others = [g for i, g in enumerate(s.generators) if i not in numbers]
    pivots = _pivots(s, numbers)
    for g in others:
        require(not s.support(g) & set(s.free), "needs other generators without free variables; here {}", g)
    new = [position(s, name) for name in items(names, None, "names are a list")]
    require(len(set(new)) == len(new) == len(own), "needs a name for each of {} coordinates", len(own))
    for j in new:
        require(j in pivots, "needs names of variables that are replaced; here {} is none", s.names[j])
    values = [s.on_stratum(g) for g in own]
    found = []
    for listed in items(minors, None, "minors are a list"):
        columns = [position(s, name) for name in items(listed, None, "a minor is a list of names")]
        require(columns == sorted(set(columns)) and len(columns) == len(own) and set(columns) <= pivots,
                "needs {} variables that may be replaced, in order; here they are {}", len(own), listed)
        found.append(determinant([[s.on_stratum(g.derivative(j)) for j in columns] for g in own]))
    require_empty([*values, *found], proof, s.units, s.constants)
    attained = zero is not None
    if attained:
        _require_zero(s, numbers, zero)

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(brackets[0].lower, brackets[0].upper if attained else INFINITE)

    return [s.derive([*(s.variables[j] for j in new), *others], near=s.near | pivots, units=[])], combine


def _pivots(s: Stratum, numbers: Sequence[int]) -> frozenset[int]:
    """The variables P."""
    occurring = frozenset().union(*(s.support(g) for i, g in enumerate(s.generators) if i not in numbers))
    plain = (j for j in s.near if not s.orders[j] and not s.jacobian[j] and j not in occurring)
    return frozenset(s.free).union(plain)


def _require_zero(s: Stratum, numbers: Sequence[int], zero: Any) -> None:
    """A point of the stratum where the generators vanish."""
    require(not s.constants, "a common zero is rational, so that there is no constant")
    require(isinstance(zero, Mapping) and set(zero) == {s.names[j] for j in s.free},
            "a common zero is a table of all free variables")
    point = [ratio(zero[name]) if j in s.free else Fraction(0) for j, name in enumerate(s.names)]
    require(all(value_at(u, point) != 0 for u in s.units), "needs a point of the stratum; here a unit vanishes")
    for i in numbers:
        require(value_at(s.generators[i], point) == 0, "needs a common zero; {} does not vanish there", s.generators[i])
