"""The settings of a grokking run, and what they and its seeds determine: training pairs, starts, the order of an epoch.

Defaults are those of Cullen, Estan-Ruiz, Danait, Li (2026), arXiv:2603.01192, who take ``p = 53`` and ``K = 1024``.
Every random number is a function of the seed and the epoch alone, so that a run can go on from any epoch.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor

from numerics.grokking.epoch import Adam
from numerics.losses.two_hot import join
from numerics.networks.file import LARGEST_MEMORY
from numerics.networks.operations import OPERATIONS
from slt_symbolic.errors import InvalidInput

MEMORISED, GENERALISED = 0.99, 0.95  # train and validation accuracy from which on a run is called so
HELD_FOR = 1000  # epochs with that validation accuracy that end a run: it passes 0.95 more than once
SNAPSHOTS_PER_DECADE = 12  # phases of a run differ by factors in the epoch
SPLIT, START, ORDER = range(3)  # what random numbers are drawn for


@dataclass(frozen=True)
class RunSettings:
    """One run: ``seeds`` networks of ``width`` units, of the seeds from ``seed`` on. Raises `InvalidInput`.

    ``drawn``: an epoch is one step on a batch drawn from all training pairs, as in the published code, no pass.

    >>> RunSettings(p=53, width=1024).training_size
    1123
    >>> RunSettings(p=1, width=1024)
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: p=1: must be an integer >= 2; try p=53
    """

    p: int
    width: int
    operation: str = "add"
    fraction: float = 0.4
    lr: float = 1e-3
    weight_decay: float = 1e-5
    batch: int = 128
    epochs: int = 100_000
    seed: int = 0
    seeds: int = 1
    precision: str = "float32"
    drawn: bool = False

    def __post_init__(self) -> None:
        for name, least, remedy in (("p", 2, 53), ("width", 1, 1024), ("batch", 2, 128), ("epochs", 1, 100_000),
                                    ("seed", 0, 0), ("seeds", 1, 1)):
            if getattr(self, name) < least:
                raise self._error(name, f"must be an integer >= {least}", remedy)
        if not 0 < self.fraction < 1:
            raise self._error("fraction", "must be between 0 and 1", 0.4)
        if not 0 < self.lr < math.inf:
            raise self._error("lr", "must be positive", 0.001)
        if not 0 <= self.weight_decay < math.inf:
            raise self._error("weight_decay", "must not be negative", 1e-5)
        if self.training_size < 2:
            raise self._error("fraction", f"is {self.training_size} of {self.p**2} pairs, and 2 are the least", 0.5)
        if self._bytes > LARGEST_MEMORY:
            raise InvalidInput(f"p={self.p} width={self.width} seeds={self.seeds}",
                               f"would take more than {LARGEST_MEMORY // 2**30} GiB",
                               "fewer seeds at once or a smaller network")

    def _error(self, name: str, problem: str, remedy: object) -> InvalidInput:
        return InvalidInput(f"{name}={getattr(self, name)}", problem, f"{name}={remedy}")

    @property
    def training_size(self) -> int:
        """The share of the p² pairs, taken as the decimal that it is written as, rounded down."""
        return int(Fraction(repr(self.fraction)) * self.p**2)

    @property
    def all_seeds(self) -> range:
        """The seeds of the networks that are trained side by side."""
        return range(self.seed, self.seed + self.seeds)

    @property
    def optimiser(self) -> Adam:
        """The optimiser with these settings."""
        return Adam(self.lr, self.weight_decay)

    @property
    def _bytes(self) -> int:
        """Weights, moments and gradient; a batch; the outputs on all pairs several times."""
        batch = min(self.batch, self.training_size)
        numbers = 12 * self.p * self.width + 4 * batch * self.width + 6 * self.p**3
        return self.seeds * numbers * _dtype(self).itemsize

    @property
    def unit(self) -> str:
        """What the run counts."""
        return "step" if self.drawn else "epoch"

    def chosen(self) -> dict[str, Any]:
        """The settings by name; ``drawn`` only where it is, so that the names of older results stay."""
        return {name: value for name, value in asdict(self).items() if name != "drawn" or value}

    def to_json(self) -> dict[str, Any]:
        """The settings with what cannot be chosen: if a later version changes that, it is another run."""
        return {**self.chosen(), "held_for": HELD_FOR, "snapshots_per_decade": SNAPSHOTS_PER_DECADE}


@dataclass(frozen=True)
class Data:
    """All p² pairs (p², 2) in order, their labels (p²,), and the indices (S, n) of those that each seed trains on."""

    pairs: Tensor
    labels: Tensor
    training: Tensor

    @property
    def trained(self) -> Tensor:
        """(S, p²): whether a pair is trained on."""
        chosen = torch.zeros(len(self.training), len(self.pairs), dtype=torch.bool)
        return chosen.scatter_(1, self.training, True)


def data_of(settings: RunSettings) -> Data:
    """Each seed trains on pairs of its own, drawn without replacement."""
    residues = torch.arange(settings.p)
    pairs = torch.cartesian_prod(residues, residues)
    labels = OPERATIONS[settings.operation](*pairs.T) % settings.p
    chosen = [np.sort(_random(SPLIT, seed).permutation(len(pairs))[:settings.training_size])
              for seed in settings.all_seeds]
    return Data(pairs, labels, torch.from_numpy(np.stack(chosen)))


def first_weights(settings: RunSettings) -> Tensor:
    """(S, 3p, K): as `torch.nn.Linear` starts, uniform within ``1/sqrt(2p)`` for W and ``1/sqrt(K)`` for V."""
    p, units = settings.p, settings.width
    w, v = [], []
    for seed in settings.all_seeds:
        generator = _random(START, seed)
        w.append(generator.uniform(-1, 1, (units, 2 * p)) / math.sqrt(2 * p))
        v.append(generator.uniform(-1, 1, (units, p)) / math.sqrt(units))
    return join(*(torch.from_numpy(np.stack(x)) for x in (w, v))).to(_dtype(settings))


def orders(settings: RunSettings, epoch: int) -> Tensor:
    """(S, n): in which order each seed takes its pairs in this epoch; (S, batch) where that is one drawn batch."""
    taken = settings.batch if settings.drawn else settings.training_size
    return torch.from_numpy(np.stack([_random(ORDER, seed, epoch).permutation(settings.training_size)[:taken]
                                      for seed in settings.all_seeds]))


def snapshot_epochs(epochs: int) -> list[int]:
    """0 and a geometric sequence; the epoch at which a run ends comes on top.

    >>> snapshot_epochs(20)
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18]
    """
    powers = range(math.floor(SNAPSHOTS_PER_DECADE * math.log10(epochs)) + 1)
    return sorted({0} | {round(10 ** (power / SNAPSHOTS_PER_DECADE)) for power in powers})


def _dtype(settings: RunSettings) -> torch.dtype:
    return {"float32": torch.float32, "float64": torch.float64}[settings.precision]


def _random(purpose: int, *key: int) -> np.random.Generator:
    return np.random.default_rng([purpose, *key])
