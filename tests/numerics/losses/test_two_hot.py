"""The loss on two-hot pairs, its Hessian products and its trace, against the general `Twin` and against autograd."""

import numpy as np
import pytest
import torch

from numerics.losses.polynomial import HasHessianProduct
from numerics.networks.file import Network
from slt_symbolic.networks.data import all_pairs
from tests.sampled import within

P, K = 5, 4
PAIRS = all_pairs(P).pairs[::2]


def network(centred, operation="mul"):
    rng = np.random.default_rng(0)
    return Network(rng.normal(size=(K, 2 * P)) / 2, rng.normal(size=(K, P)), PAIRS, centred, operation)


def order():
    """Which parameter of `Twin` each of ours is."""
    w, v = np.arange(2 * P * K).reshape(K, 2 * P), 2 * P * K + np.arange(P * K).reshape(K, P)
    return torch.from_numpy(np.concatenate([w.T.ravel(), v.T.ravel()]))


@pytest.fixture(params=[1, 2**18], ids=["one pair at a time", "all pairs at once"])
def at_once(monkeypatch, request):
    monkeypatch.setattr("numerics.losses.two_hot.AT_ONCE", request.param)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("centred", [True, False])
def test_it_is_the_loss_of_the_network(centred):
    trained = network(centred)
    loss, theta = trained.two_hot(torch.float64)
    assert (loss.parameters, loss.samples) == (len(theta), len(PAIRS)) == (3 * P * K, 13)
    assert sum(rows * columns for rows, columns in loss.shapes) == loss.parameters
    others = torch.stack([trained.theta, -trained.theta, trained.theta.flip(0)])
    value, gradient = trained.loss.value_and_gradient(others)
    found, slope = loss.value_and_gradient(others[:, order()])
    torch.testing.assert_close(found, value)
    torch.testing.assert_close(loss.value(others[:, order()]), value)
    torch.testing.assert_close(slope, gradient[:, order()])
    assert torch.equal(theta, trained.theta[order()])


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("centred", [True, False])
def test_second_derivatives(centred):
    trained = network(centred)
    loss, theta = trained.two_hot(torch.float64)
    hessian = trained.loss.hessian(trained.theta)[order()][:, order()]
    torch.testing.assert_close(loss.hessian(theta), hessian)
    assert loss.hessian_trace(theta) == pytest.approx(float(hessian.trace()), rel=1e-12)
    assert loss.hessian_trace(1.01 * theta) != pytest.approx(float(hessian.trace()), rel=1e-3)
    assert isinstance(loss, HasHessianProduct)
    assert not isinstance(trained.loss, HasHessianProduct)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("centred", [True, False])
def test_the_jacobian(centred):
    trained = network(centred)
    loss, theta = trained.two_hot(torch.float64)
    residual, forward, back = loss.linearised(theta)
    assert float(residual.square().sum()) / 2 == pytest.approx(float(loss.value(theta[None])))
    torch.testing.assert_close(back(residual), loss.value_and_gradient(theta[None])[1][0])
    jacobian = torch.stack([forward(z) for z in torch.eye(len(theta), dtype=torch.float64)], 1)
    dense = trained.loss.jacobian(trained.theta)[:, order()]
    torch.testing.assert_close(jacobian.T @ jacobian, dense.T @ dense)
    torch.testing.assert_close(torch.stack([back(y) for y in torch.eye(len(residual), dtype=torch.float64)]), jacobian)


def test_weights_return():
    trained = network(True)
    _, theta = trained.two_hot(torch.float64)
    same = trained.at_two_hot(theta)
    assert (same.w == trained.w).all()
    assert (same.v == trained.v).all()
    assert float(trained.at_two_hot(2 * theta).theta.norm()) == pytest.approx(2 * float(trained.theta.norm()))


@pytest.mark.sampled
def test_minibatches_are_without_bias():
    """Not centred: the mean error of a batch is not that of all pairs."""
    loss, theta = network(False).two_hot(torch.float64)
    many = theta.expand(4000, -1)
    value, gradient = loss.minibatch(many, 3, torch.Generator().manual_seed(0))
    exact, slope = loss.value_and_gradient(theta[None])
    assert within(value.mean() - exact, value.std() / 4000**0.5, 5)
    assert within(((gradient.mean(0) - slope[0]) / (gradient.std(0) / 4000**0.5 + 1e-12)).abs().max(), 1, 6)


def test_single_precision_is_close():
    double, single = (network(True).two_hot(dtype) for dtype in (torch.float64, torch.float32))
    value, gradient = double[0].value_and_gradient(double[1][None])
    found, slope = single[0].value_and_gradient(single[1][None])
    assert found.dtype == slope.dtype == torch.float32
    torch.testing.assert_close(found.double(), value, rtol=1e-5, atol=0)
    torch.testing.assert_close(slope.double(), gradient, rtol=1e-4, atol=1e-6)
