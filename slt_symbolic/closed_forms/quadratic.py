"""Quadratic networks on inputs that identify quadratic forms, and the two linear regimes.

Notation: d inputs, p outputs, K units, q = d(d+1)/2 quadratic monomials.
"""

from __future__ import annotations

import math

import numpy as np
import sympy
from flint import fmpz_mat
from sympy import And, Eq, Min, Piecewise

from slt_symbolic.check.algebra.ring import terms
from slt_symbolic.closed_forms.formulas import MULTIPLICITY_ONE, ClosedForm
from slt_symbolic.closed_forms.parameter import Parameter, Sizes
from slt_symbolic.closed_forms.sources import (
    ABO_BRAMBILLA_2009,
    ABO_BRAMBILLA_2013,
    CULLEN_2026,
    DOLEZALEK_KEN_2025,
    LIN_2011,
    THIS_PROJECT,
    WATANABE_2009,
)
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.evidence import Evidence, Grade
from slt_symbolic.networks.data import QuadraticForms, TwoHotPairs
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at
from slt_symbolic.ranks.jacobian import (
    LOOKUP_BUDGET,
    MULTIPLICITY,
    certified_bounds,
    certified_threshold,
    proved_bounds,
)
from slt_symbolic.search.proofs.newton import monomial_threshold
from slt_symbolic.threshold import Bound, Threshold

INPUTS = Parameter("d", "dimension of the input")
OUTPUTS = Parameter("p", "number of outputs")
UNITS = Parameter("K", "number of units")
RANK = Parameter("r", "rank of the Fisher information matrix", minimum=0)
FEATURE_SPAN = Parameter("l", "dimension of the span of the random features")
d, p, K, r, l = (parameter.symbol for parameter in (INPUTS, OUTPUTS, UNITS, RANK, FEATURE_SPAN))  # noqa: E741


def _generic_rank() -> sympy.Expr:
    q = d * (d + 1) / 2
    single = Min(K, d)
    several = Min(K, p, q)
    defect = (Piecewise((1, And(Eq(p, 3), d >= 4, Eq(2 * K, 3 * d - 2))), (0, True))
              + Piecewise((1, And(Eq(p, 5), Eq(d, 4), Eq(K, 6))), (0, True)))
    return Piecewise(
        (single * d - single * (single - 1) / 2, Eq(p, 1)),
        (Min(K * (p + d - 1), several * (p + q - several)) - defect, True),
    )


def _network(sizes: Sizes) -> QuadraticNetwork[QuadraticForms]:
    return QuadraticNetwork(QuadraticForms(sizes["d"]), sizes["p"], sizes["K"])


def generic_bounds(sizes: Sizes) -> tuple[Grade, Bound, Bound]:
    """What bounds ``quadratic-generic`` from both sides, and whether the formula is proved, certified or cited."""
    lower, upper = proved_bounds(_network(sizes))
    if lower.value == upper.value:
        return "proved", lower, upper
    lower, upper = certified_bounds(_network(sizes), budget=LOOKUP_BUDGET)
    return ("certified" if lower.value == upper.value else "cited"), lower, upper


def _decide_generic(sizes: Sizes) -> Threshold:
    grade, lower, upper = generic_bounds(sizes)
    return Threshold.between(lower, upper, MULTIPLICITY, grade)


QUADRATIC_GENERIC = ClosedForm(
    name="quadratic-generic",
    title="A generic quadratic network on inputs that identify quadratic forms",
    parameters=(INPUTS, OUTPUTS, UNITS),
    sources=(THIS_PROJECT, ABO_BRAMBILLA_2009, ABO_BRAMBILLA_2013, DOLEZALEK_KEN_2025),
    expr=_generic_rank() / 2,
    multiplicity=MULTIPLICITY_ONE,
    assumptions=(
        "f(x) = sum_j V_j (w_j·x)^2 with x in R^d, V_j in R^p, j = 1..K",
        "the inputs identify quadratic forms (Gaussian, or d(d+1)/2 inputs in general position)",
        "the truth is a generic network of the same width",
    ),
    evidence=Evidence(
        "certified",
        "proved for p = 1, K <= d, K <= p, and for K >= p with K + d - 1 >= d(d+1)/2; certified for all p and K at "
        "d <= 7 (derivation), elsewhere at the sizes where `at` finishes a rank computation; else cited: that the list "
        "of defective cases is complete is conjectural",
        (THIS_PROJECT, ABO_BRAMBILLA_2009, ABO_BRAMBILLA_2013, DOLEZALEK_KEN_2025),
    ),
    recompute=lambda sizes: certified_threshold(_network(sizes)),
    decide=_decide_generic,
    audits=(
        {"d": 4, "p": 3, "K": 2}, {"d": 4, "p": 3, "K": 4}, {"d": 4, "p": 3, "K": 5}, {"d": 4, "p": 3, "K": 6},
        {"d": 6, "p": 3, "K": 8}, {"d": 2, "p": 3, "K": 2}, {"d": 3, "p": 3, "K": 4}, {"d": 4, "p": 5, "K": 6},
        {"d": 4, "p": 5, "K": 5}, {"d": 4, "p": 6, "K": 6}, {"d": 5, "p": 5, "K": 6}, {"d": 4, "p": 5, "K": 7},
        {"d": 3, "p": 8, "K": 5}, {"d": 4, "p": 2, "K": 5}, {"d": 8, "p": 3, "K": 11}, {"d": 3, "p": 4, "K": 6},
        {"d": 3, "p": 1, "K": 1}, {"d": 3, "p": 1, "K": 2}, {"d": 3, "p": 1, "K": 4}, {"d": 1, "p": 2, "K": 3},
        {"d": 4, "p": 4, "K": 5}, {"d": 4, "p": 2, "K": 6}, {"d": 5, "p": 3, "K": 6}, {"d": 6, "p": 5, "K": 6},
    ),
    derivation="quadratic_generic",
)


