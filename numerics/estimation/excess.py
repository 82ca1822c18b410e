"""The localised excess ``nbeta E[L(w) - L(w*)]`` at any weights w*, under ``exp(-nbeta L(w) - gamma/2 |w - w*|^2)``.

It needs no critical point and no Hessian, and depends on nbeta and gamma, which are part of the answer. It is what the
field estimates and calls LLC (Lau et al., arXiv:2308.12108), and a learning coefficient only where w* is a minimum and
gamma small against nbeta times the curvatures; below zero, w* is no minimum at that scale.

HMC over all samples; SGLD over minibatches where there are many. Chains run until they have come together (R-hat of
the losses, with chains that start apart) and do not drift any more: what came before is thrown away each time, and the
next run is twice as long. Once they have, draws are added until they are enough. How the answer hangs on gamma follows
from the same draws: for any f, ``d E[f] / d gamma = -Cov(f, |w - w*|^2) / 2``.

SGLD with a step and a length of the user's is the chain that the field runs, literally: its value is the answer
whether or not the chain has arrived, and the answer says which.

Budget, one row a cause:
    step size        HMC: none. SGLD: measured at two steps and extrapolated; with a step of the user's, as it is
    minibatch noise  HMC: none. SGLD: shrinks with the step, and is extrapolated together with it
    length           of a chain that has not arrived: what it has gained from its first draws to its last
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from torch import Tensor

from numerics.curvature.eigenvalues import Spectrum
from numerics.estimation.result import BudgetRow, Estimate
from numerics.estimation.settings import EXCESS_GAMMA, Settings, default_nbeta
from numerics.losses.module import ModuleLoss
from numerics.losses.polynomial import Loss
from numerics.losses.samples import Stream
from numerics.losses.sound import chains_for
from numerics.progress import Progress
from numerics.sampling.apart import RanAway, Walk, Walkers
from numerics.sampling.control_variates import controlled
from numerics.sampling.langevin import langevin, largest_curvature
from numerics.sampling.schedule import SHORTER, Schedule
from numerics.sampling.steps import Posterior
from numerics.sampling.summary import EstimateError, Rung, drifts, rung_of
from slt_symbolic.errors import InvalidInput

BURN_IN, DRAWS, ROUNDS = 20, 20, 5  # of HMC in the first round, at most twice as many in each later one
LONGER = 2  # rounds: many chains begin with the third, for fewer draws rarely have the R-hat that they wait for
FULL_BATCH, BATCH = 2**15, 256  # samples up to which HMC takes all of them, and those of a minibatch beyond
COARSEST = 0.2  # of SGLD: its step times the largest curvature of the potential; the bias is a quarter of that
RELAXATIONS = 3  # of the localisation, 2 / (step gamma) steps each, in the burn-in and in the draws of SGLD
FEWEST_STEPS, MOST_STEPS = 200, 20_000  # of SGLD in a round
LARGEST_RHAT, SMALLEST_ESS = 1.1, 40  # of chains that have come together; more would not make errors more honest
MARGIN = 1.2  # over that ESS, as far as draws to come are planned
MANY_CHAINS = 16  # whose means tell their own error, to some fifth of it
CLOSER_RHAT = 1.05  # of so many: below it the error holds, and where they are cheap rounds go on until then
ENDS = 4  # the first and the last of so many parts of the draws say whether a chain still moves
LARGEST_OBSERVED = 2**28  # losses of samples that draws carry: a gigabyte in single precision
LARGEST_CHANGE = 0.1  # of the value as gamma doubles, beyond which the answer says that it hangs on it
CERTAIN = 3.0  # standard errors
NO_SLOPE = 1e-4  # chance with which a virial of mean zero is taken for none


@dataclass(frozen=True)
class Question:
    """The excess of ``loss`` at ``point`` (P,), where it is ``here``, at ``nbeta`` and ``gamma``."""

    loss: Loss
    point: Tensor
    here: float
    nbeta: float
    gamma: float

    def posterior(self, chains: int) -> Posterior:
        """That of ``chains`` at these settings."""
        return Posterior(self.loss, self.point, None, self.point.new_full((chains,), self.nbeta), self.gamma)

    def rung(self, losses: NDArray[np.float64]) -> Rung:
        """Summary of draws (chains, draws) of the loss.

        Chains are shorter than correlations may be, which their own draws do not show, but what the chains differ by
        does: of many chains the error is that of their means, of few at least that. A loss that is the same wherever
        chains came, of which every second started elsewhere, does not hang on the parameters there.
        """
        if len(losses) > 1 and bool((losses == self.here).all()):
            return Rung(self.nbeta, 0.0, 0.0, float(losses.size), 1.0)
        values = self.nbeta * (losses - self.here)
        rung, between = rung_of(self.nbeta, values), float(values.mean(1).std(ddof=1) / len(values) ** 0.5)
        return replace(rung, mcse=between if len(values) >= MANY_CHAINS else max(rung.mcse, between))


@dataclass(frozen=True)
class _Chains:
    """Draws of the loss (chains, draws) after ``burn_in`` steps, of SGLD with a ``step``, and what was ``observed``."""

    losses: NDArray[np.float64]
    burn_in: int
    step: float | None
    observed: Tensor | None


def estimate_excess(loss: Loss, point: Tensor, settings: Settings, progress: bool = False) -> Estimate:
    """The localised excess at ``point`` (P,). Raises `EstimateError` where chains ran away or did not come together.

    nbeta is ``n / log n`` and gamma 5 unless ``settings`` say otherwise; with ``draws`` there is one round of them. A
    chain whose step and length are both given is answered as it is, with a note where it has not arrived.
    """
    found = sampled_excess(loss, point, settings, progress)
    if settings.literal:
        return found
    if not _arrived(found):
        problem = f"chains did not come together (R-hat {found.rhat:.3f}, ESS {found.ess:.0f})"
    elif found.draws is not None and drifts(found.draws):
        problem = f"chains still drift after {found.used['burn_in']} draws of burn-in"
    else:
        return found
    raise EstimateError(f"{problem} at nbeta = {found.nbeta:.4g}, gamma = {found.gamma:.4g}",
                        "use a larger gamma, a smaller nbeta, or more draws and burn_in",
                        {"mean": found.mean, "mcse": found.mcse, "ess": found.ess, "rhat": found.rhat})


def sampled_excess(loss: Loss, point: Tensor, settings: Settings, progress: bool = False) -> Estimate:
    """`estimate_excess`, whether or not chains have come together: its ``rhat`` says so."""
    nbeta = settings.nbeta or _default_nbeta(loss)
    streamed = isinstance(loss, ModuleLoss) and isinstance(loss.data, Stream)
    many = loss.samples is not None and loss.samples > FULL_BATCH
    sampler = settings.sampler or ("sgld" if streamed or many or settings.batch else "hmc")
    chosen = replace(settings, sampler=sampler, chains=settings.chains or chains_for(loss))
    question = Question(loss, point, float(loss.value(point[None])), nbeta, settings.gamma or EXCESS_GAMMA)
    if not math.isfinite(question.here):
        raise InvalidInput("loss", f"is {question.here} at the model's parameters", "a trained model")
    try:
        return _by_hmc(question, chosen, progress) if sampler == "hmc" else _by_sgld(question, chosen, progress)
    except RanAway as problem:
        why, _, remedy = str(problem).partition("; ")
        raise EstimateError(why, remedy, {"loss": question.here}) from None


def _arrived(found: Rung | Estimate) -> bool:
    """Whether chains have come together, with draws enough to know."""
    return found.rhat <= LARGEST_RHAT and found.ess >= SMALLEST_ESS


def _is_close(rung: Rung, losses: NDArray[np.float64]) -> bool:
    """Whether draws (chains, draws) do not drift, and of many chains whether they are as close as their error asks."""
    return not drifts(losses) and (len(losses) < MANY_CHAINS or rung.rhat <= CLOSER_RHAT)


def _default_nbeta(loss: Loss) -> float:
    if loss.samples is None or loss.samples < 2:
        raise InvalidInput("data", "has one sample, for which n / log n is not defined", "nbeta=10")
    return default_nbeta(loss.samples)


def _by_hmc(question: Question, settings: Settings, progress: bool) -> Estimate:
    """Rounds of HMC: draws that are too few are added to, those of chains that have not come together are burn-in."""
    assert settings.chains is not None
    posterior = question.posterior(settings.chains)
    walkers, observe = Walkers(posterior, settings.seed), _observer(question.loss, settings)
    burn_in = BURN_IN if settings.burn_in is None else settings.burn_in
    draws, rounds = (settings.draws, 1) if settings.draws else _first_draws(settings.chains)
    kept = None
    with Progress("HMC", burn_in + draws, shown=progress, unit="HMC step", remedy=SHORTER) as bar:
        for last in range(rounds):
            bar.stage(f"HMC with {settings.chains} chains, round {last + 1} of at most {rounds}",
                      draws + (0 if kept else burn_in))
            if kept is None:
                walkers.burn_in(posterior, burn_in, bar)
            try:
                latest = walkers.draw(posterior, draws, observe, bar)
            except RanAway:
                if last == rounds - 1:
                    raise
                kept, burn_in, draws = None, draws, 2 * draws  # a chain that started where it is steep may come yet
                continue
            walk = latest if kept is None else kept.and_then(latest)
            rung = joint_rung(question, walk)
            close = rung.rhat <= LARGEST_RHAT and _is_close(rung, walk.loss.numpy(force=True))
            if (close and _arrived(rung)) or last == rounds - 1:
                break
            so_far = walk.loss.shape[1]
            if close:
                kept, draws = walk, _more(so_far, rung.ess)
            else:
                kept, burn_in, draws = None, so_far, 2 * so_far
    exact = (BudgetRow("step size", 0.0, 0.0, True, "Metropolis accepts or rejects: none"),
             BudgetRow("minibatch noise", 0.0, 0.0, True, "all samples in each gradient: none"))
    losses = walk.loss.numpy(force=True)
    change = _change_with_gamma(question.nbeta * losses, walk.square.numpy(force=True), question.gamma, rung.ess)
    notes = _notes(question, rung, change) + (() if has_slope(question, walk) else (
        "the loss jumps, or its gradient is not its slope: the losses of the draws alone were used",))
    return _estimate(question, settings, rung, exact, notes,
                     _Chains(losses, burn_in, None, walk.observed))


def _first_draws(chains: int) -> tuple[int, int]:
    """Draws of the first round of HMC, and how many rounds there are at most."""
    return (DRAWS * 2**LONGER, ROUNDS - LONGER) if chains >= MANY_CHAINS else (DRAWS, ROUNDS)


def _more(draws: int, ess: float) -> int:
    """How many more are likely to be enough, where the ESS of those that there are is not: half of them to all."""
    return math.ceil(draws * min(max(MARGIN * SMALLEST_ESS / max(ess, 1.0) - 1, 0.5), 1.0))


def joint_rung(question: Question, walk: Walk) -> Rung:
    """Mean and error with control variates where they are such, ESS and R-hat the worse of without any and with one.

    That one is the virial: the affine field is another for each chain, and where it explains nearly all of the loss
    what is left of few chains differs by that, whether they have come together or not.
    """
    plain = question.rung(walk.loss.numpy(force=True))
    if plain.mcse == 0 or not has_slope(question, walk):
        return plain
    with_one, better = (question.rung(x.numpy(force=True)) for x in (
        controlled(walk.loss, walk.virial), walk.controlled))
    return replace(better, ess=min(plain.ess, with_one.ess), rhat=max(plain.rhat, with_one.rhat))


def has_slope(question: Question, walk: Walk) -> bool:
    """Whether the mean of the virial may be zero: it is where the gradient is the slope of a loss that does not jump.

    Else draws are as good, for proposals are accepted by their losses, but the virial is no control variate.
    """
    if isinstance(question.loss, ModuleLoss) and not question.loss.smooth:
        return False
    means = walk.virial.mean(1).numpy(force=True)
    most = student.isf(NO_SLOPE / 2, len(means) - 1) * means.std(ddof=1) / len(means)**0.5
    return bool(abs(means.mean()) <= most)


def _by_sgld(question: Question, settings: Settings, progress: bool) -> Estimate:
    """With a step of the user's the chain as it is; else at two steps, of which 1/E is linear on a Gaussian."""
    streamed = isinstance(question.loss, ModuleLoss) and isinstance(question.loss.data, Stream)
    many = (question.loss.samples or 0) > FULL_BATCH
    batch = settings.batch or (BATCH if streamed or many else None)
    _require_parts(question.loss, batch)
    settings = replace(settings, batch=batch)
    if settings.step_size is not None:
        return _literal(question, settings, settings.step_size, progress)
    stiffest = question.nbeta * largest_curvature(question.loss, question.point, batch, settings.seed) + question.gamma
    step = COARSEST / stiffest
    coarse = question.rung(_langevin(question, replace(settings, per_sample=False), step, progress)[0].losses)
    chains, _ = _langevin(question, replace(settings, seed=settings.seed + 1), step / 2, progress)
    fine = question.rung(chains.losses)
    straight = 2 * fine.mean - coarse.mean
    rung = replace(fine, mean=straight, mcse=math.hypot(2 * fine.mcse, coarse.mcse), ess=min(coarse.ess, fine.ess),
                   rhat=max(coarse.rhat, fine.rhat))
    rows = (BudgetRow("step size", fine.mean - straight, abs(fine.mean - straight) / 2, True,
                      f"SGLD at steps of {step:.2g} and half of it; extrapolated"),
            BudgetRow("minibatch noise", 0.0, 0.0, True, "extrapolated together with the step size"))
    return _estimate(question, settings, rung, rows, _notes(question, rung, None), chains, fine.mean)


