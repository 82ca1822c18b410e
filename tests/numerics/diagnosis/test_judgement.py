"""A judgement has a threshold, or says why it has none."""

from fractions import Fraction

from numerics.diagnosis.judgement import Judgement
from slt_symbolic.evidence import Evidence
from slt_symbolic.threshold import Threshold


def test_with_a_threshold():
    known = Threshold(Fraction(85, 2), Fraction(85, 2), 1, Evidence("certified", "rank 85"))
    found = Judgement(85, known)
    assert str(found) == "rank 85, lambda = 85/2, m = 1 (certified)"
    assert (found.lambda_, found.lower, found.upper, found.multiplicity, found.evidence) == (
        known.lambda_, known.lower, known.upper, 1, known.evidence)


def test_without_an_exact_fit():
    found = Judgement(None, None, "no exact fit is near")
    assert str(found) == "no exact fit is near"
    assert {found.lambda_, found.lower, found.upper, found.multiplicity} == {None}
    assert str(found.evidence) == "numerical: no exact fit is near"
