"""What dead units add at the Fourier solution, with negative controls."""

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy

from slt_symbolic.networks import fourier_dead_units, softmax_dead_units, two_dead_units
from slt_symbolic.networks.dead_unit_costs import cost_of_dead_units, cost_under_softmax
from slt_symbolic.networks.fourier import FourierSolution
from slt_symbolic.networks.residues_modulo_five import Residues, projective_points, values_at
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

    def without_the_constant(p, k, phase):
        quadrics = original(p, k, phase)
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
    assert cost_of_dead_units(9, 2).value == Fraction(17, 2)
    (first, _), of_v = fourier_dead_units.TWO_DEAD_UNITS[9]
    monkeypatch.setattr(fourier_dead_units, "TWO_DEAD_UNITS", {9: ((first, first), tuple((v, v) for v, _ in of_v))})
    assert monomial_threshold(fourier_dead_units.initial_monomials_of_two(9))[0] < Fraction(17, 2)


def test_values_against_products():
    """Chevalley and Warning, without the package: sums over all points are coefficients of fourth powers."""
    rng = random.Random(5)
    for _ in range(5):
        quadrics = [{(rng.randrange(3), rng.randrange(3)): rng.randrange(1, 5) for _ in range(4)} for _ in range(6)]
        points = np.concatenate(list(projective_points(3)), axis=1)
        assert points.shape[1] == 31
        values = np.prod([values_at(quadric, points).astype(np.int64) for quadric in quadrics], axis=0)
        one = Residues.product(quadrics, fifth_powers=0)
        assert (-4 * values.sum() - one.coefficient_with(Residues.product([]), [4, 4, 4])) % 5 == 0


@pytest.mark.parametrize("p", [5, 7])
def test_two_units_by_determinants_of_small_choices(p):
    """Both ways of computing the coefficient agree on sparse quadrics, and it vanishes for pairs that are dependent."""
    rng = random.Random(p)
    found = []
    for _ in range(6):
        quadrics = [{(rng.randrange(5), rng.randrange(5)): rng.randrange(1, 5) for _ in range(3)} for _ in range(5)]
        choice = two_dead_units.Choice(5, quadrics[0], ((quadrics[1], quadrics[2]), (quadrics[3], quadrics[4])))
        found.append(two_dead_units.coefficient_by_points(choice))
        assert found[-1] == two_dead_units.coefficient_by_products(choice)
        same = two_dead_units.Choice(5, quadrics[0], ((quadrics[1], quadrics[1]), (quadrics[3], quadrics[4])))
        assert two_dead_units.coefficient_by_points(same) == 0 == two_dead_units.coefficient_by_products(same)
    assert any(found)


def test_two_units_need_their_degree():
    """The degree of the coefficient is that of the monomial: 4(2p-1) factors, 4(2p-1) in s_1 and in s_2."""
    for p in (5, 7):
        choice = two_dead_units.chosen(p)
        factors = 4 + 8 * len(choice.pairs)
        assert factors == 4 * (2 * p - 1)
        assert 2 * factors == 2 * 4 * choice.variables
        assert all(one != two for one, two in choice.pairs)
        assert two_dead_units.is_f_pure_with_two(p)


def test_two_units_need_two_functionals(monkeypatch):
    """Negative control: with one functional of a block for both units nothing is seen."""
    monkeypatch.setattr(two_dead_units, "CHOSEN", {5: (0, ((0, 1), (0, 1), (0, 1), (0, 0)))})
    assert two_dead_units.coefficient_by_points(two_dead_units.chosen(5)) == 0


@pytest.mark.slow
def test_two_units_the_other_way():
    """Independent of the checks in the catalogue: products at p = 5, points at p = 7, the same residues."""
    for p in (5, 7):
        choice = two_dead_units.chosen(p)
        found = two_dead_units.coefficient_by_points(choice)
        assert found == two_dead_units.coefficient_by_products(choice) != 0


def test_one_unit_under_softmax_by_the_jacobian():
    """Directly: at V = 0 and random weights one dead unit fills what is left of the equations at p = 5."""
    solution, rng = FourierSolution(5), np.random.default_rng(0)
    p, prime = 5, solution.prime
    rows = solution.jacobian.reshape(solution.parameters, p * p, p)
    for units, rank in ((0, 96), (1, 100)):
        extra = []
        for _ in range(units):
            s = np.add.outer(rng.integers(prime, size=p), rng.integers(prime, size=p)).ravel() % prime
            extra.append((s * s % prime)[None, :, None] * np.eye(p, dtype=np.int64)[:, None, :])
        outputs = np.concatenate([rows, *extra])
        seen = (outputs[:, :, :-1] - outputs[:, :, -1:]) % prime
        assert solution.rank_of(seen.reshape(len(seen), -1)) == rank


def test_softmax_needs_a_determinant_that_does_not_vanish(monkeypatch):
    matrix = softmax_dead_units.matrix_modulo_five()
    assert cost_under_softmax(5, 1).value == 2
    monkeypatch.setattr(softmax_dead_units, "matrix_modulo_five", lambda: [*matrix[:3], matrix[2]])
    assert not softmax_dead_units.is_f_pure_under_softmax.__wrapped__()


def test_charts_need_the_monomials_with_c():
    """Without them no chart has a larger threshold. Of a monomial all three frequencies are different."""
    with_c = softmax_dead_units.initial_monomials_under_softmax(7, 0)
    assert monomial_threshold(with_c)[0] > 3
    assert monomial_threshold([exponent for exponent in with_c if not exponent[5]])[0] == 3
    for exponent in softmax_dead_units.initial_monomials_under_softmax(7):
        block, a, b = (place for place, power in enumerate(exponent) if power)
        u, v, k = a - 6, b - 12, block // 2 + 1
        assert {min(x, 7 - x) for x in (u, v, k)} == {1, 2, 3}
