"""The germ of a certificate: what it states, and its root stratum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slt_symbolic.check.algebra.grammar import is_identifier, parse
from slt_symbolic.check.algebra.ring import Polynomial, Ring, at_zero, reduced, ring_of, substitute, terms
from slt_symbolic.check.bracket import Bracket
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.measure import WHOLE, Coordinate, Measure, coordinates, read_measure
from slt_symbolic.check.point import Point, constant, lifted, rational_chart, read_number
from slt_symbolic.check.step import fields, items, ratio, require
from slt_symbolic.check.stratum import NO_CONSTANTS, Derived

OPTIONAL = ("domain", "prior", "where", "denominators", "free")
MOST_VARIABLES = 400  # FLINT ends the process at some 10^5
LONGEST_NAME = 100  # characters: polynomials are compared by their texts


@dataclass(frozen=True)
class Statement:
    """What an accepted certificate says: ``lower <= (lambda, m) <= upper`` for this germ.

    Of a function f it speaks of ``|f|``; it never says that f takes no negative values. The generators are printed from
    the polynomials that were read. Each is divided by its denominator, if there are any: these do not vanish at the
    point, so that they are units there.
    """

    variables: tuple[str, ...]
    generators: tuple[str, ...]
    point: Point
    function: bool
    bracket: Bracket
    measure: Measure = WHOLE
    denominators: tuple[str, ...] = ()

    def germ_text(self) -> str:
        """The germ in one line."""
        return germ_text(self.fractions(), self.point.text(self.variables), self.measure.text(), self.function)

    def fractions(self) -> tuple[str, ...]:
        """The generators with their denominators."""
        return tuple(map(fraction_text, self.generators, self.denominators)) if self.denominators else self.generators


def germ_text(generators: Sequence[str], point: str, measure: str, function: bool) -> str:
    """A germ in one line, in these words for its parts."""
    loss = "|f| for f = " if function else "sum of squares of "
    return f"K = {loss}{', '.join(generators)} at {point}{measure}"


def fraction_text(numerator: str, denominator: str) -> str:
    """A quotient of two polynomials.

    >>> fraction_text("x", "y + 1"), fraction_text("x", "1")
    ('(x)/(y + 1)', 'x')
    """
    return numerator if denominator == "1" else f"({numerator})/({denominator})"


@dataclass(frozen=True)
class Asked:
    """The germ of a certificate, read: what is stated, before anything is proved."""

    variables: tuple[str, ...]
    generators: tuple[Polynomial, ...]
    point: Point
    function: bool
    measure: Measure
    denominators: tuple[Polynomial, ...]

    def statement(self, bracket: Bracket) -> Statement:
        """With what is proved."""
        return Statement(self.variables, tuple(map(str, self.generators)), self.point, self.function, bracket,
                         self.measure, tuple(map(str, self.denominators)))


def germ_polynomials(variables: Sequence[str], generators: Sequence[str]) -> list[Polynomial]:
    """The generators, read in the ring of their own variables: a name that the germ does not declare is refused."""
    own = ring_of(variables)
    return [parse(text, own) for text in generators]


def root_stratum(variables: Sequence[str], generators: Sequence[Polynomial], point: Point,
                 constants: Sequence[str] = (), measure: Measure = WHOLE, signs: Sequence[str] = (),
                 chart: str | None = None) -> Derived:
    """The germ translated to the origin, all variables near 0; ``constants`` are flat variables for later use.

    On a domain and with a prior the coordinates are those of `slt_symbolic.check.measure`; ``signs`` name the further
    ones that this may need. The number of a point that is not rational is the constant of the stratum, in the place of
    ``constants``; or the germ is that of rational polynomials, by the coordinate ``chart``.

    >>> from fractions import Fraction
    >>> root_stratum(["x"], germ_polynomials(["x"], ["x^2 - 1"]), Point((Fraction(1),))).generators
    (x^2 + 2*x,)
    """
    new = coordinates(variables, point, measure)
    if chart is not None:
        require(chart in variables, "{} is no variable", chart)
        generators, point = rational_chart(generators, point, variables.index(chart))
    size, number = len(variables), point.number
    require(number is None or list(constants) == [number.name], "the number {} is not the constant",
            number and number.name)
    ring = ring_of([*variables, *signs, *constants])
    relations = {size + len(signs): lifted(number.relation(), ring, size + len(signs))} if number else NO_CONSTANTS
    halves = _halves(new, size, len(signs))
    images = _images(ring, new, point, halves)
    padding = (0,) * (len(signs) + len(constants))
    moved = []
    for g in generators:
        image = substitute(ring.from_dict({(*exponent, *padding): c for exponent, c in terms(g).items()}), images)
        image = reduced(image, relations)
        require(bool(point.free) or at_zero(image, range(size)).is_zero(), "generator {} does not vanish at the point",
                g)
        moved.append(image)
    free = [j for j, name in enumerate(variables) if name in point.free]
    near = frozenset(range(size + len(padding))).difference(halves.values(), relations, free)
    jacobian = (*(coordinate.jacobian for coordinate in new), *padding)
    units = tuple(ring.gens()[s] for s in halves.values())
    return Derived(ring, tuple(moved), near, (0,) * len(jacobian), jacobian, units, relations)


def _halves(new: Sequence[Coordinate], size: int, signs: int) -> dict[int, int]:
    """The positions of coordinates with two halves, and of the signs that they need."""
    wanted = [j for j, coordinate in enumerate(new) if coordinate.halves]
    require(len(wanted) == signs, "needs a sign for each of {} priors", len(wanted))
    return dict(zip(wanted, range(size, size + signs), strict=True))


def _images(ring: Ring, new: Sequence[Coordinate], point: Point, halves: Mapping[int, int]) -> dict[int, Polynomial]:
    """What takes the place of the variables at the point, where something does."""
    x, images = ring.gens(), {}
    for j, (coordinate, value) in enumerate(zip(new, point.values, strict=True)):
        if value or coordinate != Coordinate():
            sign = x[halves[j]] if coordinate.halves else coordinate.sign
            images[j] = sign * x[j] ** coordinate.power + constant(value, ring, len(x) - 1)
    return images


def read_germ(germ: Any) -> Asked:
    """The germ that a certificate states; its denominators do not vanish at the point."""
    require(isinstance(germ, Mapping), "a germ is a table")
    names, texts, values, function = fields({key: germ[key] for key in germ if key not in OPTIONAL},
                                            "variables", "generators", "point", "function")
    variables = texts_of(names)
    if len(variables) > MOST_VARIABLES:
        raise OverBudget(f"more than {MOST_VARIABLES} variables")
    require(bool(variables), "the germ has no variables")
    require(isinstance(function, bool), "function is neither true nor false")
    generators = texts_of(texts)
    require(not function or len(generators) == 1, "a function has exactly one generator")
    number = read_number(germ["where"]) if "where" in germ else None
    require_names([*variables, *([number.name] if number else [])])
    listed = texts_of(values)
    require(len(listed) == len(variables), "the point needs a coordinate for each variable")
    free = texts_of(germ.get("free", []))
    point = Point(tuple(ratio(text) if number is None else number.value(text) for text in listed), number, free)
    if "free" in germ:
        _require_free(germ, variables, point)
    denominators = texts_of(germ.get("denominators", []))
    require("denominators" not in germ or len(denominators) == len(generators) > 0,
            "needs a denominator for each generator")
    return Asked(variables, tuple(germ_polynomials(variables, generators)), point, function,
                 read_measure(germ, variables), tuple(germ_polynomials(variables, denominators)))


def _require_free(germ: Mapping[str, Any], variables: Sequence[str], point: Point) -> None:
    """Variables of any value: without a coordinate, a bound, a density; and denominators would have zeros."""
    free = set(point.free)
    require(bool(free) and len(free) == len(point.free) and free <= set(variables), "{} are no variables", point.free)
    require(all(value == 0 for name, value in zip(variables, point.values, strict=True) if name in free),
            "a variable of any value has a coordinate")
    require("denominators" not in germ, "denominators are for a point")
    require(not free & {bound[0] for bound in germ.get("domain", [])} and not free & set(germ.get("prior", {})),
            "a variable of any value has a bound or a density")


def require_names(names: Sequence[str]) -> None:
    """Polynomials are compared by their texts, so that a name must not look like one."""
    require(all(is_identifier(name) for name in names), "a variable is no identifier")
    if max(map(len, names)) > LONGEST_NAME:
        raise OverBudget(f"a name of more than {LONGEST_NAME} characters")
    require(len(set(names)) == len(names), "a variable is named twice")


def texts_of(values: Any) -> tuple[str, ...]:
    """A list of texts."""
    listed = items(values, None, "a list of texts is missing")
    require(all(isinstance(v, str) for v in listed), "a list of texts holds something else")
    return tuple(listed)
