"""Traces ``tr f(H)`` of the Hessian at any point, minimum or not: dense where it is small, stochastic where it is not.

Stochastic Lanczos quadrature: for a random vector z of signs ``E z^T f(H) z = tr f(H)``. Lanczos from z gives a
tridiagonal T whose eigenvalues ``theta_i``, with weights ``P e_i^2``, e the first entries of its eigenvectors, are the
Gauss quadrature of ``z^T f(H) z``: exact for polynomials of degree below twice the number of steps, and for every f
once the steps are as many as H has different eigenvalues. Until then the value swings as steps are
added; it is averaged over the last third of them, and the error has two parts, the scatter over the probes and that
over these steps. Ubaru, Chen, Saad (SIAM J. Matrix Anal. 38, 2017); Ghorbani, Krishnan, Xiao (ICML 2019) for networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from numerics.curvature.geometry import LARGEST_DENSE
from numerics.losses.polynomial import HasHessianProduct, Loss

LARGEST_BASIS = 2**26  # numbers in the Lanczos vectors that are kept at a time, to stay orthogonal to them
AVERAGED = 1 / 3  # of the steps
BREAKDOWN = 1e-10  # a residual this small, relative to H: the vectors span an invariant space

Product = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Measured:
    """A mean with its standard error, 0 where it is exact."""

    mean: float
    error: float


@dataclass(frozen=True)
class SpectralDensity:
    """``tr f(H) = mean over probes of sum_i weights_i f(nodes_i)``; ``nodes`` and ``weights`` are (probes, nodes).

    A dense Hessian is one probe whose nodes are all its eigenvalues. ``earlier``: the same with fewer Lanczos
    steps, over which values are averaged.
    """

    nodes: Tensor
    weights: Tensor
    dense: bool
    earlier: tuple[SpectralDensity, ...] = ()

    def trace_of(self, f: Callable[[Tensor], Tensor]) -> Measured:
        """``tr f(H)``, f acting on each eigenvalue; both parts of the error together."""
        values = torch.stack([(x.weights * f(x.nodes)).sum(1) for x in (*self.earlier, self)])  # (numbers of steps, n)
        found = mean_of_probes(values.mean(0))
        swing = float(values.mean(1).std()) if self.earlier else 0.0
        return Measured(found.mean, math.hypot(found.error, swing))


def mean_of_probes(values: Tensor) -> Measured:
    """(probes,) -> mean and standard error."""
    error = float(values.std() / len(values) ** 0.5) if len(values) > 1 else 0.0
    return Measured(float(values.mean()), error)


def hessian_product(loss: Loss, point: Tensor) -> Product:
    """``z -> H z`` for vectors (C, P), H the Hessian of ``loss`` at ``point`` (P,): by its own product if it has one,
    else as the gradient of ``z·grad L``.
    """
    if isinstance(loss, HasHessianProduct):
        return loss.hessian_product(point)

    def product(z: Tensor) -> Tensor:
        return torch.func.grad(lambda x: (z * loss.value_and_gradient(x)[1]).sum())(point.expand_as(z))

    return product


def hessian_density(loss: Loss, point: Tensor, probes: int, steps: int, seed: int) -> SpectralDensity:
    """The spectrum at ``point`` (P,): every eigenvalue up to 3000 parameters, beyond them `lanczos_density`."""
    if len(point) > LARGEST_DENSE:
        return lanczos_density(hessian_product(loss, point), signs(probes, point, seed), steps)
    return dense_density(loss, point)


def dense_density(loss: Loss, point: Tensor) -> SpectralDensity:
    """Every eigenvalue at ``point`` (P,)."""
    hessian = loss.hessian(point)
    values = torch.linalg.eigvalsh((hessian + hessian.T) / 2)[None]
    return SpectralDensity(values, torch.ones_like(values), dense=True)


def hutchinson(product: Product, vectors: Tensor) -> Measured:
    """``tr H`` as the mean of ``z^T H z`` over the ``vectors`` (n, P) of signs."""
    chunk = max(LARGEST_BASIS // (16 * vectors.shape[1]), 1)
    return mean_of_probes(torch.cat([(z * product(z)).sum(1) for z in vectors.split(chunk)]))


def signs(number: int, like: Tensor, seed: int) -> Tensor:
    """(number, P): seeded random signs (Rademacher vectors)."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(2, (number, len(like)), generator=generator)
    return (2 * drawn - 1).to(like)


def lanczos_density(product: Product, probes: Tensor, steps: int) -> SpectralDensity:
    """Gauss quadratures of ``steps`` nodes, one from each of the ``probes`` (n, P)."""
    chunk = max(LARGEST_BASIS // (steps * probes.shape[1]), 1)
    parts = [lanczos(product, z, steps).density for z in probes.split(chunk)]
    return SpectralDensity(*_joined(parts), dense=False, earlier=tuple(
        SpectralDensity(*_joined(some), dense=False) for some in zip(*(part.earlier for part in parts), strict=True)))


def _joined(parts: Sequence[SpectralDensity]) -> tuple[Tensor, Tensor]:
    return torch.cat([part.nodes for part in parts]), torch.cat([part.weights for part in parts])


@dataclass(frozen=True)
class Krylov:
    """What Lanczos found from n vectors of the given ``lengths`` (n,): an orthonormal ``basis`` (n, steps, P), whose
    first vector is the normalised start, and H in it, ``tridiagonal`` (n, steps, steps). ``complete`` (n,): H leaves
    it invariant.
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
        coefficients = vectors @ (f(nodes) * vectors[:, 0])[..., None]  # (n, steps, 1)
        return self.lengths[:, None] * (coefficients.mT @ self.basis)[:, 0]

    def _quadrature(self, steps: int) -> SpectralDensity:
        """That of the first ``steps``, where they are not all that there is."""
        cut = self.tridiagonal.clone()  # into two blocks, of which the start does not see the second
        cut[:, steps - 1, steps:], cut[:, steps:, steps - 1] = 0, 0
        nodes, vectors = torch.linalg.eigh(torch.where(self.complete[:, None, None], self.tridiagonal, cut))
        return SpectralDensity(nodes, vectors[:, 0].square() * self.lengths[:, None].square(), dense=False)


def lanczos(product: Product, start: Tensor, steps: int) -> Krylov:
    """From each of ``start`` (n, P), by ``steps`` products, all of them kept and orthogonalised."""
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
