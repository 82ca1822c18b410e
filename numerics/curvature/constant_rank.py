"""Where minimisers form a manifold, beyond dense Hessians: the Jacobian of a module's outputs keeps its rank.

Let f be the outputs on all samples as a function of the weights, analytic, ``L = l(f)``, and ``w*`` a critical point
of L. The rank of ``J = Df`` has its largest value r off a thin set, and near ``w*`` it is at least what it is there. If
``rank J(w*) = r`` it is r near ``w*``: by the constant rank theorem ``f = phi(pi(w))``, pi a submersion onto R^r. Then
``L = (l phi)(pi(w))``; if the Hessian is positive on the row space of J, the minimum of ``l phi`` is not degenerate,
minimisers are a fibre of pi, and ``lambda = r/2``, m = 1. A flat direction along which L is of order 4 or more is one
along which f has slope zero at ``w*`` only: any displacement at random shows it as a new singular value of J, to first
order, among however many flat directions. The condition suffices; it is not necessary (``x (1 + y)`` and ``x y``).

Singular values are taken of J itself, not of ``J J^T``, whose rounding errors would hide those below 1e-8. Of many
outputs random combinations are taken, whose Jacobian has the same rank as long as it is less than their number. What
is zero is measured by what there is around the point: at a point where all slopes are rounding errors they are zeros.

No Jacobian has a larger rank than the space has dimensions that the outputs at all weights span. Where ``J(w*)``
reaches it, as that of a linear network does at weights of full rank, Jacobians around the point need not be computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from numerics.curvature.eigenvalues import CLEAR, ROUNDING, Spectrum
from numerics.curvature.spectrum import hessian_product
from numerics.losses.module import ModuleLoss, differentiable_attention
from numerics.losses.polynomial import Loss

FIRST_ROWS, LARGEST_RANK, LARGEST_JACOBIAN = 128, 3000, 2**27  # rows of a Jacobian, and its entries: a gigabyte
SPARE = 8  # points beyond the rank at which outputs are taken, to see that they span no more
AT_A_TIME = 64  # products with vectors: memory stays small
VANISHES, STANDS_OUT = 1e-12, 1e-7  # singular values over the largest around: rounding errors, and what is none
DISPLACEMENTS = (0.3, 1e-2, 1e-5)  # of all weights at random, relative to their size; the last for piecewise functions
FIRST, LAST = 1e-6, 1e-12  # Newton steps from a polished point, over the size of the weights
CONTRACTION, CHORDS = 0.1, 4  # of each of these steps, with one Hessian for all; 0.3 and more where L is of order 4
SAME, NOTHING = 1e-9, 1e-20  # relative difference of losses that are computed in two ways; of the largest, none at all


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
        total, step = point.new_zeros(width, min(width, self.count)), DISPLACEMENTS[0] * _size(point)
        directions = torch.randn(width, len(point), generator=generator, dtype=point.dtype).to(point)
        for _, batch in self.problem.chunks():
            with torch.no_grad(), differentiable_attention():
                here = self.outputs(point, batch)
                some = torch.func.vmap(lambda x, batch=batch: self.outputs(point + step * x, batch),
                                       chunk_size=AT_A_TIME)(directions)
            mixing = torch.randn(len(here), total.shape[1], generator=generator, dtype=point.dtype).to(point)
            total += (some - here) @ mixing
        singular = torch.linalg.svdvals(total)
        return _rank(singular, float(singular[0])) == rank

    def size(self, theta: Tensor) -> float:
        """Of the Jacobian: nearly its Frobenius norm, from one product."""
        return float(replace(self, rows=1).jacobian(theta).norm())

    def jacobian(self, theta: Tensor) -> Tensor:
        """(P,) -> (rows, P)."""
        total, done = theta.new_zeros(self.rows, len(theta)), 0
        generator = torch.Generator().manual_seed(0)
        for _, batch in self.problem.chunks():
            with differentiable_attention():
                found, back = torch.func.vjp(partial(self.outputs, batch=batch), theta)[:2]
                if self.rows == self.count:
                    cotangents = torch.eye(self.count, dtype=theta.dtype)[:, done:done + len(found)]
                else:
                    cotangents = torch.randn(self.rows, len(found), generator=generator, dtype=theta.dtype)
                total += torch.func.vmap(lambda y, back=back: back(y)[0], chunk_size=AT_A_TIME)(cotangents.to(theta))
            done += len(found)
        return total

    def eigen(self, loss: Loss, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Eigenvalues (r,) and eigenvectors (P, r) of the Hessian in the row space of J, where all gradients are."""
        orthogonal, triangle = torch.linalg.qr(self.jacobian(theta).T)
        left, singular, _ = torch.linalg.svd(triangle)
        if float(singular[0]) == 0:
            return theta.new_zeros(1), theta.new_zeros(len(theta), 1)
        basis = orthogonal @ left[:, singular > VANISHES * singular[0]]
        product = hessian_product(loss, theta)
        columns = torch.cat([product(part) for part in basis.T.split(AT_A_TIME)]).T
        inside = basis.T @ columns
        values, vectors = torch.linalg.eigh((inside + inside.T) / 2)
        return values, basis @ vectors

    def singular_values(self, theta: Tensor) -> Tensor:
        """(rows,), or (P,) where these are fewer."""
        found: Tensor = torch.linalg.svdvals(torch.linalg.qr(self.jacobian(theta).T, mode="r").R)
        return found


