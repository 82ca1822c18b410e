"""Forms: the terms of a polynomial on a face of a Newton polyhedron."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from operator import mul
from typing import Any

from flint import fmpq

from slt_symbolic.check.algebra.ring import Exponent, Polynomial, terms
from slt_symbolic.check.optimum import exponent_of
from slt_symbolic.check.polyhedron import Face
from slt_symbolic.check.step import items, require


class Graded:
    """A polynomial sorted by the exponents of the active variables, which are all near variables that occur in it."""

    def __init__(self, f: Polynomial, active: Sequence[int]) -> None:
        """Sort the terms of ``f`` by the exponents of the variables at the positions ``active``."""
        self.ring = f.context()
        self.parts: dict[Exponent, dict[Exponent, fmpq]] = {}
        for exponent, coefficient in terms(f).items():
            self.parts.setdefault(tuple([exponent[j] for j in active]), {})[exponent] = coefficient

    def form_on(self, exponents: Container[Exponent]) -> Polynomial:
        """The terms with these exponents in the active variables."""
        return self.ring.from_dict({e: c for key, part in self.parts.items() if key in exponents
                                    for e, c in part.items()})

    def initial_form(self, weights: Sequence[int]) -> Polynomial:
        """The terms of least weight in the active variables."""
        degrees = {e: sum(map(mul, weights, e)) for e in self.parts}
        least = min(degrees.values())
        return self.form_on({e for e, degree in degrees.items() if degree == least})


def lifted(size: int, active: Sequence[int], exponent: Exponent) -> list[int]:
    """An exponent in the active variables as one in all variables."""
    full = [0] * size
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
