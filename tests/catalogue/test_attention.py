"""One-head attention at a zero-padded teacher, and the germ of its loss."""

from fractions import Fraction

import pytest

from slt_symbolic import closed_forms, rlct
from slt_symbolic.closed_forms.attention import teacher
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.attention import OneHeadAttention, germ_at, linear_rank


@pytest.mark.parametrize(("v", "e", "e0", "value", "m"), [
    # One more dimension: e0 (v-1) + v/2, worked out by hand; e0 >= v: all 2v(v-1) equations are independent.
    (2, 2, 1, "2", 2), (3, 2, 1, "7/2", 1), (5, 4, 3, "29/2", 1), (3, 3, 2, "11/2", 1), (3, 5, 4, "6", 1),
    # The last token only is left (e0 = v - 1): min(f, v - 1)/2 more than e0 (2v - 1)/2.
    (2, 3, 1, "2", 1), (3, 4, 2, "6", 2), (3, 9, 2, "6", 1),
    # No padding: as many as parameters less symmetries, e0 (2v - 1)/2.
    (4, 2, 2, "7", 1),
    # The uniform truth is reduced rank regression (v, v - 1, e, 0): Aoyagi and Watanabe.
    (3, 2, 0, "2", 2), (2, 1, 0, "1/2", 1), (4, 4, 2, "9", 1),
    # f > e0: the engine at (3, 3, 1); slopes of volumes, sampled by singular values, at the next four: 2.5 + 3.25, ...
    (3, 3, 1, "9/2", 3), (3, 6, 1, "23/4", 1), (3, 4, 1, "5", 1), (5, 4, 1, "41/4", 1), (4, 4, 1, "31/4", 1),
    # By a linear program over orders of singular values, another program: twice what is left is 21, 6, 27 and 69.
    (5, 7, 1, "15", 7), (4, 5, 2, "10", 2), (6, 7, 1, "19", 4), (8, 13, 1, "42", 13),
    # So many dimensions that everything is reached: v (v - 1).
    (3, 40, 1, "6", 1), (4, 60, 2, "12", 1),
])
def test_one_head_attention(v, e, e0, value, m):
    answer = closed_forms["one-head-attention"].at(v=v, e=e, e0=e0)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), m)


def test_the_engine_agrees_without_any_reduction():
    found = rlct(germ_at(OneHeadAttention(2, 2), [[1, 0], [-3, 0]], [[2, 0], [0, 0]], [[1, 4], [0, 0]]))
    assert (found.lambda_, found.multiplicity) == (2, 2)


def test_the_linear_part_and_a_teacher_that_hides_its_scores():
    assert linear_rank(germ_at(OneHeadAttention(4, 3), *teacher(4, 3, 2))) == 2 * 7
    with pytest.raises(InvalidInput, match="same logits"):
        germ_at(OneHeadAttention(2, 1), [[1], [1]], [[1]], [[1, 0]])
