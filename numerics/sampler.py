"""SGLD on the localised tempered posterior, all chains at once.

The density is ``exp(-nbeta L(theta) - gamma/2 |theta - theta*|^2)``. Chains live in coordinates
``theta = theta* + B z`` with a fixed matrix ``B`` that makes the posterior round: with the Hessian ``H`` of
the loss at ``theta*`` it is ``B B^T = (nbeta H + gamma)^{-1}``, where ``H`` vanishes the scales of a pilot run.
A fixed ``B`` leaves the target as it is; a step size of 1 is then the scale of every direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from numerics.twins import Twin


@dataclass(frozen=True)
class Posterior:
    """The localised tempered posterior around ``centre`` (P,), in coordinates ``z`` with ``scale`` B (P, P)."""

    twin: Twin
    centre: Tensor
    scale: Tensor
    nbeta: float
    gamma: float

    def energy(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """(C, P) -> potential (C,) and its part ``nbeta L`` (C,)."""
        offset = z @ self.scale.T
        tempered = self.nbeta * self.twin.loss(self.centre + offset)
        return tempered + self.gamma / 2 * offset.square().sum(1), tempered


@dataclass(frozen=True)
class State:
    """Positions ``z`` (C, P) of all chains."""

    z: Tensor


@dataclass(frozen=True)
class Info:
    """``nbeta L`` (C,) before the step."""

    tempered_loss: Tensor


def sgld_step(posterior: Posterior, state: State, step_size: float, generator: torch.Generator) -> tuple[State, Info]:
    """``z <- z - step/2 grad U(z) + sqrt(step) noise``, the gradient over all samples."""
    z = state.z.detach().requires_grad_(True)
    potential, tempered = posterior.energy(z)
    (gradient,) = torch.autograd.grad(potential.sum(), z)
    noise = torch.randn(z.shape, generator=generator, dtype=z.dtype)
    moved = z.detach() - step_size / 2 * gradient + step_size**0.5 * noise
    return State(moved), Info(tempered.detach())


def run_chains(
    posterior: Posterior, *, chains: int, draws: int, burn_in: int, step_size: float, seed: int,
) -> tuple[Tensor, State]:
    """``nbeta L`` along the chains (C, draws) after ``burn_in`` steps, and the last state.

    Chains start at independent Gaussian points of scale ``B``. Numbers may come back infinite or NaN where the
    step size was too large: the caller decides (`numerics.estimate` raises).
    """
    generator = torch.Generator().manual_seed(seed)
    dimension = len(posterior.centre)
    state = State(torch.randn(chains, dimension, generator=generator, dtype=torch.float64))
    trace = torch.empty(draws, chains, dtype=torch.float64)
    for step in range(burn_in + draws):
        state, info = sgld_step(posterior, state, step_size, generator)
        if step >= burn_in:
            trace[step - burn_in] = info.tempered_loss
    return trace.T.contiguous(), state


def pilot_scale(
    twin: Twin, centre: Tensor, nbeta: float, gamma: float, seed: int, rounds: int = 6, steps: int = 400,
) -> Tensor:
    """``B`` (P, P) where the Hessian vanishes: a Cholesky factor of the second moments of pilot runs.

    Each round starts from the factor of the last one; the first from ``nbeta^{-1/4}``, the scale of a quartic.
    Chains that ran away are left out; if all did, the factor comes back as NaN and so does everything after it.
    """
    dimension = len(centre)
    scale = torch.eye(dimension, dtype=torch.float64) * min(nbeta**-0.25, gamma**-0.5)
    for index in range(rounds):
        posterior = Posterior(twin, centre, scale, nbeta, gamma)
        _, state = run_chains(
            posterior, chains=16 * dimension, draws=1, burn_in=steps, step_size=0.05, seed=seed + index)
        offsets = state.z[state.z.isfinite().all(1)] @ scale.T
        scale = torch.linalg.cholesky_ex(offsets.T @ offsets / len(offsets)).L
    return scale
