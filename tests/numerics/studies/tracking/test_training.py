"""Networks of a setting: trained side by side as one by one, watched by the rule, controls that are what they say."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from numerics.studies.published.controls import gauged
from numerics.studies.published.measures import BLURRED, HOT
from numerics.studies.tracking.measures import MEASURES, fourier_ipr, measured
from numerics.studies.tracking.networks import NETWORKS, SideBySide
from numerics.studies.tracking.plan import SNAPSHOTS, Setting
from numerics.studies.tracking.training import Course, courses, kept_epochs
from slt_symbolic.errors import InvalidInput

TINY = {"p": 5, "width": 6, "fraction": 0.6, "weight_decay": 0.01, "epochs": 12, "seeds": 2, "lr": 0.01}


@pytest.mark.parametrize("kind", sorted(NETWORKS))
def test_side_by_side_is_one_by_one(kind):
    torch.manual_seed(0)
    networks = [NETWORKS[kind](5, 4) for _ in range(2)]
    pairs, labels = torch.randint(5, (2, 9, 2)), torch.randint(5, (2, 9))
    together = SideBySide(networks, pairs, labels, 0.01, 0.5)
    for _ in range(3):
        together.step()
    for network, own, some, weights in zip(networks, pairs, labels, together.weights, strict=True):
        optimiser = torch.optim.AdamW(network.parameters(), 0.01, (0.9, 0.98), weight_decay=0.5)
        for _ in range(3):
            optimiser.zero_grad()
            cross_entropy(network(own), some).backward()
            optimiser.step()
        torch.testing.assert_close(torch.nn.utils.parameters_to_vector(network.parameters()), weights)


def test_attention_is_that_of_torch():
    """One head less: the sum over heads is a block of torch's own scaled dot product."""
    torch.manual_seed(0)
    network = NETWORKS["transformer"](5, 4)
    pairs = torch.randint(5, (7, 2))
    stream = network.tokens[torch.cat([pairs, torch.full((7, 1), 5)], 1)] + network.places
    query, key, value = (x.view(7, 3, 2, 2).transpose(1, 2)
                         for x in (stream @ network.ask, stream @ network.key, stream @ network.value))
    heads = torch.nn.functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(7, 3, 4)
    last = stream[:, -1] + heads[:, -1] @ network.mix
    expected = (last + torch.relu(last @ network.up) @ network.down) @ network.read
    torch.testing.assert_close(network(pairs), expected)


def course(train, validation):
    epochs = np.arange(1.0, len(train) + 1)
    metrics = {"train_accuracy": np.array(train), "validation_accuracy": np.array(validation)}
    return Course(0, epochs, metrics, torch.zeros(len(train), 1), torch.zeros(0, 2), torch.zeros(0))


def test_a_run_is_watched_from_learning_to_generalising():
    train = [0.1, 0.5, 0.9, *[1.0] * 50]
    late = course(train, [*[0.0] * 40, *[1.0] * 13])
    watched = late.watched()
    assert (watched[0], watched[-1], late.generalised) == (2, 40, 40)
    assert len(watched) <= SNAPSHOTS
    never = course(train, [*[0.0] * 40, 1.0, *[0.5] * 12])  # it does not stay
    assert (never.watched()[-1], never.generalised) == (52, None)
    assert course([0.1] * 5, [0.0] * 5).watched() == []
    at_once = course([0.5, 1.0], [1.0, 1.0])
    assert at_once.watched() == [1]


def test_kept_epochs_end_with_the_last():
    assert kept_epochs(1500, 40)[-1] == 1500
    assert np.diff(np.log10(kept_epochs(1500, 40)[40:])).max() < 1 / 30


@pytest.mark.parametrize("model", ["quadratic", "relu", "transformer"])
def test_a_held_norm_stays_and_labels_are_drawn(model):
    held = courses(Setting("a", **TINY, model=model, held=True), range(2))[0]
    reached = held.metrics["train_accuracy"] >= 0.99
    norms = held.weights.norm(dim=1).double().numpy()[int(reached.argmax()):] if reached.any() else np.ones(2)
    assert np.ptp(norms) < 1e-4 * norms[0]
    drawn = courses(Setting("a", **TINY, model=model, labels="random"), range(2))[0]
    assert not torch.equal(drawn.labels, drawn.pairs.sum(1) % 5)
    plain = courses(Setting("a", **TINY, model=model), range(2))[0]
    assert torch.equal(plain.labels, plain.pairs.sum(1) % 5)
    assert plain.metrics["weight_norm"] == pytest.approx(plain.weights.norm(dim=1).numpy(), rel=1e-5)


@pytest.mark.parametrize("model", ["quadratic", "relu"])
def test_a_run_that_diverges_is_named(model):
    """NaN has an accuracy too, that of the first label."""
    with pytest.raises(InvalidInput, match=r"run a, seed 3: lr=1e\+18: the loss is not finite at epoch"):
        courses(Setting("a", **TINY | {"lr": 1e18}, model=model), range(3, 5))


@pytest.fixture
def short(monkeypatch):
    for name, chain in (("HOT", HOT), ("BLURRED", BLURRED)):
        monkeypatch.setattr(f"numerics.studies.tracking.measures.{name}", replace(chain, burn_in=3, draws=9))


@pytest.mark.sampled
@pytest.mark.parametrize("model", ["quadratic", *(pytest.param(x, marks=pytest.mark.long) for x in sorted(NETWORKS))])
def test_everything_is_measured(model, short):
    setting = Setting("a", **TINY, model=model)
    found = measured(setting, courses(setting, range(2))[0], (3, 9), (9,))
    assert set(found[0]) >= {name for name in MEASURES if name != "linear_regions" or model == "relu"}
    assert [row["converged"] is None for row in found] == [True, False]
    assert all(np.isfinite(x) for row in found for x in row.values() if x is not None)
    assert found[0]["weight_norm"] != found[1]["weight_norm"]


@pytest.mark.sampled
def test_the_gauge_moves_what_is_no_property_of_the_function(short):
    """By a factor of three: what falls in one layer and grows in the other may be the same at a factor near one."""
    setting = Setting("a", **TINY)
    one = courses(setting, range(1))[0]
    point = one.weights[-1]
    both = Course(0, one.epochs, one.metrics, torch.stack([point, gauged(point, 5, 6, 3.0)]), one.pairs, one.labels)
    before, after = measured(setting, both, (0, 1), ())
    for name in ("train_loss", "effective_rank", "fourier_ipr", "active_units"):
        assert after[name] == pytest.approx(before[name], rel=1e-3)
    for name in ("blurred", "trace", "weight_norm", "layer_ratio"):
        assert after[name] != pytest.approx(before[name], rel=1e-2)


def test_pure_waves_and_noise():
    residues = np.arange(11)[:, None]
    waves = np.cos(2 * np.pi * residues * np.array([1, 3, 5]) / 11 + np.array([0.1, 2.0, 1.0]))
    assert fourier_ipr(waves) == pytest.approx(1)
    assert fourier_ipr(np.cos(2 * np.pi * np.arange(8)[:, None] * 4 / 8)) == pytest.approx(1)  # an even modulus
    flat = np.random.default_rng(0).normal(size=(101, 200))
    assert fourier_ipr(flat) == pytest.approx(2 / 51, rel=0.1)  # 51 shares, exponential: E s² = 2/51²
