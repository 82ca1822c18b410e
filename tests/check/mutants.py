"""Places in a certificate, and what may be put there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.check.tables import edited


def nodes(certificate: Any) -> Iterator[Any]:
    """All nodes of the tree and of the lemmas."""
    stack = [certificate["tree"], *certificate["lemmas"]]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node["children"])


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The paths to all values inside, with the values; names that no path can spell are left out."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in inner:
        if str(key).isdigit() and isinstance(value, dict):
            continue
        here = f"{path}.{key}" if path else str(key)
        yield here, entry
        yield from places(entry, here)


OTHERS: list[Any] = [
    None, True, False, 0, 1, -1, 2, 7, 10**18, 10**400, 0.5, 1.0, float("nan"), "", "0", "1", "1/2", "1/0", "x", "y",
            "c",
    "x^2", "0*x", "(x+y)^400", "x^500*y^500", "((((", "1e9", "9" * 1100, "\ud800", "even", "unit",
            "sturm", [], [[]], {},
    [0], ["x"], [["x", 1]], [["0", 10**18, "unit"]], [["1", 10**18, "unit"]], {"x": 1}, {"x": 10**18}, [None, None],
    [["1", 1], ["1", 1]], {"weights": ["1", "1"]}, {"form": 0, "nonzero": "even"}, list(range(50)), [[]] * 50,
]


def changed(certificate: Any, numbers: random.Random) -> Any:
    """A copy that is changed in one to three places."""
    for _ in range(numbers.choice((1, 1, 1, 2, 3))):
        certificate = edited(certificate, *mutant(certificate, numbers))
    return certificate


def mutant(certificate: Any, numbers: random.Random) -> tuple[str, Any]:
    """A place, and another value for it: of any type, from elsewhere in the certificate, or nearly the same."""
    found = list(places(certificate))
    path, value = numbers.choice(found)
    kind = numbers.randrange(4)
    if kind == 0:
        return path, numbers.choice(OTHERS)
    if kind == 1:
        return path, numbers.choice(found)[1]
    if kind == 2:
        same = [other for _, other in found if type(other) is type(value) and other != value]
        return path, numbers.choice(same or OTHERS)
    return path, _nearly(value, numbers)


def _nearly(value: Any, numbers: random.Random) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + numbers.choice([-1, 1])
    if isinstance(value, str):
        return numbers.choice([value.replace("-", "+"), value.replace("2", "3"), f"({value})*2", f"{value} + 1",
                               value.replace("1", "2"), f"({value})^2"])
    if isinstance(value, list):
        return numbers.choice([value[1:], value[::-1], value * 2, value[:-1]])
    return dict(list(value.items())[1:])
