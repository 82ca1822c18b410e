"""Networks that are polynomial in their inputs: parameters as flat vectors, a batch of chains as the first dimension.

Notation: C chains, P parameters, n samples, d inputs, p outputs, K units; everything is float64 unless moved.
Inputs are (n, d), the same for all chains, or (C, n, d), one set for each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from slt_symbolic.networks.data import QuadraticForms

Pullback = Callable[[Tensor], Tensor]


def product(left: Tensor, right: Tensor) -> Tensor:
    """``left @ right``; for matrices this small it is half of the time that matmul looks for something to broadcast."""
    return torch.bmm(left, right) if left.dim() == right.dim() == 3 and len(left) == len(right) else left @ right


class Architecture(Protocol):
    """A parametrised polynomial map from R^inputs to R^outputs.

    ``vjp`` gives the values (C, n, p) and their pullback: from a cotangent (C, n, p) to the gradient (C, P).
    The map is linear in ``monomials`` of the input; its values at the ``points`` (q, d) determine it, and
    ``gaussian_moments`` (q, q) are the moments ``E m m^T`` of the monomials for standard normal inputs. ``shapes`` are
    the tensors that ``theta`` is made of.
    """

    @property
    def parameters(self) -> int:
        """The number P of parameters."""

    @property
    def inputs(self) -> int:
        """The number d of inputs."""

    def vjp(self, theta: Tensor, inputs: Tensor) -> tuple[Tensor, Pullback]:
        """Values (C, n, p) at ``theta`` (C, P), and their pullback (C, n, p) -> (C, P)."""

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the tensors that theta is made of, in order."""

    def monomials(self, inputs: Tensor) -> Tensor:
        """(n, d) -> (n, q): the monomials of the inputs in which the map is linear."""

    def points(self) -> Tensor:
        """(q, d): inputs at which the monomials are independent."""

    def gaussian_moments(self) -> Tensor:
        """(q, q): ``E m m^T`` for standard normal inputs."""


class _QuadraticInInputs:
    """The monomials ``x_a x_b`` with ``a <= b``."""

    inputs: int

    def monomials(self, inputs: Tensor) -> Tensor:
        """(n, d) -> (n, d(d+1)/2)."""
        first, second = torch.triu_indices(self.inputs, self.inputs, device=inputs.device)
        return inputs[:, first] * inputs[:, second]

    def points(self) -> Tensor:
        """``e_a`` and ``e_a + e_b``."""
        return torch.from_numpy(QuadraticForms(self.inputs).matrix()).to(torch.float64)

    def gaussian_moments(self) -> Tensor:
        """``E x_a x_b x_c x_e = [ab][ce] + [ac][be] + [ae][bc]`` (Wick)."""
        a, b = torch.triu_indices(self.inputs, self.inputs)
        same = torch.eye(self.inputs, dtype=torch.float64)
        return (same[a, b][:, None] * same[a, b] + same[a][:, a] * same[b][:, b] + same[a][:, b] * same[b][:, a])


class _LinearInInputs:
    """The monomials are the inputs themselves."""

    inputs: int

    def monomials(self, inputs: Tensor) -> Tensor:
        """(n, d) -> (n, d)."""
        return inputs

    def points(self) -> Tensor:
        """``e_a``."""
        return torch.eye(self.inputs, dtype=torch.float64)

    def gaussian_moments(self) -> Tensor:
        """The identity."""
        return torch.eye(self.inputs, dtype=torch.float64)


@dataclass(frozen=True)
class Quadratic(_QuadraticInInputs):
    """``f(x) = sum_j V_j (w_j·x)^2``; ``theta`` is ``W`` (K × d) and then ``V`` (K × p), flattened."""

    inputs: int
    outputs: int
    units: int

    @property
    def parameters(self) -> int:
        """The number ``K (d + p)`` of parameters."""
        return self.units * (self.inputs + self.outputs)

    def vjp(self, theta: Tensor, inputs: Tensor) -> tuple[Tensor, Pullback]:
        """Values and their pullback."""
        split = self.units * self.inputs
        w = theta[:, :split].reshape(-1, self.units, self.inputs)
        v = theta[:, split:].reshape(-1, self.units, self.outputs)
        preactivations = product(w, inputs.mT)  # (C, K, n)
        squares = preactivations.square()

        def pullback(cotangent: Tensor) -> Tensor:
            to_w = product(2 * preactivations * product(v, cotangent.mT), inputs)
            return torch.cat([to_w.flatten(1), product(squares, cotangent).flatten(1)], 1)

        return product(squares.mT, v), pullback

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """W, then V."""
        return [(self.units, self.inputs), (self.units, self.outputs)]


