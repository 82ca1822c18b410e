"""What the study must find, each with its tolerance: its own statements, and at the published size those of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import linregress

from numerics.studies.authors.data import read_trajectories
from numerics.studies.conclusion import Check
from numerics.studies.published import plan

Results = Mapping[str, Any]
SIGMAS = 4.5  # of a mean of draws: it is further off once in 10^5
GAUGE_SIGMAS = 9.0  # of the mean of five chains: Student's t with four degrees of freedom, once in 10^3
AUTHORS_TOLERANCE, LINE_TOLERANCE, RAMP_TOLERANCE, SLOPE_TOLERANCE = 0.06, 0.05, 0.1, 0.1
LINEAR = 0.97  # R² of a line in p or K: the value is concave in K
STRAIGHT = 0.997  # R² of the line in the squared norm
CHANCE = 3.0  # times 1/p: validation accuracy up to which nothing was learned
LEARNED = 0.95


def line_of(rows: Sequence[Mapping[str, Any]], name: str = "gamma 5") -> Mapping[str, float]:
    """Least squares ``value = intercept + slope |w|²`` over the snapshots, with standard errors."""
    fit = linregress([row["square_norm"] for row in rows], [row[name]["value"] for row in rows])
    return {"intercept": fit.intercept, "slope": fit.slope, "r_squared": fit.rvalue**2,
            "intercept_error": fit.intercept_stderr, "slope_error": fit.stderr}


def at_step(results: Results, step: int) -> Mapping[str, Any]:
    """The row of the run with true labels at this step."""
    found: Mapping[str, Any] = next(row for row in results["runs"][plan.TRUE] if row["step"] == step)
    return found


def closeness(results: Results) -> Mapping[str, float]:
    """Between which shares chain and plain noise differ at gamma 100, over how many networks."""
    off = [_noise_of(row) for _, row in _networks(results)]
    return {"low": min(off), "high": max(off), "networks": len(off)}


def error_of(results: Results, name: str, row: Mapping[str, Any]) -> float:
    """Of a value, by the chains' draws where they have arrived, by the scatter of repeated chains where not."""
    of = row[name]
    return float(of["error"] if name != "gamma 5" else results["repeated"]["scatter"] / of["chains"] ** 0.5)


def checks(results: Results) -> list[Check]:
    """All of them; comparisons with numbers of others only at the published size."""
    found = [*_noise(results), *_controls(results), *_runs(results)]
    found += [*_random(results), *_published(results)] if results["size"] == "published" else ()
    return [replace(check, holds=bool(check.holds)) for check in found]  # of numpy they are no plain data


def _near(name: str, found: float, wanted: float, tolerance: float) -> Check:
    off = found / wanted - 1
    return Check(name, f"{found:.5g}", f"{wanted:.5g}", f"{tolerance:.0%}; off by {off:+.1%}",
                 abs(off) <= tolerance)


def _networks(results: Results) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for run, rows in results["runs"].items():
        yield from ((f"{run}, step {row['step']}", row) for row in rows)
    for row in (*results["gauge"], *results["gaussian"]):
        yield (f"gauge t = {row['t']}" if "t" in row else f"random weights, norm {row['norm']:.1f}"), row


def _worst(rows: Iterator[tuple[str, Mapping[str, Any]]],
           off: Callable[[Mapping[str, Any]], float]) -> tuple[str, float]:
    name, row = max(rows, key=lambda named: abs(off(named[1])))
    return name, off(row)


def _noise_of(row: Mapping[str, Any]) -> float:
    return float(row["gamma 100"]["value"] / row["noise"]["value"] - 1)


def _closed_of(row: Mapping[str, Any]) -> float:
    return float(row["gamma 100"]["value"] / row["closed_as_the_chain"] - 1)


def _noise(results: Results) -> Iterator[Check]:
    number, tolerance = sum(1 for _ in _networks(results)), plan.NOISE_TOLERANCE[results["size"]]
    for what, key in (("plain weight noise", _noise_of), ("the closed form with its own variance and centring",
                                                          _closed_of)):
        name, off = _worst(_networks(results), key)
        yield Check(f"gamma 100: the chain is {what}, on each of {number} networks",
                    f"{off:+.1%} at worst ({name})", "0", f"{tolerance:.0%}", abs(off) <= tolerance)
    z = [(row["noise"]["value"] - row["closed"]) / row["noise"]["error"] for _, row in _networks(results)]
    wrong = [(row["noise"]["value"] - 1.2 * row["closed"]) / row["noise"]["error"] for _, row in _networks(results)]
    yield Check("the closed form is plain noise, within its error", f"{max(map(abs, z)):.1f} errors at worst", "0",
                f"{SIGMAS} errors", max(map(abs, z)) <= SIGMAS)
    yield Check("negative control: the closed form times 1.2 is not", f"{min(map(abs, wrong)):.1f} errors at least",
                "not 0", f"more than {SIGMAS} errors", min(map(abs, wrong)) > SIGMAS)


