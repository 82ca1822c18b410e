"""Polishing: from a point near a minimum to the minimum nearby."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize
from scipy.sparse.linalg import LinearOperator, lsmr
from torch import Tensor

from numerics.curvature.geometry import EXACT_FIT
from numerics.losses.polynomial import Loss, Twin
from numerics.losses.two_hot import TwoHotLoss

POLISHED = EXACT_FIT  # a loss below this is an exact fit in double precision
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


def polish_any(loss: Loss, theta: Tensor) -> Tensor:
    """The local minimum near ``theta`` (P,) of any loss, by Newton's method in a trust region."""
    def value_and_gradient(here: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = loss.value_and_gradient(torch.from_numpy(here).to(theta)[None])
        return float(value), gradient[0].numpy(force=True)

    solution = minimize(
        value_and_gradient, theta.numpy(force=True), jac=True, method="trust-exact",
        hess=lambda x: loss.hessian(torch.from_numpy(x).to(theta)).numpy(force=True),
        options={"gtol": 1e-13, "maxiter": 500, "initial_trust_radius": 0.1},
    )
    return torch.from_numpy(np.asarray(solution.x)).to(theta)
