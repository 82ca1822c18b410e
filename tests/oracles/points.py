"""Real points of systems of two unknowns, exactly: number fields by primitive elements.

Theorem (shape lemma). Let ``f_1, ..., f_k`` in ``Q[u, v]`` have finitely many common zeros over C. For all but finitely
many integers s the values ``g = u + s v`` at the zeros are distinct. Then g is a zero of the resultant
``R(z) = res_v(f_i(z - s v, v), f_j(z - s v, v))``, and for each irreducible factor h of R the greatest common divisor
of the ``f_i(z - s T, T)`` in ``(Q[z]/h)[T]`` is a power of ``T - v(z)``, or 1 if the root belongs to no common zero.

So a class of conjugate zeros is a field ``Q[z]/h`` with u and v in it, and its real points are the real roots of h: at
a real zero g is real, and where g is real so are v(g) and u(g).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from random import Random

from flint import Ordering, fmpq_mpoly, fmpq_mpoly_ctx, fmpq_poly

RING = fmpq_mpoly_ctx.get(("x", "y", "c"), Ordering.lex)
RATIONALS = fmpq_poly([0, 1])  # Q = Q[c]/(c)
LARGEST_FIELD = 16

# A polynomial over a field, from the constant term on.
Polynomial = list[fmpq_poly]


class TooLarge(ValueError):
    """A field of too large a degree to go on in reasonable time."""


@dataclass(frozen=True)
class Point:
    """A class of conjugate points with coordinates in ``Q[c]/(modulus)``, of which at least one is real."""

    modulus: fmpq_poly
    u: fmpq_poly
    v: fmpq_poly


def real_points(system: Sequence[fmpq_mpoly]) -> list[Point]:
    """The common real zeros (u, v) = (x, y) of polynomials of `RING` without c.

    >>> x, y, _ = RING.gens()
    >>> [(p.u, p.v) for p in real_points([x**2 - 1, x**2 + x, x**2 + y**2 - 1])]
    [((-1), 0)]
    >>> [(p.modulus, p.u, p.v) for p in real_points([x**2 - 2, (y - x) * (y**2 + 1)])]
    [(x^2 + (-8), 1/2*x, 1/2*x)]
    """
    for s in (0, *range(1, 100)):
        points = _points_along(system, s)
        if points is not None:
            return points
    raise AssertionError("a hundred lines with two points on one parallel each")


def _points_along(system: Sequence[fmpq_mpoly], s: int) -> list[Point] | None:
    """The points by their values of ``u + s v``; None if two points share one."""
    x, y, _ = RING.gens()
    lines = [f.compose(x - s * y, y, RING.gens()[2]) for f in system if not f.is_zero()]
    points = []
    for h in irreducible_factors(_eliminant(lines)):
        if not number_of_real_roots(h):
            continue
        common = reduce(lambda f, g: _gcd(f, g, h), [_over(f, h) for f in lines])
        common = _squarefree(common, h)
        if len(common) > 2:
            return None
        if len(common) == 2:
            if h.degree() > LARGEST_FIELD:
                raise TooLarge(f"a field of degree {h.degree()}")
            v = -common[0] * _inverse(common[1], h) % h
            points.append(Point(h, (fmpq_poly([0, 1]) - s * v) % h, v))
    return points


def _eliminant(lines: Sequence[fmpq_mpoly]) -> fmpq_poly:
    """A polynomial in x that vanishes wherever all the lines' polynomials in y have a common zero."""
    # The resultant of two polynomials without y is 1, wherever they vanish.
    results = [f for f in lines if f.degrees()[1] == 0]
    first, *others = [f for f in lines if f.degrees()[1] > 0] or [RING.constant(0)]
    results += [first.resultant(f, "y") for f in others]
    rng = Random(0)
    while all(r.is_zero() for r in results):  # two of them have a common factor: general combinations have not
        f, g = (sum((rng.randint(1, 99) * line for line in lines), RING.constant(0)) for _ in range(2))
        results = [f.resultant(g, "y")]
    return reduce(fmpq_poly.gcd, [_univariate(r) for r in results if not r.is_zero()])


def _univariate(f: fmpq_mpoly) -> fmpq_poly:
    coefficients = {e[0]: value for e, value in f.to_dict().items()}
    return fmpq_poly([coefficients.get(i, 0) for i in range(max(coefficients) + 1)])


def irreducible_factors(f: fmpq_poly) -> list[fmpq_poly]:
    """Monic, over Q."""
    return [fmpq_poly(g) / g[g.degree()] for g, _ in f.numer().factor()[1]]


def number_of_real_roots(f: fmpq_poly) -> int:
    """The number of distinct ones, by Sturm's theorem.

    >>> number_of_real_roots(fmpq_poly([-2, 0, 0, 1])), number_of_real_roots(fmpq_poly([-1, -3, 0, 1]))
    (1, 3)
    """
    chain_ = [f, f.derivative()]
    while not (remainder := chain_[-2] % chain_[-1]).degree() < 0:
        chain_.append(-remainder)
    leading = [g[g.degree()] for g in chain_]
    right = [value > 0 for value in leading]
    left = [(value > 0) == (g.degree() % 2 == 0) for g, value in zip(chain_, leading, strict=True)]
    return _changes(left) - _changes(right)


def _changes(signs: Sequence[bool]) -> int:
    return sum(a != b for a, b in pairwise(signs))


# Polynomials in T over Q[z]/h.


def _over(f: fmpq_mpoly, h: fmpq_poly) -> Polynomial:
    """``f(z, T)`` as a polynomial in T."""
    table: dict[int, fmpq_poly] = {}
    z = fmpq_poly([0, 1])
    for (i, j, _), value in f.to_dict().items():
        table[j] = table.get(j, fmpq_poly()) + value * z**i
    return _trimmed([table.get(j, fmpq_poly()) % h for j in range(max(table, default=0) + 1)])


def _trimmed(f: Polynomial) -> Polynomial:
    while f and f[-1] == 0:
        f = f[:-1]
    return f


def _inverse(value: fmpq_poly, h: fmpq_poly) -> fmpq_poly:
    divisor, inverse, _ = value.xgcd(h)
    assert divisor == 1
    return inverse % h


def _divided(f: Polynomial, g: Polynomial, h: fmpq_poly) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder."""
    quotient = [fmpq_poly()] * max(len(f) - len(g) + 1, 0)
    scale = _inverse(g[-1], h)
    while len(f) >= len(g):
        shift, factor = len(f) - len(g), f[-1] * scale % h
        quotient[shift] = factor
        f = _trimmed([(a - factor * g[i - shift]) % h if i >= shift else a for i, a in enumerate(f)][:-1])
    return quotient, f


def _gcd(f: Polynomial, g: Polynomial, h: fmpq_poly) -> Polynomial:
    while g:
        f, g = g, _divided(f, g, h)[1]
    return f


def _squarefree(f: Polynomial, h: fmpq_poly) -> Polynomial:
    derivative = _trimmed([j * a for j, a in enumerate(f)][1:])
    return _divided(f, _gcd(f, derivative, h), h)[0] if derivative else f
