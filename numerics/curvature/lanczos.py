"""Lanczos from several vectors at a time, with all of its vectors kept and orthogonalised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from numerics.curvature.density import SpectralDensity

AVERAGED = 1 / 3  # of the steps: values swing as steps are added
BREAKDOWN = 1e-10  # a residual this small, relative to H: the vectors span an invariant space

Product = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Krylov:
    """What Lanczos found from n vectors of the given ``lengths`` (n,).

    An orthonormal ``basis`` (n, steps, P), whose first vector is the normalised start, and H in it, ``tridiagonal``
    (n, steps, steps). ``complete`` (n,): H leaves it invariant.
    """

    lengths: Tensor
    basis: Tensor
    tridiagonal: Tensor
    complete: Tensor

    @property
    def density(self) -> SpectralDensity:
        """The Gauss quadratures."""
        steps = self.tridiagonal.shape[1]
        earlier = range(steps - int(AVERAGED * steps), steps)
        return replace(self._quadrature(steps), earlier=tuple(self._quadrature(fewer) for fewer in earlier))

    def apply(self, f: Callable[[Tensor], Tensor]) -> Tensor:
        """(n, P): nearly ``f(H) z`` for the vectors z that Lanczos started from."""
        nodes, vectors = torch.linalg.eigh(self.tridiagonal)
        coefficients: Tensor = vectors @ (f(nodes) * vectors[:, 0])[..., None]  # (n, steps, 1)
        return self.lengths[:, None] * (coefficients.mT @ self.basis)[:, 0]

    def _quadrature(self, steps: int) -> SpectralDensity:
        """The quadrature of the first ``steps``, where they are not all that there is."""
        cut = self.tridiagonal.clone()  # into two blocks, of which the start does not see the second
        cut[:, steps - 1, steps:], cut[:, steps:, steps - 1] = 0, 0
        nodes, vectors = torch.linalg.eigh(torch.where(self.complete[:, None, None], self.tridiagonal, cut))
        return SpectralDensity(nodes, vectors[:, 0].square() * self.lengths[:, None].square(), dense=False)


def lanczos(product: Product, start: Tensor, steps: int) -> Krylov:
    """Lanczos from each of ``start`` (n, P), by ``steps`` products, all of them kept and orthogonalised."""
    count, size = start.shape
    steps = min(steps, size)
    lengths = start.norm(dim=1)
    breakdown = max(BREAKDOWN, 10 * torch.finfo(start.dtype).eps)
    basis = start.new_zeros(count, steps, size)
    basis[:, 0] = start / lengths[:, None]
    tridiagonal = start.new_zeros(count, steps, steps)
    for step in range(steps):
        residual = product(basis[:, step])
        norm = residual.norm(dim=1)
        so_far = basis[:, :step + 1]
        tridiagonal[:, step, step] = (basis[:, step] * residual).sum(1)
        for _ in range(2):  # once leaves what rounding left
            residual = residual - ((so_far @ residual[..., None]).mT @ so_far)[:, 0]
        length = residual.norm(dim=1)
        length = torch.where(length > breakdown * norm, length, 0.0)
        if step == steps - 1:
            break
        tridiagonal[:, step, step + 1] = tridiagonal[:, step + 1, step] = length
        # After a breakdown zeros follow: nodes that the start does not see, of weight zero.
        basis[:, step + 1] = torch.where(length > 0, 1 / length, 0.0)[:, None] * residual
    return Krylov(lengths, basis, tridiagonal, (length == 0) | (steps == size))
