"""`slt sweep`: what is done is kept, what failed is tried again, what disagrees is exit 1."""

import os
import socket
from contextlib import nullcontext
from itertools import product
from math import isfinite

import pytest
import torch

from numerics.grokking.epoch import train_epoch
from numerics.grokking.plan import Plan, Setting
from numerics.sampling.localised import Chains
from numerics.sweep.cells import JOBS, CellRecord, done_before, untouched_folder
from numerics.sweep.file import cells_of
from numerics.sweep.report import figure
from numerics.sweep.sweep import Remaining, sweep
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.locks import results_folder
from tests.numerics.sweep.grids import FAILING, TINY, Inline, cli, rows_of, written
from tests.sampled import within


def test_no_file_and_other_arguments(tmp_path, capsys):
    path = written(tmp_path / "sweep.toml", "[[grok]]\np = 5\nwidth = 6\nepochs = 3\n")
    for arguments, words in [
            ((tmp_path, "--out", tmp_path), "is no regular file"),
            ((tmp_path / "no", "--out", tmp_path), "No such file"),
            ((path, "--out", path), "cannot be a folder"),
            ((path, "--out", tmp_path, "--workers", 0), "--workers 0"),
            ((path, "--out", tmp_path, "--scheduler", "tcp://x:1"), "is for --backend dask"),
            ((path, "--out", tmp_path, "--backend", "dask", "--scheduler", "tcp://x:1", "--workers", 2), "without"),
            ((path, "--out", tmp_path, "--backend", "dask", "--scheduler", "nonsense://x"),
             "--scheduler nonsense://x: cannot be reached"),
            ((path, "--out", tmp_path, "--backend", "dask", "--scheduler", "tls://127.0.0.1:9"),
             "--scheduler tls://127.0.0.1:9: cannot be reached")]:
        code, out, err = cli(capsys, *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words in err


def test_who_listens_and_is_no_scheduler_is_not_waited_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("numerics.sweep.dask.CONNECT_SECONDS", 0.5)
    path = written(tmp_path / "sweep.toml", "[[grok]]\np = 5\nwidth = 6\nepochs = 3\n")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        code, _, err = cli(capsys, path, "--out", tmp_path, "--backend", "dask", "--scheduler", address)
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith(f"error: --scheduler {address}: cannot be reached (")


def test_cells_that_are_done_are_skipped_and_the_failed_tried_again(tmp_path, capsys):
    cells = cells_of({"grok": [TINY, FAILING]}, "f")
    outcome = sweep(cells, tmp_path, Inline())
    assert [record.status for record in outcome.records] == ["done", "done", "failed"]
    assert (outcome.skipped, outcome.agrees) == (0, False)
    assert "the loss is not finite" in capsys.readouterr().err
    before = rows_of(tmp_path)
    assert [row["status"] for row in before] == ["done", "done", "failed"]
    assert "not finite" in before[2]["error"]
    assert before[2]["epoch"] == ""
    kept = [tmp_path / "cells" / cell.id / "cell.json" for cell in cells]
    stamps = [path.stat().st_mtime_ns for path in kept]
    more = cells_of({"grok": [{**TINY, "width": [6, 7, 8]}, FAILING]}, "f")  # a cell was added to the file
    outcome = sweep(more, tmp_path, Inline())
    assert (outcome.skipped, len(outcome.records)) == (2, 4)
    assert [path.stat().st_mtime_ns == stamp for path, stamp in zip(kept, stamps, strict=True)] == [True, True, False]
    assert [row for row in rows_of(tmp_path) if row["width"] != "7"] == before


def test_a_damaged_record_is_not_done(tmp_path, capsys):
    cells = cells_of({"grok": [TINY]}, "f")
    sweep(cells, tmp_path, Inline())
    before = rows_of(tmp_path)
    for cell, content in zip(cells, (b'{"status": "done"', b"[]"), strict=True):
        (tmp_path / "cells" / cell.id / "cell.json").write_bytes(content)
        capsys.readouterr()
        assert done_before(cell, tmp_path) is None
        assert f"{cell.id}/cell.json is damaged" in capsys.readouterr().err
    assert sweep(cells, tmp_path, Inline()).skipped == 0
    assert rows_of(tmp_path) == before
    for name in ("checkpoint", "checkpoint.previous"):
        (tmp_path / "cells" / cells[0].id / name).write_bytes(b"x")
    (tmp_path / "cells" / cells[0].id / "cell.json").unlink()
    outcome = sweep(cells, tmp_path, Inline())
    assert [record.status for record in outcome.records] == ["failed", "done"]
    assert "is damaged" in outcome.records[0].error


def test_a_file_of_a_cell_that_is_done_is_named_if_it_changed_and_not_read(tmp_path, capsys):
    (cell,) = cells_of({"grok": [{**TINY, "width": 6, "epochs": 3}]}, "f")
    sweep((cell,), tmp_path, Inline())
    folder = tmp_path / "cells" / cell.id
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in ("cell.json", ".lock")]
    assert {"checkpoint", "final.npz", "history.csv", "settings.json"} <= {path.name for path in files}
    for path, change in product(files, ("flipped", "gone", "folder", "link")):
        content = path.read_bytes()
        capsys.readouterr()
        assert done_before(cell, tmp_path) is not None
        assert untouched_folder(cell, tmp_path) == folder
        assert capsys.readouterr().err == ""
        path.unlink()
        if change == "flipped":
            path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
        elif change == "folder":
            path.mkdir()
        elif change == "link":
            (tmp_path / "same").write_bytes(content)
            path.symlink_to(tmp_path / "same")
        assert done_before(cell, tmp_path).rows
        assert capsys.readouterr().err.startswith(f"note: {path}: not as it was written, or gone; the row")
        with pytest.raises(InvalidInput, match="not as it was written"):
            untouched_folder(cell, tmp_path)
        if change == "folder":
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        path.write_bytes(content)
    for path in files[:3]:
        path.unlink()
    done_before(cell, tmp_path)
    assert capsys.readouterr().err.startswith(f"note: {files[0]} and 2 more: ")


