"""What the checks ran over when they last held: kept beside the committed pages, for pages that are made without a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from derivations.framework import Derivation, Held, Step
from slt_symbolic.storage.files import write_atomically

RECORD = Path(__file__).parent / "rendered/scopes.json"


def write_record(runs: Mapping[str, Sequence[Held]], out: Path) -> None:
    """Write, for each entry and title of a step, the seconds and the scope into ``out/scopes.json``, a step a line."""
    entries = []
    for name, run in runs.items():
        steps = (f"{json.dumps(held.step.title, ensure_ascii=False)}: "
                 f"{json.dumps([round(held.seconds, 1), held.scope], ensure_ascii=False)}" for held in run)
        entries.append(f"{json.dumps(name)}: {{\n" + ",\n".join(steps) + "\n}")
    write_atomically(out / RECORD.name, "{\n" + ",\n".join(entries) + "\n}\n")


def recorded(derivations: Iterable[Derivation]) -> dict[str, tuple[Held, ...]]:
    """By entry the steps of the derivations that the record knows, as when they last held."""
    known = _read()
    return {derivation.entry: tuple(_held(step, known.get(derivation.entry, {})) for step in derivation.steps
                                    if step.title in known.get(derivation.entry, {})) for derivation in derivations}


def _held(step: Step, known: Mapping[str, tuple[float, list[str]]]) -> Held:
    seconds, scope = known[step.title]
    return Held(step, tuple(scope), seconds)


@cache
def _read() -> dict[str, dict[str, tuple[float, list[str]]]]:
    known: dict[str, dict[str, tuple[float, list[str]]]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return known
