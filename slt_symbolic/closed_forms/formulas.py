"""A formula of ours: proved, or decided anew at each size by an exact computation that does not read the formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from inspect import Parameter, Signature
from typing import Any, ClassVar

import sympy

from slt_symbolic.closed_forms.entry import LAMBDA, Answer, EntryBase, M
from slt_symbolic.closed_forms.parameter import Sizes, format_sizes
from slt_symbolic.errors import Contradiction, InvalidInput
from slt_symbolic.evidence import Evidence
from slt_symbolic.threshold import Threshold


@dataclass(frozen=True, eq=False, repr=False)
class ClosedForm(EntryBase):
    """A formula for ``(lambda, m)`` with its domain and its evidence.

    ``recompute``  an exact, independent computation at given sizes: the audit compares it with the formula
    ``decide``     how `at` finds the answer and its grade at given sizes; None if the formula is proved. What it
                   grades ``cited`` is the proved bracket around the formula's value
    ``audits``     sizes at which `slt verify` recomputes; every branch of the formula occurs
    ``more_audits``  sizes that ``--level full`` adds
    """

    kind: ClassVar[str] = "closed form"
    expr: sympy.Expr
    multiplicity: sympy.Expr
    assumptions: tuple[str, ...]
    evidence: Evidence
    recompute: Callable[[Sizes], Threshold]
    audits: tuple[Sizes, ...]
    more_audits: Callable[[], tuple[Sizes, ...]] = tuple
    decide: Callable[[Sizes], Threshold] | None = None
    accepts_pairs: bool = False

    def check(self, /, **values: object) -> dict[str, Any]:
        """All sizes, defaults filled in, or `InvalidInput`; explicit ``pairs`` fix N and components."""
        if not self.accepts_pairs or "pairs" not in values:
            return super().check(**values)
        from slt_symbolic.networks.data import check_pairs, component_count

        for name in ("N", "components"):
            if name in values:
                raise InvalidInput(name, "is already given by pairs", "without it")
        values = dict(values)
        given = values.pop("pairs")
        sizes = super().check(**values)
        pairs = check_pairs(sizes["p"], given, bool(sizes["centred"]))
        return {**sizes, "N": len(pairs), "components": component_count(sizes["p"], pairs), "pairs": pairs}

    def formula(self, sizes: Sizes) -> tuple[Fraction, int]:
        """The formula's ``(lambda, m)`` at checked sizes."""
        return self.value(self.expr, sizes), int(self.value(self.multiplicity, sizes))

    def equation(self, formula: Callable[[sympy.Basic], str]) -> str:
        """The formula for lambda and m in one line."""
        return f"{formula(LAMBDA)} = {formula(self.expr)}, {formula(M)} = {formula(self.multiplicity)}"

    def _signature(self) -> Signature:
        pairs = Parameter("pairs", Parameter.KEYWORD_ONLY, default=..., annotation=list[tuple[int, int]])
        given = super()._signature()
        return given.replace(parameters=[*given.parameters.values(), pairs]) if self.accepts_pairs else given

    def _answer(self, sizes: Sizes) -> Answer:
        value, multiplicity = self.formula(sizes)
        if self.decide is None:
            return Answer(self.name, sizes, Threshold(value, value, multiplicity, self.evidence))
        threshold = self.decide(sizes)
        how, is_cited = threshold.evidence.how, threshold.evidence.grade == "cited"
        if is_cited:
            agrees = threshold.lower <= value <= threshold.upper
            threshold = replace(threshold, multiplicity=multiplicity, cited=value if agrees else None)
        else:
            agrees = "pairs" in sizes or threshold.lambda_ in (None, value)
        if not agrees:
            raise Contradiction(self.name, format_sizes(sizes), f"formula {value}, exact {how}")
        how = f"formula of the sources; proved is {how}" if is_cited else how
        return Answer(self.name, sizes, threshold.with_evidence(how=how, sources=self.sources))
