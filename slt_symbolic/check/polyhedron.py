"""Newton polyhedra: compact faces with their normal cones, and the linear program that the diagonal solves.

For exponents ``A`` in ``Z_{>=0}^n`` let ``P = conv(A) + R_{>=0}^n``. Its facets are the extreme rays of the cone of
all ``(w, c)`` with ``w >= 0`` and ``w·a >= c`` for ``a in A``, found by the double description method. A face is
given by the exponents on it; it is compact if and only if its normal cone meets the open orthant. The normal cones of
the compact faces cover the open orthant, each weight ``w > 0`` in the relative interior of exactly one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, groupby
from math import gcd
from operator import mul

from flint import fmpz_mat

from slt_symbolic.check.ring import Exponent

Ray = tuple[int, ...]

MOST_FACES = 20_000


class TooManyFaces(ValueError):
    """More than can be looked at one by one."""


@dataclass(frozen=True)
class Face:
    """A compact face: the exponents on it, and the rays of its normal cone (inner normals of the facets through it)."""

    exponents: frozenset[Exponent]
    rays: tuple[Ray, ...]

    @property
    def codimension(self) -> int:
        """The dimension of the normal cone."""
        return _rank(self.rays)


def facets(exponents: Sequence[Exponent]) -> list[tuple[Ray, int]]:
    """``(w, c)``: primitive inner normals with ``w·a >= c`` on the polyhedron, equality on a facet.

    >>> sorted(facets([(2, 0), (0, 3)]))
    [((0, 1), 0), ((1, 0), 0), ((3, 2), 6)]
    """
    size = len(exponents[0])
    units = [tuple(int(i == j) for i in range(size)) for j in range(size)]
    # Rays (w, c) of the cone {w >= 0, w·a0 >= c}, each with the constraints that it meets with equality.
    constraints: list[Ray] = [(*u, 0) for u in units] + [(*a, -1) for a in exponents]
    first = exponents[0]
    rays: list[Ray] = [(*u, _dot(u, first)) for u in units] + [(*[0] * size, -1)]
    used = list(range(size + 1))
    for index in range(size + 1, len(constraints)):
        rays = _cut(rays, [constraints[i] for i in used], constraints[index])
        used.append(index)
    return [(ray[:-1], ray[-1]) for ray in rays if any(ray[:-1])]


def _cut(rays: list[Ray], old: list[Ray], new: Ray) -> list[Ray]:
    """One step of the double description method: add the constraint ``new·ray >= 0``."""
    values = {ray: _dot(ray, new) for ray in rays}
    tight = {ray: frozenset(i for i, row in enumerate(old) if _dot(row, ray) == 0) for ray in rays}
    positive = [ray for ray in rays if values[ray] > 0]
    negative = [ray for ray in rays if values[ray] < 0]
    created = []
    for p in positive:
        for q in negative:
            common = tight[p] & tight[q]
            # Adjacent: no third ray meets all the constraints that both meet.
            if not any(common <= tight[r] for r in rays if r is not p and r is not q):
                created.append(_primitive([values[p] * b - values[q] * a for a, b in zip(p, q, strict=True)]))
    return [ray for ray in rays if values[ray] >= 0] + created


def compact_faces(exponents: Sequence[Exponent]) -> list[Face]:
    """All compact faces, vertices included.

    >>> [sorted(face.exponents) for face in compact_faces([(2, 0), (0, 3), (5, 5)])]
    [[(0, 3)], [(0, 3), (2, 0)], [(2, 0)]]
    """
    exponents = minimal(exponents)
    on = _incidence(tuple(exponents))
    points = range(len(exponents))
    faces = _intersections(on.values())
    compact = [Face(frozenset(exponents[i] for i in face), tuple(sorted(ray for ray in on if face <= on[ray])))
               for face in faces if face and all(i in points for i in face)]
    return sorted(compact, key=lambda face: sorted(face.exponents))


def minimal(exponents: Iterable[Exponent]) -> list[Exponent]:
    """The exponents that are ``>=`` no other one: the rest lies on no compact face.

    >>> minimal([(2, 0), (0, 3), (2, 1)])
    [(2, 0), (0, 3)]
    """
    kept: list[Exponent] = []
    for _, same_degree in groupby(sorted(set(exponents), key=sum), key=sum):
        # Of two exponents of one degree neither is below the other.
        kept += [a for a in same_degree if not any(all(x <= y for x, y in zip(b, a, strict=True)) for b in kept)]
    return kept


def cones_of(face: Face, exponents: Sequence[Exponent]) -> list[tuple[Ray, ...]]:
    """Simplicial cones whose relative interiors cover that of the normal cone of a compact face.

    The normal cone itself if it is simplicial; else those cones of a pulling triangulation (the smallest ray first)
    that lie in no proper face of it.

    >>> square = [(1, 1, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1), (0, 0, 1, 1)]
    >>> top = max(compact_faces(square), key=lambda face: len(face.exponents))
    >>> cones_of(top, square)
    [((0, 1, 1, 0), (1, 0, 0, 1))]
    """
    on = _incidence(tuple(minimal(exponents)))
    return sorted({tuple(sorted(chosen))
                   for simplex in _triangulate(face.rays, on)
                   for size in range(1, len(simplex) + 1)
                   for chosen in combinations(simplex, size)
                   if frozenset.intersection(*(on[ray] for ray in chosen))
                   == frozenset.intersection(*(on[ray] for ray in face.rays))})


@lru_cache(maxsize=64)
def _incidence(exponents: tuple[Exponent, ...]) -> Mapping[Ray, frozenset[int]]:
    """For each facet the exponents on it (by position) and, counted on from there, the axes parallel to it."""
    count = len(exponents)
    return {ray: frozenset([*(i for i, a in enumerate(exponents) if _dot(ray, a) == c),
                            *(count + j for j, entry in enumerate(ray) if entry == 0)])
            for ray, c in facets(exponents)}


def _intersections(sets: Iterable[frozenset[int]]) -> set[frozenset[int]]:
    """All intersections of some of the sets."""
    generators = set(sets)
    found, frontier = set(generators), set(generators)
    while frontier:
        frontier = {a & b for a in frontier for b in generators} - found
        found |= frontier
        if len(found) > MOST_FACES:
            raise TooManyFaces(f"a polyhedron with more than {MOST_FACES} faces")
    return found


def _triangulate(rays: tuple[Ray, ...], on: Mapping[Ray, frozenset[int]]) -> list[tuple[Ray, ...]]:
    """The maximal simplices of the pulling triangulation of the cone over ``rays``, a cone of the normal fan."""
    dimension = _rank(rays)
    if dimension == len(rays):
        return [rays]
    sides = {tuple(ray for ray in rays if common <= on[ray]) for common in _intersections(on[ray] for ray in rays)}
    opposite = [side for side in sides if rays[0] not in side and _rank(side) == dimension - 1]
    return [(rays[0], *simplex) for side in opposite for simplex in _triangulate(side, on)]


def _rank(rays: Sequence[Ray]) -> int:
    return int(fmpz_mat([list(ray) for ray in rays]).rank()) if rays else 0


def _dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(map(mul, a, b))


def _primitive(vector: Sequence[int]) -> Ray:
    divisor = gcd(*vector)
    return tuple(x // divisor for x in vector)


