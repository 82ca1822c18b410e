"""Polynomials without real zeros where certain others, the units, do not vanish: proofs are data, and multiplied out.

Each function refuses unless the proof is complete. The proofs, and why they are proofs, are in FORMAT.md:

- `require_nonzero`: one polynomial without zeros, factor by factor: a unit, a nonzero element of the field of the
  constant, even, rootless (Sturm), scaled to ``x = ±1``, of negative discriminant, or in the plane by samples;
- `require_empty`: several without a common zero, by one of them or by cofactors (a Nullstellensatz);
- `require_independent`: gradients independent at every common zero, by minors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.real_roots import real_roots, univariate
from slt_symbolic.check.algebra.resultant import resultant
from slt_symbolic.check.algebra.ring import (
    NO_CONSTANTS,
    Polynomial,
    Ring,
    at_zero,
    coefficients_in,
    coordinates_among,
    is_member,
    product_of_powers,
    proportional,
    reduced,
    substitute,
    support,
    terms,
    times,
)
from slt_symbolic.check.budget import charge
from slt_symbolic.check.step import Refused, fields, integer, items, ratio, require

Units = Sequence[Polynomial]
Constants = Mapping[int, Polynomial]  # the position of the constant, and its minimal polynomial


def require_nonzero(f: Polynomial, proof: Any, units: Units, constants: Constants) -> None:
    """The polynomial has no real zero where all units are nonzero (and the constant is at a root)."""
    require(not f.is_zero(), "0 is zero everywhere")
    if proof == "even":
        require(is_even(f, units), "{} is not shown to be even and of one sign", f)
        return
    for factor, _, reason in _factors(f, proof):
        _require_factor(factor, reason, units, constants)


def is_even(f: Polynomial, units: Units) -> bool:
    """A monomial in coordinates that are units, times even powers with coefficients of one sign, one of them a unit."""
    return is_even_where(f, coordinates_among(units))


def is_even_where(f: Polynomial, nonzero: frozenset[int]) -> bool:
    """What `is_even` says, given the coordinates that are units."""
    if f.is_zero():
        return False
    table = terms(f)
    if len({c > 0 for c in table.values()}) > 1:
        return False
    content = [min(column) if j in nonzero else 0 for j, column in enumerate(zip(*table, strict=True))]
    rest = [[(j, a - b) for j, (a, b) in enumerate(zip(e, content, strict=True)) if a != b] for e in table]
    return all(a % 2 == 0 for e in rest for _, a in e) and any(all(j in nonzero for j, _ in e) for e in rest)


def _factors(f: Polynomial, proof: Any) -> list[tuple[Polynomial, int, Any]]:
    """The factors that a proof lists, with powers and reasons; their product is the polynomial up to a number."""
    ring = f.context()
    found = []
    for text, power, reason in items(proof, 3, "a factor needs a polynomial, its power and a reason"):
        integer(power, 1, "the power of a factor")
        found.append((parse(text, ring), power, reason))
    product = product_of_powers(ring, ((p, power) for p, power, _ in found))
    require(proportional(product, f), "the factors listed do not multiply to {}", f)
    return found


def _require_factor(p: Polynomial, reason: Any, units: Units, constants: Constants) -> None:
    match reason:
        case "unit":
            require(is_member(p, units), "{} is no unit", p)
        case "field":
            require(bool(constants) and support(p) <= frozenset(constants), "{} is no polynomial in the constant", p)
            require(not reduced(p, constants).is_zero(), "{} vanishes at the constant", p)
        case "even":
            require(is_even(p, units), "{} is not shown to be even and of one sign", p)
        case "sturm":
            _require_rootless(p)
        case {"scaled": _}:
            _require_scaled(p, reason, units)
        case {"discriminant": _}:
            _require_negative_discriminant(p, reason, units)
        case {"planar": _}:
            _require_planar(p, reason, units)
        case _:
            raise Refused(f"there is no such reason for {p} to have no zero")


def _require_rootless(p: Polynomial, numbers: bool = False) -> None:
    """Where the variable is known already, a number other than 0 is a polynomial in it without root."""
    variables = sorted(support(p))
    if numbers and not variables and not p.is_zero():
        return
    require(len(variables) == 1, "{} does not involve exactly one variable", p)
    require(real_roots(univariate(p, variables[0])) == [0], "{} has a real root", p)


def _require_scaled(p: Polynomial, reason: Any, units: Units) -> None:
    name, table, plus, minus = fields(reason, "scaled", "weights", "plus", "minus")
    ring = p.context()
    x = place(ring, name)
    require(x in coordinates_among(units), "{} is no unit", name)
    weights = weights_of(ring, table)
    require(weights[x] > 0, "{} has no weight", name)
    require(is_quasi_homogeneous(p, weights), "{} is not quasi-homogeneous", p)
    coordinates = [ring.gens()[j] for j in sorted(coordinates_among(units))]
    for sign, proof in ((1, plus), (-1, minus)):
        require_nonzero(substitute(p, {x: ring.constant(sign)}), proof, coordinates, NO_CONSTANTS)


def _require_negative_discriminant(p: Polynomial, reason: Any, units: Units) -> None:
    name, listed = fields(reason, "discriminant", "factors")
    ring = p.context()
    y = place(ring, name)
    require(p.degrees()[y] == 2, "{} is not of degree 2 in {}", p, name)
    zero = ring.constant(0)
    parts = coefficients_in(p, [y])
    a, b, c = (parts.get((power,), zero) for power in (2, 1, 0))
    discriminant = times(b, b) - 4 * times(a, c)
    require(not discriminant.is_zero(), "the discriminant of {} is 0", p)
    factors = _factors(discriminant, listed)
    product = product_of_powers(ring, ((h, power) for h, power, _ in factors))
    sign = discriminant.leading_coefficient() / product.leading_coefficient()
    for h, power, why in factors:
        _require_factor(h, why, [] if power % 2 else units, NO_CONSTANTS)
        if power % 2:  # it vanishes nowhere, so that its sign is that at the origin
            sign *= at_zero(h, range(len(ring.names()))).leading_coefficient()
    require(bool(sign < 0), "the discriminant of {} in {} is not negative", p, name)


def _require_planar(p: Polynomial, reason: Any, units: Units) -> None:
    base_name, fibre_name, special, samples = fields(reason, "planar", "fibre", "special", "samples")
    ring = p.context()
    x, y = place(ring, base_name), place(ring, fibre_name)
    require(x != y and support(p) == {x, y}, "{} does not involve exactly {} and {}", p, base_name, fibre_name)
    above = [u for u in units if support(u) == {y}]
    critical = resultant(p, p.derivative(y), y)
    for u in above:
        critical = times(critical, resultant(p, u, y))
    require(not critical.is_zero(), "{} has a critical point over every {}", p, base_name)
    rooted = ring.constant(1)
    for h, power, why in _factors(critical, special):  # factors of a polynomial in x involve x alone
        if why == "rootless":
            _require_rootless(h, numbers=True)
            continue
        if why != "unit":
            (listed,) = fields(why, "resultant")
            over = resultant(p, h, x)
            require(not over.is_zero(), "{} and {} have a common factor", p, h)
            for factor, _, how in _factors(over, listed):
                require(how in ("unit", "sturm"), "there is no such reason for {} to have no root", factor)
                if how == "sturm":
                    _require_rootless(factor, numbers=True)
                else:
                    require(is_member(factor, above), "{} is no unit", factor)
        else:
            require(is_member(h, units), "{} is no unit", h)
        rooted = times(rooted, product_of_powers(ring, [(h, power)]))
    _require_samples(p, x, y, rooted, [ratio(text) for text in items(samples, None, "samples are rationals")])


def _require_samples(p: Polynomial, x: int, y: int, rooted: Polynomial, samples: Sequence[Fraction]) -> None:
    """One sample at least in each interval between roots, and no root of p over any of them."""
    ring = p.context()
    require(bool(samples) and all(a < b for a, b in pairwise(samples)),
            "there are no samples, or they do not increase")
    special = univariate(rooted, x)
    for s in samples:
        value = ring.constant(s.numerator) / s.denominator
        require(not substitute(rooted, {x: value}).is_zero(), "the sample {} is a root of {}", s, rooted)
        over = substitute(p, {x: value})
        require(real_roots(univariate(over, y)) == [0], "{} has a zero over the sample {}", p, s)
    below, *between, beyond = real_roots(special, samples)
    require(below == 0 and beyond == 0 and all(n <= 1 for n in between),
            "roots of {} have no sample between them", rooted)


def require_empty(polynomials: Sequence[Polynomial], proof: Any, units: Units, constants: Constants) -> None:
    """The polynomials have no common real zero where all units are nonzero."""
    if isinstance(proof, Mapping) and "form" in proof:
        i, inner = fields(proof, "form", "nonzero")
        require_nonzero(polynomials[index(i, len(polynomials), "form")], inner, units, constants)
        return
    cofactors, powers = fields(proof, "cofactors", "units")
    require(bool(polynomials), "there are no polynomials, so that every point is a common zero")
    ring = polynomials[0].context()
    total = ring.constant(0)
    for i, text in items(cofactors, 2, "a cofactor needs a number and a polynomial"):
        charge(len(total))
        total += times(parse(text, ring), polynomials[index(i, len(polynomials), "polynomial")])
    chosen = []
    for entry in items(powers, None, "units are a list"):
        require(isinstance(entry, list) and len(entry) in (2, 3) and entry[2:] in ([], ["sturm"]),
                "a unit needs a polynomial and its power; only one without roots a reason")
        u = parse(entry[0], ring)
        if len(entry) > 2:
            _require_rootless(u)
        else:
            require(is_member(u, units), "{} is no unit", u)
        chosen.append((u, integer(entry[1], 1, "the power of a unit")))
    product = reduced(product_of_powers(ring, chosen), constants)
    require(proportional(reduced(total, constants), product), "the cofactors do not combine to {}", product)


def require_independent(polynomials: Sequence[Polynomial], rank: int, coordinates: Sequence[int], proof: Any,
                        units: Units, constants: Constants) -> None:
    """The Jacobian in these coordinates has rank >= ``rank`` at every common zero where all units are nonzero."""
    minors, empty = fields(proof, "minors", "empty")
    found = []
    for rows, names in items(minors, 2, "a minor needs rows and columns"):
        columns = [place(polynomials[0].context(), name) for name in items(names, None, "columns are names")]
        chosen = [index(i, len(polynomials), "row") for i in items(rows, None, "rows are numbers")]
        require(len(chosen) == len(columns) == rank, "a minor is not of size {}", rank)
        require(_increases(chosen) and _increases(columns), "rows or columns of a minor do not increase")
        require(set(columns) <= set(coordinates), "a column is no coordinate")
        charge(len(columns) * sum(len(polynomials[i]) for i in chosen))
        found.append(determinant([[polynomials[i].derivative(j) for j in columns] for i in chosen]))
    require_empty([*polynomials, *found], empty, units, constants)


def _increases(numbers: Sequence[int]) -> bool:
    return all(a < b for a, b in pairwise(numbers))


def determinant(matrix: Sequence[Sequence[Polynomial]]) -> Polynomial:
    """The determinant, by the first row: matrices are small."""
    charge(1 << len(matrix))
    if len(matrix) == 1:
        return matrix[0][0]
    total = matrix[0][0].context().constant(0)
    for j, entry in enumerate(matrix[0]):
        if not entry.is_zero():
            minor = determinant([[*row[:j], *row[j + 1 :]] for row in matrix[1:]])
            total += times(minor, entry) if j % 2 == 0 else -times(minor, entry)
    return total


def place(ring: Ring, name: Any) -> int:
    """The position of a variable."""
    require(name in ring.names(), "there is no variable {}", name)
    return int(ring.variable_to_index(name))


def index(i: Any, size: int, what: str) -> int:
    """A number of one of ``size`` things, from 0."""
    require(type(i) is int and 0 <= i < size, "there is no {} {}", what, i)
    return int(i)


def weights_of(ring: Ring, table: Any) -> list[int]:
    """The weights of all variables, positive integers for those named and 0 for the others."""
    require(isinstance(table, Mapping), "weights are a table of names")
    weights = [0] * len(ring.names())
    for name, weight in table.items():
        weights[place(ring, name)] = integer(weight, 1, f"the weight of {name}")
    return weights


def is_quasi_homogeneous(p: Polynomial, weights: Sequence[int]) -> bool:
    """Have all terms the same weight?"""
    return len({sum(a * b for a, b in zip(weights, e, strict=True)) for e in terms(p)}) == 1
