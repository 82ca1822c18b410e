"""Statistics against values by hand and against programs of others; what knows nothing gets nothing."""

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from numerics.studies.tracking.statistics import (
    concordance,
    first_fall,
    mean_over_runs,
    power_of_concordance,
    power_of_mean,
    rank_correlation,
    rank_correlation_given,
)


def test_rank_correlation_is_spearmans():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=20), rng.integers(0, 4, 20).astype(float)  # with ties
    assert rank_correlation(x, y) == pytest.approx(spearmanr(x, y).statistic)


def test_what_is_given_is_taken_away():
    """Two that follow a third and nothing else are correlated, and given the third they are not."""
    rng = np.random.default_rng(0)
    given = rng.normal(size=4000)
    x, y = given + rng.normal(size=4000), given + rng.normal(size=4000)
    assert rank_correlation(x, y) > 0.4
    assert abs(rank_correlation_given(x, y, given)) < 0.1  # six errors of 1/sqrt(4000)
    z = x + rng.normal(size=4000) / 4
    assert rank_correlation_given(x, z, given) > 0.8
    assert rank_correlation_given(given**3, y, given) is None


def test_partial_correlation():
    """From the three correlations of pairs, by another program."""
    x, y, given = np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4]), np.array([2.0, 1, 4, 3])
    a, b, c = (spearmanr(*pair).statistic for pair in ((x, y), (x, given), (y, given)))
    assert rank_correlation_given(x, y, given) == pytest.approx((a - b * c) / ((1 - b * b) * (1 - c * c)) ** 0.5)


def test_a_fall_is_from_the_largest_so_far():
    assert first_fall(np.array([5.0, 4.9, 6.0, 5.8, 5.6]), 0.05) == 4
    assert first_fall(np.array([1.0, 2.0, 3.0]), 0.05) is None


def test_concordance_by_hand():
    """Times 1, 2 and censored at 3: three pairs are comparable, between strata none."""
    time, event = np.array([1.0, 2.0, 3.0]), np.array([True, True, False])
    assert concordance(np.array([1.0, 2.0, 3.0]), time, event, ["a"] * 3).value == 1
    assert concordance(np.array([3.0, 2.0, 1.0]), time, event, ["a"] * 3).value == 0
    assert concordance(np.array([2.0, 1.0, 3.0]), time, event, ["a"] * 3).value == pytest.approx(2 / 3)
    assert concordance(np.array([1.0, 1.0, 1.0]), time, event, ["a"] * 3).value == 0.5
    assert np.isnan(concordance(np.array([1.0, 2.0, 3.0]), time, event, ["a", "b", "c"]).value)
    both = concordance(np.array([1.0, 2.0, 3.0, 9.0]), np.append(time, 0.5), np.append(event, True), [*"aaab"])
    assert both.value == 1  # the other stratum would say otherwise


def test_censored_runs_are_compared_with_earlier_events_alone():
    found = concordance(np.array([2.0, 1.0]), np.array([5.0, 3.0]), np.array([True, False]), ["a", "a"])
    assert np.isnan(found.value)  # the second may have had its event before or after


def test_a_setting_that_decides_is_no_concordance():
    """Between two settings x says everything, within each nothing: only the second counts."""
    rng = np.random.default_rng(0)
    where = np.repeat([0, 1], 100)
    event = rng.random(200) < np.where(where, 0.9, 0.1)
    x = rng.normal(size=200) - 10 * where
    time = np.where(event, 0.0, 1.0)
    within = concordance(x, time, event, [str(place) for place in where])
    assert abs(within.value - 0.5) < 5 * within.error
    assert concordance(x, time, event, ["all"] * 200).value > 0.8


def test_the_interval_of_a_mean_is_that_of_its_error():
    values = np.random.default_rng(1).normal(2, 3, 200)
    found = mean_over_runs(values, ["a"] * 100 + ["b"] * 100)
    assert found.value == pytest.approx(values.mean())
    assert found.error == pytest.approx(values.std() / 200**0.5, rel=0.15)
    assert found.high - found.low == pytest.approx(2 * 1.96 * found.error, rel=0.15)
    alone = mean_over_runs(np.array([1.0, 5.0]), ["a", "b"])  # a stratum of one is never left out
    assert (alone.low, alone.high) == (3, 3)


def test_power():
    """Of a mean: the normal distribution's; without an effect, the level."""
    assert power_of_mean(0.1, 0.15, 400, 400) > 0.99
    exact = norm.sf(1.96 - 0.05 * 50**0.5 / 0.15) + norm.cdf(-1.96 - 0.05 * 50**0.5 / 0.15)
    assert power_of_mean(0.05, 0.15, 50, 4000) == pytest.approx(exact, abs=0.05)
    assert power_of_mean(0.0, 0.15, 50, 4000) < 0.1


@pytest.mark.long
def test_power_of_a_concordance():
    assert power_of_concordance(0.9, 2, 20, 0.5, 40) > 0.9
    assert power_of_concordance(0.5, 2, 20, 0.5, 60) < 0.3
