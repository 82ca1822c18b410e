"""A value that shows a polynomial to be irreducible: what the checker's `require_minimal_polynomial` asks for."""

from __future__ import annotations

from flint import fmpq_poly

from slt_symbolic.check.algebra.real_roots import require_minimal_polynomial
from slt_symbolic.check.step import Refused

LARGEST_COFACTOR = 60
MOST_VALUES = 400


def irreducible(q: fmpq_poly) -> list[int]:
    """``n`` and ``d`` with ``|f(n)| = d P`` for a prime P; raises `Refused` if none are found.

    >>> irreducible(fmpq_poly([-2, 0, 1]))
    [5, 1]
    """
    found = _value(q)
    if found is None:
        raise Refused(f"no value shows that {q} is irreducible")
    return found


def _value(q: fmpq_poly) -> list[int] | None:
    for n in range(2, MOST_VALUES):
        for d in range(1, min(n, LARGEST_COFACTOR)):
            try:
                require_minimal_polynomial(q, n, d)
            except Refused:
                continue
            return [n, d]
    return None
