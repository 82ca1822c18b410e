"""The loss of a user's module against a direct computation."""

import pytest
import torch

from numerics.losses.module import SAMPLE_CHUNK, ModuleLoss, Objective, different
from numerics.losses.samples import samples_of
from tests.sampled import beyond, within


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def module(dtype=torch.float32) -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).to(dtype)


def test_module_loss_is_the_direct_computation_in_double_precision():
    x, y = torch.randn(50, 3), torch.randn(50, 2)
    model, double = module(), module().double()
    problem = ModuleLoss(Objective(model, torch.nn.functional.mse_loss), samples_of((x, y)))
    value, gradient = problem.value_and_gradient(torch.stack([problem.start, 0 * problem.start]))
    direct = torch.nn.functional.mse_loss(double(x.double()), y.double())
    slopes = torch.autograd.grad(direct, list(double.parameters()))
    assert value.dtype == torch.float64
    torch.testing.assert_close(value[0], direct.detach(), rtol=1e-12, atol=0.0)
    torch.testing.assert_close(gradient[0], torch.cat([x.flatten() for x in slopes]), rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(value[1], y.double().square().mean(), rtol=1e-12, atol=0.0)
    assert float(value[0]) != float(torch.nn.functional.mse_loss(model(x), y).detach())  # float32 is not good enough
    assert next(model.parameters()).dtype == torch.float32  # the module is left alone


def test_only_parameters_that_ask_for_a_gradient_are_sampled():
    model = module()
    model[0].requires_grad_(False)
    data = samples_of((torch.randn(5, 3), torch.randn(5, 2)))
    problem = ModuleLoss(Objective(model, torch.nn.functional.mse_loss), data)
    assert problem.parameters == 10
    assert [tuple(shape) for shape in problem.shapes] == [(2, 4), (2,)]


def test_chunks_of_samples_give_the_same():
    samples = 2 * SAMPLE_CHUNK + 100
    x, y = normal(samples, 3, seed=1), normal(samples, 2, seed=2)
    double = module(torch.float64)
    problem = ModuleLoss(Objective(double, torch.nn.functional.mse_loss), samples_of((x, y)))
    value, gradient = problem.value_and_gradient(problem.start[None])
    direct = torch.nn.functional.mse_loss(double(x), y)
    slopes = torch.cat([g.flatten() for g in torch.autograd.grad(direct, list(double.parameters()))])
    torch.testing.assert_close(value[0], direct.detach(), rtol=1e-12, atol=0.0)
    torch.testing.assert_close(gradient[0], slopes, rtol=1e-10, atol=1e-14)
    hessian = problem.hessian(problem.start)
    step = 1e-5 * normal(len(problem.start), seed=3)
    around = problem.value_and_gradient(torch.stack([problem.start + step, problem.start - step]))[1]
    torch.testing.assert_close(hessian @ step, (around[0] - around[1]) / 2, rtol=1e-5, atol=1e-12)


@pytest.mark.sampled
def test_minibatch_gradients_of_a_module_are_unbiased():
    data = samples_of((normal(9, 3, seed=1), normal(9, 2, seed=2)))
    problem = ModuleLoss(Objective(module(), torch.nn.functional.mse_loss), data)
    _, full = problem.value_and_gradient(problem.start[None])
    _, gradients = problem.minibatch(problem.start.expand(5000, -1), 4, torch.Generator().manual_seed(0))
    error = gradients.std(0) / len(gradients) ** 0.5
    assert within(((gradients.mean(0) - full[0]) / error).abs().max(), 1, 6)
    assert beyond(((gradients.mean(0) - 1.3 * full[0]) / error).abs().max(), 1, 6)


@pytest.mark.parametrize(("count", "size"), [(12, 12), (12, 5), (5000, 40)])
def test_samples_of_a_batch_are_different_and_each_is_as_likely(count, size):
    generator = torch.Generator().manual_seed(0)
    drawn = torch.stack([different(count, size, generator, torch.device("cpu")) for _ in range(2000)])
    assert all(len(batch.unique()) == size for batch in drawn)
    middle = (drawn.double().mean() - (count - 1) / 2) / (count * (12 * drawn.numel()) ** -0.5)
    assert abs(float(middle)) <= 5  # fewer than independent draws scatter