def _literal(question: Question, settings: Settings, step: float, progress: bool) -> Estimate:
    """The chain of that step as it is: mean and error of its draws, its trace, and whether it has arrived."""
    chains, trace = _langevin(question, settings, step, progress)
    rung, draws = question.rung(chains.losses), chains.losses.shape[1]
    part = max(draws // ENDS, 1)
    first, last = (question.nbeta * (float(x.mean()) - question.here)
                   for x in (chains.losses[:, :part], chains.losses[:, -part:]))
    notes, moves = _notes(question, rung, None), 0.0
    if not _arrived(rung):
        moves = abs(last - first)
        notes += (f"the chain has not arrived (R-hat {rung.rhat:.3f}, ESS {rung.ess:.0f}): its draws go from "
                  f"{first:.4g}, the mean of the first {part}, to {last:.4g}, of the last; with a longer burn_in the "
                  "value is another one",)
    rows = (BudgetRow("step size", 0.0, 0.0, False, f"a step of {step:g}, as asked: not measured"),
            BudgetRow("minibatch noise", 0.0, 0.0, False, "part of the step size's: not measured"),
            BudgetRow("length", 0.0, moves, False, f"{chains.burn_in} steps of burn-in and {draws} draws"))
    found = _estimate(question, settings, rung, rows, notes, chains)
    return replace(found, trace=question.nbeta * (trace - question.here))


def _langevin(question: Question, settings: Settings, step: float,
              progress: bool) -> tuple[_Chains, NDArray[np.float64]]:
    """Chains of SGLD, and the loss at each of their steps (chains, steps), burn-in included.

    With no length of the user's, rounds as those of HMC.
    """
    observe = _observer(question.loss, settings)
    assert settings.chains is not None
    relaxed = math.ceil(RELAXATIONS * 2 / (step * question.gamma))
    usual = min(max(relaxed, FEWEST_STEPS), MOST_STEPS)
    burn_in = usual if settings.burn_in is None else settings.burn_in
    draws = settings.draws or usual
    for _ in range(1 if settings.draws else ROUNDS):
        schedule = Schedule(settings.chains, burn_in, draws, settings.seed)
        found, observed = langevin(question.posterior(settings.chains), step, settings.batch, schedule, progress,
                                   observe)
        trace = found.numpy(force=True)
        chains = _Chains(trace[:, burn_in:], burn_in, step, observed)
        rung = question.rung(chains.losses)
        if _arrived(rung) and _is_close(rung, chains.losses):
            break
        burn_in, draws = 2 * burn_in, 2 * draws
    return chains, trace


def _observer(loss: Loss, settings: Settings) -> Callable[[Tensor], Tensor] | None:
    """What makes the losses of all samples of the parameters of a draw, where they are asked for."""
    if not settings.per_sample:
        return None
    if not isinstance(loss, ModuleLoss) or isinstance(loss.data, Stream) or not loss.additive:
        raise InvalidInput("per_sample=True", "needs a loss that is a mean over samples, all of them in memory",
                           "such a loss, or without per_sample")
    assert settings.chains is not None
    most = settings.chains * (settings.draws or DRAWS * 2**ROUNDS) * loss.samples
    if most > LARGEST_OBSERVED:
        raise InvalidInput("per_sample=True", f"would keep {most} losses, more than {LARGEST_OBSERVED}",
                           "fewer draws, chains or samples")
    return loss.per_sample


def _require_parts(loss: Loss, batch: int | None) -> None:
    if batch is not None and batch > (loss.samples or batch):
        raise InvalidInput(f"batch={batch}", f"is more than the {loss.samples} samples", f"batch={loss.samples}")
    if batch is not None and isinstance(loss, ModuleLoss) and not loss.additive:
        raise InvalidInput("loss", "is no mean over parts of the samples (class weights, ignored targets, batch "
                           "statistics?): a minibatch's says nothing of it", "sampler='hmc', which takes all samples")


def _change_with_gamma(values: NDArray[np.float64], squares: NDArray[np.float64], gamma: float,
                       ess: float) -> tuple[float, float]:
    """How much the excess changes as gamma doubles, to first order in its logarithm, and the error of that."""
    products = (values - values.mean()) * (squares - squares.mean()) * (-gamma * math.log(2) / 2)
    return float(products.mean()), float(products.std() / max(ess, 1.0) ** 0.5)


def _notes(question: Question, rung: Rung, change: tuple[float, float] | None) -> tuple[str, ...]:
    """What to know before the number is used."""
    notes = []
    if rung.mcse == 0:
        notes.append("the loss is the same at all draws: it does not hang on these parameters here")
    if rung.mean < -CERTAIN * rung.mcse:
        notes.append("negative: the loss falls near these weights, which are no minimum at this nbeta and gamma")
    if change is not None and abs(change[0]) - CERTAIN * change[1] > LARGEST_CHANGE * abs(rung.mean):
        notes.append(f"it hangs on gamma: at {2 * question.gamma:g} it would be some {change[0]:+.2g} from what it is")
    return tuple(notes)


def _estimate(question: Question, settings: Settings, rung: Rung, budget: tuple[BudgetRow, ...], notes: tuple[str, ...],
              found: _Chains, raw: float | None = None) -> Estimate:
    used = {"sampler": settings.sampler, "nbeta": question.nbeta, "gamma": question.gamma, "rungs": 1,
            "chains": found.losses.shape[0], "draws": found.losses.shape[1], "burn_in": found.burn_in,
            "step_size": found.step, "seed": settings.seed, "batch": settings.batch}
    raw = rung.mean if raw is None else raw
    return Estimate(rung.mean, rung.mcse, raw, raw, rung.ess, rung.rhat, question.nbeta, question.gamma, False, used,
                    Spectrum(0, 0.0, 0.0, 0.0), budget, (rung,), kind="excess", notes=notes,
                    draws=question.nbeta * (found.losses - question.here),
                    sample_losses=None if found.observed is None else found.observed.numpy(force=True))
