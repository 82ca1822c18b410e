"""Generators that are products of linear forms: decided by the flats of their hyperplanes."""

from __future__ import annotations

from slt_symbolic.check.algebra.ring import Polynomial, terms
from slt_symbolic.check.steps.arrangement import chains
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proofs.optimum import proof_of
from slt_symbolic.search.tree import OutOfTime, Proposal, effort, propose

SECONDS = 2  # for the flats


def linear_forms(s: Stratum) -> Proposal | None:
    """The step `arrangement`, where a generator is no monomial, and all are products of linear forms."""
    tables = products_of_linear_forms(s)
    if tables is None:
        return None
    try:
        with effort(SECONDS):
            found = chains(s, tables)
    except OutOfTime:  # there are too many
        return None
    optima = [proof_of([tuple(row[i] for row in chain) for i in range(1, len(tables) + 1)], [row[0] for row in chain])
              for chain in found]
    return propose(s, "arrangement", factors=[[[str(f), e] for f, e in table] for table in tables], optima=optima)


def products_of_linear_forms(s: Stratum) -> list[list[tuple[Polynomial, int]]] | None:
    """The factors of the generators, if all are linear forms and a generator is no monomial."""
    if s.free or s.constants or all(len(g) == 1 for g in s.generators):
        return None
    if any(len({sum(e) for e in terms(g)}) != 1 for g in s.generators):
        return None
    tables = [factors(g) for g in s.generators]
    return None if any(f.total_degree() != 1 for table in tables for f, _ in table) else tables
