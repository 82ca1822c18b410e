"""Entries and answers as text, LaTeX, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from typing import Any

import mpmath
import sympy

from slt_symbolic.audit import audit
from slt_symbolic.check.germ import Statement
from slt_symbolic.closed_forms import Answer, Claim, Entry
from slt_symbolic.closed_forms.latex import latex
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.engine import Resolution, proved_text
from slt_symbolic.evidence import Source
from slt_symbolic.free_energy.basins import EQUAL, Basin, Comparison
from slt_symbolic.rendering.layout import cases, cases_latex, in_words, pieces, plain
from slt_symbolic.rendering.markup import escape_latex, escape_markdown
from slt_symbolic.rendering.mathjson import mathjson
from slt_symbolic.rendering.typeset import typeset

LONG_DENOMINATOR = 10**6  # of a loss; beyond, six digits are printed


def entry_json(entry: Entry) -> dict[str, Any]:
    """The entry as plain data: formulas as SymPy strings and as MathJSON; a claim's verdicts are computed now."""
    data: dict[str, Any] = {
        "name": entry.name,
        "title": entry.title,
        "parameters": [
            {"name": x.name, "meaning": x.meaning, "minimum": x.minimum, "flag": x.is_flag, "length": x.length,
             "default": None if x.default is None else str(x.default)} for x in entry.parameters],
        "derived_symbols": [symbol.name for symbol in entry.derived.symbols],
        "conditions": [str(condition.holds) for condition in entry.conditions],
        "sources": [{"key": source.key, "text": source.text, "bibtex": source.bibtex} for source in sources_of(entry)],
        "derivation": entry.derivation,
    }
    if isinstance(entry, Claim):
        formulas = {"lower": entry.lower_expr, "upper": entry.upper_expr}
        verdicts = [{"sizes": dict(row.sizes), "claimed": row.stated, "exact": str(row.exact.lambda_),
                     "verdict": row.verdict} for row in audit(entry)]
        data |= {"kind": entry.kind, "statement": entry.statement, "hypothesis": entry.hypothesis,
                 "reason": entry.reason, "verdicts": verdicts}
    else:
        formulas = {"lambda": entry.expr, "multiplicity": entry.multiplicity}
        data |= {"kind": entry.kind, "assumptions": list(entry.assumptions), "evidence": entry.evidence.to_json()}
    data |= {name: str(expr) for name, expr in formulas.items()}
    return data | {"mathjson": {
        **{name: mathjson(expr) for name, expr in formulas.items()},
        "conditions": [mathjson(condition.holds) for condition in entry.conditions],
        "defaults": {x.name: mathjson(x.default) for x in entry.parameters if x.default is not None}}}


def entry_text(entry: Entry) -> str:
    """The entry for a terminal."""
    sources = [f"[{source.key}] {', '.join((source.text, *source.addresses))}" for source in sources_of(entry)]
    sections = [*_sections(entry, _PLAIN), ("sources", sources)]
    return "\n".join(f"{title}\n" + "\n".join(f"  {line}" for line in lines) for title, lines in sections)


def entry_markdown(entry: Entry) -> str:
    """The entry as a section of Markdown with LaTeX formulas."""
    (title, _), *rest = _sections(entry, _MARKDOWN)
    rest.append(("sources", [f"`{source.key}`: {source.text}" for source in sources_of(entry)]))
    names = names_of(entry)
    body = "\n\n".join(f"**{name}**\n\n" + "\n".join(f"- {escape_markdown(typeset(line, names))}" for line in lines)
                       for name, lines in rest)
    return f"## {escape_markdown(title)}\n\n{body}"


def entry_latex(entry: Entry) -> str:
    """The entry as a LaTeX paragraph (amsmath), which cites its sources by their BibTeX keys."""
    (title, _), *rest = _sections(entry, _LATEX)
    names = names_of(entry)
    items = [(name, [escape_latex(typeset(line, names)) for line in lines]) for name, lines in rest]
    items.append(("sources", [f"{escape_latex(x.text)} \\cite{{{x.key}}}" for x in sources_of(entry)]))
    body = "\n".join(f"\\item[{name}] " + "\n\\newline ".join(lines) for name, lines in items)
    return f"\\paragraph{{{escape_latex(title)}}}\n\\begin{{description}}\\raggedright\n{body}\n\\end{{description}}"


