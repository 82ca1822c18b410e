"""Fast training of the quadratic network on two-hot inputs, ``f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2``.

Notation: S networks trained side by side, p residues, K units, B samples of a batch, n samples of an epoch.

A network is one (3p, K) matrix: row a is u(a), row p + b is v(b), row 2p + c holds the output weights V(c). A two-hot
input then picks two rows, where a dense product would multiply with 2p - 2 zeros, and its gradient is added to those
two. The gradient is written by hand and Adam runs as one fused pass over the matrix.

The loss is half the squared error against one-hot labels, summed over outputs, less the mean error of each output over
the batch, and divided by B: ``|(Y - f) P⊥|^2 / 2B``. Constants per output are not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding, embedding_bag, one_hot
from torch.optim.adam import adam

from numerics.losses.two_hot import rows_of

EVALUATED_AT_ONCE = 2**22  # squares (u + v)^2 in memory when all pairs are evaluated


@dataclass(frozen=True)
class TrainingState:
    """Weights and Adam's two moments, each (S, 3p, K), and the number of steps, a scalar; `train_epoch` writes."""

    weights: Tensor
    first: Tensor
    second: Tensor
    steps: Tensor

    @classmethod
    def start(cls, weights: Tensor) -> TrainingState:
        """The state before the first step."""
        return cls(weights, torch.zeros_like(weights), torch.zeros_like(weights), torch.zeros(()))

    @property
    def modulus(self) -> int:
        """The modulus p: a unit has 3p weights."""
        return self.weights.shape[1] // 3


@dataclass(frozen=True)
class Adam:
    """Adam with PyTorch's betas and eps; weight decay is coupled: ``weight_decay`` × weights joins the gradient."""

    learning_rate: float
    weight_decay: float


@dataclass(frozen=True)
class Metrics:
    """(S,) each: the loss on all training pairs, and on all others, and the share of right outputs.

    Each loss is less the mean error of each output over its own pairs. An output is right if its largest entry is the
    label's, after the mean training error of each output was subtracted: the loss leaves these constants free, they
    drift, and networks whose validation loss is 1e-4 would otherwise be called wrong on a quarter of the pairs.
    """

    train_loss: Tensor
    validation_loss: Tensor
    train_accuracy: Tensor
    validation_accuracy: Tensor
    weight_norm: Tensor








def gradient(weights: Tensor, rows: Tensor, targets: Tensor, out: Tensor) -> None:
    """Write the gradient of the loss into ``out`` (S, 3p, K); `rows_of` pairs, one-hot targets (S, B, p)."""
    p, units = weights.shape[1] // 3, weights.shape[2]
    size = rows.shape[1]
    sums = embedding_bag(rows.reshape(-1, 2), weights.view(-1, units), mode="sum").view(-1, size, units)
    squares = sums.square()
    error = torch.bmm(weights[:, 2 * p:], squares.mT).sub_(targets.mT)  # (S, p, B)
    error -= error.mean(2, keepdim=True)
    error /= size
    torch.bmm(error, squares, out=out[:, 2 * p:])
    to_sums = torch.bmm(error.mT, weights[:, 2 * p:]).mul_(sums).mul_(2).view(-1, units)
    out[:, :2 * p].zero_()
    for side in (0, 1):
        out.view(-1, units).index_add_(0, rows[..., side].reshape(-1), to_sums)


def train_epoch(state: TrainingState, pairs: Tensor, labels: Tensor, batch: int, optimiser: Adam) -> None:
    """A step of Adam for each ``batch`` samples in their order, the last batch what is left; ``state`` is updated.

    pairs (S, n, 2), labels (S, n), integers.
    """
    slope = torch.empty_like(state.weights)
    rows = rows_of(pairs, state.modulus)
    targets = embedding(labels, torch.eye(state.modulus, dtype=slope.dtype))
    for some_rows, some_targets in zip(rows.split(batch, 1), targets.split(batch, 1), strict=True):
        gradient(state.weights, some_rows, some_targets, slope)
        adam([state.weights], [slope], [state.first], [state.second], [], [state.steps], fused=True, amsgrad=False,
             beta1=0.9, beta2=0.999, eps=1e-8, lr=optimiser.learning_rate, weight_decay=optimiser.weight_decay,
             maximize=False)


def evaluate(weights: Tensor, labels: Tensor, training: Tensor) -> Metrics:
    """Metrics on all pairs: labels (p²,) of (0, 0), (0, 1), ...; training (S, p²), which ones are trained on."""
    targets = one_hot(labels, weights.shape[1] // 3)
    error = outputs(weights) - targets
    train, rest = training.to(error.dtype), (~training).to(error.dtype)
    centred = error - _mean(error, train)
    right = ((centred + targets).argmax(2) == labels).to(error.dtype)
    return Metrics(_share(centred.square().sum(2) / 2, train),
                   _share((error - _mean(error, rest)).square().sum(2) / 2, rest),
                   _share(right, train), _share(right, rest), weights.flatten(1).norm(dim=1))


def _mean(error: Tensor, chosen: Tensor) -> Tensor:
    """(S, p², p), (S, p²) -> (S, 1, p): over the chosen pairs."""
    return torch.bmm(chosen[:, None], error) / chosen.sum(1)[:, None, None]


def _share(values: Tensor, chosen: Tensor) -> Tensor:
    """(S, p²), (S, p²) -> (S,): the mean over the chosen pairs."""
    return (values * chosen).sum(1) / chosen.sum(1)


def outputs(weights: Tensor) -> Tensor:
    """(S, p², p): f on all pairs (0, 0), (0, 1), ..."""
    networks, p, units = len(weights), weights.shape[1] // 3, weights.shape[2]
    u, v, output = weights.split(p, 1)
    rows = max(1, EVALUATED_AT_ONCE // (networks * p * units))
    return torch.cat([torch.bmm((some[:, :, None] + v[:, None]).square_().flatten(1, 2), output.mT)
                      for some in u.split(rows, 1)], 1)
