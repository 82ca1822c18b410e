"""The localised excess along anybody's training loop, from training data alone, and a signal when it has fallen.

It is ``nbeta (E[L(w)] - L(w*))`` under ``exp(-nbeta L(w) - gamma/2 |w - w*|^2)``, w* the present parameters
(Lau et al., arXiv:2308.12108), sampled by HMC at the same settings each time. It is a learning coefficient only where
w* is a minimum and gamma is small against the curvature; elsewhere it counts, softly, the directions that the loss
constrains at that temperature.

To be cheap the chain goes on where it was at the last measurement, at the same offset from the new parameters: some
hundred gradients over the data for each measurement, and no second derivatives. It starts at a draw from ``exp(-gamma/2
|w - w*|^2)``, so directions that the loss does not constrain need no time. What the signal is worth was measured
(``numerics/studies/foresight/results/seeds_0/report.md``): on quadratic networks that learn modular addition it
foretells nothing, for the excess falls as weight decay lowers the weight norm, whether the network generalises or not.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from numerics.estimation.settings import MONITOR_DROP, MONITOR_GAMMA, default_nbeta
from numerics.losses.module import OneChainLoss, require_mean, tensors
from numerics.sampling.control_variates import controlled, virial_of
from numerics.sampling.steps import Posterior, rotating_hmc_step
from numerics.sampling.summary import Rung, rung_of
from slt_symbolic.errors import InvalidInput

FIRST_BURN_IN, BURN_IN = 30, 4  # trajectories before a new chain is measured, and before one that goes on is
DRAWS, KICKS = 20, 6  # of a measurement; gradients in each: some hundred together
FIRST_TIME = 0.1  # between kicks, in units of the width of the posterior without a loss, before anything is adapted
LONGEST_TIME = 1.5  # all kicks together, in that unit: a quarter of the rotation is pi/2, what comes after leads back
ACCEPTANCE = 0.8  # what burn-ins aim at
FIRST_GAIN, SETTLING = 1.0, 10  # by how much the logarithm of the time moves first; a new chain's moves then fall
GAIN = 0.1  # of a chain that goes on: few trajectories must not undo what earlier ones learned
JITTER = 0.3  # of the time: trajectories of one length may resonate
FARTHEST = 10.0  # of a chain from its centre, over sqrt(P/gamma): where it samples, the loss only holds it nearer
ERRORS = 2.0  # Monte-Carlo standard errors by which a fall must exceed its threshold


@dataclass(frozen=True)
class Measurement:
    """At a ``step`` of training: the excess ``llc`` with its Monte-Carlo error and ESS, the loss, what it took."""

    step: int
    llc: float
    mcse: float
    ess: float
    loss: float
    seconds: float


@dataclass(frozen=True)
class Signal:
    """The excess is below its ``peak`` by more than the threshold ``drop``: ``now.llc < (1 - drop) peak.llc``."""

    now: Measurement
    peak: Measurement

    @property
    def fall(self) -> float:
        """The share of the peak that is gone."""
        return 1 - self.now.llc / self.peak.llc


class LLCMonitor:
    """Watches the localised excess during training: call ``step(model)`` after each step of the optimiser.

    ``loss(model(inputs), targets)`` is the mean training loss in nats per sample and ``data = (inputs, targets)``
    training data, of which some hundreds of samples do. ``every``: steps between measurements; None: as often as the
    ``share`` of the time since the first call allows. ``nbeta`` is ``n / log n`` for n samples if not given.
    A signal is raised once, when the excess is below ``1 - drop`` of its highest value by twice its error.

    ``measurements`` has all of them, ``signal`` the signal or None, ``failed`` how many failed and ``problem`` why the
    last one did: the chain ran away or did not move, or the loss is not finite. The first failure is a warning, too.
    The model is measured in evaluation mode and left as it is, gradients and random numbers included. Raises
    `InvalidInput` for arguments that cannot work. There are eight arguments, each with a name: they are what a user may
    want to set, and nothing else is passed along with them.

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

    def __init__(self, loss: Callable[[Any, Any], Tensor], data: Any, *, every: int | None = None, share: float = 0.1,
                 drop: float = MONITOR_DROP, nbeta: float | None = None, gamma: float = MONITOR_GAMMA,
                 seed: int = 0) -> None:
        """Check the arguments, many but all of them named; nothing is measured before `step`."""
        if every is not None and not (isinstance(every, int) and every >= 1):
            raise InvalidInput(f"every={every}", "must be an integer >= 1", "every=100")
        for name, value, most in (("share", share, 1.0), ("drop", drop, 1.0), ("gamma", gamma, math.inf),
                                  ("nbeta", 1.0 if nbeta is None else nbeta, math.inf)):
            if not 0 < value < most:
                raise InvalidInput(f"{name}={value}", f"must be between 0 and {most:g}", f"without {name}")
        self._loss, (self._inputs, self._targets) = loss, tensors(data)
        if nbeta is None and len(self._inputs) < 2:
            raise InvalidInput("data", "has one sample, for which n / log n is not defined", "nbeta=10")
        self.nbeta = default_nbeta(len(self._inputs)) if nbeta is None else nbeta
        self.gamma, self.drop = gamma, drop
        self.measurements: list[Measurement] = []
        self.signal: Signal | None = None
        self.failed = 0
        self.problem: str | None = None
        self._every, self._share, self._seed = every, share, seed
        self._steps, self._spent, self._cost, self._started = 0, 0.0, math.inf, 0.0
        self._chain: _Chain | None = None

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
        peak = max(self.measurements, key=lambda earlier: earlier.llc)
        if self.signal is None and peak.llc > 0 and measured.llc + ERRORS * measured.mcse < (1 - self.drop) * peak.llc:
            self.signal = Signal(measured, peak)
            return self.signal
        return None

    def _is_due(self) -> bool:
        if self._every is not None:
            return self._steps % self._every == 0
        return self._spent + self._cost <= self._share * (time.perf_counter() - self._started)

    def _first_cost(self, model: torch.nn.Module) -> float:
        """Seconds that the first measurement will take, from those of one gradient; the arguments are checked."""
        with _evaluation_mode(model):
            posterior, _ = self._posterior(model)
            before = time.perf_counter()
            posterior.at(torch.zeros_like(posterior.centre)[None])
            return (FIRST_BURN_IN + DRAWS) * KICKS * (time.perf_counter() - before)

    def _note(self, problem: str) -> None:
        """Count a failure; the next measurement starts a new chain."""
        if self.failed == 0:
            warnings.warn(f"LLCMonitor: no measurement at step {self._steps}: {problem}", RuntimeWarning, stacklevel=3)
        self.failed, self.problem, self._chain = self.failed + 1, problem, None

    def _measure(self, model: torch.nn.Module) -> Measurement:
        """Raises `RanAway`."""
        before = time.perf_counter()
        try:
            with _evaluation_mode(model):
                posterior, here = self._posterior(model)
                if not math.isfinite(here):
                    raise RanAway(f"the loss is {here}")
                self._chain = self._chain or _Chain(posterior, self._seed)
                rung = self._chain.run(posterior, here)
        finally:
            spent = time.perf_counter() - before
            self._spent, self._cost = self._spent + spent, spent
        return Measurement(self._steps, rung.mean, rung.mcse, rung.ess, here, spent)

    def _posterior(self, model: torch.nn.Module) -> tuple[Posterior, float]:
        """Around the present parameters, and the loss there."""
        trained = next((x for x in model.parameters() if x.requires_grad), None)
        if trained is None:
            raise InvalidInput("model", "has no parameter with requires_grad", "one that has")
        problem = OneChainLoss(model, self._loss, self._inputs, self._targets, trained.device, trained.dtype)
        if self._steps == 0:
            require_mean(problem)
        posterior = Posterior(problem, problem.start, None, problem.start.new_full((1,), self.nbeta), self.gamma)
        return posterior, float(problem.value(problem.start[None]))


