"""The terms of a sum as they were typed: a loss is often written as the squares that it is a sum of."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.ring import Polynomial, Ring
from slt_symbolic.germ import sympy_input

MOST_SUMMANDS = 1000


def summands_of(typed: str | sympy.Expr, ring: Ring) -> list[Polynomial]:
    """The terms of a text or of an expression as polynomials; none where it is no sum, or one of very many terms.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> summands_of("(x - y)^2 - 2*x*(x + y)", ring_of(["x", "y"]))
    [x^2 - 2*x*y + y^2, -2*x^2 - 2*x*y]
    """
    if isinstance(typed, str):
        texts = _terms(typed)
        return [parse(text, ring) for text in texts] if 1 < len(texts) <= MOST_SUMMANDS else []
    terms: Sequence[sympy.Expr] = typed.args if typed.func is sympy.Add else ()
    return [sympy_input.read(term).polynomial(ring) for term in terms] if len(terms) <= MOST_SUMMANDS else []


def _terms(text: str) -> list[str]:
    """The text cut at the signs that stand between terms of the sum that it is."""
    places, depth, before = [0], 0, ""
    for i, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter in "+-" and depth == 0 and before not in ("", *"+-*/^("):
            places.append(i)
        before = letter.strip() or before
    return [text[start:stop] for start, stop in zip(places, [*places[1:], len(text)], strict=True)]
