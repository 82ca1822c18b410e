"""The history of a training run, ``history.csv``, and how late its validation accuracy followed: the grokking severity.

Columns: seed, epoch, train_loss, validation_loss, train_accuracy, validation_accuracy, weight_norm; one line for each
seed and epoch that was recorded.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from slt_symbolic.errors import InvalidInput

GROKKED = 0.95  # validation accuracy at the end, as published


@dataclass(frozen=True)
class History:
    """One seed: arrays of the same length, epochs increasing; accuracies between 0 and 1."""

    epoch: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    validation_loss: NDArray[np.float64]
    train_accuracy: NDArray[np.float64]
    validation_accuracy: NDArray[np.float64]
    weight_norm: NDArray[np.float64]


COLUMNS = ("seed", *(field.name for field in fields(History)))


def read_histories(path: Path) -> Mapping[int, History]:
    """The history of each seed. Raises `InvalidInput` where the file, a column or a number is missing."""
    try:
        with path.open(newline="") as file:
            lines = list(csv.DictReader(file))
        rows = np.array([[float(line[name]) for name in COLUMNS] for line in lines])
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be read ({error.strerror})", "the folder of a grokking run") from None
    except (KeyError, TypeError, ValueError):
        raise InvalidInput(str(path), "a column or a number is missing", f"columns {','.join(COLUMNS)}") from None
    if not len(rows):
        raise InvalidInput(str(path), "has no epochs", "a run that was started")
    histories = {}
    for seed in np.unique(rows[:, 0]):
        of_seed = rows[rows[:, 0] == seed, 1:]
        histories[int(seed)] = History(*of_seed[np.argsort(of_seed[:, 0], kind="stable")].T)
    return histories


def grokking_severity(history: History) -> float:
    """``1[a_V(T) >= .95] / T · sum_t |a_T(t) - a_V(t)|`` of Cullen et al. (2026), between 0 and 1.

    The sum is over all epochs; where only some were recorded it is the integral of the broken line through them
    (trapezoid), divided by its length. Two epochs that were recorded k apart count k times; recording more often only
    sharpens the value. 0 also says that the run did not generalise: read it with the final accuracy.

    >>> accuracy = np.array([0., 1, 1, 1]), np.array([0., 0, 1, 1])
    >>> grokking_severity(History(np.array([0., 10, 20, 100]), *accuracy, *accuracy, accuracy[0]))
    0.1
    """
    gap = np.abs(history.train_accuracy - history.validation_accuracy)
    length = history.epoch[-1] - history.epoch[0]
    if length == 0 or history.validation_accuracy[-1] < GROKKED:
        return 0.0
    return float(np.trapezoid(gap, history.epoch) / length)


def reached(epoch: NDArray[np.float64], accuracy: NDArray[np.float64]) -> float | None:
    """The recorded epoch from which on an accuracy is held at `GROKKED`; None where the last one is below.

    >>> reached(np.array([0.0, 10.0, 20.0, 30.0]), np.array([0.96, 0.5, 0.95, 1.0]))
    20.0
    """
    below = np.flatnonzero(accuracy < GROKKED)
    first = int(below[-1]) + 1 if len(below) else 0
    return float(epoch[first]) if first < len(epoch) else None
