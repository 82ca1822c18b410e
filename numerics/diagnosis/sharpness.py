"""The expected sharpness of a quadratic network on two-hot pairs, in closed form."""

from __future__ import annotations

import math

import numpy as np

from numerics.modules.sharpness import DEFAULT_GAMMA, Sharpness, nbeta_for, require_positive
from numerics.networks.file import Network
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.weight_noise import added_by_noise


def sharpness_of_network(network: Network, *, nbeta: float | None = None, gamma: float = DEFAULT_GAMMA,
                         batch: int | None = None) -> Sharpness:
    """In closed form, over the network's pairs; with ``batch``, in the mean over batches of so many of them.

    ``nbeta`` is ``n / log n`` of the pairs, or of the batch, unless it is given. Raises `InvalidInput`.
    """
    n = len(network.pairs)
    if batch is not None and not 2 <= batch <= n:
        raise InvalidInput(f"batch={batch}", f"must be an integer from 2 to {n}, the number of pairs", f"batch={n}")
    nbeta = nbeta_for(nbeta, batch or n)
    require_positive("gamma", gamma)
    pairs = np.array(network.pairs)
    with np.errstate(all="ignore"):
        sums = network.w[:, pairs[:, 0]] + network.w[:, network.modulus + pairs[:, 1]]
        errors = (sums * sums).T @ network.v - network.targets
        mean_error = errors.mean(0)
        loss = float(((errors - network.centred * mean_error) ** 2).sum()) / (2 * n)
        added = float(added_by_noise(network.w, network.v, pairs, 1 / gamma, batch=batch,
                                     mean_error=None if network.centred else mean_error))
    if not math.isfinite(added + loss):
        raise InvalidInput("weights", "are so large that the loss overflows", "smaller weights")
    return Sharpness(nbeta * added, 0.0, loss, nbeta, float(gamma))
