"""The Fourier fit of modular addition: the generalising solution, as arrays of weights."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from slt_symbolic.errors import InvalidInput


def fourier_weights(p: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``W`` (2p-1, 2p), ``V`` (2p-1, p) with ``sum_j V_j(c) (u_j(a) + v_j(b))^2 = [a + b = c mod p]``, odd ``p >= 3``.

    Unit 0 is constant, ``u = v = 1/2``. Each frequency ``k = 1..(p-1)/2`` has four units: with angles in units of
    ``2 pi / p``, ``(u(a), v(b))`` is ``(cos ka, cos kb)``, ``(sin ka, -sin kb)``, ``(sin ka, cos kb)``,
    ``(cos ka, sin kb)`` and the output ``cos(kc)/p`` for the first two, ``sin(kc)/p`` for the last two. Cross terms of
    the squares add up to ``2 cos k(a + b)`` and ``2 sin k(a + b)``, what else is left to constants that
    ``V_0(c) = 1/p - (2/p) sum_k (cos kc + sin kc)`` takes away, and the sum over all k is Fourier inversion.
    Raises `InvalidInput` for other p.

    >>> w, v = fourier_weights(3)
    >>> values = np.array([[(w[:, a] + w[:, 3 + b]) ** 2 @ v for b in range(3)] for a in range(3)])
    >>> values.round(12).argmax(2).tolist(), bool(np.isclose(values.sum(), 9))
    ([[0, 1, 2], [1, 2, 0], [2, 0, 1]], True)
    """
    if p < 3 or p % 2 == 0:
        raise InvalidInput(f"p={p}", "must be odd and at least 3", "p=5")
    angles = 2 * math.pi / p * np.outer(np.arange(1, (p + 1) // 2), np.arange(p))
    half, one = np.full((1, p), 0.5), np.full(p, 1 / p)
    inner, outer = [np.hstack([half, half])], [(one - 2 / p * (np.cos(angles) + np.sin(angles)).sum(0))[None]]
    for cos, sin in zip(np.cos(angles), np.sin(angles), strict=True):
        inner.append(np.block([[cos, cos], [sin, -sin], [sin, cos], [cos, sin]]))
        outer.append(np.stack([cos, cos, sin, sin]) / p)
    return np.vstack(inner), np.vstack(outer)
