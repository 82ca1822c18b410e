"""The weights of a quadratic network from a torch state dict, found by their shapes."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.reading import given_file

STATE_DICTS = (".pt", ".pth")
EXAMPLE = "torch.save(model.state_dict(), FILE), or numpy.savez(FILE, W=W, V=V)"


def state_dict_weights(path: Path, largest: int) -> dict[str, NDArray[np.float64]]:
    """``W`` (K, 2p) and ``V`` (K, p) of the file, of at most ``largest`` bytes; there V may be (p, K), as in `Linear`.

    Raises `InvalidInput` where no or several tensors have such shapes, and for further ones that are not zero, biases
    for example, which the network does not have.
    """
    tensors = _tensors(path, largest)
    keys = ", ".join(f"{key} {tuple(x.shape)}" for key, x in tensors.items()) or "none"
    found = [(inner, outer) for inner, outer in itertools.permutations(tensors, 2)
             if _is_network(tensors[inner], tensors[outer])]
    if len(found) != 1:
        problem = "no two tensors" if not found else "several tensors"
        raise InvalidInput(str(path), f"{problem} of shapes (K, 2p) and (p, K) or (K, p) among {keys}", EXAMPLE)
    inner, outer = found[0]
    for key, x in tensors.items():
        if key not in found[0] and bool(x.ne(0).any()):
            raise InvalidInput(str(path), f"{key} is not zero, and a quadratic network of {inner} and {outer} has none",
                               "a network without it")
    w, v = (tensors[key].to(torch.float64).numpy() for key in found[0])
    if v.shape[0] == v.shape[1]:
        raise InvalidInput(str(path), f"{outer} is square: whether its rows are units or outputs is not clear",
                           "numpy.savez(FILE, W=W, V=V) with one row for each unit")
    return {"W": w, "V": v if len(v) == len(w) else v.T}


def _tensors(path: Path, largest: int) -> dict[str, Tensor]:
    """All tensors of the file; nothing but tensors is unpickled."""
    content = io.BytesIO(given_file(path, largest, str(path), EXAMPLE))
    try:
        with warnings.catch_warnings(action="ignore"):
            loaded = torch.load(content, map_location="cpu", weights_only=True)
    except Exception:  # a damaged file raises whatever torch comes across
        raise InvalidInput(str(path), "is not a torch file of tensors, or is damaged", EXAMPLE) from None
    if not isinstance(loaded, Mapping) or not all(isinstance(x, Tensor) for x in loaded.values()):
        raise InvalidInput(str(path), "is not a state dict", EXAMPLE)
    require_plain(loaded, str(path), EXAMPLE)
    if sum(x.numel() for x in loaded.values()) * 8 > largest:  # a small file can hold a large tensor, of equal numbers
        raise InvalidInput(str(path), f"its tensors would take more than {largest} bytes", "a smaller network")
    return {str(key): x.detach().resolve_neg() for key, x in loaded.items()}


def require_plain(tensors: Mapping[str, Tensor], name: str, remedy: str) -> None:
    """Raise `InvalidInput` about ``name`` unless all tensors hold real numbers, one for each entry."""
    for key, x in tensors.items():
        if x.is_nested or x.is_meta or x.layout is not torch.strided or x.is_complex() or x.is_quantized:
            raise InvalidInput(name, f"{key} is no plain tensor of real numbers", remedy)


def _is_network(inner: Tensor, outer: Tensor) -> bool:
    if inner.dim() != 2 or outer.dim() != 2:
        return False
    units, width = inner.shape
    return width % 2 == 0 and set(outer.shape) == {units, width // 2} and 0 not in inner.shape
