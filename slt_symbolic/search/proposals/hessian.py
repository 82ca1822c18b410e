"""Derivatives of one generator that have no common zero with it: which ones a lower bound needs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

from slt_symbolic.check.algebra.ring import Polynomial, terms
from slt_symbolic.check.algebra.signs import determinant
from slt_symbolic.check.steps.hessian import MOST_DERIVATIVES, fold, plane
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.cofactors import cofactors
from slt_symbolic.search.proofs.optimum import monomial_proof
from slt_symbolic.search.tree import Proposal, poll, propose

MOST_VARIABLES = 5
LARGEST = 60  # terms of the generator on the stratum
LARGEST_DERIVATIVE = 400
HIGHEST_FOLD, HIGHEST_PLANAR_FOLD = 4, MOST_DERIVATIVES

Derivative = tuple[str, Any, Polynomial]  # under which name of the data, how it is named there, the polynomial


def hessian(s: Stratum) -> Proposal | None:
    """The step with the best bound that is found; None if there is none."""
    if len(s.generators) != 1:
        return None
    g = plane(s)
    plain = sorted(j for j in s.support(g) if not s.orders[j] and not s.jacobian[j])
    if not 2 <= len(plain) <= MOST_VARIABLES or len(s.on_stratum(g)) > LARGEST:
        return None
    if not s.free:  # derivatives at a point see the terms up to their order
        g = s.ring.from_dict({e: c for e, c in terms(g).items() if sum(e) <= MOST_DERIVATIVES})
    gradient: list[Derivative] = [("gradient", s.names[j], g.derivative(j)) for j in plain]
    for more in _choices(s, g, plain):
        poll()
        found = _proposal(s, [*gradient, *more])
        if found is not None:
            return found
    return None


def _choices(s: Stratum, g: Polynomial, plain: list[int]) -> Iterator[list[Derivative]]:
    """What may be added to the gradient, the best bounds first."""
    if len(plain) > 2:
        yield list(_minors(s, g, plain, 3))
    minors = list(_minors(s, g, plain, 2))
    yield minors
    for k in range(3, (HIGHEST_PLANAR_FOLD if len(plain) == 2 else HIGHEST_FOLD) + 1):
        yield minors + list(_folds(s, g, plain, k))


def _minors(s: Stratum, g: Polynomial, plain: list[int], size: int) -> Iterator[Derivative]:
    """The principal ones: of a symmetric matrix of this rank one is not 0."""
    for chosen in combinations(plain, size):
        names = [s.names[j] for j in chosen]
        yield "minors", [names, names], determinant([[g.derivative(a).derivative(b) for b in chosen] for a in chosen])


def _folds(s: Stratum, g: Polynomial, plain: list[int], k: int) -> Iterator[Derivative]:
    for a, i in permutations(plain, 2):
        poll()
        yield "folds", [s.names[a], s.names[i], k], fold(g, a, i, k)


def _proposal(s: Stratum, derivatives: list[Derivative]) -> Proposal | None:
    """The step with those of the derivatives that a Nullstellensatz needs."""
    values = [(kind, label, s.on_stratum(p)) for kind, label, p in derivatives]
    kept = [(kind, label, p) for kind, label, p in values if not p.is_zero() and len(p) <= LARGEST_DERIVATIVE]
    proof = cofactors([s.on_stratum(s.generators[0]), *(p for *_, p in kept)], s.units, s.constants)
    if proof is None:
        return None
    used = sorted({i for i, _ in proof["cofactors"] if i})
    numbers = {0: 0, **{i: place for place, i in enumerate(used, 1)}}
    chosen = [kept[i - 1] for i in used]
    return propose(s, "hessian", **{kind: [label for other, label, _ in chosen if other == kind]
                                    for kind in ("gradient", "minors", "folds")},
                   empty={**proof, "cofactors": [[numbers[i], text] for i, text in proof["cofactors"]]},
                   optimum=monomial_proof(s))
