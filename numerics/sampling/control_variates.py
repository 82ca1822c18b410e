"""Control variates of a localised posterior ``exp(-U)``, ``U = nbeta L + gamma/2 |z|^2``: of mean zero at any shape.

By partial integration ``E[div f - f·dU/dz] = 0`` for every vector field f that grows slowly enough. The virial is that
of ``f = z``, and needs nothing to be known. A field that is affine in z can leave no variance of the loss where the
posterior is Gaussian, of whatever mean and covariance; it is made of those of other chains (zero-variance principle:
Assaraf and Caffarel 1999; Mira, Solgi, Imparato 2013).
"""

from __future__ import annotations

import torch
from torch import Tensor

from numerics.sampling.steps import Posterior, State


def controlled(values: Tensor, *variates: Tensor) -> Tensor:
    """The values less the combination of variates, of their shape and mean zero, that explains most of their scatter.

    The slopes are those of a regression with a constant: without one they would depend on how far the means of few
    draws of the variates happen to be from zero.
    """
    seen = torch.stack(variates, -1)
    scatter = (seen - seen.flatten(0, -2).mean(0)).flatten(0, -2)
    slopes = torch.linalg.pinv(scatter.mT @ scatter, hermitian=True) @ (scatter.mT @ values.flatten())
    explained: Tensor = seen @ slopes
    return values - explained


def virial_of(posterior: Posterior, state: State) -> Tensor:
    """(C,): ``P - z·dU/dz``, of mean zero under the posterior ``exp(-U)``, by partial integration."""
    return state.z.shape[1] - (state.z * posterior.force(state)).sum(1)


def affine(places: Tensor, forces: Tensor) -> Tensor:
    """(C, draws) of mean zero, and ``nbeta (E L - L)`` if the posterior is Gaussian with the moments of the draws.

    ``places`` (C, draws, P) are z in units of ``1/sqrt(gamma)``, ``forces`` the gradients of U in these units. With
    mean m, covariance S and ``A = (1 - S)/2`` it is ``tr A - (z - m)·A dU/dz + (S m)·dU/dz``. For each chain m and S
    are those of all others: made of the same draws they would move the mean.
    """
    sums, squares = places.sum((0, 1)), sum(chain.mT @ chain for chain in places)
    count, one, found = (len(places) - 1) * places.shape[1], torch.eye(places.shape[2]).to(places), []
    for chain, force in zip(places, forces, strict=True):
        mean = (sums - chain.sum(0)) / count
        covariance = (squares - chain.mT @ chain) / count - mean.outer(mean)
        field = (one - covariance) / 2
        found.append(field.trace() - (((chain - mean) @ field - covariance @ mean) * force).sum(1))
    return torch.stack(found)
