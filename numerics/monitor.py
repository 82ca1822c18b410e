"""The LLC along anybody's training loop, from training data alone, and a signal when it falls from its peak.

The quantity is ``nbeta E[L(w) - L(w0)]`` under ``exp(-nbeta L(w) - gamma/2 |w - w*|^2)``, w* the present parameters and
w0 the mode next to them (`numerics.localised`), sampled by HMC at the same settings and with the same random numbers
each time. It is a learning coefficient only where w* is a minimum and gamma is small against the curvature; elsewhere
it is a count of the directions that the loss constrains at that temperature.

What the signal is worth was measured: ``numerics/study/report.md``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from numerics.localised import Chains, sample_around
from numerics.module_loss import ModuleLoss, require_mean, tensors
from slt_symbolic.errors import InvalidInput

CHAINS = Chains(chains=2, burn_in=12, draws=20, leapfrogs=6)
GAMMA = 5.0
ERRORS = 2.0  # Monte-Carlo standard errors by which a fall must exceed its threshold


@dataclass(frozen=True)
class Measurement:
    """At a ``step`` of training: the LLC with its Monte-Carlo error and R-hat, the training loss, what it took."""

    step: int
    llc: float
    mcse: float
    rhat: float
    loss: float
    seconds: float


@dataclass(frozen=True)
class Signal:
    """The LLC has fallen from its ``peak`` by more than the threshold: ``1 - now.llc / peak.llc > drop``."""

    now: Measurement
    peak: Measurement

    @property
    def fall(self) -> float:
        """The share of the peak that is gone."""
        return 1 - self.now.llc / self.peak.llc


def default_nbeta(samples: int) -> float:
    """``n / log n``."""
    return samples / math.log(samples)


class LLCMonitor:
    """Watches the LLC during training: call ``step(model)`` after each step of the optimiser.

    ``loss(model(inputs), targets)`` is the mean training loss in nats per sample and ``data = (inputs, targets)``
    training data, of which some hundreds of samples do. ``every``: steps between measurements; None: as often as they
    take at most the ``share`` of the time since the first call. ``nbeta`` is ``n / log n`` for n samples if not given.
    A signal is raised once, when the LLC is below ``1 - drop`` of its highest value by twice its error.

    The model is measured in evaluation mode, on float64 copies, and left as it is, random numbers included. Raises
    `InvalidInput` for arguments that cannot work; a measurement that is not finite is none, and ``failed`` counts it.

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
    >>> [found.step for found in monitor.measurements]
    [50, 100]
    """

    def __init__(self, loss: Callable[[Any, Any], Tensor], data: Any, *, every: int | None = None, share: float = 0.1,
                 drop: float = 0.05, nbeta: float | None = None, gamma: float = GAMMA, seed: int = 0) -> None:
        if every is not None and not (isinstance(every, int) and every >= 1):
            raise InvalidInput(f"every={every}", "must be an integer >= 1", "every=100")
        for name, value, most in (("share", share, 1.0), ("drop", drop, 1.0), ("gamma", gamma, math.inf),
                                  ("nbeta", 1.0 if nbeta is None else nbeta, math.inf)):
            if not 0 < value < most:
                raise InvalidInput(f"{name}={value}", f"must be between 0 and {most:g}", f"without {name}")
        self._loss, self._inputs, self._targets = loss, *tensors(data)
        if nbeta is None and len(self._inputs) < 2:
            raise InvalidInput("data", "has one sample, for which n / log n is not defined", "nbeta=10")
        self.nbeta = default_nbeta(len(self._inputs)) if nbeta is None else nbeta
        self.gamma, self.drop = gamma, drop
        self.measurements: list[Measurement] = []
        self.signal: Signal | None = None
        self.failed = 0
        self._every, self._share, self._seed = every, share, seed
        self._steps, self._spent, self._started = 0, 0.0, 0.0

    def step(self, model: torch.nn.Module) -> Signal | None:
        """Count a step of training and measure if it is time; the signal, at the one step at which it is raised."""
        if self._steps == 0:
            self._started = time.perf_counter()
        self._steps += 1
        if not self._due():
            return None
        found = self.measure(model)
        if found is None:
            self.failed += 1
            return None
        self.measurements.append(found)
        peak = max(self.measurements, key=lambda measured: measured.llc)
        if self.signal is None and found.llc + ERRORS * found.mcse < (1 - self.drop) * peak.llc:
            self.signal = Signal(found, peak)
            return self.signal
        return None

    def measure(self, model: torch.nn.Module) -> Measurement | None:
        """The LLC of ``model`` now, whatever the schedule says; None if it is not finite."""
        before = time.perf_counter()
        with _undisturbed(model):
            problem = ModuleLoss(model, self._loss, self._inputs, self._targets)
            if problem.parameters == 0:
                raise InvalidInput("model", "has no parameter with requires_grad", "one that has")
            if not self.measurements:
                require_mean(problem)
            here = float(problem.value(problem.start[None]))
            found = sample_around(problem, problem.start, self.nbeta, self.gamma, CHAINS, self._seed)
        spent = time.perf_counter() - before
        self._spent += spent
        rung = found.rung
        if not all(map(math.isfinite, (here, found.corrected, rung.mcse))):
            return None
        return Measurement(self._steps, found.corrected, rung.mcse, rung.rhat, here, spent)

    def _due(self) -> bool:
        if self._every is not None:
            return self._steps % self._every == 0
        return self._spent <= self._share * (time.perf_counter() - self._started)


@contextmanager
def _undisturbed(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode, each module's own restored; attention in kernels that can be differentiated twice."""
    training = [(module, module.training) for module in model.modules()]
    fast = torch.backends.mha.get_fastpath_enabled()
    model.eval()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        for module, mode in training:
            module.training = mode
