"""Training from a random start, and polishing to an exact minimiser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from numerics.curvature.polish import POLISHED, polish
from numerics.losses.polynomial import Twin

LEARNED = 0.01  # share of the initial loss below which training, before any polishing, has found the fit
LEARNING_RATES = (0.03, 0.01, 0.003)  # one third of the steps each


@dataclass(frozen=True)
class Training:
    """One run: the loss over all samples along the way, and the polished point.

    ``history`` has pairs (step, loss); ``theta`` (P,) has loss ``polished_loss``.
    """

    seed: int
    history: tuple[tuple[int, float], ...]
    theta: Tensor
    polished_loss: float

    @property
    def exact_fit(self) -> bool:
        """Whether Adam went most of the way and polishing the rest; otherwise a local minimum or a plateau."""
        return self.history[-1][1] < LEARNED * self.history[0][1] and self.polished_loss < POLISHED

    def to_json(self) -> dict[str, Any]:
        """Plain data, without the point."""
        return {"seed": self.seed, "history": self.history, "polished_loss": self.polished_loss}


def train(twin: Twin, seed: int, steps: int, batch: int) -> Training:
    """Adam on minibatches from a seeded random start, then `polish`.

    The start is Gaussian with standard deviation 1/2 per parameter; it does not know the targets.
    """
    generator = torch.Generator().manual_seed(seed)
    theta = torch.randn(twin.parameters, generator=generator, dtype=torch.float64) / 2
    optimiser = torch.optim.Adam([theta], lr=LEARNING_RATES[0])
    history = []
    for step in range(steps):
        if step % max(steps // 50, 1) == 0:
            history.append((step, float(twin.value(theta[None]))))
        optimiser.param_groups[0]["lr"] = LEARNING_RATES[step * len(LEARNING_RATES) // steps]
        theta.grad = twin.minibatch(theta[None], batch, generator)[1][0]
        optimiser.step()
    history.append((steps, float(twin.value(theta[None]))))
    polished = polish(twin, theta)
    return Training(seed, tuple(history), polished, float(twin.value(polished[None])))






