"""What draws say: their error is that of independent ones, and of none where a chain stood still or ran away."""

import math
import pickle

import numpy as np
import pytest

from numerics.sampling.summary import EstimateError, drifts, rung_of

INDEPENDENT = np.random.default_rng(0).standard_normal((8, 500))


def test_independent_draws_have_the_error_of_their_mean():
    found = rung_of(2.0, INDEPENDENT)
    assert found.mcse == pytest.approx(1 / math.sqrt(4000), rel=0.3)
    assert found.rhat == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("still", [slice(None), slice(3, 4)])
def test_a_chain_that_stood_still_has_an_infinite_error(still):
    draws = INDEPENDENT.copy()
    draws[still] = draws[still, :1]
    found = rung_of(2.0, draws)
    assert (found.mcse, found.ess, found.rhat) == (math.inf, 0.0, math.inf)


def test_chains_that_moved_once_are_no_better():
    """Each half of their draws is one number, so that R-hat has no variance to divide by."""
    found = rung_of(2.0, np.repeat(INDEPENDENT[:, :2], 10, axis=1))
    assert (found.mcse, found.ess, found.rhat) == (math.inf, 0.0, math.inf)


def test_a_chain_that_ran_away_is_an_error():
    draws = INDEPENDENT.copy()
    draws[2, 7] = math.inf
    with pytest.raises(EstimateError, match="1 of 8 chains diverged"):
        rung_of(2.0, draws)


def test_chains_that_come_the_same_way_are_seen_to_drift():
    """All from 1 down to 0, by less than they scatter; R-hat of the same draws is that of chains that are together."""
    noise = np.random.default_rng(0).normal(size=(16, 40))
    way = np.linspace(1, 0, 40)
    assert drifts(noise + way)
    assert rung_of(1.0, noise + way).rhat < 1.1
    assert not drifts(noise)
    assert not drifts(noise[:, :1])
    false = sum(drifts(np.random.default_rng(seed).normal(size=(4, 10))) for seed in range(200))
    assert false <= 3


def test_an_error_in_a_worker_is_the_same_in_its_parent():
    error = EstimateError("chains diverged", "a smaller step", {"rhat": 2.0})
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.partial, again.point) == (str(error), {"rhat": 2.0}, None)
    assert str(error) == "chains diverged; a smaller step"
