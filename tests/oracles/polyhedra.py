"""Newton polyhedra ``P = conv(A) + R_{>=0}^n`` by definition: every subset, by linear programs in floating point.

A set ``F`` of exponents of A is the set of those on a compact face of P if and only if some ``w > 0`` has ``w·a``
minimal on A exactly at F: the faces of P are where the ``w >= 0`` are minimal, and such a face is compact if and only
if ``w > 0``. By scaling: ``w_j >= 1``, ``w·a = c`` on F and ``w·a >= c + 1`` off F.

Theorem (Howald 2001). ``lambda = min{sum_j w_j (h_j + 1) : w >= 0, w·a >= 1 for a in A} / 2`` for the monomials of A
with the measure ``x^h dx``, and m is one more than the dimension of the set of the optimal w.

The programs are small and their data are small integers: floating point is only trusted to rounding, and what it finds
is rounded to fractions with small denominators.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from tests.oracles.ends import End

Exponent = tuple[int, ...]
TOLERANCE = 1e-7
LARGEST_DENOMINATOR = 10**4


def compact_faces(exponents: Sequence[Exponent]) -> set[frozenset[Exponent]]:
    """All compact faces, by the exponents on them.

    >>> sorted(map(sorted, compact_faces([(2, 0), (0, 3), (5, 5)])))
    [[(0, 3)], [(0, 3), (2, 0)], [(2, 0)]]
    """
    points = sorted(set(exponents))
    subsets = (frozenset(chosen) for size in range(1, len(points) + 1) for chosen in combinations(points, size))
    return {face for face in subsets if _exposed(face, points)}


def _exposed(face: frozenset[Exponent], points: Sequence[Exponent]) -> bool:
    """Is there ``w >= 1`` and c with ``w·a = c`` on the face, ``w·a >= c + 1`` off it?"""
    width = len(points[0])
    on = [[*a, -1] for a in points if a in face]
    off = [[*(-x for x in a), 1] for a in points if a not in face]
    result = linprog(np.zeros(width + 1), A_eq=on, b_eq=np.zeros(len(on)), A_ub=off or None,
                     b_ub=-np.ones(len(off)) if off else None, bounds=[(1, None)] * width + [(None, None)],
                     method="highs")
    return bool(result.status == 0)


def threshold(exponents: Sequence[Exponent], jacobian: Sequence[int]) -> End:
    """``(lambda, m)`` of the monomials with these exponents and the measure ``x^h dx``.

    >>> threshold([(1, 1)], [0, 0]), threshold([(3, 0), (0, 2)], [0, 0])
    ((Fraction(1, 2), 2), (Fraction(5, 12), 1))
    """
    costs = np.array(jacobian, float) + 1
    rows = np.array(exponents, float)
    best = _solve(costs, rows, None)
    value = float(best @ costs)
    return Fraction(value).limit_denominator(LARGEST_DENOMINATOR) / 2, 1 + _dimension(best, costs, rows, value)


def _solve(objective: np.ndarray, rows: np.ndarray, optimal: tuple[np.ndarray, float] | None) -> np.ndarray:
    """Minimise over ``w >= 0, rows·w >= 1``, where given on the optima of another objective."""
    equation = {} if optimal is None else {"A_eq": optimal[0][None, :], "b_eq": [optimal[1]]}
    result = linprog(objective, A_ub=-rows, b_ub=-np.ones(len(rows)), bounds=(0, None), method="highs", **equation)
    if result.status != 0:
        raise ArithmeticError(result.message)
    return np.array(result.x)


def _dimension(best: np.ndarray, costs: np.ndarray, rows: np.ndarray, value: float) -> int:
    """The dimension of the set of optima: extreme ones in directions orthogonal to those found, until none moves."""
    spanned = np.zeros((0, len(costs)))
    orthogonal = np.eye(len(costs))
    while len(orthogonal):
        for direction in orthogonal:
            ends = [_solve(sign * direction, rows, (costs, value)) for sign in (1, -1)]
            if abs((ends[0] - ends[1]) @ direction) > TOLERANCE:
                spanned = np.vstack([spanned, ends[0] - ends[1]])
                break
        else:
            break
        _, _, basis = np.linalg.svd(spanned)
        orthogonal = basis[len(spanned):]
    return len(spanned)
