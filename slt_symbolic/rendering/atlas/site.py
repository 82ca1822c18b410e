"""Write the atlas: an index, a page for each entry, one script and one style sheet. Needs the pages extra."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from slt_symbolic.closed_forms import Entry
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.rendering import text as printing
from slt_symbolic.rendering.atlas import page as pages
from slt_symbolic.rendering.atlas.families import CLAIMS, FAMILIES
from slt_symbolic.rendering.atlas.font import LICENCE, font_style
from slt_symbolic.rendering.atlas.resolution import resolutions
from slt_symbolic.rendering.atlas.values import kind_of
from slt_symbolic.rendering.mathml import mathml
from slt_symbolic.storage.files import subfolder, write_atomically

BASE = Path(__file__).with_name("base.html")
INDEX = Path(__file__).with_name("index.html")
ENTRY = Path(__file__).with_name("entry.html")
GERMS = Path(__file__).with_name("germs.html")
RESOLUTION = Path(__file__).with_name("resolution.html")
STYLE = Path(__file__).with_name("atlas.css")
SCRIPT = Path(__file__).with_name("atlas.js")


def write_atlas(entries: Sequence[Entry], exported: Iterable[Mapping[str, Any]], out: Path) -> None:
    """Write index.html, germs.html, entries/NAME.html, atlas.css and atlas.js into ``out``.

    ``exported`` is what catalogue.json says of each entry. Derivations are linked where derivations/ has their page.
    """
    environment = _environment()
    found = [pages.page_of(entry, data, out) for entry, data in zip(entries, exported, strict=True)]
    titles = [family.title for family in (*FAMILIES, CLAIMS)]
    ordered = sorted(found, key=lambda page: titles.index(page.family))
    families = [(title, list(group)) for title, group in groupby(ordered, lambda page: page.family)]
    papers = {source.key: source for entry in entries for source in printing.sources_of(entry)}
    index = environment.get_template("index.html").render(families=families, papers=list(papers.values()), root="")
    write_atomically(out / "index.html", index)
    germs = environment.get_template("germs.html").render(germs=resolutions(), root="")
    write_atomically(out / "germs.html", germs)
    folder = subfolder(out, "entries")
    for page in found:
        written = environment.get_template("entry.html").render(page=page, entry=page.entry, root="../")
        write_atomically(folder / f"{page.entry.name}.html", written)
    write_atomically(out / STYLE.name, font_style() + STYLE.read_text(encoding="utf-8"))
    for file in (SCRIPT, LICENCE):
        write_atomically(out / file.name, file.read_bytes())


def _environment() -> Environment:
    templates = (BASE, INDEX, ENTRY, GERMS, RESOLUTION)
    loader = DictLoader({file.name: file.read_text(encoding="utf-8") for file in templates})
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True,
                              undefined=StrictUndefined)
    environment.filters |= {"math": _markup(mathml), "reference": _markup(pages.reference_html),
                            "prose": _markup(pages.inline_html), "sizes": format_sizes}
    environment.globals |= {"sources_of": printing.sources_of, "kind_of": kind_of}
    return environment


def _markup(html: Callable[..., str]) -> Callable[..., Markup]:
    """The function, whose text is not escaped again."""
    return lambda *values: Markup(html(*values))
