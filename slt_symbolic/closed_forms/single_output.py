"""Quadratic networks with one output and no unit switched off, at every exact fit.

Notation: d inputs, f(x) = sum_j V_j (w_j·x)^2 = x^T W S W^T x, S the diagonal of the signs of the V_j, up to scales.
"""

from __future__ import annotations

from sympy import And, Eq, Integer, Piecewise, symbols

from slt_symbolic.closed_forms.at_weights import threshold_at, unit_vector
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.quadratic import INPUTS
from slt_symbolic.closed_forms.sources import THIS_PROJECT
from slt_symbolic.evidence import Evidence
from slt_symbolic.threshold import Threshold

PLUS = Parameter("plus", "number of units with V_j > 0", minimum=0)
MINUS = Parameter("minus", "number of units with V_j < 0", minimum=0)
RANK_PLUS = Parameter("rank_plus", "number of positive eigenvalues of the truth", minimum=0)
RANK_MINUS = Parameter("rank_minus", "number of negative eigenvalues of the truth", minimum=0, default=Integer(0))
SPAN = Parameter("span", "dimension of the span of the w_j", minimum=0, default=RANK_PLUS.symbol + RANK_MINUS.symbol)
d, plus, minus, rank_plus, rank_minus, rho = (
    parameter.symbol for parameter in (INPUTS, PLUS, MINUS, RANK_PLUS, RANK_MINUS, SPAN))


def _recompute(sizes: Sizes) -> Threshold:
    """At w_j = e_j for units of the truth, w_j = w_k = e_i for pairs of opposite sign that cancel, and 0 elsewhere."""
    size, rank = sizes["d"], sizes["rank_plus"] + sizes["rank_minus"]
    cancelling = list(range(rank, sizes["span"]))
    used = {1: [*range(sizes["rank_plus"]), *cancelling], -1: [*range(sizes["rank_plus"], rank), *cancelling]}
    signs = [1] * sizes["plus"] + [-1] * sizes["minus"]
    w = []
    for sign in signs:
        w.append(unit_vector(used[sign].pop(0), size) if used[sign] else [0] * size)
    return threshold_at(w, [[sign] for sign in signs])


rows, columns, isotropic = symbols("n k s")


def _left_over(sizes: Sizes) -> tuple[int, int, int]:
    """``n, k, s``: n × k matrices Z with Z S Z^T are left; s is the largest rank of those with Z S Z^T = 0."""
    remaining = sizes["d"] - sizes["span"]
    signature = (sizes["plus"] + sizes["rank_minus"] - sizes["span"],
                 sizes["minus"] + sizes["rank_plus"] - sizes["span"])
    return remaining, sum(signature), min(remaining, *signature)


QUADRATIC_SINGLE_OUTPUT = ClosedForm(
    name="quadratic-single-output",
    title="A quadratic network with one output and no unit switched off, at every exact fit",
    parameters=(INPUTS, PLUS, MINUS, RANK_PLUS, RANK_MINUS, SPAN),
    sources=(THIS_PROJECT,),
    derived=Derived((rows, columns, isotropic), _left_over),
    expr=rho * (rho + 1) / 4 + rho * rows / 2 + (rows * columns - isotropic * (columns - isotropic - 1)) / 4,
    multiplicity=Piecewise((2, And(Eq(columns, 2 * isotropic), isotropic >= 1)), (1, True)),
    conditions=(
        Condition(plus + minus >= 1, "the network has no unit", "plus + minus >= 1"),
        Condition(And(rank_plus + rank_minus <= rho, rho <= d), "so many directions do not carry such a truth",
                  "rank_plus + rank_minus <= span <= d"),
        Condition(And(rho <= plus + rank_minus, rho <= minus + rank_plus), "so few units of a sign have no such fit",
                  "span <= plus + rank_minus and span <= minus + rank_plus"),
    ),
    assumptions=(
        "f(x) = sum_j V_j (w_j·x)^2 with x in R^d, one output, all V_j nonzero: plus of them > 0, minus of them < 0",
        "the inputs identify quadratic forms: the loss is comparable to |W S W^T - T|^2, S the diagonal of the signs",
        "T has rank_plus positive and rank_minus negative eigenvalues; the w_j of the fit have the rank span",
        "n = d - span, and of the units a = plus + rank_minus - span and b = minus + rank_plus - span are left: "
        "k = a + b, s = min(n, a, b)",
    ),
    evidence=Evidence("proved", "coordinates to eliminate, then isotropic matrices resolved by blow-ups of the origin",
                      (THIS_PROJECT,)),
    recompute=_recompute,
    audits=tuple(dict(zip(("d", "plus", "minus", "rank_plus", "rank_minus", "span"), sizes, strict=True)) for sizes in (
        (1, 1, 0, 0, 0, 0), (1, 1, 1, 0, 0, 0), (1, 2, 1, 0, 0, 0), (1, 1, 3, 0, 0, 0), (2, 3, 0, 0, 0, 0),
        (2, 1, 1, 0, 0, 0), (3, 1, 1, 0, 0, 0), (2, 1, 1, 0, 0, 1), (2, 2, 1, 0, 0, 1), (2, 2, 2, 0, 0, 2),
        (2, 0, 1, 0, 1, 1), (2, 2, 1, 0, 1, 1), (2, 2, 1, 1, 0, 1), (3, 1, 2, 0, 1, 1), (3, 2, 0, 2, 0, 2),
        (3, 2, 1, 1, 1, 2), (2, 2, 2, 1, 0, 1), (3, 0, 3, 0, 3, 3), (3, 1, 2, 0, 1, 2),
    )),
    derivation="single_output",
)
