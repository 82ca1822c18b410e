"""What the derivations of linear networks share: matrices at hand, and the most singular point of a fibre."""

from __future__ import annotations

import random
from itertools import pairwise

import sympy

from derivations.framework import Step, require, require_equal


def unit_matrix(rows: int, columns: int, rank: int) -> sympy.Matrix:
    """[I 0; 0 0] of this rank."""
    return sympy.Matrix(rows, columns, lambda i, j: int(int(i) == int(j) < rank))


def random_matrix(rng: random.Random, rows: int, columns: int) -> sympy.Matrix:
    """Small integers."""
    return sympy.Matrix(rows, columns, lambda i, j: rng.randint(-5, 5))


def random_invertible(rng: random.Random, size: int) -> sympy.Matrix:
    """Small integers, determinant 1."""
    lower, upper = (sympy.Matrix(size, size, lambda i, j: rng.randint(-2, 2) if i > j else int(i == j)) for _ in "LU")
    return lower * upper.T


def completed(basis: sympy.Matrix, candidates: sympy.Matrix) -> sympy.Matrix:
    """The columns of ``candidates`` that complete the independent columns ``basis`` to a basis of their span."""
    _, pivots = basis.row_join(candidates).rref()
    return candidates.extract(list(range(candidates.rows)), [p - basis.cols for p in pivots if p >= basis.cols])


def kernel(matrix: sympy.Matrix) -> sympy.Matrix:
    """A basis of the kernel, as columns."""
    return sympy.Matrix.hstack(sympy.zeros(matrix.cols, 0), *matrix.nullspace())


def tangents_of_singular_values(rows: int, sigma: tuple[sympy.Symbol, ...], columns: int) -> sympy.Matrix:
    """The derivatives of ``V diag(sigma) W^T`` by sigma, V, W at V = W = I, one in each row."""
    k = min(rows, columns)
    centre = sympy.Matrix(rows, columns, lambda i, j: sigma[i] if i == j else 0)
    tangents = [sympy.Matrix(rows, columns, lambda i, j, t=t: int(int(i) == int(j) == t)) for t in range(k)]
    tangents += [_skew(rows, i, j) * centre for i in range(rows) for j in range(min(i, k))]
    tangents += [-centre * _skew(columns, i, j) for i in range(columns) for j in range(min(i, k))]
    return sympy.Matrix([list(tangent) for tangent in tangents])


def _skew(size: int, i: int, j: int) -> sympy.Matrix:
    matrix = sympy.zeros(size, size)
    matrix[i, j], matrix[j, i] = 1, -1
    return matrix


def _orbits() -> None:
    rng = random.Random(2)
    for widths, r in (((3, 3, 3), 1), ((3, 4, 2), 1), ((4, 3, 3), 2), ((2, 3, 2), 0), ((3, 3, 4, 3), 1), ((2, 3, 2, 3), 0)):
        for lost_at in range(1, len(widths)):
            factors = _random_fit(rng, widths, r, lost_at)
            images = [factors[0][:, :r]], [completed(sympy.zeros(widths[1], 0), factors[0][:, r:])]
            for factor in factors[1:-1]:
                images[0].append(factor * images[0][-1])
                images[1].append(completed(sympy.zeros(factor.rows, 0), factor * images[1][-1]))
            bases, weights = [sympy.eye(widths[0])], [[0] * widths[0]]
            for layer, (through, image) in enumerate(zip(*images, strict=True), 1):
                rest = sympy.eye(widths[layer])
                for factor in factors[layer:]:
                    rest = factor * rest
                bases.append(through.row_join(image).row_join(completed(image, kernel(rest[:r, :]))))
                require(bases[-1].is_square and bases[-1].det() != 0, f"X, I and J span layer {layer} of {widths}")
                others = widths[layer] - r - image.cols
                weights.append(r * [0] + image.cols * [layer] + others * [layer - len(widths) + 1])
            bases.append(sympy.eye(widths[-1]))
            weights.append([0] * widths[-1])
            for i, factor in enumerate(factors):
                moved = bases[i + 1].inv() * factor * bases[i]
                for row, column in ((x, y) for x in range(moved.rows) for y in range(moved.cols)):
                    limit = int(row == column < r)
                    power = weights[i + 1][row] - weights[i][column]
                    require(moved[row, column] == 0 or power > 0 or (power == 0 and moved[row, column] == limit),
                            f"a power of epsilon at {widths}, rank {r}")
                require_equal(moved[:r, :r], sympy.eye(r), f"the chains from the inputs to the outputs at {widths}, rank {r}")


def _random_fit(rng: random.Random, widths: tuple[int, ...], r: int, lost_at: int) -> list[sympy.Matrix]:
    """Factors of [I_r 0; 0 0] in random bases of the hidden layers; matrix ``lost_at`` kills what is beside I_r."""
    changes = [sympy.eye(widths[0]), *(random_invertible(rng, d) for d in widths[1:-1]), sympy.eye(widths[-1])]
    factors = []
    for i, (n, m) in enumerate(pairwise(widths), 1):
        factor = unit_matrix(m, n, r)
        if i != lost_at:
            factor[r:, r:] = random_matrix(rng, m - r, n - r)
        factors.append(changes[i] * factor * changes[i - 1].inv())
    return factors


MOST_SINGULAR = Step(
    "The most singular point",
    r"Some invertible $G$, $F$ have $GTF = \begin{pmatrix}I_r&0\\0&0\end{pmatrix}$, so let $T$ be that. The group "
    r"$\prod GL_{d_i}$ of the hidden layers acts by $A_i\mapsto g_iA_ig_{i-1}^{-1}$ and leaves the loss alone: $(\lambda, m)$ "
    r"is constant on its orbits. Every orbit in the fibre has $W_*$, all $A_i = \begin{pmatrix}I_r&0\\0&0\end{pmatrix}$, in its "
    r"closure. Let $P$ be the projector on the first $r$ outputs, $X_i = A_i\cdots A_1(\mathbb R^r)$ and $Y_i = \ker "
    r"PA_L\cdots A_{i+1}$: as $PA_L\cdots A_1$ is $(I_r\;0)$, layer $i$ is $X_i\oplus Y_i$, and $A_i$ maps $X_{i-1}$ onto $X_i$ and "
    r"$Y_{i-1}$ to $Y_i$, so it is $\begin{pmatrix}I_r&0\\0&C_i\end{pmatrix}$ in adapted bases, with $C_L\cdots C_1 = 0$. In "
    r"$Y_i$ let $I_i$ be the image of $C_i\cdots C_1$ and $J_i$ a complement. Scale $I_i$ by $\epsilon^i$ and $J_i$ by "
    r"$\epsilon^{i-L}$, $0<i<L$: as $J_0 = 0$ and $I_L = 0$, this is the identity on the inputs and outputs as it must be. "
    r"$C_i$ maps $I_{i-1}$ to $I_i$ and $J_{i-1}$ to both: its blocks get the factors $\epsilon$, $\epsilon$ and "
    r"$\epsilon^{L+1}$, so $C_i\to0$. Hence some point of each orbit is in any neighbourhood $U$ of $W_*$; a neighbourhood of it "
    r"is in $U$, so the volume of $\{K\le e\}$ near it is at most that in $U$: there $\lambda$ is at least that of $W_*$, "
    r"and if it is equal, $m$ is at most that of $W_*$. So $W_*$ has the least $\lambda$ on the fibre and the largest $m$ there.",
    _orbits,
)
