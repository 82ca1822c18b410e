"""Where a grokking run stands, and how that is kept in its folder.

``settings.json``; ``checkpoint`` and its predecessor; ``history.csv``, a row for each evaluated epoch and seed; and as
`numerics.networks.file` reads them, ``snapshots/seed_S/epoch_NNNNNN.npz``, networks along the way, and ``final.npz``
(of several seeds ``final_seed_S.npz``).
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from numerics.grokking.epoch import TrainingState
from numerics.grokking.settings import Data, RunSettings
from numerics.losses.two_hot import split
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage import checkpoints as checkpoint
from slt_symbolic.storage.files import write_atomically

COLUMNS = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy", "weight_norm")


@dataclass(frozen=True)
class Run:
    """A run: its ``settings``, the ``data`` that they determine, and the ``folder`` that keeps what comes of them."""

    settings: RunSettings
    data: Data
    folder: Path


@dataclass(frozen=True)
class Position:
    """A run after ``epoch`` epochs: networks; the epochs evaluated, with `COLUMNS` (S, 5) each; ``held_since`` (S,).

    ``held_since``: since which evaluation validation accuracy has been high without a break, -1 if it is not high.
    """

    epoch: int
    state: TrainingState
    evaluated: tuple[int, ...]
    rows: tuple[NDArray[np.float64], ...]
    held_since: NDArray[np.int64]


def claim(folder: Path, settings: RunSettings) -> None:
    """Write settings.json, or see that it is ours. Raises `InvalidInput` if the folder holds something else."""
    path, ours = folder / "settings.json", settings.to_json()
    if not path.exists():
        if (folder / checkpoint.LATEST).exists():
            raise InvalidInput(str(folder), "holds a checkpoint, but no settings.json", "another folder")
        write_atomically(path, json.dumps(ours, indent=2).encode() + b"\n")
        return
    try:
        theirs = json.loads(path.read_text())
    except ValueError:
        theirs = None
    if not isinstance(theirs, dict):
        raise InvalidInput(str(folder), "its settings.json is damaged", "another folder")
    for name in ours:
        if theirs.get(name) != ours[name]:
            raise InvalidInput(str(folder), f"holds a run with {name} = {theirs.get(name)}, not {ours[name]}",
                               "another folder, or the settings of that run")


def load_position(folder: Path) -> Position | None:
    """The position of the checkpoint, or None if there is none. What is wrong with it is told on stderr."""
    arrays, problem = checkpoint.load(folder)
    if problem:
        print(f"note: {problem}", file=sys.stderr)
    if arrays is None:
        return None
    # Clones, because sums may be rounded differently at addresses that are aligned differently.
    state = TrainingState(*(torch.from_numpy(arrays[name]).clone() for name in ("weights", "first", "second", "steps")))
    return Position(int(arrays["epoch"]), state, tuple(arrays["evaluated"].tolist()), tuple(arrays["rows"]),
                    arrays["held_since"])


def save_position(run: Run, position: Position) -> None:
    """Checkpoint and history."""
    state = {name: tensor.numpy() for name, tensor in vars(position.state).items()}
    checkpoint.save(run.folder, {"epoch": np.array(position.epoch), "evaluated": np.array(position.evaluated),
                                 "rows": np.array(position.rows), "held_since": position.held_since, **state})
    lines = [",".join(("seed", "epoch", *COLUMNS))]
    for epoch, row in zip(position.evaluated, position.rows, strict=True):
        lines += [",".join((str(seed), str(epoch), *(f"{value:.9g}" for value in values)))
                  for seed, values in zip(run.settings.all_seeds, row, strict=True)]
    write_atomically(run.folder / "history.csv", ("\n".join(lines) + "\n").encode())


def write_snapshots(run: Run, position: Position) -> None:
    """The networks at this epoch."""
    for network, seed in enumerate(run.settings.all_seeds):
        inside = run.folder / "snapshots" / f"seed_{seed}"
        inside.mkdir(parents=True, exist_ok=True)
        _write_network(run, position.state, network, inside / f"epoch_{position.epoch:06d}.npz")


def write_final(run: Run, position: Position) -> None:
    """The networks where the run ended."""
    for network, seed in enumerate(run.settings.all_seeds):
        name = "final.npz" if run.settings.seeds == 1 else f"final_seed_{seed}.npz"
        _write_network(run, position.state, network, run.folder / name)


def _write_network(run: Run, state: TrainingState, network: int, path: Path) -> None:
    w, v = (weights[network].numpy() for weights in split(state.weights))
    write_atomically(path, checkpoint.packed(
        {"W": w, "V": v, "pairs": run.data.pairs[run.data.training[network]].numpy(), "centred": np.array(True),
         "operation": np.array(run.settings.operation)}))
