"""Settings of a grokking run, and what they and its seeds determine."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from numerics.grokking.settings import RunSettings, data_of, first_weights, orders
from slt_symbolic.errors import InvalidInput
from tests.numerics.grokking.folders import cli


@pytest.mark.parametrize("operation", ["add", "sub", "mul", "sumsq"])
@pytest.mark.parametrize("p", [2, 6, 7])
def test_labels(operation, p):
    made = {"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
            "sumsq": lambda a, b: a * a + b * b}[operation]
    data = data_of(RunSettings(p=p, width=1, operation=operation, fraction=0.5))
    assert data.labels.tolist() == [made(a, b) % p for a in range(p) for b in range(p)]


def test_K_is_another_word_for_the_width(tmp_path, capsys):
    assert cli(capsys, "--p", 4, "--K", 3, "--epochs", 1, "--out", tmp_path)[0] == 0
    assert np.load(tmp_path / "final.npz")["W"].shape == (3, 8)


def test_each_seed_is_the_same_alone_and_beside_others():
    both, alone = RunSettings(p=7, width=4, seeds=2), RunSettings(p=7, width=4, seed=1)
    assert torch.equal(data_of(both).training[1:], data_of(alone).training)
    assert torch.equal(first_weights(both)[1:], first_weights(alone))
    assert torch.equal(orders(both, 9)[1:], orders(alone, 9))
    assert not torch.equal(data_of(both).training[0], data_of(both).training[1])
    assert orders(both, 9)[0].sort().values.tolist() == list(range(both.training_size))
    assert not torch.equal(orders(both, 9), orders(both, 10))


def test_a_step_takes_a_batch_from_all_pairs():
    drawn = RunSettings(p=7, width=4, batch=8, drawn=True)
    batches = torch.cat([orders(drawn, step) for step in range(1, 40)])
    assert batches.shape == (39, 8)
    assert all(len(set(batch.tolist())) == 8 for batch in batches)
    assert sorted({*batches.flatten().tolist()}) == list(range(drawn.training_size))
    assert not any(torch.equal(a, b) for a, b in pairwise(batches))


def test_the_names_of_older_results_stay():
    assert "drawn" not in RunSettings(p=7, width=4).to_json()
    assert RunSettings(p=7, width=4, drawn=True).to_json()["drawn"]


def test_the_share_of_the_pairs_is_decimal():
    assert RunSettings(p=10, width=1, fraction=0.29).training_size == 29  # as a binary fraction it is 28.999...


@pytest.mark.parametrize(("arguments", "words"), [
    (["--p", "1"], "--p 1: must be an integer >= 2"), (["--width", "0"], "--width 0: must be an integer >= 1"),
    (["--fraction", "nan"], "must be between 0 and 1"), (["--fraction", "1"], "must be between 0 and 1"),
    (["--fraction", "0.01"], "0 of 25 pairs"), (["--lr", "0"], "must be positive"), (["--lr", "inf"], "positive"),
    (["--weight-decay", "-1"], "--weight-decay -1.0: must not be negative; try --weight-decay 1e-05"),
    (["--batch", "1"], "--batch 1: must be"),
    (["--epochs", "0"], "--epochs 0: must be"), (["--steps", "0"], "--steps 0: must be an integer >= 1"),
    (["--steps", "9", "--epochs", "9"], "--steps 9: is given with --epochs"), (["--seeds", "0"], "--seeds 0: must be"),
    (["--seed", "-1"], "--seed -1: must be"), (["--width", str(10**12)], "more than 4 GiB"),
    (["--p", str(10**6)], "more than 4 GiB"), (["--operation", "div"], "invalid choice"),
    (["--precision", "float16"], "invalid choice"), (["--width", "x"], "invalid int"),
    (["--out", "/dev/null"], "cannot be a folder")])
def test_bad_input_is_one_line_and_exit_2(tmp_path, capsys, arguments, words):
    code, out, err = cli(capsys, "--p", 5, "--width", 6, "--out", tmp_path, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("settings", "words"), [
    ({"p": 1}, "p=1: must be an integer >= 2; try p=53"),
    ({"weight_decay": -1}, "weight_decay=-1: must not be negative; try weight_decay=1e-05"),
    ({"width": 10**12}, f"p=5 width={10**12} seeds=1: would take more than 4 GiB")])
def test_from_python_fields_are_named(settings, words):
    with pytest.raises(InvalidInput) as error:
        RunSettings(**{"p": 5, "width": 6, **settings})
    assert str(error.value).startswith(words)
