"""Networks from files: the Fourier fit, what the reader refuses, the basin that a network lies in."""

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest
import torch

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


def test_reading(tmp_path):
    network = read_network(save(tmp_path, W=W, V=V))
    assert (network.modulus, len(network.pairs), network.centred, network.operation) == (3, 9, True, "add")
    network = read_network(save(tmp_path, w=W.astype(np.float32), v=V, pairs=[[0, 1], [2, 2]], centred=False,
                                operation="sub"))
    assert (network.pairs, network.centred, network.operation) == (((0, 1), (2, 2)), False, "sub")
    assert network.w.dtype == np.float64


@pytest.mark.parametrize(("operation", "centred", "loss"), [
    # f(0, 1) = e_1 and f(2, 2) = e_1; labels 0 - 1 = 2 and 2 - 2 = 0, 0 and 1, 1 and 2
    ("add", False, 0), ("sub", False, 2 / 2), ("mul", False, 1 / 2), ("sumsq", False, 1 / 2),
    ("sub", True, 1 / 4),  # errors e_1 - e_2 and e_1 - e_0, less their mean: +-(e_0 - e_2)/2, half of 1/2
])
def test_the_loss_is_half_the_mean_squared_error(operation, centred, loss):
    network = Network(W, V, ((0, 1), (2, 2)), centred, operation)
    assert float(network.loss.value(network.theta[None])) == pytest.approx(loss, abs=1e-12)


@pytest.mark.parametrize(("arrays", "words"), [
    ({"V": V}, "has no array W"),
    ({"W": W}, "has no array V"),
    ({"W": W[0], "V": V}, "W is float64 of shape (6,), not a matrix"),
    ({"W": W[:0], "V": V[:0]}, "not a matrix"),
    ({"W": W * 1j, "V": V}, "not a matrix of real numbers"),
    ({"W": W.astype(str), "V": V}, "not a matrix of real numbers"),
    ({"W": W[:4], "V": V}, "W has 4 rows and V has 5"),
    ({"W": W[:, :5], "V": V}, "W has 5 columns and V has 3: this is not modular addition, and inputs and targets"),
    ({"W": W * np.nan, "V": V}, "W has entries that are not finite"),
    ({"W": W, "V": V + np.inf}, "V has entries that are not finite"),
    ({"W": W, "V": V, "pairs": [[0, 3], [1, 1]]}, "entry 0 is [0, 3]"),
    ({"W": W, "V": V, "pairs": [0, 1]}, "entry 0 is 0"),
    ({"W": W, "V": V, "pairs": [[0.5, 1], [1, 1]]}, "entry 0 is [0.5, 1.0]"),
    ({"W": W, "V": V, "pairs": 7}, "must be a list"),
    ({"W": W, "V": V, "pairs": [[1, 1], [1, 1]]}, "a pair occurs twice"),
    ({"W": W, "V": V, "operation": "divide"}, "operation is 'divide', not one of add, sub, mul, sumsq"),
    ({"W": W, "V": V, "operation": ["add"]}, "operation is ['add']"),
    ({"W": W, "V": V, "centred": 2}, "centred is 2, not one of true, false"),
    ({"W": np.array([[{}]], dtype=object), "V": V}, "is not an .npz file of plain arrays"),
])
def test_bad_arrays(tmp_path, capsys, arrays, words):
    path = save(tmp_path, **arrays)
    assert main(["compare", "quadratic-ntk:r=3", str(path), "n=10"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_files_that_are_none(tmp_path):
    good = save(tmp_path, W=W, V=V).read_bytes()
    bad = tmp_path / "bad.npz"
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_network(bad)
    with pytest.raises(InvalidInput, match="is not a file"):
        read_network(tmp_path)
    for content in (b"", b"text", good[:-30], good[: len(good) // 2], good.replace(W[1].tobytes(), W[2].tobytes()),
                    good.replace(b"'descr'", b"'d\0scr'")):
        bad.write_bytes(content)
        with pytest.raises(InvalidInput, match="damaged"):
            read_network(bad)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, W=W, V=V, more=np.zeros(2**28, dtype=np.int8))
    assert path.stat().st_size < 2**20
    with pytest.raises(InvalidInput, match="bytes, more than"):
        read_network(path)


def test_the_file_of_the_readme_is_the_fourier_fit():
    network = read_network(DATA / "fourier_5_20.npz")
    w, v = fourier_weights(5)
    assert (network.w == pytest.approx(w), network.v == pytest.approx(v)) == (True, True)
    assert [list(pair) for pair in network.pairs] == json.loads((DATA / "pairs_5_20.json").read_text())


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
