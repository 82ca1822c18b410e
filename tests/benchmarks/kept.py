"""What the benchmarks found, kept: ``results/NAME.json``, of which the documentation makes its tables.

Only the programs write these files, with ``--keep``: the machine and its load, the day, the versions and the options
are part of what was measured.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tabulate import tabulate

RESULTS = Path(__file__).parent / "results"
VERSIONS = ("slt-symbolic", "python-flint", "torch", "devinterp")


@dataclass(frozen=True)
class Table:
    """What was measured, in cells as they are printed; numbers come with their spread."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def __str__(self) -> str:
        return "\n\n".join(filter(None, [f"{self.title}.", tabulate(
            self.rows, self.columns, "github", disable_numparse=True), self.note]))


def show(tables: Iterable[Table]) -> list[Table]:
    """Print each table as it comes."""
    shown = []
    for table in tables:
        print(table, end="\n\n", flush=True)
        shown.append(table)
    return shown


def keep(name: str, tables: Iterable[Table], of_one_call: bool = True, **others: str) -> None:
    """Write ``results/NAME.json``; ``others`` are versions of programs beside which it was measured.

    Of one call, its options are kept too.
    """
    found = {
        "program": f"tests.benchmarks.bench_{name}",
        "options": [x for x in sys.argv[1:] if of_one_call and x != "--keep"],
        "day": time.strftime("%Y-%m-%d"), "machine": f"{_processor()}, {os.cpu_count()} cores",
        "load": "{:.1f}, {:.1f}, {:.1f}".format(*os.getloadavg()),
        "versions": {"Python": platform.python_version(), **_versions(), **others},
        "tables": [asdict(table) for table in tables]}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def kept_rows(name: str) -> list[list[str]]:
    """The rows of all tables that are kept, if there are any."""
    path = RESULTS / f"{name}.json"
    tables = json.loads(path.read_text())["tables"] if path.exists() else []
    return [row for table in tables for row in table["rows"]]


def spread(values: Sequence[float], digits: str = ".3g") -> tuple[str, str]:
    """The median, and the least to the largest."""
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return _number(middle, digits), f"{_number(ordered[0], digits)} to {_number(ordered[-1], digits)}"


def _number(value: float, digits: str) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:{digits}}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _versions() -> dict[str, str]:
    found = {}
    for name in VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
