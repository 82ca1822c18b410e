"""``python -m numerics.studies.labels --out DIR``: which fits of the labels of modular addition training reaches.

Networks of the published size are trained as `slt grok` trains them. At an epoch where they have memorised and at the
last one: the singular values of the features, the exact fit nearby, and there the rank of the Jacobian. ``report.md``
has the table, and checks with a negative control, exit code 1 where one fails. What is done is kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tabulate import tabulate
from tqdm import tqdm

from numerics.grokking.history import GROKKED
from numerics.losses.two_hot import split
from numerics.networks.file import Network
from numerics.studies.conclusion import Check, checks_section, conclude, verdict_of
from numerics.studies.labels.measures import ROUNDING, THRESHOLDS, network_row
from numerics.studies.tracking.plan import Setting
from numerics.studies.tracking.training import Course, courses
from slt_symbolic.commands.arguments import Parser, folder_name, kept_on_failure, output_folder
from slt_symbolic.commands.ending import run_program
from slt_symbolic.storage.files import write_atomically
from slt_symbolic.storage.results import computed_once

Results = Mapping[str, Any]
PUBLISHED = Setting("published size", p=53, width=1024, fraction=0.4, weight_decay=1e-5, epochs=800, seeds=2, kept=1)
MEMORISED = 100  # the epoch, among the powers of ten that are kept
NEAR = 0.05  # norms of the weights, from a network to its exact fit
SURE = 0.1  # of the largest singular value: a least one above it is no zero


def study(setting: Setting, folder: Path) -> dict[str, Any]:
    """All networks, each kept in ``folder``; plain data."""
    rows: list[dict[str, Any]] = []
    for seed in tqdm(range(setting.seed, setting.seed + setting.seeds), "measuring", unit="run", disable=None):
        source = {**asdict(setting), "memorised": MEMORISED, "of": seed}
        kept = computed_once(folder, f"runs/{seed:05d}.json", source, partial(_run, setting, seed))
        rows += kept["networks"]
    return {"setting": asdict(setting), "N": setting.training().training_size, "networks": rows}


def _run(setting: Setting, seed: int) -> dict[str, Any]:
    course = courses(setting, range(seed, seed + 1))[0]
    epochs = [int(epoch) for epoch in course.epochs]
    accuracies = "train_accuracy", "validation_accuracy"
    return {"networks": [{
        "seed": seed, "epoch": epochs[index],
        **{name: round(float(course.metrics[name][index]), 4) for name in accuracies},
        **network_row(network_of(setting, course, index)),
    } for index in sorted({epochs.index(MEMORISED) if MEMORISED in epochs else 0, len(epochs) - 1})]}


def network_of(setting: Setting, course: Course, index: int) -> Network:
    """The network there, on its training pairs, in float64."""
    parts = split(course.weights[index].view(1, -1, setting.width))
    w, v = (x[0].contiguous().numpy().astype(np.float64) for x in parts)
    return Network(w, v, tuple((int(a), int(b)) for a, b in course.pairs), True, "add")


def checks(results: Results) -> list[Check]:
    """What must hold for the sentences of the report."""
    found: list[Check] = []
    for row in results["networks"]:
        name = f"seed {row['seed']}, epoch {row['epoch']}"
        if row["epoch"] == MEMORISED:
            found += _memorised(name, row)
        elif row["validation_accuracy"] >= GROKKED:
            found.append(Check(f"{name}: no exact fit is found near", str(row["fits"]), "False", "exact",
                               not row["fits"]))
        if row["at_the_fit"]:
            found += _at_the_fit(name, row["at_the_fit"], results)
    return found


def _memorised(name: str, row: Results) -> Iterator[Check]:
    accuracy, moved = row["validation_accuracy"], row["moved"]
    yield Check(f"{name}: it fits its pairs alone", f"{accuracy:g}", "chance", "validation accuracy below 0.1",
                accuracy < 0.1)
    yield Check(f"{name}: an exact fit is near", f"loss {row['loss_after_polish']:g}, {moved:g} away", "0",
                f"double precision, and {NEAR} norms", row["fits"] and moved < NEAR)


def _at_the_fit(name: str, fit: Results, results: Results) -> Iterator[Check]:
    p, width, rank = results["setting"]["p"], results["setting"]["width"], fit["features"]
    least, largest = fit["beside_features"]
    yield Check(f"{name}: the features have one relation", str(rank), str(width - 1),
                f"singular values above {ROUNDING:g} of the largest", rank == width - 1)
    yield Check(f"{name}: and the Jacobian is onto the {p} x {results['N'] - 1 - rank} equations left",
                f"{least:g} to {largest:g}", "no zero", f"{SURE} of the largest", least > SURE * largest)
    least, largest = fit["without_sums"]
    yield Check(f"{name}: negative control, outputs less their means reach less", f"{least:g} to {largest:g}",
                "a zero", "rounding", least < ROUNDING**0.5 * largest)


def write_report(results: Results, found: Sequence[Check], folder: Path) -> None:
    """``report.md``: what was reached, the table, the checks."""
    levels = ", ".join(f"{x:g}" for x in THRESHOLDS)
    lines = ["# Which fits of the labels training reaches", "", *_answer(results), "",
             verdict_of(found), "", "## Networks", "", _table(results), "",
             f"Numbers of units and ranks of features at {levels} of the largest.", "", *checks_section(found)]
    write_atomically(folder / "report.md", "\n".join(lines) + "\n")


def _answer(results: Results) -> list[str]:
    p, width, pairs = results["setting"]["p"], results["setting"]["width"], results["N"]
    labels, whole = Fraction((p - 1) * (pairs - 1) + width, 2), Fraction(p * (pairs - 1), 2)
    lines = [f"p = {p}, K = {width}, N = {pairs}. With independent features, onto: lambda = {labels}; full rank: "
             f"{whole}.", ""]
    for row in results["networks"]:
        fit = row["at_the_fit"]
        if fit and fit["onto"]:
            what = (f"the exact fit, {row['moved']:.1%} of the norm away, has features of rank {fit['features']} and a "
                    f"Jacobian that is onto: lambda = {whole}, m = 1.")
        elif fit:
            what = f"an exact fit is near, with features of rank {fit['features']}; the Jacobian is not onto."
        else:
            rank = row["trained"]["feature_ranks"][0]
            what = (f"no exact fit is found near. Features of rank {rank} (at {THRESHOLDS[0]:g} of the largest "
                    f"singular value) would give at least {Fraction(p * rank, 2)}.")
        lines.append(f"- Seed {row['seed']}, epoch {row['epoch']}, validation accuracy "
                     f"{row['validation_accuracy']:g}: {what}")
    return lines


def _table(results: Results) -> str:
    rows = [[row["seed"], row["epoch"], where.replace("_", " "), one["units"], one["feature_ranks"],
             " ".join(f"{x:g}" for x in one["least_two"]), f"{one['largest_sum']:g}", f"{one['largest_output']:g}"]
            for row in results["networks"] for where in ("trained", "at_the_fit") if (one := row[where])]
    names = "seed", "epoch", "where", "units", "feature ranks", "least two singular values", "max |c|", "max |V|"
    return str(tabulate(rows, names, "github", disable_numparse=True))


def main(arguments: Sequence[str]) -> int:
    """Run the study; exit code 0, 1 (a check failed) or 2 (bad input)."""
    parser = Parser(prog="python -m numerics.studies.labels", allow_abbrev=False, description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=folder_name, required=True, metavar="DIR")
    return run_program(lambda: _main(parser.parse_args(arguments)), resumes=True)


def _main(options: argparse.Namespace) -> int:
    torch.set_num_threads(1)
    with output_folder(options.out) as folder, kept_on_failure(options.out):
        results = study(PUBLISHED, folder)
        return conclude(results, checks(results), folder, write_report)
