"""The data of a user as samples: trees of tensors with a row for each sample, or batches that come one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, default_collate
from torch.utils.data import Dataset as TorchDataset

from slt_symbolic.errors import InvalidInput

Tree = Any  # a tensor, or a tuple, list or dictionary of trees
LARGEST_KEPT = 2**31  # bytes of a loader's data that are kept; beyond, its batches are read again at each pass
WANTED = "(inputs, targets), each with a row for each sample; of a list of batches iter(it)"


@dataclass(frozen=True)
class Samples:
    """``tree``: every tensor in it has ``count`` rows, one for each sample."""

    tree: Tree
    count: int

    def rows(self, index: Tensor | slice) -> Tree:
        """The samples at ``index``, whose shape takes the place of the rows."""
        return mapped(self.tree, lambda x: x[index])

    def chunks(self, size: int) -> Iterator[tuple[float, Tree]]:
        """At most ``size`` samples at a time, and which share of all they are."""
        for start in range(0, self.count, size):
            stop = min(start + size, self.count)
            yield (stop - start) / self.count, self.rows(slice(start, stop))

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Samples:
        """The same with every tensor changed."""
        return Samples(mapped(self.tree, change), self.count)


@dataclass(frozen=True)
class Stream:
    """The batches of a ``loader`` whose ``count`` samples do not fit into memory, each made a tree by ``read``."""

    loader: Iterable[Any]
    count: int
    read: Callable[[Any], Tree]

    def chunks(self, size: int) -> Iterator[tuple[float, Tree]]:
        """The batches as they come, whatever the ``size``, and which share of all each is."""
        for batch in self.loader:
            tree = self.read(batch)
            yield rows_of(tree) / self.count, tree

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Stream:
        """The same with every tensor changed as it is read."""
        return Stream(self.loader, self.count, lambda batch: mapped(self.read(batch), change))


def samples_of(data: Any, whole_batches: bool = False) -> Samples | Stream:
    """The samples in ``data``: a pair, one tensor (its own target), arrays, a ``Dataset`` or batches of such things.

    Inputs may be a tuple or a dictionary. With ``whole_batches`` a batch may be any tree: a function of the user's
    reads it. A ``DataLoader`` beyond `LARGEST_KEPT` is a `Stream`. Raises `InvalidInput`.
    """
    def read(batch: Any) -> Tree:
        return _tensors(batch) if whole_batches else _pair(_tensors(batch))

    try:
        if isinstance(data, TorchDataset):
            if isinstance(data, IterableDataset) or not isinstance(data, Sized):
                raise InvalidInput("data", "is a data set whose samples come one by one", "a DataLoader of it")
            tree = read(default_collate([data[index] for index in range(len(data))]) if len(data) else ())
        elif isinstance(data, Iterable) and not isinstance(data, (tuple, list, Mapping, Tensor, np.ndarray, str)):
            kept: list[Tree] = []
            count = bytes_read = 0
            for batch in data:
                kept.append(read(batch))
                count, bytes_read = count + rows_of(kept[-1]), bytes_read + _bytes(kept[-1])
                if isinstance(data, DataLoader) and bytes_read > LARGEST_KEPT:
                    kept.clear()  # what does not fit is counted: a sampler may leave samples out, or have no length
            if isinstance(data, DataLoader) and bytes_read > LARGEST_KEPT:
                return Stream(data, count, read)
            tree = joined(kept or [read(())])
        else:
            tree = read(data)
        count = rows_of(tree)
    except InvalidInput:
        raise
    except (TypeError, ValueError, RuntimeError, KeyError):  # what is no tree of tensors
        raise InvalidInput("data", "is not inputs and targets with one row for each sample", WANTED) from None
    if count == 0:
        raise InvalidInput("data", "has no samples", "at least one")
    if any(x.is_meta for x in leaves(tree)):
        raise InvalidInput("data", "is on the device meta, where tensors hold no numbers", "device='cpu'")
    return Samples(tree, count)


def mapped(tree: Tree, change: Callable[[Tensor], Any]) -> Tree:
    """The tree with ``change`` at each of its tensors."""
    if isinstance(tree, Mapping):
        return {key: mapped(value, change) for key, value in tree.items()}
    if isinstance(tree, (tuple, list)):
        return tuple(mapped(value, change) for value in tree)
    return change(tree)


def joined(trees: list[Tree]) -> Tree:
    """Trees of the same form, one after another."""
    first = trees[0]
    if isinstance(first, Mapping):
        return {key: joined([tree[key] for tree in trees]) for key in first}
    if isinstance(first, tuple):
        return tuple(joined([tree[index] for tree in trees]) for index in range(len(first)))
    return torch.cat(trees)


def rows_of(tree: Tree) -> int:
    """The number of rows, the same in all tensors. Raises `ValueError`."""
    lengths = {len(x) for x in leaves(tree)}
    if len(lengths) != 1:
        raise ValueError("not one number of rows")
    return lengths.pop()


def leaves(tree: Tree) -> list[Tensor]:
    """The tensors of the tree."""
    if isinstance(tree, Mapping):
        return list(chain.from_iterable(leaves(value) for value in tree.values()))
    return list(chain.from_iterable(map(leaves, tree))) if isinstance(tree, tuple) else [tree]


def _tensors(batch: Any) -> Tree:
    """Arrays as tensors, lists as tuples. Raises `TypeError` for anything else."""
    def tensor(x: Any) -> Tensor:
        if not isinstance(x, (Tensor, np.ndarray)) or x.ndim == 0:
            raise TypeError("no tensor with rows")
        found = torch.as_tensor(x if isinstance(x, Tensor) else np.ascontiguousarray(x))
        if found.layout != torch.strided or found.is_nested:
            raise InvalidInput("data", "holds a sparse or nested tensor", "x.to_dense(), or x.to_padded_tensor(0)")
        return found

    if isinstance(batch, Mapping):
        return {str(key): _tensors(value) for key, value in batch.items()}
    if isinstance(batch, (tuple, list)):
        return tuple(_tensors(value) for value in batch)
    return tensor(batch)


def _pair(tree: Tree) -> Tree:
    """Inputs and targets; one tensor, alone or in a tuple, is its own target."""
    if isinstance(tree, tuple) and len(tree) == 1:
        tree = tree[0]
    if isinstance(tree, Tensor):
        return tree, tree
    if not (isinstance(tree, tuple) and len(tree) == 2):
        raise ValueError("no pair")
    return tree


def _bytes(tree: Tree) -> int:
    return sum(x.numel() * x.element_size() for x in leaves(tree))
