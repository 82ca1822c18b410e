"""The file of a sweep: tables ``[[grok]]``, ``[[llc]]``, ``[[track]]``, ``[[verify]]``, lists crossed into cells.

Every value is a scalar or a list of them, and a table stands for the product of its lists; of ``[[llc]]``, ``sizes``
is a table of its own, crossed likewise. ``sweep.schema.json`` says the same to editors and validators; what it cannot
say is checked here too (names and domains of the catalogue, memory, cells that occur twice), for all cells before any
of them runs.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from numerics.estimation.settings import Settings
from numerics.grokking.settings import RunSettings
from numerics.networks.catalogue import NETWORKS
from numerics.networks.operations import OPERATIONS
from slt_symbolic.closed_forms import UnknownEntry, closed_forms
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.reading import given_toml

LARGEST_FILE = 2**22  # bytes: of a file that somebody wrote
LARGEST_SWEEP = 100_000  # cells: each has a folder
LARGEST_INTEGER = 2**63 - 1  # that of TOML
EXAMPLE = "[[grok]] with p = 23 and width = [100, 200]"


@dataclass(frozen=True)
class Cell:
    """One job of a sweep. ``settings`` has every setting, defaults too, as plain data."""

    kind: str
    settings: Mapping[str, Any]

    @cached_property
    def id(self) -> str:
        """A name that is the same for the same settings, wherever and however they are written."""
        text = json.dumps([self.kind, self.settings], sort_keys=True)
        return f"{self.kind}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def columns(self) -> dict[str, Any]:
        """The settings as columns of a table: sizes stand beside the others."""
        others = {name: value for name, value in self.settings.items() if name != "sizes"}
        return others | dict(self.settings.get("sizes", {}))

    @property
    def work(self) -> float:
        """How long the cell may take beside others of its kind, in any unit."""
        if self.kind != "grok":
            return 1.0
        network = self.settings["p"] ** 3 * self.settings["width"] * self.settings["fraction"]
        work: float = network * self.settings["epochs"] * self.settings["seeds"]
        return work


@dataclass(frozen=True)
class Type:
    """What one value may be: ``read`` returns it in one form, or None where it is something else."""

    words: str
    example: str
    read: Callable[[object], Any]


def _integer(value: object) -> int | None:
    """1e5 is one too."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_INTEGER:
        return None
    return int(value) if value == int(value) else None


def _number(value: object) -> float | None:
    number = value if isinstance(value, float) else _integer(value)
    return None if number is None or math.isnan(number) else float(number) + 0.0  # -0.0 is 0.0


def _size(value: object) -> int | str | None:
    """A size of a catalogue entry: an integer, a flag (0 or 1), or text like 2-3-2."""
    return value if isinstance(value, str) else int(value) if isinstance(value, bool) else _integer(value)


def integer(example: int) -> Type:
    """The type of an integer of 64 bits; ``example`` is shown in errors."""
    return Type("an integer of 64 bits", str(example), _integer)


def number(example: float) -> Type:
    """The type of a number, floating or integer; ``example`` is shown in errors."""
    return Type("a number", str(example), _number)


def text(example: str) -> Type:
    """The type of a text; ``example`` is shown in errors."""
    return Type("text", f'"{example}"', lambda value: value if isinstance(value, str) else None)


def one_of(*choices: str) -> Type:
    """The type of a text that is one of these; the first is shown in errors."""
    return Type(f"one of {', '.join(choices)}", f'"{choices[0]}"',
                lambda value: value if isinstance(value, str) and value in choices else None)


FLAG = Type("true or false", "false", lambda value: value if isinstance(value, bool) else None)
SIZE = Type("an integer, true, false or text like 2-3-2", "3", _size)

