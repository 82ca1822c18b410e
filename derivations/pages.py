"""Derivations as pages of HTML, with formulas in MathML; nothing is fetched when they are read. Needs the pages extra."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from derivations.framework import Derivation, Held
from derivations.render import index, markdown
from slt_symbolic.rendering.atlas.font import font_style
from slt_symbolic.rendering.mathml import Unreadable, scrolling
from slt_symbolic.storage.files import write_atomically

FONT = "math.css"
_STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.6 Georgia, serif; color: #222; }
h1, h2 { line-height: 1.25; } h2 { margin-top: 2rem; font-size: 1.3rem; }
pre { overflow-x: auto; padding: .8rem; background: #f5f5f2; font-size: .8rem; line-height: 1.4; }
details { margin: .5rem 0; color: #555; } summary { cursor: pointer; } math { font-size: 1.05em; }
a { color: #1a4f8a; } table { border-collapse: collapse; } td, th { border: 1px solid #bbb; padding: .4rem; }
@media (prefers-color-scheme: dark) {
  body { background: #191919; color: #ddd; } pre { background: #262626; } details { color: #aaa; } a { color: #8ab8ee; } }
"""


def html(text: str, title: str) -> str:
    """Markdown as a page that needs nothing but the font beside it; raises `Unreadable` if a formula cannot be typeset."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table").use(
        dollarmath_plugin, renderer=_mathml, double_inline=True)
    for token in reader.parse(text):
        for part in token.children or ():
            if part.type == "text" and "$" in part.content:
                raise Unreadable(f"{title}: a dollar sign without its partner in {part.content!r}")
    return (f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{entities.escape(title)}</title>\n'
            '<meta name="viewport" content="width=device-width">\n'
            f'<link rel="stylesheet" href="{FONT}">\n<style>{_STYLE}</style></head>\n<body>\n{reader.render(text)}</body>\n</html>\n')


def write_html(derivations: Sequence[Derivation], out: Path, runs: Mapping[str, Sequence[Held]]) -> None:
    """Write NAME.html of each into the folder ``out``, an index of them, and the font of their formulas."""
    write_atomically(out / FONT, font_style())
    for derivation in derivations:
        # Links to other pages are links to pages of this kind.
        text = re.sub(r"\]\(([\w.-]+)\.md\)", r"](\1.html)", markdown(derivation, runs[derivation.entry]))
        write_atomically(out / f"{derivation.entry}.html", html(text, derivation.entry))
    write_atomically(out / "index.html", html(index(derivations, ".html"), "Derivations"))


def _mathml(latex: str, options: dict[str, bool]) -> str:
    return scrolling(latex, "block" if options["display_mode"] else "inline")