@dataclass(frozen=True)
class Lazy(_QuadraticInInputs):
    """The lazy regime: ``f(x) = sum_j V_j (w_j·x)^2`` with frozen ``w`` (K × d); ``theta`` is ``V`` (K × p)."""

    frozen: Tensor
    outputs: int

    @property
    def inputs(self) -> int:  # type: ignore[override]
        """The length d of a frozen row."""
        return self.frozen.shape[1]

    @property
    def parameters(self) -> int:
        """The number ``K p`` of parameters."""
        return len(self.frozen) * self.outputs

    def vjp(self, theta: Tensor, inputs: Tensor) -> tuple[Tensor, Pullback]:
        """Values and their pullback."""
        v = theta.reshape(len(theta), len(self.frozen), self.outputs)
        features = (inputs @ self.frozen.to(inputs).T).square()
        return features @ v, lambda cotangent: (features.mT @ cotangent).flatten(1)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """V alone."""
        return [(len(self.frozen), self.outputs)]


@dataclass(frozen=True)
class DeepLinear(_LinearInInputs):
    """``f(x) = A_L ... A_1 x``; ``theta`` is ``A_1`` (d_1 × d_0), ..., ``A_L`` (d_L × d_{L-1}), flattened."""

    widths: tuple[int, ...]

    @property
    def inputs(self) -> int:  # type: ignore[override]
        """The first width."""
        return self.widths[0]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """A_1, ..., A_L."""
        return list(zip(self.widths[1:], self.widths[:-1], strict=True))

    @property
    def parameters(self) -> int:
        """The number of entries of all matrices."""
        return sum(rows * columns for rows, columns in self.shapes)

    def vjp(self, theta: Tensor, inputs: Tensor) -> tuple[Tensor, Pullback]:
        """Values and their pullback."""
        parts = theta.split([rows * columns for rows, columns in self.shapes], 1)
        matrices = [part.reshape(-1, *shape) for part, shape in zip(parts, self.shapes, strict=True)]
        layers = [inputs]  # what each matrix acts on, rows are samples
        for matrix in matrices:
            layers.append(product(layers[-1], matrix.mT))

        def pullback(cotangent: Tensor) -> Tensor:
            gradients = []
            for matrix, layer in zip(reversed(matrices), reversed(layers[:-1]), strict=True):
                gradients.append(product(cotangent.mT, layer).flatten(1))
                cotangent = product(cotangent, matrix)
            return torch.cat(gradients[::-1], 1)

        return layers[-1], pullback


@dataclass(frozen=True)
class Symmetric(_LinearInInputs):
    """Symmetric factorisation ``f(x) = W W^T x``; ``theta`` is ``W`` (d × K), flattened."""

    inputs: int
    units: int

    @property
    def parameters(self) -> int:
        """The number ``d K`` of parameters."""
        return self.inputs * self.units

    def vjp(self, theta: Tensor, inputs: Tensor) -> tuple[Tensor, Pullback]:
        """Values and their pullback."""
        w = theta.reshape(-1, self.inputs, self.units)
        hidden = inputs @ w

        def pullback(cotangent: Tensor) -> Tensor:
            return (product(inputs.mT, product(cotangent, w)) + product(cotangent.mT, hidden)).flatten(1)

        return product(hidden, w.mT), pullback

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """W alone."""
        return [(self.inputs, self.units)]


def diagonal_factors(widths: tuple[int, ...], rank: int) -> Tensor:
    """(P,): matrices ``[I 0; 0 0]`` of this rank, the most singular factorisation of ``[I 0; 0 0]``."""
    def factor(shape: tuple[int, int]) -> Tensor:
        matrix = torch.zeros(shape, dtype=torch.float64)
        matrix.diagonal()[:rank] = 1
        return matrix.flatten()

    return torch.cat([factor(shape) for shape in zip(widths[1:], widths[:-1], strict=True)])
