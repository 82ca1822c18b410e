"""What a node of the tree speaks about: one loss at all points of a stratum.

Definition. A *stratum* is given by polynomials ``g_1..g_r`` in ``x_1..x_n`` over Q, *orders* ``k`` and *Jacobian
orders* ``h`` (integers >= 0, one for each variable), a set of variables that are *near* 0, at most one *constant*, with
its minimal polynomial, irreducible over Q and with a real root, and polynomials that are *units*. For a choice of the
constant's root its points are the real ``a`` with ``a_j = 0`` for near ``x_j``, the constant at that root, and
``u(a) != 0`` for every unit ``u``; the other coordinates are *free*. Constants are no coordinates. At each point it has
the germ of

    K = x^{2k} (g_1^2 + ... + g_r^2)    with the measure    |x|^h dx,

and ``v`` is the least ``(lambda, m)`` of these germs over all points, infinite if there are none or if the loss
vanishes at none of them (the minimum is attained: there are finitely many values, each on a semialgebraic set).
A bracket for a stratum holds *for each choice of the constant's root*. Of a stratum without points the checker accepts
that it is empty, and nothing else. ``k_j = h_j = 0`` for free variables: a nonzero coordinate is a unit, and steps see
to it that no other arises.

A step gives a stratum as it comes out, `Derived`; the node of the child states one in canonical form, `Stratum`. The
stated units have the derived ones as products, up to factors in the constant alone (which vanish at no root, since the
minimal polynomial is irreducible): the points are the same. Zeros among the generators are left out, and generators
that differ by a number are one; monomials in variables that are units are divided off; a monomial in near variables
that divides all generators is moved into ``k``. A variable that occurs nowhere and has no order is flat: it counts as
near, without Jacobian order. None of this changes ``v``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from slt_symbolic.check.algebra import ring as rings
from slt_symbolic.check.algebra.grammar import LARGEST_DEGREE, LARGEST_EXPONENT
from slt_symbolic.check.algebra.ring import NO_CONSTANTS as NO_CONSTANTS
from slt_symbolic.check.algebra.ring import Exponent, Polynomial, Ring
from slt_symbolic.check.budget import OverBudget, charge
from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.step import fields, items, require


@dataclass(frozen=True)
class _Description:
    """What describes a stratum."""

    ring: Ring
    generators: tuple[Polynomial, ...]
    near: frozenset[int]
    orders: tuple[int, ...]
    jacobian: tuple[int, ...]
    units: tuple[Polynomial, ...]
    constants: Mapping[int, Polynomial]


@dataclass(frozen=True)
class Derived(_Description):
    """A stratum as a step derives it, not yet in canonical form."""

    @cached_property
    def conditions(self) -> tuple[Polynomial, ...]:
        """The units on the stratum, modulo the constant; nonzero numbers are left out."""
        found = [rings.reduced(rings.at_zero(u, self.near), self.constants) for u in self.units]
        return tuple(u for u in found if u.is_zero() or not u.is_constant())

    @property
    def is_empty(self) -> bool:
        """A unit vanishes identically: the stratum has no points."""
        return any(u.is_zero() for u in self.conditions)


@dataclass(frozen=True)
class Stratum(_Description):
    """A stratum in canonical form; `canonical` builds one."""

    @cached_property
    def is_empty(self) -> bool:
        """The unit 0: the stratum has no points."""
        return any(u.is_zero() for u in self.units)

    @property
    def size(self) -> int:
        """The number of variables, constants included."""
        return len(self.orders)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the variables."""
        return tuple(self.ring.names())

    @cached_property
    def variables(self) -> tuple[Polynomial, ...]:
        """The variables as polynomials."""
        return tuple(self.ring.gens())

    @cached_property
    def free(self) -> tuple[int, ...]:
        """The coordinates that are not near 0."""
        return tuple(j for j in range(self.size) if j not in self.near and j not in self.constants)

    @cached_property
    def flat(self) -> frozenset[int]:
        """The variables that occur nowhere."""
        used = frozenset().union(*(rings.support(p) for p in (*self.generators, *self.units)))
        return frozenset(j for j in self.near if not self.orders[j] and j not in used)

    @cached_property
    def ridges(self) -> tuple[int, ...]:
        """The near variables that are not flat, in order: the coordinates of exponents and weights."""
        return tuple(sorted(self.near - self.flat))

    @cached_property
    def monomials(self) -> frozenset[Exponent]:
        """The exponents of ``K^(1/2)`` in the near variables that are not flat."""
        return frozenset(tuple([exponent[j] + self.orders[j] for j in self.ridges])
                         for g in self.generators for exponent in rings.terms(g))

    @cached_property
    def active(self) -> tuple[int, ...]:
        """The near variables that occur in the generators."""
        return tuple(sorted(self.near & frozenset().union(*(rings.support(g) for g in self.generators))))

    @cached_property
    def polyhedron(self) -> Polyhedron:
        """The Newton polyhedron of the generators in the active variables."""
        return Polyhedron.of(tuple([exponent[j] for j in self.active])
                             for g in self.generators for exponent in rings.terms(g))

    def support(self, polynomial: Polynomial) -> frozenset[int]:
        """The coordinates that occur in a polynomial."""
        return rings.support(polynomial).difference(self.constants)

    def on_stratum(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial on the stratum: near variables set to 0."""
        return rings.at_zero(polynomial, self.near)

    @cached_property
    def nonzero(self) -> frozenset[int]:
        """The variables that are units themselves."""
        return rings.coordinates_among(self.units)

    def to_json(self) -> dict[str, Any]:
        """The statement as plain data; flat variables are not mentioned."""
        names = self.names
        return {
            "generators": [str(g) for g in self.generators],
            "near": [names[j] for j in self.ridges],
            "orders": {names[j]: k for j, k in enumerate(self.orders) if k},
            "jacobian": {names[j]: h for j, h in enumerate(self.jacobian) if h},
            "units": [str(u) for u in self.units],
            "constants": {names[j]: str(q) for j, q in self.constants.items()},
        }

    def derive(self, generators: Iterable[Polynomial] | None = None, near: Iterable[int] | None = None,
               orders: Sequence[int] | None = None, jacobian: Sequence[int] | None = None,
               units: Iterable[Polynomial] | None = None,
               constants: Mapping[int, Polynomial] | None = None) -> Derived:
        """What follows from this stratum, different in what is given."""
        return Derived(self.ring, tuple(self.generators if generators is None else generators),
                       frozenset(self.near if near is None else near),
                       tuple(self.orders if orders is None else orders),
                       tuple(self.jacobian if jacobian is None else jacobian),
                       tuple(self.units if units is None else units),
                       self.constants if constants is None else constants)


def canonical(derived: Derived, units: Sequence[Polynomial]) -> Stratum:
    """The stratum in canonical form, its points described by these units instead of those derived.

    >>> R = rings.ring_of(["x", "y"]); x, y = R.gens()
    >>> raw = Derived(R, (x**2 * y, 2 * x * y**2), frozenset({0, 1}), (0, 0), (0, 0), (), NO_CONSTANTS)
    >>> canonical(raw, []).to_json()["orders"]
    {'x': 1, 'y': 1}
    """
    _require_same_points(derived, units)
    polynomials = _generators(derived, rings.coordinates_among(units))
    orders = list(derived.orders)
    if polynomials:
        content = rings.common_content(polynomials)
        shared = [e if j in derived.near else 0 for j, e in enumerate(content)]
        if any(shared):
            polynomials = [rings.divide_monomial(g, shared) for g in polynomials]
            orders = [k + e for k, e in zip(orders, shared, strict=True)]
    require(not any((k or h) and j not in derived.near
                    for j, (k, h) in enumerate(zip(orders, derived.jacobian, strict=True))),
            "a variable that is not near 0 has an order")
    used = frozenset(derived.constants).union(*(rings.support(p) for p in (*polynomials, *units)))
    flat = {j for j in range(len(orders)) if not orders[j] and j not in used}
    jacobian = tuple(0 if j in flat else h for j, h in enumerate(derived.jacobian))
    return Stratum(derived.ring, tuple(polynomials), derived.near | flat, tuple(orders), jacobian, tuple(units),
                   derived.constants)


def _generators(derived: Derived, nonzero: frozenset[int]) -> list[Polynomial]:
    """Reduced, not 0, without monomials that are units, monic, each once."""
    kept: dict[str, Polynomial] = {}
    for g in derived.generators:
        charge(len(g) * rings.looked_at(g))  # it is printed, and compared
        g = rings.reduced(g, derived.constants)
        if g.is_zero():
            continue
        if nonzero:
            content = rings.common_content([g])
            if any(content[j] for j in nonzero):
                g = rings.divide_monomial(g, [e if j in nonzero else 0 for j, e in enumerate(content)])
        g = rings.monic(g)
        kept.setdefault(str(g), g)
    return list(kept.values())


def _require_same_points(derived: Derived, units: Sequence[Polynomial]) -> None:
    """The units vanish nowhere exactly where those derived do."""
    if derived.is_empty:
        require(len(units) == 1 and units[0].is_zero(), "the stratum has no points, so that its unit is 0")
        return
    constants = frozenset(derived.constants)
    for i, u in enumerate(units):
        coordinates = rings.support(u) - constants
        require(bool(coordinates) and not coordinates & derived.near,
                "the unit {} does not involve free variables only", u)
        require(u == rings.reduced(u, derived.constants), "the unit {} is not reduced modulo the constant", u)
        require(not rings.is_member(u, units[:i]), "the unit {} is stated twice", u)
    unused = set(range(len(units)))
    for condition in derived.conditions:
        rest = condition
        for i, u in enumerate(units):
            while (following := rings.quotient(rest, u)) is not None:
                unused.discard(i)
                rest = following
        require(rings.support(rest) <= constants, "the units stated leave the factor {} of {}", rest, condition)
    require(not unused, "a unit is stated that divides none of those derived")


def as_stated(derived: Derived, table: Mapping[str, Any], read: Any) -> Stratum:
    """The stratum that a node states, if it is the one derived; ``read`` turns texts into polynomials.

    Polynomials may be stated in another order and with other rational factors; what is stated is used from here on.
    """
    texts, near, units = (items(values, None, "generators, near and units are lists") for values in
                          fields(table, "generators", "near", "units", "orders", "jacobian", "constants")[:3])
    found = canonical(derived, [read(text) for text in units])
    _require_text(found)
    if _equal(found.to_json(), table):
        return found
    require(len(texts) == len(found.generators), "states {} generators, where {} are derived", len(texts),
            len(found.generators))
    generators = tuple(read(text) for text in texts)
    values = [str(rings.monic(g)) for g in generators]
    require(sorted(values) == sorted(map(str, found.generators)), "states generators other than those derived")
    stated = Stratum(found.ring, generators, found.near, found.orders, found.jacobian, found.units, found.constants)
    expected = stated.to_json()
    for name in ("near", "orders", "jacobian"):
        value = sorted(near) if name == "near" else table[name]
        known = sorted(expected[name]) if name == "near" else expected[name]
        require(_equal(value, known), "states {} other than those derived", name)
    require(table["constants"].keys() == expected["constants"].keys()
            and all(rings.proportional(read(text), read(expected["constants"][name]))
                    for name, text in table["constants"].items()), "states a constant other than the one derived")
    return stated


def _require_text(s: Stratum) -> None:
    """The grammar has texts for the polynomials: what grows with the degree is bounded."""
    for p in (*s.generators, *s.units):
        if p.total_degree() > LARGEST_DEGREE or max(p.degrees()) > LARGEST_EXPONENT:
            raise OverBudget("a stratum with polynomials of a degree that no text may have")


def _equal(first: Any, second: Any) -> bool:
    """Are two pieces of plain data equal, and of equal types? In Python ``True == 1 == 1.0``."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_equal(value, second[key]) for key, value in first.items())
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_equal, first, second))
    return type(first) is type(second) and bool(first == second)
