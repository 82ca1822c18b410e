"""Separate variables.

Theorem. Let every generator and every unit involve the variables of one group only.
*Sum* (no exceptional orders): ``K = sum_s K_s``, so ``lambda = sum_s lambda_s``, ``m = 1 + sum_s (m_s - 1)``.
*Product*: if the generators span the products ``f_1 ... f_q`` with ``f_s`` from the s-th list, then
``K = prod_s K_s`` up to comparison, each variable with an order and in no group being a factor ``x_j^{2 k_j}`` of its
own: ``lambda = min_s lambda_s``, ``m`` the sum over those that attain it.
The points of the stratum are the product of those of the groups, so that the least pairs combine alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product as choices

from slt_symbolic.check.pairs import Bracket, Pair, product_of, sum_of
from slt_symbolic.check.ring import Polynomial
from slt_symbolic.check.step import Combine, Data, fields, polynomial, position, require
from slt_symbolic.check.steps.ideal import equal_spans
from slt_symbolic.check.stratum import Stratum


def separate_sum(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``groups``, lists of variables; together they hold all variables of generators and units."""
    (names,) = fields(data, "groups")
    groups = [frozenset(position(s, name) for name in group) for group in names]
    require(not any(s.orders), "there are exceptional orders")
    _require_separate(s, groups, s.generators)
    strata = [_part(s, group, [g for g in s.generators if s.support(g) <= group]) for group in groups]

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(sum_of(b.lower for b in brackets), sum_of(b.upper for b in brackets))

    _require_separate(s, groups, s.units)
    return strata, combine


def product(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``factors``, lists of polynomials, in separate variables."""
    (texts,) = fields(data, "factors")
    require(bool(s.generators), "the loss is identically zero, so that its multiplicity is 1 by convention")
    factors = [[polynomial(s, text) for text in group] for group in texts]
    groups = [frozenset().union(*(s.support(f) for f in group)) for group in factors]
    used = frozenset().union(*groups)
    require(sum(len(group) for group in groups) == len(used), "the factors share variables")
    # Units in other variables only join the first group: they restrict nothing that matters.
    rest = frozenset(range(s.size)).difference(used, s.constants)
    joined = [groups[0] | frozenset(j for j in rest if s.orders[j] == 0), *groups[1:]]
    _require_separate(s, joined, s.units)
    require(not s.is_empty, "there are no points")
    products = []
    for chosen in choices(*factors):
        total = s.ring.constant(1)
        for f in chosen:
            total *= f
        products.append(total)
    require(equal_spans(s.generators, products), "the generators do not span the products")
    alone = [Pair(Fraction(s.jacobian[j] + 1, 2 * s.orders[j]), 1) for j in sorted(rest) if s.orders[j]]
    strata = [_part(s, group, f, keep_orders=True) for group, f in zip(joined, factors, strict=True)]

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(product_of([*alone, *(b.lower for b in brackets)]),
                       product_of([*alone, *(b.upper for b in brackets)]))

    return strata, combine


def _require_separate(s: Stratum, groups: Sequence[frozenset[int]], polynomials: Sequence[Polynomial]) -> None:
    require(sum(len(g) for g in groups) == len(frozenset().union(*groups)), "the groups overlap")
    for p in polynomials:
        require(any(s.support(p) <= group for group in groups), f"{p} does not belong to one group")


def _part(s: Stratum, group: frozenset[int], generators: Sequence[Polynomial], keep_orders: bool = False) -> Stratum:
    """The loss of one group of variables; the others are flat in it."""
    def own(values: Sequence[int]) -> list[int]:
        return [value if j in group else 0 for j, value in enumerate(values)]

    units = [u for u in s.units if s.support(u) <= group]
    orders = own(s.orders) if keep_orders else [0] * s.size
    return s.derive(generators, s.near, orders, own(s.jacobian), units)
