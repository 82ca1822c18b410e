"""Trained fits of the labels of modular addition: numerical ranks against the entry, its hypothesis checked."""

import itertools
import random

import pytest
import torch

from numerics.curvature.geometry import geometry
from numerics.networks.catalogue import modular_addition
from numerics.networks.training import train
from slt_symbolic.closed_forms import closed_forms

ENTRY = closed_forms["modular-addition-labels"]


def _trained(p, K, N, seed):
    """Numerical rank, whether minimisers are a manifold, rank of the centred features, largest sum of outputs."""
    pairs = tuple(sorted(random.Random(0).sample(list(itertools.product(range(p), repeat=2)), N)))
    twin = modular_addition(p, K, pairs)
    run = train(twin, seed, steps=3000, batch=8)
    assert run.exact_fit
    found = geometry(twin, run.theta)
    w, v = run.theta[: 2 * p * K].reshape(K, 2 * p), run.theta[2 * p * K :].reshape(K, p)
    features = torch.stack([(w[:, a] + w[:, p + b]) ** 2 for a, b in pairs])
    rank = int(torch.linalg.matrix_rank(features - features.mean(0), rtol=1e-9))
    return found.spectrum.rank, found.regular, rank, float(v.sum(1).abs().max())


@pytest.mark.parametrize(("p", "K", "N", "seed"), [(3, 4, 8, 0), (3, 4, 8, 1), (5, 9, 20, 0), (5, 9, 20, 1)])
def test_independent_features(p, K, N, seed):
    rank, regular, of_features, largest_sum = _trained(p, K, N, seed)
    assert of_features == K
    assert largest_sum < 1e-10
    assert regular
    answer = ENTRY.at(p=p, K=K, N=N)
    assert (rank, answer.multiplicity) == (2 * answer.lambda_, 1)
    assert rank < 2 * closed_forms["modular-addition-generic"].at(p=p, K=K, N=N).upper


@pytest.mark.parametrize(("p", "K", "N", "seed"), [(3, 5, 8, 0), (3, 5, 8, 1)])
def test_dependent_features_of_full_rank(p, K, N, seed):
    rank, regular, of_features, largest_sum = _trained(p, K, N, seed)
    assert of_features == K - 1
    assert largest_sum > 0.1
    assert regular
    assert rank == p * (N - 1)


def test_features_that_span():
    rank, regular, of_features, _ = _trained(3, 8, 7, 0)
    assert (rank, regular, of_features) == (18, True, 6)
    assert ENTRY.at(p=3, K=8, N=7).lambda_ == 9
