"""Traces ``tr f(H)`` of the Hessian at any point, minimum or not: dense where it is small, stochastic where it is not.

Stochastic Lanczos quadrature: for a random vector z of signs ``E z^T f(H) z = tr f(H)``. Lanczos from z gives a
tridiagonal T whose eigenvalues ``theta_i``, with weights ``P e_i^2``, e the first entries of its eigenvectors, are the
Gauss quadrature of ``z^T f(H) z``: exact for polynomials of degree below twice the number of steps, and for every f
once the steps are as many as H has different eigenvalues. What is left is the scatter over the probes, the standard
error. Ubaru, Chen, Saad (SIAM J. Matrix Anal. 38, 2017); Ghorbani, Krishnan, Xiao (ICML 2019) for networks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from numerics.geometry import LARGEST_DENSE
from numerics.losses import Loss

LARGEST_BASIS = 2**26  # numbers in the Lanczos vectors that are kept at a time, to stay orthogonal to them
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

    A dense Hessian is one probe whose nodes are all its eigenvalues.
    """

    nodes: Tensor
    weights: Tensor
    dense: bool

    def trace_of(self, f: Callable[[Tensor], Tensor]) -> Measured:
        """``tr f(H)``, f acting on each eigenvalue."""
        return mean_of_probes((self.weights * f(self.nodes)).sum(1))


def mean_of_probes(values: Tensor) -> Measured:
    """(probes,) -> mean and standard error."""
    error = float(values.std() / len(values) ** 0.5) if len(values) > 1 else 0.0
    return Measured(float(values.mean()), error)


def hessian_product(loss: Loss, point: Tensor) -> Product:
    """``z -> H z`` for vectors (C, P), H the Hessian of ``loss`` at ``point`` (P,): the gradient of ``z·grad L``."""
    def product(z: Tensor) -> Tensor:
        return torch.func.grad(lambda x: (z * loss.value_and_gradient(x)[1]).sum())(point.expand_as(z))

    return product


def hessian_density(loss: Loss, point: Tensor, probes: int, steps: int, seed: int) -> SpectralDensity:
    """The spectrum at ``point`` (P,): every eigenvalue up to 3000 parameters, beyond them `lanczos_density`."""
    if len(point) > LARGEST_DENSE:
        return lanczos_density(hessian_product(loss, point), signs(probes, point, seed), steps)
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
    parts = [_lanczos(product, z, steps) for z in probes.split(chunk)]
    weights = torch.cat([x.firsts.square() for x in parts]) * probes.square().sum(1, keepdim=True)
    return SpectralDensity(torch.cat([x.nodes for x in parts]), weights, dense=False)


def function_of_hessian(product: Product, f: Callable[[Tensor], Tensor], vectors: Tensor, steps: int) -> Tensor:
    """``f(H) z``, nearly, for each of the ``vectors`` (n, P): f acts on the eigenvalues of the tridiagonal matrix."""
    def one(z: Tensor) -> Tensor:
        found = _lanczos(product, z[None], steps)
        coefficients = found.vectors @ (f(found.nodes) * found.firsts)[..., None]
        return z.norm() * (coefficients.mT @ found.basis)[0, 0]

    return torch.stack([one(z) for z in vectors])


@dataclass(frozen=True)
class _Krylov:
    """A ``basis`` (n, steps, P), and of the tridiagonal matrix of H in it the eigenvalues ``nodes`` (n, steps) and the
    eigenvectors ``vectors`` (n, steps, steps), one a column.
    """

    basis: Tensor
    nodes: Tensor
    vectors: Tensor

    @property
    def firsts(self) -> Tensor:
        """(n, steps): the first entries of the eigenvectors."""
        return self.vectors[:, 0]


def _lanczos(product: Product, start: Tensor, steps: int) -> _Krylov:
    """From each of ``start`` (n, P)."""
    steps = min(steps, start.shape[1])
    basis = (start / start.norm(dim=1, keepdim=True))[:, None]  # (n, steps so far, P)
    triangular = start.new_zeros(len(start), steps, steps)
    for step in range(steps):
        residual = product(basis[:, -1])
        triangular[:, step, step] = (basis[:, -1] * residual).sum(1)
        if step == steps - 1:
            break
        size = residual.norm(dim=1, keepdim=True)
        for _ in range(2):  # once leaves what rounding left
            residual = residual - ((basis @ residual[..., None]).mT @ basis)[:, 0]
        length = residual.norm(dim=1, keepdim=True)
        length = torch.where(length > BREAKDOWN * size, length, 0.0)
        triangular[:, step, step + 1] = triangular[:, step + 1, step] = length[:, 0]
        # After a breakdown zeros follow: nodes that the start does not see, of weight zero.
        basis = torch.cat([basis, torch.where(length > 0, residual / length, 0.0)[:, None]], 1)
    nodes, vectors = torch.linalg.eigh(triangular)
    return _Krylov(basis, nodes, vectors)
