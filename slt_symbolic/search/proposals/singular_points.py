"""A rational point of a stratum where one generator is most singular: the germ there bounds the least from above."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, islice

from slt_symbolic.check.algebra.resultant import resultant
from slt_symbolic.check.algebra.ring import Polynomial, fraction, substitute, support, value_at
from slt_symbolic.check.algebra.signs import determinant
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proposals.bounds import hasty_leaf
from slt_symbolic.search.tree import Node, Proposal, poll, propose

MOST_VARIABLES = 4
MOST_TRIALS = 200
LARGEST_RESULTANT = 24  # total degree of the two polynomials
SMALL = (0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2), 3, -3)


def at_singular_point(s: Stratum, prove: Callable[[Stratum], Node]) -> Node | None:
    """The germ at such a point, by splits; what is left out of the stratum is bounded in haste."""
    point = _point(s)
    if point is None:
        return None
    path: list[Proposal] = []
    for j, a in sorted(point.items()):
        here = path[-1].strata[0] if path else s
        if a:
            moved = propose(here, "change", variable=s.names[j], unit="1", shift=f"-({a})", nonzero="even")
            if moved is None:
                return None
            path.append(moved)
            here = moved.child
        split = propose(here, "split", variable=s.names[j])
        if split is None:
            return None
        path.append(split)
    node = prove(path[-1].strata[0])
    for proposal in reversed(path):
        node = proposal.close([node, *map(hasty_leaf, proposal.strata[1:])])
    return node


def _point(s: Stratum) -> dict[int, Fraction] | None:
    """Values of the free variables where the generator vanishes with its gradient and a Hessian of rank 1."""
    if len(s.generators) != 1 or s.constants or not 0 < len(s.free) <= MOST_VARIABLES:
        return None
    g = s.on_stratum(s.generators[0])
    slopes = [g.derivative(j) for j in s.free]
    minors = [determinant([[g.derivative(a).derivative(b) for b in pair] for a in pair])
              for pair in combinations(s.free, 2)]
    equations = [p for p in (g, *slopes, *minors) if not p.is_zero()]
    for found in islice(_zeros(s, list(s.free), equations, {}), MOST_TRIALS):
        point = [found.get(j, Fraction(0)) for j in range(s.size)]
        if all(value_at(u, point) != 0 for u in s.units) and all(value_at(p, point) == 0 for p in equations):
            return found
    return None


def _zeros(s: Stratum, left: Sequence[int], equations: Sequence[Polynomial],
           known: dict[int, Fraction]) -> Iterator[dict[int, Fraction]]:
    """Common zeros: small values, until the roots of an equation, or of a resultant, are all that is left."""
    poll()
    if any(p.is_constant() and not p.is_zero() for p in equations):
        return
    if not left:
        yield known
        return
    rest = [p for p in equations if not p.is_zero()]
    determined = next(((j, p) for j in left for p in rest if support(p) == {j}), None)
    if determined is None and len(left) == 2 and len(rest) > 1:
        determined = _eliminant(left, rest)
    j = left[0] if determined is None else determined[0]
    for a in SMALL if determined is None else _rational_roots(*determined):
        value = s.ring.constant(Fraction(a).numerator) / Fraction(a).denominator
        yield from _zeros(s, [i for i in left if i != j], [substitute(p, {j: value}) for p in rest],
                          {**known, j: Fraction(a)})


def _eliminant(left: Sequence[int], equations: Sequence[Polynomial]) -> tuple[int, Polynomial] | None:
    """A polynomial in one of two variables alone, by the resultant of two of the equations."""
    for p, q in combinations(sorted(equations, key=len), 2):
        if p.total_degree() + q.total_degree() <= LARGEST_RESULTANT:
            for j, k in (left, left[::-1]):
                if {k} <= support(p) | support(q):
                    found = resultant(p, q, k)
                    if not found.is_zero():
                        return j, found
    return None


def _rational_roots(j: int, p: Polynomial) -> list[Fraction]:
    linear = [f for f, _ in factors(p) if f.degrees()[j] == 1]
    origin = [0] * len(p.degrees())
    return [-fraction(f(*origin)) / fraction(f.derivative(j)(*origin)) for f in linear]
