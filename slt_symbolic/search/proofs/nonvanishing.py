"""Proofs that polynomials have no zeros: what `slt_symbolic.check.algebra.signs` multiplies out is found here.

Every test is sufficient, none is necessary: None means *not shown*. For one polynomial they are tried on its
irreducible factors in this order: it is a unit; a nonzero element of the field of the constant; even; rootless in one
variable (Sturm); of negative discriminant in a variable; quasi-homogeneous with a nonzero variable, set to +1 and -1;
in two variables, by the roots of its discriminant and samples between them. Values of both signs in one orthant show
that none of this can succeed. For several: one of them without zeros, or cofactors (`cofactors`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from fractions import Fraction
from itertools import combinations, pairwise
from math import comb
from typing import Any

import sympy

from slt_symbolic.check.algebra import ring as rings
from slt_symbolic.check.algebra.real_roots import real_roots, univariate
from slt_symbolic.check.algebra.resultant import resultant
from slt_symbolic.check.algebra.ring import NO_CONSTANTS, Polynomial, coordinates_among, is_member, support
from slt_symbolic.check.algebra.signs import determinant, is_even
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.search.proofs.cofactors import cofactors
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proofs.newton import feasible_point

Constants = Mapping[int, Polynomial]
Proof = Any  # plain data, see check/FORMAT.md

LARGEST_PLANAR_DEGREE = 24
LARGEST_DETERMINANT = 5_000  # terms of a minor that is looked at
SAMPLES = (1, 2, 5, 3, 11, 1, 7)

_KNOWN: ContextVar[dict[tuple[object, ...], Proof | None] | None] = ContextVar("known", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Keep what is found inside the block: a search asks for the same again and again."""
    token = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(token)


def nonzero_proof(polynomial: Polynomial, units: Sequence[Polynomial],
                  constants: Constants = NO_CONSTANTS) -> Proof | None:
    """A proof that the polynomial has no zero where all units are nonzero."""
    if polynomial.is_zero():
        return None
    if is_even(polynomial, units):
        return "even"
    proof = []
    for factor, power in factors(polynomial):
        reason = _reason(factor, units, constants)
        if reason is None:
            return None
        proof.append([str(factor), power, reason])
    return proof


def _reason(factor: Polynomial, units: Sequence[Polynomial], constants: Constants) -> Proof | None:
    if is_member(factor, units):
        return "unit"
    variables = support(factor)
    if len(variables) == 1 and variables <= frozenset(constants):
        return None if rings.reduced(factor, constants).is_zero() else "field"
    known = _KNOWN.get()
    if known is None:
        return _strict(factor, units)
    key = (factor.context().names(), str(factor), tuple(map(str, units)))
    if key not in known:
        known[key] = _strict(factor, units)
    return known[key]


def _strict(factor: Polynomial, units: Sequence[Polynomial]) -> Proof | None:
    """A reason that takes the constant for a variable that may have any real value."""
    if _changes_sign(factor, units):
        return None
    if is_even(factor, units):
        return "even"
    if _is_rootless(factor):
        return "sturm"
    return _negative_discriminant(factor, units) or _scaled(factor, units) or _planar(factor, units)


def _changes_sign(polynomial: Polynomial, units: Sequence[Polynomial]) -> bool:
    """Values of both signs in one orthant, if only coordinates are units: then it has a zero, and no test succeeds."""
    if any(len(u) > 1 for u in units):
        return False
    size = len(polynomial.degrees())
    for pattern in range(4):
        found = set()
        for seed in range(7):
            point = [(-1) ** (pattern >> (j % 2) & 1) * SAMPLES[(seed * (j + 1) + j * j) % len(SAMPLES)]
                     for j in range(size)]
            value = polynomial(*point)
            if value != 0:
                found.add(value > 0)
        if len(found) == 2:
            return True
    return False


def _is_rootless(p: Polynomial) -> bool:
    variables = sorted(support(p))
    return len(variables) == 1 and real_roots(univariate(p, variables[0])) == [0]


def _negative_discriminant(p: Polynomial, units: Sequence[Polynomial]) -> Proof | None:
    for y in sorted(support(p)):
        if p.degrees()[y] != 2:
            continue
        parts = rings.coefficients_in(p, [y])
        zero = p.context().constant(0)
        a, b, c = (parts.get((power,), zero) for power in (2, 1, 0))
        listed = _negative(b * b - 4 * a * c, units)
        if listed is not None:
            return {"discriminant": p.context().names()[y], "factors": listed}
    return None


