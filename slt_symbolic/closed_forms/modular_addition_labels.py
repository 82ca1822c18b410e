"""Exact fits of the labels of modular addition, with the centred loss.

The labels of a pair add up to 1, a constant, which the centred loss does not see. With features s_j^2 that are
independent modulo constants, the output weights of each unit then add up to 0, and the sum of the outputs depends on
K numbers only. Notation as in `modular_addition`.
"""

from __future__ import annotations

import itertools
import random

import numpy as np
from flint import nmod_mat
from sympy import Min, Or

from slt_symbolic.closed_forms.formulas import MULTIPLICITY_ONE, ClosedForm
from slt_symbolic.closed_forms.modular_addition import (
    COMPONENTS,
    MODULUS,
    PAIR_COUNT,
    PAIRS_EXIST,
    UNITS,
    K,
    N,
    kappa,
    p,
)
from slt_symbolic.closed_forms.parameter import Condition, Sizes
from slt_symbolic.closed_forms.sources import THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.evidence import Evidence
from slt_symbolic.networks.data import Pair, PairCounts, TwoHotPairs, path_of_pairs
from slt_symbolic.ranks.jacobian import PRIME
from slt_symbolic.threshold import Bound, Threshold


def _decide(sizes: Sizes) -> Threshold:
    """The theorem in numbers, for pairs that there are."""
    modulus, equations = sizes["p"], PairCounts(sizes["p"], sizes["N"], sizes["components"]).equations
    features = min(sizes["K"], equations)
    rank = (modulus - 1) * equations + features
    value = lambda_of_rank(rank)
    return Threshold.between(
        Bound(value, f"rank {rank} at a fit with {features} independent features that is onto in the {modulus - 1} "
                     "other directions"),
        Bound(value, f"exact fits near such a one have codimension {rank}"), 1, "proved")


def _some_pairs(modulus: int, number: int, components: int) -> tuple[Pair, ...]:
    """A path, and seeded random pairs between its vertices."""
    path = path_of_pairs(modulus, components)
    rows, columns = ({pair[side] for pair in path} for side in (0, 1))
    others = sorted(set(itertools.product(rows, columns)) - set(path))
    return (*path, *random.Random(0).sample(others, number - len(path)))


def _recompute(sizes: Sizes) -> Threshold:
    """The rank of the whole Jacobian modulo a prime at a seeded point whose ``V_j`` add up to 0."""
    modulus, units = sizes["p"], sizes["K"]
    counts = PairCounts(modulus, sizes["N"], sizes["components"])
    matrix = TwoHotPairs(modulus, _some_pairs(modulus, counts.number, counts.components)).matrix()
    rng = np.random.default_rng(0)
    s = rng.integers(PRIME, size=(units, 2 * modulus)) @ matrix.T % PRIME
    v = rng.integers(PRIME, size=(units, modulus))
    v[:, -1] = -v[:, :-1].sum(1) % PRIME
    features, slopes = s**2 % PRIME, s[:, None, :] * matrix.T % PRIME  # half the derivatives of s^2
    features, slopes = ((x[..., :-1] - x[..., -1:]) % PRIME for x in (features, slopes))
    by_v = np.einsum("jn,kc->jknc", features, np.eye(modulus, dtype=np.int64))
    by_w = slopes[..., None] * v[:, None, None, :] % PRIME
    jacobian = np.vstack([x.reshape(-1, counts.equations * modulus) for x in (by_v, by_w)])
    rank, of_features = (int(nmod_mat(*x.shape, x.ravel().tolist(), PRIME).rank()) for x in (jacobian, features))
    bound = (modulus - 1) * counts.equations + of_features
    return Threshold.between(
        Bound(lambda_of_rank(rank), f"rank {rank} modulo {PRIME} where the V_j add up to 0"),
        Bound(lambda_of_rank(bound),
              f"{of_features} features in the direction of the sum, {counts.equations} equations in each other one"),
        1 if rank == bound else None, "certified")


_EQUATIONS = N - 1

MODULAR_ADDITION_LABELS = ClosedForm(
    name="modular-addition-labels",
    title="An exact fit of the labels of modular addition, centred, with independent features",
    parameters=(MODULUS, UNITS, PAIR_COUNT, COMPONENTS),
    sources=(THIS_PROJECT,),
    expr=((p - 1) * _EQUATIONS + Min(K, _EQUATIONS)) / 2,
    multiplicity=MULTIPLICITY_ONE,
    conditions=(
        Condition(Or(p >= 3, K >= 2, N <= 3), "one unit that fits the four pairs at p = 2 is not onto", "K=2"),
        Condition(N >= 2, "the pairs leave no equation", "N >= 2"),
        *PAIRS_EXIST,
        Condition((K >= Min(p, N) - 1) & (K * (3 * p - kappa - 2) >= (p - 1) * _EQUATIONS),
                  "no fit with so few units is onto",
                  "K >= min(p, N) - 1 and K(3p - components - 2) >= (p - 1)(N - 1)"),
    ),
    assumptions=(
        "f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2 fits the labels a + b mod p on N pairs, up to a constant per output",
        "for K < N - 1: the K features (u_j(a) + v_j(b))^2 are independent modulo constants, so each V_j adds up to 0, "
        "and the Jacobian reaches every output that adds up to 0 (every residue is then a label); for K >= N - 1: "
        "the features span all functions modulo constants",
        "there are such fits that generalise: the Fourier solution with silent units beside it, by ranks at p = 5, 7 "
        "and at p = 53, K = 1024, N = 1123",
        "that training ends at one is not said: at p = 53, K = 1024 what memorises has one relation among its features "
        "and full rank, p(N - 1)/2 = 29733 (measured), and what generalises has no clear rank",
        "with independent features pK/2 is a lower bound anyway, and the formula an upper one where fits with such "
        "a Jacobian are arbitrarily near",
    ),
    evidence=Evidence("proved", "centred labels add up to 0; the K sums of output weights are coordinates, and the "
                                "other outputs a submersion", (THIS_PROJECT,)),
    recompute=_recompute,
    decide=_decide,
    audits=({"p": 2, "K": 1, "N": 2, "components": 2}, {"p": 3, "K": 4, "N": 8}, {"p": 3, "K": 8},
            {"p": 3, "K": 2, "N": 4, "components": 2}, {"p": 5, "K": 9, "N": 20}, {"p": 5, "K": 13},
            {"p": 5, "K": 30, "N": 20}, {"p": 5, "K": 7, "N": 11, "components": 3}, {"p": 7, "K": 19, "N": 45}),
    derivation="modular_addition_labels",
)
