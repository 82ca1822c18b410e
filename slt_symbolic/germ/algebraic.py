"""Algebraic numbers, each named by an equation and an interval that isolates one of its real roots.

Several numbers are polynomials in a single one (the theorem of the primitive element): SymPy proposes it, and what it
proposes is verified here, exactly, before it is believed; a certificate states the single number alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from flint import fmpq, fmpq_poly

from slt_symbolic.check.algebra.grammar import height_bits, identifiers, is_identifier, parse, rational
from slt_symbolic.check.algebra.real_roots import real_roots, sum_of_signs, univariate
from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.check.point import Number, Point, Value, lifted, value_of
from slt_symbolic.errors import InvalidInput

LARGEST_DEGREE = 40  # of the equation, and of what is written with its root
LARGEST_BITS = 2000  # of their coefficients
HALVINGS = 200  # of the bounds of a number
EXAMPLE = "c^2=2,0<c<2"
SEVERAL = "c^2=2,0<c<2; d^2=3,0<d<2"


@dataclass(frozen=True)
class Numbers:
    """The numbers that a text names, as polynomials in ``base``; None if all of them are rational."""

    text: str
    values: Mapping[str, Value]
    base: Number | None

    @classmethod
    def named(cls, text: Any, taken: Sequence[str] = ()) -> Numbers:
        """What ``c^2=2,0<c<2`` names, or several such, between semicolons; ``taken`` are names of variables.

        The factor of an equation that has a root between the bounds is found, and kept. Raises `InvalidInput` unless
        exactly one real root lies strictly between them.

        >>> Numbers.named("c^4 - 4 = 0, 1 < c < 2").base.polynomial
        c^2 - 2
        >>> Numbers.named("c^2=2,0<c<2; d^2=3,0<d<2").base.polynomial
        theta1^4 - 10*theta1^2 + 1
        >>> Numbers.named("c^2 = 2, -2 < c < 2")
        Traceback (most recent call last):
            ...
        slt_symbolic.errors.InvalidInput: where c^2 = 2, -2 < c < 2: has 2 roots between -2 and 2, not one; try bounds \
