"""Polynomials over the rationals: python-flint's `fmpq_mpoly`, and the few operations that steps need.

A ring is a flint context, shared by all strata of a certificate; variables are addressed by position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mpoly_ctx

Ring = Any  # flint.fmpq_mpoly_ctx; python-flint has no types to check against
Polynomial = Any  # flint.fmpq_mpoly
Exponent = tuple[int, ...]


def ring_of(names: Sequence[str]) -> Ring:
    """The ring of polynomials in these variables."""
    return fmpq_mpoly_ctx.get(list(names), "degrevlex")


def terms(polynomial: Polynomial) -> dict[Exponent, fmpq]:
    """Exponents and coefficients."""
    return {tuple(map(int, exponent)): c for exponent, c in polynomial.to_dict().items()}


def coefficients_in(polynomial: Polynomial, positions: Sequence[int]) -> dict[Exponent, Polynomial]:
    """The polynomial as one in the variables at ``positions``: their exponents, with polynomial coefficients."""
    ring = polynomial.context()
    collected: dict[Exponent, dict[Exponent, fmpq]] = {}
    for exponent, coefficient in terms(polynomial).items():
        inner = tuple(exponent[j] for j in positions)
        outer = list(exponent)
        for j in positions:
            outer[j] = 0
        collected.setdefault(inner, {})[tuple(outer)] = coefficient
    return {inner: ring.from_dict(table) for inner, table in collected.items()}


def monomial(ring: Ring, exponent: Sequence[int]) -> Polynomial:
    """The monomial with this exponent."""
    return ring.from_dict({tuple(exponent): 1})


def involves(polynomial: Polynomial, position: int) -> bool:
    """Does the variable occur?"""
    return bool(polynomial.degrees()[position] > 0)


def support(polynomial: Polynomial) -> frozenset[int]:
    """Positions of the variables that occur."""
    return frozenset(j for j, degree in enumerate(polynomial.degrees()) if degree > 0)


def at_zero(polynomial: Polynomial, positions: Sequence[int]) -> Polynomial:
    """The variables at ``positions`` set to 0."""
    chosen = set(positions)
    kept = {e: c for e, c in terms(polynomial).items() if not any(e[j] for j in chosen)}
    return polynomial.context().from_dict(kept)


def substitute(polynomial: Polynomial, images: Mapping[int, Polynomial]) -> Polynomial:
    """Variables replaced by polynomials, simultaneously."""
    ring = polynomial.context()
    return polynomial.compose(*[images.get(j, x) for j, x in enumerate(ring.gens())], ctx=ring)


def substitute_fraction(polynomial: Polynomial, position: int, numerator: Polynomial,
                        denominator: Polynomial) -> Polynomial:
    """``denominator^d · polynomial(x_position = numerator / denominator)``, ``d`` the degree in that variable."""
    if denominator.is_one():
        return substitute(polynomial, {position: numerator})
    degree = int(polynomial.degrees()[position])
    result = polynomial.context().constant(0)
    for (power,), coefficient in coefficients_in(polynomial, [position]).items():
        result += coefficient * numerator**power * denominator ** (degree - power)
    return result


def reduced(polynomial: Polynomial, constants: Mapping[int, Polynomial]) -> Polynomial:
    """Modulo the minimal polynomials of the constants."""
    for relation in constants.values():
        polynomial = divmod(polynomial, relation)[1]
    return polynomial


def monic(polynomial: Polynomial) -> Polynomial:
    """Leading coefficient 1; zero stays zero."""
    return polynomial if polynomial.is_zero() else polynomial / polynomial.leading_coefficient()


def factors(polynomial: Polynomial) -> list[tuple[Polynomial, int]]:
    """The irreducible factors over the rationals, monic, with their powers; constants are left out."""
    return [(monic(f), int(e)) for f, e in polynomial.factor()[1]]


def common_content(polynomials: Sequence[Polynomial]) -> Exponent:
    """The largest monomial that divides all of them (none of them zero)."""
    exponents = [e for p in polynomials for e in terms(p)]
    return tuple(min(column) for column in zip(*exponents, strict=True))


def divide_monomial(polynomial: Polynomial, exponent: Sequence[int]) -> Polynomial:
    """The quotient by a monomial that divides every term."""
    quotient = {tuple(a - b for a, b in zip(e, exponent, strict=True)): c for e, c in terms(polynomial).items()}
    return polynomial.context().from_dict(quotient)


def fraction(value: fmpq) -> Fraction:
    """flint's rational as Python's."""
    return Fraction(int(value.p), int(value.q))
