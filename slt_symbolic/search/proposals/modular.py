"""Sparse linear equations over the rationals, solved modulo a prime: solutions with small numbers are proposals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flint import fmpq, nmod_mat

from slt_symbolic.search.tree import poll

PRIME = 1_000_003
LARGEST_MATRIX = 4_000_000
LARGEST_NUMBER = 500  # numerators and denominators

Row = dict[int, int]  # the coefficients modulo the prime, by the number of the unknown


def residue(c: fmpq) -> int:
    """The fraction modulo the prime."""
    return int(c.p) * pow(int(c.q), -1, PRIME) % PRIME


def kernel(equations: Iterable[Row], width: int) -> Iterator[dict[int, fmpq]]:
    """Solutions in so many unknowns, in reduced echelon form; those with large numbers are left out."""
    rows, columns = _presolved(equations, width)
    if len(rows) * len(columns) > LARGEST_MATRIX or not columns:
        return
    entries = [row.get(k, 0) for row in rows or [{}] for k in columns]
    solutions, nullity = nmod_mat(max(len(rows), 1), len(columns), entries, PRIME).nullspace()
    poll()
    if not nullity:
        return
    transposed = [int(solutions[k, n]) for n in range(nullity) for k in range(len(columns))]
    basis, rank = nmod_mat(nullity, len(columns), transposed, PRIME).rref()
    for n in range(rank):
        values = {k: _lifted(int(basis[n, place])) for place, k in enumerate(columns) if basis[n, place] != 0}
        small = {k: c for k, c in values.items() if c is not None}
        if len(small) == len(values):
            yield small


def _presolved(equations: Iterable[Row], width: int) -> tuple[list[Row], list[int]]:
    """Equations without the unknowns that one of them alone says to be 0, each once, and the unknowns left."""
    rows = [left for row in equations if (left := {k: c for k, c in row.items() if c % PRIME})]
    columns = set(range(width))
    while gone := {next(iter(row)) for row in rows if len(row) == 1}:
        columns -= gone
        rows = [left for row in rows if (left := {k: c for k, c in row.items() if k not in gone})]
    return [dict(row) for row in dict.fromkeys(tuple(sorted(row.items())) for row in rows)], sorted(columns)


def _lifted(number: int) -> fmpq | None:
    """The fraction with small numerator and denominator that has this residue."""
    (a, b), (x, y) = (PRIME, 0), (number, 1)
    while x > LARGEST_NUMBER:
        quotient = a // x
        (a, b), (x, y) = (x, y), (a - quotient * x, b - quotient * y)
    return fmpq(x, y) if 0 < abs(y) <= LARGEST_NUMBER else None
