"""Fits of the labels of modular addition: known answers; numerical ranks of trained ones, the hypothesis checked."""

import itertools
import random
from fractions import Fraction

import pytest
import torch

from numerics.curvature.geometry import geometry
from numerics.networks.catalogue import modular_addition
from numerics.networks.training import train
from slt_symbolic.closed_forms import closed_forms

ENTRY = closed_forms["modular-addition-labels"]


STARTS = 24  # half of them, or more, end at an exact fit of each kind that is looked for


def _fits(p, K, N, seed):
    """Numerical rank, whether minimisers are a manifold, rank of the centred features, largest sum of outputs.

    Of each start that ends at an exact fit.
    """
    pairs = tuple(sorted(random.Random(0).sample(list(itertools.product(range(p), repeat=2)), N)))
    twin = modular_addition(p, K, pairs)
    for start in range(seed, seed + STARTS):
        run = train(twin, start, steps=3000, batch=8)
        if not run.exact_fit:
            continue
        found = geometry(twin, run.theta)
        w, v = run.theta[: 2 * p * K].reshape(K, 2 * p), run.theta[2 * p * K :].reshape(K, p)
        features = torch.stack([(w[:, a] + w[:, p + b]) ** 2 for a, b in pairs])
        rank = int(torch.linalg.matrix_rank(features - features.mean(0), rtol=1e-9))
        yield found.spectrum.rank, found.regular, rank, float(v.sum(1).abs().max())


@pytest.mark.sampled
@pytest.mark.parametrize(("p", "K", "N", "seed"), [
    (3, 4, 8, 0), pytest.param(3, 4, 8, 100, marks=pytest.mark.long), pytest.param(5, 9, 20, 0, marks=pytest.mark.long),
    pytest.param(5, 9, 20, 100, marks=pytest.mark.long)])
def test_independent_features(p, K, N, seed):
    """Of fits whose features are independent, which some trainings end at and others do not."""
    rank, regular, _, largest_sum = next(fit for fit in _fits(p, K, N, seed) if fit[2] == K)
    assert largest_sum < 1e-10
    assert regular
    answer = ENTRY.at(p=p, K=K, N=N)
    assert (rank, answer.multiplicity) == (2 * answer.lambda_, 1)
    assert rank < 2 * closed_forms["modular-addition-generic"].at(p=p, K=K, N=N).upper


@pytest.mark.sampled
@pytest.mark.long
def test_dependent_features_of_full_rank():
    """Half of all starts end there, the others at independent features: of 24 starts, all will hardly do the same."""
    p, K, N, seen = 3, 5, 8, set()
    for rank, regular, of_features, largest_sum in _fits(p, K, N, 0):
        assert regular
        if of_features == K:
            assert (rank, largest_sum < 1e-10) == (2 * ENTRY.at(p=p, K=K, N=N).lambda_, True)
        else:
            assert of_features == K - 1
            assert largest_sum > 1e-6  # any number, where it is 0 up to rounding for the others
            assert rank == p * (N - 1)
        if len(seen := seen | {of_features}) == 2:
            break
    assert K - 1 in seen


@pytest.mark.sampled
def test_features_that_span():
    rank, regular, *_ = next(fit for fit in _fits(3, 8, 7, 0) if fit[2] == 6)
    assert (rank, regular) == (18, True)
    assert ENTRY.at(p=3, K=8, N=7).lambda_ == 9


@pytest.mark.parametrize(("p", "K", "N", "components", "value"), [
    (2, 1, 2, 2, "1"), (3, 2, 4, 2, "4"),  # s arbitrary on a path of pairs: one-hot squares fit, onto but for the sum
    (3, 4, 8, 1, "9"), (5, 9, 20, 1, "85/2"),  # ranks 18 and 85 of trained networks
    (5, 18, 20, 1, "94/2"), (5, 19, 20, 1, "95/2"), (5, 400, 20, 1, "95/2"),  # nothing is lost from K = N - 1 on
    (53, 1024, 1123, 1, "29684"),
])
def test_labels_known_answers(p, K, N, components, value):
    answer = closed_forms["modular-addition-labels"].at(p=p, K=K, N=N, components=components)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), 1, "proved")
    generic = closed_forms["modular-addition-generic"].at(p=p, K=K, N=N, components=components)
    assert answer.lambda_ <= generic.upper
