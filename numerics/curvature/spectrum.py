"""Traces ``tr f(H)`` of the Hessian at any point, minimum or not: dense where it is small, stochastic where it is not.

Stochastic Lanczos quadrature: for a random vector z of signs ``E z^T f(H) z = tr f(H)``. Lanczos from z gives a
tridiagonal T whose eigenvalues ``theta_i``, with weights ``P e_i^2``, e the first entries of its eigenvectors, are the
Gauss quadrature of ``z^T f(H) z``: exact for polynomials of degree below twice the number of steps, and for every f
once the steps are as many as H has different eigenvalues. Until then the value swings as steps are
added; it is averaged over the last third of them, and the error has two parts, the scatter over the probes and that
over these steps. Ubaru, Chen, Saad (SIAM J. Matrix Anal. 38, 2017); Ghorbani, Krishnan, Xiao (ICML 2019) for networks.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from numerics.curvature.density import Measured, SpectralDensity, mean_of_probes
from numerics.curvature.eigenvalues import allows_dense
from numerics.curvature.lanczos import Product, lanczos
from numerics.losses.polynomial import HasHessianProduct, Loss

LARGEST_BASIS = 2**26  # numbers in the Lanczos vectors that are kept at a time, to stay orthogonal to them


def hessian_product(loss: Loss, point: Tensor) -> Product:
    """``z -> H z`` for vectors (C, P), H the Hessian of ``loss`` at ``point`` (P,).

    The loss's own product if it has one, else the gradient of ``z·grad L``.
    """
    if isinstance(loss, HasHessianProduct):
        return loss.hessian_product(point)

    def product(z: Tensor) -> Tensor:
        slope: Tensor = torch.func.grad(lambda x: (z * loss.value_and_gradient(x)[1]).sum())(point.expand_as(z))
        return slope

    return product


def hessian_density(loss: Loss, point: Tensor, probes: int, steps: int, seed: int) -> SpectralDensity:
    """The spectrum at ``point`` (P,): every eigenvalue up to 3000 parameters, beyond them `lanczos_density`."""
    if allows_dense(len(point)):
        return dense_density(loss, point)
    return lanczos_density(hessian_product(loss, point), signs(probes, point, seed), steps)


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
    return SpectralDensity(*_join(parts), dense=False, earlier=tuple(
        SpectralDensity(*_join(some), dense=False) for some in zip(*(part.earlier for part in parts), strict=True)))


def _join(parts: Sequence[SpectralDensity]) -> tuple[Tensor, Tensor]:
    return torch.cat([part.nodes for part in parts]), torch.cat([part.weights for part in parts])
