"""Trains the seeds of a setting side by side, and keeps the weights along the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from numerics.grokking.epoch import Metrics, TrainingState, evaluate, train_epoch
from numerics.grokking.history import GROKKED
from numerics.grokking.settings import MEMORISED, Data, RunSettings, data_of, first_weights, orders
from numerics.studies.tracking.networks import NETWORKS, SideBySide
from numerics.studies.tracking.plan import LEARNED, SNAPSHOTS, Setting
from slt_symbolic.errors import InvalidInput


@dataclass(frozen=True)
class Course:
    """One training: metrics (T,) by name and weights (T, P) at ``epochs`` (T,); the pairs (n, 2) and labels (n,)."""

    seed: int
    epochs: NDArray[np.float64]
    metrics: dict[str, NDArray[np.float64]]
    weights: Tensor
    pairs: Tensor
    labels: Tensor

    @property
    def generalised(self) -> int | None:
        """The first index with validation accuracy 0.95, of a run that ends with it."""
        accuracy = self.metrics["validation_accuracy"]
        return int((accuracy >= GROKKED).argmax()) if accuracy[-1] >= GROKKED else None

    def watched(self) -> list[int]:
        """The indices that are measured, until it generalises or ends; none if it never learned its pairs."""
        learned = self.metrics["train_accuracy"] >= LEARNED
        if not learned.any():
            return []
        first, last = int(learned.argmax()), self.generalised
        last = len(self.epochs) - 1 if last is None else max(last, first)
        wanted = np.geomspace(self.epochs[first], self.epochs[last], SNAPSHOTS)
        near = np.abs(np.log(self.epochs[first: last + 1]) - np.log(wanted)[:, None]).argmin(1)
        return [int(first + index) for index in np.unique(near)]

    def later(self, number: int) -> list[int]:
        """So many indices between generalising and the last, evenly spread like those watched; fewer if they agree."""
        first, last = self.generalised, len(self.epochs) - 1
        if first is None or first == last:
            return []
        wanted = np.geomspace(self.epochs[first], self.epochs[last], number + 2)[1:-1]
        near = np.abs(np.log(self.epochs) - np.log(wanted)[:, None]).argmin(1)
        return [int(index) for index in np.unique(near) if first < index < last]


class _Trainer(Protocol):
    def epoch(self, number: int) -> None: ...

    def metrics(self) -> Metrics: ...

    def scale(self, factors: Tensor) -> None: ...

    @property
    def weights(self) -> Tensor: ...


def kept_epochs(epochs: int, kept: int) -> list[int]:
    """At most so many for each tenfold, and the last one.

    >>> kept_epochs(12, 40)
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    """
    powers = range(int(kept * np.log10(epochs)) + 1)
    return sorted({round(10 ** (power / kept)) for power in powers} | {epochs})


def courses(setting: Setting, seeds: range) -> list[Course]:
    """One for each of the seeds. Raises `InvalidInput` where one diverges: it is no run that did not generalise."""
    run = replace(setting.training(), seed=seeds[0], seeds=len(seeds))
    data = data_of(run)
    labels = _labels(setting, data, seeds)
    trainer: _Trainer = (_Quadratic(run, data, labels) if setting.model == "quadratic" else
                         _Module(setting, data, labels, seeds))
    kept, norms = set(kept_epochs(setting.epochs, setting.kept)), torch.full((len(seeds),), torch.nan)
    found: list[tuple[int, Metrics, Tensor]] = []
    for epoch in range(1, setting.epochs + 1):
        trainer.epoch(epoch)
        if setting.held and bool(norms.isfinite().any()):
            trainer.scale((norms / trainer.weights.norm(dim=1)).nan_to_num(1.0))
        if epoch in kept:
            metrics = trainer.metrics()
            _require_finite(setting, seeds, epoch, metrics)
            found.append((epoch, metrics, trainer.weights.clone()))
            new = norms.isnan() & (metrics.train_accuracy >= MEMORISED)
            norms = torch.where(new, metrics.weight_norm, norms)
    return _courses(found, seeds, data, labels)


def _require_finite(setting: Setting, seeds: range, epoch: int, metrics: Metrics) -> None:
    finite = torch.stack(list(vars(metrics).values())).isfinite().all(0)
    if not finite.all():
        raise InvalidInput(f"run {setting.name}, seed {seeds[int(finite.int().argmin())]}: lr={setting.lr:g}",
                           f"the loss is not finite at epoch {epoch}", "a smaller lr")


def _labels(setting: Setting, data: Data, seeds: range) -> Tensor:
    """(S, p²): the sums, or labels drawn for each seed."""
    if setting.labels == "sums":
        return data.labels.expand(len(seeds), -1)
    return torch.stack([torch.randint(setting.p, data.labels.shape, generator=torch.Generator().manual_seed(seed))
                        for seed in seeds])


def _courses(found: Sequence[tuple[int, Metrics, Tensor]], seeds: range, data: Data, labels: Tensor) -> list[Course]:
    epochs = np.array([epoch for epoch, *_ in found], float)
    series = {name: torch.stack([getattr(metrics, name) for _, metrics, _ in found]).double().numpy()
              for name in vars(found[0][1])}
    weights = torch.stack([weights for *_, weights in found])
    return [Course(seed, epochs, {name: x[:, index] for name, x in series.items()}, weights[:, index],
                   data.pairs[data.training[index]], labels[index, data.training[index]])
            for index, seed in enumerate(seeds)]


class _Quadratic:
    """As `slt grok` trains; its `evaluate` takes one set of labels for all networks."""

    def __init__(self, run: RunSettings, data: Data, labels: Tensor) -> None:
        self._run, self._data, self._labels = run, data, labels
        self._state = TrainingState.start(first_weights(run))

    def epoch(self, number: int) -> None:
        some = self._data.training.gather(1, orders(self._run, number))
        train_epoch(self._state, self._data.pairs[some], self._labels.gather(1, some),
                    min(self._run.batch, self._run.training_size), self._run.optimiser)

    def metrics(self) -> Metrics:
        each = [evaluate(self._state.weights[[index]], labels, self._data.trained[[index]])
                for index, labels in enumerate(self._labels)]
        return Metrics(*(torch.cat(x) for x in zip(*(tuple(vars(m).values()) for m in each), strict=True)))

    def scale(self, factors: Tensor) -> None:
        self._state.weights.mul_(factors[:, None, None])

    @property
    def weights(self) -> Tensor:
        return self._state.weights.flatten(1)


class _Module:
    """One step on all pairs an epoch; starts are drawn from the seed."""

    def __init__(self, setting: Setting, data: Data, labels: Tensor, seeds: range) -> None:
        networks = []
        for seed in seeds:
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                networks.append(NETWORKS[setting.model](setting.p, setting.width))
        self._data, self._labels = data, labels
        self._all = SideBySide(networks, data.pairs[data.training], labels.gather(1, data.training), setting.lr,
                               setting.weight_decay)

    def epoch(self, number: int) -> None:
        self._all.step()

    def metrics(self) -> Metrics:
        outputs, trained = self._all.outputs(self._data.pairs), self._data.trained.double()
        loss = cross_entropy(outputs.flatten(0, 1), self._labels.flatten(), reduction="none").view(self._labels.shape)
        right = outputs.argmax(2) == self._labels

        def share(values: Tensor, chosen: Tensor) -> Tensor:
            return (values * chosen).sum(1) / chosen.sum(1)

        return Metrics(share(loss, trained), share(loss, 1 - trained), share(right, trained), share(right, 1 - trained),
                       self._all.weights.norm(dim=1))

    def scale(self, factors: Tensor) -> None:
        self._all.scale(factors)

    @property
    def weights(self) -> Tensor:
        return self._all.weights
