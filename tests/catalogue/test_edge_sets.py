"""The minimising edge set against brute force over all subsets."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from slt_symbolic.networks.data import TwoHotPairs, component_count
from slt_symbolic.ranks.edge_sets import minimising_edge_set, rank_bound
from tests.oracles import dense_rank, two_hot
from tests.strategies import pair_sets


@given(pair_sets(), st.integers(1, 14))
@settings(deadline=None, max_examples=80)
def test_minimum_over_all_subsets(problem, units):
    p, pairs = problem

    def value(kept):
        return units * (2 * p - component_count(p, kept)) + p * (len(pairs) - len(kept))

    subsets = (kept for size in range(len(pairs) + 1) for kept in itertools.combinations(pairs, size))
    assert value(minimising_edge_set(p, pairs, units)) == min(map(value, subsets))


@given(pair_sets(largest=3), st.integers(1, 5))
@settings(deadline=None, max_examples=25)
def test_every_edge_set_bounds_the_rank(problem, units):
    p, pairs = problem
    inputs = TwoHotPairs(p, pairs, centred=False)
    rank = dense_rank(two_hot(p, pairs), p, units, centred=False)
    for size in range(1, len(pairs) + 1):
        for kept in itertools.combinations(pairs, size):
            assert rank <= rank_bound(inputs, kept, p, units)


def test_on_all_pairs_the_best_set_is_everything_or_nothing():
    for p in range(2, 6):
        pairs = tuple(itertools.product(range(p), repeat=2))
        for units in range(1, p * p + 2):
            simple = min(units * (2 * p - 1), p**3)  # K r(E), or p |E|
            kept = minimising_edge_set(p, pairs, units)
            assert units * (2 * p - component_count(p, kept)) + p * (p * p - len(kept)) == simple
