"""Sums of powers of units with outer weights: which variables are units."""

from __future__ import annotations

from slt_symbolic.check.algebra.ring import Exponent, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.tree import Proposal, propose


def sums_of_powers(s: Stratum) -> Proposal | None:
    """The step `vandermonde`, if there are two units or more: a unit is a variable of a higher power than 1."""
    tables = [sorted(terms(g)) for g in s.generators]
    if any(s.orders) or not all(map(_may_be_one, tables)):
        return None
    units = sorted({j for table in tables for e in table for j, power in enumerate(e) if power > 1})
    rows = {tuple(_weights(table, units)) for table in tables if sum(table[0]) > 1}  # the others have the power 0
    if len(units) < 2 or any(len(row) != len(units) or None in row for row in rows):
        return None
    degrees = sorted({sum(table[0]) for table in tables})
    names = s.names
    return propose(s, "vandermonde", units=[names[j] for j in units],
                   stride=degrees[1] - degrees[0] if len(degrees) > 1 else 1,
                   weights=[[names[j] for j in row if j is not None] for row in sorted(rows, key=str)])


def _may_be_one(table: list[Exponent]) -> bool:
    """Are the terms of one degree, each a variable, or a variable times a power of another?"""
    degree = sum(table[0])
    return all(sum(e) == degree and (degree == 1 or sorted(filter(None, e)) == [1, degree - 1])
               for e in table)


def _weights(table: list[Exponent], units: list[int]) -> list[int | None]:
    """Of each unit the other variable of its term."""
    found: dict[int, int] = {}
    for e in table:
        first, second = (j for j, power in enumerate(e) if power)
        unit, weight = (first, second) if first in units else (second, first)
        found[unit] = weight
    return [found.get(unit) for unit in units]
