"""Closed forms: one (weighted) blow-up of the origin makes these germs monomial.

Theorem (forms in two variables). Let forms ``f_1, ..., f_r`` of degree d have the common divisor G. Blowing up the
origin gives ``t^d (u - u_i)^{e_i}`` with the measure t dt du at the real linear factors of G, of multiplicities e_i,
and ``t^d`` elsewhere. So ``lambda = min(1/d, 1/(2 e_i))``, and m = 2 if 1/d and some e_i attain that, else 1.

Theorem (weights). Let ``f = x^k y^l prod h_i(y^p, x^q)^{e_i}`` with p and q coprime and h_i distinct irreducible forms,
other than the coordinates. With the weights p of x and q of y the divisor has ``a = p + q`` and the order
``N = k p + l q + p q sum deg(h_i) e_i``; over the positive reals the weighted blow-up is smooth. Real branches are the
axes and those h_i with a real zero c of ``h_i(c, 1)``: as p and q are not both even, ``y^p = c x^q`` has real points
with x and y nonzero. Each crosses the divisor in a smooth point. So lambda is the least of ``(p + q)/(2 N)`` and the
``1/(2 e)`` of the branches, and m = 2 where a branch ties with the divisor.

Theorem (isolated singularity). Let f be weighted homogeneous of degree D for positive integer weights w, without zeros
off the origin at which its gradient vanishes. Then ``lambda(f^e) = min(sum w / (2 D), 1/2) / e``, and m = 2 if the two
tie; without real zeros off the origin lambda is ``sum w / (2 D e)`` and m = 1. For ``sum c_j x_j^{k_j}``, with at least
two variables and some k_j > 1, there are zeros off the origin if some k_j is odd or the c_j have both signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from math import gcd, lcm

import sympy

from tests.oracles.ends import End

T = sympy.Symbol("t")


def binary_forms(generators: Sequence[str], names: Sequence[str] = ("x", "y")) -> End:
    """``(lambda, m)`` of forms of one degree in two variables.

    >>> binary_forms(["x*y"]), binary_forms(["x^2 + y^2"]), binary_forms(["x*y^2", "x*y*(x + y)"])
    ((Fraction(1, 2), 2), (Fraction(1, 2), 1), (Fraction(1, 3), 1))
    """
    x, y = sympy.symbols(tuple(names))
    forms = [sympy.Poly(sympy.sympify(g.replace("^", "**"), locals={names[0]: x, names[1]: y}), x, y)
             for g in generators]
    degrees = {sum(e) for f in forms for e in f.monoms()}
    if len(degrees) != 1:
        raise ValueError("not forms of one degree")
    common = reduce(sympy.gcd, forms)
    at_infinity = min(e[1] for e in common.monoms())  # the power of y, lost at y = 1
    branches = [e for p, e in sympy.Poly(common.as_expr().subs({y: 1}), x).factor_list()[1] if p.count_roots()]
    return _tie(Fraction(1, degrees.pop()), [*branches, *([at_infinity] if at_infinity else [])])


def weighted(a: int, b: int, p: int, q: int, factors: Sequence[tuple[Sequence[int], int]]) -> End:
    """``(lambda, m)`` of ``x^a y^b prod h(y^p, x^q)^e``; h by the coefficients of h(t, 1), the highest first.

    >>> weighted(0, 0, 2, 3, [([1, -1], 1)])
    (Fraction(5, 12), 1)
    >>> weighted(0, 0, 1, 1, [([1, 0, -2], 2)])
    (Fraction(1, 4), 2)
    """
    if gcd(p, q) != 1:
        raise ValueError("weights that are not coprime")
    table: dict[sympy.Poly, int] = {}
    for coefficients, e in factors:
        for h, k in sympy.Poly(coefficients, T).factor_list()[1]:
            table[h] = table.get(h, 0) + e * k
    order = a * p + b * q + p * q * sum(h.degree() * e for h, e in table.items())
    branches = [e for h, e in table.items() if h.count_roots()]
    return _tie(Fraction(p + q, 2 * order), [e for e in (a, b, *branches) if e])


def weighted_text(a: int, b: int, p: int, q: int, factors: Sequence[tuple[Sequence[int], int]]) -> str:
    """That germ in x and y.

    >>> weighted_text(1, 0, 2, 3, [([1, -2], 2)])
    'x*(-2*x^3 + y^2)^2'
    """
    x, y = sympy.symbols("x y")
    forms = [sum(c * y ** (p * (len(h) - 1 - i)) * x ** (q * i) for i, c in enumerate(h)) ** e for h, e in factors]
    return str(sympy.Mul(x**a, y**b, *forms)).replace("**", "^")


def diagonal(coefficients: Sequence[int], exponents: Sequence[int], power: int) -> End:
    """``(lambda, m)`` of ``(sum c_j x_j^{k_j})^power``, two variables or more, all ``k_j > 1``.

    >>> diagonal([1, -1], [2, 3], 1), diagonal([1, 1], [2, 2], 1), diagonal([1, -1], [2, 2], 1)
    ((Fraction(5, 12), 1), (Fraction(1, 2), 1), (Fraction(1, 2), 2))
    """
    if len(exponents) < 2 or min(exponents) < 2:
        raise ValueError("not a singular point")
    degree = lcm(*exponents)
    value = Fraction(sum(degree // k for k in exponents), 2 * degree * power)
    has_zeros = any(k % 2 for k in exponents) or len({c > 0 for c in coefficients}) == 2
    return _tie(value, [power] if has_zeros else [])


def _tie(divisor: Fraction, branches: Sequence[int]) -> End:
    """One divisor, crossed by branches of these multiplicities."""
    others = [Fraction(1, 2 * e) for e in branches]
    value = min([divisor, *others])
    return value, 2 if value == divisor and divisor in others else 1
