"""Polishing: from a point near a minimum to the minimum nearby."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import torch
from scipy.optimize import least_squares
from scipy.sparse.linalg import LinearOperator, lsmr
from torch import Tensor

from numerics.curvature.geometry import EXACT_FIT
from numerics.curvature.iterative import TINY
from numerics.losses.polynomial import Loss, Twin
from numerics.losses.two_hot import TwoHotLoss
from numerics.progress import Progress

POLISHED = EXACT_FIT  # a loss below this is an exact fit in double precision
NEWTON_STEPS, FLAT_SLOPE = 300, 1e-14  # of any loss, and the slope at which they end, as `Polished.slope` is measured
FIRST_DAMPING, SMALLEST_DAMPING, LARGEST_DAMPING = 1e-3, 1e-15, 1e6  # relative to the largest curvature
EASING, HARDENING = 10.0, 4.0  # of the damping after a step that lowers the loss, and one that does not
NEAR, FAR = 0.5, 50.0  # norms of the weights: what is another point, and what is no neighbourhood at all
BEYOND = 100  # steps past the first of these distances: then it is known that nothing is near
PATIENCE, SETTLES, ASTRAY = 30, 0.1, 0.1  # in so many steps the slope falls to this share, or they lead so far away
STEEP = 1e-7  # slope of a point that no polishing makes a critical one, as `Polished.slope` is measured
FLATTENED = 1e-4  # the loss and its largest curvature over those of the start: together they fall to an infimum only
ROUNDED, SEEN = 4.0, 1e3  # units in the last place that the loss may be off, and times as much: what is none
GAUSS_NEWTON_STEPS, LSMR_STEPS, LONGEST_STEP = 6, 100, 0.5  # the last relative to the weights


def polish(twin: Twin, theta: Tensor) -> Tensor:
    """The minimiser near ``theta`` (P,), by Gauss-Newton steps of least norm in a trust region.

    Steps of least norm stay near where minimisers are not isolated: a solver for Jacobians of full rank drifts along
    the flat directions, as far as rounding errors, divided by singular values that should be 0, happen to take it.
    """
    solution = least_squares(
        lambda x: twin.residual(torch.from_numpy(x)[None])[0].numpy(),
        theta.numpy(),
        jac=lambda x: twin.jacobian(torch.from_numpy(x)).numpy(),
        xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=500, tr_solver="lsmr",
    )
    return torch.from_numpy(np.asarray(solution.x))


def polish_large(loss: TwoHotLoss, theta: Tensor) -> Tensor:
    """An exact fit near ``theta`` (P,) for any number of parameters: Gauss-Newton steps of least norm.

    By products of the Jacobian with vectors. Stops where the loss no longer halves, where a step would leave the
    neighbourhood, or after a bounded number of products.
    """
    for _ in range(GAUSS_NEWTON_STEPS):
        error, forward, back = loss.linearised(theta)
        if float(error.square().sum()) / 2 < POLISHED:
            break
        jacobian = LinearOperator(
            (len(error), len(theta)), dtype=np.float64,
            matvec=lambda x, product=forward: product(torch.from_numpy(x).ravel()).numpy(),
            rmatvec=lambda y, product=back: product(torch.from_numpy(y).ravel()).numpy())
        step = torch.from_numpy(lsmr(jacobian, error.numpy(), atol=1e-9, btol=1e-9, maxiter=LSMR_STEPS)[0])
        falls = bool(2 * loss.value((theta - step)[None]) < loss.value(theta[None]))
        if not falls or float(step.norm()) > LONGEST_STEP * float(theta.norm()):
            break
        theta = theta - step
    return theta


@dataclass(frozen=True)
class Polished:
    """Where polishing ended: ``point`` (P,), ``moved`` from the start over the norm of the weights there, ``loss``.

    ``slope``: that is left, relative to the largest curvature and the size of the weights; ``endless``: the loss was
    still falling as the weights ran away; ``creeping``: it fell, but the slope no longer did.
    """

    point: Tensor
    moved: float
    loss: float
    slope: float
    endless: bool
    creeping: bool


class Curvature(Protocol):
    """Second derivatives at a point, as far as a damped Newton step needs them."""

    @property
    def stiffest(self) -> float:
        """The largest curvature."""

    def step(self, gradient: Tensor, damping: float) -> Tensor:
        """The change (P,) of the point for a gradient (P,), damped by so much."""


class Dense:
    """Curvatures h in all eigendirections: a step is ``-g / (|h| + damping)`` in each of them."""

    def __init__(self, loss: Loss, theta: Tensor, settling: bool) -> None:
        """Of the Hessian at ``theta`` (P,)."""
        hessian = loss.hessian(theta)
        self._values, self._basis = torch.linalg.eigh((hessian + hessian.T) / 2)
        self.stiffest = max(float(self._values.abs().max()), TINY)

    def step(self, gradient: Tensor, damping: float) -> Tensor:
        """As `Curvature.step`."""
        found: Tensor = -self._basis @ ((self._basis.T @ gradient) / (self._values.abs() + damping))
        return found


def polish_near(loss: Loss, theta: Tensor, curvature_at: Callable[[Loss, Tensor, bool], Curvature] = Dense,
                progress: bool = False) -> Polished:
    """The local minimum near ``theta`` (P,) of any loss, by damped Newton steps; not stopped by distance before `FAR`.

    ``curvature_at`` gives the curvature at a point, and is told whether the last step lowered the loss by less than a
    half. Damping is as small as the loss allows. Where there is no curvature there is no step, so that it does not
    drift along flat directions.

    At a minimum of order k each of Newton's steps leaves ``((k-2)/(k-1))^(k-1) < 1/e`` of the slope in the end; where
    `PATIENCE` of them do not leave a tenth the way is one along a valley, whose end is not near.
    """
    start, length = theta, max(float(theta.norm()), 1.0 if not bool(theta.any()) else 0.0)
    damping, value, settling = FIRST_DAMPING, float(loss.value(theta[None])), False
    way, beyond = [(theta, value)], 0
    slopes: list[float] = []
    creeping, stiffest = False, 0.0
    with Progress("polishing", NEWTON_STEPS, shown=progress, unit="Newton step") as bar:
        for _ in range(NEWTON_STEPS):
            gradient = loss.value_and_gradient(theta[None])[1][0]
            curvature = curvature_at(loss, theta, settling)
            slope = float(gradient.norm()) / (curvature.stiffest * length)
            moved = float((theta - start).norm()) / length
            beyond += moved > NEAR
            stiffest = stiffest or curvature.stiffest
            slopes.append(slope)
            if slope < FLAT_SLOPE or moved > FAR or beyond > BEYOND:
                break
            if creeping := moved > ASTRAY and _creeps(slopes):
                break
            found, eased = None, False
            while found is None and damping < LARGEST_DAMPING:
                step = curvature.step(gradient, damping * curvature.stiffest)
                lower = float(loss.value((theta + step)[None]))
                found = (theta + step, lower) if lower < value else None
                damping = damping * (1 / EASING if found else HARDENING)
                if found is None and -float(gradient @ step) < torch.finfo(theta.dtype).eps * abs(value):
                    if eased:
                        break  # rounding errors hide what there would be to gain
                    damping, eased = SMALLEST_DAMPING, True  # it may be damping that hides it
            if found is None:
                break
            settling = found[1] > value / 2
            theta, value = found
            way.append(found)
            damping = max(damping, SMALLEST_DAMPING)
            bar.advance()
    vanishing = slope > STEEP and value < FLATTENED * way[0][1] and curvature.stiffest < FLATTENED * stiffest
    falls = _still_falls(loss, way, NEAR * length, moved > NEAR)
    return Polished(theta, moved, value, slope, vanishing or falls, creeping)


def _creeps(slopes: Sequence[float]) -> bool:
    return len(slopes) > PATIENCE and min(slopes[-PATIENCE:]) > SETTLES * min(slopes[:-PATIENCE])


def _still_falls(loss: Loss, way: Sequence[tuple[Tensor, float]], near: float, far: bool) -> bool:
    """Whether the loss does not rise on a ray from a point of the ``way``, from which on it fell, through its end.

    What moves in the latter part is what runs away; the other weights have arrived. Near a minimum the loss rises
    beyond it by as much as it fell, whatever the order; where soft directions have not arrived that is farther off,
    and the ray goes on as long as it is ``near``. Only where the end is ``far`` are rays from afar trusted.
    The loss is rounded by itself, and as a mean of squares by twice its root, outputs being of the size of one.
    """
    end, value = way[-1]
    rounding = ROUNDED * torch.finfo(end.dtype).eps * (abs(value) + abs(value)**0.5)
    above = [theta for theta, high in way if high - value > SEEN * rounding]

    def falls_from(first: Tensor) -> bool:
        doublings = max(3, math.ceil(math.log2(near / max(float((end - first).norm()), TINY))))
        beyond = torch.stack([first + 2.0**k * (end - first) for k in range(1, doublings + 1)])
        return all(low <= high + rounding for high, low in pairwise([value, *loss.value(beyond).tolist()]))

    return any(map(falls_from, above[-1:] + ([above[0], above[len(above) // 2]] if far and above else [])))
