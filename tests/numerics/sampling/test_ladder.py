"""Ladders of chains: their means against quadrature, the control variates, and reproducibility."""

import pytest
import torch

from numerics.curvature.geometry import geometry
from numerics.networks.catalogue import exact_point
from numerics.sampling.ladder import Target, run_ladder
from numerics.sampling.schedule import Schedule
from tests.numerics.sampling.dead_unit import dead_unit, off
from tests.oracles.quadrature import mean_of_dead_unit
from tests.sampled import beyond, within

pytestmark = pytest.mark.sampled

NBETA = torch.tensor([3.0, 30.0, 300.0], dtype=torch.float64)
CHAINS = 512
NEAR, FAR = 5.5, 6.0  # standard errors: what passes, and what a control must exceed


def ladder(twin, point, nbeta=NBETA, seed=0, draws=40, burn_in=100):
    return run_ladder(Target(twin, geometry(twin, point), nbeta, 1.0), Schedule(CHAINS, burn_in, draws, seed),
                      step_size=None, enough=lambda _: False, progress=False)


def dead_ladder(**options):
    return ladder(dead_unit(), torch.zeros(4, dtype=torch.float64), **options)


def linear_ladder(**options):
    point = exact_point("quadratic-lazy", p=3, K=7, l=8)
    return ladder(point.loss, point.theta, NBETA[-2:], **options)


@pytest.fixture
def uncontrolled(monkeypatch):
    monkeypatch.setattr("numerics.sampling.ladder.RIDGE", 1e100)  # no control variate gets a coefficient


@pytest.mark.long
def test_controlled_means_are_right_at_every_rung():
    trace = dead_ladder()
    assert trace.values.shape == (3, CHAINS, 40)
    for nbeta, values in zip(NBETA, trace.values, strict=True):
        assert within(*off(values, mean_of_dead_unit(float(nbeta), 1.0)), NEAR)
        assert beyond(*off(values, mean_of_dead_unit(2 * float(nbeta), 1.0)), FAR)
    assert bool(((trace.acceptance > 0.3) & (trace.acceptance < 0.99)).all())
    assert bool((trace.exchanges > 0.05).all())


@pytest.mark.long
def test_uncontrolled_means_are_the_same(uncontrolled):
    for nbeta, values in zip(NBETA, dead_ladder().values, strict=True):
        assert within(*off(values, mean_of_dead_unit(float(nbeta), 1.0)), NEAR)
        assert bool((values >= 0).all())


def test_controls_leave_no_variance_on_a_gaussian():
    values = linear_ladder().values
    point = exact_point("quadratic-lazy", p=3, K=7, l=8)
    found = geometry(point.loss, point.theta)
    for nbeta, row in zip(NBETA[-2:], values, strict=True):
        stiff = nbeta * found.nonzero
        expected = float((stiff / (stiff + 1.0)).sum()) / 2
        assert within(row.std(), 0.01 * expected, 1)
        assert within(row.mean() - expected, 1e-4 * expected, 1)


def test_without_controls_the_variance_is_that_of_a_gaussian(uncontrolled):
    values = linear_ladder().values[-1]
    assert beyond(values.std(), 0.2 * values.mean(), 1)


def test_a_run_is_reproducible():
    first, again, other = (dead_ladder(seed=seed, draws=8, burn_in=12).values for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_it_ends_when_there_are_enough_draws(monkeypatch):
    monkeypatch.setattr("numerics.sampling.ladder.FIRST_LOOK", 50)
    point = torch.zeros(4, dtype=torch.float64)
    twin = dead_unit()
    trace = run_ladder(Target(twin, geometry(twin, point), NBETA, 1.0), Schedule(8, 50, 100),
                       step_size=0.3, enough=lambda _: True, progress=False)
    assert trace.values.shape[2] == 50
    assert trace.step_size == pytest.approx(0.3)
    assert bool(trace.values.isfinite().all())
