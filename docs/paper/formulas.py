"""The paper's own formulas: ``slt test formulas.py`` compares them with certified thresholds at all these sizes."""

from __future__ import annotations

from fractions import Fraction

sizes = {"a": range(1, 5), "b": range(1, 5), "c": range(1, 6)}


def formula(a: int, b: int, c: int) -> tuple[Fraction, int]:
    """``(lambda, m)`` of the regression function ``u^a v^b t + u^c t^2`` at ``u = v = 0``, with truth 0.

    The ideal is monomial. Where ``c <= a`` it is that of ``u^c``; otherwise its polyhedron has the vertices ``(a, b)``
    and ``(c, 0)``, and the diagonal meets the edge between them if ``b > a``, the vertical side if ``b < a``.
    """
    if c <= a:
        return Fraction(1, 2 * c), 1
    if b > a:
        return Fraction(b + c - a, 2 * b * c), 1
    return Fraction(1, 2 * a), 1 + (a == b)


def germ(a: int, b: int, c: int) -> list[str]:
    """The coefficients: the sum of their squares is comparable to the loss on inputs that tell t from t^2."""
    return [f"u^{a} * v^{b}", f"u^{c}"]
