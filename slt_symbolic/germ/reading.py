"""What a user asks: generators, variables and a point, from texts, SymPy or numbers, each read exactly or refused.

Texts are read by the grammar, SymPy by `sympy_input`; nothing is evaluated.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, TypeAlias

import sympy
from flint import fmpq, fmpq_poly

from slt_symbolic.check.algebra.grammar import (
    LARGEST_DEGREE,
    LARGEST_EXPONENT,
    LARGEST_NUMBER,
    Expansion,
    height_bits,
    identifiers,
    is_identifier,
    parse,
    rational,
)
from slt_symbolic.check.algebra.ring import Polynomial, Ring, at_zero, reduced, ring_of, substitute, support, terms
from slt_symbolic.check.core import LONGEST_NAME
from slt_symbolic.check.germ import MOST_VARIABLES
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ import sympy_input
from slt_symbolic.germ.algebraic import AlgebraicNumber, constant_part, lifted
from slt_symbolic.germ.summands import summands_of
from slt_symbolic.germ.sympy_input import digits_exceed, refuse, shown

LARGEST_TRANSLATION = 100_000  # terms of a polynomial in coordinates at the point

Generator: TypeAlias = "str | sympy.Expr | sympy.Poly | int | Fraction"
Rational: TypeAlias = "int | str | Fraction | sympy.Rational"
Name: TypeAlias = "str | sympy.Symbol"


@dataclass(frozen=True)
class Question:
    """Polynomials that vanish at a point; ``texts`` are in the grammar, as they were typed where they were."""

    names: tuple[str, ...]
    texts: tuple[str, ...]
    polynomials: tuple[Polynomial, ...]
    point: tuple[Fraction, ...]
    summands: tuple[Polynomial, ...] = ()  # the terms of a single polynomial, as they were typed

    def at_origin(self) -> list[Polynomial]:
        """The polynomials in coordinates that are 0 at the point."""
        ring = ring_of(self.names)
        shift = {j: x + ring.constant(a.numerator) / a.denominator
                 for j, (x, a) in enumerate(zip(ring.gens(), self.point, strict=True)) if a}
        return [substitute(p, shift) if shift else p for p in self.polynomials]


@dataclass(frozen=True)
class AlgebraicQuestion:
    """Polynomials that vanish at a point whose coordinates are polynomials in one number, which is not rational."""

    names: tuple[str, ...]
    texts: tuple[str, ...]
    polynomials: tuple[Polynomial, ...]
    number: AlgebraicNumber
    coordinates: tuple[fmpq_poly, ...]
    point: tuple[str, ...]  # as it was typed

    def ring(self) -> Ring:
        """The variables, then the number."""
        return ring_of([*self.names, self.number.name])

    def at_origin(self) -> list[Polynomial]:
        """The polynomials in coordinates that are 0 at the point, with the number as the last variable."""
        ring = self.ring()
        shift = {j: x + lifted(a, ring, self.number.name)
                 for j, (x, a) in enumerate(zip(ring.gens(), self.coordinates, strict=False)) if a}
        constants = {len(self.names): self.number.relation(ring)}
        own = [ring.from_dict({(*exponent, 0): c for exponent, c in terms(p).items()}) for p in self.polynomials]
        return [reduced(substitute(p, shift), constants) if p else p for p in own]


    def rational_germ(self) -> tuple[str, list[Polynomial]] | None:
        """An equivalent germ over the rationals, at the origin, and the polynomial that is its first coordinate.

        Let one coordinate be ``x = a + b c`` with rational a, b. The other ones are polynomials in x at the point, and
        subtracting these is an automorphism over Q; then ``u = q(x)``, q the minimal polynomial of x at the point, is a
        coordinate there, since q' does not vanish. If each generator is a power of x, which is a unit (0 is rational),
        times a polynomial in u and the others, the germ is that of these polynomials. None if it is not.

        >>> read_where("x*(y - x)^2 - x*(x^2 - 2)^3", None, {"x": "c", "y": "c"}, "c^2=2,0<c<2").rational_germ()
        ('x^2 - 2', [-x^3 + y^2])
        """
        j = next((j for j, a in enumerate(self.coordinates) if a.degree() == 1), None)
        if j is None:
            return None
        a, b = self.coordinates[j][0], self.coordinates[j][1]
        inverse = fmpq_poly([-a / b, 1 / b])
        ring = ring_of(self.names)
        images = {i: ring.gens()[i] + lifted(p(inverse), ring, self.names[j])
                  for i, p in enumerate(self.coordinates) if i != j and p}
        minimal = self.number.minimal(inverse)
        base = lifted(minimal / minimal[minimal.degree()], ring, self.names[j])
        found = [_in_powers(substitute(p, images) if p else p, base, j) for p in self.polynomials]
        return None if None in found else (str(base), [p for p in found if p is not None])


def _in_powers(p: Polynomial, base: Polynomial, j: int) -> Polynomial | None:
    """``h(u, ...)`` where ``p = x_j^k h(base, ...)`` for some k, with u in the place of x_j; None if there is none."""
    ring, collected, powers, i = p.context(), dict[tuple[int, ...], fmpq](), set[int](), 0
    while p:
        p, digit = divmod(p, base)
        for exponent, c in terms(digit).items():
            powers.add(exponent[j])
            collected[(*exponent[:j], i, *exponent[j + 1 :])] = c
        i += 1
    return ring.from_dict(collected) if len(powers) <= 1 else None


def read(generators: Generator | Iterable[Generator], variables: Sequence[Name] | None,
         at: Mapping[Any, Rational] | None) -> Question:
    """Raises `InvalidInput`, for generators that do not vanish at the point too.

    >>> x, y = sympy.symbols("x y")
    >>> read([x * y - 1, "x^2 - y"], None, {x: 1, "y": "1"}).at_origin()
    [x*y + x + y, x^2 + 2*x - y]
    """
    asked = _polynomials(generators, variables)
    return asked.at(_point(asked.names, at, asked.known))


def read_where(generators: Generator | Iterable[Generator], variables: Sequence[Name] | None,
               at: Mapping[Any, Rational] | None, where: str) -> Question | AlgebraicQuestion:
    """The same at a point with coordinates in the number that ``where`` names, like ``c^2=2,0<c<2``.

    If all of them are rational after all, it is a `Question`.

    >>> read_where("x^2 - 2", None, {"x": "c"}, "c^2=2,0<c<2").at_origin()
    [x^2 + 2*x*c]
    >>> read_where("x^2 - 4", None, {"x": "c"}, "c^2=4,0<c<3").point
    (Fraction(2, 1),)
    """
    asked = _polynomials(generators, variables)
    number = AlgebraicNumber.named(where)
    if number.name in asked.names:
        raise InvalidInput(f"where {number.text}", f"{number.name} is a variable of the germ", "another name")
    texts = {name.name if isinstance(name, sympy.Symbol) else name: value.strip()
             for name, value in (at.items() if isinstance(at, Mapping) else ()) if isinstance(value, str)}
    written = {name: number.value(text) for name, text in texts.items() if number.name in identifiers(text)}
    if not written:
        raise InvalidInput(f"where {number.text}", f"names {number.name}, which no coordinate uses",
                           f"{asked.names[0]}={number.name}")

    def coordinate(name: str, value: Any) -> Fraction:
        """The rational ones; 0 for the others, which are not read here."""
        return (constant_part(written[name]) or Fraction(0)) if name in written else _coordinate(name, value)

    point = _point(asked.names, at, asked.known, coordinate)
    if all(constant_part(value) is not None for value in written.values()):
        return asked.at(point)
    return asked.at_algebraic(number, [written.get(name, fmpq_poly([fmpq(a.numerator, a.denominator)]))
                                       for name, a in zip(asked.names, point, strict=True)],
                              [texts[name] if name in written else str(a)
                               for name, a in zip(asked.names, point, strict=True)])


@dataclass(frozen=True)
class _Asked:
    """A question without its point."""

    names: Sequence[str]
    texts: Sequence[str]
    polynomials: Sequence[Polynomial]
    given: Sequence[_Given]
    known: _Names

    def at(self, point: Sequence[Fraction]) -> Question:
        """The question at a rational point, if the polynomials vanish there."""
        for g, p in zip(self.given, self.polynomials, strict=True):
            _require_translatable(g.shown, p, point)
        _require_zeros(self.texts, self.polynomials, self.names, point)
        summands = summands_of(self.given[0].typed, ring_of(self.names)) if len(self.given) == 1 else []
        return Question(tuple(self.names), tuple(self.texts), tuple(self.polynomials), tuple(point), tuple(summands))

    def at_algebraic(self, number: AlgebraicNumber, coordinates: Sequence[fmpq_poly],
                     typed: Sequence[str]) -> AlgebraicQuestion:
        """The question at a point with coordinates in the number, if the polynomials vanish there."""
        question = AlgebraicQuestion(tuple(self.names), tuple(self.texts), tuple(self.polynomials), number,
                                     tuple(coordinates), tuple(typed))
        for g, p in zip(self.given, self.polynomials, strict=True):
            _require_translatable_in(g.shown, p, coordinates, number)
        for text, p in zip(self.texts, question.at_origin(), strict=True):
            value = at_zero(p, range(len(self.names)))
            if not value.is_zero():
                place = ", ".join(f"{name} = {x}" for name, x in zip(self.names, typed, strict=True))
                raise InvalidInput(text, f"does not vanish at {place} (its value is {value})",
                                   "a zero of all generators")
        return question


def _polynomials(generators: Generator | Iterable[Generator], variables: Sequence[Name] | None) -> _Asked:
    """Names, texts and polynomials, what was given for them, and which symbols stand behind the names."""
    given = [_read_generator(g) for g in _listed(generators)]
    if not given:
        raise InvalidInput("generators", "there are none", "slt rlct 'x^2 - y^3'")
    known = _Names()
    found = [known.add(name) for g in given for name in g.names]
    names = list(dict.fromkeys(found)) if variables is None else _variables(variables, known)
    if not names:
        raise InvalidInput(given[0].shown, "has no variables", "slt rlct 'x^2 - y^3'")
    _require_certifiable(names)
    ring = ring_of(names)
    polynomials = [g.polynomial(ring) for g in given]
    texts = [str(p) if g.text is None else g.text for g, p in zip(given, polynomials, strict=True)]
    for g, p in zip(given, polynomials, strict=True):
        if g.text is None:
            _require_writable(g.shown, p)
    return _Asked(names, texts, polynomials, given, known)


def _require_certifiable(names: Sequence[str]) -> None:
    """The checker refuses more variables and longer names, whatever is proved of them."""
    if len(names) > MOST_VARIABLES:
        raise InvalidInput(f"variables {', '.join(names[:3])}, ...", f"are {len(names)}, and at most {MOST_VARIABLES} "
                           "are within a certificate's budget", "the germ in parts that share no variable")
    longest = max(names, key=len)
    if len(longest) > LONGEST_NAME:
        raise InvalidInput(f"variable {longest[:20]}...", f"has a name of {len(longest)} characters, and at most "
                           f"{LONGEST_NAME} are within a certificate's budget", "a shorter name")


@dataclass(frozen=True)
class _Given:
    """A generator: how errors show it, its names in order, and how it becomes a polynomial."""

    shown: str
    polynomial: Callable[[Ring], Polynomial]
    text: str | None = None
    symbols: tuple[sympy.Symbol, ...] = ()
    typed: str | sympy.Expr = ""

    @property
    def names(self) -> Sequence[Name]:
        return self.symbols if self.text is None else identifiers(self.text)


def _listed(generators: Any) -> list[Any]:
    """Several generators, or one."""
    if isinstance(generators, str | sympy.Expr | sympy.Poly) or exact_number(generators) is not None:
        return [generators]
    if isinstance(generators, bytes | bytearray | Mapping | set | frozenset | sympy.MatrixBase | sympy.Set) \
            or not isinstance(generators, Iterable):
        raise InvalidInput(f"generators {_short(generators)}", f"are of type {type(generators).__name__}, no list",
                           "['x^2 - y^3', 'x*y']")
    return list(generators)


def _read_generator(generator: Any) -> _Given:
    if isinstance(generator, str):
        text = " ".join(generator.split())
        return _Given(text, lambda ring: parse(text, ring), text, (), text)
    if isinstance(generator, sympy.Poly | sympy.Expr) and not isinstance(generator, sympy.MatrixBase):
        found = sympy_input.read(generator)
        return _Given(shown(generator), found.polynomial, None, found.symbols,
                      generator if isinstance(generator, sympy.Expr) else "")
    number = exact_number(generator)
    if number is None:
        raise refuse(_short(generator), f"it is of type {type(generator).__name__}")
    if digits_exceed(number.numerator, number.denominator):
        raise refuse(_short(generator), f"a number of more than {LARGEST_NUMBER} digits")
    return _Given(str(number), lambda ring: ring.constant(fmpq(number.numerator, number.denominator)))


def exact_number(value: Any) -> Fraction | None:
    """A rational number of Python, SymPy, FLINT or numpy, exactly; None for floats, flags and anything else.

    >>> exact_number(sympy.Rational(1, 2)), exact_number(0.5), exact_number(True)
    (Fraction(1, 2), None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, sympy.Rational | fmpq):
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, Fraction):
        return value
    if isinstance(value, sympy.Basic):  # whether it is an integer is nothing to compute
        return None
    try:
        return Fraction(operator.index(value))
    except TypeError:
        return None


