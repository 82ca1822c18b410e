"""Deep linear networks ``f(x) = A_L ... A_1 x``, inputs that span: the loss sees the product of the matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from slt_symbolic.check.algebra.ring import Polynomial, ring_of
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.germ import Germ

Matrix = Sequence[Sequence[int | Fraction]]


@dataclass(frozen=True)
class LinearNetwork:
    """The architecture: ``widths`` d_0 (inputs), ..., d_L (outputs); ``A_i`` is ``d_i × d_{i-1}``."""

    widths: tuple[int, ...]


def germ_at(network: LinearNetwork, matrices: Sequence[Matrix]) -> Germ:
    """The germ of the loss at rational matrices ``A_1, ..., A_L``, where the truth is their product.

    The generators are the entries of the product minus their values.

    >>> germ = germ_at(LinearNetwork((1, 1, 1)), [[[0]], [[0]]])
    >>> germ.expressions
    (a1_0_0*a2_0_0,)
    """
    shapes = list(zip(network.widths[1:], network.widths[:-1], strict=True))
    if [(len(m), *{len(row) for row in m}) for m in matrices] != shapes:
        raise InvalidInput("matrices", "do not have the shapes of the network", f"shapes {shapes}")
    ring = ring_of([f"a{i}_{r}_{c}" for i, (m, n) in enumerate(shapes, 1) for r in range(m) for c in range(n)])
    variables = iter(ring.gens())
    first, *others = [shifted(matrix, variables) for matrix in matrices]
    product = first
    for matrix in others:
        product = times(matrix, product)
    return Germ.of(ring.names(), (f - f(*[0] * len(ring.gens())) for row in product for f in row))


def shifted(matrix: Matrix, variables: Iterator[Polynomial]) -> list[list[Polynomial]]:
    """The matrix plus one of the ``variables`` in each entry, row by row."""
    return [[variable + variable.context().constant(Fraction(x).numerator) / Fraction(x).denominator
             for x, variable in zip(row, variables, strict=False)] for row in matrix]


def times(left: Sequence[Sequence[Polynomial]], right: Sequence[Sequence[Polynomial]]) -> list[list[Polynomial]]:
    """The product of two matrices of polynomials."""
    zero = left[0][0].context().constant(0)
    return [[sum((a * b for a, b in zip(row, column, strict=True)), zero) for column in zip(*right, strict=True)]
            for row in left]
