"""The symbols of a formula, their domain, and the sizes that users give for them."""

from __future__ import annotations

import inspect
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from slt_symbolic.errors import InvalidInput

LARGEST_SIZE = 10**18

Sizes = Mapping[str, Any]  # a value for each parameter; pairs, where given, under "pairs"


class FrozenSizes(Mapping[str, Any]):
    """Sizes that stay as they are and have a hash, as answers keep them."""

    def __init__(self, sizes: Sizes) -> None:
        """Copy the sizes: later changes of the mapping do not reach them."""
        self._sizes = dict(sizes)

    def __getitem__(self, name: str) -> Any:
        return self._sizes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return repr(self._sizes)


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

    @property
    def domain(self) -> str:
        """The values that it takes, in words that follow its name."""
        if self.length:
            return f"(at least {self.length} integers >= {self.minimum}, joined by -)"
        return "true or false" if self.is_flag else f">= {self.minimum}"

    def as_argument(self) -> inspect.Parameter:
        """The argument of a function that takes sizes by name."""
        annotation = bool if self.is_flag else list[int] if self.length else int
        default = inspect.Parameter.empty if self.default is None else self.default
        return inspect.Parameter(self.name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation,
                                 default=bool(default) if self.is_flag and self.default is not None else default)

    def check(self, value: object) -> int | tuple[int, ...]:
        """``value`` as an integer, or as a tuple of them, or `InvalidInput`."""
        argument = f"{self.name}={value}"
        if self.is_flag:
            if isinstance(value, int) and value in (0, 1):
                return int(value)
            raise InvalidInput(argument, "must be true or false", f"{self.name}=true")
        parts = _parts(value) if self.length else [value]
        problem = f"must be {f'at least {self.length} integers' if self.length else 'an integer'} >= {self.minimum}"
        numbers, meant = self._all(parts, _integer), self._all(parts, _integer_meant)
        example = self._text(self.length * [self.minimum + 1] or [max(self.minimum, 1)])
        if numbers is None:
            remedy = example if meant is None else self._text(meant)
            shown = f"{self.name}={value!r}" if remedy == argument else argument  # the text "3" is no number
            raise InvalidInput(shown, problem, remedy)
        if max(numbers) > LARGEST_SIZE:
            raise InvalidInput(self.name, f"must be at most {LARGEST_SIZE}", example)
        return tuple(numbers) if self.length else numbers[0]

    def _text(self, numbers: list[int]) -> str:
        return f"{self.name}={'-'.join(map(str, numbers))}"

    def _all(self, parts: list[object], read: Callable[[object], int | None]) -> list[int] | None:
        """All parts as numbers that it takes; None if one is not, or if they are too few."""
        numbers = [number for part in parts if (number := read(part)) is not None and number >= self.minimum]
        return numbers if len(numbers) == len(parts) >= max(self.length, 1) else None


def _integer(value: object) -> int | None:
    """``value`` if it is an integer, else None; a flag is none."""
    try:
        return None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _integer_meant(value: object) -> int | None:
    """The integer that ``value`` is equal to, written in another way: 4.0 or "4/1"; None if there is none."""
    if isinstance(value, str):
        found = re.fullmatch(r"\+?([0-9]{1,18})(\.0{0,18}|/1)?", value)
        return int(found[1]) if found else None
    number = _integer(value)
    if isinstance(value, float | Fraction) and value == value // 1:
        number = int(value)
    return number if number is not None and number <= LARGEST_SIZE else None


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


def nothing(_: Sizes) -> tuple[int, ...]:
    """The values of no derived symbols; by its name it can be pickled."""
    return ()


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
    if name in ("pairs", "edges") and isinstance(value, list | tuple):
        return f"({len(value)} of them)"
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else value
