"""What a node of the tree speaks about: one loss at all points of a stratum.

Definition. A *stratum* is given by polynomials ``g_1..g_r`` in ``x_1..x_n`` over Q, *orders* ``k`` and *Jacobian
orders* ``h`` (integers >= 0, one for each variable), a set of variables that are *near* 0, *constants*, each with its
minimal polynomial, irreducible over Q and with a real root, and polynomials that are *units*. Its points are the real
``a`` with ``a_j = 0`` for near ``x_j``, constants at real roots of their polynomials, and ``u(a) != 0`` for every unit
``u``; the other coordinates are *free*. Constants are no coordinates. At each point it has the germ of

    K = x^{2k} (g_1^2 + ... + g_r^2)    with the measure    |x|^h dx,

and ``v`` is the least pair ``(lambda, m)`` of these germs over all points, infinite if there are none or if the loss
vanishes at none of them (the minimum is attained: there are finitely many values, each on a semialgebraic set). Of a
stratum without points the checker accepts that it is empty, and nothing else.
``k_j = h_j = 0`` for free variables: a nonzero coordinate is a unit, and steps see to it that no other arises.

Canonical form. Generators are monic, without zeros and repetitions; a monomial in near variables that divides all of
them is moved into ``k``, and monomials in variables that are units are divided off. Units are irreducible, taken at
near = 0. A variable that occurs nowhere and has no order is flat: it counts as near, without Jacobian order. None of
this changes ``v``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from slt_symbolic.check import ring as rings
from slt_symbolic.check.ring import Polynomial, Ring
from slt_symbolic.check.signs import is_nonvanishing


@dataclass(frozen=True)
class Stratum:
    """Use `stratum` to build one in canonical form."""

    ring: Ring
    generators: tuple[Polynomial, ...]
    near: frozenset[int]
    orders: tuple[int, ...]
    jacobian: tuple[int, ...]
    units: tuple[Polynomial, ...]
    constants: Mapping[int, Polynomial]

    @cached_property
    def is_empty(self) -> bool:
        """A unit that vanishes identically: the stratum has no points."""
        return any(u.is_zero() for u in self.units)

    @property
    def size(self) -> int:
        """The number of variables, constants included."""
        return len(self.orders)

    @property
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

    def support(self, polynomial: Polynomial) -> frozenset[int]:
        """The coordinates that occur in a polynomial."""
        return rings.support(polynomial).difference(self.constants)

    def on_stratum(self, polynomial: Polynomial) -> Polynomial:
        """Its values on the stratum: near variables set to 0."""
        return rings.at_zero(polynomial, sorted(self.near))

    def is_unit(self, polynomial: Polynomial) -> bool:
        """Is it shown, by signs, to vanish at no point of the stratum?"""
        return is_nonvanishing(self.on_stratum(polynomial), self.units, self.constants)

    @cached_property
    def nonzero(self) -> frozenset[int]:
        """The variables that are units themselves."""
        texts = {str(u) for u in self.units}
        return frozenset(j for j, name in enumerate(self.ring.names()) if name in texts)

    def to_json(self) -> dict[str, Any]:
        """The statement as plain data; flat variables are not mentioned."""
        names = self.ring.names()
        return {
            "generators": [str(g) for g in self.generators],
            "near": [names[j] for j in sorted(self.near - self.flat)],
            "orders": {names[j]: k for j, k in enumerate(self.orders) if k},
            "jacobian": {names[j]: h for j, h in enumerate(self.jacobian) if h},
            "units": [str(u) for u in self.units],
            "constants": {names[j]: str(q) for j, q in sorted(self.constants.items())},
        }

    def derive(self, generators: Iterable[Polynomial] | None = None, near: Iterable[int] | None = None,
               orders: Sequence[int] | None = None, jacobian: Sequence[int] | None = None,
               units: Iterable[Polynomial] | None = None,
               constants: Mapping[int, Polynomial] | None = None) -> Stratum:
        """A stratum that differs in what is given."""
        return stratum(self.ring, self.generators if generators is None else generators,
                       self.near if near is None else near, self.orders if orders is None else orders,
                       self.jacobian if jacobian is None else jacobian, self.units if units is None else units,
                       self.constants if constants is None else constants)


def stratum(ring: Ring, generators: Iterable[Polynomial], near: Iterable[int], orders: Sequence[int],
            jacobian: Sequence[int], units: Iterable[Polynomial],
            constants: Mapping[int, Polynomial] = MappingProxyType({})) -> Stratum:
    """The stratum in canonical form.

    >>> R = rings.ring_of(["x", "y"]); x, y = R.gens()
    >>> stratum(R, [x**2 * y, 2 * x * y**2], {0, 1}, (0, 0), (0, 0), []).to_json()["orders"]
    {'x': 1, 'y': 1}
    """
    near = frozenset(near)
    found = _canonical_units(ring, units, near, constants)
    names = {str(u) for u in found}
    nonzero = [j for j, name in enumerate(ring.names()) if name in names]
    kept: dict[str, Polynomial] = {}
    for g in generators:
        g = rings.reduced(g, constants)
        if g.is_zero():
            continue
        content = rings.common_content([g])
        if any(content[j] for j in nonzero):
            g = rings.divide_monomial(g, [e if j in nonzero else 0 for j, e in enumerate(content)])
        g = rings.monic(g)
        kept.setdefault(str(g), g)
    polynomials = list(kept.values())
    orders = list(orders)
    if polynomials:
        content = rings.common_content(polynomials)
        shared = [e if j in near else 0 for j, e in enumerate(content)]
        if any(shared):
            polynomials = [rings.divide_monomial(g, shared) for g in polynomials]
            orders = [k + e for k, e in zip(orders, shared, strict=True)]
    if any((orders[j] or jacobian[j]) and j not in near for j in range(len(orders))):
        raise ValueError("a free variable with an order")
    used = frozenset(constants).union(*(rings.support(p) for p in (*polynomials, *found)))
    flat = {j for j in range(len(orders)) if not orders[j] and j not in used}
    jacobian = tuple(0 if j in flat else h for j, h in enumerate(jacobian))
    return Stratum(ring, tuple(polynomials), near | flat, tuple(orders), jacobian, found, constants)


def _canonical_units(ring: Ring, units: Iterable[Polynomial], near: frozenset[int],
                     constants: Mapping[int, Polynomial]) -> tuple[Polynomial, ...]:
    found: dict[str, Polynomial] = {}
    for u in units:
        u = rings.reduced(rings.at_zero(u, sorted(near)), constants)
        if u.is_zero():
            return (u,)
        for factor, _ in rings.factors(u):
            if rings.support(factor) - frozenset(constants):
                found.setdefault(str(factor), factor)
    return tuple(found[text] for text in sorted(found))
