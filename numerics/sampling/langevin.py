"""Stochastic gradient Langevin dynamics in the parameters themselves, as the published learning coefficients use it.

``w <- w - step/2 (nbeta grad L_B(w) + gamma (w - w*)) + sqrt(step) noise``, ``L_B`` over a fresh minibatch at each step
(Welling and Teh 2011; Lau et al., arXiv:2308.12108). What a draw records is the minibatch's own loss.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from numerics.losses.polynomial import Loss
from numerics.progress import Progress
from numerics.sampling.schedule import Schedule
from numerics.sampling.steps import Posterior, sgld_step

POWER_STEPS = 15  # for the largest curvature, to some percent
DIFFERENCE = 1e-3  # of two gradients, relative to the weights


@torch.no_grad()
def langevin(posterior: Posterior, step: float, batch: int | None, schedule: Schedule, progress: bool = False,
             observe: Callable[[Tensor], Tensor] | None = None) -> tuple[Tensor, Tensor | None]:
    """(chains, steps): the loss at each step of chains that start at the centre, burn-in included.

    And (chains, draws, ...), what ``observe`` makes of the parameters (C, P) of each draw.
    ``batch`` samples for each chain and step, None: all of them. Chains that run away are not finite from then on.
    """
    centre = posterior.centre
    generator = torch.Generator(device=centre.device).manual_seed(schedule.seed)
    start = torch.zeros(schedule.chains, len(centre), dtype=centre.dtype, device=centre.device)
    state = posterior.at(start) if batch is None else posterior.at_minibatch(start, batch, generator)
    sizes, scale = start.new_full((schedule.chains,), step), start.new_ones(1, 1)
    losses, observed = [], []
    with Progress("SGLD", schedule.steps, shown=progress) as bar:
        for index in range(schedule.steps):
            losses.append(state.loss.double())
            if observe is not None and index >= schedule.burn_in:
                observed.append(observe(posterior.parameters(state.z)))
            state, _ = sgld_step(posterior, state, sizes, scale, batch, generator)
            bar.advance()
    return torch.stack(losses, 1), torch.stack(observed, 1) if observed else None


@torch.no_grad()
def largest_curvature(loss: Loss, point: Tensor, batch: int | None, seed: int) -> float:
    """Of the Hessian at ``point`` (P,), in absolute value: the power method with differences of gradients.

    On one minibatch of ``batch`` samples, the same for both gradients of a difference, or on all of them.
    """
    generator = torch.Generator(device=point.device).manual_seed(seed)
    length = DIFFERENCE * max(float(point.square().mean().sqrt()), DIFFERENCE) * len(point) ** 0.5
    direction = torch.randn(len(point), generator=generator, dtype=point.dtype, device=point.device)
    found = 0.0
    for index in range(POWER_STEPS):
        direction = direction / direction.norm().clamp(min=torch.finfo(point.dtype).tiny)
        slopes = []
        for sign in (1, -1):
            generator.manual_seed(seed + index)
            at = (point + sign * length * direction)[None]
            slopes.append((loss.value_and_gradient(at) if batch is None else loss.minibatch(at, batch, generator))[1])
        direction = (slopes[0] - slopes[1])[0] / (2 * length)
        found = float(direction.norm())
    return found
