"""What Gaussian noise in the weights adds to the loss of a quadratic network on two-hot pairs: a polynomial in them.

In units of the temperature this is the expected sharpness (Neyshabur et al. 2017).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float64, or rational numbers as objects: the answer is of the same kind


def added_by_noise(w: Array, v: Array, pairs: NDArray[np.integer[Any]], variance: Any, *,
                   mean_error: Array | None = None, batch: int | None = None) -> Any:
    """``E L(w + delta) - L(w)``, ``delta`` independent Gaussian noise of this ``variance`` in all weights ``w``, ``v``.

    ``L = |(f - Y) P|^2 / (2n)`` of ``f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2`` on n different ``pairs`` (n, 2), where P
    takes the mean over the pairs away; ``w`` (K, 2p) holds u and v, ``v`` (K, p) holds V. The labels Y do not matter:
    noise moves the mean of f by the same constants on all pairs, and what it scatters hangs on the weights alone. With
    ``batch``, the mean over batches of so many pairs, each centred by itself. With ``mean_error`` (p,), the mean of
    ``f - Y`` over the pairs, P is the identity. Exact for rationals.

    With ``s = u(a) + v(b)`` and its noise e, of variance ``2 variance`` and covariance k between two pairs, ``(s +
    e)^2`` has the mean ``m = s^2 + 2 variance`` and the covariance ``4 s s' k + 2 k^2``; noise in V, of the same
    variance, multiplies ``E (s + e)^2 (s' + e')^2 = m m' + 4 s s' k + 2 k^2``. Units are independent.

    >>> from fractions import Fraction
    >>> zero = np.full((1, 4), Fraction(0)), np.full((1, 2), Fraction(0))
    >>> added_by_noise(*zero, np.array([(0, 0), (0, 1), (1, 0), (1, 1)]), Fraction(1, 10))
    Fraction(1, 200)
    """
    n, p = len(pairs), v.shape[1]
    sums = w[:, pairs[:, 0]].T + w[:, p + pairs[:, 1]].T
    square = sums * sums
    in_outputs = p * variance  # of the noise in V_j, over all outputs
    multiplied = (v * v).sum(1) + in_outputs
    own = 8 * variance * (square.sum(0) + n * variance) / n
    if mean_error is not None:
        shift = 2 * variance * v.sum(0)  # of the mean of f
        means = square + 2 * variance
        return (multiplied @ own + in_outputs * (means * means).sum() / n + shift @ (shift + 2 * mean_error)) / 2
    met = sum(_squared_sums(sums, residues) for residues in pairs.T)
    shared = (4 * variance * met + 2 * variance**2 * _meetings(pairs)) / n**2
    scatter = square - square.sum(0) / n
    added = (multiplied @ (own - shared) + in_outputs * (scatter * scatter).sum() / n) / 2
    # The variance within batches is that of all pairs times a factor, as of any samples without replacement.
    return added if batch in (None, n) else added * ((batch - 1) * n) / (batch * (n - 1))


def _squared_sums(sums: Array, residues: Array) -> Array:
    """(K,): of the sums over the pairs that have the same residue, the squares added up."""
    order = residues.argsort(kind="stable")
    starts = np.flatnonzero(np.diff(residues[order], prepend=-1))
    added = np.add.reduceat(sums[order], starts, axis=0)
    return np.asarray((added * added).sum(0))


def _meetings(pairs: NDArray[np.integer[Any]]) -> int:
    """The sum over all two pairs of the square of how many residues they share, a with a and b with b."""
    return sum(int((np.bincount(column) ** 2).sum()) for column in pairs.T) + 2 * len(pairs)
