"""Scalar products of rows: more rows than they have places are never all orthogonal, unless one is 0.

Let ``g_ij``, i < j, be generators whose quadratic parts are ``r_i^T W r_j``, rows r_i of k variables, W definite. The
Gram matrix of k + 1 rows is singular, so that ``prod_i r_i^T W r_i`` is a sum of products with two factors
``r_i^T W r_j``, i != j, at least. So it is at most a multiple of ``sum g_ij^2``, up to terms of higher order (step
`dominate`), and with it all products of one variable of each of these rows. What the generators have of them is
dropped; in Boltzmann machines and latent class models that is all that they have beyond the quadratic parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from math import prod

from flint import fmpq, fmpq_mat

from slt_symbolic.check.algebra.ring import Polynomial, support, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proposals.faces import definite_faces
from slt_symbolic.search.simplify import cleaned, end
from slt_symbolic.search.tree import Proposal, poll, propose

LARGEST_ROW = 2  # with three places the polyhedra are too large
MOST_ROWS = 6


@dataclass(frozen=True)
class Rows:
    """Rows of variables, the generator of each pair, and numbers c with quadratic parts ``c r_i^T W r_j``."""

    rows: Sequence[Sequence[int]]
    metric: Sequence[Sequence[fmpq]]
    pairs: dict[tuple[int, int], tuple[int, fmpq]]


def orthogonal_rows(s: Stratum) -> list[Proposal]:
    """Products of variables of different rows join, what they divide is dropped, and so are they in the end.

    Nothing is proposed where there is nothing to drop. A lower bound: the last step is `subset`.
    """
    found = _rows(s)
    if found is None:
        return []
    k, path = len(found.rows[0]), list[Proposal]()
    for chosen in combinations(range(len(found.rows)), k + 1):
        step = _dominated(end(s, path), found, chosen, s)
        if step is None:
            return []
        path.append(step)
    path += cleaned(path[-1].child)
    last = path[-1].child
    keep = [i for i, g in enumerate(last.generators) if len(g) > 1]
    subset = propose(last, "subset", keep=keep)
    return [] if subset is None else [*path, subset]


def _rows(s: Stratum) -> Rows | None:
    """The rows, if all pairs of them have a generator, and some term of a generator has variables of more than k."""
    if any(s.orders) or s.free or s.constants:
        return None
    parts = {i: part for i, g in enumerate(s.generators) if (part := _quadratic(s, g))}
    if len(parts) < 3:
        return None
    members: dict[frozenset[int], list[int]] = {}
    for j in sorted(frozenset().union(*map(support, parts.values()))):
        members.setdefault(frozenset(i for i, part in parts.items() if j in support(part)), []).append(j)
    rows = list(members.values())
    k = len(rows[0])
    # Of k + 1 rows m is k + 1, which no bound without children attains from above.
    if not (all(len(row) == k for row in rows) and 1 < k <= LARGEST_ROW and k + 1 < len(rows) <= MOST_ROWS):
        return None
    if all(sum(any(e[j] for j in row) for row in rows) <= k for g in s.generators for e in terms(g)):
        return None
    return _with_metric(parts, rows)


def _quadratic(s: Stratum, g: Polynomial) -> Polynomial | None:
    """The quadratic part of what begins with it."""
    table = terms(g)
    least = {e: c for e, c in table.items() if sum(e) == 2}
    return s.ring.from_dict(least) if least and all(sum(e) > 1 for e in table) else None


def _with_metric(parts: dict[int, Polynomial], rows: Sequence[Sequence[int]]) -> Rows | None:
    """The common W of all pairs, symmetric and definite, and the number by which each pair has it."""
    metric, pairs = None, {}
    for a, b in combinations(range(len(rows)), 2):
        together = [i for i, part in parts.items() if support(part) == {*rows[a], *rows[b]}]
        if len(together) != 1:
            return None
        matrix = [[_entry(parts[together[0]], p, q) for q in rows[b]] for p in rows[a]]
        metric = matrix if metric is None else metric
        scale = matrix[0][0] / metric[0][0] if metric[0][0] else fmpq(0)
        if not scale or matrix != [[scale * w for w in row] for row in metric]:
            return None
        pairs[a, b] = (together[0], scale)
    if metric is None or len(pairs) != len(parts) or metric != [list(column) for column in zip(*metric, strict=True)]:
        return None
    first = metric[0][0]
    minors = [fmpq_mat([[w / first for w in row[:n]] for row in metric[:n]]).det() for n in range(1, len(metric) + 1)]
    return Rows(rows, metric, pairs) if all(minor > 0 for minor in minors) else None


def _entry(part: Polynomial, p: int, q: int) -> fmpq:
    return next((c for e, c in terms(part).items() if e[p] == e[q] == 1), fmpq(0))


def _dominated(s: Stratum, found: Rows, chosen: Sequence[int], root: Stratum) -> Proposal | None:
    """The step for these rows: the singular Gram matrix by Leibniz' formula."""
    poll()
    norms = {a: sum((w * s.variables[p] * s.variables[q]
                     for p, row in zip(found.rows[a], found.metric, strict=True)
                     for q, w in zip(found.rows[a], row, strict=True)), s.ring.constant(0)) for a in chosen}
    products: list[list[object]] = []
    total = s.ring.constant(0)
    for image in permutations(chosen):
        moved = [(a, b) for a, b in zip(chosen, image, strict=True) if a != b]
        if not moved:
            continue
        numbers = [found.pairs[min(pair), max(pair)] for pair in moved]
        generators = [root.generators[i] for i, _ in numbers]
        factor = prod((norms[a] for a, b in zip(chosen, image, strict=True) if a == b), start=s.ring.constant(1))
        for g in generators[2:]:
            factor *= _quadratic(s, g)
        factor *= -_sign(chosen, image) / prod((c for _, c in numbers), start=fmpq(1))
        i, j = (s.generators.index(g) for g in generators[:2])
        products.append([i, j, str(factor)])
        total += factor * s.generators[i] * s.generators[j]
    faces = definite_faces(s, total)
    return None if faces is None else propose(s, "dominate", products=products, faces=faces)


def _sign(chosen: Sequence[int], image: Sequence[int]) -> int:
    """Of the permutation."""
    places = [chosen.index(b) for b in image]
    return -1 if sum(places[i] > places[j] for i, j in combinations(range(len(places)), 2)) % 2 else 1
