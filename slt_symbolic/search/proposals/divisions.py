"""Blow-ups of two coordinates after which one term of a sum is nearer to dividing the others."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from slt_symbolic.check.algebra.ring import Exponent, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.tree import Proposal, propose


def dividing_blowup(s: Stratum) -> Proposal | None:
    """The pair of near variables that stand against one another in most pairs of terms of one generator.

    Where a term divides all others of its generator, the generator is a monomial times a unit or a coordinate.
    """
    counts: Counter[tuple[int, int]] = Counter()
    for g in s.generators:
        for one, other in combinations(terms(g), 2):
            counts.update((min(i, j), max(i, j)) for i in _more(s, one, other) for j in _more(s, other, one))
    if not counts:
        return None
    pair = min(counts, key=lambda pair: (-counts[pair], pair))
    return propose(s, "blowup", weights=[[s.names[j], 1] for j in pair])


def _more(s: Stratum, one: Exponent, other: Exponent) -> list[int]:
    """Near variables with a larger exponent in the first."""
    return [k for k in sorted(s.near) if one[k] > other[k]]
