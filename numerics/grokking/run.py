"""`slt grok`: quadratic networks trained on modular arithmetic until they generalise, several seeds side by side.

The training is that of `numerics.grokking.epoch`, the defaults are the published ones (`RunSettings`). A run ends after
its epochs, or once every seed has held a validation accuracy of 0.95 for 1000 of them. An epoch is a pass over the
training pairs, or where batches are drawn one step, which the published runs call an epoch. Killed at any moment and
started again, it goes on from its checkpoint to the same end, bit by bit.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from numerics.grokking.epoch import TrainingState, evaluate, train_epoch
from numerics.grokking.folder import (
    Position,
    Run,
    claim,
    load_position,
    report_lost_snapshots,
    save_position,
    write_final,
    write_snapshots,
)
from numerics.grokking.settings import (
    GENERALISED,
    HELD_FOR,
    MEMORISED,
    Data,
    RunSettings,
    data_of,
    first_weights,
    orders,
    snapshot_epochs,
)
from numerics.threads import one_thread
from slt_symbolic.storage.signals import held_back

EVALUATED_UP_TO = 100  # every epoch
EVALUATED_EVERY = {"epoch": 10, "step": 100}  # from then on: it costs as much as some ten steps
CHECKPOINT_SECONDS = 20.0  # what a kill may cost
RISING = 0.05  # gain in validation accuracy since half as many epochs that is called generalising


class Diverged(ArithmeticError):
    """The loss is no longer finite."""


def run(settings: RunSettings, folder: Path, progress: bool = False) -> Position:
    """Train to the end, from the checkpoint in the folder if there is one, and write everything into the folder.

    The folder is held by the caller (`slt_symbolic.storage.results_folder`). Raises `InvalidInput` if another run or
    only damaged checkpoints are in it; `Diverged`; `OSError`, when the disk is full say, and what was saved before is
    still there. An interrupt, or SIGTERM, ends it after the epoch, with a checkpoint.
    """
    claim(folder, settings)
    with torch.inference_mode(), one_thread():
        this = Run(settings, data_of(settings), folder)
        position = load_position(this)
        if position is None:
            nothing = Position(0, TrainingState.start(first_weights(settings)), (), (), np.full(settings.seeds, -1))
            position = _with_evaluation(nothing, this.data)
            write_snapshots(this, position)
        report_lost_snapshots(this, position)
        position = _train(this, position, progress)
        save_position(this, position)
        write_snapshots(this, position)
        write_final(this, position)
    return position


def _train(run: Run, position: Position, progress: bool) -> Position:
    settings, data = run.settings, run.data
    snapshots = frozenset(snapshot_epochs(settings.epochs))
    batch, every = min(settings.batch, settings.training_size), EVALUATED_EVERY[settings.unit]
    saved = time.monotonic()
    bar_of = partial(tqdm, unit=settings.unit, disable=None if progress else True, leave=False)
    with bar_of(total=settings.epochs, initial=position.epoch, desc=_phases(position)) as bar, held_back() as signals:
        while not _finished(settings, position):
            epoch = position.epoch + 1
            chosen = data.training.gather(1, orders(settings, epoch))
            train_epoch(position.state, data.pairs[chosen], data.labels[chosen], batch, settings.optimiser)
            position = replace(position, epoch=epoch)
            if epoch <= EVALUATED_UP_TO or epoch % every == 0 or epoch == settings.epochs:
                position = _with_evaluation(position, data)
                bar.set_description(_phases(position), refresh=False)
            if epoch in snapshots:
                write_snapshots(run, position)
            if signals.pending or time.monotonic() > saved + CHECKPOINT_SECONDS:
                save_position(run, position)
                saved = time.monotonic()
                signals.deliver()
            bar.update()
    return position


def _finished(settings: RunSettings, position: Position) -> bool:
    held = (position.held_since >= 0) & (position.held_since + HELD_FOR <= position.evaluated[-1])
    return position.epoch == settings.epochs or bool(held.all())


def _with_evaluation(position: Position, data: Data) -> Position:
    metrics = evaluate(position.state.weights, data.labels, data.trained)
    row = torch.stack(astuple(metrics), 1).to(torch.float64).numpy()
    if not np.isfinite(row).all():
        raise Diverged(f"the loss is not finite at epoch {position.epoch}; try a smaller lr")
    first = np.where(position.held_since < 0, position.epoch, position.held_since)
    return replace(position, evaluated=(*position.evaluated, position.epoch), rows=(*position.rows, row),
                   held_since=np.where(row[:, 3] < GENERALISED, -1, first))


def _phases(position: Position) -> str:
    counts = Counter(phase(position, network) for network in range(len(position.held_since)))
    return ", ".join(name if len(position.held_since) == 1 else f"{count} {name}" for name, count in counts.items())


def phase(position: Position, network: int) -> str:
    """Memorising, plateau, generalising (validation accuracy rises) or done, at the last evaluation."""
    _, _, train, validation, _ = position.rows[-1][network]
    if train < MEMORISED:
        return "memorising"
    if validation >= GENERALISED:
        return "done"
    before = position.rows[bisect_right(position.evaluated, position.evaluated[-1] // 2) - 1][network, 3]
    return "generalising" if validation >= before + RISING else "plateau"


def memorised_at(position: Position, network: int) -> int | None:
    """The first epoch with a train accuracy of `MEMORISED`, among those evaluated."""
    return next((epoch for epoch, row in zip(position.evaluated, position.rows, strict=True)
                 if row[network, 2] >= MEMORISED), None)


def summary(settings: RunSettings, position: Position) -> Sequence[str]:
    """A line about the run and one for each seed."""
    unit = settings.unit
    lines = [f"{settings.operation} modulo {settings.p}, {settings.width} units, {settings.training_size} of "
             f"{settings.p**2} pairs, {position.epoch} {unit}s"]
    for network, seed in enumerate(settings.all_seeds):
        _, _, train, validation, _ = position.rows[-1][network]
        memorised = memorised_at(position, network)
        held = int(position.held_since[network])
        lines.append(f"  seed {seed}: " + ("not memorised" if memorised is None else f"memorised at {unit} {memorised}")
                     + (", not generalised" if held < 0 else f", generalised from {unit} {held} on")
                     + f"; accuracy at the end: train {train:.3f}, validation {validation:.3f}")
    return lines
