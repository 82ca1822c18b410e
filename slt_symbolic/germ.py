"""A germ: generators of an ideal near a point, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy
from flint import fmpq, fmpq_mat

from slt_symbolic.check.ring import Exponent, Polynomial, ring_of, terms


@dataclass(frozen=True)
class Germ:
    """Polynomials with rational coefficients that vanish at the origin; the loss is the sum of squares.

    ``generators`` are python-flint's, in the variables of this name; use `Germ.at` for SymPy expressions.
    """

    variables: tuple[str, ...]
    generators: tuple[Polynomial, ...]

    def __post_init__(self) -> None:
        for generator in self.generators:
            if generator(*[0] * len(self.variables)) != 0:
                raise ValueError(f"generator {generator} does not vanish at the point")

    @classmethod
    def at(
        cls,
        generators: Sequence[sympy.Expr],
        variables: Sequence[sympy.Symbol],
        point: Mapping[sympy.Symbol, sympy.Rational] | None = None,
    ) -> Germ:
        """The germ of ``generators`` at ``point`` (default: the origin), translated to the origin.

        >>> x, y = sympy.symbols("x y")
        >>> Germ.at([x * y - 1], (x, y), {x: 1, y: 1}).expressions
        (x*y + x + y,)
        >>> Germ.at([x + 1], (x, y))
        Traceback (most recent call last):
            ...
        ValueError: generator x + 1 does not vanish at the point
        """
        shift = {v: v + point[v] for v in variables if v in point} if point else {}
        ring = ring_of([str(v) for v in variables])
        polynomials = []
        for g in generators:
            moved = sympy.Poly(sympy.sympify(g).subs(shift, simultaneous=True), *variables, domain="QQ")
            polynomials.append(ring.from_dict({e: fmpq(int(c.p), int(c.q)) for e, c in moved.terms()}))
        return cls.of(ring.names(), polynomials)

    @classmethod
    def of(cls, variables: Sequence[str], generators: Iterable[Polynomial]) -> Germ:
        """Zeros among the generators are left out."""
        return cls(tuple(variables), tuple(g for g in generators if not g.is_zero()))

    @property
    def expressions(self) -> tuple[sympy.Expr, ...]:
        """The generators for SymPy."""
        symbols = sympy.symbols(self.variables)
        return tuple(sympy.Add(*(sympy.Rational(int(c.p), int(c.q)) * sympy.Mul(*map(sympy.Pow, symbols, e))
                                 for e, c in terms(g).items())) for g in self.generators)

    def row_reduced(self) -> Germ:
        """The same ideal by the reduced echelon form of its generators over the rationals.

        >>> x, y = sympy.symbols("x y")
        >>> Germ.at([x**2 + y**2, x**2 - y**2], (x, y)).row_reduced().expressions
        (y**2, x**2)
        """
        if not self.generators:
            return self
        monomials = sorted({e for g in self.generators for e in terms(g)}, key=lambda e: (sum(e), e))
        echelon, rank = self._coefficients(monomials).rref()
        ring = self.generators[0].context()
        return Germ.of(self.variables, (ring.from_dict({m: echelon[i, j] for j, m in enumerate(monomials)})
                                        for i in range(rank)))

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

    def _coefficients(self, exponents: Sequence[Exponent]) -> fmpq_mat:
        """The coefficients of the generators (rows) at these monomials (columns)."""
        tables = [terms(generator) for generator in self.generators]
        return fmpq_mat([[table.get(exponent, fmpq(0)) for exponent in exponents] for table in tables])
