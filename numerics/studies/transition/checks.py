"""What the study must find for its answer to mean anything."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from numerics.studies.conclusion import Check
from numerics.studies.transition.analysis import OUTCOMES, difference
from slt_symbolic.free_energy.window import CERTAIN

Results = Mapping[str, Any]
CHANCE = 3.0  # times 1/p, that validation accuracy on random labels stays below
TYPICAL = 2.0  # errors, of the median deviation


def checks(results: Results) -> list[Check]:
    """All of them."""
    return [*_outcomes(results), *_random(results), *_again(results), *_draws(results)]


def _outcomes(results: Results) -> Iterator[Check]:
    count = sum(row["outcome"] == OUTCOMES[0] for row in results["rows"])
    yield Check("networks that memorise first and generalise later", str(count), "some", "2 runs", count >= 2)


def _random(results: Results) -> Iterator[Check]:
    sizes = {setting["name"]: setting["p"] for setting in results["settings"] if setting["labels"] == "random"}
    found = [(run["basins"][-1]["validation_accuracy"], sizes[run["setting"]]) for run in results["runs"]
             if run["setting"] in sizes and run["basins"]]
    if found:
        yield Check("random labels: nothing is generalised", f"{max(x for x, _ in found):.3f}", "chance",
                    f"validation accuracy below {CHANCE:.0f}/p", all(x < CHANCE / p for x, p in found))


def _again(results: Results) -> Iterator[Check]:
    """The same network twice, by other chains: no order may be found between a basin and itself."""
    for run in results["runs"]:
        if run["again"] is None:
            continue
        deviations = [abs(row["value"]) / row["error"] for row in difference(run["basins"][-1], run["again"])]
        if deviations:
            yield Check(f"{run['setting']}: the last network beside itself, by other chains",
                        f"{max(deviations):.1f} errors at worst over {len(deviations)} n", "0",
                        f"{CERTAIN} errors", max(deviations) <= CERTAIN)


def _draws(results: Results) -> Iterator[Check]:
    """Where independent draws reach, they need neither chains nor the quadratic reference."""
    deviations = []
    for run in results["runs"]:
        for basin in run["basins"]:
            if isinstance(curve := basin["curve"], Mapping):
                at = curve["checked"]
                value, error = curve["drawn"]
                deviations.append(abs(curve["value"][at] - value) / math.hypot(curve["error"][at], error))
    if deviations:
        yield Check(f"free energies of {len(deviations)} basins beside independent draws from the window, as far as "
                    "these reach", f"{np.median(deviations):.1f} errors in the median, {max(deviations):.1f} at worst",
                    "0", f"{TYPICAL:g} and {2 * CERTAIN} errors",
                    bool(np.median(deviations) <= TYPICAL and max(deviations) <= 2 * CERTAIN))
