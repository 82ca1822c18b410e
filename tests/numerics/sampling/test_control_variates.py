"""Control variates: of mean zero at any shape, and what they leave of a Gaussian's variance."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from numerics.sampling.control_variates import affine, controlled
from tests.sampled import beyond, size, within

pytestmark = pytest.mark.sampled
GAMMA, CHAINS, DRAWS = 5.0, 64, 40


def gaussian(seed=0, chains=CHAINS):
    """Independent draws z, the gradients of U there, and nbeta L: a parabola whose minimum is not at zero."""
    turn = np.linalg.qr(np.vander(np.linspace(-1, 1, 6)))[0]
    curvatures, mean = np.array([0.0, 1.0, 5.0, 20.0, 100.0, 500.0]), np.linspace(-0.2, 0.3, 6)
    hessian = turn * (curvatures + GAMMA) @ turn.T
    noise = np.random.default_rng(seed).standard_normal((chains, DRAWS, 6))
    z = mean + (noise / np.sqrt(curvatures + GAMMA)) @ turn.T
    force = (z - mean) @ hessian
    loss = ((z - mean) * force).sum(-1) / 2 - GAMMA / 2 * (z**2).sum(-1)
    return tuple(map(torch.from_numpy, (z, force, loss)))


def affine_of(z: torch.Tensor, force: torch.Tensor) -> torch.Tensor:
    return affine(GAMMA**0.5 * z, force / GAMMA**0.5)


def test_little_is_left_of_a_gaussian():
    """Of the second half of the draws, the error of a covariance from the first: the virial alone leaves most."""
    z, force, loss = gaussian()
    virial, half = 6 - (z * force).sum(-1), DRAWS // 2
    assert float(controlled(loss, virial, affine_of(z, force))[:, half:].var() / loss.var()) < 0.05
    assert float(controlled(loss, virial).var() / loss.var()) > 0.6


def of_all_draws(z: torch.Tensor, force: torch.Tensor) -> torch.Tensor:
    """The same variate with the mean and the covariance of all draws, its own among them."""
    every = z.flatten(0, 1)
    mean, covariance = every.mean(0), torch.cov(every.T, correction=0)
    field = (torch.eye(len(mean)) - GAMMA * covariance) / 2
    return field.trace() - ((z - mean) @ field * force).sum(-1) + GAMMA * (force @ (covariance @ mean))


def scores_of(variate):
    """Of a hundred runs of 16 chains: the distance from the exact mean, in errors by the scatter of the chains."""
    z, force, loss = gaussian(1, 2000)
    exact = float((loss + of_all_draws(z, force)).mean())  # to some 10^-5: nothing is left of so many
    scores = []
    for seed in range(2, 102):
        z, force, loss = gaussian(seed, 16)
        means = controlled(loss, variate(z, force)).mean(1)
        scores.append(float((means.mean() - exact) / (means.std() / 4)))
    return np.array(scores)


def test_chains_scatter_by_the_error_of_their_mean():
    """And that is where it was; not if each draw is among those that its variate is made of."""
    scores = scores_of(affine_of)
    assert within(*size(scores), 1)
    for found, compare in ((scores, within), (scores_of(of_all_draws), beyond)):
        assert compare(found.mean(), found.std(ddof=1) / len(found)**0.5, 7)


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
