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

MULTIPLICITY_ONE = sympy.Integer(1)


@dataclass(frozen=True)
class Data:
    """Data that may be given instead of the sizes that they fix; what they are is kept beside the sizes.

    ``read``  takes the other sizes, checked, and what was given; returns what it is and the sizes that it fixes
    """

    name: str
    annotation: object
    fixes: tuple[str, ...]
    read: Callable[[Sizes, object], tuple[object, Sizes]]

    def as_argument(self) -> Parameter:
        """The argument of a function that takes sizes by name."""
        return Parameter(self.name, Parameter.KEYWORD_ONLY, default=..., annotation=self.annotation)


@dataclass(frozen=True, eq=False, repr=False)
class ClosedForm(EntryBase):
    """A formula for ``(lambda, m)`` with its domain and its evidence.

    ``recompute``  an exact, independent computation at given sizes: the audit compares it with the formula
    ``decide``     how `at` finds the answer and its grade at given sizes; None if the formula is proved. What it
                   grades ``cited`` is the proved bracket around the formula's value
    ``audits``     sizes at which `slt verify` recomputes; every branch of the formula occurs
    ``more_audits``  sizes that ``--level full`` adds
    ``data``       what may be given instead of some sizes; the formula then need not be the value
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
    data: Data | None = None

    def check(self, /, **values: object) -> dict[str, Any]:
        """All sizes, defaults filled in, or `InvalidInput`; explicit `data` fix some of them."""
        if self.data is None or self.data.name not in values:
            return super().check(**values)
        for name in self.data.fixes:
            if name in values:
                raise InvalidInput(name, f"is already given by {self.data.name}", "without it")
        sizes = super().check(**{name: value for name, value in values.items() if name != self.data.name})
        data, fixed = self.data.read(sizes, values[self.data.name])
        return {**sizes, **fixed, self.data.name: data}

    def formula(self, sizes: Sizes) -> tuple[Fraction, int]:
        """The formula's ``(lambda, m)`` at checked sizes. Raises `ValueError` where its m is no integer from 1 on."""
        multiplicity = self.value(self.multiplicity, sizes)
        if multiplicity < 1 or multiplicity.denominator > 1:
            raise ValueError(f"{self.multiplicity}: a multiplicity of {multiplicity}, which is no integer from 1 on")
        return self.value(self.expr, sizes), int(multiplicity)

    @property
    def equations(self) -> tuple[tuple[sympy.Symbol, sympy.Expr], ...]:
        """Of lambda and of m; a multiplicity that is among the derived symbols has none, the assumptions tell it."""
        return ((LAMBDA, self.expr), *(((M, self.multiplicity),) if self.multiplicity != M else ()))

    def equation(self, formula: Callable[[sympy.Basic], str]) -> str:
        """The formula for lambda and m in one line."""
        return ", ".join(f"{formula(left)} = {formula(right)}" for left, right in self.equations)

    def _signature(self) -> Signature:
        given = super()._signature()
        more = () if self.data is None else (self.data.as_argument(),)
        return given.replace(parameters=[*given.parameters.values(), *more])

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
            agrees = (self.data is not None and self.data.name in sizes) or threshold.lambda_ in (None, value)
        if not agrees:
            raise Contradiction(self.name, format_sizes(sizes), f"formula {value}, exact {how}")
        how = f"formula of the sources; proved is {how}" if is_cited else how
        return Answer(self.name, sizes, threshold.with_evidence(how=how, sources=self.sources))
