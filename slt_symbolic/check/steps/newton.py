"""The Newton polyhedron, with an argument for each of its compact faces.

Theorem. Write the generators as polynomials in the near variables that occur in them (*active*), with coefficients in
the free ones; let ``P`` be the Newton polyhedron of all their exponents. On the toric variety of the normal fan the
points over 0 lie in the orbits of the cones that meet the open orthant, each in the relative interior of the
normal cone of one compact face. There ``K = t^{2k'} (sum of squares of the forms on the face + O(t))``.

- Where the forms have no common real zero, ``K`` is a monomial times a unit. If that holds for all faces, the linear
  program of ``P`` gives the pair at every point (coefficients at vertices must not vanish together).
- Where they have, but r of them have independent gradients at every such zero (*smooth*), ``K`` is at least
  ``t^{2k'} (b_1^2 + ... + b_r^2)`` with coordinates ``b_i``: a product of separate variables.
- If there is one generator ``prod_l f_l^{e_l}``, the forms of the f_l are considered instead; where those that vanish
  have independent gradients (*crossing*), ``K`` is ``t^{2k'} prod_l b_l^{2 e_l}`` times a unit. If the form of one f_l
  takes both signs in one orthant, it has a zero there, and the pair with this factor alone is an upper bound.
- Else the face has charts: children, one for each cone of a triangulation of its normal cone and class of signs.

The linear program is an upper bound in any case: ``K <= C sum of squares of the monomials``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from slt_symbolic.check.pairs import INFINITE, Bracket, Pair, product_of
from slt_symbolic.check.polyhedron import Face, compact_faces, cones_of
from slt_symbolic.check.ring import Exponent, Polynomial, coefficients_in, factors, monomial, support
from slt_symbolic.check.signs import empty, independent_at_zeros, no_common_zero, rational_rank
from slt_symbolic.check.step import Combine, Data, fields, require
from slt_symbolic.check.steps.bounds import polyhedron_bound, value_at
from slt_symbolic.check.steps.charts import torus_chart
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.grammar import rational


def active_variables(s: Stratum) -> list[int]:
    """The near variables that occur in the generators."""
    return sorted(s.near & frozenset().union(*(support(g) for g in s.generators)))


def face_forms(s: Stratum, active: Sequence[int], face: Face) -> list[Polynomial]:
    """The terms of each generator on a face, other near variables at 0; zeros are left out."""
    forms = []
    for g in s.generators:
        form = s.ring.constant(0)
        for exponent, coefficient in coefficients_in(g, active).items():
            if exponent in face.exponents:
                form += s.on_stratum(coefficient) * _lifted(s, active, exponent)
        if not form.is_zero():
            forms.append(form)
    return forms


def _lifted(s: Stratum, active: Sequence[int], exponent: Exponent) -> Polynomial:
    full = [0] * s.size
    for j, e in zip(active, exponent, strict=True):
        full[j] = e
    return monomial(s.ring, full)


def exponents_of(s: Stratum, active: Sequence[int]) -> list[Exponent]:
    """The exponents in the active variables whose coefficients do not all vanish."""
    return sorted({exponent for g in s.generators for exponent in coefficients_in(g, active)})


def newton(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``faces``, a list of ``{"exponents", "argument": "empty" | "charts"}``, ``{..., "smooth", "rank"}`` or
    ``{..., "crossing", "zeros"}`` (a factor and two points each); faces not listed must be empty by signs alone."""
    (listed,) = fields(data, "faces")
    require(bool(s.generators) and not s.is_empty, "there are no generators, or no points")
    active = active_variables(s)
    exponents = exponents_of(s, active)
    arguments: dict[frozenset[Exponent], Mapping[str, Any]] = {}
    for entry in listed:
        require(all(type(a) is int for e in entry["exponents"] for a in e), "an exponent is no integer")
        arguments[frozenset(tuple(e) for e in entry["exponents"])] = entry
    require(len(arguments) == len(listed), "a face is listed twice")

    lowers, uppers, strata = [], [], []
    units = [*s.units, *(s.variables[j] for j in active)]
    for face in compact_faces(exponents) if active else [Face(frozenset(exponents), ())]:
        forms = face_forms(s, active, face)
        entry = arguments.pop(face.exponents, {"argument": "signs"})
        match entry["argument"]:
            case "signs":
                require(no_common_zero(forms, units, s.constants), f"the forms {_text(forms)} may have a common zero")
            case "empty":
                require(empty(forms, units, s.constants), f"the forms {_text(forms)} may have a common zero")
            case "smooth":
                require(len(face.exponents) > 1, "a vertex has no zeros")
                lowers.append(_smooth(s, active, face, forms, units, entry))
            case "crossing":
                require(len(face.exponents) > 1, "a vertex has no zeros")
                pair, attained = crossing(s, active, face, units, entry)
                lowers.append(pair)
                uppers.append(attained)
            case "charts":
                require(len(face.exponents) > 1, "a vertex has no charts: its coefficients may vanish together")
                for rays in cones_of(face, exponents):
                    strata.extend(torus_chart(s, rays, active))
            case other:
                require(False, f"no argument {other!r}")
    require(not arguments, "a listed face is no compact face")

    bound = polyhedron_bound(s)

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(min([bound, *lowers, *(b.lower for b in brackets)]),
                       min([bound, *uppers, *(b.upper for b in brackets)]))

    return strata, combine


