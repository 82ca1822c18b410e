"""Symmetric factorisation: the loss sees ``W W^T``, W of shape d × K, the truth positive semidefinite of rank r."""

from __future__ import annotations

from sympy import And

from slt_symbolic.closed_forms.formulas import MULTIPLICITY_ONE, ClosedForm
from slt_symbolic.closed_forms.linear import TRUE_RANK, at_normal_form, normal_form
from slt_symbolic.closed_forms.parameter import Condition, Parameter, Sizes
from slt_symbolic.closed_forms.sources import THIS_PROJECT
from slt_symbolic.evidence import Evidence
from slt_symbolic.networks.symmetric import SymmetricFactorisation, germ_at
from slt_symbolic.threshold import Threshold

SIZE = Parameter("d", "size of the symmetric matrix")
COLUMNS = Parameter("K", "number of columns of the factor")
d, K, r = (parameter.symbol for parameter in (SIZE, COLUMNS, TRUE_RANK))


def _recompute(sizes: Sizes) -> Threshold:
    """What the engine certifies at [I_r 0; 0 0]; every point of the fibre looks like this one."""
    point = normal_form(sizes["d"], sizes["K"], sizes["r"])
    return at_normal_form(germ_at(SymmetricFactorisation(sizes["d"], sizes["K"]), point))


SYMMETRIC_FACTORISATION = ClosedForm(
    name="symmetric-factorisation",
    title="Symmetric factorisation W W^T, at every point of the fibre",
    parameters=(SIZE, COLUMNS, TRUE_RANK),
    sources=(THIS_PROJECT,),
    expr=r * (r + 1) / 4 + r * (d - r) / 2 + (d - r) * (K - r) / 4,
    multiplicity=MULTIPLICITY_ONE,
    conditions=(Condition(And(r <= d, r <= K), "the truth has more rank than the factor", "r <= min(d, K)"),),
    assumptions=(
        "the loss is comparable to |W W^T - T|^2 with W of shape d × K",
        "T is positive semidefinite of rank r; the value is the same at every W with W W^T = T",
    ),
    evidence=Evidence("proved", "r(r+1)/2 + r(d-r) coordinates to eliminate, then |Y|^4 in (d-r)(K-r) others",
                      (THIS_PROJECT,)),
    recompute=_recompute,
    audits=(
        {"d": 1, "K": 1, "r": 0}, {"d": 2, "K": 3, "r": 0}, {"d": 3, "K": 2, "r": 0}, {"d": 4, "K": 1, "r": 0},
        {"d": 2, "K": 2, "r": 1}, {"d": 2, "K": 3, "r": 1}, {"d": 3, "K": 2, "r": 1}, {"d": 4, "K": 2, "r": 1},
        {"d": 4, "K": 1, "r": 1}, {"d": 2, "K": 4, "r": 2}, {"d": 3, "K": 3, "r": 3},
    ),
    derivation="symmetric_factorisation",
)
