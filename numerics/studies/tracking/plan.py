"""The runs of a study, from a file of ``[[run]]`` tables, and what is fixed before they are measured.

``PLAN.md`` says what is asked, and was written before the runs that it is asked of. A table has the keys of `Setting`;
its seeds are trained alike, and what is compared is compared within it. A value may be a list: the lists of a table are
crossed, as in the file of a sweep.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from numerics.grokking.settings import RunSettings
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.reading import given_toml

Model = Literal["quadratic", "relu", "transformer"]
Labels = Literal["sums", "random"]

SMALL = Path(__file__).with_name("small.toml")
PUBLISHED = Path(__file__).with_name("published.toml")
FEW_PAIRS = Path(__file__).with_name("few_pairs.toml")
TRANSFORMER = Path(__file__).with_name("transformer.toml")
FULL = Path(__file__).with_name("full.toml")
RUNS = MappingProxyType({"small": SMALL, "published": PUBLISHED, "few-pairs": FEW_PAIRS, "transformer": TRANSFORMER,
                         "full": FULL})
LARGEST_FILE = 2**20  # bytes
MOST_RUNS, MOST_KEPT = 100_000, 1000  # of a file, each keeps a file; snapshots of a run, in a tenfold
LARGEST = 2**63 - 1  # integer of TOML
NAME = re.compile(r"\w[\w .,=+()-]{0,99}")  # part of the name of a folder, and of tables in Markdown
EXAMPLE = "a file with [[run]] tables, as small.toml beside the study"

LEARNED = 0.8  # training accuracy from which on a run is watched: before that weights shrink, at validation accuracy 0
SNAPSHOTS = 11  # of a run, from there until it generalises or ends, evenly spread in the logarithm of the epoch
EVERY = 3  # of them HMC, where it runs
LANDMARK = 4.0  # times the epoch of the first snapshot: where the forecast is made
FALL = 0.05  # share of the largest value so far


@dataclass(frozen=True)
class Setting:
    """``seeds`` networks from ``seed`` on, trained for ``epochs`` epochs with all else alike. Raises `InvalidInput`.

    ``quadratic`` networks take the loss, Adam and batches of `slt grok`, the others cross-entropy, AdamW and all pairs
    at once. ``held``: the norm stays what it was when the pairs were memorised. ``kept``: at how many epochs in a
    tenfold weights are kept. ``later``: snapshots between generalising and the last epoch. ``converged``: of so many
    seeds, the first ones, HMC too, at every third snapshot and the last. ``aside``: described by itself, no part of
    what is asked.
    """

    name: str
    p: int
    width: int
    fraction: float
    weight_decay: float
    epochs: int
    seeds: int
    seed: int = 0
    lr: float = 1e-3
    model: Model = "quadratic"
    labels: Labels = "sums"
    held: bool = False
    kept: int = 40
    later: int = 0
    converged: int = 0
    aside: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            raise InvalidInput(f"run {self.name}: name", "must be text of up to 100 letters, digits, blanks and "
                               ". , = + - ( ), a letter or digit first", 'name = "wide"')
        for name, least, most in (("p", 3, LARGEST), ("width", 1, LARGEST), ("epochs", 10, LARGEST),
                                  ("seeds", 1, MOST_RUNS), ("seed", 0, LARGEST), ("converged", 0, LARGEST),
                                  ("kept", 1, MOST_KEPT), ("later", 0, MOST_KEPT)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                raise self._error(name, f"must be an integer >= {least}, at most {most}", least)
        for name, example in (("weight_decay", 0.001), ("lr", 0.001), ("fraction", 0.4)):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value <= LARGEST:  # nor is NaN
                raise self._error(name, f"must be a number from 0 to {LARGEST:.2g}", example)
        for name, choices in (("model", get_args(Model)), ("labels", get_args(Labels)), ("held", (False, True)),
                              ("aside", (False, True))):
            if getattr(self, name) not in choices:
                raise self._error(name, f"is none of {', '.join(map(str, choices))}", choices[0])
        try:
            self.training()
        except InvalidInput as error:
            raise InvalidInput(f"run {self.name}: {error.argument}", error.problem, error.remedy) from None

    def _error(self, name: str, problem: str, remedy: object) -> InvalidInput:
        return InvalidInput(f"run {self.name}: {name}={getattr(self, name)}", problem, f"{name} = {remedy}")

    def training(self) -> RunSettings:
        """One of its networks, as `slt grok` would train it. Raises `InvalidInput`."""
        return RunSettings(p=self.p, width=self.width, fraction=self.fraction, lr=self.lr,
                           weight_decay=self.weight_decay, epochs=self.epochs, seed=self.seed)

    @property
    def file(self) -> str:
        """Its name, as that of a folder."""
        return self.name.replace(" ", "_")

    @property
    def family(self) -> str:
        """What its runs are described with."""
        return self.name if self.aside else self.model

    @property
    def is_control(self) -> bool:
        """Whether it cannot or may not generalise."""
        return self.labels == "random" or self.held


def read_runs(path: Path) -> tuple[Setting, ...]:
    """The settings of a file, in its order. Raises `InvalidInput`."""
    content = given_toml(path, LARGEST_FILE, str(path), EXAMPLE)
    tables = content.get("run")
    if set(content) != {"run"} or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InvalidInput(str(path), "must hold [[run]] tables, and nothing else", EXAMPLE)
    if sum(math.prod(map(len, _lists(table).values())) for table in tables) > MOST_RUNS:
        raise InvalidInput(str(path), f"has more than {MOST_RUNS} runs", "shorter lists")
    settings = tuple(_setting(path, single) for table in tables for single in _crossed(table))
    if sum(setting.seeds for setting in settings) > MOST_RUNS:
        raise InvalidInput(str(path), f"has more than {MOST_RUNS} runs", "fewer seeds")
    if not settings:
        raise InvalidInput(str(path), "has no runs", EXAMPLE)
    if len({setting.file for setting in settings}) < len(settings):
        raise InvalidInput(str(path), "has two runs of one name", "names of their own")
    return settings


def _lists(table: Mapping[str, object]) -> dict[str, list[object]]:
    return {key: values for key, values in table.items() if isinstance(values, list)}


def _crossed(table: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The table for each choice from its lists, which its name then says.

    >>> [single["name"] for single in _crossed({"name": "wide", "p": [11, 23], "width": 64})]
    ['wide, p = 11', 'wide, p = 23']
    """
    lists = _lists(table)
    for chosen in product(*lists.values()):
        single = dict(zip(lists, chosen, strict=True))
        words = "".join(f", {key} = {value}" for key, value in single.items())
        yield {**table, **single} | ({"name": f"{table.get('name')}{words}"} if words else {})


def _setting(path: Path, table: Mapping[str, object]) -> Setting:
    known = {field.name for field in fields(Setting)}
    if unknown := sorted(set(table) - known):
        raise InvalidInput(f"{path}: {unknown[0]}", "is no key of a run", f"one of {', '.join(sorted(known))}")
    try:
        return Setting(**table)  # type: ignore[arg-type]
    except TypeError as error:
        raise InvalidInput(str(path), f"a run is incomplete ({error})", EXAMPLE) from None
