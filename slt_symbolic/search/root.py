"""The tree for a root: the search, and whatever else bounds the germ if that does not decide."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from slt_symbolic.check.algebra.ring import Polynomial
from slt_symbolic.check.bracket import End
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.nonvanishing import remembered
from slt_symbolic.search.proofs.optimum import preferred_weights
from slt_symbolic.search.proposals.bounds import best_of, bounded, hasty_leaf, order_leaf
from slt_symbolic.search.proposals.cones import cones
from slt_symbolic.search.proposals.nearby_zeros import nearby_germs
from slt_symbolic.search.proposals.rotations import rotating_fields, rotation
from slt_symbolic.search.proposals.squares import as_squares, as_total, is_typed_as_squares
from slt_symbolic.search.proposals.vector_fields import symmetries
from slt_symbolic.search.search import LARGEST_WEIGHT, Search
from slt_symbolic.search.simplify import size, span
from slt_symbolic.search.tree import Node, OutOfTime, Proposal, effort, expired, propose, time_limit

# Shares of the time, of a processor. What a search leaves goes to those after it; the last may take all that is left.
FIRST_SHARE = Fraction(1, 20)  # what is easy, before anything else, for at most so many seconds
FIRST_SECONDS = 1
TURNED_SHARE = Fraction(1, 2)  # rotations divided out; and again, with blow-ups of two coordinates
IDEAL_SHARE = Fraction(3, 5)  # several generators, with blow-ups where charts would be many: two halves decide less
CHARTS_SHARE = Fraction(1, 5)  # several generators, with charts
SQUARES_SHARE = Fraction(2, 5)  # to find the squares that a single generator is a sum of
BLOWUP_SHARE = Fraction(1, 5)  # a single generator that is none, with blow-ups
CONE_SHARE = Fraction(1, 10)  # the tangent cone, and the one with the weights of the linear program
DIRECT_SHARE = Fraction(1, 20)  # bounds without a search
OTHER_SHARE = Fraction(1, 10)  # the same loss as one function
NEARBY_SHARE = 20  # each germ nearby gets this part of the time
LARGEST_NEARBY = 200  # terms


def prove_root(root: Stratum, seconds: float, summands: Sequence[Polynomial] = ()) -> Iterator[Node]:
    """The best bracket found by a search of so many seconds; then shorter proofs, down to one of a single step.

    ``summands`` are the terms of a single generator as they were typed.
    """
    with remembered(), time_limit(seconds):
        reduced = _row_reduced(root)
        start = root if reduced is None else reduced.child
        arguments: list[Node] = []
        with contextlib.suppress(OutOfTime):
            for node in _arguments(start, seconds, summands):
                arguments.append(node)
                if max(a.bracket.lower for a in arguments) >= min(a.bracket.upper for a in arguments):
                    break
    for node in _shorter_and_shorter(start, arguments):
        yield node if reduced is None else reduced.close([node])


def _row_reduced(root: Stratum) -> Proposal | None:
    """Generators with the same span, if they are at most half as long."""
    with contextlib.suppress(OutOfTime):
        reduced = span(root)
        if reduced is not None and 2 * size(reduced.child)[0] <= size(root)[0]:
            return reduced
    return None


def _shorter_and_shorter(root: Stratum, arguments: Sequence[Node]) -> Iterator[Node]:
    """The best of these arguments; then of those that are at most half as long, and so on."""
    hasty = hasty_leaf(root)
    while arguments:  # some bound the loss from one side alone
        best = best_of([*arguments, hasty])
        yield best
        shorter = [node for node in arguments if 2 * _length(node) <= _length(best)]
        arguments = shorter if len(shorter) < len(arguments) else ()
    yield hasty


def _length(node: Node) -> int:
    """How many nodes there are, those at several places once."""
    seen, left = set[int](), [node]
    while left:
        one = left.pop()
        if id(one) not in seen:
            seen.add(id(one))
            left += one.children
    return len(seen)


def _arguments(root: Stratum, seconds: float, summands: Sequence[Polynomial]) -> Iterator[Node]:
    """One after the other, until one is exact or the time is over."""
    yield order_leaf(root)
    smooth = _smooth(root)
    if smooth is not None:
        yield smooth
    charts, blowups, found = Search(), Search(blowups=True), list[Node]()
    first = charts if len(root.generators) == 1 else blowups
    for search in (replace(first, flows=False), first):  # to look for flows takes longer than most germs
        with effort(min(FIRST_SHARE * seconds, FIRST_SECONDS)):
            found.append(_as_typed(search, root, summands))
        yield found[-1]
    with contextlib.suppress(OutOfTime), effort(CONE_SHARE * seconds):
        yield from cones(root, [1] * root.size, Search().prove)
    with effort(DIRECT_SHARE * seconds):
        direct = bounded(root)
    yield direct
    for node in _searches(charts, blowups, root, seconds, summands):
        found.append(node)
        yield node
    with contextlib.suppress(OutOfTime), effort(CONE_SHARE * seconds):
        yield from _weighted_cone(root)
    upper = min(node.bracket.upper for node in (*found, direct, *([smooth] if smooth is not None else [])))
    yield from _nearby(root, upper, seconds / NEARBY_SHARE)
    yield charts.prove(root)


def _weighted_cone(root: Stratum) -> Iterator[Node]:
    """The cone with the weights of the linear program, if it is another one."""
    weights = preferred_weights(root)
    own = [weights[j] for j in root.active]
    if len(set(own)) > 1 and min(own) > 0 and max(own) <= LARGEST_WEIGHT:
        yield from cones(root, weights, Search().prove)


def _as_typed(search: Search, root: Stratum, summands: Sequence[Polynomial]) -> Node:
    """The germ as it was given: by its squares, if it is typed as a sum of them."""
    squares = None
    with contextlib.suppress(OutOfTime):
        squares = as_squares(root, summands) if is_typed_as_squares(summands) else None
    return search.prove(root) if squares is None else squares.close([search.prove(squares.child)])


def _searches(charts: Search, blowups: Search, root: Stratum, seconds: float,
              summands: Sequence[Polynomial]) -> Iterator[Node]:
    """The loss as generators, those given or its squares, and as one function: what is decided depends on the germ."""
    single = len(root.generators) == 1
    if not single:
        yield from _of_ideal(charts, blowups, root, seconds)
    with effort((SQUARES_SHARE if single else OTHER_SHARE) * seconds):
        other = _otherwise(root, summands)
        smooth = None if other is None else _smooth(other.child)
    if other is None:
        if single:  # nothing else can be tried, and charts are the better plan
            blowups = yield from _turned(blowups, root, seconds)
            yield _limited(blowups, root, BLOWUP_SHARE * seconds)
            yield charts.prove(root)
        return
    if smooth is not None:
        yield other.close([smooth])
    yield other.close([bounded(other.child)])
    if single:
        for node in _of_ideal(charts, blowups, other.child, seconds):
            yield other.close([node])
    else:
        yield other.close([_limited(charts, other.child, OTHER_SHARE * seconds)])
    yield _limited(charts, root, OTHER_SHARE * seconds)


def _of_ideal(charts: Search, blowups: Search, s: Stratum, seconds: float) -> Iterator[Node]:
    blowups = yield from _turned(blowups, s, seconds)
    yield _limited(blowups, s, IDEAL_SHARE * seconds)
    yield _limited(charts, s, CHARTS_SHARE * seconds)


def _turned(blowups: Search, s: Stratum, seconds: float) -> Generator[Node, None, Search]:
    """With rotations divided out, if there may be any; the search that goes on after it with blow-ups."""
    if len(s.generators) == 1 and rotation(s, rotating_fields(s)) is None:
        return blowups
    turning = Search(blowups=True, rotations=True)
    with effort(TURNED_SHARE * seconds):
        turned, ended = turning.prove(s), not expired()
    yield turned
    if turning.turned and ended:  # it has no more to try
        yield _limited(Search(blowups=True, rotations=True, divisions=True), s, TURNED_SHARE * seconds)
    return blowups if turning.turned else turning  # without a rotation it has begun the same search


def _limited(search: Search, s: Stratum, seconds: float) -> Node:
    with effort(seconds):
        return search.prove(s)


def _otherwise(root: Stratum, summands: Sequence[Polynomial]) -> Proposal | None:
    """One function as the squares that it is a sum of, several generators as one function."""
    try:
        return as_squares(root, summands) or as_total(root)
    except OutOfTime:
        return None


def _smooth(root: Stratum) -> Node | None:
    """The Jacobian, with symmetries if there are more generators than its rank; None also if there is no time."""
    try:
        plain = propose(root, "rank", fields=[])
        if plain is not None and not plain.close([]).bracket.exact:
            plain = propose(root, "rank", fields=symmetries(root)) or plain
    except OutOfTime:
        return None
    return None if plain is None else plain.close([])


def _nearby(root: Stratum, upper: End, seconds: float) -> Iterator[Node]:
    """Germs at zeros nearby with a smaller ``(lambda, m)``."""
    if sum(len(g) for g in root.generators) > LARGEST_NEARBY:
        return
    for proposal in nearby_germs(root):
        with effort(seconds):
            node = proposal.close([Search().prove(proposal.child)])
        if node.bracket.upper < upper:
            yield node
            upper = node.bracket.upper