def _short(value: object) -> str:
    """The start of a text; what cannot be printed is named by its type."""
    try:
        return repr(value)[:100]
    except (ValueError, RecursionError):
        return f"a long {type(value).__name__}"


class _Names:
    """Which symbol stands behind each name: one name must mean one variable."""

    def __init__(self) -> None:
        self.symbols: dict[str, sympy.Symbol | None] = {}  # None: a text

    def add(self, given: Name) -> str:
        """The name."""
        symbol = given if isinstance(given, sympy.Symbol) else None
        name = str(given) if symbol is None else symbol.name
        if not is_identifier(name):
            raise InvalidInput(f"variable {name}", "is not an identifier", "x or w1_2")
        if symbol is not None and (not symbol.is_commutative or symbol.is_extended_real is False):
            raise InvalidInput(f"variable {name}", "is no real number by its assumptions", f"Symbol({name!r})")
        if name in self.symbols and symbol != self.symbols[name]:
            both = (symbol, self.symbols[name])
            if None not in both or any(isinstance(s, sympy.Dummy) for s in both):
                raise InvalidInput(f"variable {name}", "is the name of two symbols (they differ in their assumptions, "
                                   "or are Dummies)", "one symbol for each name")
        self.symbols[name] = symbol or self.symbols.get(name)
        return name


