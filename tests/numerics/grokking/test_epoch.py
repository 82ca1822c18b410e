"""The fast two-hot network against plain PyTorch: outputs, gradients, a thousand steps of Adam, metrics."""

import pytest
import torch

from numerics.grokking.epoch import Adam, TrainingState, evaluate, gradient, outputs, train_epoch
from numerics.losses.two_hot import join, rows_of, split
from tests.oracles.plain_two_hot import Plain, plain_epoch, plain_loss, two_hot

P, UNITS, NETWORKS = 7, 11, 3
ALL_PAIRS = torch.cartesian_prod(torch.arange(P), torch.arange(P))
LABELS = ALL_PAIRS.sum(1) % P
INPUTS = two_hot(ALL_PAIRS, P).double()
TARGETS = torch.eye(P, dtype=torch.float64)[LABELS]


def start(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(NETWORKS, UNITS, columns, generator=generator, dtype=torch.float64) / 2
            for columns in (2 * P, P))


def samples(size, seed=0):
    """(S, size): another set of pairs for each network."""
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randperm(P * P, generator=generator)[:size] for _ in range(NETWORKS)])


def test_join_and_split_are_inverse():
    w, v = start()
    assert all(torch.equal(x, y) for x, y in zip(split(join(w, v)), (w, v), strict=True))


def test_outputs_and_gradient():
    w, v = start()
    weights, chosen = join(w, v), samples(10)
    slope = torch.full_like(weights, torch.nan)
    gradient(weights, rows_of(ALL_PAIRS[chosen], P), TARGETS[chosen], slope)
    for network in range(NETWORKS):
        model = Plain(w[network], v[network])
        plain_loss(model, INPUTS[chosen[network]], TARGETS[chosen[network]]).backward()
        assert torch.allclose(outputs(weights)[network], model(INPUTS), rtol=1e-13, atol=1e-13)
        for ours, plain in zip(split(slope), (model.w.grad, model.v.grad), strict=True):
            assert torch.allclose(ours[network], plain, rtol=1e-12, atol=1e-14)


@pytest.mark.long
def test_a_thousand_steps_of_adam():
    size, batch = 20, 8
    w, v = start()
    state = TrainingState.start(join(w, v))
    models = [Plain(w[network], v[network]) for network in range(NETWORKS)]
    optimisers = [torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5) for model in models]
    for epoch in range(334):
        chosen = samples(size, epoch)
        train_epoch(state, ALL_PAIRS[chosen], LABELS[chosen], batch, Adam(1e-3, 1e-5))
        for network, (model, optimiser) in enumerate(zip(models, optimisers, strict=True)):
            plain_epoch(model, optimiser, INPUTS[chosen[network]], TARGETS[chosen[network]], batch)
    assert state.steps == 334 * 3
    for network, model in enumerate(models):
        for ours, plain in zip(split(state.weights), (model.w, model.v), strict=True):
            assert (ours[network] - plain).norm() < 1e-9 * plain.norm()


@torch.no_grad()
def test_metrics():
    w, v = start()
    chosen = samples(20)
    training = torch.zeros(NETWORKS, P * P, dtype=torch.bool).scatter_(1, chosen, True)
    found = evaluate(join(w, v), LABELS, training)
    for network in range(NETWORKS):
        model, inside = Plain(w[network], v[network]), training[network]
        constants = (model(INPUTS) - TARGETS)[inside].mean(0)
        right = ((model(INPUTS) - constants).argmax(1) == LABELS).double()
        for loss, accuracy, chosen in ((found.train_loss, found.train_accuracy, inside),
                                       (found.validation_loss, found.validation_accuracy, ~inside)):
            assert loss[network] == pytest.approx(float(plain_loss(model, INPUTS[chosen], TARGETS[chosen])))
            assert accuracy[network] == pytest.approx(float(right[chosen].mean()))
        assert found.weight_norm[network] == pytest.approx(float((w[network].norm()**2 + v[network].norm()**2).sqrt()))


def test_constants_that_the_loss_does_not_see_change_no_metric_but_the_norm():
    w, v = start()
    w[:, 0] = 0.5  # (1/2 + 1/2)^2 = 1: the first unit gives a constant, V_0
    training = torch.zeros(NETWORKS, P * P, dtype=torch.bool).scatter_(1, samples(20), True)
    before = evaluate(join(w, v), LABELS, training)
    v[:, 0] += torch.arange(P) * 10
    after = evaluate(join(w, v), LABELS, training)
    for name, value in vars(before).items():
        assert torch.allclose(value, getattr(after, name)) == (name != "weight_norm")


def test_a_batch_of_one_sample_has_nothing_to_learn_from():
    state = TrainingState.start(join(*start()))
    before = state.weights.clone()
    train_epoch(state, ALL_PAIRS[samples(1)], LABELS[samples(1)], 8, Adam(1e-3, 0.0))
    assert torch.equal(state.weights, before)
