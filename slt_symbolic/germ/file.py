"""A germ from a file: what the statement of a certificate holds, read strictly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.reading import given_exact_json

LARGEST_GERM = 2**24  # bytes
KEYS = ("variables", "generators", "function", "at", "where", "domain", "prior")
EXAMPLE = '{"variables": ["x", "y"], "generators": ["x^2 - y^3"], "at": {"x": "0"}}'


@dataclass(frozen=True)
class GermFile:
    """A question to `rlct`, not yet read: texts, and whether the one generator is the loss itself."""

    generators: tuple[str, ...]
    variables: tuple[str, ...] | None
    at: dict[str, str]
    where: str | None
    function: bool
    domain: str | tuple[str, ...] | None = None
    prior: str | dict[str, str] | None = None


def read_germ(path: Path) -> GermFile:
    """The germ of a JSON file with ``generators``, or ``function``, and what else is asked.

    ``function`` is the polynomial of the loss; with ``generators`` it may be true or false, as ``slt rlct --json``
    repeats the question. Raises `InvalidInput`.
    """
    table = _table(path)

    def refuse(key: str, problem: str, remedy: str = EXAMPLE) -> InvalidInput:
        return InvalidInput(f"{path}: {key}", problem, remedy)

    if "format" in table:
        raise InvalidInput(str(path), "is a certificate, which is not asked but verified", f"slt check {path}")
    for key in table:
        if key not in KEYS:
            raise refuse(key, "is no key of a germ", f"one of {', '.join(KEYS)}")
    where = table.get("where")
    if where is not None and not isinstance(where, str):
        raise refuse("where", f"is {_kind(where)}, no text", '"where": "c^2=2,0<c<2"')
    generators, function = _loss(table, refuse)
    variables = table.get("variables")
    return GermFile(generators, None if variables is None else _texts("variables", variables, refuse),
                    _numbers("at", table.get("at"), refuse), where or None, function,
                    _domain(table.get("domain"), refuse), _prior(table.get("prior"), refuse))


def _table(path: Path) -> dict[str, Any]:
    argument = f"--file {path}"
    found = given_exact_json(path, LARGEST_GERM, argument, EXAMPLE)
    if not isinstance(found, dict):
        raise InvalidInput(argument, f"holds {_kind(found)}, no object", EXAMPLE)
    return found


def _loss(table: dict[str, Any], refuse: Any) -> tuple[tuple[str, ...], bool]:
    """The generators, and whether the only one is the loss itself."""
    function = table.get("function")
    if isinstance(function, str):
        if "generators" in table:
            raise refuse("function", "is given beside generators", "one of them")
        return (function,), True
    if function is not None and not isinstance(function, bool):
        raise refuse("function", f"is {_kind(function)}, no text of a polynomial", '"function": "x^2 + y^4"')
    if "generators" not in table:
        raise refuse("generators", "are missing, and no function is given")
    return _texts("generators", table["generators"], refuse), bool(function)


def _texts(key: str, values: Any, refuse: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not values:
        raise refuse(key, f"is {_kind(values)}, no list of texts")
    wrong: Sequence[Any] = [value for value in values if not isinstance(value, str)]
    if wrong:
        raise refuse(key, f"holds {_kind(wrong[0])}, no text")
    return tuple(values)


def _numbers(key: str, values: Any, refuse: Any) -> dict[str, str]:
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise refuse(key, f"is {_kind(values)}, no object of numbers by name", f'"{key}": {{"x": "1/2"}}')
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise refuse(key, f"{name} is {_kind(value)}, no number", f'"{key}": {{"{name}": "1/2"}}')
    return {name: str(value) for name, value in values.items()}


def _domain(bounds: Any, refuse: Any) -> str | tuple[str, ...] | None:
    """A text, or a list of texts or of triples, as certificates state it."""
    if bounds is None or isinstance(bounds, str):
        return bounds or None
    if not isinstance(bounds, list):
        raise refuse("domain", f"is {_kind(bounds)}, neither a text nor a list", '"domain": "x>=0"')
    found = []
    for bound in bounds:
        parts = bound if isinstance(bound, list) else [bound]
        if len(parts) not in (1, 3) or not all(isinstance(part, str) for part in parts):
            raise refuse("domain", "holds what is no bound", '"domain": [["x", ">=", "0"]]')
        found.append("".join(parts))
    return tuple(found)


def _prior(exponents: Any, refuse: Any) -> str | dict[str, str] | None:
    return exponents if isinstance(exponents, str) else _numbers("prior", exponents, refuse) or None


def _kind(value: Any) -> str:
    """What JSON calls a value."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "a text" if isinstance(value, str) else "a number"
