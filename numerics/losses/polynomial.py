"""Losses without noise: over all samples, or over the Gaussian population, for many parameter vectors at once.

Notation: C chains, P parameters, n samples, d inputs, p outputs, q monomials. ``L = E |f(x) - y|^2 / 2``.
A network that is linear in q monomials of its input sees the data through their q × q moment matrix only. Once that
is factored, the loss and its gradient do not depend on n.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from numerics.losses.architectures import Architecture

ROW_CHUNK = 64  # rows of a Hessian at a time: memory stays small


class Loss(Protocol):
    """A loss over all samples. ``samples`` is None for a population, where nbeta is free."""

    @property
    def parameters(self) -> int:
        """The number P of parameters."""

    @property
    def samples(self) -> int | None:
        """The number n of samples; None for a population."""

    def value(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C,), in nats per sample."""

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P)."""

    def minibatch(self, theta: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P), over ``size`` samples drawn for each chain."""

    def hessian(self, theta: Tensor) -> Tensor:
        """(P,) -> (P, P)."""

    @property
    def shapes(self) -> Sequence[tuple[int, ...]]:
        """The shapes of the tensors that theta is made of, in order."""


@runtime_checkable
class HasHessianProduct(Protocol):
    """A loss that multiplies with its Hessian at ``theta`` (P,) itself: ``z -> H z`` for (C, P)."""

    def hessian_product(self, theta: Tensor) -> Callable[[Tensor], Tensor]:
        """The product with the Hessian at ``theta`` (P,): (C, P) -> (C, P)."""


@dataclass(frozen=True)
class Dataset:
    """``inputs`` (n, d), ``targets`` (n, p), and whether constants per output are projected out."""

    inputs: Tensor
    targets: Tensor
    centred: bool = False

    def to(self, device: str) -> Dataset:
        """The same data on another device."""
        return replace(self, inputs=self.inputs.to(device), targets=self.targets.to(device))


@dataclass(frozen=True)
class Population:
    """Standard normal inputs; the truth is the network itself at ``teacher`` (P,)."""

    teacher: Tensor

    def to(self, device: str) -> Population:
        """The same truth on another device."""
        return Population(self.teacher.to(device))


@dataclass(frozen=True)
class Twin:
    """The squared loss of a polynomial network, less what no parameter can change.

    That constant, the distance of the targets from the span of the monomials, drops out of every difference.
    """

    architecture: Architecture
    data: Dataset | Population

    @property
    def parameters(self) -> int:
        """The number P of parameters."""
        return self.architecture.parameters

    @property
    def samples(self) -> int | None:
        """The number n of samples; None for a population."""
        return len(self.data.inputs) if isinstance(self.data, Dataset) else None

    def to(self, device: str) -> Twin:
        """The same loss on another device."""
        return replace(self, data=self.data.to(device))

    def residual(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C, R) with ``L = |residual|^2 / 2``; R does not depend on n once n is large."""
        return self._residual(theta)[0].flatten(1)

    def value(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C,)."""
        return _half_square(self._residual(theta)[0])

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P)."""
        residual, pullback = self._residual(theta)
        return _half_square(residual), pullback(residual)

    def minibatch(self, theta: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P): each chain draws ``size`` samples of its own, with replacement."""
        inputs, targets = self._minibatch(len(theta), size, generator)
        values, pullback = self.architecture.vjp(theta, inputs)
        error = values - targets
        if isinstance(self.data, Dataset) and self.data.centred:
            error = error - error.mean(1, keepdim=True)
        return _half_square(error) / size, pullback(error / size)

    def hessian(self, theta: Tensor) -> Tensor:
        """(P,) -> (P, P)."""
        return hessian_of(lambda x: self.value(x[None])[0], theta)

    def jacobian(self, theta: Tensor) -> Tensor:
        """(P,) -> (R, P), of the residual; at an exact fit the Hessian is ``J^T J``."""
        jacobian: Tensor = torch.func.jacrev(lambda x: self.residual(x[None])[0], chunk_size=ROW_CHUNK)(theta)
        return jacobian

    @property
    def shapes(self) -> Sequence[tuple[int, ...]]:
        """The shapes of the tensors that theta is made of, in order."""
        return self.architecture.shapes

    def _minibatch(self, chains: int, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        if isinstance(self.data, Dataset):
            rows = torch.randint(len(self.data.inputs), (chains, size), generator=generator,
                                 device=self.data.inputs.device)
            # Like inputs[rows] and targets[rows], in half the time.
            return torch.embedding(self.data.inputs, rows), torch.embedding(self.data.targets, rows)
        inputs = torch.randn(chains, size, self.architecture.inputs, generator=generator, dtype=torch.float64,
                             device=self.data.teacher.device)
        return inputs, self.architecture.vjp(self.data.teacher[None], inputs)[0]

    def _residual(self, theta: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        points, mixing, targets = self._exact_loss
        values, pullback = self.architecture.vjp(theta, points)
        difference = values - targets
        if mixing is not None:
            # Samples last: a product with one matrix, where a batched one would copy it for every chain.
            return ((difference.mT @ mixing.T).mT,
                    lambda cotangent: pullback((cotangent.mT @ mixing).mT))
        centred = isinstance(self.data, Dataset) and self.data.centred
        scale = len(points) ** -0.5

        def projected(values: Tensor) -> Tensor:
            scaled: Tensor = scale * (values - values.mean(1, keepdim=True) if centred else values)
            return scaled

        return projected(difference), lambda cotangent: pullback(projected(cotangent))

    @cached_property
    @torch.inference_mode(False)  # the chains run in it, but Jacobians need what is cached here too
    def _exact_loss(self) -> tuple[Tensor, Tensor | None, Tensor]:
        """Points, mixing matrix and targets such that ``residual = mixing (f(points) - targets)``.

        Where there are no more samples than monomials the points are the samples and nothing is mixed (None).
        """
        architecture = self.architecture
        points = architecture.points()
        if isinstance(self.data, Population):
            points = points.to(self.data.teacher.device)
            monomials = architecture.monomials(points)
            factor = torch.linalg.cholesky(architecture.gaussian_moments().to(points.device)).T
            mixing = torch.linalg.solve(monomials.T, factor.T).T  # factor · monomials^{-1}
            return points, mixing, architecture.vjp(self.data.teacher[None], points)[0][0]
        inputs, targets = self.data.inputs, self.data.targets
        points = points.to(inputs.device)
        if len(inputs) <= len(points):
            return inputs, None, targets
        evaluation = torch.linalg.solve(architecture.monomials(points).T, architecture.monomials(inputs).T).T
        if self.data.centred:
            evaluation, targets = evaluation - evaluation.mean(0), targets - targets.mean(0)
        # The pseudo-inverse: samples may leave some monomials, constants for one, undetermined.
        mixing = torch.linalg.qr(evaluation, mode="r").R
        return points, mixing / len(inputs) ** 0.5, torch.linalg.pinv(evaluation) @ targets


def _half_square(error: Tensor) -> Tensor:
    """(C, R, p) -> (C,): half the sum of squares; a norm would be faster, but has no second derivative at zero."""
    flat = error.flatten(1)
    squares: Tensor = torch.linalg.vecdot(flat, flat)
    return squares / 2


def hessian_of(function: Callable[[Tensor], Tensor], theta: Tensor) -> Tensor:
    """(P,) -> (P, P)."""
    hessian: Tensor = torch.func.jacrev(torch.func.grad(function), chunk_size=ROW_CHUNK)(theta)
    return hessian
