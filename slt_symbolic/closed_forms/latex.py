"""Formulas of entries as LaTeX."""

from __future__ import annotations

import re

import sympy


def latex(expr: sympy.Basic) -> str:
    r"""The expression as LaTeX, without dollar signs; names of several letters are upright.

    >>> print(latex(sympy.Symbol("rank") * sympy.Symbol("d") / 4))
    \frac{d \mathrm{rank}}{4}
    """
    words = {symbol: rf"\mathrm{{{symbol.name}}}" for symbol in expr.free_symbols
             if re.fullmatch("[a-z]{2,}", symbol.name) and symbol.name != "lambda"}
    return str(sympy.latex(expr, symbol_names=words))
