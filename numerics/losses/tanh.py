"""Units of tanh of one input: no polynomial, but known by its values at the nodes of a quadrature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from numerics.losses.architectures import Pullback

NODES = 32  # of Gauss and Hermite; and twice as many positive ones as units, so that all Taylor coefficients are seen


@dataclass(frozen=True)
class TanhUnits:
    """``f(x) = sum_h a_h tanh(b_h x)``; ``theta`` is ``a`` (K,) and then ``b`` (K,). An `Architecture`.

    Its monomials are the indicators of the nodes, and ``gaussian_moments`` the weights of the quadrature, so that the
    loss of a population is that of standard normal inputs to the quadrature's error. f is odd: the positive half of the
    nodes, at twice their weights, gives the same loss. At zero truth lambda is that of
    the whole population: near ``a = b = 0`` the values at K positive nodes generate the same ideal as ``sum_h a_h
    b_h^(2k+1)``, since the matrix of ``x^(2k+1)`` at different positive x has full rank (Vandermonde).
    """

    units: int
    inputs: int = 1

    @property
    def parameters(self) -> int:
        """The number ``2 K`` of parameters."""
        return 2 * self.units

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """``a`` and ``b``."""
        return [(self.units,), (self.units,)]

    def vjp(self, theta: Tensor, inputs: Tensor) -> tuple[Tensor, Pullback]:
        """Values (C, n, 1) at ``theta`` (C, P), and their pullback (C, n, 1) -> (C, P)."""
        outer, inner = theta[:, None].split(self.units, 2)  # (C, 1, K)
        bent = torch.tanh(inputs * inner)

        def pullback(cotangent: Tensor) -> Tensor:
            to_inner = cotangent * inputs * (1 - bent.square()) * outer
            return torch.cat([(cotangent * bent).sum(1), to_inner.sum(1)], 1)

        return (bent * outer).sum(2, keepdim=True), pullback

    def monomials(self, inputs: Tensor) -> Tensor:
        """(n, 1) -> (n, q), of inputs that are nodes."""
        return (inputs == self.points().to(inputs).T).to(inputs.dtype)

    def points(self) -> Tensor:
        """(q, 1): the nodes."""
        return self._quadrature[0][:, None]

    def gaussian_moments(self) -> Tensor:
        """(q, q), diagonal."""
        return torch.diag(self._quadrature[1])

    @cached_property
    @torch.inference_mode(False)
    def _quadrature(self) -> tuple[Tensor, Tensor]:
        nodes, weights = np.polynomial.hermite_e.hermegauss(max(NODES, 4 * self.units))
        positive = nodes > 0
        return torch.from_numpy(nodes[positive]), torch.from_numpy(2 * weights[positive] / weights.sum())
