"""The Fourier fit of modular addition as arrays of weights."""

import itertools

import numpy as np
import pytest
import torch

from numerics.networks.file import Network, read_network
from numerics.networks.fourier import fourier_weights
from slt_symbolic.errors import InvalidInput
from tests import DATA


@pytest.mark.parametrize("p", [3, 5, 7, 11])
def test_the_fourier_fit_has_no_loss(p):
    w, v = fourier_weights(p)
    assert w.shape == (2 * p - 1, 2 * p)
    for a, b in itertools.product(range(p), repeat=2):
        assert (w[:, a] + w[:, p + b]) ** 2 @ v == pytest.approx(np.eye(p)[(a + b) % p], abs=1e-12)
    network = Network(w, v, tuple(itertools.product(range(p), repeat=2)), True, "add")
    assert float(network.loss.value(network.theta[None])) < 1e-28


@pytest.mark.parametrize("p", [1, 2, 4])
def test_the_fourier_fit_needs_an_odd_modulus(p):
    with pytest.raises(InvalidInput, match="must be odd"):
        fourier_weights(p)


def test_the_numerical_rank_is_the_rank_of_the_jacobian():
    network = read_network(DATA / "fourier_5_20.npz")
    p, theta = 5, network.theta
    w, v = theta[:90].view(9, 10), theta[90:].view(9, 5)
    a, b = torch.tensor(network.pairs).T
    s = w[:, a] + w[:, p + b]  # (K, N)
    rows = []
    for unit, output in itertools.product(range(9), range(p)):  # d/dV
        block = torch.zeros(20, p, dtype=torch.float64)
        block[:, output] = s[unit] ** 2
        rows.append(block)
    for unit, column in itertools.product(range(9), range(10)):  # d/dW
        sees = ((a if column < p else p + b) == column).to(torch.float64)
        rows.append(2 * (s[unit] * sees)[:, None] * v[unit])
    jacobian = torch.stack([(block - block.mean(0)).flatten() for block in rows])
    assert int(torch.linalg.matrix_rank(jacobian, rtol=1e-8)) == 92
