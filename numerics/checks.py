"""The numerical cross-checks of the catalogue: which network is sampled for which entry at which sizes.

A trained network starts from seeded random points, never at the teacher. A start that ends in a local minimum
is reported and the next seed is tried. Entries without a check say why in `WITHOUT_CHECK`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch

from numerics.agreement import Agreement, agreement, wrong_value
from numerics.estimate import Estimate, EstimateError, Settings, estimate_llc
from numerics.training import Training, train
from numerics.twins import Dataset, Lazy, Quadratic, Twin
from slt_symbolic.closed_forms.entry import Sizes
from slt_symbolic.closed_forms.modular_addition import TRAINING_PAIRS
from slt_symbolic.networks.data import Pair, TwoHotPairs, all_pairs

START_SEEDS = range(20)
TEACHER_SEED = 1
SAMPLES = 2000

WITHOUT_CHECK = {
    "quadratic-ntk": "a linear model has a Gaussian posterior; the check of quadratic-lazy samples one",
    "cullen-2026-thm-5.1": "as quadratic-ntk",
    "symmetric-factorisation": "sampled by slt llc",
    "reduced-rank-regression": "sampled by slt llc",
    "deep-linear": "sampled by slt llc",
}


@dataclass(frozen=True)
class Check:
    """One network to sample, how it is made, and the entries and sizes that it speaks for (the first is its own).

    ``training`` has the number of steps and the batch size, None where the point is the entry's own (the origin).
    """

    rows: tuple[tuple[str, Sizes], ...]
    network: str
    twin: Callable[[], Twin]
    training: tuple[int, int] | None
    settings: Settings


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
        return self.estimate is not None and not agreement(self.estimate, wrong_value(self.exact)).agrees

    @property
    def at_generic_rank(self) -> bool:
        """Whether a trained point has the Jacobian rank of the stratum that the exact value is for."""
        return self.check.training is None or (
            self.estimate is not None and self.estimate.spectrum.rank == 2 * self.exact)

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
            "training": [{"seed": run.seed, "history": run.history, "polished_loss": run.polished_loss}
                         for run in self.attempts],
        }


def run_check(check: Check, exact: Fraction) -> CheckResult:
    """Make the network, train it where it is to be trained, sample, compare."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # checks run side by side, and are reproducible
    try:
        return _run_check(check, exact)
    finally:
        torch.set_num_threads(threads)


def _run_check(check: Check, exact: Fraction) -> CheckResult:
    twin = check.twin()
    attempts: list[Training] = []
    theta = torch.zeros(twin.architecture.parameters, dtype=torch.float64)
    if check.training is not None:
        steps, batch = check.training
        for seed in START_SEEDS:
            attempts.append(train(twin, seed, steps, batch))
            if attempts[-1].exact_fit:
                break
        else:
            return CheckResult(check, exact, tuple(attempts), None, f"no exact fit from {len(attempts)} starts")
        theta = attempts[-1].theta
    try:
        estimate = estimate_llc(twin, theta, check.settings)
    except EstimateError as error:
        return CheckResult(check, exact, tuple(attempts), None, f"{error} (partial: {error.partial})")
    return CheckResult(check, exact, tuple(attempts), estimate)


def student(d: int, p: int, K: int) -> Twin:
    """Teacher and student of the same width on Gaussian inputs."""
    generator = torch.Generator().manual_seed(TEACHER_SEED)
    inputs = torch.randn(SAMPLES, d, generator=generator, dtype=torch.float64)
    return _taught(Quadratic(d, p, K), inputs, generator, centred=False)


def modular_student(p: int, K: int) -> Twin:
    """Teacher and student of the same width on all two-hot pairs, centred."""
    return _taught(Quadratic(2 * p, p, K), _design(all_pairs(p)), torch.Generator().manual_seed(TEACHER_SEED), True)


