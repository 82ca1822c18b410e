"""What will be sampled: temperatures and localisation, from the loss near the point."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from numerics.curvature.geometry import Geometry
from numerics.estimation.settings import Settings, default_nbeta
from numerics.losses.polynomial import Loss

LOCALISATION_SHARE = 0.005  # bias from gamma in the softest direction, as a share of that direction's 1/2

TOTAL_LOCALISATION_SHARE = 0.02  # of rank/2, where nbeta is given

FLATNESS = 4.0  # gamma^2 in units of nbeta h_max / size^2, for each flat direction

SINGULAR_GAMMA = 30.0  # over the square of the largest parameter; 1 where all parameters are zero

SPAN = {1: 1e6, 2: 1e8}  # from the first to the last rung, for m = 1 and m > 1

SHORTEST_SPAN = 10.0  # a ladder that ends sooner, by the nbeta that was asked for, says nothing about the limit

FIRST_RUNG = 10.0  # nbeta K at the median of exp(-gamma/2 |w - w*|^2)

SPACING, FEWEST_RUNGS, MOST_RUNGS = 1.3, 7, 48  # log of the ratio of neighbours, times sqrt(lambda)

SMALLEST_REFERENCE = 1e-3  # nbeta times the loss that polishing left


@dataclass(frozen=True)
class SamplingPlan:
    """What will be sampled: ``nbeta`` (M,), increasing; ``limit`` says that the ladder is for extrapolation."""

    nbeta: Tensor
    gamma: float
    limit: bool


def plan_of(loss: Loss, found: Geometry, settings: Settings, multiplicity: int) -> SamplingPlan:
    """Temperatures and localisation, from the spectrum or from the size of the loss around the point."""
    free = loss.samples is None or found.fits
    nbeta = settings.nbeta
    if nbeta is None and not free:
        nbeta = default_nbeta(loss.samples)
    flat = max(len(found.point) - found.spectrum.rank, 1)
    stiffness = FLATNESS * flat * found.spectrum.largest / found.size**2
    like = found.eigenvalues
    if found.regular:
        given = nbeta is not None
        if nbeta is None:
            nbeta = stiffness / (LOCALISATION_SHARE * found.spectrum.smallest_nonzero) ** 2
            nbeta = min(nbeta, SMALLEST_REFERENCE / max(found.loss, 1e-300))
        gamma = settings.gamma or math.sqrt(nbeta * stiffness)
        if given and settings.gamma is None:
            gamma = min(gamma, _mild_gamma(found, nbeta))
        return SamplingPlan(like.new_tensor([nbeta / 4, nbeta]), gamma, limit=False)
    largest = float(found.point.abs().max())
    gamma = settings.gamma or (SINGULAR_GAMMA / largest**2 if largest > 0 else 1.0)
    generator = torch.Generator(device=like.device).manual_seed(settings.seed)
    around = found.point + torch.randn(512, len(found.point), generator=generator, dtype=like.dtype,
                                       device=like.device) / gamma**0.5
    typical = float((loss.value(around) - found.loss).abs().nanmedian())
    first = FIRST_RUNG / max(typical, 1e-300)
    last = nbeta or first * SPAN[min(multiplicity, 2)]
    if free and nbeta is None and found.loss > 0:
        last = min(last, SMALLEST_REFERENCE / found.loss)
    limit = free and last >= SHORTEST_SPAN * first
    first = min(first, last / 16)
    guess = found.spectrum.rank / 2 + (len(found.point) - found.spectrum.rank) / 5
    rungs = round(math.log(last / first) * math.sqrt(max(guess, 0.5)) / SPACING) + 1
    rungs = min(max(rungs, FEWEST_RUNGS), MOST_RUNGS)
    return SamplingPlan(like.new_tensor(np.geomspace(first, last, rungs)), gamma, limit)


def _mild_gamma(found: Geometry, nbeta: float) -> float:
    """The gamma at which localisation takes its share of rank/2: the sum of gamma/(t h + gamma) is increasing."""
    stiff = nbeta * found.nonzero.numpy(force=True)
    low, high = 1e-12 * stiff.min(), stiff.max()
    for _ in range(100):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if (middle / (stiff + middle)).mean() < TOTAL_LOCALISATION_SHARE else (low, middle)
    return low
