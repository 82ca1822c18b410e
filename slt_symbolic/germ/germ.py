"""A germ: generators of an ideal near a point, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from flint import fmpq, fmpq_mat, fmpq_mpoly

from slt_symbolic.check.algebra.ring import Exponent, Polynomial, terms
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.reading import Generator, Name, Rational, read


@dataclass(frozen=True)
class Germ:
    """Polynomials with rational coefficients that vanish at the origin; the loss is the sum of squares.

    ``generators`` are python-flint's, in the variables of this name; use `Germ.at` for texts and SymPy.
    """

    variables: tuple[str, ...]
    generators: tuple[Polynomial, ...]

    def __post_init__(self) -> None:
        for generator in self.generators:
            if not isinstance(generator, fmpq_mpoly) or generator.context().names() != tuple(self.variables):
                raise InvalidInput(f"generator {generator}", f"is no python-flint polynomial in {self.variables}",
                                   "Germ.at for texts and SymPy")
            value = generator(*[0] * len(self.variables))
            if value != 0:
                raise InvalidInput(f"generator {generator}", f"does not vanish at the origin (its value is {value})",
                                   "Germ.at with the point")

    @classmethod
    def at(cls, generators: Generator | Iterable[Generator], variables: Sequence[Name],
           point: Mapping[Any, Rational] | None = None) -> Germ:
        """The germ of ``generators`` at ``point`` (default: the origin), translated to the origin; read as by `rlct`.

        Of quotients it has the numerators: what they are divided by is a unit at the point, so the ideal is the same.

        >>> x, y = sympy.symbols("x y")
        >>> Germ.at([x * y - 1], (x, y), {x: 1, y: 1}).expressions
        (x*y + x + y,)
        >>> Germ.at(["x/(1 + y)"], ("x", "y")).expressions
        (x,)
        >>> Germ.at(["x + 1"], ("x", "y"))
        Traceback (most recent call last):
            ...
        slt_symbolic.errors.InvalidInput: x + 1: does not vanish at x = 0, y = 0 (its value is 1); try a zero of all \
generators
        """
        asked = read(generators, variables, point)
        return cls.of(asked.names, asked.at_origin())

    @classmethod
    def of(cls, variables: Sequence[str], generators: Iterable[Polynomial]) -> Germ:
        """Zeros among the generators are left out."""
        return cls(tuple(variables), tuple(g for g in generators if not g.is_zero()))

    @property
    def expressions(self) -> tuple[sympy.Expr, ...]:
        """The generators for SymPy."""
        symbols = [sympy.Symbol(name) for name in self.variables]
        return tuple(sympy.Add(*(sympy.Rational(int(c.p), int(c.q)) * sympy.Mul(*map(sympy.Pow, symbols, e))
                                 for e, c in terms(g).items())) for g in self.generators)

    def row_reduced(self) -> Germ:
        """The germ of the same ideal by the reduced echelon form of its generators over the rationals.

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
