"""The Fourier solution of modular addition under softmax and cross-entropy, with a smoothed truth."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np
from sympy import Eq, Min, Mod, Piecewise

from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.fourier import MODULUS, ONE_WHERE_DECIDED, UNITS, Padding, m, p, units
from slt_symbolic.closed_forms.parameter import Condition, Sizes
from slt_symbolic.closed_forms.sources import LEVINE_2026, THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.evidence import Evidence
from slt_symbolic.networks.dead_unit_costs import ONE_MONOMIAL, SOFTMAX_F_PURE, Cost, cost_under_softmax
from slt_symbolic.networks.fourier import FourierSolution, third_is_onto
from slt_symbolic.threshold import Bound, Threshold


def ranks_modulo_constants(modulus: int) -> tuple[int, int]:
    """The rank of the Jacobian and the codimension of known fits, constants added to the p outputs of a pair not seen.

    Fits are those of `FourierSolution`, and ``V_j + t_j 1`` for each unit.
    """
    solution = FourierSolution(modulus)
    outputs = solution.jacobian.reshape(solution.parameters, -1, modulus)
    seen = (outputs[:, :, :-1] - outputs[:, :, -1:]) % solution.prime
    constants = np.zeros((2 * modulus - 1, *solution.weights.shape), dtype=np.int64)
    for unit, tangent in enumerate(constants):
        tangent[unit, 2] = 1
    fits = np.concatenate([solution.tangents(centred=False), constants.reshape(len(constants), -1)])
    directions = solution.rank_of(fits) + (2 if modulus % 3 == 0 and modulus > 3 and third_is_onto() else 0)
    rank = solution.rank_of(seen.reshape(solution.parameters, -1))
    return rank, min(solution.parameters - directions, modulus**2 * (modulus - 1))


def _padding(sizes: Sizes, cost: Callable[[int, int], Cost]) -> tuple[int, Padding]:
    """How many dead units there are, and what they may add: V has p - 1 coordinates modulo constants."""
    modulus = sizes["p"]
    left = (modulus - 2) * (modulus - 4) + (1 if modulus % 3 == 0 else 0)
    return sizes["units"] - (2 * modulus - 1), Padding(
        Fraction(modulus - 1, 2), 1 if modulus <= 5 else left, lambda_of_rank(modulus**2 * (modulus - 1)),
        partial(cost, modulus))


def _recompute(sizes: Sizes) -> Threshold:
    modulus = sizes["p"]
    rank, codimension = ranks_modulo_constants(modulus)
    full = rank == modulus**2 * (modulus - 1)
    lower = Bound(lambda_of_rank(rank), f"rank {rank} modulo {FourierSolution(modulus).prime}")
    upper = Bound(lambda_of_rank(rank if full else codimension),
                  "the Jacobian is onto" if full else f"exact fits of codimension {codimension}")
    dead, padding = _padding(sizes, cost_under_softmax)
    return padding.threshold(dead, lower, upper, "certified")


def _decide(sizes: Sizes) -> Threshold:
    """The rank and what one dead unit adds are proved for every p >= 7 (derivations/modular_addition_softmax.py)."""
    modulus = sizes["p"]
    value = Fraction(9) if modulus == 3 else Fraction(3 * (modulus - 1) ** 2 - int(modulus % 3 == 0))
    dead, padding = _padding(sizes, _known_cost)
    ends = Bound(value, f"rank {2 * value}"), Bound(value, f"exact fits of codimension {2 * value}")
    return padding.threshold(dead, *ends, "certified" if modulus == 5 and dead else "proved")


def _known_cost(modulus: int, dead: int) -> Cost:
    if modulus == 3:
        return cost_under_softmax(modulus, dead)
    if modulus == 5:
        return Cost(Fraction(2), None, SOFTMAX_F_PURE)
    return Cost(Fraction(modulus - 1, 2), 1 if dead == 1 else None, ONE_MONOMIAL)


_DEAD = units - 2 * p + 1

MODULAR_ADDITION_FOURIER_SOFTMAX = ClosedForm(
    name="modular-addition-fourier-softmax",
    title="The Fourier solution of modular addition under cross-entropy, with dead units",
    parameters=(MODULUS, UNITS),
    sources=(THIS_PROJECT, LEVINE_2026),
    derived=ONE_WHERE_DECIDED,
    expr=Piecewise((9, Eq(p, 3)), (3 * (p - 1) ** 2 - Piecewise((1, Eq(Mod(p, 3), 0)), (0, True)), True))
    + Piecewise((0, Eq(p, 3)), (2 * Min(_DEAD, 1), Eq(p, 5)), (_DEAD * (p - 1) / 2, True)),
    multiplicity=m,
    conditions=(
        Condition(Eq(Mod(p, 2), 1), "the Fourier solution is for odd p", "p=5"),
        Condition(units >= 2 * p - 1, "the Fourier solution has 2p - 1 units", "units >= 2p - 1"),
    ),
    assumptions=(
        "logits f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2 on all p^2 pairs, uniform; units beyond 2p - 1 are at zero",
        "the truth is softmax(beta [a + b = c]) with 0 < beta < infinity: hard labels have no minimum",
        "at the Fourier solution with its outputs times beta; the pair does not depend on beta",
        "for p >= 7 and two dead units or more the formula is an upper bound, and `at` gives the bracket; m = 1 "
        "without dead units, with one for p >= 7, and at p = 3 with any number; else m is open",
    ),
    evidence=Evidence(
        "proved",
        "half the rank modulo constants, which is the codimension of the exact fits; for p >= 7 by functionals, at p = "
        "3 and 5 by the rank itself; one dead unit by an initial ideal for p >= 7 (with more a bracket), certified by "
        "F-purity at p = 5 for any number (m undecided)", (THIS_PROJECT,)),
    recompute=_recompute,
    decide=_decide,
    audits=({"p": 3}, {"p": 5}, {"p": 7}, {"p": 9}, {"p": 3, "units": 6}, {"p": 7, "units": 14}),
    more_audits=lambda: ({"p": 11}, {"p": 13}),
    derivation="modular_addition_softmax",
)
