"""Newton steps at any number of parameters: conjugate gradients, eased by what the outputs' Jacobian is nearby.

In its row space the Hessian is nearly ``J^T l'' J``, of which random combinations ``G J`` of the outputs know enough:
the singular values of a Gaussian matrix of 5r/4 rows and r columns, over ``sqrt(r)``, lie between ``sqrt(5/4) - 1`` and
``sqrt(5/4) + 1`` (Marchenko and Pastur), so that conjugate gradients take some tens of steps for three digits however
ill J is conditioned. So they do with the Jacobian of another point as long as that is near; where they take more it is
taken anew. Single precision is enough, and squares of singular values are: it is only how directions are weighed.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from numerics.curvature.lanczos import Product
from numerics.curvature.output_map import OutputMap, largest_rows
from numerics.curvature.spectrum import hessian_product
from numerics.losses.polynomial import Loss

TINY = 1e-300  # in place of a Hessian that is zero
POWER_STEPS = 15  # for the largest curvature, to some percent
CG_STEPS, CG_RESIDUAL = 300, 1e-3  # of a damped Newton step, and the residual at which it ends, over the gradient
PATIENCE = 60  # steps, from which on a space of another point is of no use
MORE_ROWS = 5 / 4  # of random combinations, over the rank
TOGETHER = 256  # rows, of which products are taken at a time
STIFF = 1e-4  # curvatures over the largest: softer directions change too fast to be worth knowing
NEWTON_STEPS, CONTRACTION, LARGEST_STEP, LAST = 8, 0.3, 0.03, 1e-13  # to the end: each over the last; over the weights


class Eased:
    """Nearly the inverse of the damped Hessian, by the ``jacobian`` J (rows, P): of ``J^T J``, scaled to its size.

    By Woodbury's identity the inverse of ``J J^T`` is enough, at a damping of `STIFF` at least.
    """

    def __init__(self, jacobian: Tensor) -> None:
        """Keep it, and its Gram matrix."""
        self._jacobian, self._gram = jacobian, _gram(jacobian)
        self._largest = _largest(lambda z: z @ self._gram, self._gram[0])
        self._inverses: dict[float, Tensor] = {}

    def __call__(self, vector: Tensor, stiffest: float, damping: float) -> Tensor:
        """(P,) -> (P,): nearly ``(H + damping)^-1`` of it, where the largest curvature is ``stiffest``."""
        share = max(damping / stiffest, STIFF)
        if share not in self._inverses:
            damped = self._gram.double()  # what is stiff is left over where nearly all of a vector is taken away
            damped.diagonal().add_(share * self._largest)
            self._inverses = {share: torch.cholesky_inverse(torch.linalg.cholesky(damped))}
        inside = self._inverses[share] @ (self._jacobian @ vector.to(self._gram)).double()
        outside: Tensor = vector - (inside.to(self._gram) @ self._jacobian).to(vector)
        return outside / (share * stiffest)


class Iterative:
    """Makes a `Step` at each point, with one row space for all as long as that helps."""

    def __init__(self, seen: OutputMap) -> None:
        """By the Gauss-Newton products and the Jacobian of the outputs ``seen``."""
        self.seen = replace(seen, rows=min(int(MORE_ROWS * seen.rows), largest_rows(seen)))
        self.eased: Eased | None = None
        self._known_at: Tensor | None = None

    def __call__(self, loss: Loss, theta: Tensor, settling: bool) -> Step:
        """At ``theta`` (P,), as `numerics.curvature.polish.polish_near` asks for it."""
        return Step(self, loss, theta, settling)

    def knows(self, theta: Tensor) -> bool:
        """Whether the row space is that at ``theta`` (P,)."""
        return self._known_at is theta

    def learn(self, theta: Tensor) -> None:
        """Take the row space at ``theta`` (P,)."""
        self._known_at, self.eased = theta, None  # before memory is taken for another one
        jacobian = self.seen.jacobian(theta, dtype=torch.float32)
        self.eased = Eased(jacobian) if bool(jacobian.any()) else None

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
        direction = self._eased(residual, damping)
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
            eased = self._eased(residual, damping)
            before, square = square, float(residual @ eased)
            direction = eased + square / before * direction
        return solution, False

    def _eased(self, vector: Tensor, damping: float) -> Tensor:
        known = self._known.eased
        return vector if known is None else known(vector, self.stiffest, damping)


def _gram(rows: Tensor) -> Tensor:
    """(n, P) -> (n, n): all their products, each pair of them once."""
    found = rows.new_empty(len(rows), len(rows))
    for start in range(0, len(rows), TOGETHER):
        part = slice(start, start + TOGETHER)
        products = rows[start:] @ rows[part].T
        found[start:, part], found[part, start:] = products, products.T
    return found


def _largest(product: Product, like: Tensor) -> float:
    z = torch.randn(1, len(like), generator=torch.Generator().manual_seed(0), dtype=like.dtype).to(like)
    for _ in range(POWER_STEPS):
        z = product(z / z.norm().clamp(min=TINY))
    return max(float(z.norm()), TINY)
