"""The stored trajectories: 21 runs, some 570 measurements, as their authors published them.

From the public repository ``SergioEstanRuiz/geom_phase_transitions`` (the commit and the path of each run are in
``runs.csv``): modular addition at p = 53 on 40 % of the pairs, one seed each. The runs were chosen by hand, spread over
batch, learning rate and weight decay, and so were the rows of long ones, always with the largest value: neither is a
random sample. Numbers were transcribed to five digits and compared once more with their source.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

RUNS = Path(__file__).with_name("runs.csv")
TRAJECTORIES = Path(__file__).with_name("trajectories.csv")


@dataclass(frozen=True)
class Measurement:
    """One row: losses and accuracies after ``step`` optimiser steps (one batch each), and the value called LLC.

    Losses are centred over the outputs of one example at a time, which is not the loss that was trained: training may
    lower that one while this rises.
    """

    step: int
    train_loss: float
    val_loss: float
    train_accuracy: float
    val_accuracy: float
    llc: float


@dataclass(frozen=True)
class Stored:
    """How a run was trained (by Adam) and measured; ``gamma`` of its chains."""

    name: str
    commit: str
    path: str
    model: str
    batch: int
    lr: float
    weight_decay: float
    gamma: float


@cache
def read_trajectories() -> Mapping[str, Sequence[Measurement]]:
    """The measurements of each run, in the order of steps."""
    found: dict[str, list[Measurement]] = {}
    with TRAJECTORIES.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["run"], []).append(Measurement(int(row["step"]), *(
                float(row[name]) for name in ("train_loss", "val_loss", "train_accuracy", "val_accuracy", "llc"))))
    return MappingProxyType({name: tuple(sorted(rows, key=lambda row: row.step)) for name, rows in found.items()})


@cache
def read_runs() -> Mapping[str, Stored]:
    """The settings of each run."""
    with RUNS.open(newline="", encoding="utf-8") as file:
        return MappingProxyType({row["run"]: Stored(
            row["run"], row["commit"], row["path"], row["model"], int(row["batch"]), float(row["lr"]),
            float(row["weight_decay"]), float(row["sgld_gamma"])) for row in csv.DictReader(file)})