def entry_bibtex(entry: Entry) -> str:
    """How to cite the entry: this package with its name and version, and the sources of the formula."""
    own = (f"@misc{{slt-symbolic-{entry.name},\n  author = {{{{The slt-symbolic developers}}}},\n"
           f"  title = {{{{slt-symbolic, entry {entry.name}: {entry.title}}}}},\n"
           f"  howpublished = {{version {version('slt-symbolic')}}},\n}}")
    return "\n".join([own, *(source.bibtex for source in sources_of(entry))])


def answer_text(answer: Answer) -> str:
    """An answer in a few lines, the number first."""
    return (f"{answer.name} at {format_sizes(answer.sizes)}\n  {answer.threshold}\n"
            f"  {answer.evidence}")


def comparison_text(found: Comparison) -> str:
    """Both basins, the leading terms of the gap, whom they favour and from where on, what is ignored."""
    low, high = (_decimal(x) for x in found.gap)
    gap = low if low == high else f"between {low} and {high}"
    lines = [f"F_A - F_B = {_terms_text(found)} + O(1)", f"  at n = {found.n}: {gap} nats, {found.verdict}"]
    if found.crossing is not None:
        lines.append(f"  from n = {_decimal(found.crossing)} on: the leading terms favour {found.finally_preferred}"
                     + ("" if low == high else ", whatever lambda is in its bracket"))
    elif found.finally_preferred is not None:
        lines.append(f"  no crossing: the leading terms favour {found.finally_preferred} at every n >= 3")
    elif found.preferred != EQUAL:
        lines.append("  for large n: undecided by what is known")
    lines += _bounded_lines(found)
    lines.append(f"  ignored: {found.ignored}")
    return "\n".join([_basin_text("A", found.a), _basin_text("B", found.b), *lines])


def _bounded_lines(found: Comparison) -> list[str]:
    """What the bounded terms do: sampled, or how large they would have to be."""
    if found.windows is not None:
        windows = found.windows
        (bounded, bounded_error), (at_n, at_n_error) = windows.bounded, windows.at_n
        favoured = "the errors leave open which" if windows.preferred is None else f"favours {windows.preferred}"
        return [f"  in windows N(w, 1/{windows.a.gamma:.6g}) around both points F_A - F_B has the bounded term "
                f"{bounded:.4g} ± {bounded_error:.2g} nats; from n = {windows.settled:.1g} on there is little else",
                f"  at n = {found.n} itself, sampled there: {at_n:.6g} ± {at_n_error:.2g} nats, {favoured}"]
    if found.preferred in ("A", "B"):
        least = _decimal(min(abs(x) for x in found.gap))
        return [f"  bounded terms that differ by more than {least} nats can turn this at n = {found.n}"]
    return ["  the bounded terms alone order the two, at every n"] if found.preferred == EQUAL else []


def _basin_text(label: str, basin: Basin) -> str:
    return (f"{label}: {basin.name} at {format_sizes(basin.sizes)}\n"
            f"  loss {_loss_text(basin.loss)}, {basin.threshold}\n  {basin.evidence}")


def _terms_text(found: Comparison) -> str:
    """The difference of free energies, without the terms that vanish."""
    low, high = found.delta_lambda
    m = found.delta_multiplicity
    terms = []
    if found.delta_loss:
        terms.append(f"{_loss_text(found.delta_loss)} n")
    if low != high:
        terms.append(f"[{low}, {high}] log n")
    elif low:
        terms.append(f"{low} log n")
    if m:
        terms.append(f"{-m} log log n")
    return " + ".join(terms).replace("+ -", "- ") or "0"


def _loss_text(loss: Fraction) -> str:
    """A fraction as it was given; six digits of a computed one."""
    return str(loss) if loss.denominator < LONG_DENOMINATOR else _decimal(mpmath.mpf(loss.numerator) / loss.denominator)


def _decimal(x: mpmath.mpf) -> str:
    """Six digits."""
    return str(mpmath.nstr(x, 6, strip_zeros=True)).removesuffix(".0")


