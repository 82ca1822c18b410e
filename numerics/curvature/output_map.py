"""The outputs of a module on all samples as a function of its weights: Jacobian, row space, Gauss-Newton products."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from scipy.linalg import qr
from torch import Tensor

from numerics.curvature.lanczos import Product
from numerics.curvature.spectrum import hessian_product
from numerics.losses.module import ModuleLoss, plain_kernels
from numerics.losses.polynomial import Loss

AT_A_TIME = 64  # products with vectors: memory stays small
SPARE = 8  # points beyond the rank at which outputs are taken, to see that they span no more
BLOCK = 2**25  # entries of a Jacobian that are decomposed at a time
LARGEST_ROWS, LARGEST_JACOBIAN = 6000, 2**29  # of a Jacobian, and its entries: four gigabytes
FOLDED, PLACES = 2**14, 2  # columns of a folded Jacobian, and to how many of them each column is added
VANISHES, STANDS_OUT = 1e-12, 1e-7  # singular values over the largest around: rounding errors, and what is none
DISPLACEMENTS = (0.3, 1e-2, 1e-5)  # of all weights at random, relative to their size


@dataclass(frozen=True)
class RowSpace:
    """The row space V of a ``jacobian`` (rows, P) by its ``singular`` values, all of them, largest first.

    ``weights`` (rows, r): ``jacobian^T weights`` is an orthonormal basis of the part of V that stands out. The basis is
    not kept, it is as large as the Jacobian.
    """

    jacobian: Tensor
    singular: Tensor
    weights: Tensor

    def coordinates(self, vectors: Tensor) -> Tensor:
        """(C, P) -> (C, r): of their parts in V."""
        found: Tensor = (vectors @ self.jacobian.T) @ self.weights
        return found

    def vectors(self, coordinates: Tensor) -> Tensor:
        """(C, r) -> (C, P)."""
        found: Tensor = (coordinates @ self.weights.T) @ self.jacobian
        return found

    def eigen(self, loss: Loss, theta: Tensor) -> tuple[Tensor, RowSpace]:
        """Eigenvalues (r,) of the Hessian within V, and V in the basis of its eigenvectors."""
        product, rank = hessian_product(loss, theta), self.weights.shape[1]
        if rank == 0:
            return theta.new_zeros(0), self
        inside = torch.cat([self.coordinates(product(self.vectors(some)))
                            for some in torch.eye(rank, dtype=theta.dtype).to(theta).split(AT_A_TIME)])
        values, vectors = torch.linalg.eigh((inside + inside.T) / 2)
        return values, replace(self, weights=self.weights @ vectors)


@dataclass(frozen=True)
class OutputMap:
    """``count`` outputs of ``problem`` on all samples; ``centred``: less their mean over dimension 1, unseen by L.

    ``rows``: of the Jacobian that is computed, of the outputs themselves or of random combinations.
    """

    problem: ModuleLoss
    count: int
    rows: int
    centred: bool

    def outputs(self, theta: Tensor, batch: Any) -> Tensor:
        """Those on a batch, flat, as far as the loss sees them."""
        found: Tensor = self.problem.outputs(theta, batch)
        return (found - found.mean(1, keepdim=True) if self.centred else found).flatten()

    def spans(self, point: Tensor, rank: int) -> bool:
        """Whether the outputs at all weights span ``rank`` dimensions, by those displaced from the point."""
        if rank == self.count:
            return True
        width = rank + SPARE
        generator = torch.Generator().manual_seed(2)
        total, step = point.new_zeros(width, min(width, self.count)), DISPLACEMENTS[0] * size_of(point)
        directions = torch.randn(width, len(point), generator=generator, dtype=point.dtype).to(point)
        for _, batch in self.problem.chunks():
            with torch.no_grad(), plain_kernels(self.problem.objective.model):
                here = self.outputs(point, batch)
                some = torch.stack([self.outputs(point + step * x, batch) for x in directions]) - here
            for part in some.split(max(BLOCK // width, 1), 1):
                mixing = torch.randn(part.shape[1], total.shape[1], generator=generator, dtype=point.dtype)
                total += part @ mixing.to(point)
        if _beyond(total, rank) > STANDS_OUT * float(total.norm()):
            return False  # rounding errors are nowhere near
        singular = torch.linalg.svdvals(total)
        return int((singular > VANISHES * singular[0]).sum()) == rank

    def size(self, theta: Tensor) -> float:
        """Of the Jacobian: nearly its Frobenius norm, from one product."""
        return float(replace(self, rows=1).jacobian(theta).norm())

    def jacobian(self, theta: Tensor, first: int = 0, dtype: torch.dtype | None = None) -> Tensor:
        """(P,) -> (rows - first, P): the rows from the ``first`` on, whichever others there are."""
        total, done = theta.new_zeros(self.rows - first, len(theta), dtype=dtype), 0
        for _, batch in self.problem.chunks():
            with plain_kernels(self.problem.objective.model):
                found, back = torch.func.vjp(partial(self.outputs, batch=batch), theta)[:2]
                for start in range(first, self.rows, AT_A_TIME):
                    rows = min(AT_A_TIME, self.rows - start)
                    cotangents = self._cotangents(start, rows, done, len(found)).to(theta)
                    total[start - first:start - first + rows] += torch.func.vmap(lambda y, back=back: back(y)[0])(
                        cotangents)
            done += len(found)
        return total

    def _cotangents(self, first: int, rows: int, done: int, outputs: int) -> Tensor:
        """(rows, outputs): of what the rows from the ``first`` on are made; so many outputs before are done."""
        found = torch.zeros(rows, outputs, dtype=torch.float64)
        if self.rows < self.count:
            return found.normal_(generator=torch.Generator().manual_seed(self.count * first + done))
        own = torch.arange(max(first, done), min(first + rows, done + outputs))  # row i is that of output i
        found[own - first, own - done] = 1
        return found

    def gauss_newton(self, theta: Tensor) -> Product:
        """``z -> J^T l'' J z`` for vectors (C, P): the Hessian without what the curvature of the outputs adds."""
        parts = [(share, self._linearised(theta, batch)) for share, batch in self.problem.chunks()]

        def product(vectors: Tensor) -> Tensor:
            with plain_kernels(self.problem.objective.model):
                return torch.stack([sum((share * part(z) for share, part in parts), torch.zeros_like(z))
                                    for z in vectors])

        return product

    def _linearised(self, theta: Tensor, batch: Any) -> Product:
        """For one vector, by derivatives in reverse alone: those forward are not there for all layers."""
        with plain_kernels(self.problem.objective.model):
            found, back = torch.func.vjp(lambda x: self.problem.outputs(x, batch), theta)[:2]
            forward = torch.func.vjp(lambda y: back(y)[0], torch.zeros_like(found))[1]

            curved = torch.func.vjp(torch.func.grad(partial(self.problem.cost, batch=batch)), found)[1]
        return lambda z: back(curved(forward(z)[0])[0])[0]

    def row_space(self, theta: Tensor, scale: float) -> RowSpace:
        """At weights (P,), of singular values over ``scale`` that stand out."""
        jacobian = self.jacobian(theta)
        _, singular, right = torch.linalg.svd(_triangle(jacobian), full_matrices=False)
        return RowSpace(jacobian, singular, (right / singular[:, None])[singular > STANDS_OUT * scale].T)

    def above(self, theta: Tensor, threshold: float, expected: int) -> int:
        """How many singular values at weights (P,) are larger; at once where they are no more than ``expected``."""
        jacobian = self.jacobian(theta)
        if _beyond(_triangle(folded(jacobian)), expected) <= threshold:
            return expected
        return int((torch.linalg.svdvals(_triangle(jacobian)) > threshold).sum())


def largest_rows(seen: OutputMap) -> int:
    """Of a Jacobian that fits into memory and whose singular values take minutes at most."""
    return min(seen.count, LARGEST_ROWS, max(LARGEST_JACOBIAN // seen.problem.parameters, 1))


def independent(rows: Tensor, share: float) -> int:
    """How many of the ``rows`` (n, P) have more than a ``share`` of the largest pivot that is none of earlier rows."""
    pivots = torch.linalg.qr(rows.T, mode="r").R.diagonal().abs()
    return int((pivots > share * pivots.max()).sum())


def folded(jacobian: Tensor) -> Tensor:
    """(rows, P) -> (rows, at most `FOLDED`): columns added up with random signs, each in several places.

    The rank is the same as long as it is well below `FOLDED`, as it would be by a Gaussian matrix (sparse embeddings,
    Nelson and Nguyen 2013).
    """
    parameters, generator = jacobian.shape[1], torch.Generator().manual_seed(0)
    if parameters <= FOLDED:
        return jacobian
    total = jacobian.new_zeros(len(jacobian), FOLDED)
    for _ in range(PLACES):
        order = torch.randperm(parameters, generator=generator)
        signs = (2 * torch.randint(2, (parameters,), generator=generator) - 1).to(jacobian)
        for part, sign in zip(order.to(jacobian.device).split(FOLDED), signs.split(FOLDED), strict=True):
            total[:, :len(part)] += jacobian[:, part] * sign
    return total


def _triangle(jacobian: Tensor) -> Tensor:
    """R of the QR decomposition of the transposed Jacobian (rows, P), some parameters at a time."""
    triangle = jacobian.new_zeros(0, len(jacobian))
    for part in jacobian.split(max(BLOCK // len(jacobian), len(jacobian)), 1):
        triangle = torch.linalg.qr(torch.cat([triangle, part.T]), mode="r").R
    return triangle


def _beyond(matrix: Tensor, rank: int) -> float:
    """No less than any singular value of the ``matrix`` (m, n) after the first so many: by QR with pivoting."""
    last = qr(matrix.numpy(force=True), mode="r", pivoting=True)[0][rank:, rank:]
    return float(np.linalg.norm(last))


def displaced(point: Tensor) -> Iterator[Tensor]:
    """From the point (P,) to both sides, in random directions, at `DISPLACEMENTS`."""
    generator = torch.Generator().manual_seed(0)
    for distance in DISPLACEMENTS:
        step = distance * size_of(point) * torch.randn(len(point), generator=generator, dtype=point.dtype).to(point)
        yield from (point + step, point - step)


def size_of(point: Tensor) -> float:
    """Root mean square of weights (P,); 1 where all are zero."""
    return float(point.square().mean().sqrt()) or 1.0
