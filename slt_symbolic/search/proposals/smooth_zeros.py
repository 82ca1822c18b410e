"""Generators that are coordinates wherever they vanish together: which ones, the proof, a common zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import comb

from slt_symbolic.check.algebra.ring import Polynomial, coefficients_in, fraction, substitute, support, value_at
from slt_symbolic.check.algebra.signs import determinant
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proofs.nonvanishing import empty_proof, nonzero_proof
from slt_symbolic.search.tree import Proposal, poll, propose

MOST_TERMS = 60  # of the generators on the stratum
MOST_MINORS = 20
MOST_TRIALS = 300
LARGEST_DEGREE = 4  # of a generator that is divided by, in the variable
MOST_TERMS_OF_A_REMAINDER = 400
SMALL = (1, -1, 0, 2, -2, Fraction(1, 2), Fraction(-1, 2), 3, -3, Fraction(3, 5), Fraction(-3, 5))  # of circles too


def smooth_zeros(s: Stratum) -> Proposal | None:
    """The generators with free variables, or with a linear part, as coordinates, if the others are monomials."""
    chosen = [i for i, g in enumerate(s.generators) if s.support(g) & set(s.free) or _has_linear_part(s, g)]
    if not chosen or any(len(g) > 1 for i, g in enumerate(s.generators) if i not in chosen):
        return None
    others = frozenset().union(*(s.support(g) for i, g in enumerate(s.generators) if i not in chosen))
    plain = {j for j in s.near - s.flat if not s.orders[j] and not s.jacobian[j] and j not in others}
    own = [s.generators[i] for i in chosen]
    values = [s.on_stratum(g) for g in own]
    columns = sorted(j for j in plain.union(s.free) if any(j in s.support(g) for g in own))
    r = len(own)
    if len(columns) < r or comb(len(columns), r) > MOST_MINORS or sum(map(len, values)) > MOST_TERMS:
        return None
    rows = {j: [s.on_stratum(g.derivative(j)) for g in own] for j in columns}
    minors = []
    for some in combinations(columns, r):
        poll()
        minor = determinant([[rows[j][i] for j in some] for i in range(r)])
        if not minor.is_zero():
            minors.append((some, minor))
    proof = empty_proof([*values, *(minor for _, minor in minors)], s.units, s.constants) if minors else None
    if proof is None:
        return None
    names, zero = s.ring.names(), _common_zero(s, values)
    return propose(s, "coordinates", generators=chosen, names=[names[j] for j in minors[0][0]],
                   minors=[[names[j] for j in some] for some, _ in minors], empty=proof,
                   zero=None if zero is None else {names[j]: str(zero[j]) for j in s.free})


def _has_linear_part(s: Stratum, g: Polynomial) -> bool:
    return any(not s.on_stratum(g.derivative(j)).is_zero() for j in s.near & s.support(g)
               if not s.orders[j] and not s.jacobian[j])


def _common_zero(s: Stratum, values: Sequence[Polynomial]) -> dict[int, Fraction] | None:
    """Values of the free variables at a rational point of the stratum where these vanish."""
    if s.constants:
        return None
    used = sorted(set(s.free) & frozenset().union(*(support(p) for p in (*values, *s.units))))
    for trial, found in enumerate(_zeros(s, used, list(values), {})):
        point = {**dict.fromkeys(s.free, Fraction(0)), **found}
        full = [point.get(j, Fraction(0)) for j in range(s.size)]
        if all(value_at(u, full) != 0 for u in s.units) and all(value_at(p, full) == 0 for p in values):
            return point
        if trial > MOST_TRIALS:
            return None
    return None


def _zeros(s: Stratum, left: Sequence[int], values: Sequence[Polynomial],
           known: dict[int, Fraction]) -> Iterator[dict[int, Fraction]]:
    """Points where they may vanish: a variable that one of them determines first, small values for the others."""
    poll()
    if any(p.is_constant() and not p.is_zero() for p in values):
        return
    if not left:
        yield known
        return
    single = next((p for p in values if len(support(p)) == 1), None)
    j = next(iter(support(single))) if single is not None else left[0]
    choices: Sequence[Fraction | int] = SMALL if single is None else [
        Fraction(-fraction(f(*[0] * s.size)), 1) / fraction(f.derivative(j)(*[0] * s.size))
        for f, _ in factors(single) if f.total_degree() == 1]
    for a in choices:
        image = s.ring.constant(Fraction(a).numerator) / Fraction(a).denominator
        moved = [substitute(p, {j: image}) for p in values]
        yield from _zeros(s, [i for i in left if i != j], moved, {**known, j: Fraction(a)})


def implicit_coordinate(s: Stratum) -> list[Proposal]:
    """A generator that is a coordinate in place of a variable in which it need not be linear; the others without it.

    They are divided by it, with remainders. Least degrees first.
    """
    if s.free or len(s.generators) < 2:
        return []
    plain = [j for j in sorted(s.active) if not s.orders[j] and not s.jacobian[j]]
    pairs = [(int(g.degrees()[j]), i, j) for i, g in enumerate(s.generators) for j in plain if g.degrees()[j] > 1]
    for degree, i, j in sorted(pairs):
        slope = s.on_stratum(s.generators[i].derivative(j))
        if degree > LARGEST_DEGREE or slope.is_zero():
            continue
        divided = _divided(s, i, j)
        if divided is None or any(j in s.support(g) for g in divided.child.generators if g != s.generators[i]):
            continue
        proposal = _as_coordinate(divided.child, s.generators[i], j)
        if proposal is not None:
            return [divided, proposal]
    return []


def _divided(s: Stratum, i: int, j: int) -> Proposal | None:
    """All other generators divided by this one with respect to a variable, while the leading coefficient is a unit."""
    divisor, x = s.generators[i], s.variables[j]
    degree = int(divisor.degrees()[j])
    leading = coefficients_in(divisor, [j])[(degree,)]
    proof = nonzero_proof(s.on_stratum(leading), s.units, s.constants)
    if proof is None:
        return None
    divisions: list[list[object]] = []
    for place, g in enumerate(s.generators):
        while place != i and (missing := int(g.degrees()[j]) - degree) >= 0:
            poll()
            multiple = coefficients_in(g, [j])[(missing + degree,)] * x**missing
            divisions.append([place, str(leading), proof, i, str(multiple)])
            g = leading * g - multiple * divisor
            if len(g) > MOST_TERMS_OF_A_REMAINDER:
                return None
    return propose(s, "remainder", divisions=divisions) if divisions else None


def _as_coordinate(s: Stratum, g: Polynomial, j: int) -> Proposal | None:
    i = s.generators.index(g)
    slope = s.on_stratum(g.derivative(j))
    proof = empty_proof([s.on_stratum(g), slope], s.units, s.constants)
    if proof is None:
        return None
    return propose(s, "coordinates", generators=[i], names=[s.names[j]], minors=[[s.names[j]]], empty=proof, zero={})
