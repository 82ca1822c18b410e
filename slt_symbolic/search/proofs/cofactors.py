"""Cofactors of a Nullstellensatz: ``sum_i a_i p_i = (product of units)^N``, by a Buchberger run that remembers.

With a variable z for the inverse of the product u of the units, 1 lies in the ideal of the ``p_i`` and ``1 - z u`` if
and only if a power of u lies in the ideal of the ``p_i``. FLINT's run with fixed limits says quickly whether it is
worth while; ours keeps the cofactors. Substituting ``z = 1/u`` and clearing denominators gives the ``a_i``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import lcm, prod
from typing import Any

from flint import fmpq_mpoly_ctx, fmpz_mpoly_ctx, fmpz_mpoly_vec

from slt_symbolic.check.algebra import ring as rings
from slt_symbolic.check.algebra.ring import Polynomial
from slt_symbolic.check.budget import charge

LIMITS = (60, 150, 2000)  # of FLINT's run: polynomials, terms of one, bits of a coefficient
MOST_PAIRS = 2000  # of ours
MOST_TERMS = 2000  # of one cofactor

Constants = Mapping[int, Polynomial]


def cofactors(polynomials: Sequence[Polynomial], units: Sequence[Polynomial],
              constants: Constants) -> dict[str, Any] | None:
    """The proof of `slt_symbolic.check.algebra.signs.require_empty`, or None.

    >>> R = rings.ring_of(["x", "y"]); x, y = R.gens()
    >>> cofactors([x**2 - y, x * y - 1, x - 2], [], {}) is not None, cofactors([x - y], [x], {}) is None
    (True, True)
    """
    reduced = [(i, rings.reduced(p, constants)) for i, p in enumerate(polynomials)]
    given = [(i, p) for i, p in reduced if not p.is_zero()]
    if not given:
        return None
    system = [p for _, p in given] + list(constants.values())
    if not _is_unit_ideal(system, units):
        return None
    found = _cofactors(system, units)
    if found is None:
        return None
    multipliers, exponent = found
    return {"cofactors": [[i, str(a)] for (i, _), a in zip(given, multipliers, strict=False) if not a.is_zero()],
            "units": [[str(u), exponent] for u in units] if exponent else []}


def _is_unit_ideal(system: Sequence[Polynomial], units: Sequence[Polynomial]) -> bool:
    """Is 1 in the ideal once the units are inverted? By FLINT, within limits."""
    used = sorted(set().union(*(rings.support(p) for p in (*system, *units))))
    context = fmpz_mpoly_ctx.get(["z", *(f"x{j}" for j in used)], "degrevlex")

    def integral(polynomial: Polynomial) -> Polynomial:
        table = rings.terms(polynomial)
        scale = lcm(*(int(c.q) for c in table.values()))
        return context.from_dict({(0, *(e[j] for j in used)): int((c * scale).p) for e, c in table.items()})

    equations = [integral(p) for p in system]
    if units:
        equations.append(context.constant(1) - context.gens()[0] * integral(prod(units)))
    basis, _ = fmpz_mpoly_vec(equations, context).buchberger_naive(limits=LIMITS)
    return any(p.is_constant() and not p.is_zero() for p in basis)


def _cofactors(system: Sequence[Polynomial], units: Sequence[Polynomial]) -> tuple[list[Polynomial], int] | None:
    """``a_i`` and N with ``sum a_i p_i = u^N``."""
    ring = system[0].context()
    used = sorted(set().union(*(rings.support(p) for p in (*system, *units))))
    context = fmpq_mpoly_ctx.get(["z", *(f"x{j}" for j in used)], "degrevlex")
    inverse = context.gens()[0]

    def into(p: Polynomial) -> Polynomial:
        return context.from_dict({(0, *(e[j] for j in used)): c for e, c in rings.terms(p).items()})

    equations = [into(p) for p in system]
    if units:
        equations.append(context.constant(1) - inverse * into(prod(units)))
    found = _one(equations)
    if found is None:
        return None
    u = prod(units, start=ring.constant(1))
    tables = [rings.coefficients_in(a, [0]) for a in found[: len(system)]]
    exponent = max((power for table in tables for (power,) in table), default=0)

    def out(p: Polynomial) -> Polynomial:
        table = {}
        for e, c in rings.terms(p).items():
            full = [0] * len(ring.names())
            for j, a in zip(used, e[1:], strict=True):
                full[j] = a
            table[tuple(full)] = c
        return ring.from_dict(table)

    return [sum((out(p) * u ** (exponent - power) for (power,), p in table.items()), ring.constant(0))
            for table in tables], exponent


def _one(equations: Sequence[Polynomial]) -> list[Polynomial] | None:
    """Multipliers of the equations that add up to 1."""
    context = equations[0].context()
    zero = context.constant(0)
    basis: list[tuple[Polynomial, list[Polynomial]]] = []
    pairs: list[tuple[int, int, int]] = []

    def add(p: Polynomial, row: list[Polynomial]) -> None:
        for i, (q, _) in enumerate(basis):
            a, b = _leading(q), _leading(p)
            if any(x and y for x, y in zip(a, b, strict=True)):  # coprime leading terms reduce to 0
                pairs.append((sum(map(max, a, b)), i, len(basis)))
        basis.append((p, row))
        pairs.sort(reverse=True)

    waiting = sorted(range(len(equations)), key=lambda i: -sum(_leading(equations[i])))
    for _ in range(MOST_PAIRS):
        if waiting and not (pairs and pairs[-1][0] < sum(_leading(equations[waiting[-1]]))):
            number = waiting.pop()  # by degree: what is long meets a basis that is nearly complete
            row = [zero] * len(equations)
            row[number] = context.constant(1)
            p, row = _reduced(equations[number], row, basis)
        elif pairs:
            _, i, j = pairs.pop()
            p, row = _reduced(*_s_polynomial(basis[i], basis[j]), basis)
        else:
            return None
        if p.is_zero():
            continue
        if p.is_constant():
            return [a / p.leading_coefficient() for a in row]
        if max(len(a) for a in row) > MOST_TERMS:
            return None
        add(p, row)
    return None


def _leading(p: Polynomial) -> tuple[int, ...]:
    return tuple(map(int, p.monomial(0)))


def _s_polynomial(first: tuple[Polynomial, list[Polynomial]],
                  second: tuple[Polynomial, list[Polynomial]]) -> tuple[Polynomial, list[Polynomial]]:
    (p, row_p), (q, row_q) = first, second
    context = p.context()
    a, b = _leading(p), _leading(q)
    top = [max(x, y) for x, y in zip(a, b, strict=True)]
    m = context.from_dict({tuple(t - x for t, x in zip(top, a, strict=True)): 1 / p.leading_coefficient()})
    n = context.from_dict({tuple(t - x for t, x in zip(top, b, strict=True)): 1 / q.leading_coefficient()})
    return m * p - n * q, [m * x - n * y for x, y in zip(row_p, row_q, strict=True)]


def _reduced(p: Polynomial, row: list[Polynomial],
             basis: Sequence[tuple[Polynomial, list[Polynomial]]]) -> tuple[Polynomial, list[Polynomial]]:
    """The leading terms reduced as long as one of the basis divides them."""
    context = p.context()
    while not p.is_zero():
        a = _leading(p)
        for q, other in basis:
            b = _leading(q)
            if all(x >= y for x, y in zip(a, b, strict=True)):
                charge(len(q) + sum(len(x) for x in other))
                m = context.from_dict({tuple(x - y for x, y in zip(a, b, strict=True)):
                                       p.leading_coefficient() / q.leading_coefficient()})
                p, row = p - m * q, [x - m * y for x, y in zip(row, other, strict=True)]
                break
        else:
            return p, row
    return p, row
