"""The search for a tree. Untrusted: whatever it finds, the checker's step functions have accepted.

At a stratum, in this order: sums of powers; vector fields, at the root; clean; take apart; products of linear forms;
eliminate; scalar products of rows; vector fields; make factors coordinates; the Newton step if all faces have an
argument; replace definite factors; contract; make coordinates of what may vanish at free variables and split there;
change coordinates along degenerate forms; charts for open faces; a weighted blow-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flint import fmpq, fmpq_mat

from slt_symbolic.check.algebra.ring import Polynomial, coefficients_in, terms
from slt_symbolic.check.bracket import INFINITE, End
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search import separation
from slt_symbolic.search import simplify as tidy
from slt_symbolic.search.decomposition import decomposition
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proofs.nonvanishing import nonzero_proof
from slt_symbolic.search.proofs.optimum import flattest_weights, monomial_proof, polyhedron_bound, preferred_weights
from slt_symbolic.search.proposals.bounds import best_of, bounded, hasty_leaf, leaf, order_leaf
from slt_symbolic.search.proposals.canonical_form import canonical
from slt_symbolic.search.proposals.cones import cones
from slt_symbolic.search.proposals.divisions import dividing_blowup
from slt_symbolic.search.proposals.faces import Analysis, analyse, definite
from slt_symbolic.search.proposals.flows import flow
from slt_symbolic.search.proposals.hessian import hessian
from slt_symbolic.search.proposals.linear_forms import linear_forms
from slt_symbolic.search.proposals.orthogonal_rows import orthogonal_rows
from slt_symbolic.search.proposals.rotations import rotating_fields, rotation
from slt_symbolic.search.proposals.singular_values import singular_values
from slt_symbolic.search.proposals.smooth_zeros import implicit_coordinate, smooth_zeros
from slt_symbolic.search.proposals.squares import begun_bases
from slt_symbolic.search.proposals.sums_of_powers import sums_of_powers
from slt_symbolic.search.proposals.vector_fields import kernel
from slt_symbolic.search.tree import Node, OutOfTime, Proposal, closed, effort, expired, poll, propose

DEEPEST = 40
LARGEST_DEGREE = 8  # of an algebraic constant
ROOT_DEGREES = (1, 2, 3, 4)  # of vector fields that are looked for at the root
FEW, SMALL = 5, 60  # variables and terms of a stratum where those of degree 2 are looked for
LARGEST_WEIGHT = 12  # of a blow-up that is tried with one argument a chart
SECONDS_FOR_M = 2  # where lambda is decided
SIMPLE_ZEROS = End(Fraction(1, 2), 2)  # what one generator may have where it changes its sign, or less
MOST_OPEN = 2  # faces without an argument, where blow-ups are preferred to charts
MOST_REMEMBERED = 1000  # terms of a stratum that may occur again: its canonical text takes longer than its steps
MOST_CRITICAL_VARIABLES = 4  # of a polynomial whose discriminants are taken


@dataclass
class Search:
    """One search, and what it has proved, by canonical text.

    ``blowups``: preferred to charts for several faces; ``rotations``: divided out; ``turned``: there was one;
    ``flows``: vector fields at the root; ``divisions``: blow-ups of two coordinates where polyhedra are too large.
    """

    proved: dict[str, tuple[Node, tuple[int, ...]]] = field(default_factory=dict)
    blowups: bool = False
    rotations: bool = False
    flows: bool = True
    divisions: bool = False
    turned: bool = False

    def prove(self, s: Stratum, depth: int = 0, target: End | None = None) -> Node:
        """A node for the stratum, as good as the search can make it.

        ``target``: an end that is attained elsewhere; a lower bound that reaches it is enough.
        """
        if s.is_empty:
            return leaf(s, "empty")
        if not s.generators:
            return leaf(s, "zero")
        if expired() or depth > DEEPEST:
            return hasty_leaf(s)
        try:
            if tidy.size(s)[0] > MOST_REMEMBERED:
                return self._prove(s, depth, target)
            text, order = canonical(s)
            known = self._known(s, text, order, target)
            if known is not None:
                return known
            found = self._prove(s, depth, target)
        except OutOfTime:
            return hasty_leaf(s)
        if found.children and (found.bracket.exact or text not in self.proved):
            self.proved[text] = (found, order)
        return found

    def _known(self, s: Stratum, text: str, order: tuple[int, ...], target: End | None) -> Node | None:
        """A reference to a stratum that was the same up to names."""
        if text not in self.proved:
            return None
        node, other = self.proved[text]
        if not node.bracket.exact and (target is None or node.bracket.lower < target):
            return None
        names = s.ring.names()
        renaming = {names[i]: names[j] for i, j in zip(other, order, strict=True)}
        return Node(s, "lemma", {"of": node, "renaming": renaming}, (), node.bracket)

    def _prove(self, s: Stratum, depth: int, target: End | None) -> Node:
        proposal = sums_of_powers(s)
        if proposal is not None:
            return proposal.close([])
        if tidy.size(s)[0] > MOST_REMEMBERED:
            node = self._of_large(s, depth)
            if node is not None:
                return node
        at_once = self.flows and depth == 0 and linear_forms(s) is None  # eliminations hide linear symmetries
        path = _flows(s) if at_once else []
        if path:
            return self._along(path, depth, target)
        redundant = tidy.redundancy(s) if depth == 0 else None
        path = tidy.cleaned(s) if redundant is None else [redundant]
        if depth == 0 and len(s.generators) > 1 and tidy.pooled(tidy.end(s, path)) is None:
            path += tidy.shortened(tidy.end(s, path))  # with a mean to eliminate most generators go by themselves
        if path:
            return self._along(path, depth, target)
        for step in (separation.separate_sum, linear_forms, separation.power, separation.product):
            proposal = step(s)
            if proposal is not None:
                return self._all(proposal, depth, None)
        mean = tidy.pooled(s)
        if mean is not None:
            return closed(mean[0], self._all(mean[1], depth, None))
        for step in (tidy.elimination, separation.block, decomposition):
            proposal = step(s)
            if proposal is not None:
                return self._all(proposal, depth, None)
        proposal = orthogonal_rows(s)
        if proposal is not None:
            node = proposal.close([])
            return node if _is_enough(node, target) else best_of([node, self._onwards(s, depth, target)])
        return self._onwards(s, depth, target)

    def _of_large(self, s: Stratum, depth: int) -> Node | None:
        """What decides a stratum of many terms before it is cleaned, which may take all of the time."""
        mean = tidy.pooled(s)
        if mean is not None:
            return closed(mean[0], self._all(mean[1], depth, None))
        proposal = orthogonal_rows(s)
        node = None if proposal is None else proposal.close([])
        return node if node is not None and node.bracket.exact else None

    def _onwards(self, s: Stratum, depth: int, target: End | None) -> Node:
        proposal = flow(s) or (flow(s, 2) if len(s.active) <= FEW and tidy.size(s)[0] <= SMALL else None)
        if proposal is not None:
            return self._all(proposal, depth, target)
        rotating = rotating_fields(s) if self.rotations and not s.free else ([], [])
        proposal = singular_values(s, rotating) or rotation(s, rotating)
        if proposal is not None:
            self.turned = True
            return self._all(proposal, depth, target)
        path = implicit_coordinate(s) or _definite_quadric(s) or tidy.absorption(s)
        if path:
            return self._along(path, depth, target)
        proposal = separation.contraction(s)
        if proposal is not None:
            return self._all(proposal, depth, target)
        if target is not None:
            node = self._prune(s, target)
            if node is not None:
                return node
        return self._by_faces(s, depth, target)

    def _by_faces(self, s: Stratum, depth: int, target: End | None) -> Node:
        analysis = analyse(s, MOST_OPEN) if self.blowups else analyse(s)
        found: list[Node] = []  # of these bounds the best are kept
        for node in self._without_charts(s, analysis, depth, target):
            if _is_enough(node, target):
                return node
            found.append(node)
        node = self._by_charts(s, analysis, depth, target)
        return node if node.bracket.exact else best_of([*found, node])

    def _without_charts(self, s: Stratum, analysis: Analysis | None, depth: int, target: End | None) -> Iterator[Node]:
        proposal = None if analysis is None else analysis.proposal(s, None)
        if proposal is not None:
            yield proposal.close([])
        proposal = smooth_zeros(s) if any(s.orders) or s.free else None
        if proposal is not None:
            yield self._all(proposal, depth, target)
        proposal = hessian(s)
        if proposal is not None:
            yield proposal.close([])

    def _by_charts(self, s: Stratum, analysis: Analysis | None, depth: int, target: End | None) -> Node:
        path = _definite(s)
        if path:
            return self._along(path, depth, target)
        path, proposal = _free_factor(s, analysis)
        if proposal is not None:
            return closed(path, self._all(proposal, depth, target))
        if analysis is not None:
            path = _straightened(s, analysis)
            if path:
                cone = self._weighted_cone(s)
                if cone is not None and cone.bracket.exact:
                    return cone
                if cone is None:
                    return self._along(path, depth, target)
                with effort(SECONDS_FOR_M):
                    return best_of([cone, self._along(path, depth, target)])
            bound = polyhedron_bound(s)
            goal = bound if target is None else min(bound, target)
            if self.blowups and len(analysis.charted(goal)) >= MOST_OPEN:
                proposal = _preferred_blowup(s)
                if proposal is not None:
                    return self._all(proposal, depth, target)
            proposal = analysis.proposal(s, goal)
            if proposal is not None:
                return self._all(proposal, depth, target)
        proposal = dividing_blowup(s) if self.divisions and analysis is None else None
        if proposal is not None:  # not along the linear program, whose bound the charts do not have
            node = self._all(proposal, depth, target)
            return node if node.bracket.exact else best_of([node, order_leaf(s)])
        proposal = _preferred_blowup(s)
        if proposal is not None:
            return self._all(proposal, depth, target)
        return bounded(s)

    def _weighted_cone(self, s: Stratum) -> Node | None:
        """The weighted tangent cone, if that decides lambda: coordinates might be made straight for ever."""
        weights = preferred_weights(s)
        if len(s.generators) > 1 or not all(0 < weights[j] <= LARGEST_WEIGHT for j in s.active):
            return None
        best = None
        for node in cones(s, weights, Search().prove):
            found = node if node.bracket.lower < SIMPLE_ZEROS else best_of([node, bounded(s)])
            if found.bracket.lower.value != found.bracket.upper.value:
                break  # germs at singular points may take long: here they are for the multiplicity
            best = found
        return best

    def _along(self, path: list[Proposal], depth: int, target: End | None) -> Node:
        return closed(path, self.prove(path[-1].child, depth + 1, target))

    def _all(self, proposal: Proposal, depth: int, target: End | None) -> Node:
        children: list[Node] = []
        covering = proposal.step in ("split", "algebraic", "blowup", "newton")
        goal = target or INFINITE
        if proposal.step in ("blowup", "newton"):
            goal = min(goal, polyhedron_bound(proposal.stratum))
        for s in proposal.strata:
            if covering:
                children.append(self.prove(s, depth + 1, None if goal == INFINITE else goal))
                goal = min(goal, children[-1].bracket.upper)
            else:
                passed = len(proposal.strata) == 1 and proposal.step in ("change", "contract", "flow", "rotate")
                children.append(self.prove(s, depth + 1, target if passed else None))
        node = proposal.close(children)
        # Children that ran out of time may be worth nothing.
        return best_of([hasty_leaf(proposal.stratum), node]) if expired() and not node.bracket.exact else node

    def _prune(self, s: Stratum, target: End) -> Node | None:
        """The generators that are monomials may be enough."""
        keep = [i for i, g in enumerate(s.generators) if len(g) == 1]
        if not keep or len(keep) == len(s.generators):
            return None
        proposal = propose(s, "subset", keep=keep)
        if proposal is None:
            return None
        inner = propose(proposal.child, "newton", optimum=monomial_proof(proposal.child), faces=[])
        if inner is None:
            return None
        node = proposal.close([inner.close([])])
        return node if node.bracket.lower >= target else None


def _is_enough(node: Node, target: End | None) -> bool:
    """Is it decided, or not below what is attained elsewhere?"""
    return node.bracket.exact or (target is not None and node.bracket.lower >= target)


def _flows(s: Stratum) -> list[Proposal]:
    """Fields of the least degree that lead anywhere, and then those of what is left."""
    path: list[Proposal] = []
    while True:
        here = tidy.end(s, path)
        found = next((p for degree in ROOT_DEGREES if (p := flow(here, degree)) is not None), None)
        if found is None:
            return path
        path.append(found)


def _definite_quadric(s: Stratum) -> list[Proposal]:
    """One generator of several that its quadratic part makes comparable to a sum of squares of variables."""
    for i, g in enumerate(s.generators if len(s.generators) > 1 else ()):
        table = terms(g)
        squared = sorted({j for e in table for j in s.near if e[j] == 2 == sum(e)})
        if len(squared) > 1 and all(sum(e[j] for j in squared) > 1 for e in table) and _is_definite(g, squared):
            proposal = definite(s, i, g)
            if proposal is not None:
                return [proposal]
    return []


def _is_definite(g: Polynomial, variables: Sequence[int]) -> bool:
    """Is the quadratic part at 0 in these variables definite? By its leading minors."""
    origin = [0] * len(g.degrees())
    hessian = [[g.derivative(j).derivative(k)(*origin) for k in variables] for j in variables]
    minors = [fmpq_mat([[a / hessian[0][0] for a in row[:n]] for row in hessian[:n]]).det()
              for n in range(1, len(variables) + 1)]
    return all(minor > 0 for minor in minors)


def _definite(s: Stratum) -> list[Proposal]:
    """A factor with several terms that is definite; not if a shorter combination of what follows is what was there."""
    for i, g in enumerate(s.generators):
        for f, _ in factors(g):
            if len(f) > 1 and s.support(f) & s.near:
                proposal = definite(s, i, f)
                if proposal is not None and g not in tidy.end(proposal.child, tidy.cleaned(proposal.child)).generators:
                    return [proposal]
    return []


def _free_factor(s: Stratum, analysis: Analysis | None) -> tuple[list[Proposal], Proposal | None]:
    """Something in free variables that may vanish: a split on it, after the change that makes it a coordinate."""
    suspects: list[Polynomial] = []
    values = [s.on_stratum(g) for g in s.generators]
    if any(not v.is_zero() for v in values):
        suspects += [v for v in values if not v.is_zero()]
    if analysis is not None:
        for form in analysis.vanishing:
            suspects.append(form)
    for suspect in sorted(suspects, key=lambda p: len(p)):
        for f, _ in sorted(factors(suspect), key=lambda item: (len(item[0]), str(item[0]))):
            if s.support(f) & s.near or nonzero_proof(f, s.units, s.constants) is not None:
                continue
            found = _split_on(s, f)
            if found is not None:
                return found
    return [], None


def _split_on(s: Stratum, f: Polynomial) -> tuple[list[Proposal], Proposal] | None:
    """A split along ``f = 0``, or along something simpler that stands in the way."""
    names = s.ring.names()
    if len(f) == 1:
        for j in sorted(s.support(f) - s.nonzero):
            split = propose(s, "split", variable=names[j])
            if split is not None:
                return [], split
        return None
    for proposal in tidy.coordinates(s, f):
        split = propose(proposal.child, "split", variable=proposal.data["variable"])
        if split is not None:
            return [proposal], split
    for j in sorted(s.support(f)):
        if f.degrees()[j] == 1:
            for a, _ in factors(coefficients_in(f, [j])[(1,)]):
                if not s.support(a) & s.near and nonzero_proof(a, s.units, s.constants) is None:
                    found = _split_on(s, a)
                    if found is not None:
                        return found
    return _split_at_critical_value(s, f)


def _split_at_critical_value(s: Stratum, f: Polynomial) -> tuple[list[Proposal], Proposal] | None:
    """A split where a fibre of ``f = 0`` over one variable degenerates: at rational roots of a discriminant."""
    variables = sorted(s.support(f))
    if len(variables) == 1:
        return _split_at_roots(s, f, variables[0])
    if len(variables) > MOST_CRITICAL_VARIABLES:
        return None
    for base in variables:
        for fibre in variables:
            if base == fibre:
                continue
            poll()
            for root, _ in factors(f.discriminant(fibre)):
                linear = s.support(root) == {base} and root.degrees()[base] == 1
                if linear and nonzero_proof(root, s.units, s.constants) is None:
                    return _split_on(s, root)
    return None


def _split_at_roots(s: Stratum, f: Polynomial, j: int) -> tuple[list[Proposal], Proposal] | None:
    """A split at irrational roots: a constant for them, if there is none yet."""
    names = s.ring.names()
    if s.constants or f.degrees()[j] > LARGEST_DEGREE:
        return None
    for c in sorted(s.flat, reverse=True):
        split = propose(s, "algebraic", variable=names[j], polynomial=str(f), constant=names[c])
        if split is not None:
            return [], split
    return None


def _straightened(s: Stratum, analysis: Analysis) -> list[Proposal]:
    """Changes of coordinates along a degenerate form that lower the value of the linear program."""
    before = polyhedron_bound(s)
    for changes in _changes_along(s, analysis):
        path = [*changes, *tidy.cleaned(changes[-1].child)]
        if polyhedron_bound(tidy.end(s, path)) < before:
            return path
    return _completed_square(s)


def _changes_along(s: Stratum, analysis: Analysis) -> Iterator[list[Proposal]]:
    """What a single generator begins with as a square, then factors of degenerate forms, as coordinates."""
    for base in begun_bases(s.generators[0]) if len(s.generators) == 1 else ():
        yield from ([proposal] for proposal in tidy.coordinates(s, base))
    tried: set[str] = set()
    for _, forms in analysis.open:
        for form in forms:
            for f, _ in factors(form):
                if len(f) < 2 or str(f) in tried:
                    continue
                tried.add(str(f))
                yield from (*([proposal] for proposal in tidy.coordinates(s, f)), *_fewer_variables(s, f))


def _fewer_variables(s: Stratum, f: Polynomial) -> Iterator[list[Proposal]]:
    """Linear changes after which ``f`` does not involve a variable: a direction along which it is constant."""
    variables = sorted(s.support(f) & s.near)
    gradients = [terms(f.derivative(j)) for j in variables]
    exponents = sorted({e for table in gradients for e in table})
    for direction in kernel([[table.get(e, fmpq(0)) for table in gradients] for e in exponents], len(variables)):
        pivot = next(place for place, a in enumerate(direction) if a)
        changes: list[Proposal] = []
        for place, j in enumerate(variables):
            if place != pivot and direction[place]:
                ratio = direction[place] / direction[pivot]
                shift = f"-({ratio})*{s.ring.names()[variables[pivot]]}"
                stratum = tidy.end(s, changes)
                proposal = propose(stratum, "change", variable=s.ring.names()[j], unit="1", shift=shift, nonzero="even")
                if proposal is None:
                    break
                changes.append(proposal)
        else:
            if changes:
                yield changes


def _completed_square(s: Stratum) -> list[Proposal]:
    """A generator ``c x^2 + ...`` with a unit c, centred at its derivative."""
    if len(s.generators) != 1:
        return []
    (g,) = s.generators
    for j, degree in enumerate(g.degrees()):
        if degree == 2 and not s.on_stratum(coefficients_in(g, [j])[(2,)]).is_zero():
            for proposal in tidy.coordinates(s, g.derivative(j)):
                path = [proposal, *tidy.cleaned(proposal.child)]
                end = tidy.end(s, path)
                if tidy.squares(end) > tidy.squares(s) and polyhedron_bound(end) <= polyhedron_bound(s):
                    return path
    return []


def _preferred_blowup(s: Stratum) -> Proposal | None:
    weights = flattest_weights(s)
    names = s.ring.names()
    chosen = [(bool(not (s.orders[j] or s.jacobian[j])), j) for j, w in enumerate(weights) if w]
    if len(chosen) < 2:
        return None
    return propose(s, "blowup", weights=[[names[j], weights[j]] for _, j in sorted(chosen)])
