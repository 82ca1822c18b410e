"""Functions as sums of squares, by a rational Gram matrix."""

from fractions import Fraction

import pytest

from slt_symbolic import rlct
from slt_symbolic.search.proposals import squares
from slt_symbolic.search.proposals.squares import as_squares, begun_bases
from tests.check.tables import stratum
from tests.oracles.sum_of_squares import loss


@pytest.mark.parametrize(("generators", "names"), [
    (["z^2", "x*y*z-x-3*y^3+z", "y^2*z"], "xyz"), (["-2*x^4-2*x^2*y", "-3*y^3"], "xy"),
    (["x-2*y*z+2*y", "-3*x*z/2+y^2/2+2*z^2", "x*z/2+5*y^2*z/2+3*z"], "xyz"),
    (["-x^2*y^2+x+3*y^2+y", "3*x^3*y-3*x^2+x*y"], "xy")], ids=["cubic", "quartic", "linear", "two-variables"])
def test_where_the_gram_matrix_is_not_of_full_rank(generators, names):
    """Squares are found, though the equations of a step have a singular matrix next to the solution."""
    function = loss(generators, list(names))
    found = as_squares(stratum([function], " ".join(names)))
    assert found is not None
    assert found.step == "squares"


def test_many_variables_with_changes_of_signs():
    """The mean of six sixth powers less their product (Hurwitz 1891): 56 monomials in 16 classes of signs."""
    variables = "abcdef"
    function = " + ".join(f"{x}^6" for x in variables) + " - 6*" + "*".join(variables)
    found = as_squares(stratum([function], " ".join(variables)))
    assert found is not None
    assert max(map(len, found.child.generators)) <= 6


@pytest.mark.parametrize("generators", [
    pytest.param(["x+y^2", "x*z+y^3", "z^3"], id="a-quotient-that-is-of-its-square"),
    pytest.param(["x+y+z", "x^2+y^2+z^2", "x^3+y^3+z^3", "x^4+y^4+z^4"], id="a-quotient-that-is-of-another-square"),
    pytest.param(["x+z^2+w^3", "y-w^2+z^3", "z*w^2-z^3*w", "z^4+w^5"], id="several-squares-of-least-degree")])
def test_squares_from_their_least_terms(generators, monkeypatch):
    """By division alone: no Gram matrix of the whole is asked for."""
    monkeypatch.setattr(squares, "MOST_MONOMIALS", squares.FEW_MONOMIALS)
    found = as_squares(stratum([loss(generators, list("xyzw"))], "x y z w"))
    assert found is not None
    assert len(found.child.generators) == len(generators)


def test_what_a_function_begins_with_becomes_a_coordinate():
    """Before a Gram matrix is asked for: two coordinates with coefficients that vary, then x^4 + x^2 z^2 + z^4."""
    function = loss(["(1+a)*x+(1-a)*y", "(1+a)*z+(1-a)*w", "x^2+z^2+y*w"], list("axyzw"))
    found = rlct(function, function=True)
    assert (found.lambda_, found.multiplicity) == (Fraction(3, 2), 1)
    assert [found.certificate["tree"][name] for name in ("step", "data")] == [
        "change", {"variable": "w", "unit": "-a + 1", "shift": "a*z + z", "nonzero": "even"}]


def test_no_square_begins_with_a_form_that_is_none():
    assert list(begun_bases(stratum(["x^2-y^2+y^4"], "x y").generators[0])) == []
