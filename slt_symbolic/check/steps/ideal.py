"""Other generators of the same ideal, up to integral closure.

Losses whose ideals have the same integral closure are comparable, so ``v`` stays (conventions.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from slt_symbolic.check.ring import Exponent, Polynomial, terms
from slt_symbolic.check.step import Combine, Data, Refused, fields, only_child, polynomial, require
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.newton import in_polyhedron


def span(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``generators``, with the same span over the rationals."""
    (texts,) = fields(data, "generators")
    new = [polynomial(s, text) for text in texts]
    require(equal_spans(s.generators, new), "the spans differ")
    return [s.derive(new)], only_child


def equal_spans(first: Sequence[Polynomial], second: Sequence[Polynomial]) -> bool:
    """Have two lists of polynomials the same span over the rationals?"""
    return _rank(first) == _rank(second) == _rank([*first, *second])


def _rank(polynomials: Sequence[Polynomial]) -> int:
    columns = sorted({e for p in polynomials for e in terms(p)})
    tables = [terms(p) for p in polynomials]
    return int(fmpq_mat([[t.get(e, fmpq(0)) for e in columns] for t in tables]).rank()) if columns else 0


def combine(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``subtract``, a list of ``[i, j, q]``: one after the other, generator i becomes ``g_i - q g_j``, j != i."""
    (operations,) = fields(data, "subtract")
    current = list(s.generators)
    for i, j, text in operations:
        require(type(i) is int and type(j) is int and i != j and 0 <= min(i, j) and max(i, j) < len(current),
                f"no generators {i}, {j}")
        current[i] = current[i] - polynomial(s, text) * current[j]
    return [s.derive(current)], only_child


def units(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``factors``, a list of ``[i, u]``: generator i is divided by ``u``, which has no zero on the stratum."""
    (divisions,) = fields(data, "factors")
    current = list(s.generators)
    for i, text in divisions:
        u = polynomial(s, text)
        require(type(i) is int and 0 <= i < len(current), f"no generator {i}")
        require(s.is_unit(u), f"{u} is not shown to be a unit")
        quotient, remainder = divmod(current[i], u)
        if not remainder.is_zero():
            raise Refused(f"{u} does not divide {current[i]}")
        current[i] = quotient
    return [s.derive(current)], only_child


def closure(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Terms in the integral closure of those generators that are monomials are dropped, redundant monomials too.

    A monomial is in that closure if and only if its exponent lies in the Newton polyhedron of the monomials.
    """
    fields(data)
    return [s.derive(_reduced(s.generators))], only_child


def _reduced(generators: tuple[Polynomial, ...]) -> list[Polynomial]:
    """Without the terms and monomials that `closure` drops."""
    monomials = {next(iter(terms(g))): g for g in generators if len(g) == 1}
    for exponent in list(monomials):
        others: list[Exponent] = [e for e in monomials if e != exponent]
        if in_polyhedron(exponent, others):
            del monomials[exponent]
    kept = list(monomials)
    if () in kept or any(not any(e) for e in kept):
        return list(monomials.values())
    result = []
    for g in generators:
        table = terms(g)
        if len(table) > 1:
            g = g.context().from_dict({e: c for e, c in table.items() if not in_polyhedron(e, kept)})
            result.append(g)
    return [*monomials.values(), *result]
