"""`llc_of_entry`: the estimate at a network of the catalogue, compared with what is exact there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tabulate import tabulate

from numerics.estimation.agreement import Agreement, agreement, negative_control
from numerics.estimation.estimate import estimate_llc
from numerics.estimation.result import Estimate
from numerics.estimation.settings import Settings
from numerics.networks.catalogue import Point, exact_point, trained_point
from numerics.threads import one_thread
from slt_symbolic.closed_forms.parameter import Sizes, format_sizes


@dataclass(frozen=True, repr=False)
class EntryEstimate:
    """An estimate at a point of a catalogue network, compared with what is exact there."""

    name: str
    sizes: Sizes
    kind: Literal["exact", "trained"]
    point: Point
    estimate: Estimate

    def __repr__(self) -> str:
        return (f"{self.name} at {format_sizes(self.sizes)}, {self.kind} point: {self.estimate.mean:.4f} ± "
                f"{self.estimate.uncertainty:.4f}, {self.point.threshold!r}")

    @property
    def agreement(self) -> Agreement:
        """With the exact value or the bracket."""
        return agreement(self.estimate, *self.point.threshold.ends)

    @property
    def negative_control(self) -> dict[str, Any] | None:
        """Whether a deliberately wrong value disagrees on the same chains; None without an exact value."""
        return None if self.point.lambda_ is None else negative_control(self.estimate, self.point.lambda_)

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
            "exact": None if point.lambda_ is None else str(point.lambda_), "agrees": self.agreement.agrees,
            "budget": {row.cause: {"size": row.size, "uncertainty": row.uncertainty, "corrected": row.corrected,
                                   "how": row.how} for row in estimate.budget},
            "settings": estimate.used,
            "raw": estimate.raw, "reference": estimate.reference, "quadrature": self.quadrature,
            "uncertainty": estimate.uncertainty,
            "lower": str(point.lower), "upper": str(point.upper), "multiplicity": point.multiplicity,
            "evidence": str(point.evidence), "regular": estimate.regular,
            "negative_control": self.negative_control,
            "spectrum": vars(estimate.spectrum), "ladder": [vars(rung) for rung in estimate.ladder],
            "training": [run.to_json() for run in point.attempts],
        }


def entry_text(sampled: EntryEstimate) -> str:
    """The estimate, the comparison and the budget, for a terminal."""
    estimate, point, comparison = sampled.estimate, sampled.point, sampled.agreement
    exact = str(point.threshold).removeprefix("lambda = ")
    if comparison.agrees:
        control = sampled.negative_control
        rejected = control is not None and control["rejected"]
        verdict = f"agrees; {control['value']} is rejected on the same chains" if control and rejected else "agrees"
    elif comparison.contradicts:
        verdict = "DISAGREES"
    else:
        verdict = "cannot tell: u is more than 1 % of the exact value and more than 0.05"
    used, quadrature = estimate.used, sampled.quadrature
    rows = [(row.cause, f"{row.size + 0.0:+.4f}", f"{row.uncertainty:.4f}", "yes" if row.corrected else "no", row.how)
            for row in estimate.budget]
    runs = [f"trained: start {run.seed}, loss {run.history[0][1]:.3g} -> {run.history[-1][1]:.3g}, polished "
            f"{run.polished_loss:.1e}" for run in point.attempts[-1:]]
    return "\n".join([
        f"{sampled.name} {format_sizes(sampled.sizes)}, {sampled.kind} point",
        *(f"  {line}" for line in (
            f"estimate {estimate.mean:.4f} ± {estimate.uncertainty:.4f} (MCSE {estimate.mcse:.4f})",
            f"exact    {exact}: {verdict}", f"         {point.evidence}", *runs,
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
    with one_thread():
        found = exact_point(name, **sizes) if point == "exact" else trained_point(name, seed=settings.seed, **sizes)
        if found.problem is not None:
            raise NoMinimiser(f"{found.problem}; try another seed, or other sizes")
        estimate = estimate_llc(found.loss, found.theta, settings, found.multiplicity, progress)
    return EntryEstimate(name, sizes, "exact" if point == "exact" else "trained", found, estimate)
