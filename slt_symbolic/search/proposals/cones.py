"""The tangent cone, and those with weights: a blow-up of the point with one argument a chart.

With equal weights it is the same in all coordinates; with others, as soon as these are right up to a few terms.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.optimum import monomial_proof
from slt_symbolic.search.proposals.bounds import best_of, hasty_leaf
from slt_symbolic.search.proposals.hessian import hessian
from slt_symbolic.search.proposals.singular_points import at_singular_point
from slt_symbolic.search.proposals.smooth_zeros import smooth_zeros
from slt_symbolic.search.tree import Node, OutOfTime, effort, propose

MOST_VARIABLES = 6
SECONDS = 1  # for a germ at a singular point, which may be as hard as any


def cones(s: Stratum, weights: Sequence[int], prove: Callable[[Stratum], Node]) -> Iterator[Node]:
    """The node, if each chart has a bound of its own; then with germs at singular points, as long as that is less."""
    if any((*s.orders, *s.jacobian)) or s.free or s.constants or not 1 < len(s.active) <= MOST_VARIABLES:
        return
    proposal = propose(s, "blowup", weights=[[s.names[j], weights[j]] for j in s.active])
    if proposal is None:
        return
    nodes = []
    for chart in proposal.strata:
        found = hessian(chart) or smooth_zeros(chart)
        if found is None:
            return
        nodes.append(found.close([_of_monomials(child) for child in found.strata]))
    whole = proposal.close(nodes)
    yield whole
    for place, chart in enumerate(proposal.strata):
        if nodes[place].bracket.lower == whole.bracket.lower < whole.bracket.upper:
            below = None
            with contextlib.suppress(OutOfTime), effort(SECONDS):
                below = at_singular_point(chart, prove)
            if below is not None:
                nodes[place] = best_of([nodes[place], below])
                whole = proposal.close(nodes)
                yield whole


def _of_monomials(s: Stratum) -> Node:
    """What smooth zeros leave: coordinates and monomials."""
    proposal = propose(s, "newton", optimum=monomial_proof(s), faces=[])
    return hasty_leaf(s) if proposal is None else proposal.close([])
