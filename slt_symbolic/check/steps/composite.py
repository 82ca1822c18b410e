"""Generators that are polynomials in a function which is a coordinate.

Theorem. Let ``x_j`` be near 0, without order and Jacobian order, and let ``f`` be a polynomial that vanishes on the
stratum while its derivative by ``x_j`` vanishes nowhere on it. By the inverse function theorem ``x_j' = f`` is an
analytic coordinate in place of ``x_j`` at every point of the stratum, near 0 again; the others stay, and so do orders
and the measure, up to a unit. If ``g_i = G_i(x_j = f)`` then ``G_i`` are the generators in the new coordinates.
"""

from __future__ import annotations

from slt_symbolic.check.algebra.ring import substitute
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import Outcome, only_child, polynomial, position, require_unit
from slt_symbolic.check.stratum import Stratum


def composite(s: Stratum, data: Data) -> Outcome:
    """Data: ``variable`` x_j, ``inner`` f, ``outer``, the G_i in order; ``nonzero``: the derivative is a unit."""
    name, inner_text, outer_texts, proof = fields(data, "variable", "inner", "outer", "nonzero")
    j, inner = position(s, name), polynomial(s, inner_text)
    require(j in s.near, "needs a near variable; here {} is not near 0", name)
    require(s.orders[j] == 0 and s.jacobian[j] == 0, "needs a variable without orders; here {} has one", name)
    require(s.on_stratum(inner).is_zero(), "needs a function that vanishes on the stratum; here it is {}", inner)
    require_unit(s, inner.derivative(j), proof)
    outer = [polynomial(s, text) for text in items(outer_texts, None, "outer is a list of polynomials")]
    require(len(outer) == len(s.generators), "needs {} polynomials; here there are {}", len(s.generators), len(outer))
    for g, image in zip(s.generators, outer, strict=True):
        require(substitute(image, {j: inner}) == g, "needs generators as functions of {}; {} gives another one", inner,
                image)
    return [s.derive(outer)], only_child
