"""The symmetric factorisation."""

from fractions import Fraction

import pytest

from slt_symbolic import closed_forms


@pytest.mark.parametrize(("d", "K", "r", "value"), [
    (1, 3, 0, "3/4"),  # |w|^4 on R^3
    (3, 1, 1, "3/2"), (4, 4, 4, "5"),  # a smooth fibre: half of d, half of d(d+1)/2
    (2, 2, 1, "5/4"),  # 2(u^2 + v^2) + |y|^4, by hand: 1 + 1/4
    (3, 2, 2, "5/2"),  # smooth: symmetric 3 × 3 matrices of rank 2 have dimension 5
])
def test_symmetric_factorisation_known_answers(d, K, r, value):
    answer = closed_forms["symmetric-factorisation"].at(d=d, K=K, r=r)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), 1, "proved")
