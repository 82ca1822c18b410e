"""The page of one entry: its formula, domain, values, map, sources, and what its script needs."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy

from slt_symbolic.closed_forms import Claim, Entry
from slt_symbolic.closed_forms.entry import LAMBDA
from slt_symbolic.closed_forms.latex import latex
from slt_symbolic.closed_forms.parameter import LARGEST_SIZE, format_sizes
from slt_symbolic.evidence import Source
from slt_symbolic.rendering import text as printing
from slt_symbolic.rendering.atlas.drawings import drawing_of
from slt_symbolic.rendering.atlas.families import family_of
from slt_symbolic.rendering.atlas.resolution import Resolution, resolution_in
from slt_symbolic.rendering.atlas.values import Grid, grid_of, kind_of, recorded_sizes, rows_of
from slt_symbolic.rendering.layout import LONG_PIECE, cases, cases_latex, in_words, pieces
from slt_symbolic.rendering.mathml import mathml
from slt_symbolic.rendering.typeset import typeset

KINDS = {"proved": "proved for these sizes", "certified": "decided here by an exact computation",
         "cited": "from the literature, inside a proved bracket", "bracket": "only a bracket is known",
         "holds": "the claim is true here", "refuted": "the claim is false here",
         "outside": "the claim's hypothesis fails, or nothing is stated", "undecided": "not decided"}


@dataclass(frozen=True)
class Page:
    """What the template prints of an entry; ``exported`` is its part of catalogue.json."""

    entry: Entry
    exported: Mapping[str, Any]
    grid: Grid | None
    resolution: Resolution | None

    @property
    def family(self) -> str:
        """The title of its family."""
        return family_of(self.entry).title

    @property
    def names(self) -> frozenset[str]:
        """The words that stand for sizes in its prose."""
        return printing.names_of(self.entry)

    @property
    def drawing(self) -> str | None:
        """A drawing of the network or model, as SVG."""
        return drawing_of(self.entry.name)

    @property
    def formulas(self) -> Iterator[str]:
        """The displayed formulas, as HTML."""
        entry = self.entry
        if not isinstance(entry, Claim):
            yield from (formula_html(f"{latex(left)} =", right) for left, right in entry.equations)
        elif entry.lower_expr == entry.upper_expr:
            yield formula_html(latex(LAMBDA) + " =", entry.upper_expr)
        else:
            yield formula_html(latex(LAMBDA) + r" \ge", entry.lower_expr)
            yield formula_html(latex(LAMBDA) + r" \le", entry.upper_expr)

    @property
    def conditions(self) -> list[str]:
        """The relations between sizes, as HTML."""
        return [words_html(condition.holds) for condition in self.entry.conditions]

    @property
    def derived(self) -> list[str]:
        """The symbols that stand for numbers computed from the sizes, as MathML."""
        return [mathml(latex(symbol)) for symbol in self.entry.derived.symbols]

    @property
    def file(self) -> str | None:
        """The name of the data that a file may give instead of sizes."""
        data = None if isinstance(self.entry, Claim) else self.entry.data
        return None if data is None else data.name

    @property
    def kinds(self) -> dict[str, str]:
        """What the map shows, with words for the legend."""
        found = {"outside"} if self.grid and any(x is None for row in self.grid.answers for x in row) else set()
        found |= {kind_of(answer.to_json()) for answer in self.grid or ()}
        words = KINDS if isinstance(self.entry, Claim) else KINDS | {"outside": "the domain has no such sizes"}
        return {kind: words[kind] for kind in words if kind in found}

    @property
    def example(self) -> str:
        """The sizes that the fields begin with, as they are typed."""
        return format_sizes(recorded_sizes(self.entry)[-1])

    @property
    def copies(self) -> dict[str, str]:
        """What there is to copy."""
        entry = self.entry
        names = " ".join(x.name for x in entry.symbols)
        formula = f"({entry.lower_expr}, {entry.upper_expr})" if isinstance(entry, Claim) else str(entry.expr)
        return {"LaTeX": whole_latex(entry), "SymPy": f"import sympy\n\n{names.replace(' ', ', ')} = "
                f"sympy.symbols('{names}')\nlambda_ = sympy.sympify('{formula}', locals=locals())",
                "JSON": json.dumps(self.exported["mathjson"]), "BibTeX": printing.entry_bibtex(entry)}

    @property
    def data(self) -> str:
        """What the script reads, as JSON that is safe inside HTML."""
        entry = self.entry
        begin = dict(recorded_sizes(entry)[-1])
        rows = list(rows_of(entry, self.exported["instances"], self.grid))
        data = {
            "name": entry.name, "kind": entry.kind, "parameters": self.exported["parameters"],
            "mathjson": self.exported["mathjson"], "derived": self.exported["derived_symbols"],
            "problems": [[condition.problem, condition.remedy] for condition in entry.conditions],
            "begin": begin, "rows": rows, "largest": str(LARGEST_SIZE), "evidence": self.exported.get("evidence"),
            "decided": not isinstance(entry, Claim) and entry.decide is None}
        return json.dumps(data).replace("<", r"\u003c")


def page_of(entry: Entry, exported: Mapping[str, Any], folder: Path) -> Page:
    """The page of an entry, whose answers are computed now; ``folder`` holds the certificates that it refers to."""
    return Page(entry, exported, grid_of(entry), resolution_in(exported["instances"], folder))


def formula_html(start: str, formula: sympy.Expr) -> str:
    """A formula as HTML: cases as rows of a table, and pieces that the browser may put on lines of their own."""
    found = cases(formula)
    if len(found) == 1:
        return f'<p class="formula">{_pieces_html(found[0].value, start)}</p>'
    rows = "".join(f"<tr><td>{_pieces_html(case.value)}</td><td>{'' if case.condition == sympy.true else 'if '}"
                   f"{words_html(case.condition)}</td></tr>" for case in found)
    return f'<div class="formula cases">{mathml(start)}<table><tbody>{rows}</tbody></table></div>'


def _pieces_html(formula: sympy.Expr, start: str = "") -> str:
    return " ".join(mathml(rf"\displaystyle {piece}") for piece in filter(None, [start, *pieces(formula)]))


def words_html(condition: sympy.Basic) -> str:
    """A condition in words and MathML."""
    return in_words(condition, _relation_html)


def _relation_html(relation: sympy.Basic) -> str:
    """A relation, whose sides may stand on lines of their own if it is long."""
    if not isinstance(relation, sympy.Rel) or len(str(relation)) <= LONG_PIECE:
        return mathml(latex(relation))
    sign = {"==": "=", "!=": r"\ne", "<=": r"\le", ">=": r"\ge"}.get(relation.rel_op, relation.rel_op)
    first, *rest = pieces(relation.rhs)
    return " ".join(map(mathml, [*pieces(relation.lhs), f"{{}} {sign} {first}", *rest]))


def prose_formula_html(formula: str) -> str:
    """A formula in prose; a long one in parts that begin with a relation, a sign or after a comma."""
    if len(formula) <= LONG_PIECE:
        return mathml(formula)
    parts, depth = [""], 0
    for token in re.findall(r"\\[A-Za-z]+|\\.|.", formula):
        depth += (token == "{") - (token == "}")
        if depth == 0 and parts[-1] and token in ("=", "<", ">", r"\le", r"\ge", "+", "-"):
            parts.append("{}")
        parts[-1] += token + " " * token.startswith("\\")
        if depth == 0 and token == ",":
            parts.append("")
    return " ".join(map(mathml, filter(None, parts)))


def whole_latex(entry: Entry) -> str:
    """The formula as LaTeX (amsmath), to be copied."""
    if not isinstance(entry, Claim):
        return r",\quad ".join(f"{latex(left)} = {cases_latex(right)}" for left, right in entry.equations)
    return entry.equation(latex).replace(" <= ", r" \le ")


def reference_html(source: Source) -> str:
    """A reference with links to its DOI, to arXiv or to GitHub where these are known."""
    text = html.escape(source.text)
    for address in source.addresses:
        shown = address.removeprefix("https://").removeprefix("doi.org/").replace("arxiv.org/abs/", "arXiv:")
        link = f'<a href="{html.escape(address)}">{html.escape(shown)}</a>'
        text = text.replace(html.escape(shown), link) if html.escape(shown) in text else f"{text}, {link}"
    return text


def inline_html(text: str, names: frozenset[str] = frozenset()) -> str:
    """Prose as HTML: code between backquotes, mathematics as MathML."""
    parts = typeset(text, names).split("$")
    return "".join(prose_formula_html(part) if place % 2 else re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(part))
                   for place, part in enumerate(parts))
