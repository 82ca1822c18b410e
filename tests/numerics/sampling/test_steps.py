"""Each step leaves a known density alone: quadrature for a quartic valley, exact draws for Gaussians."""

import pytest
import torch

from numerics.curvature.geometry import geometry
from numerics.losses.architectures import Lazy
from numerics.losses.polynomial import Population, Twin
from numerics.sampling.steps import (
    Posterior,
    State,
    exchange,
    hmc_step,
    rotating_hmc_step,
    sgld_step,
    stretch_steps,
    stretched,
)
from tests.numerics.sampling.dead_unit import dead_unit, off
from tests.oracles.quadrature import mean_around, mean_of_dead_unit
from tests.sampled import beyond, within

pytestmark = pytest.mark.sampled

CHAINS, NBETA, GAMMA = 2048, 5.0, 1.0
NEAR, FAR = 5.5, 8.0  # standard errors: what passes, and what a control must exceed


def posterior_of(twin: Twin, centre: torch.Tensor, nbeta: torch.Tensor) -> Posterior:
    """In rotated coordinates: nothing may depend on them."""
    rotation = torch.linalg.qr(torch.randn(len(centre), len(centre), dtype=torch.float64,
                                           generator=torch.Generator().manual_seed(1)))[0]
    return Posterior(twin, centre, rotation, nbeta, GAMMA)


def run(step, iterations: int, centre=(0.0,) * 4, nbeta: torch.Tensor | None = None, d=2, p=2) -> torch.Tensor:
    """``nbeta K`` (C, draws) of ``step(posterior, state, generator)``, a fifth of the iterations left out."""
    generator = torch.Generator().manual_seed(0)
    nbeta = torch.full((CHAINS,), NBETA, dtype=torch.float64) if nbeta is None else nbeta
    posterior = posterior_of(dead_unit(d, p), torch.tensor(centre, dtype=torch.float64), nbeta)
    state = posterior.at(0.3 * torch.randn(len(nbeta), len(centre), generator=generator, dtype=torch.float64))
    values = []
    for index in range(iterations):
        state = step(posterior, state, generator)
        if index >= iterations // 5:
            values.append(posterior.nbeta * state.loss)
    return torch.stack(values, 1)


def hmc(posterior, state, generator, leapfrogs=5):
    """Random step sizes from 0.05 to 0.5: the valley has many widths."""
    step = 0.05 * 10 ** torch.rand(len(state.z), generator=generator, dtype=torch.float64)
    return hmc_step(posterior, state, step, torch.ones_like(state.z), leapfrogs, generator)[0]


def rotating(posterior, state, generator, kicks=5):
    time = 0.05 * 10 ** torch.rand(len(state.z), generator=generator, dtype=torch.float64)
    return rotating_hmc_step(posterior, state, time, kicks, generator)[0]


def stretch(posterior, state, generator):
    return stretch_steps(posterior, state, posterior.loss.shapes, 1, generator)[0]


def stretch_and_hmc(posterior, state, generator):
    for _ in range(4):
        state = stretch(posterior, state, generator)
    return hmc(posterior, state, generator, leapfrogs=2)


@pytest.mark.parametrize("leapfrogs", [pytest.param(1, marks=pytest.mark.long), 5])
def test_hmc_has_the_right_mean(leapfrogs):
    values = run(lambda *arguments: hmc(*arguments, leapfrogs=leapfrogs), 250)
    assert within(*off(values, mean_of_dead_unit(NBETA, GAMMA)), NEAR)
    assert beyond(*off(values, mean_of_dead_unit(4 * NBETA, GAMMA)), FAR)


@pytest.mark.long
@pytest.mark.parametrize("kicks", [1, 5])
def test_rotating_hmc_has_the_right_mean(kicks):
    values = run(lambda *arguments: rotating(*arguments, kicks=kicks), 250)
    assert within(*off(values, mean_of_dead_unit(NBETA, GAMMA)), NEAR)
    assert beyond(*off(values, mean_of_dead_unit(4 * NBETA, GAMMA)), FAR)