def _variables(variables: Any, known: _Names) -> list[str]:
    if isinstance(variables, str | sympy.Basic | Mapping | set | frozenset) or not isinstance(variables, Iterable):
        raise InvalidInput(f"variables={_short(variables)}", "is not a list of names or symbols", "['x', 'y']")
    given = list(variables)
    for v in given:
        if not isinstance(v, str | sympy.Symbol):
            raise InvalidInput(f"variable {_short(v)}", "is neither a name nor a symbol", "['x', 'y']")
    names = [known.add(v) for v in given]
    if len(set(names)) != len(names):
        raise InvalidInput(f"variables {','.join(names)}", "one is named twice", "each once")
    return names


def _point(names: Sequence[str], at: Any, known: _Names,
           coordinate: Callable[[str, Any], Fraction] | None = None) -> list[Fraction]:
    if at is not None and not isinstance(at, Mapping):
        raise InvalidInput(f"at={_short(at)}", "is not a table of coordinates", "{'x': 1, 'y': '1/2'}")
    given: dict[str, Fraction] = {}
    for key, value in (at or {}).items():
        name = key.name if isinstance(key, sympy.Symbol) else key
        if name not in names:
            raise InvalidInput(f"{_short(key) if not isinstance(name, str) else name}={_value(value)}",
                               "names no variable", f"one of {', '.join(names)}")
        known.add(key)
        if name in given:
            raise InvalidInput(f"{name}={_value(value)}", "is given twice", "it once")
        given[name] = (coordinate or _coordinate)(name, value)
    return [given.get(name, Fraction(0)) for name in names]


