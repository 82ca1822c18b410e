"""Tracking a small run: what is written, that it goes on where it stopped, that its numbers are right."""

import csv
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from numerics.grokking.history import COLUMNS
from numerics.grokking.plan import Lengths, default_plan
from numerics.grokking.track import measure, track
from numerics.networks.file import Network, read_network
from numerics.networks.fourier import fourier_weights
from numerics.sampling.localised import Chains
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.data import all_pairs
from tests.sampled import within

P, K = 5, 10
PAIRS = all_pairs(P).pairs[::2]
EPOCHS = (0, 50, 100, 200, 400, 800)
SHORT = Chains(chains=4, burn_in=20, draws=30, leapfrogs=8)


def plan_for(theta, snapshots=12, chains=SHORT):
    plan = default_plan(theta)
    settings = {name: replace(setting, chains=chains) for name, setting in plan.settings.items()}
    return replace(plan, snapshots=snapshots, settings=settings)


def network(theta):
    w, v = theta.detach().numpy().copy()[: 2 * P * K], theta.detach().numpy().copy()[2 * P * K :]
    return Network(w.reshape(K, 2 * P), v.reshape(K, P), PAIRS, True, "add")


def test_lengths_that_are_given_take_the_place_of_those_by_size():
    plan = default_plan(torch.ones(200_000))  # too short for R-hat
    assert Lengths().of(plan) == plan
    longer = Lengths(snapshots=30, draws=120).of(plan)
    assert longer.snapshots == 30
    assert {(one.chains.draws, one.chains.burn_in) for one in longer.settings.values()} == {(120, 40)}
    for wrong in ({"draws": 8}, {"snapshots": 1}):
        with pytest.raises(InvalidInput, match="must be an integer >="):
            Lengths(**wrong)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder as `slt grok` makes it, with one seed."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "snapshots" / "seed_3").mkdir(parents=True)
    theta = torch.randn(3 * P * K, generator=torch.Generator().manual_seed(0), dtype=torch.float64) / 3
    loss, optimiser, lines = network(theta).loss, torch.optim.Adam([theta], lr=0.01), []
    for epoch in range(max(EPOCHS) + 1):
        if epoch in EPOCHS:
            value = float(loss.value(theta[None]))
            now = network(theta)
            np.savez(folder / "snapshots" / "seed_3" / f"epoch_{epoch:06d}.npz", W=now.w, V=now.v, pairs=PAIRS,
                     centred=True, operation="add")
            lines.append([3, epoch, value, 2 * value, 1 - value, max(0.0, 0.96 - value), float(theta.norm())])
        theta.grad = loss.value_and_gradient(theta[None])[1][0]
        optimiser.step()
    with (folder / "history.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *lines])
    return folder


@pytest.fixture
def short(monkeypatch):
    """Few snapshots, few draws."""
    monkeypatch.setattr("numerics.grokking.track.default_plan", lambda theta: plan_for(theta, snapshots=4))


@pytest.mark.sampled
@pytest.mark.long
@pytest.mark.usefixtures("short")
def test_what_is_written(run, capsys):
    track(run)
    assert "4 snapshots in" in capsys.readouterr().out
    rows = json.loads((run / "tracking.json").read_text())["snapshots"]
    assert [row["epoch"] for row in rows] == [0, 100, 400, 800]
    table = list(csv.DictReader((run / "tracking.csv").read_text().splitlines()))
    found = [row["published"]["llc"] for row in rows]
    assert [line["published_llc"] for line in table] == ["" if x is None else str(x) for x in found]
    assert found[0] is None  # a random network is a saddle there
    assert all(found[1:])
    for name in ("losses.png", "accuracies.png", "traces.png"):
        assert (run / name).read_bytes().startswith(b"\x89PNG")
    report = (run / "report.md").read_text()
    assert "not polished" in report
    assert "What these numbers cannot tell" in report
    assert "nan" not in report
    assert "published: not sampled at epochs 0: negative curvature" in report

    saved = {path: path.stat().st_mtime_ns for path in (run / "tracking").rglob("*.json")}
    missing = sorted(saved)[1]
    missing.unlink()
    track(run, progress=False)
    assert capsys.readouterr().out == ""
    again = json.loads((run / "tracking.json").read_text())["snapshots"]
    assert [{**row, "seconds": 0} for row in again] == [{**row, "seconds": 0} for row in rows]
    assert {path for path in saved if path.stat().st_mtime_ns != saved[path]} == {missing}


@pytest.mark.sampled
@pytest.mark.long
def test_the_numbers_of_a_snapshot(run):
    snapshot = read_network(run / "snapshots" / "seed_3" / "epoch_000800.npz")
    row = measure(snapshot, plan_for(snapshot.theta, chains=replace(SHORT, draws=300, leapfrogs=24)))
    eigenvalues = torch.linalg.eigvalsh(snapshot.loss.hessian(snapshot.theta))
    hessian = row["hessian"]
    assert hessian["trace"] == pytest.approx(float(eigenvalues.sum()))
    assert hessian["negative_trace"] == pytest.approx(float(eigenvalues.clamp(max=0).sum()))
    local, stiff = row["local"], row["local"]["nbeta"] * eigenvalues.clamp(min=0).numpy()
    assert local["gaussian"] == pytest.approx((stiff / (stiff + local["gamma"])).sum() / 2)
    assert within(local["distance"], 0.15 * row["weight_norm"], 1)
    assert within(local["rhat"] - 1, 0.25, 1)
    assert within(local["llc_from_mode"] - local["gaussian"], 0.1 * local["gaussian"], 1)
    assert row["published"]["distance"] > local["distance"]
    assert local["llc"] == pytest.approx(local["llc_from_mode"] + local["reference_point"])


@pytest.mark.sampled
def test_dead_units_are_counted_and_the_loss_is_the_networks():
    w, v = (np.pad(x, ((0, 1), (0, 0))) for x in fourier_weights(P))
    fourier = Network(w, v, all_pairs(P).pairs, True, "add")
    row = measure(fourier, plan_for(fourier.theta))
    assert row["units"] == {"active": 9, "idle": 1, "coinciding": 0, "distinct": 9}
    assert row["loss"] < 1e-28
    assert row["local"]["reference_point"] == pytest.approx(0, abs=1e-6)
    assert row["hessian"]["rank"] == 100  # that of the Fourier fit at p = 5, centred


def test_the_local_setting_fits_the_weights():
    theta = torch.full((400,), 0.1, dtype=torch.float64)
    local = default_plan(theta).settings["local"]
    assert (400 / local.gamma) ** 0.5 == pytest.approx(0.1 * float(theta.norm()))
    assert local.gamma / local.nbeta == pytest.approx(1e-3)


@pytest.mark.long
@pytest.mark.usefixtures("short")
def test_what_is_no_file_is_left_out(tmp_path, run, capfd):
    inside = tmp_path / "snapshots" / "seed_3"
    inside.mkdir(parents=True)
    shutil.copy(run / "history.csv", tmp_path)
    shutil.copy(run / "snapshots" / "seed_3" / "epoch_000400.npz", inside)
    (inside / "epoch_000000.npz").mkdir()
    os.mkfifo(inside / "epoch_000100.npz")  # opening one waits for a writer
    (inside / "epoch_000800.npz").symlink_to("/dev/zero")
    track(tmp_path)
    assert [row["epoch"] for row in json.loads((tmp_path / "tracking.json").read_text())["snapshots"]] == [400]
    notes = capfd.readouterr().err
    assert [notes.count(f"epoch_000{epoch}.npz is no regular file: left out") for epoch in ("000", "100", "800")] == [
        1, 1, 1]


@pytest.mark.parametrize("missing", ["history.csv", "snapshots"])
def test_what_is_refused(tmp_path, run, missing):
    if missing == "snapshots":
        (tmp_path / "history.csv").write_text((run / "history.csv").read_text())
    with pytest.raises(InvalidInput, match=missing):
        track(tmp_path)


def test_a_snapshot_without_a_number_is_refused(tmp_path, run):
    (tmp_path / "history.csv").write_text((run / "history.csv").read_text())
    Path(tmp_path / "snapshots" / "seed_0").mkdir(parents=True)
    (tmp_path / "snapshots" / "seed_0" / "epoch_last.npz").touch()
    with pytest.raises(InvalidInput, match="no number"):
        track(tmp_path)
