"""A value that shows a polynomial to be irreducible: what the checker's `require_minimal_polynomial` asks for."""

from __future__ import annotations

from flint import fmpq, fmpq_poly

from slt_symbolic.check.algebra.real_roots import require_minimal_polynomial
from slt_symbolic.check.step import Refused

LARGEST_COFACTOR = 60
MOST_VALUES = 400


def irreducible(q: fmpq_poly) -> list[int]:
    """``n`` and ``d`` with ``|f(n)| = d P`` for a prime P; raises `Refused` if none are found.

    >>> irreducible(fmpq_poly([-2, 0, 1])), irreducible(fmpq_poly([-999, 0, 1]))
    ([5, 1], [1006, 1])
    """
    found = _value(q)
    if found is None:
        raise Refused(f"no value shows that {q} is irreducible")
    return found


def _value(q: fmpq_poly) -> list[int] | None:
    leading = q[q.degree()]
    height = max((abs(c / leading) for c in q.coeffs()[:-1]), default=fmpq(0))
    least = int(height.ceil())  # n - d - 1 is no less
    for n in range(least + 2, least + MOST_VALUES):
        for d in range(1, min(n - least, LARGEST_COFACTOR)):
            try:
                require_minimal_polynomial(q, n, d)
            except Refused:
                continue
            return [n, d]
    return None
