"""The numerical cross-checks of the catalogue: which network is sampled for which entry at which sizes.

Entries without a check say why in `WITHOUT_CHECK`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from numerics.estimation.agreement import Agreement, agreement, negative_control, wrong_value
from numerics.estimation.estimate import estimate_llc
from numerics.estimation.result import Estimate
from numerics.estimation.settings import Settings
from numerics.networks.catalogue import BATCH, Point, exact_point, modular_addition, trained, trained_point
from numerics.networks.training import Training
from numerics.sampling.summary import EstimateError
from numerics.threads import one_thread
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.closed_forms.modular_addition import TRAINING_PAIRS
from slt_symbolic.closed_forms.parameter import Sizes
from slt_symbolic.networks.data import all_pairs

WITHOUT_CHECK = {
    "quadratic-ntk": "a linear model has a Gaussian posterior; the check of quadratic-lazy samples one",
    "cullen-2026-thm-5.1": "as quadratic-ntk",
    "quadratic-single-output": "certified by the engine at the weights themselves",
    "quadratic-coinciding-units": "as quadratic-single-output",
    "quadratic-zero-truth": "as quadratic-single-output",
    "quadratic-padded": "as quadratic-single-output",
    "modular-addition-fourier-softmax": "certified by ranks at the solution itself",
    "symmetric-factorisation": "sampled by slt llc",
    "reduced-rank-regression": "sampled by slt llc",
    "reduced-rank-regression-local": "sampled by slt llc",
    "deep-linear": "sampled by slt llc",
    "one-head-attention": "certified by ranks and the engine",
    "deep-linear-local": "as deep-linear, whose point is its own without ranks",
    "tanh-zero-truth": "sampled by slt llc; the engine at H <= 2",
    "vandermonde": "no network of the sampler; the engine as for tanh-zero-truth",
    "stochastic-factorisation": "as reduced-rank-regression, to which it reduces",
    "linear-convolution": "certified by the engine",
    "normal-mixture": "no network; certified by the engine",
    "poisson-mixture": "as normal-mixture",
    "binomial-mixture": "as normal-mixture",
    "naive-bayes": "as normal-mixture",
    "factor-analysis": "as normal-mixture",
    "hidden-markov": "as normal-mixture",
    "restricted-boltzmann": "as normal-mixture",
    "cp-tensor": "certified by ranks and the engine",
    "nonnegative-factorisation": "as stochastic-factorisation",
    "latent-forest": "as normal-mixture",
    "hyperplane-arrangement": "as normal-mixture",
}


@dataclass(frozen=True)
class Check:
    """One network to sample, how its point is found, and the entries and sizes that it speaks for (first its own)."""

    rows: tuple[tuple[str, Sizes], ...]
    network: str
    point: Callable[[], Point]
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class CheckResult:
    """What a check found; ``problem`` instead of an estimate where there is none."""

    check: Check
    exact: Fraction
    attempts: tuple[Training, ...]
    estimate: Estimate | None
    problem: str | None = None

    @property
    def agreement(self) -> Agreement | None:
        """The comparison with the exact value."""
        return None if self.estimate is None else agreement(self.estimate, self.exact)

    @property
    def negative_control_fails(self) -> bool:
        """Whether a deliberately wrong value is rejected on the same chains."""
        return self.estimate is not None and bool(negative_control(self.estimate, self.exact)["rejected"])

    @property
    def at_generic_rank(self) -> bool:
        """Whether a trained point has the Jacobian rank of the stratum that the exact value is for."""
        return not self.attempts or (
            self.estimate is not None and self.estimate.regular and self.estimate.spectrum.rank == 2 * self.exact)

    @property
    def agrees(self) -> bool:
        """Sharp agreement at the right stratum, and a failing negative control."""
        return (self.agreement is not None and self.agreement.agrees and self.negative_control_fails
                and self.at_generic_rank)

    def to_json(self) -> dict[str, Any]:
        """Plain data, with the loss history of every start."""
        return {
            "rows": [{"entry": entry, "sizes": dict(sizes)} for entry, sizes in self.check.rows],
            "network": self.check.network,
            "exact": str(self.exact), "agrees": self.agrees, "problem": self.problem,
            "uncertainty": None if self.agreement is None else self.agreement.uncertainty,
            "negative_control": {"value": str(wrong_value(self.exact)), "rejected": self.negative_control_fails},
            "estimate": None if self.estimate is None else self.estimate.to_json(),
            "training": [run.to_json() for run in self.attempts],
        }


def run_check(check: Check, exact: Fraction, multiplicity: int | None) -> CheckResult:
    """Make the network, train it where it is to be trained, to the entry's stratum, sample, compare."""
    with one_thread():
        point = check.point()
        if point.problem is not None:
            return CheckResult(check, exact, point.attempts, None, point.problem)
        try:
            return CheckResult(check, exact, point.attempts,
                               estimate_llc(point.loss, point.theta, check.settings, multiplicity))
        except EstimateError as error:
            return CheckResult(check, exact, point.attempts, None, f"{error} (partial: {error.partial})")


