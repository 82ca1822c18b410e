"""Sampling around a point: against a Gaussian posterior that is known, at its minimum and off it."""

from dataclasses import replace

import pytest
import torch

from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.samples import samples_of
from numerics.sampling.localised import Chains, sample_around
from tests.sampled import within

pytestmark = pytest.mark.sampled

NBETA, GAMMA = 50.0, 2.0
NEAR = 5.0  # standard errors
CHAINS = Chains(chains=32, burn_in=60, draws=125, leapfrogs=6)
MINIMUM = torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64)


@pytest.fixture(scope="module")
def quadratic():
    """``L = 1/2 (4 (x - 1)^2 + (y - 1)^2)``, nothing of z."""
    inputs = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    targets = inputs @ MINIMUM[:, None]
    model = torch.nn.Linear(3, 1, bias=False)
    return ModuleLoss(Objective(model, torch.nn.functional.mse_loss), samples_of((inputs, targets)))


def test_at_the_minimum(quadratic):
    found = sample_around(quadratic, MINIMUM, NBETA, GAMMA, CHAINS)
    exact = sum(NBETA * h / (2 * (NBETA * h + GAMMA)) for h in (4.0, 1.0))
    assert found.reference == pytest.approx(0, abs=1e-8)
    assert found.rung.mcse < 0.05
    assert within(found.rung.mean - exact, found.rung.mcse, NEAR)
    exact = (1 / 202 + 1 / 52 + 1 / 2) ** 0.5
    assert within(found.distance - exact, 0.1 * exact, 1)


@pytest.mark.long
def test_off_the_minimum_the_reference_point_is_told_apart(quadratic):
    """The mode of each direction is ``t h/(t h + gamma)`` of the way to the minimum."""
    point = MINIMUM + torch.tensor([0.5, 0.0, 3.0], dtype=torch.float64)
    found = sample_around(quadratic, point, NBETA, GAMMA, replace(CHAINS, seed=1))
    left = 0.5 * GAMMA / (4 * NBETA + GAMMA)
    assert found.reference == pytest.approx(NBETA * 2 * (left**2 - 0.25), rel=1e-6)
    exact = sum(NBETA * h / (2 * (NBETA * h + GAMMA)) for h in (4.0, 1.0))
    assert within(found.corrected - exact, found.rung.mcse + 0.1 * NBETA * left / (4 * NBETA) ** 0.5, NEAR)
    assert found.rung.mean < 0


def test_the_seed_decides(quadratic):
    short = (Chains(4, 5, 10, seed, leapfrogs=4) for seed in (1, 1, 2))
    first, again, other = (sample_around(quadratic, MINIMUM, NBETA, GAMMA, chains) for chains in short)
    assert first == again != other
