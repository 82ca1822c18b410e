"""What a derivation is: a statement, its assumptions, and steps that each end in an exact assertion.

A derivation never reads the formula it proves before its last step; that step compares. Its text is Markdown
with LaTeX; `render` makes a page of it. Run one with ``python -m derivations NAME``, all with ``python -m derivations``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from derivations.scope import scope
from slt_symbolic.evidence import Grade, Source

_made: ContextVar[list[str] | None] = ContextVar("the messages of the assertions that a running check has made", default=None)


class StepFailed(AssertionError):
    """A step's assertion does not hold."""


@dataclass(frozen=True)
class Step:
    """One step: what is claimed and why (Markdown), and a check that raises `StepFailed`."""

    title: str
    text: str
    check: Callable[[], None]


@dataclass(frozen=True)
class Held:
    """A step whose check held: what it ran over, told by its assertions, and the processor time in seconds."""

    step: Step
    scope: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Derivation:
    """A proof of a catalogue entry or of a claim's verdict, at every size in the domain or those in ``instances``."""

    entry: str
    statement: str
    assumptions: tuple[str, ...]
    steps: tuple[Step, ...]
    instances: str = ""
    title: str = ""  # where ``entry`` is not in the catalogue, which has a title
    sources: tuple[Source, ...] = ()  # besides those of the entry

    @property
    def grade(self) -> Grade:
        """``proved`` if all sizes in the domain of the entry are covered, else ``certified``."""
        return "certified" if self.instances else "proved"

    def run(self) -> Iterator[Held]:
        """Check the steps in order; yields each one that holds, raises `StepFailed` at the first that does not."""
        for step in self.steps:
            began = time.process_time()
            try:
                messages = assertions_of(step.check)
            except StepFailed as failure:
                raise StepFailed(f"{self.entry}, step '{step.title}': {failure}") from None
            yield Held(step, scope(messages), time.process_time() - began)


def assertions_of(check: Callable[[], None]) -> list[str]:
    """Run a check; the messages of the assertions that it made, in their order."""
    made: list[str] = []
    token = _made.set(made)
    try:
        check()
    finally:
        _made.reset(token)
    return made


def require(condition: object, message: str) -> None:
    """Raise `StepFailed` unless ``condition`` holds (unlike ``assert`` also under ``python -O``).

    The message is what holds, and at which sizes: the page of the derivation shows it.
    """
    made = _made.get()
    if made is not None:
        made.append(message)
    if not condition:
        raise StepFailed(message)


def require_equal(value: object, expected: object, what: str) -> None:
    """Raise `StepFailed` unless the two are equal."""
    require(True, what)
    if value != expected:
        raise StepFailed(f"{what}: {value} is not {expected}")
