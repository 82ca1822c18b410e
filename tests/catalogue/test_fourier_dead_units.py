"""What dead units add at the Fourier solution, with negative controls."""

import random
from fractions import Fraction

import sympy

from slt_symbolic.networks import fourier_dead_units
from slt_symbolic.networks.residues_modulo_five import Residues
from slt_symbolic.search.proofs.newton import monomial_threshold


def test_residues_against_sympy():
    """Products of random quadrics, multiplied out; monomials with two fifth powers are not kept."""
    rng, variables = random.Random(3), sympy.symbols("x:9")
    quadrics = [{(rng.randrange(3), rng.randrange(3)): rng.randrange(1, 5) for _ in range(3)} for _ in range(6)]
    sums = [sum(value * variables[a] * variables[b] for (a, b), value in quadric.items()) for quadric in quadrics]
    first, second = Residues.product(quadrics[:3]), Residues.product(quadrics[3:])
    kept = [(exponents, value) for exponents, value in sympy.Poly(sympy.prod(sums), *variables, modulus=5).terms()
            if sum(exponent // 5 for exponent in exponents) <= 1]
    assert len(kept) > 10
    assert any(max(exponents) > 4 for exponents, _ in kept)
    for exponents, value in kept:
        assert first.coefficient_with(second, exponents) == value % 5


def test_f_purity_needs_all_its_quadrics(monkeypatch):
    """Negative control: quadrics in too few variables vanish at a point, the constant, with all their derivatives."""
    original = fourier_dead_units.quadrics_modulo_five

    def without_the_constant(k, phase):
        quadrics = original(k, phase)
        return [{places: x for places, x in quadric.items() if 0 not in places} for quadric in quadrics]

    monkeypatch.setattr(fourier_dead_units, "ATTEMPTS", 2)
    assert fourier_dead_units.is_f_pure_beside_zero()
    monkeypatch.setattr(fourier_dead_units, "quadrics_modulo_five", without_the_constant)
    assert not fourier_dead_units.is_f_pure_beside_zero()


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
