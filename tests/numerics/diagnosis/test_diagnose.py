"""What a trained network is: units, frequencies, exact fits that are proved, the Fourier solution recognised."""

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest

from numerics.diagnosis.diagnose import diagnose, diagnosis_text
from numerics.diagnosis.fourier_match import distance_to_fourier
from numerics.diagnosis.units import units_of
from numerics.networks.file import Network
from numerics.networks.fourier import fourier_weights
from numerics.networks.operations import OPERATIONS
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.main import main
from slt_symbolic.networks.data import TwoHotPairs, all_pairs
from tests import DATA

KEYS = {"active", "dead", "duplicate", "zero_output", "frequencies", "loss_after_polish", "rank", "lower", "upper",
        "multiplicity", "evidence", "matches"}


def save(folder, w, v, **more):
    path = folder / "network.npz"
    np.savez(path, W=w, V=v, **more)
    return path


def disguised(w, v, seed=0, g=2, s=1, t=3):
    """The same function up to a relabelling that keeps ``a + b = c``: shifts, scales and order of units changed."""
    p, rng, x = v.shape[1], np.random.default_rng(seed), np.arange(v.shape[1])
    w, v = np.hstack([w[:, g * (x + s) % p], w[:, p + g * (x + t) % p]]), v[:, g * (x + s + t) % p]
    w = w + rng.normal(size=(len(w), 1)) * np.repeat([1, -1], p)
    scale = rng.uniform(0.3, 3, (len(w), 1)) * rng.choice([-1, 1], (len(w), 1))
    order = rng.permutation(len(w))
    return (w * scale)[order], (v / scale**2)[order]


def padded(w, v, dead):
    return tuple(np.vstack([x, np.zeros((dead, x.shape[1]))]) for x in (w, v))


def network(w, v, pairs=None, centred=True, operation="add"):
    return Network(w, v, all_pairs(v.shape[1]).pairs if pairs is None else pairs, centred, operation)


@pytest.mark.parametrize("g", [1, 2, 3, 4])
@pytest.mark.parametrize("centred", [True, False])
def test_the_fourier_solution_is_recognised_in_disguise(tmp_path, g, centred):
    found = diagnose(save(tmp_path, *disguised(*fourier_weights(5), g=g), centred=centred))
    expected = closed_forms["modular-addition-fourier"].at(p=5, centred=centred)
    assert found.judgement.lower == found.judgement.upper == expected.lambda_
    assert (found.judgement.multiplicity, found.judgement.evidence.grade) == (1, "proved")
    assert found.judgement.evidence.how.startswith("recognised: up to its symmetries the file is within 1e-06")
    assert (found.matches, found.loss_after_polish) == ("modular-addition-fourier", 0)
    assert found.judgement.rank == 2 * expected.lambda_
    assert sorted(found.units.frequencies) == [(0,), *4 * [(1,)], *4 * [(2,)]]


def test_dead_units_beside_the_fourier_solution(tmp_path):
    """The entry's bracket, with its own evidence; units that are zero to float32 are dead."""
    w, v = disguised(*padded(*fourier_weights(5), 2))
    noise = 1e-9 * np.random.default_rng(0).normal(size=w.shape)
    found = diagnose(save(tmp_path, np.where(w.any(1, keepdims=True), w, noise), v))
    expected = closed_forms["modular-addition-fourier"].at(p=5, units=11)
    assert (found.judgement.lower, found.judgement.upper) == (expected.lower, expected.upper)
    assert (len(found.units.active), len(found.units.dead)) == (9, 2)
    assert found.judgement.evidence.grade == expected.evidence.grade
    assert expected.evidence.how in found.judgement.evidence.how


def test_differences_are_sums_of_the_negative(tmp_path):
    w, v = fourier_weights(5)
    w = np.hstack([w[:, :5], w[:, 5 + -np.arange(5) % 5]])
    found = diagnose(save(tmp_path, w, v, operation="sub"))
    assert (found.matches, found.judgement.lower) == ("modular-addition-fourier", 50)
    assert distance_to_fourier(network(w, v), units_of(network(w, v))) is None


