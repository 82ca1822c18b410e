"""Three-layer networks of tanh units at zero truth: a Vandermonde ideal."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import sympy
from sympy import Eq, Piecewise

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import AOYAGI_2006, THIS_PROJECT
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.threshold import Bound, Threshold

UNITS = Parameter("H", "number of hidden units")
H = UNITS.symbol
i = sympy.Symbol("i")
LARGEST_DECIDED = 2  # by the engine, in seconds


def vandermonde_germ(units: int) -> Germ:
    """``sum_h a_h b_h^(2j+1)`` for j below the number of units; higher ones are combinations of these."""
    a, b = sympy.symbols(f"a0:{units}"), sympy.symbols(f"b0:{units}")
    return Germ.at([sum(x * y ** (2 * j + 1) for x, y in zip(a, b, strict=True)) for j in range(units)], (*a, *b))


def by_orders(units: int) -> tuple[Fraction, int]:
    """``(lambda, m)`` from the volume of near-fits: the least of ``H t + max_k (k - k^2 t)``, b of the order of e^t.

    The function of t is convex and piecewise linear; m is how many of its corners attain the minimum.

    >>> by_orders(4)
    (Fraction(1, 1), 2)
    """
    corners = [Fraction(1, 2 * k + 1) for k in range(units)]
    values = [units * t + max(k - k * k * t for k in range(units + 1)) for t in corners]
    return min(values) / 2, values.count(min(values))


def _recompute(sizes: Sizes) -> Threshold:
    """The engine at few units, else the orders of the volume."""
    if sizes["H"] <= LARGEST_DECIDED:
        return rlct(vandermonde_germ(sizes["H"]), timeout=AUDIT_SECONDS).threshold
    value, multiplicity = by_orders(sizes["H"])
    bound = Bound(value, "the order of the volume of near-fits")
    return Threshold.between(bound, bound, multiplicity, "certified")


TANH_ZERO_TRUTH = ClosedForm(
    name="tanh-zero-truth",
    title="tanh units, one input, one output, at zero truth",
    parameters=(UNITS,),
    sources=(AOYAGI_2006, THIS_PROJECT),
    derived=Derived((i,), lambda sizes: (isqrt(sizes["H"]),)),
    expr=(H + i**2 + i) / (4 * i + 2),
    multiplicity=Piecewise((2, Eq(i**2, H)), (1, True)),
    assumptions=(
        "f(x) = sum_h a_h tanh(b_h x) on an interval of inputs, truth 0; at a = b = 0",
        "i is the integer part of the square root of H",
        "the same for any odd activation all of whose odd Taylor coefficients at 0 are not zero; not for polynomials",
    ),
    evidence=Evidence("proved", "the volume of near-fits, by minors of a Vandermonde matrix",
                      (AOYAGI_2006, THIS_PROJECT)),
    recompute=_recompute,
    audits=({"H": 1}, {"H": 2}, {"H": 3}, {"H": 4}, {"H": 5}, {"H": 7}, {"H": 9}),
    derivation="tanh_zero_truth",
)
