"""Twins, training, sampler, estimate and agreement, each against something it cannot know."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from arviz_stats.base import array_stats

from numerics import checks
from numerics.agreement import agreement, wrong_value
from numerics.estimate import BudgetRow, Estimate, EstimateError, Settings, Spectrum, estimate_llc
from numerics.sampler import Posterior, run_chains
from numerics.training import POLISHED, jacobian, polish, train
from numerics.twins import Dataset, Quadratic, Twin
from slt_symbolic.closed_forms import closed_forms

TWINS = {
    "student": lambda: checks.student(3, 2, 2),
    "modular student": lambda: checks.modular_student(3, 2),
    "modular addition": lambda: checks.modular_addition(3, 4, ((0, 0), (0, 1), (1, 2), (2, 2))),
    "lazy": lambda: checks.modular_lazy(3, 4),
    "dead unit": lambda: checks.dead_unit(2, 3),
}


@pytest.mark.parametrize("make", TWINS.values(), ids=TWINS)
def test_exact_loss_is_the_loss_over_all_samples(make):
    twin = make()
    theta = torch.randn(3, twin.architecture.parameters, dtype=torch.float64, requires_grad=True)
    everything = torch.arange(len(twin.data.inputs))
    plain = torch.stack([twin.minibatch_loss(row, everything) for row in theta])
    assert torch.allclose(twin.loss(theta), plain, rtol=1e-10)
    gradients = [torch.autograd.grad(loss.sum(), theta)[0] for loss in (twin.loss(theta), plain)]
    assert torch.allclose(*gradients, rtol=1e-9, atol=1e-12)


def test_exact_loss_does_not_grow_with_the_samples():
    assert checks.student(3, 2, 2).residual(torch.zeros(1, 10, dtype=torch.float64)).shape == (1, 12)


def test_targets_that_are_not_quadratic_are_refused():
    inputs = torch.randn(50, 2, dtype=torch.float64)
    twin = Twin(Quadratic(2, 1, 1), Dataset(inputs, inputs[:, :1] ** 3))
    with pytest.raises(ValueError, match="quadratic in the inputs"):
        twin.loss(torch.zeros(1, 3, dtype=torch.float64))


def test_training_is_reproducible_and_starts_at_random():
    twin = checks.modular_addition(3, 8, ((0, 0), (0, 1), (1, 2), (2, 2)))
    first, again, other = (train(twin, seed, steps=400, batch=2) for seed in (0, 0, 1))
    assert torch.equal(first.theta, again.theta)
    assert first.history == again.history
    assert first.history[0][1] > 0.1
    assert first.history[0] != other.history[0]
    assert first.exact_fit


def test_polishing_reaches_an_exact_fit_and_stays_near():
    twin = checks.student(3, 2, 2)
    run = next(run for seed in range(10) if (run := train(twin, seed, steps=1500, batch=64)).exact_fit)
    nudged = run.theta + 1e-3 * torch.randn(len(run.theta), dtype=torch.float64)
    polished = polish(twin, nudged)
    assert float(twin.loss(polished[None])) < POLISHED
    assert float((polished - nudged).norm()) < 0.1


def test_a_local_minimum_is_not_an_exact_fit():
    twin = checks.modular_addition(3, 1, ((0, 0), (0, 1), (1, 1), (2, 2)))  # labels 0, 1, 2: rank 2 for one unit
    assert not train(twin, 0, steps=300, batch=4).exact_fit


def test_sgld_on_a_gaussian_has_the_known_mean():
    """On ``h x^2/2`` in whitened coordinates SGLD of step eps has ``E = 1/2 t h/(t h + gamma) / (1 - eps/4)``."""
    twin = checks.modular_lazy(3, 4)
    theta = polish(twin, torch.randn(twin.architecture.parameters, dtype=torch.float64))
    nbeta, gamma, step = 1e4, 10.0, 0.3
    _, singular, rows = torch.linalg.svd(jacobian(twin, theta), full_matrices=True)
    values = torch.zeros(len(theta), dtype=torch.float64)
    values[: len(singular)] = singular**2
    posterior = Posterior(twin, theta, rows.T / torch.sqrt(nbeta * values + gamma), nbeta, gamma)
    trace, _ = run_chains(posterior, chains=256, draws=1500, burn_in=200, step_size=step, seed=3)
    expected = float((nbeta * values / (nbeta * values + gamma)).sum() / 2) / (1 - step / 4)
    error = float(array_stats.mcse(trace.numpy(), chain_axis=0, draw_axis=1, method="mean"))
    assert error < 0.01 * expected
    assert abs(float(trace.mean()) - expected) < 4 * error
    assert abs(float(trace.mean()) - expected * (1 - step / 4)) > 4 * error  # the bias is seen


def test_estimates_are_reproducible():
    twin = checks.modular_lazy(3, 4)
    theta = polish(twin, torch.zeros(twin.architecture.parameters, dtype=torch.float64))
    settings = Settings(chains=16, draws=3000, burn_in=100, seed=5)
    first = estimate_llc(twin, theta, settings)
    assert first == estimate_llc(twin, theta, settings)
    assert first != estimate_llc(twin, theta, Settings(chains=16, draws=3000, burn_in=100, seed=6))


def test_a_diverged_chain_is_an_error_with_the_partial_result():
    twin = checks.dead_unit(2, 3)
    with pytest.raises(EstimateError, match="diverged; use a smaller step_size") as error:
        estimate_llc(twin, torch.zeros(5, dtype=torch.float64), Settings(step_size=40.0, draws=200))
    assert "finite_chains" in error.value.partial


def test_unconverged_chains_are_an_error():
    twin = checks.modular_lazy(3, 4)
    theta = polish(twin, torch.zeros(twin.architecture.parameters, dtype=torch.float64))
    with pytest.raises(EstimateError, match="did not converge"):
        estimate_llc(twin, theta, Settings(chains=4, draws=50, burn_in=0, step_size=0.01))


def test_a_point_that_is_no_minimum_is_refused():
    twin = checks.modular_lazy(3, 4)
    with pytest.raises(EstimateError, match="polish it to an exact fit first"):
        estimate_llc(twin, torch.ones(twin.architecture.parameters, dtype=torch.float64))


def test_wrong_values():
    assert wrong_value(Fraction(6)) == Fraction(13, 2)
    assert wrong_value(Fraction(35)) == Fraction(147, 4)


@pytest.mark.parametrize("index", range(len(checks.CHECKS)), ids=lambda i: f"{checks.CHECKS[i].rows[0][0]}-{i}")
def test_checks_agree_and_reject_wrong_values_on_the_same_chains(index):
    check = checks.CHECKS[index]
    (name, sizes), *_ = check.rows
    entry = closed_forms[name]
    exact = entry.recompute(entry.check(**sizes)).lambda_
    result = checks.run_check(check, exact)
    assert result.problem is None
    assert result.agrees, result.to_json()
    for wrong in (exact - Fraction(1, 2), exact + Fraction(1, 2)) if exact < 14 else (exact * 19 / 20, exact * 21 / 20):
        assert not agreement(result.estimate, wrong).agrees
    if check.training:
        first, last = result.attempts[-1].history[0][1], result.attempts[-1].history[-1][1]
        assert last < 0.01 * first
        assert result.estimate.spectrum.largest_zero < 1e-9 * result.estimate.spectrum.smallest_nonzero


def test_agreement_needs_a_sharp_estimate():
    spectrum = Spectrum(rank=12, largest=1.0, smallest_nonzero=0.1, largest_zero=0.0)
    row = BudgetRow("step size", 0.1, 0.03, True, "made up")
    sharp = Estimate(mean=6.1, mcse=0.04, ess=1e4, rhat=1.0, nbeta=1e6, gamma=1.0, settings=Settings(),
                     spectrum=spectrum, budget=(row,))
    found = agreement(sharp, Fraction(6))
    assert np.isclose(found.uncertainty, 0.05)  # in quadrature
    assert found.agrees
    assert not agreement(sharp, Fraction(13, 2)).agrees  # 8 u away
    blunt = replace(sharp, mean=6.0, mcse=0.2)
    assert not agreement(blunt, Fraction(6)).agrees  # nothing could have disagreed with it
