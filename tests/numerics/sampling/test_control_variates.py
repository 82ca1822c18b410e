"""Control variates: of mean zero at any shape, and what they leave of a Gaussian's variance."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from numerics.sampling.control_variates import affine, controlled
from tests.sampled import beyond, within

pytestmark = pytest.mark.sampled
GAMMA, CHAINS, DRAWS = 5.0, 64, 40


def gaussian():
    """Independent draws z, the gradients of U there, and nbeta L: a parabola whose minimum is not at zero."""
    turn = np.linalg.qr(np.vander(np.linspace(-1, 1, 6)))[0]
    curvatures, mean = np.array([0.0, 1.0, 5.0, 20.0, 100.0, 500.0]), np.linspace(-0.2, 0.3, 6)
    hessian = turn * (curvatures + GAMMA) @ turn.T
    noise = np.random.default_rng(0).standard_normal((CHAINS, DRAWS, 6))
    z = mean + (noise / np.sqrt(curvatures + GAMMA)) @ turn.T
    force = (z - mean) @ hessian
    loss = ((z - mean) * force).sum(-1) / 2 - GAMMA / 2 * (z**2).sum(-1)
    return tuple(map(torch.from_numpy, (z, force, loss)))


def affine_of(z: torch.Tensor, force: torch.Tensor) -> torch.Tensor:
    return affine(GAMMA**0.5 * z, force / GAMMA**0.5)


def test_little_is_left_of_a_gaussian():
    """What is left is the error of a covariance from 2520 draws: the virial alone leaves more than half."""
    z, force, loss = gaussian()
    virial = 6 - (z * force).sum(-1)
    assert float(controlled(loss, virial, affine_of(z, force)).var() / loss.var()) < 0.05
    assert float(controlled(loss, virial).var() / loss.var()) > 0.6


def of_a_valley():
    """Draws of ``exp(-x^4 - gamma/2 x^2 + x)``, independent, and the exact mean of ``x^4``."""
    def density(x: float) -> float:
        return np.exp(-x**4 - GAMMA / 2 * x**2 + x)

    grid = np.linspace(-4, 4, 20001)
    below = np.cumsum(density(grid))
    x = np.interp(np.random.default_rng(0).uniform(size=(CHAINS, DRAWS)), below / below[-1], grid)
    exact = quad(lambda x: x**4 * density(x), -4, 4)[0] / quad(density, -4, 4)[0]
    return torch.from_numpy(x)[..., None], torch.from_numpy(4 * x**3 + GAMMA * x - 1)[..., None], exact


def test_the_mean_stays_where_the_posterior_is_no_gaussian():
    """Half of the force, as a wrong gradient or a wrong gamma would give it, moves it."""
    x, force, exact = of_a_valley()
    for share, compare in ((1.0, within), (0.5, beyond)):
        variate = affine_of(x, share * force)
        means = variate.mean(1).numpy()
        assert compare(means.mean(), means.std(ddof=1) / CHAINS**0.5, 6)
    values = controlled(x[..., 0]**4, affine_of(x, force)).mean(1).numpy()
    assert within(values.mean() - exact, values.std(ddof=1) / CHAINS**0.5, 6)
