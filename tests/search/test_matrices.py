"""Determinants, minors and products of matrices: rows of ratios become coordinates at once.

Minors of size k of an m x n matrix: lct = min over i < k of (m - i)(n - i)/(k - i) (Docampo 2013), twice lambda.
Determinants and the hyperdeterminant: -1 is a simple root of the Bernstein-Sato polynomial (Cayley, Kimura): m = 1.
Products of matrices at zero: Aoyagi 2024.
"""

from itertools import combinations, product

import pytest
import sympy

from slt_symbolic import rlct


def matrix(name, rows, columns):
    return sympy.Matrix(rows, columns, sympy.symbols(f"{name}0:{rows * columns}"))


def minors(m, k):
    places = product(combinations(range(m.rows), k), combinations(range(m.cols), k))
    return [m.extract(list(rows), list(columns)).det() for rows, columns in places]


def chain(*widths):
    matrices = [matrix(name, a, b) for name, a, b in zip("abcd", widths, widths[1:], strict=False)]
    return [sympy.expand(g) for g in sympy.prod(matrices[1:], start=matrices[0])]


A, B, C, D, E, F, G, H = sympy.symbols("a:h")
# The discriminant of det(x M_1 + y M_2), M the two faces of the cube.
HYPERDETERMINANT = sympy.expand((A * H + D * E - B * G - C * F) ** 2 - 4 * (A * D - B * C) * (E * H - F * G))
SYMMETRIC = sympy.Matrix([[A, B, C], [B, D, E], [C, E, F]]).det()
LONG = pytest.mark.long


@pytest.mark.parametrize(("generators", "value", "m"), [
    pytest.param(minors(matrix("x", 3, 3), 3), "1/2", 1, id="determinant"),
    pytest.param([SYMMETRIC], "1/2", 1, id="symmetric", marks=LONG),
    pytest.param([HYPERDETERMINANT], "1/2", 1, id="hyperdeterminant", marks=LONG),
    pytest.param(minors(matrix("x", 2, 4), 2), "3/2", 1, id="minors-2-4"),
    pytest.param(minors(matrix("x", 3, 3), 2), "2", 1, id="minors-3-3", marks=LONG),
    pytest.param(chain(3, 4, 3), "4", 1, id="3-4-3", marks=LONG),  # Aoyagi, Watanabe 2005
    pytest.param(chain(2, 3, 2, 2), "3/2", 1, id="2-3-2-2", marks=LONG),
    pytest.param(chain(3, 2, 2, 3), "2", 3, id="3-2-2-3", marks=LONG),
])
def test_matrices(generators, value, m):
    answer = rlct(generators, timeout=120)
    assert (str(answer.lambda_), answer.multiplicity) == (value, m)
