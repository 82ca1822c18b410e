"""What the documentation and the README take from code: tables and pages that are generated, never written.

``python docs/generate.py`` writes anew what the README and pages of findings have of it.
"""

from __future__ import annotations

import inspect
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import benchmarks
import measured
from sympy import Piecewise

import slt_symbolic
from slt_symbolic.closed_forms import Claim, Entry, closed_forms
from slt_symbolic.closed_forms.latex import latex
from slt_symbolic.commands.main import parser_of, registered
from slt_symbolic.rendering.atlas.families import family_of
from slt_symbolic.rendering.layout import cases_latex
from slt_symbolic.rendering.markup import escape_markdown

ROOT = Path(__file__).parents[1]
README, FINDINGS = ROOT / "README.md", ROOT / "docs" / "findings"
CATALOGUE = "the catalogue"
LONGEST = 160  # characters of LaTeX in a cell of a table
LINE = 80  # characters of a signature
SCHEMAS = ("slt_symbolic/rendering/catalogue.schema.json", "slt_symbolic/check/certificate.schema.json",
           "numerics/sweep/sweep.schema.json")


def write_pages(folder: Path) -> None:
    """Write all generated pages into ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / f"{name}.md").write_text(text())
    shutil.copytree(ROOT / "derivations/rendered", folder / "derivations", ignore=shutil.ignore_patterns("*.html"))
    for name, file in STUDIES.items():
        measured.copy_report(file.parent, folder / name)
    index = folder / "derivations" / "index.md"
    names = sorted(path.stem for path in index.parent.glob("*.md") if path != index)
    index.write_text(index.read_text() + "\n```{toctree}\n:hidden:\n\n" + "\n".join(names) + "\n```\n")


def formula_of(entry: Entry) -> str:
    """The formula for lambda in the cell of a table."""
    if isinstance(entry, Claim):
        return f"${entry.equation(latex)}$".replace(" <= ", r" \le ")
    return f"${cases_latex(entry.expr)}$"


def short_formula_of(entry: Entry, page: str) -> str:
    """The formula where it fits into a narrow table, else a link to its page."""
    text = formula_of(entry)
    if len(text) <= LONGEST or not entry.derivation:
        return escape_markdown(text)
    return f"[{'by cases' if entry.expr.has(Piecewise) else 'long'}]({page})"


def catalogue_rows(link: str, claims: bool) -> Iterator[str]:
    """Rows of the table of all entries; ``link`` is where the page of a derivation is, with ``NAME`` for its name.

    Formulas that are too long for a table are links. Without claims the table is the README's.
    """
    yield "| entry | lambda | grade |\n|---|---|---|"
    for entry in closed_forms.values():
        if claims or not isinstance(entry, Claim):
            target = link.replace("NAME", entry.name)
            page = f"[{entry.name}]({target})" if entry.derivation else entry.name
            formula = short_formula_of(entry, target)
            grade = "claim" if isinstance(entry, Claim) else entry.evidence.grade
            yield f"| {page} | {formula} | {grade} |"


def catalogue_page() -> str:
    """All entries, by family, with what they are about."""
    parts = ["# The catalogue", "`slt show NAME` prints the domain, assumptions and sources of an entry, and "
             "`slt export` writes a page for each."]
    parts.append("\n".join(catalogue_rows("derivations/NAME.md", claims=True)))
    for entry in closed_forms.values():
        sizes = ", ".join(x.name for x in entry.parameters)
        about = f"({family_of(entry).title.lower()}; {sizes})"
        parts.append(f"**{entry.name}** {escape_markdown(f'{about}: {entry.title}.')}")
    return "\n\n".join(parts) + "\n"


def blocks() -> Iterator[tuple[Path, str, str]]:
    """What stands between marks: the page, the name of the block, its text of today."""
    published, tracked = measured.results(measured.STUDY), measured.results(measured.TRACKING)
    at_size, foretold = measured.results(measured.TRACKING_PUBLISHED), measured.results(measured.FORESIGHT)
    few, transformer = measured.results(measured.TRACKING_FEW_PAIRS), measured.results(measured.TRACKING_TRANSFORMER)
    yield README, measured.PUBLISHED_BLOCK, measured.sentences(published, tracked, at_size, few, transformer)
    yield README, measured.FORESIGHT_BLOCK, measured.foretells(foretold)
    yield README, CATALOGUE, "\n".join(catalogue_rows("derivations/rendered/NAME.md", claims=False)) + "\n"
    yield FINDINGS / "published-llc.md", measured.PUBLISHED_BLOCK, measured.answer(published)
    yield FINDINGS / "tracking.md", measured.TRACKING_BLOCK, measured.tracking_answer(tracked)
    yield FINDINGS / "tracking.md", measured.TRACKING_PUBLISHED_BLOCK, measured.tracking_answer(at_size)
    yield FINDINGS / "tracking.md", measured.TRACKING_FEW_PAIRS_BLOCK, measured.tracking_answer(few)
    yield FINDINGS / "tracking.md", measured.CONVERGED_BLOCK, measured.converged_chains(few)
    yield FINDINGS / "tracking.md", measured.TRACKING_TRANSFORMER_BLOCK, measured.tracking_answer(transformer)
    yield (FINDINGS / "transition.md", measured.TRANSITION_BLOCK,
           measured.transition_answer(measured.results(measured.TRANSITION)))
    yield (FINDINGS / "transition.md", measured.TRANSITION_PUBLISHED_BLOCK,
           measured.transition_answer(measured.results(measured.TRANSITION_PUBLISHED)))
    yield FINDINGS / "foresight.md", measured.FORESIGHT_BLOCK, measured.foresight_answer(foretold)
    yield FINDINGS / "published-claims.md", measured.SLOPES_BLOCK, measured.slopes(measured.results(measured.SIZES))


def commands_page() -> str:
    """What each sub-command takes, as its own help says."""
    parts = ["# Commands", "Exit codes: 0 answered (brackets too), 1 a disagreement, a formula that is wrong, a "
             "refused certificate, a training that diverged or an estimate that did not converge, 2 bad input with one "
             "line that says what to change, 3 a certificate over its budget of work."]
    for name, point in registered().items():
        parts.append(f"## slt {name}\n\n```text\n{parser_of(name, point.load()).format_help()}```")
    return "\n\n".join(parts) + "\n"


def api_page() -> str:
    """The public names with signature and docstring."""
    import numerics
    from slt_symbolic import models, testing

    parts = ["# Public names", "Signatures and docstrings as `help()` shows them."]
    for module in (slt_symbolic, models, testing, numerics):
        parts.append(f"## {module.__name__}")
        parts += [_documented(name, getattr(module, name)) for name in sorted(module.__all__) if name[0] != "_"]
    return "\n\n".join(parts) + "\n"


def _documented(name: str, value: object) -> str:
    try:
        signature = str(inspect.signature(value)) if callable(value) else ""  # type: ignore[arg-type]
    except ValueError:
        signature = ""
    signature = re.sub(r"<function (\w+) at 0x\w+>", r"\1", signature)  # the same at each build
    if len(name + signature) > LINE:  # a parameter a line
        signature = re.sub(r", (?=\*?\w+: |\*, )", ",\n    ", signature.replace("(", "(\n    ", 1))
    return f"### {name}\n\n```text\n{name}{signature}\n\n{inspect.getdoc(value) or ''}\n```"


def schemas_page() -> str:
    """The JSON schemas of files that are written or read."""
    parts = ["# Schemas"]
    for file in SCHEMAS:
        schema = json.loads((ROOT / file).read_text())
        parts.append(f"## {schema.get('title', file)}\n\n`{file}`. {schema.get('description', '')}\n\n{_table(schema)}")
        parts.append(f"```json\n{json.dumps(schema, indent=1)}\n```")
    return "\n\n".join(parts) + "\n"


def _table(schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [f"| `{key}` | {'yes' if key in required else ''} | {_words(value)} |"
            for key, value in schema.get("properties", {}).items()]
    return "\n".join(["| key | required | what |", "|---|---|---|", *rows])


def _words(value: dict[str, Any]) -> str:
    text = value.get("description") or value.get("type") or value.get("$ref", "").rpartition("/")[2]
    return re.sub(r"\s+", " ", str(text)).replace("|", r"\|")


def _copied(file: str) -> Callable[[], str]:
    return (ROOT / file).read_text


PAGES: dict[str, Callable[[], str]] = {
    "catalogue": catalogue_page, "commands": commands_page, "api": api_page, "schemas": schemas_page,
    "certificate-format": _copied("slt_symbolic/check/FORMAT.md"), "not-covered": _copied("derivations/NOT_COVERED.md"),
    "benchmarks": benchmarks.page,
    "contributing": _copied("CONTRIBUTING.md"), "changelog": _copied("CHANGELOG.md")}
STUDIES = {  # results, beside which reports lie
    "published-llc": measured.STUDY, "published-sizes": measured.SIZES, "tracking": measured.TRACKING,
    "tracking-published": measured.TRACKING_PUBLISHED, "tracking-few-pairs": measured.TRACKING_FEW_PAIRS,
    "tracking-transformer": measured.TRACKING_TRANSFORMER, "transition": measured.TRANSITION,
    "transition-published": measured.TRANSITION_PUBLISHED, "foresight": measured.FORESIGHT}
GENERATED = [f"docs/generated/{name}.md" for name in (*PAGES, *(f"{study}/report" for study in STUDIES))]

if __name__ == "__main__":
    for page, block, text in blocks():
        page.write_text(measured.with_block(page.read_text(), text, block))
