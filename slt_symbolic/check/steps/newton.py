"""The Newton polyhedron, with an argument for each of its compact faces.

Theorem. Write the generators as polynomials in the near variables that occur in them (*active*), with coefficients in
the free ones; let ``P`` be the Newton polyhedron of all their exponents. On the toric variety of the normal fan the
points over 0 lie in the orbits of the cones that meet the open orthant, each in the relative interior of the
normal cone of one compact face. There ``K = t^{2k'} (sum of squares of the forms on the face + O(t))``.

- Where the forms have no common real zero (*empty*), ``K`` is a monomial times a unit. If that holds for all faces,
  the linear program of ``P`` gives ``(lambda, m)`` at every point (coefficients at vertices must not vanish together).
- Where they have, but r of them have independent gradients, in the active and the free variables, at every such zero
  (*smooth*), ``K`` is at least ``t^{2k'} (b_1^2 + ... + b_r^2)`` with coordinates ``b_i``: a product of separate
  variables. (A form is quasi-homogeneous for every weight of the cone, so by Euler's relation its gradient at a zero is
  orthogonal to the torus of the t; hence the b_i are coordinates together with the t. At a vertex all active variables
  are t, the forms are monomials times polynomials in the free ones, and the gradients are those of the polynomials.)
- If there is one generator ``prod_l f_l^{e_l}``, the forms of the f_l are considered instead; where those that vanish
  have independent gradients (*crossing*), ``K`` is ``t^{2k'} prod_l b_l^{2 e_l}`` times a unit. If the form of one f_l
  takes both signs in one orthant, it has a zero there, and that with this factor alone is an upper bound.
- Else the face has charts: children, one for each cone of a triangulation of its normal cone and class of signs. If a
  cone is not simplicial, ``t^{2k'}`` means the rays of each simplex; the least ratio over all rays, with the rank of
  those that attain it, is a lower bound for each.

The linear program is an upper bound in any case: ``K <= C sum of squares of the monomials``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from slt_symbolic.check.algebra.ring import Polynomial, product_of_powers, proportional, rank, value_at
from slt_symbolic.check.algebra.signs import index, is_even_where, require_empty, require_independent
from slt_symbolic.check.bracket import INFINITE, Bracket, End, product_of
from slt_symbolic.check.budget import charge
from slt_symbolic.check.polyhedron import Face
from slt_symbolic.check.step import Data, Refused, fields, integer, items, ratio, require
from slt_symbolic.check.steps.charts import torus_chart
from slt_symbolic.check.steps.common import Outcome, monomial_bound, polynomial, require_generators
from slt_symbolic.check.steps.forms import Graded, arguments_by_face
from slt_symbolic.check.stratum import Derived, Stratum


@dataclass(frozen=True)
class Orbit:
    """The points over 0 that belong to one compact face: what its argument may use."""

    stratum: Stratum
    units: Sequence[Polynomial]  # those of the stratum, and the active variables
    nonzero: frozenset[int]  # the coordinates among them
    face: Face
    forms: Sequence[Polynomial]

    @property
    def coordinates(self) -> list[int]:
        """The active and the free variables."""
        return [*self.stratum.active, *self.stratum.free]


def newton(s: Stratum, data: Data) -> Outcome:
    """Data: ``optimum`` of the monomials, and ``faces``, an argument each; those not listed must have an even form."""
    proof, listed = fields(data, "optimum", "faces")
    require_generators(s)
    entries = items(listed, None, "faces are a list")
    if not entries and all(len(g) == 1 and s.support(g) <= s.near for g in s.generators):  # even on each face
        bound = monomial_bound(s, proof)
        return [], lambda _: Bracket(bound, bound)
    orbits = {orbit.face.exponents: orbit for orbit in orbits_of(s)}
    arguments = arguments_by_face(entries, s.polyhedron.compact_faces)
    for exponents, orbit in orbits.items():
        require(exponents in arguments or any(is_even_where(form, orbit.nonzero) for form in orbit.forms),
                "needs an argument for the face {}, whose forms may vanish together", sorted(exponents))

    ends, strata = [Bracket(*[monomial_bound(s, proof)] * 2)], list[Derived]()
    for exponents, entry in arguments.items():
        orbit = orbits[exponents]
        argument = entry.get("argument")
        require(argument != "charts" or len(exponents) > 1, "a vertex has no charts; here they are its argument")
        match argument:
            case "empty":
                _, _, inner = fields(entry, "exponents", "argument", "proof")
                require_empty(orbit.forms, inner, orbit.units, s.constants)
            case "smooth":
                ends.append(Bracket(_smooth(orbit, entry), INFINITE))
            case "crossing":
                ends.append(_crossing(orbit, entry))
            case "charts":
                fields(entry, "exponents", "argument")
                for rays in s.polyhedron.cones(orbit.face):
                    strata.extend(torus_chart(s, rays, s.active))
            case _:
                raise Refused("an argument is empty, smooth, crossing or charts")

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        found = [*ends, *brackets]
        return Bracket(min(b.lower for b in found), min(b.upper for b in found))

    return strata, combine


def orbits_of(s: Stratum) -> Iterator[Orbit]:
    """The orbit of each compact face, with the forms of the generators on it."""
    graded = [Graded(g, s.active) for g in s.generators]
    units = [*s.units, *(s.variables[j] for j in s.active)]
    nonzero = s.nonzero | frozenset(s.active)
    for face in s.polyhedron.compact_faces:
        yield Orbit(s, units, nonzero, face, [g.form_on(face.exponents) for g in graded])


def _smooth(orbit: Orbit, entry: Mapping[str, Any]) -> End:
    _, _, r, proof = fields(entry, "exponents", "argument", "rank", "proof")
    integer(r, 1, "the rank of a smooth face")
    require_independent(orbit.forms, r, orbit.coordinates, proof, orbit.units, orbit.stratum.constants)
    return smooth_end(orbit, r)


def _crossing(orbit: Orbit, entry: Mapping[str, Any]) -> Bracket:
    """The least ``(lambda, m)`` at zeros of the forms of the factors, and the least that is shown to be attained."""
    _, _, listed, subsets, zeros = fields(entry, "exponents", "argument", "factors", "subsets", "zeros")
    s = orbit.stratum
    require(len(s.generators) == 1, "crossing needs exactly one generator; here there are {}", len(s.generators))
    powers = [(polynomial(s, text), integer(e, 1, "the power of a factor"))
              for text, e in items(listed, 2, "a factor needs a polynomial and its power")]
    require(proportional(product_of_powers(s.ring, powers), s.generators[0]),
            "crossing needs the factors of the generator; here they do not multiply to it")
    forms = initial_forms(orbit, [factor for factor, _ in powers])
    independent = _independent_sets(orbit, forms, items(subsets, None, "subsets are a list"))
    lower = min((crossing_end(orbit, [powers[i][1] for i in chosen]) for chosen in independent), default=INFINITE)
    upper = INFINITE
    for number, first, second in items(zeros, 3, "a zero needs a factor and two points"):
        i = index(number, len(powers), "factor")
        _require_zero(orbit, forms[i], first, second)
        upper = min(upper, crossing_end(orbit, [powers[i][1]]))
    return Bracket(lower, upper)


def initial_forms(orbit: Orbit, factors: Sequence[Polynomial]) -> list[Polynomial]:
    """The terms of least weight of each factor, for a weight inside the normal cone of the face."""
    weights = [sum(column) for column in zip(*orbit.face.rays, strict=True)]
    return [Graded(factor, orbit.stratum.active).initial_form(weights) for factor in factors]


def _independent_sets(orbit: Orbit, forms: Sequence[Polynomial], listed: Sequence[Any]) -> list[frozenset[int]]:
    """The sets of factors with independent gradients at common zeros; all others are shown to have no common zero."""
    empty: list[frozenset[int]] = []
    independent: list[frozenset[int]] = []
    charge(len(listed) ** 2)
    for entry in listed:
        of, argument, proof = fields(entry, "of", "argument", "proof")
        numbers = [index(i, len(forms), "factor") for i in items(of, None, "a set of factors is a list")]
        chosen = frozenset(numbers)
        require(bool(numbers) and sorted(chosen) == numbers, "a set of factors does not increase, or is empty")
        require(chosen not in (*empty, *independent), "the factors {} are listed twice", numbers)
        own = [forms[i] for i in numbers]
        if argument == "empty":
            require_empty(own, proof, orbit.units, orbit.stratum.constants)
            empty.append(chosen)
        else:
            require(argument == "independent", "factors are empty or independent")
            require_independent(own, len(own), orbit.coordinates, proof, orbit.units, orbit.stratum.constants)
            independent.append(chosen)
    charge((len(empty) + len(independent)) << len(forms))
    for size in range(1, len(forms) + 1):
        for others in combinations(range(len(forms)), size):
            require(frozenset(others) in independent or any(none <= set(others) for none in empty),
                    "crossing needs an argument for the factors {}", list(others))
    return independent


def _require_zero(orbit: Orbit, form: Polynomial, first: Any, second: Any) -> None:
    """Opposite signs of a form at two points of one orthant, at the same free coordinates: a zero between them."""
    s = orbit.stratum
    require(not s.constants, "a zero between two points needs signs; with a constant there are none")
    p, q = ([ratio(x) for x in items(point, None, "a point is a list of rationals")] for point in (first, second))
    require(len(p) == len(q) == s.size, "a point needs a coordinate for each variable")
    require(all(p[j] * q[j] > 0 for j in s.active), "two points need one orthant; here a sign differs")
    require(all(p[j] == q[j] for j in range(s.size) if j not in s.active),
            "two points need the same coordinates where the form is not moved; here one differs")
    require(all(value_at(u, p) != 0 for u in s.units), "a point needs units that are not 0; here one is")
    require(value_at(form, p) * value_at(form, q) < 0, "two points need opposite signs of {}", form)


def crossing_end(orbit: Orbit, powers: Sequence[int]) -> End:
    """``(lambda, m)`` of ``t^{2k'} prod_l b_l^{2 e_l}`` with the measure ``t^{h'} dt``."""
    return product_of([*_monomial_ends(orbit), *(End(Fraction(1, 2 * e), 1) for e in powers)])


def smooth_end(orbit: Orbit, r: int) -> End:
    """``(lambda, m)`` of ``t^{2k'} (b_1^2 + ... + b_r^2)`` with the measure ``t^{h'} dt``."""
    return product_of([*_monomial_ends(orbit), End(Fraction(r, 2), 1)])


def _monomial_ends(orbit: Orbit) -> list[End]:
    """The monomial ``t^{2k'}`` with ``t^{h'} dt`` on the orbits of the face: least ratio, and how many can meet there.

    On the normal cone ``(h+1)·w - 2 lambda (k·w + ord_w)`` is linear and >= 0; where it is 0 is a face.
    """
    s, active = orbit.stratum, orbit.stratum.active
    found = []
    vertex = min(orbit.face.exponents)
    for ray in orbit.face.rays:
        k = sum(w * (s.orders[j] + e) for w, j, e in zip(ray, active, vertex, strict=True))
        h = sum(w * (s.jacobian[j] + 1) for w, j in zip(ray, active, strict=True))
        if k:
            found.append((Fraction(h, 2 * k), ray))
    others = [End(Fraction(s.jacobian[j] + 1, 2 * s.orders[j]), 1)
              for j in sorted(s.near) if j not in active and s.orders[j]]
    if not found:
        return others
    least = min(ratio for ratio, _ in found)
    return [*others, End(least, rank([ray for ratio, ray in found if ratio == least]))]
