"""Networks from files: what is read, what is refused."""

import json

import numpy as np
import pytest

from numerics.networks.file import Network, read_network
from numerics.networks.fourier import fourier_weights
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput
from tests import DATA

W, V = fourier_weights(3)


def save(folder, **arrays):
    path = folder / "network.npz"
    np.savez(path, **arrays)
    return path


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
    with pytest.raises(InvalidInput, match="is no regular file"):
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


@pytest.mark.parametrize(("units", "p"), [(1, 20000), (1, 600), (10**4, 300)])
def test_what_fits_no_memory_is_refused_before_it_is_made(tmp_path, units, p):
    path = tmp_path / "a.npz"
    np.savez(path, W=np.ones((units, 2 * p), dtype=np.float16), V=np.ones((units, p), dtype=np.float16))
    with pytest.raises(InvalidInput, match=f"p = {p} with {p * p} pairs would take .* GiB"):
        read_network(path)


def test_units_that_are_too_many_to_compare_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", W=np.ones((40000, 2)), V=np.ones((40000, 1)))
    with pytest.raises(InvalidInput, match=r"p = 1 with 1 pairs and 40000 units would take .* GiB.*try fewer units"):
        read_network(tmp_path / "a.npz")


@pytest.mark.parametrize("weight", [1e16, 1e29, 1e200])
def test_weights_whose_loss_overflows_are_refused(tmp_path, weight):
    path = tmp_path / "a.npz"
    np.savez(path, W=np.full((2, 6), weight), V=np.ones((2, 3)))
    with pytest.raises(InvalidInput, match="an entry beyond 1e"):
        read_network(path)
