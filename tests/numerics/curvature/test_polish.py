"""Polishing: the minimum is reached, and it is the one nearby."""

import pytest
import torch

from numerics.curvature.polish import NEAR, POLISHED, polish, polish_near
from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.samples import samples_of
from numerics.networks.catalogue import NETWORKS, exact_point

pytestmark = pytest.mark.sampled

SIZES = {
    "quadratic-generic": {"d": 3, "p": 2, "K": 2},
    "quadratic-lazy": {"p": 3, "K": 4, "l": 5},
    "quadratic-dead-unit": {"d": 3, "p": 2},
    "modular-addition-generic": {"p": 3, "K": 2},
    "modular-addition-dead-unit": {"p": 3},
    "modular-addition-fourier": {"p": 3},
    "symmetric-factorisation": {"d": 3, "K": 2, "r": 1},
    "reduced-rank-regression": {"M": 3, "N": 2, "H": 2, "r": 1},
    "reduced-rank-regression-local": {"M": 3, "N": 2, "H": 3, "r": 1, "a": 2, "b": 1},
    "deep-linear": {"widths": (2, 3, 2), "r": 1},
    "tanh-zero-truth": {"H": 2},
}


def nudge(size: int) -> torch.Tensor:
    return 1e-3 * torch.randn(size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


SINGULAR = ("dead-unit", "tanh-zero-truth")


@pytest.mark.parametrize("name", NETWORKS)
def test_polishing_reaches_an_exact_fit_and_stays_near(name):
    """The minimiser that was nudged is as near as the nudge, and at most a few times that is what polishing moves.

    Near dead units, and tanh units at zero, the loss is nearly homogeneous: at most the distance times the gradient,
    which is left at 1e-15.
    """
    point = exact_point(name, **SIZES[name])
    for size in (1, 100):
        moved = size * nudge(len(point.theta))
        polished = polish(point.loss, point.theta + moved)
        left = 1e-15 * len(moved) ** 0.5 * float(moved.norm()) if name.endswith(SINGULAR) else POLISHED
        assert float(point.loss.value(polished[None])) < max(left, POLISHED)
        assert float((polished - point.theta - moved).norm()) < 3 * float(moved.norm())


def test_polishing_any_loss_reaches_an_exact_fit():
    point = exact_point("quadratic-generic", d=3, p=2, K=2)
    nudged = point.theta + nudge(len(point.theta))
    assert float(point.loss.value(nudged[None])) > 1e-8
    polished = polish_near(point.loss, nudged)
    assert polished.loss < POLISHED
    assert float((polished.point - nudged).norm()) < 3e-3 * len(nudged) ** 0.5  # no drift along flat directions
    assert polished.moved == pytest.approx(float((polished.point - nudged).norm() / nudged.norm()))
    assert not polished.endless


def test_polishing_any_loss_finds_the_minimum_of_a_noisy_fit():
    """Least squares with targets that no line fits: the normal equations know the answer."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(30, 3, generator=generator, dtype=torch.float64)
    y = torch.randn(30, 1, generator=generator, dtype=torch.float64)
    loss = ModuleLoss(Objective(torch.nn.Linear(3, 1, bias=False), torch.nn.functional.mse_loss), samples_of((x, y)))
    solution = torch.linalg.lstsq(x, y).solution[:, 0]
    torch.testing.assert_close(polish_near(loss, loss.start).point, solution, rtol=1e-9, atol=1e-9)


def test_a_loss_without_a_minimum_is_endless():
    """``log(1 + e^-x)`` falls for ever; ``x^2 / (1 + x^2)`` does not, and its minimum is reached from 0.2."""
    class Softplus(torch.nn.Module):
        def __init__(self, start):
            super().__init__()
            self.x = torch.nn.Parameter(torch.tensor([start], dtype=torch.float64))

    def polished(start, curve):
        objective = Objective(Softplus(start), None, lambda model, batch: curve(model.x).mean() + 0 * batch.sum())
        loss = ModuleLoss(objective, samples_of(torch.ones(2, 1), whole_batches=True))
        return polish_near(loss, loss.start)

    assert polished(1.0, lambda x: torch.nn.functional.softplus(-x)).endless
    late = polished(27.0, lambda x: 0.5 + torch.nn.functional.softplus(-x))  # what is left to gain is e^-27
    assert late.endless
    assert late.moved < NEAR
    assert not polished(1.0, lambda x: 0.5 + x ** 4).endless
    found = polished(0.2, lambda x: x.square() / (1 + x.square()))
    assert abs(float(found.point)) < 1e-6
    assert not found.endless


def test_rounding_errors_of_the_data_are_no_fall_to_infinity():
    """Outputs in float32 are a minimum up to 1e-15, where a loss that falls by its own rounding says nothing."""
    generator = torch.Generator().manual_seed(0)

    def endless():
        model = torch.nn.Linear(3, 2)
        torch.nn.init.normal_(model.weight, generator=generator)
        x = torch.randn(20, 3, generator=generator)
        data = samples_of((x.double(), model(x).detach().double()))
        loss = ModuleLoss(Objective(model.double(), torch.nn.functional.mse_loss), data)
        return polish_near(loss, loss.start).endless

    assert not any(endless() for _ in range(300))
