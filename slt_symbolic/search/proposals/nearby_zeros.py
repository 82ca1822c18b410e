"""Zeros on orbits and on lines that tend to the origin: candidates for an upper bound."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from flint import fmpq, fmpq_mat

from slt_symbolic.check.algebra.ring import Polynomial, substitute, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proposals.vector_fields import kernel
from slt_symbolic.search.separation import scaling_weights
from slt_symbolic.search.tree import Proposal, poll, propose

TRIALS = 200
MOST_POINTS = 6
LINES = 40


def nearby_germs(s: Stratum) -> list[Proposal]:
    """Germs at some rational zeros, those of smallest Jacobian rank first."""
    variables = sorted(frozenset().union(*(s.support(g) for g in s.generators)))
    weights = scaling_weights(s, variables, variables, frozenset())
    if weights is None:
        return []
    names = s.ring.names()
    scaled = {names[j]: w for j, w in weights.items() if w}
    found: dict[tuple[tuple[str, str], ...], tuple[int, int]] = {}
    for point in _zeros(s, [j for j in variables if weights[j]]):
        key = tuple((names[j], str(a)) for j, a in sorted(point.items()))
        if key not in found:
            found[key] = (_jacobian_rank(s, point), len(found))
    proposals = [propose(s, "nearby", weights=scaled, point=dict(key))
                 for key in sorted(found, key=lambda key: found[key])[:MOST_POINTS]]
    return [proposal for proposal in proposals if proposal is not None]


def regular_zeros(s: Stratum) -> Proposal | None:
    """A line of zeros where the generators are coordinates: in a coordinate subspace on which every term vanishes."""
    supports = [frozenset(j for j, a in enumerate(e) if a) for g in s.generators for e in terms(g)]
    generator = random.Random(0)
    tried: set[frozenset[int]] = set()
    for _ in range(LINES if 1 < len(s.generators) <= s.size else 0):
        poll()
        order, chosen = list(range(s.size)), frozenset[int]()
        generator.shuffle(order)
        for j in order:
            if not any(support <= chosen | {j} for support in supports):
                chosen |= {j}
        point = {j: Fraction(generator.choice((-1, 1, 2, 3))) for j in sorted(chosen)}
        if chosen not in tried and _jacobian_rank(s, point) == len(s.generators):
            return propose(s, "regular", weights=[1] * s.size, point=[str(point.get(j, 0)) for j in range(s.size)])
        tried.add(chosen)
    return None


def _zeros(s: Stratum, variables: list[int]) -> Iterator[dict[int, Fraction]]:
    """Random small values for some variables; those in which all generators are linear solve them."""
    linear: list[int] = []
    for j in variables:
        if all(sum(e[i] for i in (*linear, j)) <= 1 for g in s.generators for e in g.to_dict()):
            linear.append(j)
    generator = random.Random(0)
    for _ in range(TRIALS):
        values = {j: Fraction(generator.choice((-1, 0, 0, 1))) for j in variables if j not in linear}
        images: dict[int, Polynomial] = {j: s.ring.constant(int(values.get(j, 0)))
                                         for j in range(s.size) if j not in linear}
        restricted = [substitute(g, images) for g in s.generators]
        if any(g.is_constant() and not g.is_zero() for g in restricted):
            continue
        solution = _linear_solution(restricted, linear, generator)
        point = {j: a for j, a in {**values, **solution}.items() if a}
        if point and all(_value(g, point, s.size) == 0 for g in s.generators):
            yield point


def _linear_solution(equations: list[Polynomial], linear: list[int], generator: random.Random) -> dict[int, Fraction]:
    """A random solution of the homogeneous part of linear equations."""
    rows = [[g.derivative(j)(*[0] * len(g.context().names())) for j in linear] for g in equations]
    total = [Fraction(0)] * len(linear)
    for direction in kernel(rows, len(linear)) if rows else ():
        factor = generator.choice((-1, 0, 1, 1, 2))
        total = [x + factor * y for x, y in zip(total, direction, strict=True)]
    return dict(zip(linear, total, strict=True))


def _value(g: Polynomial, point: dict[int, Fraction], size: int) -> fmpq:
    return g(*_coordinates(point, size))


def _jacobian_rank(s: Stratum, point: dict[int, Fraction]) -> int:
    at = _coordinates(point, s.size)
    return int(fmpq_mat([[g.derivative(j)(*at) for j in range(s.size)] for g in s.generators]).rank())


def _coordinates(point: dict[int, Fraction], size: int) -> list[fmpq]:
    full = [point.get(j, Fraction(0)) for j in range(size)]
    return [fmpq(a.numerator, a.denominator) for a in full]
