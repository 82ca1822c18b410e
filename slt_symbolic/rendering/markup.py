"""Prose with mathematics between dollar signs, made safe for LaTeX and for Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable

_PROSE_IN_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\^{}", "&": r"\&", "%": r"\%", "#": r"\#",
    "~": r"$\sim$", "<<": r"$\ll$", ">>": r"$\gg$", "<=": r"$\le$", ">=": r"$\ge$",
    "<": r"$<$", ">": r"$>$", "|": r"$|$", "·": r"$\cdot$", "×": r"$\times$", "Σ": r"$\Sigma$",
}
# A backslash before punctuation is an escape in Markdown, and GitHub undoes escapes inside formulas too.
_FORMULA_IN_MARKDOWN = {
    r"\\": r"\cr ", r"\,": r"\thinspace ", r"\;": r"\ ", r"\:": r"\ ", r"\!": "", r"\{": r"\lbrace ",
    r"\}": r"\rbrace ", r"\|": r"\Vert ", "*": r"\ast ", "<": r"\lt ", ">": r"\gt ",
}


def escape_latex(text: str) -> str:
    r"""The text for LaTeX; what stands between backquotes is code.

    >>> print(escape_latex("V_j <= 5 % of `at`: $V_j$"))
    V\_j $\le$ 5 \% of \texttt{at}: $V_j$
    """
    def prose(part: str) -> str:
        return re.sub("`([^`]*)`", r"\\texttt{\1}", _replace(part, _PROSE_IN_LATEX))

    return by_parts(text, prose, lambda formula: formula)


def escape_markdown(text: str) -> str:
    r"""Plain prose for Markdown: nothing but code between backquotes and mathematics is markup.

    >>> print(escape_markdown("A_1 ~ B_2: $W_*$"))
    A\_1 \~ B\_2: $W_\ast$
    """
    return by_parts(text, lambda prose: re.sub(r"([\\*_~<>\[\]|])", r"\\\1", prose), _formula)


def protect_formulas(markdown: str) -> str:
    r"""Markdown whose formulas hold nothing that a Markdown reader takes for its own.

    >>> print(protect_formulas("*all* of $A\\,B$"))
    *all* of $A\thinspace B$
    >>> print(protect_formulas("so\n$$A\\,B$$"))
    so
    $$A\thinspace B$$
    """
    return by_parts(markdown, lambda prose: prose, _formula)


def _formula(latex: str) -> str:
    return " ".join(_replace(latex, _FORMULA_IN_MARKDOWN).split())  # GitHub wants no blank before the dollar sign


def by_parts(text: str, prose: Callable[[str], str], formula: Callable[[str], str]) -> str:
    """Both kinds of parts changed: ``$...$`` and the displayed ``$$...$$`` are formulas, all else is prose."""
    parts = re.split(r"(\$\$?)(.*?)\1", text, flags=re.DOTALL)  # prose, dollars, formula, prose, ...
    found = [prose(parts[0])]
    for dollars, latex, words in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        found += [dollars, formula(latex), dollars, prose(words)]
    return "".join(found)


def _replace(text: str, table: dict[str, str]) -> str:
    return re.sub("|".join(map(re.escape, table)), lambda match: table[match[0]], text)
