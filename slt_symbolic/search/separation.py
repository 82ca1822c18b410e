"""Steps that take a stratum apart: separate variables, blocks, contraction."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, prod

from flint import fmpz_mat

from slt_symbolic.check.algebra.ring import Polynomial, coefficients_in, monic, terms
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proofs.newton import feasible_point
from slt_symbolic.search.tree import Proposal, propose


def components(s: Stratum, polynomials: Sequence[Polynomial]) -> list[frozenset[int]]:
    """The finest groups of variables such that each polynomial involves one group only."""
    groups: list[frozenset[int]] = []
    for p in polynomials:
        touched = s.support(p)
        groups = [*(g for g in groups if not g & touched), touched.union(*(g for g in groups if g & touched))]
    return [group for group in groups if group]


def separate_sum(s: Stratum) -> Proposal | None:
    """Generators in separate variables."""
    if any(s.orders):
        return None
    groups = list(components(s, [*s.generators, *s.units]))
    if sum(1 for group in groups if any(s.support(g) <= group for g in s.generators)) < 2:
        return None
    # Units alone restrict nothing: they join the first group.
    used = [group for group in groups if any(s.support(g) <= group for g in s.generators)]
    rest = frozenset().union(*(group for group in groups if group not in used))
    names = s.ring.names()
    listed = [sorted(group | rest if place == 0 else group) for place, group in enumerate(used)]
    return propose(s, "sum", groups=[[names[j] for j in group] for group in listed])


def power(s: Stratum) -> Proposal | None:
    """A single generator that is a power, with orders that are multiples of the exponent."""
    if len(s.generators) != 1:
        return None
    table = factors(s.generators[0])
    exponent = gcd(*(e for _, e in table), *s.orders)
    if exponent < 2 or not table:
        return None
    base = s.ring.constant(1)
    for f, e in table:
        base *= f ** (e // exponent)
    return propose(s, "power", base=str(base), exponent=exponent)


def product(s: Stratum) -> Proposal | None:
    """Generators that are products in separate variables, or orders on variables in no generator."""
    if not s.generators:
        return None
    used = frozenset().union(*(s.support(g) for g in s.generators))
    alone = any(k and j not in used for j, k in enumerate(s.orders))
    split = _product_factors(s)
    if split is None and not alone:
        return None
    lists = split or [list(s.generators)]
    return propose(s, "product", factors=[[str(f) for f in group] for group in lists])


def _product_factors(s: Stratum) -> list[list[Polynomial]] | None:
    """Generators that are all products of something in one group of variables and something in the others."""
    tables = [factors(g) for g in s.generators]
    groups = components(s, [f for table in tables for f, _ in table])
    if len(groups) < 2:
        return None
    for partition in (groups, *([group, frozenset().union(*groups) - group] for group in groups)):
        parts: list[dict[str, Polynomial]] = [{} for _ in partition]
        for table in tables:
            for group, part in zip(partition, parts, strict=True):
                total = s.ring.constant(1)
                for f, power in table:
                    if s.support(f) <= group and (s.support(f) or group is partition[0]):
                        total *= f**power
                part.setdefault(str(monic(total)), monic(total))
        if prod(len(part) for part in parts) == len(s.generators):
            return [list(part.values()) for part in parts]
    return None


def block(s: Stratum) -> Proposal | None:
    """Near variables that enter through their radius only."""
    roles: dict[int, set[tuple[str, int]] | None] = {}
    for g in s.generators:
        for j in s.support(g) & s.near:
            parts = coefficients_in(g, [j])
            ((power,),) = parts if len(parts) == 1 else [(0,)]
            if len(parts) != 1 or s.orders[j] or roles.get(j, set()) is None:
                roles[j] = None
            else:
                roles.setdefault(j, set()).add((str(monic(parts[(power,)])), power))  # type: ignore[union-attr]
    classes: dict[tuple[tuple[str, int], ...], list[int]] = {}
    for j, role in sorted(roles.items()):
        if role is not None:
            classes.setdefault(tuple(sorted(role)), []).append(j)
    names = s.ring.names()
    for members in classes.values():
        if len(members) > 1:
            proposal = propose(s, "polar", block=[names[j] for j in members])
            if proposal is not None:
                return proposal
    return None


def contraction(s: Stratum) -> Proposal | None:
    """Weights that scale free variables to 0: as many of them as possible, none that a unit involves."""
    used = frozenset().union(*(s.support(g) for g in s.generators))
    held = frozenset().union(*(s.support(u) for u in s.units))
    variables = sorted(used)
    free = [j for j in variables if j in s.free and j not in held]
    if not free:
        return None
    weights = scaling_weights(s, variables, free, held)
    if weights is None:
        return None
    names = s.ring.names()
    return propose(s, "contract", weights={names[j]: w for j, w in weights.items() if w})


def scaling_weights(s: Stratum, variables: list[int], wanted: list[int],
                    held: frozenset[int]) -> dict[int, int] | None:
    """Integers ``w >= 0`` for which all generators are quasi-homogeneous, 0 on ``held``.

    They are positive on as many of ``wanted`` as possible: for each a weight with ``w_j = 1`` comes from a linear
    program; their sum is the answer.
    """
    rows = []
    for g in s.generators:
        first, *others = terms(g)
        rows += [[a[j] - first[j] for j in variables] for a in others]
    columns = [i for i, j in enumerate(variables) if j not in held]
    total = [0] * len(variables)
    unique = [list(r) for r in {tuple(row) for row in rows} if any(r)]
    if unique:  # a basis of them: there may be thousands
        reduced, _, rank = fmpz_mat(unique).rref()
        if rank == len(variables):
            return None
        unique = [[int(x) for x in row] for row in reduced.tolist()[:rank]]
    for j in wanted:
        place = columns.index(variables.index(j))
        if total[variables.index(j)]:
            continue
        solution = feasible_point([[row[c] for c in columns] for row in unique], len(columns), place)
        if solution is not None:
            for c, value in zip(columns, solution, strict=True):
                total[c] += value
    if not any(total[variables.index(j)] for j in wanted):
        return None
    return {j: total[i] for i, j in enumerate(variables)}
