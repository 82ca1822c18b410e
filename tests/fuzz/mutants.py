"""Certificates with something changed: any JSON value, by others of its kind, of other kinds, and by its neighbours."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Path = tuple[str | int, ...]
HUGE = 10**30


def mutant(certificate: Any, rng: Random) -> Any:
    """A copy that differs in one to three places, or in none."""
    forged = copy.deepcopy(certificate)
    places = list(_paths(certificate))
    texts = [value for path in places if isinstance(value := _at(certificate, path), str)]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        path = rng.choice(places[1:])
        try:
            holder, value = _at(forged, path[:-1]), _at(forged, path)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
        holder[path[-1]] = _changed(value, certificate, places, texts, rng)
    return forged


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from _paths(value[key], (*path, key))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _changed(value: Any, whole: Any, places: list[Path], texts: list[str], rng: Random) -> Any:
    if isinstance(value, bool):
        return rng.choice((not value, 1, None))
    if isinstance(value, int):
        return rng.choice((value + 1, value - 1, 0, -value, 2 * value, True, float(value), HUGE, None, str(value)))
    if isinstance(value, str):
        return rng.choice(_text_changes(value, texts, rng))()
    if isinstance(value, list):
        return rng.choice(_list_changes(value, whole, places, rng))()
    if isinstance(value, dict):
        return rng.choice(_table_changes(value, whole, places, texts, rng))()
    return rng.choice((0, "1/2", ["1/2", 1], []))


def _text_changes(text: str, texts: list[str], rng: Random) -> list[Callable[[], Any]]:
    return [*[lambda: rng.choice(texts)] * 4, lambda: text.replace(" - ", " + "), lambda: f"-({text})",
            lambda: f"2*({text})", lambda: f"({text})^2", lambda: f"{text}/2", lambda: "0", lambda: "1",
            lambda: rng.choice(("", "x", "1/0", "2.5", "-1", "x^501", None, []))]


def _list_changes(value: list[Any], whole: Any, places: list[Path], rng: Random) -> list[Callable[[], Any]]:
    def without() -> list[Any]:
        i = rng.randrange(len(value)) if value else 0
        return [*value[:i], *value[i + 1 :]]

    return [without, without, lambda: [*value, *([rng.choice(value)] if value else [])],
            lambda: rng.sample(value, len(value)), lambda: copy.deepcopy(_at(whole, rng.choice(places))),
            lambda: rng.choice(([], None, {}, [[]]))]


def _table_changes(value: dict[str, Any], whole: Any, places: list[Path], texts: list[str],
                   rng: Random) -> list[Callable[[], Any]]:
    def without() -> dict[str, Any]:
        gone = rng.choice(list(value)) if value else None
        return {key: entry for key, entry in value.items() if key != gone}

    def of_its_kind() -> Any:
        tables = [found for path in places if isinstance(found := _at(whole, path), dict) and set(found) == set(value)]
        return copy.deepcopy(rng.choice(tables)) if tables else {}

    return [without, lambda: value | {rng.choice(texts): rng.choice((1, 0, "1", 2))}, of_its_kind, of_its_kind]
