"""`llc`: the learning coefficient of a user's module at a minimum, or the localised excess at its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import torch
from torch import Tensor

from numerics.estimation.excess import estimate_excess
from numerics.estimation.result import Estimate
from numerics.losses.module import ModuleLoss, Objective, as_it_was
from numerics.losses.samples import samples_of
from numerics.losses.sound import minimised_loss, sampled_loss
from numerics.modules.minimum import estimate_minimum
from numerics.modules.words import settings_from
from numerics.threads import one_thread
from slt_symbolic.errors import InvalidInput

Kind = Literal["minimum", "here"]
SMALL = 2**16  # parameters × samples, of which one thread takes hardly longer than several


def llc(model: torch.nn.Module, loss: Callable[[Any, Any], Tensor] | None, data: Any, *, at: Kind = "minimum",
        mask: Mapping[str, Tensor] | None = None, evaluate: Callable[[torch.nn.Module, Any], Tensor] | None = None,
        multiplicity: int | None = None, device: str = "cpu", progress: bool = True, **settings: Any) -> Estimate:
    """The learning coefficient of the minimum next to ``model``'s weights, or the localised excess at them.

    ``at="minimum"``: the weights are polished, no further than half their norm (``moved``). Where minimisers form a
    manifold the answer is half the rank of the Hessian, at once, with the ranks that its gap allows; elsewhere, and
    where a ``sampler`` is asked for, it is sampled. ``multiplicity`` is m if it is known. Beyond 3000 parameters only
    half a rank is an answer, where the Jacobian of the outputs keeps its rank along the minimisers around the point.
    ``at="here"``: ``nbeta E[L(w) - L(w*)]`` at any weights w* and of any size, by gradients alone, at ``nbeta = n / log
    n`` and ``gamma = 5`` unless they are given; below zero where w* is no minimum at that scale. A chain of SGLD whose
    ``step_size``, ``burn_in`` and ``draws`` are all given is answered as it is, with its ``trace``, and with a note
    where it has not arrived. With ``per_sample=True`` its draws carry the loss of each sample.

    ``loss(model(inputs), targets)`` is a mean over the samples; inputs may be a tuple or a dictionary of arguments.
    ``data``: tensors or arrays (inputs, targets), or one that is its own target; a ``Dataset``; batches, a
    ``DataLoader`` say. With ``evaluate(model, batch)``, ``loss`` is None and batches are the user's. ``mask``: which
    entries of which parameters are sampled. ``settings`` are those of `numerics.Settings`. The module is left as it is.
    These are words that users name one by one, so there are more than seven.

    Raises `InvalidInput` for what cannot be sampled, and `EstimateError` where there is no number: no minimum near
    (its ``point`` is where the search ended), chains that ran away or did not come together.

    >>> class Square(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.w = torch.nn.Parameter(torch.tensor([2.0, 1.0]))
    ...     def forward(self, x):
    ...         return x * (self.w[0] * self.w[1])
    >>> x = torch.linspace(-1, 1, 50)[:, None]
    >>> llc(Square(), torch.nn.functional.mse_loss, (x, 2 * x))  # near w0 w1 = 2
    0.5 ± 0, learning coefficient of the minimum
    >>> llc(Square(), torch.nn.functional.mse_loss, (x, 2 * x), localization=1.0)
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: localization=1.0: is no word of llc; try gamma
    """
    if at not in ("minimum", "here"):
        raise InvalidInput(f"at={at!r}", "is not known", '"minimum" or "here"')
    chosen = settings_from(settings)
    objective = Objective(model, loss, evaluate)
    samples = samples_of(data, whole_batches=evaluate is not None)
    if not _is_there(device):
        raise InvalidInput(f"device={device!r}", "is not on this machine", "cpu")
    if at == "minimum" and chosen.per_sample:
        raise InvalidInput("per_sample=True", "is for the weights as they are", 'at="here"')
    with as_it_was(model):
        if at == "here":
            here = sampled_loss(objective, samples, device, mask)
            if "sampler" not in settings:
                chosen = replace(chosen, sampler=None)
            with one_thread(_is_small(here)):
                return replace(estimate_excess(here, here.start, chosen, progress), point=here.state(here.start))
        problem = minimised_loss(objective, samples, device, mask)
        with one_thread(_is_small(problem)):
            return estimate_minimum(problem, chosen, "sampler" in settings, multiplicity, progress)


def _is_small(problem: ModuleLoss) -> bool:
    return problem.parameters * problem.samples <= SMALL


def _is_there(device: str) -> bool:
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        return False
    return True
