"""The Fourier solution modulo a prime, and what a dead unit adds there."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.networks.fourier import fourier_weights
from slt_symbolic.networks import fourier_dead_units as padding
from slt_symbolic.networks.fourier import FourierSolution, third_is_onto
from slt_symbolic.search.proofs.newton import monomial_threshold


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


def test_f_purity_needs_all_its_quadrics(monkeypatch):
    """Negative control: with quadrics in too few variables the monomial in all of them does not occur."""
    original = padding._quadrics_modulo_five

    def without_the_constant(k, phase):
        quadrics = original(k, phase)
        return [{places: x for places, x in quadric.items() if 0 not in places} for quadric in quadrics]

    assert padding.is_f_pure()
    monkeypatch.setattr(padding, "_quadrics_modulo_five", without_the_constant)
    assert not padding.is_f_pure()


def test_a_wrong_functional_gives_no_monomial(monkeypatch):
    original = padding.axis_functional

    def doubled(p, k, eps, i):
        return {**original(p, k, eps, i), (i, 0): padding.QQ_I(2, 0)}

    monkeypatch.setattr(padding, "axis_functional", doubled)
    assert all(not exponent[7] for exponent in padding.initial_monomials(7))  # none with c


def test_two_dead_units_need_their_weights(monkeypatch):
    """Negative control: with the same weights for both units the initial ideal sees one of them only."""
    assert padding.cost_of_dead_units(9, 2).value == Fraction(17, 2)
    (first, _), of_v = padding.TWO_DEAD_UNITS[9]
    monkeypatch.setattr(padding, "TWO_DEAD_UNITS", {9: ((first, first), tuple((v, v) for v, _ in of_v))})
    assert monomial_threshold(padding.initial_monomials_of_two(9))[0] < Fraction(17, 2)
