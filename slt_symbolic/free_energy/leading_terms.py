"""The leading terms of a difference of free energies, as a function of n: its value, and where its sign settles.

``g(n) = loss n + lambda log n - multiplicity log log n`` in nats, for ``n >= 3``, where ``log log n`` is positive. With
``x = log n`` it is ``loss e^x + lambda x - multiplicity log x``. Put ``h = x dg/dx = loss x e^x + lambda x -
multiplicity``; ``dh/dx = loss (x + 1) e^x + lambda`` vanishes at most where ``(x + 1) e^(x+1) = -e lambda/loss``, at a
value of Lambert's W. So h is monotone on both sides of that point, g between changes of sign of h, and each change of
sign is found by bisection on a stretch where the function is monotone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import mpmath

LEAST_N = 3  # the least integer with log log n > 0
DIGITS, BISECTIONS = 60, 300  # changes of sign closer together than 1e-50 of log n are not told apart


@dataclass(frozen=True)
class LeadingTerms:
    """``loss n + lambda_ log n - multiplicity log log n``, exact coefficients."""

    loss: Fraction
    lambda_: Fraction
    multiplicity: int

    def value(self, n: int) -> mpmath.mpf:
        """The value at ``n >= 3``, in nats."""
        with mpmath.workdps(DIGITS):
            return self._g(mpmath.log(n), mpmath.mpf(n))

    @property
    def final_sign(self) -> int:
        """The sign for all large n: that of the first coefficient that is not zero; 0 if all are."""
        first = next((x for x in (self.loss, self.lambda_, Fraction(-self.multiplicity)) if x), Fraction(0))
        return (first > 0) - (first < 0)

    def last_change(self) -> mpmath.mpf | None:
        """The n >= 3 from which on the sign is `final_sign`, having been the opposite just before; None without one.

        >>> mpmath.nstr(LeadingTerms(Fraction(-1), Fraction(1000), 0).last_change(), 10)  # n = 1000 log n
        '9118.00647'
        >>> LeadingTerms(Fraction(0), Fraction(1), 2).last_change() is None  # log n > 2 log log n always
        True
        """
        if self.final_sign == 0:
            return None
        with mpmath.workdps(DIGITS):
            start = mpmath.log(LEAST_N)
            turns = [start]
            if self.loss and self.lambda_ / self.loss < 0:
                turn = mpmath.lambertw(-mpmath.e * _mpf(self.lambda_ / self.loss)).real - 1
                turns += [turn] if turn > start else []
            turns = [start, *self._changes(self._h, turns)]
            changes = self._changes(self._g, turns)
            return mpmath.exp(changes[-1]) if changes else None

    def _g(self, x: mpmath.mpf, n: mpmath.mpf | None = None) -> mpmath.mpf:
        grown = (mpmath.exp(x) if n is None else n) if self.loss else mpmath.mpf(0)
        return _mpf(self.loss) * grown + _mpf(self.lambda_) * x - self.multiplicity * mpmath.log(x)

    def _h(self, x: mpmath.mpf) -> mpmath.mpf:
        grown = mpmath.exp(x) if self.loss else mpmath.mpf(0)
        return _mpf(self.loss) * x * grown + _mpf(self.lambda_) * x - self.multiplicity

    def _changes(self, function: Callable[[mpmath.mpf], mpmath.mpf], points: list[mpmath.mpf]) -> list[mpmath.mpf]:
        """Where ``function`` changes sign; it is monotone between these points and beyond, with `final_sign` there."""
        end = 2 * points[-1]
        while mpmath.sign(function(end)) != self.final_sign:
            end *= 2
        found = []
        for left, right in zip(points, [*points[1:], end], strict=True):
            sign = mpmath.sign(function(left))
            if sign * mpmath.sign(function(right)) < 0:
                for _ in range(BISECTIONS):
                    middle = (left + right) / 2
                    left, right = (middle, right) if mpmath.sign(function(middle)) == sign else (left, middle)
                found.append(right)
        return found


def _mpf(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator
