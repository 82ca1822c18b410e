"""Limits of synthetic ladders whose learning coefficient and multiplicity are known."""

import numpy as np
import pytest

from numerics.estimation.extrapolation import Extrapolation, extrapolate

LAMBDA, NOISE, COLUMNS = 1.5, 0.02, 32


def ladder(multiplicity: int, seed: int = 0, rungs: int = 30, span: float = 1e8):
    """``lambda - P'/P`` with a power that dies out, and independent noise in each column."""
    nbeta = np.geomspace(100, 100 * span, rungs)
    log = np.log(nbeta)
    curve = {1: LAMBDA - 0.8 * nbeta**-0.25, 2: LAMBDA - 1 / (log + 2) - nbeta**-1.0,
             3: LAMBDA - 1 / (log + 1) - 1 / (log + 4) - nbeta**-1.0}[multiplicity]
    return nbeta, curve[:, None] + NOISE * np.random.default_rng(seed).normal(size=(rungs, COLUMNS))


def off_by(found: Extrapolation) -> float:
    """In combined errors."""
    return abs(found.limit - LAMBDA) / float(np.hypot(found.mcse, found.systematic))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("multiplicity", [1, 2, 3])
def test_the_limit_is_found_within_its_errors(multiplicity, seed):
    nbeta, means = ladder(multiplicity, seed)
    found = extrapolate(nbeta, means, multiplicity)
    assert found.holds
    assert off_by(found) < 3
    assert np.hypot(found.mcse, found.systematic) < 0.05
    if multiplicity > 1:  # nothing is found that was there: the last rung itself is far away
        assert abs(means[-1].mean() - LAMBDA) > 2 * abs(found.limit - LAMBDA)


@pytest.mark.parametrize(("true", "assumed"), [(2, 1), (3, 1), (1, 2), (3, 2)])
def test_the_wrong_multiplicity_is_not_the_same(true, assumed):
    right, wrong = extrapolate(*ladder(true), true), extrapolate(*ladder(true), assumed)
    assert not wrong.holds or abs(wrong.limit - right.limit) > 3 * np.hypot(right.mcse, wrong.mcse)


def test_the_error_is_that_of_repeated_runs():
    found = [extrapolate(*ladder(2, seed), 2) for seed in range(12)]
    spread = np.std([x.limit for x in found])
    assert spread / 3 < np.mean([x.mcse for x in found]) < 3 * spread


@pytest.mark.parametrize(("multiplicity", "enough"), [(1, 5), (2, 4), (3, 5)])
def test_a_short_ladder_has_no_limit(multiplicity, enough):
    nbeta, means = ladder(multiplicity)
    assert extrapolate(nbeta[: enough - 1], means[: enough - 1], multiplicity) is None
    assert extrapolate(nbeta[:enough], means[:enough], multiplicity) is not None
