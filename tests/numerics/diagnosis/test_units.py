"""Which units do nothing and which coincide: what shifts, scalings and signs do not change, and the tolerances."""

import numpy as np
import pytest

from numerics.diagnosis.units import EXACT, TRAINED, units_of
from numerics.networks.file import Network
from numerics.networks.fourier import fourier_weights
from slt_symbolic.networks.data import all_pairs

W, V = fourier_weights(5)


def units(w, v, tolerance=TRAINED):
    return units_of(Network(w, v, all_pairs(5).pairs, True, "add"), tolerance)


def counts(w, v, tolerance=TRAINED):
    """Active, idle, coinciding."""
    found = units(w, v, tolerance)
    assert sorted(found.active + found.dead + found.zero_output + found.blind) == list(range(len(w)))
    return len(found.active), len(w) - len(found.active), len(found.active) - found.distinct


@pytest.mark.parametrize("tolerance", [EXACT, TRAINED])
def test_the_fourier_fit_has_no_idle_unit(tolerance):
    assert counts(W, V, tolerance) == (9, 0, 0)


@pytest.mark.parametrize("tolerance", [EXACT, TRAINED])
def test_units_at_zero_are_idle(tolerance):
    inside, outside = W.copy(), V.copy()
    inside[[0, 2]], outside[[1, 2]] = 0, 0
    assert counts(inside, outside, tolerance) == (6, 3, 0)
    found = units(inside, outside, tolerance)
    assert (found.dead, found.zero_output, found.blind) == ((2,), (1,), (0,))
    assert counts(0 * W, V, tolerance) == (0, 9, 0)
    assert units(0 * W, 0 * V, tolerance).dead == tuple(range(9))


@pytest.mark.parametrize("tolerance", [EXACT, TRAINED])
@pytest.mark.parametrize(("factor", "idle"), [(2, 0), (0.5, 1)])
@pytest.mark.parametrize("scale", [1, 0.1, 30])
def test_the_threshold_is_a_share_of_the_largest(tolerance, factor, idle, scale):
    """Of the product alone: scaling a unit by ``(t w, V/t^2)`` neither kills nor revives it."""
    w, v = np.concatenate([W, W[:1] + np.arange(10)]), np.concatenate([V, 0 * V[:1]])
    strength = np.linalg.norm(V, axis=1) * ((W[:, :5, None] + W[:, None, 5:]) ** 2).mean((1, 2))
    square = ((w[-1, :5, None] + w[-1, None, 5:]) ** 2).mean()
    v[-1, 0] = factor * tolerance.idle * strength.max() / square
    w[-1], v[-1] = scale * w[-1], v[-1] / scale**2
    assert counts(w, v, tolerance) == (10 - idle, idle, 0)


@pytest.mark.parametrize("tolerance", [EXACT, TRAINED])
def test_a_unit_that_is_copied_with_a_shift_a_factor_and_a_sign_coincides(tolerance):
    shift = np.repeat([0.7, -0.7], 5)
    w, v = np.concatenate([W, -2 * W[3:4] + shift, W[3:4]]), np.concatenate([V, V[4:5], V[5:6]])
    assert counts(w, v, tolerance) == (11, 0, 2)
    assert units(w, v, tolerance).duplicate == ((3, 9, 10),)


@pytest.mark.parametrize("tolerance", [EXACT, TRAINED])
@pytest.mark.parametrize(("factor", "coinciding"), [(0.9, 1), (1.1, 0)])
def test_the_distance_of_units_that_coincide(tolerance, factor, coinciding):
    """Units 3 and 4 are orthogonal on all pairs and of the same size: turned by an angle of 2 sin(angle/2)."""
    angle = 2 * np.arcsin(factor * tolerance.same / 2)
    turned = np.cos(angle) * W[3:4] + np.sin(angle) * W[4:5]
    assert counts(np.concatenate([W, turned]), np.concatenate([V, V[3:4]]), tolerance) == (10, 0, coinciding)
