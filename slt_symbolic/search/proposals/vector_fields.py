"""Symmetries that networks have: scalings of the parameters and translations."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from flint import fmpq, fmpq_mat

from slt_symbolic.check.algebra.ring import terms
from slt_symbolic.check.stratum import Stratum

MOST_EQUATIONS = 20_000


def symmetries(root: Stratum) -> list[dict[str, str]]:
    """Vector fields ``sum_j (a_j x_j + b_j) d/dx_j`` that annihilate all generators: a basis.

    Scalings about any centre and translations; the coefficients of ``sum_j (a_j x_j + b_j) dg/dx_j`` vanish.
    """
    n = root.size
    equations: dict[tuple[tuple[int, str], ...], None] = {}
    for g in root.generators:
        rows: dict[tuple[int, ...], dict[int, fmpq]] = {}
        for exponent, c in terms(g).items():
            for j in range(n):
                e = exponent[j]
                if e:
                    lowered = (*exponent[:j], e - 1, *exponent[j + 1 :])
                    _add(rows, exponent, j, c * e)
                    _add(rows, lowered, n + j, c * e)
        for row in rows.values():
            entries = sorted((k, value) for k, value in row.items() if value != 0)
            if entries:
                lead = entries[0][1]
                equations[tuple((k, str(value / lead)) for k, value in entries)] = None
        if len(equations) > MOST_EQUATIONS:
            return []
    matrix = [[fmpq(0)] * (2 * n) for _ in equations]
    for row_values, equation in zip(matrix, equations, strict=True):
        for k, text in equation:
            value = Fraction(text)
            row_values[k] = fmpq(value.numerator, value.denominator)
    return [{name: f"{vector[j]}*{name} + {vector[n + j]}" for j, name in enumerate(root.ring.names())
             if vector[j] or vector[n + j]} for vector in kernel(matrix, 2 * n)]


def _add(rows: dict[tuple[int, ...], dict[int, fmpq]], exponent: tuple[int, ...], column: int, value: fmpq) -> None:
    row = rows.setdefault(exponent, {})
    row[column] = row.get(column, fmpq(0)) + value


def kernel(matrix: list[list[fmpq]], width: int) -> list[list[Fraction]]:
    """A basis of integer vectors."""
    if not matrix:
        return []
    echelon, rank = fmpq_mat(matrix).rref()
    pivots = [next(j for j in range(width) if echelon[i, j] != 0) for i in range(rank)]
    basis = []
    for free in (j for j in range(width) if j not in pivots):
        vector = [Fraction(0)] * width
        vector[free] = Fraction(1)
        for i, j in enumerate(pivots):
            vector[j] = -Fraction(int(echelon[i, free].p), int(echelon[i, free].q))
        scale = lcm(*(x.denominator for x in vector))
        basis.append([x * scale for x in vector])
    return basis
