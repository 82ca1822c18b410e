"""Polynomials over the rationals: python-flint's `fmpq_mpoly`, and the few operations that steps need.

A ring is a flint context, shared by all strata of a certificate; variables are addressed by position. Operations whose
result may be much larger than what they are given count their work first (`budget`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from math import comb, prod
from types import MappingProxyType
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_mpoly_ctx

from slt_symbolic.check.budget import charge

Ring = Any  # flint.fmpq_mpoly_ctx; python-flint has no types to check against
Polynomial = Any  # flint.fmpq_mpoly
Exponent = tuple[int, ...]

NO_CONSTANTS: Mapping[int, Polynomial] = MappingProxyType({})
WORD = 64  # bits

MOST_TABLES, LARGEST_TABLE = 2**12, 2**8  # of terms, that are kept
_TABLES: dict[int, tuple[Polynomial, dict[Exponent, fmpq]]] = {}


def ring_of(names: Sequence[str]) -> Ring:
    """The ring of polynomials in these variables."""
    return fmpq_mpoly_ctx.get(list(names), "degrevlex")


def terms(polynomial: Polynomial) -> dict[Exponent, fmpq]:
    """Exponents and coefficients; not to be changed, since the last tables are kept."""
    charge(len(polynomial) * looked_at(polynomial))
    known = _TABLES.get(id(polynomial))
    if known is not None:  # the polynomial is kept too, so that no other one has its place in memory
        return known[1]
    table = {tuple(map(int, exponent)): c for exponent, c in polynomial.terms()}
    if len(table) <= LARGEST_TABLE:
        if len(_TABLES) >= MOST_TABLES:
            _TABLES.clear()
        _TABLES[id(polynomial)] = polynomial, table
    return table


def looked_at(polynomial: Polynomial) -> int:
    """What it costs to look at one term: an exponent is as long as the ring has variables."""
    return 20 + 2 * int(polynomial.context().nvars())


def coefficients_in(polynomial: Polynomial, positions: Sequence[int]) -> dict[Exponent, Polynomial]:
    """The polynomial as one in the variables at ``positions``: their exponents, with polynomial coefficients."""
    ring = polynomial.context()
    collected: dict[Exponent, dict[Exponent, fmpq]] = {}
    for exponent, coefficient in terms(polynomial).items():
        inner = tuple(exponent[j] for j in positions)
        outer = list(exponent)
        for j in positions:
            outer[j] = 0
        collected.setdefault(inner, {})[tuple(outer)] = coefficient
    return {inner: ring.from_dict(table) for inner, table in collected.items()}


def monomial(ring: Ring, exponent: Sequence[int]) -> Polynomial:
    """The monomial with this exponent."""
    return ring.from_dict({tuple(exponent): 1})


def involves(polynomial: Polynomial, position: int) -> bool:
    """Does the variable occur?"""
    return bool(polynomial.degrees()[position] > 0)


def support(polynomial: Polynomial) -> frozenset[int]:
    """Positions of the variables that occur."""
    return frozenset(j for j, degree in enumerate(polynomial.degrees()) if degree > 0)


def at_zero(polynomial: Polynomial, positions: Iterable[int]) -> Polynomial:
    """The variables at ``positions`` set to 0."""
    chosen = support(polynomial).intersection(positions)
    if not chosen:
        return polynomial
    charge(len(polynomial) * looked_at(polynomial))
    return polynomial.subs(dict.fromkeys(chosen, 0))


def times(first: Polynomial, second: Polynomial) -> Polynomial:
    """The product, its work counted first; also that of two numbers, and of 0, is something."""
    charge(max(100, len(first) * len(second) * _words(first) * _words(second)))
    return first * second


def product_of_powers(ring: Ring, powers: Iterable[tuple[Polynomial, int]]) -> Polynomial:
    """The product of polynomials to powers ``>= 0``."""
    result = ring.constant(1)
    for polynomial, exponent in powers:
        charge(100 * exponent)
        for _ in range(exponent):
            result = times(result, polynomial)
    return result


def substitute(polynomial: Polynomial, images: Mapping[int, Polynomial]) -> Polynomial:
    """Variables replaced by polynomials, simultaneously."""
    if not images:
        return polynomial
    ring = polynomial.context()
    charge(_expansion(polynomial, images) + 2 * len(polynomial) * looked_at(polynomial))
    return polynomial.compose(*[images.get(j, x) for j, x in enumerate(ring.gens())], ctx=ring)


def _expansion(polynomial: Polynomial, images: Mapping[int, Polynomial]) -> int:
    """A bound for the words that are computed when variables are replaced by polynomials."""
    if not polynomial:
        return 1  # its degrees are -1
    sizes = [(j, len(image), _words(image)) for j, image in images.items()]
    degrees = polynomial.degrees()
    largest = len(polynomial) * prod(_ways(size, degrees[j]) for j, size, _ in sizes if size > 1)
    words = 1 + sum((words - 1) * degrees[j] for j, _, words in sizes)
    if largest > 100_000:  # the degrees of each term are below those of the polynomial
        largest = sum(prod(_ways(size, e[j]) for j, size, _ in sizes if size > 1) for e in terms(polynomial))
    return int(largest * words)


def _ways(size: int, exponent: int) -> int:
    """A bound for the terms of a power of a polynomial of so many; any number above all budgets if it is huge."""
    size = max(size, 1)
    return comb(size + exponent - 1, exponent) if min(size, exponent) <= 40 else 1 << 40


def _words(polynomial: Polynomial) -> int:
    """The words of the longest of a few coefficients, from all over the polynomial: an estimate for counting."""
    some = (polynomial.coefficient(i) for i in range(0, len(polynomial), len(polynomial) // 8 + 1))
    return max((int(c.p).bit_length() + int(c.q).bit_length() for c in some), default=1) // WORD + 1


def substitute_fraction(polynomial: Polynomial, position: int, numerator: Polynomial,
                        denominator: Polynomial) -> Polynomial:
    """``denominator^d · polynomial(x_position = numerator / denominator)``, ``d`` the degree in that variable."""
    if denominator.is_one():
        return substitute(polynomial, {position: numerator})
    degree = int(polynomial.degrees()[position])
    result = polynomial.context().constant(0)
    for (power,), coefficient in coefficients_in(polynomial, [position]).items():
        charge(len(coefficient) * _powers(numerator, power) * _powers(denominator, degree - power))
        result += coefficient * numerator**power * denominator ** (degree - power)
    return result


def _powers(polynomial: Polynomial, exponent: int) -> int:
    """A bound for the words of a power."""
    return _ways(len(polynomial), exponent) * (1 + (_words(polynomial) - 1) * exponent)


def reduced(polynomial: Polynomial, constants: Mapping[int, Polynomial]) -> Polynomial:
    """The remainder modulo the minimal polynomial of the constant, if there is one."""
    for c, relation in constants.items():
        degree = int(polynomial.degrees()[c])
        if degree < relation.total_degree():
            continue
        # Each division by the leading term lengthens the coefficients by those of the relation.
        charge(len(polynomial) * len(relation) * degree * (1 + degree * _words(relation)))
        quotient, remainder = divmod(polynomial, relation)
        if quotient * relation + remainder != polynomial:
            raise ArithmeticError("a division with remainder is wrong: please report the polynomial")
        polynomial = remainder
    return polynomial


def quotient(polynomial: Polynomial, divisor: Polynomial) -> Polynomial | None:
    """The exact quotient, or None.

    Term by term, and counted: of polynomials that do not divide, quotient and remainder may be much larger than both.

    >>> x, y = ring_of(["x", "y"]).gens()
    >>> quotient(x**2 - y**2, x + y), quotient(x**100, x - y)
    (x - y, None)
    """
    ring = polynomial.context()
    lead, coefficient = divisor.monomial(0), divisor.coefficient(0)
    rest, found = polynomial, ring.constant(0)
    while not rest.is_zero():
        charge((len(rest) + len(divisor) + len(found)) * _words(rest))
        shift = tuple(int(a) - int(b) for a, b in zip(rest.monomial(0), lead, strict=True))
        if min(shift) < 0:
            return None
        term = ring.from_dict({shift: rest.coefficient(0) / coefficient})
        rest, found = rest - term * divisor, found + term
    return found if found * divisor == polynomial else None


def monic(polynomial: Polynomial) -> Polynomial:
    """Leading coefficient 1; zero stays zero."""
    return polynomial if polynomial.is_zero() else polynomial / polynomial.leading_coefficient()


def proportional(first: Polynomial, second: Polynomial) -> bool:
    """Are two polynomials, both nonzero, equal up to a rational factor?"""
    charge(len(first) + len(second))
    return not first.is_zero() and not second.is_zero() and bool(monic(first) == monic(second))


def is_member(polynomial: Polynomial, others: Iterable[Polynomial]) -> bool:
    """Is it one of the others, up to a rational factor?"""
    return any(proportional(polynomial, other) for other in others)


def coordinates_among(polynomials: Iterable[Polynomial]) -> frozenset[int]:
    """The variables that are among the polynomials themselves, up to a rational factor."""
    return frozenset(j for p in polynomials if len(p) == 1 and p.total_degree() == 1 for j in support(p))


def common_content(polynomials: Sequence[Polynomial]) -> Exponent:
    """The largest monomial that divides all of them (none of them zero)."""
    charge(sum(len(p) * looked_at(p) for p in polynomials))
    contents = [p.term_content().monomial(0) for p in polynomials]
    return tuple(int(min(column)) for column in zip(*contents, strict=True))


def divide_monomial(polynomial: Polynomial, exponent: Sequence[int]) -> Polynomial:
    """The quotient by a monomial that divides every term."""
    charge(len(polynomial) * looked_at(polynomial))
    return polynomial / monomial(polynomial.context(), exponent)


def rank(rows: Sequence[Sequence[Any]]) -> int:
    """The rank over Q of a matrix of integers or rationals."""
    if not rows or not rows[0]:
        return 0
    words = max(_length(entry) for row in rows for entry in row) // WORD + 1
    charge(len(rows) * len(rows[0]) * min(len(rows), len(rows[0])) * words)
    return int(fmpq_mat([list(row) for row in rows]).rank())


def _length(entry: Any) -> int:
    """The bits of an integer or a rational number."""
    return entry.bit_length() if isinstance(entry, int) else int(entry.height_bits())


def span_rank(polynomials: Sequence[Polynomial]) -> int:
    """The dimension of the span over Q."""
    tables = [terms(p) for p in polynomials]
    columns = sorted(set(chain.from_iterable(tables)))
    charge(len(tables) * len(columns))
    return rank([[table.get(e, fmpq(0)) for e in columns] for table in tables])


def equal_spans(first: Sequence[Polynomial], second: Sequence[Polynomial]) -> bool:
    """Have two lists of polynomials the same span over the rationals?"""
    return span_rank(first) == span_rank(second) == span_rank([*first, *second])


def fraction(value: fmpq) -> Fraction:
    """flint's rational as Python's."""
    return Fraction(int(value.p), int(value.q))


def value_at(polynomial: Polynomial, point: Sequence[Fraction]) -> Fraction:
    """The value at a rational point."""
    words = max((max(abs(x.numerator), x.denominator).bit_length() for x in point), default=0) // WORD + 1
    charge(len(polynomial) * (len(point) + int(polynomial.total_degree() * words)))
    return fraction(polynomial(*[fmpq(x.numerator, x.denominator) for x in point]))
