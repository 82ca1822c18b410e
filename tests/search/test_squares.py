"""Functions as sums of squares, by a rational Gram matrix."""

import pytest

from slt_symbolic.search.proposals import squares
from slt_symbolic.search.proposals.squares import as_squares
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
