"""Generic fits on the pairs of modular addition: explicit pairs, none, the published experiment."""

import itertools
import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from slt_symbolic import closed_forms
from tests.oracles import dense_rank, two_hot
from tests.strategies import pair_sets


@given(pair_sets(largest=4, most=16), st.integers(1, 12), st.booleans())
@settings(deadline=None, max_examples=40)
def test_modular_addition_with_explicit_pairs(problem, units, centred):
    p, pairs = problem
    if len(pairs) <= centred:
        return
    answer = closed_forms["modular-addition-generic"].at(p=p, K=units, pairs=pairs, centred=centred)
    assert answer.lambda_ == Fraction(dense_rank(two_hot(p, pairs), p, units, centred), 2)


def test_modular_addition_without_pairs_is_a_bracket_that_holds_for_every_set():
    entry = closed_forms["modular-addition-generic"]
    bracket = entry.at(p=7, K=8, N=23)
    assert bracket.lambda_ is None
    rng = random.Random(2)
    found = set()
    for _ in range(10):
        pairs = sorted(rng.sample(list(itertools.product(range(7), repeat=2)), 23))
        answer = entry.at(p=7, K=8, pairs=pairs)
        if answer.sizes["components"] == 1:
            assert bracket.lower <= answer.lambda_ <= bracket.upper
            found.add(answer.lambda_)
    assert len(found) > 1  # the pairs do decide


def test_published_experiment():
    entry = closed_forms["modular-addition-generic"]
    pairs = random.Random(3).sample(list(itertools.product(range(53), repeat=2)), 1123)
    assert entry.at(p=53, K=1024, pairs=pairs).lambda_ == 29733
    assert entry.at(p=53, K=1024, N=1123).lambda_ == 29733
