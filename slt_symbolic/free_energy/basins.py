"""Two basins of one posterior: which has the smaller free energy, to leading order.

The free energy of a basin, its negative log marginal likelihood, is

    ``F_n = n L + lambda log n - (m - 1) log log n + O_p(1)``,

L the training loss at its minimum in nats per sample (the negative log likelihood, up to a constant that both basins
share), ``(lambda, m)`` its learning coefficient. So

    ``F_A - F_B = n (L_A - L_B) + (lambda_A - lambda_B) log n - (m_A - m_B) log log n + O_p(1)``.

The bounded term depends on the prior and on the shape of each basin: what the leading terms favour is preferred once n
is large, and where all their coefficients vanish the bounded term alone decides. An entry of the catalogue does not
determine it. For two points given by their weights it may be sampled (`slt_symbolic.free_energy.window`). With a fixed
set of N samples at inverse temperature beta the large parameter is ``n = N beta``. Both basins must be seen by
the same loss on the same data; nothing is said about how training moves between them, or how long that takes.

Source: S. Watanabe, Algebraic Geometry and Statistical Learning Theory, Cambridge 2009, Main Theorem 6.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import mpmath

from slt_symbolic.closed_forms.entry import Answer
from slt_symbolic.closed_forms.parameter import Sizes, format_sizes
from slt_symbolic.errors import InvalidInput
from slt_symbolic.free_energy.leading_terms import LEAST_N, LeadingTerms
from slt_symbolic.free_energy.window import WindowDifference, WindowFreeEnergy
from slt_symbolic.threshold import HasThreshold, Threshold

EQUAL = "equal to this order"
IGNORED = ("bounded terms, which depend on the prior and on the shape of each basin and are not known: what the "
           "leading terms favour is preferred once n is large, how large is not known")
OTHER_PRIOR = "what a prior adds that is not nearly constant over the windows"


@dataclass(frozen=True, repr=False)
class Basin(HasThreshold):
    """A minimum with its ``loss`` in nats per sample and what is known of ``(lambda, m)`` there.

    ``is_file`` says that ``name`` is a file, not an entry of the catalogue.
    """

    name: str
    sizes: Sizes
    loss: Fraction
    threshold: Threshold
    is_file: bool = False

    def __repr__(self) -> str:
        return f"{self.name} at {format_sizes(self.sizes)}: loss {self.loss}, {self.threshold!r}"

    def to_json(self) -> dict[str, Any]:
        """Plain data, rationals as strings."""
        return {
            "file" if self.is_file else "name": self.name, "sizes": dict(self.sizes), "loss": str(self.loss),
            **self.threshold.to_json(), "evidence": self.evidence.to_json(),
        }


def basin_of_entry(answer: Answer, loss: Fraction) -> Basin:
    """The basin of a catalogue entry, whose minimum has this loss."""
    return Basin(answer.name, answer.sizes, loss, answer.threshold)


@dataclass(frozen=True, repr=False)
class Comparison:
    """``F_A - F_B`` at ``n >= 3``: its leading terms, and ``windows`` with its bounded term where that was sampled.

    ``not_sampled`` says why it was not, where it might have been.

    Raises `InvalidInput` for smaller n, and for modular additions that are known to be on different data.

    >>> from slt_symbolic.evidence import Evidence
    >>> def basin(loss, value):
    ...     return Basin("", {}, Fraction(loss), Threshold(Fraction(value), Fraction(value), 1, Evidence("proved", "")))
    >>> found = Comparison(basin("1/100", 5), basin(0, 10), n=100)  # n/100 - 5 log n
    >>> found.preferred, found.finally_preferred, mpmath.nstr(found.crossing, 6)
    ('A', 'B', '4167.54')
    """

    a: Basin
    b: Basin
    n: int
    windows: WindowDifference | None = None
    not_sampled: str = ""

    def __post_init__(self) -> None:
        if self.n < LEAST_N:
            raise InvalidInput(f"n={self.n}", f"must be an integer >= {LEAST_N}, so that log log n > 0", "n=1000")
        for name in _different_data(self.a.sizes, self.b.sizes):
            raise InvalidInput("A and B", f"differ in {name}: they are no basins of one posterior", f"the same {name}")

    def with_windows(self, a: WindowFreeEnergy, b: WindowFreeEnergy) -> Comparison:
        """The same with the free energies of both points within windows, sampled at this n."""
        return replace(self, windows=WindowDifference(a, b, self.n * self.delta_loss))

    def __repr__(self) -> str:
        return f"A: {self.a.name}, B: {self.b.name}, n = {self.n}: {self.verdict}"

    @property
    def delta_loss(self) -> Fraction:
        """``L_A - L_B``, nats per sample."""
        return self.a.loss - self.b.loss

    @property
    def delta_lambda(self) -> tuple[Fraction, Fraction]:
        """What ``lambda_A - lambda_B`` lies between."""
        (low_a, high_a), (low_b, high_b) = self.a.threshold.ends, self.b.threshold.ends
        return low_a - high_b, high_a - low_b

    @property
    def delta_multiplicity(self) -> int | None:
        """``m_A - m_B``; None where either is not known, and then the log log n term is ignored too."""
        if self.a.multiplicity is None or self.b.multiplicity is None:
            return None
        return self.a.multiplicity - self.b.multiplicity

    @cached_property
    def bounds(self) -> tuple[LeadingTerms, LeadingTerms]:
        """The leading terms lie between these two at every n: ``log n > 0``."""
        low, high = self.delta_lambda
        m = self.delta_multiplicity or 0
        return LeadingTerms(self.delta_loss, low, m), LeadingTerms(self.delta_loss, high, m)

    @property
    def gap(self) -> tuple[mpmath.mpf, mpmath.mpf]:
        """What the leading terms at n lie between, in nats."""
        low, high = self.bounds
        return low.value(self.n), high.value(self.n)

    @property
    def preferred(self) -> str | None:
        """``"A"`` or ``"B"``, with the smaller leading terms at n; `EQUAL` if all are 0; None if undecided."""
        if self.delta_multiplicity == 0 and not any((self.delta_loss, *self.delta_lambda)):
            return EQUAL
        low, high = self.gap
        return "B" if low > 0 else "A" if high < 0 else None

    @property
    def verdict(self) -> str:
        """Which one the leading terms favour at n, in words."""
        favoured = self.preferred in ("A", "B")
        return f"the leading terms favour {self.preferred}" if favoured else self.preferred or "undecided"

    @property
    def finally_preferred(self) -> str | None:
        """Who is preferred once n is large; None if the brackets do not decide it or no coefficient is left."""
        signs = {terms.final_sign for terms in self.bounds}
        return {1: "B", -1: "A", 0: None}[signs.pop()] if len(signs) == 1 else None

    @cached_property
    def crossing(self) -> mpmath.mpf | None:
        """The n from which on the leading terms favour `finally_preferred`, whatever the brackets; None if always."""
        if self.finally_preferred is None:
            return None
        low, high = self.bounds
        return (low if self.finally_preferred == "B" else high).last_change()

    @property
    def ignored(self) -> str:
        """What the comparison leaves out."""
        unknown = self.delta_multiplicity is None
        return (("the log log n term, as a multiplicity is not known; " if unknown else "")
                + (IGNORED if self.windows is None else OTHER_PRIOR)
                + (f"; not sampled: {self.not_sampled}" if self.not_sampled else ""))

    def to_json(self) -> dict[str, Any]:
        """Plain data: rationals as strings, numbers beyond floats as strings like ``1.5e+400``."""
        low, high = self.delta_lambda
        gap = [_number(x) for x in self.gap]
        return {
            "a": self.a.to_json(), "b": self.b.to_json(), "n": self.n, "gap": gap[0] if low == high else gap,
            "delta_loss": str(self.delta_loss), "delta_lambda": str(low) if low == high else [str(low), str(high)],
            "delta_multiplicity": self.delta_multiplicity, "preferred": self.preferred,
            "crossing": None if self.crossing is None else _number(self.crossing),
            "finally_preferred": self.finally_preferred, "ignored": self.ignored,
            "windows": None if self.windows is None else self.windows.to_json(),
        }


def _different_data(a: Sizes, b: Sizes) -> list[str]:
    """What two modular additions, which alone have a centring, show of their data and do not share."""
    shown = [name for name in ("p", "centred", "N", "pairs") if name in a and name in b]
    return [name for name in shown if "centred" in shown and set(_values(a[name])) != set(_values(b[name]))]


def _values(size: object) -> tuple[object, ...]:
    return size if isinstance(size, tuple) else (size,)


def _number(x: mpmath.mpf) -> float | str:
    return float(x) if math.isfinite(float(x)) else str(mpmath.nstr(x, 6))
