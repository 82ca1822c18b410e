"""`slt sweep`: the file and its errors, cells that fail or kill their worker, restarts, a Dask cluster under fire."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from functools import partial
from math import isfinite
from pathlib import Path

import jsonschema
import pytest
from distributed import KilledWorker

from numerics.grokking.track import Plan, Setting
from numerics.networks.catalogue import NETWORKS
from numerics.sampling.localised import Chains
from numerics.sweep import cells as sweep_cells
from numerics.sweep import local as sweep_local
from numerics.sweep.cells import CellRecord, done_before, run_cell
from numerics.sweep.dask import Dask
from numerics.sweep.file import KEYS, Cell, cells_of, read_sweep
from numerics.sweep.local import Local
from numerics.sweep.report import csv_text, picture, table
from numerics.sweep.sweep import Remaining, sweep
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.locks import Held, locked
from tests import ROOT

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "numerics" / "sweep" / "sweep.schema.json").read_text()))
TINY = {"p": 5, "width": [6, 8], "fraction": 0.6, "lr": 0.01, "batch": 8, "epochs": 200}
LLC = {"name": "quadratic-dead-unit", "sizes": {"d": [3, 4], "p": 1}}
FAILING = {**TINY, "width": 6, "lr": 1e30}  # the loss is not finite


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def cli(capsys, *arguments):
    code = main(["sweep", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def rows_of(folder: Path) -> list[dict[str, str]]:
    """The table, without what no two runs share."""
    with (folder / "table.csv").open(newline="") as file:
        return [{name: x for name, x in row.items() if name not in ("seconds", "host")} for row in csv.DictReader(file)]


class Inline:
    """A backend that runs cells here, one after the other."""

    workers = 1

    def run(self, job, cells):
        yield from map(job, cells)


# The file

def test_lists_are_crossed():
    cells = cells_of({"grok": [{**TINY, "seed": [0, 1, 2]}], "llc": [LLC], "verify": [{"name": "quadratic-ntk"}]}, "f")
    assert [(cell.settings["width"], cell.settings["seed"]) for cell in cells[:6]] == [
        (6, 0), (6, 1), (6, 2), (8, 0), (8, 1), (8, 2)]
    assert [cell.settings["sizes"] for cell in cells[6:8]] == [{"d": 3, "p": 1}, {"d": 4, "p": 1}]
    assert cells[8].settings == {"name": "quadratic-ntk", "level": "fast"}
    assert len(cells) == 9
    assert len(cells_of({"verify": [{}]}, "f")) == len(closed_forms)


def test_the_identifier_is_that_of_the_settings():
    one = cells_of({"grok": [{"p": 5, "width": 6, "lr": 1, "weight_decay": 0}]}, "f")[0]
    written = {"seeds": 1, "weight_decay": -0.0, "lr": 1.0, "width": 6.0, "p": [5], "track": False}
    same = cells_of({"grok": [written]}, "g")[0]
    assert one == same
    assert one.id == same.id == "grok-5f4afa34ff77b08e"
    others = [{"p": 5, "width": 6, "lr": 1}, {"p": 5, "width": 6, "lr": 1, "weight_decay": 0, "track": True}]
    assert len({one.id, *(cells_of({"grok": [other]}, "f")[0].id for other in others)}) == 3
    linear = {"name": "deep-linear", "sizes": {"widths": "2-2-2", "r": 1}}
    assert cells_of({"llc": [linear]}, "f")[0].settings["sizes"] == {"widths": "2-2-2", "r": 1}


@pytest.mark.parametrize("name", NETWORKS)
def test_checked_sizes_are_sizes(name):
    """A cell holds them with their defaults, and a worker checks them again."""
    entry = closed_forms[name]
    for given in entry.audits[:3]:
        if "pairs" not in given:
            checked = entry.check(**given)
            assert entry.check(**checked) == checked


def test_settings_and_results_have_columns_of_their_own():
    settings = {name for keys in KEYS.values() for name in keys}
    sizes = {parameter.name for name in NETWORKS for parameter in closed_forms[name].parameters}
    assert not sizes & (settings - {"p"})
    assert not (sizes | settings) & {"cell", "kind", "status", "error", "seconds", "host", "epoch", "exact", "lower",
                                     "upper", "estimate", "agrees", "contradicts", "generalised"}


GOOD = [
    {"grok": [TINY]}, {"llc": [LLC]}, {"verify": [{}]},
    {"verify": [{"name": "quadratic-ntk", "level": ["fast", "full"]}]},
    {"grok": [{**TINY, "seeds": 3, "operation": ["add", "sumsq"], "precision": "float64", "track": [True, False]}]},
    {"grok": [{**TINY, "epochs": 1e5, "lr": 1, "weight_decay": 0}]},
    {"llc": [{**LLC, "point": "trained", "sampler": ["hmc", "sgld"], "nbeta": [10, 1e3], "gamma": 1, "step_size": 0.1,
              "chains": 8, "draws": 200, "seed": [1, 2]}]},
    {"llc": [{"name": "modular-addition-generic", "sizes": {"p": 5, "K": 2, "centred": [True, False]}}]},
    {"llc": [{"name": "deep-linear", "sizes": {"widths": ["2-2-2", "2-3-2"], "r": 1}}]},
]
# What is wrong, and words of the message.
BAD = [
    ({}, "has no cells; try [[grok]]"), ({"grok": {}}, "grok: is not an array of tables; try [[grok]]"),
    ({"train": [{}]}, "train: is not a kind of job"), ({"grok": 3}, "not an array of tables"),
    ({"grok": [3]}, "not an array of tables"), ({"grok": [{"p": 5}]}, "grok 1, width: is missing; try width = 1024"),
    ({"grok": [TINY, {**TINY, "width": "a"}]}, 'grok 2, width = "a": must be an integer of 64 bits; try width = 1024'),
    ({"grok": [{**TINY, "width": []}]}, "width = []: is an empty list"),
    ({"grok": [{**TINY, "width": [[6]]}]}, "grok 1, width = [6]: must be an integer"),
    ({"grok": [{**TINY, "width": True}]}, "width = true: must be an integer"),
    ({"grok": [{**TINY, "width": [6, 6.5]}]}, "width = 6.5: must be an integer"),
    ({"grok": [{**TINY, "width": 2**63}]}, "must be an integer of 64 bits"),
    ({"grok": [{**TINY, "width": {}}]}, "width = {}: must be an integer"),
    ({"grok": [{**TINY, "fraction": [0.5, 1.5]}]},
     "grok 1, fraction = 1.5: must be between 0 and 1; try fraction = 0.4"),
    ({"grok": [{**TINY, "weight_decay": -1}]}, "weight_decay = -1.0: must not be negative; try weight_decay = 1e-05"),
    ({"grok": [{**TINY, "p": [5, 1]}]}, "p = 1: must be an integer >= 2; try p = 53"),
    ({"grok": [{**TINY, "lr": 0}]}, "lr = 0.0: must be positive"),
    ({"grok": [{**TINY, "lr": "1"}]}, "must be a number"),
    ({"grok": [{**TINY, "lr": False}]}, "lr = false: must be a number"),
    ({"grok": [{**TINY, "batch": 1}]}, "batch = 1"), ({"grok": [{**TINY, "epochs": 0}]}, "epochs = 0"),
    ({"grok": [{**TINY, "seed": -1}]}, "seed = -1"), ({"grok": [{**TINY, "seeds": 0}]}, "seeds = 0"),
    ({"grok": [{**TINY, "operation": "div"}]}, 'operation = "div": must be one of add, sub, mul, sumsq'),
    ({"grok": [{**TINY, "precision": "float16"}]}, "must be one of float32, float64"),
    ({"grok": [{**TINY, "track": 1}]}, "track = 1: must be true or false"),
    ({"grok": [{**TINY, "K": 3}]}, "K: is not a setting of grok; try one of p, width"),
    ({"grok": [{**TINY, "seed": [0, 1, 0]}]}, "occurs already in grok 1; try each cell once"),
    ({"llc": [{"name": "quadratic-dead-unit"}]}, "llc 1, sizes: is missing"),
    ({"llc": [{"sizes": {}}]}, "name: is missing"),
    ({"llc": [{**LLC, "sizes": 3}]}, "sizes = 3: must be a table"), ({"llc": [{**LLC, "name": 3}]}, "must be text"),
    ({"llc": [{**LLC, "sizes": {"d": 3.5, "p": 1}}]}, "llc 1, sizes.d = 3.5: must be an integer"),
    ({"llc": [{**LLC, "sizes": {"d": [], "p": 1}}]}, "sizes.d = []: is an empty list"),
    ({"llc": [{**LLC, "chains": 3}]}, "chains = 3: must be an integer >= 4; try chains = 4"),
    ({"llc": [{**LLC, "draws": 99}]}, "draws = 99"),
    ({"llc": [{**LLC, "nbeta": 0}]}, "nbeta = 0.0: must be a positive"),
    ({"llc": [{**LLC, "sampler": "nuts"}]}, "must be one of hmc, sgld"),
    ({"llc": [{**LLC, "d": 3}]}, "not a setting of llc"),
    ({"llc": [{**LLC, "point": "best"}]}, "must be one of exact, trained"),
    ({"verify": [{"level": "slow"}]}, "must be one of fast, full"),
    ({"verify": [{"names": "x"}]}, "not a setting of verify"),
]
# The schema cannot know these.
BEYOND_THE_SCHEMA = [
    ({"llc": [{**LLC, "name": "quadratic"}]},
     'llc 1, name = "quadratic": is not in the catalogue; try one of quadratic-g'),
    ({"llc": [{**LLC, "name": "quadratic-ntk"}]}, "has no network to sample"),
    ({"llc": [{**LLC, "sizes": {"d": [3, 0], "p": 1}}]}, "llc 1, d = 0: must be an integer >= 1; try d = 1"),
    ({"llc": [{**LLC, "sizes": {"d": 3}}]}, "llc 1, p: is missing: "),
    ({"llc": [{**LLC, "sizes": {}}]}, "d: is missing"),
    ({"llc": [{**LLC, "sizes": {"d": 3, "p": 1, "q": 1}}]}, "q: is not a parameter of quadratic-dead-unit"),
    ({"llc": [{"name": "modular-addition-generic", "sizes": {"p": 5, "K": 2, "pairs": "x.json"}}]},
     "is not for sweeps"),
    ({"verify": [{"name": ["quadratic-ntk", "x\n"]}]}, "verify 1, name = "), ({"grok": []}, "has no cells"),
    ({"grok": [TINY, {**TINY, "seed": [0, 1]}]}, "grok 2, p = 5, width = 6"),
    ({"grok": [{**TINY, "fraction": 0.01}]}, "fraction = 0.01: is 0 of 25 pairs"),
    ({"grok": [{**TINY, "width": 10**12}]}, "would take more than 4 GiB"),
    ({"grok": [{**TINY, "lr": float("inf")}]}, "lr = inf: must be positive"),
    ({"grok": [{**TINY, "lr": float("nan")}]}, "lr = nan: must be a number"),
    ({"grok": [{**TINY, "seed": list(range(10**4)), "epochs": list(range(1, 10**4))}]},
     "has 199980000 cells, and 100000"),
]


@pytest.mark.parametrize("content", GOOD)
def test_parser_and_schema_accept(content):
    SCHEMA.validate(content)
    assert cells_of(content, "sweep.toml")


@pytest.mark.parametrize(("content", "words"), BAD)
def test_parser_and_schema_refuse(content, words):
    assert not SCHEMA.is_valid(content)
    with pytest.raises(InvalidInput) as error:
        cells_of(content, "sweep.toml")
    assert words in str(error.value)
    assert str(error.value).startswith("sweep.toml: " if content else "sweep.toml")


@pytest.mark.parametrize(("content", "words"), BEYOND_THE_SCHEMA)
def test_the_parser_knows_more(content, words):
    assert SCHEMA.is_valid(content)
    with pytest.raises(InvalidInput) as error:
        cells_of(content, "sweep.toml")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_the_schema_is_one():
    SCHEMA.check_schema(SCHEMA.schema)
    for kind, keys in KEYS.items():
        properties = SCHEMA.schema["properties"][kind]["items"]["properties"]
        assert set(properties) - {"sizes"} == set(keys)


@pytest.mark.parametrize(("content", "words"), [
    (b"", "has no cells"), (b"# nothing\n", "has no cells"), (b"[[grok]\n", "is not TOML"), (b"\x00\xff\x00", "UTF-8"),
    (b"\x00", "is not TOML"), (b"[[grok]]\np = 5\np = 6\n", "is not TOML"), (b"[grok]\np = 5\n", "array of tables"),
    (b"[[grok]]\np = " + b"9" * 5000, "is not TOML"), (b"[[grok]]\np = " + b"9" * 4000 + b"\nwidth = 3", "64 bits"),
    (b"x = " + b"[" * 100_000, "is not TOML"), (b"[[grok]]\np = 1979-05-27\nwidth = 2", "p = 1979-05-27: must be"),
    (b"#" * 2**23, "bytes"), (b"{}", "is not TOML")])
def test_a_malformed_file_is_one_line_and_exit_2(tmp_path, capsys, content, words):
    path = tmp_path / "sweep.toml"
    path.write_bytes(content)
    code, out, err = cli(capsys, path, "--out", tmp_path / "out")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert not (tmp_path / "out").exists()


def test_no_file_and_other_arguments(tmp_path, capsys):
    path = written(tmp_path / "sweep.toml", "[[grok]]\np = 5\nwidth = 6\nepochs = 3\n")
    for arguments, words in [
            ((tmp_path, "--out", tmp_path), "is not a file"), ((tmp_path / "no", "--out", tmp_path), "No such file"),
            ((path, "--out", path), "cannot be a directory"),
            ((path, "--out", tmp_path, "--workers", 0), "--workers 0"),
            ((path, "--out", tmp_path, "--scheduler", "tcp://x:1"), "is for --backend dask"),
            ((path, "--out", tmp_path, "--backend", "dask", "--scheduler", "tcp://x:1", "--workers", 2), "without"),
            ((path, "--out", tmp_path, "--backend", "dask", "--scheduler", "nonsense://x"),
             "--scheduler nonsense://x: cannot be reached")]:
        code, out, err = cli(capsys, *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words in err


# One process

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


def test_an_interrupted_cell_goes_on_from_its_checkpoint(tmp_path, monkeypatch, capsys):
    (cell,) = cells_of({"grok": [{**TINY, "width": 6, "epochs": 60}]}, "f")
    monkeypatch.setattr(sweep_cells.grok, "CHECKPOINT_SECONDS", 0.0)
    train, epochs = sweep_cells.grok.train_epoch, []

    def counted(*arguments):
        epochs.append(1)
        if len(epochs) == 45:
            raise KeyboardInterrupt
        train(*arguments)

    monkeypatch.setattr(sweep_cells.grok, "train_epoch", counted)
    with pytest.raises(KeyboardInterrupt):
        sweep((cell,), tmp_path, Inline())
    assert rows_of(tmp_path) == []  # what is done is in the table: nothing
    outcome = sweep((cell,), tmp_path, Inline())
    assert outcome.agrees
    assert len(epochs) == 61  # the one that was interrupted again, and no other
    assert outcome.records[0].rows[0]["epoch"] == 60


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


def test_estimates_and_audits(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("numerics.estimation.estimate.BURN_IN", 200)
    content = {"llc": [{"name": "quadratic-generic", "sizes": {"d": 2, "p": 1, "K": 1}, "chains": 16, "draws": 400},
                       {"name": "quadratic-generic", "sizes": {"d": 400, "p": 9, "K": 9}}],
               "verify": [{"name": "quadratic-ntk"}]}
    outcome = sweep(cells_of(content, "f"), tmp_path, Inline())
    small, large, audit = rows_of(tmp_path)
    assert (small["exact"], small["agrees"], small["contradicts"]) == ("1", "true", "false")
    assert abs(float(small["estimate"]) - 1) < 3 * float(small["uncertainty"]) < 0.05
    assert (large["status"], "more than" in large["error"] or "at most" in large["error"]) == ("failed", True)
    assert (audit["agrees"], audit["disagreements"], audit["derived"]) == ("true", "0", "1")
    assert not outcome.agrees
    assert len((tmp_path / "summary.png").read_bytes()) > 10_000
    assert capsys.readouterr().err.count("\n") == 1  # the failure; no bars of the jobs


@pytest.mark.parametrize("rows", [({"contradicts": True},), ({"contradicts": False},)])
def test_a_contradiction_is_exit_1(tmp_path, monkeypatch, capsys, rows):
    monkeypatch.setitem(sweep_cells.JOBS, "verify", lambda settings, folder: [
        {"audited": 1, "disagreements": 1, "agrees": False, **row} for row in rows])
    outcome = sweep(cells_of({"verify": [{"name": "quadratic-ntk"}]}, "f"), tmp_path, Inline())
    assert outcome.agrees is not rows[0]["contradicts"]
    assert ("DISAGREE" in outcome.summary()) is rows[0]["contradicts"]


def test_an_unexpected_error_is_a_failed_cell_with_its_traceback(tmp_path, monkeypatch, capsys):
    def broken(settings, folder):
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setitem(sweep_cells.JOBS, "verify", broken)
    (record,) = sweep(cells_of({"verify": [{"name": "quadratic-ntk"}]}, "f"), tmp_path, Inline()).records
    assert (record.status, record.error) == ("failed", "ZeroDivisionError: two lines")
    kept = json.loads((tmp_path / "cells" / record.cell.id / "cell.json").read_text())
    assert "in broken" in kept["result"]["traceback"]


def test_a_folder_that_is_not_shared_is_told(tmp_path):
    (cell,) = cells_of({"verify": [{"name": "quadratic-ntk"}]}, "f")
    record = run_cell(cell, tmp_path / "elsewhere")
    assert record.status == "failed"
    assert "is not there on" in record.error
    assert not (tmp_path / "elsewhere").exists()


def test_two_sweeps_in_one_folder(tmp_path, capsys):
    path = written(tmp_path / "sweep.toml", "[[grok]]\np = 5\nwidth = 6\nepochs = 3\n")
    out = tmp_path / "out"
    out.mkdir()
    with locked(out / "lock", wait=False):
        code, _, err = cli(capsys, path, "--out", out)
        assert (code, err.count("\n")) == (2, 1)
        assert f"another sweep runs there (process {os.getpid()} on {socket.gethostname()})" in err
        with pytest.raises(Held), locked(out / "lock", wait=False):
            pass
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


def test_pictures(tmp_path):
    grid = cells_of({"grok": [{**TINY, "p": [5, 6], "weight_decay": [0, 1e-5, 1e-3], "seed": [0, 1]}]}, "f")
    records = [CellRecord(cell, "done", ({"generalised": index % 3 > 0, "generalised_from": 10 * index},))
               for index, cell in enumerate(grid)]
    assert len(picture(table(records))) > 40_000
    assert len(picture(table(records[:1]))) > 10_000
    assert len(picture(table([CellRecord(grid[0], "failed", error="no")]))) > 1_000
    assert csv_text([]) == "seconds,host\n"


# Local workers

def dying(cell: Cell, folder: Path) -> CellRecord:
    """Width 8 kills its worker, always; width 6 once."""
    mark = folder / f"{cell.settings['width']}-{time.monotonic_ns()}"
    mark.touch()
    if cell.settings["width"] == 8 or (cell.settings["width"] == 6 and len(list(folder.glob("6-*"))) == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    return CellRecord(cell, "done")


def test_a_cell_that_kills_its_worker_is_the_only_one_to_fail(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_local, "MOST_DEATHS", 1)
    cells = cells_of({"grok": [{**TINY, "width": [8, 6, 7, 9, 10]}]}, "f")
    found = {record.cell.settings["width"]: record
             for record in Local(2).run(partial(dying, folder=tmp_path), cells)}
    assert {width: record.status for width, record in found.items()} == {
        6: "done", 7: "done", 8: "failed", 9: "done", 10: "done"}
    assert "killed its worker 2 times" in found[8].error
    assert [len(list(tmp_path.glob(f"{width}-*"))) for width in (6, 7, 8, 9, 10)] == [
        2, 1, 2, 1, 1]


# A cluster

def test_of_cells_that_the_scheduler_gives_up_only_the_guilty_fail(monkeypatch):
    """It blames all that a worker had; alone, width 6 is fine."""
    cells = cells_of({"grok": [{**TINY, "width": [6, 7, 8]}]}, "f")
    batches = []

    def outcomes(self, job, cells):
        batches.append(widths := [cell.settings["width"] for cell in cells])
        for cell, width in zip(cells, widths, strict=True):
            blamed = width == 8 or (width == 6 and 8 in widths)
            yield cell, KilledWorker("key", None, 4) if blamed else CellRecord(cell, "done")

    monkeypatch.setattr(Dask, "_outcomes", outcomes)
    found = {record.cell.settings["width"]: record.status for record in Dask(None, "").run(None, cells)}
    assert batches == [[6, 7, 8], [6], [8]]
    assert found == {6: "done", 7: "done", 8: "failed"}


SLOW = """
[[grok]]
p = 5
width = 8
fraction = 0.6
lr = 0.01
batch = 8
epochs = 3000
seed = [0, 1, 2, 3]
[[grok]]
p = 5
width = 6
lr = 1e30
"""

@pytest.fixture
def processes():
    """Start one in the repository; what is left of them at the end is killed, with its children."""
    started = []

    def start(*arguments):
        process = subprocess.Popen([sys.executable, *map(str, arguments)], cwd=ROOT, start_new_session=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)
    return found


def holders(out: Path) -> list[int]:
    """The processes that began a cell which is not finished."""
    return [int(lock.read_text().split()[1]) for lock in out.glob("cells/*/lock")
            if not (lock.parent / "cell.json").exists() and lock.read_text()]


def test_a_cluster_whose_worker_dies_and_a_sweep_that_is_killed_and_restarted(tmp_path, processes):
    path, out = written(tmp_path / "sweep.toml", SLOW), tmp_path / "out"
    address = f"tcp://127.0.0.1:{free_port()}"
    quiet = ("--no-dashboard", "--host", "127.0.0.1")
    processes("-m", "distributed.cli.dask_scheduler", "--port", address.split(":")[-1], *quiet)
    for _ in range(2):
        processes("-m", "distributed.cli.dask_worker", address, "--nthreads", 1, "--local-directory", tmp_path, *quiet)
    command = ("-m", "slt_symbolic", "sweep", path, "--backend", "dask", "--scheduler", address, "--out", out)
    first = processes(*command)
    os.kill(wait_for(lambda: holders(out))[0], signal.SIGKILL)  # a worker, in the middle of a cell
    wait_for(lambda: list(out.glob("cells/*/cell.json")))
    first.kill()  # the sweep
    assert first.wait() == -signal.SIGKILL
    stamps = {kept: kept.stat().st_mtime_ns for kept in out.glob("cells/*/cell.json")}
    assert len(stamps) < 5
    second = processes(*command)
    printed, said = second.communicate(timeout=60)
    assert second.returncode == 1, said
    assert "5 cells: 4 done" in printed
    assert "not finite" in said
    done = [kept for kept in stamps if json.loads(kept.read_text())["result"]["status"] == "done"]
    assert all(kept.stat().st_mtime_ns == stamps[kept] for kept in done)
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    sweep(read_sweep(path), undisturbed, Inline())
    rows = rows_of(out)
    assert rows == rows_of(undisturbed)
    assert [row["status"] for row in rows] == ["done"] * 4 + ["failed"]
    assert len({row["train_loss"] for row in rows}) == 5  # rows can differ: each seed has a result of its own