def test_a_member_of_the_family_matches_by_its_rank(tmp_path):
    rng = np.random.default_rng(0)
    found = diagnose(save(tmp_path, *(x + 0.01 * rng.normal(size=x.shape) for x in fourier_weights(5))))
    assert found.loss > 1e-4
    assert (found.loss_after_polish, found.judgement.rank, found.matches) == (0, 100, "modular-addition-fourier")
    assert (found.judgement.lower, found.judgement.evidence.grade) == (50, "numerical")


def test_on_fewer_pairs_the_entry_says_nothing():
    found = diagnose(DATA / "fourier_5_20.npz")
    assert (found.judgement.rank, found.judgement.lower, found.judgement.evidence.grade) == (92, 46, "numerical")
    assert found.matches is None


def test_planted_units(tmp_path):
    w, v = fourier_weights(5)
    rng = np.random.default_rng(0)
    shifted = -2 * w[3:4] + np.repeat([0.7, -0.7], 5)
    v = np.vstack([v, v[3:4] / 8, 0 * v[:1], 0 * v[:1], rng.normal(size=(1, 5))])
    v[3] /= 2
    w = np.vstack([w, shifted, 0 * w[:1], rng.normal(size=(1, 10)), np.repeat([[3.0, -3.0]], 5, 1)])
    found = diagnose(save(tmp_path, w, v))
    units = found.units
    assert units.active == tuple(range(10))
    assert (units.dead, units.zero_output, units.blind, units.duplicate) == ((10,), (11,), (12,), ((3, 9),))
    assert units.distinct == 9
    assert units.frequencies[:10] == ((0,), *4 * [(1,)], *4 * [(2,)], (1,))
    assert (units.frequencies[10], units.frequencies[12]) == ((), ())
    assert found.loss_after_polish == 0
    # A unit without output adds p directions, half of them to lambda at least; nothing is said to match.
    assert found.judgement.lower == Fraction(found.judgement.rank, 2) == Fraction(105, 2) < found.judgement.upper
    assert found.judgement.multiplicity is None
    assert found.matches is None


def test_frequencies_of_products_are_those_of_the_multiplicative_group():
    x = np.array([0, *(np.cos(2 * np.pi * np.array([0, 1, 3, 2]) / 4))])  # 2^0, 2^1, 2^3, 2^2 = 1, 2, 3, 4 modulo 5
    wave = np.concatenate([x, x])[None]
    assert units_of(network(wave, np.ones((1, 5)), operation="mul")).frequencies == ((1,),)
    assert len(units_of(network(wave, np.ones((1, 5)))).frequencies[0]) > 1


def test_the_trained_network_is_certified():
    found = diagnose(DATA / "trained_5_20.npz")
    assert (found.judgement.lower, found.judgement.upper, found.judgement.multiplicity) == (
        Fraction(85, 2), Fraction(85, 2), 1)
    assert (found.judgement.evidence.grade, found.matches) == ("certified", "modular-addition-labels")
    assert "agrees" in diagnosis_text(found)


@pytest.mark.parametrize("operation", ["mul", "sumsq"])
def test_memorising_at_the_ceiling_is_certified(tmp_path, operation):
    """Random features and the output weights that fit: 12 units on 8 pairs at p = 5, rank p (N - 1) = 35."""
    pairs = [(0, 0), (0, 1), (1, 3), (2, 2), (2, 4), (3, 1), (4, 0), (4, 4)]
    w = np.random.default_rng(0).normal(size=(12, 10))
    features = (w @ TwoHotPairs(5, tuple(pairs)).matrix().T) ** 2
    targets = np.eye(5)[[OPERATIONS[operation](a, b) % 5 for a, b in pairs]]
    v = np.linalg.lstsq(features.T, targets, rcond=None)[0]
    found = diagnose(save(tmp_path, w, v, pairs=pairs), operation=operation)
    assert (found.judgement.lower, found.judgement.multiplicity) == (Fraction(35, 2), 1)
    assert (found.judgement.evidence.grade, found.matches) == ("certified", "modular-addition-generic")


