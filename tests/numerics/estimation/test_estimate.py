"""Estimates against exact values, their budget, and the errors that they give instead of bad numbers."""

import math
from fractions import Fraction

import pytest
import torch

from numerics.curvature.polish import polish
from numerics.estimation import estimate
from numerics.estimation.agreement import agreement, wrong_value
from numerics.estimation.estimate import estimate_llc
from numerics.estimation.result import Estimate
from numerics.estimation.settings import Settings
from numerics.losses.architectures import Lazy
from numerics.losses.polynomial import Dataset, Twin
from numerics.networks.catalogue import exact_point
from numerics.sampling.summary import EstimateError
from tests.sampled import beyond, within

pytestmark = pytest.mark.sampled

GENERIC = ("quadratic-generic", {"d": 3, "p": 2, "K": 2})  # lambda = 4
LINEAR = ("quadratic-lazy", {"p": 3, "K": 7, "l": 8})  # lambda = 21/2
DEAD = ("quadratic-dead-unit", {"d": 1, "p": 1})  # lambda = 1/4
NEAR = 5.0  # errors, each of them estimated from some thousand independent draws, or a budget
NUDGE = 1e-4 * torch.randn(10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)  # always this one
QUICK = {"draws": 200}  # regular points are Gaussian: control variates leave little to average


@pytest.fixture
def short_burn_in(monkeypatch):
    """Enough at regular points, where the scales are known from the Hessian."""
    monkeypatch.setattr(estimate, "BURN_IN", 100)


def sampled(name, sizes, multiplicity: int | str | None = "its own", **settings) -> tuple[Estimate, Fraction]:
    point = exact_point(name, **sizes)
    m = point.multiplicity if multiplicity == "its own" else multiplicity
    return estimate_llc(point.loss, point.theta, Settings(seed=1, **settings), m), point.lambda_


def row(found: Estimate, cause: str):
    return next(row for row in found.budget if row.cause == cause)


def check_agrees(found: Estimate, exact: Fraction) -> None:
    assert agreement(found, exact).sharp, found
    assert within(found.mean - exact, found.uncertainty, NEAR), found
    assert beyond(found.mean - wrong_value(exact), found.uncertainty, NEAR)
    corrections = sum(row.size for row in found.budget if row.corrected)
    assert found.mean == pytest.approx(found.raw - corrections)
    assert {row.cause for row in found.budget} == {
        "finite nbeta", "multiplicity", "localisation", "step size", "minibatch noise", "reference point"}


@pytest.mark.parametrize(("d", "p"), [
    pytest.param(1, 1), pytest.param(2, 1, marks=pytest.mark.slow), pytest.param(4, 2, marks=pytest.mark.slow),
    pytest.param(3, 2, marks=pytest.mark.slow), pytest.param(2, 3, marks=pytest.mark.slow)])
@pytest.mark.long
def test_dead_units_have_their_exact_value(d, p, monkeypatch):
    """``min(d/4, p/2)``; m = 2 where the two are the same."""
    short = (d, p) == (1, 1)
    if short:
        monkeypatch.setattr(estimate, "BURN_IN", 200)
    found, exact = sampled("quadratic-dead-unit", {"d": d, "p": p}, draws=300 if short else None)
    assert exact == min(Fraction(d, 4), Fraction(p, 2))
    assert not found.regular
    check_agrees(found, exact)
    assert found.draws.shape == (found.used["chains"], found.used["draws"])
    assert found.draws.mean() == pytest.approx(found.raw)
    if d == 2 * p:
        assert abs(found.raw - exact) > 0.03  # the logarithm matters, and is corrected for
        assert row(found, "multiplicity").size == pytest.approx(found.raw - found.mean)


@pytest.mark.slow
def test_the_wrong_multiplicity_contradicts_and_an_unknown_one_is_uncertain():
    """Four estimates together: what one of them does not know of m is two to six times the error of the others."""
    point = exact_point("quadratic-dead-unit", d=2, p=1)
    wrong, unknown = ([estimate_llc(point.loss, point.theta, Settings(seed=seed), m) for seed in range(4)]
                      for m in (1, None))
    for found, differs in ((wrong, beyond), (unknown, within)):
        off = sum(one.mean - float(point.lambda_) for one in found)
        assert differs(off, math.hypot(*(one.uncertainty for one in found)), 3)
    ratios = [math.log(one.uncertainty / other.uncertainty) for one, other in zip(unknown, wrong, strict=True)]
    assert sum(ratios) / 4 > math.log(1.4)  # it scatters around log 3.3 by 0.17


@pytest.mark.slow
def test_an_unknown_multiplicity_works_where_it_is_one():
    found, exact = sampled(*DEAD, multiplicity=None)
    check_agrees(found, exact)


