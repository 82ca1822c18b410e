"""Quadratic networks at zero truth."""

from fractions import Fraction

import pytest

from slt_symbolic import closed_forms


@pytest.mark.parametrize(("d", "p", "K", "value", "m"), [
    (1, 1, 2, "1/2", 2), (1, 3, 5, "5/4", 1), (1, 2, 9, "1", 1),  # |w|^4 |u|^2 after one blow-up
    (4, 1, 1, "1/2", 1), (6, 3, 1, "3/2", 2),  # |V|^2 |w|^4
    (2, 1, 2, "1", 4), (4, 2, 2, "2", 3), (5, 2, 2, "2", 1), (3, 2, 2, "3/2", 1),  # min(p, d/2)
    (8, 1, 7, "7/2", None), (3, 9, 5, "15/4", None),  # pairs of units on inputs, or on outputs, of their own
])
def test_zero_truth_known_answers(d, p, K, value, m):
    answer = closed_forms["quadratic-zero-truth"].at(d=d, p=p, K=K)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), m, "proved")


def test_zero_truth_is_a_bracket_elsewhere():
    bracket = closed_forms["quadratic-zero-truth"].at(d=2, p=1, K=3)
    assert (bracket.lambda_, bracket.lower, bracket.upper) == (None, 1, Fraction(5, 4))
    assert closed_forms["quadratic-zero-truth"].at(d=2, p=2, K=99).upper == 3  # all equations
    large = closed_forms["quadratic-zero-truth"].at(d=10**17, p=10**16, K=10**18)
    assert large.lower < large.upper
