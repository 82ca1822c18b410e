"""A trained quadratic network from a file: read, and checked before anything is computed from it.

The file is an ``.npz`` of ``numpy.savez`` with ``W`` (K, 2p) and ``V`` (K, p), or ``w`` and ``v``, for ``f(a, b) =
sum_j V_j (W_j·[e_a; e_b])^2`` on modular addition. Optional are ``pairs`` (N, 2), the training set (default: all p^2
pairs), ``centred``, whether constants per output are not seen (default: true), and ``operation``, which makes the
labels from a and b (default: add), and a text ``origin``. A ``.pt`` or ``.pth`` file holds the weights alone
(`numerics.networks.state_dict`).
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numerics.losses.architectures import Quadratic
from numerics.losses.polynomial import Dataset, Twin
from numerics.losses.two_hot import TwoHotLoss, join, split
from numerics.networks.operations import OPERATIONS
from numerics.networks.state_dict import STATE_DICTS, state_dict_weights
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.data import Pair, TwoHotPairs, all_pairs, check_pairs
from slt_symbolic.storage.reading import given_file

LARGEST_FILE = 2**28  # bytes, unpacked
LARGEST_WEIGHT = 1e15  # polishing computes some 14th powers of weights, and doubles end at 1e308
LARGEST_MEMORY = 2**32  # bytes, of what a laptop has: all that a network takes on its pairs
COPIES = 4  # of them, while a network is polished
EXAMPLE = "numpy.savez(FILE, W=W, V=V)"


@dataclass(frozen=True)
class Network:
    """Weights ``w`` (K, 2p) and ``v`` (K, p), finite float64, with the training set they belong to.

    ``origin``: what the file says of the run that it comes from, if anything.
    """

    w: NDArray[np.float64]
    v: NDArray[np.float64]
    pairs: tuple[Pair, ...]
    centred: bool
    operation: str
    origin: str | None = None

    @property
    def modulus(self) -> int:
        """The p of the labels modulo p: the number of outputs."""
        return int(self.v.shape[1])

    @property
    def targets(self) -> NDArray[np.int64]:
        """(N, p): the labels of the pairs, one-hot."""
        labels = [OPERATIONS[self.operation](a, b) % self.modulus for a, b in self.pairs]
        return np.eye(self.modulus, dtype=np.int64)[labels]

    def at(self, theta: Tensor) -> Network:
        """A copy with other weights ``theta`` (P,)."""
        w, v = np.split(theta.numpy(), [self.w.size])
        return replace(self, w=w.reshape(self.w.shape), v=v.reshape(self.v.shape))

    @property
    def theta(self) -> Tensor:
        """(P,): the weights as parameters of `loss`."""
        return torch.from_numpy(np.concatenate([self.w.ravel(), self.v.ravel()]))

    @property
    def loss(self) -> Twin:
        """Half the mean squared error over the pairs, labels one-hot; if centred, less the mean error of each output.

        Squares are summed over outputs: this is the negative log likelihood in nats per sample, up to a constant, if
        each output has Gaussian noise of variance 1.
        """
        p = self.modulus
        inputs = torch.from_numpy(TwoHotPairs(p, self.pairs).matrix()).to(torch.float64)
        targets = torch.from_numpy(self.targets).to(torch.float64)
        return Twin(Quadratic(2 * p, p, len(self.w)), Dataset(inputs, targets, self.centred))

    def two_hot(self, dtype: torch.dtype) -> tuple[TwoHotLoss, Tensor]:
        """The loss as a `TwoHotLoss`, for any size, and the weights as its theta (3pK,)."""
        targets = torch.from_numpy(self.targets.T.copy()).to(dtype)
        w, v = (torch.from_numpy(x)[None] for x in (self.w, self.v))
        return TwoHotLoss(torch.tensor(self.pairs), targets, len(self.w), self.centred), join(w, v).flatten().to(dtype)

    def at_two_hot(self, theta: Tensor) -> Network:
        """A copy with the weights theta (3pK,) of `two_hot`."""
        w, v = (x[0].contiguous().numpy() for x in split(theta.view(1, -1, len(self.w)).to(torch.float64)))
        return replace(self, w=w, v=v)


def read_network(path: Path, pairs: object = None, operation: str | None = None,
                 centred: bool | None = None) -> Network:
    """The network in the file; what else is given goes before what the file says.

    Raises `InvalidInput` for whatever is missing, misshapen, not finite or no such file.
    """
    arrays = state_dict_weights(path, LARGEST_FILE) if path.suffix in STATE_DICTS else _arrays(path)
    arrays |= {name: np.array(x) for name, x in (("operation", operation), ("centred", centred)) if x is not None}
    w, v = (_weights(path, arrays, name) for name in ("W", "V"))
    if len(w) != len(v):
        raise InvalidInput(str(path), f"W has {len(w)} rows and V has {len(v)}", "one row of each for each unit")
    p = v.shape[1]
    if w.shape[1] != 2 * p:
        raise InvalidInput(str(path), f"W has {w.shape[1]} columns and V has {p}: this is not modular addition, and "
                           "inputs and targets of other data are missing", f"W with {2 * p} columns")
    is_centred = _scalar(path, arrays, "centred", (True, False), True)
    labels = _scalar(path, arrays, "operation", tuple(OPERATIONS), "add")
    listed = arrays["pairs"].tolist() if pairs is None and "pairs" in arrays else pairs
    require_memory(p, p**2 if listed is None else len(listed) if isinstance(listed, list) else 0, str(path),
                   "fewer units" if len(w) > p**2 else "a training set of fewer pairs", len(w))
    checked = all_pairs(p).pairs if listed is None else check_pairs(p, listed, is_centred)
    origin = arrays.get("origin")
    return Network(w, v, checked, is_centred, labels, None if origin is None else str(origin))


def require_memory(p: int, pairs: int, argument: str, remedy: str, units: int = 1) -> None:
    """Raise `InvalidInput` about ``argument`` where a network on so many pairs modulo p would not fit into memory."""
    size = 8 * COPIES * (pairs * (3 * p + units) + units**2)  # units are compared with each other
    if size > LARGEST_MEMORY:
        what = f"p = {p} with {pairs} pairs" + (f" and {units} units" if units > pairs else "")
        raise InvalidInput(argument, f"{what} would take {size / 2**30:.3g} GiB, more than {LARGEST_MEMORY // 2**30}",
                           remedy)


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of the file, none of them pickled."""
    content = io.BytesIO(given_file(path, LARGEST_FILE, str(path), EXAMPLE))
    try:
        with zipfile.ZipFile(content) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > LARGEST_FILE:
            raise InvalidInput(str(path), f"holds {size} bytes, more than {LARGEST_FILE}", "a smaller network")
        with warnings.catch_warnings(action="ignore"), np.load(content, allow_pickle=False) as loaded:
            return {name: loaded[name] for name in loaded.files if isinstance(loaded[name], np.ndarray)}
    except InvalidInput:
        raise
    except Exception:  # a damaged file raises whatever zipfile, zlib and numpy come across
        raise InvalidInput(str(path), "is not an .npz file of plain arrays, or is damaged", EXAMPLE) from None


