"""Random steps on random strata: what follows from the children has to meet what is found for the stratum itself."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from slt_symbolic.check.germ import germ_polynomials, root_stratum
from slt_symbolic.check.point import Point
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search import separation, simplify
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proposals.bounds import bounded
from slt_symbolic.search.proposals.faces import analyse
from slt_symbolic.search.search import Search
from slt_symbolic.search.tree import Node, Proposal, propose, settled, time_limit

SECONDS = 0.4  # of a search for one stratum
LONGEST = 3  # steps of a walk


def brackets(generators: list[str], names: list[str], seed: int) -> Iterator[tuple[str, Node, Node]]:
    """Along a random walk: the step, what it gives for its stratum, and what a search finds for it."""
    rng = Random(seed)
    s = settled(root_stratum(names, germ_polynomials(names, generators), Point((Fraction(0),) * len(names)),
                             ["alpha"]))
    for _ in range(LONGEST):
        if s.is_empty or not s.generators:
            return
        proposals = list(_proposals(s, rng))
        if not proposals:
            return
        proposal = rng.choice(proposals)
        children = [_searched(child) for child in proposal.strata]
        yield proposal.step, proposal.close(children), _searched(s)
        if not proposal.strata:
            return
        s = rng.choice(proposal.strata)


def _searched(s: Stratum) -> Node:
    with time_limit(SECONDS):
        return Search().prove(s)


def _proposals(s: Stratum, rng: Random) -> Iterator[Proposal]:
    """Steps that apply, some of them not sensible."""
    names = s.ring.names()
    near = [names[j] for j in s.ridges]
    if len(near) > 1:
        centre = rng.sample(near, rng.randint(2, len(near)))
        yield from _applied(propose(s, "blowup", weights=[[name, rng.randint(1, 3)] for name in centre]))
    for j in s.free:
        yield from _applied(propose(s, "split", variable=names[j]))
    for name in near:
        shift = rng.choice(names)
        yield from _applied(propose(s, "change", variable=name, unit=rng.choice(("1", "-2")),
                                    shift=f"{rng.choice((1, -1, 2))}*{shift}^2", nonzero="even"))
    for step in (separation.power, separation.product, separation.separate_sum, separation.block,
                 separation.contraction, simplify.elimination):
        yield from _applied(step(s))
    for f, _ in factors(rng.choice(s.generators)):
        yield from simplify.coordinates(s, f)
    yield from simplify.cleaned(s)[:1]
    analysis = analyse(s)
    if analysis is not None:
        yield from _applied(analysis.proposal(s, bounded(s).bracket.upper))


def _applied(proposal: Proposal | None) -> Iterator[Proposal]:
    if proposal is not None:
        yield proposal
