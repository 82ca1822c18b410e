"""What the draws of several chains say: mean, Monte-Carlo error, effective sample size, R-hat."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from arviz_stats.base.array import array_stats
from numpy.typing import NDArray
from scipy.stats import t as student
from torch import Tensor

CHANCE = 1e-3  # with which chains that do not drift are taken for some that do


class EstimateError(RuntimeError):
    """There is no estimate; ``partial`` has what was measured until then, ``point`` where a search for a minimum ended.

    The point is a state dict of the user's module, None where there was no search.
    """

    def __init__(self, problem: str, remedy: str, partial: dict[str, float],
                 point: Mapping[str, Tensor] | None = None) -> None:
        """Say what the problem is and what would help; ``partial`` by the names of `slt llc --json`."""
        super().__init__(problem, remedy, partial, point)  # with them it is made again in another process
        self.partial, self.point = partial, point

    def __str__(self) -> str:
        """The problem and what would help."""
        return "{}; {}".format(*self.args)


@dataclass(frozen=True)
class Rung:
    """``nbeta E[K]`` at one inverse temperature."""

    nbeta: float
    mean: float
    mcse: float
    ess: float
    rhat: float


def rung_of(nbeta: float, values: NDArray[np.float64]) -> Rung:
    """Summary of draws (chains, draws) of ``nbeta K``; of a chain that stood still its error is infinite, its ESS 0.

    The same where all stood still in either half of their draws: R-hat, which compares halves, divides by nothing.
    Raises `EstimateError` where a chain diverged.
    """
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        mean = float(values[finite].mean()) if finite.any() else math.nan
        raise EstimateError(f"{(~finite).sum()} of {len(values)} chains diverged", "use a smaller step_size",
                            {"finite_chains": float(finite.sum()), "mean": mean})
    half = max(values.shape[1] // 2, 1)
    if _still(values).any() or (_still(values[:, :half]) & _still(values[:, -half:])).all():
        return Rung(nbeta, float(values.mean()), math.inf, 0.0, math.inf)
    mcse = float(array_stats.mcse(values, chain_axis=0, draw_axis=1, method="mean"))
    ess = float(array_stats.ess(values, chain_axis=0, draw_axis=1, method="mean"))
    rhat = float(array_stats.rhat(values, chain_axis=0, draw_axis=1))
    return Rung(nbeta, float(values.mean()), mcse, ess, rhat)


def _still(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which chains have one value alone."""
    return np.asarray((values == values[:, :1]).all(axis=1))


def drifts(values: NDArray[np.float64]) -> bool:
    """Whether chains (chains, draws) still move together: the later half of their draws is another mean than the first.

    R-hat does not see it where chains start alike and come the same way. The error is that of the chains' own changes.
    """
    half = values.shape[1] // 2
    if half == 0 or len(values) == 1:
        return False
    change = values[:, -half:].mean(1) - values[:, :half].mean(1)
    return bool(abs(change.mean()) > student.isf(CHANCE / 2, len(values) - 1) * change.std(ddof=1) / len(values) ** 0.5)
