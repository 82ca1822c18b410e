"""The one carrier of an answer: what is derived from its ends, how it is printed, and who has one."""

from dataclasses import replace
from fractions import Fraction

import pytest
from latex2mathml.converter import convert

from slt_symbolic import rlct
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.evidence import Evidence
from slt_symbolic.free_energy import basin_of_entry
from slt_symbolic.threshold import Bound, Threshold

PROVED = Evidence("proved", "by hand")


def threshold(lower, upper, m=None, cited=None):
    cited = None if cited is None else Fraction(cited)
    return Threshold(Fraction(lower), Fraction(upper), m, PROVED, cited)


@pytest.mark.parametrize(("known", "value", "status", "ends", "text", "label"), [
    (threshold("29/2", "29/2", 1), Fraction(29, 2), "exact", (Fraction(29, 2),) * 2, "lambda = 29/2, m = 1", "29/2"),
    (threshold(2, 2, 3), 2, "exact", (2, 2), "lambda = 2, m = 3", "2, m = 3"),
    (threshold(2, 2), 2, "exact", (2, 2), "lambda = 2", "2, m undecided"),
    (threshold("1/3", 2), None, "bounds", (Fraction(1, 3), 2), "1/3 <= lambda <= 2", "1/3 .. 2, m undecided"),
    (threshold(70, 76, 1), None, "bounds", (70, 76), "70 <= lambda <= 76, m = 1", "70 .. 76"),
    (threshold(1, 3, 1, cited="5/2"), Fraction(5, 2), "bounds", (Fraction(5, 2),) * 2,
     "lambda = 5/2  (cited; proved: 1 <= lambda <= 3), m = 1", "5/2"),
])
def test_what_is_derived_and_printed(known, value, status, ends, text, label):
    assert (known.lambda_, known.status, known.ends) == (value, status, ends)
    assert (str(known), repr(known), known.label) == (text, f"{text} (proved)", label)


@pytest.mark.parametrize("wrong", [
    {"lower": 2, "upper": 1}, {"lower": 1, "upper": 2, "cited": 3}, {"lower": 1, "upper": 2, "cited": "1/2"}])
def test_ends_in_the_wrong_order_are_refused(wrong):
    with pytest.raises(ValueError, match=r"bound is wrong|cited="):
        threshold(**wrong)


def test_reasons_of_both_sides_are_joined():
    found = Threshold.between(Bound(Fraction(1), "rank 2"), Bound(Fraction(3, 2), "3 parameters"), None, "certified")
    assert found.evidence == Evidence("certified", "lambda >= 1: rank 2; lambda <= 3/2: 3 parameters")
    assert found.with_evidence(grade="cited").evidence.how == found.evidence.how


def test_a_certificate_is_no_part_of_what_is_known():
    bare = threshold(1, 2)
    assert replace(bare, certificate={"tree": []}) == bare
    assert hash(replace(bare, certificate={"tree": []})) == hash(bare)
    assert bare != replace(bare, multiplicity=1)


@pytest.mark.parametrize("known", [
    threshold("29/2", "29/2", 1), threshold("1/3", 2), threshold(1, 3, 1, cited="5/2")], ids=str)
def test_latex_is_mathematics(known):
    assert "merror" not in convert(known.latex)
    assert "lambda" not in known.latex.replace(r"\lambda", "")


@pytest.mark.parametrize("ask", [
    lambda: closed_forms["quadratic-generic"].at(d=4, p=3, K=5),
    lambda: closed_forms["quadratic-generic"].at(d=30, p=20, K=150),
    lambda: closed_forms["modular-addition-generic"].at(p=7, K=8, N=23),
    lambda: closed_forms["cullen-2026-cor-5.4"].at(p=5, K=3),
    lambda: basin_of_entry(closed_forms["modular-addition-fourier"].at(p=5, units=10), Fraction(1, 3)),
    lambda: rlct("x^2 - y^3"), lambda: rlct(["x*y", "x^3"], timeout=5),
])
def test_who_has_a_threshold_says_the_same_by_delegation(ask):
    holder = ask()
    for name in ("lambda_", "lower", "upper", "multiplicity", "evidence", "certificate"):
        assert getattr(holder, name) == getattr(holder.threshold, name)


def test_a_cited_value_stands_inside_what_is_proved():
    answer = closed_forms["quadratic-generic"].at(d=30, p=20, K=150)
    assert (answer.lower, answer.lambda_, answer.upper, answer.evidence.grade) == (1790, 3675, 3675, "cited")
    assert answer.threshold.status == "bounds"
    assert answer.to_json()["lambda"] == "3675"
    claimed = closed_forms["cullen-2026-cor-4.2"].at(d=30, p=20, K=150)
    assert (claimed.lambda_, claimed.lower, claimed.upper) == (answer.lambda_, answer.lower, answer.upper)
