"""Bounds for a stratum that no step decides."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence
from typing import Any

from slt_symbolic.check.algebra.ring import Exponent, Polynomial, terms
from slt_symbolic.check.steps import STEPS
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.optimum import hasty_proof, monomial_proof, preferred_weights, proof_of
from slt_symbolic.search.proposals.nearby_zeros import regular_zeros
from slt_symbolic.search.proposals.sampled_signs import opposite_signs
from slt_symbolic.search.tree import Node, OutOfTime, Proposal, propose, unlimited

WEIGHTS = 20  # choices of initial monomials


def leaf(s: Stratum, step: str) -> Node:
    """A step without children and data."""
    return _closed(s, step, {})


def order_leaf(s: Stratum) -> Node:
    """The bounds that every stratum has."""
    return _closed(s, "order", {"optimum": monomial_proof(s)})


def hasty_leaf(s: Stratum) -> Node:
    """The bounds that cost next to nothing, whatever the time."""
    with unlimited():
        return _closed(s, "order", {"optimum": hasty_proof(s)})


def _closed(s: Stratum, step: str, data: dict[str, Any]) -> Node:
    with unlimited():
        _, combine = STEPS[step](s, data)
        return Proposal(s, step, data, (), combine).close([])


def bounded(s: Stratum) -> Node:
    """The best of the bounds that need no children, of those that there is time for."""
    found = [hasty_leaf(s)]
    with contextlib.suppress(OutOfTime):
        found.append(order_leaf(s))
        found += (proposal.close([]) for proposal in _bounds(s))
    return best_of(found)


def best_of(arguments: Sequence[Node]) -> Node:
    """The arguments with the best bounds for one stratum; one alone, if no other is better on either side."""
    short_first = sorted(arguments, key=lambda node: bool(node.children))
    highest = max(short_first, key=lambda node: node.bracket.lower)
    lowest = min(short_first, key=lambda node: node.bracket.upper)
    for node in short_first:
        if node.bracket.lower >= highest.bracket.lower and node.bracket.upper <= lowest.bracket.upper:
            return node
    with unlimited():
        proposal = propose(highest.stratum, "best", arguments=2)
    return arguments[0] if proposal is None else proposal.close([highest, lowest])


def _bounds(s: Stratum) -> Iterator[Proposal]:
    if any((*s.orders, *s.jacobian)) or s.free or s.constants:
        return
    signs = opposite_signs(s.generators[0]) if len(s.generators) == 1 else None
    if signs is not None:
        proposal = propose(s, "sign", curves=signs)
        if proposal is not None:
            yield proposal
    regular = regular_zeros(s)
    if regular is not None:
        yield regular
    yield from _initial(s)


def _initial(s: Stratum) -> Iterator[Proposal]:
    """Initial monomials for some generic weights, near those of the linear program and near equal ones."""
    generator = random.Random(0)
    names = s.ring.names()
    for base in (preferred_weights(s), [1] * s.size):
        for _ in range(WEIGHTS):
            weights = [1000 * w + generator.randint(1, 400) for w in base]
            exponents = [_initial_exponent(s, g, weights) for g in s.generators]
            proposal = propose(s, "initial", weights=dict(zip(names, weights, strict=True)),
                               optimum=proof_of(exponents, [0] * len(s.ridges)))
            if proposal is not None:
                yield proposal


def _initial_exponent(s: Stratum, g: Polynomial, weights: Sequence[int]) -> Exponent:
    least = min(terms(g), key=lambda e: (sum(w * a for w, a in zip(weights, e, strict=True)), e))
    return tuple(least[j] for j in s.ridges)
