"""Networks along a training by drawn batches: labels true or random, the norm free or held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from numerics.grokking.epoch import TrainingState, evaluate, train_epoch
from numerics.grokking.settings import RunSettings, data_of, first_weights, orders
from numerics.losses.two_hot import TwoHotLoss
from numerics.studies.published.plan import Run, Size

FLOAT = torch.float32


@dataclass(frozen=True)
class Snapshot:
    """Weights (3p, K) after ``step`` steps, the loss that they were trained on, and what is known of them there."""

    step: int
    weights: Tensor
    loss: TwoHotLoss
    metrics: dict[str, float]

    @property
    def point(self) -> Tensor:
        """(3pK,)."""
        return self.weights.flatten()


def settings_of(size: Size, run: Run) -> RunSettings:
    """What `slt grok --steps` trains with these settings, but for random labels and a norm that is held."""
    return RunSettings(p=size.p, width=size.width, weight_decay=run.weight_decay, epochs=max(1, *run.steps),
                       seed=size.seed, drawn=True)


def snapshots(size: Size, run: Run) -> Iterator[Snapshot]:
    """The network at each of the run's steps; the same networks each time."""
    settings = settings_of(size, run)
    data = data_of(settings)
    labels = data.labels
    if run.labels == "random":
        labels = torch.randint(size.p, labels.shape, generator=torch.Generator().manual_seed(size.seed))
    state = TrainingState.start(first_weights(settings))
    chosen, norm = data.training[0], None
    batch = min(settings.batch, settings.training_size)
    loss = TwoHotLoss(data.pairs[chosen], one_hot(labels[chosen], size.p).T.to(FLOAT).contiguous(), size.width, True)
    for step in range(max(run.steps) + 1):
        if step:
            some = data.training.gather(1, orders(settings, step))
            train_epoch(state, data.pairs[some], labels[some], batch, settings.optimiser)
        if step == run.held_from:
            norm = state.weights.norm()
        if norm is not None:
            state.weights.mul_(norm / state.weights.norm())
        if step in run.steps:
            found = {name: float(x) for name, x in vars(evaluate(state.weights, labels, data.trained)).items()}
            yield Snapshot(step, state.weights[0].clone(), loss, found)
