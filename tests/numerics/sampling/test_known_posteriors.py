"""Every step on every known posterior: it leaves the first moments where quadrature has them; wrong steps do not.

Chains start from exact draws, take some steps and are looked at once. So they are independent, whether a step mixes or
not, and the error of a mean is known. A z-score of a right step is beyond `LIMIT` with probability 10^-9 on each side,
9 10^-9 where the mean is of 10^4 draws of skewness 6 (Edgeworth: times ``exp(skewness z^3 / 6 sqrt(n))``). The 330 of
this file together: a false failure in fewer than 10^-5 of all seeds and processors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from numerics.sampling.steps import (
    Posterior,
    State,
    exchange,
    hmc_step,
    rotating_hmc_step,
    sgld_step,
    stretch_steps,
)
from tests.sampled import beyond, within

pytestmark = pytest.mark.sampled

CHAINS = 10_000  # a rung
LIMIT, SEEN = 6.0, 9.0
RUNGS = (2.0, 8.0)
NBETA = torch.tensor(RUNGS, dtype=torch.float64).repeat_interleave(CHAINS)
WIDTH = NBETA.rsqrt()  # that of a chain at its temperature


@dataclass(frozen=True)
class Known:
    """A polynomial ``K(w0, w1)``, also the loss of a network of two tensors with one number each."""

    K: Callable
    gamma: float
    centre: tuple[float, float] = (0.0, 0.0)
    shapes = ((1,), (1,))

    def value(self, theta: Tensor) -> Tensor:
        return self.K(*theta.T)

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            theta = theta.detach().requires_grad_()
            loss = self.K(*theta.T)
            return loss.detach(), torch.autograd.grad(loss.sum(), theta)[0]

    def posterior(self, nbeta: Tensor) -> Posterior:
        """In rotated coordinates: nothing may depend on them."""
        rotation = torch.tensor([[0.8, -0.6], [0.6, 0.8]], dtype=torch.float64)
        return Posterior(self, torch.tensor(self.centre, dtype=torch.float64), rotation, nbeta, self.gamma)


POSTERIORS = {
    "Gaussian": Known(lambda x, y: (2 * x + y) ** 2 / 2 + y**2 / 2, 0.0),
    "Gaussian, localised": Known(lambda x, y: (x - y) ** 2 / 2, 1.0, (0.7, -0.4)),
    "quartic": Known(lambda x, y: x**4 + y**4, 0.0),
    "quartic, localised": Known(lambda x, y: x**4, 1.0, (0.3, 0.0)),
    "product": Known(lambda x, y: (x * y) ** 2, 1.0),
    "product, around a centre": Known(lambda x, y: (x * y) ** 2, 1.0, (0.7, -0.4)),
    "dead unit": Known(lambda x, y: 3 / 2 * x**4 * y**2, 1.0),
}


@cache
def cells(known: Known, nbeta: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Midpoints (n, 2) of a grid, their probabilities (n,), and the width of a cell: exact up to its square."""
    axis, width = np.linspace(-7, 7, 1401, retstep=True)
    x, y = (x.ravel() for x in np.meshgrid(axis, axis))
    distance = (x - known.centre[0]) ** 2 + (y - known.centre[1]) ** 2
    density = np.exp(-nbeta * known.K(x, y) - known.gamma / 2 * distance)
    kept = density > 1e-14
    return np.stack([x, y], 1)[kept], density[kept] / density[kept].sum(), width


def moments(known: Known, nbeta: float, theta: np.ndarray) -> np.ndarray:
    """The functions whose means are compared, at (n, 2): ``nbeta K``, the parameters and their squares."""
    return np.column_stack([nbeta * known.K(*theta.T), theta, theta**2])


def exact_draws(known: Known, generator: torch.Generator) -> Tensor:
    drawn = []
    for nbeta in RUNGS:
        points, probabilities, width = cells(known, nbeta)
        uniform = torch.rand(CHAINS, generator=generator, dtype=torch.float64).numpy()
        chosen = np.searchsorted(probabilities.cumsum(), uniform).clip(max=len(points) - 1)
        inside = torch.rand(CHAINS, 2, generator=generator, dtype=torch.float64) - 0.5
        drawn.append(torch.from_numpy(points[chosen]) + width * inside)
    return torch.cat(drawn)


