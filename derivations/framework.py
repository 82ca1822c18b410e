"""What a derivation is: a statement, its assumptions, and steps that each end in an exact assertion.

A derivation never reads the formula it proves before its last step; that step compares. Its text is Markdown
with LaTeX; `render` makes a page of it. Run one with ``python -m derivations NAME``, all with ``python -m derivations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from slt_symbolic.evidence import Grade, Source


class StepFailed(AssertionError):
    """A step's assertion does not hold."""


@dataclass(frozen=True)
class Step:
    """One step: what is claimed and why (Markdown), and a check that raises `StepFailed`."""

    title: str
    text: str
    check: Callable[[], None]


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

    def run(self) -> Iterator[Step]:
        """Check the steps in order; yields each one that holds, raises `StepFailed` at the first that does not."""
        for step in self.steps:
            try:
                step.check()
            except StepFailed as failure:
                raise StepFailed(f"{self.entry}, step '{step.title}': {failure}") from None
            yield step


def require(condition: object, message: str) -> None:
    """Raise `StepFailed` unless ``condition`` holds (unlike ``assert`` also under ``python -O``)."""
    if not condition:
        raise StepFailed(message)


def require_equal(value: object, expected: object, what: str) -> None:
    """Raise `StepFailed` unless the two are equal."""
    require(value == expected, f"{what}: {value} is not {expected}")