def _weights(path: Path, arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.float64]:
    found = arrays.get(name, arrays.get(name.lower()))
    if found is None:
        raise InvalidInput(str(path), f"has no array {name}", EXAMPLE)
    if found.ndim != 2 or 0 in found.shape or found.dtype.kind not in "fiu":
        raise InvalidInput(str(path), f"{name} is {found.dtype} of shape {found.shape}, not a matrix of real numbers",
                           f"{name} with one row for each unit")
    weights = found.astype(np.float64)
    if not np.isfinite(weights).all():
        raise InvalidInput(str(path), f"{name} has entries that are not finite", "a network whose training converged")
    if np.abs(weights).max() > LARGEST_WEIGHT:
        raise InvalidInput(str(path), f"{name} has an entry beyond {LARGEST_WEIGHT:g}, and losses would overflow",
                           "a network whose training converged")
    return weights


def _scalar(path: Path, arrays: Mapping[str, NDArray[Any]], name: str, allowed: tuple[Any, ...], default: Any) -> Any:
    if name not in arrays:
        return default
    value = arrays[name].tolist()
    if isinstance(value, list) or value not in allowed:
        shown = ", ".join(str(x).lower() for x in allowed)
        raise InvalidInput(str(path), f"{name} is {value!r}, not one of {shown}", f"{name}={default!r}")
    return type(default)(value)
