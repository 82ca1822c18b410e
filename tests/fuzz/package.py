"""The package as the oracles see it: the only place here that imports it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from slt_symbolic import recheck, rlct
from slt_symbolic.check.algebra.ring import ring_of, terms
from slt_symbolic.check.bracket import Bracket
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.optimum import optimum
from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.step import Refused
from slt_symbolic.check.steps.charts import torus_images
from slt_symbolic.check.stratum import NO_CONSTANTS, Derived, canonical
from slt_symbolic.search.proofs.optimum import proof_of
from tests.fuzz.strata import brackets
from tests.oracles.charts import Chart
from tests.oracles.ends import End

Exponent = tuple[int, ...]
Ends = tuple[End, End]
INFINITY = Fraction(10**9)  # above all thresholds
TIMEOUT = Fraction(3, 2)


@dataclass(frozen=True)
class Package:
    """What is compared, so that a test can put something wrong in its place."""

    bracket: Callable[[Sequence[str], Sequence[str], bool], tuple[End, End]]
    faces: Callable[[Sequence[Exponent]], set[frozenset[Exponent]]]
    threshold: Callable[[Sequence[Exponent], Sequence[int]], End]
    charts: Callable[[Sequence[Exponent]], list[Chart]]
    certificate: Callable[[tuple[str, ...]], Any]
    checked: Callable[[Any], str]
    rechecked: Callable[[Any], str]
    walk: Callable[[list[str], list[str], int], Iterator[tuple[str, Ends, Ends]]]


def bracket(generators: Sequence[str], names: Sequence[str], function: bool = False) -> tuple[End, End]:
    """The lower and the upper end of `rlct`; the attributes of the answer have to agree with them."""
    answer = rlct(generators, names, function=function, timeout=TIMEOUT)
    found = answer.statement.bracket
    lower, upper = (answer.lower, found.lower.multiplicity), (answer.upper, found.upper.multiplicity)
    exact = answer.lambda_ is not None
    if (exact != (answer.lower == answer.upper) or exact != (answer.status == "exact")
            or answer.multiplicity != (lower[1] if lower == upper else None)):
        raise AssertionError(f"{answer.to_json()} for {lower}, {upper}")
    return lower, upper


def _faces(exponents: Sequence[Exponent]) -> set[frozenset[Exponent]]:
    return {face.exponents for face in Polyhedron.of(exponents).compact_faces}


def _threshold(exponents: Sequence[Exponent], jacobian: Sequence[int]) -> End:
    found = optimum(exponents, jacobian, proof_of(exponents, jacobian))
    assert found.value is not None
    return found.value, found.multiplicity


def _charts(rays: Sequence[Exponent]) -> list[Chart]:
    """The pivots of each class of signs, in the exponents of the t."""
    ring = ring_of([f"x{j}" for j in range(len(rays[0]))])
    variables = range(len(rays[0]))
    zeros = (0,) * len(variables)
    s = canonical(Derived(ring, (sum(ring.gens()),), frozenset(variables), zeros, zeros, (), NO_CONSTANTS), [])
    pivots, classes = torus_images(s, rays, list(variables))
    charts: list[Chart] = []
    for images in classes:
        for j in variables:
            ((exponent, coefficient),) = terms(images[j]).items()
            expected = [ray[j] for ray in rays], int(j not in pivots)
            own = exponent[j] if j not in pivots else 0
            if ([exponent[t] for t in pivots], own) != expected or abs(coefficient) != 1:
                raise AssertionError(f"x{j} becomes {images[j]}")
        charts.append({j: (int(next(iter(terms(images[j]).values()))), tuple(ray[j] for ray in rays)) for j in pivots})
    return charts


@cache
def _certificate(generators: tuple[str, ...]) -> Any:
    return rlct(generators, timeout=60).certificate  # all are exact in a second: what a clock decides is not repeatable


def _checked(certificate: Any) -> str:
    """The bracket that the checker derives, as JSON, or its answer in two words."""
    try:
        bracket = verify(certificate).bracket
    except Refused:
        return "refused"
    except OverBudget:
        return "over budget"
    return json.dumps([[str(end.value), end.multiplicity] for end in (bracket.lower, bracket.upper)])


def _rechecked(certificate: Any) -> str:
    """The same of the second checker."""
    try:
        statement = recheck.recheck(certificate)
    except recheck.Refused:
        return "refused"
    except recheck.OverBudget:
        return "over budget"
    return json.dumps([[str(end[0]), end[1]] if end else ["None", 0] for end in (statement.lower, statement.upper)])


def _walk(generators: list[str], names: list[str], seed: int) -> Iterator[tuple[str, Ends, Ends]]:
    for step, given, found in brackets(generators, names, seed):
        yield step, _ends(given.bracket), _ends(found.bracket)


def _ends(bracket: Bracket) -> Ends:
    lower, upper = ((INFINITY if end.value is None else end.value, end.multiplicity)
                    for end in (bracket.lower, bracket.upper))
    return lower, upper


PACKAGE = Package(bracket, _faces, _threshold, _charts, _certificate, _checked, _rechecked, _walk)
