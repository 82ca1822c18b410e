"""The local learning coefficient at a point, estimated by sampling, with a bias budget.

``llc = nbeta E[L(w) - L(w*)]`` under the localised tempered posterior (Lau et al., arXiv:2308.12108).

Where minimisers near ``w*`` form a manifold (`numerics.curvature.geometry`), one cold temperature is enough: the
posterior is close to a Gaussian and the Hessian says what localisation costs. Elsewhere a ladder of temperatures is
sampled and its means are extrapolated. ``nbeta`` is free for a population, and for samples that are fitted exactly;
otherwise it is ``n / log n``.

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
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from numerics.curvature.eigenvalues import require_dense
from numerics.curvature.geometry import Geometry, geometry
from numerics.estimation.extrapolation import Extrapolation, extrapolate
from numerics.estimation.plan import SamplingPlan, plan_of
from numerics.estimation.result import BudgetRow, Estimate
from numerics.estimation.settings import Settings
from numerics.losses.polynomial import Loss
from numerics.sampling.ladder import Trace, run_ladder, run_sgld
from numerics.sampling.summary import EstimateError, Rung, rung_of

SINGULAR_CHANGE = 3.0  # what is left to the limit, in units of the change since nbeta/4, where no limit was fitted
REPLICAS, FEWEST_CHAINS, MOST_CHAINS = 1024, 24, 64
BURN_IN, DRAWS = 600, 2500
SGLD_CHAINS, SGLD_BURN_IN, SGLD_DRAWS, SGLD_STEP, SGLD_SINGULAR_STEP = 128, 500, 2500, 0.3, 0.1
SGLD_SPAN = 3.0  # above the first rung: SGLD does not mix where the ladder ends
SGLD_TOLERANCE = 0.02  # relative to HMC
ENOUGH_MCSE, ENOUGH_RHAT, ENOUGH_ESS = 0.002, 1.02, 1000  # sampling ends early
LARGEST_RHAT, SMALLEST_ESS, SMALLEST_RATE = 1.05, 400, 0.1
LARGEST_OFFSET = 0.05  # of the reference point, relative to the estimate















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
    plan = plan_of(loss, found, settings, multiplicity or 2)
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






def _sample(loss: Loss, found: Geometry, plan: SamplingPlan, settings: Settings, progress: bool) -> Trace:
    chains = min(max(REPLICAS // len(plan.nbeta), FEWEST_CHAINS), MOST_CHAINS)
    own = settings if settings.sampler == "hmc" else Settings(seed=settings.seed)  # a reference chooses for itself

    def enough(values: Tensor) -> bool:
        last = rung_of(0.0, values[-1].numpy(force=True))
        return last.mcse < ENOUGH_MCSE * abs(last.mean) and last.rhat < ENOUGH_RHAT and last.ess > ENOUGH_ESS

    return run_ladder(
        loss, found, plan.nbeta, plan.gamma, chains=own.chains or chains, burn_in=BURN_IN, draws=own.draws or DRAWS,
        step_size=own.step_size, seed=own.seed, enough=(lambda _: False) if own.draws else enough, progress=progress)






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


def _limit(plan: SamplingPlan, trace: Trace, multiplicity: int | None) -> tuple[Extrapolation | None, int]:
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


def _temperature_rows(found: Geometry, plan: SamplingPlan, ladder: tuple[Rung, ...]) -> tuple[BudgetRow, ...]:
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


def _sgld_rung(plan: SamplingPlan, found: Geometry) -> int:
    """The rung where SGLD runs: the last one where that is the Gaussian one, else one that it can mix at."""
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