def _value(value: object) -> str:
    return value if isinstance(value, str) else _short(value)


def _coordinate(name: str, value: Any) -> Fraction:
    if isinstance(value, str):
        return rational(value.strip())
    number = exact_number(value)
    if number is None or digits_exceed(number.numerator, number.denominator):
        raise InvalidInput(f"{name}={_value(value)}", "is not a rational number"
                           + ("" if number is None else f" of at most {LARGEST_NUMBER} digits"), f"{name}='1/2'")
    return number


def _require_writable(source: str, p: Polynomial) -> None:
    """Is it within the grammar's limits, once it is expanded?"""
    if any(digits_exceed(c.p, c.q) for c in p.coeffs()):
        raise refuse(source, f"a coefficient of more than {LARGEST_NUMBER} digits")
    if max(p.degrees(), default=0) > LARGEST_EXPONENT or p.total_degree() > LARGEST_DEGREE:
        raise refuse(source, f"an exponent above {LARGEST_EXPONENT} or a degree above {LARGEST_DEGREE}")


def _require_translatable(source: str, p: Polynomial, point: Sequence[Fraction]) -> None:
    """Count the terms in coordinates at the point, before anything is computed there."""
    moved = [j for j in sorted(support(p)) if point[j]]
    if not moved:
        return
    exponents = [tuple(e) for e in terms(p)]
    others = len({tuple(0 if j in moved else k for j, k in enumerate(e)) for e in exponents})
    box = others * prod(int(p.degrees()[j]) + 1 for j in moved)
    most = min(box, sum(prod(e[j] + 1 for j in moved) for e in exponents))
    if most > LARGEST_TRANSLATION:
        raise refuse(source, f"more than {LARGEST_TRANSLATION} terms in coordinates at the point")
    bits = sum(int(p.degrees()[j]) * max(abs(point[j].numerator), point[j].denominator).bit_length() for j in moved)
    Expansion(p.context(), lambda problem: refuse(source, f"at the point, {problem}")).count(
        max(most, len(p)), bits + height_bits(p))


