"""The localised excess against Gaussian posteriors that are known, at a minimum and off it, by HMC and by SGLD."""

import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import mse_loss

from numerics.estimation import excess
from numerics.estimation.excess import Question, estimate_excess, joint_rung, sampled_excess
from numerics.estimation.settings import LITERAL, Settings, default_nbeta
from numerics.losses.module import ModuleLoss, Objective, OneChainLoss
from numerics.losses.samples import samples_of
from numerics.losses.sound import sampled_loss
from numerics.sampling import apart
from numerics.sampling.apart import Walk, Walkers
from numerics.sampling.control_variates import controlled
from numerics.sampling.published import PUBLISHED
from numerics.sampling.summary import EstimateError
from slt_symbolic.errors import InvalidInput
from tests.sampled import beyond, size, within

pytestmark = pytest.mark.sampled

N, D, GAMMA = 60, 6, 2.0
NBETA = default_nbeta(N)
NEAR = 5.0  # errors, of some thousand draws


def quadratic(off=0.0):
    """A linear model ``off`` its minimum, which fits exactly; the Hessian, the loss and the point."""
    x = torch.randn(N, D, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    model = torch.nn.Linear(D, 1, bias=False).double()
    with torch.no_grad():
        model.weight.fill_(0.5)
        y = model(x)
        model.weight += off
    loss = sampled_loss(Objective(model, mse_loss), samples_of((x, y)))
    return 2 * x.T @ x / N, loss, loss.start


def exact(hessian, off=0.0, step=0.0):
    """Of the Gaussian, whose variance SGLD of the ``step`` makes ``1/(1 - step (t h + gamma)/4)`` times as large."""
    h, basis = torch.linalg.eigh(hessian)
    moved = basis.T @ torch.full((D,), off, dtype=torch.float64)
    stiff = NBETA * h + GAMMA
    spread = NBETA * h / (2 * stiff * (1 - step * stiff / 4))
    return float((spread + NBETA * h / 2 * ((moved * GAMMA / stiff) ** 2 - moved**2)).sum())


@pytest.mark.parametrize("off", [pytest.param(0.0, marks=pytest.mark.long), 0.3])
def test_hmc_finds_the_value_of_the_gaussian(off):
    hessian, loss, point = quadratic(off)
    found = estimate_excess(loss, point, Settings(gamma=GAMMA, sampler=None), progress=False)
    assert (found.kind, found.nbeta, found.gamma, found.used["sampler"]) == ("excess", NBETA, GAMMA, "hmc")
    assert found.draws.shape == (found.used["chains"], found.used["draws"])
    assert 0 < found.mcse < 0.2
    assert within(found.mean - exact(hessian, off), found.mcse, NEAR)
    assert beyond(found.mean - exact(hessian, off) - 1.5, found.mcse, NEAR)
    assert any(note.startswith("negative") for note in found.notes) == (off > 0)
    assert (found.mean < 0) == (off > 0)
    assert found.rank is None


class Quartic:
    """``sum w^4`` over weights (P,): where the localisation alone would take chains it is far too steep for them."""

    parameters, samples = 8, 30

    def value(self, theta):
        return theta.pow(4).sum(1)

    def value_and_gradient(self, theta):
        return self.value(theta), 4 * theta.pow(3)


def test_chains_do_not_start_where_no_step_would_be_accepted(monkeypatch):
    """Of ``exp(-nbeta w^4 - gamma/2 w^2)`` in each weight the mean is an integral; alone gamma allows ``w = 10``."""
    settings = Settings(gamma=0.01, nbeta=1000.0, chains=64, draws=100, sampler=None)
    w = np.linspace(-2, 2, 10**5)
    weight = np.exp(-1000 * w**4 - 0.005 * w**2)
    truth = 8 * (1000 * w**4 * weight).sum() / weight.sum()
    found = estimate_excess(Quartic(), torch.zeros(8, dtype=torch.float64), settings)
    assert within(found.mean - truth, found.mcse, NEAR)
    assert found.mcse < 0.1 * truth
    monkeypatch.setattr(apart, "HOTTEST", 1e30)
    with pytest.raises(EstimateError):
        estimate_excess(Quartic(), torch.zeros(8, dtype=torch.float64), settings)


def test_draws_go_where_arviz_reads_them(monkeypatch):
    _, loss, point = quadratic(0.0)
    found = sampled_excess(loss, point, Settings(gamma=GAMMA, chains=4, draws=100, seed=2))
    monkeypatch.setitem(sys.modules, "arviz_base", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the arviz extra .*; try pip install"):
        found.to_datatree()
    monkeypatch.undo()
    pytest.importorskip("arviz_base")
    with warnings.catch_warnings(action="error"):
        posterior = found.to_datatree()["posterior"]
    assert dict(posterior.sizes) == {"chain": 4, "draw": 100}
    assert (posterior["excess"].values == found.draws).all()
    assert (posterior.attrs["nbeta"], posterior.attrs["kind"], posterior.attrs["seed"]) == (NBETA, "excess", 2)
    with pytest.raises(InvalidInput, match="there are no draws: half a rank was the answer"):
        replace(found, draws=None).to_datatree()


def test_the_literal_chain_of_the_published_estimators():
    """A step of the user's is taken as it is, with the bias that it has; a smaller one would be told from it."""
    hessian, loss, point = quadratic()
    step = 1.0 / float(NBETA * torch.linalg.eigvalsh(hessian).max() + GAMMA)
    settings = Settings("sgld", gamma=GAMMA, step_size=step, chains=64, burn_in=300, draws=200)
    found = sampled_excess(loss, point, settings)
    assert (found.used["step_size"], found.used["burn_in"], found.draws.shape) == (step, 300, (64, 200))
    assert within(found.mean - exact(hessian, step=step), found.mcse, NEAR)
    assert beyond(found.mean - exact(hessian), found.mcse, NEAR)


def test_the_burn_in_of_the_literal_chain_is_its_own():
    """From the centre, with no time to leave it: what is not burnt in is a ramp, and R-hat says so."""
    _, loss, point = quadratic()
    short = sampled_excess(loss, point, Settings("sgld", gamma=GAMMA, step_size=1e-4, chains=8, burn_in=0, draws=100))
    assert short.draws[:, :10].mean() < 0.2 * short.draws[:, -10:].mean()
    assert short.rhat > 1.3
    with pytest.raises(EstimateError, match="did not come together"):  # burn_in is left to the estimator, and too short
        estimate_excess(loss, point, Settings("sgld", gamma=GAMMA / 1e4, step_size=1e-4, chains=8, draws=100))


@pytest.mark.long
@pytest.mark.parametrize("batch", [None, 20])
def test_sgld_with_its_own_step_is_extrapolated_to_none(batch):
    hessian, loss, point = quadratic()
    found = estimate_excess(loss, point, Settings("sgld", gamma=GAMMA, batch=batch), progress=False)
    assert within(found.mean - exact(hessian), found.uncertainty, NEAR)
    assert found.uncertainty < 0.3
    assert found.mean == pytest.approx(found.raw - sum(row.size for row in found.budget if row.corrected))


@pytest.mark.long
@pytest.mark.parametrize("chains", [4, 16])
def test_errors_hold_when_the_measurement_is_repeated(chains):
    """z-scores of 48 or 12 groups of chains: standard deviations 0.8 to 1.2 were measured."""
    hessian, loss, point = quadratic()
    question = Question(loss, point, 0.0, NBETA, GAMMA)
    draws = estimate_excess(loss, point, Settings(gamma=GAMMA, chains=192, burn_in=40, draws=100)).draws / NBETA
    found = [question.rung(group) for group in draws.reshape(-1, chains, 100)]
    z = np.array([(one.mean - exact(hessian)) / one.mcse for one in found])
    assert within(*size(z), 1)
    assert beyond(*size(10 * z), 1)  # errors that are a tenth of what they should be


@pytest.mark.long
@pytest.mark.parametrize(("rhats", "ess", "kept"), [
    ([1.01, 1.01, 1.01], [33, 38, 80], 45), ([1.01], [80], 20), ([1.2, 1.2, 1.01], [80, 80, 80], 80),
    ([1.2, 1.01, 1.01], [80, 5, 80], 80)])
def test_draws_are_added_to_those_that_have_come_together_and_not_to_others(rhats, ess, kept, monkeypatch):
    """Half as many as there are where few are missing, at most as many; else all are burn-in of twice as many."""
    coming = iter(zip(rhats, ess, strict=True))

    def told(question, walk):
        rhat, size = next(coming)
        return replace(joint_rung(question, walk), rhat=rhat, ess=size)

    monkeypatch.setattr(excess, "joint_rung", told)
    monkeypatch.setattr(excess, "drifts", lambda losses: False)
    _, loss, point = quadratic()
    found = estimate_excess(loss, point, Settings(gamma=GAMMA, sampler=None, chains=4), progress=False)
    assert found.used["draws"] == kept == found.draws.shape[1]
    assert next(coming, None) is None


def test_what_hangs_on_gamma_says_so():
    """Of a direction with ``t h = gamma`` a quarter of the value goes as gamma doubles to 2 gamma, to first order."""
    _, loss, point = quadratic()
    stiff = float(torch.linalg.eigvalsh(quadratic()[0]).mean()) * NBETA
    near, far = (estimate_excess(loss, point, Settings(gamma=gamma)) for gamma in (stiff, stiff / 100))
    assert any("hangs on gamma" in note for note in near.notes)
    assert not any("hangs on gamma" in note for note in far.notes)


def test_a_loss_that_is_no_mean_over_parts_has_no_minibatches():
    x = torch.randn(200, D, generator=torch.Generator().manual_seed(0))
    y = torch.arange(200) // 100
    weight = torch.tensor([1.0, 20.0])
    loss = sampled_loss(Objective(torch.nn.Linear(D, 2), torch.nn.CrossEntropyLoss(weight)), samples_of((x, y)))
    with pytest.raises(InvalidInput, match="a minibatch's says nothing of it"):
        estimate_excess(loss, loss.start, Settings(None, batch=20))


def test_the_published_chains_say_whether_they_have_arrived():
    """Literally for any module, at the length published: at gamma 100 the chain arrives, at gamma 5 it is on a ramp.

    On the ramp curvatures times nbeta are small against gamma, as they are in wide networks: the chains relax in 730
    steps. Over twelve seeds the ramp's uncertainty was 0.70 of its value, give or take 0.07. Where they arrive
    curvatures are large (R-hat 1.02 over ten seeds; with small ones 1.08, and above 1.1 in one run of ten).
    """
    x = 0.1 * torch.randn(200, 100, generator=torch.Generator().manual_seed(0))
    model = torch.nn.Linear(100, 1, bias=False)
    asked = LITERAL["published-5"], replace(LITERAL["published-100"], chains=16)
    losses = [sampled_loss(Objective(model, mse_loss), samples_of((z, model(z).detach()))) for z in (x, 20 * x)]
    ramp, flat = (estimate_excess(loss, loss.start, settings) for loss, settings in zip(losses, asked, strict=True))
    for found, chain, settings in zip((ramp, flat), PUBLISHED.values(), asked, strict=True):
        assert found.trace.shape == (settings.chains, chain.steps)
        assert (found.trace[:, chain.burn_in:] == found.draws).all()
        assert found.used["batch"] == chain.batch
        assert found.nbeta == chain.nbeta
        assert "trace, means of 30 steps up to 30, 125" in str(found)
    assert any("has not arrived" in note for note in ramp.notes)
    assert not flat.notes
    assert ramp.uncertainty > 0.3 * ramp.mean
    assert flat.budget_uncertainty == 0
    few = sampled_loss(Objective(model, mse_loss), samples_of((x[:100], x[:100, :1])))
    with pytest.raises(InvalidInput, match="batch=128: is more than the 100 samples; try batch=100"):
        estimate_excess(few, few.start, LITERAL["published-5"])


@pytest.mark.parametrize("settings", [Settings(None, chains=4, draws=100, per_sample=True),
                                      replace(LITERAL["published-100"], draws=100, batch=20, per_sample=True)])
def test_draws_carry_the_losses_of_samples_where_asked(settings):
    """Their mean is the loss of all samples: of HMC at each draw exactly, of SGLD the minibatch's own is another."""
    x = torch.randn(N, D, generator=torch.Generator().manual_seed(0))
    model = torch.nn.Linear(D, 1, bias=False)
    loss = sampled_loss(Objective(model, mse_loss), samples_of((x, x[:, :1])))
    found = sampled_excess(loss, loss.start, settings)
    assert found.sample_losses.shape == (4, 100, N)
    mean = found.nbeta * (found.sample_losses.mean(2) - float(loss.value(loss.start[None])))
    assert np.allclose(mean, found.draws, rtol=1e-4, atol=1e-4) == (found.used["sampler"] == "hmc")
    with pytest.raises(InvalidInput, match="per_sample=True: would keep 600000000 losses"):
        sampled_excess(loss, loss.start, replace(settings, draws=2_500_000))


def test_losses_of_samples_are_those_of_each_alone():
    x = torch.randn(7, D, generator=torch.Generator().manual_seed(0))
    model = torch.nn.Sequential(torch.nn.Linear(D, 2), torch.nn.Tanh())
    for kind in (ModuleLoss, OneChainLoss):
        loss = kind(Objective(model, mse_loss), samples_of((x, x[:, :2])), dtype=torch.float32)
        found = loss.per_sample(torch.stack([loss.start, 0 * loss.start]))
        wanted = (model(x) - x[:, :2]).square().mean(1)
        torch.testing.assert_close(found, torch.stack([wanted, x[:, :2].square().mean(1)]).detach())


def test_a_virial_whose_mean_is_not_zero_is_no_control_variate(monkeypatch):
    """As where the loss jumps: draws are as good, but their mean is taken alone."""
    random = np.random.default_rng(0)
    virial = random.normal(size=(16, 200))
    virial -= virial.mean()
    loss = 1 + virial + 0.1 * random.normal(size=(16, 200))

    def mean(shift):
        walk = Walk(*(torch.from_numpy(x) for x in (loss, virial + shift, loss**2)), acceptance=0.8)
        return joint_rung(Question(None, torch.zeros(2), 0.0, 1.0, 1.0), walk).mean

    assert mean(0.0) == pytest.approx(1, abs=0.02)
    assert mean(0.5) == pytest.approx(loss.mean())
    monkeypatch.setattr(excess, "has_slope", lambda *_: True)
    assert mean(0.5) == pytest.approx(0.5, abs=0.02)


def test_few_chains_are_not_apart_by_what_each_is_controlled_with(monkeypatch):
    """Of a Gaussian all but the affine fields, which are four, is explained; R-hat is that of the losses."""
    monkeypatch.setattr(excess, "has_slope", lambda *_: True)  # by chance once in 10^4 it is not
    _, loss, point = quadratic(0.3)
    question = Question(loss, point, float(loss.value(point[None])), NBETA, GAMMA)
    posterior = question.posterior(4)
    walkers = Walkers(posterior, 0)
    walkers.burn_in(posterior, 40)
    walk = walkers.draw(posterior, 100)
    plain, left = (question.rung(x.numpy()) for x in (walk.loss, walk.controlled))
    found = joint_rung(question, walk)
    assert found.mcse == left.mcse
    assert found.rhat == max(plain.rhat, question.rung(controlled(walk.loss, walk.virial).numpy()).rhat)


def test_a_loss_that_jumps_says_so():
    x = torch.linspace(-2, 2, 40)[:, None]
    model = torch.nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(0.5), model.bias.fill_(0.1)
    loss = sampled_loss(Objective(model, lambda outputs, targets: (outputs.round() - targets).square().mean()),
                        samples_of((x, x)))
    found = sampled_excess(loss, loss.start, Settings(None, chains=16, draws=100))
    assert "the loss jumps, or its gradient is not its slope" in found.notes[-1]
