"""Rows by their scalar products: what is found, and where nothing is proposed."""

from itertools import combinations

import pytest

from slt_symbolic.models import recipes
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


@pytest.mark.parametrize("generators", [products(EUCLIDEAN), products(HEXAGONAL, TAIL),
                                        [*products(EUCLIDEAN, TAIL)[::-1], "a0*b0*c0*d0"]])
def test_rows(generators):
    found = orthogonal_rows(stratum(generators, NAMES))
    assert sorted(map(tuple, found.data["rows"])) == [(f"{x}0", f"{x}1") for x in "abcd"]
    assert found.close([]).bracket.exact


def test_rows_whose_variables_come_in_another_order():
    """The order of names is none of theirs: each variable is multiplied by one of another row."""
    renamed = [g.replace("c0", "t").replace("c1", "c0").replace("t", "c1") for g in products(EUCLIDEAN, TAIL)]
    found = orthogonal_rows(stratum(renamed, NAMES))
    assert found.data["rows"] == [["a0", "a1"], ["b0", "b1"], ["c1", "c0"], ["d0", "d1"]]
    assert found.close([]).bracket.exact


@pytest.mark.parametrize("generators", [
    pytest.param(products(SPLIT, TAIL), id="indefinite"),
    pytest.param(products(EUCLIDEAN, TAIL)[:-1], id="a-pair-too-few"),
    pytest.param([products(HEXAGONAL, TAIL)[0], *products(EUCLIDEAN)[1:]], id="two-metrics"),
    pytest.param(products(EUCLIDEAN, "+a0"), id="linear"),
    pytest.param(products(EUCLIDEAN, "+a0*b1+a0*b0*c0*d0"), id="unlike-the-other-pairs"),
    pytest.param(products(EUCLIDEAN, "+b0*c0*c1*d0"), id="without-the-row-a"),
])
def test_nothing_is_proposed(generators):
    assert orthogonal_rows(stratum(generators, NAMES)) is None


def test_a_boltzmann_machine_with_as_many_divisors_as_rows():
    """Four visible and three hidden units: M (M - 1)/4, m = M where N = M - 1 (derivations/boltzmann.py)."""
    answer = recipes.boltzmann_machine(4, 3).rlct(timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == ("3", 4)
