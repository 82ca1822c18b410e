"""Tables as comma-separated text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any


def csv_text(rows: Iterable[Mapping[str, Any]], first: Iterable[str] = (), last: Iterable[str] = ()) -> str:
    r"""A header and a line a row: the columns ``first``, others as they occur, ``last``; what a row lacks is empty.

    >>> csv_text([{"seconds": 1, "p": 5}, {"p": 7, "fits": True}], last=["seconds"])
    'p,fits,seconds\n5,,1\n7,true,\n'
    """
    kept = list(rows)
    at_end = list(last)
    names = dict.fromkeys([*first, *(name for row in kept for name in row)])
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*(x for x in names if x not in at_end), *at_end], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: str(x).lower() if isinstance(x, bool) else x for name, x in row.items()} for row in kept)
    return text.getvalue()