def _linear(rank: int) -> Threshold:
    value = lambda_of_rank(rank)
    return Threshold.between(Bound(value, f"rank {rank} over Q"), Bound(value, "the generators are linear"), 1,
                             "certified")


def _recompute_lazy(sizes: Sizes) -> Threshold:
    """Features of seeded integer weights on ``l`` two-hot pairs: their span is all functions on the pairs."""
    side = math.isqrt(sizes["l"] - 1) + 1
    pairs = tuple((a, b) for a in range(side) for b in range(side))[: sizes["l"]]
    weights = np.random.default_rng(0).integers(1, 1000, size=(sizes["K"], 2 * side))
    features = (weights @ TwoHotPairs(side, pairs, centred=False).matrix().T) ** 2
    rank = sizes["p"] * int(fmpz_mat(features.tolist()).rank())
    return _linear(rank)


QUADRATIC_LAZY = ClosedForm(
    name="quadratic-lazy",
    title="The lazy regime: W frozen at random, V trained without a ridge",
    parameters=(OUTPUTS, UNITS, FEATURE_SPAN),
    sources=(CULLEN_2026,),
    expr=p * Min(l, K) / 2,
    multiplicity=MULTIPLICITY_ONE,
    assumptions=(
        "f(x) = sum_j V_j phi_j(x), the K features phi_j frozen, generic in a space of dimension l",
        "on two-hot inputs l is the number N of training pairs, N - 1 if centred: squares span all functions on them",
    ),
    evidence=Evidence("proved", "the model is linear: lambda = rank/2", (CULLEN_2026, THIS_PROJECT)),
    recompute=_recompute_lazy,
    audits=({"p": 3, "K": 2, "l": 5}, {"p": 3, "K": 7, "l": 4}, {"p": 2, "K": 6, "l": 6}, {"p": 5, "K": 1, "l": 9},
            {"p": 3, "K": 7, "l": 8}),
    derivation="linear_models",
)


def _recompute_ntk(sizes: Sizes) -> Threshold:
    """The linearised network at one unit of ``r`` inputs: its Fisher matrix has rank ``r``."""
    network = QuadraticNetwork(QuadraticForms(max(sizes["r"], 1)), outputs=1, units=1)
    weights = [[index + 1 if sizes["r"] else 0 for index in range(network.inputs.width)]]
    germ = germ_at(network, weights, [[1 if sizes["r"] else 0]])
    rank = germ.jacobian_rank()
    return _linear(rank)


QUADRATIC_NTK = ClosedForm(
    name="quadratic-ntk",
    title="The linearised (NTK) model",
    parameters=(RANK,),
    sources=(CULLEN_2026,),
    expr=r / 2,
    multiplicity=MULTIPLICITY_ONE,
    assumptions=("f(x; w) = f(x; w_0) + J(x)(w - w_0), realisable; r is the rank of the Fisher matrix E[J^T J]",),
    evidence=Evidence("proved", "the model is linear: lambda = rank/2", (CULLEN_2026, THIS_PROJECT)),
    recompute=_recompute_ntk,
    audits=({"r": 0}, {"r": 1}, {"r": 2}, {"r": 5}),
    derivation="linear_models",
)


def _recompute_dead_unit(sizes: Sizes) -> Threshold:
    network = QuadraticNetwork(QuadraticForms(sizes["d"]), sizes["p"], units=1)
    germ = germ_at(network, [[0] * sizes["d"]], [[0] * sizes["p"]]).row_reduced()
    if any(len(g) > 1 for g in germ.generators):
        raise ValueError("the row-reduced germ of a dead unit is monomial")
    value, multiplicity = monomial_threshold([exponent for g in germ.generators for exponent in terms(g)])
    side = Bound(value, "Howald's theorem for the monomials v_c w_a w_b, exact linear program")
    return Threshold.between(side, side, multiplicity, "certified")


QUADRATIC_DEAD_UNIT = ClosedForm(
    name="quadratic-dead-unit",
    title="One unit at zero, zero truth",
    parameters=(INPUTS, OUTPUTS),
    sources=(WATANABE_2009, LIN_2011),
    expr=Min(p / 2, d / 4),
    multiplicity=Piecewise((2, Eq(2 * p, d)), (1, True)),
    assumptions=(
        "f(x) = V (w·x)^2 at V = 0, w = 0, with truth zero: K is comparable to |V|^2 |w|^4",
        "the inputs identify quadratic forms",
    ),
    evidence=Evidence("proved", "product of |V|^2 and |w|^4 in separate variables", (THIS_PROJECT, LIN_2011)),
    recompute=_recompute_dead_unit,
    audits=({"d": 1, "p": 1}, {"d": 2, "p": 1}, {"d": 3, "p": 1}, {"d": 4, "p": 1}, {"d": 3, "p": 2},
            {"d": 4, "p": 2}, {"d": 5, "p": 2}, {"d": 4, "p": 3}, {"d": 4, "p": 5}),
    derivation="quadratic_dead_unit",
)