def test_rotation_is_exact_where_the_loss_is_flat():
    """Any time, any number of directions: nothing is rejected, where leapfrogs of that length are."""
    posterior = posterior_of(dead_unit(30, 30), torch.zeros(60, dtype=torch.float64), torch.zeros(50).double())
    generator = torch.Generator().manual_seed(2)
    state = posterior.at(torch.randn(50, 60, generator=generator, dtype=torch.float64))
    long = torch.full((50,), 1.5, dtype=torch.float64)
    _, info = rotating_hmc_step(posterior, state, long, 7, generator)
    torch.testing.assert_close(info.probability, torch.ones_like(long))
    assert bool(info.accepted.all())
    assert not hmc_step(posterior, state, long, torch.ones_like(state.z), 7, generator)[1].accepted.all()


@pytest.mark.long
def test_hmc_without_rejection_would_be_biased(monkeypatch):
    monkeypatch.setattr(State, "where", lambda moved, chosen, other: moved)
    values = run(lambda *arguments: hmc(*arguments, leapfrogs=1), 250)
    kept = values[(values < 1e3).all(1)]  # many ran away, and even without them
    assert len(kept) > 100
    assert beyond(*off(kept, mean_of_dead_unit(NBETA, GAMMA)), FAR)


@pytest.mark.long
def test_stretches_have_the_right_mean():
    values = run(stretch_and_hmc, 250)
    assert within(*off(values, mean_of_dead_unit(NBETA, GAMMA)), NEAR)


@pytest.mark.long
def test_stretches_around_a_centre_have_the_right_mean():
    values = run(stretch_and_hmc, 250, centre=(0.7, -0.4), d=1, p=1)
    assert within(*off(values, mean_around((0.7, -0.4), NBETA, GAMMA)), NEAR)
    assert beyond(*off(values, mean_around((0.0, 0.0), NBETA, GAMMA)), FAR)


@pytest.mark.long
def test_stretches_without_the_change_of_volume_are_noticed(monkeypatch):
    monkeypatch.setattr("numerics.sampling.steps.stretched",
                        lambda *arguments: (stretched(*arguments)[0], torch.zeros(CHAINS)))
    assert beyond(*off(run(stretch_and_hmc, 250), mean_of_dead_unit(NBETA, GAMMA)), FAR)


class Shaped:
    """A zero loss on tensors of these shapes: the density is Gaussian, and exact draws are at hand."""

    shapes = ((2, 3), (3,), (3, 2, 2), (1,))

    def value(self, theta):
        return torch.zeros_like(theta[:, 0])

    def value_and_gradient(self, theta):
        return self.value(theta), torch.zeros_like(theta)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("tensor", "axis"), [(0, 0), (0, 1), (1, 0), (2, 0), (2, 2), (3, 0)])
def test_the_change_of_volume_is_the_determinant(tensor, axis, whole):
    generator = torch.Generator().manual_seed(3)
    theta = torch.randn(22, generator=generator, dtype=torch.float64)
    along = torch.randn(1, Shaped.shapes[tensor][axis], generator=generator, dtype=torch.float64)
    direction, amount = None if whole else along / along.norm(), torch.tensor([0.7], dtype=torch.float64)
    volume = stretched(theta[None], Shaped.shapes, tensor, axis, direction, amount)[1]
    jacobian = torch.func.jacrev(
        lambda x: stretched(x[None], Shaped.shapes, tensor, axis, direction, amount)[0][0])(theta)
    assert float(torch.linalg.slogdet(jacobian).logabsdet) == pytest.approx(float(volume))
    assert float(volume) > 0.1


def moments_after_stretches(chains=20_000, iterations=60):
    """z-scores of ``E |part|^2`` and of ``E z_i^2`` under exact Gaussian draws and then many stretches."""
    generator = torch.Generator().manual_seed(0)
    parameters = 22
    centre = torch.linspace(-1, 1, parameters, dtype=torch.float64)
    posterior = Posterior(Shaped(), centre, torch.eye(parameters, dtype=torch.float64),
                          torch.ones(chains, dtype=torch.float64), GAMMA)
    start = torch.randn(chains, parameters, generator=generator, dtype=torch.float64)
    state, moved = posterior.at(start), 0.0
    for _ in range(iterations):
        state, info = stretch_steps(posterior, state, Shaped.shapes, 1, generator)
        moved += float(info.accepted.double().mean()) / iterations
    assert 0.1 < moved < 1
    assert float((state.z != start).double().mean()) > 0.9
    first, second = state.z.mean(0), state.z.square().mean(0)
    return torch.cat([first * chains**0.5, (second - 1) * (chains / 2) ** 0.5])


