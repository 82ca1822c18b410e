"""Training from random starts."""

import pytest
import torch

from numerics.networks.catalogue import modular_addition
from numerics.networks.training import train

PAIRS = ((0, 0), (0, 1), (1, 2), (2, 2))


@pytest.mark.sampled
def test_training_is_reproducible_and_starts_at_random():
    twin = modular_addition(3, 8, PAIRS)
    first, again, other = (train(twin, seed, steps=400, batch=2) for seed in (0, 0, 1))
    assert torch.equal(first.theta, again.theta)
    assert first.history == again.history
    assert first.history[0][1] > 0.1
    assert first.history[0] != other.history[0]
    assert first.history[-1][0] == 400
    assert first.exact_fit


@pytest.mark.sampled
def test_a_local_minimum_is_not_an_exact_fit():
    twin = modular_addition(3, 1, ((0, 0), (0, 1), (1, 1), (2, 2)))  # labels 0, 1, 2: rank 2 for one unit
    assert not train(twin, 0, steps=300, batch=4).exact_fit
