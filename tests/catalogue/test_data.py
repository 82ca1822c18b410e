"""Data models: the three numbers against the matrices."""

import numpy as np
import pytest
from flint import fmpz_mat
from hypothesis import given
from hypothesis import strategies as st

from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.data import PairCounts, QuadraticForms, TwoHotPairs, all_pairs, check_pairs
from tests.strategies import pair_sets


@given(pair_sets(largest=5, most=20))
def test_span_is_the_rank_of_the_inputs(problem):
    p, pairs = problem
    inputs = TwoHotPairs(p, pairs, centred=False)
    assert fmpz_mat(inputs.matrix().tolist()).rank() == inputs.span


@given(pair_sets(largest=4, most=16))
def test_counts_accept_every_real_set(problem):
    p, pairs = problem
    inputs = TwoHotPairs(p, pairs, centred=False)
    counts = PairCounts(p, len(pairs), inputs.components, centred=False)
    assert (counts.span, counts.equations) == (inputs.span, inputs.equations)


@pytest.mark.parametrize(("p", "number", "components"), [(3, 9, 2), (3, 4, 1), (3, 0, 6), (3, 10, 1), (3, 5, 3)])
def test_impossible_counts_are_refused(p, number, components):
    with pytest.raises(InvalidInput):
        PairCounts(p, number, components, centred=False)


@given(st.integers(1, 8))
def test_quadratic_forms_are_identified(d):
    rows = QuadraticForms(d).matrix().tolist()
    monomials = [[row[a] * row[b] for a in range(d) for b in range(a, d)] for row in rows]
    assert len(rows) == QuadraticForms(d).equations
    assert fmpz_mat(monomials).rank() == len(rows)


def test_all_pairs():
    assert len(all_pairs(4).pairs) == 16
    assert all_pairs(4).components == 1


@pytest.mark.parametrize("pairs", [
    "01", 5, None, [[0]], [[0, 1, 2]], [[0, -1]], [[0, 3]], [[0, 1.0]], [[True, 0], [1, 1]], [[0, 1], [0, 1]], [],
    [[0, 1]], {"0": 1}, ["01", "12"], [{0, 1}, {1, 2}], [[0, None], [1, 1]],
])
def test_bad_pairs_are_refused(pairs):
    with pytest.raises(InvalidInput):
        check_pairs(3, pairs, centred=True)


def test_arrays_and_tuples_of_pairs_are_accepted():
    expected = ((0, 1), (2, 2))
    for pairs in (np.array(expected), list(map(list, expected)), expected, iter(expected)):
        assert check_pairs(3, pairs, centred=True) == expected
