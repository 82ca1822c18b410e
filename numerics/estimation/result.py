"""An estimate with its errors and the budget of its bias."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from numerics.curvature.eigenvalues import Spectrum
from numerics.sampling.summary import Rung


@dataclass(frozen=True)
class BudgetRow:
    """One cause of bias: its size with sign, what is left uncertain, whether the estimate is corrected for it."""

    cause: str
    size: float
    uncertainty: float
    corrected: bool
    how: str


@dataclass(frozen=True)
class Estimate:
    """An estimate of the LLC: ``mean = raw`` less the corrected rows of the ``budget``; ``used`` are the settings.

    ``reference`` is HMC at the same ``nbeta`` and ``gamma``: with that sampler, ``raw`` itself.
    """

    mean: float
    mcse: float
    raw: float
    reference: float
    ess: float
    rhat: float
    nbeta: float
    gamma: float
    regular: bool
    used: dict[str, Any]
    spectrum: Spectrum
    budget: tuple[BudgetRow, ...]
    ladder: tuple[Rung, ...]

    @property
    def budget_uncertainty(self) -> float:
        """What the budget leaves open, in quadrature."""
        return float(np.sqrt(sum(row.uncertainty**2 for row in self.budget)))

    @property
    def uncertainty(self) -> float:
        """Monte-Carlo error and budget together."""
        return float(np.hypot(self.mcse, self.budget_uncertainty))

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"budget_uncertainty": self.budget_uncertainty, "uncertainty": self.uncertainty}
