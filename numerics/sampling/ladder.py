"""Runs of many chains: a ladder of inverse temperatures with replica exchange by HMC, or one temperature by SGLD.

At a singular point the posterior has many length scales and cold chains alone do not mix. So all inverse
temperatures of a geometric ladder are sampled side by side, and neighbours exchange their states; a ladder of one rung
is plain HMC. A column of the ladder, one chain per rung, is independent of the other columns.

Variance reduction. ``1 - z_i dU/dz_i`` has mean zero under ``exp(-U)``, for every coordinate. The combination of them
that explains most of ``nbeta K`` is fitted at the end of the burn-in and subtracted afterwards: the mean stays, most of
the variance goes (all of it where the posterior is Gaussian or K is homogeneous). Mira, Solgi, Imparato (2013).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from numerics.curvature.geometry import Geometry
from numerics.losses.polynomial import Loss
from numerics.sampling.steps import Posterior, State, exchange, hmc_step, sgld_step, stretch_step

LEAPFROGS = 8
STRETCHES = 8  # an iteration, where the point is singular
ACCEPTANCE = (0.9, 0.35)  # of the smaller and of the larger half of the random step sizes
SCALE_UPDATES = (1 / 6, 1 / 3, 0.6)  # shares of the burn-in after which scales are measured anew
MOST_CONTROLS = 200  # control variates; with more parameters they are summed in groups
RIDGE = 1e-8  # relative to the variance of the variates: coefficients that are not determined stay small
BLOCK = 500  # draws between two looks at the error
START = 0.5  # spread of the first positions, in units of the scale


@dataclass(frozen=True)
class Trace:
    """What a run leaves.

    ``values`` (M, C, draws): nbeta times the excess loss, controlled. ``scale`` (M, P): lengths in the coordinates of
    the geometry. ``acceptance`` (M,); ``exchanges`` (M - 1,); ``step_size``: the largest at the last rung.
    """

    values: Tensor
    scale: Tensor
    acceptance: Tensor
    exchanges: Tensor
    step_size: float


@torch.inference_mode()
def run_ladder(loss: Loss, geometry: Geometry, nbeta: Tensor, gamma: float, *, chains: int, burn_in: int, draws: int,
               step_size: float | None, seed: int, enough: Callable[[Tensor], bool], progress: bool) -> Trace:
    """HMC at all ``nbeta`` (M,), increasing, with replica exchange; at most ``draws``, fewer when there are ``enough``.

    Step sizes are random, log-uniform in an interval that the burn-in adapts for each rung, unless ``step_size`` fixes
    it. Chains start near the point, at half the width of the posterior.
    """
    rungs, parameters = len(nbeta), len(geometry.point)
    device, dtype = geometry.point.device, geometry.point.dtype
    generator = torch.Generator(device=device).manual_seed(seed)
    posterior = Posterior(loss, geometry.point, geometry.basis, nbeta.repeat_interleave(chains), gamma)
    scale = first_scale(geometry, nbeta, gamma)
    state = _start(posterior, scale, chains, generator)
    low, high = (torch.full((rungs,), math.log(step_size or x), dtype=dtype, device=device) for x in (0.2, 1.0))
    controls = _Controls(rungs, parameters, device, dtype)
    second_moment = torch.zeros_like(scale)
    since = 0
    updates = {int(share * burn_in) for share in SCALE_UPDATES}
    trace = torch.empty(draws, rungs * chains, dtype=dtype, device=device)
    acceptance, exchanges = torch.zeros_like(nbeta), torch.zeros(max(rungs - 1, 0), dtype=dtype, device=device)
    bar = tqdm(total=burn_in + draws, desc="burn-in", unit="step", disable=None if progress else True, leave=False)
    lengths = scale.repeat_interleave(chains, 0)
    for index in range(burn_in + draws):
        drawn = index - burn_in  # negative in the burn-in
        uniform = torch.rand(rungs, chains, generator=generator, dtype=dtype, device=device)
        step = (low[:, None] + (high - low)[:, None] * uniform).exp()
        state, info = hmc_step(posterior, state, step.flatten(), lengths, LEAPFROGS, generator)
        accepted = info.accepted.reshape(rungs, chains).to(dtype)
        if drawn < 0:
            if step_size is None:
                low, high = _adapted(low, high, accepted, uniform, index)
            second_moment, since = second_moment + state.z.square().reshape(rungs, chains, -1).mean(1), since + 1
            if index + 1 in updates:
                scale = (second_moment / since).sqrt().clamp(min=1e-6 * scale)
                lengths = scale.repeat_interleave(chains, 0)
                second_moment, since = torch.zeros_like(scale), 0
        else:
            acceptance += accepted.mean(1)
        for _ in range(0 if geometry.regular else STRETCHES):
            state, _ = stretch_step(posterior, state, loss.shapes, generator)
        for first in (0, 1) if rungs > 1 else ():
            state, swapped = exchange(posterior, state, rungs, first, generator)
            if drawn >= 0:
                exchanges[first::2] += swapped.accepted.to(dtype).mean(1)
        bar.update()
        if index < max(updates):  # the scales still change
            continue
        tempered = posterior.nbeta * (state.loss - geometry.loss)
        features = controls.features(1 - state.z * posterior.force(state))
        if drawn < 0:
            controls.observe(features, tempered)
            if drawn == -1:
                controls.fit()
                bar.set_description("sampling")
        else:
            trace[drawn] = controls.controlled(features, tempered)
            if (drawn + 1) % BLOCK == 0 and enough(_by_rung(trace[: drawn + 1], rungs)):
                break
    bar.close()
    kept = drawn + 1
    return Trace(_by_rung(trace[:kept], rungs), scale, acceptance / kept, exchanges / kept,
                 float(high[-1].exp()))


@torch.inference_mode()
def run_sgld(loss: Loss, geometry: Geometry, nbeta: float, gamma: float, scale: Tensor, *, chains: int, burn_in: int,
             draws: int, step_size: float, batch: int | None, seed: int, progress: bool) -> Tensor:
    """SGLD at one temperature with lengths ``scale`` (P,): nbeta times the excess loss, (C, draws).

    Numbers may come back infinite or NaN where the step size was too large: the caller decides.
    """
    device, dtype = geometry.point.device, geometry.point.dtype
    generator = torch.Generator(device=device).manual_seed(seed)
    temperature = torch.full((chains,), nbeta, dtype=dtype, device=device)
    posterior = Posterior(loss, geometry.point, geometry.basis, temperature, gamma)
    state = _start(posterior, scale[None], chains, generator)
    step, lengths = torch.full_like(temperature, step_size), scale.expand(chains, -1)
    trace = torch.empty(draws, chains, dtype=dtype, device=device)
    for index in tqdm(range(burn_in + draws), "SGLD", unit="step", disable=None if progress else True, leave=False):
        state, _ = sgld_step(posterior, state, step, lengths, batch, generator)
        if index >= burn_in:
            loss_here = state.loss if batch is None else loss.value(posterior.parameters(state.z))
            trace[index - burn_in] = nbeta * (loss_here - geometry.loss)
    return trace.T.contiguous()


def first_scale(geometry: Geometry, nbeta: Tensor, gamma: float) -> Tensor:
    """(M, P): the width of the Gaussian in each direction; where the loss may be quartic, of the quartic."""
    stiffness = nbeta[:, None] * geometry.eigenvalues + gamma
    if not geometry.regular:
        quartic = (nbeta * max(geometry.spectrum.largest, 1.0)).sqrt() / geometry.size
        stiffness = stiffness + quartic[:, None]
    return stiffness.rsqrt()


def _start(posterior: Posterior, scale: Tensor, chains: int, generator: torch.Generator) -> State:
    shape = (len(scale) * chains, scale.shape[1])
    noise = torch.randn(shape, generator=generator, dtype=scale.dtype, device=scale.device)
    return posterior.at(START * noise * scale.repeat_interleave(chains, 0))


def _adapted(low: Tensor, high: Tensor, accepted: Tensor, uniform: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Robbins-Monro on the logarithms of the ends of the interval of step sizes."""
    rate = 0.3 / (1 + step / 100) ** 0.5
    upper = (uniform >= 0.5).to(accepted.dtype)
    ends = []
    for end, half, target in ((low, 1 - upper, ACCEPTANCE[0]), (high, upper, ACCEPTANCE[1])):
        seen = half.sum(1).clamp(min=1)
        ends.append(end + rate * ((accepted * half).sum(1) / seen - target) * (half.sum(1) > 0))
    return ends[0], torch.maximum(ends[1], ends[0] + 0.1)


