"""One function and the squares that it is a sum of.

Theorem. Let ``f = sum_i c_i q_i^2`` with rational ``c_i > 0``. Then f is comparable to ``sum_i q_i^2``, at every point,
whatever the measure. *Squares*: the loss ``x^{2k} f^2`` of one generator f, with even orders k, is comparable to
the square of ``x^k sum_i q_i^2``, the loss of the generators ``q_i`` with the orders ``k/2``: its poles are those of
that loss divided by 2, with their orders. *Total*: the same read backwards, for ``g_i`` and ``f = sum_i c_i g_i^2``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq

from slt_symbolic.check.algebra.ring import Polynomial, product_of_powers, proportional
from slt_symbolic.check.bracket import Bracket, End
from slt_symbolic.check.step import Data, fields, items, ratio, require
from slt_symbolic.check.steps.common import Combine, Outcome, polynomial, require_generators
from slt_symbolic.check.stratum import Stratum


def squares(s: Stratum, data: Data) -> Outcome:
    """Data: ``squares``, a list of ``[c, q]``, whose sum of ``c q^2`` is the only generator, up to a number."""
    (listed,) = fields(data, "squares")
    require(len(s.generators) == 1, "needs exactly one generator; here there are {}", len(s.generators))
    pairs = items(listed, 2, "squares are a list of pairs")
    require(bool(pairs), "needs a square; here there is none")
    bases = [polynomial(s, text) for _, text in pairs]
    found = _total(s, [c for c, _ in pairs], bases)
    require(proportional(found, s.generators[0]), "needs squares that add up to the generator; here it is {}", found)
    for name, k in zip(s.names, s.orders, strict=True):
        require(k % 2 == 0, "needs even orders; here {} has the order {}", name, k)
    return [s.derive(bases, orders=[k // 2 for k in s.orders])], _scaled(Fraction(1, 2))


def total(s: Stratum, data: Data) -> Outcome:
    """Data: ``coefficients``, a positive rational for each generator; the child has the sum of squares alone."""
    (coefficients,) = fields(data, "coefficients")
    require_generators(s)
    listed = items(coefficients, None, "coefficients are a list")
    require(len(listed) == len(s.generators), "needs a coefficient for each of {} generators", len(s.generators))
    return [s.derive([_total(s, listed, s.generators)], orders=[2 * k for k in s.orders])], _scaled(Fraction(2))


def _total(s: Stratum, coefficients: Sequence[Any], bases: Sequence[Polynomial]) -> Polynomial:
    """``sum_i c_i q_i^2``."""
    found = s.ring.constant(0)
    for text, q in zip(coefficients, bases, strict=True):
        c = ratio(text)
        require(c > 0, "needs positive coefficients; here {} is one", text)
        found += product_of_powers(s.ring, [(q, 2)]) * fmpq(c.numerator, c.denominator)
    return found


def _scaled(factor: Fraction) -> Combine:
    """The brackets' lambdas times a number."""
    def end(e: End) -> End:
        return e if e.value is None else End(factor * e.value, e.multiplicity)

    return lambda brackets: Bracket(end(brackets[0].lower), end(brackets[0].upper))
