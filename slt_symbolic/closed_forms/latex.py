"""Formulas of entries as LaTeX."""

from __future__ import annotations

import re

import sympy
from sympy.printing.latex import greek_letters_set


def latex(expr: sympy.Basic) -> str:
    r"""The expression as LaTeX, without dollar signs; names of several letters are upright.

    >>> print(latex(sympy.Symbol("rank") * sympy.Symbol("d") / 4))
    \frac{d \, \mathrm{rank}}{4}
    """
    words = {symbol: rf"\mathrm{{{symbol.name}}}" for symbol in expr.free_symbols
             if re.fullmatch("[a-z]{2,}", symbol.name) and symbol.name not in greek_letters_set}
    text = str(sympy.latex(expr, symbol_names=words))
    text = re.sub(r"(?<=[\w}]) (?=\\mathrm\{)", r" \\, ", text)  # a word is not run into what it is multiplied by
    return re.sub(r"(\\mathrm\{\w+\}) (?=[A-Za-z(]|\\left|\\frac)", r"\1 \\, ", text)
