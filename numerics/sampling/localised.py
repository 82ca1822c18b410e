"""The localised tempered posterior around any point, minimum or not, of a loss with any number of parameters.

``exp(-nbeta L(w) - gamma/2 |w - w*|^2)``, sampled by HMC in the parameters themselves: no Hessian is needed. A point of
a training run is no minimum, so ``nbeta E[L(w) - L(w*)]`` has a part that is no learning coefficient, ``nbeta (L(w0) -
L(w*)) <= 0``, the *reference point*: w0 is the mode of the posterior, the point itself where that is a minimum. Where
L is quadratic, ``nbeta E[L(w) - L(w0)] = 1/2 sum t h/(t h + gamma)`` over the eigenvalues h of its Hessian, ``t =
nbeta``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from numerics.curvature.density import SpectralDensity
from numerics.curvature.lanczos import Krylov, lanczos
from numerics.curvature.spectrum import hessian_product
from numerics.losses.polynomial import Loss
from numerics.sampling.control_variates import controlled, virial_of
from numerics.sampling.steps import Posterior, rotating_hmc_step
from numerics.sampling.summary import Rung, rung_of

ACCEPTANCE, GAIN = 0.8, 0.5  # what the burn-in aims at, and by how much the logarithm of the step moves at first
JITTER = 0.3  # of the step size: trajectories of one length may resonate
LONGEST_STEP, LONGEST_TRAJECTORY = 1.0, math.pi / 2  # over the stiffest frequency; of the localisation's rotation
ERROR = 8.2  # the sum of (frequency × time)^4 over a Gaussian's directions at which leapfrogs are accepted with 0.8
LANCZOS = 30  # steps, for the first positions


@dataclass(frozen=True)
class Chains:
    """How long HMC runs; one draw takes ``leapfrogs`` gradients. At most ``mode_steps`` of L-BFGS find the mode."""

    chains: int
    burn_in: int
    draws: int
    leapfrogs: int
    mode_steps: int = 200


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






def sample_around(loss: Loss, point: Tensor, nbeta: float, gamma: float, chains: Chains, seed: int,
                  krylov: Krylov | None = None) -> Localised:
    """Sample around ``point`` (P,). Chains start at draws from the Gaussian that the posterior is near its mode.

    ``krylov``, from random vectors, one a chain or more, is of a Hessian to be used for that Gaussian instead of the
    one at the mode, which costs as many products as a chain has steps.
    """
    mode = _mode(loss, point, nbeta, gamma, chains.mode_steps)
    here = float(loss.value(point[None]))
    draws = _run(loss, point, mode, nbeta, gamma, chains, seed, krylov)
    rung = rung_of(nbeta, nbeta * (draws.controlled - here).numpy(force=True))
    reference = min(nbeta * (float(loss.value(mode[None])) - here), 0.0)
    return Localised(rung, gamma, reference, float(draws.square.mean().sqrt()),
                     float(draws.accepted.mean()))


def _mode(loss: Loss, point: Tensor, nbeta: float, gamma: float, steps: int) -> Tensor:
    """The point near ``point`` where the density is largest, by L-BFGS."""
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
def _run(loss: Loss, point: Tensor, mode: Tensor, nbeta: float, gamma: float, chains: Chains, seed: int,
         krylov: Krylov | None) -> _Draws:
    generator = torch.Generator(device=point.device).manual_seed(seed)

    def random(kind: str, *shape: int) -> Tensor:
        return getattr(torch, kind)(*shape, generator=generator, dtype=point.dtype, device=point.device)

    def root(h: Tensor) -> Tensor:
        return (nbeta * h.clamp(min=0) + gamma).rsqrt()

    noise = random("randn", chains.chains, len(point))
    with torch.inference_mode(False):  # derivatives of gradients
        product, noise = hessian_product(loss, mode), noise.clone()
        each = (lanczos(product, z[None], LANCZOS) for z in noise) if krylov is None else iter([krylov])
        spreads, times = zip(*((found.apply(root), _longest_time(found.density, nbeta)) for found in each), strict=True)
    temperature = torch.full((chains.chains,), nbeta, dtype=point.dtype, device=point.device)
    posterior = Posterior(loss, point, None, temperature, gamma)
    state = posterior.at(mode - point + torch.cat(spreads)[:chains.chains])
    longest = LONGEST_TRAJECTORY / (chains.leapfrogs * gamma**0.5)
    logs = [math.log(min(*times, longest))]
    drawn = []
    for index in range(chains.burn_in + chains.draws):
        adapting = index < chains.burn_in
        time = math.exp(logs[-1] if adapting else np.mean(logs[len(logs) // 2 :]))
        times = time * (1 + JITTER * (2 * random("rand", chains.chains) - 1))
        state, info = rotating_hmc_step(posterior, state, times, chains.leapfrogs, generator)
        if adapting:  # Robbins-Monro; then the mean of its second half
            gain = GAIN * (float(info.probability.mean()) - ACCEPTANCE) / (1 + index / 10) ** 0.6
            logs.append(min(logs[-1] + gain, math.log(longest)))
        else:
            drawn.append(torch.stack([state.loss, virial_of(posterior, state), state.z.square().sum(1),
                                      info.accepted.to(point.dtype)]))
    return _Draws(*torch.stack(drawn, 2))


def _longest_time(density: SpectralDensity, nbeta: float) -> float:
    """Between two kicks, such that a Gaussian with these curvatures accepts most of its trajectories.

    A leapfrog of frequency w and time t changes the energy by ``(w t)^4 / 64`` in the mean over its phase, and the sum
    m of these over all directions has variance 2m: it is accepted with probability ``2 Phi(-sqrt(m/2))``.
    """
    stiffest = nbeta * max(float(density.nodes.max()), 0.0)
    if stiffest == 0:
        return math.inf
    squares = density.trace_of(lambda h: (nbeta * h.clamp(min=0) / stiffest).square()).mean
    return min(LONGEST_STEP, (ERROR / max(squares, 1.0)) ** 0.25) / stiffest**0.5
