"""The Fourier solution of modular addition under softmax and cross-entropy, with a smoothed truth."""

from __future__ import annotations

import numpy as np
from sympy import Eq, Mod, Piecewise

from slt_symbolic.closed_forms.formulas import MULTIPLICITY_ONE, ClosedForm
from slt_symbolic.closed_forms.fourier import MODULUS, p
from slt_symbolic.closed_forms.parameter import Condition, Sizes
from slt_symbolic.closed_forms.sources import LEVINE_2026, THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.evidence import Evidence
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


def _recompute(sizes: Sizes) -> Threshold:
    modulus = sizes["p"]
    rank, codimension = ranks_modulo_constants(modulus)
    full = rank == modulus**2 * (modulus - 1)
    return Threshold.between(
        Bound(lambda_of_rank(rank), f"rank {rank} modulo {FourierSolution(modulus).prime}"),
        Bound(lambda_of_rank(rank if full else codimension),
              "the Jacobian is onto" if full else f"exact fits of codimension {codimension}"), 1, "certified")


MODULAR_ADDITION_FOURIER_SOFTMAX = ClosedForm(
    name="modular-addition-fourier-softmax",
    title="The Fourier solution of modular addition under cross-entropy, truth softmax(beta [a + b = c])",
    parameters=(MODULUS,),
    sources=(THIS_PROJECT, LEVINE_2026),
    expr=Piecewise((9, Eq(p, 3)), (3 * (p - 1) ** 2 - Piecewise((1, Eq(Mod(p, 3), 0)), (0, True)), True)),
    multiplicity=MULTIPLICITY_ONE,
    conditions=(Condition(Eq(Mod(p, 2), 1), "the Fourier solution is for odd p", "p=5"),),
    assumptions=(
        "logits f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2 on all p^2 pairs, uniform; width 2p - 1",
        "the truth is softmax(beta [a + b = c]) with 0 < beta < infinity: hard labels have no minimum",
        "at the Fourier solution with its outputs times beta; the pair does not depend on beta",
    ),
    evidence=Evidence("proved", "half the rank modulo constants, which is the codimension of the exact fits; for "
                                "p >= 7 by functionals, at p = 3 and 5 by the rank itself", (THIS_PROJECT,)),
    recompute=_recompute,
    audits=({"p": 3}, {"p": 5}, {"p": 7}, {"p": 9}),
    more_audits=lambda: ({"p": 11}, {"p": 13}),
    derivation="modular_addition_softmax",
)
