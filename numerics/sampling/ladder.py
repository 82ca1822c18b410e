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
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from numerics.curvature.geometry import Geometry
from numerics.losses.polynomial import Loss
from numerics.progress import Progress
from numerics.sampling.schedule import SHORTER, Schedule
from numerics.sampling.steps import Posterior, State, exchange, hmc_step, sgld_step, stretch_steps

LEAPFROGS = 8  # in one proposal: what a draw costs in gradients
STRETCHES = 8  # an iteration, where the point is singular: valleys are longer than leapfrogs reach
FIRST_STEPS = (0.2, 1.0)  # ends of the interval of step sizes before anything is adapted
ACCEPTANCE = (0.9, 0.35)  # aimed at in the smaller and in the larger half of the random step sizes
NARROWEST = 0.1  # log of the ratio of the ends of that interval, at least: its halves must differ
ADAPTATION, SETTLING = 0.3, 100  # first move of the logarithms; steps after which moves fall as 1/sqrt
SCALE_UPDATES = (1 / 6, 1 / 3, 0.6)  # shares of the burn-in after which scales are measured anew
SMALLEST_SCALE = 1e-6  # relative to the one before: a direction in which no chain has moved keeps a length
MOST_CONTROLS = 200  # control variates; with more parameters they are summed in groups: their moments stay small
RIDGE = 1e-8  # relative to the variance of the variates: coefficients that are not determined stay small
FIRST_LOOK = 250  # draws, before the first look at the error; each later one after twice as many
START = 0.5  # spread of the first positions, in units of the scale


@dataclass(frozen=True)
class Target:
    """The posteriors that are sampled: of ``loss``, around the point of its ``geometry``, at ``nbeta`` (M,)."""

    loss: Loss
    geometry: Geometry
    nbeta: Tensor
    gamma: float

    def rung(self, index: int) -> Target:
        """The posterior at one of the temperatures."""
        return replace(self, nbeta=self.nbeta[index : index + 1])

    def posterior(self, chains: int) -> Posterior:
        """For ``chains`` at each temperature, ordered by temperature."""
        here = self.geometry
        return Posterior(self.loss, here.point, here.basis, self.nbeta.repeat_interleave(chains), self.gamma)

    def tempered(self, nbeta: Tensor, loss: Tensor) -> Tensor:
        """``nbeta`` times the excess of the ``loss`` over that at the point."""
        return nbeta * (loss - self.geometry.loss)

    @property
    def first_scale(self) -> Tensor:
        """(M, P): the width of the Gaussian in each direction; where the loss may be quartic, of the quartic."""
        here, nbeta = self.geometry, self.nbeta
        stiffness = nbeta[:, None] * here.eigenvalues + self.gamma
        if not here.regular:
            quartic = (nbeta * max(here.spectrum.largest, 1.0)).sqrt() / here.size
            stiffness = stiffness + quartic[:, None]
        return stiffness.rsqrt()


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
def run_ladder(target: Target, schedule: Schedule, *, step_size: float | None, enough: Callable[[Tensor], bool],
               progress: bool) -> Trace:
    """HMC at all temperatures, increasing nbeta, with replica exchange; draws end early when there are ``enough``.

    Step sizes are random, log-uniform in an interval that the burn-in adapts for each rung, unless ``step_size`` fixes
    it. Chains start near the point, at half the width of the posterior.
    """
    rungs, chains, burn_in = len(target.nbeta), schedule.chains, schedule.burn_in
    like = target.geometry.point
    generator = torch.Generator(device=like.device).manual_seed(schedule.seed)
    posterior, tuning, controls = target.posterior(chains), _Tuning(target, schedule, step_size), _Controls(rungs, like)
    state = _start(posterior, tuning.scale, chains, generator)
    trace = like.new_empty(schedule.draws, rungs * chains)
    acceptance, exchanges, look = torch.zeros_like(target.nbeta), like.new_zeros(max(rungs - 1, 0)), FIRST_LOOK
    with Progress(f"burn-in, {rungs} temperatures x {chains} chains", schedule.steps, shown=progress,
                  remedy=SHORTER) as bar:
        for index in range(schedule.steps):
            drawn = index - burn_in  # negative in the burn-in
            uniform = torch.rand(rungs, chains, generator=generator, dtype=like.dtype, device=like.device)
            state, info = hmc_step(posterior, state, tuning.step(uniform), tuning.lengths, LEAPFROGS, generator)
            accepted = info.accepted.reshape(rungs, chains).to(like.dtype)
            if drawn < 0:
                tuning.learn(index, accepted, uniform, state)
            state, swapped = _mix(target, posterior, state, generator)
            bar.advance()
            if index < tuning.last_update:  # the scales still change
                continue
            tempered = target.tempered(posterior.nbeta, state.loss)
            features = controls.features(1 - state.z * posterior.force(state))
            if drawn < 0:
                controls.observe(features, tempered)
                if drawn == -1:
                    controls.fit()
                    bar.stage("sampling, until draws are enough")
                continue
            acceptance, exchanges = acceptance + accepted.mean(1), exchanges + swapped
            trace[drawn] = controls.controlled(features, tempered)
            if drawn + 1 == look:
                look *= 2
                if enough(_by_rung(trace[: drawn + 1], rungs)):
                    break
    kept = drawn + 1
    return Trace(_by_rung(trace[:kept], rungs), tuning.scale, acceptance / kept, exchanges / kept, tuning.largest_step)


