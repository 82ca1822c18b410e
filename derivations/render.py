"""A derivation to read from top to bottom, in Markdown: under each step the code of its check, with its helpers.

`derivations.pages` makes a page of HTML of it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from textwrap import dedent
from types import CodeType, FunctionType

from derivations import derivations, framework
from derivations.framework import Derivation, Held
from derivations.record import recorded, write_record
from slt_symbolic.closed_forms import Entry, closed_forms
from slt_symbolic.evidence import Source
from slt_symbolic.rendering.markup import escape_markdown, protect_formulas
from slt_symbolic.rendering.text import sources_of
from slt_symbolic.storage.files import write_atomically


def markdown(derivation: Derivation, run: Sequence[Held] | None = None) -> str:
    """The derivation in Markdown: statement, grade, assumptions, and the steps, each with its check and its scope.

    ``run`` are its steps as they held just now; without it the record of the committed pages tells.
    """
    scopes = {held.step.title: held for held in (recorded([derivation])[derivation.entry] if run is None else run)}
    entry = closed_forms.get(derivation.entry)
    scope = f"certified. {derivation.instances}" if derivation.instances else "proved at all sizes of the domain."
    assumptions = "\n".join(f"- {linked(line, derivation.entry)}" for line in derivation.assumptions)
    blocks = [
        f"# {derivation.entry}", f"{escape_markdown(derivation.title or closed_forms[derivation.entry].title)}.",
        *_sizes(entry),
        f"**Statement.** {protect_formulas(linked(derivation.statement.strip(), derivation.entry))}",
        f"**Grade:** {protect_formulas(linked(scope, derivation.entry))}",
        "**Assumptions**", protect_formulas(assumptions),
        f"Each step ends with the check that `python -m derivations {derivation.entry}` runs: exact computations that raise "
        "an error unless what they state holds; *checked* says at which sizes."]
    shown: set[FunctionType] = set()
    for number, step in enumerate(derivation.steps, 1):
        blocks += [f"## {number}. {step.title}", protect_formulas(linked(step.text, derivation.entry)),
                   *([_scope(scopes[step.title])] if step.title in scopes else []), _code(step.check, shown)]
    sources = [*(sources_of(entry) if entry is not None else ()), *derivation.sources]
    blocks += ["## Sources", "\n".join(f"- {_reference(source)}" for source in dict.fromkeys(sources))]
    return "\n\n".join(blocks) + "\n"


def _sizes(entry: Entry | None) -> list[str]:
    """What the symbols of the formula are, in a line."""
    if entry is None or not entry.parameters:
        return []
    told = (f"{f'${parameter.name}$' if len(parameter.name) == 1 else f'`{parameter.name}`'}: {escape_markdown(parameter.meaning)}"
            for parameter in entry.parameters)
    return [f"**Sizes.** {'; '.join(told)}."]


def _scope(held: Held) -> str:
    seconds = f"{held.seconds:.1f} s" if held.seconds >= Fraction(1, 20) else "under 0.1 s"
    return f"*Checked ({seconds}):* {escape_markdown('; '.join(held.scope))}."


def linked(text: str, here: str) -> str:
    """The text with the names of other pages, in backticks, as links to them."""
    names = "|".join(re.escape(name) for name in derivations if name != here)
    return re.sub(rf"(?<!\[)`({names})`", r"[`\1`](\1.md)", text)


def _reference(source: Source) -> str:
    """A reference in Markdown, with a link where its address is known."""
    text = escape_markdown(source.text)
    if source.doi:
        return f"{text}, [doi:{source.doi}](https://doi.org/{source.doi})"
    if source.arxiv:
        return text.replace(f"arXiv:{source.arxiv}", f"[arXiv:{source.arxiv}](https://arxiv.org/abs/{source.arxiv})")
    return re.sub(r"(github\.com/[\w/-]+)", r"[\1](https://\1)", text)


def index(derivations: Sequence[Derivation], suffix: str) -> str:
    """A list in Markdown of the pages of these derivations."""
    statements = (" ".join(protect_formulas(x.statement).replace("$$", "$").split()) for x in derivations)
    lines = (f"- [{x.entry}]({x.entry}{suffix}) ({x.grade}): {statement}"
             for x, statement in zip(derivations, statements, strict=True))
    return "\n".join(["# Derivations", "", *lines, ""])


def write(derivations: Sequence[Derivation], out: Path, runs: Mapping[str, Sequence[Held]]) -> None:
    """Write NAME.md of each into the folder ``out``, an index of them, and what the checks ran over."""
    for derivation in derivations:
        write_atomically(out / f"{derivation.entry}.md", markdown(derivation, runs[derivation.entry]))
    write_record(runs, out)
    write_atomically(out / "index.md", index(derivations, ".md"))


def _code(check: Callable[[], None], shown: set[FunctionType]) -> str:
    """The code of a check, folded, with the helpers that are not in ``shown``, which is updated."""
    roots = [check.func, *check.args] if isinstance(check, partial) else [check]
    functions = {function for root in roots for function in _with_helpers(root)}
    in_order = sorted(functions - shown | {roots[0]}, key=lambda x: (x.__module__, x.__code__.co_firstlineno))
    code = "\n\n\n".join(dedent(inspect.getsource(function)).strip() for function in in_order)
    shown |= functions
    return f"<details><summary>Check <code>{roots[0].__name__}</code></summary>\n\n```python\n{code}\n```\n\n</details>"


def _with_helpers(value: object, above: frozenset[object] = frozenset()) -> Iterator[FunctionType]:
    """The function and those of the derivations that it calls; nothing if it is no function of them."""
    if (isinstance(value, FunctionType) and value not in above and value.__module__.startswith("derivations.")
            and value.__module__ != framework.__name__):
        yield value
        for name in _names(value.__code__):
            yield from _with_helpers(value.__globals__.get(name), above | {value})


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
