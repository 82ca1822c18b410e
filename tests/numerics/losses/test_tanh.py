"""Units of tanh against autograd, a fine integral over the inputs, and the Taylor coefficients that they should see."""

import pytest
import torch

from numerics.losses.polynomial import Population, Twin
from numerics.losses.tanh import TanhUnits

THETA = torch.tensor([[0.7, -0.4, 0.9, 0.3], [0.1, 0.2, -1.1, 0.8]], dtype=torch.float64)
ZERO = torch.zeros(4, dtype=torch.float64)


def network(theta, x):
    outer, inner = theta.split(2)
    return torch.tanh(x[:, None] * inner) @ outer


@pytest.mark.parametrize("teacher", [ZERO, THETA[0]])
def test_the_population_loss_is_the_integral_over_normal_inputs(teacher):
    x = torch.linspace(-12, 12, 100_001, dtype=torch.float64)
    density = torch.softmax(-x.square() / 2, 0)

    def integral(theta):
        return density @ (network(theta, x) - network(teacher, x)).square() / 2

    twin = Twin(TanhUnits(2), Population(teacher))
    value, gradient = twin.value_and_gradient(THETA)
    torch.testing.assert_close(value, torch.stack([integral(row) for row in THETA]), rtol=1e-5, atol=1e-12)
    slopes = torch.stack([torch.func.grad(integral)(row) for row in THETA])
    torch.testing.assert_close(gradient, slopes, rtol=1e-3, atol=1e-5)  # 32 nodes, poles near the real axis
    assert not torch.allclose(twin.value(1.01 * THETA), value, rtol=1e-3)


def test_the_pullback_is_that_of_autograd():
    inputs = torch.linspace(-2, 2, 7, dtype=torch.float64)[:, None]
    values, pullback = TanhUnits(2).vjp(THETA, inputs)
    cotangent = torch.cos(torch.arange(14.0, dtype=torch.float64)).reshape(2, 7, 1)
    for row, found, given, gradient in zip(THETA, values, cotangent, pullback(cotangent), strict=True):
        plain, back = torch.func.vjp(lambda theta: network(theta, inputs[:, 0]), row)
        torch.testing.assert_close(found[:, 0], plain)
        torch.testing.assert_close(gradient, back(given[:, 0])[0])


@pytest.mark.parametrize("units", [1, 8, 20])
def test_there_are_nodes_for_every_taylor_coefficient(units):
    nodes = TanhUnits(units).points()[:, 0]
    assert int((nodes > 0).sum()) >= 2 * units
    assert len(nodes.unique()) == len(nodes)
