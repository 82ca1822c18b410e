"""A published statement; its verdict is computed at concrete sizes by comparison with the entry that decides them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

import sympy

from slt_symbolic.closed_forms.entry import LAMBDA, Answer, EntryBase
from slt_symbolic.closed_forms.parameter import Sizes
from slt_symbolic.evidence import Grade
from slt_symbolic.threshold import Threshold

Verdict = Literal["holds", "refuted", "outside its hypothesis", "undecided"]
OUTSIDE: Verdict = "outside its hypothesis"


@dataclass(frozen=True)
class RecordedVerdict:
    """A recorded verdict: ``below = lambda - claimed lower end``, ``above = claimed upper end - lambda``.

    ``is_claimed``  whether the claim's hypothesis holds at these sizes; elsewhere nothing is claimed, nothing refuted
    """

    sizes: Sizes
    below: Fraction
    above: Fraction
    is_claimed: bool = True

    @property
    def holds(self) -> bool:
        """Whether the claimed formula is true at these sizes."""
        return self.below >= 0 and self.above >= 0

    @property
    def kind(self) -> Verdict:
        """The verdict in one word or four."""
        return OUTSIDE if not self.is_claimed else "holds" if self.holds else "refuted"

    @property
    def verdict(self) -> str:
        """The verdict in words, quantified."""
        if not self.holds:
            excess, direction = (-self.below, "too large") if self.below < 0 else (-self.above, "too small")
            return f"{self.kind}: {excess} {direction}"
        if not self.is_claimed:
            return OUTSIDE
        if self.below == self.above == 0:
            return "holds"
        attained = "upper end attained" if self.above == 0 else "lower end attained" if self.below == 0 else "strict"
        return f"holds ({attained})"


def always(_sizes: Sizes, _exact: Fraction) -> bool:
    """A hypothesis that holds wherever sizes meet the claim's conditions; by its name it can be pickled."""
    return True


@dataclass(frozen=True, eq=False, repr=False)
class Claim(EntryBase):
    """A published statement ``lower_expr <= lambda <= upper_expr`` (equal ends: a formula).

    ``hypothesis``  what the source assumes, in our words
    ``is_claimed``  whether that holds at given sizes if lambda is the second argument; nothing is claimed elsewhere
    ``truth``    what decides it at given sizes, as `Answer` (fast) ...
    ``recompute``  ... and by an independent exact computation, for the audit
    ``records``  the verdicts found before; `slt verify` computes them again and compares
    """

    kind: ClassVar[str] = "claim"
    lower_expr: sympy.Expr
    upper_expr: sympy.Expr
    statement: str
    hypothesis: str
    reason: str
    truth: Callable[[Sizes], Answer]
    recompute: Callable[[Sizes], Threshold]
    records: tuple[RecordedVerdict, ...]
    is_claimed: Callable[[Sizes, Fraction], bool] = always

    def ends(self, sizes: Sizes) -> tuple[Fraction, Fraction]:
        """The claimed interval at checked sizes."""
        return self.value(self.lower_expr, sizes), self.value(self.upper_expr, sizes)

    def judge(self, sizes: Sizes, exact: Fraction) -> RecordedVerdict:
        """The verdict at ``sizes`` where ``exact`` is the true value."""
        lower, upper = self.ends(sizes)
        return RecordedVerdict(sizes, exact - lower, upper - exact, self.is_claimed(sizes, exact))

    def equation(self, formula: Callable[[sympy.Basic], str]) -> str:
        """What is claimed, in one line."""
        if self.lower_expr == self.upper_expr:
            return f"{formula(LAMBDA)} = {formula(self.lower_expr)}"
        return f"{formula(self.lower_expr)} <= {formula(LAMBDA)} <= {formula(self.upper_expr)}"

    def _answer(self, sizes: Sizes) -> Answer:
        """The true ``(lambda, m)`` at these sizes, what is claimed there, and the verdict."""
        truth = self.truth(sizes)
        lower, upper = self.ends(sizes)
        claimed = str(lower) if lower == upper else f"{lower} <= lambda <= {upper}"
        evidence = truth.evidence
        kind: Verdict = "undecided"
        verdict: str = kind
        if truth.lambda_ is not None:
            record = self.judge(sizes, truth.lambda_)
            kind, verdict = record.kind, record.verdict
        elif upper < truth.lower or lower > truth.upper:
            kind = "refuted" if self.is_claimed(sizes, truth.upper) else OUTSIDE
            verdict = f"{kind}: outside the bracket"
        grade: Grade = "refuted" if kind == "refuted" else evidence.grade
        how = f"claimed {claimed}: {verdict}; {evidence.how}"
        sources = (*self.sources, *evidence.sources)
        threshold = truth.threshold.with_evidence(grade=grade, how=how, sources=sources)
        return Answer(self.name, sizes, threshold, claimed, kind)
