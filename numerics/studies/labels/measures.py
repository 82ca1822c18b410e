"""Whether the features of a trained network are independent, and what its Jacobian reaches beside them.

The features are the squares ``s_j^2`` on the N pairs, less their means. Of the Jacobian modulo outputs times features
only the directions ``V_j (x) s_j (alpha + beta)`` are left, in what is orthogonal to the features: all singular values
there, although the whole has as many columns as parameters. If they are not 0, the Jacobian is onto.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from numerics.curvature.geometry import EXACT_FIT
from numerics.curvature.polish import polish_large
from numerics.networks.file import Network
from slt_symbolic.networks.data import TwoHotPairs

Array = NDArray[np.float64]
THRESHOLDS = (1e-2, 1e-3, 1e-4)  # of the largest: what counts as a unit that contributes, or as a singular value
ROUNDING = 1e-10  # of the largest singular value: below are zeros, in double precision
DIGITS = 4


def network_row(network: Network) -> dict[str, Any]:
    """What is measured of a network as it is, and at the exact fit that polishing ends at, if there is one."""
    loss, theta = network.two_hot(torch.float64)
    end = polish_large(loss, theta)
    value = float(loss.value(end[None]))
    fits = value < EXACT_FIT
    polished = network.at_two_hot(end)
    return {"trained": feature_row(network), "loss": rounded(float(loss.value(theta[None]))),
            "loss_after_polish": rounded(value), "moved": rounded(float((end - theta).norm() / theta.norm())),
            "fits": fits, "at_the_fit": fit_row(polished) if fits else None}


def feature_row(network: Network) -> dict[str, Any]:
    """Units and ranks by threshold, the two least singular values of the features, and ``c_j``, the sums of the V_j."""
    sums = network.w @ TwoHotPairs(network.modulus, network.pairs).matrix().T
    values = np.linalg.svd(_centred(sums**2), compute_uv=False)
    size = np.linalg.norm(network.v, axis=1) * (sums**2).sum(1)
    return {"units": [int((size > x * size.max()).sum()) for x in THRESHOLDS],
            "feature_ranks": [int((values > x * values[0]).sum()) for x in THRESHOLDS],
            "least_two": [rounded(float(x / values[0])) for x in values[-2:]],
            "largest_sum": rounded(float(np.abs(network.v.sum(1)).max())),
            "largest_output": rounded(float(np.abs(network.v).max()))}


def fit_row(network: Network) -> dict[str, Any]:
    """The same at an exact fit, with the rank of its features and the Jacobian on what they leave.

    ``without_sums`` is the negative control: outputs less their means reach nothing in the direction of all ones.
    """
    rank, left = _beside_features(network)
    least, largest = jacobian_beside(network, left)
    control = replace(network, v=network.v - network.v.mean(1, keepdims=True))
    return {**feature_row(network), "features": rank, "left": len(left),
            "beside_features": [rounded(least), rounded(largest)],
            "without_sums": [rounded(x) for x in jacobian_beside(control, left)],
            "onto": least > ROUNDING**0.5 * largest}


def jacobian_beside(network: Network, left: Array) -> tuple[float, float]:
    """The least and the largest singular value of the Jacobian in the functions ``left`` (k, N), orthonormal rows.

    A unit reaches ``V_j (x) G_j``, G_j of k by 2p; the squares of the singular values are the eigenvalues of the sum
    over j of ``V_j V_j^T (x) G_j G_j^T``, pk by pk.
    """
    inputs = TwoHotPairs(network.modulus, network.pairs).matrix()
    p, k = network.modulus, len(left)
    if not k:
        return 1.0, 1.0
    reached = np.stack([((left * s) @ inputs) for s in network.w @ inputs.T])
    inner = (reached @ reached.mT).reshape(len(reached), k * k)
    outer = (network.v[:, :, None] * network.v[:, None, :]).reshape(len(reached), p * p)
    gram = (outer.T @ inner).reshape(p, p, k, k).transpose(0, 2, 1, 3).reshape(p * k, p * k)
    values = np.linalg.eigvalsh(gram)
    return float(max(values[0], 0.0)) ** 0.5, float(values[-1]) ** 0.5


def _beside_features(network: Network) -> tuple[int, Array]:
    """The rank of the features, and an orthonormal basis (k, N) of what is orthogonal to them and to constants."""
    inputs = TwoHotPairs(network.modulus, network.pairs).matrix()
    features = _centred((network.w @ inputs.T) ** 2)
    _, values, rows = np.linalg.svd(np.vstack([features, np.full(len(inputs), np.linalg.norm(features, 2))]))
    rank = int((values > ROUNDING * values[0]).sum())
    return rank - 1, rows[rank:]


def _centred(features: Array) -> Array:
    centred: Array = features - features.mean(1, keepdims=True)
    return centred


def rounded(value: float) -> float:
    """To four digits."""
    return float(f"{value:.{DIGITS}g}")
