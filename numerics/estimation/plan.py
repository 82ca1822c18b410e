"""What will be sampled: temperatures and localisation, from the loss near the point."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from numerics.curvature.geometry import Geometry
from numerics.estimation.settings import Settings
from numerics.losses.polynomial import Loss

LOCALISATION_SHARE = 0.005  # bias from gamma in the softest direction, as a share of that direction's 1/2
TOTAL_LOCALISATION_SHARE = 0.02  # of rank/2, where nbeta is given
FLATNESS = 4.0  # gamma^2 in units of nbeta h_max / size^2, for each flat direction: chains stay where it is flat
SINGULAR_GAMMA = 30.0  # over the square of the largest parameter; 1 where all parameters are zero
AROUND = 512  # draws from exp(-gamma/2 |w - w*|^2), for the loss that is typical there
SPAN = {1: 1e6, 2: 1e8}  # from the first to the last rung, for m = 1 and m > 1, whose limit is approached as 1/log
SHORTEST_SPAN = 10.0  # a ladder that ends sooner, by the nbeta that was asked for, says nothing about the limit
SHORT_LADDER = 16.0  # span of a ladder that is no longer than that: its first rung still mixes
FIRST_RUNG = 10.0  # nbeta K at the median of exp(-gamma/2 |w - w*|^2): the loss has begun to matter
SPACING = 1.3  # log of the ratio of neighbours, times sqrt(lambda): they exchange one time in three or so
FEWEST_RUNGS, MOST_RUNGS = 7, 48  # for a fit and a test of it; what memory and time allow
FLAT_DIRECTIONS = 5  # that count as lambda = 1, a guess: each has at most the 1/4 of a quartic one
SMALLEST_REFERENCE = 1e-3  # nbeta times the loss that polishing left, or that rounding errors hide
TINY = 1e-300  # in place of a loss that is zero


@dataclass(frozen=True)
class SamplingPlan:
    """What will be sampled: ``nbeta`` (M,), increasing; ``limit`` says that the ladder is for extrapolation."""

    nbeta: Tensor
    gamma: float
    limit: bool


def plan_of(loss: Loss, here: Geometry, settings: Settings, multiplicity: int) -> SamplingPlan:
    """Temperatures and localisation, from the spectrum or from the size of the loss around the point."""
    if here.regular and here.spectrum.rank:
        return _regular_plan(here, settings, settings.nbeta)
    return _ladder_plan(loss, here, settings, settings.nbeta, SPAN[min(multiplicity, 2)])


def _regular_plan(here: Geometry, settings: Settings, nbeta: float | None) -> SamplingPlan:
    """One cold temperature, and a quarter of it to see what is left to the limit."""
    flat = max(len(here.point) - here.spectrum.rank, 1)
    stiffness = FLATNESS * flat * here.spectrum.largest / here.size**2
    given = nbeta is not None
    if nbeta is None:
        nbeta = stiffness / (LOCALISATION_SHARE * here.spectrum.smallest_nonzero) ** 2
        nbeta = min(nbeta, SMALLEST_REFERENCE / max(here.unresolved, TINY))
    gamma = settings.gamma or math.sqrt(nbeta * stiffness)
    if given and settings.gamma is None:
        gamma = min(gamma, _mild_gamma(here, nbeta))
    return SamplingPlan(here.eigenvalues.new_tensor([nbeta / 4, nbeta]), gamma, limit=False)


def _ladder_plan(loss: Loss, here: Geometry, settings: Settings, nbeta: float | None, span: float) -> SamplingPlan:
    """A geometric ladder from where the loss begins to matter, over the ``span`` if no last ``nbeta`` is given."""
    like, parameters = here.eigenvalues, len(here.point)
    largest = float(here.point.abs().max())
    gamma = settings.gamma or (SINGULAR_GAMMA / largest**2 if largest > 0 else 1.0)
    generator = torch.Generator(device=like.device).manual_seed(settings.seed)
    around = here.point + torch.randn(AROUND, parameters, generator=generator, dtype=like.dtype,
                                      device=like.device) / gamma**0.5
    typical = float((loss.value(around) - here.loss).abs().nanmedian())
    first = FIRST_RUNG / max(typical, TINY)
    last = nbeta or first * span
    if nbeta is None:
        last = min(last, SMALLEST_REFERENCE / max(here.unresolved, TINY))
    limit = last >= SHORTEST_SPAN * first
    first = min(first, last / SHORT_LADDER)
    guess = here.spectrum.rank / 2 + (parameters - here.spectrum.rank) / FLAT_DIRECTIONS
    rungs = round(math.log(last / first) * math.sqrt(max(guess, 0.5)) / SPACING) + 1
    rungs = min(max(rungs, FEWEST_RUNGS), MOST_RUNGS)
    return SamplingPlan(like.new_tensor(np.geomspace(first, last, rungs)), gamma, limit)


def _mild_gamma(here: Geometry, nbeta: float) -> float:
    """The gamma at which localisation takes its share of rank/2: the sum of gamma/(t h + gamma) is increasing."""
    stiff = nbeta * here.nonzero.numpy(force=True)
    low, high = 1e-12 * float(stiff.min()), float(stiff.max())
    for _ in range(100):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if (middle / (stiff + middle)).mean() < TOTAL_LOCALISATION_SHARE else (low, middle)
    return low
