"""The localised tempered posterior around any point, minimum or not, of a loss with any number of parameters.

``exp(-nbeta L(w) - gamma/2 |w - w*|^2)``, sampled by HMC in the parameters themselves: no Hessian is needed. A point of
a training run is no minimum, so ``nbeta E[L(w) - L(w*)]`` has a part that is no learning coefficient, ``nbeta (L(w0) -
L(w*)) <= 0``, the *reference point*: w0 is the mode of the posterior, the point itself where that is a minimum. Where
L is quadratic, ``nbeta E[L(w) - L(w0)] = 1/2 sum t h/(t h + gamma)`` over the eigenvalues h of its Hessian, ``t =
nbeta``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from numerics.estimate import Rung, rung_of
from numerics.losses import Loss
from numerics.samplers import Posterior, hmc_step

MODE_STEPS = 200
ACCEPTANCE = 0.75
JITTER = 0.3  # of the step size: trajectories of one length may resonate
FIRST_STEP = 0.3  # in units of the width


@dataclass(frozen=True)
class Chains:
    """How long HMC runs; one draw takes ``leapfrogs`` gradients."""

    chains: int
    burn_in: int
    draws: int
    leapfrogs: int


@dataclass(frozen=True)
class Localised:
    """``rung.mean`` is ``nbeta E[L(w) - L(w*)]``, of which ``reference`` is the part of the reference point.

    ``distance``: root mean square of ``|w - w*|``; ``acceptance``: share of the proposals that were accepted.
    """

    rung: Rung
    gamma: float
    reference: float
    distance: float
    acceptance: float

    @property
    def corrected(self) -> float:
        """``nbeta E[L(w) - L(w0)]``."""
        return self.rung.mean - self.reference


def sample_around(loss: Loss, point: Tensor, nbeta: float, gamma: float, width: float, chains: Chains,
                  seed: int) -> Localised:
    """Sample around ``point`` (P,). Chains start near the mode, at ``width``, a typical length in one direction."""
    mode = _mode(loss, point, nbeta, gamma)
    here = float(loss.value(point[None]))
    values, squares, acceptance = _run(loss, point, mode, nbeta, gamma, width, chains, seed)
    rung = rung_of(nbeta, nbeta * (values - here).numpy(force=True))
    reference = min(nbeta * (float(loss.value(mode[None])) - here), 0.0)
    return Localised(rung, gamma, reference, float(squares.mean().sqrt()), acceptance)


def _mode(loss: Loss, point: Tensor, nbeta: float, gamma: float) -> Tensor:
    """Where the density is largest near ``point``, by L-BFGS."""
    theta = point.clone()
    optimiser = torch.optim.LBFGS([theta], max_iter=MODE_STEPS, history_size=20, line_search_fn="strong_wolfe",
                                  tolerance_grad=1e-10, tolerance_change=1e-14)

    def potential() -> Tensor:
        value, gradient = loss.value_and_gradient(theta[None])
        theta.grad = gradient[0] + gamma / nbeta * (theta - point)
        return value[0] + gamma / (2 * nbeta) * (theta - point).square().sum()

    optimiser.step(potential)
    return theta


@torch.inference_mode()
def _run(loss: Loss, point: Tensor, mode: Tensor, nbeta: float, gamma: float, width: float, chains: Chains,
         seed: int) -> tuple[Tensor, Tensor, float]:
    """The loss and ``|w - w*|^2`` at each draw, (chains, draws) each, and the acceptance."""
    generator = torch.Generator(device=point.device).manual_seed(seed)

    def random(kind: str, *shape: int) -> Tensor:
        return getattr(torch, kind)(*shape, generator=generator, dtype=point.dtype, device=point.device)

    temperature = torch.full((chains.chains,), nbeta, dtype=point.dtype, device=point.device)
    posterior = Posterior(loss, point, None, temperature, gamma)
    state = posterior.at(mode - point + width * random("randn", chains.chains, len(point)))
    lengths, step, accepted = torch.full_like(state.z, width), FIRST_STEP, 0.0
    values, squares = (torch.empty(chains.draws, chains.chains, dtype=point.dtype, device=point.device) for _ in "ab")
    for index in range(-chains.burn_in, chains.draws):
        steps = step * (1 + JITTER * (2 * random("rand", chains.chains) - 1))
        state, info = hmc_step(posterior, state, steps, lengths, chains.leapfrogs, generator)
        rate = float(info.accepted.to(point.dtype).mean())
        if index < 0:  # Robbins-Monro on the logarithm
            step *= float(np.exp((rate - ACCEPTANCE) / (1 + (index + chains.burn_in) / 10) ** 0.6))
        else:
            values[index], squares[index] = state.loss, state.z.square().sum(1)
            accepted += rate / chains.draws
    return values.T, squares.T, accepted
