"""How a study ends: its results, the checks that they are held to, and its report."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from slt_symbolic.storage.files import write_atomically


@dataclass(frozen=True)
class Check:
    """``found`` should be ``wanted``, to what ``tolerance`` says."""

    name: str
    found: str
    wanted: str
    tolerance: str
    holds: bool


def conclude(results: Mapping[str, Any], checks: Sequence[Check], folder: Path,
             write_report: Callable[[Mapping[str, Any], Sequence[Check], Path], None]) -> int:
    """Write ``results.json`` with the checks, and the report; print a line a check. 0, or 1 where one fails."""
    write_atomically(folder / "results.json", json.dumps(
        {**results, "checks": [asdict(check) for check in checks]}) + "\n")
    write_report(results, checks, folder)
    for check in checks:
        print(f"{'ok  ' if check.holds else 'FAIL'} {check.name}: {check.found}; wanted {check.wanted}, "
              f"{check.tolerance}")
    print(f"wrote {folder / 'report.md'}")
    return 0 if all(check.holds for check in checks) else 1


def verdict_of(found: Sequence[Check]) -> str:
    """Whether all hold, as a report says it beside its answer."""
    wrong = [check.name for check in found if not check.holds]
    return (f"**{len(wrong)} of {len(found)} checks fail:** {'; '.join(wrong)}." if wrong else
            f"All {len(found)} checks below hold.")


def checks_section(found: Sequence[Check]) -> list[str]:
    """The section of a report that lists them, in Markdown."""
    rows = [[check.name, check.found, check.wanted, check.tolerance, "yes" if check.holds else "**NO**"]
            for check in found]
    return ["## Checks", "", tabulate(rows, ["what", "found", "wanted", "tolerance", "holds"], "github",
                                      disable_numparse=True), ""]
