"""A power.

Theorem. ``K = (x^{2k} f^2)^e`` has the poles of ``x^{2k} f^2`` divided by ``e``, with their orders.
"""

from __future__ import annotations

from collections.abc import Sequence

from slt_symbolic.check.pairs import Bracket, Pair
from slt_symbolic.check.step import Combine, Data, fields, polynomial, require
from slt_symbolic.check.stratum import Stratum


def power(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``base`` f and ``exponent`` e; the only generator is ``f^e``, and e divides all orders."""
    text, exponent = fields(data, "base", "exponent")
    require(type(exponent) is int and exponent > 1, f"exponent {exponent!r}")
    require(len(s.generators) == 1, "there is not exactly one generator")
    base, (generator,) = polynomial(s, text), s.generators
    require(base.total_degree() * exponent == generator.total_degree() and base**exponent == generator,
            f"{generator} is not the power {exponent} of {base}")
    require(all(k % exponent == 0 for k in s.orders), "an order is no multiple of the exponent")

    def divided(pair: Pair) -> Pair:
        return pair if pair.value is None else Pair(pair.value / exponent, pair.multiplicity)

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(divided(brackets[0].lower), divided(brackets[0].upper))

    return [s.derive([base], orders=[k // exponent for k in s.orders])], combine
