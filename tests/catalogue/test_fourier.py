"""The Fourier solution modulo a prime, and its closed form."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.networks.fourier import fourier_weights
from slt_symbolic import closed_forms
from slt_symbolic.networks.fourier import FourierSolution, third_is_onto


@pytest.mark.parametrize("p", [3, 5, 9])
def test_it_fits_and_has_the_rank_of_the_floating_point_network(p):
    solution = FourierSolution(p)
    a, b, c = np.indices((p, p, p))
    assert (solution.values().reshape(p, p, p) == ((a + b - c) % p == 0)).all()
    w, v = fourier_weights(p)
    s = (w[:, :p, None] + w[:, None, p:]).reshape(len(w), -1)
    incident = np.concatenate([np.repeat(np.eye(p), p, axis=1), np.tile(np.eye(p), p)])
    slopes = 2 * np.einsum("jn,xn,jc->jxnc", s, incident, v).reshape(-1, p**3)
    outputs = np.einsum("jn,ck->jcnk", s**2, np.eye(p)).reshape(-1, p**3)
    assert np.linalg.matrix_rank(np.concatenate([slopes, outputs]), tol=1e-9) == solution.rank


def test_the_prime_has_the_roots_of_unity():
    solution = FourierSolution(15)
    assert (solution.prime - 1) % 60 == 0
    assert pow(solution.power_of_root(1), 30, solution.prime) == solution.prime - 1


def test_three_divides():
    assert third_is_onto()
    solution = FourierSolution(9)
    assert solution.tangent_dimension(False) == solution.rank_of(solution.tangents(False)) + 2


@pytest.mark.parametrize(("p", "centred", "dead", "value", "m"), [
    # Ranks of the Jacobian at the solution in floating point: 27, 105 and 100, 229, 399.
    (3, False, 0, "27/2", 1), (5, False, 0, "105/2", 1), (5, True, 0, "50", 1), (7, False, 0, "229/2", 1),
    (9, False, 0, "399/2", 1), (3, False, 4, "27/2", 1),
    (5, False, 1, "219/4", 1), (7, False, 1, "471/4", 1), (101, True, 1, "120401/4", 1),
    (5, False, 2, "57", None), (5, True, 2, "109/2", None), (7, False, 2, "121", None), (9, False, 2, "208", None),
    (13, False, 2, "457", 1),
])
def test_fourier_solution(p, centred, dead, value, m):
    answer = closed_forms["modular-addition-fourier"].at(p=p, units=2 * p - 1 + dead, centred=centred)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), m)
    assert answer.evidence.grade == ("certified" if (p == 5 and dead) or dead == 2 else "proved")


def test_several_dead_units_are_a_bracket_below_the_ceiling():
    entry = closed_forms["modular-addition-fourier"]
    answer = entry.at(p=7, units=16, centred=False)
    assert (answer.lower, answer.upper, answer.lambda_) == (Fraction(484, 4), Fraction(497, 4), None)
    answer = entry.at(p=15, units=31, centred=False)
    assert (answer.lower, answer.upper) == (answer.upper - Fraction(29, 4), answer.upper)
    assert entry.at(p=5, units=100, centred=False).upper == Fraction(125, 2)


@pytest.mark.parametrize(("p", "dead", "lower", "upper", "m"), [
    (3, 1, 9, 9, 1), (3, 9, 9, 9, 1), (5, 1, 50, 50, None), (5, 7, 50, 50, None), (7, 1, 111, 111, 1),
    (9, 1, 195, 195, 1), (101, 1, 30050, 30050, 1), (7, 2, 111, 114, None), (7, 14, 111, 150, None),
    (7, 15, 111, 147, None),
])
def test_dead_units_under_softmax(p, dead, lower, upper, m):
    """From 15 on at p = 7 fits of full rank are near: half of 49·6."""
    answer = closed_forms["modular-addition-fourier-softmax"].at(p=p, units=2 * p - 1 + dead)
    assert (answer.lower, answer.upper, answer.multiplicity) == (lower, upper, m)
    assert answer.evidence.grade == ("certified" if p == 5 else "proved")


@pytest.mark.parametrize(("p", "value"), [(3, 9), (5, 48), (7, 108), (9, 191), (11, 300), (101, 30000)])
def test_under_softmax(p, value):
    answer = closed_forms["modular-addition-fourier-softmax"].at(p=p)
    assert (answer.lambda_, answer.multiplicity) == (value, 1)
    if p <= 7:  # in floating point, constants subtracted from the outputs of each pair
        w, v = fourier_weights(p)
        s = (w[:, :p, None] + w[:, None, p:]).reshape(len(w), -1)
        incident = np.concatenate([np.repeat(np.eye(p), p, axis=1), np.tile(np.eye(p), p)])
        slopes = 2 * np.einsum("jn,xn,jc->jxnc", s, incident, v).reshape(-1, p**2, p)
        outputs = np.einsum("jn,ck->jcnk", s**2, np.eye(p)).reshape(-1, p**2, p)
        jacobian = np.concatenate([slopes, outputs])
        seen = (jacobian - jacobian.mean(2, keepdims=True)).reshape(len(jacobian), -1)
        assert np.linalg.matrix_rank(seen, tol=1e-9) == 2 * value
