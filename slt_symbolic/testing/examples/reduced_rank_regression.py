"""Reduced rank regression: the Main Theorem of Aoyagi and Watanabe 2005, all four cases.

Aoyagi, Watanabe, Stochastic complexities of reduced rank regression in Bayesian estimation, Neural Networks 18 (2005)
924-933. A three-layer linear network with M inputs, H hidden units and N outputs; the truth has rank r. The largest
pole over all parameters of the truth is the one at this normal form, where the matrices are as singular as they can be.

    slt test reduced_rank_regression.py
    slt test reduced_rank_regression.py:without_parity      # wrong where M + H + N + r is odd
"""

from __future__ import annotations

from fractions import Fraction

from slt_symbolic.germ.germ import Germ
from slt_symbolic.networks.linear import LinearNetwork, germ_at

sizes = {"M": range(1, 4), "N": range(1, 4), "H": range(1, 4), "r": range(3)}


def domain(M: int, N: int, H: int, r: int) -> bool:
    """The truth is a product of such matrices."""
    return r <= min(M, N, H)


def formula(M: int, N: int, H: int, r: int) -> tuple[Fraction, int]:
    """``(lambda, m)``."""
    if M + H < N + r:
        return Fraction(H * M - H * r + N * r, 2), 1
    if N + H < M + r:
        return Fraction(H * N - H * r + M * r, 2), 1
    if M + N < H + r:
        return Fraction(M * N, 2), 1
    square = 2 * (H + r) * (M + N) + 2 * M * N - (H + r) ** 2 - M**2 - N**2
    odd = (M + H + N + r) % 2
    return Fraction(square + odd, 8), 1 + odd


def without_parity(M: int, N: int, H: int, r: int) -> tuple[Fraction, int]:
    """The same as if the sum of the sizes were even."""
    value, m = formula(M, N, H, r)
    return (value - Fraction(1, 8), 1) if m == 2 else (value, m)


def germ(M: int, N: int, H: int, r: int) -> Germ:
    """The loss at the matrices that are the unit matrix in their first r rows and columns, else 0."""
    shapes = (H, M), (N, H)
    return germ_at(LinearNetwork((M, H, N)),
                   [[[int(i == j < r) for j in range(columns)] for i in range(rows)] for rows, columns in shapes])
