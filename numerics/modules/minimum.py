"""The learning coefficient at the minimum next to a module's weights: half a rank where that is known, else sampled."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from numerics.curvature.constant_rank import manifold_rank, output_map
from numerics.curvature.eigenvalues import LARGEST_DENSE, Spectrum, allows_dense
from numerics.curvature.geometry import LARGEST_STEP, Geometry, geometry
from numerics.curvature.iterative import TINY, Iterative
from numerics.curvature.polish import NEAR, STEEP, Polished, polish_near
from numerics.estimation.estimate import estimate_at
from numerics.estimation.result import BudgetRow, Estimate
from numerics.estimation.settings import Settings
from numerics.losses.module import ModuleLoss, OneChainLoss
from numerics.losses.sound import require_derivatives
from numerics.sampling.summary import EstimateError
from slt_symbolic.errors import InvalidInput

EXPENSIVE = 500  # parameters, whose dense Hessians take half a second of a core and more
STRAIGHT = 1e20  # slope over the largest curvature, which is none
KINKED = (torch.nn.ReLU, torch.nn.LeakyReLU, torch.nn.PReLU, torch.nn.ReLU6, torch.nn.Hardtanh, torch.nn.L1Loss,
          torch.nn.Hardshrink, torch.nn.Softshrink, torch.nn.Threshold, torch.nn.MaxPool1d, torch.nn.MaxPool2d)


def estimate_minimum(problem: ModuleLoss, settings: Settings, always: bool, multiplicity: int | None,
                     progress: bool) -> Estimate:
    """At the minimum near ``problem.start``; sampled where that is singular, and ``always`` if so asked.

    Beyond dense Hessians half a rank, or a refusal. Raises `InvalidInput` for what cannot be sampled there, and
    `EstimateError` where no minimum is near, or the coefficient of a large one is not determined.
    """
    if not allows_dense(problem.parameters):
        if always:
            raise InvalidInput(f"{problem.parameters} parameters", "a minimum is sampled by its dense Hessian, at most "
                               f"{LARGEST_DENSE}", 'at="here", no sampler=, or mask= for what is of interest')
        require_derivatives(problem)
        return _large(problem, progress)
    polished = _polished(problem, progress)
    _require_near(problem, polished)
    here = geometry(problem, polished.point)
    if not here.is_minimum:
        raise _no_minimum(problem, polished, here)
    try:
        if here.regular and (not always or here.spectrum.rank == 0):
            found = half_a_rank(here.spectrum, problem.parameters)
        else:
            require_derivatives(problem)
            found = estimate_at(problem, here, settings, multiplicity, progress)
    except EstimateError as error:
        if always or not here.spectrum.others:
            error.point = problem.state(polished.point)
            raise
        found = half_a_rank(here.spectrum, problem.parameters, here.regular, f"not sampled: {error}")
    return _of_module(found, problem, polished)


def _polished(problem: ModuleLoss, progress: bool) -> Polished:
    """By dense Hessians; from `EXPENSIVE` on, where the outputs allow, they only end what iterations have begun."""
    expensive = problem.parameters >= EXPENSIVE and not isinstance(problem, OneChainLoss)
    seen = output_map(problem) if expensive else "no need"
    if isinstance(seen, str):
        return polish_near(problem, problem.start, progress=progress)
    begun = polish_near(problem, problem.start, Iterative(seen), progress)
    if begun.moved > NEAR or begun.creeping or begun.endless:
        return begun
    ended = polish_near(problem, begun.point, progress=progress)
    return replace(ended, moved=_moved(problem, ended.point))


def _large(problem: ModuleLoss, progress: bool) -> Estimate:
    seen = output_map(problem)
    if isinstance(seen, str):
        raise _undetermined(problem, seen, problem.start)
    newton = Iterative(seen)
    polished = polish_near(problem, problem.start, newton, progress)
    _require_near(problem, polished)
    settled = newton.settled(problem, polished.point)
    del newton  # whose Jacobian is as large as the next one
    found = manifold_rank(problem, seen, settled)
    if isinstance(found, str):
        raise _undetermined(problem, found, polished.point)
    return _of_module(half_a_rank(found.spectrum, problem.parameters), problem,
                      replace(polished, point=found.point, moved=_moved(problem, found.point)))


def _moved(problem: ModuleLoss, point: Tensor) -> float:
    return float((point - problem.start).norm() / problem.start.norm().clamp(min=TINY))


def _undetermined(problem: ModuleLoss, why: str, point: Tensor) -> EstimateError:
    return EstimateError(f"the coefficient of a minimum with {problem.parameters} parameters is not determined: {why}",
                         'try at="here", or mask= for what is of interest', {}, problem.state(point))


def half_a_rank(spectrum: Spectrum, parameters: int, regular: bool = True, note: str | None = None) -> Estimate:
    """Where minimisers form a manifold ``lambda`` is half the rank; with ranks in doubt, half of their middle.

    Where they need not, each of the flat directions that are left may add a quarter to half the largest rank.
    """
    ranks = (spectrum.rank, *spectrum.others)
    least, most = min(ranks) / 2, max(ranks) / 2 + (0.0 if regular else (parameters - max(ranks)) / 4)
    gap = "by a clear gap" if not spectrum.others else f"without a gap: from {min(ranks)} to {max(ranks)} are possible"
    budget = (BudgetRow("rank", 0.0, (most - least) / 2, True, f"{spectrum.rank} of {parameters}, {gap}"),)
    notes = () if not spectrum.others else (
        "some curvatures are not told from zero: the value is the middle of what the possible ranks give",)
    used = {"sampler": None, "nbeta": math.inf, "gamma": 0.0, "rungs": 0, "chains": 0, "draws": 0, "seed": 0}
    mean = (least + most) / 2
    return Estimate(mean, 0.0, mean, mean, math.inf, 1.0, math.inf, 0.0, regular, used, spectrum, budget, (),
                    notes=notes + ((note,) if note else ()))


def _of_module(found: Estimate, problem: ModuleLoss, polished: Polished) -> Estimate:
    return replace(found, moved=polished.moved, point=problem.state(polished.point))


def _no_minimum(problem: ModuleLoss, polished: Polished, here: Geometry) -> EstimateError:
    """What polishing ended at instead, where the slope is zero."""
    what = ("a point with a slope, from which Newton's next step is "
            f"{here.newton_step / here.size:.2g} times as long as the weights are large"
            if here.newton_step > LARGEST_STEP * here.size else
            "a saddle point, where the loss falls along a direction of negative curvature" if here.saddle else
            "a point where the loss falls along a direction without curvature")
    return EstimateError(f"polishing ends at {what}: it is no minimum", 'try at="here", or train further',
                         {"moved": polished.moved, "loss": polished.loss, "slope": polished.slope},
                         problem.state(polished.point))


def _require_near(problem: ModuleLoss, polished: Polished) -> None:
    partial = {"moved": polished.moved, "loss": polished.loss, "slope": polished.slope}
    point = problem.state(polished.point)
    largest = float(polished.point.abs().max())
    if polished.endless and largest <= float(problem.start.abs().max()):
        raise EstimateError(
            f"there is no minimum at a point: polishing moved by {polished.moved:.2g} times the norm of the weights, "
            "and on one side of where it ends the loss does not rise", 'try at="here"', partial, point)
    if polished.endless:
        raise EstimateError(
            f"there is no minimum: the loss still falls, {polished.loss:.3g}, where weights are as large as "
            f"{largest:.3g}, {polished.moved:.2g} times their norm away; its infimum is at infinity",
            'try at="here"', partial, point)
    if polished.creeping:
        raise EstimateError(
            f"no minimum was found near: polishing creeps along a valley, {polished.moved:.2g} times the norm of the "
            f"weights away; the loss falls, {polished.loss:.3g}, and its slope does not", 'try at="here", or train '
            "further", partial, point)
    if polished.moved > NEAR and polished.slope > STEEP:
        raise EstimateError(
            f"no minimum was found near: polishing moved by {polished.moved:.2g} times the norm of the weights, more "
            f"than {NEAR:g}, and the loss still has a slope there", 'try at="here", or train further', partial, point)
    if polished.moved > NEAR:
        raise EstimateError(
            f"the nearest minimum found is another point: polishing moved by {polished.moved:.2g} times the norm of "
            f"the weights, more than {NEAR:g}", 'try at="here", or train further', partial, point)
    if polished.slope > STEEP:
        kinks = [f"{name} ({type(module).__name__})" for name, module in problem.objective.model.named_modules()
                 if isinstance(module, KINKED)]
        why = f"kinks of {', '.join(kinks)} spoil it" if kinks else "is it smooth, and has it a minimum?"
        size = "and no curvature" if polished.slope > STRAIGHT else f"{polished.slope:.2g} of its largest curvature"
        raise EstimateError(f"polishing ends where the loss still has a slope, {size}: {why}",
                            'try at="here", which needs no second derivatives', partial, point)
