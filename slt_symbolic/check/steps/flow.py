"""Coordinates along which vector fields move the ideal to itself.

Theorem. Let ``x_1..x_q`` be near 0, without orders and Jacobian orders, and let ``D_1..D_q`` be polynomial vector
fields in the coordinates such that ``D_a x_b`` is 1 on the stratum for ``a = b`` and 0 there for ``a != b``
(a, b <= q), that ``D_a x_k`` is a multiple of x_k for every x_k with an order or a Jacobian order, and that each D_a
maps every generator to a combination of the generators with polynomial coefficients. Then ``x_1..x_q`` may be set to 0:
v stays.

Proof. At a point p of the stratum let ``Psi(t, y)`` be the point that the flows of D_q, .., D_1 reach in the times
t_q, .., t_1 from a point y of ``x_1 = .. = x_q = 0`` near p. The derivative of Psi at ``(0, p)`` is invertible: the
fields have the directions of ``x_1..x_q`` modulo that subspace. So Psi is a coordinate system, and its Jacobian lies
between two positive constants. Along a flow the vector g of the generators satisfies ``dg/dt = C g`` with a bounded
matrix C, so that ``g(Psi(t, y)) = M(t, y) g(y)`` with M and its inverse bounded; in the same way ``|x_k|`` with an
order or Jacobian order changes by a bounded factor. Hence K and the measure at ``Psi(t, y)`` are comparable to those at
y: the germ at p has the pair of its restriction, in which t occurs nowhere.
"""

from __future__ import annotations

from slt_symbolic.check.algebra.ring import Polynomial, at_zero, times
from slt_symbolic.check.algebra.signs import index
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import Outcome, only_child, polynomial, position
from slt_symbolic.check.stratum import Stratum

Field = dict[int, Polynomial]  # what each coordinate becomes; 0 for those that are left out


def flow(s: Stratum, data: Data) -> Outcome:
    """Data: ``names``; for each of them ``fields``, its field, and ``images``, what the generators become.

    A field lists ``[x, p]`` for ``D x = p``, its images ``[i, j, c]`` for the multiple ``c g_j`` in ``D g_i``.
    """
    names, listed, images = fields(data, "names", "fields", "images")
    chosen = [position(s, name) for name in items(names, None, "names are a list")]
    require(len(set(chosen)) == len(chosen) > 0, "needs distinct variables; here they are {}", names)
    for j in chosen:
        require(j in s.near, "needs near variables; here {} is not near 0", s.names[j])
        require(s.orders[j] == 0 == s.jacobian[j], "needs variables without orders; here {} has one", s.names[j])
    moving, becoming = items(listed, None, "fields are a list"), items(images, None, "images are a list")
    require(len(moving) == len(becoming) == len(chosen), "needs a field and its images for each of {} variables",
            len(chosen))
    for j, field, image in zip(chosen, moving, becoming, strict=True):
        moved = _field(s, field)
        for k in chosen:
            speed = s.on_stratum(moved.get(k, s.ring.constant(0)))
            require(speed == int(j == k), "needs fields of speed 1 each along its own variable; here {} has {}",
                    s.names[k], speed)
        _require_invariant(s, moved, image)
    return [s.derive([at_zero(g, chosen) for g in s.generators])], only_child


def _field(s: Stratum, listed: object) -> Field:
    found: Field = {}
    for name, text in items(listed, 2, "a field is a list of names, each with a polynomial"):
        k, p = position(s, name), polynomial(s, text)
        require(k not in s.constants, "needs fields in the coordinates; here one moves the constant {}", s.names[k])
        require(not (s.orders[k] or s.jacobian[k]) or at_zero(p, [k]).is_zero(),
                "needs multiples of a variable with an order; here {} becomes {}", s.names[k], p)
        found[k] = found.get(k, s.ring.constant(0)) + p
    return found


def _require_invariant(s: Stratum, moved: Field, listed: object) -> None:
    """The field maps each generator to the combination listed."""
    left = [sum((times(p, g.derivative(k)) for k, p in moved.items()), s.ring.constant(0)) for g in s.generators]
    for first, second, text in items(listed, 3, "images are lists of two numbers of generators and a polynomial"):
        i, j = (index(n, len(s.generators), "generator") for n in (first, second))
        left[i] -= times(polynomial(s, text), s.generators[j])
    for g, rest in zip(s.generators, left, strict=True):
        require(rest.is_zero(), "needs fields that map generators to the images listed; for {} this leaves {}", g, rest)