@pytest.mark.usefixtures("short_burn_in")
def test_a_generic_point_has_its_exact_value():
    found, exact = sampled(*GENERIC, **QUICK)
    assert found.regular
    assert exact == 4
    check_agrees(found, exact)


@pytest.mark.usefixtures("short_burn_in")
@pytest.mark.parametrize(("model", "knob"), [
    (GENERIC, {"nbeta": 1e4}), (GENERIC, {"gamma": 1e7}), (LINEAR, {"nbeta": 100.0})], ids=str)
def test_a_knob_moves_raw_as_the_budget_says_and_the_mean_not(model, knob):
    turned, exact = sampled(*model, **knob, draws=600)  # of 200 one run in fifty has an R-hat above 1.05
    check_agrees(turned, exact)
    assert {name: getattr(turned, name) for name in knob} == knob
    moved = float(exact) - turned.raw
    assert moved > 0
    assert beyond(moved, turned.uncertainty, NEAR)  # uncorrected it would disagree
    assert within(row(turned, "localisation").size + moved, turned.uncertainty, NEAR)


@pytest.mark.long
def test_a_knob_at_a_singular_point_moves_raw_and_the_mean_not():
    """What moved is told by the sampling error, which is less than the limit's own uncertainty."""
    warm, exact = sampled(*DEAD, nbeta=1e4)
    assert warm.nbeta == pytest.approx(1e4)
    check_agrees(warm, exact)
    distance = exact_point(DEAD[0], **DEAD[1]).radial.expectation(warm.nbeta, warm.gamma) - float(exact)
    error = warm.ladder[-1].mcse
    assert within(warm.raw - float(exact) - distance, error, NEAR)
    assert beyond(warm.raw - float(exact), error, NEAR)
    assert within(row(warm, "finite nbeta").size - distance, warm.uncertainty, NEAR)
    assert row(warm, "finite nbeta").corrected


@pytest.mark.usefixtures("short_burn_in")
@pytest.mark.long
def test_estimates_are_reproducible():
    first, again = (sampled(*LINEAR, draws=200, chains=32, gamma=1e8)[0] for _ in range(2))
    assert first == again
    point = exact_point(LINEAR[0], **LINEAR[1])
    other = estimate_llc(point.loss, point.theta, Settings(seed=2, draws=200, chains=32, gamma=1e8), 1)
    assert other.mean != first.mean
    assert first.used["chains"] == 32
    assert first.used["draws"] == 200


@pytest.mark.usefixtures("short_burn_in")
def test_noise_in_the_targets_leaves_nbeta_free():
    """What is asked is a property of the loss at its minimum; rounding errors of its value end what is resolved."""
    generator = torch.Generator().manual_seed(0)
    frozen, inputs = (torch.randn(n, 3, generator=generator, dtype=torch.float64) for n in (4, 200))
    targets = torch.randn(200, 2, generator=generator, dtype=torch.float64)
    twin = Twin(Lazy(frozen, 2), Dataset(inputs, targets))
    point = polish(twin, torch.zeros(8, dtype=torch.float64))
    assert float(twin.value(point[None])) > 1e-4
    found = estimate_llc(twin, point, Settings(seed=1, **QUICK))
    assert 1e6 < found.nbeta <= 1e-3 / (2**-52 * float(twin.value(point[None])))
    check_agrees(found, Fraction(4))


@pytest.mark.parametrize("model", [LINEAR, DEAD], ids=str)
def test_a_step_size_that_is_too_large_is_an_error_with_the_partial_result(model, monkeypatch):
    monkeypatch.setattr(estimate, "BURN_IN", 100)
    with pytest.raises(EstimateError, match="proposals were accepted; use a smaller step_size") as error:
        sampled(*model, step_size=40.0, draws=100, chains=16)
    assert error.value.partial["acceptance"] < 0.1
    assert {"mean", "mcse", "ess", "rhat"} <= error.value.partial.keys()


@pytest.mark.usefixtures("short_burn_in")
def test_unconverged_chains_are_an_error():
    with pytest.raises(EstimateError, match=r"did not converge .*; more draws, or a larger step_size") as error:
        sampled(*GENERIC, step_size=0.01, draws=100)
    assert error.value.partial["rhat"] > 1.05


@pytest.mark.parametrize("off", [0.1, 0.01])
def test_a_point_that_is_no_minimum_is_an_error(off):
    point = exact_point(GENERIC[0], **GENERIC[1])
    nudge = off * torch.linspace(-1.5, 1.5, 10, dtype=torch.float64)
    with pytest.raises(EstimateError, match="the point is no local minimum of the loss; polish it first") as error:
        estimate_llc(point.loss, point.theta + nudge, Settings(), 1)
    assert error.value.partial["loss"] > 0


