"""``python -m numerics.examples.plain_loop``: the monitor in a plain PyTorch loop, on a quadratic network."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from numerics import LLCMonitor
from numerics.examples.modular_addition import split, train

P, UNITS, FRACTION = 13, 64, 0.7


class Quadratic(torch.nn.Module):
    """``f(a, b) = V (W [e_a; e_b])^2``."""

    def __init__(self) -> None:
        """Weights as PyTorch starts them."""
        super().__init__()
        self.inner = torch.nn.Linear(2 * P, UNITS, bias=False)
        self.outer = torch.nn.Linear(UNITS, P, bias=False)

    def forward(self, pairs: Tensor) -> Tensor:
        """(n, 2) pairs -> (n, P) outputs."""
        two_hot = one_hot(pairs, P).flatten(1).to(self.inner.weight)
        outputs: Tensor = self.outer(self.inner(two_hot).square())
        return outputs


def half_squared_error(outputs: Tensor, labels: Tensor) -> Tensor:
    """Half the squared error in nats per sample, for Gaussian noise of variance 1 on each output."""
    return (outputs - one_hot(labels, P)).square().sum(1).mean() / 2


def main(steps: int = 3000) -> None:
    """Train and print."""
    torch.manual_seed(0)
    training, held_out = split(P, FRACTION, seed=0)
    model = Quadratic()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    monitor = LLCMonitor(half_squared_error, (training.inputs, training.targets), every=200)
    train(model, half_squared_error, optimiser, training, held_out, monitor, steps)


if __name__ == "__main__":
    main()