def _controls(results: Results) -> Iterator[Check]:
    one, gauge = results["runs"][plan.TRUE][-1], results["gauge"][-1]
    moved = np.subtract(results["repeated_gauge"]["values"], results["repeated"]["values"])  # same random numbers
    error, change = float(moved.std(ddof=1)) / len(moved) ** 0.5, gauge["loss"] - one["train_loss"]
    yield Check(f"gamma 5: the gauge t = {gauge['t']} leaves the loss and moves the value",
                f"loss {change:+.1g}, value {moved.mean():+.3g} ± {error:.2g}", "loss 0, value not",
                f"1e-5; {GAUGE_SIGMAS:.0f} errors", abs(change) < 1e-5 and abs(moved.mean()) > GAUGE_SIGMAS * error)
    for name, late in results["late"].items():
        row = at_step(results, late["step"])["gamma 5"]
        yield Check(f"gamma 5, {name}: the published chain has not arrived",
                    f"{row['value']:.5g}, R-hat {row['rhat']:.2f}", f"{late['value']:.5g} after 1500 steps",
                    "below by a tenth, R-hat above 1.1", row["value"] < 0.9 * late["value"] and row["rhat"] > 1.1)
    zero = [row["r_squared"] for row in results["slopes"] if row["kind"] == "zero"]
    yield Check("gamma 5: lines in p and in K with all weights zero", f"R² at least {min(zero):.3f}", "1",
                f"at least {LINEAR}", min(zero) >= LINEAR)


def _runs(results: Results) -> Iterator[Check]:
    rows = results["runs"][plan.TRUE]
    yield Check("the run with true labels generalises", f"{rows[-1]['validation_accuracy']:.2f}", f">= {LEARNED}",
                "validation accuracy at its last snapshot", rows[-1]["validation_accuracy"] >= LEARNED)


def _random(results: Results) -> Iterator[Check]:
    random = results["runs"][plan.RANDOM]
    chance = max(row["validation_accuracy"] for row in random) * results["p"]
    for name in ("gamma 5", "gamma 100"):
        values = np.array([row[name]["value"] for row in random])
        errors = np.array([error_of(results, name, row) for row in random])
        top = int(values.argmax())
        falls = (values[top] - values[-1]) / np.hypot(errors[top], errors[-1])
        yield Check(f"{name}: the value rises and falls on random labels too",
                    f"{values[0]:.4g}, {values[top]:.4g} at step {random[top]['step']}, {values[-1]:.4g}",
                    "a peak inside", f"a fall of more than {SIGMAS} errors at chance accuracy",
                    0 < top < len(random) - 1 and falls > SIGMAS and chance < CHANCE)


def _published(results: Results) -> Iterator[Check]:
    rows = results["runs"][plan.TRUE]
    line = line_of(rows)
    for name in ("intercept", "slope"):
        yield _near(f"gamma 5: {name} of the line in the squared norm", line[name], plan.LINE[name], LINE_TOLERANCE)
    yield Check(f"gamma 5: R² of that line over {len(rows)} snapshots", f"{line['r_squared']:.4f}", "1",
                f"at least {STRAIGHT}, ten snapshots", line["r_squared"] >= STRAIGHT and len(rows) >= 10)
    shifted = [row["square_norm"] for row in (*rows[1:], rows[0])]
    turned = [{**row, "square_norm": norm} for row, norm in zip(rows, shifted, strict=True)]
    yield Check("negative control: R² with the norms of the next snapshot", f"{line_of(turned)['r_squared']:.3f}",
                "not 1", f"below {STRAIGHT}", line_of(turned)["r_squared"] < STRAIGHT)
    ramp = rows[-1]["gamma 5"]["trace"]
    for step, wanted in plan.RAMP.items():
        yield _near(f"gamma 5: nbeta (L - L0) at step {step}, generalised", ramp[min(step, len(ramp) - 1)], wanted,
                    RAMP_TOLERANCE)
    for name, wanted in plan.LATE.items():
        yield _near(f"gamma 5, {name}: after 1500 steps", results["late"][name]["value"], wanted, LINE_TOLERANCE)
    for norm, wanted in plan.GAUSSIAN.items():
        row = next(row for row in results["gaussian"] if row["norm"] == norm)
        yield _near(f"gamma 5: random weights of norm {norm}", row["gamma 5"]["value"], wanted, LINE_TOLERANCE)
    for row in results["slopes"]:
        if row["kind"] == "zero":
            other = next(x for x in results["slopes"] if x["kind"] == "untrained" and x["along"] == row["along"]
                         and all(x.get(name) == row.get(name) for name in ("p", "K")))
            fixed = "p" if row["along"] == "K" else "K"
            yield _near(f"slope in {row['along']} at {fixed} = {row[fixed]}: all weights zero, against untrained",
                        row["slope"], other["slope"], SLOPE_TOLERANCE)
    theirs = {row.step: row for row in read_trajectories()[plan.AUTHORS_RUN]}
    for row in results["runs"][plan.AUTHORS]:
        if row["step"] in theirs:
            yield _near(f"gamma 100: the authors' run of the same settings, step {row['step']}",
                        row["gamma 100"]["value"], theirs[row["step"]].llc, AUTHORS_TOLERANCE)
