"""The germ of a certificate: what it states, and its root stratum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.ring import Polynomial, ring_of, substitute, terms
from slt_symbolic.check.bracket import Bracket
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.measure import WHOLE, Coordinate, Measure, coordinates, read_measure
from slt_symbolic.check.step import fields, items, ratio, require
from slt_symbolic.check.stratum import NO_CONSTANTS, Derived

MOST_VARIABLES = 400  # FLINT ends the process at some 10^5


@dataclass(frozen=True)
class Statement:
    """What an accepted certificate says: ``lower <= (lambda, m) <= upper`` for this germ.

    Of a function f it speaks of ``|f|``; it never says that f takes no negative values. The generators are printed from
    the polynomials that were read.
    """

    variables: tuple[str, ...]
    generators: tuple[str, ...]
    point: tuple[Fraction, ...]
    function: bool
    bracket: Bracket
    measure: Measure = WHOLE

    def germ_text(self) -> str:
        """The germ in one line."""
        loss = "|f| for f = " if self.function else "sum of squares of "
        point = ", ".join(f"{name} = {value}" for name, value in zip(self.variables, self.point, strict=True))
        return f"K = {loss}{', '.join(self.generators)} at {point}{self.measure.text()}"


def germ_polynomials(variables: Sequence[str], generators: Sequence[str]) -> list[Polynomial]:
    """The generators, read in the ring of their own variables: a name that the germ does not declare is refused."""
    own = ring_of(variables)
    return [parse(text, own) for text in generators]


def root_stratum(variables: Sequence[str], generators: Sequence[Polynomial], point: Sequence[Fraction],
                 constants: Sequence[str] = (), measure: Measure = WHOLE, signs: Sequence[str] = ()) -> Derived:
    """The germ translated to the origin, all variables near 0; ``constants`` are flat variables for later use.

    On a domain and with a prior the coordinates are those of `slt_symbolic.check.measure`; ``signs`` name the further
    ones that this may need.

    >>> root_stratum(["x"], germ_polynomials(["x"], ["x^2 - 1"]), [Fraction(1)]).generators
    (x^2 + 2*x,)
    """
    ring = ring_of([*variables, *signs, *constants])
    x, size = ring.gens(), len(variables)
    new = coordinates(variables, point, measure)
    further = iter(range(size, size + len(signs)))
    halves = {j: next(further, -1) for j, coordinate in enumerate(new) if coordinate.halves}
    require(len(halves) == len(signs) and -1 not in halves.values(), "needs a sign for each of {} priors", len(halves))
    images = {}
    for j, (coordinate, value) in enumerate(zip(new, point, strict=True)):
        if value or coordinate != Coordinate():
            sign = x[halves[j]] if coordinate.halves else coordinate.sign
            images[j] = sign * x[j] ** coordinate.power + ring.constant(value.numerator) / value.denominator
    padding = (0,) * (len(signs) + len(constants))
    zero = (0,) * (size + len(padding))
    moved = []
    for g in generators:
        image = substitute(ring.from_dict({(*exponent, *padding): c for exponent, c in terms(g).items()}), images)
        require(image(*zero) == 0, "generator {} does not vanish at the point", g)
        moved.append(image)
    near = frozenset(range(len(zero))).difference(halves.values())
    jacobian = (*(coordinate.jacobian for coordinate in new), *padding)
    return Derived(ring, tuple(moved), near, zero, jacobian, tuple(x[s] for s in halves.values()), NO_CONSTANTS)


def read_germ(germ: Any) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Fraction, ...], bool, Measure]:
    """Variables, generators, point, whether it is a function, and the measure."""
    require(isinstance(germ, Mapping), "a germ is a table")
    names, texts, values, function = fields({key: germ[key] for key in germ if key not in ("domain", "prior")},
                                            "variables", "generators", "point", "function")
    variables, generators = texts_of(names), texts_of(texts)
    point = tuple(ratio(value) for value in texts_of(values))
    if len(variables) > MOST_VARIABLES:
        raise OverBudget(f"more than {MOST_VARIABLES} variables")
    require(bool(variables), "the germ has no variables")
    require(isinstance(function, bool), "function is neither true nor false")
    require(not function or len(generators) == 1, "a function has exactly one generator")
    require(len(point) == len(variables), "the point needs a coordinate for each variable")
    return variables, generators, point, function, read_measure(germ, variables)


def texts_of(values: Any) -> tuple[str, ...]:
    """A list of texts."""
    listed = items(values, None, "a list of texts is missing")
    require(all(isinstance(v, str) for v in listed), "a list of texts holds something else")
    return tuple(listed)
