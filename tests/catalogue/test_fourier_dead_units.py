"""What dead units add at the Fourier solution, with negative controls."""

from fractions import Fraction

import pytest

from slt_symbolic.networks import fourier_dead_units
from slt_symbolic.search.proofs.newton import monomial_threshold


@pytest.mark.long
def test_f_purity_needs_all_its_quadrics(monkeypatch):
    """Negative control: with quadrics in too few variables the monomial in all of them does not occur."""
    original = fourier_dead_units.quadrics_modulo_five

    def without_the_constant(k, phase):
        quadrics = original(k, phase)
        return [{places: x for places, x in quadric.items() if 0 not in places} for quadric in quadrics]

    monkeypatch.setattr(fourier_dead_units, "ATTEMPTS", 2)
    assert fourier_dead_units.is_f_pure()
    monkeypatch.setattr(fourier_dead_units, "quadrics_modulo_five", without_the_constant)
    assert not fourier_dead_units.is_f_pure()


def test_a_wrong_functional_gives_no_monomial(monkeypatch):
    original = fourier_dead_units.axis_functional

    def doubled(p, k, eps, i):
        return {**original(p, k, eps, i), (i, 0): fourier_dead_units.QQ_I(2, 0)}

    monkeypatch.setattr(fourier_dead_units, "axis_functional", doubled)
    assert all(not exponent[7] for exponent in fourier_dead_units.initial_monomials(7))  # none with c


def test_two_dead_units_need_their_weights(monkeypatch):
    """Negative control: with the same weights for both units the initial ideal sees one of them only."""
    assert fourier_dead_units.cost_of_dead_units(9, 2).value == Fraction(17, 2)
    (first, _), of_v = fourier_dead_units.TWO_DEAD_UNITS[9]
    monkeypatch.setattr(fourier_dead_units, "TWO_DEAD_UNITS", {9: ((first, first), tuple((v, v) for v, _ in of_v))})
    assert monomial_threshold(fourier_dead_units.initial_monomials_of_two(9))[0] < Fraction(17, 2)
