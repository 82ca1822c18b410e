"""`slt grok`: settings, what a run leaves, that it generalises, and that no kill and no full disk changes the end."""

import csv
import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from numerics.grokking import folder as grok_folder
from numerics.grokking import run as grok
from numerics.grokking.settings import RunSettings, data_of, first_weights, orders, snapshot_epochs
from numerics.networks.file import read_network
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage import checkpoints as checkpoint

SMALL = RunSettings(p=5, width=6, fraction=0.6, batch=8, epochs=120, seed=3, seeds=2)


def contents(folder):
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("checkpoint")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def cli(capsys, *arguments):
    code = main(["grok", "--no-track", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_what_a_run_leaves(tmp_path):
    position = grok.run(SMALL, tmp_path)
    rows = list(csv.DictReader((tmp_path / "history.csv").read_text().splitlines()))
    assert list(rows[0]) == ["seed", "epoch", *grok_folder.COLUMNS]
    assert [(int(row["epoch"]), int(row["seed"])) for row in rows] == [
        (epoch, seed) for epoch in (*range(101), 110, 120) for seed in (3, 4)]
    for seed in (3, 4):
        folder = tmp_path / "snapshots" / f"seed_{seed}"
        assert sorted(int(path.stem[6:]) for path in folder.iterdir()) == [*snapshot_epochs(120), 120]
        last = folder / "epoch_000120.npz"
        assert last.read_bytes() == (tmp_path / f"final_seed_{seed}.npz").read_bytes()
        network = read_network(last)
        assert (network.w.shape, network.v.shape, len(network.pairs)) == ((6, 10), (6, 5), 15)
        assert (network.centred, network.operation) == (True, "add")
        found = {column: float(rows[-2 + seed - 3][column]) for column in grok_folder.COLUMNS}
        values = (np.stack([network.w[:, a] + network.w[:, 5 + b] for a, b in network.pairs]) ** 2) @ network.v
        error = values - np.eye(5)[[(a + b) % 5 for a, b in network.pairs]]
        assert found["train_loss"] == pytest.approx(((error - error.mean(0)) ** 2).sum() / 30, rel=1e-5)
        assert found["weight_norm"] == pytest.approx(np.sqrt((network.w**2).sum() + (network.v**2).sum()), rel=1e-5)
    assert position.epoch == 120


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


def test_the_share_of_the_pairs_is_decimal():
    assert RunSettings(p=10, width=1, fraction=0.29).training_size == 29  # as a binary fraction it is 28.999...


def test_it_generalises_and_stops(tmp_path, monkeypatch):
    monkeypatch.setattr(grok, "HELD_FOR", 50)
    settings = RunSettings(p=31, width=256, fraction=0.7, lr=3e-3, epochs=3000)
    position = grok.run(settings, tmp_path)
    assert position.epoch == position.held_since[0] + 50 < settings.epochs
    assert grok.phase(position, 0) == "done"
    assert "generalised from epoch" in grok.summary(settings, position)[1]
    network = read_network(tmp_path / "final.npz")
    everything = [(a, b) for a in range(31) for b in range(31)]
    values = (np.stack([network.w[:, a] + network.w[:, 31 + b] for a, b in everything]) ** 2) @ network.v
    targets = np.eye(31)[[(a + b) % 31 for a, b in everything]]
    values -= (values - targets)[[31 * a + b for a, b in network.pairs]].mean(0)
    assert (values.argmax(1) == targets.argmax(1)).mean() > 0.95


@pytest.mark.parametrize(("train", "before", "now", "name"), [
    (0.5, 0.1, 0.9, "memorising"), (1.0, 0.1, 0.12, "plateau"), (1.0, 0.1, 0.4, "generalising"),
    (1.0, 0.9, 0.96, "done")])
def test_phases(train, before, now, name):
    rows = tuple(np.array([[0, 0, train, validation, 1]]) for validation in (0.0, before, now))
    assert grok.phase(grok_folder.Position(200, None, (0, 100, 200), rows, np.array([-1])), 0) == name


def test_a_run_that_is_done_stays_as_it_is(tmp_path):
    grok.run(SMALL, tmp_path)
    before = contents(tmp_path)
    grok.run(SMALL, tmp_path)
    assert contents(tmp_path) == before


KILLED = """
import sys
from numerics.grokking import run as grok
from slt_symbolic.commands.main import main
grok.CHECKPOINT_SECONDS = 0.01
sys.exit(main(sys.argv[1:]))
"""


def test_killed_at_random_moments_it_ends_the_same(tmp_path, capsys):
    command = ("--p", 5, "--width", 7, "--seeds", 2, "--epochs", 3000, "--batch", 4, "--out")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert cli(capsys, *command, whole)[0] == 0
    waits = random.Random(0)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", KILLED, "grok", "--no-track", *map(str, (*command, killed))],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        old = _stamp(killed)
        while process.poll() is None and _stamp(killed) == old:
            time.sleep(0.01)
        time.sleep(waits.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (killed / "final_seed_0.npz").exists()
    assert cli(capsys, *command, killed)[0] == 0
    assert contents(whole).items() <= contents(killed).items()  # beside a file that a kill left half written


def _stamp(folder: Path) -> int:
    path = folder / checkpoint.LATEST
    return path.stat().st_mtime_ns if path.exists() else 0


def test_a_damaged_checkpoint_is_told_and_the_one_before_is_used(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(grok, "CHECKPOINT_SECONDS", 0.0)
    command = ("--p", 5, "--width", 7, "--epochs", 200, "--out", tmp_path)
    assert cli(capsys, *command)[0] == 0
    before = contents(tmp_path)
    path = tmp_path / checkpoint.LATEST
    path.write_bytes(path.read_bytes()[:-5])
    code, _, err = cli(capsys, *command)
    assert (code, err.count("\n")) == (0, 1)
    assert "is damaged" in err
    assert contents(tmp_path) == before
    for name in (checkpoint.LATEST, checkpoint.PREVIOUS):
        (tmp_path / name).write_bytes(b"")
    code, out, err = cli(capsys, *command)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "start again after removing" in err


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(tmp_path, capsys, monkeypatch):
    command = ("--p", 5, "--width", 7, "--epochs", 200, "--out")
    assert cli(capsys, *command, tmp_path / "whole")[0] == 0
    monkeypatch.setattr(grok, "CHECKPOINT_SECONDS", 0.0)
    sync, calls = os.fsync, iter(range(10**6))

    def filling(descriptor):
        if next(calls) > 400:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", filling)
        code, out, err = cli(capsys, *command, tmp_path / "full")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "No space left on device" in err
    assert "the same command" in err
    assert checkpoint.load(tmp_path / "full")[0]["epoch"] > 0
    assert cli(capsys, *command, tmp_path / "full")[0] == 0
    assert contents(tmp_path / "full") == contents(tmp_path / "whole")


@pytest.mark.parametrize(("arguments", "words"), [
    (["--p", "1"], "--p 1: must be an integer >= 2"), (["--width", "0"], "--width 0: must be an integer >= 1"),
    (["--fraction", "nan"], "must be between 0 and 1"), (["--fraction", "1"], "must be between 0 and 1"),
    (["--fraction", "0.01"], "0 of 25 pairs"), (["--lr", "0"], "must be positive"), (["--lr", "inf"], "positive"),
    (["--weight-decay", "-1"], "--weight-decay -1.0: must not be negative; try --weight-decay 1e-05"),
    (["--batch", "1"], "--batch 1: must be"),
    (["--epochs", "0"], "--epochs 0: must be"), (["--seeds", "0"], "--seeds 0: must be"),
    (["--seed", "-1"], "--seed -1: must be"), (["--width", str(10**12)], "more than 4 GiB"),
    (["--p", str(10**6)], "more than 4 GiB"), (["--operation", "div"], "invalid choice"),
    (["--precision", "float16"], "invalid choice"), (["--width", "x"], "invalid int"),
    (["--out", "/dev/null"], "cannot be a directory")])
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


def test_another_run_in_the_folder_is_left_alone(tmp_path, capsys):
    grok.run(SMALL, tmp_path)
    before = contents(tmp_path)
    code, _, err = cli(capsys, "--p", 5, "--width", 6, "--out", tmp_path)
    assert (code, err.count("\n")) == (2, 1)
    assert "holds a run with fraction = 0.6, not 0.4" in err
    assert contents(tmp_path) == before
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(InvalidInput, match="is damaged"):
        grok.run(SMALL, tmp_path)
    (tmp_path / "settings.json").unlink()
    with pytest.raises(InvalidInput, match="but no settings"):
        grok.run(SMALL, tmp_path)


def test_a_loss_that_is_not_finite_exits_1(tmp_path, capsys):
    code, out, err = cli(capsys, "--p", 5, "--width", 6, "--lr", "1e30", "--out", tmp_path)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "not finite at epoch 1" in err


def test_huge_settings_that_make_sense(tmp_path):
    grok.run(RunSettings(p=4, width=3, epochs=3, batch=10**30, seed=10**30), tmp_path)
    assert (tmp_path / "final.npz").exists()


def test_float64(tmp_path):
    grok.run(RunSettings(p=4, width=3, epochs=5, precision="float64"), tmp_path)
    with np.load(tmp_path / "final.npz") as final:
        assert final["W"].dtype == np.float64