def _require_translatable_in(source: str, p: Polynomial, values: Sequence[fmpq_poly], number: AlgebraicNumber) -> None:
    """The same at an algebraic point: each power of a coordinate brings powers of the number, before it is reduced."""
    moved = [j for j in sorted(support(p)) if values[j]]
    degrees = p.degrees()
    powers = 1 + sum(int(degrees[j]) * max(values[j].degree(), 0) for j in moved)
    most = powers * sum(prod(e[j] + 1 for j in moved) for e in terms(p))
    if most > LARGEST_TRANSLATION:
        raise refuse(source, f"more than {LARGEST_TRANSLATION} terms in coordinates at the point")
    longest = [max(int(c.p).bit_length() + int(c.q).bit_length() for c in values[j].coeffs()) for j in moved]
    relation = max(int(c.p).bit_length() + int(c.q).bit_length() for c in number.minimal.coeffs())
    bits = sum(int(degrees[j]) * b for j, b in zip(moved, longest, strict=True)) + powers * relation
    Expansion(p.context(), lambda problem: refuse(source, f"at the point, {problem}")).count(
        most, bits + height_bits(p))


def _require_zeros(texts: Sequence[str], polynomials: Sequence[Polynomial], names: Sequence[str],
                   point: Sequence[Fraction]) -> None:
    ring = ring_of(names)
    values = [ring.constant(x.numerator) / x.denominator for x in point]
    for text, p in zip(texts, polynomials, strict=True):
        value = p.compose(*values, ctx=ring)
        if not value.is_zero():
            where = ", ".join(f"{name} = {x}" for name, x in zip(names, point, strict=True))
            raise InvalidInput(text, f"does not vanish at {where} (its value is {value})",
                               "a zero of all generators")
