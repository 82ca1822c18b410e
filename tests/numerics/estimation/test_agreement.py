"""Agreement of an estimate with an exact value or a bracket, and its negative control."""

from dataclasses import replace
from fractions import Fraction

import pytest

from numerics.curvature.eigenvalues import Spectrum
from numerics.estimation.agreement import agreement, wrong_value
from numerics.estimation.result import BudgetRow, Estimate

SPECTRUM = Spectrum(rank=12, largest=1.0, smallest_nonzero=0.1, largest_zero=0.0)
ROW = BudgetRow("step size", 0.1, 0.03, True, "made up")
SHARP = Estimate(mean=6.1, mcse=0.04, raw=6.2, reference=6.2, ess=1e4, rhat=1.0, nbeta=1e6, gamma=1.0, regular=True,
                 used={}, spectrum=SPECTRUM, budget=(ROW,), ladder=())


def test_wrong_values():
    assert wrong_value(Fraction(6)) == Fraction(13, 2)
    assert wrong_value(Fraction(35)) == Fraction(147, 4)


def test_agreement_needs_a_sharp_estimate():
    found = agreement(SHARP, Fraction(6))
    assert found.uncertainty == pytest.approx(0.05)  # in quadrature
    assert found.agrees
    assert not found.contradicts
    assert agreement(SHARP, Fraction(13, 2)).contradicts  # 8 u away
    blunt = agreement(replace(SHARP, mean=6.0, mcse=0.2), Fraction(6))
    assert not blunt.agrees  # nothing could have disagreed with it
    assert not blunt.contradicts


def test_a_bracket_is_contradicted_outside_of_it_only():
    assert agreement(SHARP, Fraction(5), Fraction(7)).agrees
    assert agreement(SHARP, Fraction(5), Fraction(6)).agrees
    assert agreement(SHARP, Fraction(5), Fraction(11, 2)).contradicts
    assert agreement(SHARP, Fraction(7), Fraction(8)).contradicts
