"""Where minimisers form a manifold, beyond dense Hessians: the Jacobian of a module's outputs keeps its rank on them.

Let f be the outputs on all samples as a function of the weights, analytic, ``L = l(f)``, ``w*`` a critical point of L,
``J = Df``, and V the row space of ``J(w*)``, of dimension r. If the Hessian is positive on V, then near ``w*`` there is
one point ``g(v)`` next to each ``w* + v``, v in the kernel, at which L has no slope along V. Where ``J(g(v))`` has rank
r, its image is that of V; so a slope of l that is zero along the one is along the other, and L has none at ``g(v)``.
If that is so at v at random it is so at all, for the minors of ``J(g(v))`` are analytic in v: the graph of g consists
of critical points, the minimum is not degenerate across it, and ``lambda = r/2``, m = 1. A flat direction along which
L is of order 4 or more is one along which f has slope zero at ``w*`` only: a v at random shows it as a new singular
value of J, to first order, among however many flat directions. At exact fits the condition is necessary, too.

Singular values are taken of J itself, not of ``J J^T``, whose rounding errors would hide those below 1e-8. Of many
outputs random combinations are taken, whose Jacobian has the same rank as long as it is less than their number. What
is zero is measured by what there is around the point: at a point where all slopes are rounding errors they are zeros.
Between what is clearly zero and what is clearly none there may be some: then the rank is only known to lie between.

No Jacobian has a larger rank than the space has dimensions that the outputs at all weights span. Where ``J(w*)``
reaches it, as that of a linear network does at weights of full rank, Jacobians around the point need not be computed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from numerics.curvature.eigenvalues import CLEAR, ROUNDING, Spectrum
from numerics.curvature.output_map import (
    SPARE,
    STANDS_OUT,
    VANISHES,
    OutputMap,
    RowSpace,
    displaced,
    folded,
    independent,
    largest_rows,
    size_of,
)
from numerics.losses.module import ModuleLoss, OneChainLoss, plain_kernels
from numerics.losses.polynomial import Loss

FIRST_ROWS, MORE_ROWS = 128, 2  # of a Jacobian, and times as many where they are too few
SMALL = 1e-5  # singular values over the largest whose squares may be lost among the rounding errors of a Hessian
DIRECTED = 100 * ROUNDING  # curvature over the largest, from which on steps along it are taken
LARGEST_STEP, LAST = 0.03, 1e-12  # Newton steps from a polished point, over the norm of the weights
CONTRACTION, CHORDS, HESSIANS = 0.1, 4, 5  # of each of these steps, with one Hessian; 0.3 and more at order 4
PROBES, CLOSEST = (0.1, 0.03, 0.01, 3e-3, 1e-3), 1e-5  # along the kernel; the last for piecewise functions
RELAXATIONS, SLOWEST, RELAXED = 60, 0.5, 1e-9  # steps next to a probe, each over the last but one, and the last one
SAME, NOTHING = 1e-9, 1e-20  # relative difference of losses that are computed in two ways; of the largest, none at all


@dataclass(frozen=True)
class Manifold:
    """Minimisers around ``point`` (P,) are a manifold of as many dimensions as the ``spectrum`` has zeros."""

    point: Tensor
    spectrum: Spectrum


@dataclass(frozen=True)
class _Settled:
    """A critical point (P,), and the row space there in eigenvectors of the Hessian, with its eigenvalues (r,)."""

    point: Tensor
    space: RowSpace
    values: Tensor

    @property
    def directed(self) -> Tensor:
        """(r,): 1 over the curvatures along which steps can be taken, 0 for the others."""
        enough = self.values > DIRECTED * self.values.abs().max() if len(self.values) else self.values > 0
        return torch.where(enough, 1 / self.values, torch.zeros_like(self.values))

    def newton_step(self, loss: Loss, theta: Tensor) -> Tensor:
        """(P,): from weights (P,), with the Hessian of the point."""
        slope = self.space.coordinates(loss.value_and_gradient(theta[None])[1])
        return -self.space.vectors(slope * self.directed)[0]


def output_map(problem: ModuleLoss) -> OutputMap | str:
    """The outputs of a problem whose loss depends on the weights through them alone; else, why it is none."""
    if isinstance(problem, OneChainLoss):
        return "torch.func, by which the outputs' Jacobian is taken, does not give the second derivatives of the module"
    if not problem.objective.takes_outputs:
        return "evaluate= hides the outputs, whose Jacobian would be needed"
    centred, count, losses = True, 0, []
    for theta in (problem.start, *displaced(problem.start)):
        total, count = 0.0, 0
        for share, batch in problem.chunks():
            with torch.no_grad(), plain_kernels(problem.objective.model):
                found = problem.outputs(theta, batch)
                if not (isinstance(found, Tensor) and found.is_floating_point()):
                    return "the model's outputs are no tensor of numbers"
                value = problem.cost(found, batch)
                centred = centred and _centred(problem, found, batch, float(value))
            total, count = total + share * float(value), count + found.numel()
        losses.append((total, float(problem.value(theta[None])[0])))
    nothing = NOTHING * max(abs(whole) for _, whole in losses)
    if not all(abs(total - whole) <= SAME * abs(whole) + nothing for total, whole in losses):
        return "the loss depends on the weights other than through the outputs"
    return _with_rows(problem, count, centred)


def _with_rows(problem: ModuleLoss, count: int, centred: bool) -> OutputMap:
    """With more rows than the rank at a point at random, which is the largest; else with all that memory allows.

    Whether these are enough is seen at the minimum: at a point on the way the rank says nothing of the one there.
    """
    seen = OutputMap(problem, count, count, centred)
    most, aside = largest_rows(seen), next(displaced(problem.start))
    seen = replace(seen, rows=min(FIRST_ROWS, most))
    some = folded(seen.jacobian(aside)) if seen.rows < count else None
    while some is not None:
        rank = independent(some, VANISHES)
        if rank < seen.rows:
            return replace(seen, rows=min(rank + SPARE, seen.rows))
        if seen.rows == most:
            return seen
        more = replace(seen, rows=min(MORE_ROWS * seen.rows, most))
        some = torch.cat([some, folded(more.jacobian(aside, seen.rows))]) if more.rows < count else None
        seen = more
    return seen


def _too_many(rank: int) -> str:
    return f"the outputs' Jacobian has a rank of {rank} or more, beyond what fits into memory"


def _centred(problem: ModuleLoss, outputs: Tensor, batch: Any, value: float) -> bool:
    """Whether the loss is the same with a number of each sample's own added to its outputs, as softmax makes it."""
    if outputs.dim() != 2 or outputs.shape[1] == 1:
        return False
    generator = torch.Generator().manual_seed(1)
    shift = torch.randn(len(outputs), 1, generator=generator, dtype=outputs.dtype).to(outputs)
    shifted = problem.cost(outputs + shift, batch)
    return abs(float(shifted) - value) <= SAME * abs(value)