def _by_rung(trace: Tensor, rungs: int) -> Tensor:
    """(draws, M·C) -> (M, C, draws)."""
    return trace.T.reshape(rungs, -1, len(trace))


class _Controls:
    """The regression of ``nbeta K`` on the control variates, one for each rung."""

    def __init__(self, rungs: int, parameters: int, device: torch.device, dtype: torch.dtype) -> None:
        groups = min(parameters, MOST_CONTROLS)
        self._rungs = rungs
        member = torch.arange(parameters, device=device) * groups // parameters
        self._sum = torch.nn.functional.one_hot(member, groups).to(dtype)
        self._moments = torch.zeros(rungs, groups + 2, groups + 2, dtype=dtype, device=device)
        self._coefficients = torch.zeros(rungs, groups, dtype=dtype, device=device)

    def features(self, variates: Tensor) -> Tensor:
        """(M·C, P) -> (M, C, groups)."""
        return (variates @ self._sum).reshape(self._rungs, -1, self._sum.shape[1])

    def observe(self, features: Tensor, tempered: Tensor) -> None:
        """Add up the moments of constant, features and ``nbeta K``."""
        rows = torch.cat([torch.ones_like(features[..., :1]), features,
                          tempered.reshape(self._rungs, -1, 1)], 2)
        self._moments += rows.mT @ rows

    def fit(self) -> None:
        """Least squares, ridged a little."""
        count = self._moments[:, 0, 0]
        mean = self._moments[:, 0] / count[:, None]
        covariance = self._moments / count[:, None, None] - mean[:, :, None] * mean[:, None, :]
        matrix, right = covariance[:, 1:-1, 1:-1], covariance[:, 1:-1, -1]
        ridge = RIDGE * matrix.diagonal(dim1=1, dim2=2).mean(1)[:, None, None] * torch.eye(matrix.shape[1]).to(matrix)
        solution = torch.linalg.solve_ex(matrix + ridge, right).result
        self._coefficients = torch.where(solution.isfinite(), solution, torch.zeros_like(solution))

    def controlled(self, features: Tensor, tempered: Tensor) -> Tensor:
        """(M·C,): ``nbeta K`` less the combination of control variates."""
        return tempered - (features @ self._coefficients[:, :, None]).flatten()
