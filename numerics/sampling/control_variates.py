"""The control variate of a localised posterior: the virial, whose mean is zero."""

from __future__ import annotations

import torch
from torch import Tensor

from numerics.sampling.steps import Posterior, State


def controlled(values: Tensor, virial: Tensor) -> Tensor:
    """The values less the multiple of the control variate, of mean zero, that explains most of their scatter.

    The slope is that of a regression with a constant: without one it would depend on how far the mean of few draws of
    the virial happens to be from zero.
    """
    scatter = virial - virial.mean()
    slope = (scatter * values).sum() / scatter.square().sum().clamp(min=torch.finfo(values.dtype).tiny)
    return values - slope * virial


def virial_of(posterior: Posterior, state: State) -> Tensor:
    """(C,): ``P - z·dU/dz``, of mean zero under the posterior ``exp(-U)``, by partial integration."""
    return state.z.shape[1] - (state.z * posterior.force(state)).sum(1)
