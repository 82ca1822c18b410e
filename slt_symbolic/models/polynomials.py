"""Expressions of SymPy as polynomials of FLINT, and back: what a model is built from is expanded there."""

from __future__ import annotations

from functools import lru_cache, reduce
from itertools import islice
from operator import add, mul

import sympy
from flint import fmpq

from slt_symbolic.check.algebra.ring import Polynomial, Ring, ring_of
from slt_symbolic.germ.sympy_input import monomials

MOST_KEPT = 2**10  # polynomials of nested parts, which the cells of a model share

Symbols = tuple[sympy.Symbol, ...]


def polynomial_of(expression: sympy.Expr, symbols: Symbols) -> Polynomial | None:
    """The polynomial over Q in these symbols that an expression is; None where it is none as it is written.

    >>> a, b = sympy.symbols("a b")
    >>> polynomial_of((a + b / 2)**2 - a**2, (a, b)), polynomial_of(a / b, (a, b)), polynomial_of(a * b, (a,))
    (x0*x1 + 1/4*x1^2, None, None)
    """
    ring, places = _ring(symbols)
    if isinstance(expression, sympy.Symbol):
        return ring.gen(places[expression]) if expression in places else None
    if isinstance(expression, sympy.Rational):
        return ring.constant(number_of(expression))
    return _arithmetic(expression, symbols)


@lru_cache(MOST_KEPT)
def _arithmetic(expression: sympy.Expr, symbols: Symbols) -> Polynomial | None:
    """A sum, a product or a power with an exponent that is a natural number."""
    if expression.func is sympy.Pow:
        base = polynomial_of(expression.base, symbols)
        whole = isinstance(expression.exp, sympy.Integer) and expression.exp >= 0
        return base**int(expression.exp) if whole and base is not None else None
    if expression.func not in (sympy.Add, sympy.Mul):
        return None
    ring, places = _ring(symbols)
    table, others = monomials(expression, places, ring) if expression.func is sympy.Add else ({}, expression.args)
    parts = [ring.from_dict({exponent: c for exponent, c in table.items() if c != 0})] if table else []
    for part in others:
        parts.append(polynomial_of(part, symbols))
        if parts[-1] is None:
            return None
    while len(parts) > 1:  # in pairs: a sum of n terms one by one takes time n²
        pairs = [parts[i:i + 2] for i in range(0, len(parts), 2)]
        parts = [reduce(add if expression.func is sympy.Add else mul, pair) for pair in pairs]
    return parts[0]


def expression_of(polynomial: Polynomial, symbols: Symbols) -> sympy.Expr:
    """The polynomial, written out in these symbols for its variables.

    >>> a, b = sympy.symbols("a b")
    >>> expression_of(polynomial_of((a - b)**2 / 3, (a, b)), (a, b))
    a**2/3 - 2*a*b/3 + b**2/3
    """
    order = sorted(range(len(symbols)), key=lambda j: symbols[j].sort_key())
    powers = [[symbols[j]**n for n in range(1 + int(d))] for j, d in enumerate(polynomial.degrees())]
    found = []
    for exponents, c in polynomial.terms():
        number = [] if c == 1 and any(exponents) else [sympy.Rational(int(c.p), int(c.q))]
        # the order in which SymPy itself would write the factors: those to the first power are before the others
        factors = [*(symbols[j] for j in order if exponents[j] == 1),
                   *(powers[j][int(exponents[j])] for j in order if exponents[j] > 1)]
        found.append(sympy.Mul(*number, *factors, evaluate=False))
    return sympy.Add(*found)


def number_of(number: sympy.Rational) -> fmpq:
    """A rational number of SymPy as one of FLINT."""
    return fmpq(int(number.p), int(number.q))


def has_fewer_parts(expression: sympy.Expr, count: int) -> bool:
    """Is an expression written with fewer symbols, numbers and operations than so many?"""
    return len(list(islice(sympy.preorder_traversal(expression), count))) < count


@lru_cache(MOST_KEPT)
def _ring(symbols: Symbols) -> tuple[Ring, dict[sympy.Symbol, int]]:
    """The ring of polynomials in so many variables, whatever the names of the symbols, and their places in it."""
    return ring_of([f"x{j}" for j in range(len(symbols))]), {symbol: j for j, symbol in enumerate(symbols)}
