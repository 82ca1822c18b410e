"""What the study must find for its answer to mean anything: outcomes that differ, controls that find nothing or all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from numerics.studies.conclusion import Check
from numerics.studies.published.checks import CHANCE, SIGMAS
from numerics.studies.tracking.analysis import ORACLE, ROOM, converged_rows, main_family
from numerics.studies.tracking.plan import Setting

Results = Mapping[str, Any]
FEWEST = 2  # runs of either outcome in a setting, and settings with both
PAIRS = 20  # of runs of a setting, where all generalise: they can be told apart by when
NOISE_TOLERANCE = 0.06  # of the chain at gamma 100 against the closed form, median: networks are small
LARGEST_RHAT = 1.1  # of chains that are called converged
GAUGE = 1e-3  # share by which what moves moves, and what does not does not


def checks(results: Results) -> list[Check]:
    """All of them."""
    return [*_outcomes(results), *_controls(results), *_blurred(results), *_converged(results),
            *_gauge(results),
            *(check for name, family in results["families"].items() if family["measures"]
              for check in _family(name, family["measures"])), *_found(results)]


def _outcomes(results: Results) -> Iterator[Check]:
    asked = main_family(results)
    main = [row for row, setting in zip(results["outcomes"], results["settings"], strict=True)
            if not Setting(**setting).is_control and Setting(**setting).family == asked]
    found = ", ".join(f"{row['generalised']} of {row['runs']}" for row in main)
    if all(row["generalised"] == row["runs"] for row in main):
        epochs = [[run["generalised"] for run in results["runs"] if run["setting"] == row["setting"]] for row in main]
        pairs = sum(one < other for own in epochs for one in own for other in own)
        yield Check(f"{asked} networks all generalise, at epochs of their own", f"{found}, {pairs} pairs in order",
                    "pairs in order", f"{PAIRS} or more", pairs >= PAIRS)
        return
    split = [min(row["generalised"], row["runs"] - row["generalised"]) >= FEWEST for row in main]
    wanted = min(FEWEST, len(main))
    yield Check(f"{asked} networks generalise with some seeds and not with others of the same setting", found,
                "some of either", f"{FEWEST} runs of each, in {wanted} settings", sum(split) >= wanted)


def _controls(results: Results) -> Iterator[Check]:
    for setting in (Setting(**setting) for setting in results["settings"]):
        if setting.labels == "random" and setting.name in results["controls"]:
            accuracy = results["controls"][setting.name]["accuracy"]
            yield Check(f"{setting.name}: nothing is generalised", f"{accuracy:.3f}", "chance",
                        f"validation accuracy below {CHANCE:.0f}/p", accuracy < CHANCE / setting.p)


def _blurred(results: Results) -> Iterator[Check]:
    quadratic = {setting["name"] for setting in results["settings"] if setting["model"] == "quadratic"}
    off = [row["gamma 100"] / row["blurred"] - 1 for run in results["runs"] if run["setting"] in quadratic
           for row in run["rows"]]
    if off:
        middle = float(np.median(off))
        yield Check("quadratic networks: the chain at gamma 100 is the blurred loss", f"{middle:+.1%}, median over "
                    f"{len(off)} snapshots", "0", f"{NOISE_TOLERANCE:.0%}", abs(middle) <= NOISE_TOLERANCE)


def _converged(results: Results) -> Iterator[Check]:
    rhats = [row["converged_rhat"] for run in results["runs"] for row in converged_rows(run)]
    if rhats:
        yield Check("chains that are called converged", f"R-hat at most {max(rhats):.2f}, of {len(rhats)} networks",
                    "1", f"R-hat below {LARGEST_RHAT}", max(rhats) < LARGEST_RHAT)


def _gauge(results: Results) -> Iterator[Check]:
    for row in results["gauge"]:
        moved = row["moved"]
        yield Check(f"{row['setting']}: the gauge leaves loss and effective rank, and moves the value at gamma 5",
                    ", ".join(f"{name} {moved[name]:+.2%}" for name in ("train_loss", "effective_rank", "gamma 5")),
                    "0, 0, not 0", f"{GAUGE:.1%}",
                    max(abs(moved["train_loss"]), abs(moved["effective_rank"])) < GAUGE < abs(moved["gamma 5"]))


def _family(name: str, measures: Mapping[str, Any]) -> Iterator[Check]:
    for what, key, nothing in (("labels permuted between runs: tracking beyond other runs", "permuted", 0.0),
                               ("outcomes permuted between runs: forecast", "forecast_permuted", 0.5),
                               ("outcomes permuted between runs: diagnosis", "diagnosis_permuted", 0.5)):
        z = {measure: (row[key]["value"] - nothing) / row[key]["error"] for measure, row in measures.items()
             if row[key] and row[key]["error"] > 0}
        if z:
            worst = max(z, key=lambda measure: abs(z[measure]))
            yield Check(f"{name}, negative control, {what}", f"{z[worst]:+.1f} errors at worst ({worst})", "0",
                        f"{SIGMAS} errors", abs(z[worst]) <= SIGMAS)


def _found(results: Results) -> Iterator[Check]:
    """What must be found, where there is something to find."""
    name = main_family(results)
    family = results["families"].get(name, {"measures": {}})
    for what, key, nothing, possible in (
            ("tracks its own run beyond others", "beyond_others", 0.0, family.get("room", 0.0) >= ROOM),
            ("tells who has generalised", "diagnosis", 0.5, True)):
        found = family["measures"].get(ORACLE, {}).get(key)
        if found and possible:
            yield Check(f"{name}, positive control: the validation loss itself, with noise, {what}",
                        f"{found['value']:.2f} ({found['low']:.2f} to {found['high']:.2f})", f"above {nothing:g}",
                        "the whole interval", found["low"] > nothing)
