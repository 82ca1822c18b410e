"""Checkpoints of anybody's training run: the files of a folder in their order, and the weights in one of them."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from numerics.networks.state_dict import require_plain
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.reading import given_file

SUFFIXES = (".pt", ".pth", ".ckpt", ".bin")
LARGEST = 2**32  # bytes
EXAMPLE = "torch.save(model.state_dict(), 'step_1000.pt')"
WITHIN = ("state_dict", "model_state_dict", "model", "module")  # where trainers keep the weights among other things
PREFIXES = ("module.", "model.", "_orig_mod.")  # that wrappers put before each name


@dataclass(frozen=True)
class Checkpoint:
    """A file, and the ``step`` that its name ends with, or else its place in the order of names."""

    path: Path
    step: int


def checkpoints_in(folder: Path) -> list[Checkpoint]:
    """The checkpoints of a folder in the order of their steps. Raises `InvalidInput` where there are none."""
    if not folder.is_dir():
        raise InvalidInput(str(folder), "is no folder", "the folder of the checkpoints of a run")
    paths = sorted(path for path in folder.absolute().iterdir() if path.suffix in SUFFIXES)
    if not paths:
        raise InvalidInput(str(folder), f"has no checkpoints *{', *'.join(SUFFIXES)}", EXAMPLE)
    numbers = [re.findall("[0-9]+", path.stem) for path in paths]
    steps = [int(found[-1]) for found in numbers] if all(numbers) else list(range(len(paths)))
    return sorted(map(Checkpoint, paths, steps), key=lambda one: (one.step, one.path.name))


def content_of(checkpoint: Checkpoint) -> bytes:
    """The file as it is. Raises `InvalidInput`."""
    return given_file(checkpoint.path, LARGEST, str(checkpoint.path), EXAMPLE)


def load_into(model: torch.nn.Module, content: bytes, name: str) -> None:
    """Give the model the weights of a checkpoint. Raises `InvalidInput` if they do not fit or are not finite.

    The file holds a state dict, alone or among what a trainer keeps; nothing but tensors and plain data is unpickled.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # a damaged file raises whatever torch comes across
        raise InvalidInput(name, "is not a torch file of tensors, or is damaged", EXAMPLE) from None
    weights = _weights(loaded)
    if weights is None:
        raise InvalidInput(name, "holds no state dict", EXAMPLE)
    own = model.state_dict()
    weights = _without_prefix(weights, own)
    require_plain(weights, name, EXAMPLE)
    _require_fit(weights, own, name)
    bad = next((key for key, x in weights.items() if not bool(torch.isfinite(x).all())), None)
    if bad is not None:
        raise InvalidInput(name, f"{bad} is not finite", "a checkpoint from before the run diverged")
    model.load_state_dict(weights)


def _weights(loaded: Any) -> dict[str, Tensor] | None:
    """The state dict in what was loaded, if there is one."""
    for key in WITHIN:
        if isinstance(loaded, Mapping) and isinstance(loaded.get(key), Mapping):
            return _weights(loaded[key])
    plain = isinstance(loaded, Mapping) and loaded and all(isinstance(x, Tensor) for x in loaded.values())
    return {str(key): x for key, x in loaded.items()} if plain else None


def _without_prefix(weights: dict[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Names as the model has them."""
    for prefix in PREFIXES:
        if not weights.keys() & own.keys() and all(key.startswith(prefix) for key in weights):
            return _without_prefix({key.removeprefix(prefix): x for key, x in weights.items()}, own)
    return weights


def _require_fit(weights: Mapping[str, Tensor], own: Mapping[str, Tensor], name: str) -> None:
    for problem, keys in (("lacks", own.keys() - weights.keys()), ("has besides", weights.keys() - own.keys())):
        if keys:
            raise InvalidInput(name, f"does not fit the model: it {problem} {', '.join(sorted(keys)[:3])}",
                               "the model that was trained")
    for key, x in weights.items():
        if x.shape != own[key].shape:
            raise InvalidInput(name, f"does not fit the model: {key} is {tuple(x.shape)}, not {tuple(own[key].shape)}",
                               "the model that was trained")
