"""The point of a germ: rational, or with coordinates in one algebraic number.

The number c is the one real root, between two rational bounds, of a polynomial q that is irreducible over Q. A
coordinate is a rational number or a polynomial in c that is no rational number modulo q. The root stratum has c as its
constant; what it proves holds for each real root of q, so for c.

Theorem (a rational chart). Let ``x_j = a + b c`` at the point, a and b rational, b not 0, and let Q be its minimal
polynomial, that of ``t -> q((t - a) / b)``. Every other coordinate is ``P_i(x_j)`` at the point, with
``P_i(t) = p_i((t - a) / b)``. As Q has simple roots, ``u = Q(x_j)`` and ``y_i = x_i - P_i(x_j)`` are analytic
coordinates that are 0 at the point; where x_i is rational, x_i itself is kept. As x_j is not rational there, it is a
unit. So a generator that is ``x_j^k h(u, y)``, h a polynomial over Q, may be replaced by h: the germ is that of
rational polynomials, at a rational point. Such an h is read off the expansion of the generator in powers of Q, if all
digits together have one power of x_j.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from flint import fmpq, fmpq_poly

from slt_symbolic.check.algebra.grammar import is_identifier, parse
from slt_symbolic.check.algebra.real_roots import real_roots, require_minimal_polynomial, sum_of_signs, univariate
from slt_symbolic.check.algebra.ring import (
    WORD,
    Exponent,
    Polynomial,
    Ring,
    at_zero,
    fraction,
    monic,
    ring_of,
    substitute,
    terms,
)
from slt_symbolic.check.budget import charge
from slt_symbolic.check.step import Refused, items, ratio, require

Value: TypeAlias = "Fraction | Polynomial"  # of a coordinate; a polynomial is in the ring of the number's name


@dataclass(frozen=True)
class Number:
    """The one real root of ``polynomial``, in the ring of the name alone, between ``low`` and ``high``."""

    name: str
    polynomial: Polynomial
    low: Fraction
    high: Fraction

    def text(self) -> str:
        """In words.

        >>> Number("c", parse("c^2 - 2", ring_of(["c"])), Fraction(0), Fraction(2)).text()
        ' where c^2 - 2 = 0, 0 < c < 2'
        """
        return f" where {self.polynomial} = 0, {self.low} < {self.name} < {self.high}"

    def to_json(self) -> list[str]:
        """As the germ of a certificate states it."""
        return [self.name, str(self.polynomial), str(self.low), str(self.high)]

    def relation(self) -> fmpq_poly:
        """The polynomial in one variable."""
        return univariate(self.polynomial, 0)

    def sign(self, value: Polynomial) -> int:
        """The sign of a polynomial in the number."""
        return sum_of_signs(self.relation(), univariate(value, 0), self.low, self.high)

    def require_proved(self, proof: Any) -> None:
        """The polynomial is irreducible, as two integers show, and has one root between the bounds."""
        require(isinstance(proof, list) and len(proof) == 2, "the proof of a number is two integers")
        q = self.relation()
        require_minimal_polynomial(q, proof[0], proof[1])
        require(real_roots(q, [self.low, self.high])[1] == 1, "{} has not one root between {} and {}",
                self.polynomial, self.low, self.high)

    def value(self, text: str) -> Value:
        """What a text in the number means."""
        ring = self.polynomial.context()
        return Point(tuple(ring.gens()), self).value_of(parse(text, ring))


@dataclass(frozen=True)
class Point:
    """A value for each variable, and the number that occurs in them, if any; some variables may have any value.

    With ``free`` variables (their values here are 0) it is all such points at once, and a pair is the least over them:
    a stratum, of which the definition speaks (`slt_symbolic.check.stratum`).
    """

    values: tuple[Value, ...]
    number: Number | None = None
    free: tuple[str, ...] = ()

    def is_above(self, value: Value, bound: Fraction) -> bool:
        """Is a value larger than a rational number?"""
        if isinstance(value, Fraction) or self.number is None:
            return bool(value > bound)
        return self.number.sign(value - fmpq(bound.numerator, bound.denominator)) > 0

    def is_negative(self, value: Value) -> bool:
        """Is a value that is not 0 negative?"""
        return not self.is_above(value, Fraction(0))

    def value_of(self, polynomial: Polynomial) -> Value:
        """The value of a polynomial in the variables, or in as many others."""
        modulus = None if self.number is None else self.number.relation()
        polynomial = at_zero(polynomial, [j for j, value in enumerate(self.values) if value == 0])
        found = value_of(polynomial, [as_poly(value) for value in self.values], modulus)
        if self.number is None or found.degree() < 1:
            return fraction(found[0])
        return lifted(found, self.number.polynomial.context(), 0)

    def text(self, variables: Sequence[str]) -> str:
        """The point in words."""
        listed = ", ".join(f"any real {name}" if name in self.free else f"{name} = {value}"
                           for name, value in zip(variables, self.values, strict=True))
        return listed + (self.number.text() if self.number else "")


def read_number(stated: Any) -> Number:
    """Name, polynomial and bounds, as a germ states them."""
    ((name, text, low, high),) = items([stated], 4, "a number is a name, a polynomial and two bounds")
    require(isinstance(name, str) and is_identifier(name), "{} names no number", name)
    require(isinstance(text, str), "{} is no text of a polynomial", text)
    return Number(name, parse(text, ring_of([name])), ratio(low), ratio(high))


def as_poly(value: Value) -> fmpq_poly:
    """A value as a polynomial in one variable, the number."""
    if isinstance(value, Fraction):
        return fmpq_poly([fmpq(value.numerator, value.denominator)])
    return univariate(value, 0)


def value_of(polynomial: Polynomial, values: Sequence[fmpq_poly], modulus: fmpq_poly | None) -> fmpq_poly:
    """A polynomial at polynomials in one number, reduced modulo that of the number; without one, they are constants."""
    def product(a: fmpq_poly, b: fmpq_poly) -> fmpq_poly:
        charge(20 + _words(a) * _words(b))
        return a * b if modulus is None else a * b % modulus

    powers = [[fmpq_poly([1])] for _ in values]
    for value, known, degree in zip(values, powers, polynomial.degrees(), strict=True):
        for _ in range(int(degree)):
            known.append(product(known[-1], value))
    total = fmpq_poly()
    for exponent, c in terms(polynomial).items():
        part = fmpq_poly([c])
        for e, known in zip(exponent, powers, strict=True):
            part = product(part, known[e]) if e else part
        total += part
    return total


def _words(p: fmpq_poly) -> int:
    """The words of a polynomial."""
    return sum(1 + (int(c.p).bit_length() + int(c.q).bit_length()) // WORD for c in p.coeffs())


def lifted(p: fmpq_poly, ring: Ring, position: int) -> Polynomial:
    """A polynomial in one variable as one in the variable at this position."""
    zero = [0] * len(ring.names())
    return ring.from_dict({(*zero[:position], k, *zero[position + 1 :]): c for k, c in enumerate(p.coeffs()) if c})


def constant(value: Value, ring: Ring, position: int) -> Polynomial:
    """A value in a ring that has the number at this position."""
    return lifted(as_poly(value), ring, position)


def rational_chart(generators: Sequence[Polynomial], point: Point, j: int) -> tuple[list[Polynomial], Point]:
    """The generators in the coordinates of the theorem, u in the place of x_j, and the point there.

    >>> ring = ring_of(["x", "y"])
    >>> c = Number("c", parse("c^2 - 2", ring_of(["c"])), Fraction(0), Fraction(2))
    >>> rational_chart([parse("x*(y - x)^2 - x*(x^2 - 2)^3", ring)], Point((c.value("c"), c.value("c")), c), 0)[0]
    [-x^3 + y^2]
    """
    number = point.number
    if number is None:
        raise Refused("a rational chart is for a point that is not rational")
    value = point.values[j]
    line = fmpq_poly() if isinstance(value, Fraction) else univariate(value, 0)
    require(line.degree() == 1, "needs a coordinate a + b*{} with b not 0; here it is {}", number.name, value)
    inverse = fmpq_poly([-line[0] / line[1], 1 / line[1]])
    found = []
    for g in generators:
        ring = g.context()
        images = {i: ring.gens()[i] + lifted(univariate(other, 0)(inverse), ring, j)
                  for i, other in enumerate(point.values) if i != j and not isinstance(other, Fraction)}
        base = monic(lifted(number.relation()(inverse), ring, j))
        found.append(_in_powers(substitute(g, images), base, j))
    return found, Point(tuple(v if isinstance(v, Fraction) else Fraction(0) for v in point.values), None, point.free)


def _in_powers(p: Polynomial, base: Polynomial, j: int) -> Polynomial:
    """``h(u, ...)`` where ``p = x_j^k h(base, ...)`` for some k, with u in the place of x_j."""
    ring, collected, powers, rest, i = p.context(), dict[Exponent, fmpq](), set[int](), p, 0
    while rest:
        charge(len(rest) * len(base) * (1 + int(rest.degrees()[j])))
        quotient, digit = divmod(rest, base)
        if quotient * base + digit != rest:
            raise ArithmeticError("a division with remainder is wrong: please report the polynomial")
        for exponent, c in terms(digit).items():
            powers.add(exponent[j])
            collected[(*exponent[:j], i, *exponent[j + 1 :])] = c
        rest, i = quotient, i + 1
    require(len(powers) <= 1, "needs a power of the coordinate times a polynomial in {}; here it is {}", base, p)
    return ring.from_dict(collected)
