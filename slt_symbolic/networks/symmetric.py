"""Symmetric factorisation: the loss sees ``W W^T``, a symmetric matrix, for ``W`` of shape d × K."""

from __future__ import annotations

from dataclasses import dataclass

from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.germ import Germ
from slt_symbolic.networks.linear import Matrix, shifted, times


@dataclass(frozen=True)
class SymmetricFactorisation:
    """The architecture: ``size`` d of the symmetric matrix, ``columns`` K of its factor."""

    size: int
    columns: int


def germ_at(factorisation: SymmetricFactorisation, w: Matrix) -> Germ:
    """The germ of the loss at a rational ``w`` (d × K), where the truth is ``w w^T``.

    The generators are the entries on and above the diagonal of the product minus their values: the loss counts those
    above twice, which does not change the threshold.

    >>> germ_at(SymmetricFactorisation(2, 1), [[1], [0]]).expressions
    (w0_0**2 + 2*w0_0, w0_0*w1_0 + w1_0, w1_0**2)
    """
    d, columns = factorisation.size, factorisation.columns
    if [len(row) for row in w] != [columns] * d:
        raise InvalidInput("w", "does not have the shape of the factor", f"shape {d} x {columns}")
    ring = ring_of([f"w{a}_{j}" for a in range(d) for j in range(columns)])
    rows = shifted(w, iter(ring.gens()))
    product = times(rows, list(zip(*rows, strict=True)))
    entries = [product[a][b] for a in range(d) for b in range(a, d)]
    return Germ.of(ring.names(), (f - f(*[0] * len(ring.gens())) for f in entries))
