"""What a step is, and the words in which steps are written.

A step is a theorem: from the stratum of a node and the data of the certificate it derives the strata of the children,
refusing if a hypothesis fails, and it says how brackets for the children give one for the node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slt_symbolic.check.pairs import Bracket
from slt_symbolic.check.ring import Polynomial
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.grammar import parse

Data = Mapping[str, Any]
Combine = Callable[[Sequence[Bracket]], Bracket]
Step = Callable[[Stratum, Data], tuple[list[Stratum], Combine]]


class Refused(ValueError):
    """A certificate is not accepted; the message names the step, by its path of child numbers from the root."""


def require(condition: bool, reason: str) -> None:
    """A hypothesis of a step."""
    if not condition:
        raise Refused(reason)


def fields(data: Data, *names: str) -> list[Any]:
    """The values of exactly these keys."""
    require(isinstance(data, Mapping) and set(data) == set(names), f"data needs exactly the keys {list(names)}")
    return [data[name] for name in names]


def position(s: Stratum, name: str) -> int:
    """The position of a variable."""
    require(name in s.ring.names(), f"no variable {name}")
    return int(s.ring.variable_to_index(name))


def polynomial(s: Stratum, text: str) -> Polynomial:
    """A polynomial of the data."""
    return parse(text, s.ring)


def only_child(brackets: Sequence[Bracket]) -> Bracket:
    """For steps that change the description and not ``v``."""
    return brackets[0]
