"""The operations of modular arithmetic that make a label from a and b."""

from __future__ import annotations

from collections.abc import Callable, Mapping

OPERATIONS: Mapping[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "sumsq": lambda a, b: a * a + b * b,
}
