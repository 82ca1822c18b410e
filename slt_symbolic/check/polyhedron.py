"""Newton polyhedra: compact faces with their normal cones.

For exponents ``A`` in ``Z_{>=0}^n`` let ``P = conv(A) + R_{>=0}^n``. Its facets are the extreme rays of the cone of
all ``(w, c)`` with ``w >= 0`` and ``w·a >= c`` for ``a in A``, found by the double description method. A face is
given by the exponents on it; it is compact if and only if its normal cone meets the open orthant. The normal cones of
the compact faces cover the open orthant, each weight ``w > 0`` in the relative interior of exactly one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import gcd
from operator import mul

from slt_symbolic.check.algebra.ring import Exponent, rank
from slt_symbolic.check.budget import charge
from slt_symbolic.check.optimum import minimal

Ray = tuple[int, ...]


@dataclass(frozen=True)
class Face:
    """A compact face: the exponents on it, and the rays of its normal cone (inner normals of the facets through it)."""

    exponents: frozenset[Exponent]
    rays: tuple[Ray, ...]


@dataclass(frozen=True)
class Polyhedron:
    """``conv(A) + R_{>=0}^n`` for a nonempty set A of exponents.

    >>> [sorted(face.exponents) for face in Polyhedron.of([(2, 0), (0, 3), (5, 5)]).compact_faces]
    [[(0, 3)], [(0, 3), (2, 0)], [(2, 0)]]
    """

    exponents: tuple[Exponent, ...]

    @classmethod
    def of(cls, exponents: Iterable[Exponent]) -> Polyhedron:
        """The polyhedron of these exponents; only the minimal ones count."""
        return cls(tuple(minimal(exponents)))

    @cached_property
    def on(self) -> Mapping[Ray, frozenset[int]]:
        """What is on each facet: exponents (by position) and, counted on from there, the axes parallel to it."""
        count = len(self.exponents)
        found = facets(self.exponents)
        charge(len(found) * count * len(self.exponents[0]))
        return {ray: frozenset([*(i for i, a in enumerate(self.exponents) if _dot(ray, a) == c),
                                *(count + j for j, entry in enumerate(ray) if entry == 0)])
                for ray, c in found}

    @cached_property
    def compact_faces(self) -> list[Face]:
        """All compact faces, vertices included. Without variables: the one exponent, without rays."""
        if not self.exponents[0]:
            return [Face(frozenset(self.exponents), ())]
        count = len(self.exponents)
        faces = _intersections(self.on.values())
        charge(len(faces) * len(self.on))
        compact = [Face(frozenset(self.exponents[i] for i in face),
                        tuple(sorted(ray for ray in self.on if face <= self.on[ray])))
                   for face in faces if face and max(face) < count]
        return sorted(compact, key=lambda face: sorted(face.exponents))

    def cones(self, face: Face) -> list[tuple[Ray, ...]]:
        """Simplicial cones whose relative interiors cover that of the normal cone of a compact face.

        The normal cone itself if it is simplicial; else those cones of a pulling triangulation (the smallest ray first)
        that lie in no proper face of it.

        >>> square = Polyhedron.of([(1, 1, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1), (0, 0, 1, 1)])
        >>> square.cones(max(square.compact_faces, key=lambda face: len(face.exponents)))
        [((0, 1, 1, 0), (1, 0, 0, 1))]
        """
        whole = frozenset.intersection(*(self.on[ray] for ray in face.rays))
        found = set()
        for simplex in self._triangulation(face.rays):
            charge(1 << len(simplex))
            for size in range(1, len(simplex) + 1):
                for chosen in combinations(simplex, size):
                    if frozenset.intersection(*(self.on[ray] for ray in chosen)) == whole:
                        found.add(tuple(sorted(chosen)))
        return sorted(found)

    def _triangulation(self, rays: tuple[Ray, ...]) -> list[tuple[Ray, ...]]:
        """The maximal simplices of the pulling triangulation of the cone over ``rays``, a cone of the normal fan."""
        dimension = rank(rays)
        if dimension == len(rays):
            return [rays]
        sides = {tuple(ray for ray in rays if common <= self.on[ray])
                 for common in _intersections(self.on[ray] for ray in rays)}
        opposite = [side for side in sides if rays[0] not in side and rank(side) == dimension - 1]
        return [(rays[0], *simplex) for side in opposite for simplex in self._triangulation(side)]


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
    charge(len(rays) * (len(old) + 1) * len(new))
    values = {ray: _dot(ray, new) for ray in rays}
    tight = {ray: frozenset(i for i, row in enumerate(old) if _dot(row, ray) == 0) for ray in rays}
    positive = [ray for ray in rays if values[ray] > 0]
    negative = [ray for ray in rays if values[ray] < 0]
    created = []
    for p in positive:
        charge(len(negative) * len(rays))
        for q in negative:
            common = tight[p] & tight[q]
            # Adjacent: no third ray meets all the constraints that both meet.
            if not any(common <= tight[r] for r in rays if r is not p and r is not q):
                created.append(_primitive([values[p] * b - values[q] * a for a, b in zip(p, q, strict=True)]))
    return [ray for ray in rays if values[ray] >= 0] + created


def _intersections(sets: Iterable[frozenset[int]]) -> set[frozenset[int]]:
    """All intersections of some of the sets."""
    generators = set(sets)
    found, frontier = set(generators), set(generators)
    largest = max(map(len, generators), default=0)
    while frontier:
        charge(len(frontier) * len(generators) * (1 + largest // 16))
        frontier = {a & b for a in frontier for b in generators} - found
        found |= frontier
    return found


def _dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(map(mul, a, b))


def _primitive(vector: Sequence[int]) -> Ray:
    divisor = gcd(*vector)
    return tuple(x // divisor for x in vector)


