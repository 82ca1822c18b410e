"""Forms: the terms of a polynomial on a face of a Newton polyhedron, coefficients on the stratum."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from slt_symbolic.check.optimum import exponent_of
from slt_symbolic.check.polyhedron import Face
from slt_symbolic.check.ring import Exponent, Polynomial, coefficients_in, monomial, support
from slt_symbolic.check.step import items, require
from slt_symbolic.check.stratum import Stratum


def active_variables(s: Stratum) -> list[int]:
    """The near variables that occur in the generators."""
    return sorted(s.near & frozenset().union(*(support(g) for g in s.generators)))


def exponents_of(s: Stratum, active: Sequence[int]) -> set[Exponent]:
    """The exponents in the active variables of all terms of the generators."""
    return {exponent for g in s.generators for exponent in coefficients_in(g, active)}


def form_on(s: Stratum, f: Polynomial, active: Sequence[int], exponents: Container[Exponent]) -> Polynomial:
    """The terms with these exponents in the active variables, coefficients on the stratum."""
    form = s.ring.constant(0)
    for exponent, coefficient in coefficients_in(f, active).items():
        if exponent in exponents:
            form += s.on_stratum(coefficient) * monomial(s.ring, lifted(s, active, exponent))
    return form


def initial_form(s: Stratum, f: Polynomial, active: Sequence[int], weights: Sequence[int]) -> Polynomial:
    """The terms of least weight in the active variables, coefficients on the stratum."""
    degrees = {e: sum(w * a for w, a in zip(weights, e, strict=True)) for e in coefficients_in(f, active)}
    least = min(degrees.values())
    return form_on(s, f, active, {e for e, degree in degrees.items() if degree == least})


def lifted(s: Stratum, active: Sequence[int], exponent: Exponent) -> list[int]:
    """An exponent in the active variables as one in all variables."""
    full = [0] * s.size
    for j, e in zip(active, exponent, strict=True):
        full[j] = e
    return full


def arguments_by_face(listed: Iterable[Any], faces: Iterable[Face]) -> dict[frozenset[Exponent], Mapping[str, Any]]:
    """What the data list for compact faces, in the order listed."""
    known = {face.exponents for face in faces}
    found: dict[frozenset[Exponent], Mapping[str, Any]] = {}
    for entry in listed:
        require(isinstance(entry, Mapping) and "exponents" in entry, "an entry for a face has no exponents")
        chosen = [exponent_of(e) for e in items(entry["exponents"], None, "exponents are a list")]
        key = frozenset(chosen)
        require(len(key) == len(chosen) and key in known, "needs a compact face; here {} is none", sorted(chosen))
        require(key not in found, "needs each face once; here {} is listed twice", sorted(key))
        found[key] = entry
    return found
