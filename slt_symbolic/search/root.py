"""The tree for a root: the search, and whatever else bounds the germ if that does not decide."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from slt_symbolic.check.bracket import End
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.nonvanishing import remembered
from slt_symbolic.search.proposals.bounds import best_of, bounded, hasty_leaf
from slt_symbolic.search.proposals.nearby_zeros import nearby_germs
from slt_symbolic.search.proposals.vector_fields import symmetries
from slt_symbolic.search.search import Search
from slt_symbolic.search.tree import Node, OutOfTime, propose, time_limit

SEARCH_SHARE = Fraction(4, 5)  # of the time; what is left is for the bounds of the germ itself and for germs nearby
NEARBY_SHARE = 20  # each germ nearby gets this part of the time
LARGEST_NEARBY = 200  # terms


def prove_root(root: Stratum, seconds: float) -> Iterator[Node]:
    """The best bracket found by a search of so many seconds; then shorter proofs, down to one of a single step."""
    arguments: list[Node] = []
    with remembered(), time_limit(seconds):
        try:
            for node in _arguments(root, seconds):
                arguments.append(node)
                if node.bracket.exact:
                    break
        except OutOfTime:
            pass
    if arguments:
        best = best_of(arguments)
        yield best
        short = [node for node in arguments if not node.children and node is not best]
        if short:
            yield best_of(short)
    yield hasty_leaf(root)


def _arguments(root: Stratum, seconds: float) -> Iterator[Node]:
    """One after the other, until one is exact or the time is over."""
    smooth = _smooth(root)
    if smooth is not None:
        yield smooth
    with time_limit(SEARCH_SHARE * seconds):
        found = Search().prove(root)
    yield found
    direct = bounded(root)
    yield direct
    upper = min(node.bracket.upper for node in (found, direct, *([smooth] if smooth is not None else [])))
    yield from _nearby(root, upper, seconds / NEARBY_SHARE)


def _smooth(root: Stratum) -> Node | None:
    """The Jacobian, with symmetries if there are more generators than its rank."""
    plain = propose(root, "rank", fields=[])
    if plain is None:
        return None
    if not plain.close([]).bracket.exact:
        complete = propose(root, "rank", fields=symmetries(root))
        plain = complete or plain
    return plain.close([])


def _nearby(root: Stratum, upper: End, seconds: float) -> Iterator[Node]:
    """Germs at zeros nearby with a smaller ``(lambda, m)``."""
    if sum(len(g) for g in root.generators) > LARGEST_NEARBY:
        return
    for proposal in nearby_germs(root):
        with time_limit(seconds):
            node = proposal.close([Search().prove(proposal.child)])
        if node.bracket.upper < upper:
            yield node
            upper = node.bracket.upper
