"""Polynomials modulo 5 in up to 13 variables: products without monomials that fifth powers divide, and values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
from numpy.typing import NDArray

Quadric = Mapping[tuple[int, int], int]  # coefficients of products of two variables
VARIABLES = 13
AT_ONCE = 8  # variables whose values are gone through in one array
_BITS = 4  # of an exponent, which is at most 9 where one fifth power is left
_UNITS = tuple(1 << _BITS * variable for variable in range(VARIABLES))


@dataclass(frozen=True)
class Residues:
    """``codes`` are monomials, four bits an exponent, in increasing order; ``values`` their coefficients, not 0."""

    codes: NDArray[np.int64]
    values: NDArray[np.int64]

    @classmethod
    def product(cls, quadrics: Iterable[Quadric], fifth_powers: int = 1) -> Self:
        """The product of quadrics, up to monomials that more than so many fifth powers divide.

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
            fifths = sum(_exponent(codes, variable) // 5 for variable in range(VARIABLES))
            kept = (values != 0) & (fifths <= fifth_powers)
            codes, values = codes[kept], values[kept]
        return cls(codes, values)

    def coefficient_with(self, other: Self, exponents: Sequence[int]) -> int:
        """The coefficient of a monomial in the product with another one; at most one exponent may exceed 4."""
        divides = np.ones(len(self.codes), dtype=bool)
        for variable, exponent in enumerate(exponents):
            divides &= _exponent(self.codes, variable) <= exponent
        wanted = sum(unit * exponent for unit, exponent in zip(_UNITS, exponents, strict=False)) - self.codes[divides]
        positions = np.minimum(np.searchsorted(other.codes, wanted), len(other.codes) - 1)
        found = np.where(other.codes[positions] == wanted, other.values[positions], 0)
        return int(self.values[divides] @ found) % 5


def _exponent(codes: NDArray[np.int64], variable: int) -> NDArray[np.int64]:
    return (codes >> _BITS * variable) & (1 << _BITS) - 1


def projective_points(variables: int) -> Iterator[NDArray[np.int8]]:
    """One point of each line through 0 modulo 5, in arrays of ``variables`` rows.

    >>> [points.tolist() for points in projective_points(2)]
    [[[1, 1, 1, 1, 1], [0, 1, 2, 3, 4]], [[0], [1]]]
    """
    for zeros in range(variables):
        free = variables - 1 - zeros
        varied = min(free, AT_ONCE)
        inner = np.indices((5,) * varied).reshape(varied, 5**varied).astype(np.int8)
        for outer in product(range(5), repeat=free - varied):
            fixed = np.array([0] * zeros + [1, *outer], dtype=np.int8)
            yield np.concatenate([np.repeat(fixed[:, None], inner.shape[1], axis=1), inner])


def values_at(quadric: Quadric, points: NDArray[np.int8]) -> NDArray[np.int8]:
    """The values of a quadric, coefficients from 0 to 4, at the points (variables, n)."""
    total = np.zeros(points.shape[1], dtype=np.int8)
    for (one, two), value in quadric.items():
        total = (total + points[one] * points[two] * np.int8(value)) % np.int8(5)  # at most 4 + 64
    return total
