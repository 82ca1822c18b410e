"""What a dead unit leaves at the Fourier solution under cross-entropy, where outputs count modulo constants.

Notation of `slt_symbolic.networks.fourier_dead_units`. Modulo constants ``V_0`` is a multiple of the sum of the
``e_{k,eps}``, so the image of the Jacobian is ``sum e_{k,eps} ⊗ T_{k,eps}`` and the diagonal of A, and a dead unit
``V s^2``, ``V = sum V_{k,eps} e_{k,eps}``, leaves the ideal of the ``sum V_{k,eps} phi_{k,eps}(s^2)`` with
``phi_{k,eps}`` zero on ``T_{k,eps}`` and their sum zero on A. V has p - 1 coordinates: it adds at most ``(p-1)/2``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from flint import nmod_mat
from numpy.typing import NDArray

from slt_symbolic.networks.fourier_dead_units import PHASES, axis_functional, image_rows, quadric_of, summands, vanishes
from slt_symbolic.networks.residues_modulo_five import Quadric, projective_points, values_at
from slt_symbolic.search.proofs.newton import Exponent

EQUATIONS = 4  # that are left at p = 5


def initial_monomials_under_softmax(p: int, chart: int | None = None) -> tuple[Exponent, ...]:
    """Exponents in the ``V_{k,eps}``, then c, u_1.., v_1.., of monomials of the initial ideal; p >= 7.

    ``V_{k,eps} u_a v_b`` where no vector of `image_rows` has ``x^a y^b``: that functional is zero on A as well. In the
    ``chart`` of the blow-up of ``V = 0`` where that V is 1 it has no exponent, and there are ``V_{k,1} c u_i`` and
    ``V_{k,1} c v_i`` too: the `axis_functional` of ``(k, 1)`` less that of ``(k, i)`` is zero on A; c is of weight 1,
    and ``V_{k,1}`` weighs more than ``V_{k,i}``. That they vanish on ``T_{k,eps}`` is checked.
    """
    found = []

    def add(block: int, *places: int) -> None:
        exponent = [0] * (3 * p - 2)
        exponent[block] = 1
        for place in places:
            exponent[p - 1 + place] += 1
        found.append(tuple(exponent if chart is None else exponent[:chart] + exponent[chart + 1:]))

    blocks = summands(p)[1:]
    for block, (k, eps) in enumerate(blocks):
        seen = {monomial for row in image_rows(p, k, eps) for monomial in row}
        for a in range(1, p):
            for b in range(1, p):
                if (a, b) not in seen:
                    add(block, a, p - 1 + b)
        if chart is None or eps != PHASES[0]:
            continue
        for i in set(range(1, p)) - {k, p - k, 2 * k % p, -2 * k % p}:
            if all(vanishes(axis_functional(p, k, phase, i), list(image_rows(p, k, phase))) for phase in PHASES):
                add(block, 0, i)
                add(block, 0, p - 1 + i)
    return tuple(found)


@cache
def is_f_pure_under_softmax() -> bool:
    """Whether at p = 5 the ideal of one dead unit is seen to be F-pure modulo 5 with exponent 4 at the origin.

    The four generators are linear in V, with a matrix M(s) of quadrics. The coefficient of ``prod V^4`` in the product
    of their fourth powers is the number of V modulo 5 at which none of them vanishes (Chevalley and Warning), so it is
    ``det M(s)^4``, of degree 32 in nine variables. It is enough that it has one monomial with all exponents at most 4;
    the coefficient of ``prod s^4`` over ``c^4`` is minus the number of s with ``c`` and ``det M(s)`` not 0.
    """
    matrix = matrix_modulo_five()
    count = 0
    for points in projective_points(9):
        values = np.array([[values_at(quadric, points) for quadric in row] for row in matrix], dtype=np.int64)
        count += int(np.count_nonzero((determinant_modulo_five(values) != 0) & (points[0] != 0)))
    return bool(count % 5)


def matrix_modulo_five() -> list[list[Quadric]]:
    """``phi_{k,eps}(s^2)`` for four independent choices at p = 5, a row each; the imaginary unit is 2."""
    rows = []
    blocks = summands(5)[1:]
    for place, (k, eps) in enumerate(blocks):
        for vector in image_rows(5, k, eps):
            row = np.zeros((len(blocks), 25), dtype=np.int64)
            for (a, b), value in vector.items():
                row[place, 5 * a + b] += 2 * int(2 * value.x) + 4 * int(2 * value.y)  # fourfold
            rows.append(row.ravel().tolist())
    for axis in [(j, 0) for j in range(5)] + [(0, j) for j in range(5)]:
        row = np.zeros((len(blocks), 25), dtype=np.int64)
        row[:, 5 * axis[0] + axis[1]] = 1
        rows.append(row.ravel().tolist())
    kernel, dimension = nmod_mat(rows, 5).nullspace()
    if dimension != EQUATIONS:
        raise ArithmeticError("5 is a bad prime for the image at p = 5")
    return [[_modulo_five(quadric_of(5, [int(kernel[25 * place + m, column]) for m in range(25)]))
             for place in range(len(blocks))] for column in range(dimension)]


def _modulo_five(quadric: dict[tuple[int, int], Any]) -> Quadric:
    return {places: value % 5 for places, value in quadric.items() if value % 5}


def determinant_modulo_five(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of matrices (k, k, n), by expansion along the first row."""
    if not len(values):
        return np.ones(values.shape[2], dtype=np.int64)
    total = np.zeros(values.shape[2], dtype=np.int64)
    for column in range(len(values)):
        minor = determinant_modulo_five(np.delete(values[1:], column, axis=1))
        total = (total + (-1) ** column * values[0, column] * minor) % 5
    return total
