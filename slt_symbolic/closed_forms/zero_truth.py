"""All units of a quadratic network at zero, where the truth is zero.

Notation: d inputs, p outputs, K units, q = d(d+1)/2 quadratic monomials.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from sympy import And, Eq, Min, Piecewise

from slt_symbolic.closed_forms.at_weights import threshold_at
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Sizes
from slt_symbolic.closed_forms.quadratic import INPUTS, OUTPUTS, UNITS
from slt_symbolic.closed_forms.sources import THIS_PROJECT
from slt_symbolic.evidence import Evidence
from slt_symbolic.threshold import Bound, Threshold

d, p, K = (parameter.symbol for parameter in (INPUTS, OUTPUTS, UNITS))


def _up_to_two(width: int, outputs: int, units: int) -> Fraction:
    """The value for at most two units; a lower bound for more."""
    if width == 1:
        return min(Fraction(outputs, 2), Fraction(min(units, 2), 4))
    return min(units, 2) * min(Fraction(outputs, 2), Fraction(width, 4))


def _lower_bounds(width: int, outputs: int, units: int) -> Iterator[Bound]:
    """Complex thresholds of restrictions to linear subspaces, and the loss on one input direction."""
    yield Bound(_up_to_two(width, outputs, units), "the complex threshold with at most two units")
    yield Bound(min(Fraction(outputs, 2), Fraction(units, 4)), "the inputs along one direction")
    pairs, odd = divmod(units, 2)
    for what, block_width, block_outputs in (("inputs", width // (pairs + odd), outputs),
                                             ("outputs", width, outputs // (pairs + odd))):
        if block_width and block_outputs:
            value = (pairs * _up_to_two(block_width, block_outputs, 2)
                     + odd * _up_to_two(block_width, block_outputs, 1))
            yield Bound(value, f"the complex threshold with pairs of units on {what} of their own")


def zero_truth_upper(width: int, outputs: int, units: int) -> Bound:
    """The least of three families of divisors: w = 0, V = 0, and s directions with p + 1 units each whose V_j cancel.

    Of the third, with ``p(s d - s(s-1)/2)/2 + (K - (p+1)s)(d - s)/4``, the best s is taken; it counts for many units.
    """
    candidates = [Bound(Fraction(units * width, 4), "w = 0"),
                  Bound(Fraction(outputs * min(units, width * (width + 1) // 2), 2), "V = 0")]
    gain = units - outputs - (outputs - 1) * width
    s = max(0, min(width, units // (outputs + 1), gain // 2))
    candidates.append(Bound(Fraction(units * width - s * (gain - s), 4),
                            f"{s} directions with units that cancel, w = 0"))
    return min(candidates, key=_value)


def _value(bound: Bound) -> Fraction:
    return bound.value


def _decide(sizes: Sizes) -> Threshold:
    width, outputs, units = sizes["d"], sizes["p"], sizes["K"]
    lower = max(_lower_bounds(width, outputs, units), key=_value)
    multiplicity = QUADRATIC_ZERO_TRUTH.formula(sizes)[1] if units <= 2 or width == 1 else None
    return Threshold.between(lower, zero_truth_upper(width, outputs, units), multiplicity, "proved")


QUADRATIC_ZERO_TRUTH = ClosedForm(
    name="quadratic-zero-truth",
    title="All units at zero, zero truth",
    parameters=(INPUTS, OUTPUTS, UNITS),
    sources=(THIS_PROJECT,),
    expr=Min(p * Min(K, d * (d + 1) / 2) / 2, K * d / 4),
    multiplicity=Piecewise(
        (2, And(Eq(d, 1), Eq(K, 2 * p))),
        (4, And(Eq(d, 2), Eq(p, 1), K >= 2)),
        (2, And(Eq(d, 2 * p), Eq(K, 1))),
        (3, Eq(d, 2 * p)),
        (1, True),
    ),
    assumptions=(
        "f(x) = sum_j V_j (w_j·x)^2 with x in R^d, V_j in R^p, j = 1..K, at V = 0, w = 0, with truth zero",
        "the inputs identify quadratic forms",
        "for K <= 2 and for d = 1 the formulas are the values, also that of lambda for d >= 2p ceil(K/2) and for "
        "p >= ceil(K/2) ceil(d/2); elsewhere it is an upper bound",
    ),
    evidence=Evidence("proved", "blow-ups for K <= 2 or d = 1; else families of divisors from above, "
                      "complex thresholds of restrictions from below", (THIS_PROJECT,)),
    recompute=lambda sizes: threshold_at([[0] * sizes["d"]] * sizes["K"], [[0] * sizes["p"]] * sizes["K"]),
    decide=_decide,
    audits=(
        {"d": 1, "p": 1, "K": 1}, {"d": 1, "p": 1, "K": 2}, {"d": 1, "p": 1, "K": 3}, {"d": 1, "p": 1, "K": 5},
        {"d": 1, "p": 2, "K": 4}, {"d": 1, "p": 2, "K": 2}, {"d": 2, "p": 1, "K": 1}, {"d": 2, "p": 1, "K": 2},
        {"d": 2, "p": 2, "K": 2}, {"d": 3, "p": 1, "K": 2}, {"d": 3, "p": 2, "K": 2}, {"d": 4, "p": 2, "K": 1},
        {"d": 4, "p": 2, "K": 2}, {"d": 5, "p": 2, "K": 1},
    ),
    derivation="zero_truth",
)
