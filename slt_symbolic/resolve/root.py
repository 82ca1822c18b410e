"""The tree for a root: the search, and whatever else bounds the germ if that does not decide."""

from __future__ import annotations

from slt_symbolic.check.pairs import Pair
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.resolve.bounds import best_of, bounded
from slt_symbolic.resolve.nearby import nearby_germs
from slt_symbolic.resolve.nonvanishing import remembered
from slt_symbolic.resolve.search import Search
from slt_symbolic.resolve.symmetries import symmetries
from slt_symbolic.resolve.tree import Node, propose, time_limit

NEARBY_SHARE = 20  # each germ nearby gets this part of the time
LARGEST_NEARBY = 200  # terms


def prove_root(root: Stratum, seconds: float) -> Node:
    """The best bracket found, by a search of so many seconds."""
    with remembered():
        return _prove_root(root, seconds)


def _prove_root(root: Stratum, seconds: float) -> Node:
    smooth = _smooth(root)
    if smooth is not None and smooth.bracket.exact:
        return smooth
    with time_limit(seconds):
        found = Search().prove(root)
    if found.bracket.exact:
        return found
    arguments = [found, bounded(root), *([smooth] if smooth is not None else [])]
    arguments += _nearby(root, min(a.bracket.upper for a in arguments), seconds / NEARBY_SHARE)
    return best_of(arguments)


def _smooth(root: Stratum) -> Node | None:
    """The Jacobian, with symmetries if there are more generators than its rank."""
    plain = propose(root, "rank", fields=[])
    if plain is None:
        return None
    if not plain.close([]).bracket.exact:
        complete = propose(root, "rank", fields=symmetries(root))
        plain = complete or plain
    return plain.close([])


def _nearby(root: Stratum, upper: Pair, seconds: float) -> list[Node]:
    """Germs at zeros nearby with a smaller pair."""
    found: list[Node] = []
    if sum(len(g) for g in root.generators) > LARGEST_NEARBY:
        return found
    for proposal in nearby_germs(root):
        with time_limit(seconds):
            node = proposal.close([Search().prove(proposal.child)])
        if node.bracket.upper < upper:
            found.append(node)
            upper = node.bracket.upper
    return found
