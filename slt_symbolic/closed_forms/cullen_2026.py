"""The published claims of Cullen, Estan-Ruiz, Danait, Li (arXiv:2603.01192), each with a computed verdict.

``records`` hold the verdicts found so far (the claim minus the truth at concrete sizes); `slt verify`
computes the truth anew and compares.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Min

from slt_symbolic.closed_forms.claims import Claim, RecordedVerdict
from slt_symbolic.closed_forms.modular_addition import MODULAR_ADDITION_GENERIC, MODULUS
from slt_symbolic.closed_forms.parameter import Condition, Sizes
from slt_symbolic.closed_forms.quadratic import (
    FEATURE_SPAN,
    INPUTS,
    OUTPUTS,
    QUADRATIC_GENERIC,
    QUADRATIC_LAZY,
    QUADRATIC_NTK,
    RANK,
    UNITS,
    K,
    d,
    l,
    r,
)
from slt_symbolic.closed_forms.sources import CULLEN_2026

p = OUTPUTS.symbol


def _formula_record(excess: str, is_claimed: bool = True, **sizes: int) -> RecordedVerdict:
    """A claimed formula that is ``excess`` too large."""
    return RecordedVerdict(sizes, -Fraction(excess), Fraction(excess), is_claimed)


def _is_not_defective(sizes: Sizes, exact: Fraction) -> bool:
    """Whether the secant variety has the dimension that counting parameters gives: half of it is lambda."""
    inputs, outputs = sizes["d"], sizes["p"]
    return bool(2 * exact == min(sizes["K"] * (inputs + outputs - 1), outputs * inputs * (inputs + 1) // 2))


_COROLLARY_4_2 = Min(K * (d + p - 1), p * d * (d + 1) / 2) / 2

COROLLARY_4_2 = Claim(
    name="cullen-2026-cor-4.2",
    title="Corollary 4.2: the feature-learning regime at a generic solution, non-defective case",
    parameters=(INPUTS, OUTPUTS, UNITS),
    sources=(CULLEN_2026,),
    lower_expr=_COROLLARY_4_2,
    upper_expr=_COROLLARY_4_2,
    statement="lambda = min(K(d+p-1), p d(d+1)/2) / 2 where the secant variety is not defective",
    hypothesis="the truth is a generic network of width K, the inputs identify quadratic forms, and the K-th secant "
               "variety is not defective: it has the dimension that counting parameters gives",
    reason="holds where its hypothesis does; at defective sizes, outside it, it is too large: p = 1 and 1 < K < d, "
           "wide outputs (d(d-1)/2 + 1 < K < min(p, d(d+1)/2)), p = 3 and K = (3d-2)/2 for even d >= 4, (p, d, K) = "
           "(5, 4, 6); with the number of distinct nonzero atoms for K it is a lower bound only",
    is_claimed=_is_not_defective,
    truth=lambda sizes: QUADRATIC_GENERIC.at(**sizes),
    recompute=QUADRATIC_GENERIC.recompute,
    records=(
        _formula_record("0", d=4, p=3, K=2), _formula_record("0", d=4, p=3, K=6), _formula_record("0", d=3, p=2, K=4),
        _formula_record("1/2", False, d=4, p=3, K=5), _formula_record("1/2", False, d=4, p=5, K=6),
        _formula_record("1/2", False, d=3, p=1, K=2), _formula_record("3/2", False, d=3, p=8, K=5),
    ),
    derivation="cullen_2026",
)

THEOREM_5_1 = Claim(
    name="cullen-2026-thm-5.1",
    title="Theorem 5.1: the linearised (NTK) regime",
    parameters=(RANK,),
    sources=(CULLEN_2026,),
    lower_expr=r / 2,
    upper_expr=r / 2,
    statement="lambda = r/2, r the rank of the Fisher matrix",
    hypothesis="the network is replaced by its linearisation at the initial weights, which can realise the truth",
    reason="holds: the model is linear",
    truth=lambda sizes: QUADRATIC_NTK.at(**sizes),
    recompute=QUADRATIC_NTK.recompute,
    records=(_formula_record("0", r=1), _formula_record("0", r=4)),
    derivation="cullen_2026",
)

THEOREM_5_2 = Claim(
    name="cullen-2026-thm-5.2",
    title="Theorem 5.2: the lazy regime",
    parameters=(OUTPUTS, UNITS, FEATURE_SPAN),
    sources=(CULLEN_2026,),
    lower_expr=p * Min(l, K) / 2,
    upper_expr=p * Min(l, K) / 2,
    statement="lambda = p min(l, K) / 2, l the dimension of the span of the random features",
    hypothesis="W is frozen at generic values, V is trained without a ridge and can realise the truth",
    reason="holds: the model is linear",
    truth=lambda sizes: QUADRATIC_LAZY.at(**sizes),
    recompute=QUADRATIC_LAZY.recompute,
    records=(_formula_record("0", p=3, K=2, l=5), _formula_record("0", p=3, K=7, l=4),
             _formula_record("0", p=3, K=7, l=8)),
    derivation="cullen_2026",
)


def _lazy_on_all_pairs(sizes: Sizes) -> dict[str, int]:
    """The lazy regime on all pairs, centred: the features span ``p^2 - 1`` dimensions."""
    return {"p": sizes["p"], "K": sizes["K"], "l": sizes["p"] ** 2 - 1}


COROLLARY_5_3 = Claim(
    name="cullen-2026-cor-5.3",
    title="Corollary 5.3: the lazy regime on modular addition",
    parameters=(MODULUS, UNITS),
    sources=(CULLEN_2026,),
    conditions=(Condition((K > 2 * MODULUS.symbol - 1) & (K < MODULUS.symbol**2),
                          "the claim is made for 2p-1 < K < p^2", "a K between"),),
    lower_expr=MODULUS.symbol * (2 * MODULUS.symbol - 1) / 2,
    upper_expr=MODULUS.symbol * K / 2,
    statement="p(2p-1)/2 <= lambda <= pK/2 for 2p-1 < K << p^2",
    hypothesis="as Theorem 5.2, on two-hot inputs, with more than 2p-1 and far fewer than p^2 units",
    reason="holds, and is an equality: the squares span all functions on the pairs, so the upper end is attained "
           "(p min(N-1, K)/2 on N pairs, centred)",
    truth=lambda sizes: QUADRATIC_LAZY.at(**_lazy_on_all_pairs(sizes)),
    recompute=lambda sizes: QUADRATIC_LAZY.recompute(_lazy_on_all_pairs(sizes)),
    records=(
        RecordedVerdict({"p": 3, "K": 7}, Fraction(3), Fraction(0)),
        RecordedVerdict({"p": 5, "K": 12}, Fraction(15, 2), Fraction(0)),
    ),
    derivation="cullen_2026",
)

_COROLLARY_5_4 = K * (3 * MODULUS.symbol - 1) / 2

COROLLARY_5_4 = Claim(
    name="cullen-2026-cor-5.4",
    title="Corollary 5.4: the feature-learning regime on modular addition",
    parameters=(MODULUS, UNITS),
    sources=(CULLEN_2026,),
    lower_expr=_COROLLARY_5_4,
    upper_expr=_COROLLARY_5_4,
    statement="lambda = K(3p-1)/2 on the two-hot inputs, d = 2p",
    hypothesis="W and V are trained on modular addition, d = 2p, and the solution is generic; Corollary 4.2, from "
               "which it is drawn, asks for inputs that identify quadratic forms, and two-hot inputs do not",
    reason="fails at every width on all p^2 pairs: two-hot inputs have one more symmetry per unit, (u + t, v - t), so "
           "the claim is at least K/2 too large; beyond K(3p-2) = p(p^2-1) it grows past the number of equations, and "
           "on a training set past p(N-1): at the published size (p = 53, K = 1024, N = 1123) it claims 80896 where "
           "lambda <= 29733 (29684 at a fit of the labels as in modular-addition-labels)",
    truth=lambda sizes: MODULAR_ADDITION_GENERIC.at(**sizes),
    recompute=lambda sizes: MODULAR_ADDITION_GENERIC.recompute(MODULAR_ADDITION_GENERIC.check(**sizes)),
    records=(
        _formula_record("1/2", p=3, K=1), _formula_record("1", p=5, K=2), _formula_record("9/2", p=5, K=9),
        _formula_record("10", p=5, K=10), _formula_record("80", p=5, K=20), _formula_record("17/2", p=7, K=17),
    ),
    derivation="cullen_2026",
)

