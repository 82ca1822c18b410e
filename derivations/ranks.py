"""Generic Jacobian ranks of quadratic networks for derivations: from below modulo a prime, for all widths by few ranks.

Straight from ``f(x) = sum_j V_j (w_j·x)^2``; shares no code with `slt_symbolic.ranks.jacobian`, which it checks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import nmod_mat
from numpy.typing import NDArray

PRIME = 2**31 - 1  # products of two residues fit into int64

FROM_BELOW = r"""The rank at *any* integer point modulo *any* prime is at most the generic rank over $\mathbb Q$: a minor
that does not vanish there is not the zero polynomial. Where it equals a proved upper bound, it is the generic rank."""

CONCAVE = r"""Let $D(K)$ be the generic rank at width $K$: the dimension of a sum of $K$ generic tangent spaces of units, one
family of subspaces. Let $A$ be the sum for $K-1$ units, $W, W'$ those of two more. Then $\dim(A+W)=\dim(A+W')=D(K)$ and
$\dim(A+W+W')+\dim A\le\dim(A+W)+\dim(A+W')$: $D(K+1)+D(K-1)\le2D(K)$, and $D(0)=0$. A concave $D\le B$ that meets $B$ at both
ends of a piece where $B$ is linear equals $B$ on all of it: only the ends have to be certified."""


def rank_modulo_prime(
    inputs: NDArray[np.int64], outputs: int, units: int, centred: bool = False, seed: int = 0
) -> int:
    """The rank of the Jacobian modulo `PRIME` at a seeded point: a lower bound of the generic rank.

    The rows of ``V`` are the squares, the same for each output: they are eliminated once. What is left are the slopes
    on the kernel of the squares, times ``V``.
    """
    rng = np.random.default_rng(seed)
    w = rng.integers(PRIME, size=(units, inputs.shape[1]))
    v = rng.integers(PRIME, size=(units, outputs))
    s = w @ inputs.T % PRIME
    squares = _seen(s**2 % PRIME, centred)
    kernel, left = nmod_mat(*squares.shape, squares.ravel().tolist(), PRIME).nullspace()
    by_squares = outputs * int(squares.shape[1] - left)
    if not left:
        return by_squares
    slopes = _seen(s[:, None, :] * inputs.T % PRIME, centred).reshape(-1, squares.shape[1])  # half the derivative of s^2
    kept = nmod_mat(*slopes.shape, slopes.ravel().tolist(), PRIME) * kernel
    unseen = np.array(kept.entries(), dtype=np.int64).reshape(units, -1, squares.shape[1])[..., :left, None]
    by_w = (unseen * v[:, None, None, :] % PRIME).reshape(-1, left * outputs)
    return by_squares + int(nmod_mat(*by_w.shape, by_w.ravel().tolist(), PRIME).rank())


def ends_of_linear_pieces(bounds: Sequence[int]) -> list[int]:
    """The inner widths at which the bounds for ``K = 0, 1, 2, ...`` change their slope.

    >>> ends_of_linear_pieces([0, 2, 4, 5, 6, 6])
    [2, 4]
    """
    return [k for k in range(1, len(bounds) - 1) if bounds[k - 1] + bounds[k + 1] != 2 * bounds[k]]


def _seen(values: NDArray[np.int64], centred: bool) -> NDArray[np.int64]:
    """What the loss sees of functions on the inputs: all, or differences to the last input."""
    return (values[..., :-1] - values[..., -1:]) % PRIME if centred else values