def _negative(discriminant: Polynomial, units: Sequence[Polynomial]) -> list[Proof] | None:
    """Factors that show it to be negative: those of odd power vanish nowhere, and have their sign at 0."""
    if discriminant.is_zero():
        return None
    found, product = [], discriminant.context().constant(1)
    sign = 1
    for h, power in factors(discriminant):
        reason = _reason(h, [] if power % 2 else units, NO_CONSTANTS)
        if reason is None:
            return None
        found.append([str(h), power, reason])
        product *= h**power
        if power % 2:
            sign *= 1 if rings.at_zero(h, range(len(h.degrees()))).leading_coefficient() > 0 else -1
    return found if sign * discriminant.leading_coefficient() < 0 else None


def _scaled(p: Polynomial, units: Sequence[Polynomial]) -> Proof | None:
    variables = sorted(support(p))
    ring = p.context()
    nonzero = sorted(coordinates_among(units))
    coordinates = [ring.gens()[j] for j in nonzero]
    first, *others = [[e[j] for j in variables] for e in rings.terms(p)]
    rows = [[a - b for a, b in zip(e, first, strict=True)] for e in others]
    for fixed in variables:
        weights = feasible_point(rows, len(variables), variables.index(fixed)) if fixed in nonzero else None
        if weights is None:
            continue
        proofs = [nonzero_proof(rings.substitute(p, {fixed: ring.constant(sign)}), coordinates) for sign in (1, -1)]
        if None in proofs:
            return None
        names = ring.names()
        return {"scaled": names[fixed], "weights": {names[j]: w for j, w in zip(variables, weights, strict=True) if w},
                "plus": proofs[0], "minus": proofs[1]}
    return None


def _planar(p: Polynomial, units: Sequence[Polynomial]) -> Proof | None:
    variables = sorted(support(p))
    if len(variables) != 2 or p.total_degree() > LARGEST_PLANAR_DEGREE:
        return None
    for x, y in (variables, variables[::-1]):
        with suppress(OverBudget):
            proof = _over_line(p, x, y, units)
            if proof is not None:
                return proof
    return None


def _over_line(p: Polynomial, x: int, y: int, units: Sequence[Polynomial]) -> Proof | None:
    """A proof by the roots of the resultants in x, and samples of x between them."""
    above = [u for u in units if support(u) == {y}]
    critical = resultant(p, p.derivative(y), y)
    for u in above:
        critical *= resultant(p, u, y)
    if critical.is_zero():
        return None
    special, rooted = [], []
    for h, power in factors(critical):
        why = _over_roots(p, h, x, above, units)
        if why is None:
            return None
        special.append([str(h), power, why])
        if why != "rootless":
            rooted.append(h)
    samples = _samples(rooted, x)
    ring = p.context()
    for s in samples:
        over = rings.substitute(p, {x: ring.constant(s.numerator) / s.denominator})
        if not over.is_constant() and not _is_rootless(over):
            return None
    names = ring.names()
    return {"planar": names[x], "fibre": names[y], "special": special, "samples": [str(s) for s in samples]}


def _over_roots(p: Polynomial, h: Polynomial, x: int, above: Sequence[Polynomial],
                units: Sequence[Polynomial]) -> Proof | None:
    """Why there is no zero of p over the roots of h."""
    if _is_rootless(h):
        return "rootless"
    if is_member(h, units):
        return "unit"
    over = resultant(p, h, x)
    if over.is_zero():
        return None
    found = []
    for factor, power in factors(over):
        reason = "unit" if is_member(factor, above) else "sturm" if _is_rootless(factor) else None
        if reason is None:
            return None
        found.append([str(factor), power, reason])
    return {"resultant": found}


def _samples(rooted: Sequence[Polynomial], x: int) -> list[Fraction]:
    """Rationals below, between and above the real roots of these irreducible polynomials."""
    symbol = sympy.Dummy()
    product = sympy.Poly(1, symbol, domain="QQ")
    for h in rooted:
        product *= sympy.Poly({(e[x],): sympy.Rational(int(c.p), int(c.q)) for e, c in rings.terms(h).items()},
                              symbol, domain="QQ")
    ends = [interval for interval, _ in product.intervals()] if product.degree() > 0 else []
    if not ends:
        return [Fraction(0)]
    values = [ends[0][0] - 1, *((a[1] + b[0]) / 2 for a, b in pairwise(ends)), ends[-1][1] + 1]
    return [Fraction(int(sympy.Rational(v).p), int(sympy.Rational(v).q)) for v in values]


