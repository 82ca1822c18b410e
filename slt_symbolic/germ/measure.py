"""What a user asks of a domain and a prior, read exactly or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import sympy

from slt_symbolic.check.algebra.grammar import rational
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.measure import Measure, coordinates
from slt_symbolic.check.point import Point
from slt_symbolic.check.step import Refused
from slt_symbolic.errors import InvalidInput

Domain: TypeAlias = "str | Sequence[str | Sequence[str]] | None"
Prior: TypeAlias = "str | Mapping[Any, Any] | None"

DOMAIN_EXAMPLE = "x>=0, 0<=t<=1"
PRIOR_EXAMPLE = "x=-1/2"
OTHER_WAY = {">=": "<=", "<=": ">="}


def read_measure(domain: Domain, prior: Prior, names: Sequence[str], point: Point,
                 assumed: Sequence[tuple[str, str]] = ()) -> Measure:
    """The bounds and the exponents of a prior; the point lies in the domain, which has volume there.

    A domain is a text like ``x>=0, 0<=t<=1`` or a list of such texts, or of triples like ``["x", ">=", "0"]``; a prior
    is a text like ``x=-1/2``, or a table. ``assumed``: variables with their relation to 0 by the assumptions of their
    symbols, which the domain need not repeat. Raises `InvalidInput`.

    >>> read_measure("0<=x<=1", {"x": "1/2"}, ["x", "y"], Point((Fraction(0), Fraction(0)))).text()
    ' on x >= 0, x <= 1 with the prior |x|^(1/2)'
    """
    bounds = bounds_of(domain, names)
    for i, (name, relation, value) in enumerate(bounds):
        if any((name, relation) == other[:2] for other in bounds[:i]):
            raise InvalidInput(f"domain {name}{relation}{value}", "is a second bound of this kind", "the narrower one")
    told = {bound[:2] for bound in bounds}
    bounds += [(name, relation, Fraction(0)) for name, relation in assumed if (name, relation) not in told]
    exponents = [_exponent(key, value, names) for key, value in _table(prior).items()]
    measure = Measure(tuple(bounds), tuple((name, h) for name, h in exponents if h))
    for name in [bound[0] for bound in bounds] + [name for name, _ in exponents]:
        if name in point.free:
            raise InvalidInput(f"{name}=any{measure.text()}", "a bound or a density of a variable of any value is not "
                               "covered", "points, strata without it")
    try:
        coordinates(names, point, measure)
    except (Refused, OverBudget) as error:
        place = ", ".join(f"{name}={x}" for name, x in zip(names, point.values, strict=True))
        raise InvalidInput(f"at {place}{measure.text()}", str(error),
                           "a point of a domain with inner points, and small denominators") from None
    return measure


def bounds_of(domain: Domain, names: Sequence[str]) -> list[tuple[str, str, Fraction]]:
    """The bounds of a domain as ``(name, relation, value)``. Raises `InvalidInput` for what is no bound."""
    return [bound for part in _listed(domain) for bound in _bounds(part, names)]


def _listed(domain: Domain) -> list[Any]:
    if domain is None:
        return []
    if isinstance(domain, str):
        return [part for part in domain.split(",") if part.strip()]
    if isinstance(domain, Mapping) or not isinstance(domain, Sequence):
        raise InvalidInput(f"domain {str(domain)[:60]}", "is neither a text nor a list of bounds", DOMAIN_EXAMPLE)
    return list(domain)


def _bounds(part: Any, names: Sequence[str]) -> list[tuple[str, str, Fraction]]:
    """``x>=0``, ``0<=x``, ``0<=x<=1`` or ``["x", ">=", "0"]``."""
    text = part if isinstance(part, str) else "".join(map(str, part)) if isinstance(part, Sequence) else str(part)
    tokens = [token.strip() for token in re.split("(<=|>=)", text)]
    places = [i for i, token in enumerate(tokens) if token in names]
    if len(places) != 1 or len(tokens) not in (3, 5) or (len(tokens) == 5 and places != [2]):
        named = [token for token in tokens if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", token)]
        problem = (f"{named[0]} is no variable of the germ" if len(named) == 1 and not places
                   else "is no bound on one variable by <= or >=")
        raise InvalidInput(f"domain {text[:60].strip()}", problem, DOMAIN_EXAMPLE)
    (i,) = places
    found = []
    if i > 0:
        found.append((tokens[i], OTHER_WAY[tokens[i - 1]], rational(tokens[i - 2])))
    if i + 1 < len(tokens):
        found.append((tokens[i], tokens[i + 1], rational(tokens[i + 2])))
    return found


def _table(prior: Prior) -> dict[Any, Any]:
    if prior is None:
        return {}
    if isinstance(prior, Mapping):
        return dict(prior)
    if not isinstance(prior, str):
        raise InvalidInput(f"prior {str(prior)[:60]}", "is neither a text nor a table of exponents", PRIOR_EXAMPLE)
    found: dict[Any, Any] = {}
    for part in filter(str.strip, prior.split(",")):
        name, equals, value = (token.strip() for token in part.partition("="))
        if not equals or name in found:
            raise InvalidInput(f"prior {prior[:60]}", f"{part.strip()!r} is not name=exponent, each name once",
                               PRIOR_EXAMPLE)
        found[name] = value
    return found


def _exponent(key: Any, value: Any, names: Sequence[str]) -> tuple[str, Fraction]:
    name = key.name if isinstance(key, sympy.Symbol) else key
    shown = f"prior {str(name)[:40]}={str(value)[:40]}"
    if name not in names:
        raise InvalidInput(shown, "names no variable", f"one of {', '.join(names)}")
    if isinstance(value, sympy.Rational):
        value = str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | Fraction):
        raise InvalidInput(shown, "is no rational exponent", PRIOR_EXAMPLE)
    h = rational(value) if isinstance(value, str) else Fraction(value)
    if h <= -1:
        raise InvalidInput(shown, "is no density: its integral is infinite", "an exponent above -1")
    return name, h
