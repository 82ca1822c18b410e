"""An algebraic number, named by an equation and an interval that isolates one of its real roots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_poly

from slt_symbolic.check.algebra.grammar import height_bits, identifiers, is_identifier, parse, rational
from slt_symbolic.check.algebra.real_roots import real_roots, univariate
from slt_symbolic.check.algebra.ring import Polynomial, Ring, ring_of
from slt_symbolic.errors import InvalidInput

LARGEST_DEGREE = 40  # of the equation, and of what is written with its root
LARGEST_BITS = 2000  # of their coefficients
EXAMPLE = "c^2=2,0<c<2"


@dataclass(frozen=True)
class AlgebraicNumber:
    """The one real root of ``minimal`` between ``low`` and ``high``; ``minimal`` is monic and irreducible over Q."""

    name: str
    text: str
    minimal: fmpq_poly
    low: Fraction
    high: Fraction

    @classmethod
    def named(cls, text: Any) -> AlgebraicNumber:
        """What ``c^2=2,0<c<2`` names: the factor of the equation that has a root there is found, and kept.

        Raises `InvalidInput` unless exactly one real root lies strictly between the bounds.

        >>> AlgebraicNumber.named("c^4 - 4 = 0, 1 < c < 2").minimal
        x^2 + (-2)
        >>> AlgebraicNumber.named("c^2 = 2, -2 < c < 2")
        Traceback (most recent call last):
            ...
        slt_symbolic.errors.InvalidInput: where c^2 = 2, -2 < c < 2: has 2 roots between -2 and 2, not one; try bounds \
that isolate one root, as in c^2=2,0<c<2
        """
        if not isinstance(text, str):
            raise InvalidInput("where", f"is of type {type(text).__name__}, no text", repr(EXAMPLE))
        shown = f"where {text.strip()}"
        name, equation, low, high = _parts(text, shown)
        found = [(factor, roots) for factor in _factors(equation, shown) if (roots := _roots(factor, low, high))]
        number = sum(roots for _, roots in found)
        if number != 1:
            raise InvalidInput(shown, f"has {number or 'no'} roots between {low} and {high}, not one",
                               f"bounds that isolate one root, as in {EXAMPLE}")
        factor, = (factor for factor, _ in found)
        return cls(name, text.strip(), factor, low, high)

    @property
    def rational(self) -> Fraction | None:
        """The number, if it is rational."""
        return _fraction(-self.minimal[0]) if self.minimal.degree() == 1 else None

    def value(self, text: str) -> fmpq_poly:
        """A polynomial expression in the number, reduced: a polynomial in it of lower degree than ``minimal``.

        >>> AlgebraicNumber.named("c^2=2,0<c<2").value("c^3 + 1/2")
        2*x + 1/2
        """
        return _univariate(text, self.name, text) % self.minimal

    def relation(self, ring: Ring) -> Polynomial:
        """The minimal polynomial in a ring that has the name."""
        return lifted(self.minimal, ring, self.name)


def lifted(p: fmpq_poly, ring: Ring, name: str) -> Polynomial:
    """A polynomial in one variable as one of the ring, in the variable of this name."""
    names = list(ring.names())
    position = names.index(name)
    return ring.from_dict({tuple(k if j == position else 0 for j in range(len(names))): c
                           for k, c in enumerate(p.coeffs()) if c})


def constant_part(p: fmpq_poly) -> Fraction | None:
    """The rational number that a reduced value is; None if it is none."""
    return _fraction(p[0]) if p.degree() <= 0 else None


def _parts(text: str, shown: str) -> tuple[str, fmpq_poly, Fraction, Fraction]:
    """Name, equation (left side less right side) and bounds."""
    problem = "is not an equation and an interval"
    parts = [part.strip() for part in text.split(",")]
    equations = [part for part in parts if re.fullmatch("[^=<>]+=[^=<>]+", part)]
    intervals = [part for part in parts if re.fullmatch("[^=<>]+<[^=<>]+<[^=<>]+", part)]
    if len(parts) != 2 or len(equations) != 1 or len(intervals) != 1:
        raise InvalidInput(shown, problem, EXAMPLE)
    low, name, high = (part.strip() for part in intervals[0].split("<"))
    if not is_identifier(name):
        raise InvalidInput(shown, f"{name} is no name", EXAMPLE)
    bounds = rational(low), rational(high)
    if bounds[0] >= bounds[1]:
        raise InvalidInput(shown, f"no number lies between {low} and {high}", EXAMPLE)
    left, right = (_univariate(side, name, shown) for side in equations[0].split("="))
    return name, left - right, *bounds


def _univariate(text: str, name: str, shown: str) -> fmpq_poly:
    others = [other for other in identifiers(text) if other != name]
    if others:
        raise InvalidInput(shown, f"{others[0]} is neither a number nor {name}", f"a polynomial in {name}")
    ring = ring_of([name])
    found = parse(text, ring)
    if found.total_degree() > LARGEST_DEGREE or height_bits(found) > LARGEST_BITS:
        raise InvalidInput(shown, f"has a degree above {LARGEST_DEGREE}, or very long numbers", EXAMPLE)
    return univariate(found, 0)


def _factors(equation: fmpq_poly, shown: str) -> list[fmpq_poly]:
    """The irreducible factors, monic, each once."""
    if equation.degree() < 1:
        raise InvalidInput(shown, "the equation names no number", EXAMPLE)
    return [fmpq_poly(f) / f[f.degree()] for f, _ in equation.numer().factor()[1]]


def _roots(factor: fmpq_poly, low: Fraction, high: Fraction) -> int:
    """Its roots strictly between rational bounds, which are roots of factors of degree one only."""
    if factor.degree() == 1:
        return int(low < _fraction(-factor[0]) < high)
    return real_roots(factor, [low, high])[1]


def _fraction(number: fmpq) -> Fraction:
    return Fraction(int(number.p), int(number.q))
