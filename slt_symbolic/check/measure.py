"""Domains and priors: a part of a neighbourhood with the density ``|x|^h``, as new coordinates with Jacobian orders.

Definition. A domain is given by bounds ``x_j >= a`` or ``x_j <= a`` that hold at the point, a prior by exponents
``h_j > -1``, rational: the density is ``prod |x_j|^{h_j}``. Then ``-lambda`` is the largest pole of
``z -> ∫ K^z |x|^h dx`` over the part of a small neighbourhood of the point that lies in the domain, m its order.

Theorem. A bound that is not attained at the point, and a density of a coordinate that is not 0 there, change nothing:
the one holds in a small neighbourhood, the other is a positive smooth factor. For the other coordinates, with
``h = a/b`` in lowest terms, let
- ``x = p + y^N`` (``p - y^N`` for an upper bound) at a bound, N the least even multiple of b: y in a neighbourhood of 0
  covers the half-line twice;
- ``x = y^b`` without a bound, b odd: a bijection;
- ``x = s y^b`` without a bound, b even, with a further coordinate ``s != 0`` of unknown value: at a positive s it is
  the half-line ``x >= 0`` (``s^(1/b) y`` is a coordinate, and s occurs nowhere else), at a negative s the other one;
  and the least pair over both halves is that of their union.
Then ``|x|^h dx`` is ``|y|^{N (h + 1) - 1} dy`` up to a constant (at a bound with ``p != 0`` put h = 0), with an integer
exponent ``>= 0``: the poles are those of the generators in y with this Jacobian order, over full neighbourhoods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from slt_symbolic.check.algebra.grammar import LARGEST_EXPONENT
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.point import Point
from slt_symbolic.check.step import items, ratio, require

RELATIONS = (">=", "<=")


@dataclass(frozen=True)
class Measure:
    """Bounds ``(name, relation, value)`` and exponents of a prior, by name."""

    bounds: tuple[tuple[str, str, Fraction], ...] = ()
    prior: tuple[tuple[str, Fraction], ...] = ()

    def text(self) -> str:
        """The domain and the density in words; empty for a full neighbourhood with Lebesgue measure."""
        bounds = ", ".join(f"{name} {relation} {value}" for name, relation, value in self.bounds)
        density = "*".join(f"|{name}|^({h})" for name, h in self.prior)
        return (f" on {bounds}" if bounds else "") + (f" with the prior {density}" if density else "")

    def to_json(self) -> dict[str, Any]:
        """As the germ of a certificate states it; nothing for a full neighbourhood with Lebesgue measure."""
        domain = {"domain": [[name, relation, str(value)] for name, relation, value in self.bounds]}
        prior = {"prior": {name: str(h) for name, h in self.prior}}
        return {**(domain if self.bounds else {}), **(prior if self.prior else {})}


WHOLE = Measure()


@dataclass(frozen=True)
class Coordinate:
    """``x = p + sign y^power`` with the Jacobian order; ``halves``: another coordinate takes the place of the sign."""

    sign: int = 1
    power: int = 1
    jacobian: int = 0
    halves: bool = False


def read_measure(germ: Mapping[str, Any], variables: Sequence[str]) -> Measure:
    """The domain and the prior that a certificate's germ states, each only if there is one."""
    bounds = [] if "domain" not in germ else items(germ["domain"], 3, "a domain is a list of bounds")
    prior = germ.get("prior", {})
    require(isinstance(prior, Mapping), "a prior is a table of exponents")
    require("domain" not in germ or bool(bounds), "a domain without bounds is not stated")
    require("prior" not in germ or bool(prior), "a prior without exponents is not stated")
    read = []
    for name, relation, value in bounds:
        require(name in variables and relation in RELATIONS, "{} {} is no bound of a variable", name, relation)
        read.append((name, relation, ratio(value)))
    require(len({bound[:2] for bound in read}) == len(read), "a variable has two bounds of one kind")
    exponents = []
    for name in prior:
        require(name in variables, "the prior names {}, which is no variable", name)
        h = ratio(prior[name])
        require(h > -1, "needs a density with a finite integral; here the exponent of {} is {}", name, h)
        exponents.append((name, h))
    return Measure(tuple(read), tuple(exponents))


def coordinates(variables: Sequence[str], point: Point, measure: Measure) -> list[Coordinate]:
    """The new coordinate for each variable; the point lies in the domain, and no two bounds meet.

    A value that is not rational is no bound and not 0: nothing changes at that coordinate.

    >>> coordinates(["x"], Point((Fraction(0),)), Measure((("x", ">=", Fraction(0)),), (("x", Fraction(-1, 2)),)))
    [Coordinate(sign=1, power=2, jacobian=0, halves=False)]
    """
    if measure == WHOLE:
        return [Coordinate()] * len(variables)
    prior = dict(measure.prior)
    found = []
    for name, p in zip(variables, point.values, strict=True):
        low, high = ([value for of, relation, value in measure.bounds if (of, relation) == (name, wanted)]
                     for wanted in RELATIONS)
        require(all(a == p or point.is_above(p, a) for a in low) and not any(point.is_above(p, b) for b in high),
                "the point is outside the bounds of {}", name)
        require(not (low and high) or low[0] < high[0], "the bounds of {} leave no volume", name)
        h = prior.get(name, Fraction(0)) if p == 0 else Fraction(0)
        found.append(_coordinate(1 if p in low else -1 if p in high else 0, h))
    return found


def _coordinate(side: int, h: Fraction) -> Coordinate:
    """For a bound on this side, or none, and the exponent of the density."""
    power = lcm(2, h.denominator) if side else h.denominator
    if power > LARGEST_EXPONENT:
        raise OverBudget(f"a coordinate that is a power above {LARGEST_EXPONENT}")
    order = power * (h + 1) - 1
    return Coordinate(side or 1, power, int(order), not side and power % 2 == 0)
