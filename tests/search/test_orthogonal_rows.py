"""Rows of two variables by their scalar products: what is found, what is dropped, and where nothing is proposed."""

from itertools import combinations

import pytest

from slt_symbolic import rlct
from slt_symbolic.search.proposals.orthogonal_rows import orthogonal_rows
from tests.check.tables import stratum

NAMES = "a0 a1 b0 b1 c0 c1 d0 d1"
EUCLIDEAN, SPLIT = "{0}0*{1}0+{0}1*{1}1", "{0}0*{1}0-{0}1*{1}1"
HEXAGONAL = "2*{0}0*{1}0-{0}0*{1}1-{0}1*{1}0+2*{0}1*{1}1"
TAIL = "+a0*b0*c0*c1"


def products(form, *tails):
    """Of all pairs of four rows, with further terms of the first ones."""
    pairs = [form.format(*pair) for pair in combinations("abcd", 2)]
    return [pair + tail for pair, tail in zip(pairs, (*tails, *[""] * len(pairs)), strict=False)]


@pytest.mark.parametrize("form", [EUCLIDEAN, HEXAGONAL])
def test_terms_of_three_rows_are_dropped(form):
    path = orthogonal_rows(stratum(products(form, TAIL), NAMES))
    assert [proposal.step for proposal in path] == ["dominate"] * 4 + ["closure", "subset"]
    rest, plain = path[-1].child, stratum(products(form), NAMES)
    assert sorted(map(str, rest.generators)) == sorted(map(str, plain.generators))


@pytest.mark.parametrize("generators", [
    pytest.param(products(EUCLIDEAN), id="nothing-to-drop"),
    pytest.param(products(SPLIT, TAIL), id="indefinite"),
    pytest.param(products(EUCLIDEAN, TAIL)[:-1], id="a-pair-too-few"),
    pytest.param([products(HEXAGONAL, TAIL)[0], *products(EUCLIDEAN)[1:]], id="two-metrics"),
    pytest.param(products(EUCLIDEAN, "+a0"), id="linear"),
    pytest.param(products(EUCLIDEAN, "+a0*b1+a0*b0*c0*d0"), id="unlike-the-other-pairs"),
    pytest.param(products(EUCLIDEAN, "+b0*c0*c1*d0"), id="without-the-row-a"),
])
def test_nothing_is_proposed(generators):
    assert orthogonal_rows(stratum(generators, NAMES)) == []


def test_the_value_is_that_of_orthogonal_rows():
    """M min(k, M - 1)/4 for M rows of k places (derivations/orthogonal_rows.py): 2 at M = 4, k = 2."""
    answer = rlct(products(EUCLIDEAN, TAIL, "+a1*c1*b0*d0"), timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == ("2", 1)
