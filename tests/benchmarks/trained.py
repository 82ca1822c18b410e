"""Networks that a short training leaves, the same for each benchmark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

LARGE = 10_000  # parameters, from which on Adam's steps are small
Loss = Callable[[Tensor, Tensor], Tensor]


def tanh(widths: Sequence[int], samples: int, steps: int) -> tuple[nn.Sequential, Tensor, Tensor]:
    """Regression on the product of the first two of standard normal inputs: the network, inputs, outputs."""
    torch.manual_seed(0)
    layers = [layer for pair in pairwise(widths) for layer in (nn.Linear(*pair), nn.Tanh())][:-1]
    model, x = nn.Sequential(*layers), torch.randn(samples, widths[0])
    y = x[:, :2].prod(1, keepdim=True)
    train(model, mse_loss, x, y, steps)
    return model, x, y


def train(model: nn.Module, loss: Loss, x: Tensor, y: Tensor, steps: int) -> None:
    """By Adam on all samples, in place."""
    parameters = list(model.parameters())
    optimiser = torch.optim.Adam(parameters, lr=0.02 if sum(q.numel() for q in parameters) < LARGE else 1e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        loss(model(x), y).backward()
        optimiser.step()
