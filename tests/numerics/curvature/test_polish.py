"""Polishing: the minimum is reached, and it is the one nearby."""

import pytest
import torch

from numerics.curvature.polish import POLISHED, polish, polish_any
from numerics.losses.module import ModuleLoss
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
}


def nudge(size: int) -> torch.Tensor:
    return 1e-3 * torch.randn(size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("name", NETWORKS)
def test_polishing_reaches_an_exact_fit_and_stays_near(name):
    """The minimiser that was nudged is as near as the nudge, and at most a few times that is what polishing moves.

    Near a dead unit the loss is homogeneous: at most the distance times the gradient, which is left at 1e-15.
    """
    point = exact_point(name, **SIZES[name])
    for size in (1, 100):
        moved = size * nudge(len(point.theta))
        polished = polish(point.loss, point.theta + moved)
        left = 1e-15 * len(moved) ** 0.5 * float(moved.norm()) if name.endswith("dead-unit") else POLISHED
        assert float(point.loss.value(polished[None])) < max(left, POLISHED)
        assert float((polished - point.theta - moved).norm()) < 3 * float(moved.norm())


def test_polishing_any_loss_reaches_an_exact_fit():
    point = exact_point("quadratic-generic", d=3, p=2, K=2)
    nudged = point.theta + nudge(len(point.theta))
    assert float(point.loss.value(nudged[None])) > 1e-8
    polished = polish_any(point.loss, nudged)
    assert float(point.loss.value(polished[None])) < POLISHED
    assert float((polished - nudged).norm()) < 1  # the steps are not of least norm: it drifts along flat directions


def test_polishing_any_loss_finds_the_minimum_of_a_noisy_fit():
    """Least squares with targets that no line fits: the normal equations know the answer."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(30, 3, generator=generator, dtype=torch.float64)
    y = torch.randn(30, 1, generator=generator, dtype=torch.float64)
    loss = ModuleLoss(torch.nn.Linear(3, 1, bias=False), torch.nn.functional.mse_loss, x, y)
    solution = torch.linalg.lstsq(x, y).solution[:, 0]
    torch.testing.assert_close(polish_any(loss, loss.start), solution, rtol=1e-9, atol=1e-9)
