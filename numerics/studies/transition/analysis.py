"""The order of a run's basins: free energies of the first fit less those of later ones, at each n, by outcome."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.studies.tracking.plan import Setting
from slt_symbolic.free_energy.window import CERTAIN

Basin = Mapping[str, Any]
OUTCOMES = ("generalises", "does not", "random labels")


def difference(a: Basin, b: Basin) -> list[dict[str, float]]:
    """``F_A - F_B`` at each n at which both were sampled, with its error."""
    one, other = (_by_n(basin) for basin in (a, b))
    return [{"n": n, "value": one[n][0] - other[n][0], "error": math.hypot(one[n][1], other[n][1])}
            for n in sorted(one) if n in other]


def _by_n(basin: Basin) -> dict[float, tuple[float, float]]:
    curve = basin["curve"]
    if not isinstance(curve, Mapping):
        return {}
    return {n: (value, error) for n, value, error in zip(curve["t"], curve["value"], curve["error"], strict=True)}


def order(differences: Sequence[Mapping[str, float]]) -> list[int]:
    """At each n: 1 where B has the smaller free energy, -1 where A has, 0 where the error leaves it open."""
    return [0 if abs(row["value"]) <= CERTAIN * row["error"] else 1 if row["value"] > 0 else -1 for row in differences]


def crossing(a: Basin, b: Basin) -> list[float] | None:
    """Between which n the order changes: up to the first A has the smaller free energy, from the second on B."""
    found = difference(a, b)
    signs = order(found)
    before = [row["n"] for row, sign in zip(found, signs, strict=True) if sign < 0]
    after = [row["n"] for row, sign in zip(found, signs, strict=True) if sign > 0 and before and row["n"] > before[-1]]
    return [before[-1], after[0]] if after else None


def outcome_of(labels: str, run: Mapping[str, Any]) -> str:
    """One of `OUTCOMES`, for a run of a setting with these labels."""
    return OUTCOMES[2] if labels == "random" else OUTCOMES[0] if run["generalised"] else OUTCOMES[1]


def analyse(settings: Sequence[Setting], runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A row for each run with two fits, and what is common to those of one outcome."""
    by_name = {setting.name: setting for setting in settings}
    rows = [row for run in runs if (row := run_row(by_name[run["setting"]], run))]
    groups = []
    for setting in settings:
        for outcome in OUTCOMES:
            chosen = [row for row in rows if (row["setting"], row["outcome"]) == (setting.name, outcome)]
            if chosen:
                groups.append({"setting": setting.name, "outcome": outcome, **_summary(chosen)})
    return {"rows": rows, "groups": groups}


def run_row(setting: Setting, run: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first basin at which the network fits, A, beside the last one, B; None where there are not two."""
    fits = [basin for basin in run["basins"] if _by_n(basin)]
    if len(fits) < 2:
        return None
    a, b = fits[0], fits[-1]
    found = difference(a, b)
    return {"setting": setting.name, "seed": run["seed"], "outcome": outcome_of(setting.labels, run),
            "epochs": [a["epoch"], b["epoch"]], "differences": found, "order": order(found),
            "half_ranks": [basin["half_rank"] for basin in (a, b)],
            "exact": [basin["exact"] for basin in (a, b)], "active": [basin["active"] for basin in (a, b)],
            "crossings": [x for earlier in fits[:-1] if (x := crossing(earlier, b))],
            "decay": setting.weight_decay / 2 * (a["square"] - b["square"])}


def _summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    every = sorted({found["n"] for row in rows for found in row["differences"]})
    at_n = []
    for n in every:
        values = [found["value"] for row in rows for found in row["differences"] if found["n"] == n]
        signs = [sign for row in rows for found, sign in zip(row["differences"], row["order"], strict=True)
                 if found["n"] == n]
        at_n.append({"n": n, "median": float(np.median(values)), "least": min(values), "most": max(values),
                     "runs": len(values), "later": signs.count(1), "earlier": signs.count(-1)})
    known = all(half is not None for row in rows for half in row["half_ranks"])
    halves = [[float(Fraction(row["half_ranks"][end])) for row in rows] for end in (0, 1)] if known else []
    return {"runs": len(rows), "at_n": at_n, "half_ranks": [[min(x), max(x)] for x in halves] or None,
            "crossings": [sum(bool(row["crossings"]) for row in rows), *_ends(rows)],
            "decay": float(np.median([row["decay"] for row in rows]))}


def _ends(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """The least and the largest n of all crossings, if there are any."""
    places = [n for row in rows for place in row["crossings"] for n in place]
    return [min(places), max(places)] if places else []
