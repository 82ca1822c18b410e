"""The symbols of a formula, their domain, and the sizes that users give for them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from slt_symbolic.errors import InvalidInput

LARGEST_SIZE = 10**18

Sizes = Mapping[str, Any]  # a value for each parameter; pairs, where given, under "pairs"


@dataclass(frozen=True)
class Parameter:
    """A symbol of a formula: an integer ``>= minimum``, or a flag (0 or 1 in the formula).

    With a ``length`` it is a list of at least so many of them, as text joined by ``-``: no symbol, see `Derived`.
    """

    name: str
    meaning: str
    minimum: int = 1
    is_flag: bool = False
    length: int = 0
    default: sympy.Expr | None = None  # in terms of the parameters before it

    @property
    def symbol(self) -> sympy.Symbol:
        """The symbol that stands for it in the formulas."""
        return sympy.Symbol(self.name)

    def check(self, value: object) -> int | tuple[int, ...]:
        """``value`` as an integer, or as a tuple of them, or `InvalidInput`."""
        argument = f"{self.name}={value}"
        if self.is_flag:
            if isinstance(value, int) and value in (0, 1):
                return int(value)
            raise InvalidInput(argument, "must be true or false", f"{self.name}=true")
        if self.length:
            parts = _parts(value)
            problem = f"must be at least {self.length} integers >= {self.minimum}"
            example = f"{self.name}={'-'.join(self.length * [str(self.minimum + 1)])}"
        else:
            parts = [value]
            problem, example = f"must be an integer >= {self.minimum}", f"{self.name}={max(self.minimum, 1)}"
        numbers = [number for part in parts if (number := _integer(part)) is not None and number >= self.minimum]
        if len(numbers) < max(len(parts), self.length):
            raise InvalidInput(argument, problem, example)
        if max(numbers) > LARGEST_SIZE:
            raise InvalidInput(self.name, f"must be at most {LARGEST_SIZE}", example)
        return tuple(numbers) if self.length else numbers[0]


def _integer(value: object) -> int | None:
    """``value`` if it is an integer, else None; a flag is none."""
    try:
        return None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _parts(value: object) -> list[object]:
    """The entries of a list or of a text like ``2-3-2``; no entries where it is neither."""
    if isinstance(value, str):
        return [int(part) if re.fullmatch("[0-9]{1,100}", part) else part for part in value.split("-")]
    return list(value) if isinstance(value, list | tuple) else []


@dataclass(frozen=True)
class Derived:
    """Symbols of a formula that stand for numbers computed from the sizes: ``values`` gives them in this order."""

    symbols: tuple[sympy.Symbol, ...]
    values: Callable[[Sizes], tuple[int, ...]]


@dataclass(frozen=True)
class Condition:
    """A relation between sizes that the domain asks for."""

    holds: sympy.Basic
    problem: str
    remedy: str


def format_sizes(sizes: Sizes) -> str:
    """``p=5 K=3 widths=2-3-2`` for printing; long lists of pairs are only counted."""
    return " ".join(f"{name}={_shown(name, value)}" for name, value in sizes.items())


def _shown(name: str, value: object) -> object:
    if name == "pairs" and isinstance(value, list | tuple):
        return f"({len(value)} of them)"
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else value
