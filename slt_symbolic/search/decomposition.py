"""Generators that are polynomials in a power of ``x + c``: that power is a coordinate where c is not 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd

from slt_symbolic.check.algebra.ring import Polynomial, coefficients_in
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.nonvanishing import nonzero_proof
from slt_symbolic.search.tree import Proposal, poll, propose


def decomposition(s: Stratum) -> Proposal | None:
    """All generators as polynomials in ``(x + c)^d - c^d``, d as large as possible, for the first x that allows it."""
    for j in sorted(s.active):
        if s.orders[j] or s.jacobian[j]:
            continue
        own = [g for g in s.generators if g.degrees()[j]]
        for inner in _inner(s, own, j):
            outer = [_expanded(g, inner, j) for g in s.generators]
            if any(part is None for part in outer):
                continue
            proof = nonzero_proof(s.on_stratum(inner.derivative(j)), s.units, s.constants)
            if proof is not None:
                return propose(s, "composite", variable=s.names[j], inner=str(inner), outer=list(map(str, outer)),
                               nonzero=proof)
    return None


def _inner(s: Stratum, own: Sequence[Polynomial], j: int) -> Iterator[Polynomial]:
    """Powers by the two highest coefficients of a generator, which say what c has to be."""
    degree = gcd(*(int(g.degrees()[j]) for g in own))
    parts = coefficients_in(own[0], [j])
    highest = int(own[0].degrees()[j])
    top, following = parts[(highest,)], parts.get((highest - 1,))
    if degree < 2 or following is None:
        return
    quotient, rest = divmod(following, highest * top)
    if not rest.is_zero() or not quotient.is_constant():
        return
    for d in range(degree, 1, -1):
        if degree % d == 0:
            yield (s.variables[j] + quotient) ** d - quotient**d


def _expanded(g: Polynomial, inner: Polynomial, j: int) -> Polynomial | None:
    """``G`` with ``g = G(x_j = inner)``, by division with remainders that are free of x_j; None if one is not."""
    x = g.context().gens()[j]
    total, power, rest = g.context().constant(0), g.context().constant(1), g
    degree = int(inner.degrees()[j])
    while not rest.is_zero():
        poll()
        quotient, remainder = _divided(rest, inner, j, degree)
        if remainder.degrees()[j] > 0:
            return None
        total, power, rest = total + remainder * power, power * x, quotient
    return total


def _divided(g: Polynomial, inner: Polynomial, j: int, degree: int) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder with respect to x_j, in which the divisor has the leading coefficient 1."""
    x, quotient = g.context().gens()[j], g.context().constant(0)
    while not g.is_zero() and (highest := int(g.degrees()[j])) >= degree:
        part = coefficients_in(g, [j])[(highest,)] * x ** (highest - degree)
        quotient, g = quotient + part, g - part * inner
    return quotient, g
