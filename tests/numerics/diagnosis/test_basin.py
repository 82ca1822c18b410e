"""The basin that a network from a file lies in."""

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest

from numerics.diagnosis.basin import basin_of_file, polished
from numerics.diagnosis.compare import compare_files
from numerics.networks.file import Network, read_network
from numerics.networks.fourier import fourier_weights
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput
from slt_symbolic.free_energy.basins import EQUAL
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


def log_determinant(w, v):
    """Half the sum of the logarithms of the nonzero eigenvalues of the Hessian at a fit of all pairs, centred."""
    p, rows = v.shape[1], []
    for a, b in itertools.product(range(p), repeat=2):
        s, ends = w[:, a] + w[:, p + b], np.zeros(2 * p)
        ends[[a, p + b]] = 1
        rows.append([np.concatenate([np.outer(2 * v[:, c] * s, ends).ravel(), np.outer(s**2, np.eye(p)[c]).ravel()])
                     for c in range(p)])
    jacobian = (np.array(rows) - np.mean(rows, axis=0)).reshape(p**3, -1) / p
    values = np.linalg.svd(jacobian, compute_uv=False)
    return float(np.log(values[values > 1e-9 * values[0]]).sum())


@pytest.mark.sampled
@pytest.mark.long
def test_the_same_function_at_other_weights_has_another_bounded_term(tmp_path):
    """Units times 2, outputs over 4: lambda and the function are the same, and narrow windows see the shape alone."""
    (tmp_path / "a").mkdir()
    found = compare_files(save(tmp_path / "a", W=W, V=V), save(tmp_path, W=2 * W, V=V / 4), 10**6, gamma=1e5)
    assert (found.preferred, found.delta_lambda) == (EQUAL, (0, 0))
    shape = log_determinant(W, V) - log_determinant(2 * W, V / 4)
    bounded, error = found.windows.bounded
    assert found.windows.a.shape - found.windows.b.shape == pytest.approx(shape, rel=1e-6)
    assert abs(shape) > 5
    assert abs(bounded - shape) < 0.1 + 8 * error < 2
    assert found.windows.preferred == ("A" if shape < 0 else "B")


def test_singular_points_are_compared_by_leading_terms_alone(tmp_path):
    w, v = fourier_weights(5)
    path = save(tmp_path, W=np.vstack([w, 0 * w[:1]]), V=np.vstack([v, 0 * v[:1]]))
    found = compare_files(path, path, 100)
    assert found.windows is None
    assert found.ignored.endswith(f"not sampled: at {path} minimisers form no manifold")


def test_large_networks_are_not_sampled_unless_it_is_asked_for(tmp_path):
    """14 copies of each unit of the Fourier fit at p = 3: 630 weights."""
    w, v = np.vstack([W] * 14), np.vstack([V] * 14) / 14
    found = compare_files(*(save(tmp_path, W=w, V=v),) * 2, 100)
    assert found.windows is None
    assert "more than 600 weights take long, unless --gamma is given" in found.ignored


@pytest.mark.parametrize("gamma", ["-1", "0", "inf", "nan"])
def test_windows_have_a_width(capsys, gamma):
    path = str(DATA / "fourier_5_20.npz")
    assert main(["compare", path, path, "n=1000", f"--gamma={gamma}"]) == 2
    assert "must be a positive number" in capsys.readouterr().err


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
