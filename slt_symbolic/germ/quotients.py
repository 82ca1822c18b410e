"""Quotients of polynomials as they are typed: a numerator, a denominator, and all that was divided by.

Nothing is cancelled: ``x*y/x`` has no value at x = 0, whatever its limit. Where none of the divisors vanishes the
quotient is its numerator times a unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flint import fmpq

from slt_symbolic.check.algebra.grammar import Expansion, Parser, parse
from slt_symbolic.check.algebra.ring import Polynomial, Ring
from slt_symbolic.errors import InvalidInput


@dataclass(frozen=True)
class Quotient:
    """``numerator / denominator``; it has a value where no divisor vanishes."""

    numerator: Polynomial
    denominator: Polynomial
    divisors: tuple[Polynomial, ...] = ()

    def __neg__(self) -> Quotient:
        return Quotient(-self.numerator, self.denominator, self.divisors)


class Quotients:
    """Sums, products, quotients and powers of quotients, counted as `Expansion` counts those of polynomials."""

    divisors = "a nonzero polynomial"

    def __init__(self, ring: Ring, refuse: Callable[[str], InvalidInput]) -> None:
        """Quotients of polynomials in ``ring``."""
        self.ring, self.one, self.inner = ring, ring.constant(1), Expansion(ring, refuse)

    def of(self, polynomial: Polynomial) -> Quotient:
        """A polynomial as a quotient."""
        return Quotient(polynomial, self.one)

    def written_out(self, table: Mapping[tuple[int, ...], fmpq]) -> Quotient:
        """The polynomial with these coefficients at these exponents."""
        denominators = {c.q for c in table.values()}  # a polynomial is stored over their common multiple
        self.inner.count(len(table), sum(q.bit_length() for q in denominators))
        return self.of(self.ring.from_dict({exponent: c for exponent, c in table.items() if c != 0}))

    def number(self, numerator: int, denominator: int = 1) -> Quotient:
        """A rational number."""
        return self.of(self.inner.number(numerator, denominator))

    def variables(self) -> list[Quotient]:
        """The variables of the ring."""
        return [self.of(x) for x in self.ring.gens()]

    def sum(self, parts: Sequence[Quotient]) -> Quotient:
        """The sum of at least one quotient, over the least common multiple of their denominators."""
        common = self.one
        for p in parts:
            if not p.denominator.is_one():
                common = self.inner.product(common, divmod(p.denominator, p.denominator.gcd(common))[0])
        numerators = [p.numerator if common.is_one() else
                      self.inner.product(p.numerator, divmod(common, p.denominator)[0]) for p in parts]
        return Quotient(self.inner.sum(numerators), common, tuple(d for p in parts for d in p.divisors))

    def product(self, a: Quotient, b: Quotient) -> Quotient:
        """The product."""
        denominator = (self.one if a.denominator.is_one() and b.denominator.is_one()
                       else self.inner.product(a.denominator, b.denominator))
        return Quotient(self.inner.product(a.numerator, b.numerator), denominator, a.divisors + b.divisors)

    def divides_by(self, b: Quotient) -> bool:
        """Is it anything but 0?"""
        return not b.numerator.is_zero()

    def quotient(self, a: Quotient, b: Quotient) -> Quotient:
        """The quotient by anything but 0."""
        if not self.divides_by(b):
            raise self.inner.refuse("division by 0")
        if b.numerator.is_constant() and b.denominator.is_one():
            return Quotient(self.inner.quotient(a.numerator, b.numerator), a.denominator, a.divisors)
        return Quotient(self.inner.product(a.numerator, b.denominator),
                        self.inner.product(a.denominator, b.numerator), (*a.divisors, *b.divisors, b.numerator))

    def power(self, base: Quotient, exponent: int) -> Quotient:
        """The power with an exponent that is not negative."""
        denominator = base.denominator if base.denominator.is_one() else self.inner.power(base.denominator, exponent)
        return Quotient(self.inner.power(base.numerator, exponent), denominator, base.divisors)


def quotient_of(text: str, ring: Ring) -> Quotient:
    """A text in the grammar of polynomials in which one may divide by polynomials.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> found = quotient_of("x/(1 + y) - 1/2*y^2", ring_of(["x", "y"]))
    >>> found.numerator, found.denominator
    (-1/2*y^3 - 1/2*y^2 + x, y + 1)
    """
    quotients = Quotients(ring, lambda problem: InvalidInput(text, f"is no quotient of polynomials: {problem}",
                                                             "a polynomial, or x/(1 + y)"))
    try:  # most are polynomials, which are read faster
        return quotients.of(parse(text, ring))
    except InvalidInput:
        if not re.search(r"/[\s(+-]*[A-Za-z_(]", text):
            raise
    found: Quotient = Parser(text, quotients).parse()
    return found