KEYS: Mapping[str, Mapping[str, Type]] = {
    "grok": {
        "p": integer(53), "width": integer(1024), "operation": one_of(*OPERATIONS), "fraction": number(0.4),
        "lr": number(0.001), "weight_decay": number(1e-5), "batch": integer(128), "epochs": integer(10_000),
        "seed": integer(0), "seeds": integer(1), "precision": one_of("float32", "float64"), "track": FLAG},
    "llc": {
        "name": text("quadratic-generic"), "point": one_of("exact", "trained"), "sampler": one_of("hmc", "sgld"),
        "nbeta": number(1000), "gamma": number(1), "step_size": number(0.3), "chains": integer(24),
        "draws": integer(2500), "seed": integer(0)},
    "track": {
        "folder": text("checkpoints"), "task": text("task.py"), "estimator": text("converged"), "nbeta": number(100),
        "gamma": number(5), "chains": integer(8), "draws": integer(200), "seed": integer(0)},
    "verify": {"name": text("quadratic-generic"), "level": one_of("fast", "full")},
}
REQUIRED = {"grok": ("p", "width"), "llc": ("name", "sizes"), "track": ("folder", "task"), "verify": ()}


def read_sweep(path: Path) -> tuple[Cell, ...]:
    """The cells of the file, in its order. Raises `InvalidInput`, which says where in the file."""
    return cells_of(given_toml(path, LARGEST_FILE, str(path), f"a file with {EXAMPLE}"), path.name)


def cells_of(content: Mapping[str, Any], file: str) -> tuple[Cell, ...]:
    """The cells of a parsed file, all of them valid and no two the same.

    >>> [cell.settings["width"] for cell in cells_of({"grok": [{"p": 5, "width": [8, 9]}]}, "sweep.toml")]
    [8, 9]
    >>> cells_of({"grok": [{"p": 5, "width": [8, 0]}]}, "sweep.toml")
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: sweep.toml: grok 1, width = 0: must be an integer >= 1; try width = 1024
    """
    tables = []
    for kind, listed in content.items():
        if kind not in KEYS:
            raise InvalidInput(f"{file}: {kind}", "is not a kind of job", f"[[{']], [['.join(KEYS)}]]")
        if not isinstance(listed, list) or not all(isinstance(table, dict) for table in listed):
            raise InvalidInput(f"{file}: {kind}", "is not an array of tables", f"[[{kind}]]")
        tables += [(kind, f"{file}: {kind} {number}", table) for number, table in enumerate(listed, 1)]
    grids = [(kind, place, _grid(kind, table, place)) for kind, place, table in tables]
    size = sum(math.prod(map(len, grid.values())) for _, _, grid in grids)
    if size > LARGEST_SWEEP:
        raise InvalidInput(file, f"has {size} cells, and {LARGEST_SWEEP} are the most",
                           "shorter lists, or several files")
    if size == 0:
        raise InvalidInput(file, "has no cells", EXAMPLE)
    cells: dict[str, Cell] = {}
    first: dict[str, str] = {}
    for kind, place, grid in grids:
        for cell in _cross(kind, grid, place):
            if cell.id in cells:
                raise InvalidInput(f"{place}, {cell_text(cell)}", f"occurs already in {first[cell.id].split(': ')[-1]}",
                                   "each cell once")
            cells[cell.id], first[cell.id] = cell, place
    return tuple(cells.values())


def cell_text(cell: Cell) -> str:
    """The cell in a few words: what is not None."""
    return ", ".join(f"{name} = {value}" for name, value in cell.columns.items() if value is not None)


Grid = Mapping[str, Sequence[Any]]


def _grid(kind: str, table: Mapping[str, Any], place: str) -> Grid:
    """Each key's values in their one form; a size under ``sizes.NAME``."""
    grid: dict[str, Sequence[Any]] = {}
    for key in REQUIRED[kind]:
        if key not in table:
            example = KEYS[kind][key].example if key in KEYS[kind] else "{ d = 4, p = 3, K = [4, 5] }"
            raise InvalidInput(f"{place}, {key}", "is missing", f"{key} = {example}")
    for key, value in table.items():
        if key in KEYS[kind]:
            grid[key] = _values(f"{place}, {key}", key, value, KEYS[kind][key])
        elif (kind, key) == ("llc", "sizes"):
            if not isinstance(value, dict):
                raise InvalidInput(f"{place}, {_assignment(key, value)}", "must be a table",
                                   "sizes = { d = 4, p = 3, K = [4, 5] }")
            grid |= {f"sizes.{size}": _values(f"{place}, sizes.{size}", f"sizes.{size}", x, SIZE)
                     for size, x in value.items()}
        else:
            allowed = ", ".join([*KEYS[kind], *(["sizes"] if kind == "llc" else [])])
            raise InvalidInput(f"{place}, {key}", f"is not a setting of {kind}", f"one of {allowed}")
    if kind == "verify" and "name" not in table:
        grid["name"] = tuple(closed_forms)
    return grid


