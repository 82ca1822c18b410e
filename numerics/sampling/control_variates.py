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

FIRST = (1 / 8, 1 / 4, 1 / 2)  # of the draws, whose moments are for as many after them
ENOUGH = 8  # draws for each parameter, by which a covariance is worth knowing


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
    mean m, covariance S and ``A = (1 - S)/2`` it is ``tr A - (z - m)·A dU/dz + (S m)·dU/dz``. m and S are those of
    earlier draws of other chains: of the same draws they would move the mean, and of draws of the same time chains
    would share what is left, which their scatter does not show. Zero where there are too few of them.
    """
    chains, draws, parameters = places.shape
    found, one = torch.zeros_like(places[..., 0]), torch.eye(parameters).to(places)
    for share in FIRST:
        start, stop = int(share * draws), int(2 * share * draws)
        count = (chains - 1) * start
        if count < ENOUGH * parameters:
            continue
        known = places[:, :start]
        sums, squares = known.sum((0, 1)), sum(chain.mT @ chain for chain in known)
        for chain, earlier in enumerate(known):
            mean = (sums - earlier.sum(0)) / count
            covariance = (squares - earlier.mT @ earlier) / count - mean.outer(mean)
            field, here = (one - covariance) / 2, places[chain, start:stop]
            push = (here - mean) @ field - covariance @ mean
            found[chain, start:stop] = field.trace() - (push * forces[chain, start:stop]).sum(1)
    return found
