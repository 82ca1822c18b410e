"""Expected sharpness: the closed form against noise in the same weights, through the command and from Python."""

import json

import numpy as np
import pytest
import torch

from numerics import expected_sharpness
from numerics.diagnosis.sharpness import sharpness_of_network
from numerics.networks.file import Network, read_network
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.data import all_pairs
from tests import ROOT
from tests.sampled import beyond, within

TRAINED = ROOT / "tests" / "data" / "trained_5_20.npz"


class Quadratic(torch.nn.Module):
    """The network of a file, as a user would write it."""

    def __init__(self, network):
        super().__init__()
        self.w, self.v = (torch.nn.Parameter(torch.from_numpy(x.copy())) for x in (network.w, network.v))

    def forward(self, x):
        return (x @ self.w.T).square() @ self.v


def as_module(network):
    p = network.modulus
    inputs = np.array([np.eye(2 * p)[a] + np.eye(2 * p)[p + b] for a, b in network.pairs])

    def loss(outputs, targets):
        return (outputs - targets).square().sum(1).mean() / 2

    return Quadratic(network), loss, (torch.from_numpy(inputs), torch.from_numpy(network.targets.astype(float)))


@pytest.mark.sampled
def test_the_closed_form_is_what_noise_gives():
    """A mean of 2000 independent draws: beyond 5 errors once in 10^6."""
    network = read_network(TRAINED, centred=False)
    for gamma in (30.0, 1000.0):
        exact = sharpness_of_network(network, nbeta=20.0, gamma=gamma)
        found = expected_sharpness(*as_module(network), nbeta=20.0, gamma=gamma, draws=2000)
        assert found.loss == pytest.approx(exact.loss, abs=1e-12)
        assert within(found.mean - exact.mean, found.mcse, 5)
        other = sharpness_of_network(network, nbeta=20.0, gamma=0.8 * gamma)
        assert beyond(found.mean - other.mean, found.mcse, 6)
        assert found.mcse < 0.05 * found.mean


def test_the_command(capsys):
    assert main(["sharpness", str(TRAINED), "--gamma", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    network = read_network(TRAINED)
    n = len(network.pairs)
    assert found["nbeta"] == pytest.approx(n / np.log(n))
    assert found["gamma"] == 50
    assert found["expected_sharpness"] == sharpness_of_network(network, gamma=50.0).mean > 0
    assert main(["sharpness", str(TRAINED), "--gamma", "50"]) == 0
    assert capsys.readouterr().out.startswith(f"{found['expected_sharpness']:.6g}  expected sharpness")


def test_batches_see_less_of_it():
    network = read_network(TRAINED)
    n = len(network.pairs)
    whole, all_of_them, few = (sharpness_of_network(network, nbeta=1, batch=size).mean for size in (None, n, 4))
    assert whole == all_of_them
    assert few == pytest.approx(whole * (1 - 1 / 4) / (1 - 1 / n))


def test_the_published_size_at_zero_weights():
    """At p = 53, K = 1024 and noise of variance 1/100: 2 K p (2 - (p + 1)/p^2) / 100^3 times 128/log 128."""
    p, units = 53, 1024
    zero = Network(np.zeros((units, 2 * p)), np.zeros((units, p)), all_pairs(p).pairs, True, "add")
    found = sharpness_of_network(zero, nbeta=128 / np.log(128))
    assert found.mean == pytest.approx(5.6719, abs=1e-4)
    assert found.loss == pytest.approx((1 - 1 / p) / 2)


def test_labels_do_not_matter_where_constants_are_not_seen():
    added, other = (sharpness_of_network(read_network(TRAINED, operation=name), nbeta=1) for name in ("add", "mul"))
    assert added.mean == other.mean
    assert added.loss < 1e-3 < other.loss


@pytest.mark.parametrize(("options", "words"), [
    (["--gamma", "0"], "--gamma 0.0: must be a positive number"), (["--nbeta", "nan"], "--nbeta nan"),
    (["--batch", "1"], "--batch 1: must be an integer from 2"), (["--batch", "999"], "the number of pairs")])
def test_what_is_refused(capsys, options, words):
    assert main(["sharpness", str(TRAINED), *options]) == 2
    assert words in capsys.readouterr().err


def test_what_python_users_are_refused():
    model, loss, data = as_module(read_network(TRAINED))
    for options, words in (({"draws": 1}, "draws=1"), ({"gamma": -1.0}, "gamma=-1"), ({"seed": -1}, "seed=-1")):
        with pytest.raises(InvalidInput, match=words):
            expected_sharpness(model, loss, data, **options)
    large = Network(np.full((2, 10), 1e160), np.ones((2, 5)), all_pairs(5).pairs, True, "add")
    with pytest.raises(InvalidInput, match="overflow"):
        sharpness_of_network(large)