def largest_z(known: Known, step, times: int, pretended: float = 1.0) -> float:
    """Of all moments at both temperatures, after steps that take nbeta for ``pretended`` times what it is."""
    generator = torch.Generator().manual_seed(0)
    posterior, shown = known.posterior(NBETA), known.posterior(pretended * NBETA)
    state = posterior.at((exact_draws(known, generator) - posterior.centre) @ posterior.basis)
    for _ in range(times):
        state = step(shown, state, generator)
    theta, largest = posterior.parameters(state.z).reshape(2, CHAINS, 2).numpy(), 0.0
    for nbeta, rung in zip(RUNGS, theta, strict=True):
        points, probabilities, _ = cells(known, nbeta)
        there = moments(known, nbeta, points)
        mean = probabilities @ there
        deviation = np.sqrt(probabilities @ (there - mean) ** 2)
        kept = moments(known, nbeta, rung[np.isfinite(rung).all(1)])
        largest = max(largest, *(abs(kept.mean(0) - mean) / deviation * len(kept) ** 0.5))
    return float(largest)


def times(state: State, low: float, high: float, generator: torch.Generator) -> Tensor:
    uniform = torch.rand(len(state.z), generator=generator, dtype=torch.float64)
    return WIDTH * low * (high / low) ** uniform


def hmc(posterior, state, generator, low=0.05, high=0.7):
    return hmc_step(posterior, state, times(state, low, high, generator), torch.ones_like(state.z), 3, generator)[0]


def rotating(posterior, state, generator, low=0.05, high=0.7):
    return rotating_hmc_step(posterior, state, times(state, low, high, generator), 3, generator)[0]


def sgld(posterior, state, generator, size=0.002):
    """So small that its bias, some ``size/4``, is a tenth of an error."""
    steps = torch.full_like(NBETA, size)
    return sgld_step(posterior, state, steps, WIDTH[:, None].expand(-1, 2), None, generator)[0]


def stretch(posterior, state, generator):
    return stretch_steps(posterior, state, posterior.loss.shapes, 1, generator)[0]


def swap(posterior, state, generator):
    return exchange(posterior, state, 2, 0, generator)[0]


STEPS = {"hmc_step": (hmc, 15), "rotating_hmc_step": (rotating, 15), "sgld_step": (sgld, 150),
         "stretch_steps": (stretch, 30), "exchange": (swap, 3)}
SHORT = ("Gaussian, localised", "product, around a centre", "dead unit")
CASES = [pytest.param(POSTERIORS[name], *STEPS[step], id=f"{step}-{name}",
                      marks=[pytest.mark.long] * (name not in SHORT)) for name in POSTERIORS for step in STEPS
         if POSTERIORS[name].gamma or step != "rotating_hmc_step"]  # that one turns by sqrt(gamma)


@pytest.mark.parametrize(("known", "step", "iterations"), CASES)
def test_a_step_leaves_the_moments_alone(known, step, iterations):
    assert within(largest_z(known, step, iterations), 1, LIMIT)


@pytest.mark.parametrize(("known", "step", "iterations"), CASES)
def test_a_step_at_half_the_inverse_temperature_is_noticed(known, step, iterations):
    assert beyond(largest_z(known, step, iterations, pretended=0.5), 1, SEEN)


@pytest.mark.parametrize("step", [hmc, rotating])
def test_large_steps_without_rejection_are_noticed(step, monkeypatch):
    monkeypatch.setattr(State, "where", lambda moved, accepted, before: moved)
    known = POSTERIORS["Gaussian, localised"]  # elsewhere chains run away
    assert beyond(largest_z(known, lambda *arguments: step(*arguments, low=0.5, high=1.0), 15), 1, SEEN)


@pytest.mark.parametrize("name", POSTERIORS)
def test_exchanging_always_is_noticed(name):
    assert beyond(largest_z(POSTERIORS[name], swap, 3, pretended=0.0), 1, SEEN)


@pytest.mark.parametrize("name", POSTERIORS)
def test_no_moment_is_so_skewed_that_false_failures_are_frequent(name):
    for nbeta in RUNGS:
        points, probabilities, _ = cells(POSTERIORS[name], nbeta)
        there = moments(POSTERIORS[name], nbeta, points)
        there = there - probabilities @ there
        skewness = probabilities @ there**3 / (probabilities @ there**2) ** 1.5
        assert abs(skewness).max() < 6, skewness
