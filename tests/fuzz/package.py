"""The package as the oracles see it: the only place here that imports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from slt_symbolic import rlct
from slt_symbolic.check.optimum import optimum
from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.ring import ring_of, terms
from slt_symbolic.check.steps.charts import torus_images
from slt_symbolic.check.stratum import NO_CONSTANTS, Derived, canonical
from slt_symbolic.resolve.optimum import proof_of
from tests.oracles.charts import Chart
from tests.oracles.pairs import Pair

Exponent = tuple[int, ...]
TIMEOUT = Fraction(3, 2)


@dataclass(frozen=True)
class Package:
    """What is compared, so that a test can put something wrong in its place."""

    bracket: Callable[[Sequence[str], Sequence[str], bool], tuple[Pair, Pair]]
    faces: Callable[[Sequence[Exponent]], set[frozenset[Exponent]]]
    threshold: Callable[[Sequence[Exponent], Sequence[int]], Pair]
    charts: Callable[[Sequence[Exponent]], list[Chart]]


def bracket(generators: Sequence[str], names: Sequence[str], function: bool = False) -> tuple[Pair, Pair]:
    """The lower and the upper pair of `rlct`; the attributes of the answer have to agree with them."""
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


def _threshold(exponents: Sequence[Exponent], jacobian: Sequence[int]) -> Pair:
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


PACKAGE = Package(bracket, _faces, _threshold, _charts)
