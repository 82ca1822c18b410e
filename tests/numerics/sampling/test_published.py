"""The published chains against the same steps written plainly, with the same random numbers."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from numerics.networks.file import Network
from numerics.sampling.langevin import langevin
from numerics.sampling.published import PUBLISHED, literal_chains, literal_values, values_around
from numerics.sampling.steps import Posterior
from numerics.sampling.summary import EstimateError
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.data import all_pairs
from tests.oracles.plain_two_hot import Plain, two_hot

P, K = 5, 4
SHORT = replace(PUBLISHED["gamma 5"], chains=2, burn_in=3, draws=12, step=0.002, batch=6, seed=7)


def network(centred=True):
    rng = np.random.default_rng(0)
    return Network(rng.normal(size=(K, 2 * P)) / 2, rng.normal(size=(K, P)), all_pairs(P).pairs[::2], centred, "mul")


def plain_trace(trained, settings, batch_centred=True):
    """Dense inputs, autograd, and the update of each tensor as the formula says."""
    inputs = two_hot(torch.tensor(trained.pairs), P).double()
    targets = torch.from_numpy(trained.targets).double()
    generator = torch.Generator().manual_seed(settings.seed)
    size, n = settings.batch, len(inputs)

    def loss_of(model, chosen):
        error = model(inputs[chosen]) - targets[chosen]
        if trained.centred:
            error = error - (error.mean(0) if batch_centred else (model(inputs) - targets).mean(0))
        return error.square().sum() / 2 / len(chosen)

    start = Plain(torch.from_numpy(trained.w), torch.from_numpy(trained.v))
    # All batches are as likely: the mean over many of them would be this.
    here = float(loss_of(start, range(n)).detach()) * ((size - 1) * n / (size * (n - 1)) if trained.centred else 1)
    trace = []
    for _ in range(settings.chains):
        model, values = Plain(start.w.detach(), start.v.detach()), []
        for _ in range(settings.steps):
            loss = loss_of(model, torch.randperm(n, generator=generator)[:size])
            values.append(settings.nbeta * (float(loss.detach()) - here))
            slopes = torch.autograd.grad(loss, model.parameters())
            # W and V, side by side and turned over, are our matrix of rows.
            noise = torch.randn(3 * P, K, generator=generator, dtype=torch.float64).T.split([2 * P, P], 1)
            with torch.no_grad():
                for x, x0, slope, xi in zip(model.parameters(), start.parameters(), slopes, noise, strict=True):
                    x += (-settings.step / 2 * (settings.nbeta * slope + settings.gamma * (x - x0))
                          + math.sqrt(settings.step) * xi)
        trace.append(values)
    return torch.tensor(trace, dtype=torch.float64)


@pytest.mark.parametrize("centred", [True, False])
def test_it_is_the_plain_chain(centred):
    trained = network(centred)
    found = literal_chains(*trained.two_hot(torch.float64), SHORT)
    torch.testing.assert_close(found.trace, plain_trace(trained, SHORT), rtol=1e-9, atol=1e-9)
    assert found.values.mean() == pytest.approx(found.rung.mean)
    assert found.trace.shape == (2, 15)


@pytest.mark.parametrize("change", [{"nbeta": 27.0}, {"gamma": 5.5}, {"step": 0.0021}])
def test_other_settings_are_another_chain(change):
    found = literal_chains(*network().two_hot(torch.float64), SHORT).trace
    assert not torch.allclose(found, plain_trace(network(), replace(SHORT, **change)), rtol=1e-5)


def test_each_batch_is_centred_by_itself():
    found = literal_chains(*network().two_hot(torch.float64), SHORT).trace
    assert not torch.allclose(found, plain_trace(network(), SHORT, batch_centred=False), rtol=1e-5)


def test_the_variance_without_a_loss():
    for settings in (*PUBLISHED.values(), SHORT):
        variance, steps = 0.0, 0
        while steps < 200:
            assert settings.variance(steps) == pytest.approx(variance)
            variance = (1 - settings.step * settings.gamma / 2) ** 2 * variance + settings.step
            steps += 1
        assert settings.variance() == pytest.approx(1 / (settings.gamma * (1 - settings.step * settings.gamma / 4)))


def test_a_ramp_has_not_converged():
    """The chain of gamma 5 is still on its way at its last draw, and R-hat says so; that of gamma 100 has arrived."""
    loss, point = network().two_hot(torch.float64)
    rungs = {name: literal_chains(loss, 0 * point, replace(settings, batch=13, nbeta=1e-3)).rung
             for name, settings in PUBLISHED.items()}
    assert rungs["gamma 5"].rhat > 1.2
    assert rungs["gamma 100"].rhat < 1.05


def test_what_is_refused():
    loss, point = network().two_hot(torch.float64)
    with pytest.raises(InvalidInput, match="13 training pairs"):
        literal_chains(loss, point, replace(SHORT, batch=14))
    for change in ({"step": 0.0}, {"gamma": math.nan}, {"nbeta": -1.0}, {"batch": 1}, {"draws": 0}, {"step": 1.0}):
        with pytest.raises(InvalidInput):
            replace(SHORT, **change)
    with pytest.raises(EstimateError, match="chains diverged"):
        _ = literal_chains(loss, 1e3 * point, SHORT).rung


@pytest.mark.parametrize("centred", [True, False])
def test_chains_side_by_side_are_those_one_by_one(centred):
    """At several points of one loss, the same batches and the same noise."""
    loss, point = network(centred).two_hot(torch.float64)
    points = torch.stack([point, 1.1 * point, point.flip(0)])
    first = replace(SHORT, chains=1)
    one_by_one = torch.stack([literal_chains(loss, point, first).values[0] for point in points])
    torch.testing.assert_close(literal_values(loss, points, first), one_by_one)
    assert not torch.allclose(literal_values(loss, points, replace(first, gamma=50.0)), one_by_one)
    with pytest.raises(InvalidInput, match="more than the"):
        literal_values(loss, points, replace(SHORT, batch=1000))


def test_chains_of_any_loss_side_by_side():
    """The update of `numerics.sampling.langevin`, with the same random numbers."""
    loss, point = network().two_hot(torch.float64)
    posterior = Posterior(loss, point, None, torch.tensor([SHORT.nbeta], dtype=torch.float64), SHORT.gamma)
    losses = langevin(posterior, SHORT.step, SHORT.batch, replace(SHORT, chains=1))[0][0, SHORT.burn_in:]
    values = values_around(loss, point[None], SHORT)
    assert values.shape == (1,)
    expected = SHORT.nbeta * (float(losses.mean()) - float(loss.value(point[None])))
    assert float(values[0]) == pytest.approx(expected)
    assert float(values_around(loss, point[None], replace(SHORT, gamma=50.0))[0]) != pytest.approx(expected, rel=1e-3)
