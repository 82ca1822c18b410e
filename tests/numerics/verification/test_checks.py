"""The numerical checks that `slt verify` runs."""

from dataclasses import replace
from fractions import Fraction

import pytest

from numerics.curvature.eigenvalues import Spectrum
from numerics.estimation.agreement import agreement
from numerics.estimation.result import BudgetRow, Estimate
from numerics.estimation.settings import Settings
from numerics.networks.catalogue import exact_point
from numerics.verification import checks
from slt_symbolic.closed_forms import closed_forms
from tests.sampled import beyond, within

SPECTRUM = Spectrum(rank=12, largest=1.0, smallest_nonzero=0.1, largest_zero=0.0)
ROW = BudgetRow("step size", 0.1, 0.03, True, "made up")
SHARP = Estimate(mean=6.1, mcse=0.04, raw=6.2, reference=6.2, ess=1e4, rhat=1.0, nbeta=1e6, gamma=1.0, regular=True,
                 used={}, spectrum=SPECTRUM, budget=(ROW,), ladder=())


def result(mean: float, exact: Fraction, attempts=(), **changes) -> checks.CheckResult:
    return checks.CheckResult(checks.CHECKS[0], exact, attempts, replace(SHARP, mean=mean, **changes))


def test_a_check_is_at_the_right_stratum_and_rejects_the_wrong_value():
    run = object()
    assert result(6.0, Fraction(6), (run,)).agrees
    assert not result(6.4, Fraction(6), (run,)).agrees
    assert not result(6.0, Fraction(6), (run,), regular=False).agrees
    assert not result(6.0, Fraction(6), (run,), spectrum=replace(SPECTRUM, rank=11)).agrees
    assert not result(6.0, Fraction(6), (run,), mcse=0.5).agrees


def test_no_minimiser_is_a_problem_and_no_agreement():
    nowhere = replace(exact_point("quadratic-dead-unit", d=4, p=5), problem="no exact fit")
    found = checks.run_check(replace(checks.CHECKS[2], point=lambda: nowhere), Fraction(1), 1)
    assert found.problem == "no exact fit"
    assert not found.agrees
    assert found.to_json()["problem"] == found.problem


@pytest.mark.sampled
def test_an_estimate_that_fails_is_a_problem(monkeypatch):
    monkeypatch.setattr("numerics.estimation.estimate.BURN_IN", 100)
    hasty = replace(checks.CHECKS[6], point=lambda: exact_point("quadratic-lazy", p=3, K=7, l=8),
                    settings=Settings(step_size=0.01, draws=100))
    found = checks.run_check(hasty, Fraction(21, 2), 1)
    assert "did not converge" in found.problem
    assert "partial" in found.problem
    assert not found.agrees


@pytest.mark.sampled
@pytest.mark.parametrize("index", [
    pytest.param(index, id=f"{check.rows[0][0]}-{index}",
                 marks=pytest.mark.long if check.rows[0][0] == "quadratic-lazy" else pytest.mark.slow)
    for index, check in enumerate(checks.CHECKS)])
def test_checks_agree_and_reject_wrong_values_on_the_same_chains(index):
    check = checks.CHECKS[index]
    (name, sizes), *_ = check.rows
    answer = closed_forms[name].recompute(closed_forms[name].check(**sizes))
    exact = answer.lambda_
    found = checks.run_check(check, exact, answer.multiplicity)
    assert found.problem is None
    compared = agreement(found.estimate, exact)
    assert compared.sharp, found.to_json()
    assert within(compared.difference, compared.uncertainty, 5)  # three, which is to agree, is left once in 400 runs
    assert found.agrees == compared.agrees
    for wrong in (exact - Fraction(1, 2), exact + Fraction(1, 2)) if exact < 14 else (exact * 19 / 20, exact * 21 / 20):
        assert beyond(agreement(found.estimate, wrong).difference, compared.uncertainty, 5)
    for run in found.attempts[-1:]:
        assert run.history[-1][1] < 0.01 * run.history[0][1]
        assert found.estimate.spectrum.largest_zero < 1e-9 * found.estimate.spectrum.smallest_nonzero
