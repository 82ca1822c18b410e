"""How the snapshots of a training run are measured: which settings, how many of them, by how long chains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from torch import Tensor

from numerics.curvature.eigenvalues import allows_dense
from numerics.estimation.settings import PUBLISHED_GAMMA, PUBLISHED_NBETA
from numerics.sampling.localised import Chains
from slt_symbolic.errors import InvalidInput

LOCAL_RADIUS = 0.1  # how far chains go without a loss, in norms of the trained weights
LOCAL_CURVATURE = 1e-3  # gamma/nbeta: smaller curvatures do not count
LARGE = 100_000  # parameters, from which on a measurement takes longer than some seconds
TINY = 1e-6  # norm of weights
BURN_IN_SHARE = 3  # draws for one of burn-in, where draws are given
FEWEST_DRAWS = 20  # of a chain, for R-hat to tell


@dataclass(frozen=True)
class Setting:
    """An inverse temperature with its localisation, and how long its chains run."""

    nbeta: float
    gamma: float
    chains: Chains


@dataclass(frozen=True)
class Plan:
    """How every snapshot of a folder is measured; chains are fewer and shorter the larger the network.

    ``snapshots``: at most that many for each seed, first and last included. Where the Hessian is too large to be dense
    everything is in float32, with ``probes`` times ``steps`` for Lanczos, from which the chains start too. ``seed`` is
    that of the probes and of all chains.
    """

    snapshots: int
    settings: Mapping[str, Setting]
    probes: int = 4
    steps: int = 40
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain data; the seed once."""
        plain = asdict(self)
        for setting in plain["settings"].values():
            del setting["chains"]["seed"]
        return plain


@dataclass(frozen=True)
class Lengths:
    """How many ``snapshots`` of each seed are measured, by chains of how many ``draws``; None: by its size."""

    snapshots: int | None = None
    draws: int | None = None

    def __post_init__(self) -> None:
        for name, least in (("snapshots", 2), ("draws", FEWEST_DRAWS)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise InvalidInput(f"{name}={value}", f"must be an integer >= {least}", f"{name}={least}")

    def of(self, plan: Plan) -> Plan:
        """The plan with these lengths; burn-in is longer with the draws."""
        settings = plan.settings if self.draws is None else {
            name: replace(setting, chains=replace(setting.chains, draws=self.draws, burn_in=max(
                setting.chains.burn_in, self.draws // BURN_IN_SHARE))) for name, setting in plan.settings.items()}
        return replace(plan, snapshots=self.snapshots or plan.snapshots, settings=settings)


DEFAULT = Lengths()


def default_plan(trained: Tensor) -> Plan:
    """The plan for networks of this size, the `local` setting for weights of this norm; ``trained`` (P,)."""
    parameters = len(trained)
    nbeta, gamma = local_setting(trained)
    snapshots, probes, steps = 5, 3, 40
    if allows_dense(parameters):
        snapshots, published, local = 12, Chains(8, 20, 60, leapfrogs=24), Chains(8, 20, 60, leapfrogs=24)
    elif parameters <= LARGE:
        published, local = Chains(3, 4, 14, leapfrogs=10), Chains(3, 4, 14, leapfrogs=20)
    else:
        snapshots, probes, steps = 4, 2, 20
        published = Chains(2, 4, 8, leapfrogs=12, mode_steps=30)
        local = Chains(2, 2, 8, leapfrogs=20, mode_steps=30)
    return Plan(snapshots, {"published": Setting(PUBLISHED_NBETA, PUBLISHED_GAMMA, published),
                            "local": Setting(nbeta, gamma, local)}, probes, steps)


def local_setting(weights: Tensor) -> tuple[float, float]:
    """nbeta and gamma of the `local` setting for weights (P,) of that norm."""
    gamma = len(weights) / (LOCAL_RADIUS * max(float(weights.norm()), TINY)) ** 2
    return gamma / LOCAL_CURVATURE, gamma
