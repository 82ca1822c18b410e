"""What a step is, and the words in which steps are written.

A step is a theorem: from the stratum of a node and the data of the certificate it derives the strata of the children,
refusing if a hypothesis fails, and it says how brackets for the children give one for the node.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from slt_symbolic.check.algebra.grammar import rational

Data = Mapping[str, Any]
_RATIO = re.compile("[+-]?[0-9]+(/[0-9]+)?")


class Refused(ValueError):
    """A certificate is not accepted; the message names the node by its path of child numbers from the root."""


LONGEST = 80  # characters of an object in a refusal


def require(condition: bool, reason: str, *objects: Any) -> None:
    """A hypothesis of a step; the objects are printed into the braces of the reason, should it fail."""
    if not condition:
        raise Refused(reason.format(*map(shown, objects)) if objects else reason)


def shown(value: Any) -> str:
    """An object in a refusal: what a stranger wrote may be long, and hold anything."""
    text = str(value)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def fields(data: Any, *names: str) -> list[Any]:
    """The values of exactly these keys."""
    require(isinstance(data, Mapping) and set(data) == set(names), "data needs exactly the keys {}", ', '.join(names))
    return [data[name] for name in names]


def items(values: Any, size: int | None, what: str) -> list[Any]:
    """The entries of a list, each itself a list of ``size`` entries if a size is given."""
    require(isinstance(values, list), what)
    require(size is None or all(isinstance(v, list) and len(v) == size for v in values), what)
    return list(values)


def integer(value: Any, least: int, what: str) -> int:
    """An integer, no boolean and no float, from ``least`` on."""
    require(type(value) is int and value >= least, "{} is {}, not an integer >= {}", what, value, least)
    return int(value)


def ratio(text: Any) -> Fraction:
    """A rational number, ``a`` or ``a/b``: data have no decimals, which the grammar of polynomials reads."""
    require(isinstance(text, str) and _RATIO.fullmatch(text) is not None, "{} is no rational number a or a/b", text)
    return rational(text)
