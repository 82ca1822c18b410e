"""Three-layer networks of tanh units at zero truth, and the Vandermonde ideals of which theirs is one."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import sympy
from sympy import Eq, Piecewise

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import AOYAGI_2006, AOYAGI_2010, THIS_PROJECT
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.threshold import Bound, Threshold

UNITS = Parameter("H", "number of hidden units")
H = UNITS.symbol
i = sympy.Symbol("i")
LARGEST_DECIDED = 2  # by the engine, in seconds


def vandermonde_germ(units: int, outputs: int = 1, step: int = 2) -> Germ:
    """``sum_h a_ih b_h^(step j + 1)`` for j below the number of units; higher ones are combinations of these."""
    a = [sympy.symbols(f"a{i}_0:{units}") for i in range(outputs)]
    b = sympy.symbols(f"b0:{units}")
    generators = [sum(x * y ** (step * j + 1) for x, y in zip(row, b, strict=True)) for row in a for j in range(units)]
    return Germ.at(generators, (*(x for row in a for x in row), *b))


def by_orders(units: int, outputs: int = 1, step: int = 2) -> tuple[Fraction, int]:
    """``(lambda, m)`` from the volume of near-fits: the least of ``H t + M max_k (k - d_k t)``, b of the order of e^t.

    ``d_k = k + step k (k - 1)/2``. The function of t is convex and piecewise linear; m is how many of its corners
    attain the minimum.

    >>> by_orders(4), by_orders(2, 2, 1)
    ((Fraction(1, 1), 2), (Fraction(1, 1), 2))
    """
    corners = [Fraction(1, step * k + 1) for k in range(units + 1)]
    degrees = [k + step * k * (k - 1) // 2 for k in range(units + 1)]
    values = [units * t + outputs * max(k - d * t for k, d in enumerate(degrees)) for t in corners]
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

OUTPUTS = Parameter("M", "number of outputs")
STEP = Parameter("Q", "step of the powers")
M, Q = OUTPUTS.symbol, STEP.symbol
k = sympy.Symbol("k")


def _largest(sizes: Sizes) -> tuple[int, ...]:
    """The largest k with ``M (Q k (k - 1) + 2 k) <= 2 H``.

    >>> _largest({"H": 4, "M": 1, "Q": 2}), _largest({"H": 2, "M": 3, "Q": 1})
    ((2,), (0,))
    """
    share, step = 2 * sizes["H"] // sizes["M"], sizes["Q"]  # Q k^2 + (2 - Q) k <= share
    return ((step - 2 + isqrt((step - 2) ** 2 + 4 * step * share)) // (2 * step),)


def _recompute_vandermonde(sizes: Sizes) -> Threshold:
    """The engine at one unit, else the orders of the volume."""
    units, outputs, step = sizes["H"], sizes["M"], sizes["Q"]
    if units == 1 or (units, outputs) == (2, 1):
        return rlct(vandermonde_germ(units, outputs, step), timeout=AUDIT_SECONDS).threshold
    value, multiplicity = by_orders(units, outputs, step)
    bound = Bound(value, "the order of the volume of near-fits")
    return Threshold.between(bound, bound, multiplicity, "certified")


VANDERMONDE = ClosedForm(
    name="vandermonde",
    title="Vandermonde ideals: three-layer networks with several outputs at zero truth",
    parameters=(UNITS, OUTPUTS, STEP),
    sources=(AOYAGI_2010, THIS_PROJECT),
    derived=Derived((k,), _largest),
    expr=(M * Q * k * (k + 1) + 2 * H) / (4 * (1 + k * Q)),
    multiplicity=Piecewise((2, Eq(M * (Q * k * (k - 1) + 2 * k), 2 * H)), (1, True)),
    assumptions=(
        "the ideal of all sum_h a_ih b_h^(Q j + 1), i <= M, j >= 0, at a = b = 0",
        "k is the largest integer with M (Q k (k - 1) + 2 k) <= 2 H",
        "Q = 2: odd activations with M outputs, one input; Q = 1: activations all of whose Taylor coefficients but the "
        "constant one are not zero",
    ),
    evidence=Evidence("proved", "the volume of near-fits, by minors of a Vandermonde matrix",
                      (AOYAGI_2010, THIS_PROJECT)),
    recompute=_recompute_vandermonde,
    audits=({"H": 1, "M": 1, "Q": 1}, {"H": 1, "M": 2, "Q": 3}, {"H": 2, "M": 1, "Q": 1}, {"H": 2, "M": 1, "Q": 2},
            {"H": 2, "M": 2, "Q": 1}, {"H": 3, "M": 1, "Q": 1}, {"H": 4, "M": 2, "Q": 3}, {"H": 8, "M": 2, "Q": 2},
            {"H": 3, "M": 5, "Q": 2}),
    derivation="tanh_zero_truth",
)
