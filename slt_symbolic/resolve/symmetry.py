"""Strata up to the names of their variables.

Variables are coloured by the role that they play, colours are refined until they are stable, ties are broken by picking
one variable and refining again. If ties come from symmetries the resulting order is canonical; if not, two equal
strata may be missed, which costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from slt_symbolic.check.ring import terms
from slt_symbolic.check.stratum import Stratum

Terms = list[tuple[tuple[int, ...], str]]


def canonical(s: Stratum) -> tuple[str, tuple[int, ...]]:
    """A text that is the same for strata that differ by names only, and the order of variables that it refers to."""
    polynomials = [("g", _terms(g)) for g in s.generators] + [("u", _terms(u)) for u in s.units]
    fixed = {j: (j, str(q)) for j, q in s.constants.items()}
    colours = [hash((j in s.near, s.orders[j], s.jacobian[j], fixed.get(j))) for j in range(s.size)]
    occurring = [j for j in range(s.size) if j not in s.flat]
    colours = _refined(colours, polynomials, occurring)
    while len({colours[j] for j in occurring}) < len(occurring):
        classes: dict[int, list[int]] = {}
        for j in occurring:
            classes.setdefault(colours[j], []).append(j)
        first = min((colour for colour, members in classes.items() if len(members) > 1))
        colours[classes[first][0]] = hash((first, "picked"))
        colours = _refined(colours, polynomials, occurring)
    order = sorted(occurring, key=lambda j: colours[j])
    return _text(s, polynomials, order), (*order, *(j for j in range(s.size) if j not in occurring))


def _terms(polynomial: object) -> Terms:
    """Exponents and coefficients, up to a common factor."""
    table = terms(polynomial)
    return [(e, str(c)) for e, c in table.items()]


def _refined(colours: list[int], polynomials: Sequence[tuple[str, Terms]], occurring: Sequence[int]) -> list[int]:
    count = len({colours[j] for j in occurring})
    while True:
        roles: dict[int, list[int]] = {j: [] for j in occurring}
        for kind, table in polynomials:
            marks = []
            for exponent, coefficient in table:
                mark = hash((coefficient.lstrip("-"),
                             tuple(sorted((colours[j], e) for j, e in enumerate(exponent) if e))))
                marks.append((mark, exponent))
            whole = hash((kind, tuple(sorted(mark for mark, _ in marks))))
            for mark, exponent in marks:
                for j, e in enumerate(exponent):
                    if e:
                        roles[j].append(hash((whole, mark, e)))
        colours = list(colours)
        for j in occurring:
            colours[j] = hash((colours[j], tuple(sorted(roles[j]))))
        refined = len({colours[j] for j in occurring})
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
    leading = Fraction(table[-1][1])
    return tuple((e, str(Fraction(c) / leading)) for e, c in table)
