"""Newton steps at any number of parameters: conjugate gradients, eased by what the outputs' Jacobian is nearby.

In its row space the Hessian is nearly ``J^T l'' J``, of which random combinations ``G J`` of the outputs know enough:
the singular values of a Gaussian matrix of 5r/4 rows and r columns, over ``sqrt(r)``, lie between ``sqrt(5/4) - 1`` and
``sqrt(5/4) + 1`` (Marchenko and Pastur), so that conjugate gradients take some tens of steps for three digits however
ill J is conditioned. So they do with the Jacobian of another point as long as that is near; where they take more it is
taken anew. Single precision is enough, and squares of singular values are: it is only how directions are weighed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from numerics.curvature.lanczos import Product
from numerics.curvature.output_map import OutputMap, RowSpace, largest_rows
from numerics.curvature.spectrum import hessian_product
from numerics.losses.polynomial import Loss

TINY = 1e-300  # in place of a Hessian that is zero
POWER_STEPS = 15  # for the largest curvature, to some percent
CG_STEPS, CG_RESIDUAL = 300, 1e-3  # of a damped Newton step, and the residual at which it ends, over the gradient
PATIENCE = 60  # steps, from which on a space of another point is of no use
MORE_ROWS = 5 / 4  # of random combinations, over the rank
STIFF = 1e-4  # curvatures over the largest: softer directions change too fast to be worth knowing
TINIEST = 1e-30  # in single precision
NEWTON_STEPS, CONTRACTION, LARGEST_STEP, LAST = 8, 0.3, 0.03, 1e-13  # to the end: each over the last; over the weights


@dataclass(frozen=True)
class Eased:
    """Directions of the row ``space``, None if it is all the same, each eased by the ``curvature`` (r,) that it has."""

    space: RowSpace | None
    curvature: Tensor

    def __call__(self, vector: Tensor, stiffest: float, damping: float) -> Tensor:
        """(P,) -> (P,): nearly ``(H + damping)^-1`` of it, where the largest curvature is ``stiffest``."""
        if self.space is None:
            return vector
        curvature = stiffest * self.curvature + damping
        softest = curvature.min()
        inside = self.space.coordinates(vector[None].to(curvature)) * (1 / curvature - 1 / softest)
        return vector / softest.to(vector) + self.space.vectors(inside)[0].to(vector)


class Iterative:
    """Makes a `Step` at each point, with one row space for all as long as that helps."""

    def __init__(self, seen: OutputMap) -> None:
        """By the Gauss-Newton products and the Jacobian of the outputs ``seen``."""
        self.seen = replace(seen, rows=min(int(MORE_ROWS * seen.rows), largest_rows(seen)))
        self.eased = Eased(None, torch.ones(0))
        self._known_at: Tensor | None = None

    def __call__(self, loss: Loss, theta: Tensor, settling: bool) -> Step:
        """At ``theta`` (P,), as `numerics.curvature.polish.polish_near` asks for it."""
        return Step(self, loss, theta, settling)

    def knows(self, theta: Tensor) -> bool:
        """Whether the row space is that at ``theta`` (P,)."""
        return self._known_at is theta

    def learn(self, theta: Tensor) -> None:
        """Take the row space at ``theta`` (P,)."""
        self._known_at, self.eased = theta, Eased(None, torch.ones(0))  # before memory is taken for another one
        jacobian = self.seen.jacobian(theta, dtype=torch.float32)
        values, vectors = torch.linalg.eigh(jacobian @ jacobian.T)
        stiff = values > STIFF * values.max().clamp(min=TINIEST)
        if bool(stiff.any()):
            space = RowSpace(jacobian, values.clamp(min=0).sqrt().flip(0), vectors[:, stiff] / values[stiff].sqrt())
            self.eased = Eased(space, values[stiff] / values.max())

    def settled(self, loss: Loss, theta: Tensor) -> Tensor:
        """The critical point next to a polished one (P,), as far as Newton's method converges to it at once."""
        length, allowed = float(theta.norm()) or 1.0, LARGEST_STEP
        for _ in range(NEWTON_STEPS):
            here = self(loss, theta, True)
            step = here.step(loss.value_and_gradient(theta[None])[1][0], 0.0)
            size = float(step.norm()) / length
            if not size <= allowed:
                break
            theta, allowed = theta + step, CONTRACTION * size
            if size <= LAST:
                break
        return theta


class Step:
    """Curvatures at a point, known by products with vectors alone: steps as far as they are positive.

    Where the loss still falls by much they are those of Gauss and Newton, none of which is negative; where it is
    ``settling``, those of the Hessian, with which a minimum that is no exact fit is reached.
    """

    def __init__(self, known: Iterative, loss: Loss, theta: Tensor, settling: bool) -> None:
        """At ``theta`` (P,)."""
        self._known, self._theta = known, theta
        self._product = hessian_product(loss, theta) if settling else known.seen.gauss_newton(theta)
        self.stiffest = _largest(self._product, theta)
        if self.stiffest <= TINY and not settling:  # a loss that is linear in the outputs
            self._product = hessian_product(loss, theta)
            self.stiffest = _largest(self._product, theta)

    def step(self, gradient: Tensor, damping: float) -> Tensor:
        """As `numerics.curvature.polish.Curvature.step`."""
        ended = False
        if not self._known.knows(self._theta):
            found, ended = self._conjugate(gradient, damping, PATIENCE)
            if not ended:
                self._known.learn(self._theta)
        if not ended:
            found, _ = self._conjugate(gradient, damping, CG_STEPS)
        return found if bool(found.any()) else -gradient / self.stiffest

    def _conjugate(self, gradient: Tensor, damping: float, most: int) -> tuple[Tensor, bool]:
        """The step, from zero, and whether so many were enough."""
        solution, residual = torch.zeros_like(gradient), -gradient
        direction = self._known.eased(residual, self.stiffest, damping)
        square, enough = float(residual @ direction), CG_RESIDUAL**2 * float(residual @ residual)
        for _ in range(most):
            image = self._product(direction[None])[0] + damping * direction
            curvature = float(direction @ image)
            if not curvature > 0:
                return solution, True
            share = square / curvature
            solution, residual = solution + share * direction, residual - share * image
            if float(residual @ residual) <= enough:
                return solution, True
            eased = self._known.eased(residual, self.stiffest, damping)
            before, square = square, float(residual @ eased)
            direction = eased + square / before * direction
        return solution, False


def _largest(product: Product, like: Tensor) -> float:
    z = torch.randn(1, len(like), generator=torch.Generator().manual_seed(0), dtype=like.dtype).to(like)
    for _ in range(POWER_STEPS):
        z = product(z / z.norm().clamp(min=TINY))
    return max(float(z.norm()), TINY)
