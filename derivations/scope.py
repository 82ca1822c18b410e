"""What a check ran over, told by its own assertions: their statements, with all sizes at which each was made."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

LISTED = 8  # values of one size that are named one by one
LENGTH = 60  # of a list of values, in characters
SHOWN = 6  # statements of one check
_NUMBER = r"-?\d+(?:/\d+)?"
_LIST = rf"[(\[]+{_NUMBER}(?:[()\[\], ]+{_NUMBER})*,?[)\]]+"
_SIZE = re.compile(rf"(?<![\w.])(?:{_LIST}|{_NUMBER})(?![\w.]|/\w)")  # not the 2 of 2p


@dataclass(frozen=True)
class Statement:
    """One statement of a check, made by ``times`` assertions, with the values of the sizes in it."""

    words: tuple[str, ...]  # around the sizes
    sizes: tuple[tuple[str, ...], ...]  # for each size its values, in the order of their first use
    times: int

    def __str__(self) -> str:
        told = self.words[0] + "".join(
            _told(values) + words for values, words in zip(self.sizes, self.words[1:], strict=True))
        return told if self.times == 1 else f"{told} ({self.times} cases)"


def statements(messages: Iterable[str]) -> tuple[Statement, ...]:
    """The statements that assertions make; those that differ in sizes alone are one.

    >>> for statement in statements(["|w|^4 at d=1, p=1", "|w|^4 at d=2, p=1", "|w|^4 at d=3, p=1", "a pole"]):
    ...     print(statement)
    |w|^4 at d={1, 2, 3}, p=1 (3 cases)
    a pole
    """
    found: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for message in messages:
        found[tuple(_SIZE.split(message))].append(tuple(_SIZE.findall(message)))
    return tuple(Statement(words, tuple(tuple(dict.fromkeys(values)) for values in zip(*sizes, strict=True)), len(sizes))
                 for words, sizes in found.items())


def scope(messages: Iterable[str]) -> tuple[str, ...]:
    """The lines that tell what a check ran over, from the messages of its assertions in their order."""
    made = statements(messages)
    lines = [str(statement) for statement in made[:SHOWN]]
    rest = sum(statement.times for statement in made[SHOWN:])
    return (*lines, f"and {rest} more of the kind") if rest else tuple(lines)


def _told(values: tuple[str, ...]) -> str:
    """One value as it is, others in braces; many, and whole numbers without a gap, by the first and the last.

    >>> _told(("5", "3")), _told(tuple(map(str, range(20)))), _told(("(1, 2)", "(1, 3)"))
    ('{3, 5}', '{0, ..., 19}', '{(1, 2), (1, 3)}')
    """
    if len(values) == 1:
        return values[0]
    gaps = True
    if all(re.fullmatch(r"-?\d+", value) for value in values):
        values = tuple(sorted(values, key=int))
        gaps = int(values[-1]) - int(values[0]) >= len(values)
    listed = ", ".join(values)
    if len(values) > LISTED or len(listed) > LENGTH or (len(values) > 3 and not gaps):
        listed = f"{values[0]:.{LENGTH}}, ..., {values[-1]:.{LENGTH}}"
    return "{" + listed + "}"
