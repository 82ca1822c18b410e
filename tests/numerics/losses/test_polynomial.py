"""Polynomial losses against plain autograd on the full data, a Monte-Carlo population and a closed form."""

from dataclasses import replace

import pytest
import torch

from numerics.losses.architectures import DeepLinear, Lazy, Quadratic, Symmetric
from numerics.losses.polynomial import Dataset, Population, Twin
from tests.sampled import beyond, within


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def quadratic(theta, x):
    w, v = theta[:6].reshape(2, 3), theta[6:].reshape(2, 2)
    return (x @ w.T) ** 2 @ v


def lazy(theta, x):
    return (x @ FROZEN.T) ** 2 @ theta.reshape(4, 2)


def deep_linear(theta, x):
    first, second, third = theta[:12].reshape(4, 3), theta[12:20].reshape(2, 4), theta[20:].reshape(3, 2)
    return x @ first.T @ second.T @ third.T


def symmetric(theta, x):
    w = theta.reshape(3, 2)
    return x @ (w @ w.T)


FROZEN = normal(4, 3, seed=9)
NETWORKS = {  # the architecture, the same network written down directly, its number of outputs
    "quadratic": (Quadratic(3, 2, 2), quadratic, 2),
    "lazy": (Lazy(FROZEN, 2), lazy, 2),
    "deep linear": (DeepLinear((3, 4, 2, 3)), deep_linear, 3),
    "symmetric": (Symmetric(3, 2), symmetric, 3),
}


def plain_loss(network, theta, data):
    """Mean over the samples, straight from its definition."""
    error = network(theta, data.inputs) - data.targets
    if data.centred:
        error = error - error.mean(0)
    return (error**2).sum() / (2 * len(error))


@pytest.mark.parametrize("samples", [1, 2, 5, 40])  # fewer and more than the 3 or 6 monomials
@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_value_and_gradient_are_those_over_all_samples_up_to_a_constant(name, centred, samples):
    architecture, network, outputs = NETWORKS[name]
    data = Dataset(normal(samples, 3, seed=1), normal(samples, outputs, seed=2), centred)
    twin, theta = Twin(architecture, data), normal(6, architecture.parameters, seed=3)
    value, gradient = twin.value_and_gradient(theta)
    plain = torch.stack([plain_loss(network, row, data) for row in theta])
    slopes = torch.stack([torch.func.grad(lambda x: plain_loss(network, x, data))(row) for row in theta])
    torch.testing.assert_close(value - value[0], plain - plain[0], rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(gradient, slopes, rtol=1e-9, atol=1e-10)
    torch.testing.assert_close(twin.value(theta), value)
    hessian = torch.func.jacrev(torch.func.grad(lambda x: plain_loss(network, x, data)))(theta[0])
    torch.testing.assert_close(twin.hessian(theta[0]), hessian, rtol=1e-9, atol=1e-9)
    # Negative control: with the other convention of centring the comparison fails.
    other = Twin(architecture, replace(data, centred=not centred)).value_and_gradient(theta)[1]
    assert not torch.allclose(other, slopes, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", NETWORKS)
def test_shapes_cut_theta_into_its_tensors(name):
    architecture, _, outputs = NETWORKS[name]
    twin = Twin(architecture, Dataset(normal(4, 3), normal(4, outputs)))
    assert sum(rows * columns for rows, columns in twin.shapes) == twin.parameters == architecture.parameters


@pytest.mark.sampled
@pytest.mark.parametrize("name", NETWORKS)
def test_population_loss_is_the_average_over_gaussian_inputs(name):
    architecture, network, _ = NETWORKS[name]
    teacher, theta = normal(architecture.parameters, seed=4), normal(architecture.parameters, seed=5)
    inputs = normal(1_000_000, 3, seed=6)
    losses = ((network(theta, inputs) - network(teacher, inputs)) ** 2).sum(1) / 2
    value = float(Twin(architecture, Population(teacher)).value(theta[None]))
    error = float(losses.std()) / 1000
    assert within(error, 0.01 * value, 1)
    assert within(value - losses.mean(), error, 5)


def test_population_loss_of_one_quadratic_unit_at_zero_truth():
    """``E (w·x)^4 = 3 |w|^4``."""
    theta = normal(5, 7, seed=7)
    w, v = theta[:, :4], theta[:, 4:]
    expected = 3 / 2 * v.square().sum(1) * w.square().sum(1) ** 2
    value = Twin(Quadratic(4, 3, 1), Population(torch.zeros(7, dtype=torch.float64))).value(theta)
    torch.testing.assert_close(value, expected, rtol=1e-12, atol=0.0)
    assert not torch.allclose(value, expected / 3, rtol=0.1)


@pytest.mark.sampled
@pytest.mark.parametrize("data", [Dataset(normal(9, 3, seed=1), normal(9, 2, seed=2)),
                                  Population(normal(10, seed=4))], ids=["samples", "population"])
def test_minibatch_gradients_are_unbiased(data):
    twin, theta = Twin(NETWORKS["quadratic"][0], data), normal(10, seed=3)
    _, full = twin.value_and_gradient(theta[None])
    _, gradients = twin.minibatch(theta.expand(20_000, -1), 4, torch.Generator().manual_seed(0))
    error = gradients.std(0) / len(gradients) ** 0.5
    assert bool((error < 0.05 * full.norm()).all())
    assert within(((gradients.mean(0) - full[0]) / error).abs().max(), 1, 6)
    assert bool((gradients.std(0) > 0).all())  # each chain has samples of its own
    assert beyond(((gradients.mean(0) - 1.2 * full[0]) / error).abs().max(), 1, 6)


def test_residual_does_not_grow_with_the_samples():
    """R = outputs × monomials: an evaluation allocates nothing proportional to chains × samples."""
    theta = normal(5, 10)
    for samples in (7, 100_000):
        twin = Twin(Quadratic(3, 2, 2), Dataset(normal(samples, 3), normal(samples, 2)))
        assert twin.residual(theta).shape == (5, 12)
    largest = 0

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            nonlocal largest
            out = func(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor):
                largest = max(largest, out.numel())
            return out

    with Watch():
        twin.value_and_gradient(theta)
    assert 0 < largest < 200
    with Watch():  # the control: evaluated on the samples themselves it would
        twin.architecture.vjp(theta, twin.data.inputs)
    assert largest >= 5 * 100_000


def test_jacobian_is_that_of_the_residual():
    twin = Twin(Quadratic(3, 2, 2), Population(normal(10, seed=1)))
    jacobian = twin.jacobian(normal(10, seed=1))
    torch.testing.assert_close(jacobian.T @ jacobian, twin.hessian(normal(10, seed=1)), rtol=1e-9, atol=1e-9)
