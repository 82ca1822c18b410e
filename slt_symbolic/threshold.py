"""Thresholds: what is known of ``(lambda, m)`` at a point, and how it is known.

A `Threshold` is a bracket ``lower <= lambda <= upper`` with its evidence. It is exact where the ends meet; that is
derived from the ends, never set. Whatever is about one point (an answer, a basin, a resolution) *has* a threshold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NamedTuple

from slt_symbolic.evidence import Evidence, Grade


class Bound(NamedTuple):
    """One side of a bracket, and why it holds."""

    value: Fraction
    reason: str


@dataclass(frozen=True, repr=False)
class Threshold:
    """``lower <= lambda <= upper`` as far as it is proved; ``multiplicity`` is None if undecided.

    ``cited`` is the value that the sources of the evidence give inside a bracket that does not meet. ``certificate``
    proves the bracket where the engine found it (`slt_symbolic.check.core.verify` reads it).

    >>> t = Threshold(Fraction(29, 2), Fraction(29, 2), 1, Evidence("proved", "rank 29"))
    >>> t.status, t.lambda_, str(t)
    ('exact', Fraction(29, 2), 'lambda = 29/2, m = 1')
    >>> Threshold(Fraction(2), Fraction(1), None, Evidence("proved", ""))
    Traceback (most recent call last):
        ...
    ValueError: lower=2 > upper=1: a bound is wrong
    """

    lower: Fraction
    upper: Fraction
    multiplicity: int | None
    evidence: Evidence
    cited: Fraction | None = None
    certificate: Mapping[str, Any] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.lower > self.upper:
            raise ValueError(f"lower={self.lower} > upper={self.upper}: a bound is wrong")
        if self.cited is not None and not self.lower <= self.cited <= self.upper:
            raise ValueError(f"cited={self.cited}: is not from {self.lower} to {self.upper}")

    @classmethod
    def between(cls, lower: Bound, upper: Bound, multiplicity: int | None, grade: Grade,
                certificate: Mapping[str, Any] | None = None) -> Threshold:
        """The threshold between two bounds, each with its own reason.

        >>> lower, upper = Bound(Fraction(1), "rank 2"), Bound(Fraction(2), "4 parameters")
        >>> Threshold.between(lower, upper, None, "proved").evidence.how
        'lambda >= 1: rank 2; lambda <= 2: 4 parameters'
        """
        how = f"lambda >= {lower.value}: {lower.reason}; lambda <= {upper.value}: {upper.reason}"
        return cls(lower.value, upper.value, multiplicity, Evidence(grade, how), certificate=certificate)

    @property
    def status(self) -> str:
        """``"exact"`` where the ends meet, else ``"bounds"``."""
        return "exact" if self.lower == self.upper else "bounds"

    @property
    def lambda_(self) -> Fraction | None:
        """The value where the ends meet, else the cited one, if any."""
        return self.lower if self.lower == self.upper else self.cited

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """What lambda lies between: twice the same where the value is known (cited counts as known)."""
        return (self.lower, self.upper) if self.lambda_ is None else (self.lambda_, self.lambda_)

    def __str__(self) -> str:
        """``lambda = 29/2, m = 1`` or ``209/4 <= lambda <= 227/4``: the one way in which a threshold is printed."""
        bracket = f"{self.lower} <= lambda <= {self.upper}"
        value = bracket if self.lambda_ is None else f"lambda = {self.lambda_}"
        if self.lambda_ is not None and self.lower < self.upper:
            value += f"  (cited; proved: {bracket})"
        return value if self.multiplicity is None else f"{value}, m = {self.multiplicity}"

    @property
    def label(self) -> str:
        """The same in the cell of a table, ``29/2`` or ``209/4 .. 227/4``; m is left out where it is 1."""
        value = f"{self.lower} .. {self.upper}" if self.lambda_ is None else str(self.lambda_)
        m = {None: ", m undecided", 1: ""}.get(self.multiplicity, f", m = {self.multiplicity}")
        return f"{value}{m}"

    def __repr__(self) -> str:
        return f"{self} ({self.evidence.grade})"

    @property
    def latex(self) -> str:
        r"""The same as LaTeX, without dollar signs: ``\lambda = \frac{29}{2},\ m = 1``."""
        text = re.sub(r"(\d+)/(\d+)", r"\\frac{\1}{\2}", str(self))
        text = re.sub(r"  \((cited; proved:) (.*)\)", r"\\ (\\text{\1 }\2)", text)
        return text.replace("lambda", r"\lambda").replace("<=", r"\le").replace(", m", r",\ m")

    def with_evidence(self, **changes: Any) -> Threshold:
        """The same for other reasons: ``changes`` of the evidence."""
        return replace(self, evidence=replace(self.evidence, **changes))

    def to_json(self) -> dict[str, Any]:
        """Plain data without the evidence, rationals as strings."""
        return {"lambda": None if self.lambda_ is None else str(self.lambda_), "multiplicity": self.multiplicity,
                "lower": str(self.lower), "upper": str(self.upper)}


class HasThreshold:
    """What is about a point at which something is known: ``threshold``, with a way straight to each part of it."""

    threshold: Threshold

    @property
    def lambda_(self) -> Fraction | None:
        """The value of lambda where it is known, else None."""
        return self.threshold.lambda_

    @property
    def lower(self) -> Fraction:
        """A proved lower bound of lambda."""
        return self.threshold.lower

    @property
    def upper(self) -> Fraction:
        """A proved upper bound of lambda."""
        return self.threshold.upper

    @property
    def multiplicity(self) -> int | None:
        """The multiplicity m where it is known, else None."""
        return self.threshold.multiplicity

    @property
    def evidence(self) -> Evidence:
        """How far the threshold is to be trusted, and why."""
        return self.threshold.evidence

    @property
    def certificate(self) -> Mapping[str, Any] | None:
        """What `slt check` verifies, where the engine found the answer, else None."""
        return self.threshold.certificate

    def _repr_latex_(self) -> str:
        return f"${self.threshold.latex}$"