def test_an_interrupted_cell_goes_on_from_its_checkpoint(tmp_path, monkeypatch, capsys):
    (cell,) = cells_of({"grok": [{**TINY, "width": 6, "epochs": 60}]}, "f")
    monkeypatch.setattr("numerics.grokking.run.CHECKPOINT_SECONDS", 0.0)
    epochs = []

    def counted(*arguments):
        epochs.append(1)
        if len(epochs) == 45:
            raise KeyboardInterrupt
        train_epoch(*arguments)

    monkeypatch.setattr("numerics.grokking.run.train_epoch", counted)
    with pytest.raises(KeyboardInterrupt):
        sweep((cell,), tmp_path, Inline())
    assert rows_of(tmp_path) == []  # what is done is in the table: nothing
    outcome = sweep((cell,), tmp_path, Inline())
    assert outcome.agrees
    assert len(epochs) == 61  # the one that was interrupted again, and no other
    assert outcome.records[0].rows[0]["epoch"] == 60


@pytest.mark.sampled
@pytest.mark.long
def test_several_seeds_and_tracking(tmp_path, monkeypatch):
    setting = Setting(10.0, 100.0, Chains(4, 5, 5, leapfrogs=4))  # no saddle, even untrained
    monkeypatch.setattr("numerics.grokking.track.default_plan",
                        lambda trained: Plan(2, {"published": setting, "local": setting}))
    outcome = sweep(cells_of({"grok": [{**TINY, "width": 6, "epochs": 1, "seeds": 2, "track": True}]}, "f"),
                    tmp_path, Inline())
    rows = rows_of(tmp_path)
    assert [(row["seed"], row["seeds"]) for row in rows] == [("0", "2"), ("1", "2")]
    assert rows[0]["train_loss"] != rows[1]["train_loss"]
    assert all(isfinite(float(row["local_llc"])) and float(row["published_mcse"]) > 0 for row in rows)
    assert (tmp_path / "cells" / outcome.records[0].cell.id / "report.md").exists()


