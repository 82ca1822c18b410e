"""The local learning coefficient at a point, estimated by sampling, with a bias budget.

``llc = nbeta E[L(w) - L(w*)]`` under the localised tempered posterior (Lau et al., arXiv:2308.12108).

Where minimisers near ``w*`` form a manifold (`numerics.curvature.geometry`), one cold temperature is enough: the posterior is
close to a Gaussian and the Hessian says what localisation costs. Elsewhere a ladder of temperatures is sampled and
its means are extrapolated. ``nbeta`` is free for a population, and for samples that are fitted exactly; otherwise it
is ``n / log n``.

Budget, one row a cause; the estimate is ``raw`` less the sizes of the corrected rows:
    finite nbeta     the distance to the limit, fitted to the ladder; without one, the change since ``nbeta/4``
    multiplicity     the part ``-P'/P`` of that distance where m > 1
    localisation     ``-1/2 sum gamma/(nbeta h + gamma)`` over the nonzero Hessian eigenvalues h
    step size        HMC: none. SGLD: measured at eps and eps/2 and extrapolated: on a Gaussian 1/E is linear in eps
    minibatch noise  SGLD on minibatches less HMC; part of the row above it where there are none
    reference point  ``-nbeta`` times how far ``L(w*)`` is above the minimum of its quadratic approximation
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from arviz_stats.base import array_stats
from torch import Tensor

from numerics.curvature.geometry import Geometry, Spectrum, geometry, require_dense
from numerics.estimation.extrapolation import Extrapolation, extrapolate
from numerics.losses.polynomial import Loss
from numerics.sampling.ladder import Trace, run_ladder, run_sgld
from slt_symbolic.errors import InvalidInput

LOCALISATION_SHARE = 0.005  # bias from gamma in the softest direction, as a share of that direction's 1/2
TOTAL_LOCALISATION_SHARE = 0.02  # of rank/2, where nbeta is given
FLATNESS = 4.0  # gamma^2 in units of nbeta h_max / size^2, for each flat direction
SINGULAR_GAMMA = 30.0  # over the square of the largest parameter; 1 where all parameters are zero
SPAN = {1: 1e6, 2: 1e8}  # from the first to the last rung, for m = 1 and m > 1
SHORTEST_SPAN = 10.0  # a ladder that ends sooner, by the nbeta that was asked for, says nothing about the limit
FIRST_RUNG = 10.0  # nbeta K at the median of exp(-gamma/2 |w - w*|^2)
SINGULAR_CHANGE = 3.0  # what is left to the limit, in units of the change since nbeta/4, where no limit was fitted
SPACING, FEWEST_RUNGS, MOST_RUNGS = 1.3, 7, 48  # log of the ratio of neighbours, times sqrt(lambda)
REPLICAS, FEWEST_CHAINS, MOST_CHAINS = 1024, 24, 64
BURN_IN, DRAWS = 600, 2500
SGLD_CHAINS, SGLD_BURN_IN, SGLD_DRAWS, SGLD_STEP, SGLD_SINGULAR_STEP = 128, 500, 2500, 0.3, 0.1
SGLD_SPAN = 3.0  # above the first rung: SGLD does not mix where the ladder ends
SGLD_TOLERANCE = 0.02  # relative to HMC
ENOUGH_MCSE, ENOUGH_RHAT, ENOUGH_ESS = 0.002, 1.02, 1000  # sampling ends early
LARGEST_RHAT, SMALLEST_ESS, SMALLEST_RATE = 1.05, 400, 0.1
LARGEST_OFFSET = 0.05  # of the reference point, relative to the estimate
SMALLEST_REFERENCE = 1e-3  # nbeta times the loss that polishing left

Sampler = Literal["hmc", "sgld"]


class EstimateError(RuntimeError):
    """A chain diverged or did not converge; ``partial`` has what was measured until then."""

    def __init__(self, problem: str, remedy: str, partial: dict[str, float]) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.partial = partial


@dataclass(frozen=True)
class Settings:
    """Sampler settings; None means that the loss near the point decides.

    ``step_size`` in units of the width of the posterior; ``batch`` for SGLD, None takes all samples.
    """

    sampler: Sampler = "hmc"
    nbeta: float | None = None
    gamma: float | None = None
    step_size: float | None = None
    chains: int | None = None
    draws: int | None = None
    batch: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.sampler not in ("hmc", "sgld"):
            raise InvalidInput(f"sampler={self.sampler}", "is not known", "hmc or sgld")
        for name in ("nbeta", "gamma", "step_size"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise InvalidInput(f"{name}={value}", "must be a positive number", f"without {name}: it is chosen")
        for name, least in (("chains", 4), ("draws", 100), ("batch", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and value >= least):
                raise InvalidInput(f"{name}={value}", f"must be an integer >= {least}", f"{name}={max(least, 1)}")
        if self.batch is not None and self.sampler != "sgld":
            raise InvalidInput(f"batch={self.batch}", "HMC needs all samples", "sampler=sgld")


@dataclass(frozen=True)
class BudgetRow:
    """One cause of bias: its size with sign, what is left uncertain, whether the estimate is corrected for it."""

    cause: str
    size: float
    uncertainty: float
    corrected: bool
    how: str


@dataclass(frozen=True)
class Rung:
    """``nbeta E[K]`` at one inverse temperature."""

    nbeta: float
    mean: float
    mcse: float
    ess: float
    rhat: float


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


@dataclass(frozen=True)
class _Plan:
    """What will be sampled: ``nbeta`` (M,), increasing; ``limit`` says that the ladder is for extrapolation."""

    nbeta: Tensor
    gamma: float
    limit: bool


def estimate_llc(loss: Loss, point: Tensor, settings: Settings | None = None, multiplicity: int | None = None,
                 progress: bool = False) -> Estimate:
    """The LLC of ``loss`` at the local minimum ``point`` (P,). Raises `EstimateError` rather than return a bad number.

    ``multiplicity`` is m where it is known. Where it is not and the point is singular, limits with m = 1 and m = 2 are
    both fitted and their difference counts as uncertainty.
    """
    settings = settings or Settings()
    require_dense(len(point))
    found = geometry(loss, point)
    _check_minimum(found)
    plan = _plan(loss, found, settings, multiplicity or 2)
    trace = _sample(loss, found, plan, settings, progress)
    ladder = tuple(rung_of(float(t), values.numpy(force=True))
                   for t, values in zip(plan.nbeta, trace.values, strict=True))
    limit, form = _limit(plan, trace, multiplicity)
    _check(trace, ladder[0 if limit is None else limit.first :])

    index = _sgld_rung(plan, found) if settings.sampler == "sgld" else len(ladder) - 1
    rung = ladder[index]
    raw, mcse, used, sampler_rows = rung.mean, rung.mcse, {}, _EXACT_SAMPLER
    ess, rhat = min(x.ess for x in ladder), max(x.rhat for x in ladder)
    if settings.sampler == "sgld":
        raw, mcse, ess, rhat, used, sampler_rows = _sgld(
            loss, found, rung, plan.gamma, trace.scale[index], settings, progress)
    localisation = _localisation(found, rung.nbeta, plan.gamma)
    if limit is None:
        temperature = _temperature_rows(found, plan, ladder)
    else:
        temperature = _limit_rows(rung.mean - localisation, limit, form)
        mcse = float(np.hypot(limit.mcse, mcse if settings.sampler == "sgld" else 0.0))
    above = rung.nbeta * found.newton_decrement
    how = "gradient and Hessian" if found.spectrum.rank else "no quadratic direction"
    reference = BudgetRow("reference point", 0.0 - above, above / 10, True,
                          "the gradient is zero" if found.loss == 0.0 else how)
    budget = (*temperature,
              BudgetRow("localisation", localisation, 0.0 if limit else abs(localisation) / 10, True,
                        "spectrum of the Hessian"), *sampler_rows, reference)
    mean = raw - sum(row.size for row in budget if row.corrected)
    if abs(reference.size) > LARGEST_OFFSET * abs(mean):
        raise EstimateError(f"the reference point is no local minimum: nbeta (L - L_min) is {-reference.size:.2g}",
                            "polish it first, or lower nbeta", {"mean": mean, "mcse": mcse})
    used = {"sampler": settings.sampler, "nbeta": rung.nbeta, "gamma": plan.gamma, "rungs": len(ladder),
            "chains": trace.values.shape[1], "draws": trace.values.shape[2], "burn_in": BURN_IN,
            "step_size": trace.step_size, "seed": settings.seed, "batch": settings.batch} | used
    return Estimate(mean, mcse, raw, rung.mean, ess, rhat, rung.nbeta, plan.gamma, found.regular, used, found.spectrum,
                    budget, ladder)


_NO_NOISE = BudgetRow("minibatch noise", 0.0, 0.0, True, "all samples in each gradient: none")
_EXACT_SAMPLER = (BudgetRow("step size", 0.0, 0.0, True, "Metropolis accepts or rejects: none"), _NO_NOISE)


def _plan(loss: Loss, found: Geometry, settings: Settings, multiplicity: int) -> _Plan:
    """Temperatures and localisation, from the spectrum or from the size of the loss around the point."""
    free = loss.samples is None or found.fits
    nbeta = settings.nbeta
    if nbeta is None and not free:
        nbeta = default_nbeta(loss.samples)
    flat = max(len(found.point) - found.spectrum.rank, 1)
    stiffness = FLATNESS * flat * found.spectrum.largest / found.size**2
    like = found.eigenvalues
    if found.regular:
        given = nbeta is not None
        if nbeta is None:
            nbeta = stiffness / (LOCALISATION_SHARE * found.spectrum.smallest_nonzero) ** 2
            nbeta = min(nbeta, SMALLEST_REFERENCE / max(found.loss, 1e-300))
        gamma = settings.gamma or math.sqrt(nbeta * stiffness)
        if given and settings.gamma is None:
            gamma = min(gamma, _mild_gamma(found, nbeta))
        return _Plan(like.new_tensor([nbeta / 4, nbeta]), gamma, limit=False)
    largest = float(found.point.abs().max())
    gamma = settings.gamma or (SINGULAR_GAMMA / largest**2 if largest > 0 else 1.0)
    generator = torch.Generator(device=like.device).manual_seed(settings.seed)
    around = found.point + torch.randn(512, len(found.point), generator=generator, dtype=like.dtype,
                                       device=like.device) / gamma**0.5
    typical = float((loss.value(around) - found.loss).abs().nanmedian())
    first = FIRST_RUNG / max(typical, 1e-300)
    last = nbeta or first * SPAN[min(multiplicity, 2)]
    if free and nbeta is None and found.loss > 0:
        last = min(last, SMALLEST_REFERENCE / found.loss)
    limit = free and last >= SHORTEST_SPAN * first
    first = min(first, last / 16)
    guess = found.spectrum.rank / 2 + (len(found.point) - found.spectrum.rank) / 5
    rungs = round(math.log(last / first) * math.sqrt(max(guess, 0.5)) / SPACING) + 1
    rungs = min(max(rungs, FEWEST_RUNGS), MOST_RUNGS)
    return _Plan(like.new_tensor(np.geomspace(first, last, rungs)), gamma, limit)


def _mild_gamma(found: Geometry, nbeta: float) -> float:
    """The gamma at which localisation takes its share of rank/2: the sum of gamma/(t h + gamma) is increasing."""
    stiff = nbeta * found.nonzero.numpy(force=True)
    low, high = 1e-12 * stiff.min(), stiff.max()
    for _ in range(100):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if (middle / (stiff + middle)).mean() < TOTAL_LOCALISATION_SHARE else (low, middle)
    return low


def _sample(loss: Loss, found: Geometry, plan: _Plan, settings: Settings, progress: bool) -> Trace:
    chains = min(max(REPLICAS // len(plan.nbeta), FEWEST_CHAINS), MOST_CHAINS)
    own = settings if settings.sampler == "hmc" else Settings(seed=settings.seed)  # a reference chooses for itself

    def enough(values: Tensor) -> bool:
        last = rung_of(0.0, values[-1].numpy(force=True))
        return last.mcse < ENOUGH_MCSE * abs(last.mean) and last.rhat < ENOUGH_RHAT and last.ess > ENOUGH_ESS

    return run_ladder(
        loss, found, plan.nbeta, plan.gamma, chains=own.chains or chains, burn_in=BURN_IN, draws=own.draws or DRAWS,
        step_size=own.step_size, seed=own.seed, enough=(lambda _: False) if own.draws else enough, progress=progress)


def default_nbeta(samples: int) -> float:
    """``n / log n``."""
    return samples / math.log(samples)


def rung_of(nbeta: float, values: np.ndarray) -> Rung:
    """Summary of draws (chains, draws) of ``nbeta K``. Raises `EstimateError` where a chain diverged."""
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        mean = float(values[finite].mean()) if finite.any() else math.nan
        raise EstimateError(f"{(~finite).sum()} of {len(values)} chains diverged", "use a smaller step_size",
                            {"finite_chains": float(finite.sum()), "mean": mean})
    mcse, ess, rhat = (float(f(values, chain_axis=0, draw_axis=1, **kind)) for f, kind in (
        (array_stats.mcse, {"method": "mean"}), (array_stats.ess, {"method": "mean"}), (array_stats.rhat, {})))
    return Rung(nbeta, float(values.mean()), mcse, ess, rhat)


def _check_minimum(found: Geometry) -> None:
    if not found.is_minimum:
        raise EstimateError("the point is no local minimum of the loss", "polish it first",
                            {"loss": found.loss, "distance": found.newton_step,
                             "negative_curvature": found.spectrum.largest_zero})


def _check(trace: Trace, ladder: tuple[Rung, ...]) -> None:
    """A run that did not move, did not exchange or did not converge is an error with the partial result."""
    last = ladder[-1]
    partial = {"mean": last.mean, "mcse": last.mcse, "ess": min(x.ess for x in ladder),
               "rhat": max(x.rhat for x in ladder), "acceptance": float(trace.acceptance.min())}
    if partial["acceptance"] < SMALLEST_RATE:
        raise EstimateError(f"only {partial['acceptance']:.1%} of the proposals were accepted",
                            "use a smaller step_size", partial)
    if len(trace.exchanges) > 1 and float(trace.exchanges.min()) < SMALLEST_RATE / 2:
        raise EstimateError("neighbouring temperatures hardly exchange", "use a smaller nbeta", partial)
    _check_converged(partial)


def _check_converged(partial: dict[str, float]) -> None:
    if not (partial["rhat"] <= LARGEST_RHAT and partial["ess"] >= SMALLEST_ESS):
        raise EstimateError(f"chains did not converge (R-hat {partial['rhat']:.3f}, ESS {partial['ess']:.0f})",
                            "more draws, or a larger step_size if you set it", partial)


def _limit(plan: _Plan, trace: Trace, multiplicity: int | None) -> tuple[Extrapolation | None, int]:
    """The extrapolated limit and the multiplicity that it assumes."""
    if not plan.limit:
        return None, 1
    nbeta, means = plan.nbeta.numpy(force=True), trace.values.mean(2).numpy(force=True)
    if multiplicity is not None:
        return extrapolate(nbeta, means, multiplicity), multiplicity
    fits = [(extrapolate(nbeta, means, m), m) for m in (1, 2)]
    fits = [(fit, m) for fit, m in fits if fit is not None]
    if not fits:
        return None, 1
    chosen, form = min(fits, key=lambda pair: (not pair[0].holds, pair[0].first))
    spread = max((abs(fit.limit - chosen.limit) for fit, _ in fits if fit.holds), default=0.0)
    return replace(chosen, systematic=float(np.hypot(chosen.systematic, spread))), form


def _limit_rows(at_rung: float, limit: Extrapolation, multiplicity: int) -> tuple[BudgetRow, ...]:
    distance = at_rung - limit.limit
    if multiplicity == 1:
        how = "fit of lambda + a nbeta^-delta to the ladder"
        return (BudgetRow("finite nbeta", distance, limit.systematic, True, how),
                BudgetRow("multiplicity", 0.0, 0.0, True, "m = 1: none"))
    how = f"fit of lambda - P'/P to the ladder, P of degree {multiplicity - 1} in log nbeta"
    return (BudgetRow("finite nbeta", 0.0, limit.systematic, True, "which rungs the fit uses"),
            BudgetRow("multiplicity", distance, 0.0, True, how))


def _temperature_rows(found: Geometry, plan: _Plan, ladder: tuple[Rung, ...]) -> tuple[BudgetRow, ...]:
    """The change since a quarter of nbeta, localisation apart."""
    last = ladder[-1]
    nearest = min(ladder[:-1], key=lambda rung: abs(math.log(4 * rung.nbeta / last.nbeta)))
    change = ((last.mean - _localisation(found, last.nbeta, plan.gamma))
              - (nearest.mean - _localisation(found, nearest.nbeta, plan.gamma)))
    # What is left of a t^-delta is change / (4^delta - 1): the change itself at 1/2, three times it below 1/5.
    left = abs(change) * (1 if found.regular else SINGULAR_CHANGE)
    return (BudgetRow("finite nbeta", change, left, False, f"change since nbeta = {nearest.nbeta:.3g}"),
            BudgetRow("multiplicity", 0.0, 0.0, False,
                      "regular: m = 1, none" if found.regular else "part of finite nbeta"))


def _localisation(found: Geometry, nbeta: float, gamma: float) -> float:
    return 0.0 - 0.5 * float((gamma / (nbeta * found.nonzero + gamma)).sum())


def _sgld_rung(plan: _Plan, found: Geometry) -> int:
    """Where SGLD runs: the last rung where that is the Gaussian one, else one that it can mix at."""
    if found.regular:
        return len(plan.nbeta) - 1
    return int((plan.nbeta <= SGLD_SPAN * plan.nbeta[0]).sum()) - 1


def _sgld(loss: Loss, found: Geometry, rung: Rung, gamma: float, scale: Tensor, settings: Settings,
          progress: bool) -> tuple[float, float, float, float, dict[str, Any], tuple[BudgetRow, ...]]:
    """SGLD at the rung's posterior, at two step sizes, compared with HMC there."""
    step = settings.step_size or (SGLD_STEP if found.regular else SGLD_SINGULAR_STEP)
    chains, draws = settings.chains or SGLD_CHAINS, settings.draws or SGLD_DRAWS * (1 if found.regular else 2)

    def run(size: float, seed: int) -> Rung:
        values = run_sgld(loss, found, rung.nbeta, gamma, scale, chains=chains, burn_in=SGLD_BURN_IN, draws=draws,
                          step_size=size, batch=settings.batch, seed=seed, progress=progress)
        return rung_of(rung.nbeta, values.numpy(force=True))

    coarse, fine = run(step, settings.seed + 1), run(step / 2, settings.seed + 2)
    a, b = coarse.mean, fine.mean
    straight = 1 / (2 / b - 1 / a)  # exact for a Gaussian; 2b - a to the same order for any posterior
    mcse = straight**2 * float(np.hypot(2 * fine.mcse / b**2, coarse.mcse / a**2))
    partial = {"mean": straight, "mcse": mcse, "ess": fine.ess, "rhat": fine.rhat, "hmc": rung.mean}
    _check_converged(partial)
    difference = straight - rung.mean
    if abs(difference) > SGLD_TOLERANCE * abs(rung.mean) + 3 * float(np.hypot(mcse, rung.mcse)):
        remedy = "use a smaller step_size" + ("" if settings.batch is None else " or a larger batch")
        raise EstimateError(f"SGLD gives {straight:.4g} where HMC gives {rung.mean:.4g} for the same posterior", remedy,
                            partial)
    noise = _NO_NOISE
    if settings.batch is not None:
        noise = BudgetRow("minibatch noise", difference, abs(difference), False, "SGLD less HMC, step size apart")
    used = {"chains": chains, "draws": draws, "burn_in": SGLD_BURN_IN, "step_size": step}
    return b, mcse, fine.ess, fine.rhat, used, (
        BudgetRow("step size", b - straight, abs(straight - (2 * b - a)), True,
                  "SGLD at half the step size; extrapolated from the full one"), noise)
