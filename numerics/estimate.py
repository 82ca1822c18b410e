"""The local learning coefficient of a twin at a point, estimated by SGLD, with a bias budget.

``llc = nbeta E[L]`` under the localised tempered posterior (Lau et al., arXiv:2308.12108; the loss at the
reference point is zero after polishing, and is checked). Three runs, each with several chains:
step size ``eps``, step size ``eps/2``, and a quarter of the inverse temperature.

Budget, one row a cause:
    step size      measured by the first two runs and extrapolated away: on a Gaussian ``1/E`` is linear in ``eps``
    localisation   ``-1/2 sum gamma/(nbeta h + gamma)`` over the nonzero Hessian eigenvalues h: corrected; where there
                   is none, a change of scale makes it a change of nbeta
    finite nbeta   the change from ``nbeta/4`` to ``nbeta``: not corrected, counted as uncertainty
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from arviz_stats.base import array_stats
from torch import Tensor

from numerics.sampler import Posterior, pilot_scale, run_chains
from numerics.training import POLISHED, jacobian
from numerics.twins import Twin

LOCALISATION_SHARE = 0.005  # bias from gamma in the softest direction, as a share of that direction's 1/2
FLATNESS = 4.0  # gamma^2 in units of nbeta h_max, for each flat direction
DEGENERATE_NBETA = 1e4  # where the Hessian vanishes, with gamma = 1
DEGENERATE_STEP, DEGENERATE_DRAWS = 1 / 3, 2  # factors there, where the posterior is not Gaussian
ZERO_EIGENVALUE = 1e-10  # relative to the largest; the gap is reported
LARGEST_OFFSET = 1e-3  # nbeta times the loss that polishing left at the reference point
LARGEST_RHAT = 1.01
SMALLEST_ESS = 400


class EstimateError(RuntimeError):
    """A chain diverged or did not converge; ``partial`` has what was measured until then."""

    def __init__(self, problem: str, remedy: str, partial: dict[str, float]) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.partial = partial


@dataclass(frozen=True)
class Settings:
    """Sampler settings; the defaults suit whitened coordinates."""

    chains: int = 128
    draws: int = 2500
    burn_in: int = 500
    step_size: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class BudgetRow:
    """One cause of bias: its size with sign, what is left uncertain, whether the estimate is corrected for it."""

    cause: str
    size: float
    uncertainty: float
    corrected: bool
    how: str


@dataclass(frozen=True)
class Spectrum:
    """Hessian eigenvalues of the loss at the point: the numerical rank and the gap behind it."""

    rank: int
    largest: float
    smallest_nonzero: float
    largest_zero: float


@dataclass(frozen=True)
class Estimate:
    """An estimate of the LLC with its Monte-Carlo standard error and its bias budget."""

    mean: float
    mcse: float
    ess: float
    rhat: float
    nbeta: float
    gamma: float
    settings: Settings
    spectrum: Spectrum
    budget: tuple[BudgetRow, ...]

    @property
    def budget_uncertainty(self) -> float:
        """What the budget leaves open, in quadrature."""
        return float(np.sqrt(sum(row.uncertainty**2 for row in self.budget)))

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"budget_uncertainty": self.budget_uncertainty}


def estimate_llc(twin: Twin, theta: Tensor, settings: Settings | None = None) -> Estimate:
    """The LLC of ``twin`` at the exact fit ``theta`` (P,). Raises `EstimateError` rather than return a bad number.

    ``nbeta`` and ``gamma`` come from the Hessian at the point, with ``f`` flat directions: ``gamma^2 = FLATNESS f
    nbeta h_max``, so that chains do not wander along the zero set beyond the region where ``B`` fits, and
    ``gamma = LOCALISATION_SHARE nbeta h_min``, so that the bias of that is small.

    Assumes that the rank of the Hessian is constant along the zero set near ``theta`` (a generic point; the caller
    compares the rank with the exact one), or that the Hessian vanishes. At a point between, some flat directions are
    of higher order; this ``gamma`` would hide them, and no row of the budget would tell.
    """
    settings = settings or Settings()
    loss = float(twin.loss(theta[None]))
    if not loss < POLISHED:
        raise EstimateError(f"loss {loss:.1e} at the reference point", "polish it to an exact fit first",
                            {"loss": loss})
    values, vectors = _hessian(twin, theta)
    spectrum = _spectrum(values)
    nonzero = values[: spectrum.rank]
    degenerate = spectrum.rank == 0
    if degenerate:
        settings = replace(settings, step_size=settings.step_size * DEGENERATE_STEP,
                           draws=settings.draws * DEGENERATE_DRAWS, burn_in=settings.burn_in * DEGENERATE_DRAWS)
    stiffness = FLATNESS * max(len(theta) - spectrum.rank, 1) * spectrum.largest
    nbeta = DEGENERATE_NBETA if degenerate else stiffness / (LOCALISATION_SHARE * spectrum.smallest_nonzero) ** 2
    if nbeta * loss > LARGEST_OFFSET:
        raise EstimateError(
            f"nonzero Hessian eigenvalues from {spectrum.smallest_nonzero:.1e} to {spectrum.largest:.1e} ask for "
            f"nbeta = {nbeta:.1e}, too cold for a loss of {loss:.1e}", "use a better conditioned point",
            {"loss": loss, "nbeta": nbeta})

    def run(temperature: float, step_size: float, offset: int) -> tuple[np.ndarray, float]:
        if degenerate:
            gamma = 1.0
            scale = pilot_scale(twin, theta, temperature, gamma, settings.seed + 100)
        else:
            gamma = float(np.sqrt(temperature * stiffness))
            scale = vectors / torch.sqrt(temperature * values + gamma)
        trace, _ = run_chains(
            Posterior(twin, theta, scale, temperature, gamma), chains=settings.chains, draws=settings.draws,
            burn_in=settings.burn_in, step_size=step_size, seed=settings.seed + offset)
        return trace.numpy(), gamma

    coarse, gamma = run(nbeta, settings.step_size, 0)
    fine, _ = run(nbeta, settings.step_size / 2, 1)
    warm, warm_gamma = run(nbeta / 4, settings.step_size / 2, 2)
    (a, a_error, *_), (b, b_error, ess, rhat), (w, *_) = map(_summary, (coarse, fine, warm))
    if rhat > LARGEST_RHAT or ess < SMALLEST_ESS:
        raise EstimateError(f"chains did not converge (R-hat {rhat:.3f}, ESS {ess:.0f})", "more draws or burn-in",
                            {"mean": b, "mcse": b_error, "ess": ess, "rhat": rhat})
    localisation = -0.5 * float((gamma / (nbeta * nonzero + gamma)).sum())
    warm_localisation = -0.5 * float((warm_gamma / (nbeta / 4 * nonzero + warm_gamma)).sum())
    temperature = (b - localisation) - (w - warm_localisation)
    straight = 1 / (2 / b - 1 / a)  # exact for a Gaussian; 2b - a to the same order for any posterior
    mcse = straight**2 * float(np.hypot(2 * b_error / b**2, a_error / a**2))
    budget = (
        BudgetRow("step size", b - straight, abs(straight - (2 * b - a)), True, "steps eps and eps/2, extrapolated"),
        BudgetRow("localisation", localisation, abs(localisation) / 10, True,
                  "the Hessian vanishes: part of finite nbeta" if degenerate else "spectrum of the Hessian"),
        BudgetRow("finite nbeta", temperature, abs(temperature), False, "nbeta/4 against nbeta"),
    )
    return Estimate(
        mean=straight - localisation, mcse=mcse, ess=ess, rhat=rhat, nbeta=nbeta,
        gamma=gamma, settings=settings, spectrum=spectrum, budget=budget)


def _summary(trace: np.ndarray) -> tuple[float, float, float, float]:
    """Mean, Monte-Carlo standard error, ESS and R-hat of draws (chains, draws)."""
    finite = np.isfinite(trace).all(axis=1)
    if not finite.all():
        mean = float(trace[finite].mean()) if finite.any() else float("nan")
        raise EstimateError(f"{(~finite).sum()} of {len(trace)} chains diverged", "use a smaller step_size",
                            {"finite_chains": float(finite.sum()), "mean": mean})
    mcse, ess, rhat = (float(f(trace, chain_axis=0, draw_axis=1, **kind)) for f, kind in (
        (array_stats.mcse, {"method": "mean"}), (array_stats.ess, {"method": "mean"}), (array_stats.rhat, {})))
    return float(trace.mean()), mcse, ess, rhat


def _hessian(twin: Twin, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues (P,), largest first, and eigenvectors (P, P) of ``J^T J``, by the singular values of ``J``."""
    _, singular, rows = torch.linalg.svd(jacobian(twin, theta), full_matrices=True)
    values = torch.zeros(len(theta), dtype=theta.dtype)
    values[: len(singular)] = singular.square()
    return values, rows.T


def _spectrum(values: Tensor) -> Spectrum:
    largest = float(values.max())
    nonzero = values > ZERO_EIGENVALUE * max(largest, 1e-300)
    zeros = values[~nonzero]
    return Spectrum(
        rank=int(nonzero.sum()), largest=largest,
        smallest_nonzero=float(values[nonzero].min()) if nonzero.any() else 0.0,
        largest_zero=float(zeros.max()) if len(zeros) else 0.0)
