"""What noise in the weights adds to the loss, against moments of monomials at rational weights; at zero weights."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest
import sympy

from slt_symbolic.networks.data import all_pairs
from slt_symbolic.networks.weight_noise import added_by_noise
from tests.oracles.gaussian_moments import mean_under_noise, quadratic_loss

VARIANCE = Fraction(2, 7)


def weights(rng, *shape):
    values = [Fraction(rng.randint(-5, 5), rng.randint(1, 4)) for _ in range(math.prod(shape))]
    return np.array(values, dtype=object).reshape(shape)


def both_ways(p, units, pairs, centred, batch, seed=0):
    """By the closed form, and by moments."""
    rng = random.Random(seed)
    w, v, targets = weights(rng, units, 2 * p), weights(rng, units, p), weights(rng, len(pairs), p)
    names = [f"x{i}" for i in range(3 * p * units)]
    symbols = np.array(sympy.symbols(names))
    ws, vs = symbols[: w.size].reshape(w.shape), symbols[w.size:].reshape(v.shape)
    loss = quadratic_loss(ws, vs, pairs, targets, centred, batch or len(pairs))
    at = dict(zip(symbols, [*w.flat, *v.flat], strict=True))
    expected = mean_under_noise(loss, at, VARIANCE) - mean_under_noise(loss, at, Fraction(0))
    errors = None if centred else output(w, v, np.array(pairs)) - targets
    return added_by_noise(w, v, np.array(pairs), VARIANCE, batch=batch,
                          mean_error=None if errors is None else errors.sum(0) / len(pairs)), expected


def output(w, v, pairs):
    return (w[:, pairs[:, 0]] + w[:, v.shape[1] + pairs[:, 1]]).T ** 2 @ v


@pytest.mark.parametrize(("p", "pairs", "centred", "batch"), [
    (2, all_pairs(2).pairs, True, None), (2, all_pairs(2).pairs, False, None), (2, all_pairs(2).pairs, True, 3),
    (2, [(0, 1), (1, 1), (1, 0)], True, 2), (2, [(1, 1)], False, None), (2, [(1, 1)], True, None),
    pytest.param(3, [(0, 0), (0, 2), (1, 2), (2, 2)], True, None, marks=pytest.mark.long),
    pytest.param(3, [(0, 0), (0, 2), (1, 2), (2, 2)], True, 2, marks=pytest.mark.long),
    pytest.param(3, [(0, 1), (2, 1), (1, 1)], False, 2, marks=pytest.mark.long)])
def test_it_is_the_mean_of_the_polynomial(p, pairs, centred, batch):
    found, expected = both_ways(p, 1, list(pairs), centred, batch)
    assert found == expected
    assert isinstance(found, Fraction)


@pytest.mark.long
def test_two_units():
    found, expected = both_ways(2, 2, [(0, 1), (1, 1), (1, 0)], True, None)
    assert found == expected


def test_noise_of_no_variance_adds_nothing():
    rng, pairs = random.Random(1), np.array(all_pairs(3).pairs)
    w, v = weights(rng, 4, 6), weights(rng, 4, 3)
    for mean_error in (None, weights(rng, 3)):
        assert added_by_noise(w, v, pairs, Fraction(0), mean_error=mean_error) == 0


@pytest.mark.parametrize(("p", "units"), [(3, 1), (5, 4), (11, 7)])
def test_what_noise_adds_at_zero_weights(p, units):
    """By hand: ``E V^2 e^4`` is 12 variance^3 for each unit and output, its mean over the pairs 4 + 4 (p + 1)/p^2."""
    pairs, zero = np.array(all_pairs(p).pairs), Fraction(0)
    added = added_by_noise(np.full((units, 2 * p), zero), np.full((units, p), zero), pairs, VARIANCE)
    assert added == 2 * units * p * VARIANCE**3 * (2 - Fraction(p + 1, p**2))


def test_floats_and_rationals_agree():
    rng, pairs = random.Random(2), np.array(all_pairs(5).pairs[::2])
    w, v, mean_error = weights(rng, 3, 10), weights(rng, 3, 5), weights(rng, 5)
    for options in ({}, {"batch": 4}, {"mean_error": mean_error}):
        exact = added_by_noise(w, v, pairs, VARIANCE, **options)
        rounded = added_by_noise(w.astype(float), v.astype(float), pairs, float(VARIANCE),
                                 **{name: np.asarray(x).astype(float) if name == "mean_error" else x
                                    for name, x in options.items()})
        assert rounded == pytest.approx(float(exact), rel=1e-12)
