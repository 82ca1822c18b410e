"""The density of a Hessian's eigenvalues as nodes and weights, and means with their errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Measured:
    """A mean with its standard error, 0 where it is exact."""

    mean: float
    error: float


@dataclass(frozen=True)
class SpectralDensity:
    """``tr f(H) = mean over probes of sum_i weights_i f(nodes_i)``; ``nodes`` and ``weights`` are (probes, nodes).

    A dense Hessian is one probe whose nodes are all its eigenvalues. ``earlier``: the same with fewer Lanczos
    steps, over which values are averaged.
    """

    nodes: Tensor
    weights: Tensor
    dense: bool
    earlier: tuple[SpectralDensity, ...] = ()

    def trace_of(self, f: Callable[[Tensor], Tensor]) -> Measured:
        """``tr f(H)``, f acting on each eigenvalue; both parts of the error together."""
        values = torch.stack([(x.weights * f(x.nodes)).sum(1) for x in (*self.earlier, self)])  # (numbers of steps, n)
        found = mean_of_probes(values.mean(0))
        swing = float(values.mean(1).std()) if self.earlier else 0.0
        return Measured(found.mean, math.hypot(found.error, swing))


def gaussian_value(density: SpectralDensity, nbeta: float, gamma: float) -> Measured:
    """``1/2 sum t h/(t h + gamma)``, ``t = nbeta``, over the positive Hessian eigenvalues h."""
    def share(h: Tensor) -> Tensor:
        stiff = nbeta * h.clamp(min=0)
        return stiff / (2 * (stiff + gamma))

    return density.trace_of(share)


def mean_of_probes(values: Tensor) -> Measured:
    """(probes,) -> mean and standard error."""
    error = float(values.std() / len(values) ** 0.5) if len(values) > 1 else 0.0
    return Measured(float(values.mean()), error)
