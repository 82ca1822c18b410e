"""One loss in two ways: K typed as a function, or the generators of whose squares it is the sum.

By definition ``(lambda, m)`` of generators is that of ``K = sum g_i^2``, and that of a function is its own; so the pair
of ``K`` as a function is the pair of the generators, and the ideal (K) of one generator has half that lambda.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy


def loss(generators: Sequence[str], names: Sequence[str]) -> str:
    """``sum g_i^2``, multiplied out.

    >>> loss(["x - y", "x*y"], ["x", "y"])
    'x^2*y^2 + x^2 - 2*x*y + y^2'
    """
    symbols = {name: sympy.Symbol(name) for name in names}
    squares = [sympy.sympify(g.replace("^", "**"), locals=symbols) ** 2 for g in generators]
    return str(sympy.expand(sympy.Add(*squares))).replace("**", "^")
