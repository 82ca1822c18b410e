"""The published figures at a size of seconds: the published settings miss the coefficient that ours measure."""

import json

import pytest

from numerics.studies.published.figures import LINES, main, slopes
from tests.sampled import beyond, within


def test_slopes_of_a_straight_line():
    rows = [{"p": p, "K": 4, **dict.fromkeys(LINES), "ceiling": 3.0 * p} for p in (5, 7, 9)]
    (found,) = slopes(rows, "p", "K")
    assert (found["K"], found["line"]) == (4, "ceiling")
    assert found["slope"] == pytest.approx(3)
    assert found["low"] <= 3 + 1e-9
    assert found["high"] >= 3 - 1e-9
    (flat,) = slopes([row | {"ceiling": 1.0} for row in rows], "p", "K")
    assert (flat["slope"], flat["low"], flat["high"]) == (0, 0, 0)


@pytest.mark.sampled
@pytest.mark.long
def test_small_cells(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("numerics.studies.published.figures.SMALL", ((5,), (8,), 1500))
    monkeypatch.setattr("numerics.estimation.estimate.BURN_IN", 100)
    assert main(["--out", str(tmp_path)]) == 0
    cell = json.loads((tmp_path / "p5_K8" / "cell.json").read_text())["result"]
    assert cell["problem"] is None
    assert within(cell["measured"] - cell["half_rank"], 0.1, 1)
    assert cell["published"] < cell["half_rank"]
    assert beyond(cell["published"] - cell["half_rank"], 1, 1)
    assert (tmp_path / "figures.png").stat().st_size > 10_000
    assert "| 5 | 8 | 10 |" in (tmp_path / "report.md").read_text()
    assert main(["--out", str(tmp_path)]) == 0  # done cells are kept
    assert main([]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")
