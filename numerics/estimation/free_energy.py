"""The free energy of a regular minimum within a window, by integrating along nbeta: its bounded term, with its error.

Let ``K = L - L(w*)`` near a minimiser w* at which minimisers form a manifold and H, the Hessian, has rank r. The window
is the prior ``N(w*, I/gamma)``, and ``F(t) = -log E exp(-t K)`` under it. Then ``dF/dlog t = t E_t K``, the mean under
the posterior that is localised by the same gamma, and ``F(t) = r/2 log t + c + o(1)``: c is the bounded term.

The reference is the Gaussian with ``K_2 = (w - w*)·H (w - w*)/2`` for K, whose ``F_2 = 1/2 sum log(1 + t h_i/gamma)``
over the eigenvalues h_i of H is known, and ``t E_t K_2 = 1/2 sum t h_i/(t h_i + gamma)``. So

    ``F(t) = F_2(t) + D(t)``,  ``D = integral of t E_t K - t E_t K_2 over log t``,  ``c = 1/2 sum log(h_i/gamma) + D``:

the shape of the loss at the point, exactly, and what the manifold of minimisers within the window adds to it, sampled:
``exp(-D)`` is the mean of ``sqrt(det H(w*)/det H(w))`` over it, as its volume is weighed by the window
(`derivations`, bounded-term). D is 0 where K is quadratic and tends to 0 as gamma grows.

Integrands are smooth in log t over many scales, where the trapezoidal rule converges faster than any power of its step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numerics.curvature.density import gaussian_value
from numerics.curvature.geometry import Geometry
from numerics.curvature.lanczos import lanczos
from numerics.curvature.spectrum import hessian_product, signs
from numerics.losses.polynomial import Loss
from numerics.sampling.ladder import Target, run_ladder
from numerics.sampling.localised import Chains, sample_around
from numerics.sampling.schedule import Schedule
from numerics.sampling.summary import EstimateError, Rung, rung_of
from slt_symbolic.free_energy.window import WindowFreeEnergy

STEP = 1.5  # of log t: the rule is exact to 2e-6 of each t h/(t h + gamma), whose poles are i pi away
HOTTEST = 0.05  # t E K under the window: before it F is taken from independent draws
COLDEST = 10.0  # t h/gamma in the softest direction
DRAWN_AT_ONCE, DRAWN = 1024, 16  # independent draws from the window, and how many times
DRAWN_ERROR = 0.05  # nats, of F from them: what is compared with chains
SCHEDULE = Schedule(chains=8, burn_in=200, draws=300)
LARGEST_RHAT, SMALLEST_ESS = 1.05, 100  # of the temperatures that count
LARGEST_RHAT_AROUND = 1.1  # of few and short chains in very many directions
DRAWN_AROUND, LANCZOS = 400, 40  # independent draws there, and steps for the reference


@dataclass(frozen=True)
class FreeEnergyCurve:
    """``F`` at increasing ``t`` with its ``error``, and its ``slope`` ``dF/dlog t``, which tends to lambda: (M,) each.

    ``drawn`` is F at ``t[checked]`` from independent draws of the window, with its error: no chain, no reference. Up to
    there they tell it to `DRAWN_ERROR`; beyond, few of them carry all the weight.
    """

    t: NDArray[np.float64]
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    slope: NDArray[np.float64]
    checked: int
    drawn: tuple[float, float]


def free_energy_curve(loss: Loss, here: Geometry, n: float, gamma: float, schedule: Schedule = SCHEDULE, *,
                      progress: bool = False) -> FreeEnergyCurve:
    """F up to n, of ``loss`` around the minimiser, singular or not, whose geometry is ``here``.

    It ends before n where chains of larger t do not come together. Raises `EstimateError` where none do.
    """
    run = _run(loss, here, n, n, gamma, schedule, progress)
    t = run.t[: len(run.excess)]
    scaled = np.outer(t, run.stiffness)
    inner, error = (np.array(x) for x in zip(*(run.integral(last) for last in range(len(t))), strict=True))
    drawn = [_free_energy_of_draws(run.exact, x) for x in t]
    checked = _told_by_draws(drawn)
    return FreeEnergyCurve(t, np.log1p(scaled).sum(1) / 2 + inner, error,
                           run.excess.mean(1) + (scaled / (1 + scaled)).sum(1) / 2, checked, drawn[checked])


def free_energy_curve_around(loss: Loss, point: Tensor, n: float, gamma: float, chains: Chains) -> FreeEnergyCurve:
    """F up to n, around the minimiser ``point`` (P,) of a network of any size.

    Chains are those of `sample_around`, independent at each t. The reference has the density of eigenvalues that
    Lanczos makes of some vectors in place of that of H: what it misses D makes up for, since F_2 and its slope are of
    one density. Ends before n where chains do not come together; raises `EstimateError` where none do.
    """
    krylov = lanczos(hessian_product(loss, point), signs(chains.chains, point, seed=chains.seed), LANCZOS)
    exact = _drawn_around(loss, point, gamma, chains.seed)
    t, _ = _grid(min(HOTTEST / float(exact.mean()), n), n, n)
    rungs: list[Rung] = []
    for place, x in enumerate(t):
        rung = sample_around(loss, point, float(x), gamma, replace(chains, seed=chains.seed + place)).rung
        if rung.rhat > LARGEST_RHAT_AROUND:
            break
        rungs.append(rung)
    if len(rungs) < 2:
        raise EstimateError(f"chains in the window do not come together (R-hat {rung.rhat:.3f})",
                            "use a larger gamma", {"ess": rung.ess, "rhat": rung.rhat})
    t = t[: len(rungs)]
    reference = np.array([krylov.density.trace_of(partial(_gaussian_free_energy, x / gamma)).mean for x in t])
    slope = np.array([gaussian_value(krylov.density, x, gamma).mean for x in t])
    means, errors = np.array([(rung.mean, rung.mcse) for rung in rungs]).T
    drawn = [_free_energy_of_draws(exact, x) for x in t]
    hot, hot_error = drawn[0]
    rules = [_rule(np.log(t), last) for last in range(len(t))]
    value = reference + hot - reference[0] + [rule @ (means - slope) for rule in rules]
    error = np.array([math.hypot(hot_error, float(np.linalg.norm(rule * errors))) for rule in rules])
    checked = _told_by_draws(drawn)
    return FreeEnergyCurve(t, value, error, means, checked, drawn[checked])


def window_free_energy(loss: Loss, here: Geometry, n: float, gamma: float, schedule: Schedule = SCHEDULE, *,
                       progress: bool = False) -> WindowFreeEnergy:
    """F at n and the bounded term, of ``loss`` around the regular minimiser whose geometry is ``here``.

    Raises `EstimateError` where chains do not come together, `ValueError` at a point that is not regular.
    """
    if not here.regular:
        raise ValueError("the point is not regular: its free energy is not r/2 log n + c")
    end = COLDEST * gamma / float(here.nonzero.min())
    run = _run(loss, here, n, end, gamma, schedule, progress)
    last = len(run.excess) - 1
    (inner, inner_error), (whole, whole_error) = (run.integral(x) for x in (min(run.at_n, last), last))
    # What is still to come falls like 1/t once all directions are stiff; until then each scale may add as much.
    ahead = float(abs(run.excess[-1].mean()) + run.excess[-1].std(ddof=1) / math.sqrt(schedule.chains))
    coldest = run.t[last]
    to_limit, to_n = (ahead * max(1.0, math.log(x / coldest)) for x in (end, max(n, coldest)))
    shape = float(np.log(run.stiffness).sum()) / 2
    return WindowFreeEnergy(
        gamma, shape, shape + whole, math.hypot(whole_error, to_limit),
        float(np.log1p(n * run.stiffness).sum()) / 2 + inner,
        math.hypot(inner_error, to_n if n > coldest else 0.0), float(coldest), 1 / float(run.stiffness.min()))


@dataclass(frozen=True)
class _Run:
    """Chains at ``t``, with n at ``at_n`` or the last; ``exact``: K at draws from the window; ``hot``: D at t[0]."""

    t: NDArray[np.float64]
    at_n: int
    stiffness: NDArray[np.float64]
    exact: Tensor
    hot: tuple[float, float]
    excess: NDArray[np.float64]

    def integral(self, last: int) -> tuple[float, float]:
        """D at ``t[last]``, with its error."""
        inner, error = _integral(self.excess, np.log(self.t), last)
        return self.hot[0] + inner, math.hypot(self.hot[1], error)


def _run(loss: Loss, here: Geometry, n: float, end: float, gamma: float, schedule: Schedule, progress: bool) -> _Run:
    stiffness = here.nonzero.numpy(force=True) / gamma
    drawn = _drawn(loss, here, gamma, schedule.seed)
    t, at_n = _grid(min(HOTTEST / float(drawn[0].mean()), n, end), n, end)
    excess = _excess(Target(loss, here, here.eigenvalues.new_tensor(t), gamma), stiffness, schedule, progress)
    return _Run(t, at_n, stiffness, drawn[0], _hot_end(*drawn, float(t[0])), excess)


def _free_energy_of_draws(exact: Tensor, t: float) -> tuple[float, float]:
    """``-log`` of the mean of ``exp(-t K)`` over independent draws, with its error."""
    weights = (-t * exact).exp()
    mean = float(weights.mean())
    if mean <= 0:  # all of them rounded away
        return math.inf, math.inf
    return -math.log(mean), float(weights.std()) / mean / math.sqrt(len(weights))


def _told_by_draws(drawn: Sequence[tuple[float, float]]) -> int:
    """The last temperature up to which independent draws tell F."""
    return next((k for k, x in enumerate(drawn[1:]) if x[1] > DRAWN_ERROR), len(drawn) - 1)


def _excess(target: Target, stiffness: NDArray[np.float64], schedule: Schedule, progress: bool
            ) -> NDArray[np.float64]:
    """``t E_t K`` less that of ``K_2`` (M, C) by each chain, at the temperatures at which chains came together."""
    trace = run_ladder(target, schedule, step_size=None, enough=lambda values: False, progress=progress)
    t, values = target.nbeta.numpy(force=True), trace.values.numpy(force=True)
    rungs = [rung_of(nbeta, drawn) for nbeta, drawn in zip(t, values, strict=True)]
    together = [rung.rhat <= LARGEST_RHAT and rung.ess >= SMALLEST_ESS for rung in rungs]
    kept = together.index(False) if False in together else len(t)
    if kept < 2:
        first = rungs[kept]
        raise EstimateError(f"chains in the window do not come together (R-hat {first.rhat:.3f}, ESS {first.ess:.0f})",
                            "use a larger gamma, or more draws", {"ess": first.ess, "rhat": first.rhat})
    scaled = np.outer(t, stiffness)[:kept]
    excess: NDArray[np.float64] = values[:kept].mean(2) - (scaled / (1 + scaled)).sum(1)[:, None] / 2
    return excess


def _drawn(loss: Loss, here: Geometry, gamma: float, seed: int) -> tuple[Tensor, Tensor]:
    """``K`` and ``K_2`` at independent draws from the window."""
    generator = torch.Generator(device=here.point.device).manual_seed(seed + 1)
    like, found = here.point.expand(DRAWN_AT_ONCE, -1), []
    for _ in range(DRAWN):
        z = torch.randn(like.shape, generator=generator, dtype=like.dtype, device=like.device) / gamma**0.5
        found.append((loss.value(here.point + z @ here.basis.T) - here.loss, z.square() @ here.eigenvalues / 2))
    exact, quadratic = (torch.cat(x) for x in zip(*found, strict=True))
    return exact, quadratic


def _hot_end(exact: Tensor, quadratic: Tensor, t: float) -> tuple[float, float]:
    """D at a small t, with its error, from ``K`` and ``K_2`` at the same draws from the window."""
    weights = [(-t * x).exp() for x in (exact, quadratic)]
    means = [float(x.mean()) for x in weights]
    spread = weights[0] / means[0] - weights[1] / means[1]
    return math.log(means[1] / means[0]), float(spread.std()) / math.sqrt(len(spread))


def _grid(first: float, n: float, coldest: float) -> tuple[NDArray[np.float64], int]:
    """Equal steps of log t from ``first``, or before, to ``coldest`` or beyond; where n is among them, or the last."""
    anchor = min(n, coldest)
    before, after = (math.ceil(math.log(x) / STEP) for x in (anchor / first, coldest / anchor))
    return anchor * np.exp(STEP * np.arange(-before, after + 1)), before


def _integral(excess: NDArray[np.float64], log_t: NDArray[np.float64], last: int) -> tuple[float, float]:
    """Of ``excess`` (M, C) over log t up to the rung ``last``, with the error of its mean over the chains.

    Chains are independent at all rungs together, so that their spread is the error of the mean.
    """
    if last == 0:
        return 0.0, 0.0
    chains = _rule(log_t[: len(excess)], last) @ excess
    return float(chains.mean()), float(chains.std(ddof=1)) / math.sqrt(len(chains))


def _rule(log_t: NDArray[np.float64], last: int) -> NDArray[np.float64]:
    """(M,): the trapezoidal rule up to the rung ``last``, with its first correction, for the slopes at both ends."""
    units = np.eye(len(log_t))
    if last == 0:
        return np.zeros(len(log_t))
    step = log_t[1] - log_t[0]
    slopes = np.gradient(units, step, axis=0)
    rule: NDArray[np.float64] = step * (units[: last + 1].sum(0) - (units[0] + units[last]) / 2)
    rule -= step**2 / 12 * (slopes[last] - slopes[0])
    return rule


def _drawn_around(loss: Loss, point: Tensor, gamma: float, seed: int) -> Tensor:
    """``K`` at independent draws from the window, one at a time."""
    generator = torch.Generator(device=point.device).manual_seed(seed + 1)
    here, found = loss.value(point[None]), []
    for _ in range(DRAWN_AROUND):
        noise = torch.randn(point.shape, generator=generator, dtype=point.dtype, device=point.device) / gamma**0.5
        found.append(loss.value((point + noise)[None]) - here)
    return torch.cat(found).double()


def _gaussian_free_energy(scale: float, h: Tensor) -> Tensor:
    return (scale * h.clamp(min=0)).log1p() / 2
