"""A power.

Theorem. ``K = (x^{2k} f^2)^e`` has the poles of ``x^{2k} f^2`` divided by ``e``, with their orders.
"""

from __future__ import annotations

from collections.abc import Sequence

from slt_symbolic.check.algebra.ring import product_of_powers, proportional
from slt_symbolic.check.bracket import Bracket, End
from slt_symbolic.check.step import Data, fields, integer, require
from slt_symbolic.check.steps.common import Outcome, polynomial
from slt_symbolic.check.stratum import Stratum


def power(s: Stratum, data: Data) -> Outcome:
    """Data: ``base`` f and ``exponent`` e; the only generator is ``f^e``, and e divides all orders."""
    text, exponent = fields(data, "base", "exponent")
    integer(exponent, 2, "the exponent")
    require(len(s.generators) == 1, "needs exactly one generator; here there are {}", len(s.generators))
    base, (generator,) = polynomial(s, text), s.generators
    require(base.total_degree() * exponent == generator.total_degree()
            and proportional(product_of_powers(s.ring, [(base, exponent)]), generator),
            "needs the power {} of {}; here the generator is {}", exponent, base, generator)
    for name, k in zip(s.names, s.orders, strict=True):
        require(k % exponent == 0, "needs orders that {} divides; here {} has the order {}", exponent, name, k)

    def divided(end: End) -> End:
        return end if end.value is None else End(end.value / exponent, end.multiplicity)

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(divided(brackets[0].lower), divided(brackets[0].upper))

    return [s.derive([base], orders=[k // exponent for k in s.orders])], combine