@dataclass(frozen=True)
class _Style:
    """How mathematics is printed: a formula in a line, an equation on lines of its own, a condition in words."""

    formula: Callable[[sympy.Basic], str]
    equation: Callable[[sympy.Symbol, sympy.Expr], list[str]]

    def condition(self, holds: sympy.Basic) -> str:
        """A relation between sizes."""
        return in_words(holds, self.formula)


def _plain_equation(left: sympy.Symbol, formula: sympy.Expr) -> list[str]:
    """A line for each case."""
    found = cases(formula)
    if len(found) == 1:
        return [f"{left} = {plain(found[0].value)}"]
    lines = [f"{plain(case.value)}  {_when(case.condition, plain)}" for case in found]
    start = f"{left} = "
    return [start + lines[0], *(" " * len(start) + line for line in lines[1:])]


def _latex_equation(left: sympy.Symbol, formula: sympy.Expr) -> list[str]:
    """A line for each case, which TeX may break between the pieces of a formula."""
    found = cases(formula)
    values = [" ".join(rf"$\displaystyle {piece}$" for piece in pieces(case.value)) for case in found]
    if len(found) > 1:
        values = [f"{value} {_when(case.condition, _latex)}" for value, case in zip(values, found, strict=True)]
    first, *others = values
    return [f"${latex(left)} =$ {first}", *(rf"or $\;$ {value}" for value in others)]


def _when(condition: sympy.Basic, formula: Callable[[sympy.Basic], str]) -> str:
    return "otherwise" if condition == sympy.true else f"if {in_words(condition, formula)}"


def _sections(entry: Entry, style: _Style) -> list[tuple[str, list[str]]]:
    """Titles with their lines of plain prose, up to the sources; ``style`` prints mathematics."""
    formula = style.formula
    parameters = [f"{formula(x.symbol)} {x.domain}: {x.meaning}"
                  + ("" if x.default is None else f" (default {formula(x.default)})") for x in entry.parameters]
    parameters += [f"condition: {style.condition(condition.holds)}" for condition in entry.conditions]
    sections = [(f"{entry.name}: {entry.title}", list[str]())]
    if isinstance(entry, Claim):
        verdicts = [f"{row.label}: claimed {row.stated}, exact {row.exact.lambda_}: {row.verdict}"
                    for row in audit(entry)]
        sections += [("claimed", [entry.equation(formula), entry.statement]),
                     ("hypothesis", [entry.hypothesis]), ("parameters", parameters),
                     ("verdict, computed now", verdicts), ("reason", [entry.reason])]
    else:
        if entry.derived.symbols:
            derived = ", ".join(map(formula, entry.derived.symbols))
            parameters.append(f"{derived}: computed from these, see the assumptions")
        values = [line for left, right in entry.equations for line in style.equation(left, right)]
        sections += [("value", values), ("parameters", parameters), ("assumptions", list(entry.assumptions)),
                     ("evidence", [str(entry.evidence)])]
    if entry.derivation:
        sections.append(("derivation", [f"`python -m derivations {entry.name}`"]))
    return sections


def names_of(entry: Entry) -> frozenset[str]:
    """The words that stand for sizes in the prose of an entry."""
    return frozenset(x.name for x in entry.parameters)


def sources_of(entry: Entry) -> tuple[Source, ...]:
    """The references of the entry and of its evidence, each once."""
    evidence = () if isinstance(entry, Claim) else entry.evidence.sources
    return tuple(dict.fromkeys((*entry.sources, *evidence)))


def _latex(expr: sympy.Basic) -> str:
    return f"${latex(expr)}$"


_PLAIN = _Style(plain, _plain_equation)
_MARKDOWN = _Style(_latex, lambda left, formula: [f"${latex(left)} = {cases_latex(formula)}$"])
_LATEX = _Style(_latex, _latex_equation)


def statement_text(statement: Statement) -> str:
    """What an accepted certificate proves."""
    return f"{statement.germ_text()}\n  {proved_text(statement)}\n  certificate accepted"


def resolution_text(answer: Resolution) -> str:
    """The answer of ``slt rlct``."""
    return f"{answer.germ_text()}\n  {proved_text(answer.statement)}\n  {answer.status}: certificate accepted"
