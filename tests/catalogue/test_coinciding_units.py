"""Two units in one direction."""

from fractions import Fraction

import pytest

from slt_symbolic import closed_forms


@pytest.mark.parametrize(("d", "p", "active", "rank", "cancel", "value", "m"), [
    (4, 3, 2, 2, False, "9/2", 1),  # regular: 3 sums and both directions
    (3, 2, 2, 1, True, "2", 1),  # V, -V along one line: the same direction and V_1 + V_2 = 0
    (1, 4, 2, 1, False, "2", 1), (1, 4, 1, 1, False, "2", 1), (1, 4, 0, 0, False, "2", 1),  # one input: p equations
    (3, 1, 2, 1, False, "2", 1),  # 3 coordinates, then |b|^4 on R^2
    (3, 3, 2, 1, False, "7/2", 2),  # 5 coordinates, then |b|^2 (|x|^2 + |b|^2) on R^2 x R^2: 1 twice
    (2, 5, 2, 1, False, "7/2", 1),  # 6 coordinates, then b^2 (|x|^2 + b^2), where b = 0 is a family
    (3, 1, 1, 1, False, "2", 2),  # 3 coordinates, then v^2 |b|^4 on R^2: 1/2 twice
    (4, 2, 1, 1, False, "7/2", 2),  # 5 coordinates, then |b|^2 (x^2 + v^2 |b|^2) on R^3 x R x R
    (2, 3, 0, 0, False, "2", 1), (4, 3, 0, 0, False, "3", 2),  # |V|^2 |b|^2
])
def test_coinciding_units_known_answers(d, p, active, rank, cancel, value, m):
    answer = closed_forms["quadratic-coinciding-units"].at(d=d, p=p, active=active, rank=rank, cancel=cancel)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), m, "proved")


def test_coinciding_units_of_one_output_have_signs():
    coinciding, signed = closed_forms["quadratic-coinciding-units"], closed_forms["quadratic-single-output"]
    for d in range(1, 7):
        for cancel in (False, True):
            expected = signed.at(d=d, plus=2 - cancel, minus=int(cancel), rank_plus=1 - cancel, rank_minus=0, span=1)
            answer = coinciding.at(d=d, p=1, active=2, rank=1, cancel=cancel)
            assert (answer.lambda_, answer.multiplicity) == (expected.lambda_, expected.multiplicity)
