"""Strata up to the names of their variables.

Variables are coloured by the role that they play, colours are refined until they are stable, ties are broken by picking
one variable and refining again. If ties come from symmetries the resulting order is canonical; if not, two equal
strata may be missed, which costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from slt_symbolic.check.algebra.ring import terms
from slt_symbolic.check.stratum import Stratum

Terms = list[tuple[tuple[int, ...], str]]


def canonical(s: Stratum) -> tuple[str, tuple[int, ...]]:
    """A text that is the same for strata that differ by names only, and the order of variables that it refers to."""
    polynomials = [("g", _terms(g)) for g in s.generators] + [("u", _terms(u)) for u in s.units]
    fixed = {j: f"{j} {q}" for j, q in s.constants.items()}
    occurring = [j for j in range(s.size) if j not in s.flat]
    roles = [(j in s.near, s.orders[j], s.jacobian[j], fixed.get(j, "")) for j in occurring]
    colours = _refined(dict(zip(occurring, _ranks(roles), strict=True)), polynomials)
    while len(set(colours.values())) < len(occurring):
        classes: dict[int, list[int]] = {}
        for j, colour in colours.items():
            classes.setdefault(colour, []).append(j)
        first = min(colour for colour, members in classes.items() if len(members) > 1)
        picked = classes[first][0]
        split = _ranks([(colour, j != picked) for j, colour in colours.items()])
        colours = _refined(dict(zip(occurring, split, strict=True)), polynomials)
    order = sorted(occurring, key=colours.__getitem__)
    return _text(s, polynomials, order), (*order, *(j for j in range(s.size) if j not in colours))


def _ranks(keys: Sequence[Any]) -> list[int]:
    """Numbers in the order of the keys: the same in every run, which hashes of texts are not."""
    number = {key: i for i, key in enumerate(sorted(set(keys)))}
    return [number[key] for key in keys]


def _terms(polynomial: object) -> Terms:
    """Exponents and coefficients, up to a common factor."""
    table = terms(polynomial)
    return [(e, str(c)) for e, c in table.items()]


def _refined(colours: dict[int, int], polynomials: Sequence[tuple[str, Terms]]) -> dict[int, int]:
    """Colours that tell apart what the terms, seen in these colours, tell apart; repeated until nothing changes."""
    count = len(set(colours.values()))
    while True:
        keys = [(coefficient.lstrip("-"), tuple(sorted((colours[j], e) for j, e in enumerate(exponent) if e)))
                for _, table in polynomials for exponent, coefficient in table]
        marks = iter(_ranks(keys))
        marked = [(kind, [(next(marks), exponent) for exponent, _ in table]) for kind, table in polynomials]
        wholes = _ranks([(kind, tuple(sorted(mark for mark, _ in table))) for kind, table in marked])
        roles: dict[int, list[tuple[int, int, int]]] = {j: [] for j in colours}
        for whole, (_, table) in zip(wholes, marked, strict=True):
            for mark, exponent in table:
                for j, e in enumerate(exponent):
                    if e:
                        roles[j].append((whole, mark, e))
        ranks = _ranks([(colour, tuple(sorted(roles[j]))) for j, colour in colours.items()])
        colours = dict(zip(colours, ranks, strict=True))
        refined = len(set(colours.values()))
        if refined == count:
            return colours
        count = refined


def _text(s: Stratum, polynomials: Sequence[tuple[str, Terms]], order: Sequence[int]) -> str:
    rows = []
    for kind, table in polynomials:
        moved = sorted((tuple(e[j] for j in order), c) for e, c in table)
        rows.append((kind, _normalised(moved)))
    header = [(j in s.near, s.orders[j], s.jacobian[j], j in s.constants and (j, str(s.constants[j])))
              for j in order]
    return repr((header, sorted(rows)))


def _normalised(table: Sequence[tuple[tuple[int, ...], str]]) -> tuple[tuple[tuple[int, ...], str], ...]:
    """Divided by the last coefficient."""
    if table[-1][1] == "1":
        return tuple(table)
    leading = Fraction(table[-1][1])
    return tuple((e, str(Fraction(c) / leading)) for e, c in table)
