"""Other generators of the same ideal, up to integral closure.

Losses whose ideals have the same integral closure are comparable, so ``v`` stays (conventions.py).
"""

from __future__ import annotations

from operator import le

from slt_symbolic.check.algebra.ring import Exponent, equal_spans, monomial, quotient, terms, times
from slt_symbolic.check.algebra.signs import index
from slt_symbolic.check.budget import charge
from slt_symbolic.check.optimum import charge_sums, combination_of, exponent_of
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import Outcome, only_child, polynomial, require_unit
from slt_symbolic.check.stratum import Stratum


def span(s: Stratum, data: Data) -> Outcome:
    """Data: ``generators``, with the same span over the rationals."""
    (texts,) = fields(data, "generators")
    new = [polynomial(s, text) for text in items(texts, None, "generators are a list of polynomials")]
    require(equal_spans(s.generators, new), "needs generators with the same span; here the spans differ")
    return [s.derive(new)], only_child


def combine(s: Stratum, data: Data) -> Outcome:
    """Data: ``subtract``, a list of ``[i, j, q]``: one after the other, generator i becomes ``g_i - q g_j``, j != i."""
    (operations,) = fields(data, "subtract")
    current = list(s.generators)
    for i, j, text in items(operations, 3, "an operation needs two numbers and a polynomial"):
        target, source = (index(number, len(current), "generator") for number in (i, j))
        require(target != source, "needs two generators; here {} is subtracted from itself", i)
        charge(len(current[target]))
        current[target] = current[target] - times(polynomial(s, text), current[source])
    return [s.derive(current)], only_child


def remainder(s: Stratum, data: Data) -> Outcome:
    """Remainders of pseudo-divisions: one after the other, generator i becomes ``u g_i - p g_j``, j != i, u a unit.

    The generators before and after are linear combinations of each other at every point of the stratum, where u is
    invertible: the ideal there stays. Data: ``divisions``, a list of ``[i, u, proof, j, p]``.
    """
    (divisions,) = fields(data, "divisions")
    current = list(s.generators)
    for i, unit, proof, j, text in items(divisions, 5, "a division needs two generators, a unit, a proof, a multiple"):
        target, source = (index(number, len(current), "generator") for number in (i, j))
        require(target != source, "needs two generators; here {} is divided by itself", i)
        u = polynomial(s, unit)
        require_unit(s, u, proof)
        current[target] = times(u, current[target]) - times(polynomial(s, text), current[source])
    return [s.derive(current)], only_child


def units(s: Stratum, data: Data) -> Outcome:
    """Data: ``factors``, a list of ``[i, u, proof]``: generator i is divided by ``u``, without zeros on the stratum."""
    (divisions,) = fields(data, "factors")
    current = list(s.generators)
    for i, text, proof in items(divisions, 3, "a division needs a generator, a polynomial and a proof"):
        place, u = index(i, len(current), "generator"), polynomial(s, text)
        require_unit(s, u, proof)
        divided = quotient(current[place], u)
        require(divided is not None, "needs a factor; here {} does not divide {}", u, current[place])
        current[place] = divided
    return [s.derive(current)], only_child


def closure(s: Stratum, data: Data) -> Outcome:
    """Terms in the integral closure of those generators that are monomials are dropped, redundant monomials too.

    Theorem. If ``sum t_a a <= e`` with ``t >= 0``, ``sum t_a >= 1``, then ``x^e`` is in the integral closure of the
    monomials ``x^a``. Multiples of a monomial need no combination.
    Data: ``combinations``, a list of ``[e, [[a, t_a], ...]]``, the a among the monomials that are kept.
    """
    (listed,) = fields(data, "combinations")
    combinations = {}
    for exponent, combination in items(listed, 2, "an exponent needs its combination"):
        e = exponent_of(exponent)
        require(len(e) == s.size, "needs an exponent for each variable; here it is {}", list(e))
        require(e not in combinations, "needs each exponent once; here {} is listed twice", list(e))
        combinations[e] = combination_of(combination)
    monomials = {next(iter(terms(g))) for g in s.generators if len(g) == 1}
    charge(len(monomials) ** 2 * (1 + s.size // 8))
    kept = [e for e in monomials if e not in combinations and not any(_divides(a, e) for a in monomials if a != e)]
    available = set(kept)
    for e, table in combinations.items():
        charge_sums([*table.values()], s.size + 1)
        require(set(table) <= available, "needs a combination of monomials that are kept, for {}", list(e))
        require(all(t >= 0 for t in table.values()) and sum(table.values()) >= 1,
                "needs coefficients >= 0 with sum >= 1, for {}", list(e))
        require(all(sum(t * a[j] for a, t in table.items()) <= e[j] for j in range(s.size)),
                "needs a combination that is at most {}", list(e))

    charge(len(kept) * sum(len(g) for g in s.generators) * (1 + s.size // 8))

    def dropped(e: Exponent) -> bool:
        return e in combinations or any(_divides(a, e) for a in kept)

    rest = [s.ring.from_dict({e: c for e, c in terms(g).items() if not dropped(e)})
            for g in s.generators if len(g) > 1]
    return [s.derive([*(monomial(s.ring, e) for e in sorted(kept)), *rest])], only_child


def _divides(a: Exponent, e: Exponent) -> bool:
    return all(map(le, a, e))