@pytest.mark.usefixtures("short_burn_in")
@pytest.mark.long
def test_a_point_slightly_off_the_minimum_is_corrected_for():
    point, nudge = exact_point(GENERIC[0], **GENERIC[1]), NUDGE
    found = estimate_llc(point.loss, point.theta + nudge, Settings(seed=1, nbeta=1e5, draws=3000), 1)
    check_agrees(found, Fraction(4))
    assert row(found, "reference point").size < -0.01  # of the point alone: nothing is drawn
    with pytest.raises(EstimateError, match=r"no (local )?minimum|larger than what was measured"):  # too cold
        estimate_llc(point.loss, point.theta + nudge, Settings(seed=1, nbeta=1e7, **QUICK), 1)


@pytest.mark.usefixtures("short_burn_in")
@pytest.mark.parametrize(("model", "draws"), [
    (LINEAR, None), pytest.param(GENERIC, 10_000, marks=pytest.mark.slow)], ids=str)  # 2500 scatter by 0.6 %
@pytest.mark.long
def test_sgld_is_within_two_percent_of_hmc(model, draws):
    found, exact = sampled(*model, sampler="sgld", draws=draws)
    check_agrees(found, exact)
    assert found.used["sampler"] == "sgld"
    bias = row(found, "step size")
    assert within(found.raw - bias.size - found.reference, 0.02 * found.reference, 1)
    assert bias.size > 0
    assert beyond(bias.size, 0.02 * found.reference, 1)  # the bias is there, and is corrected for
    assert row(found, "minibatch noise").size == 0


@pytest.mark.slow
def test_minibatches_have_a_row_of_the_budget():
    found, exact = sampled(*LINEAR, sampler="sgld", batch=32)
    assert within(found.mean - exact, found.uncertainty, 3)
    noise = row(found, "minibatch noise")
    assert noise.uncertainty == abs(noise.size) > 0
    assert not noise.corrected


@pytest.mark.usefixtures("short_burn_in")
@pytest.mark.long
def test_sgld_with_an_absurd_step_size_is_an_error():
    with pytest.raises(EstimateError, match="diverged; use a smaller step_size") as error:
        sampled(*LINEAR, sampler="sgld", step_size=5.0, draws=1000, chains=16)
    assert error.value.partial["finite_chains"] < 16


@pytest.mark.usefixtures("short_burn_in")
@pytest.mark.long
def test_sgld_that_is_too_coarse_for_minibatches_is_an_error():
    """One sample at a time: the noise of the gradients moves the mean by more than the tolerance."""
    with pytest.raises(EstimateError, match=r"larger batch|diverged"):
        sampled(*GENERIC, sampler="sgld", batch=1, nbeta=1e4)


class Reached(Exception):
    """Where sampling would begin."""


def ending_of(monkeypatch, **settings):
    """The rule by which sampling ends at a regular point, as a function of draws (rungs, chains, draws)."""
    rules = []

    def run_ladder(*_, enough, **__):
        rules.append(enough)
        raise Reached

    monkeypatch.setattr(estimate, "run_ladder", run_ladder)
    with pytest.raises(Reached):
        sampled(*GENERIC, **settings)
    return rules.pop()


def draws_of(scatter: float, apart: float, draws: int) -> torch.Tensor:
    """Independent ones about 4 of a ladder of two rungs, ``scatter`` each, chains of the last that far ``apart``."""
    generator = torch.Generator().manual_seed(0)
    values = 4 + scatter * torch.randn(2, 64, draws, generator=generator, dtype=torch.float64)
    values[-1] += apart * scatter * torch.linspace(-1, 1, 64, dtype=torch.float64)[:, None]
    return values


def test_sampling_ends_where_the_error_is_small_or_chains_stay_apart(monkeypatch):
    enough = ending_of(monkeypatch)
    known = draws_of(0.5, 0.0, 1000)  # the error is 0.5 / 64000^0.5, a two-thousandth of the value
    assert enough(known)
    assert not enough(draws_of(8.0, 0.0, 1000))  # it is 0.8 %
    assert not enough(draws_of(0.5, 0.5, 200))  # as small as that, but R-hat is 1.04: more draws bring them together
    assert enough(draws_of(0.5, 2.0, 400))  # R-hat is 1.5: no number of draws that is left will
    assert not enough(draws_of(0.5, 2.0, 100))  # it may be that they have hardly begun
    assert not ending_of(monkeypatch, draws=1000)(known)  # so many are asked for
