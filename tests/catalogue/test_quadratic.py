"""Generic quadratic networks against the golden tables."""

from fractions import Fraction

import pytest

from slt_symbolic import closed_forms
from tests.oracles import read_table


@pytest.mark.parametrize("table", [
    pytest.param("quadratic_generic.txt", marks=pytest.mark.long), "quadratic_defective.txt"])
def test_quadratic_generic_against_the_golden_tables(table):
    entry = closed_forms["quadratic-generic"]
    for p, d, units, rank in read_table(table):
        answer = entry.at(d=d, p=p, K=units)
        assert (answer.lambda_, answer.multiplicity) == (Fraction(rank, 2), 1), (p, d, units)
        assert answer.evidence.grade in ("proved", "certified")


def test_large_sizes_are_cited_inside_a_proved_bracket():
    answer = closed_forms["quadratic-generic"].at(d=40, p=30, K=400)
    assert answer.evidence.grade == "cited"
    assert answer.lower < answer.lambda_ == answer.upper
