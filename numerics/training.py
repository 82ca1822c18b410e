"""Training from a random start, and polishing to an exact minimiser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import least_squares
from torch import Tensor

from numerics.twins import Twin

POLISHED = 1e-24  # a loss below this is an exact fit in double precision
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


def train(twin: Twin, seed: int, steps: int, batch: int) -> Training:
    """Adam on minibatches from a seeded random start, then `polish`.

    The start is Gaussian with standard deviation 1/2 per parameter; it does not know the targets.
    """
    generator = torch.Generator().manual_seed(seed)
    theta = torch.randn(twin.architecture.parameters, generator=generator, dtype=torch.float64) / 2
    theta.requires_grad_(True)
    optimiser = torch.optim.Adam([theta], lr=LEARNING_RATES[0])
    samples = len(twin.data.inputs)
    history = []
    for step in range(steps):
        if step % max(steps // 50, 1) == 0:
            history.append((step, float(twin.loss(theta.detach()[None]))))
        optimiser.param_groups[0]["lr"] = LEARNING_RATES[step * len(LEARNING_RATES) // steps]
        indices = torch.randperm(samples, generator=generator)[:batch]
        optimiser.zero_grad()
        twin.minibatch_loss(theta, indices).backward()
        optimiser.step()
    history.append((steps, float(twin.loss(theta.detach()[None]))))
    polished = polish(twin, theta.detach())
    return Training(seed, tuple(history), polished, float(twin.loss(polished[None])))


def polish(twin: Twin, theta: Tensor) -> Tensor:
    """The minimiser near ``theta`` (P,), by Levenberg-Marquardt in a trust region."""
    solution = least_squares(
        lambda x: twin.residual(torch.from_numpy(x)[None])[0].numpy(),
        theta.numpy(),
        jac=lambda x: jacobian(twin, torch.from_numpy(x)).numpy(),
        xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=500,
    )
    return torch.from_numpy(np.asarray(solution.x))


def jacobian(twin: Twin, theta: Tensor) -> Tensor:
    """The Jacobian (R, P) of the residual at ``theta`` (P,); at an exact fit the Hessian is ``J^T J``."""
    return torch.autograd.functional.jacobian(lambda x: twin.residual(x[None])[0], theta, vectorize=True)