def test_stretches_keep_a_gaussian_whatever_the_shapes():
    assert within(moments_after_stretches().abs().max(), 1, 6)


@pytest.mark.long
def test_stretches_with_the_wrong_volume_do_not(monkeypatch):
    def wrong(theta, shapes, tensor, axis, direction, amount):
        moved, volume = stretched(theta, shapes, tensor, axis, direction, amount)
        return moved, volume - amount * (shapes == Shaped.shapes and tensor == 2)  # one coordinate short, one tensor

    monkeypatch.setattr("numerics.sampling.steps.stretched", wrong)
    assert beyond(moments_after_stretches().abs().max(), 1, FAR)


def exchanged(pretended: tuple[float, ...] | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Three rungs of HMC with exchanges; ``pretended`` temperatures make wrong decisions."""
    rungs = torch.tensor([1.0, 5.0, 20.0], dtype=torch.float64)
    nbeta = rungs.repeat_interleave(CHAINS // 2)

    def step(posterior, state, generator):
        state = hmc(posterior, state, generator)
        shown = posterior if pretended is None else Posterior(
            posterior.loss, posterior.centre, posterior.basis,
            torch.tensor(pretended, dtype=torch.float64).repeat_interleave(CHAINS // 2), GAMMA)
        for first in (0, 1):
            state, info = exchange(shown, state, 3, first, generator)
            assert info.accepted.any()
        return state

    return rungs, run(step, 200, nbeta=nbeta).reshape(3, CHAINS // 2, -1)


@pytest.mark.long
def test_exchange_leaves_all_temperatures_alone():
    for nbeta, values in zip(*exchanged(), strict=True):
        assert within(*off(values, mean_of_dead_unit(float(nbeta), GAMMA)), NEAR)


@pytest.mark.long
def test_exchange_that_always_accepts_is_noticed():
    for nbeta, values in zip(*exchanged((1.0, 1.0, 1.0)), strict=True):
        assert beyond(*off(values, mean_of_dead_unit(float(nbeta), GAMMA)), FAR)


@pytest.mark.parametrize("eps", [0.3, 0.8])
def test_sgld_on_a_gaussian_has_the_known_biased_mean(eps):
    """In whitened coordinates ``E = 1/2 t h/(t h + gamma) / (1 - eps/4)`` for each direction."""
    frozen = torch.randn(5, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    teacher = torch.randn(10, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    twin = Twin(Lazy(frozen, 2), Population(teacher))
    found, generator = geometry(twin, teacher), torch.Generator().manual_seed(4)
    posterior = Posterior(twin, teacher, found.basis, torch.full((CHAINS,), 50.0, dtype=torch.float64), 10.0)
    stiff = 50.0 * found.eigenvalues
    scale, step = (stiff + 10.0).rsqrt().expand(CHAINS, -1), torch.full((CHAINS,), eps, dtype=torch.float64)
    state, values = posterior.at(torch.zeros_like(scale)), []
    for index in range(400):
        state, info = sgld_step(posterior, state, step, scale, None, generator)
        assert bool(info.accepted.all())
        if index >= 100:
            values.append(50.0 * state.loss)
    unbiased = float((stiff / (stiff + 10.0)).sum()) / 2
    assert within(*off(torch.stack(values, 1), unbiased / (1 - eps / 4)), NEAR)
    assert beyond(*off(torch.stack(values, 1), unbiased), FAR)


def test_sgld_that_runs_away_says_so():
    twin = dead_unit()
    posterior = Posterior(twin, torch.zeros(4, dtype=torch.float64), torch.eye(4, dtype=torch.float64),
                          torch.full((8,), 1e3, dtype=torch.float64), 1.0)
    state, generator = posterior.at(torch.ones(8, 4, dtype=torch.float64)), torch.Generator().manual_seed(0)
    for _ in range(20):
        state, info = sgld_step(posterior, state, torch.full((8,), 5.0, dtype=torch.float64), torch.ones_like(state.z),
                                None, generator)
    assert not bool(info.accepted.any())
