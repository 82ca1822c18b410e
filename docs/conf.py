"""How Sphinx builds the documentation: Markdown by MyST, formulas as MathML, nothing fetched."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generate import write_pages
from notebooks import write_notebooks

from slt_symbolic.rendering.atlas.font import font_style
from slt_symbolic.rendering.mathml import scrolling

project = "slt-symbolic"
author = copyright = "The slt-symbolic developers"
release = version_of("slt-symbolic")
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]  # shapes of JSON and shell sessions with ellipses
exclude_patterns = ["_build", "figures"]
html_theme = "furo"
html_title = "slt-symbolic"
html_logo = "figures/logo.svg"
html_math_renderer = "mathml"
html_copy_source = False
html_static_path = ["generated/static"]
html_css_files = ["site.css"]


def _inline(self: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    self.body.append(scrolling(node.astext()))
    raise SkipNode


def _displayed(self: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    self.body.append(f'<div class="math">{scrolling(node.astext(), "block")}</div>')
    raise SkipNode


def setup(app: Any) -> None:
    """Register the renderer of formulas, and write what is generated before anything is read."""
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_displayed, None))
    _write()
    app.connect("source-read", _offer)


def _write() -> None:
    write_pages(HERE / "generated")
    write_notebooks(HERE / "generated" / "notebooks")
    static = HERE / "generated" / "static"
    static.mkdir()
    (static / "site.css").write_text(font_style() + ".sidebar-logo { max-width: 5rem; }\n")


def _offer(_: Any, page: str, source: list[str]) -> None:
    """The notebook of a tutorial at its end, to download."""
    folder, _, name = page.rpartition("/")
    if folder == "tutorials":
        source[0] += f"\n{{download}}`This page as a notebook <../generated/notebooks/{name}.ipynb>`\n"