def _values(argument: str, key: str, value: Any, wanted: Type) -> Sequence[Any]:
    given = value if isinstance(value, list) else [value]
    if not given:
        raise InvalidInput(f"{argument} = []", "is an empty list", f"{key} = {wanted.example}")
    found = [wanted.read(x) for x in given]
    for x, read in zip(given, found, strict=True):
        if read is None:
            raise InvalidInput(f"{argument.removesuffix(key)}{_assignment(key, x)}", f"must be {wanted.words}",
                               f"{key} = {wanted.example}")
    return found


def _assignment(key: str, value: object) -> str:
    """As it stands in the file, nearly."""
    return f"{key} = {json.dumps(value, default=str) if isinstance(value, str | bool | list | dict) else value}"


def _cross(kind: str, grid: Grid, place: str) -> Iterator[Cell]:
    for values in product(*grid.values()):
        given = dict(zip(grid, values, strict=True))
        try:
            yield Cell(kind, SETTINGS[kind](given))
        except InvalidInput as error:
            raise InvalidInput(f"{place}, {_as_in_file(error.argument)}", error.problem,
                               _as_in_file(error.remedy)) from None


def _as_in_file(words: str) -> str:
    """``K=1`` as a file says it."""
    return re.sub(r"\b(\w+)=(?=\S)", r"\1 = ", words)


def _grok(given: dict[str, Any]) -> dict[str, Any]:
    track = given.pop("track", False)
    return RunSettings(**given).chosen() | {"track": track}


def _llc(given: dict[str, Any]) -> dict[str, Any]:
    name, point = given.pop("name"), given.pop("point", "exact")
    _require_entry(name)
    if name not in NETWORKS:
        raise InvalidInput(f'name = "{name}"', "has no network to sample", f"one of {', '.join(NETWORKS)}")
    sizes = {key.removeprefix("sizes."): given.pop(key) for key in list(given) if key.startswith("sizes.")}
    if "pairs" in sizes:
        raise InvalidInput("sizes.pairs", "is not for sweeps", f"slt llc {name} pairs=FILE")
    sampler = asdict(Settings(**given))
    del sampler["batch"], sampler["burn_in"], sampler["per_sample"]
    checked = closed_forms[name].check(**sizes)
    plain = {size: "-".join(map(str, value)) if isinstance(value, tuple) else value for size, value in checked.items()}
    return {"name": name, "sizes": plain, "point": point, **sampler}


def _track(given: dict[str, Any]) -> dict[str, Any]:
    folder, task = (Path(os.path.abspath(given.pop(name))) for name in ("folder", "task"))
    if not folder.is_dir():
        raise InvalidInput(f'folder = "{folder}"', "is no folder", "one with checkpoints")
    if not task.is_file():
        raise InvalidInput(f'task = "{task}"', "is no file", "one that defines model, data and loss")
    estimator = given.pop("estimator", None)
    settings = asdict(Settings(sampler=None, **given))
    return {"folder": str(folder), "task": str(task), "estimator": estimator,
            **{name: settings[name] for name in ("nbeta", "gamma", "chains", "draws", "seed")}}


def _verify(given: dict[str, Any]) -> dict[str, Any]:
    _require_entry(given["name"])
    return {"name": given["name"], "level": given.get("level", "fast")}


def _require_entry(name: str) -> None:
    """Raise `InvalidInput`, as the file says it, unless the catalogue has the entry."""
    try:
        closed_forms[name]
    except UnknownEntry as error:
        raise InvalidInput(f'name = "{name}"', error.problem, error.remedy) from None


SETTINGS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "grok": _grok, "llc": _llc, "track": _track, "verify": _verify}
