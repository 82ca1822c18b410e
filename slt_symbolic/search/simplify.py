"""Steps that make a stratum simpler by a fixed measure: row reduction, units, closure, coordinates for factors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb
from operator import add

from flint import fmpq, fmpq_mat

from slt_symbolic.check.algebra import ring as rings
from slt_symbolic.check.algebra.ring import Exponent, Polynomial, coefficients_in, involves, monomial, support, terms
from slt_symbolic.check.bracket import INFINITE, End
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proofs.newton import combination_below
from slt_symbolic.search.proofs.nonvanishing import nonzero_proof
from slt_symbolic.search.proofs.optimum import polyhedron_bound
from slt_symbolic.search.tree import Proposal, poll, propose

LARGEST_FACTOR = 40  # terms of a factor that is tried as a coordinate
MOST_UNKNOWNS = 400  # of a linear system
LARGEST_SHARED = 250  # terms of all generators, of which pairs are compared
PLACES = 11  # binary ones that an exponent or a difference of two needs
LARGEST_STRATUM = 6000  # terms of all generators in which a substitution is tried


def size(s: Stratum) -> tuple[int, int]:
    """The measure: terms of all generators, then the sum of their degrees."""
    return (sum(len(g) for g in s.generators), sum(int(g.total_degree()) for g in s.generators))


def cleaned(s: Stratum) -> list[Proposal]:
    """Units, closure and row reduction, as long as they help."""
    path: list[Proposal] = []
    changed = True
    while changed and s.generators and not s.is_empty:
        changed = False
        for step in (_units, _closure, _multiples, span, _shared):
            proposal = step(s)
            if proposal is not None and size(proposal.child) < size(s):
                path.append(proposal)
                s, changed = proposal.child, True
    return path


def end(s: Stratum, path: list[Proposal]) -> Stratum:
    """The end of a path of single-child steps."""
    return path[-1].child if path else s


def _units(s: Stratum) -> Proposal | None:
    found = []
    for i, g in enumerate(s.generators):
        poll()
        for f, power in factors(g):
            # Generators lie in near variables too: what is 0 on the stratum is no unit.
            proof = nonzero_proof(s.on_stratum(f**power), s.units, s.constants)
            if proof is not None:
                found.append([i, str(f**power), proof])
    return propose(s, "units", factors=found) if found else None


def _closure(s: Stratum) -> Proposal | None:
    if not any(len(g) == 1 for g in s.generators):
        return None
    return propose(s, "closure", combinations=_combinations(s))


def _combinations(s: Stratum) -> list[list[object]]:
    """Terms in the integral closure of the monomials, with the combinations that show it; not multiples of one."""
    monomials = [next(iter(terms(g))) for g in s.generators if len(g) == 1]
    kept = [e for e in monomials if not any(a != e and _divides(a, e) for a in monomials)]
    found: dict[Exponent, list[tuple[Exponent, Fraction]]] = {}
    for e in list(kept):
        combination = combination_below(e, [a for a in kept if a != e])
        if combination is not None:
            found[e] = combination
            kept.remove(e)
    # What was combined with a monomial that went later is combined again with those that stay.
    for e in found:
        found[e] = combination_below(e, kept) or found[e]
    for e in sorted({e for g in s.generators if len(g) > 1 for e in terms(g)}):
        if not any(_divides(a, e) for a in kept):
            combination = combination_below(e, kept)
            if combination is not None:
                found[e] = combination
    return [[list(e), [[list(a), str(t)] for a, t in table]] for e, table in found.items()]


def _divides(a: Exponent, e: Exponent) -> bool:
    return all(x <= y for x, y in zip(a, e, strict=True))


def _multiples(s: Stratum) -> Proposal | None:
    """Generators that are multiples of others are 0 modulo them."""
    found: list[list[object]] = []
    gone: set[int] = set()
    for i, g in enumerate(s.generators):
        for j, other in enumerate(s.generators):
            if i != j and j not in gone and 1 < len(other) and other.total_degree() <= g.total_degree():
                quotient, remainder = divmod(g, other)
                if remainder.is_zero():
                    found.append([i, j, str(quotient)])
                    gone.add(i)
                    break
    return propose(s, "combine", subtract=found) if found else None


def _shared(s: Stratum) -> Proposal | None:
    """Generators less the multiple of another one by a monomial with which they share most terms."""
    tables = [terms(g) for g in s.generators]
    if len(tables) < 2 or sum(map(len, tables)) > LARGEST_SHARED:
        return None
    packed = [{_packed(e): e for e in table} for table in tables]
    found: list[list[object]] = []
    changed: set[int] = set()
    for i, table in enumerate(tables):
        poll()
        for j, other in enumerate(tables):
            if j == i or j in changed or not 1 < len(other) <= 2 * len(table):
                continue
            counts = Counter(a - b for a in packed[i] for b in packed[j])
            difference, count = counts.most_common(1)[0]
            if 2 * count > len(other):
                multiple = _common_multiple(table, other, packed[i], packed[j], difference)
                if multiple is not None:
                    found.append([i, j, str(s.ring.from_dict(multiple))])
                    changed.add(i)
                    break
    return propose(s, "combine", subtract=found) if found else None


def _packed(e: Exponent) -> int:
    """An exponent as one number, so that differences of exponents are differences of numbers."""
    return sum(a << (PLACES * j) for j, a in enumerate(e))


def _common_multiple(table: dict[Exponent, fmpq], other: dict[Exponent, fmpq], packed: dict[int, Exponent],
                     packed_other: dict[int, Exponent], difference: int) -> dict[Exponent, fmpq] | None:
    """The monomial of this exponent, with the number by which most terms of the other become terms of the first."""
    pairs = [(packed[b + difference], e) for b, e in packed_other.items() if b + difference in packed]
    ratios = Counter(table[a] / other[e] for a, e in pairs)
    ratio, count = ratios.most_common(1)[0]
    exponent = tuple(x - y for x, y in zip(*pairs[0], strict=True))
    return {exponent: ratio} if min(exponent) >= 0 and 2 * count > len(other) else None


def redundancy(s: Stratum) -> Proposal | None:
    """Homogeneous generators that are combinations of others of lower degree, with homogeneous coefficients."""
    if not all(_is_homogeneous(g) for g in s.generators):
        return None
    order = sorted(range(len(s.generators)), key=lambda i: int(s.generators[i].total_degree()))
    operations: list[list[object]] = []
    for place in range(len(order) - 1, 0, -1):
        i = order[place]
        lower = [j for j in order[:place] if s.generators[j].total_degree() < s.generators[i].total_degree()]
        operations += [[i, j, str(q)] for j, q in _combination(s, i, lower).items() if not q.is_zero()]
    return propose(s, "combine", subtract=operations) if operations else None


def _is_homogeneous(g: Polynomial) -> bool:
    return len({sum(e) for e in terms(g)}) == 1


def _combination(s: Stratum, i: int, others: list[int]) -> dict[int, Polynomial]:
    """Coefficients ``q_j`` with ``g_i = sum_j q_j g_j``, by linear algebra; empty if there are none, or too many."""
    used = sorted(frozenset().union(*(support(g) for g in s.generators)))
    degree = int(s.generators[i].total_degree())
    unknowns = []
    for j in others:
        missing = degree - int(s.generators[j].total_degree())
        if comb(len(used) + missing - 1, missing) > MOST_UNKNOWNS:
            return {}
        unknowns += [(j, monomial(s.ring, [chosen.count(x) for x in range(s.size)]))
                     for chosen in combinations_with_replacement(used, missing)]
    if not 0 < len(unknowns) <= MOST_UNKNOWNS:
        return {}
    columns = [terms(m * s.generators[j]) for j, m in unknowns] + [terms(s.generators[i])]
    rows = sorted({e for column in columns for e in column})
    echelon, rank = fmpq_mat([[column.get(e, fmpq(0)) for column in columns] for e in rows]).rref()
    pivots = [next(c for c in range(len(columns)) if echelon[r, c] != 0) for r in range(rank)]
    if len(unknowns) in pivots:
        return {}
    found = {j: s.ring.constant(0) for j in others}
    for r, c in enumerate(pivots):
        j, m = unknowns[c]
        found[j] += m * echelon[r, len(unknowns)]
    return found


def shortened(s: Stratum, clean: bool = True) -> list[Proposal]:
    """Generators less multiples of others by numbers and variables, if what is left is at most half as long.

    Not ``clean``: nothing else is done in between, and the multiples that a generator was typed with stay in sight.
    """
    path: list[Proposal] = []
    while True:
        here = end(s, path)
        step = _shorter(here)
        if step is None:
            break
        path += [step, *(cleaned(step.child) if clean else ())]
    return path if 2 * size(end(s, path))[0] <= size(s)[0] else []


def _shorter(s: Stratum) -> Proposal | None:
    """The longest generator that gets shorter by multiples of others with at least half of their terms in it."""
    used = sorted(set().union(*map(s.support, s.generators)))
    shifts = [tuple(int(k == j) for k in range(s.size)) for j in (None, *used)]
    tables = [terms(g) for g in s.generators]
    for i in sorted(range(len(tables)), key=lambda i: len(tables[i]), reverse=True):
        poll()
        multiples = []
        for j, table in enumerate(tables):
            for shift in shifts if j != i else ():
                moved = {tuple(map(add, e, shift)): c for e, c in table.items()}
                if 2 * len(moved.keys() & tables[i].keys()) >= len(moved):
                    multiples.append((j, shift, moved))
        if not any(any(shift) for _, shift, _ in multiples):  # the span is reduced
            continue
        found = _remainder(tables[i], [moved for *_, moved in multiples])
        quotients = {j: s.ring.constant(0) for j in range(len(tables)) if j != i}
        for (j, shift, _), c in zip(multiples, found, strict=True):
            quotients[j] += monomial(s.ring, shift) * c
        proposal = propose(s, "combine", subtract=[[i, j, str(q)] for j, q in quotients.items() if not q.is_zero()])
        if proposal is not None and size(proposal.child)[0] < size(s)[0]:
            return proposal
    return None


def _remainder(table: dict[Exponent, fmpq], others: list[dict[Exponent, fmpq]]) -> list[fmpq]:
    """Coefficients c such that ``g - sum c_k h_k`` has no pivot of the others, high degrees first."""
    columns = sorted({e for t in (*others, table) for e in t}, key=lambda e: (sum(e), e), reverse=True)
    echelon, rank = fmpq_mat([[t.get(e, fmpq(0)) for e in columns] for t in others]).rref()
    pivots = [next(c for c in range(len(columns)) if echelon[r, c] != 0) for r in range(rank)]
    solution, _ = fmpq_mat([[t.get(columns[c], fmpq(0)) for t in (*others, table)] for c in pivots]).rref()
    found = [fmpq(0)] * len(others)
    for r in range(rank):
        found[next(k for k in range(len(others)) if solution[r, k] != 0)] = solution[r, len(others)]
    return found


def span(s: Stratum) -> Proposal | None:
    """Row reduction, high degrees first, if it leaves fewer terms."""
    if len(s.generators) < 2:
        return None
    tables = [terms(g) for g in s.generators]
    # High degrees first: pivots there leave generators of low order with few terms.
    columns = sorted({e for t in tables for e in t}, key=lambda e: (sum(e), e), reverse=True)
    echelon, rank = fmpq_mat([[t.get(e, fmpq(0)) for e in columns] for t in tables]).rref()
    reduced = [s.ring.from_dict({e: echelon[i, j] for j, e in enumerate(columns) if echelon[i, j] != 0})
               for i in range(rank)]
    if sum(len(g) for g in reduced) >= sum(len(g) for g in s.generators):
        return None
    return propose(s, "span", generators=[str(g) for g in reduced])


def elimination(s: Stratum) -> Proposal | None:
    """A generator with a linear part, the one whose elimination leaves the least."""
    if any(s.orders):
        return None
    found = []
    for i, g in enumerate(s.generators):
        for j in sorted(s.support(g)):
            if g.degrees()[j] == 1 and s.jacobian[j] == 0:
                cost = _elimination_cost(s, i, j)
                if cost is not None:
                    found.append((cost, i, j))
    for _, i, j in sorted(found):
        unit = s.on_stratum(coefficients_in(s.generators[i], [j])[(1,)])
        proposal = propose(s, "eliminate", generator=i, variable=s.ring.names()[j],
                           nonzero=nonzero_proof(unit, s.units, s.constants))
        if proposal is not None:
            return proposal
    return None


def _elimination_cost(s: Stratum, i: int, j: int) -> int | None:
    """A guess at the growth; None where the hypotheses fail at a glance."""
    parts = coefficients_in(s.generators[i], [j])
    unit = s.on_stratum(parts[(1,)])
    if j in s.near and (0,) in parts and not s.on_stratum(parts[(0,)]).is_zero():
        return None
    if nonzero_proof(unit, s.units, s.constants) is None:
        return None
    affected = sum(len(g) for place, g in enumerate(s.generators) if place != i and involves(g, j))
    return affected * (len(parts[(1,)]) + len(parts.get((0,), s.ring.constant(0))))


def pooled(s: Stratum) -> tuple[list[Proposal], Proposal] | None:
    """Differences to one of several variables as coordinates, and the elimination of that one.

    Where a generator is a mean of these variables, with weights that add up to a number, that number is the unit
    afterwards: without this the weights multiply all other generators as often as their degree says.
    """
    if any(s.orders):
        return None
    for g in s.generators:
        if all(sum(e) != 1 for e in terms(g)):
            continue
        linear = {j: coefficients_in(g, [j])[(1,)] for j in sorted(s.near & s.support(g))
                  if g.degrees()[j] == 1 and not s.jacobian[j]}
        for j, weight in linear.items():
            others = [t for t, other in linear.items() if t != j and support(other) & support(weight)]
            if len(weight) == 1 or g != sum((linear[t] * s.variables[t] for t in others), weight * s.variables[j]):
                continue
            total = sum((linear[t] for t in others), weight)
            if total.is_constant() and not total.is_zero():
                path = _differences(s, others, j)
                proposal = _elimination(end(s, path), j) if path else None
                if proposal is not None:
                    return path, proposal
    return None


def _differences(s: Stratum, others: Sequence[int], j: int) -> list[Proposal]:
    """The coordinates ``x_t - x_j``, one after the other; none if one is refused."""
    path: list[Proposal] = []
    for t in others:
        proposal = propose(end(s, path), "change", variable=s.names[t], unit="1", shift=f"-{s.names[j]}",
                           nonzero="even")
        if proposal is None:
            return []
        path.append(proposal)
    return path


def _elimination(s: Stratum, j: int) -> Proposal | None:
    """The elimination of a variable by a generator in which its coefficient is a number."""
    for i, g in enumerate(s.generators):
        if g.degrees()[j] == 1 and coefficients_in(g, [j])[(1,)].is_constant():
            return propose(s, "eliminate", generator=i, variable=s.names[j], nonzero=[])
    return None


def coordinates(s: Stratum, f: Polynomial) -> Iterator[Proposal]:
    """The ways to make ``f = A x + B`` a coordinate."""
    for j in sorted(s.support(f)):
        if f.degrees()[j] != 1 or s.jacobian[j] or s.orders[j]:
            continue
        parts = coefficients_in(f, [j])
        unit, shift = parts[(1,)], parts.get((0,), s.ring.constant(0))
        if j in s.near and not s.on_stratum(shift).is_zero():
            continue
        proof = nonzero_proof(s.on_stratum(unit), s.units, s.constants)
        if proof is None or (shift.is_zero() and unit.is_constant()):
            continue
        proposal = propose(s, "change", variable=s.ring.names()[j], unit=str(unit), shift=str(shift), nonzero=proof)
        if proposal is not None:
            yield proposal


def absorption(s: Stratum) -> list[Proposal]:
    """Changes of coordinates, followed by cleaning, that make the stratum smaller: the best, for ideals the first.

    One coordinate; where none helps alone, all those of one shape at once: a row of a matrix, and then another one.
    """
    best: list[Proposal] = []
    smallest = size(s)
    if smallest[0] > LARGEST_STRATUM:
        return []
    candidates = _candidates(s)
    for f in candidates:
        for proposal in coordinates(s, f):
            path = [proposal, *cleaned(proposal.child)]
            if _is_simpler(end(s, path), s, smallest):
                best, smallest = path, size(end(s, path))
                if len(s.generators) > 1:  # ideals have many candidates, and most do
                    return best
    return best or _absorbed_rows(s, candidates)


def _is_simpler(after: Stratum, s: Stratum, smallest: tuple[int, int]) -> bool:
    """Smaller may undo what a change was made for: a straight form, a square that is complete."""
    return size(after) < smallest and _bound(after) <= _bound(s) and squares(after) >= squares(s)


def _absorbed_rows(s: Stratum, candidates: Sequence[Polynomial], again: bool = True) -> list[Proposal]:
    for changes in _rows(s, candidates):
        path = [*changes, *cleaned(changes[-1].child)]
        after = end(s, path)
        if again and not after.is_empty and size(after)[0] <= size(s)[0] and not _is_simpler(after, s, size(s)):
            path += _absorbed_rows(after, _candidates(after), again=False)
            after = end(s, path)
        if _is_simpler(after, s, size(s)):
            return path
    return []


def _rows(s: Stratum, candidates: Sequence[Polynomial]) -> Iterator[list[Proposal]]:
    """Candidates of one shape, as coordinates one after the other."""
    shapes: dict[tuple[tuple[int, ...], ...], list[Polynomial]] = {}
    for f in candidates:
        shapes.setdefault(tuple(sorted(tuple(sorted(e, reverse=True)) for e in terms(f))), []).append(f)
    for members in shapes.values():
        changes: list[Proposal] = []
        replaced: set[str] = set()
        for f in members:
            if not any(s.names[j] in replaced for j in s.support(f)):
                change = next(coordinates(end(s, changes), f), None)
                if change is not None:
                    changes.append(change)
                    replaced.add(change.data["variable"])
        if len(changes) > 1:
            yield changes


def squares(s: Stratum) -> int:
    """The number of variables in which a single generator is ``c x^2 + d`` with a constant c."""
    if len(s.generators) != 1:
        return 0
    (g,) = s.generators
    parts = [coefficients_in(g, [j]) for j, degree in enumerate(g.degrees()) if degree == 2]
    return sum(p[(2,)].is_constant() and (1,) not in p for p in parts)


def _bound(s: Stratum) -> End:
    return INFINITE if s.is_empty or not s.generators else polyhedron_bound(s)


def _power_centres(g: Polynomial) -> Iterator[Polynomial]:
    """``x + b/(d c)`` for each variable in which g is ``c x^d + b x^(d-1) + ...`` with a constant c, d > 2."""
    for j, degree in enumerate(g.degrees()):
        if degree > 2:
            parts = coefficients_in(g, [j])
            top, next_one = parts[(degree,)], parts.get((degree - 1,))
            if next_one is not None and top.is_constant():
                yield g.context().gens()[j] + next_one / (int(degree) * top.leading_coefficient())


def _multiples_by_units(s: Stratum, g: Polynomial) -> Iterator[Polynomial]:
    """Near variables times the factors of coefficients at their powers that do not vanish at the origin."""
    origin = [0] * s.size
    for j in sorted(s.near & s.support(g)):
        for (e,), p in coefficients_in(g, [j]).items():
            if e and len(p) > 1:
                poll()
                yield from (s.variables[j] * f for f, power in factors(p)
                            if 1 < len(f) <= LARGEST_FACTOR and power >= e and f(*origin) != 0)


def _candidates(s: Stratum) -> list[Polynomial]:
    """Polynomials that may become coordinates: factors, and variables times factors, by length, at most 60.

    Factors of generators, of their coefficients at monomials in near variables and at powers of one variable; for a
    single generator derivatives, which complete squares, and for each of them those that complete a higher power.
    """
    found: dict[str, Polynomial] = {}
    near = sorted(s.near)
    for g in s.generators:
        for f in _multiples_by_units(s, g) if len(s.generators) == 1 else ():  # ideals get slower by them
            found.setdefault(str(f), f)
        single = [p for j in sorted(s.support(g)) for (e,), p in coefficients_in(g, [j]).items()
                  if e or len(s.generators) == 1]
        squares = [g.derivative(j) for j, e in enumerate(g.degrees()) if e == 2 and len(s.generators) == 1]
        for p in (g, *coefficients_in(g, near).values(), *single, *squares, *_power_centres(g)):
            if len(p) > 1:
                poll()
                for f, _ in factors(p):
                    if 1 < len(f) <= LARGEST_FACTOR:
                        found.setdefault(str(f), rings.monic(f))
    return sorted(found.values(), key=lambda f: (len(f), str(f)))[:60]
