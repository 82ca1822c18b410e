"""Vector fields that move the generators within their span, and coordinates across which they lead away from 0.

Linear algebra modulo a prime proposes fields with coefficients of degree one at most; the checker multiplies out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flint import fmpq

from slt_symbolic.check.algebra.ring import Exponent, Polynomial, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proposals.modular import Row, kernel, residue
from slt_symbolic.search.tree import Proposal, poll, propose

MOST_UNKNOWNS = 900  # coefficients of fields, and pairs of generators
MOST_TERMS = 300  # of all generators

Coefficient = tuple[int, int | None]  # of x_b d/dx_a, or of d/dx_a
Pair = tuple[int, int]  # of generators


def flow(s: Stratum) -> Proposal | None:
    """As many coordinates as possible, set to 0, across which such fields lead."""
    plain = [j for j in s.active if not s.orders[j] and not s.jacobian[j]]
    pairs = [(i, j) for i in range(len(s.generators)) for j in range(len(s.generators))]
    coefficients: list[Coefficient] = [(j, None) for j in plain]
    coefficients += [(a, b) for a in s.active for b in (s.active if a in plain else (a,))]
    if not plain or s.constants or sum(map(len, s.generators)) > MOST_TERMS \
            or len(coefficients) + len(pairs) > MOST_UNKNOWNS:
        return None
    names, fields, images = list[str](), list[list[list[str]]](), list[list[list[object]]]()
    for values in kernel(_equations(s, coefficients, pairs), len(coefficients) + len(pairs)):
        lead = min(values)
        if lead >= len(plain):  # from here on fields vanish at the origin
            break
        names.append(s.names[plain[lead]])
        fields.append([[s.names[a], str(speed)] for a, speed in _speeds(s, coefficients, values).items()])
        images.append([[*pairs[k - len(coefficients)], str(c)] for k, c in values.items() if k >= len(coefficients)])
    return propose(s, "flow", names=names, fields=fields, images=images) if names else None


def _speeds(s: Stratum, coefficients: Sequence[Coefficient], values: Mapping[int, fmpq]) -> dict[int, Polynomial]:
    """What becomes of the coordinates."""
    found: dict[int, Polynomial] = {}
    for k, c in values.items():
        if k < len(coefficients):
            a, b = coefficients[k]
            term = s.ring.constant(1) if b is None else s.variables[b]
            found[a] = found.get(a, s.ring.constant(0)) + term * c
    return found


def _equations(s: Stratum, coefficients: Sequence[Coefficient], pairs: Sequence[Pair]) -> Iterator[Row]:
    """What a field makes of a generator, less a combination of the generators, is 0: a row for each term."""
    tables = [{e: residue(c) for e, c in terms(g).items()} for g in s.generators]
    for i, table in enumerate(tables):
        poll()
        rows: dict[Exponent, Row] = {}
        for column, (a, b) in enumerate(coefficients):
            for e, c in table.items():
                if e[a]:
                    moved = list(e)
                    moved[a] -= 1
                    if b is not None:
                        moved[b] += 1
                    row = rows.setdefault(tuple(moved), {})
                    row[column] = row.get(column, 0) + e[a] * c
        for column, (k, j) in enumerate(pairs):
            for e, c in tables[j].items() if k == i else ():
                rows.setdefault(e, {})[len(coefficients) + column] = -c
        yield from rows.values()
