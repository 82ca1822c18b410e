"""The LLC monitor: exact where the answer is known, invisible to the training, one signal at the right step."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import mse_loss

from numerics import LLCMonitor
from numerics.examples import plain_loop, transformer
from numerics.sampling.apart import RanAway
from numerics.sampling.steps import Probability
from numerics.sampling.summary import Rung
from slt_symbolic.errors import InvalidInput
from tests.sampled import beyond, size, within

N, D, MONITORS = 60, 12, 6


def regression():
    """A linear model at its minimum, where the posterior is Gaussian."""
    x = torch.randn(N, D, generator=torch.Generator().manual_seed(0)).double()
    model = torch.nn.Linear(D, 1, bias=False).double()
    with torch.no_grad():
        model.weight.fill_(0.5)
    return model, (x, model(x).detach())


def exact(x, nbeta, gamma):
    h = torch.linalg.eigvalsh(2 * x.T @ x / N)  # of mse_loss
    return float((nbeta * h / (2 * (nbeta * h + gamma))).sum())


@pytest.fixture(scope="module")
def measured():
    """Inputs, nbeta, and two measurements (of the second, the chain goes on) of each of independent monitors."""
    model, data = regression()
    monitors = [LLCMonitor(mse_loss, data, every=1, gamma=2.0, seed=seed) for seed in range(MONITORS)]
    for monitor in monitors:
        monitor.step(model)
        monitor.step(model)
    return data[0], monitors[0].nbeta, [monitor.measurements for monitor in monitors]


@pytest.mark.sampled
@pytest.mark.long
def test_the_value_is_that_of_the_gaussian(measured):
    """By the errors that are stated, each of 64 chains."""
    x, nbeta, of_monitors = measured
    first = [measurements[0] for measurements in of_monitors]
    mean, wanted = np.mean([one.llc for one in first]), exact(x, nbeta, 2.0)
    error = math.sqrt(sum(one.mcse**2 for one in first)) / MONITORS
    assert within(mean - wanted, error, 5.5)
    assert 5.5 * error < 0.05 * wanted
    assert beyond(mean - wanted + 0.5, error, 5.5)  # a direction more or less would be seen
    assert min(one.mcse for measurements in of_monitors for one in measurements) > 0


@pytest.mark.sampled
@pytest.mark.long
def test_errors_are_of_the_right_size(measured):
    """The scatter of 12 measurements over their errors: 1 to within a fifth, and what so many can tell."""
    every = [one for measurements in measured[2] for one in measurements]
    scores = np.array([one.llc for one in every]) / np.mean([one.mcse for one in every])
    assert within(*size(scores), 1)
    assert beyond(*size(10 * scores), 1)  # errors that are a tenth of what they should be


@pytest.mark.sampled
@pytest.mark.long
def test_frozen_weights_raise_no_signal_and_a_fall_by_a_tenth_does():
    """Of a network that is not converged, where the posterior is no Gaussian; half the nbeta for the fall."""
    x = torch.randn(100, 5, generator=torch.Generator().manual_seed(0))
    y = x[:, :2].prod(1, keepdim=True)
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(5, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(200):
        optimiser.zero_grad()
        mse_loss(model(x), y).backward()
        optimiser.step()
    monitor = LLCMonitor(mse_loss, (x, y), every=1)
    assert not any(monitor.step(model) for _ in range(8))
    assert monitor.failed == 0
    values, errors = np.array([(one.llc, one.mcse) for one in monitor.measurements]).T
    assert np.std(values) < 3 * np.mean(errors)
    monitor.nbeta /= 2
    assert any(monitor.step(model) for _ in range(4))
    assert monitor.measurements[-1].llc < 0.9 * np.mean(values)


def test_it_prints_itself(scripted):
    monitor = scripted([10, 20, 5])[1]
    assert "3 measurements, last 5 ± 0.1, 0 failed, a signal" in repr(monitor)
    assert len(str(monitor).splitlines()) == 6


def test_it_plots_itself(scripted):
    axes = scripted([10, 20, 5])[1].plot().axes[0]
    points, signal = axes.lines[0], axes.lines[-1]
    assert (list(points.get_xdata()), list(points.get_ydata())) == ([1, 2, 3], [10, 20, 5])
    assert list(signal.get_xdata()) == [3, 3]
    assert len(scripted([10, 20])[1].plot().axes[0].lines) < len(axes.lines)


def test_trainers_take_its_callback(scripted):
    """By all of their hooks: Lightning asks for each by name, Hugging Face with named arguments besides."""
    monitor, steps = scripted([])[1], []
    monitor.step = steps.append
    callback, model = monitor.callback(), torch.nn.Linear(1, 1)
    for hook in ("setup", "on_fit_start", "on_train_batch_start", "on_save_checkpoint", "teardown"):
        assert getattr(callback, hook)("trainer", model, stage="fit") is None
    callback.on_train_batch_end("trainer", model, {}, "batch", 0)
    callback.on_step_begin("args", "state", "control", model=None, optimizer=None)
    callback.on_step_end("args", "state", "control", model=model, optimizer=None)
    assert steps == [model, model]
    assert callback.state_dict() == {}
    assert not hasattr(callback, "anything_else")


def test_training_is_not_disturbed():
    def trained(watched):
        torch.manual_seed(3)
        model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(8),
                                    torch.nn.Linear(8, 1))
        model[2].eval()  # one module in another mode than the rest
        x = torch.randn(20, 4)
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
        monitor = LLCMonitor(mse_loss, (x, x.sum(1, keepdim=True)), every=3)
        for _ in range(12):
            optimiser.zero_grad()
            mse_loss(model(x), x.sum(1, keepdim=True)).backward()
            optimiser.step()
            gradients = [p.grad.clone() for p in model.parameters()]
            if watched:
                monitor.step(model)
            assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), gradients, strict=True))
        assert [m.training for m in model.modules()] == [True, True, True, False, True]
        return torch.cat([p.detach().flatten() for p in model.parameters()]), len(monitor.measurements)

    (plain, none), (watched, four) = trained(False), trained(True)
    assert torch.equal(plain, watched)
    assert (none, four) == (0, 4)


@pytest.fixture
def scripted(monkeypatch):
    """A monitor that measures what it is told, one value a step."""
    def make(values, mcse=0.1, **options):
        monitor = LLCMonitor(mse_loss, (torch.ones(3, 1), torch.ones(3, 1)), every=1, **options)
        left = iter(values)

        def rung(question, _):
            if (x := next(left)) is None:
                raise RanAway("it ran away")
            return Rung(question.nbeta, x, mcse, 1000.0, 1.0)

        monkeypatch.setattr("numerics.modules.monitor.joint_rung", rung)
        monkeypatch.setattr("numerics.modules.monitor.ENOUGH_ERROR", math.inf)
        monkeypatch.setattr("numerics.modules.monitor.drifts", lambda values: False)
        return [monitor.step(torch.nn.Linear(1, 1)) for _ in values], monitor
    return make


def test_the_signal_comes_once_and_at_the_right_step(scripted):
    signals, monitor = scripted([10, 20, 19.5, 18.5, 12, 25, 5], drop=0.05)
    assert [signal is not None for signal in signals] == [False, False, False, True, False, False, False]
    assert monitor.signal is signals[3]
    assert (signals[3].peak.step, signals[3].now.step) == (2, 4)
    assert signals[3].fall == pytest.approx(0.075)


def test_a_fall_within_its_error_is_none(scripted):
    assert scripted([20, 18.5, 18.5], mcse=0.2)[1].signal is None  # 18.5 + 2 sqrt(0.2^2 + 0.19^2) > 19
    assert scripted([20, 18.5, 18.5], mcse=0.15)[1].signal is not None


def test_there_is_no_share_of_a_negative_peak(scripted):
    """Before the network has learned anything the loss falls next to it, and the value is below zero."""
    assert scripted([-5, -6, -5, -7])[1].signal is None
    assert scripted([-5, 10, 5])[1].signal is not None


def test_what_is_not_finite_is_counted(scripted):
    with pytest.warns(RuntimeWarning, match="no measurement at step 2: it ran away"):
        _, monitor = scripted([20, None, 19.9, None])
    assert (monitor.failed, len(monitor.measurements), monitor.signal) == (2, 2, None)
    assert monitor.problem == "it ran away"


@pytest.mark.sampled
def test_a_network_that_diverged_raises_nothing():
    model, data = regression()
    monitor = LLCMonitor(mse_loss, data, every=1)
    monitor.step(model)
    with torch.no_grad():
        model.weight.fill_(math.nan)
    with pytest.warns(RuntimeWarning, match="the loss is nan"):
        assert monitor.step(model) is None
    assert (monitor.failed, len(monitor.measurements)) == (1, 1)
    with torch.no_grad():
        model.weight.fill_(0.5)
    monitor.step(model)
    assert math.isfinite(monitor.measurements[-1].llc)


@pytest.mark.sampled
def test_a_chain_that_runs_away_is_no_measurement():
    """Plain steps of 1e3 on a quadratic loss: the weights are at 1e6 and more, and the chain falls towards the data."""
    model, data = regression()
    with torch.no_grad():
        model.weight.fill_(1e9)
    monitor = LLCMonitor(mse_loss, data, every=1)
    with pytest.warns(RuntimeWarning, match="times as far as gamma = 5 allows"):
        assert monitor.step(model) is None
    assert (monitor.failed, monitor.measurements) == (1, [])
    assert "ran away" in monitor.problem


@pytest.mark.sampled
def test_a_chain_that_does_not_move_measures_nothing(monkeypatch):
    """Its losses are all the same, and so would be its error: zero."""
    model, data = regression()
    monitor = LLCMonitor(mse_loss, data, every=1)
    monitor.step(model)
    no = torch.tensor([0.0])
    with monkeypatch.context() as stuck:
        stuck.setattr("numerics.sampling.apart.rotating_hmc_step",
                      lambda _, state, *rest: (state, Probability((no > 0).expand(len(state.z)), no)))
        with pytest.warns(RuntimeWarning, match="did not move"):
            assert monitor.step(model) is None
    assert (monitor.failed, len(monitor.measurements)) == (1, 1)
    monitor.step(model)
    assert (monitor.failed, len(monitor.measurements)) == (1, 2)
    assert monitor.measurements[1].mcse > 0


def test_it_takes_its_share_of_the_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("numerics.modules.monitor.FIRST_BURN_IN", 2)
    monkeypatch.setattr("numerics.modules.monitor.MOST_DRAWS", 10)
    monkeypatch.setattr("numerics.modules.monitor.LARGEST_RHAT", math.inf)
    monkeypatch.setattr("numerics.modules.monitor.drifts", lambda values: False)
    monkeypatch.setattr("numerics.modules.monitor.time.perf_counter", lambda: now[0])

    def slow_loss(output, target):
        now[0] += 0.01
        return mse_loss(output, target)

    monitor = LLCMonitor(slow_loss, (torch.ones(3, 1), torch.ones(3, 1)), share=0.2)
    for _ in range(300):
        now[0] += 0.1  # the training
        monitor.step(torch.nn.Linear(1, 1))
        costs = [measured.seconds for measured in monitor.measurements]
        assert sum(costs[:-1]) <= 0.2 * now[0]  # what the last one would take is known from the one before
    assert len(costs) > 2
    assert sum(costs) > 0.2 * now[0] - 2 * max(costs)


@pytest.mark.parametrize("options", [
    {"every": 0}, {"every": 1.5}, {"share": 0.0}, {"share": 1.5}, {"drop": -0.1}, {"drop": 1.0}, {"gamma": 0.0},
    {"gamma": math.nan}, {"nbeta": -1.0}, {"nbeta": math.inf}])
def test_bad_options(options):
    with pytest.raises(InvalidInput):
        LLCMonitor(mse_loss, (torch.ones(3, 1), torch.ones(3, 1)), **options)


@pytest.mark.parametrize("data", [None, torch.tensor(1.0), (torch.ones(3, 1), torch.ones(2, 1)),
                                  (torch.ones(1, 1), torch.ones(1, 1)), (torch.ones(0, 1), torch.ones(0, 1))])
def test_bad_data(data):
    with pytest.raises(InvalidInput):
        LLCMonitor(mse_loss, data)


def test_bad_models_and_losses():
    data = (torch.ones(3, 1), torch.ones(3, 1))
    frozen = torch.nn.Linear(1, 1).requires_grad_(False)
    for model, loss in ((frozen, mse_loss), (torch.nn.Linear(2, 1), mse_loss),
                        (torch.nn.Linear(1, 1), torch.nn.MSELoss(reduction="sum")),
                        (torch.nn.Linear(1, 1), torch.nn.MSELoss(reduction="none"))):
        with pytest.raises(InvalidInput):
            LLCMonitor(loss, data).step(model)


@pytest.mark.sampled
@pytest.mark.parametrize("example", [plain_loop, transformer])
def test_the_examples_run(example, capsys):
    example.main(steps=40)
    printed = capsys.readouterr().out
    assert "held out" in printed
    assert "measurements took" in printed