def empty_proof(polynomials: Sequence[Polynomial], units: Sequence[Polynomial],
                constants: Constants = NO_CONSTANTS) -> Proof | None:
    """A proof that there is no common zero: one polynomial without zeros, or a Nullstellensatz, or a real one."""
    proof = sign_proof(polynomials, units, constants) or cofactors(polynomials, units, constants)
    return proof or _real_cofactors(polynomials, units, constants)


def _real_cofactors(polynomials: Sequence[Polynomial], units: Sequence[Polynomial],
                    constants: Constants) -> Proof | None:
    """Common zeros that are not real: a rootless factor of a resultant vanishes at them, and counts as a unit."""
    known = {str(u) for u in units}
    for rootless in _rootless_eliminants(polynomials):
        proof = cofactors(polynomials, [*units, *rootless], constants)
        if proof is not None:
            listed = [[text, power] if text in known else [text, power, "sturm"] for text, power in proof["units"]]
            return {**proof, "units": listed}
    return None


def _rootless_eliminants(polynomials: Sequence[Polynomial]) -> Iterator[list[Polynomial]]:
    """For each of two variables: the rootless factors of the resultants of the first polynomial with the others."""
    first = next((p for p in polynomials if not p.is_zero()), None)
    if first is None:
        return
    variables = sorted(frozenset().union(*(support(p) for p in polynomials)))
    if len(variables) != 2 or sum(int(p.total_degree()) for p in polynomials) > LARGEST_PLANAR_DEGREE:
        return
    for x, y in (variables, variables[::-1]):
        shared: dict[str, Polynomial] = {}
        for p in polynomials:
            if p is not first and not p.is_zero() and {y} <= support(p) | support(first):
                eliminant = resultant(first, p, y)
                for h, _ in factors(eliminant) if not eliminant.is_zero() else ():
                    if support(h) == {x} and _is_rootless(h):
                        shared.setdefault(str(h), h)
        if shared:
            yield list(shared.values())


def sign_proof(polynomials: Sequence[Polynomial], units: Sequence[Polynomial],
               constants: Constants = NO_CONSTANTS) -> Proof | None:
    """One of the polynomials without zeros."""
    for i, p in enumerate(polynomials):
        proof = nonzero_proof(rings.reduced(p, constants), units, constants)
        if proof is not None:
            return {"form": i, "nonzero": proof}
    return None


MOST_MINORS = 1500


def independence_proof(polynomials: Sequence[Polynomial], rank: int, positions: Sequence[int],
                       units: Sequence[Polynomial], constants: Constants = NO_CONSTANTS) -> Proof | None:
    """A proof that the gradients have this rank at every common zero; only the minors that it needs are listed."""
    ring = polynomials[0].context()
    names = ring.names()
    rows = [[p.derivative(j) for j in positions] for p in polynomials]
    order = sorted(range(len(positions)), key=lambda place: positions[place])
    if comb(len(rows), rank) * comb(len(order), rank) > MOST_MINORS:
        return None
    minors = []
    for chosen in combinations(range(len(rows)), rank):
        for columns in combinations(order, rank):
            minor = determinant([[rows[i][j] for j in columns] for i in chosen])
            if not minor.is_zero():
                minors.append(([list(chosen), [names[positions[j]] for j in columns]], minor))
    proof = empty_proof([*polynomials, *(minor for _, minor in minors)], units, constants)
    return None if proof is None else _pruned(proof, [label for label, _ in minors], len(polynomials))


def _pruned(proof: Proof, labels: Sequence[Proof], count: int) -> Proof:
    """The minors that a proof refers to, and the proof with their new numbers."""
    used = sorted({i for i in _numbers(proof) if i >= count})
    new = {i: count + place for place, i in enumerate(used)} | {i: i for i in range(count)}
    if "form" in proof:
        moved = {**proof, "form": new[proof["form"]]}
    else:
        moved = {**proof, "cofactors": [[new[i], text] for i, text in proof["cofactors"]]}
    return {"minors": [labels[i - count] for i in used], "empty": moved}


def _numbers(proof: Proof) -> list[int]:
    return [proof["form"]] if "form" in proof else [i for i, _ in proof["cofactors"]]
