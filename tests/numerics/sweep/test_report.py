"""The table and the figure of a sweep."""

from numerics.sweep.cells import CellRecord
from numerics.sweep.file import cells_of
from numerics.sweep.report import picture, table
from tests.numerics.sweep.grids import TINY


def test_pictures(tmp_path):
    grid = cells_of({"grok": [{**TINY, "p": [5, 6], "weight_decay": [0, 1e-5, 1e-3], "seed": [0, 1]}]}, "f")
    records = [CellRecord(cell, "done", ({"generalised": index % 3 > 0, "generalised_from": 10 * index},))
               for index, cell in enumerate(grid)]
    assert len(picture(table(records))) > 40_000
    assert len(picture(table(records[:1]))) > 10_000
    assert len(picture(table([CellRecord(grid[0], "failed", error="no")]))) > 1_000
