"""Two units of a quadratic network in one direction.

Notation: d inputs, p outputs, f(x) = V_1 (w_1·x)^2 + V_2 (w_2·x)^2.
"""

from __future__ import annotations

from sympy import And, Eq, Integer, Min, Or, Piecewise

from slt_symbolic.closed_forms.at_weights import threshold_at, unit_vector
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Condition, Parameter, Sizes
from slt_symbolic.closed_forms.quadratic import INPUTS, OUTPUTS
from slt_symbolic.closed_forms.sources import THIS_PROJECT
from slt_symbolic.evidence import Evidence
from slt_symbolic.threshold import Threshold

ACTIVE = Parameter("active", "how many of the two V_j are not zero", minimum=0)
OUTPUT_RANK = Parameter("rank", "dimension of the span of V_1 and V_2", minimum=0)
CANCEL = Parameter("cancel", "V_1 + V_2 = 0 though they are not zero", is_flag=True, default=Integer(0))
d, p, active, rank, cancel = (parameter.symbol for parameter in (INPUTS, OUTPUTS, ACTIVE, OUTPUT_RANK, CANCEL))


def _recompute(sizes: Sizes) -> Threshold:
    """What the engine certifies at w_1 = w_2 = e_1, V_1 and V_2 of the wanted kind."""
    first = [unit_vector(0, sizes["p"])] if sizes["active"] else [[0] * sizes["p"]]
    if sizes["active"] < 2:
        second = [0] * sizes["p"]
    elif sizes["rank"] == 2:
        second = unit_vector(1, sizes["p"])
    else:
        second = [-x if sizes["cancel"] else 2 * x for x in first[0]]
    return threshold_at([unit_vector(0, sizes["d"])] * 2, [*first, second])


QUADRATIC_COINCIDING_UNITS = ClosedForm(
    name="quadratic-coinciding-units",
    title="Two units with the same direction w_1 = w_2",
    parameters=(INPUTS, OUTPUTS, ACTIVE, OUTPUT_RANK, CANCEL),
    sources=(THIS_PROJECT,),
    expr=p / 2 + Piecewise(
        (Min(p, d - 1) / 2, Eq(active, 0)),
        ((d - 1) / 2 + Min(p / 2, (d + p - 2) / 4, (d - 1) / 2), Eq(active, 1)),
        (d - 1, Eq(rank, 2)),
        ((d - 1) / 2, Eq(cancel, 1)),
        ((d - 1) / 2 + Min((d - 1) / 2, (d + p - 2) / 4), True),
    ),
    multiplicity=Piecewise(
        (2, Or(And(Eq(active, 0), Eq(d, p + 1)), And(Eq(active, 1), Eq(d, p + 2)),
               And(Or(Eq(active, 1), And(Eq(active, 2), Eq(rank, 1), Eq(cancel, 0))), Eq(d, p), d >= 2))),
        (1, True),
    ),
    conditions=(
        Condition(active <= 2, "there are two units", "active <= 2"),
        Condition(And(Min(active, 1) <= rank, rank <= active, rank <= p), "no such V_1 and V_2 have this rank",
                  "rank = min(active, 1), or rank = 2 for two independent V_j (p >= 2)"),
        Condition(Or(Eq(cancel, 0), And(Eq(active, 2), Eq(rank, 1))), "such V_1 and V_2 do not cancel",
                  "active=2 rank=1"),
    ),
    assumptions=(
        "f(x) = V_1 (w_1·x)^2 + V_2 (w_2·x)^2 with x in R^d, V_j in R^p, at w_1 parallel to w_2, both nonzero; scaling "
        "w_j against V_j makes them equal",
        "the inputs identify quadratic forms; the truth is this very network, so it is zero if active = 0 or cancel",
    ),
    evidence=Evidence("proved", "coordinates to eliminate, then a product of two ideals", (THIS_PROJECT,)),
    recompute=_recompute,
    audits=(
        *({"d": d_, "p": p_, "active": 0, "rank": 0} for d_, p_ in ((1, 1), (2, 1), (3, 1), (3, 2), (2, 2))),
        *({"d": d_, "p": p_, "active": 1, "rank": 1}
          for d_, p_ in ((1, 1), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (4, 1), (5, 1))),
        *({"d": d_, "p": p_, "active": 2, "rank": 2} for d_, p_ in ((1, 2), (2, 2), (3, 2), (2, 3))),
        *({"d": d_, "p": p_, "active": 2, "rank": 1, "cancel": True} for d_, p_ in ((1, 1), (2, 1), (2, 2), (3, 3))),
        *({"d": d_, "p": p_, "active": 2, "rank": 1}
          for d_, p_ in ((1, 1), (1, 2), (2, 1), (3, 1), (2, 2), (2, 3), (3, 2), (4, 2))),
    ),
    derivation="coinciding_units",
)
