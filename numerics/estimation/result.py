"""An estimate with its errors and the budget of its bias."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate
from torch import Tensor

from numerics.curvature.eigenvalues import Spectrum
from numerics.sampling.summary import Rung
from slt_symbolic.errors import InvalidInput, install_command

Kind = Literal["coefficient", "excess"]
KINDS = {"coefficient": "learning coefficient of the minimum", "excess": "localised excess at the weights as they are"}
ALL_DIGITS = 15  # of a number in double precision
TRACE_POINTS = 7  # of a chain that are printed
NOT_PLAIN = ("point", "draws", "trace", "sample_losses")  # of an estimate: arrays, which JSON does not hold


@dataclass(frozen=True)
class BudgetRow:
    """One cause of bias: its size with sign, what is left uncertain, whether the estimate is corrected for it."""

    cause: str
    size: float
    uncertainty: float
    corrected: bool
    how: str


@dataclass(frozen=True)
class Ranks:
    """The rank of the Hessian, the ``others`` that its eigenvalues allow, and the ``gap`` between the last and zero."""

    value: int
    others: tuple[int, ...]
    gap: float


def _as_far_as_known(value: float, error: float) -> str:
    """To the first digit of its ``error``, four digits at least; all that there are where there is no error."""
    if not (value and math.isfinite(value) and math.isfinite(error)):
        return f"{value:.4g}"
    digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(error)) + 1 if error else ALL_DIGITS
    return f"{value:.{min(max(digits, 4), ALL_DIGITS)}g}"


def _trace_lines(trace: NDArray[np.float64] | None) -> list[str]:
    """The mean over chains at `TRACE_POINTS` steps from the first to the last, each of a twentieth of the steps."""
    if trace is None:
        return []
    width = max(trace.shape[1] // 20, 1)
    ends = np.linspace(width, trace.shape[1], TRACE_POINTS).round().astype(int)
    means = [f"{trace[:, end - width:end].mean():.4g}" for end in ends]
    return [f"  trace, means of {width} steps up to {', '.join(map(str, ends))}: {', '.join(means)}"]


@dataclass(frozen=True, repr=False)
class Estimate:
    """An estimate of the LLC: ``mean = raw`` less the corrected rows of the ``budget``; ``used`` are the settings.

    ``kind`` says of what: the ``coefficient`` of a minimum, or the ``excess`` at the weights as they are, which belongs
    to its ``nbeta`` and ``gamma``. ``reference`` is HMC at the same ``nbeta`` and ``gamma``: with that sampler, ``raw``
    itself. ``regular`` and ``spectrum`` are of a minimum; of an excess, for which there is no Hessian, False and zeros.
    For a user's module: ``moved``, the distance of ``point`` (a state dict) from the weights that were given, over
    their norm; ``notes``, what to know before the number is used; ``draws`` (chains, draws) of ``nbeta (L - L(w*))``
    at ``nbeta``, at a minimum less a control variate of mean zero; ``trace`` (chains, steps): those of a chain of SGLD
    with a step of the user's, its burn-in included; ``sample_losses`` (chains, draws, n), where asked for, of which
    covariances are susceptibilities and influence functions.
    Printed, it is the table of the budget.
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
    kind: Kind = "coefficient"
    moved: float = 0.0
    notes: tuple[str, ...] = ()
    point: Mapping[str, Tensor] | None = field(default=None, compare=False)
    draws: NDArray[np.float64] | None = field(default=None, compare=False)
    trace: NDArray[np.float64] | None = field(default=None, compare=False)
    sample_losses: NDArray[np.float64] | None = field(default=None, compare=False)

    @property
    def budget_uncertainty(self) -> float:
        """What the budget leaves open, in quadrature."""
        return float(np.sqrt(sum(row.uncertainty**2 for row in self.budget)))

    @property
    def uncertainty(self) -> float:
        """Monte-Carlo error and budget together."""
        return float(np.hypot(self.mcse, self.budget_uncertainty))

    @property
    def rank(self) -> Ranks | None:
        """The rank of the Hessian at the minimum, with the others that the gap allows; None of an excess."""
        found = self.spectrum
        if self.kind == "excess":
            return None
        gap = found.smallest_nonzero / found.largest_zero if found.largest_zero else np.inf
        return Ranks(found.rank, found.others, float(gap))

    def __repr__(self) -> str:
        return f"{_as_far_as_known(self.mean, self.uncertainty)} ± {self.uncertainty:.2g}, {KINDS[self.kind]}"

    def __str__(self) -> str:
        ranks = self.rank
        sampled = "not sampled" if self.draws is None and not self.ladder else (
            f"{self.used['sampler']}: nbeta {self.nbeta:.4g}, gamma {self.gamma:.4g}, {self.used['chains']} chains x "
            f"{self.used['draws']} draws, ESS {self.ess:.0f}, R-hat {self.rhat:.3f}, seed {self.used['seed']}")
        lines = [repr(self), f"  {sampled}"]
        if ranks is not None:
            others = f", or from {min(ranks.others)} to {max(ranks.others)}" if ranks.others else ""
            lines.append(f"  rank {ranks.value}{others}, gap {ranks.gap:.2g}; the point moved by {self.moved:.2g} of "
                         "the norm of the weights")
        lines += _trace_lines(self.trace)
        rows = [(row.cause, f"{row.size + 0.0:+.4f}", f"{row.uncertainty:.4f}", "yes" if row.corrected else "no",
                 row.how) for row in self.budget]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes), "", tabulate(
            rows, ("bias", "size", "left uncertain", "corrected", "how"), disable_numparse=True)])

    def to_datatree(self) -> Any:
        """The draws as ArviZ reads them: an xarray ``DataTree`` with ``posterior/excess`` (chain, draw).

        Settings and result are attributes of ``posterior``. The burn-in of a ``trace`` is ``warmup_posterior``, minus
        the losses of samples are ``log_likelihood/loss`` (chain, draw, sample). Raises `InvalidInput` where nothing was
        sampled, and `ModuleNotFoundError` without the arviz extra.
        """
        if self.draws is None:
            raise InvalidInput("to_datatree", "there are no draws: half a rank was the answer", "sampler='hmc'")
        try:
            from arviz_base import from_dict
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f"to_datatree: needs the arviz extra ({error.name} is not installed); try "
                                      + install_command("arviz"), name=error.name) from None
        known = {"kind": self.kind, "mean": self.mean, "uncertainty": self.uncertainty, "ess": self.ess,
                 "rhat": self.rhat, **self.used}
        attrs = {name: value for name, value in known.items() if value is not None}  # as files of draws can hold them
        groups = {"posterior": {"excess": self.draws}}
        burnt = 0 if self.trace is None else self.trace.shape[1] - self.draws.shape[1]
        if self.trace is not None and burnt:
            groups["warmup_posterior"] = {"excess": self.trace[:, :burnt]}
        if self.sample_losses is not None:
            groups["log_likelihood"] = {"loss": -self.sample_losses}
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # more chains than draws: so it is meant
            return from_dict(groups, attrs={"posterior": attrs})

    def to_json(self) -> dict[str, Any]:
        """Plain data, without the arrays."""
        plain = {name: value for name, value in vars(self).items() if name not in NOT_PLAIN}
        plain |= {"spectrum": asdict(self.spectrum), "budget": [asdict(row) for row in self.budget],
                  "ladder": [asdict(rung) for rung in self.ladder]}
        return plain | {"budget_uncertainty": self.budget_uncertainty, "uncertainty": self.uncertainty}
