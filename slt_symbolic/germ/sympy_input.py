"""Polynomials from SymPy, by their trees and rational coefficients: never by their text, never expanded by SymPy.

SymPy prints ``pi`` and a symbol of this name alike, so that no text of an expression says what it means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy
from flint import fmpq

from slt_symbolic.check.algebra.grammar import (
    LARGEST_DEGREE,
    LARGEST_EXPONENT,
    LARGEST_NUMBER,
    MOST_TOKENS,
    unknown_variable,
)
from slt_symbolic.check.algebra.ring import Polynomial, Ring
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.quotients import Quotient, Quotients

DEEPEST_TREE = 300  # levels: a sum, a product and a power for each of the grammar's parentheses
LARGEST_CONSTANT = 30  # parts of a constant factor whose sign SymPy is asked for
LONGEST_SHOWN = 200  # parts of an expression that is printed in an error

REMEDY = "a polynomial with rational coefficients like x**2 - Rational(1, 2)*y**3"
_ARITHMETIC = (sympy.Add, sympy.Mul, sympy.Pow)  # exactly: products of matrices are subclasses


@dataclass(frozen=True)
class SympyInput:
    """A polynomial as SymPy has it: ``sign`` times the product of ``factors``, in ``symbols``."""

    source: sympy.Expr | sympy.Poly
    symbols: tuple[sympy.Symbol, ...]
    sign: int = 1
    factors: tuple[sympy.Expr, ...] = ()

    def polynomial(self, ring: Ring) -> Polynomial:
        """The polynomial in a ring that has the symbols by their names."""
        found = self.quotient(ring)
        if not found.denominator.is_one():
            raise refuse(self.source, f"division by {found.denominator}, which is not constant")
        return found.numerator

    def quotient(self, ring: Ring) -> Quotient:
        """The same where it is divided by polynomials."""
        positions = {name: j for j, name in enumerate(ring.names())}
        expansion = Quotients(ring, lambda problem: refuse(self.source, problem))
        if isinstance(self.source, sympy.Poly):
            return expansion.of(_from_terms(self.source, ring, positions))
        for symbol in self.symbols:
            if symbol.name not in positions:
                raise unknown_variable(shown(self.source), symbol.name, positions)
        places = {symbol: positions[symbol.name] for symbol in self.symbols}
        result = expansion.number(self.sign)
        for factor in self.factors:
            result = expansion.product(result, _build(factor, expansion, places))
        return result


def read(source: sympy.Expr | sympy.Poly) -> SympyInput:
    """A real constant factor that is not rational, like pi, is dropped from the whole; its sign is kept.

    >>> x, y = sympy.symbols("x y")
    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> read(-sympy.pi * (x + y / 2)**2).polynomial(ring_of(["x", "y"]))
    -x^2 - x*y - 1/4*y^2
    >>> read(sympy.pi * x + y)
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: pi*x + y: is no polynomial: pi is not rational; try a polynomial with rational \
coefficients like x**2 - Rational(1, 2)*y**3
    """
    if isinstance(source, sympy.Poly):
        return _read_poly(source)
    sign, factors = _without_constants(source)
    symbols = {symbol for factor in factors for symbol in _symbols(factor, source)}
    return SympyInput(source, tuple(sorted(symbols, key=lambda s: s.name)), sign, tuple(factors))


def shown(source: object) -> str:
    """A text for an error; what is long, or cannot be printed, is named by its type."""
    kind = type(source).__name__
    if isinstance(source, sympy.Expr) and sum(1 for _ in _nodes(source, LONGEST_SHOWN)) > LONGEST_SHOWN:
        return f"a long {kind}"
    try:
        return str(source)
    except (ValueError, RecursionError):  # an integer of thousands of digits
        return f"a long {kind}"


def refuse(source: object, problem: str) -> InvalidInput:
    """The error for what is no polynomial."""
    return InvalidInput(shown(source), f"is no polynomial: {problem}", REMEDY)


def _nodes(expr: sympy.Basic, most: int) -> Iterator[sympy.Basic]:
    """The parts of a tree, one more than ``most`` at most."""
    stack = [expr]
    for _ in range(most + 1):
        if not stack:
            return
        node = stack.pop()
        yield node
        stack.extend(node.args)


def _without_constants(source: sympy.Expr) -> tuple[int, list[sympy.Expr]]:
    """The sign of the constant factors that are not rational, and the other factors."""
    sign, others = 1, []
    for factor in source.args if source.func is sympy.Mul else (source,):
        if source.func is sympy.Mul and _is_irrational(factor):
            sign *= _sign(factor, source)
        else:
            others.append(factor)
    if not others:
        raise refuse(source, "it is a constant that is not rational")
    return sign, others


def _is_irrational(factor: sympy.Expr) -> bool:
    """Is it a small constant that is more than arithmetic with rational numbers? A large one is left to be refused."""
    nodes = list(_nodes(factor, LARGEST_CONSTANT))
    if len(nodes) > LARGEST_CONSTANT or any(isinstance(node, sympy.Symbol) for node in nodes):
        return False
    return not all(isinstance(node, sympy.Rational) or node.func in (sympy.Add, sympy.Mul) or _is_power(node)
                   for node in nodes)


def _is_power(node: sympy.Basic) -> bool:
    return node.func is sympy.Pow and isinstance(node.exp, sympy.Integer)


def _sign(constant: sympy.Expr, source: sympy.Expr) -> int:
    """The sign of a number whose size is bounded by what it is built from: SymPy computes digits."""
    for node in _nodes(constant, LARGEST_CONSTANT):
        small = all(isinstance(a, sympy.Rational) and max(abs(a.p), a.q) <= LARGEST_EXPONENT
                    for a in (node.args[1:] if node.func is sympy.Pow else node.args))
        if isinstance(node, sympy.Float):
            raise refuse(source, f"the float {node} is not exact")
        if not (isinstance(node, sympy.Rational | sympy.NumberSymbol) or node.func in (sympy.Add, sympy.Mul)
                or ((node.func is sympy.Pow or isinstance(node, sympy.Function)) and small)):
            raise refuse(source, f"the factor {shown(constant)} is not known to be real and nonzero")
    if constant.is_positive:
        return 1
    if constant.is_negative:
        return -1
    raise refuse(source, f"the factor {shown(constant)} is not known to be real and nonzero")


def _symbols(tree: sympy.Expr, source: sympy.Expr) -> set[sympy.Symbol]:
    """The symbols of a tree that is arithmetic with them and rational numbers; anything else is refused."""
    found: set[sympy.Symbol] = set()
    stack, parts = [(tree, 1)], 0
    while stack:
        node, depth = stack.pop()
        parts += 1
        if parts > MOST_TOKENS or depth > DEEPEST_TREE:
            raise refuse(source, f"more than {MOST_TOKENS} parts" if parts > MOST_TOKENS else
                         f"more than {DEEPEST_TREE} nested operations")
        if isinstance(node, sympy.Symbol):
            found.add(node)
        elif isinstance(node, sympy.Rational):
            if digits_exceed(node.p, node.q):
                raise refuse(source, f"a number of more than {LARGEST_NUMBER} digits")
        elif node.func is sympy.Pow:
            _require_exponent(node, source)
            stack.append((node.base, depth + 1))
        elif node.func in _ARITHMETIC:
            stack.extend((argument, depth + 1) for argument in node.args)
        else:
            raise refuse(source, _foreign(node))
    return found


def _require_exponent(node: sympy.Pow, source: sympy.Expr) -> None:
    exponent = node.exp
    if not isinstance(exponent, sympy.Integer):
        irrational = not any(isinstance(part, sympy.Symbol) for part in _nodes(node, LARGEST_CONSTANT))
        raise refuse(source, f"{shown(node)} is not rational" if irrational else
                     f"the exponent of {shown(node)} is not an integer")
    if abs(int(exponent)) > LARGEST_EXPONENT:
        raise refuse(source, f"the exponent of {shown(node)} is not an integer from 0 to {LARGEST_EXPONENT}")


def _foreign(node: sympy.Basic) -> str:
    """What is wrong with a part that is neither symbol nor rational number nor arithmetic."""
    if isinstance(node, sympy.Float):
        return f"the float {node} is not exact"
    if node.is_number and (node.is_Atom or isinstance(node, sympy.Function)):
        return f"{shown(node)} is not rational"
    return f"{shown(node)} is of type {type(node).__name__}, no symbol"


def digits_exceed(*numbers: int) -> bool:
    """Does one have more digits than a text may write?"""
    return any(abs(int(number)) >= 10**LARGEST_NUMBER for number in numbers)


def _build(node: sympy.Expr, expansion: Quotients, places: Mapping[sympy.Symbol, int]) -> Quotient:
    """What `_symbols` let pass."""
    if isinstance(node, sympy.Symbol):
        return expansion.of(expansion.ring.gen(places[node]))
    if isinstance(node, sympy.Rational):
        return expansion.number(int(node.p), int(node.q))
    if node.func is sympy.Pow:
        exponent = int(node.exp)
        power = expansion.power(_build(node.base, expansion, places), abs(exponent))
        return power if exponent >= 0 else expansion.quotient(expansion.number(1), power)
    table, others = monomials(node, places, expansion.ring) if node.func is sympy.Add else ({}, node.args)
    parts = [expansion.written_out(table)] if table else []
    for argument in others:  # no comprehension, which would be another level of recursion
        parts.append(_build(argument, expansion, places))
    if node.func is sympy.Add:
        return expansion.sum(parts)
    result = parts[0]
    for part in parts[1:]:
        result = expansion.product(result, part)
    return result


def monomials(node: sympy.Add, places: Mapping[sympy.Symbol, int], ring: Ring,
              ) -> tuple[dict[tuple[int, ...], fmpq], list[sympy.Expr]]:
    """The terms of a sum that are monomials in these variables of a ring, as a table, and the other terms."""
    table: dict[tuple[int, ...], fmpq] = {}
    others = []
    for term in node.args:
        exponent, number = [0] * ring.nvars(), fmpq(1)
        for factor in term.args if term.func is sympy.Mul else (term,):
            base, power = factor.args if factor.func is sympy.Pow else (factor, sympy.S.One)
            if base in places and isinstance(power, sympy.Integer) and power.is_positive:
                exponent[places[base]] += int(power)
            elif isinstance(factor, sympy.Rational) and number == 1:
                number = fmpq(int(factor.p), int(factor.q))
            else:
                exponent[0] = LARGEST_DEGREE + 1
                break
        if sum(exponent) > LARGEST_DEGREE:
            others.append(term)
        else:
            table[tuple(exponent)] = table.get(tuple(exponent), fmpq(0)) + number
    return table, others


def _read_poly(source: sympy.Poly) -> SympyInput:
    for generator in source.gens:
        if not isinstance(generator, sympy.Symbol):
            raise refuse(source, f"its generator {shown(generator)} is no symbol")
    if not source.domain.is_Exact or source.domain.is_FiniteField:
        raise refuse(source, f"its coefficients are in {source.domain}, not rational")
    return SympyInput(source, tuple(source.gens))


def _from_terms(source: sympy.Poly, ring: Ring, positions: Mapping[str, int]) -> Polynomial:
    table = {}
    for exponents, coefficient in source.terms():
        if not isinstance(coefficient, sympy.Rational):
            raise refuse(source, f"its coefficient {shown(coefficient)} is not rational")
        if digits_exceed(coefficient.p, coefficient.q):
            raise refuse(source, f"a number of more than {LARGEST_NUMBER} digits")
        exponent = [0] * len(positions)
        for symbol, e in zip(source.gens, exponents, strict=True):
            if e and symbol.name not in positions:
                raise unknown_variable(shown(source), symbol.name, positions)
            if e:
                exponent[positions[symbol.name]] = e
        table[tuple(exponent)] = fmpq(int(coefficient.p), int(coefficient.q))
    if len(table) > MOST_TOKENS:
        raise refuse(source, f"more than {MOST_TOKENS} terms")
    return ring.from_dict(table)
