"""The claims of Cullen et al. 2026 and their verdicts."""

import dataclasses
from fractions import Fraction

import pytest

from slt_symbolic import closed_forms
from slt_symbolic.audit import audit


def test_corollary_5_4_is_refuted_by_half_the_width():
    answer = closed_forms["cullen-2026-cor-5.4"].at(p=7, K=6)
    assert answer.evidence.grade == "refuted"
    assert (answer.lambda_, answer.claimed) == (57, "60")
    assert "3 too large" in answer.evidence.how


def test_corollary_5_4_is_refuted_by_a_bracket_at_the_published_width():
    answer = closed_forms["cullen-2026-cor-5.4"].at(p=53, K=1024)
    assert answer.evidence.grade == "refuted"
    assert answer.upper < Fraction(answer.claimed)


def test_the_published_size_as_the_reason_of_corollary_5_4_has_it():
    claim = closed_forms["cullen-2026-cor-5.4"]
    assert claim.ends({"p": 53, "K": 1024}) == (80896, 80896)
    assert closed_forms["modular-addition-generic"].at(p=53, K=1024, N=1123).upper == 29733
    assert "80896 where lambda <= 29733" in claim.reason


def test_corollary_5_3_holds_with_the_upper_end_attained():
    answer = closed_forms["cullen-2026-cor-5.3"].at(p=5, K=12)
    assert answer.evidence.grade == "proved"
    assert answer.lambda_ == 30
    assert "upper end attained" in answer.evidence.how


@pytest.mark.parametrize(("sizes", "verdict"), [
    ({"d": 4, "p": 3, "K": 2}, "holds"), ({"d": 4, "p": 3, "K": 5}, "outside its hypothesis"),  # Strassen's Pfaffian
    ({"d": 5, "p": 1, "K": 3}, "outside its hypothesis"), ({"d": 2, "p": 4, "K": 4}, "holds"),
    ({"d": 3, "p": 8, "K": 5}, "outside its hypothesis")])
def test_at_a_defective_size_corollary_4_2_is_outside_its_hypothesis(sizes, verdict):
    answer = closed_forms["cullen-2026-cor-4.2"].at(**sizes)
    assert answer.verdict == answer.to_json()["verdict"] == verdict
    assert answer.evidence.grade != "refuted"
    assert f"claimed {answer.claimed}: {verdict}" in answer.evidence.how


def test_a_record_of_another_kind_is_a_contradiction():
    claim = closed_forms["cullen-2026-cor-4.2"]
    refuted = [dataclasses.replace(record, is_claimed=True) for record in claim.records]
    rows = list(audit(dataclasses.replace(claim, records=tuple(refuted))))
    assert [row.agrees for row in rows] == [record.is_claimed for record in claim.records]
    assert [row.outside for row in audit(claim)] == [not record.is_claimed for record in claim.records]
