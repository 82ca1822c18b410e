"""A network whose posterior means are known by quadrature, and how far a sampled mean is from one, with its error."""

import torch
from torch import Tensor

from numerics.losses.architectures import Quadratic
from numerics.losses.polynomial import Population, Twin


def dead_unit(d: int = 2, p: int = 2) -> Twin:
    """One quadratic unit, zero truth: ``K = 3/2 |V|^2 |w|^4``."""
    return Twin(Quadratic(d, p, 1), Population(torch.zeros(d + p, dtype=torch.float64)))


def off(values: Tensor, expected: float) -> tuple[float, float]:
    """How far the mean of independent chains (C, draws) is from what is expected, and its standard error."""
    means = values.reshape(len(values), -1).mean(1)
    return float(means.mean()) - expected, float(means.std()) / len(means) ** 0.5
