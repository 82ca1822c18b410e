"""The sizes of the study, and the numbers of others that it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from numerics.sampling.localised import Chains

Labels = Literal["sums", "random"]


@dataclass(frozen=True)
class Run:
    """One training by steps of Adam (1e-3), each on a drawn batch of 128, measured at ``steps``.

    From step ``held_from`` on the norm of all weights is held at what it was there. ``converged``: where HMC runs too.
    ``hot``: whether the chains of gamma 5 run.
    """

    name: str
    steps: tuple[int, ...]
    weight_decay: float
    labels: Labels = "sums"
    held_from: int | None = None
    converged: tuple[int, ...] = ()
    hot: bool = True


@dataclass(frozen=True)
class Size:
    """The network of ``p`` and ``width``, its runs, and the grid of the slopes.

    ``memorised``, ``generalised``: steps of the first run at which it has done so, the ends of its story.
    """

    p: int
    width: int
    runs: tuple[Run, ...]
    memorised: int
    generalised: int
    moduli: tuple[int, ...]
    widths: tuple[int, ...]
    slope_moduli: tuple[int, ...]  # of the slopes in the width
    slope_widths: tuple[int, ...]  # of the slopes in p
    norms: tuple[float, ...]  # of random weights
    chains: int = 2  # of each published estimator
    hmc: Chains = field(default=Chains(2, 15, 20, leapfrogs=10))
    noise_draws: int = 40
    seed: int = 0


TRUE, AUTHORS, RANDOM, HELD = "true labels", "the authors' settings", "random labels", "norm held"
SMALL = Size(
    p=23, width=200, memorised=600, generalised=6000,
    runs=(Run(TRUE, (0, 50, 100, 200, 400, 600, 1000, 1500, 2000, 3000, 4000, 6000), 1e-3, converged=(0, 600, 6000)),
          Run(AUTHORS, (0, 300, 1000), 1e-4, hot=False),
          Run(RANDOM, (0, 100, 300, 600, 1000, 2000, 4000), 1e-3, "random", converged=(0, 4000)),
          Run(HELD, (2000, 6000), 1e-3, held_from=600)),
    moduli=(11, 17, 23), widths=(50, 100, 200), slope_moduli=(11, 23), slope_widths=(100, 200),
    norms=(0.0, 7.4, 13.1))
PUBLISHED = Size(
    p=53, width=1024, memorised=504, generalised=7200,
    runs=(Run(TRUE, (0, 50, 100, 198, 300, 504, 1500, 2500, 3447, 5058, 7200), 1e-5, converged=(504, 7200)),
          Run(AUTHORS, (100, 300, 500, 900, 1300), 1e-4, hot=False),
          Run(RANDOM, (0, 300, 600, 1500, 2100), 1e-4, "random", converged=(2100,)),
          Run(HELD, (3447,), 1e-5, held_from=504)),
    moduli=(53, 61, 71), widths=(600, 1000, 1400), slope_moduli=(53, 61, 71), slope_widths=(600, 1000, 1400),
    norms=(0.0, 25.4, 45.1))
SIZES: Mapping[str, Size] = MappingProxyType({"small": SMALL, "published": PUBLISHED})

# Of the chain at gamma 100 against noise: the fewer weights, the more the loss acts on the chain.
NOISE_TOLERANCE = MappingProxyType({"small": 0.06, "published": 0.03})

# At p = 53, K = 1024, gamma 5: an independent program, another seed of the training.
LINE = MappingProxyType({"intercept": 4132.0, "slope": 0.413})
RAMP = MappingProxyType({50: 149.0, 100: 631.0, 200: 2396.0, 300: 4118.0, 400: 5477.0, 500: 6536.0, 600: 6916.0})
LATE = MappingProxyType({"untrained": 7853.0, "memorised": 8321.0, "generalised": 7946.0})
GAUSSIAN = MappingProxyType({25.4: 4394.0, 45.1: 4919.0})  # random weights of these norms
# Slopes in p at K = 600, 1000, 1400, and in K at p = 53, 61, 71.
SLOPES: Mapping[str, Mapping[str, tuple[float, ...]]] = MappingProxyType({
    "the paper": {"p": (51.06, 80.57, 108.61), "K": (2.65, 3.28, 4.02)},
    "a public reproduction, trained": {"p": (71.3, 113.0, 150.0), "K": (3.42, 4.22, 5.22)}})
AUTHORS_RUN = "b128_lr1e-3_wd1e-4"
