"""Germs: translation, row reduction, Jacobian rank."""

import pytest
import sympy

from slt_symbolic.germ.germ import Germ
from slt_symbolic.networks.data import QuadraticForms, all_pairs
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at

x, y = sympy.symbols("x y")


def test_translation_to_the_point():
    germ = Germ.at([x**2 + y**2 - 5], (x, y), {x: 1, y: 2})
    assert germ.expressions[0] == sympy.expand((x + 1) ** 2 + (y + 2) ** 2 - 5)


def test_a_generator_that_does_not_vanish_is_refused():
    with pytest.raises(ValueError, match="does not vanish"):
        Germ.at([x - y], (x, y), {x: 1, y: 2})


def test_germs_are_values():
    assert Germ.at([x * y], (x, y)) == Germ.at([y * x], (x, y))
    with pytest.raises(AttributeError):
        Germ.at([x], (x, y)).variables = ()


def test_row_reduction_drops_dependent_generators():
    germ = Germ.at([x + y, 2 * x + 2 * y, x**2 / 3 + x + y], (x, y)).row_reduced()
    assert set(germ.expressions) == {x + y, x**2}


@pytest.mark.parametrize("data", [QuadraticForms(2), all_pairs(2, centred=True), all_pairs(2, centred=False)])
def test_network_germ_is_translated_to_its_own_truth(data):
    network = QuadraticNetwork(data, outputs=2, units=2)
    w = [[1, 2, 3, 4][: data.width], [2, -1, 1, 5][: data.width]]
    germ = germ_at(network, w, [[1, 3], [-2, 1]])
    assert len(germ.generators) <= 2 * data.equations
    assert germ.jacobian_rank() > 0
