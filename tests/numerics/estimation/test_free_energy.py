"""Free energies within windows: against integrals in one dimension, and against Laplace's method along the fibre."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import ive

from numerics.curvature.geometry import geometry
from numerics.estimation.free_energy import free_energy_curve, free_energy_curve_around, window_free_energy
from numerics.losses.polynomial import hessian_of
from numerics.networks.file import read_network
from numerics.sampling.localised import Chains
from numerics.sampling.schedule import Schedule
from numerics.sampling.summary import EstimateError
from tests import DATA
from tests.sampled import beyond, within

SHORT = Schedule(chains=8, burn_in=60, draws=60)
MANY = replace(SHORT, chains=32)  # eight of so few draws do not come together in one run of 35 to 95


@dataclass(frozen=True)
class Plane:
    """A loss on the plane, with its gradient by autograd."""

    value: object
    parameters: int = 2
    samples: object = None
    shapes: tuple = ((2,),)

    @torch.inference_mode(False)
    def value_and_gradient(self, theta):
        return self.value(theta), torch.func.grad(lambda x: self.value(x).sum())(theta.clone())

    def hessian(self, theta):
        return hessian_of(lambda x: self.value(x[None])[0], theta)


def line(theta):
    return (3 * theta[:, 0] - theta[:, 1]) ** 2 / 2


def product(theta):
    return (theta[:, 0] * theta[:, 1]) ** 2 / 2


def circle(theta):
    return (theta.square().sum(1) - 1) ** 2 / 8


def found(loss, at, n, gamma, schedule):
    plane = Plane(loss)
    return window_free_energy(plane, geometry(plane, torch.tensor(at, dtype=torch.float64)), n, gamma, schedule)


def product_exactly(n, gamma):
    """``E exp(-n x^2 y^2 / 2)``, x from N(1, 1/gamma), y from N(0, 1/gamma), over y by hand; and c without x near 0."""
    def window(x):
        return math.sqrt(gamma / 2 / math.pi) * math.exp(-gamma / 2 * (x - 1) ** 2)
    at_n = quad(lambda x: window(x) / math.sqrt(1 + n * x * x / gamma), -2, 4, points=(0, 1), limit=400)[0]
    limit = quad(lambda x: window(x) / x, 0.2, 4, points=(1,), limit=400)[0]
    return -math.log(at_n), -math.log(gamma) / 2 - math.log(limit)


def circle_exactly(n, gamma):
    """Polar coordinates: the angle gives a Bessel function, and in the limit the radius is 1, of curvature 1."""
    def density(r):
        return gamma * r * math.exp(-n * (r * r - 1) ** 2 / 8 - gamma / 2 * (r - 1) ** 2) * ive(0, gamma * r)
    return (-math.log(quad(density, 0, 4, points=(1 - n**-0.5, 1, 1 + n**-0.5), limit=400)[0]),
            -math.log(gamma * ive(0, gamma) * math.sqrt(2 * math.pi)))


def test_nothing_is_left_to_sampling_where_the_loss_is_quadratic():
    """``log(1 + 10 n / gamma) / 2``, and c = ``log(10 / gamma) / 2``."""
    one = found(line, [1, 3], 50, 20.0, Schedule(8, 60, 200))
    assert one.at_n == pytest.approx(math.log1p(10 * 50 / 20) / 2, abs=1e-4)
    assert one.bounded == pytest.approx(math.log(10 / 20) / 2, abs=1e-4)
    assert one.bounded == one.shape + one.fibre


@pytest.mark.long
@pytest.mark.parametrize("n", [3, 10**7])
def test_an_n_before_the_first_temperature_and_beyond_the_last(n):
    one = found(line, [1, 3], n, 20.0, SHORT)
    assert one.at_n == pytest.approx(math.log1p(10 * n / 20) / 2, abs=1e-4)


def test_singular_points_are_refused():
    plane = Plane(product)
    with pytest.raises(ValueError, match="is not regular"):
        window_free_energy(plane, geometry(plane, torch.zeros(2, dtype=torch.float64)), 100, 20.0)


def crossing_exactly(n, gamma):
    """``E exp(-n x^2 y^2 / 2)``, x and y from N(0, 1/gamma), over y by hand."""
    return -math.log(quad(lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi * (1 + n * x * x / gamma**2)),
                          -9, 9, points=(0,), limit=400)[0])


@pytest.mark.sampled
@pytest.mark.long
def test_a_curve_at_a_singular_point():
    """Rank 0, lambda = 1/2, m = 2: no part of it is known beforehand."""
    plane = Plane(product)
    curve = free_energy_curve(plane, geometry(plane, torch.zeros(2, dtype=torch.float64)), 1e5, 20.0, MANY)
    exact = np.array([crossing_exactly(t, 20.0) for t in curve.t])
    assert curve.t[-1] == pytest.approx(1e5)
    assert all(within(*x, 8) for x in zip(curve.value - exact, curve.error, strict=True))
    assert beyond(curve.value[-1] - exact[-2], curve.error[-1], 8)
    assert 0.3 < curve.slope[-1] < 0.5  # below lambda, by 1/log n
    value, error = curve.drawn
    assert abs(value - exact[curve.checked]) < 6 * error


CASES = [(product, [1, 0], product_exactly), (circle, [1, 0], circle_exactly)]


def agrees(one, exact, n):
    """Within errors, and beyond them from the value at another n and from the shape alone at another window."""
    at_n, bounded = exact(n, one.gamma)
    assert within(one.at_n - at_n, one.at_n_error, 12)  # of 8 chains: Student's t of 7 degrees of freedom
    assert within(one.bounded - bounded, one.bounded_error, 12)
    assert beyond(one.at_n - exact(4 * n, one.gamma)[0], one.at_n_error, 12)
    assert beyond(one.bounded - exact(n, one.gamma / 8)[1], one.bounded_error, 12)


@pytest.mark.sampled
def test_a_product_in_one_short_run():
    agrees(found(product, [1, 0], 30, 20.0, MANY), product_exactly, 30)


@pytest.mark.sampled
@pytest.mark.long
@pytest.mark.parametrize(("loss", "at", "exact"), CASES, ids=["product", "circle"])
@pytest.mark.parametrize(("n", "gamma"), [(30, 100.0), (1000, 20.0)])
def test_against_an_integral_in_one_dimension(loss, at, exact, n, gamma):
    agrees(found(loss, at, n, gamma, Schedule(16, 200, 300)), exact, n)


def fibre_term(loss, here, gamma, draws):
    """``-log E exp(-gamma |y|^2 / 2) sqrt(det H_0 / det H)`` over flat directions from N(0, 1/gamma), with its error.

    y are the steep directions in which the minimisers above a flat displacement lie, found by Newton's method; the
    Hessian in them is ``J^T J``, as they are exact fits.
    """
    rank = here.spectrum.rank
    rng = np.random.default_rng(0)
    logs = []
    for _ in range(draws):
        moved = torch.zeros(len(here.point), dtype=torch.float64)
        moved[rank:] = torch.from_numpy(rng.standard_normal(len(moved) - rank)) / gamma**0.5
        for _ in range(12):
            point = here.point + here.basis @ moved
            steep = loss.jacobian(point) @ here.basis[:, :rank]
            left = loss.residual(point[None])[0, :, None]
            moved[:rank] -= torch.linalg.lstsq(steep, left, driver="gelsd").solution[:, 0]
        assert float(loss.value((here.point + here.basis @ moved)[None])) < 1e-20
        determinant = torch.linalg.svdvals(steep).log().sum()
        logs.append(float(-gamma / 2 * moved[:rank].square().sum() - determinant))
    weights = np.exp(np.array(logs) + float(here.nonzero.log().sum()) / 2)
    return -math.log(weights.mean()), weights.std(ddof=1) / weights.mean() / math.sqrt(draws)


@pytest.mark.sampled
@pytest.mark.slow
def test_a_trained_network_against_laplaces_method_along_its_fibre():
    """135 weights, rank 85: no chain, no temperature in the second way."""
    loss = read_network(DATA / "trained_5_20.npz").loss
    here = geometry(loss, read_network(DATA / "trained_5_20.npz").theta)
    one = window_free_energy(loss, here, 1000, 300.0)
    value, error = fibre_term(loss, here, 300.0, 400)
    assert error < 0.1
    assert within(one.fibre - value, math.hypot(one.bounded_error, error), 6)
    assert one.bounded_error < 1  # of -300 nats


AROUND = {line: ([1.0, 3.0], lambda n, gamma: math.log1p(10 * n / gamma) / 2),
          product: ([1.0, 0.0], lambda n, gamma: product_exactly(n, gamma)[0]),
          circle: ([1.0, 0.0], lambda n, gamma: circle_exactly(n, gamma)[0])}


@pytest.mark.sampled
@pytest.mark.parametrize("loss", [pytest.param(line, marks=pytest.mark.long), product,
                                  pytest.param(circle, marks=pytest.mark.long)])
def test_a_curve_without_a_dense_hessian(loss):
    at, exactly = AROUND[loss]
    chains = Chains(16, 100, 150, leapfrogs=6)
    curve = free_energy_curve_around(Plane(loss), torch.tensor(at, dtype=torch.float64), 200.0, 20.0, chains)
    assert curve.t[-1] == pytest.approx(200)
    assert len(curve.t) >= 4
    wanted = [exactly(t, 20.0) for t in curve.t]
    for value, exact, error in zip(curve.value[1:], wanted[1:], curve.error[1:], strict=True):
        assert within(value - exact, error, 6)
    assert within(curve.drawn[0] - wanted[curve.checked], curve.drawn[1], 6)
    assert beyond(curve.value[-1] - exactly(4 * curve.t[-1], 20.0), curve.error[-1], 6)


def test_chains_that_do_not_come_together_give_no_curve(monkeypatch):
    monkeypatch.setattr("numerics.estimation.free_energy.LARGEST_RHAT_AROUND", 0.9)
    with pytest.raises(EstimateError, match="do not come together"):
        free_energy_curve_around(Plane(circle), torch.tensor([1.0, 0.0], dtype=torch.float64), 10.0, 1.0,
                                 Chains(2, 0, 4, leapfrogs=1))
