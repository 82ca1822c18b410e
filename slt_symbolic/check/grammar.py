"""Polynomials from text, by a grammar and never by evaluation.

    expression = ["-"|"+"] term {("+"|"-") term}
    term       = power {("*"|"/") power}          (division by nonzero constants only)
    power      = atom [("^"|"**") integer]
    atom       = integer | identifier | "(" expression ")" | ("-"|"+") power

Any identifier, of ASCII letters, digits and _, is a variable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import comb
from types import MappingProxyType
from typing import Any

from slt_symbolic.errors import InvalidInput

LARGEST_TEXT = 2_000_000
LARGEST_NUMBER = 1000  # digits
LARGEST_POWER = 200_000  # digits of a coefficient
LARGEST_EXPONENT = 500
LARGEST_DEGREE = 1000
LARGEST_EXPANSION = 20_000  # terms of a power
DEEPEST_NESTING = 100

_TOKEN = re.compile(r"\s*(?:(?P<number>[0-9]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<symbol>\*\*|[-+*/^()]))")


class TooLarge(InvalidInput):
    """A text beyond the limits of the grammar: it may be a polynomial, but nobody looks."""


def identifiers(text: str) -> list[str]:
    """The variables of an expression in order of appearance.

    >>> identifiers("2*y - x^2*y")
    ['y', 'x']
    """
    return list(dict.fromkeys(token for kind, token in _tokens(text) if kind == "name"))


def is_identifier(text: str) -> bool:
    """Can it name a variable?

    >>> is_identifier("w1_2"), is_identifier("x - y")
    (True, False)
    """
    return re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", text) is not None


def rational(text: str) -> Fraction:
    """A rational number ``a/b`` of sensible size, no decimals and no exponents.

    >>> rational("-1/2")
    Fraction(-1, 2)
    """
    if not re.fullmatch(rf"[+-]?[0-9]{{1,{LARGEST_NUMBER}}}(/[0-9]{{1,{LARGEST_NUMBER}}})?", text):
        raise InvalidInput(text, "is not a rational number", "1/2")
    if re.fullmatch(r".*/0+", text):
        raise InvalidInput(text, "divides by zero", "1/2")
    return Fraction(text)


def parse(text: str, ring: Any) -> Any:
    """The polynomial of an expression, in a ring that has its variables.

    >>> from slt_symbolic.check.ring import ring_of
    >>> parse("-(x + y)^2/2", ring_of(["x", "y"]))
    -1/2*x^2 - x*y - 1/2*y^2
    >>> parse("0.5*x", ring_of(["x"]))
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: 0.5*x: is no polynomial: unexpected '.5*x'; try integers, 1/2, + - * ^ ( )
    """
    return _Parser(text, ring).parse()


def _refuse(text: str, problem: str) -> InvalidInput:
    return InvalidInput(text, f"is no polynomial: {problem}", "integers, 1/2, + - * ^ ( )")


def _too_large(text: str, problem: str) -> TooLarge:
    return TooLarge(text, f"is too large: {problem}", "something smaller")


def _tokens(text: str) -> list[tuple[str, str]]:
    if len(text) > LARGEST_TEXT:
        raise _too_large(text[:40], f"more than {LARGEST_TEXT} characters")
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise _refuse(text, f"unexpected {text[position:].strip()[:20]!r}")
        kind = str(match.lastgroup)
        token = match[kind]
        if kind == "number" and len(token) > LARGEST_NUMBER:
            raise _too_large(text, f"a number of more than {LARGEST_NUMBER} digits")
        found.append((kind, token))
        position = match.end()
    return found


@lru_cache(maxsize=8)
def _variables(ring: Any) -> Mapping[str, Any]:
    return MappingProxyType(dict(zip(ring.names(), ring.gens(), strict=True)))


class _Parser:
    """Recursive descent; one method for each rule of the grammar."""

    def __init__(self, text: str, ring: Any) -> None:
        self.text, self.ring, self.tokens, self.position, self.depth = text, ring, _tokens(text), 0, 0
        self.variables = _variables(ring)

    def parse(self) -> Any:
        result = self._expression()
        if self.position < len(self.tokens):
            raise _refuse(self.text, f"unexpected {self.tokens[self.position][1]!r}")
        return result

    def _take(self, *symbols: str) -> str | None:
        if self.position < len(self.tokens) and self.tokens[self.position] in [("symbol", s) for s in symbols]:
            self.position += 1
            return self.tokens[self.position - 1][1]
        return None

    def _expression(self) -> Any:
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            raise _too_large(self.text, f"more than {DEEPEST_NESTING} nested parentheses or signs")
        sign = self._take("-", "+")
        parts = [-self._term() if sign == "-" else self._term()]
        while (operator := self._take("+", "-")) is not None:
            term = self._term()
            parts.append(term if operator == "+" else -term)
        while len(parts) > 1:  # in pairs: a sum of n terms one by one takes time n²
            parts = [sum(parts[i : i + 2], self.ring.constant(0)) for i in range(0, len(parts), 2)]
        self.depth -= 1
        return parts[0]

    def _term(self) -> Any:
        result = self._power()
        while (operator := self._take("*", "/")) is not None:
            other = self._power()
            if operator == "*":
                if len(result) * len(other) > LARGEST_EXPANSION:
                    raise _too_large(self.text, f"a product of more than {LARGEST_EXPANSION} terms")
                result = result * other
                if result.total_degree() > LARGEST_DEGREE:
                    raise _too_large(self.text, f"a product of a degree above {LARGEST_DEGREE}")
            elif other.is_constant() and not other.is_zero():
                result = result / other.leading_coefficient()
            else:
                raise _refuse(self.text, "division by something that is not a nonzero constant")
        return result

    def _power(self) -> Any:
        base = self._atom()
        if self._take("^", "**") is None:
            return base
        kind, token = self.tokens[self.position] if self.position < len(self.tokens) else ("end", "the end")
        if kind != "number" or int(token) > LARGEST_EXPONENT:
            raise _refuse(self.text, f"exponent {token} is not an integer from 0 to {LARGEST_EXPONENT}")
        self.position += 1
        exponent, size = int(token), len(base)
        if size > 1 and comb(size + exponent - 1, exponent) > LARGEST_EXPANSION:
            raise _too_large(self.text, f"a power of more than {LARGEST_EXPANSION} terms")
        if base.total_degree() * exponent > LARGEST_DEGREE:
            raise _too_large(self.text, f"a power of a degree above {LARGEST_DEGREE}")
        if exponent > 1 and max((len(str(c)) for c in base.coeffs()), default=0) * exponent > LARGEST_POWER:
            raise _too_large(self.text, f"a power with numbers of more than {LARGEST_POWER} digits")
        return base**exponent

    def _atom(self) -> Any:
        kind, token = self.tokens[self.position] if self.position < len(self.tokens) else ("end", "the end")
        self.position += 1
        if kind == "number":
            return self.ring.constant(int(token))
        if kind == "name":
            if token not in self.variables:
                known = ", ".join(self.variables)
                raise InvalidInput(self.text, f"unknown variable {token}", f"one of {known}")
            return self.variables[token]
        if token in ("-", "+"):
            self.depth += 1
            if self.depth > DEEPEST_NESTING:
                raise _too_large(self.text, f"more than {DEEPEST_NESTING} nested parentheses or signs")
            inner = self._power()
            self.depth -= 1
            return -inner if token == "-" else inner
        if token == "(":
            inner = self._expression()
            if self._take(")") is None:
                raise _refuse(self.text, "a parenthesis is not closed")
            return inner
        raise _refuse(self.text, f"unexpected {token!r}")


def polynomials(texts: Sequence[str], ring: Any) -> list[Any]:
    """Several at once."""
    return [parse(text, ring) for text in texts]
