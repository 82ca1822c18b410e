"""The basin that a network from a file lies in."""

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest

from numerics.diagnosis.basin import basin_of_file, polished
from numerics.networks.file import Network, read_network
from numerics.networks.fourier import fourier_weights
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput
from tests import DATA

W, V = fourier_weights(3)


def save(folder, **arrays):
    path = folder / "network.npz"
    np.savez(path, **arrays)
    return path


def test_a_network_near_the_fit_is_polished_into_its_basin(tmp_path):
    noise = np.random.default_rng(0)
    near = [x + 0.01 * noise.standard_normal(x.shape) for x in (W, V)]
    basin = basin_of_file(save(tmp_path, W=near[0], V=near[1]))
    assert (basin.loss, basin.lambda_, basin.multiplicity, basin.evidence.grade) == (0, 12, 1, "numerical")


def test_a_bracket_at_a_singular_fit(tmp_path):
    """A dead unit at p = 5 adds at most (2p - 1)/4 to rank/2 = 50; at p = 3 nothing, the rank is full without it."""
    w, v = fourier_weights(5)
    basin = basin_of_file(save(tmp_path, W=np.vstack([w, 0 * w[:1]]), V=np.vstack([v, 0 * v[:1]])))
    assert (basin.lower, basin.lambda_, basin.multiplicity) == (50, None, None)
    assert basin.upper == 50 + Fraction(9, 4)
    full = basin_of_file(save(tmp_path, W=np.vstack([W, 0 * W[:1]]), V=np.vstack([V, 0 * V[:1]])))
    assert (full.lambda_, full.multiplicity) == (12, 1)


def test_a_local_minimum_has_its_loss(tmp_path):
    """One of the two frequencies at p = 5 is missing: 2/5 of |e|^2 = 1 is, so half of it is the loss."""
    w, v = fourier_weights(5)
    basin = basin_of_file(save(tmp_path, W=w[:5], V=v[:5]))
    assert basin.loss == Fraction(1, 5)


def test_points_that_are_no_minimum_are_refused(tmp_path):
    noise = np.random.default_rng(0)
    for w, v in ((0 * W, 0 * V), (noise.standard_normal(W.shape), noise.standard_normal(V.shape))):
        with pytest.raises(InvalidInput, match="is not near a minimum of its loss"):
            basin_of_file(save(tmp_path, W=w, V=v))


def test_large_networks_are_refused():
    network = Network(np.ones((201, 10)), np.ones((201, 5)), ((0, 0), (0, 1)), True, "add")
    with pytest.raises(InvalidInput, match="3015 parameters"):
        polished(network, "large.npz")


def test_memorising_against_generalising(capsys):
    """On 20 of the 25 pairs at p = 5: the ceiling is p (N - 1)/2, the Fourier fit has rank 92 there."""
    memorising = f"modular-addition-generic:p=5,K=9,pairs={DATA / 'pairs_5_20.json'}"
    assert main(["compare", memorising, str(DATA / "fourier_5_20.npz"), "n=1000", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["a"]["lambda"], answer["b"]["lambda"]) == ("95/2", "46")
    assert (answer["delta_loss"], answer["delta_lambda"], answer["preferred"]) == ("0", "3/2", "B")
    assert answer["b"].keys() == (answer["a"].keys() - {"name"}) | {"file"}
    assert "file" in answer["b"]


def test_a_smaller_lambda_is_no_sign_of_generalising():
    """The trained network fits its pairs and no other; its lambda is below that of the Fourier fit."""
    path = DATA / "trained_5_20.npz"
    network = read_network(path)
    values = {(a, b): (network.w[:, a] + network.w[:, 5 + b]) ** 2 @ network.v
              for a, b in itertools.product(range(5), repeat=2)}
    mean = np.mean([values[a, b] - np.eye(5)[(a + b) % 5] for a, b in network.pairs], axis=0)
    right = {(a, b) for (a, b), value in values.items() if np.argmax(value - mean) == (a + b) % 5}
    assert right == set(network.pairs)
    assert network.v.sum(1) == pytest.approx(np.zeros(9), abs=1e-12)  # so the rank is at most 4·19 + 9
    assert basin_of_file(path).lambda_ == Fraction(85, 2) < basin_of_file(DATA / "fourier_5_20.npz").lambda_


def test_on_few_pairs_both_are_at_the_ceiling(tmp_path):
    pairs = json.loads((DATA / "pairs_5_20.json").read_text())[::2]
    w, v = fourier_weights(5)
    basin = basin_of_file(save(tmp_path, W=w, V=v, pairs=pairs))
    ceiling = closed_forms["modular-addition-generic"].at(p=5, K=9, pairs=pairs)
    assert basin.lambda_ == ceiling.lambda_ == Fraction(45, 2)
