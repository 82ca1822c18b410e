"""Singular strata of quadratic networks on inputs that identify quadratic forms.

Notation: d inputs, p outputs, f(x) = sum_j V_j (w_j·x)^2; an atom is V_j (w_j·x)^2 with V_j and w_j not zero.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import And, Eq, Integer, Min, Or, Piecewise, symbols

from slt_symbolic.closed_forms.entry import ClosedForm, Condition, Derived, Evidence, Parameter, Sizes
from slt_symbolic.closed_forms.quadratic import INPUTS, OUTPUTS
from slt_symbolic.closed_forms.sources import THIS_PROJECT
from slt_symbolic.engine import rlct
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at
from slt_symbolic.threshold import Threshold

PLUS = Parameter("plus", "number of units with V_j > 0", minimum=0)
MINUS = Parameter("minus", "number of units with V_j < 0", minimum=0)
RANK_PLUS = Parameter("rank_plus", "number of positive eigenvalues of the truth", minimum=0)
RANK_MINUS = Parameter("rank_minus", "number of negative eigenvalues of the truth", minimum=0, default=Integer(0))
SPAN = Parameter("span", "dimension of the span of the w_j", minimum=0, default=RANK_PLUS.symbol + RANK_MINUS.symbol)
ACTIVE = Parameter("active", "how many of the two V_j are not zero", minimum=0)
OUTPUT_RANK = Parameter("rank", "dimension of the span of V_1 and V_2", minimum=0)
CANCEL = Parameter("cancel", "V_1 + V_2 = 0 though they are not zero", is_flag=True, default=Integer(0))
d, p, plus, minus, rank_plus, rank_minus, rho, active, rank, cancel = (parameter.symbol for parameter in (
    INPUTS, OUTPUTS, PLUS, MINUS, RANK_PLUS, RANK_MINUS, SPAN, ACTIVE, OUTPUT_RANK, CANCEL))


def _by_the_engine(w: Sequence[Sequence[int]], v: Sequence[Sequence[int]]) -> Threshold:
    """What the engine certifies at these weights; the truth is this very network."""
    found = rlct(germ_at(QuadraticNetwork(QuadraticForms(len(w[0])), len(v[0]), len(w)), w, v))
    reason = "certificate of the engine"
    return Threshold(found.lower, found.upper, found.multiplicity, reason, reason)


def _unit_vector(index: int, length: int) -> list[int]:
    return [int(position == index) for position in range(length)]


def _recompute_single_output(sizes: Sizes) -> Threshold:
    """At w_j = e_j for units of the truth, w_j = w_k = e_i for pairs of opposite sign that cancel, and 0 elsewhere."""
    size, rank = sizes["d"], sizes["rank_plus"] + sizes["rank_minus"]
    cancelling = list(range(rank, sizes["span"]))
    used = {1: [*range(sizes["rank_plus"]), *cancelling], -1: [*range(sizes["rank_plus"], rank), *cancelling]}
    signs = [1] * sizes["plus"] + [-1] * sizes["minus"]
    w = []
    for sign in signs:
        w.append(_unit_vector(used[sign].pop(0), size) if used[sign] else [0] * size)
    return _by_the_engine(w, [[sign] for sign in signs])


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
    recompute=_recompute_single_output,
    audits=tuple(dict(zip(("d", "plus", "minus", "rank_plus", "rank_minus", "span"), sizes, strict=True)) for sizes in (
        (1, 1, 0, 0, 0, 0), (1, 1, 1, 0, 0, 0), (1, 2, 1, 0, 0, 0), (1, 1, 3, 0, 0, 0), (2, 3, 0, 0, 0, 0),
        (2, 1, 1, 0, 0, 0), (3, 1, 1, 0, 0, 0), (2, 1, 1, 0, 0, 1), (2, 2, 1, 0, 0, 1), (2, 2, 2, 0, 0, 2),
        (2, 0, 1, 0, 1, 1), (2, 2, 1, 0, 1, 1), (2, 2, 1, 1, 0, 1), (3, 1, 2, 0, 1, 1), (3, 2, 0, 2, 0, 2),
        (3, 2, 1, 1, 1, 2), (2, 2, 2, 1, 0, 1), (3, 0, 3, 0, 3, 3), (3, 1, 2, 0, 1, 2),
    )),
    derivation="single_output",
)


def _recompute_coinciding_units(sizes: Sizes) -> Threshold:
    """At w_1 = w_2 = e_1, and V_1, V_2 of the wanted kind."""
    first = [_unit_vector(0, sizes["p"])] if sizes["active"] else [[0] * sizes["p"]]
    if sizes["active"] < 2:
        second = [0] * sizes["p"]
    elif sizes["rank"] == 2:
        second = _unit_vector(1, sizes["p"])
    else:
        second = [-x if sizes["cancel"] else 2 * x for x in first[0]]
    return _by_the_engine([_unit_vector(0, sizes["d"])] * 2, [*first, second])


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
    recompute=_recompute_coinciding_units,
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
