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

from numerics.modules.safetensors import tensors_of
from numerics.networks.state_dict import require_plain
from slt_symbolic.errors import InvalidInput, one_line
from slt_symbolic.storage.reading import given_file

SAFE = ".safetensors"
SUFFIXES = (".pt", ".pth", ".ckpt", ".bin", SAFE)
IN_FOLDERS = (f"model{SAFE}", "pytorch_model.bin")  # of one checkpoint each, as Hugging Face's trainer leaves them
LARGEST = 2**32  # bytes
EXAMPLE = "torch.save(model.state_dict(), 'step_1000.pt')"
WITHIN = ("state_dict", "model_state_dict", "model", "module")  # where trainers keep the weights among other things
PREFIXES = ("module.", "model.", "_orig_mod.")  # that wrappers put before each name


@dataclass(frozen=True)
class Checkpoint:
    """A file, its ``name`` or that of the folder that is its own, in one line, and the ``step`` which that ends with.

    Where one has no number, all steps are places in the order of names.
    """

    path: Path
    step: int
    name: str


def checkpoints_in(folder: Path) -> list[Checkpoint]:
    """The checkpoints of a folder in the order of their steps. Raises `InvalidInput` where there are none."""
    if not folder.is_dir():
        raise InvalidInput(str(folder), "is no folder", "the folder of the checkpoints of a run")
    inside = sorted(folder.absolute().iterdir())
    paths = [path / name for path in inside for name in IN_FOLDERS if (path / name).is_file()]
    names = [path.parent.name for path in paths]
    if not paths:  # else files beside those folders are the trainer's own
        paths = [path for path in inside if path.suffix in SUFFIXES]
        names = [path.name for path in paths]
    if not paths:
        raise InvalidInput(str(folder), f"has no checkpoints *{', *'.join(SUFFIXES)}", EXAMPLE)
    numbers = [re.findall("[0-9]+", Path(name).stem) for name in names]
    steps = [int(found[-1]) for found in numbers] if all(numbers) else list(range(len(paths)))
    return sorted(map(Checkpoint, paths, steps, map(one_line, names)), key=lambda one: (one.step, one.name))


def content_of(checkpoint: Checkpoint) -> bytes:
    """The file as it is. Raises `InvalidInput`."""
    return given_file(checkpoint.path, LARGEST, str(checkpoint.path), EXAMPLE)


def load_into(model: torch.nn.Module, content: bytes, name: str) -> None:
    """Give the model the weights of a checkpoint. Raises `InvalidInput` if they do not fit or are not finite.

    The file holds a state dict, alone or among what a trainer keeps; nothing but tensors and plain data is unpickled.
    """
    weights = _weights(_loaded(content, name))
    if weights is None:
        raise InvalidInput(name, "holds no state dict", EXAMPLE)
    own = model.state_dict()
    weights = _with_tied(_without_prefix(weights, own), own)
    require_plain(weights, name, EXAMPLE)
    _require_fit(weights, own, name)
    bad = next((key for key, x in weights.items() if not bool(torch.isfinite(x).all())), None)
    if bad is not None:
        raise InvalidInput(name, f"{bad} is not finite", "a checkpoint from before the run diverged")
    model.load_state_dict(weights)


def _loaded(content: bytes, name: str) -> Any:
    try:
        if name.endswith(SAFE):
            return tensors_of(content)
        with warnings.catch_warnings(action="ignore"):
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # a damaged file raises whatever torch comes across
        kind = "safetensors" if name.endswith(SAFE) else "torch"
        raise InvalidInput(name, f"is not a {kind} file of tensors, or is damaged", EXAMPLE) from None


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


def _with_tied(weights: dict[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """With the names that safetensors leaves out: of weights that the model has under another name too."""
    held = {(own[key].data_ptr(), own[key].shape): x for key, x in weights.items() if key in own}
    places = {key: (x.data_ptr(), x.shape) for key, x in own.items() if key not in weights and x.numel()}
    return weights | {key: held[place] for key, place in places.items() if place in held}


def _require_fit(weights: Mapping[str, Tensor], own: Mapping[str, Tensor], name: str) -> None:
    for problem, keys in (("lacks", own.keys() - weights.keys()), ("has besides", weights.keys() - own.keys())):
        if keys:
            raise InvalidInput(name, f"does not fit the model: it {problem} {', '.join(sorted(keys)[:3])}",
                               "the model that was trained")
    for key, x in weights.items():
        if x.shape != own[key].shape:
            raise InvalidInput(name, f"does not fit the model: {key} is {tuple(x.shape)}, not {tuple(own[key].shape)}",
                               "the model that was trained")
