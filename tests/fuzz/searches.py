"""One search for each oracle: it draws a case, plain data, and compares what the package says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from tests.fuzz import germs
from tests.fuzz.package import Package
from tests.oracles import charts, cones, homogeneous, plane, polyhedra, sum_of_squares
from tests.oracles.pairs import Pair, within
from tests.oracles.points import TooLarge

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What both say, whether that is compatible, and whether the package's answer was exact."""

    agrees: bool
    oracle: str
    package: str
    exact: bool = True


@dataclass(frozen=True)
class Search:
    """``draw`` a case; ``check`` it (None: too large for the oracle)."""

    name: str
    draw: Callable[[Random], Case]
    check: Callable[[Case, Package], Verdict | None]


def case_of(search: Search, seed: int, number: int) -> Case:
    """Each case has its own seed, so that it depends on no other."""
    return search.draw(Random(f"{seed} {search.name} {number}"))


def judged(search: Search, case: Case, package: Package) -> Verdict | None:
    """The verdict; an error of the package is a disagreement."""
    try:
        return search.check(case, package)
    except TooLarge:
        return None
    except Exception as error:
        return Verdict(False, "an answer", f"{type(error).__name__}: {error}", False)


def _compared(truth: Pair, lower: Pair, upper: Pair) -> Verdict:
    return Verdict(within(truth, lower, upper), str(truth), f"{lower} to {upper}", lower == upper)


def _plane(case: Case, package: Package) -> Verdict:
    truth = plane.threshold(case["generators"])
    return _compared(truth, *package.bracket(case["generators"], ["x", "y"], False))


def _cones(case: Case, package: Package) -> Verdict:
    truth = cones.threshold(case["generators"])
    return _compared(truth, *package.bracket(case["generators"], ["x", "y", "z"], False))


def _homogeneous(case: Case, package: Package) -> Verdict:
    if "generators" in case:
        names, generators = ["x", "y"], case["generators"]
        truth = homogeneous.binary_forms(generators)
    elif "factors" in case:
        names, generators = ["x", "y"], [homogeneous.weighted_text(**case)]
        truth = homogeneous.weighted(**case)
    else:
        names = [f"x{j}" for j in range(len(case["exponents"]))]
        terms = zip(case["coefficients"], names, case["exponents"], strict=True)
        generators = [f"({' + '.join(f'({c})*{name}^{k}' for c, name, k in terms)})^{case['power']}"]
        truth = homogeneous.diagonal(**case)
    return _compared(truth, *package.bracket(generators, names, False))


def _draw_homogeneous(rng: Random) -> Case:
    return rng.choice((lambda r: {"generators": germs.binary_forms(r)}, germs.weighted, germs.diagonal))(rng)


def _sum_of_squares(case: Case, package: Package) -> Verdict:
    """The brackets of the function and of the generators meet; in the plane the first holds the truth."""
    generators, names = case["generators"], case["names"]
    lower, upper = package.bracket([sum_of_squares.loss(generators, names)], names, True)
    if len(names) == 2:
        return _compared(plane.threshold(generators), lower, upper)
    other_lower, other_upper = package.bracket(generators, names, False)
    meet = within(lower, lower, other_upper) and within(other_lower, other_lower, upper)
    return Verdict(meet, f"{other_lower} to {other_upper}", f"{lower} to {upper}", lower == upper)


def _draw_sum_of_squares(rng: Random) -> Case:
    if rng.random() < 0.5:
        return {"generators": [germs.sparse(rng, 4) for _ in range(rng.randint(1, 2))], "names": ["x", "y"]}
    return {"generators": [germs.sparse(rng, 3, "xyz") for _ in range(rng.randint(1, 3))], "names": ["x", "y", "z"]}


def _polyhedra(case: Case, package: Package) -> Verdict:
    exponents, jacobian = list(map(tuple, case["exponents"])), case["jacobian"]
    said = [(_sorted(faces), pair) for faces, pair in (
        (polyhedra.compact_faces(exponents), polyhedra.threshold(exponents, jacobian)),
        (package.faces(exponents), package.threshold(exponents, jacobian)))]
    return Verdict(said[0] == said[1], str(said[0]), str(said[1]))


def _sorted(faces: set[frozenset[tuple[int, ...]]]) -> list[list[tuple[int, ...]]]:
    return sorted(sorted(face) for face in faces)


def _charts(case: Case, package: Package) -> Verdict:
    rays = list(map(tuple, case["rays"]))
    found = charts.failures(package.charts(rays), charts.random_points(rays, np.random.default_rng(case["seed"])))
    return Verdict(not found, "each point in exactly one chart", "; ".join(found))


SEARCHES = {search.name: search for search in (
    Search("plane", lambda rng: {"generators": germs.plane(rng)}, _plane),
    Search("cones", lambda rng: {"generators": germs.cone(rng)}, _cones),
    Search("homogeneous", _draw_homogeneous, _homogeneous),
    Search("sum_of_squares", _draw_sum_of_squares, _sum_of_squares),
    Search("polyhedra", lambda rng: dict(zip(("exponents", "jacobian"), germs.exponents(rng), strict=True)),
           _polyhedra),
    Search("charts", lambda rng: {"rays": germs.rays(rng), "seed": rng.randrange(10**6)}, _charts),
)}
