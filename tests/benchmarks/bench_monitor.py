"""How often `LLCMonitor` is wrong: ``python -m tests.benchmarks.bench_monitor [MODULE ...] [--seeds N] [--keep]``.

At its defaults, many seeds: no signal at frozen weights, one when the excess has fallen by a tenth. Of ``linear``,
whose posterior is Gaussian, the excess is known, and a scale in front of the module makes it fall by that much; the
weights of ``tanh`` are multiplied by a factor, ``--check`` measures the fall. ``z`` is the standard deviation, over
seeds, of a first measurement over the median error that it states.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise

import torch
from scipy.optimize import brentq
from torch.nn.functional import mse_loss

from numerics import LLCMonitor, llc
from numerics.estimation.settings import EXCESS_GAMMA, default_nbeta
from tests.benchmarks.kept import Table, keep, show

FROZEN, AFTER = 3, 2  # measurements at the weights as trained, then at the smaller ones
LEFT = 0.9  # of the excess
STEPS = 300  # of training
COLUMNS = ("module", "seeds", "signals at frozen weights", "after the fall", "z", "error / value", "failed",
           "CPU seconds a measurement")
Loss = Callable[..., torch.Tensor]
Data = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Case:
    """A module before and after the fall."""

    before: torch.nn.Module
    after: torch.nn.Module
    loss: Loss
    data: Data


class Scaled(torch.nn.Module):
    """``scale x w``."""

    def __init__(self, weight: torch.Tensor, scale: float) -> None:
        super().__init__()
        self.weight, self.scale = torch.nn.Parameter(weight.clone()), scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, d) -> (n, 1)."""
        return self.scale * x @ self.weight


def linear() -> Case:
    """Least squares in 8 parameters off the minimum by noise, so that the posterior is Gaussian around its mean."""
    x = torch.randn(60, 8, generator=torch.Generator().manual_seed(0))
    weight = torch.linalg.lstsq(x, x[:, :1] + torch.randn(60, 1, generator=torch.Generator().manual_seed(1))).solution
    y, hessian = x @ weight, torch.linalg.eigvalsh(2 * x.T @ x / 60)

    def excess(scale: float) -> float:
        stiff = default_nbeta(60) * scale**2 * hessian
        return float((stiff / (2 * (stiff + EXCESS_GAMMA))).sum())

    scale = brentq(lambda scale: excess(scale) - LEFT * excess(1.0), 0.1, 1.0)
    # Each is at its own minimum: the targets are those of the first, which the second reaches with larger weights.
    return Case(Scaled(weight, 1.0), Scaled(weight / scale, scale), mse_loss, (x, y))


def tanh() -> Case:
    """Regression on a product of two inputs, 25 parameters, not converged."""
    x = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
    return _shrinking(_layers(4, 4, 1), mse_loss, (x, x[:, :2].prod(1, keepdim=True)), 0.78)


CASES = {"linear": linear, "tanh": tanh}


def main() -> None:
    """A line for each module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(CASES)} (default: all)")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--check", action="store_true", help="measure how far the excess falls, and nothing else")
    parser.add_argument("--keep", action="store_true", help="write what the documentation shows")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    names = options.modules or list(CASES)
    if options.check:
        for name in names:
            print(name, _fall(CASES[name]()), flush=True)
        return
    seeds = range(options.first, options.first + options.seeds)
    found = show([Table(
        "The monitor at frozen weights, and after the excess has fallen by a tenth", COLUMNS,
        [_row(name, CASES[name](), seeds) for name in names],
        "z: the standard deviation of first measurements, over seeds, in units of the median error that they state.")])
    if options.keep:
        keep("monitor", found)


def _row(name: str, case: Case, seeds: range) -> tuple[str, ...]:
    """Prints a line for each seed; the row of the table."""
    false = true = failed = 0
    first, errors, seconds = [], [], []
    for seed in seeds:
        started = time.process_time()
        monitor = LLCMonitor(case.loss, case.data, every=1, seed=seed)
        wrong = any(monitor.step(case.before) for _ in range(FROZEN))
        right = any(monitor.step(case.after) for _ in range(AFTER))
        false, true, failed = false + wrong, true + (right and not wrong), failed + monitor.failed
        first.append(monitor.measurements[0].llc)
        errors.append(monitor.measurements[0].mcse)
        seconds.append((time.process_time() - started) / len(monitor.measurements))
        print(name, seed, wrong, right, f"{first[-1]:.5g} {errors[-1]:.2g} {seconds[-1]:.2f}", flush=True)
    z = statistics.stdev(first) / statistics.median(errors)
    return (name, str(len(seeds)), str(false), str(true), f"{z:.2f}",
            f"{statistics.median(error / value for error, value in zip(errors, first, strict=True)):.4f}", str(failed),
            f"{statistics.mean(seconds):.2f}")


def _shrinking(model: torch.nn.Sequential, loss: Loss, data: Data, share: float) -> Case:
    """The model, trained, and with ``share`` of its weights, of which ``--check`` measures the excess."""
    _train(model, loss, data)
    return Case(model, _shrunk(model, share), loss, data)


def _fall(case: Case) -> str:
    before, after = (llc(model, case.loss, case.data, at="here", draws=100, burn_in=40, chains=64, seed=10**6,
                         progress=False) for model in (case.before, case.after))
    return f"{before!r} falls to {after!r}: {after.mean / before.mean:.3f} of it"


def _shrunk(model: torch.nn.Sequential, share: float) -> torch.nn.Sequential:
    copy = deepcopy(model)
    copy.load_state_dict({name: share * x for name, x in model.state_dict().items()})
    return copy


def _layers(*widths: int) -> torch.nn.Sequential:
    layers: list[torch.nn.Module] = []
    for width, following in pairwise(widths):
        layers += [torch.nn.Linear(width, following), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def _train(model: torch.nn.Sequential, loss: Loss, data: Data) -> None:
    torch.manual_seed(0)
    for layer in model:
        if isinstance(layer, torch.nn.Linear):
            layer.reset_parameters()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss(model(data[0]), data[1]).backward()
        optimiser.step()


if __name__ == "__main__":
    main()
