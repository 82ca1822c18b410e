"""The tree for a root: the search, and whatever else bounds the germ if that does not decide."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial

from slt_symbolic.check.algebra.ring import Polynomial, substitute
from slt_symbolic.check.bracket import End
from slt_symbolic.check.steps.common import polynomial
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.centres import centred
from slt_symbolic.search.proofs.nonvanishing import remembered
from slt_symbolic.search.proofs.optimum import preferred_weights
from slt_symbolic.search.proposals.bounds import best_of, bounded, hasty_leaf, order_leaf
from slt_symbolic.search.proposals.cones import cones
from slt_symbolic.search.proposals.nearby_zeros import nearby_germs
from slt_symbolic.search.proposals.rotations import rotating_fields, rotation
from slt_symbolic.search.proposals.squares import as_squares, as_total, is_typed_as_squares
from slt_symbolic.search.proposals.vector_fields import symmetries
from slt_symbolic.search.search import LARGEST_WEIGHT, Search
from slt_symbolic.search.simplify import end, shortened, size, span
from slt_symbolic.search.tree import Node, OutOfTime, Proposal, closed, effort, expired, propose, time_limit

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
LARGEST_SHORTENED = 1000  # terms of all generators of which multiples are compared


def prove_root(root: Stratum, seconds: float, summands: Sequence[Polynomial] = ()) -> Iterator[Node]:
    """The best bracket found by a search of so many seconds; then shorter proofs, down to one of a single step.

    ``summands`` are the terms of a single generator as they were typed.
    """
    arguments: list[Node] = []
    with remembered(), time_limit(seconds), contextlib.suppress(OutOfTime):
        for node in _arguments(root, seconds, summands):
            arguments.append(node)
            if max(a.bracket.lower for a in arguments) >= min(a.bracket.upper for a in arguments):
                break
    yield from _shorter_and_shorter(root, arguments)


@dataclass(frozen=True)
class _Start:
    """Where searches begin: the steps from the root to there, the terms of a sum there, and what was tried."""

    path: list[Proposal]
    stratum: Stratum
    summands: Sequence[Polynomial]
    charts: Search = field(default_factory=Search)
    blowups: Search = field(default_factory=partial(Search, blowups=True))
    found: list[Node] = field(default_factory=list)


def _arguments(root: Stratum, seconds: float, summands: Sequence[Polynomial]) -> Iterator[Node]:
    """One after the other, until one is exact or the time is over: with few terms, and as it was given."""
    limit = min(FIRST_SHARE * seconds, FIRST_SECONDS)
    paths = [_simplified(root, (_shortened, _row_reduced, centred, _shortened), limit)]
    if any(proposal.step != "span" for proposal in paths[0]):
        paths.append(_simplified(root, (_row_reduced,), limit))
    starts = [_Start(path, end(root, path), _moved(summands, path)) for path in paths]
    for part in (_easy, _longer):
        for start in starts:
            for node in part(start, seconds):
                yield closed(start.path, node)


def _simplified(root: Stratum, steps: Sequence[Callable[[Stratum], list[Proposal]]], seconds: float) -> list[Proposal]:
    """What these steps have undone of other choices of generators and coordinates, in so many seconds."""
    path: list[Proposal] = []
    with contextlib.suppress(OutOfTime), effort(seconds):
        for step in steps:
            path += step(end(root, path))
    return path


def _shortened(s: Stratum) -> list[Proposal]:
    return shortened(s, clean=False) if 1 < len(s.generators) and size(s)[0] <= LARGEST_SHORTENED else []


def _row_reduced(s: Stratum) -> list[Proposal]:
    """Generators with the same span, if they are at most half as long."""
    reduced = span(s)
    return [reduced] if reduced is not None and 2 * size(reduced.child)[0] <= size(s)[0] else []


def _moved(summands: Sequence[Polynomial], changes: Sequence[Proposal]) -> Sequence[Polynomial]:
    """The terms of a single generator in the coordinates that were changed."""
    for proposal in changes if summands else ():
        s, name = proposal.stratum, proposal.data["variable"]
        j = s.names.index(name)
        old = {j: s.variables[j] - polynomial(s, proposal.data["shift"])}
        summands = [substitute(p, old) for p in summands]
    return summands


def _shorter_and_shorter(root: Stratum, arguments: Sequence[Node]) -> Iterator[Node]:
    """The best of these arguments; then of those that are at most half as long, and so on."""
    while arguments:
        best = best_of(arguments)
        if not best.bracket.exact:  # some bound the loss from one side alone
            best = best_of([*arguments, hasty_leaf(root)])
        yield best
        shorter = [node for node in arguments if 2 * _length(node) <= _length(best)]
        arguments = shorter if len(shorter) < len(arguments) else ()
    yield hasty_leaf(root)


def _length(node: Node) -> int:
    """How many nodes there are, those at several places once."""
    seen, left = set[int](), [node]
    while left:
        one = left.pop()
        if id(one) not in seen:
            seen.add(id(one))
            left += one.children
    return len(seen)


def _easy(start: _Start, seconds: float) -> Iterator[Node]:
    root, limit = start.stratum, min(FIRST_SHARE * seconds, FIRST_SECONDS)
    smooth = _smooth(root)
    if smooth is not None:
        start.found.append(smooth)
        yield smooth
    path = _as_typed(root, start.summands, limit)
    first = start.charts if len(end(root, path).generators) == 1 else start.blowups
    for search in (replace(first, flows=False), first):  # to look for flows takes longer than most germs
        with effort(limit):
            start.found.append(closed(path, search.prove(end(root, path))))
        yield start.found[-1]


def _longer(start: _Start, seconds: float) -> Iterator[Node]:
    root = start.stratum
    yield order_leaf(root)
    with contextlib.suppress(OutOfTime), effort(CONE_SHARE * seconds):
        yield from cones(root, [1] * root.size, Search().prove)
    with effort(DIRECT_SHARE * seconds):
        start.found.append(bounded(root))
    yield start.found[-1]
    for node in _searches(start.charts, start.blowups, root, seconds, start.summands):
        start.found.append(node)
        yield node
    with contextlib.suppress(OutOfTime), effort(CONE_SHARE * seconds):
        yield from _weighted_cone(root)
    yield from _nearby(root, min(node.bracket.upper for node in start.found), seconds / NEARBY_SHARE)
    yield start.charts.prove(root)


def _weighted_cone(root: Stratum) -> Iterator[Node]:
    """The cone with the weights of the linear program, if it is another one."""
    weights = preferred_weights(root)
    own = [weights[j] for j in root.active]
    if len(set(own)) > 1 and min(own) > 0 and max(own) <= LARGEST_WEIGHT:
        yield from cones(root, weights, Search().prove)


def _as_typed(root: Stratum, summands: Sequence[Polynomial], seconds: float) -> list[Proposal]:
    """To the squares that a single generator is typed as a sum of, if it is."""
    with contextlib.suppress(OutOfTime), effort(seconds):
        squares = as_squares(root, summands) if is_typed_as_squares(summands) else None
        return [squares] if squares is not None else []
    return []


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
