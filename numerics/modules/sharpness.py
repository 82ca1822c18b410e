"""Expected sharpness: what Gaussian noise in the weights adds to the loss, in units of the temperature.

``nbeta (E L(w + delta) - L(w))``, ``delta ~ N(0, I/gamma)`` (Neyshabur et al. 2017). It is no learning coefficient: it
is the flatness at one scale, that of the noise. A Langevin chain whose localisation ``gamma`` outweighs the curvature
``nbeta L''`` measures this and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from numerics.estimation.settings import LARGEST_SEED, default_nbeta
from numerics.losses.module import Objective
from numerics.losses.samples import samples_of
from numerics.losses.sound import sampled_loss
from slt_symbolic.errors import InvalidInput

DEFAULT_GAMMA = 100.0  # noise of 0.1 in each weight
AT_ONCE = 2**22  # numbers of noise in memory
MOST_DRAWS = 10**7


@dataclass(frozen=True)
class Sharpness:
    """The expected sharpness ``mean`` with its Monte-Carlo error, zero for a closed form, beside the loss itself."""

    mean: float
    mcse: float
    loss: float
    nbeta: float
    gamma: float

    def to_json(self) -> dict[str, Any]:
        """As ``slt sharpness --json`` prints it."""
        return {"expected_sharpness": self.mean, "loss": self.loss, "nbeta": self.nbeta, "gamma": self.gamma}


def expected_sharpness(model: torch.nn.Module, loss: Callable[[Any, Any], Tensor], data: Any, *,
                       nbeta: float | None = None, gamma: float = DEFAULT_GAMMA, draws: int = 100,
                       seed: int = 0) -> Sharpness:
    """By noise, at the present parameters of any module: ``draws`` of them, each with both signs.

    ``loss(model(inputs), targets)`` is a mean over the samples; ``data`` as for `numerics.llc`. ``nbeta`` is ``n / log
    n`` unless it is given. The error is that of independent draws. Raises `InvalidInput`.

    >>> model = torch.nn.Linear(3, 1, bias=False)
    >>> x = torch.eye(3)
    >>> found = expected_sharpness(model, torch.nn.functional.mse_loss, (x, model(x).detach()), nbeta=50, draws=1000)
    >>> abs(found.mean - 50 / 100) < 5 * found.mcse < 0.1  # each output has noise of variance 1/100
    True
    """
    problem = sampled_loss(Objective(model, loss), samples_of(data))
    nbeta = nbeta_for(nbeta, problem.samples)
    require_positive("gamma", gamma)
    for name, value, least, most in (("draws", draws, 2, MOST_DRAWS), ("seed", seed, 0, LARGEST_SEED)):
        if not isinstance(value, int) or not least <= value <= most:
            raise InvalidInput(f"{name}={value}", f"must be an integer from {least} to {most}", f"{name}={least}")
    generator, there = torch.Generator().manual_seed(seed), float(problem.value(problem.start[None]))
    added: list[float] = []
    while len(added) < draws:
        some = min(max(AT_ONCE // problem.parameters, 1), draws - len(added))
        noise = torch.randn(some, problem.parameters, generator=generator, dtype=problem.start.dtype) / gamma**0.5
        both = problem.value(problem.start + noise) + problem.value(problem.start - noise)
        added.extend((both.detach() / 2 - there).tolist())
    mean, deviation = float(np.mean(added)), float(np.std(added, ddof=1))
    if not math.isfinite(mean) or not math.isfinite(deviation):
        raise InvalidInput("loss", "is not finite within the noise", f"gamma={100 * gamma:g}, smaller noise")
    return Sharpness(nbeta * mean, nbeta * deviation / draws**0.5, there, nbeta, float(gamma))


def nbeta_for(given: float | None, samples: int) -> float:
    """What is given, or ``n / log n`` of the samples. Raises `InvalidInput`."""
    if given is None and samples < 2:
        raise InvalidInput("nbeta", "is n / log n unless it is given, and there is one sample", "nbeta=1")
    nbeta = default_nbeta(samples) if given is None else float(given)
    require_positive("nbeta", nbeta)
    return nbeta


def require_positive(name: str, value: float) -> None:
    """Raise `InvalidInput` unless the value is a positive number."""
    if not (math.isfinite(value) and value > 0):
        raise InvalidInput(f"{name}={value}", "must be a positive number", f"without {name}: it is chosen")