def modular_addition(p: int, K: int, pairs: tuple[Pair, ...]) -> Twin:
    """The labels of modular addition on a training set, one-hot, centred."""
    labels = torch.nn.functional.one_hot(torch.tensor([(a + b) % p for a, b in pairs]), p).to(torch.float64)
    return Twin(Quadratic(2 * p, p, K), Dataset(_design(TwoHotPairs(p, pairs)), labels, centred=True))


def modular_lazy(p: int, K: int) -> Twin:
    """Frozen random first layer on all two-hot pairs, centred; a teacher with the same first layer."""
    generator = torch.Generator().manual_seed(TEACHER_SEED)
    frozen = torch.randn(K, 2 * p, generator=generator, dtype=torch.float64)
    return _taught(Lazy(frozen, p), _design(all_pairs(p)), generator, centred=True)


def dead_unit(d: int, p: int) -> Twin:
    """One unit, zero truth, Gaussian inputs."""
    generator = torch.Generator().manual_seed(TEACHER_SEED)
    inputs = torch.randn(SAMPLES, d, generator=generator, dtype=torch.float64)
    return Twin(Quadratic(d, p, 1), Dataset(inputs, torch.zeros(SAMPLES, p, dtype=torch.float64)))


def modular_dead_unit(p: int, pairs: tuple[Pair, ...]) -> Twin:
    """One unit, zero truth, two-hot pairs, not centred."""
    targets = torch.zeros(len(pairs), p, dtype=torch.float64)
    return Twin(Quadratic(2 * p, p, 1), Dataset(_design(TwoHotPairs(p, pairs)), targets))


def _taught(architecture: Quadratic | Lazy, inputs: torch.Tensor, generator: torch.Generator, centred: bool) -> Twin:
    teacher = torch.randn(1, architecture.parameters, generator=generator, dtype=torch.float64)
    return Twin(architecture, Dataset(inputs, architecture.values(teacher, inputs)[0], centred))


def _design(inputs: TwoHotPairs) -> torch.Tensor:
    return torch.from_numpy(inputs.matrix()).to(torch.float64)


CHECKS = (
    Check((("modular-addition-generic", {"p": 5, "K": 16, "pairs": TRAINING_PAIRS}),), "trained on modular addition",
          lambda: modular_addition(5, 16, TRAINING_PAIRS), (3000, 8), Settings(seed=1000)),
    Check((("quadratic-generic", {"d": 4, "p": 3, "K": 5}), ("cullen-2026-cor-4.2", {"d": 4, "p": 3, "K": 5})),
          "trained student", lambda: student(4, 3, 5), (3000, 128), Settings(seed=2000)),
    Check((("quadratic-dead-unit", {"d": 4, "p": 5}),), "the entry's own point",
          lambda: dead_unit(4, 5), None, Settings(seed=3000)),
    Check((("modular-addition-generic", {"p": 5, "K": 2}), ("cullen-2026-cor-5.4", {"p": 5, "K": 2})),
          "trained student, all pairs", lambda: modular_student(5, 2), (3000, 16), Settings(seed=4000)),
    Check((("modular-addition-dead-unit", {"p": 5, "components": 8, "centred": False}),), "the entry's own point",
          lambda: modular_dead_unit(5, ((0, 0), (0, 1))), None, Settings(seed=5000)),
    Check((("quadratic-generic", {"d": 4, "p": 3, "K": 2}), ("cullen-2026-cor-4.2", {"d": 4, "p": 3, "K": 2})),
          "trained student", lambda: student(4, 3, 2), (3000, 128), Settings(chains=256, seed=6000)),
    Check((("quadratic-lazy", {"p": 3, "K": 7, "l": 8}), ("cullen-2026-thm-5.2", {"p": 3, "K": 7, "l": 8}),
           ("cullen-2026-cor-5.3", {"p": 3, "K": 7})),
          "trained V, all pairs at p = 3", lambda: modular_lazy(3, 7), (3000, 8), Settings(seed=7000)),
)
