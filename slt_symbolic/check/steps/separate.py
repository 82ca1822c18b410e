"""Separate variables.

Theorem. Let the loss not be 0, and let every generator and every unit involve the variables of one group only.
*Sum* (no orders): ``K = sum_s K_s``, so ``lambda = sum_s lambda_s``, ``m = 1 + sum_s (m_s - 1)``.
*Product*: if the generators span the products ``f_1 ... f_q`` with ``f_s`` from the s-th list, then
``K = prod_s K_s`` up to comparison, each variable with an order and in no group being a factor ``x_j^{2 k_j}`` of its
own: ``lambda = min_s lambda_s``, ``m`` the sum over those that attain it.
For each choice of the constant's root the points of the stratum are the product of those of the groups, so that the
least of each combine alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product as choices
from math import prod

from slt_symbolic.check.algebra.ring import Polynomial, equal_spans, product_of_powers
from slt_symbolic.check.bracket import Bracket, End, product_of, sum_of
from slt_symbolic.check.budget import charge
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import Outcome, polynomial, position, require_generators, require_no_orders
from slt_symbolic.check.stratum import Derived, Stratum

Groups = Sequence[frozenset[int]]


def separate_sum(s: Stratum, data: Data) -> Outcome:
    """Data: ``groups``, lists of variables; together they hold all variables of generators and units."""
    (names,) = fields(data, "groups")
    listed = [[position(s, name) for name in items(group, None, "a group is a list of names")]
              for group in items(names, None, "groups are a list")]
    groups = [frozenset(group) for group in listed]
    require_generators(s)
    require_no_orders(s)
    require(bool(groups), "needs a group; here there is none")
    require(all(len(group) == len(own) for group, own in zip(groups, listed, strict=True)),
            "needs distinct variables; here a group names one twice")
    require(not any(j in group for group in groups for j in s.constants),
            "needs groups of coordinates; here one holds the constant")
    charge(len(groups) * (s.size + len(s.generators) + len(groups) * len(s.units)))
    _require_disjoint(s, groups)
    owners = [_owner(s, groups, g) for g in s.generators]
    strata = [_part(s, groups, i, [g for g, owner in zip(s.generators, owners, strict=True) if owner == i],
                    [0] * s.size) for i in range(len(groups))]

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(sum_of(b.lower for b in brackets), sum_of(b.upper for b in brackets))

    return strata, combine


def product(s: Stratum, data: Data) -> Outcome:
    """Data: ``factors``, lists of polynomials, in separate variables."""
    (texts,) = fields(data, "factors")
    # The product of two zero losses is 0, whose multiplicity is 1 by convention, and not the sum.
    require_generators(s)
    factors = [[polynomial(s, text) for text in items(group, None, "a list of factors is a list")]
               for group in items(texts, None, "factors are lists")]
    require(bool(factors), "needs a list of factors; here there is none")
    groups = [frozenset().union(*(s.support(f) for f in group)) for group in factors]
    _require_disjoint(s, groups)
    rest = frozenset(range(s.size)).difference(*groups, s.constants)
    # Units in other variables join the first group: they restrict nothing that matters.
    joined = [groups[0] | frozenset(j for j in rest if s.orders[j] == 0), *groups[1:]]
    charge(len(groups) * (s.size + prod(len(group) for group in factors) + len(groups) * len(s.units)))
    products = [product_of_powers(s.ring, ((f, 1) for f in chosen)) for chosen in choices(*factors)]
    require(equal_spans(s.generators, products), "needs generators that span the products; here the spans differ")
    alone = [End(Fraction(s.jacobian[j] + 1, 2 * s.orders[j]), 1) for j in sorted(rest) if s.orders[j]]
    strata = [_part(s, joined, i, listed, [k if j in group else 0 for j, k in enumerate(s.orders)])
              for i, (group, listed) in enumerate(zip(joined, factors, strict=True))]

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(product_of([*alone, *(b.lower for b in brackets)]),
                       product_of([*alone, *(b.upper for b in brackets)]))

    return strata, combine


def _require_disjoint(s: Stratum, groups: Groups) -> None:
    seen: set[int] = set()
    for group in groups:
        require(not seen & group, "needs separate variables; here {} is in two groups",
                ", ".join(s.names[j] for j in sorted(seen & group)))
        seen |= group


def _owner(s: Stratum, groups: Groups, p: Polynomial) -> int:
    """The group that a polynomial belongs to; without coordinates it is the first."""
    found = next((i for i, group in enumerate(groups) if s.support(p) <= group), None)
    require(found is not None, "needs polynomials in one group of variables; here {} is not", p)
    return int(found or 0)


def _part(s: Stratum, groups: Groups, i: int, generators: Sequence[Polynomial], orders: Sequence[int]) -> Derived:
    """The loss of one group of variables; the others are flat in it."""
    jacobian = [h if j in groups[i] else 0 for j, h in enumerate(s.jacobian)]
    units = [u for u in s.units if _owner(s, groups, u) == i]
    return s.derive(generators, s.near, orders, jacobian, units)
