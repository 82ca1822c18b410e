"""Vector fields that move the generators within their span, and coordinates across which they lead away from 0.

Linear algebra modulo a prime proposes fields with polynomial coefficients of small degree; the checker multiplies out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from math import comb
from operator import add

from slt_symbolic.check.algebra.ring import Exponent, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proposals.modular import Row, kernel, residue
from slt_symbolic.search.tree import Proposal, poll, propose

MOST_UNKNOWNS = 900  # coefficients of fields and of combinations
MOST_WORK = 400_000  # of these, times terms of the generators

Coefficient = tuple[int, Exponent]  # a and e of x^e d/dx_a
Multiple = tuple[int, int, Exponent]  # i, j and e of x^e g_j in what becomes of g_i


def flow(s: Stratum, degree: int = 1) -> Proposal | None:
    """As many coordinates as possible, set to 0, across which fields lead with coefficients of at most this degree."""
    plain = [j for j in s.active if not s.orders[j] and not s.jacobian[j]]
    if not plain or s.constants or len(plain) * comb(len(s.active) + degree, degree) > MOST_UNKNOWNS:
        return None
    powers = list(_exponents(s, s.active, degree))
    coefficients = [(j, powers[0]) for j in plain]  # first those that say where a field leads from the origin
    coefficients += [(a, e) for a in s.active for e in powers[1:] if a in plain or e[a]]
    r = len(s.generators)
    multiples = [(i, j, e) for i in range(r) for j in range(r) for e in _exponents(s, s.active, degree - 1)]
    unknowns = len(coefficients) + len(multiples)
    if unknowns > MOST_UNKNOWNS or unknowns * sum(map(len, s.generators)) > MOST_WORK:
        return None
    names, fields, images = list[str](), list[list[list[str]]](), list[list[list[object]]]()
    for values in kernel(_equations(s, coefficients, multiples), unknowns):
        lead = min(values)
        if lead >= len(plain):  # from here on fields vanish at the origin
            break
        moved = [(*coefficients[k], c) for k, c in values.items() if k < len(coefficients)]
        becoming = [(*multiples[k - len(coefficients)], c) for k, c in values.items() if k >= len(coefficients)]
        names.append(s.names[plain[lead]])
        fields.append([[s.names[a], str(s.ring.from_dict({e: c}))] for a, e, c in moved])
        images.append([[i, j, str(s.ring.from_dict({e: c}))] for i, j, e, c in becoming])
    return propose(s, "flow", names=names, fields=fields, images=images) if names else None


def _exponents(s: Stratum, variables: Sequence[int], degree: int) -> Iterator[Exponent]:
    """Those of monomials in these variables up to a degree, the constant one first."""
    for total in range(degree + 1):
        for chosen in combinations_with_replacement(variables, total):
            yield tuple(chosen.count(j) for j in range(s.size))


def _equations(s: Stratum, coefficients: Sequence[Coefficient], multiples: Sequence[Multiple]) -> Iterator[Row]:
    """What a field makes of a generator, less a combination of the generators, is 0: a row for each term."""
    tables = [{e: residue(c) for e, c in terms(g).items()} for g in s.generators]
    for i, table in enumerate(tables):
        poll()
        rows: dict[Exponent, Row] = {}
        for column, (a, shift) in enumerate(coefficients):
            for e, c in table.items():
                if e[a]:
                    moved = tuple(x + y - (k == a) for k, (x, y) in enumerate(zip(e, shift, strict=True)))
                    row = rows.setdefault(moved, {})
                    row[column] = row.get(column, 0) + e[a] * c
        for column, (k, j, shift) in enumerate(multiples, len(coefficients)):
            for e, c in tables[j].items() if k == i else ():
                row = rows.setdefault(tuple(map(add, e, shift)), {})
                row[column] = row.get(column, 0) - c
        yield from rows.values()
