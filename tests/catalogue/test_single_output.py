"""One output, units of both signs."""

import itertools
from fractions import Fraction

import pytest

from slt_symbolic import closed_forms


@pytest.mark.parametrize(("d", "plus", "minus", "up", "down", "span", "value", "m"), [
    (2, 3, 0, 0, 0, 0, "3/2", 1),  # |w|^4 on R^6
    (1, 1, 1, 0, 0, 0, "1/2", 2), (1, 2, 1, 0, 0, 0, "1/2", 1),  # x^2 - y^2, and x^2 + y^2 - z^2: smooth nearby
    (3, 1, 1, 0, 0, 0, "3/2", 2),  # symmetric products of two vectors of R^3: |x|^2 |y|^2
    (2, 2, 2, 0, 0, 0, "3/2", 2),  # 3 equations, regular at isotropic planes; two lines of the quadric through a point
    (2, 1, 1, 0, 0, 1, "1", 1),  # u^2 - v^2 cancels at u = v: two coordinates, nothing left
    (3, 4, 4, 0, 0, 3, "3", 1),  # full rank: half of 6 equations
    (2, 3, 2, 1, 1, 2, "3/2", 1),  # a nondegenerate truth: half of 3 equations
    (2, 2, 1, 1, 0, 1, "3/2", 2),  # 2 coordinates, then x^2 - y^2
])
def test_single_output_known_answers(d, plus, minus, up, down, span, value, m):
    answer = closed_forms["quadratic-single-output"].at(d=d, plus=plus, minus=minus, rank_plus=up, rank_minus=down,
                                                        span=span)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), m, "proved")


def test_one_sign_is_the_symmetric_factorisation():
    signed, symmetric = closed_forms["quadratic-single-output"], closed_forms["symmetric-factorisation"]
    for d, K in itertools.product(range(1, 6), repeat=2):
        for r in range(min(d, K) + 1):
            positive = signed.formula(signed.check(d=d, plus=K, minus=0, rank_plus=r, rank_minus=0))
            negative = signed.formula(signed.check(d=d, plus=0, minus=K, rank_plus=0, rank_minus=r))
            assert positive == negative == symmetric.formula({"d": d, "K": K, "r": r})
