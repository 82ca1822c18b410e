"""The quadratic network on two-hot inputs as anyone would write it in PyTorch: dense inputs, autograd."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot


class Plain(torch.nn.Module):
    """``f(x) = V^T (W x)²`` with W (K, 2p) and V (K, p); inputs (n, 2p)."""

    def __init__(self, w: Tensor, v: Tensor) -> None:
        super().__init__()
        self.w, self.v = torch.nn.Parameter(w.clone()), torch.nn.Parameter(v.clone())

    def forward(self, inputs: Tensor) -> Tensor:
        return (inputs @ self.w.T) ** 2 @ self.v


def two_hot(pairs: Tensor, p: int) -> Tensor:
    """(n, 2) -> (n, 2p)."""
    return torch.cat([one_hot(side, p) for side in pairs.T], 1)


def plain_loss(model: Plain, inputs: Tensor, targets: Tensor) -> Tensor:
    """Half the mean squared error, less the mean error of each output."""
    error = model(inputs) - targets
    return (error - error.mean(0)).square().sum() / 2 / len(inputs)


def plain_epoch(model: Plain, optimiser: torch.optim.Optimizer, inputs: Tensor, targets: Tensor, batch: int) -> None:
    """One pass over the samples in their order."""
    for some_inputs, some_targets in zip(inputs.split(batch), targets.split(batch), strict=True):
        optimiser.zero_grad()
        plain_loss(model, some_inputs, some_targets).backward()
        optimiser.step()
