"""Counting units: what shifts, scalings and signs do not change."""

import numpy as np
import pytest

from numerics.fourier import fourier_weights
from numerics.units import UnitCounts, unit_kinds

W, V = fourier_weights(5)


def test_the_fourier_fit_has_no_idle_unit():
    assert unit_kinds(W, V) == UnitCounts(active=9, dead=0, coinciding=0)


def test_units_at_zero_are_dead():
    dead_inside, dead_outside = W.copy(), V.copy()
    dead_inside[0], dead_outside[1] = 0, 0
    assert unit_kinds(dead_inside, dead_outside) == UnitCounts(active=7, dead=2, coinciding=0)
    assert unit_kinds(0 * W, V) == UnitCounts(active=0, dead=9, coinciding=0)


@pytest.mark.parametrize(("share", "dead"), [(2e-3, 0), (5e-4, 1)])
def test_the_threshold_is_a_share_of_the_largest(share, dead):
    w, v = np.concatenate([W, W[:1] + np.arange(10)]), np.concatenate([V, 0 * V[:1]])
    strength = np.linalg.norm(V, axis=1) * ((W[:, :5, None] + W[:, None, 5:]) ** 2).mean((1, 2))
    square = ((w[-1, :5, None] + w[-1, None, 5:]) ** 2).mean()
    v[-1, 0] = share * strength.max() / square
    assert unit_kinds(w, v).dead == dead


def test_a_unit_that_is_copied_with_a_shift_a_factor_and_a_sign_coincides():
    shift = np.repeat([0.7, -0.7], 5)
    w, v = np.concatenate([W, -2 * W[3:4] + shift, W[3:4]]), np.concatenate([V, V[4:5], V[5:6]])
    assert unit_kinds(w, v) == UnitCounts(active=11, dead=0, coinciding=2)
    assert unit_kinds(w, v).distinct == 9
