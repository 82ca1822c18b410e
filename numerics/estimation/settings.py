"""Settings of the sampler: those that users give, the published ones, and the defaults of the localised excess."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType
from typing import Any, Literal

from numerics.sampling.published import PUBLISHED
from slt_symbolic.errors import InvalidInput

FEWEST_CHAINS, MOST_CHAINS, MOST_DRAWS = 4, 10**4, 10**7  # what memory allows; draws of all chains together
LARGEST_SEED = 2**63 - 1  # that torch takes
Sampler = Literal["hmc", "sgld"]


@dataclass(frozen=True)
class Settings:
    """Sampler settings; None means that the loss near the point decides.

    ``step_size`` at a minimum in units of the width of the posterior, of the excess in those of the weights (the
    learning rate of SGLD), where ``sampler=None`` leaves the choice to the number of samples; ``batch`` for SGLD, None
    takes all samples. ``burn_in`` counts draws that are thrown away. With ``per_sample`` draws of the excess carry the
    loss of each sample.
    """

    sampler: Sampler | None = "hmc"
    nbeta: float | None = None
    gamma: float | None = None
    step_size: float | None = None
    chains: int | None = None
    draws: int | None = None
    batch: int | None = None
    seed: int = 0
    burn_in: int | None = None
    per_sample: bool = False

    def __post_init__(self) -> None:
        if self.sampler not in ("hmc", "sgld", None):
            raise InvalidInput(f"sampler={self.sampler}", "is not known", "hmc or sgld")
        for name in ("nbeta", "gamma", "step_size"):
            value = getattr(self, name)
            if value is not None and not _is_positive(value):
                raise InvalidInput(f"{name}={value}", "must be a positive number", f"without {name}: it is chosen")
        for name, least, most in (("chains", FEWEST_CHAINS, MOST_CHAINS), ("draws", 100, MOST_DRAWS),
                                  ("batch", 1, MOST_DRAWS), ("seed", 0, LARGEST_SEED), ("burn_in", 0, MOST_DRAWS)):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and least <= value <= most):
                bound = f"from {least} to {most}" if isinstance(value, int) and value > most else f">= {least}"
                raise InvalidInput(f"{name}={value}", f"must be an integer {bound}", f"{name}={max(least, 1)}")
        if (self.chains or 1) * (self.draws or 1) > MOST_DRAWS:
            raise InvalidInput(f"chains={self.chains} draws={self.draws}", f"are more than {MOST_DRAWS} draws in all, "
                               "which are kept in memory at each temperature", "fewer")
        if self.batch is not None and self.sampler == "hmc":
            raise InvalidInput(f"batch={self.batch}", "HMC needs all samples", "sampler=sgld")

    @property
    def literal(self) -> bool:
        """Whether a chain of SGLD is given to the last number, so that there is nothing left to choose or to repeat."""
        return self.sampler == "sgld" and None not in (self.step_size, self.burn_in, self.draws)


def _is_positive(value: Any) -> bool:
    """Whether it is a number that floats can hold."""
    return isinstance(value, Real) and bool(0 < value <= sys.float_info.max)  # type: ignore[operator]


def default_nbeta(samples: int) -> float:
    """``n / log n``."""
    return samples / math.log(samples)


PUBLISHED_NBETA, PUBLISHED_GAMMA = default_nbeta(128), 5.0  # Cullen et al. (2026): n is their batch size
LITERAL: Mapping[str, Settings] = MappingProxyType({  # the published chains for any module; four, of which R-hat speaks
    f"published-{chain.gamma:g}": Settings("sgld", chain.nbeta, chain.gamma, chain.step, FEWEST_CHAINS, chain.draws,
                                           chain.batch, chain.seed, chain.burn_in) for chain in PUBLISHED.values()})
EXCESS_GAMMA = 5.0  # of the localised excess and `LLCMonitor`: the published one
MONITOR_DROP = 0.05  # of its signal, a share of the peak
