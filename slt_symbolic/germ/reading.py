"""What a user asks: generators, variables and a point, from texts, SymPy or numbers, each read exactly or refused.

Texts are read by the grammar, SymPy by `sympy_input`; nothing is evaluated.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    rational,
)
from slt_symbolic.check.algebra.ring import Polynomial, Ring, ring_of, support, terms
from slt_symbolic.check.germ import LONGEST_NAME, MOST_VARIABLES, root_stratum
from slt_symbolic.check.point import Point, Value, as_poly
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ import sympy_input
from slt_symbolic.germ.algebraic import Numbers
from slt_symbolic.germ.quotients import Quotient, quotient_of
from slt_symbolic.germ.summands import summands_of
from slt_symbolic.germ.sympy_input import digits_exceed, refuse, shown

ANY = "any"  # a coordinate that is every real number
LARGEST_TRANSLATION = 100_000  # terms of a polynomial in coordinates at the point

Generator: TypeAlias = "str | sympy.Expr | sympy.Poly | int | Fraction"
Rational: TypeAlias = "int | str | Fraction | sympy.Rational"
Name: TypeAlias = "str | sympy.Symbol"


@dataclass(frozen=True)
class Question:
    """Polynomials that vanish at a point; ``texts`` are in the grammar, as they were typed where they were.

    Where a generator was typed with divisions it is ``polynomials[i] / denominators[i]``: the denominators, and what
    else was divided by, do not vanish at the point, and the denominators are positive there.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    shown: tuple[str, ...]  # the same with divisions
    polynomials: tuple[Polynomial, ...]
    point: Point
    typed: tuple[str, ...]  # the coordinates
    where: str | None = None  # what names the numbers in them, if there are any
    denominators: tuple[Polynomial, ...] = ()  # if one is not 1
    summands: tuple[Polynomial, ...] = ()  # the terms of a single polynomial, as they were typed
    assumed: tuple[tuple[str, str], ...] = ()  # by SymPy, at the edge of what a variable may be: x, ">="

    def at_origin(self) -> list[Polynomial]:
        """The numerators in coordinates that are 0 at the point; its number, if it has one, is the last variable."""
        number = self.point.number
        constants = [number.name] if number else []
        return list(root_stratum(self.names, self.polynomials, self.point, constants).generators)


def read(generators: Generator | Iterable[Generator], variables: Sequence[Name] | None,
         at: Mapping[Any, Rational] | None, where: str | None = None) -> Question:
    """Raises `InvalidInput`, for generators that do not vanish at the point too.

    The coordinate ``any`` is every real number.

    Coordinates may be polynomials in the numbers that ``where`` names, like ``c^2=2,0<c<2``.

    >>> x, y = sympy.symbols("x y")
    >>> read([x * y - 1, "x^2 - y"], None, {x: 1, "y": "1"}).at_origin()
    [x*y + x + y, x^2 + 2*x - y]
    >>> read("x^2 - 2", None, {"x": "c"}, "c^2=2,0<c<2").at_origin()
    [x^2 + 2*x*c]
    >>> read("x^2 - 4", None, {"x": "c"}, "c^2=4,0<c<3").point.values
    (Fraction(2, 1),)
    """
    asked = _polynomials(generators, variables)
    free, at = _free(asked, at)
    if where is None:
        return asked.at(Point(tuple(_point(asked.names, at, asked.known)), None, free))
    numbers = Numbers.named(where, asked.names)
    texts = {name.name if isinstance(name, sympy.Symbol) else name: value.strip()
             for name, value in (at.items() if isinstance(at, Mapping) else ()) if isinstance(value, str)}
    written = {name: numbers.value(text) for name, text in texts.items()
               if set(identifiers(text)) & set(numbers.values)}
    unused = [name for name in numbers.values
              if not any(name in identifiers(texts[coordinate]) for coordinate in written)]
    if unused:
        raise InvalidInput(f"where {numbers.text}", f"names {unused[0]}, which no coordinate uses",
                           f"{asked.names[0]}={unused[0]}")

    def coordinate(name: str, value: Any) -> Value:
        return written[name] if name in written else _coordinate(name, value)

    values = tuple(_point(asked.names, at, asked.known, coordinate))
    if all(isinstance(value, Fraction) for value in values):
        return asked.at(Point(values, None, free))
    return asked.at(Point(values, numbers.base, free), [texts[name] if name in written else str(value)
                                                  for name, value in zip(asked.names, values, strict=True)], where)


