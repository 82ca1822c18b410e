"""Scalar products of rows: which variables are rows, and which generators are their products.

Boltzmann machines, factor analysis and latent class models have such generators, with others of higher order.
"""

from __future__ import annotations

from itertools import combinations

from slt_symbolic.check.algebra.ring import Polynomial, support, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.tree import Proposal, propose


def orthogonal_rows(s: Stratum) -> Proposal | None:
    """The step `orthogonal`, if the quadratic parts of generators tell three rows or more, and all pairs have one.

    A variable is known by the generators in whose quadratic parts it is; those of a row are in the same ones.
    """
    if any(s.orders):
        return None
    parts = {i: part for i, g in enumerate(s.generators) if (part := _quadratic(s, g))}
    members: dict[frozenset[int], list[int]] = {}
    for j in sorted(frozenset().union(*map(support, parts.values()))):
        members.setdefault(frozenset(i for i, part in parts.items() if j in support(part)), []).append(j)
    rows = list(members.values())
    by_rows = {support(part): i for i, part in parts.items()}
    pairs = [by_rows.get(frozenset((*first, *second))) for first, second in combinations(rows, 2)]
    if len(rows) < 3 or None in pairs:
        return None
    first, *others = rows
    aligned = [first, *(_aligned(row, first, parts[by_rows[frozenset((*first, *row))]]) for row in others)]
    return propose(s, "orthogonal", rows=[[s.names[j] for j in row] for row in aligned], pairs=pairs)


def _aligned(row: list[int], first: list[int], part: Polynomial) -> list[int]:
    """The row in the order in which its variables are multiplied by those of the first, if each is by one."""
    partners: dict[int, int] = {}
    for e in terms(part):
        places = [j for j, power in enumerate(e) if power]
        partners |= {j: k for j in places for k in places if j in first and k in row}
    return [partners[j] for j in first] if len(part) == len(row) and sorted(partners.values()) == sorted(row) else row


def _quadratic(s: Stratum, g: Polynomial) -> Polynomial | None:
    """The quadratic part of what begins with it."""
    table = terms(g)
    least = {e: c for e, c in table.items() if sum(e) == 2}
    return s.ring.from_dict(least) if least and all(sum(e) > 1 for e in table) else None
