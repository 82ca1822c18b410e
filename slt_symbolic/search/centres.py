"""Coordinates in which powers are centred: a polynomial change of coordinates is undone where that leaves few terms."""

from __future__ import annotations

from collections.abc import Iterator

from slt_symbolic.check.algebra.ring import Polynomial, coefficients_in, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.optimum import polyhedron_bound
from slt_symbolic.search.proposals.linear_forms import products_of_linear_forms
from slt_symbolic.search.simplify import end, size
from slt_symbolic.search.tree import Proposal, poll, propose

LARGEST_STRATUM = 2000  # terms of all generators in which substitutions are tried
MOST_SINGLE_TERMS = 8  # of a shift of which they are tried alone
LARGEST_NUMBER = 100  # in a shift; larger ones were hardly typed, and make the numbers of what is left longer


def centred(s: Stratum) -> list[Proposal]:
    """Changes ``x_j -> x_j - q``, one after the other, each the one that leaves the least, while that is less.

    Where a generator is ``c x_j^d + b x_j^(d-1) + ...`` and ``b = q d c + ...``, in a germ that was moved from few
    terms by ``x_j -> x_j + q``, this q leads back. Nothing, if the polyhedron would bound the germ worse,
    or of products of linear forms, which are decided in any linear coordinates.
    """
    if size(s)[0] > LARGEST_STRATUM or products_of_linear_forms(s) is not None:
        return []
    path: list[Proposal] = []
    while True:
        here = end(s, path)
        best = min(_changes(here), key=lambda proposal: size(proposal.child), default=None)
        if best is None or size(best.child)[0] >= size(here)[0]:
            break
        path.append(best)
    return path if path and polyhedron_bound(end(s, path)) <= polyhedron_bound(s) else []


def _changes(s: Stratum) -> Iterator[Proposal]:
    tried: set[tuple[int, str]] = set()
    for g in s.generators:
        poll()
        powers = [set(column) for column in zip(*terms(g), strict=True)]
        for j, degree in enumerate(g.degrees()):
            if degree and degree - 1 in powers[j] and j in s.near and not s.orders[j] and not s.jacobian[j]:
                for shift in _shifts(s, g, j, int(degree)):
                    if (j, str(shift)) not in tried:
                        tried.add((j, str(shift)))
                        proposal = propose(s, "change", variable=s.names[j], unit="1", shift=str(shift), nonzero="even")
                        if proposal is not None and not proposal.child.is_empty and proposal.child.generators:
                            yield proposal


def _shifts(s: Stratum, g: Polynomial, j: int, degree: int) -> Iterator[Polynomial]:
    """What is added to x_j by its two highest powers, less what does not vanish on the stratum; and its terms."""
    parts = coefficients_in(g, [j])
    quotient, _ = divmod(parts.get((degree - 1,), s.ring.constant(0)), parts[(degree,)] * degree)
    quotient -= s.on_stratum(quotient)
    table = terms(quotient)
    if table and all(max(abs(c.p), c.q) <= LARGEST_NUMBER for c in table.values()):
        yield quotient
        if 1 < len(table) <= MOST_SINGLE_TERMS:
            yield from (s.ring.from_dict({e: c}) for e, c in table.items())