@dataclass(frozen=True)
class _Asked:
    """A question without its point."""

    names: Sequence[str]
    quotients: Sequence[Quotient]
    given: Sequence[_Given]
    known: _Names

    def at(self, point: Point, typed: Sequence[str] = (), where: str | None = None) -> Question:
        """The question at a point, if the polynomials vanish there, and nothing that they are divided by."""
        typed = [ANY if name in point.free else x for name, x in
                 zip(self.names, typed or map(str, point.values), strict=True)]
        place = ", ".join(f"{name} = {x}" for name, x in zip(self.names, typed, strict=True))
        pairs = [_at_point(g.shown, q, point, place) for g, q in zip(self.given, self.quotients, strict=True)]
        numerators, denominators = zip(*pairs, strict=True)
        plain = all(d.is_one() for d in denominators)
        texts = [g.text if g.text is not None and plain else str(p)
                 for g, p in zip(self.given, numerators, strict=True)]
        shown = [g.text or (text if plain else g.shown) for g, text in zip(self.given, texts, strict=True)]
        summands = summands_of(self.given[0].typed, ring_of(self.names)) if len(self.given) == 1 and plain else []
        return Question(tuple(self.names), tuple(texts), tuple(shown), numerators, point, tuple(typed), where,
                        () if plain else denominators, tuple(summands), tuple(self.known.edges(self.names, point)))


def _free(asked: _Asked, at: Mapping[Any, Rational] | None) -> tuple[tuple[str, ...], Mapping[Any, Rational] | None]:
    """The variables of any value, and the other coordinates."""
    if not isinstance(at, Mapping):
        return (), at
    free = [key.name if isinstance(key, sympy.Symbol) else key for key, value in at.items() if _is_any(value)]
    for name in free:
        if name not in asked.names:
            raise InvalidInput(f"{name}={ANY}", "names no variable", f"one of {', '.join(asked.names)}")
    if free and any(q.divisors for q in asked.quotients):
        raise InvalidInput(", ".join(g.shown for g in asked.given), "is divided by polynomials, which may vanish "
                           "somewhere", "the numerators, or a point")
    return tuple(n for n in asked.names if n in free), {key: x for key, x in at.items() if not _is_any(x)}


def _is_any(value: Any) -> bool:
    return isinstance(value, str) and value.strip() == ANY


