"""The localised tempered posterior around any point, minimum or not, of a loss with any number of parameters.

``exp(-nbeta L(w) - gamma/2 |w - w*|^2)``, sampled by HMC in the parameters themselves: no Hessian is needed. A point of
a training run is no minimum, so ``nbeta E[L(w) - L(w*)]`` has a part that is no learning coefficient, ``nbeta (L(w0) -
L(w*)) <= 0``, the *reference point*: w0 is the mode of the posterior, the point itself where that is a minimum. Where
L is quadratic, ``nbeta E[L(w) - L(w0)] = 1/2 sum t h/(t h + gamma)`` over the eigenvalues h of its Hessian, ``t =
nbeta``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from numerics.curvature.density import SpectralDensity
from numerics.curvature.lanczos import Krylov, lanczos
from numerics.curvature.spectrum import hessian_product
from numerics.losses.polynomial import Loss
from numerics.sampling.control_variates import controlled, virial_of
from numerics.sampling.schedule import Schedule
from numerics.sampling.steps import Posterior, rotating_hmc_step
from numerics.sampling.summary import Rung, rung_of

ACCEPTANCE = 0.8  # what the burn-in aims at
GAIN, SETTLING, FADING = 0.5, 10, 0.6  # first move of the logarithm of the step; moves then fall as (steps / 10)^-0.6
JITTER = 0.3  # of the step size: trajectories of one length may resonate
LONGEST_STEP = 1.0  # over the stiffest frequency: leapfrogs are unstable from 2 on
LONGEST_TRAJECTORY = math.pi / 2  # of the localisation's rotation: what comes after leads back
QUARTIC_BUDGET = 8.2  # sum over directions of (frequency × time)^4 that gives 80 % acceptance on a Gaussian
LANCZOS = 30  # steps, for the first positions


@dataclass(frozen=True)
class Chains(Schedule):
    """How HMC runs; one draw takes ``leapfrogs`` gradients. At most ``mode_steps`` of L-BFGS find the mode."""

    leapfrogs: int = field(kw_only=True)
    mode_steps: int = field(default=200, kw_only=True)


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


@dataclass(frozen=True)
class _Draws:
    """What each draw gives, (chains, draws): the loss, ``P - z·dU/dz`` (mean zero), ``|w - w*|^2``, 1 if accepted."""

    loss: Tensor
    virial: Tensor
    square: Tensor
    accepted: Tensor

    @property
    def controlled(self) -> Tensor:
        """The loss less what the virial explains of it."""
        return controlled(self.loss, self.virial)



def sample_around(loss: Loss, point: Tensor, nbeta: float, gamma: float, chains: Chains,
                  krylov: Krylov | None = None) -> Localised:
    """Sample around ``point`` (P,). Chains start at draws from the Gaussian that the posterior is near its mode.

    ``krylov``, from random vectors, one a chain or more, is of a Hessian to be used for that Gaussian instead of the
    one at the mode, which costs as many products as a chain has steps.
    """
    mode = mode_near(loss, point, nbeta, gamma, chains.mode_steps)
    here = float(loss.value(point[None]))
    posterior = Posterior(loss, point, None, point.new_full((chains.chains,), nbeta), gamma)
    draws = _draw(posterior, mode, nbeta, chains, krylov)
    rung = rung_of(nbeta, nbeta * (draws.controlled - here).numpy(force=True))
    reference = min(nbeta * (float(loss.value(mode[None])) - here), 0.0)
    return Localised(rung, gamma, reference, float(draws.square.mean().sqrt()),
                     float(draws.accepted.mean()))


def mode_near(loss: Loss, point: Tensor, nbeta: float, gamma: float, steps: int) -> Tensor:
    """The point near ``point`` (P,) where the density is largest, by L-BFGS; without gamma a minimum of the loss."""
    theta = point.clone()
    optimiser = torch.optim.LBFGS([theta], max_iter=steps, history_size=20, line_search_fn="strong_wolfe",
                                  tolerance_grad=1e-10, tolerance_change=1e-14)

    def potential() -> Tensor:
        value, gradient = loss.value_and_gradient(theta[None])
        theta.grad = gradient[0] + gamma / nbeta * (theta - point)
        return value[0] + gamma / (2 * nbeta) * (theta - point).square().sum()

    optimiser.step(potential)
    return theta


@torch.inference_mode()
def _draw(posterior: Posterior, mode: Tensor, nbeta: float, chains: Chains, krylov: Krylov | None) -> _Draws:
    """Run HMC, whose time between two kicks the burn-in adapts and then leaves at its mean."""
    point, gamma = posterior.centre, posterior.gamma
    generator = torch.Generator(device=point.device).manual_seed(chains.seed)
    noise = torch.randn(chains.chains, len(point), generator=generator, dtype=point.dtype, device=point.device)
    spread, stable = _start(posterior, mode, nbeta, noise, krylov)
    state = posterior.at(mode - point + spread)
    longest = LONGEST_TRAJECTORY / (chains.leapfrogs * gamma**0.5)
    logs = [math.log(min(stable, longest))]
    drawn = []
    for index in range(chains.steps):
        adapting = index < chains.burn_in
        time = math.exp(logs[-1] if adapting else np.mean(logs[len(logs) // 2 :]))
        uniform = torch.rand(chains.chains, generator=generator, dtype=point.dtype, device=point.device)
        times = time * (1 + JITTER * (2 * uniform - 1))
        state, info = rotating_hmc_step(posterior, state, times, chains.leapfrogs, generator)
        if adapting:  # Robbins-Monro; then the mean of its second half
            gain = GAIN * (float(info.probability.mean()) - ACCEPTANCE) / (1 + index / SETTLING) ** FADING
            logs.append(min(logs[-1] + gain, math.log(longest)))
        else:
            drawn.append(torch.stack([state.loss, virial_of(posterior, state), state.z.square().sum(1),
                                      info.accepted.to(point.dtype)]))
    return _Draws(*torch.stack(drawn, 2))


def _start(posterior: Posterior, mode: Tensor, nbeta: float, noise: Tensor,
           krylov: Krylov | None) -> tuple[Tensor, float]:
    """Draws (C, P) from the Gaussian near the mode, made of ``noise`` (C, P), and the longest time between kicks."""
    def root(h: Tensor) -> Tensor:
        return (nbeta * h.clamp(min=0) + posterior.gamma).rsqrt()

    with torch.inference_mode(False):  # derivatives of gradients
        product, noise = hessian_product(posterior.loss, mode), noise.clone()
        # One at a time: their vectors are many.
        spaces = (lanczos(product, z[None], LANCZOS) for z in noise) if krylov is None else iter([krylov])
        spreads, times = zip(*((space.apply(root), _longest_time(space.density, nbeta)) for space in spaces),
                             strict=True)
    return torch.cat(spreads)[: len(noise)], min(times)


def _longest_time(density: SpectralDensity, nbeta: float) -> float:
    """Between two kicks, such that a Gaussian with these curvatures accepts most of its trajectories.

    A leapfrog of frequency w and time t changes the energy by ``(w t)^4 / 64`` in the mean over its phase, and the sum
    m of these over all directions has variance 2m: it is accepted with probability ``2 Phi(-sqrt(m/2))``.
    """
    stiffest = nbeta * max(float(density.nodes.max()), 0.0)
    if stiffest == 0:
        return math.inf
    squares = density.trace_of(lambda h: (nbeta * h.clamp(min=0) / stiffest).square()).mean
    longest: float = min(LONGEST_STEP, (QUARTIC_BUDGET / max(squares, 1.0)) ** 0.25) / stiffest**0.5
    return longest
