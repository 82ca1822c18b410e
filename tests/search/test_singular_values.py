"""Matrices whose singular values alone matter: which are found, and products of matrices that are decided by them."""

import json
from itertools import pairwise

import pytest

from slt_symbolic import closed_form, rlct
from slt_symbolic.networks.linear import LinearNetwork, germ_at
from slt_symbolic.recheck import recheck
from slt_symbolic.search.proposals.rotations import rotating_fields
from slt_symbolic.search.proposals.singular_values import singular_values
from tests.check.tables import stratum


def product_of(widths):
    return germ_at(LinearNetwork(widths), [[[0] * n for _ in range(m)] for n, m in pairwise(widths)])


@pytest.mark.parametrize(("generators", "names", "entries"), [
    pytest.param(["a*e+b*f", "c*e+d*f"], "a b c d e f", "abcd", id="column"),
    pytest.param(["a*e+c*f", "b*e+d*f"], "a b c d e f", "abcd", id="row"),
    # two inner products have no rotation in common; a symmetric matrix would be turned on both sides at once
    pytest.param(["a*e+2*b*f", "c*e+d*f"], "a b c d e f", None, id="two-products"),
    pytest.param(["x^2+y^2", "y^2+z^2", "x*y+y*z"], "x y z", None, id="symmetric"),
])
def test_matrices(generators, names, entries):
    s = stratum(generators, names)
    found = singular_values(s, rotating_fields(s))
    assert (None if found is None else "".join(sorted(name for row in found.data["matrix"] for name in row))) == entries


BORDERLINE = (3, 4, 3)  # decided without singular values, too, where the first search has time enough


@pytest.mark.parametrize("widths", [(3, 3, 3, 3), (2, 2, 2, 2, 2), pytest.param((4, 3, 2, 3), marks=pytest.mark.long),
                                    pytest.param((4, 4, 4), marks=pytest.mark.long),
                                    pytest.param(BORDERLINE, marks=pytest.mark.long),
                                    pytest.param((2, 2, 2, 2, 2, 2), marks=pytest.mark.long)])
def test_products_at_zero(widths):
    """Aoyagi's formula; the second checker agrees."""
    answer = rlct(product_of(widths), timeout=60)
    expected = closed_form("deep-linear-local").at(widths=widths, r=0)
    assert (answer.lambda_, answer.multiplicity) == (expected.lambda_, expected.multiplicity)
    assert widths == BORDERLINE or '"diagonal"' in json.dumps(answer.certificate)
    recheck(answer.certificate)
