"""The local learning coefficient at a point, estimated by sampling, with a bias budget.

``llc = nbeta E[L(w) - L(w*)]`` under the localised tempered posterior (Lau et al., arXiv:2308.12108).

Where minimisers near ``w*`` form a manifold (`numerics.curvature.geometry`), one cold temperature is enough: the
posterior is close to a Gaussian and the Hessian says what localisation costs. Elsewhere a ladder of temperatures is
sampled and its means are extrapolated. ``nbeta`` is free, also of a loss over samples: what is asked is a property of
that function at its minimum.

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from numerics.curvature.eigenvalues import require_dense
from numerics.curvature.geometry import Geometry, geometry
from numerics.estimation.extrapolation import Extrapolation, extrapolate
from numerics.estimation.plan import SamplingPlan, plan_of
from numerics.estimation.result import BudgetRow, Estimate
from numerics.estimation.settings import Settings
from numerics.losses.polynomial import Loss
from numerics.sampling.ladder import Target, Trace, run_ladder, run_sgld
from numerics.sampling.schedule import Schedule
from numerics.sampling.summary import EstimateError, Rung, rung_of

SINGULAR_CHANGE = 3.0  # what is left to the limit, in units of the change since nbeta/4, where no limit was fitted
REPLICAS, FEWEST_CHAINS, MOST_CHAINS = 1024, 24, 64  # states in memory at a time; columns enough for a jackknife
BURN_IN, DRAWS = 600, 2500  # scales are measured three times in the burn-in; draws at most, see `ENOUGH_MCSE`
SGLD_CHAINS, SGLD_BURN_IN, SGLD_DRAWS = 128, 500, 2500  # draws twice as many where the point is singular
SGLD_STEP, SGLD_SINGULAR_STEP = 0.3, 0.1  # in units of the width: the bias that is extrapolated is some percent
SGLD_SPAN = 3.0  # above the first rung: SGLD does not mix where the ladder ends
SGLD_TOLERANCE = 0.02  # relative to HMC
ENOUGH_MCSE, ENOUGH_LIMIT = 0.002, 0.01  # sampling ends early: relative error of one temperature, and of the limit
ENOUGH_RHAT, ENOUGH_ESS = 1.02, 1000  # of rungs of which that error is known
LARGEST_RHAT, SMALLEST_ESS = 1.05, 400  # of chains that converged
SMALLEST_RATE = 0.1  # of accepted proposals, half of it for exchanges: below, chains stay where they are
LARGEST_MULTIPLICITY = 5  # that is tried where m is not given
LARGEST_OFFSET = 0.05  # of the reference point, relative to the estimate


@dataclass(frozen=True)
class _Sampled:
    """What the chosen sampler found at its rung, as sampled (``raw``), with the rows of the budget that are its own.

    ``draws`` (chains, draws) of nbeta times the excess loss; ``used``: its settings, where they are not those of the
    ladder.
    """

    raw: float
    mcse: float
    ess: float
    rhat: float
    rows: tuple[BudgetRow, ...]
    draws: NDArray[np.float64]
    used: Mapping[str, Any]


def estimate_llc(loss: Loss, point: Tensor, settings: Settings | None = None, multiplicity: int | None = None,
                 progress: bool = False) -> Estimate:
    """The LLC of ``loss`` at the local minimum ``point`` (P,). Raises `EstimateError` rather than return a bad number.

    ``multiplicity`` is m where it is known. Where it is not and the point is singular, limits with each m up to 5 are
    fitted, and their differences count as uncertainty as far as the ladder does not tell them apart. The reduced loss
    has as many variables as the kernel has dimensions, and m is no larger.
    """
    require_dense(len(point))
    return estimate_at(loss, geometry(loss, point), settings or Settings(), multiplicity, progress)


def estimate_at(loss: Loss, here: Geometry, settings: Settings, multiplicity: int | None = None,
                progress: bool = False) -> Estimate:
    """`estimate_llc` where the geometry is known."""
    _check_minimum(here)
    plan = plan_of(loss, here, settings, multiplicity or 2)
    target = Target(loss, here, plan.nbeta, plan.gamma)
    limit_of = partial(_limit, plan, _multiplicities(here) if multiplicity is None else (multiplicity,))
    trace = _sample(target, settings, limit_of, progress)
    ladder = tuple(rung_of(float(t), values.numpy(force=True))
                   for t, values in zip(plan.nbeta, trace.values, strict=True))
    limit = limit_of(trace.values)
    _check(trace, ladder[0 if limit is None else limit.first :])

    if settings.sampler == "sgld":
        index = _sgld_rung(target)
        sampled = _sgld(target.rung(index), ladder[index], trace.scale[index], settings, progress)
    else:
        index = len(ladder) - 1
        sampled = _Sampled(ladder[index].mean, ladder[index].mcse, min(rung.ess for rung in ladder),
                           max(rung.rhat for rung in ladder), _EXACT_SAMPLER,
                           trace.values[index].numpy(force=True), {})
    rung, mcse = ladder[index], sampled.mcse
    localisation = _localisation(here, rung.nbeta, plan.gamma)
    if limit is None:
        temperature = _temperature_rows(here, plan, ladder)
    else:
        temperature = _limit_rows(rung.mean - localisation, limit)
        mcse = float(np.hypot(limit.mcse, mcse if settings.sampler == "sgld" else 0.0))
    reference = _reference_row(here, rung.nbeta)
    budget = (*temperature,
              BudgetRow("localisation", localisation, 0.0 if limit else abs(localisation) / 10, True,
                        "spectrum of the Hessian"), *sampled.rows, reference, *rank_rows(here))
    mean = sampled.raw - sum(row.size for row in budget if row.corrected)
    if sampled.raw < 0:
        raise EstimateError("the loss is lower around the point than there: it is no minimum", "polish it first",
                            {"mean": mean, "mcse": mcse})
    if abs(sampled.raw - mean) > abs(sampled.raw):
        raise EstimateError(f"the corrections, {mean - sampled.raw:+.3g}, are larger than what was measured, "
                            f"{sampled.raw:.3g}", "use a larger nbeta or a smaller gamma, at which less is corrected",
                            {"mean": mean, "mcse": mcse})
    if abs(reference.size) > LARGEST_OFFSET * abs(mean):
        raise EstimateError(f"the reference point is no local minimum: nbeta (L - L_min) is {-reference.size:.2g}",
                            "polish it first, or lower nbeta", {"mean": mean, "mcse": mcse})
    burn_in = BURN_IN if settings.burn_in is None else settings.burn_in
    used = {"sampler": settings.sampler, "nbeta": rung.nbeta, "gamma": plan.gamma, "rungs": len(ladder),
            "chains": trace.values.shape[1], "draws": trace.values.shape[2], "burn_in": burn_in,
            "step_size": trace.step_size, "seed": settings.seed, "batch": settings.batch, **sampled.used}
    return Estimate(mean, mcse, sampled.raw, rung.mean, sampled.ess, sampled.rhat, rung.nbeta, plan.gamma,
                    here.regular, used, here.spectrum, budget, ladder, draws=sampled.draws)


def rank_rows(here: Geometry) -> tuple[BudgetRow, ...]:
    """Half of what the possible ranks leave open at a regular point; nothing where a gap shows the rank."""
    if not (here.regular and here.spectrum.others):
        return ()
    ranks = (here.spectrum.rank, *here.spectrum.others)
    return (BudgetRow("rank", 0.0, (max(ranks) - min(ranks)) / 2, False,
                      f"{here.spectrum.rank} without a gap: from {min(ranks)} to {max(ranks)} are possible"),)


_NO_NOISE = BudgetRow("minibatch noise", 0.0, 0.0, True, "all samples in each gradient: none")
_EXACT_SAMPLER = (BudgetRow("step size", 0.0, 0.0, True, "Metropolis accepts or rejects: none"), _NO_NOISE)


def _sample(target: Target, settings: Settings, limit_of: Callable[[Tensor], Extrapolation | None],
            progress: bool) -> Trace:
    """The ladder of HMC: what the estimate is of, or the reference of SGLD, which chooses for itself.

    It ends where the last rung is known, or the limit that is fitted to all of them; or where chains are so far apart
    that the draws that are left would not bring them together.
    """
    chosen = settings if settings.sampler == "hmc" else Settings(seed=settings.seed)
    chains = min(max(REPLICAS // len(target.nbeta), FEWEST_CHAINS), MOST_CHAINS)
    burn_in = BURN_IN if settings.burn_in is None else settings.burn_in
    schedule = Schedule(chosen.chains or chains, burn_in, chosen.draws or DRAWS, chosen.seed)

    def enough(values: Tensor) -> bool:
        if chosen.draws:
            return False
        rungs = [rung_of(0.0, rung.numpy(force=True)) for rung in values]
        apart = max(rung.rhat for rung in rungs) - 1
        if apart * values.shape[2] > (LARGEST_RHAT - 1) * schedule.draws:
            return True  # it falls no faster than draws grow in number: no more of them will bring chains together
        if apart > ENOUGH_RHAT - 1 or min(rung.ess for rung in rungs) < ENOUGH_ESS:
            return False
        if rungs[-1].mcse < ENOUGH_MCSE * abs(rungs[-1].mean):
            return True
        limit = limit_of(values)
        return limit is not None and limit.holds and limit.uncertainty < ENOUGH_LIMIT * abs(limit.limit)

    return run_ladder(target, schedule, step_size=chosen.step_size, enough=enough, progress=progress)


def _check_minimum(here: Geometry) -> None:
    if not here.is_minimum:
        raise EstimateError("the point is no local minimum of the loss", "polish it first",
                            {"loss": here.loss, "distance": here.newton_step,
                             "negative_curvature": here.spectrum.largest_zero})


def _check(trace: Trace, ladder: tuple[Rung, ...]) -> None:
    """A run that did not move, did not exchange or did not converge is an error with the partial result."""
    last = ladder[-1]
    partial = {"mean": last.mean, "mcse": last.mcse, "ess": min(rung.ess for rung in ladder),
               "rhat": max(rung.rhat for rung in ladder), "acceptance": float(trace.acceptance.min())}
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


def _multiplicities(here: Geometry) -> Sequence[int]:
    flat = len(here.point) - min((here.spectrum.rank, *here.spectrum.others))
    return range(1, max(min(flat, LARGEST_MULTIPLICITY), 1) + 1)


def _limit(plan: SamplingPlan, multiplicities: Sequence[int], values: Tensor) -> Extrapolation | None:
    if not plan.limit:
        return None
    return extrapolate(plan.nbeta.numpy(force=True), values.mean(2).numpy(force=True), multiplicities)


def _limit_rows(at_rung: float, limit: Extrapolation) -> tuple[BudgetRow, ...]:
    distance, uncertain = at_rung - limit.limit, limit.systematic
    if limit.multiplicity == 1:
        how = "lambda + sum of a nbeta^-delta on the ladder, mean over forms"
        return (BudgetRow("finite nbeta", distance, uncertain, True, how),
                BudgetRow("multiplicity", 0.0, 0.0, True, "m = 1: none"))
    how = f"lambda - P'/P + a nbeta^-delta, P of degree {limit.multiplicity - 1} in log nbeta, mean over forms"
    return (BudgetRow("finite nbeta", 0.0, uncertain, True, "by how much forms and their first rungs differ"),
            BudgetRow("multiplicity", distance, 0.0, True, how))


def _temperature_rows(here: Geometry, plan: SamplingPlan, ladder: tuple[Rung, ...]) -> tuple[BudgetRow, ...]:
    """The change since a quarter of nbeta, localisation apart."""
    last = ladder[-1]
    nearest = min(ladder[:-1], key=lambda rung: abs(math.log(4 * rung.nbeta / last.nbeta)))
    change = ((last.mean - _localisation(here, last.nbeta, plan.gamma))
              - (nearest.mean - _localisation(here, nearest.nbeta, plan.gamma)))
    # What is left of a t^-delta is change / (4^delta - 1): the change itself at 1/2, three times it below 1/5.
    left = abs(change) * (1 if here.regular else SINGULAR_CHANGE)
    return (BudgetRow("finite nbeta", change, left, False, f"change since nbeta = {nearest.nbeta:.3g}"),
            BudgetRow("multiplicity", 0.0, 0.0, False,
                      "regular: m = 1, none" if here.regular else "part of finite nbeta"))


def _localisation(here: Geometry, nbeta: float, gamma: float) -> float:
    return 0.0 - 0.5 * float((gamma / (nbeta * here.nonzero + gamma)).sum())


def _reference_row(here: Geometry, nbeta: float) -> BudgetRow:
    above = nbeta * here.newton_decrement
    how = "gradient and Hessian" if here.spectrum.rank else "no quadratic direction"
    return BudgetRow("reference point", 0.0 - above, above / 10, True,
                     "the gradient is zero" if here.loss == 0.0 else how)


def _sgld_rung(target: Target) -> int:
    """Where SGLD runs: the last rung where that is the Gaussian one, else one that it can mix at."""
    if target.geometry.regular:
        return len(target.nbeta) - 1
    return int((target.nbeta <= SGLD_SPAN * target.nbeta[0]).sum()) - 1


def _sgld(target: Target, reference: Rung, scale: Tensor, settings: Settings, progress: bool) -> _Sampled:
    """SGLD at two step sizes, compared with HMC at the same temperature, the ``reference``."""
    regular = target.geometry.regular
    step = settings.step_size or (SGLD_STEP if regular else SGLD_SINGULAR_STEP)
    chains, draws = settings.chains or SGLD_CHAINS, settings.draws or SGLD_DRAWS * (1 if regular else 2)

    def run(size: float, seed: int) -> tuple[Rung, NDArray[np.float64]]:
        values = run_sgld(target, scale, Schedule(chains, SGLD_BURN_IN, draws, seed), step_size=size,
                          batch=settings.batch, progress=progress).numpy(force=True)
        return rung_of(reference.nbeta, values), values

    (coarse, _), (fine, drawn) = run(step, settings.seed + 1), run(step / 2, settings.seed + 2)
    a, b = coarse.mean, fine.mean
    straight = 1 / (2 / b - 1 / a)  # exact for a Gaussian; 2b - a to the same order for any posterior
    mcse = straight**2 * float(np.hypot(2 * fine.mcse / b**2, coarse.mcse / a**2))
    partial = {"mean": straight, "mcse": mcse, "ess": fine.ess, "rhat": fine.rhat, "hmc": reference.mean}
    _check_converged(partial)
    difference = straight - reference.mean
    if abs(difference) > SGLD_TOLERANCE * abs(reference.mean) + 3 * float(np.hypot(mcse, reference.mcse)):
        remedy = "use a smaller step_size" + ("" if settings.batch is None else " or a larger batch")
        raise EstimateError(f"SGLD gives {straight:.4g} where HMC gives {reference.mean:.4g} for the same posterior",
                            remedy, partial)
    noise = _NO_NOISE
    if settings.batch is not None:
        noise = BudgetRow("minibatch noise", difference, abs(difference), False, "SGLD less HMC, step size apart")
    coarseness = BudgetRow("step size", b - straight, abs(straight - (2 * b - a)), True,
                           "SGLD at half the step size; extrapolated from the full one")
    return _Sampled(b, mcse, fine.ess, fine.rhat, (coarseness, noise), drawn,
                    {"chains": chains, "draws": draws, "burn_in": SGLD_BURN_IN, "step_size": step})