that isolate one root, as in c^2=2,0<c<2
        """
        if not isinstance(text, str):
            raise InvalidInput("where", f"is of type {type(text).__name__}, no text", repr(EXAMPLE))
        numbers = [_number(part.strip()) for part in text.split(";")]
        names = [number.name for number in numbers]
        for i, name in enumerate(names):
            if name in names[:i] or name in taken:
                raise InvalidInput(f"where {text.strip()}", f"{name} is a variable of the germ" if name in taken else
                                   f"{name} is named twice", "another name")
        values: dict[str, Value] = {n.name: -_fraction(n.relation()[0]) for n in numbers if n.relation().degree() == 1}
        rest = [n for n in numbers if n.name not in values]
        if len(rest) < 2:
            return cls(text.strip(), {**values, **{n.name: n.polynomial.context().gens()[0] for n in rest}},
                       rest[0] if rest else None)
        base, found = _primitive(rest, f"where {text.strip()}", [*names, *taken])
        return cls(text.strip(), {**values, **found}, base)

    def value(self, text: str) -> Value:
        """A polynomial expression in the numbers: rational, or a polynomial in ``base`` of low degree.

        >>> Numbers.named("c^2=2,0<c<2").value("c^3 + 1/2")
        2*c + 1/2
        """
        foreign = [name for name in identifiers(text) if name not in self.values]
        if foreign:
            raise InvalidInput(text, f"{foreign[0]} is neither a number nor {', '.join(self.values)}",
                               f"a polynomial in {', '.join(self.values)}")
        found = parse(text, ring_of(list(self.values)))
        if found.total_degree() > LARGEST_DEGREE or height_bits(found) > LARGEST_BITS:
            raise InvalidInput(text, f"has a degree above {LARGEST_DEGREE}, or very long numbers", EXAMPLE)
        return Point(tuple(self.values.values()), self.base).value_of(found)


def _number(text: str) -> Number:
    """The number of one equation and its bounds; its polynomial is monic, and has degree one if it is rational."""
    shown = f"where {text}"
    name, equation, low, high = _parts(text, shown)
    found = [(factor, roots) for factor in _factors(equation, shown) if (roots := _roots(factor, low, high))]
    count = sum(roots for _, roots in found)
    if count != 1:
        raise InvalidInput(shown, f"has {count or 'no'} roots between {low} and {high}, not one",
                           f"bounds that isolate one root, as in {EXAMPLE}")
    (factor,) = (factor for factor, _ in found)
    return Number(name, lifted(factor, ring_of([name]), 0), low, high)


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
    found = parse(text, ring_of([name]))
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


def _primitive(numbers: Sequence[Number], shown: str, taken: Sequence[str]) -> tuple[Number, dict[str, Value]]:
    """A number in which all of them are polynomials, each verified: it solves its equation, between its bounds."""
    degree = sympy.prod(number.relation().degree() for number in numbers)
    if degree > LARGEST_DEGREE:
        raise InvalidInput(shown, f"the numbers together have degree {degree}, above {LARGEST_DEGREE}",
                           "fewer numbers, or one number in which all are polynomials")
    name = next(n for n in map("theta{}".format, range(1, len(taken) + 2)) if n not in taken)
    x = sympy.Symbol(name)
    roots = [_sympy_root(number, x) for number in numbers]
    minimal, weights, images = sympy.primitive_element(roots, x, ex=True, polys=True)
    relation = _polynomial(minimal.rep.to_list())
    relation /= relation[relation.degree()]
    low, high = _isolated(numbers, [int(w) for w in weights], relation)
    ring = ring_of([name])
    base = Number(name, lifted(relation, ring, 0), low, high)
    values: dict[str, Value] = {}
    for number, image in zip(numbers, images, strict=True):
        p = _polynomial(image)
        between = all(sum_of_signs(relation, sign * (p - fmpq(a.numerator, a.denominator)), low, high) == 1
                      for sign, a in ((1, number.low), (-1, number.high)))
        if not between or not value_of(number.polynomial, [p], relation) == 0:
            raise AssertionError(f"{shown}: SymPy's primitive element is wrong: please report the numbers")
        values[number.name] = lifted(p, ring, 0)
    return base, values


def _sympy_root(number: Number, x: sympy.Symbol) -> sympy.Expr:
    """The same number for SymPy, whose real roots come in order."""
    poly = sympy.Poly([sympy.Rational(int(c.p), int(c.q)) for c in reversed(number.relation().coeffs())], x)
    below = real_roots(number.relation(), [number.low])[0]
    return sympy.CRootOf(poly, below)


def _polynomial(coefficients: Sequence[Any]) -> fmpq_poly:
    """From SymPy's list of coefficients, the leading one first."""
    return fmpq_poly([fmpq(int(sympy.Rational(c).p), int(sympy.Rational(c).q)) for c in reversed(coefficients)])


def _isolated(numbers: Sequence[Number], weights: Sequence[int], relation: fmpq_poly) -> tuple[Fraction, Fraction]:
    """Bounds between which the weighted sum of the numbers is the one root: those of the numbers, halved until so."""
    bounds = [(number.low, number.high) for number in numbers]
    for _ in range(HALVINGS):
        ends = [sorted((w * low, w * high)) for w, (low, high) in zip(weights, bounds, strict=True)]
        low, high = (sum(side, Fraction(0)) for side in zip(*ends, strict=True))
        if real_roots(relation, [low, high])[1] == 1:
            return low, high
        bounds = [_half(number.relation(), *pair) for number, pair in zip(numbers, bounds, strict=True)]
    raise AssertionError("the numbers are not separated: please report them")


def _half(relation: fmpq_poly, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    middle = (low + high) / 2
    return (low, middle) if real_roots(relation, [low, middle])[1] == 1 else (middle, high)


def _fraction(number: fmpq) -> Fraction:
    return Fraction(int(number.p), int(number.q))