def _trained(name: str, batch: int = BATCH, **sizes: Any) -> Callable[[], Point]:
    return partial(trained_point, name, batch=batch, anywhere=False, **sizes)


def _trained_on_labels() -> Point:
    answer = closed_forms["modular-addition-generic"].at(p=5, K=16, pairs=TRAINING_PAIRS)
    return trained(modular_addition(5, 16, TRAINING_PAIRS), answer, batch=8, anywhere=False)


def _labels_with_independent_features() -> Point:
    pairs = tuple(sorted(random.Random(0).sample(all_pairs(5).pairs, 20)))
    answer = closed_forms["modular-addition-labels"].at(p=5, K=9, N=20)
    return trained(modular_addition(5, 9, pairs), answer, batch=8, anywhere=False)


CHECKS = (
    Check((("modular-addition-generic", {"p": 5, "K": 16, "pairs": TRAINING_PAIRS}),), "trained on modular addition",
          _trained_on_labels, Settings(seed=1000)),
    Check((("quadratic-generic", {"d": 4, "p": 3, "K": 5}), ("cullen-2026-cor-4.2", {"d": 4, "p": 3, "K": 5})),
          "trained student", _trained("quadratic-generic", d=4, p=3, K=5), Settings(seed=2000)),
    Check((("quadratic-dead-unit", {"d": 4, "p": 5}),), "the entry's own point",
          lambda: exact_point("quadratic-dead-unit", d=4, p=5), Settings(seed=3000)),
    Check((("modular-addition-generic", {"p": 5, "K": 2}), ("cullen-2026-cor-5.4", {"p": 5, "K": 2})),
          "trained student, all pairs", _trained("modular-addition-generic", batch=16, p=5, K=2),
          Settings(seed=4000)),
    Check((("modular-addition-dead-unit", {"p": 5, "components": 8, "centred": False}),), "the entry's own point",
          lambda: exact_point("modular-addition-dead-unit", p=5, components=8, centred=False), Settings(seed=5000)),
    Check((("modular-addition-fourier", {"p": 3}),), "the entry's own point",
          lambda: exact_point("modular-addition-fourier", p=3), Settings(seed=8000)),
    Check((("quadratic-generic", {"d": 4, "p": 3, "K": 2}), ("cullen-2026-cor-4.2", {"d": 4, "p": 3, "K": 2})),
          "trained student, sampled by SGLD", _trained("quadratic-generic", d=4, p=3, K=2),
          Settings(sampler="sgld", seed=6000)),
    Check((("quadratic-lazy", {"p": 3, "K": 7, "l": 8}), ("cullen-2026-thm-5.2", {"p": 3, "K": 7, "l": 8}),
           ("cullen-2026-cor-5.3", {"p": 3, "K": 7})),
          "trained V", _trained("quadratic-lazy", batch=8, p=3, K=7, l=8), Settings(seed=7000)),
    Check((("modular-addition-labels", {"p": 5, "K": 9, "N": 20}),), "trained on modular addition",
          _labels_with_independent_features, Settings(seed=8000)),
)
