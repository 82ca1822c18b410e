"""Generic hyperplane arrangements."""

from __future__ import annotations

import sympy
from sympy import Min, Piecewise

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Condition, Parameter, Sizes
from slt_symbolic.closed_forms.sources import MUSTATA_2006, THIS_PROJECT
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.threshold import Threshold

DIMENSION = Parameter("d", "dimension")
HYPERPLANES = Parameter("n", "number of hyperplanes through the origin")
d, n = DIMENSION.symbol, HYPERPLANES.symbol


def _recompute(sizes: Sizes) -> Threshold:
    """The engine on a product of linear forms with Vandermonde coefficients, any d of which are independent."""
    variables = sympy.symbols(f"x0:{sizes['d']}")
    forms = [sum(sympy.Integer(t) ** i * x for i, x in enumerate(variables)) for t in range(1, sizes["n"] + 1)]
    return rlct(Germ.at(sympy.expand(sympy.prod(forms)), variables), timeout=AUDIT_SECONDS).threshold


HYPERPLANE_ARRANGEMENT = ClosedForm(
    name="hyperplane-arrangement",
    title="Generic central hyperplane arrangement",
    parameters=(DIMENSION, HYPERPLANES),
    sources=(MUSTATA_2006, THIS_PROJECT),
    expr=Min(1, d / n) / 2,
    multiplicity=Piecewise((n, n <= d), (1, True)),
    conditions=(Condition((d >= 2) | (n <= 1), "a line has one hyperplane, the origin", "d >= 2"),),
    assumptions=("K = f^2, f a product of n linear forms on R^d, any min(d, n) of them independent; at the origin",),
    evidence=Evidence("proved", "blow up the origin", (MUSTATA_2006, THIS_PROJECT)),
    recompute=_recompute,
    audits=({"d": 1, "n": 1}, {"d": 2, "n": 2}, {"d": 2, "n": 3}, {"d": 2, "n": 5}, {"d": 3, "n": 2}, {"d": 3, "n": 3},
            {"d": 3, "n": 4}, {"d": 3, "n": 5}, {"d": 4, "n": 5}),
    derivation="hyperplane_arrangement",
)
