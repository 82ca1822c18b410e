"""Matrices of coordinates that rotations of their rows and columns bring onto a diagonal: products of matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flint import fmpq

from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proposals.rotations import Field, Planes, Rotating, left_over, partners, turned_to
from slt_symbolic.search.tree import Proposal, propose


def singular_values(s: Stratum, rotating: Rotating) -> Proposal | None:
    """The largest such matrix by these fields; of those the one that leaves the least."""
    return min(_proposals(s, rotating), default=None, key=lambda p: (-len(p.data["fields"]), *left_over(p.child)))


def _proposals(s: Stratum, rotating: Rotating) -> Iterator[Proposal]:
    movable, fields = rotating
    seen: set[int] = set()
    for corner in movable:
        if corner in seen:
            continue
        turned = {b: turned_to(field, corner, b) for field in fields for b in partners(field[0], corner)}
        rows, columns = _classes(turned)
        if not columns:
            continue
        if len(rows) > len(columns):
            rows, columns = columns, rows
        matrix = [[corner, *columns], *([b, *(_partner(turned[b], c) for c in columns)] for b in rows)]
        seen.update(*matrix)
        names = s.names
        moves = [turned[b] for b in (*rows, *columns)]
        proposal = propose(
            s, "diagonal", matrix=[[names[j] for j in row] for row in matrix],
            fields=[[[names[p], names[q], str(c)] for p, q, c in _along(planes, matrix)] for planes, _ in moves],
            images=[[[i, j, str(c)] for (i, j), c in images.items()] for _, images in moves])
        if proposal is not None:
            yield proposal


def _classes(turned: dict[int, Field]) -> tuple[list[int], list[int]]:
    """What the corner is turned to within its row, and within its column: no field moves another one of its class."""
    first: list[int] = []
    second: list[int] = []
    for b, (planes, _) in turned.items():
        touched = {j for plane in planes for j in plane}
        (second if first and first[0] in touched else first).append(b)
    return first, second


def _partner(field: Field, c: int) -> int:
    """The variable to which a field turns this one; itself if there is none, or several."""
    found = partners(field[0], c)
    return found[0] if found else c


def _along(planes: Planes, matrix: Sequence[Sequence[int]]) -> Iterator[tuple[int, int, fmpq]]:
    """The planes, those of the matrix from its first row or column on."""
    start = {*matrix[0], *(row[0] for row in matrix)}
    for (p, q), c in planes.items():
        yield (p, q, c) if p in start or q not in start else (q, p, -c)
