"""A cell in a worker: every error becomes its record."""

import json

from numerics.sweep.cells import JOBS, run_cell
from numerics.sweep.file import cells_of
from numerics.sweep.sweep import sweep
from tests.numerics.sweep.grids import Inline


def test_an_unexpected_error_is_a_failed_cell_with_its_traceback(tmp_path, monkeypatch, capsys):
    def broken(settings, folder):
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setitem(JOBS, "verify", broken)
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
