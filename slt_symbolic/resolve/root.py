"""The tree for a root: the search, and whatever else bounds the germ if that does not decide."""

from __future__ import annotations

from slt_symbolic.check.pairs import Pair
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.resolve.bounds import best_of, bounded
from slt_symbolic.resolve.nearby import nearby_germs
from slt_symbolic.resolve.search import Search
from slt_symbolic.resolve.symmetries import symmetries
from slt_symbolic.resolve.tree import Node, propose, time_limit

NEARBY_SHARE = 20  # each germ nearby gets this part of the time


def prove_root(root: Stratum, seconds: float) -> Node:
    """The best bracket found, by a search of so many seconds."""
    smooth = propose(root, "rank", fields=symmetries(root))
    arguments = [] if smooth is None else [smooth.close([])]
    if arguments and arguments[0].bracket.exact:
        return arguments[0]
    with time_limit(seconds):
        arguments.insert(0, Search().prove(root))
    if arguments[0].bracket.exact:
        return arguments[0]
    arguments.append(bounded(root))
    arguments += _nearby(root, min(a.bracket.upper for a in arguments), seconds / NEARBY_SHARE)
    return best_of(arguments)


def _nearby(root: Stratum, upper: Pair, seconds: float) -> list[Node]:
    """Germs at zeros nearby with a smaller pair."""
    found = []
    for proposal in nearby_germs(root):
        with time_limit(seconds):
            node = proposal.close([Search().prove(proposal.child)])
        if node.bracket.upper < upper:
            found.append(node)
            upper = node.bracket.upper
    return found
