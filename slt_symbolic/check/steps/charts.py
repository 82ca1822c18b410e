"""Monomial charts: substitutions ``x_j -> sign · monomial``, and the orders that they create.

Theorem (polar coordinates with weights). Near 0 the orthants of ``R^n`` are covered by the images, over the cones of a
complete simplicial fan *together* and over all classes of signs ``s``, of ``x_j = s_j t^{u_j} y_j``. The rows of ``u``
are the weight vectors that span a cone; ``y_j = 1`` for as many variables as there are rows, chosen so that those
columns of ``u`` are independent, and the other ``y_j`` are nonzero. (One cone alone covers only the points whose
logarithms lie in it.) The orders become ``k·u`` and the Jacobian orders ``(h + 1)·u - 1``. Replacing ``t_l`` by
``-t_l`` passes to another class of signs with the same points; so germs may be taken in full neighbourhoods of ``t =
0``, and one class of each orbit is enough. Over the positive reals every integer matrix of full rank is invertible:
there are no quotient singularities.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from slt_symbolic.check.algebra.ring import Polynomial, rank, substitute
from slt_symbolic.check.budget import charge
from slt_symbolic.check.stratum import Derived, Stratum

Images = dict[int, Polynomial]


def torus_images(s: Stratum, rays: Sequence[Sequence[int]], active: Sequence[int]) -> tuple[list[int], list[Images]]:
    """The variables that lend their names to the ``t_l``; the images of the ``active`` ones for each class of signs."""
    chosen = _independent_columns(rays, len(active))
    pivots = [active[c] for c in chosen]
    monomials: Images = {}
    for column, j in enumerate(active):
        value = s.ring.constant(1) if j in pivots else s.variables[j]
        for t, ray in zip(pivots, rays, strict=True):
            value *= s.variables[t] ** ray[column]
        monomials[j] = value
    parities = [[ray[c] % 2 for c in chosen] for ray in rays]
    return pivots, [{j: -m if j in pivots and signs[pivots.index(j)] else m for j, m in monomials.items()}
                    for signs in _sign_classes(parities)]


def torus_chart(s: Stratum, rays: Sequence[Sequence[int]], active: Sequence[int]) -> list[Derived]:
    """The strata of the orbit of the cone over ``rays`` (weights on the ``active`` near variables).

    One stratum for each class of signs.
    """
    pivots, substitutions = torus_images(s, rays, active)
    orders, jacobian = list(s.orders), list(s.jacobian)
    for j in active:
        orders[j] = jacobian[j] = 0
    for j, ray in zip(pivots, rays, strict=True):
        orders[j] = sum(w * s.orders[i] for w, i in zip(ray, active, strict=True))
        jacobian[j] = sum(w * (s.jacobian[i] + 1) for w, i in zip(ray, active, strict=True)) - 1
    free = [j for j in active if j not in pivots]
    units = [*s.units, *(s.variables[j] for j in free)]
    return [s.derive([substitute(g, images) for g in s.generators], s.near - set(free), orders, jacobian, units)
            for images in substitutions]


def blowup_images(s: Stratum, weights: Sequence[int], pivot: int, sign: int) -> Images:
    """``x_pivot = sign t^w``, ``x_j = t^{w_j} x_j``, with ``t`` called ``x_pivot``."""
    t = s.variables[pivot]
    images: Images = {j: s.variables[j] * t**w for j, w in enumerate(weights) if w}
    images[pivot] = sign * t ** weights[pivot]
    return images


def blowup_chart(s: Stratum, weights: Sequence[int], pivot: int, zero: frozenset[int], nonzero: frozenset[int],
                 sign: int) -> Derived:
    """The chart ``x_pivot = sign t^w``, ``x_j = t^{w_j} x_j``; ``t`` is called ``x_pivot``.

    Of the other variables with a weight those in ``zero`` are near 0, those in ``nonzero`` are units, the rest is free.
    """
    images = blowup_images(s, weights, pivot, sign)
    blown = [j for j, w in enumerate(weights) if w and j != pivot]
    orders, jacobian = list(s.orders), list(s.jacobian)
    orders[pivot] = sum(w * k for w, k in zip(weights, s.orders, strict=True))
    jacobian[pivot] = sum(w * (h + 1) for w, h in zip(weights, s.jacobian, strict=True)) - 1
    for j in blown:
        if j not in zero:
            orders[j] = jacobian[j] = 0
    near = s.near - (set(blown) - zero)
    units = [*s.units, *(s.variables[j] for j in nonzero)]
    return s.derive([substitute(g, images) for g in s.generators], near, orders, jacobian, units)


def _independent_columns(rays: Sequence[Sequence[int]], width: int) -> list[int]:
    """Columns on which the rays form a nonsingular matrix, of odd determinant where the first choice allows it."""
    charge(width * len(rays) ** 2)
    for modulus in (2, 0):
        chosen: list[int] = []
        for column in range(width):
            trial = [[ray[c] % 2 if modulus else ray[c] for c in [*chosen, column]] for ray in rays]
            if (len(_echelon_mod_2(trial)) if modulus else rank(trial)) == len(chosen) + 1:
                chosen.append(column)
        if len(chosen) == len(rays):
            return chosen
    raise ValueError("the rays of a cone are dependent")


def _echelon_mod_2(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    basis: list[list[int]] = []
    for row in rows:
        reduced = [entry % 2 for entry in row]
        for other in basis:
            if reduced[other.index(1)]:
                reduced = [a ^ b for a, b in zip(reduced, other, strict=True)]
        if any(reduced):
            basis.append(reduced)
    return basis


def _sign_classes(parities: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """One vector of signs (0: plus, 1: minus) of each class modulo the rows of ``parities``."""
    basis = _echelon_mod_2(parities)
    leading = {row.index(1) for row in basis}
    width = len(parities[0])
    charge(1 << width)
    for signs in product((0, 1), repeat=width):
        if not any(signs[j] for j in leading):
            yield signs
