"""Ideals in two variables: blow up real points until everything is monomial.

Theorem (resolution of ideals on a surface). Let I be an ideal of ``Q[x, y]``, ``I = p_1^{e_1} ... p_k^{e_k} J`` with
distinct irreducible p_i and J of finite colength. Blowing up the points at which the total transform of I is not a
monomial in local coordinates ends after finitely many blow-ups. On the way each exceptional divisor E gets N_E, the
order of I along it, and a_E, one more than the order of the Jacobian: at the centre N_E is the sum of those of the
exceptional divisors through it and of the order there of the rest of I, and a_E is the sum of those of the two axes,
1 for an axis that is not exceptional. A neighbourhood of a real point is covered by neighbourhoods of the real points
above it, so that ``(lambda, m)`` is the least of the ends of ``∫ prod |x_j|^{2 N_j z + a_j - 1} dx`` at real points:
``lambda = min a / (2N)`` over the divisors with real points, (e_i, 1) for a branch of p_i, and m = 2 where two that
attain it cross in a real point.

Points are taken in classes of conjugate ones (see points.py); a class counts if one of its points is real. Conjugate
points have the same orders, and a class above another is real only if that other one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul

import sympy
from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpq_poly

from tests.oracles.ends import End, least, monomial
from tests.oracles.points import RATIONALS, RING, real_points

# (N, a) of the axes x = 0 and y = 0; a = 1 if it is not exceptional.
Divisor = tuple[int, int]
NONE: Divisor = (0, 1)


@dataclass(frozen=True)
class Local:
    """The transform of the ideal at the origin of a chart, over ``Q[c]/(modulus)``.

    It is ``x^{N_x} y^{N_y} prod p^e · residual``; no residual is the unit ideal. The polynomials lie in `RING`.
    """

    modulus: fmpq_poly
    components: tuple[tuple[fmpq_mpoly, int], ...]
    residual: tuple[fmpq_mpoly, ...]
    axes: tuple[Divisor, Divisor] = (NONE, NONE)


def threshold(generators: Sequence[str], names: Sequence[str] = ("x", "y")) -> End:
    """``(lambda, m)`` of the sum of squares of the generators at the origin.

    >>> threshold(["x^2 - y^3"])
    (Fraction(5, 12), 1)
    >>> threshold(["(y^2 - 2*x^2)^2 + x^5"])
    (Fraction(1, 4), 2)
    """
    components, residual = decomposed([polynomial(g, names, RING) for g in generators])
    return _required(local_end(Local(RATIONALS, components, residual)))


def threshold_of_function(text: str, names: Sequence[str] = ("x", "y")) -> End:
    """``(lambda, m)`` of a K that is given itself: twice the lambda of its square.

    >>> threshold_of_function("x^2 + y^2")
    (Fraction(1, 1), 1)
    """
    value, multiplicity = threshold([text], names)
    return 2 * value, multiplicity


def polynomial(text: str, names: Sequence[str], ring: fmpq_mpoly_ctx) -> fmpq_mpoly:
    """The polynomial of a ring whose first variables get these names."""
    symbols = sympy.symbols(tuple(names))
    parsed = sympy.Poly(sympy.sympify(text.replace("^", "**"), locals=dict(zip(names, symbols, strict=True))), *symbols)
    rest = (0,) * (ring.nvars() - len(names))
    return ring.from_dict({(*e, *rest): fmpq(int(c.p), int(c.q)) for e, c in parsed.terms()})


def decomposed(generators: Sequence[fmpq_mpoly]) -> tuple[tuple[tuple[fmpq_mpoly, int], ...], tuple[fmpq_mpoly, ...]]:
    """The irreducible factors over Q of the common divisor, and the quotients (none if one is constant)."""
    generators = [g for g in generators if not g.is_zero()]
    common = reduce(lambda f, g: f.gcd(g), generators)
    residual = [g / common for g in generators]
    return tuple(common.factor()[1]), () if any(g.total_degree() == 0 for g in residual) else tuple(residual)


def local_end(s: Local) -> End | None:
    """The least end at the real points above this one; None where the ideal is the unit ideal."""
    s = _through_origin(s)
    divisors = _crossing(s)
    if divisors is not None:
        return monomial(divisors) if any(order for order, _ in divisors) else None
    (order_x, a_x), (order_y, a_y) = s.axes
    order = sum(e * order_of(p) for p, e in s.components) + min(map(order_of, s.residual), default=0)
    new = (order_x + order_y + order, a_x + a_y)
    return least([monomial([new]), *(end for chart in _charts(s, new) if (end := local_end(chart)) is not None)])


def _through_origin(s: Local) -> Local:
    """Without what is a unit at the origin."""
    components = tuple((p, e) for p, e in s.components if order_of(p))
    return Local(s.modulus, components, s.residual if all(map(order_of, s.residual)) else (), s.axes)


def _crossing(s: Local) -> list[Divisor] | None:
    """The divisors through the origin if they are two axes of some local coordinates, else None."""
    if s.residual or len(s.components) > 1:
        return None
    exceptional = [i for i, (_, a) in enumerate(s.axes) if a > 1]
    if not s.components:
        return [s.axes[i] for i in exceptional]
    p, e = s.components[0]
    slopes = linear_part(p)
    # Transversal to x = 0: the derivative along that axis, by y, is not 0.
    if order_of(p) > 1 or len(exceptional) > 1 or any(slopes[1 - i].is_zero() for i in exceptional):
        return None
    return [*(s.axes[i] for i in exceptional), (e, 1)]


def _charts(s: Local, new: Divisor) -> Iterable[Local]:
    """The points of the new divisor at which something else passes."""
    x, y, c = RING.gens()
    for point in real_points(_tangents(s)):
        slope, constant = _element(point.u), _element(point.v)
        yield _transformed(s, point.modulus, (x, x * (y + slope), constant), 0,
                           (new, NONE if point.u else s.axes[1]))
    yield _transformed(s, s.modulus, (x * y, y, c), 1, (s.axes[0], new))


def _tangents(s: Local) -> list[fmpq_mpoly]:
    """A system for the slopes t (as x) and the constant c (as y): tangents of components, common ones of the residual.

    The slope 0, an axis, is always among them.
    """
    x, y, _ = RING.gens()
    tangents = [x * reduce(mul, [_initial(p) for p, _ in s.components], RING.constant(1))]
    if s.residual:
        order = min(map(order_of, s.residual))
        tangents = [tangents[0] * _initial(g) for g in s.residual if order_of(g) == order]
    modulus = sum((value * y**i for i, value in enumerate(s.modulus)), RING.constant(0))
    return [modulus, *tangents]


def _initial(p: fmpq_mpoly) -> fmpq_mpoly:
    """The initial form at (1, t), with t called x and c called y."""
    order = order_of(p)
    terms: dict[tuple[int, int, int], fmpq] = {}
    for (i, j, k), value in p.to_dict().items():
        if i + j == order:
            terms[j, k, 0] = value
    return RING.from_dict(terms)


def _transformed(s: Local, modulus: fmpq_poly, images: Sequence[fmpq_mpoly], exceptional: int,
                 axes: tuple[Divisor, Divisor]) -> Local:
    """Strict transforms of the components, and the residual divided by the order at the centre."""
    least_order = min(map(order_of, s.residual), default=0)

    def transform(p: fmpq_mpoly, order: int) -> fmpq_mpoly:
        return _divide(reduced(p.compose(*images, ctx=RING), modulus), exceptional, order)

    return Local(modulus, tuple((transform(p, order_of(p)), e) for p, e in s.components),
                 tuple(transform(g, least_order) for g in s.residual), axes)


def reduced(p: fmpq_mpoly, modulus: fmpq_poly) -> fmpq_mpoly:
    """Modulo the minimal polynomial of c."""
    table: dict[tuple[int, int], fmpq_poly] = {}
    c = fmpq_poly([0, 1])
    for (i, j, k), value in p.to_dict().items():
        table[i, j] = table.get((i, j), fmpq_poly()) + value * c**k
    return RING.from_dict({(*e, k): value for e, f in table.items() for k, value in enumerate(f % modulus) if value})


def _element(value: fmpq_poly) -> fmpq_mpoly:
    """An element of the field in `RING`."""
    return RING.from_dict({(0, 0, k): coefficient for k, coefficient in enumerate(value) if coefficient})


def _divide(p: fmpq_mpoly, variable: int, order: int) -> fmpq_mpoly:
    return RING.from_dict({tuple(k - order * (i == variable) for i, k in enumerate(e)): value
                           for e, value in p.to_dict().items()})


def order_of(p: fmpq_mpoly) -> int:
    """The order in x and y at the origin."""
    return min(int(i + j) for i, j, _ in p.to_dict())


def linear_part(p: fmpq_mpoly) -> tuple[fmpq_mpoly, fmpq_mpoly]:
    """The derivatives by x and y at the origin, elements of the field."""
    x, y = (RING.from_dict({(0, 0, k): value for (i, j, k), value in p.to_dict().items() if (i, j) == axis})
            for axis in ((1, 0), (0, 1)))
    return x, y


def _required(end: End | None) -> End:
    if end is None:
        raise ValueError("the unit ideal")
    return end
