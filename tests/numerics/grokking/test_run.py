"""`slt grok`: what a run leaves, that it generalises, and that no kill and no full disk changes the end."""

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

from numerics.grokking.folder import COLUMNS, Position
from numerics.grokking.run import phase, run, summary
from numerics.grokking.settings import RunSettings, data_of, first_weights, orders, snapshot_epochs
from numerics.networks.file import read_network
from slt_symbolic.storage import checkpoints
from tests.numerics.grokking.folders import SMALL, cli, contents
from tests.oracles.plain_two_hot import Plain, plain_epoch, two_hot


def test_what_a_run_leaves(tmp_path):
    position = run(SMALL, tmp_path)
    rows = list(csv.DictReader((tmp_path / "history.csv").read_text().splitlines()))
    assert list(rows[0]) == ["seed", "epoch", *COLUMNS]
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
        found = {column: float(rows[-2 + seed - 3][column]) for column in COLUMNS}
        values = (np.stack([network.w[:, a] + network.w[:, 5 + b] for a, b in network.pairs]) ** 2) @ network.v
        error = values - np.eye(5)[[(a + b) % 5 for a, b in network.pairs]]
        assert found["train_loss"] == pytest.approx(((error - error.mean(0)) ** 2).sum() / 30, rel=1e-5)
        assert found["weight_norm"] == pytest.approx(np.sqrt((network.w**2).sum() + (network.v**2).sum()), rel=1e-5)
    assert position.epoch == 120


def test_a_published_epoch_is_one_batch(tmp_path, capsys):
    """So many steps of plain Adam, each on one drawn batch, and no more."""
    code, said, _ = cli(capsys, "--p", 5, "--width", 6, "--batch", 4, "--steps", 130, "--out", tmp_path)
    assert (code, said.splitlines()[0]) == (0, "add modulo 5, 6 units, 10 of 25 pairs, 130 steps")
    settings = RunSettings(p=5, width=6, batch=4, epochs=130, drawn=True)
    data, weights = data_of(settings), first_weights(settings)
    model = Plain(weights[0, :10].T.contiguous(), weights[0, 10:].T.contiguous())
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5)
    targets = torch.eye(5)[data.labels]
    for step in range(1, 131):
        chosen = data.training[0, orders(settings, step)[0]]
        plain_epoch(model, optimiser, two_hot(data.pairs[chosen], 5).float(), targets[chosen], 4)
    np.testing.assert_allclose(np.load(tmp_path / "final.npz")["W"], model.w.detach().numpy(), atol=1e-5)
    rows = list(csv.DictReader((tmp_path / "history.csv").read_text().splitlines()))
    assert [int(row["epoch"]) for row in rows] == [*range(101), 130]


@pytest.mark.sampled
def test_it_generalises_and_stops(tmp_path, monkeypatch):
    monkeypatch.setattr("numerics.grokking.run.HELD_FOR", 50)
    settings = RunSettings(p=31, width=256, fraction=0.7, lr=3e-3, epochs=3000)
    position = run(settings, tmp_path)
    assert position.epoch == position.held_since[0] + 50 < settings.epochs
    assert phase(position, 0) == "done"
    assert "generalised from epoch" in summary(settings, position)[1]
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
    assert phase(Position(200, None, (0, 100, 200), rows, np.array([-1])), 0) == name


def test_a_run_that_is_done_stays_as_it_is(tmp_path):
    run(SMALL, tmp_path)
    before = contents(tmp_path)
    run(SMALL, tmp_path)
    assert contents(tmp_path) == before


KILLED = """
import sys
from numerics.grokking import run
from slt_symbolic.commands.main import main
run.CHECKPOINT_SECONDS = 0.01
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.long
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
        assert process.wait() == -signal.SIGKILL  # in the middle of the run
    assert not (killed / "final_seed_0.npz").exists()
    assert cli(capsys, *command, killed)[0] == 0
    assert contents(whole).items() <= contents(killed).items()  # beside a file that a kill left half written


def _stamp(folder: Path) -> int:
    path = folder / checkpoints.LATEST
    return path.stat().st_mtime_ns if path.exists() else 0


def test_a_damaged_checkpoint_is_told_and_the_one_before_is_used(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("numerics.grokking.run.CHECKPOINT_SECONDS", 0.0)
    command = ("--p", 5, "--width", 7, "--epochs", 200, "--out", tmp_path)
    assert cli(capsys, *command)[0] == 0
    before = contents(tmp_path)
    path = tmp_path / checkpoints.LATEST
    path.write_bytes(path.read_bytes()[:-5])
    code, _, err = cli(capsys, *command)
    assert (code, err.count("\n")) == (0, 1)
    assert "is damaged" in err
    assert contents(tmp_path) == before
    for name in (checkpoints.LATEST, checkpoints.PREVIOUS):
        (tmp_path / name).write_bytes(b"")
    code, out, err = cli(capsys, *command)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "start again after removing" in err


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(tmp_path, capsys, monkeypatch):
    command = ("--p", 5, "--width", 7, "--epochs", 200, "--out")
    assert cli(capsys, *command, tmp_path / "whole")[0] == 0
    monkeypatch.setattr("numerics.grokking.run.CHECKPOINT_SECONDS", 0.0)
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
    settings = RunSettings(p=5, width=7, epochs=200).to_json()
    assert checkpoints.load(tmp_path / "full", settings, dict)[0]["epoch"] > 0
    assert cli(capsys, *command, tmp_path / "full")[0] == 0
    assert contents(tmp_path / "full") == contents(tmp_path / "whole")


def test_a_loss_that_is_not_finite_exits_1(tmp_path, capsys):
    code, out, err = cli(capsys, "--p", 5, "--width", 6, "--lr", "1e30", "--out", tmp_path)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "not finite at epoch 1" in err


def test_huge_settings_that_make_sense(tmp_path):
    run(RunSettings(p=4, width=3, epochs=3, batch=10**30, seed=10**30), tmp_path)
    assert (tmp_path / "final.npz").exists()


def test_float64(tmp_path):
    run(RunSettings(p=4, width=3, epochs=5, precision="float64"), tmp_path)
    with np.load(tmp_path / "final.npz") as final:
        assert final["W"].dtype == np.float64
