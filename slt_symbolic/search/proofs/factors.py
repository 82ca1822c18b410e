"""Factors over the rationals: proposals, which the checker multiplies out."""

from __future__ import annotations

from collections.abc import Iterator

from slt_symbolic.check.algebra.ring import Polynomial, Ring, common_content, divide_monomial, monic

MOST_KEPT = 2**12
LARGEST_DEGREE = 150  # beyond it FLINT may take minutes, which nothing interrupts
_FACTORS: dict[tuple[Ring, str], tuple[tuple[Polynomial, int], ...]] = {}  # a search asks for the same again and again


def factors(polynomial: Polynomial) -> list[tuple[Polynomial, int]]:
    """The irreducible factors over the rationals, monic, with their powers; numbers are left out.

    What has a degree above `LARGEST_DEGREE` without its monomials is left as one.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> x, y = ring_of(["x", "y"]).gens()
    >>> factors(2 * x**2 * y), factors(x**2 - y**2)
    ([(x, 2), (y, 1)], [(x - y, 1), (x + y, 1)])
    """
    if len(polynomial) == 1:  # most are: FLINT takes longer
        return [(x, int(e)) for x, e in zip(polynomial.context().gens(), polynomial.degrees(), strict=True) if e]
    if polynomial.total_degree() == 1:
        return [(monic(polynomial), 1)]
    key = polynomial.context(), str(polynomial)
    found = _FACTORS.get(key)
    if found is None:
        if len(_FACTORS) >= MOST_KEPT:
            _FACTORS.clear()
        found = _FACTORS[key] = tuple(_factored(polynomial))
    return list(found)


def _factored(polynomial: Polynomial) -> Iterator[tuple[Polynomial, int]]:
    monomials = common_content([polynomial])
    rest = divide_monomial(polynomial, monomials)
    if rest.total_degree() <= LARGEST_DEGREE:
        yield from ((monic(f), int(e)) for f, e in polynomial.factor()[1])
    else:
        yield from ((x, e) for x, e in zip(polynomial.context().gens(), monomials, strict=True) if e)
        yield monic(rest), 1


def unit_factors(polynomials: tuple[Polynomial, ...], constants: frozenset[int]) -> list[Polynomial]:
    """The irreducible factors of units, each once, sorted by their texts; those in constants alone are left out."""
    found: dict[str, Polynomial] = {}
    for u in polynomials:
        if u.is_zero():
            return [u]
        for factor, _ in factors(u):
            if any(degree and j not in constants for j, degree in enumerate(factor.degrees())):
                found.setdefault(str(factor), factor)
    return [found[text] for text in sorted(found)]