def output_map(problem: ModuleLoss) -> OutputMap | str:
    """The outputs of a problem whose loss depends on the weights through them alone; else, why it is none."""
    centred, count, losses = True, 0, []
    for theta in (problem.start, *displaced(problem.start)):
        total, count = 0.0, 0
        for share, batch in problem.chunks():
            with torch.no_grad(), differentiable_attention():
                found = problem.outputs(theta, batch)
                if not (isinstance(found, Tensor) and found.is_floating_point()):
                    return "the model's outputs are no tensor of numbers"
                value = problem.objective.cost(found, batch)
                if value is None:
                    return "evaluate= hides the outputs, whose Jacobian would be needed"
                centred = centred and _centred(problem, found, batch, float(value))
            total, count = total + share * float(value), count + found.numel()
        losses.append((total, float(problem.value(theta[None])[0])))
    nothing = NOTHING * max(abs(whole) for _, whole in losses)
    if not all(abs(total - whole) <= SAME * abs(whole) + nothing for total, whole in losses):
        return "the loss depends on the weights other than through the outputs"
    return _with_rows(problem, count, centred)


def _with_rows(problem: ModuleLoss, count: int, centred: bool) -> OutputMap:
    """With more rows than the rank, where memory allows: than that at a point at random, which is the largest."""
    most = min(count, LARGEST_RANK, max(LARGEST_JACOBIAN // problem.parameters, 1))
    aside, rows = next(displaced(problem.start)), min(FIRST_ROWS, most)
    while True:
        seen = OutputMap(problem, count, rows, centred)
        singular = seen.singular_values(aside)
        if rows == most or float(singular[-1]) <= VANISHES * float(singular[0]):
            return seen
        rows = min(2 * rows, most)


def _centred(problem: ModuleLoss, outputs: Tensor, batch: Any, value: float) -> bool:
    """Whether the loss is the same with a number of each sample's own added to its outputs, as softmax makes it."""
    if outputs.dim() != 2 or outputs.shape[1] == 1:
        return False
    generator = torch.Generator().manual_seed(1)
    shift = torch.randn(len(outputs), 1, generator=generator, dtype=outputs.dtype).to(outputs)
    shifted = problem.objective.cost(outputs + shift, batch)
    return shifted is not None and abs(float(shifted) - value) <= SAME * abs(value)


def displaced(point: Tensor) -> Iterator[Tensor]:
    """From the point (P,) to both sides, in random directions, at `DISPLACEMENTS`."""
    generator = torch.Generator().manual_seed(0)
    for distance in DISPLACEMENTS:
        step = distance * _size(point) * torch.randn(len(point), generator=generator, dtype=point.dtype).to(point)
        yield from (point + step, point - step)


def _size(point: Tensor) -> float:
    return float(point.square().mean().sqrt()) or 1.0


def manifold_rank(problem: ModuleLoss, seen: OutputMap, point: Tensor) -> Spectrum | str:
    """The rank of the Hessian at a polished ``point`` (P,) where minimisers form a manifold; else, why that is open."""
    size, here = _size(point), seen.singular_values(point)
    rank = _rank(here, max(seen.size(x) for x in (point, *displaced(point))))
    around = []
    if rank is None or not seen.spans(point, rank):
        around = [seen.singular_values(x) for x in displaced(point)]
        scale = max(float(singular[0]) for singular in around)
        rank = _rank(here, scale)
    if rank is None:
        return "the singular values of the outputs' Jacobian fall into rounding errors without a gap"
    if rank == seen.rows < min(seen.count, problem.parameters):
        return f"the outputs' Jacobian has a rank of {rank} or more, beyond what fits into memory"
    others = [_rank(singular, scale) for singular in around]
    for other in others:
        if other is None or other > rank:
            return (f"the outputs' Jacobian has rank {rank} there and {'another' if other is None else other} around "
                    "it, so that minimisers need not form a manifold")
    if rank == 0:
        return "the outputs do not change with the weights"
    values, basis = seen.eigen(problem, point)
    largest, smallest = float(values.max()), float(values.min())
    if len(values) != rank or not smallest > CLEAR * ROUNDING * max(largest, _steepness(problem, point)):
        return "curvatures in the row space of the outputs' Jacobian are not told from zero"
    if not _settles(problem, point, size, values, basis):
        return "Newton's method does not converge at once where polishing ends, as it does unless curvatures are zeros"
    return Spectrum(rank, largest, smallest, 0.0)


def _steepness(loss: Loss, point: Tensor) -> float:
    """The size of curvatures around the point: the largest slope at a displacement, over its length."""
    return max(float(loss.value_and_gradient(x[None])[1].norm() / (x - point).norm()) for x in displaced(point))


def _settles(loss: Loss, point: Tensor, size: float, values: Tensor, basis: Tensor) -> bool:
    """Whether Newton's method with the Hessian of ``point`` settles: not where curvatures are those of an offset."""
    theta, allowed = point, FIRST
    for _ in range(CHORDS):
        step = basis @ ((basis.T @ loss.value_and_gradient(theta[None])[1][0]) / values)
        length = float(step.norm()) / size
        if length <= LAST:
            return True
        if not length <= allowed:
            return False
        theta, allowed = theta - step, CONTRACTION * length
    return False


def _rank(singular: Tensor, scale: float) -> int | None:
    """Of singular values, the largest around being ``scale``; None without a gap between them and rounding errors."""
    counted, nonzero = (int((singular > share * scale).sum()) for share in (STANDS_OUT, VANISHES))
    return counted if counted == nonzero else None
