"""The page of benchmarks: tables of what the programs kept, with the machine, the day and the versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tabulate import tabulate

RESULTS = Path(__file__).parents[1] / "tests" / "benchmarks" / "results"
TITLES = {"engine": "The engine", "ranks": "Exact ranks", "edge_sets": "Least edge sets",
          "llc": "The sampler, beside devinterp", "excess": "The excess at given weights, beside devinterp",
          "published": "A published LLC, beside devinterp",
          "monitor": "The monitor", "grok": "Training, beside plain PyTorch"}
START = """# Benchmarks

What the programs below measured, as they kept it (`--keep`); `make bench` repeats them at small settings. The load is
that of the machine when a program ended: times are of processor cores wherever it says so, others grow with the load.
"""


def page() -> str:
    """A section for each program that has results."""
    return "\n\n".join([START, *(_section(title, json.loads((RESULTS / f"{name}.json").read_text()))
                                 for name, title in TITLES.items() if (RESULTS / f"{name}.json").exists())]) + "\n"


def _section(title: str, kept: dict[str, Any]) -> str:
    command = " ".join(["python -m", kept["program"], *kept["options"]])
    versions = ", ".join(f"{name} {number}" for name, number in kept["versions"].items())
    parts = [f"## {title}", f"`{command}`, {kept['day']}; {kept['machine']}, load {kept['load']}; {versions}."]
    for table in kept["tables"]:
        parts.append(f"**{table['title']}.** {table['note']}".rstrip())
        parts.append(tabulate(table["rows"], table["columns"], "github", disable_numparse=True))
    return "\n\n".join(parts)