@torch.inference_mode()
def run_sgld(target: Target, scale: Tensor, schedule: Schedule, *, step_size: float, batch: int | None,
             progress: bool) -> Tensor:
    """SGLD at one temperature with lengths ``scale`` (P,): nbeta times the excess loss, (C, draws).

    Numbers may come back infinite or NaN where the step size was too large: the caller decides.
    """
    generator = torch.Generator(device=scale.device).manual_seed(schedule.seed)
    posterior = target.posterior(schedule.chains)
    state = _start(posterior, scale[None], schedule.chains, generator)
    step, lengths = torch.full_like(posterior.nbeta, step_size), scale.expand(schedule.chains, -1)
    trace = scale.new_empty(schedule.draws, schedule.chains)
    with Progress("SGLD", schedule.steps, shown=progress, remedy=SHORTER) as bar:
        for index in range(schedule.steps):
            state, _ = sgld_step(posterior, state, step, lengths, batch, generator)
            if index >= schedule.burn_in:
                loss = state.loss if batch is None else target.loss.value(posterior.parameters(state.z))
                trace[index - schedule.burn_in] = target.tempered(posterior.nbeta, loss)
            bar.advance()
    return trace.T.contiguous()


def _start(posterior: Posterior, scale: Tensor, chains: int, generator: torch.Generator) -> State:
    shape = (len(scale) * chains, scale.shape[1])
    noise = torch.randn(shape, generator=generator, dtype=scale.dtype, device=scale.device)
    return posterior.at(START * noise * scale.repeat_interleave(chains, 0))


def _mix(target: Target, posterior: Posterior, state: State, generator: torch.Generator) -> tuple[State, Tensor]:
    """The state after stretches, at singular points, and exchanges; how many of each pair (M - 1,) exchanged."""
    if not target.geometry.regular:
        state, _ = stretch_steps(posterior, state, target.loss.shapes, STRETCHES, generator)
    rungs = len(target.nbeta)
    swapped = state.loss.new_zeros(max(rungs - 1, 0))
    for first in (0, 1) if rungs > 1 else ():
        state, info = exchange(posterior, state, rungs, first, generator)
        swapped[first::2] = info.accepted.to(swapped.dtype).mean(1)
    return state, swapped


class _Tuning:
    """Of each rung the interval of step sizes and the ``scale`` (M, P), as far as the burn-in has learned them.

    ``lengths`` (M·C, P): the scale of each chain.
    """

    scale: Tensor
    lengths: Tensor
    _second_moment: Tensor
    _since: int

    def __init__(self, target: Target, schedule: Schedule, step_size: float | None) -> None:
        self._adapts = step_size is None
        self._low, self._high = (torch.full_like(target.nbeta, math.log(step_size or end)) for end in FIRST_STEPS)
        self._updates = {int(share * schedule.burn_in) for share in SCALE_UPDATES}
        self._chains = schedule.chains
        self._rescale(target.first_scale)

    @property
    def last_update(self) -> int:
        """The number of steps after which scales do not change any more."""
        return max(self._updates)

    @property
    def largest_step(self) -> float:
        """At the last rung."""
        return float(self._high[-1].exp())

    def step(self, uniform: Tensor) -> Tensor:
        """(M·C,): log-uniform step sizes from ``uniform`` (M, C)."""
        return (self._low[:, None] + (self._high - self._low)[:, None] * uniform).exp().flatten()

    def learn(self, index: int, accepted: Tensor, uniform: Tensor, state: State) -> None:
        """From the step with this ``index``: which chains moved (M, C), and where all are."""
        if self._adapts:
            self._low, self._high = _adapt(self._low, self._high, accepted, uniform, index)
        square = state.z.square().reshape(len(self.scale), self._chains, -1).mean(1)
        self._second_moment, self._since = self._second_moment + square, self._since + 1
        if index + 1 in self._updates:
            self._rescale((self._second_moment / self._since).sqrt().clamp(min=SMALLEST_SCALE * self.scale))

    def _rescale(self, scale: Tensor) -> None:
        self.scale, self.lengths = scale, scale.repeat_interleave(self._chains, 0)
        self._second_moment, self._since = torch.zeros_like(scale), 0


def _adapt(low: Tensor, high: Tensor, accepted: Tensor, uniform: Tensor, index: int) -> tuple[Tensor, Tensor]:
    """Robbins-Monro on the logarithms of the ends of the interval of step sizes."""
    rate = ADAPTATION / (1 + index / SETTLING) ** 0.5
    upper = (uniform >= 0.5).to(accepted.dtype)
    ends = []
    for end, half, aim in ((low, 1 - upper, ACCEPTANCE[0]), (high, upper, ACCEPTANCE[1])):
        seen = half.sum(1).clamp(min=1)
        ends.append(end + rate * ((accepted * half).sum(1) / seen - aim) * (half.sum(1) > 0))
    return ends[0], torch.maximum(ends[1], ends[0] + NARROWEST)


def _by_rung(trace: Tensor, rungs: int) -> Tensor:
    """(draws, M·C) -> (M, C, draws)."""
    return trace.T.reshape(rungs, -1, len(trace))


class _Controls:
    """The regression of ``nbeta K`` on the control variates, one for each rung."""

    def __init__(self, rungs: int, point: Tensor) -> None:
        groups = min(len(point), MOST_CONTROLS)
        self._rungs = rungs
        member = torch.arange(len(point), device=point.device) * groups // len(point)
        self._sum = torch.nn.functional.one_hot(member, groups).to(point.dtype)
        self._moments = point.new_zeros(rungs, groups + 2, groups + 2)
        self._coefficients = point.new_zeros(rungs, groups)

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
