"""Brieskorn-Pham polynomials: the square of ``x^a + y^b + z^c``, lambda and m.

Varchenko, Newton polyhedra and estimation of oscillating integrals, Functional Analysis and its Applications 10 (1976)
175-196; Arnold, Gusein-Zade, Varchenko, Singularities of Differentiable Maps II (1988), chapter 8. The polynomial is
nondegenerate: the one compact facet of its Newton polyhedron, ``s = 1/a + 1/b + 1/c``, and the smooth part of its real
zeros, if there are any, compete.

    slt test brieskorn_pham.py
    slt test brieskorn_pham.py:facet_alone                # forgets the zeros
"""

from __future__ import annotations

from fractions import Fraction

sizes = {"a": range(2, 6), "b": range(2, 6), "c": range(2, 6)}


def formula(a: int, b: int, c: int) -> tuple[Fraction, int]:
    """``(lambda, m)``: all exponents even means that there is no other real zero."""
    s = Fraction(1, a) + Fraction(1, b) + Fraction(1, c)
    if a % 2 == b % 2 == c % 2 == 0:
        return s / 2, 1
    return min(s, Fraction(1)) / 2, 1 + (s == 1)


def facet_alone(a: int, b: int, c: int) -> Fraction:
    """The distance of the polyhedron, as for polynomials without zeros nearby."""
    return (Fraction(1, a) + Fraction(1, b) + Fraction(1, c)) / 2


def germ(a: int, b: int, c: int) -> list[str]:
    """One generator, whose square is the loss."""
    return [f"x^{a} + y^{b} + z^{c}"]
