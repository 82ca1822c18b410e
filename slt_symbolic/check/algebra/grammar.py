"""Polynomials from text, by a grammar and never by evaluation.

    expression = ["-"|"+"] term {("+"|"-") term}
    term       = power {("*"|"/") power}          (division by nonzero constants only)
    power      = atom [("^"|"**") integer]
    atom       = number | identifier | "(" expression ")" | ("-"|"+") power

Any identifier, of ASCII letters, digits and _, is a variable. A number is an integer or a decimal like 0.5, which is
the rational number that it writes, 1/2; there is no exponent notation. What would grow beyond the limits below is
refused before it is computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import comb, log2
from typing import Any

from slt_symbolic.check.budget import charge
from slt_symbolic.errors import InvalidInput

LARGEST_TEXT = 2_000_000  # characters
MOST_TOKENS = 1_000_000  # numbers, names and symbols of a text; parts of a SymPy expression
LARGEST_NUMBER = 1000  # digits of a number as it is written
LARGEST_COEFFICIENT = 200_000  # digits of a coefficient that comes out of a power, a product or a sum
_MOST_BITS = LARGEST_COEFFICIENT * 3322 // 1000  # of such a coefficient: a digit has log2(10) = 3.3219... bits
LARGEST_EXPONENT = 500
LARGEST_DEGREE = 1000
LARGEST_EXPANSION = 20_000  # terms of a power; pairs of terms of a product
LARGEST_WORK = 2_000_000  # all these pairs and terms of a polynomial together, long coefficients counted repeatedly
DEEPEST_NESTING = 100

_WORD = 1000  # bits of a coefficient that cost as much as another term
_DIGITS = rf"[0-9]{{1,{LARGEST_NUMBER}}}"
_DECIMAL = r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+"
_RATIONAL = re.compile(rf"[+-]?({_DIGITS}/{_DIGITS}|{_DECIMAL})")
_BY_ZERO = re.compile(".*/0+")
# Each character is matched by one of these, once: the time is linear in the text.
_TOKEN = re.compile(rf"(?P<blank>[ \t\r\n]+)|(?P<number>{_DECIMAL})|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
                    r"|(?P<symbol>\*\*|[-+*/^()])|(?P<other>.)", re.DOTALL)
_END = ("end", "the end")


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


def power_like(texts: Sequence[str]) -> list[str]:
    """The variables that others write for powers, like x2 for x^2; none where powers or indices are in use.

    >>> power_like(["x2 + y3"]), power_like(["x1*x2"]), power_like(["x2 + y^3"])
    (['x2', 'y3'], [], [])
    """
    names = list(dict.fromkeys(name for text in texts for name in identifiers(text)))
    letters = {name[0] for name in names}
    if len(letters) < len(names) or any("^" in text or "**" in text for text in texts):
        return []
    return [name for name in names if re.fullmatch("[A-Za-z]([2-9]|[1-9][0-9]+)", name)]


def rational(text: str) -> Fraction:
    """A rational number of sensible size, ``a/b`` or a decimal, which is exact; no exponents.

    >>> rational("-1/2"), rational("0.1")
    (Fraction(-1, 2), Fraction(1, 10))
    """
    if len(text) > 2 * LARGEST_NUMBER + 2 or not _RATIONAL.fullmatch(text):
        raise InvalidInput(text, "is not a rational number", "1/2")
    if _BY_ZERO.fullmatch(text):
        raise InvalidInput(text, "divides by zero", "1/2")
    return Fraction(text)


def parse(text: str, ring: Any) -> Any:
    """The polynomial of an expression, in a ring that has its variables.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> parse("-(x + y)^2/2", ring_of(["x", "y"]))
    -1/2*x^2 - x*y - 1/2*y^2
    >>> parse("0.5*x", ring_of(["x"]))
    1/2*x
    >>> parse("2 x", ring_of(["x"]))
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: 2 x: is no polynomial: unexpected 'x'; try numbers 2, 1/2, 0.5 and + - * ^ ( )
    """
    return Parser(text, Expansion(ring, lambda problem: _too_large(text, problem))).parse()


def _refuse(text: str, problem: str) -> InvalidInput:
    return InvalidInput(text, f"is no polynomial: {problem}", "numbers 2, 1/2, 0.5 and + - * ^ ( )")


def _too_large(text: str, problem: str) -> TooLarge:
    return TooLarge(text, f"is no polynomial: {problem}", "numbers 2, 1/2, 0.5 and + - * ^ ( )")


def _tokens(text: str) -> list[tuple[str, str]]:
    """Kinds and tokens; blanks are left out."""
    if len(text) > LARGEST_TEXT:
        raise _too_large(text[:40], f"more than {LARGEST_TEXT} characters")
    charge(len(text))
    found = []
    for match in _TOKEN.finditer(text):
        kind, token = str(match.lastgroup), match[0]
        if kind == "blank":
            continue
        if kind == "other":
            raise _refuse(text, f"unexpected {text[match.start() : match.start() + 20].strip()!r}")
        if kind == "number" and len(token) > LARGEST_NUMBER:
            raise _too_large(text, f"a number of more than {LARGEST_NUMBER} digits")
        found.append((kind, token))
        if len(found) > MOST_TOKENS:
            raise _too_large(text, f"more than {MOST_TOKENS} numbers, names and symbols")
    return found


class Expansion:
    """Sums, products, quotients and powers in a ring, each counted before it is made.

    ``refuse`` makes the error from what is wrong: whoever reads a polynomial knows how it was written.
    """

    divisors = "a nonzero constant"

    def __init__(self, ring: Any, refuse: Callable[[str], InvalidInput]) -> None:
        """Expand in ``ring``, a context of python-flint."""
        self.ring, self.refuse, self.work = ring, refuse, 0

    def count(self, terms: int, bits: float) -> None:
        """Count terms that are about to be made, with coefficients of so many bits."""
        if bits > _MOST_BITS:
            raise self.refuse(f"numbers of more than {LARGEST_COEFFICIENT} digits")
        charge(10 * terms * (1 + int(bits) // _WORD))
        self.work += terms * (1 + int(bits) // _WORD)
        if self.work > LARGEST_WORK:
            raise self.refuse("it takes too long to expand")

    def number(self, numerator: int, denominator: int = 1) -> Any:
        """A rational number."""
        return self.ring.constant(numerator) if denominator == 1 else self.ring.constant(numerator) / denominator

    def variables(self) -> Sequence[Any]:
        """The variables of the ring."""
        return list(self.ring.gens())

    def sum(self, parts: list[Any]) -> Any:
        """The sum of at least one polynomial."""
        if len(parts) > 1:
            denominators = {c.q for p in parts for c in p.coeffs()}  # a sum is stored over their common multiple
            self.count(sum(map(len, parts)), sum(q.bit_length() for q in denominators))
        while len(parts) > 1:  # in pairs: a sum of n terms one by one takes time n²
            parts = [sum(parts[i : i + 2], self.ring.constant(0)) for i in range(0, len(parts), 2)]
        return parts[0]

    def product(self, a: Any, b: Any) -> Any:
        """The product of two polynomials."""
        if len(a) * len(b) > LARGEST_EXPANSION:
            raise self.refuse(f"a product of more than {LARGEST_EXPANSION} terms")
        if a.total_degree() + b.total_degree() > LARGEST_DEGREE:
            raise self.refuse(f"a product of a degree above {LARGEST_DEGREE}")
        self.count(len(a) * len(b), height_bits(a) + height_bits(b))
        return a * b

    def divides_by(self, b: Any) -> bool:
        """Is it a nonzero constant?"""
        return bool(b.is_constant() and not b.is_zero())

    def quotient(self, a: Any, b: Any) -> Any:
        """The quotient by a nonzero constant."""
        if not self.divides_by(b):
            raise self.refuse(f"division by something that is not {self.divisors}")
        self.count(len(a), height_bits(a) + height_bits(b))
        return a / b.leading_coefficient()

    def power(self, base: Any, exponent: int) -> Any:
        """The power with an exponent that is not negative."""
        size = len(base)
        terms = comb(size + exponent - 1, exponent) if size > 1 else 1
        if terms > LARGEST_EXPANSION:
            raise self.refuse(f"a power of more than {LARGEST_EXPANSION} terms")
        if base.total_degree() * exponent > LARGEST_DEGREE:
            raise self.refuse(f"a power of a degree above {LARGEST_DEGREE}")
        self.count(terms, exponent * (height_bits(base) + log2(max(size, 1))))
        return base**exponent


def height_bits(polynomial: Any) -> int:
    """Bits of the longest numerator or denominator.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> height_bits(parse("7*x - y/8", ring_of(["x", "y"])))
    4
    """
    return max((int(c.height_bits()) for c in polynomial.coeffs()), default=0)


class Parser:
    """Recursive descent; one method for each rule of the grammar."""

    def __init__(self, text: str, expansion: Any) -> None:
        """A text whose operations are those of ``expansion``, an `Expansion` or what has its methods."""
        self.text, self.expansion, self.tokens = text, expansion, [*_tokens(text), _END]
        self.position = self.depth = 0
        self.variables = dict(zip(expansion.ring.names(), expansion.variables(), strict=True))

    def parse(self) -> Any:
        """What the text means."""
        result = self._expression()
        if self.tokens[self.position] is not _END:
            raise self._unexpected()
        return result

    def _refuse(self, problem: str) -> InvalidInput:
        return _refuse(self.text, problem)

    def _unexpected(self) -> InvalidInput:
        return self._refuse(f"unexpected {self.tokens[self.position][1]!r}")

    def _take(self, *symbols: str) -> str | None:
        token = self.tokens[self.position][1]
        if token not in symbols:
            return None
        self.position += 1
        return token

    def _expression(self) -> Any:
        self._deeper()
        sign = self._take("-", "+")
        parts = [-self._term() if sign == "-" else self._term()]
        while (operator := self._take("+", "-")) is not None:
            term = self._term()
            parts.append(term if operator == "+" else -term)
        self.depth -= 1
        return self.expansion.sum(parts)

    def _term(self) -> Any:
        result = self._power()
        while (operator := self._take("*", "/")) is not None:
            other = self._power()
            if operator == "*":
                result = self.expansion.product(result, other)
            elif self.expansion.divides_by(other):
                result = self.expansion.quotient(result, other)
            else:
                raise self._refuse(f"division by something that is not {self.expansion.divisors}")
        return result

    def _power(self) -> Any:
        base = self._atom()
        if self._take("^", "**") is None:
            return base
        token = self.tokens[self.position][1]
        if not re.fullmatch("[0-9]+", token):
            raise self._refuse(f"exponent {token} is not an integer from 0 to {LARGEST_EXPONENT}")
        if int(token) > LARGEST_EXPONENT:
            raise _too_large(self.text, f"exponent {token} is not an integer from 0 to {LARGEST_EXPONENT}")
        self.position += 1
        return self.expansion.power(base, int(token))

    def _atom(self) -> Any:
        kind, token = self.tokens[self.position]
        if kind == "number":
            self.position += 1
            return self._number(token)
        if kind == "name":
            if token not in self.variables:
                raise unknown_variable(self.text, token, self.variables)
            self.position += 1
            return self.variables[token]
        if (sign := self._take("-", "+")) is not None:
            self._deeper()
            inner = self._power()
            self.depth -= 1
            return -inner if sign == "-" else inner
        if self._take("(") is not None:
            inner = self._expression()
            if self._take(")") is None:
                raise self._refuse("a parenthesis is not closed")
            return inner
        raise self._unexpected()

    def _number(self, token: str) -> Any:
        whole, _, decimals = token.partition(".")
        return self.expansion.number(int(whole + decimals), 10 ** len(decimals))

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            raise _too_large(self.text, f"more than {DEEPEST_NESTING} nested parentheses or signs")


def unknown_variable(text: str, name: str, known: Iterable[str]) -> InvalidInput:
    """The error for a name that the ring does not have."""
    return InvalidInput(text, f"unknown variable {name}", f"one of {', '.join(known)}")
