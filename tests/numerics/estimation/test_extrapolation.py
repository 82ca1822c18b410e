"""Limits of synthetic ladders whose learning coefficient and multiplicity are known."""

from functools import cache

import numpy as np
import pytest

from numerics.estimation.extrapolation import Extrapolation, extrapolate
from tests.sampled import beyond, within

pytestmark = pytest.mark.sampled

LAMBDA, NOISE, COLUMNS, LADDERS = 1.5, 0.02, 32, 12


def ladder(multiplicity: int, seed: int = 0, rungs: int = 30, span: float = 1e8):
    """``lambda - P'/P`` with a power that dies out, and independent noise in each column."""
    nbeta = np.geomspace(100, 100 * span, rungs)
    log = np.log(nbeta)
    curve = {1: LAMBDA - 0.8 * nbeta**-0.25, 2: LAMBDA - 1 / (log + 2) - nbeta**-1.0,
             3: LAMBDA - 1 / (log + 1) - 1 / (log + 4) - nbeta**-1.0}[multiplicity]
    return nbeta, curve[:, None] + NOISE * np.random.default_rng(seed).normal(size=(rungs, COLUMNS))


def error(found: Extrapolation) -> float:
    """Both of them."""
    return float(np.hypot(found.mcse, found.systematic))


@cache
def limits(multiplicity: int, assumed: int) -> list[Extrapolation]:
    """Of ladders that differ in their noise."""
    return [extrapolate(*ladder(multiplicity, seed), assumed) for seed in range(LADDERS)]


@pytest.mark.parametrize("multiplicity", [1, 2, 3])
def test_the_limit_is_found_within_its_errors(multiplicity):
    """One ladder in fifty is judged to hold no limit: half of them are with probability 1e-7."""
    found = [one for one in limits(multiplicity, multiplicity) if one.holds]
    assert len(found) > LADDERS / 2
    for one in found:
        assert within(one.limit - LAMBDA, error(one), 5)
        assert within(error(one), 0.05, 1)
    if multiplicity > 1:  # nothing is found that was there: the last rung itself is far away
        last = np.mean([ladder(multiplicity, seed)[1][-1].mean() for seed in range(LADDERS)])
        assert within(np.median([one.limit for one in found]) - LAMBDA, abs(last - LAMBDA), 0.5)


@pytest.mark.parametrize(("true", "assumed"), [
    pytest.param(2, 1, marks=pytest.mark.long), pytest.param(3, 1, marks=pytest.mark.long), (1, 2), (3, 2)])
def test_the_wrong_multiplicity_is_not_the_same(true, assumed):
    """A wrong limit can be right by chance, one in thirty is."""
    pairs = zip(limits(true, true), limits(true, assumed), strict=True)
    noticed = [not wrong.holds or abs(wrong.limit - right.limit) > 3 * np.hypot(right.mcse, wrong.mcse)
               for right, wrong in pairs]
    assert beyond(sum(noticed), LADDERS, 1 / 2)


@pytest.mark.parametrize("multiplicity", [1, 2, 3])
def test_the_error_is_that_of_repeated_runs(multiplicity):
    found = [one for one in limits(multiplicity, multiplicity) if one.holds]
    spread = np.std([one.limit for one in found])
    assert within(np.log(np.mean([one.mcse for one in found]) / spread), np.log(4), 1)


@pytest.mark.parametrize(("multiplicity", "enough"), [(1, 5), (2, 4), (3, 5)])
def test_a_short_ladder_has_no_limit(multiplicity, enough):
    nbeta, means = ladder(multiplicity)
    assert extrapolate(nbeta[: enough - 1], means[: enough - 1], multiplicity) is None
    assert extrapolate(nbeta[:enough], means[:enough], multiplicity) is not None


def test_a_fit_that_does_not_hold_is_uncertain_by_all_that_it_bridges():
    nbeta, means = ladder(1)
    for wave, holds in ((0.0, True), (0.1, False)):
        bent = means + wave * np.cos(3 * np.arange(len(nbeta)))[:, None]
        found = extrapolate(nbeta, bent, 1)
        assert found.holds == holds
        bridged = abs(found.limit - bent[-1].mean())
        assert (found.systematic >= bridged) == (not holds)
