"""Where a grokking run stands, and how that is kept in its folder.

``settings.json``; ``checkpoint`` and its predecessor; ``history.csv``, a row for each evaluated epoch and seed; and as
`numerics.networks.file` reads them, ``snapshots/seed_S/epoch_NNNNNN.npz``, networks along the way, and ``final.npz``
(of several seeds ``final_seed_S.npz``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from numerics.grokking.epoch import TrainingState
from numerics.grokking.settings import Data, RunSettings, snapshot_epochs
from numerics.losses.two_hot import split
from numerics.networks.file import Network, read_network
from slt_symbolic.errors import InvalidInput, note
from slt_symbolic.storage import checkpoints as checkpoint
from slt_symbolic.storage.files import subfolder, write_atomically
from slt_symbolic.storage.reading import Unreadable, read_json

SETTINGS, LARGEST_SETTINGS = "settings.json", 2**16  # bytes
STATE = ("weights", "first", "second", "steps")
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
    path, ours = folder / SETTINGS, settings.to_json()
    try:
        theirs = read_json(path, LARGEST_SETTINGS)
    except FileNotFoundError:
        if (folder / checkpoint.LATEST).exists():
            raise InvalidInput(str(folder), "holds a checkpoint, but no settings.json", "another folder") from None
        write_atomically(path, json.dumps(ours, indent=2) + "\n")
        return
    except Unreadable:
        theirs = None
    if not isinstance(theirs, dict):
        raise InvalidInput(str(folder), "its settings.json is damaged", "another folder")
    for name in {**ours, **theirs}:
        if name not in ours:
            raise InvalidInput(str(folder), f"its settings.json has {name}, which no run has", "another folder")
        if name not in theirs or theirs[name] != ours[name]:
            raise InvalidInput(str(folder), f"holds a run with {name} = {theirs.get(name)}, not {ours[name]}",
                               "another folder, or the settings of that run")


def load_position(run: Run) -> Position | None:
    """The position of the checkpoint, or None if there is none. What is wrong with it is told on stderr."""
    position, problem = checkpoint.load(run.folder, run.settings.to_json(), partial(_position_of, run))
    if problem:
        note(problem)
    return position


def _position_of(run: Run, arrays: checkpoint.Arrays) -> Position:
    """The position that was saved. Raises `KeyError` or `Damaged` where the arrays are not those of this run."""
    settings = run.settings
    networks = settings.seeds, 3 * settings.p, settings.width
    evaluated = arrays["evaluated"].shape[:1] or (0,)
    wanted = {"weights": networks, "first": networks, "second": networks, "steps": (), "epoch": (),
              "evaluated": evaluated, "rows": (*evaluated, settings.seeds, len(COLUMNS)),
              "held_since": (settings.seeds,)}
    for name, shape in wanted.items():
        if arrays[name].shape != shape or 0 in shape:
            raise checkpoint.Damaged(f"has {name} of shape {arrays[name].shape}, not {shape}")
    if not 0 <= int(arrays["epoch"]) <= settings.epochs:
        raise checkpoint.Damaged(f"is at epoch {arrays['epoch']}, of {settings.epochs}")
    # Clones, because sums may be rounded differently at addresses that are aligned differently.
    state = TrainingState(*(torch.from_numpy(arrays[name]).clone() for name in STATE))
    return Position(int(arrays["epoch"]), state, tuple(arrays["evaluated"].tolist()), tuple(arrays["rows"]),
                    arrays["held_since"])


def save_position(run: Run, position: Position) -> None:
    """Checkpoint and history."""
    state = {name: tensor.numpy() for name, tensor in vars(position.state).items()}
    checkpoint.save(run.folder, {"epoch": np.array(position.epoch), "evaluated": np.array(position.evaluated),
                                 "rows": np.array(position.rows), "held_since": position.held_since, **state},
                    run.settings.to_json())
    lines = [",".join(("seed", "epoch", *COLUMNS))]
    for epoch, row in zip(position.evaluated, position.rows, strict=True):
        lines += [",".join((str(seed), str(epoch), *(f"{value:.9g}" for value in values)))
                  for seed, values in zip(run.settings.all_seeds, row, strict=True)]
    write_atomically(run.folder / "history.csv", "\n".join(lines) + "\n")


def write_snapshots(run: Run, position: Position) -> None:
    """The networks at this epoch."""
    for network, seed in enumerate(run.settings.all_seeds):
        subfolder(run.folder, "snapshots", f"seed_{seed}")
        _write_network(run, position, network, _snapshot(run.folder, seed, position.epoch))


def report_lost_snapshots(run: Run, position: Position) -> None:
    """Say on stderr which networks along the way up to this epoch are not there, or are damaged."""
    due = [epoch for epoch in snapshot_epochs(run.settings.epochs) if epoch <= position.epoch]
    settings = run.settings.to_json()
    lost = [problem for seed in run.settings.all_seeds for epoch in due
            if (problem := _problem_of(_snapshot(run.folder, seed, epoch), origin_of(settings, seed, epoch)))]
    if lost:
        more = f" and {len(lost) - 1} more" if lost[1:] else ""
        note(f"{lost[0]}{more}: only a run in another folder makes them again")


def _problem_of(path: Path, origin: str) -> str | None:
    if not path.exists():
        return f"{path} is missing"
    try:
        problem = misplaced(read_network(path), origin)
    except InvalidInput:
        problem = "is damaged"
    return problem and f"{path} {problem}"


def origin_of(settings: Mapping[str, Any], seed: int, epoch: int) -> str:
    """What a network along the way says of itself, so that no other is taken for it."""
    return f"seed {seed}, epoch {epoch} of the run {checkpoint.digest_of(settings)[:16]}"


def misplaced(network: Network, origin: str) -> str | None:
    """What is wrong if the network says that it comes from elsewhere; files of others say nothing."""
    return None if network.origin in (None, origin) else f"holds the network of {network.origin}"


def settings_in(folder: Path) -> Mapping[str, Any] | None:
    """The settings of the run that the folder holds, as they were written; None if they cannot be read."""
    try:
        found = read_json(folder / SETTINGS, LARGEST_SETTINGS)
    except (OSError, Unreadable):
        return None
    return found if isinstance(found, dict) else None


def _snapshot(folder: Path, seed: int, epoch: int) -> Path:
    return folder / "snapshots" / f"seed_{seed}" / f"epoch_{epoch:06d}.npz"


def write_final(run: Run, position: Position) -> None:
    """The networks where the run ended."""
    for network, seed in enumerate(run.settings.all_seeds):
        name = "final.npz" if run.settings.seeds == 1 else f"final_seed_{seed}.npz"
        _write_network(run, position, network, run.folder / name)


def _write_network(run: Run, position: Position, network: int, path: Path) -> None:
    w, v = (weights[network].numpy() for weights in split(position.state.weights))
    origin = origin_of(run.settings.to_json(), run.settings.all_seeds[network], position.epoch)
    write_atomically(path, checkpoint.packed(
        {"W": w, "V": v, "pairs": run.data.pairs[run.data.training[network]].numpy(), "centred": np.array(True),
         "operation": np.array(run.settings.operation), "origin": np.array(origin)}))
