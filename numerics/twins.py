"""Torch twins of the exact networks: parameters as flat vectors, a batch of chains as the first dimension.

Notation: C chains, P parameters, n samples, d inputs, p outputs, K units; everything is float64.
The loss is ``L = |residual|^2 / 2``, the mean over the samples of half the squared error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from slt_symbolic.networks.data import QuadraticForms


class Architecture(Protocol):
    """A parametrised map from inputs to outputs."""

    @property
    def parameters(self) -> int: ...
    def values(self, theta: Tensor, inputs: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Quadratic:
    """``f(x) = sum_j V_j (w_j·x)^2``; ``theta`` is ``W`` (K × d) and then ``V`` (K × p), flattened."""

    inputs: int
    outputs: int
    units: int

    @property
    def parameters(self) -> int:
        return self.units * (self.inputs + self.outputs)

    def values(self, theta: Tensor, inputs: Tensor) -> Tensor:
        """(C, P), (n, d) -> (C, n, p)."""
        split = self.units * self.inputs
        w = theta[:, :split].reshape(-1, self.units, self.inputs)
        v = theta[:, split:].reshape(-1, self.units, self.outputs)
        return (inputs @ w.transpose(1, 2)).square() @ v


@dataclass(frozen=True)
class Lazy:
    """The lazy regime: ``f(x) = sum_j V_j (w_j·x)^2`` with frozen ``w`` (K × d); ``theta`` is ``V`` (K × p)."""

    frozen: Tensor
    outputs: int

    @property
    def parameters(self) -> int:
        return len(self.frozen) * self.outputs

    def values(self, theta: Tensor, inputs: Tensor) -> Tensor:
        """(C, P), (n, d) -> (C, n, p)."""
        v = theta.reshape(-1, len(self.frozen), self.outputs)
        return (inputs @ self.frozen.T).square() @ v


@dataclass(frozen=True)
class Dataset:
    """``inputs`` (n, d), ``targets`` (n, p), and whether constants per output are projected out."""

    inputs: Tensor
    targets: Tensor
    centred: bool = False


@dataclass(frozen=True)
class Twin:
    """An architecture with the data that its loss sees."""

    architecture: Architecture
    data: Dataset

    def residual(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C, R) with ``L = |residual|^2 / 2``; R does not depend on n once n is large."""
        points, mixing, targets = self._exact_loss
        return (mixing @ (self.architecture.values(theta, points) - targets)).flatten(1)

    def loss(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C,), over all samples, without noise."""
        return self.residual(theta).square().sum(1) / 2

    def minibatch_loss(self, theta: Tensor, batch: Tensor) -> Tensor:
        """The loss of one parameter vector (P,) on the samples with these indices."""
        error = self.architecture.values(theta[None], self.data.inputs[batch])[0] - self.data.targets[batch]
        if self.data.centred:
            error = error - error.mean(0)
        return error.square().sum() / (2 * len(batch))

    @cached_property
    def _exact_loss(self) -> tuple[Tensor, Tensor, Tensor]:
        """Points, mixing matrix and targets such that ``residual = mixing (f(points) - targets)``.

        The network is quadratic in the input: the n samples enter through the moments of its monomials only, so
        ``d(d+1)/2`` points and the triangular factor of the sample matrix replace them when they are fewer. The
        targets must then be quadratic in the inputs too.
        """
        inputs, targets = self.data.inputs, self.data.targets
        n, d = inputs.shape
        if self.data.centred:
            projector = torch.eye(n, dtype=inputs.dtype) - 1 / n
            return inputs, projector / n**0.5, targets
        points = torch.from_numpy(QuadraticForms(d).matrix()).to(inputs.dtype)
        if n <= len(points):
            return inputs, torch.eye(n, dtype=inputs.dtype) / n**0.5, targets
        evaluation = torch.linalg.solve(_monomials(points).T, _monomials(inputs).T).T
        compressed = torch.linalg.lstsq(evaluation, targets).solution
        if not torch.allclose(evaluation @ compressed, targets):
            raise ValueError("targets: must be quadratic in the inputs")
        return points, torch.linalg.qr(evaluation, mode="r").R / n**0.5, compressed


def _monomials(inputs: Tensor) -> Tensor:
    """(n, d) -> (n, d(d+1)/2): products ``x_a x_b`` with ``a <= b``."""
    first, second = torch.triu_indices(inputs.shape[1], inputs.shape[1])
    return inputs[:, first] * inputs[:, second]
