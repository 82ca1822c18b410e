"""What the units of a quadratic network on modular addition do: nothing, the same as another, or something else.

Unit j adds ``V_j (w_j·x)^2``; on inputs ``[e_a; e_b]`` its preactivation is ``s_j(a, b) = u_j(a) + v_j(b)``, ``w_j =
[u_j; v_j]``. Everything is measured on ``s_j`` over all p^2 pairs, so the shift ``(u_j + t, v_j - t)``, which changes
no output, changes nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

DEAD = 1e-3  # of the largest |V_j| times the mean square of s_j
COINCIDING = 1e-3  # one less the cosine of two preactivations, up to sign: squares do not see it


@dataclass(frozen=True)
class UnitCounts:
    """``active`` and ``dead`` units; ``coinciding``: the active ones less their ``distinct`` preactivations."""

    active: int
    dead: int
    coinciding: int

    @property
    def distinct(self) -> int:
        return self.active - self.coinciding


def unit_kinds(w: NDArray[np.float64], v: NDArray[np.float64]) -> UnitCounts:
    """Count the units of ``w`` (K, 2p) and ``v`` (K, p).

    Dead: ``|V_j| mean s_j^2`` is at most 1e-3 of the largest. Two units coincide where ``|cos(s_i, s_j)| > 1 - 1e-3``;
    so do those that a chain of such pairs joins.

    >>> w = np.array([[1., 0, 1, 0], [3., 1, 1, -1], [1., 0, 0, 1], [0, 0, 0, 0]])  # twice the first, shifted
    >>> unit_kinds(w, np.ones((4, 2)))
    UnitCounts(active=3, dead=1, coinciding=1)
    """
    products = _products(w)
    strength = np.linalg.norm(v, axis=1) * products.diagonal()
    alive = strength > DEAD * strength.max()
    lengths = np.sqrt(products.diagonal()[alive])
    cosines = np.abs(products[np.ix_(alive, alive)]) / np.outer(lengths, lengths)
    distinct, _ = connected_components(cosines > 1 - COINCIDING, directed=False) if alive.any() else (0, None)
    return UnitCounts(int(alive.sum()), int((~alive).sum()), int(alive.sum()) - distinct)


def _products(w: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K, K): the mean of ``s_i s_j`` over all pairs."""
    u, v = np.split(w, 2, axis=1)
    u_mean, v_mean = u.mean(1), v.mean(1)
    u, v, constant = u - u_mean[:, None], v - v_mean[:, None], u_mean + v_mean
    return (u @ u.T + v @ v.T) / u.shape[1] + np.outer(constant, constant)
