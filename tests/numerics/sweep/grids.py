"""What the tests of sweeps share: small cells, a backend in this process, the table that was written."""

import csv
from pathlib import Path

from slt_symbolic.commands.main import main

TINY = {"p": 5, "width": [6, 8], "fraction": 0.6, "lr": 0.01, "batch": 8, "epochs": 200}
LLC = {"name": "quadratic-dead-unit", "sizes": {"d": [3, 4], "p": 1}}
FAILING = {**TINY, "width": 6, "lr": 1e30}  # the loss is not finite


class Inline:
    """A backend that runs cells here, one after the other."""

    workers = 1

    def run(self, job, cells):
        yield from map(job, cells)


def cli(capsys, *arguments):
    code = main(["sweep", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def rows_of(folder: Path) -> list[dict[str, str]]:
    """The table, without what no two runs share."""
    with (folder / "table.csv").open(newline="") as file:
        return [{name: x for name, x in row.items() if name not in ("seconds", "host")} for row in csv.DictReader(file)]


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
