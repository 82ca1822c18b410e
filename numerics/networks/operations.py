"""The operations of modular arithmetic that make a label from a and b."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from torch import Tensor

Residue = TypeVar("Residue", int, Tensor)  # one, or many


class Operation(Protocol):
    """From a and b to what is the label modulo p."""

    def __call__(self, a: Residue, b: Residue, /) -> Residue:
        """An integer that is the label modulo p, or an array of them."""
        ...


def _add(a: Residue, b: Residue) -> Residue:
    return a + b


def _sub(a: Residue, b: Residue) -> Residue:
    return a - b


def _mul(a: Residue, b: Residue) -> Residue:
    return a * b


def _sumsq(a: Residue, b: Residue) -> Residue:
    return a * a + b * b


OPERATIONS: Mapping[str, Operation] = {"add": _add, "sub": _sub, "mul": _mul, "sumsq": _sumsq}
