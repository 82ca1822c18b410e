"""The tangent cone: a blow-up with equal weights, the same in all coordinates, with one argument a chart."""

from __future__ import annotations

from collections.abc import Iterator

from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.optimum import monomial_proof
from slt_symbolic.search.proposals.bounds import hasty_leaf
from slt_symbolic.search.proposals.hessian import hessian
from slt_symbolic.search.proposals.smooth_zeros import smooth_zeros
from slt_symbolic.search.tree import Node, propose

MOST_VARIABLES = 6


def cones(s: Stratum) -> Iterator[Node]:
    """The node, if each chart has a bound of its own."""
    if any((*s.orders, *s.jacobian)) or s.free or s.constants or not 1 < len(s.active) <= MOST_VARIABLES:
        return
    proposal = propose(s, "blowup", weights=[[s.names[j], 1] for j in s.active])
    if proposal is None:
        return
    nodes = []
    for chart in proposal.strata:
        found = hessian(chart) or smooth_zeros(chart)
        if found is None:
            return
        nodes.append(found.close([_of_monomials(child) for child in found.strata]))
    yield proposal.close(nodes)


def _of_monomials(s: Stratum) -> Node:
    """What smooth zeros leave: coordinates and monomials."""
    proposal = propose(s, "newton", optimum=monomial_proof(s), faces=[])
    return hasty_leaf(s) if proposal is None else proposal.close([])