def manifold_rank(problem: ModuleLoss, seen: OutputMap, point: Tensor) -> Manifold | str:
    """The rank of the Hessian at a polished ``point`` (P,) where minimisers form a manifold; else, why that is open."""
    here, around = seen.size(point), max(seen.size(x) for x in displaced(point))
    scale = (here if here > STANDS_OUT * around else around) / seen.rows**0.5  # below the largest singular value
    found = _settled(problem, seen, point, scale)
    if isinstance(found, str):
        return found
    singular, values = found.space.singular, found.values
    rank, possible = len(values), _above(singular, VANISHES, scale)
    noise = CLEAR * ROUNDING * max(float(values.max()) if rank else 0.0, _steepness(problem, found.point))
    certain = int((values > noise).sum())
    if rank and (rank - certain > rank - _above(singular, SMALL, float(singular[0])) or float(values.min()) < -noise):
        return "curvatures in the row space of the outputs' Jacobian are not told from zero"
    if not (0 < certain == possible and seen.spans(found.point, rank)):
        rises = _rises(problem, seen, found, possible, scale)
        if rises is not None:
            return rises
    if rank == 0:
        return "the outputs do not change with the weights"
    others = tuple(other for other in range(certain, possible + 1) if other != rank)
    return Manifold(found.point, Spectrum(rank, float(values.max()), float(values.min()), 0.0, others))