class RanAway(ArithmeticError):
    """A chain samples no posterior around the weights; the message says how that is known."""


class _Chain:
    """One chain of HMC that goes on as its centre moves: an offset (1, P) from the centre, and a time between kicks."""

    def __init__(self, posterior: Posterior, seed: int) -> None:
        centre = posterior.centre
        self._random = torch.Generator(device=centre.device).manual_seed(seed)
        width = posterior.gamma**-0.5
        self._offset = width * torch.randn(1, len(centre), generator=self._random, dtype=centre.dtype,
                                           device=centre.device)
        self._time, self._longest = FIRST_TIME * width, LONGEST_TIME * width / KICKS
        self._new = True

    def run(self, posterior: Posterior, here: float) -> Rung:
        """``nbeta (L - here)`` along the chain. Raises `RanAway`, also where it did not move."""
        nbeta = float(posterior.nbeta)
        state, drawn, moves = posterior.at(self._offset), [], 0
        burn_in = FIRST_BURN_IN if self._new else BURN_IN
        for index in range(burn_in + DRAWS):
            jitter = 1 + JITTER * (2 * torch.rand(1, generator=self._random, device=state.z.device) - 1)
            state, info = rotating_hmc_step(posterior, state, (self._time * jitter).to(state.z), KICKS, self._random)
            if index < burn_in:
                gain = FIRST_GAIN / (1 + index / SETTLING) if self._new else GAIN
                self._time *= math.exp(gain * (float(info.probability) - ACCEPTANCE))
                self._time = min(self._time, self._longest)
            else:
                drawn.append(torch.stack([state.loss, virial_of(posterior, state)]))
                moves += int(info.accepted)
        self._offset, self._new = state.z, False
        losses = controlled(*torch.cat(drawn, 1).double()).numpy(force=True)
        far = float(state.z.norm()) / (state.z.shape[1] / posterior.gamma) ** 0.5
        if not np.isfinite(losses).all() or not far < FARTHEST:
            raise RanAway(f"the chain ran away, {far:.2g} times as far as gamma = {posterior.gamma:g} allows without a "
                          "loss; try a larger gamma, or a smaller nbeta")
        if moves == 0:
            raise RanAway("the chain did not move: the loss is too steep here; try a smaller nbeta")
        return rung_of(nbeta, nbeta * (losses[None] - here))


@contextmanager
def _evaluation_mode(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode; afterwards each module has its own again."""
    training = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in training:
            module.training = mode
