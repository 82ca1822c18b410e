"""When an estimate agrees with an exact value: one function, used everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numerics.estimation.result import Estimate


@dataclass(frozen=True)
class Agreement:
    """Whether an estimate agrees: ``u = sqrt(mcse^2 + budget uncertainty^2)`` is small, the difference within ``3u``.

    ``difference`` is that to the exact value, or to the nearest end of its bracket; ``allowed`` is how large u may be.
    """

    difference: float
    uncertainty: float
    allowed: float

    @property
    def sharp(self) -> bool:
        """``u <= max(0.01 exact, 0.05)``: the estimate could have disagreed."""
        return self.uncertainty <= self.allowed

    @property
    def contradicts(self) -> bool:
        """``|estimate - exact| > 3u``."""
        return abs(self.difference) > 3 * self.uncertainty

    @property
    def agrees(self) -> bool:
        """Sharp, and ``|estimate - exact| <= 3u``."""
        return self.sharp and not self.contradicts


def agreement(estimate: Estimate, exact: Fraction, upper: Fraction | None = None) -> Agreement:
    """Compare an estimate with an exact value, or with the bracket from ``exact`` to ``upper``."""
    nearest = min(max(estimate.mean, float(exact)), float(exact if upper is None else upper))
    return Agreement(estimate.mean - nearest, estimate.uncertainty, max(0.01 * float(exact), 0.05))


def wrong_value(exact: Fraction) -> Fraction:
    """The negative control: off by 1/2, or by 5 % for values above 10. It must not agree on the same chains."""
    return exact + max(Fraction(1, 2), exact / 20 if exact > 10 else Fraction(0))


def negative_control(estimate: Estimate, exact: Fraction) -> dict[str, Any]:
    """The deliberately wrong value, and whether it is rejected, as plain data."""
    wrong = wrong_value(exact)
    return {"value": str(wrong), "rejected": not agreement(estimate, wrong).agrees}
