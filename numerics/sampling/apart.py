"""Chains of HMC around any weights, started apart, that go on as their centre moves: no Hessian, any module.

Memory is that of some vectors of parameters for each chain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from numerics.progress import Progress
from numerics.sampling.control_variates import affine, controlled, virial_of
from numerics.sampling.steps import Posterior, rotating_hmc_step

FIRST_TIME = 0.1  # between kicks, in units of the width of the posterior without a loss, before anything is adapted
TRAJECTORY = math.pi / 2  # in that unit: a quarter of the localisation's rotation, after which it leads back
FEWEST_KICKS, MOST_KICKS = 4, 24  # of a trajectory; where more would be needed, draws are less independent
KICKS_BEFORE = 12  # at most, of the burn-in, whose draws need not be independent
ACCEPTANCE = 0.8  # what the burn-in aims at
GAIN, SETTLING = 1.0, 10  # first move of the logarithm of the time; moves then fall as 1 / (1 + steps / 10)
LATER_GAIN = 0.1  # of chains that go on: few trajectories must not undo what earlier ones learned
STUCK, SHORTER = 8, 0.5  # proposals that a chain refuses one after the other, by chance one in 10^5; the time then
TELLING = 30  # draws: of many chains one may well refuse fewer, where the loss is steeper
JITTER = 0.3  # of the time: trajectories of one length may resonate
FIRST_DESCENT, DESCENTS, FASTER, SLOWER = 0.25, 60, 2.0, 4.0  # steps of a start that is too hot; over its offset
HOTTEST = 2.0  # nbeta times the excess loss of a start, over P: of a Gaussian posterior it is 1/2
LARGEST_KEPT = 2**22  # numbers in the places of draws, and as many in the forces there: 32 megabytes each
FARTHEST = 10.0  # of a chain from its centre, over sqrt(P/gamma): where it samples, the loss only holds it nearer


class RanAway(ArithmeticError):
    """Chains sample no posterior around the weights; the message says how that is known."""


@dataclass(frozen=True)
class Walk:
    """Draws (chains, draws): the loss, the virial (of mean zero), ``|w - w*|^2``; the share of accepted proposals.

    ``observed`` (chains, draws, ...): what was asked for besides. ``places`` and ``forces`` (chains, draws, P), where
    they are not too large to be kept, are what `affine` takes.
    """

    loss: Tensor
    virial: Tensor
    square: Tensor
    acceptance: float
    observed: Tensor | None = None
    places: Tensor | None = None
    forces: Tensor | None = None

    @property
    def controlled(self) -> Tensor:
        """The loss less what the control variates explain of it."""
        if self.places is None or self.forces is None:
            return controlled(self.loss, self.virial)
        return controlled(self.loss, self.virial, affine(self.places, self.forces))

    def and_then(self, later: Walk) -> Walk:
        """Both, one after the other."""
        share = self.loss.shape[1] / (self.loss.shape[1] + later.loss.shape[1])
        return Walk(torch.cat([self.loss, later.loss], 1), torch.cat([self.virial, later.virial], 1),
                    torch.cat([self.square, later.square], 1),
                    share * self.acceptance + (1 - share) * later.acceptance, _both(self.observed, later.observed),
                    _both(self.places, later.places), _both(self.forces, later.forces))


def _both(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    return None if one is None or other is None else torch.cat([one, other], 1)


class Walkers:
    """Chains of HMC at offsets (C, P) from a centre, with one time between kicks that burn-in adapts.

    Every second chain starts at the centre, the others at draws from ``exp(-gamma/2 |w - w*|^2)``; from where the loss
    is far above what chains come across, and may be so steep that none of their steps would be accepted, they descend
    first. Where they have come together, neither start matters any more.
    """

    def __init__(self, posterior: Posterior, seed: int) -> None:
        """Start the chains, as many as ``posterior.nbeta`` has entries."""
        centre, chains = posterior.centre, len(posterior.nbeta)
        self._random = torch.Generator(device=centre.device).manual_seed(seed)
        width = posterior.gamma**-0.5
        offset = width * torch.randn(chains, len(centre), generator=self._random, dtype=centre.dtype,
                                     device=centre.device)
        offset[::2] = 0
        self._offset = _cooled(posterior, offset)
        self._time, self._longest = FIRST_TIME * width, TRAJECTORY * width / FEWEST_KICKS
        self._trajectory, self._adapted = TRAJECTORY * width, 0

    @torch.no_grad()
    def burn_in(self, posterior: Posterior, steps: int, progress: Progress | None = None) -> None:
        """Go on without keeping anything, and adapt the time between kicks: to all chains, and to one that is stuck."""
        state, logs = posterior.at(self._offset), [math.log(self._time)]
        refused = torch.zeros_like(posterior.nbeta)
        for _ in range(steps):
            state, info = rotating_hmc_step(posterior, state, self._times(state.z), min(self._kicks, KICKS_BEFORE),
                                            self._random)
            refused = (refused + 1) * ~info.accepted
            gain = max(GAIN / (1 + self._adapted / SETTLING), LATER_GAIN)
            self._adapted += 1
            logs.append(min(logs[-1] + gain * (float(info.probability.mean()) - ACCEPTANCE), math.log(self._longest)))
            if bool((refused >= STUCK).any()):
                logs[-1], refused = logs[-1] + math.log(SHORTER), torch.zeros_like(refused)
            self._time = math.exp(logs[-1])
            if progress is not None:
                progress.advance()
        self._time = math.exp(np.mean(logs[len(logs) // 2 :]))
        self._offset = state.z

    @torch.no_grad()
    def draw(self, posterior: Posterior, draws: int, observe: Callable[[Tensor], Tensor] | None = None,
             progress: Progress | None = None) -> Walk:
        """Draws of all chains, with what ``observe`` makes of their parameters (C, P). Raises `RanAway`.

        Also where a chain did not move at all in `TELLING` draws.
        """
        state, drawn, moved = posterior.at(self._offset), [], torch.zeros_like(posterior.nbeta)
        observed, places, forces = [], [], []
        keeps, unit = self._offset.numel() * draws <= LARGEST_KEPT, posterior.gamma**0.5
        for _ in range(draws):
            state, info = rotating_hmc_step(posterior, state, self._times(state.z), self._kicks, self._random)
            drawn.append(torch.stack([state.loss.double(), virial_of(posterior, state).double(),
                                      state.z.square().sum(1, dtype=torch.float64)]))
            moved += info.accepted
            if keeps:
                places.append(unit * state.z.double())
                forces.append(posterior.force(state).double() / unit)
            if observe is not None:
                observed.append(observe(posterior.parameters(state.z)))
            if progress is not None:
                progress.advance()
        self._offset = state.z
        loss, virial, square = torch.stack(drawn, 2)
        self._check(posterior, loss, square, moved)
        return Walk(loss, virial, square, float(moved.mean()) / draws,
                    *(torch.stack(kept, 1) if kept else None for kept in (observed, places, forces)))

    @property
    def _kicks(self) -> int:
        needed: int = round(self._trajectory / self._time)
        return min(max(needed, FEWEST_KICKS), MOST_KICKS)

    def _times(self, like: Tensor) -> Tensor:
        uniform = torch.rand(len(like), generator=self._random, dtype=like.dtype, device=like.device)
        times: Tensor = self._time * (1 + JITTER * (2 * uniform - 1))
        return times

    def _check(self, posterior: Posterior, loss: Tensor, square: Tensor, moved: Tensor) -> None:
        far = float((square[:, -1].max() * posterior.gamma / self._offset.shape[1]).sqrt())
        if not bool(torch.isfinite(loss).all()) or not far < FARTHEST:
            raise RanAway(f"a chain ran away, {far:.2g} times as far as gamma = {posterior.gamma:g} allows without a "
                          "loss; try a larger gamma, or a smaller nbeta")
        if loss.shape[1] >= TELLING and not bool(moved.all()):
            raise RanAway("a chain did not move: the loss is too steep there; try a smaller nbeta, or a larger gamma")


@torch.no_grad()
def _cooled(posterior: Posterior, offset: Tensor) -> Tensor:
    """Offsets (C, P), the first of them zero: those that are too hot descend the loss, halfway where it is no number.

    Along the slope, so that they stay apart in the directions in which the loss is flat.
    """
    length = FIRST_DESCENT * offset.norm(dim=1)
    for _ in range(DESCENTS):
        loss, slope = posterior.loss.value_and_gradient(posterior.parameters(offset))
        hot = ~(posterior.nbeta * (loss - loss[0]) <= HOTTEST * offset.shape[1])
        if not bool(hot.any()):
            break
        infinite = ~(torch.isfinite(loss) & torch.isfinite(slope).all(1))
        step = (length / slope.norm(dim=1).clamp(min=torch.finfo(slope.dtype).tiny))[:, None] * slope
        lower = torch.where(infinite[:, None], offset / 2, offset - step)
        falls = infinite | (posterior.loss.value(posterior.parameters(lower)) < loss)
        offset = torch.where((hot & falls)[:, None], lower, offset)
        length = torch.where(falls, FASTER * length, length / SLOWER)
    return offset
