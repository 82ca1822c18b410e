"""One search for each oracle: it draws a case, plain data, and compares what the package says of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from tests.check.mutants import changed
from tests.fuzz import germs
from tests.fuzz.package import Package
from tests.oracles import charts, cones, homogeneous, plane, polyhedra, sum_of_squares
from tests.oracles.ends import End, within
from tests.oracles.points import TooLarge

Case = Mapping[str, Any]
CERTIFIED = [  # germs whose certificates hold all kinds of steps and of proofs
    ["x^2-y^3"], ["(y^2-x^3)^3+x^10"], ["(y^2-2*x^2)^2+x^5"], ["a*e+b*g", "a*f+b*h"], ["x^2-y*z", "x*y"],
    ["y-x^2", "(z-x^3)^2+y^5"], ["x^2-y^3", "z*w"], ["(x^2+y^2+z^2)^2"], ["v1*w1^2+v2*w2^2"], ["((x^2-2*y^2)^2-x^5)^2"],
    ["a*d-b*c", "a*f-b*e", "c*f-d*e"], ["x^4*y^2+x^2*y^4-3*x^2*y^2*z^2+z^6"], ["x*y*(x+y)*(x-z)*(y+2*z)*(x+y+z)"],
    ["x^3+3*y^3", "z^3+3*(w+x*y)^3"], ["x^4+x*y^3+z^5+x*y*z*(x+2*y)", "x^2*y-z^3"], ["x^2+x*y+y^2+z^3"],
    ["x^3", "y^3", "x*y"],
]


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


def _compared(truth: End, lower: End, upper: End) -> Verdict:
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
    said = [(_sorted(faces), end) for faces, end in (
        (polyhedra.compact_faces(exponents), polyhedra.threshold(exponents, jacobian)),
        (package.faces(exponents), package.threshold(exponents, jacobian)))]
    return Verdict(said[0] == said[1], str(said[0]), str(said[1]))


def _sorted(faces: set[frozenset[tuple[int, ...]]]) -> list[list[tuple[int, ...]]]:
    return sorted(sorted(face) for face in faces)


def _charts(case: Case, package: Package) -> Verdict:
    rays = list(map(tuple, case["rays"]))
    found = charts.failures(package.charts(rays), charts.random_points(rays, np.random.default_rng(case["seed"])))
    return Verdict(not found, "each point in exactly one chart", "; ".join(found))


def _draw_checkers(rng: Random) -> Case:
    return {"generators": rng.choice(CERTIFIED), "mutant": rng.randrange(10**9)}


def _checkers(case: Case, package: Package) -> Verdict:
    """Both checkers say the same of a mutant; an accepted one of the same germ does not contradict the genuine one."""
    certificate = package.certificate(tuple(case["generators"]))
    forged = changed(certificate, Random(case["mutant"]))
    first, second = package.checked(forged), package.rechecked(forged)
    if "over budget" in (first, second):
        return Verdict(True, second, first, False)
    same = forged.get("germ") == certificate["germ"]
    sound = first == "refused" or not same or _meets(first, package.checked(certificate))
    return Verdict(first == second and sound, second, first)


def _meets(first: str, second: str) -> bool:
    """Do two accepted brackets, as JSON, have an end in common?"""
    (lower, upper), (other_lower, other_upper) = (
        [(Fraction(value), m) for value, m in json.loads(text)] for text in (first, second))
    return within(lower, lower, other_upper) and within(other_lower, other_lower, upper)


def _draw_strata(rng: Random) -> Case:
    names = ["x", "y", "z"][: rng.choice((2, 2, 3))]
    return {"generators": [germs.sparse(rng, 4, "".join(names)) for _ in range(rng.randint(1, 2))], "names": names,
            "seed": rng.randrange(10**6)}


def _strata(case: Case, package: Package) -> Verdict:
    """What a random step gives for a stratum meets what the search finds for it."""
    for step, given, found in package.walk(case["generators"], case["names"], case["seed"]):
        if not (within(given[0], given[0], found[1]) and within(found[0], found[0], given[1])):
            return Verdict(False, str(found), f"{step}: {given}")
    return Verdict(True, "", "")


SEARCHES = {search.name: search for search in (
    Search("plane", lambda rng: {"generators": germs.plane(rng)}, _plane),
    Search("cones", lambda rng: {"generators": germs.cone(rng)}, _cones),
    Search("homogeneous", _draw_homogeneous, _homogeneous),
    Search("sum_of_squares", _draw_sum_of_squares, _sum_of_squares),
    Search("polyhedra", lambda rng: dict(zip(("exponents", "jacobian"), germs.exponents(rng), strict=True)),
           _polyhedra),
    Search("charts", lambda rng: {"rays": germs.rays(rng), "seed": rng.randrange(10**6)}, _charts),
    Search("checkers", _draw_checkers, _checkers),
    Search("strata", _draw_strata, _strata),
)}
