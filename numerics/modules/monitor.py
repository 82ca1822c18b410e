"""The localised excess along anybody's training loop, from training data alone, and a signal when it has fallen.

It is that of `numerics.estimation.excess`, ``nbeta (E[L(w)] - L(w*))`` around the present parameters w*, sampled by HMC
at the same settings each time, by several chains: their R-hat says whether they have come together, and an error that
they give together holds when the measurement is repeated. It is a learning coefficient only where w* is a minimum and
gamma is small against the curvature; elsewhere it counts, softly, the directions that the loss constrains at that
temperature.

Chains go on where they were at the last measurement, at the same offset from the new parameters. What the signal is
worth was measured (``numerics/studies/foresight/results/seeds_0/report.md``): on quadratic networks that learn modular
addition it foretells nothing, for the excess falls as weight decay lowers the weight norm, whether the network
generalises or not.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.figure import Figure
from tabulate import tabulate
from torch import Tensor

from numerics.estimation.excess import Question, joint_rung
from numerics.estimation.settings import EXCESS_GAMMA, MONITOR_DROP, default_nbeta
from numerics.figures import COLOURS, styled
from numerics.losses.module import ModuleLoss, Objective, as_it_was, sampled_dtype
from numerics.losses.samples import Stream, samples_of
from numerics.losses.sound import chains_for, sampled_loss
from numerics.sampling.apart import FEWEST_KICKS, RanAway, Walkers
from numerics.sampling.summary import Rung, drifts
from slt_symbolic.errors import InvalidInput

FIRST_BURN_IN, BURN_IN = 30, 4  # trajectories before new chains are measured, and before some that go on are
DRAWS, MOST_DRAWS = 10, 80  # of each chain: at first, and where they must be doubled
ENOUGH_ERROR = 0.012  # of a value: a fall by a tenth is eight of them
LARGEST_RHAT, SMALLEST_ESS = 1.2, 20  # of a measurement: beyond, chains have not come together
ERRORS = 2.0  # standard errors, of peak and present value together, by which a fall must exceed its threshold


@dataclass(frozen=True)
class Measurement:
    """At a ``step`` of training: the excess ``llc`` with its Monte-Carlo error, ESS and R-hat, the loss, its time."""

    step: int
    llc: float
    mcse: float
    ess: float
    rhat: float
    loss: float
    seconds: float


@dataclass(frozen=True)
class Signal:
    """The excess is below its ``peak`` by more than the threshold ``drop``, and by more than both errors explain."""

    now: Measurement
    peak: Measurement

    @property
    def fall(self) -> float:
        """The share of the peak that is gone."""
        return 1 - self.now.llc / self.peak.llc


class LLCMonitor:
    """Watches the localised excess during training: call ``step(model)`` after each step of the optimiser.

    ``loss(model(inputs), targets)`` is the mean training loss in nats per sample and ``data`` training data, as for
    `llc`, of which some hundreds of samples do; with ``evaluate(model, batch)``, ``loss`` is None. ``every``: steps
    between measurements; None: as often as the ``share`` of the time since the first call allows. ``nbeta`` is
    ``n / log n`` for n samples if not given. A signal is raised once, when the excess is below ``1 - drop`` of its
    highest value by twice the error of both.

    ``measurements`` has all of them, ``signal`` the signal or None, ``failed`` how many failed and ``problem`` why the
    last one did: chains ran away, did not move or did not come together, or the loss is not finite. The first failure
    is a warning, too. The model is measured in evaluation mode and left as it is, gradients and random numbers
    included. Raises `InvalidInput` for arguments that cannot work. They are what a user may want to set, each by its
    name, and nothing else is passed along with them. Printed, it is the table of its measurements.

    >>> model = torch.nn.Linear(3, 1)
    >>> x = torch.randn(40, 3, generator=torch.Generator().manual_seed(0))
    >>> y = x.sum(1, keepdim=True)
    >>> monitor = LLCMonitor(torch.nn.functional.mse_loss, (x, y), every=50)
    >>> optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> for _ in range(100):
    ...     optimiser.zero_grad()
    ...     torch.nn.functional.mse_loss(model(x), y).backward()
    ...     optimiser.step()
    ...     signal = monitor.step(model)  # None, or a Signal once
    >>> [measured.step for measured in monitor.measurements]
    [50, 100]
    >>> LLCMonitor(torch.nn.functional.mse_loss, (x, y), every=0)
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: every=0: must be an integer >= 1; try every=100
    """

    def __init__(self, loss: Callable[[Any, Any], Tensor] | None, data: Any, *, every: int | None = None,
                 share: float = 0.1, drop: float = MONITOR_DROP, nbeta: float | None = None,
                 gamma: float = EXCESS_GAMMA, seed: int = 0,
                 evaluate: Callable[[torch.nn.Module, Any], Tensor] | None = None) -> None:
        """Check the arguments, many but all of them named; nothing is measured before `step`."""
        if every is not None and not (isinstance(every, int) and every >= 1):
            raise InvalidInput(f"every={every}", "must be an integer >= 1", "every=100")
        for name, value, most in (("share", share, 1.0), ("drop", drop, 1.0), ("gamma", gamma, math.inf),
                                  ("nbeta", 1.0 if nbeta is None else nbeta, math.inf)):
            if not 0 < value < most:
                raise InvalidInput(f"{name}={value}", f"must be between 0 and {most:g}", f"without {name}")
        self._loss, self._evaluate = loss, evaluate
        self._samples = samples_of(data, whole_batches=evaluate is not None)
        if isinstance(self._samples, Stream):
            raise InvalidInput("data", "does not fit into memory", "some hundreds of samples of it")
        if nbeta is None and self._samples.count < 2:
            raise InvalidInput("data", "has one sample, for which n / log n is not defined", "nbeta=10")
        self.nbeta = default_nbeta(self._samples.count) if nbeta is None else nbeta
        self.gamma, self.drop = gamma, drop
        self.measurements: list[Measurement] = []
        self.signal: Signal | None = None
        self.failed = 0
        self.problem: str | None = None
        self._every, self._share, self._seed = every, share, seed
        self._steps, self._spent, self._cost, self._started = 0, 0.0, math.inf, 0.0
        self._chains: Walkers | None = None
        self._checked: ModuleLoss | None = None

    def step(self, model: torch.nn.Module) -> Signal | None:
        """Count a step of training and measure if it is time; the signal, at the one step at which it is raised."""
        if self._steps == 0:
            self._started = time.perf_counter()
            self._cost = self._first_cost(model)
        self._steps += 1
        if not self._is_due():
            return None
        try:
            measured = self._measure(model)
        except RanAway as problem:
            self._note(str(problem))
            return None
        self.measurements.append(measured)
        peak = max(self.measurements, key=lambda earlier: earlier.llc - ERRORS * earlier.mcse)
        if self.signal is None and peak.llc > 0 and self._has_fallen(measured, peak):
            self.signal = Signal(measured, peak)
            return self.signal
        return None

    def __repr__(self) -> str:
        last = f", last {self.measurements[-1].llc:.4g} ± {self.measurements[-1].mcse:.2g}" if self.measurements else ""
        return (f"LLCMonitor at nbeta {self.nbeta:.4g}, gamma {self.gamma:g}: {len(self.measurements)} measurements"
                f"{last}, {self.failed} failed, {'a signal' if self.signal else 'no signal'}")

    def __str__(self) -> str:
        rows = [(one.step, f"{one.llc:.4g}", f"{one.mcse:.2g}", f"{one.ess:.0f}", f"{one.rhat:.3f}", f"{one.loss:.4g}")
                for one in self.measurements]
        return "\n".join([repr(self), tabulate(rows, ("step", "excess", "error", "ESS", "R-hat", "loss"),
                                               disable_numparse=True)])

    def plot(self) -> Figure:
        """The measurements with their errors, and a line where the signal was raised, as a figure of matplotlib's."""
        with styled():
            figure = Figure(layout="constrained")
            axes = figure.subplots()
            axes.errorbar([one.step for one in self.measurements], [one.llc for one in self.measurements],
                          [ERRORS * one.mcse for one in self.measurements], fmt="o-", capsize=3)
            if self.signal is not None:
                axes.axvline(self.signal.now.step, color=COLOURS["vermillion"], linestyle="--", label="signal")
                axes.legend()
            if not self.measurements:
                axes.text(0.5, 0.5, "nothing measured yet", transform=axes.transAxes, ha="center")
            axes.set(xlabel="step", ylabel=f"localised excess, nbeta {self.nbeta:.4g}, gamma {self.gamma:g}")
        return figure

    def callback(self) -> MonitorCallback:
        """For ``Trainer(callbacks=[monitor.callback()])`` of Lightning's or of Hugging Face's."""
        return MonitorCallback(self)

    def _has_fallen(self, now: Measurement, peak: Measurement) -> bool:
        """The peak is the highest of many values: that it is one by its error alone must not raise a signal."""
        left = 1 - self.drop
        return now.llc + ERRORS * math.hypot(now.mcse, left * peak.mcse) < left * peak.llc

    def _is_due(self) -> bool:
        if self._every is not None:
            return self._steps % self._every == 0
        return self._spent + self._cost <= self._share * (time.perf_counter() - self._started)

    def _first_cost(self, model: torch.nn.Module) -> float:
        """Seconds that the first measurement will take at least, from those of one gradient; arguments are checked."""
        with _evaluation_mode(model):
            question = self._question(model)
            chains, before = chains_for(question.loss), time.perf_counter()
            question.posterior(chains).at(torch.zeros_like(question.point).expand(chains, -1))
            return (FIRST_BURN_IN + DRAWS) * FEWEST_KICKS * (time.perf_counter() - before)

    def _note(self, problem: str) -> None:
        """Count a failure; the next measurement starts a new chain."""
        if self.failed == 0:
            warnings.warn(f"LLCMonitor: no measurement at step {self._steps}: {problem}", RuntimeWarning, stacklevel=3)
        self.failed, self.problem, self._chains = self.failed + 1, problem, None

    def _measure(self, model: torch.nn.Module) -> Measurement:
        """Raises `RanAway`."""
        before = time.perf_counter()
        try:
            with _evaluation_mode(model):
                question = self._question(model)
                if not math.isfinite(question.here):
                    raise RanAway(f"the loss is {question.here}")
                rung = self._rung(question)
        finally:
            spent = time.perf_counter() - before
            self._spent, self._cost = self._spent + spent, spent
        return Measurement(self._steps, rung.mean, rung.mcse, rung.ess, rung.rhat, question.here, spent)

    def _rung(self, question: Question) -> Rung:
        """Draws until the error is a small part of the value. Raises `RanAway`, also where chains stay apart."""
        posterior = question.posterior(chains_for(question.loss))
        new = self._chains is None
        self._chains = self._chains or Walkers(posterior, self._seed)
        self._chains.burn_in(posterior, FIRST_BURN_IN if new else BURN_IN)
        walk = self._chains.draw(posterior, DRAWS)
        while True:
            rung, drawn = joint_rung(question, walk), walk.loss.shape[1]
            drifting = drifts(walk.loss.numpy(force=True))
            together = rung.rhat <= LARGEST_RHAT and rung.ess >= SMALLEST_ESS and not drifting
            if (together and rung.mcse <= ENOUGH_ERROR * abs(rung.mean)) or drawn >= MOST_DRAWS:
                break
            later = self._chains.draw(posterior, drawn if together else 2 * drawn)
            walk = walk.and_then(later) if together else later  # what came before they were together is burn-in
        if not together:
            problem = "still drift" if drifting else "did not come together"
            raise RanAway(f"chains {problem} (R-hat {rung.rhat:.2f}, ESS {rung.ess:.0f}); try a larger gamma, or a "
                          "smaller nbeta")
        return rung

    def _question(self, model: torch.nn.Module) -> Question:
        """The excess at the present parameters."""
        trained = next((x for x in model.parameters() if x.requires_grad), None)
        device = "cpu" if trained is None else trained.device
        objective = Objective(model, self._loss, self._evaluate)
        if self._checked is None:
            self._checked = sampled_loss(objective, self._samples, device)
        problem = type(self._checked)(objective, self._samples, device, sampled_dtype(model))
        problem.additive, problem.smooth = self._checked.additive, self._checked.smooth
        here = float(problem.value(problem.start[None]))
        return Question(problem, problem.start, here, self.nbeta, self.gamma)


class MonitorCallback:
    """A callback of both trainers, which need not be installed: it has their hooks, of which one each does something.

    A batch of Lightning's is a step, and a step of the optimiser of Hugging Face's. The model is the
    ``LightningModule``, or what the trainer trains; nothing of it is in their checkpoints.
    """

    state_key = _legacy_state_key = "LLCMonitor"

    def __init__(self, monitor: LLCMonitor) -> None:
        """Steps go to the ``monitor``."""
        self.monitor = monitor

    def on_train_batch_end(self, trainer: Any, module: torch.nn.Module, *_: Any) -> None:
        """Lightning's."""
        self.monitor.step(module)

    def on_step_end(self, args: Any, state: Any, control: Any, *, model: torch.nn.Module, **_: Any) -> None:
        """Hugging Face's."""
        self.monitor.step(model)

    def state_dict(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("on_") or name in ("setup", "teardown", "load_state_dict"):
            return lambda *_, **__: None
        raise AttributeError(f"{type(self).__name__} has no {name}")


@contextmanager
def _evaluation_mode(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode; afterwards each module has its own again."""
    training = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with as_it_was(model):
            yield
    finally:
        for module, mode in training:
            module.training = mode
