"""A germ: generators of an ideal near a point, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from flint import fmpq, fmpq_mat

from slt_symbolic.check.ring import terms


@dataclass(frozen=True)
class Germ:
    """Polynomials with rational coefficients that vanish at the origin; the loss is the sum of squares.

    Use `Germ.at` to build one at another point.
    """

    variables: tuple[sympy.Symbol, ...]
    generators: tuple[sympy.Poly, ...]

    def __post_init__(self) -> None:
        for generator in self.generators:
            if generator.nth(*[0] * len(self.variables)) != 0:
                raise ValueError(f"generator {generator.as_expr()} does not vanish at the point")

    @classmethod
    def at(
        cls,
        generators: Sequence[sympy.Expr],
        variables: Sequence[sympy.Symbol],
        point: Mapping[sympy.Symbol, sympy.Rational] | None = None,
    ) -> Germ:
        """The germ of ``generators`` at ``point`` (default: the origin), translated to the origin.

        >>> x, y = sympy.symbols("x y")
        >>> Germ.at([x * y - 1], (x, y), {x: 1, y: 1}).generators[0].as_expr()
        x*y + x + y
        >>> Germ.at([x + 1], (x, y))
        Traceback (most recent call last):
            ...
        ValueError: generator x + 1 does not vanish at the point
        """
        shift = {v: v + point[v] for v in variables if v in point} if point else {}
        polynomials = (sympy.Poly(sympy.sympify(g).subs(shift, simultaneous=True), *variables, domain="QQ")
                       for g in generators)
        return cls(tuple(variables), tuple(g for g in polynomials if not g.is_zero))

    @classmethod
    def from_ring(cls, generators: Iterable[Any]) -> Germ:
        """From python-flint polynomials of one ring, which vanish at the origin; zeros are left out."""
        kept = [g for g in generators if not g.is_zero()]
        variables = tuple(sympy.Symbol(name) for name in kept[0].context().names()) if kept else ()
        tables = [{e: sympy.Rational(int(c.p), int(c.q)) for e, c in terms(g).items()} for g in kept]
        return cls(variables, tuple(sympy.Poly.from_dict(table, *variables, domain="QQ") for table in tables))

    @cached_property
    def monomials(self) -> tuple[tuple[int, ...], ...]:
        """The exponents that occur, linear ones first."""
        seen = {monomial for g in self.generators for monomial in g.monoms()}
        return tuple(sorted(seen, key=lambda exponents: (sum(exponents), exponents)))

    def row_reduced(self) -> Germ:
        """The same ideal by the reduced echelon form of its generators over the rationals.

        >>> x, y = sympy.symbols("x y")
        >>> [g.as_expr() for g in Germ.at([x**2 + y**2, x**2 - y**2], (x, y)).row_reduced().generators]
        [y**2, x**2]
        """
        if not self.generators:
            return self
        echelon, rank = self._coefficients(self.monomials).rref()
        reduced = []
        for i in range(rank):
            terms = {m: sympy.Rational(int(echelon[i, j].p), int(echelon[i, j].q))
                     for j, m in enumerate(self.monomials) if echelon[i, j] != 0}
            reduced.append(sympy.Poly.from_dict(terms, *self.variables, domain="QQ"))
        return Germ(self.variables, tuple(reduced))

    def jacobian_rank(self) -> int:
        """The exact rank over Q of the linear parts of the generators.

        >>> x, y = sympy.symbols("x y")
        >>> Germ.at([x + y**2, 2 * x], (x, y)).jacobian_rank()
        1
        """
        if not self.generators:
            return 0
        size = len(self.variables)
        linear = [tuple(int(i == j) for j in range(size)) for i in range(size)]
        return int(self._coefficients(linear).rank())

    def _coefficients(self, exponents: Sequence[tuple[int, ...]]) -> fmpq_mat:
        """The coefficients of the generators (rows) at these monomials (columns)."""
        tables = [generator.as_dict() for generator in self.generators]
        rows = [[sympy.Rational(table.get(exponent, 0)) for exponent in exponents] for table in tables]
        return fmpq_mat([[fmpq(int(c.p), int(c.q)) for c in row] for row in rows])