def _above(singular: Tensor, share: float, scale: float) -> int:
    return int((singular > share * scale).sum())


def _steepness(loss: Loss, point: Tensor) -> float:
    """The size of curvatures around the point: the largest slope at a displacement, over its length."""
    return max(float(loss.value_and_gradient(x[None])[1].norm() / (x - point).norm()) for x in displaced(point))


def _settled(loss: Loss, seen: OutputMap, point: Tensor, scale: float) -> _Settled | str:
    """The critical point next to a polished one, to which Newton's method converges at once; else, why it does not.

    Not where curvatures are those of an offset, which shrink with it. As there is an offset zeros of the Jacobian are
    not seen, so it is taken anew where the last steps led.
    """
    length, allowed = float(point.norm()) or 1.0, LARGEST_STEP
    for _ in range(HESSIANS):
        space = seen.row_space(point, scale)
        if _above(space.singular, VANISHES, scale) == seen.rows < min(seen.count, len(point)):
            return _too_many(seen.rows)
        values, space = space.eigen(loss, point)
        here = _Settled(point, space, values)
        lengths: list[float] = []
        for _ in range(CHORDS):
            step = here.newton_step(loss, point)
            lengths.append(float(step.norm()) / length)
            if lengths[0] <= LAST:
                return here
            if not lengths[-1] <= (allowed if len(lengths) == 1 else CONTRACTION * lengths[-2]):
                break
            point = point + step
            if lengths[-1] <= LAST:
                break
        if not lengths[0] <= allowed:
            break
        allowed = CONTRACTION * lengths[0]
    return "Newton's method does not converge at once where polishing ends, as it does unless curvatures are zeros"


def _rises(loss: Loss, seen: OutputMap, found: _Settled, possible: int, scale: float) -> str | None:
    """Whether the Jacobian has another rank next to displacements along its kernel, as it has where the loss rises."""
    generator = torch.Generator().manual_seed(0)
    direction = torch.randn(1, len(found.point), generator=generator, dtype=found.point.dtype).to(found.point)
    along = (direction - found.space.vectors(found.space.coordinates(direction)))[0]
    along = along * (size_of(found.point) / size_of(along))
    far = next((x for x in (_relaxed(loss, found, share * along) for share in PROBES) if x is not None), None)
    close = _relaxed(loss, found, CLOSEST * along)
    if far is None or close is None:
        return "the loss has no minimum next to displacements along the kernel of the outputs' Jacobian"
    rank = len(found.values)
    for theta in (far, close):
        other = seen.above(theta, STANDS_OUT * scale, possible)
        if other > possible:
            return (f"the outputs' Jacobian has rank {rank} there and {other} next to displacements along its kernel, "
                    "so that minimisers need not form a manifold")
    return None


def _relaxed(loss: Loss, found: _Settled, displacement: Tensor) -> Tensor | None:
    """Next to the displaced point (P,), where the loss has no slope along the row space; None where that is far."""
    theta, length = found.point + displacement, float(displacement.norm())
    last = [float("inf")] * 2  # the Hessian is that of another point: every second step may be no shorter
    for _ in range(RELAXATIONS):
        step = found.newton_step(loss, theta)
        now = float(step.norm()) / length
        if now <= RELAXED:
            return theta
        if not now <= min(SLOWEST * last[0], 1.0):
            return None
        theta, last = theta + step, [last[1], now]
    return None