def _smooth(s: Stratum, active: Sequence[int], face: Face, forms: Sequence[Polynomial], units: Sequence[Polynomial],
            entry: Mapping[str, Any]) -> Pair:
    _, _, rank = fields(entry, "exponents", "argument", "rank")
    require(type(rank) is int and 1 <= rank <= len(forms), "no such rank")
    require(independent_at_zeros(forms, rank, [*active, *s.free], units, s.constants),
            f"the gradients of {_text(forms)} are not shown to have rank {rank} at common zeros")
    return smooth_pair(s, active, face, rank)


def crossing(s: Stratum, active: Sequence[int], face: Face, units: Sequence[Polynomial],
             entry: Mapping[str, Any]) -> tuple[Pair, Pair]:
    """The least pair at zeros of the forms of the factors, and the least that is shown to be attained."""
    _, _, zeros = fields(entry, "exponents", "argument", "zeros")
    forms = crossing_forms(s, active, face, units)
    bound = INFINITE
    found: list[frozenset[str]] = []
    for size in range(1, len(forms) + 1):
        for chosen in combinations(sorted(forms), size):
            if any(frozenset(chosen) - {name} not in found for name in chosen if size > 1):
                continue  # some of them have no common zero already
            polynomials = [forms[name][0] for name in chosen]
            if size > 1 and empty(polynomials, units, s.constants):
                continue
            require(independent_at_zeros(polynomials, size, [*active, *s.free], units, s.constants),
                    f"the gradients of {_text(polynomials)} are not shown to be independent at common zeros")
            found.append(frozenset(chosen))
            bound = min(bound, crossing_pair(s, active, face, [forms[name][1] for name in chosen]))
    attained = INFINITE
    for name, *points in zeros:
        require(name in forms, f"{name} is no factor that may vanish")
        form, power = forms[name]
        _require_zero(s, active, form, points)
        attained = min(attained, crossing_pair(s, active, face, [power]))
    return bound, attained


def crossing_forms(s: Stratum, active: Sequence[int], face: Face,
                   units: Sequence[Polynomial]) -> dict[str, tuple[Polynomial, int]]:
    """The forms on a face of the factors of the only generator that may vanish there, with their powers."""
    require(len(s.generators) == 1, "there is not exactly one generator")
    weights = [sum(ray[column] for ray in face.rays) for column in range(len(active))]
    forms = {}
    for factor, power in factors(s.generators[0]):
        parts = coefficients_in(factor, active)
        degrees = {e: sum(w * a for w, a in zip(weights, e, strict=True)) for e in parts}
        least = min(degrees.values())
        form = s.ring.constant(0)
        for exponent, coefficient in parts.items():
            if degrees[exponent] == least:
                form += s.on_stratum(coefficient) * _lifted(s, active, exponent)
        if not no_common_zero([form], units, s.constants):
            forms[str(factor)] = (form, power)
    return forms


def crossing_pair(s: Stratum, active: Sequence[int], face: Face, powers: Sequence[int]) -> Pair:
    """The pair of ``t^{2k'} prod_l b_l^{2 e_l}`` with the measure ``t^{h'} dt``."""
    return product_of([*_monomial_pairs(s, active, face), *(Pair(Fraction(1, 2 * e), 1) for e in powers)])


def _require_zero(s: Stratum, active: Sequence[int], form: Polynomial, points: Sequence[Sequence[str]]) -> None:
    """Opposite signs of a form at two points of one orthant, at the same free coordinates: a zero between them."""
    require(not s.constants, "the sign is not defined with algebraic constants")
    p, q = ([rational(x) for x in point] for point in points)
    require(len(p) == len(q) == s.size, "a point has a coordinate for each variable")
    require(all(p[j] * q[j] > 0 for j in active), "the points lie in different orthants")
    require(all(p[j] == q[j] for j in range(s.size) if j not in active), "the points differ in another variable")
    require(all(value_at(u, p) != 0 for u in s.units), "a unit vanishes at the points")
    require(value_at(form, p) * value_at(form, q) < 0, "the form does not change its sign")


def smooth_pair(s: Stratum, active: Sequence[int], face: Face, rank: int) -> Pair:
    """The pair of ``t^{2k'} (b_1^2 + ... + b_r^2)`` with the measure ``t^{h'} dt``."""
    return product_of([*_monomial_pairs(s, active, face), Pair(Fraction(rank, 2), 1)])


def _monomial_pairs(s: Stratum, active: Sequence[int], face: Face) -> list[Pair]:
    """The monomial ``t^{2k'}`` with ``t^{h'} dt`` on the orbits of the face: least ratio, and how many can meet there.

    On the normal cone ``(h+1)·w - 2 lambda (k·w + ord_w)`` is linear and >= 0; where it is 0 is a face.
    """
    found = []
    vertex = min(face.exponents)
    for ray in face.rays:
        k = sum(w * (s.orders[j] + e) for w, j, e in zip(ray, active, vertex, strict=True))
        h = sum(w * (s.jacobian[j] + 1) for w, j in zip(ray, active, strict=True))
        if k:
            found.append((Fraction(h, 2 * k), ray))
    others = [Pair(Fraction(s.jacobian[j] + 1, 2 * s.orders[j]), 1)
              for j in sorted(s.near) if j not in active and s.orders[j]]
    if not found:
        return others
    least = min(ratio for ratio, _ in found)
    return [*others, Pair(least, rational_rank([ray for ratio, ray in found if ratio == least]))]


def _text(forms: Sequence[Polynomial]) -> str:
    return ", ".join(str(form) for form in forms)
