"""Generators that are products of linear forms.

*Hyperplanes*: the zeros of the forms, and those of the coordinates that have an order or a Jacobian order. *Flats*:
their intersections, but for the whole space. For a flat W let ``a_i(W)`` count the factors of generator i that vanish
on W, and add the orders k of the coordinates that do; ``h(W)`` is the codimension, less 1, and the Jacobian orders of
these coordinates. A *chain* has one flat ``W_1 > ... > W_r`` of each codimension; W_r is the intersection of all.

Theorem. ``(lambda, m)`` is the least, over all chains, of that of the monomials ``t^(a_i(W_1), ..., a_i(W_r))`` with
the measure ``t^(h(W_1), ..., h(W_r)) dt``.

Proof. Choose a form for each hyperplane. Near 0 let ``l_1`` be one of least absolute value at x, ``l_{c+1}`` one of
least among those that do not vanish on ``W_c = {l_1 = ... = l_c = 0}``: finitely many closed sets of x, one for each
sequence of forms, cover a neighbourhood. On such a set ``l_c = t_c t_{c+1} ... t_r`` with ``|t_c| <= 1``. A form l
that vanishes on W_c and not on W_{c-1} is a combination of ``l_1, ..., l_c``, so that ``|l| <= C |l_c|``, and it was
not less when l_c was chosen: ``|l|`` and ``|l_c|`` are comparable, the integrand is that of the monomials, since t_i
occurs in l_c exactly if ``i >= c``, which means that l vanishes on W_i; and ``dl_1 ... dl_r = prod t_i^(i-1) dt``. So
the integral over the set is at most that over a box of t, whose pole is the one at ``t = 0``, where it is largest.
From below: for any chain take forms with ``W_c = {l_1 = ... = l_c = 0}``. Where all ``|t_i|`` are small, l is ``l_c``
times a unit, so that the integral near 0 is at least that of the monomials near ``t = 0``. (In the language of blow-
ups: De Concini, Procesi, Selecta Math. 1, 1995; for one generator over C: Mustata, Trans. AMS 358, 2006, Teitler,
Proc. AMS 136, 2008.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

from slt_symbolic.check.algebra.ring import Polynomial, fraction, product_of_powers, proportional, terms
from slt_symbolic.check.bracket import Bracket
from slt_symbolic.check.budget import charge
from slt_symbolic.check.optimum import optimum
from slt_symbolic.check.step import Data, fields, integer, items, require
from slt_symbolic.check.steps.common import Outcome, polynomial, require_a_point, require_generators
from slt_symbolic.check.stratum import Stratum

Vector = tuple[int, ...]  # the coefficients of a form, without common factor, the first that is not 0 positive
Row = tuple[int, ...]  # h(W), then a_i(W) for each generator
Chain = tuple[Row, ...]
Flat = frozenset[Vector]  # the forms that vanish there


def arrangement(s: Stratum, data: Data) -> Outcome:
    """Data: ``factors``, linear forms with their powers for each generator; ``optima``, one for each of `chains`."""
    listed, optima = fields(data, "factors", "optima")
    require_a_point(s)
    require_generators(s)
    tables = items(listed, None, "factors are a list for each generator")
    require(len(tables) == len(s.generators), "needs factors for each of {} generators", len(s.generators))
    factors = [[(polynomial(s, text), integer(e, 1, "a power")) for text, e in items(table, 2, "a factor has a power")]
               for table in tables]
    for g, powers in zip(s.generators, factors, strict=True):
        for f, _ in powers:
            require(all(sum(e) == 1 for e in terms(f)) and not f.is_zero(), "needs linear forms; {} is none", f)
        require(sum(e for _, e in powers) == g.total_degree() and proportional(product_of_powers(s.ring, powers), g),
                "needs the factors of {}", g)
    found = chains(s, factors)
    proofs = items(optima, None, "optima are a list")
    require(len(proofs) == len(found), "needs an optimum for each of {} chains", len(found))
    end = min(optimum([tuple([row[i] for row in chain]) for i in range(1, len(s.generators) + 1)],
                      [row[0] for row in chain], proof) for chain, proof in zip(found, proofs, strict=True))
    return [], lambda _: Bracket(end, end)


def chains(s: Stratum, factors: Sequence[Sequence[tuple[Polynomial, int]]]) -> list[Chain]:
    """Of each chain the rows ``(h, a_1, a_2, ...)`` of its flats, by codimension; each list of rows once, sorted."""
    weights = _hyperplanes(s, factors)
    require(bool(weights), "needs a form that vanishes; here there is none")
    known: dict[Flat, set[Chain]] = {frozenset(): {()}}
    rest: dict[Flat, dict[Vector, Vector]] = {frozenset(): {v: v for v in weights}}
    codimension = 0
    while any(rest.values()):
        smaller: dict[Flat, set[Chain]] = {}
        modulo: dict[Flat, dict[Vector, Vector]] = {}
        for flat, before in known.items():
            for larger, pivot in _covers(flat, rest[flat]):
                h, *total = map(sum, zip(*(weights[v] for v in larger), strict=True))
                row = (h + codimension, *total)
                charge(len(larger) * len(row) + len(before) * len(row) * (codimension + 1))
                smaller.setdefault(larger, set()).update((*chain, row) for chain in before)
                if larger not in modulo:
                    modulo[larger] = _modulo(rest[flat], pivot, larger)
        known, rest, codimension = smaller, modulo, codimension + 1
    (last,) = known.values()
    return sorted(last)


def _hyperplanes(s: Stratum, factors: Sequence[Sequence[tuple[Polynomial, int]]]) -> dict[Vector, list[int]]:
    """The forms, each with its Jacobian order and what it adds to ``a_i`` for each generator."""
    found: dict[Vector, list[int]] = {}
    for i, powers in enumerate(factors):
        for f, e in powers:
            vector = _normal([fraction(f.derivative(j).leading_coefficient()) for j in range(s.size)])
            found.setdefault(vector, [0] * (len(factors) + 1))[i + 1] += e
    for j, (k, h) in enumerate(zip(s.orders, s.jacobian, strict=True)):
        if k or h:
            own = found.setdefault(tuple([int(i == j) for i in range(s.size)]), [0] * (len(factors) + 1))
            own[:] = [own[0] + h, *(a + k for a in own[1:])]
    return found


def _normal(vector: Sequence[Fraction | int]) -> Vector:
    scale = lcm(*(x.denominator for x in vector))
    integral = [int(x * scale) for x in vector]
    unit = gcd(*integral) if next(x for x in integral if x) > 0 else -gcd(*integral)
    return tuple([x // unit for x in integral])


def _covers(flat: Flat, rest: Mapping[Vector, Vector]) -> Iterator[tuple[Flat, Vector]]:
    """The flats of one codimension more, with a form that vanishes there modulo those that vanish on the flat."""
    classes: dict[Vector, set[Vector]] = {}
    for form, residue in rest.items():
        classes.setdefault(residue, set()).add(form)
    for residue, forms in classes.items():
        yield flat | forms, residue


def _modulo(rest: Mapping[Vector, Vector], pivot: Vector, gone: Flat) -> dict[Vector, Vector]:
    """The forms that do not vanish on the smaller flat, modulo one form more."""
    place, lead = next((j, x) for j, x in enumerate(pivot) if x)
    charge(len(rest) * len(pivot) * (max(map(abs, pivot)).bit_length() // 64 + 1))
    return {form: _normal([lead * x - v[place] * y for x, y in zip(v, pivot, strict=True)]) if v[place] else v
            for form, v in rest.items() if form not in gone}
