"""Exact fits proved in ball arithmetic, and what no ball proves."""

import numpy as np

from numerics.diagnosis.ball_proof import features_span, independent_features, onto_fit
from numerics.networks.file import read_network
from slt_symbolic.networks.data import TwoHotPairs, all_pairs
from tests import DATA


def arrays_of(found, outputs):
    data = TwoHotPairs(found.modulus, found.pairs)
    return found.w, found.v[:, :outputs], data.matrix(), found.targets[:, :outputs], found.centred


def test_a_proof_needs_an_exact_fit_with_an_onto_jacobian():
    trained = read_network(DATA / "trained_5_20.npz")
    w, v, inputs, targets, centred = arrays_of(trained, 4)
    fit = onto_fit(w, v, inputs, targets, centred)
    assert fit.distance < 1e-12
    assert independent_features(fit, inputs)
    assert onto_fit(*arrays_of(trained, 5)) is None  # rank 85 of 95
    assert onto_fit(w + 0.1, v, inputs, targets, centred) is None
    assert onto_fit(w, v, inputs, targets[::-1], centred) is None
    assert onto_fit(w[:3], v[:3], inputs, targets, centred) is None  # fewer parameters than equations
    twice = np.vstack([w, w[:1]]), np.vstack([v, 0 * v[:1]])
    fit = onto_fit(*twice, inputs, targets, centred)
    assert fit is not None
    assert not independent_features(fit, inputs)


def test_the_balls_hold_the_exact_fit():
    """One unit, p = 2, pair (0, 0): ``V_c (u_0 + v_0)^2 = [c = 0]``; from 1 + 1e-8 the fit is 1e-8 away."""
    w, v = np.array([[1 + 1e-8, 0, 0, 0]]), np.array([[1.0, 0.0]])
    inputs, targets = np.array([[1, 0, 1, 0]]), np.array([[1, 0]])
    fit = onto_fit(w, v, inputs, targets, False)
    assert 1e-9 < fit.distance < 1e-7
    assert ((fit.w[0, 0] + fit.w[0, 2]) ** 2 * fit.v[0, 0] - 1).contains(0)


def test_features_that_do_not_span():
    w, inputs = np.random.default_rng(0).normal(size=(9, 6)), all_pairs(3).matrix()
    assert features_span(w, inputs, False)
    assert not features_span(w[:8], inputs, False)
    assert features_span(w[:8], inputs, True)
    assert not features_span(np.vstack([w[:8], w[:1]]), inputs, False)
