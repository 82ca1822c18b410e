"""A derivation as a page to read from top to bottom: Markdown, and from that HTML with its formulas in MathML.

Nothing is fetched when a page is read. Under each step is the code of its check with the helpers that it calls.
"""

from __future__ import annotations

import html as entities
import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from textwrap import dedent
from types import CodeType, FunctionType

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from derivations import framework
from derivations.framework import Derivation
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.rendering.markup import escape_markdown, protect_formulas

_STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.6 Georgia, serif; color: #222; }
h1, h2 { line-height: 1.25; } h2 { margin-top: 2rem; font-size: 1.3rem; }
pre { overflow-x: auto; padding: .8rem; background: #f5f5f2; font-size: .8rem; line-height: 1.4; }
details { margin: .5rem 0; color: #555; } summary { cursor: pointer; } math { font-size: 1.05em; }
a { color: #1a4f8a; } table { border-collapse: collapse; } td, th { border: 1px solid #bbb; padding: .4rem; }
@media (prefers-color-scheme: dark) {
  body { background: #191919; color: #ddd; } pre { background: #262626; } details { color: #aaa; } a { color: #8ab8ee; } }
"""


class Unreadable(ValueError):
    """A text with a formula that cannot be typeset."""


def markdown(derivation: Derivation) -> str:
    """The derivation in Markdown: statement, grade, assumptions, and the steps, each with its check."""
    scope = f"certified. {derivation.instances}" if derivation.instances else "proved at all sizes of the domain."
    assumptions = "\n".join(f"- {line}" for line in derivation.assumptions)
    blocks = [
        f"# {derivation.entry}", f"{escape_markdown(derivation.title or closed_forms[derivation.entry].title)}.",
        f"**Statement.** {protect_formulas(derivation.statement.strip())}", f"**Grade:** {protect_formulas(scope)}",
        "**Assumptions**", protect_formulas(assumptions),
        f"Each step ends with the check that `python -m derivations {derivation.entry}` runs: exact computations that raise "
        "an error unless what they state holds."]
    shown: set[FunctionType] = set()
    for number, step in enumerate(derivation.steps, 1):
        blocks += [f"## {number}. {step.title}", protect_formulas(step.text), _code(step.check, shown)]
    return "\n\n".join(blocks) + "\n"


def index(derivations: Sequence[Derivation], suffix: str) -> str:
    """A list in Markdown of the pages of these derivations."""
    lines = (f"- [{x.entry}]({x.entry}{suffix}) ({x.grade}): {protect_formulas(x.statement.strip())}" for x in derivations)
    return "\n".join(["# Derivations", "", *lines, ""])


def html(text: str, title: str) -> str:
    """Markdown as a page that stands alone; raises `Unreadable` if a formula cannot be typeset."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table").use(dollarmath_plugin, renderer=_mathml)
    for token in reader.parse(text):
        for part in token.children or ():
            if part.type == "text" and "$" in part.content:
                raise Unreadable(f"{title}: a dollar sign without its partner in {part.content!r}")
    return (f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{entities.escape(title)}</title>\n'
            '<meta name="viewport" content="width=device-width">\n'
            f"<style>{_STYLE}</style></head>\n<body>\n{reader.render(text)}</body>\n</html>\n")


def write(derivations: Sequence[Derivation], out: Path) -> None:
    """Write NAME.md and NAME.html of each into the folder ``out``, and an index of them."""
    for derivation in derivations:
        text = markdown(derivation)
        (out / f"{derivation.entry}.md").write_text(text)
        (out / f"{derivation.entry}.html").write_text(html(text, derivation.entry))
    (out / "index.md").write_text(index(derivations, ".md"))
    (out / "index.html").write_text(html(index(derivations, ".html"), "Derivations"))


def _mathml(latex: str, options: dict[str, bool]) -> str:
    """The converter forgives what TeX does not, so that pairs are counted here."""
    for start, end in (("{", "}"), (r"\begin{", r"\end{")):
        if latex.count(start) != latex.count(end):
            raise Unreadable(f"{start} without {end} in ${latex}$")
    mathml = convert(latex, display="block" if options["display_mode"] else "inline")
    if "\\" in mathml:  # a command that the converter does not know comes out as it went in
        raise Unreadable(f"unknown command in ${latex}$")
    return mathml


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
