"""Bounds for a stratum that no step decides."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from slt_symbolic.check.steps import STEPS
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.resolve.separation import preferred_weights
from slt_symbolic.resolve.signs import opposite_signs
from slt_symbolic.resolve.tree import Node, Proposal, propose

WEIGHTS = 20  # choices of initial monomials


def leaf(s: Stratum, step: str) -> Node:
    """A step without data, children and hypotheses, whatever the time."""
    strata, combine = STEPS[step](s, {})
    return Proposal(s, step, {}, tuple(strata), combine).close([])


def bounded(s: Stratum) -> Node:
    """The best of the bounds that need no children."""
    return best_of([leaf(s, "order"), *(proposal.close([]) for proposal in _bounds(s))])


def best_of(arguments: Sequence[Node]) -> Node:
    """The arguments with the best bounds for one stratum; the first one alone, if no other is better."""
    highest = max(arguments, key=lambda node: node.bracket.lower)
    lowest = min(arguments, key=lambda node: node.bracket.upper)
    useful = list({id(node): node for node in (highest, lowest)}.values())
    if len(useful) == 1:
        return highest
    proposal = propose(highest.stratum, "best", arguments=len(useful))
    return arguments[0] if proposal is None else proposal.close(useful)


def _bounds(s: Stratum) -> Iterator[Proposal]:
    if any((*s.orders, *s.jacobian)) or s.free or s.constants:
        return
    signs = opposite_signs(s.generators[0]) if len(s.generators) == 1 else None
    if signs is not None:
        proposal = propose(s, "sign", curves=signs)
        if proposal is not None:
            yield proposal
    yield from _initial(s)


def _initial(s: Stratum) -> Iterator[Proposal]:
    """Initial monomials for some generic weights, near those of the linear program and near equal ones."""
    generator = random.Random(0)
    names = s.ring.names()
    for base in (preferred_weights(s), [1] * s.size):
        for _ in range(WEIGHTS):
            weights = [1000 * w + generator.randint(1, 400) for w in base]
            proposal = propose(s, "initial", weights=dict(zip(names, weights, strict=True)))
            if proposal is not None:
                yield proposal
