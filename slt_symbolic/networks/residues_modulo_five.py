"""Polynomials modulo 5 in nine variables, up to monomials that two fifth powers divide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Quadric = Mapping[tuple[int, int], int]  # coefficients of products of two variables
VARIABLES = 9
_BITS = 4  # of an exponent, which is at most 9 where one fifth power is left
_UNITS = tuple(1 << _BITS * variable for variable in range(VARIABLES))


@dataclass(frozen=True)
class Residues:
    """``codes`` are monomials, four bits an exponent, in increasing order; ``values`` their coefficients, not 0."""

    codes: NDArray[np.int64]
    values: NDArray[np.int64]

    @classmethod
    def product(cls, quadrics: Iterable[Quadric]) -> Self:
        """The product of quadrics.

        >>> square = {(0, 0): 1}
        >>> Residues.product([square] * 4).codes, len(Residues.product([square] * 5).codes)
        (array([8]), 0)
        """
        codes, values = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)
        for quadric in quadrics:
            places = np.array([_UNITS[one] + _UNITS[two] for one, two in quadric], dtype=np.int64)
            terms = (values[:, None] * np.array(list(quadric.values()), dtype=np.int64)).ravel()
            codes, positions = np.unique((codes[:, None] + places).ravel(), return_inverse=True)
            values = np.bincount(positions, weights=terms).astype(np.int64) % 5  # exact: sums of fewer than 2^40 digits
            kept = (values != 0) & (sum(_exponent(codes, variable) // 5 for variable in range(VARIABLES)) <= 1)
            codes, values = codes[kept], values[kept]
        return cls(codes, values)

    def coefficient_with(self, other: Self, exponents: Sequence[int]) -> int:
        """The coefficient of a monomial in the product with another one; at most one exponent may exceed 4."""
        divides = np.ones(len(self.codes), dtype=bool)
        for variable, exponent in enumerate(exponents):
            divides &= _exponent(self.codes, variable) <= exponent
        wanted = sum(unit * exponent for unit, exponent in zip(_UNITS, exponents, strict=True)) - self.codes[divides]
        positions = np.minimum(np.searchsorted(other.codes, wanted), len(other.codes) - 1)
        found = np.where(other.codes[positions] == wanted, other.values[positions], 0)
        return int(self.values[divides] @ found) % 5


def _exponent(codes: NDArray[np.int64], variable: int) -> NDArray[np.int64]:
    return (codes >> _BITS * variable) & (1 << _BITS) - 1
