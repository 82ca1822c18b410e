"""Resultants of two polynomials in two variables, as determinants of Sylvester matrices.

The determinant is a polynomial in the variable that is left, of a degree that the matrix bounds; it is the only one of
this degree with its values at so many integers, which are determinants of rational matrices.
"""

from __future__ import annotations

from flint import fmpq, fmpq_mat, fmpq_poly

from slt_symbolic.check.algebra.real_roots import univariate
from slt_symbolic.check.algebra.ring import Polynomial, coefficients_in, support
from slt_symbolic.check.budget import charge


def resultant(f: Polynomial, g: Polynomial, position: int) -> Polynomial:
    """``Res(f, g)`` in the variable at ``position``; together they involve at most one variable more.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> x, y = ring_of(["x", "y"]).gens()
    >>> resultant(y**2 - x, y - 2, 1)
    -x + 4
    """
    ring = f.context()
    others = sorted((support(f) | support(g)) - {position})
    x = others[0] if others else position
    rows_f, rows_g = _coefficients(f, position, x), _coefficients(g, position, x)
    m, n = len(rows_f) - 1, len(rows_g) - 1
    degree = n * max(p.degree() for p in rows_f) + m * max(p.degree() for p in rows_g)
    degree = max(degree, 0)
    # The determinants have as many digits as m + n entries together.
    words = 1 + (m + n) * (_length(f) + _length(g) + degree.bit_length() * degree) // 64
    charge((degree + 1) * ((m + n) ** 3 + degree) * words)
    values = [_sylvester([p(fmpq(a)) for p in rows_f], [p(fmpq(a)) for p in rows_g]) for a in range(degree + 1)]
    total = ring.constant(0)
    for power, coefficient in enumerate(_interpolated(values).coeffs()):
        total += coefficient * ring.gens()[x] ** power
    return total


def _length(f: Polynomial) -> int:
    """The bits of the longest coefficient."""
    return max((int(c.height_bits()) for c in f.coeffs()), default=1)


def _coefficients(f: Polynomial, position: int, x: int) -> list[fmpq_poly]:
    """The coefficients of the powers of the variable, highest first, as polynomials in the other one."""
    parts = coefficients_in(f, [position])
    zero = fmpq_poly([])
    return [univariate(parts[(e,)], x) if (e,) in parts else zero for e in range(int(f.degrees()[position]), -1, -1)]


def _sylvester(f: list[fmpq], g: list[fmpq]) -> fmpq:
    """The determinant of the Sylvester matrix of two lists of coefficients, highest first."""
    m, n = len(f) - 1, len(g) - 1
    if m + n == 0:
        return fmpq(1)
    zero = fmpq(0)
    rows = [[zero] * i + f + [zero] * (n - 1 - i) for i in range(n)]
    rows += [[zero] * i + g + [zero] * (m - 1 - i) for i in range(m)]
    return fmpq_mat(rows).det()


def _interpolated(values: list[fmpq]) -> fmpq_poly:
    """The polynomial of least degree with these values at 0, 1, 2, ... (Newton's divided differences)."""
    differences = list(values)
    for order in range(1, len(values)):
        for i in range(len(values) - 1, order - 1, -1):
            differences[i] = (differences[i] - differences[i - 1]) / order
    result = fmpq_poly([])
    for i in range(len(values) - 1, -1, -1):
        result = result * fmpq_poly([-i, 1]) + differences[i]
    return result