@pytest.mark.parametrize("weights", [
    tuple(np.random.default_rng(0).normal(size=(5, n)) for n in (6, 3)),
    (np.zeros((9, 10)), np.zeros((9, 5))),
    (np.zeros((200, 26)), np.zeros((200, 13))),  # too large for a dense Jacobian
    tuple(x[:5] for x in fourier_weights(5)),  # a minimum of positive loss
])
def test_without_an_exact_fit_near_nothing_is_said_of_lambda(tmp_path, weights):
    answer = diagnose(save(tmp_path, *weights)).to_json()
    assert [answer[key] for key in ("rank", "lower", "upper", "multiplicity", "matches")] == 5 * [None]
    assert (answer["evidence"]["grade"], answer["evidence"]["how"][:24]) == ("numerical", (
        "no exact fit is found ne" if weights[0].size > 2000 else "no exact fit is near: po"))
    diagnosis_text(diagnose(save(tmp_path, *weights)))


def test_large_networks_without_a_dense_jacobian(tmp_path):
    w, v = disguised(*padded(*fourier_weights(23), 1), g=5)
    recognised = diagnose(save(tmp_path, w, v))
    value = closed_forms["modular-addition-fourier"].at(p=23, units=46).lambda_
    assert (recognised.judgement.rank, recognised.judgement.lower, recognised.matches) == (
        None, value, "modular-addition-fourier")
    some = [(a, b) for a, b in all_pairs(23).pairs if (a * b) % 3]
    bracket = diagnose(save(tmp_path, w, v, pairs=some))
    assert bracket.judgement.rank is None
    assert 0 < bracket.judgement.lower < bracket.judgement.upper
    assert "too many for a dense Jacobian, at most 3000" in bracket.judgement.evidence.how


def test_a_large_network_with_features_that_span(tmp_path):
    """3 K p = 3120 parameters in float32; with 41 pairs there are 40 equations for each output and 80 units."""
    rng = np.random.default_rng(0)
    pairs = [(int(x) // 13, int(x) % 13) for x in rng.choice(169, 41, replace=False)]
    w = rng.normal(size=(80, 26)).astype(np.float32)
    features = (w @ TwoHotPairs(13, tuple(pairs)).matrix().T) ** 2
    v = np.linalg.lstsq(features.T, np.eye(13)[[(a + b) % 13 for a, b in pairs]], rcond=None)[0].astype(np.float32)
    found = diagnose(save(tmp_path, w, v, pairs=pairs))
    assert 0 < found.loss < 1e-9
    assert (found.loss_after_polish, found.judgement.rank, found.judgement.lower) == (0, 520, 260)
    assert (found.judgement.evidence.grade, found.matches) == ("certified", "modular-addition-generic")
    far = diagnose(save(tmp_path, w, 30 * rng.normal(size=v.shape), pairs=pairs)).to_json()
    assert [far[key] for key in ("rank", "lower", "upper", "multiplicity", "matches")] == 5 * [None]


def test_the_command_prints_the_contract(capsys, tmp_path):
    pairs = tmp_path / "pairs.json"
    pairs.write_text(json.dumps([[a, b] for a, b in itertools.product(range(3), repeat=2) if a <= b]))
    path = save(tmp_path, *fourier_weights(3))
    options = ["--pairs", str(pairs), "--operation", "add", "--centred", "false", "--json"]
    assert main(["diagnose", str(path), *options]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer.keys() >= KEYS
    assert (answer["rank"], answer["lower"], answer["multiplicity"]) == (18, "9", 1)  # 3 outputs, 6 pairs
    assert answer["evidence"]["grade"] == "certified"
    assert main(["diagnose", str(path)]) == 0
    assert "matches: modular-addition-fourier" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "words"), [
    (["--operation", "divide"], "operation is 'divide', not one of add, sub, mul, sumsq"),
    (["--centred", "perhaps"], "invalid choice"),
    (["--pairs", "nowhere.json"], "cannot be read"),
])
def test_bad_options(capsys, tmp_path, arguments, words):
    assert main(["diagnose", str(save(tmp_path, *fourier_weights(3))), *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_bad_files(capsys, tmp_path):
    text = tmp_path / "network.txt"
    text.write_text("text")
    w, v = fourier_weights(3)
    for path in (text, tmp_path / "missing.npz", tmp_path / "missing.pt", tmp_path, save(tmp_path, w * np.nan, v)):
        assert main(["diagnose", str(path)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
