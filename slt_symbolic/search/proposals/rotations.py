"""Rotations under which the generators keep their span, and blocks of coordinates that they bring onto a line.

Linear algebra modulo a prime proposes; the checker multiplies out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from flint import fmpq

from slt_symbolic.check.algebra.ring import Exponent, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proposals.modular import Row, kernel, residue
from slt_symbolic.search.tree import Proposal, poll, propose

MOST_UNKNOWNS = 2000  # planes and pairs of generators
MOST_TERMS = 300  # of all generators

Planes = dict[tuple[int, int], fmpq]  # c for c (x_p d/dx_q - x_q d/dx_p), p < q
Field = tuple[Planes, dict[tuple[int, int], fmpq]]  # and the combinations that generators become
Rotating = tuple[list[int], list[Field]]  # coordinates that may be turned, and the fields that turn them


def rotation(s: Stratum, rotating: Rotating) -> Proposal | None:
    """The largest block that these fields bring onto a line; of those the one that leaves the least."""
    return min(_proposals(s, rotating), default=None, key=lambda p: (-len(p.data["block"]), *left_over(p.child)))


def left_over(s: Stratum) -> tuple[int, int]:
    """The number of terms, and how often coordinates with Jacobian orders are in them: whatever the order of names."""
    table = [e for g in s.generators for e in terms(g)]
    return len(table), sum(a * h for e in table for a, h in zip(e, s.jacobian, strict=True))


def _proposals(s: Stratum, rotating: Rotating) -> Iterator[Proposal]:
    movable, fields = rotating
    for first in movable:
        turned = {b: turned_to(field, first, b) for field in fields for b in partners(field[0], first)}
        block = [first]
        for b, field in turned.items():
            if all(not _meets(field[0], {*block} - {first}) and not _meets(turned[c][0], {b}) for c in block[1:]):
                block.append(b)
        if len(block) > 1:
            names = s.names
            proposal = propose(
                s, "rotate", block=[names[j] for j in block],
                fields=[[[names[p], names[q], str(c)] for (p, q), c in turned[b][0].items()] for b in block[1:]],
                images=[[[i, j, str(c)] for (i, j), c in turned[b][1].items()] for b in block[1:]])
            if proposal is not None:
                yield proposal


def partners(planes: Planes, first: int) -> list[int]:
    """The only variable to which a field turns this one."""
    found = [p + q - first for p, q in planes if first in (p, q)]
    return found if len(found) == 1 else []


def turned_to(field: Field, first: int, b: int) -> Field:
    """The field in the direction from the first variable to b, at speed 1, if it is at speed 1 or -1."""
    planes, images = field
    sign = planes.get((first, b), 0) - planes.get((b, first), 0)
    turned = {((p, q) if (p, q) != (b, first) else (first, b)): (c * sign if (p, q) != (b, first) else -c * sign)
              for (p, q), c in planes.items()}
    return turned, {pair: c * sign for pair, c in images.items()}


def _meets(planes: Planes, variables: set[int]) -> bool:
    return any({p, q} & variables for p, q in planes)


def rotating_fields(s: Stratum) -> Rotating:
    """Coordinates that may be turned, and a reduced basis of the rotations of these that keep the span.

    Rotations that move different variables come apart. Nothing is looked for where there are too many unknowns.
    """
    movable = [j for j in s.active if not s.orders[j] and not s.jacobian[j]]
    size, r = len(movable), len(s.generators)
    if size < 2 or size * (size - 1) // 2 + r * r > MOST_UNKNOWNS or sum(map(len, s.generators)) > MOST_TERMS:
        return [], []
    planes = list(combinations(movable, 2))
    r = len(s.generators)
    pairs = [(i, j) for i in range(r) for j in range(r)]
    found = []
    for values in kernel(_equations(s, planes, pairs), len(planes) + len(pairs)):
        turns = {planes[k]: c for k, c in values.items() if k < len(planes)}
        if turns:
            found.append((turns, {pairs[k - len(planes)]: c for k, c in values.items() if k >= len(planes)}))
    return movable, found


def _equations(s: Stratum, planes: Sequence[tuple[int, int]],
               pairs: Sequence[tuple[int, int]]) -> Iterator[Row]:
    """What a field (its planes) less the combinations (pairs of generators) has to be 0: a row for each term."""
    tables = [{e: residue(c) for e, c in terms(g).items()} for g in s.generators]
    for i, table in enumerate(tables):
        poll()
        rows: dict[Exponent, Row] = {}
        for column, (p, q) in enumerate(planes):
            for a, b, sign in ((p, q, 1), (q, p, -1)):
                for e, c in table.items():
                    if e[b]:
                        moved = list(e)
                        moved[a], moved[b] = moved[a] + 1, moved[b] - 1
                        row = rows.setdefault(tuple(moved), {})
                        row[column] = row.get(column, 0) + sign * e[b] * c
        for column, (k, j) in enumerate(pairs):
            for e, c in tables[j].items() if k == i else ():
                rows.setdefault(e, {})[len(planes) + column] = -c
        yield from rows.values()