@pytest.mark.sampled
@pytest.mark.long
def test_estimates_and_audits(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("numerics.estimation.estimate.BURN_IN", 200)
    content = {"llc": [{"name": "quadratic-generic", "sizes": {"d": 2, "p": 1, "K": 1}, "chains": 64, "draws": 400},
                       {"name": "quadratic-generic", "sizes": {"d": 400, "p": 9, "K": 9}}],
               "verify": [{"name": "quadratic-ntk"}]}
    outcome = sweep(cells_of(content, "f"), tmp_path, Inline())
    small, large, audit = rows_of(tmp_path)
    assert (small["exact"], small["agrees"], small["contradicts"]) == ("1", "true", "false")
    assert within(float(small["estimate"]) - 1, float(small["uncertainty"]), 3)
    assert float(small["uncertainty"]) < 0.05 / 3
    assert (large["status"], "more than" in large["error"] or "at most" in large["error"]) == ("failed", True)
    assert (audit["agrees"], audit["disagreements"], audit["derived"]) == ("true", "0", "1")
    assert not outcome.agrees
    assert len((tmp_path / "summary.png").read_bytes()) > 10_000
    assert capsys.readouterr().err.count("\n") == 1  # the failure; no bars of the jobs


TASK = """
import torch

def model():
    return torch.nn.Linear(2, 1)

def data():
    x = torch.randn(20, 2, generator=torch.Generator().manual_seed(0))
    return x, x.sum(1, keepdim=True)

loss = torch.nn.functional.mse_loss
"""


@pytest.mark.long
def test_checkpoints_are_tracked_at_several_settings(tmp_path):
    (tmp_path / "task.py").write_text(TASK)
    for name in ("run", "out"):
        (tmp_path / name).mkdir()
    for step in (0, 10):
        torch.save({"weight": torch.full((1, 2), step / 10), "bias": torch.zeros(1)}, tmp_path / "run" / f"{step}.pt")
    table = {"folder": str(tmp_path / "run"), "task": str(tmp_path / "task.py"), "gamma": [5, 50], "draws": 100}
    sweep(cells_of({"track": [table]}, "f"), tmp_path / "out", Inline())
    rows = rows_of(tmp_path / "out")
    assert [(row["gamma"], row["step"]) for row in rows] == [("5.0", "0"), ("5.0", "10"), ("50.0", "0"), ("50.0", "10")]
    assert float(rows[0]["excess"]) < 0 < float(rows[1]["excess"])  # at zero, and at the minimum
    assert [axes.get_ylabel() for axes in figure(table_of(rows)).axes] == ["localised excess ± 3u", "loss"]
    for missing in ("folder", "task"):
        with pytest.raises(InvalidInput, match=f'{missing} = ".*": is no'):
            cells_of({"track": [{**table, missing: "not there"}]}, "f")


@pytest.mark.long
def test_a_checkpoint_that_changed_under_its_name_is_measured_again(tmp_path):
    (tmp_path / "task.py").write_text(TASK)
    for name in ("run", "out"):
        (tmp_path / name).mkdir()

    def values(*weights):
        for step, weight in enumerate(weights):
            torch.save({"weight": torch.full((1, 2), weight), "bias": torch.zeros(1)}, tmp_path / "run" / f"{step}.pt")
        table = {"folder": str(tmp_path / "run"), "task": str(tmp_path / "task.py"), "draws": 100}
        sweep(cells_of({"track": [table]}, "f"), tmp_path / "out", Inline())
        return [float(row["excess"]) for row in rows_of(tmp_path / "out")]

    def kept():
        return {path: path.stat().st_mtime_ns for path in tmp_path.glob("out/cells/*/excess/**/*.json")}

    before, files = values(0.0, 0.0), kept()
    after, later = values(0.0, 1.0), kept()
    assert (after[0], after[1] > 0 > before[1]) == (before[0], True)  # the second one is now at the minimum
    assert sorted(path.name for path in later if later[path] != files[path]) == ["1.pt.json"]


def table_of(rows):
    """Numbers where the table has them."""
    return [{**row, **{name: float(row[name]) for name in ("step", "excess", "uncertainty", "loss")}} for row in rows]


@pytest.mark.parametrize("rows", [({"contradicts": True},), ({"contradicts": False},)])
def test_a_contradiction_is_exit_1(tmp_path, monkeypatch, capsys, rows):
    monkeypatch.setitem(JOBS, "verify", lambda settings, folder: [
        {"audited": 1, "disagreements": 1, "agrees": False, **row} for row in rows])
    outcome = sweep(cells_of({"verify": [{"name": "quadratic-ntk"}]}, "f"), tmp_path, Inline())
    assert outcome.agrees is not rows[0]["contradicts"]
    assert ("DISAGREE" in outcome.summary()) is rows[0]["contradicts"]


def test_two_sweeps_in_one_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("numerics.sweep.local.local", lambda workers: nullcontext(Inline()))
    path = written(tmp_path / "sweep.toml", "[[grok]]\np = 5\nwidth = 6\nepochs = 3\n")
    out = tmp_path / "out"
    with results_folder(out):
        code, _, err = cli(capsys, path, "--out", out)
        assert (code, err.count("\n")) == (2, 1)
        assert f"--out {out}: is being written (process {os.getpid()} on {socket.gethostname()})" in err
    assert cli(capsys, path, "--out", out, "--workers", 1)[0] == 0


def test_a_full_disk_is_one_line(tmp_path, capsys, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    path = written(tmp_path / "sweep.toml", "[[grok]]\np = 5\nwidth = 6\nepochs = 3\n")
    monkeypatch.setattr("numerics.sweep.report.write_atomically", full)
    monkeypatch.setattr("numerics.sweep.local.local", lambda workers: nullcontext(Inline()))
    code, out, err = cli(capsys, path, "--out", tmp_path / "out")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "No space left on device" in err


def test_time_left():
    cells = cells_of({"grok": [{**TINY, "width": [10, 20, 30]}]}, "f")
    remaining = Remaining(cells, ())
    assert remaining.words(1) == "time left unknown"
    remaining.finish(CellRecord(cells[0], "done", seconds=10))
    assert remaining.seconds(1) == pytest.approx(50)
    assert remaining.seconds(2) == pytest.approx(25)
    assert remaining.words(100) == "about 00:25 left"  # two cells keep two workers busy
    assert Remaining(cells[1:], [CellRecord(cells[0], "done", seconds=10)]).seconds(1) == pytest.approx(50)
