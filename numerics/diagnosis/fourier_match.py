"""Whether a network is the Fourier solution up to its symmetries, to a tolerance.

These are, for each unit, the scaling ``(t w, V/t^2)`` and the shift ``(u + t, v - t)``; the order of the units; and the
relabellings ``a -> g(a + s)``, ``b -> g(b + t)``, ``c -> g(c + s + t)`` that keep ``a + b = c``. Differences ``a - b``
are sums of a and ``-b``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.diagnosis.units import Units
from numerics.networks.file import Network
from numerics.networks.fourier import fourier_weights

TOLERANCE = 1e-6  # of each unit, relative: a file of single precision may be that far off
Array = NDArray[np.float64]


def distance_to_fourier(network: Network, units: Units) -> float | None:
    """How far the farthest unit is from that of the Fourier solution, relative to the sizes of ``w`` and ``V``.

    Dead units are left out; None if it is farther than `TOLERANCE`, or if the operation is neither sum nor difference.
    The pairs do not matter.
    """
    p, active = network.modulus, list(units.active)
    others = units.zero_output or units.blind
    if p % 2 == 0 or p < 3 or network.operation not in ("add", "sub") or len(active) != 2 * p - 1 or others:
        return None
    w = network.w.copy()
    if network.operation == "sub":
        w[:, p:] = w[:, p + -np.arange(p) % p]
    weights = _normal(w[active], network.v[active])
    solution = _normal(*fourier_weights(p))
    distances = (_distance(weights, image) for g in range(1, p) for image in _images(weights, solution, g))
    return min((x for x in distances if x <= TOLERANCE), default=None)


def _normal(w: Array, v: Array) -> tuple[Array, Array]:
    """The units scaled so that ``|w| = 1``, u and v of the same mean."""
    p = v.shape[1]
    shift = (w[:, p:].mean(1) - w[:, :p].mean(1))[:, None] / 2
    w = np.hstack([w[:, :p] + shift, w[:, p:] - shift])
    size = np.linalg.norm(w, axis=1, keepdims=True)
    return w / size, v * size**2


def _images(weights: tuple[Array, Array], solution: tuple[Array, Array], g: int) -> list[tuple[Array, Array]]:
    """Relabelled solutions with the given g in which some unit is like the least constant one of ``weights``."""
    p = weights[1].shape[1]
    anchor = int(np.argmax(np.ptp(weights[0], axis=1)))
    turned = g * np.add.outer(np.arange(p), np.arange(p)) % p  # shift, residue
    shifts = [np.abs(solution[0][:, part + turned] @ weights[0][anchor, part : part + p]).argmax(1) for part in (0, p)]
    images = []
    for s, t in {(int(s), int(t)) for s, t in zip(*shifts, strict=True)}:
        image = (np.hstack([solution[0][:, turned[s]], solution[0][:, p + turned[t]]]),
                 solution[1][:, turned[(s + t) % p]])
        if _distances((weights[0][anchor : anchor + 1], weights[1][anchor : anchor + 1]), image).min() <= TOLERANCE:
            images.append(image)
    return images


def _distances(left: tuple[Array, Array], right: tuple[Array, Array]) -> Array:
    """The distance of each unit on the left from each on the right; ``w`` and ``-w`` are the same unit."""
    inner = np.minimum(*(np.linalg.norm(left[0][:, None] + sign * right[0], axis=2) for sign in (1, -1)))
    outer = np.linalg.norm(left[1][:, None] - right[1], axis=2)
    distances: Array = inner + outer / np.linalg.norm(right[1], axis=1).max()
    return distances


def _distance(left: tuple[Array, Array], right: tuple[Array, Array]) -> float:
    """The largest distance of a unit from the one next to it, infinite if two have the same next to them."""
    distances = _distances(left, right)
    nearest = distances.argmin(1)
    return float(distances.min(1).max()) if len(set(nearest.tolist())) == len(left[0]) else float("inf")