def _at_point(shown: str, quotient: Quotient, point: Point, place: str) -> tuple[Polynomial, Polynomial]:
    """Numerator and denominator, which is positive at the point; the numerator vanishes there, and no divisor does."""
    for p in (quotient.numerator, quotient.denominator, *quotient.divisors):
        _require_translatable(shown, p, point)
    zero = next((d for d in quotient.divisors if point.value_of(d) == 0), None)
    if zero is not None:
        raise InvalidInput(shown, f"is divided by {zero}, which vanishes at {place}",
                           "a point where no denominator is 0")
    value = point.value_of(quotient.numerator)
    if value != 0 and not point.free:
        which = "its value" if quotient.denominator.is_one() else "the value of its numerator"
        raise InvalidInput(shown, f"does not vanish at {place} ({which} is {value})", "a zero of all generators")
    if point.is_negative(point.value_of(quotient.denominator)):
        return -quotient.numerator, -quotient.denominator
    return quotient.numerator, quotient.denominator


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
    quotients = [g.quotient(ring_of(names)) for g in given]
    for g, q in zip(given, quotients, strict=True):
        if g.text is None or not q.denominator.is_one():
            _require_writable(g.shown, q.numerator)
            _require_writable(g.shown, q.denominator)
    return _Asked(names, quotients, given, known)


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
    """A generator: how errors show it, its names in order, and how it becomes a quotient of polynomials."""

    shown: str
    quotient: Callable[[Ring], Quotient]
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
        return _Given(text, lambda ring: quotient_of(text, ring), text, (), text)
    if isinstance(generator, sympy.Poly | sympy.Expr) and not isinstance(generator, sympy.MatrixBase):
        found = sympy_input.read(generator)
        return _Given(shown(generator), found.quotient, None, found.symbols,
                      generator if isinstance(generator, sympy.Expr) else "")
    number = exact_number(generator)
    if number is None:
        raise refuse(_short(generator), f"it is of type {type(generator).__name__}")
    if digits_exceed(number.numerator, number.denominator):
        raise refuse(_short(generator), f"a number of more than {LARGEST_NUMBER} digits")
    return _Given(str(number), lambda ring: Quotient(ring.constant(fmpq(number.numerator, number.denominator)),
                                                     ring.constant(1)))


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

    def edges(self, names: Sequence[str], point: Point) -> Iterator[tuple[str, str]]:
        """The variables that have a sign by their assumptions and are 0 at the point, each with the relation to 0.

        Raises `InvalidInput` where a coordinate has the other sign.
        """
        for name, value in zip(names, point.values, strict=True):
            symbol = self.symbols.get(name)
            if symbol is None or not isinstance(value, Fraction) or name in point.free:
                continue
            for has_sign, relation, sign in ((symbol.is_nonnegative, ">=", 1), (symbol.is_nonpositive, "<=", -1)):
                if has_sign and value == 0:
                    yield name, relation
                if has_sign and sign * value < 0:
                    raise InvalidInput(f"{name}={value}", "is against the assumptions of its symbol, by which it is "
                                       f"{relation} 0", f"Symbol({name!r})")


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
           coordinate: Callable[[str, Any], Value] | None = None) -> list[Value]:
    if at is not None and not isinstance(at, Mapping):
        raise InvalidInput(f"at={_short(at)}", "is not a table of coordinates", "{'x': 1, 'y': '1/2'}")
    given: dict[str, Value] = {}
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


def _require_translatable(source: str, p: Polynomial, point: Point) -> None:
    """Count the terms in coordinates at the point, before anything is computed there.

    Each power of a coordinate that is not rational brings powers of the number, before it is reduced.
    """
    values = [as_poly(value) for value in point.values]
    moved = [j for j in sorted(support(p)) if values[j]]
    if not moved:
        return
    degrees = [int(degree) for degree in p.degrees()]
    exponents = [tuple(e) for e in terms(p)]
    powers = 1 + sum(degrees[j] * max(values[j].degree(), 0) for j in moved)
    others = len({tuple(0 if j in moved else k for j, k in enumerate(e)) for e in exponents})
    box = others * prod(degrees[j] + 1 for j in moved)
    most = powers * min(box, sum(prod(e[j] + 1 for j in moved) for e in exponents))
    if most > LARGEST_TRANSLATION:
        raise refuse(source, f"more than {LARGEST_TRANSLATION} terms in coordinates at the point")
    bits = sum(degrees[j] * _bits(values[j]) for j in moved)
    bits += powers * _bits(point.number.relation()) if point.number else 0
    Expansion(p.context(), lambda problem: refuse(source, f"at the point, {problem}")).count(
        max(most, len(p)), bits + height_bits(p))


def _bits(p: fmpq_poly) -> int:
    """Of the longest coefficient."""
    return max((max(abs(int(c.p)), int(c.q)).bit_length() for c in p.coeffs()), default=0)
