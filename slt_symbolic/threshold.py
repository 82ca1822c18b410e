"""Thresholds: what is known of ``(lambda, m)`` at a point, and how it is known.

A `Threshold` is a bracket ``lower <= lambda <= upper``; each side carries the reason why it holds.
It is exact where the sides meet; that is derived from the sides, never set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Threshold:
    """``lower <= lambda <= upper`` with a reason for each side; ``multiplicity`` is None if undecided.

    ``certificate`` proves the bracket where the engine found it (`slt_symbolic.check.core.verify` reads it).

    >>> t = Threshold(Fraction(1), Fraction(1), 1, "rank 2", "2 parameters")
    >>> t.status, t.lambda_
    ('exact', Fraction(1, 1))
    >>> Threshold(Fraction(2), Fraction(1), None, "", "")
    Traceback (most recent call last):
        ...
    ValueError: lower=2 > upper=1: a bound is wrong
    """

    lower: Fraction
    upper: Fraction
    multiplicity: int | None
    lower_reason: str
    upper_reason: str
    certificate: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.lower > self.upper:
            raise ValueError(f"lower={self.lower} > upper={self.upper}: a bound is wrong")

    @property
    def status(self) -> str:
        """``"exact"`` where the bounds meet, else ``"bounds"``."""
        return "exact" if self.lower == self.upper else "bounds"

    @property
    def lambda_(self) -> Fraction | None:
        """The threshold where it is decided, else None."""
        return self.lower if self.lower == self.upper else None

    @property
    def how(self) -> str:
        """Both reasons in one line."""
        return f"lambda >= {self.lower}: {self.lower_reason}; lambda <= {self.upper}: {self.upper_reason}"
