"""`llc`: the learning coefficient of a user's module. `llc_of_entry`: of a network of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from tabulate import tabulate
from torch import Tensor

from numerics.curvature.eigenvalues import require_dense
from numerics.curvature.polish import polish_any
from numerics.estimation.agreement import Agreement, agreement, negative_control
from numerics.estimation.estimate import estimate_llc
from numerics.estimation.result import Estimate
from numerics.estimation.settings import Settings
from numerics.losses.module import ModuleLoss, require_mean, tensors
from numerics.networks.catalogue import Point, exact_point, trained_point
from slt_symbolic.closed_forms.parameter import Sizes, format_sizes
from slt_symbolic.errors import InvalidInput


def llc(model: torch.nn.Module, loss: Callable[[Any, Any], Tensor], data: Any, *, multiplicity: int | None = None,
        polish: bool = True, device: str = "cpu", progress: bool = False, **settings: Any) -> Estimate:
    """The local learning coefficient of ``model`` at its present parameters, or at the minimum that is nearest.

    ``loss(model(inputs), targets)`` is a mean over the samples. ``data`` is a pair of tensors (inputs, targets), a
    torch ``Dataset`` of such pairs, or an iterable of batches, a ``DataLoader`` say. Parameters with ``requires_grad``
    are sampled, in float64 copies; modes such as dropout are the model's own: call ``model.eval()`` first.
    ``multiplicity`` is m if it is known; ``polish=False`` keeps the point, and the budget says what that costs.
    ``settings`` are those of `numerics.Settings`. Raises `InvalidInput`, and `EstimateError` where
    the sampler did not converge.

    >>> class Square(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.w = torch.nn.Parameter(torch.tensor([2.0, 1.0]))
    ...     def forward(self, x):
    ...         return x * (self.w[0] * self.w[1])
    >>> x = torch.linspace(-1, 1, 50)[:, None]
    >>> found = llc(Square(), torch.nn.functional.mse_loss, (x, 2 * x), seed=1)  # near w0 w1 = 2, a smooth curve
    >>> abs(found.mean - 1 / 2) < 3 * found.uncertainty < 0.01
    True
    """
    inputs, targets = tensors(data)
    problem = ModuleLoss(model, loss, inputs, targets, device)
    if problem.parameters == 0:
        raise InvalidInput("model", "has no parameter with requires_grad", "one that has")
    require_dense(problem.parameters)  # before polishing, which needs the Hessian too
    require_mean(problem)
    point = polish_any(problem, problem.start) if polish else problem.start
    return estimate_llc(problem, point, Settings(**settings), multiplicity, progress)


@dataclass(frozen=True)
class EntryEstimate:
    """An estimate at a point of a catalogue network, compared with what is exact there."""

    name: str
    sizes: Sizes
    kind: Literal["exact", "trained"]
    point: Point
    estimate: Estimate

    @property
    def agreement(self) -> Agreement:
        """The comparison with the exact value or the bracket."""
        return agreement(self.estimate, self.point.lower, self.point.upper)

    @property
    def negative_control(self) -> dict[str, Any] | None:
        """Whether a deliberately wrong value disagrees on the same chains; None without an exact value."""
        return None if self.point.exact is None else negative_control(self.estimate, self.point.exact)

    @property
    def quadrature(self) -> float | None:
        """What ``raw`` estimates, ``nbeta E[K]``, by quadrature where the dimension allows."""
        radial = self.point.radial
        return None if radial is None else float(radial.expectation(self.estimate.nbeta, self.estimate.gamma))

    def to_json(self) -> dict[str, Any]:
        """The contract of ``slt llc``, and more."""
        estimate, point = self.estimate, self.point
        return {
            "name": self.name, "sizes": dict(self.sizes), "point": self.kind,
            "estimate": estimate.mean, "mcse": estimate.mcse, "ess": estimate.ess, "rhat": estimate.rhat,
            "exact": None if point.exact is None else str(point.exact), "agrees": self.agreement.agrees,
            "budget": {row.cause: {"size": row.size, "uncertainty": row.uncertainty, "corrected": row.corrected,
                                   "how": row.how} for row in estimate.budget},
            "settings": estimate.used,
            "raw": estimate.raw, "reference": estimate.reference, "quadrature": self.quadrature,
            "uncertainty": estimate.uncertainty,
            "lower": str(point.lower), "upper": str(point.upper), "multiplicity": point.multiplicity,
            "evidence": point.how, "regular": estimate.regular,
            "negative_control": self.negative_control,
            "spectrum": vars(estimate.spectrum), "ladder": [vars(rung) for rung in estimate.ladder],
            "training": [run.to_json() for run in point.attempts],
        }


def entry_text(found: EntryEstimate) -> str:
    """The estimate, the comparison and the budget, for a terminal."""
    estimate, point, comparison = found.estimate, found.point, found.agreement
    exact = f"{point.exact}" if point.exact is not None else f"between {point.lower} and {point.upper}"
    m = "" if point.multiplicity is None else f", m = {point.multiplicity}"
    if comparison.agrees:
        control = found.negative_control
        rejected = control is not None and control["rejected"]
        verdict = f"agrees; {control['value']} is rejected on the same chains" if rejected else "agrees"
    elif comparison.contradicts:
        verdict = "DISAGREES"
    else:
        verdict = "cannot tell: u is more than 1 % of the exact value and more than 0.05"
    used, quadrature = estimate.used, found.quadrature
    rows = [(row.cause, f"{row.size + 0.0:+.4f}", f"{row.uncertainty:.4f}", "yes" if row.corrected else "no", row.how)
            for row in estimate.budget]
    runs = [f"trained: start {run.seed}, loss {run.history[0][1]:.3g} -> {run.history[-1][1]:.3g}, polished "
            f"{run.polished_loss:.1e}" for run in point.attempts[-1:]]
    return "\n".join([
        f"{found.name} {format_sizes(found.sizes)}, {found.kind} point",
        *(f"  {line}" for line in (
            f"estimate {estimate.mean:.4f} ± {estimate.uncertainty:.4f} (MCSE {estimate.mcse:.4f})",
            f"exact    {exact}{m}: {verdict}", f"         {point.how}", *runs,
            f"{used['sampler']}: nbeta {estimate.nbeta:.3g}, gamma {estimate.gamma:.3g}, {used['chains']} chains x "
            f"{used['draws']} draws, {used['rungs']} temperatures, step {used['step_size']:.2g}, seed {used['seed']}",
            f"ESS {estimate.ess:.0f}, R-hat {estimate.rhat:.3f}; Hessian rank {estimate.spectrum.rank} of "
            f"{len(point.theta)}, {'a regular point' if estimate.regular else 'a singular point'}",
            f"raw {estimate.raw:.4f}; less the corrected rows it is the estimate",
            *([] if quadrature is None else [f"quadrature {quadrature:.4f} at the same nbeta and gamma"]))),
        "", tabulate(rows, ("bias", "size", "left uncertain", "corrected", "how"), disable_numparse=True),
    ])


class NoMinimiser(RuntimeError):
    """Training found no exact fit."""


def llc_of_entry(name: str, sizes: dict[str, Any], *, point: str = "exact", settings: Settings | None = None,
                 progress: bool = False) -> EntryEstimate:
    """Sample a network of the catalogue at the entry's own point, or where training from a random start ends.

    Raises `InvalidInput`, `EstimateError`, and `NoMinimiser` where no start leads to an exact fit.
    """
    settings = settings or Settings()
    found = exact_point(name, **sizes) if point == "exact" else trained_point(name, seed=settings.seed, **sizes)
    if found.problem is not None:
        raise NoMinimiser(f"{found.problem}; try another seed, or other sizes")
    estimate = estimate_llc(found.loss, found.theta, settings, found.multiplicity, progress)
    return EntryEstimate(name, sizes, "exact" if point == "exact" else "trained", found, estimate)
