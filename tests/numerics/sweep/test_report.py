"""The table and the figure of a sweep."""

from numerics.sweep.cells import CellRecord
from numerics.sweep.file import cells_of
from numerics.sweep.report import figure, table, write_report
from tests.numerics.sweep.grids import TINY


def test_pictures(tmp_path):
    grid = cells_of({"grok": [{**TINY, "p": [5, 6], "weight_decay": [0, 1e-5, 1e-3], "seed": [0, 1]}]}, "f")
    records = [CellRecord(cell, "done", ({"generalised": index % 3 > 0, "generalised_from": 10 * index,
                                             "validation_accuracy": 0.5},))
               for index, cell in enumerate(grid)]
    failed = [CellRecord(grid[0], "failed", error="no")]
    for found, least in ((records, 40_000), (records[:1], 10_000), (failed, 1_000)):
        write_report(found, tmp_path)
        assert (tmp_path / "summary.png").stat().st_size > least
        assert "<svg" in (tmp_path / "summary.svg").read_text()


def test_no_panel_is_empty():
    grid = cells_of({"grok": [{**TINY, "p": [5, 6], "seed": [0, 1]}]}, "f")
    none = [CellRecord(cell, "done", ({"generalised": False, "generalised_from": None, "validation_accuracy": 0.2},))
            for cell in grid]
    panels = figure(table(none)).axes
    assert panels
    assert all(axes.lines for axes in panels)
    below = [axes for axes in panels if "none generalised" in axes.get_ylabel()]
    assert len(below) == len(panels) / 2
    assert {y for axes in below for line in axes.lines for y in line.get_ydata()} == {0.2}
    assert figure([]).axes == []
