"""The basin next to a network along its training: the minimiser, its rank, and its free energy in a window.

The window is the prior ``N(w*, I/gamma)`` around the minimiser w* that polishing ends at
(`numerics.estimation.free_energy`), of one width along a run: a tenth of the root mean square of its last weights. F is
taken at many n, at singular minimisers as at regular ones. Nothing is sampled where polishing goes far: there is
no basin next to such a network.

Where the Hessian is too large to be dense no rank is told. Polishing is by Gauss-Newton steps, then L-BFGS, and what is
left of the loss must be less than a nat at the largest n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from numerics.curvature.eigenvalues import allows_dense
from numerics.curvature.polish import polish_large
from numerics.curvature.threshold import value_there
from numerics.diagnosis.basin import FARTHEST, polish_weights
from numerics.diagnosis.compare import WIDTH
from numerics.estimation.free_energy import FreeEnergyCurve, free_energy_curve, free_energy_curve_around
from numerics.losses.architectures import Quadratic
from numerics.losses.polynomial import Dataset, Twin
from numerics.losses.two_hot import split
from numerics.sampling.localised import Chains, mode_near
from numerics.sampling.schedule import Schedule
from numerics.sampling.summary import EstimateError
from numerics.studies.tracking.measures import two_hot_loss
from numerics.studies.tracking.plan import Setting
from numerics.studies.tracking.training import Course
from slt_symbolic.networks.data import TwoHotPairs

LARGEST_N = 1e6
CHAINS = Schedule(chains=8, burn_in=100, draws=150)
DEAD = 1e-3  # of the largest unit: a product of norms of inner and outer weights
DIGITS = 6
SEEDS_APART = 100  # more than there are temperatures


@dataclass(frozen=True)
class Window:
    """What all basins of a run are seen through: ``gamma``, and the chains."""

    gamma: float
    chains: Schedule = CHAINS
    largest_n: float = LARGEST_N


AROUND = Chains(3, 30, 40, leapfrogs=12, mode_steps=1)  # where the Hessian is not dense
DESCENT_STEPS = 300  # of L-BFGS


def loss_of(setting: Setting, course: Course) -> Twin:
    """The loss that the run was trained on, in float64, with a dense Hessian."""
    pairs = tuple((int(a), int(b)) for a, b in course.pairs)
    inputs = torch.from_numpy(TwoHotPairs(setting.p, pairs).matrix()).to(torch.float64)
    targets = one_hot(course.labels, setting.p).to(torch.float64)
    return Twin(Quadratic(2 * setting.p, setting.p, setting.width), Dataset(inputs, targets, centred=True))


def weights_of(setting: Setting, course: Course, index: int) -> Tensor:
    """(P,): its weights there, in the order of `loss_of`."""
    return _by_layers(setting, course.weights[index].double())


def _by_layers(setting: Setting, weights: Tensor) -> Tensor:
    inner, outer = split(weights.view(1, 3 * setting.p, setting.width))
    return torch.cat([inner.flatten(), outer.flatten()])


def window_of(setting: Setting, course: Course, last: int) -> Window:
    """The window of a run whose last network is there."""
    return Window(1 / (WIDTH**2 * float(weights_of(setting, course, last).square().mean())))


def basin_data(setting: Setting, course: Course, index: int, window: Window) -> dict[str, Any]:
    """The basin next to the network at ``index`` of its course, as plain data."""
    measured = _dense if allows_dense(3 * setting.p * setting.width) else _large
    return {"epoch": float(course.epochs[index]),
            **{name: rounded(float(course.metrics[name][index])) for name in
               ("train_accuracy", "validation_accuracy", "validation_loss", "train_loss")},
            **measured(setting, course, index, window)}


def _dense(setting: Setting, course: Course, index: int, window: Window) -> dict[str, Any]:
    loss, point = loss_of(setting, course), weights_of(setting, course, index)
    found = polish_weights(loss, point, f"{setting.name}, seed {course.seed}")
    known = value_there(found.geometry) if found.fits else None
    return {"moved": rounded(found.moved), "fits": found.fits,
            "half_rank": known and str(known.lower), "exact": known is not None and known.lambda_ is not None,
            "active": active_units(setting, found.geometry.point),
            "square": rounded(float(found.geometry.point.square().sum())),
            "curve": sampled(free_energy_curve, loss, found.geometry, window.largest_n, window.gamma, window.chains)
            if found.fits else None}


def _large(setting: Setting, course: Course, index: int, window: Window) -> dict[str, Any]:
    loss, single = (two_hot_loss(setting, course, dtype) for dtype in (torch.float64, torch.float32))
    start = course.weights[index].double()
    point = mode_near(loss, polish_large(loss, start), nbeta=1.0, gamma=0.0, steps=DESCENT_STEPS)
    moved, left = float((point - start).norm() / start.norm()), float(loss.value(point[None]))
    fits = moved <= FARTHEST and left * window.largest_n < 1
    chains = replace(AROUND, seed=AROUND.seed + SEEDS_APART * window.chains.seed)
    return {"moved": rounded(moved), "fits": fits, "half_rank": None, "exact": False,
            "active": active_units(setting, _by_layers(setting, point)), "square": rounded(float(point.square().sum())),
            "curve": sampled(free_energy_curve_around, single, point.float(), window.largest_n, window.gamma, chains)
            if fits else None}


def sampled(curve_of: Callable[..., FreeEnergyCurve], *arguments: object) -> dict[str, Any] | str:
    """F at many n, or in a line why not."""
    try:
        curve = curve_of(*arguments)
    except EstimateError as error:
        return str(error)
    return {name: [rounded(float(x)) for x in values] if hasattr(values, "__len__") else values
            for name, values in asdict(curve).items()}


def active_units(setting: Setting, point: Tensor) -> int:
    """How many units contribute at ``point`` (P,)."""
    inner, outer = point.split([2 * setting.p * setting.width, setting.p * setting.width])
    sizes = inner.view(setting.width, -1).square().sum(1) * outer.view(setting.width, -1).norm(dim=1)
    return int((sizes > DEAD * sizes.max()).sum())


def rounded(value: float) -> float:
    """To six digits."""
    return float(f"{value:.{DIGITS}g}")
