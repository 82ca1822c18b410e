"""The task of the examples: ``a + b`` modulo p from the pair (a, b), some pairs held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from numerics import LLCMonitor

EVALUATIONS = 20  # lines that are printed along the way


@dataclass(frozen=True)
class Pairs:
    """``inputs`` (n, 2) and labels ``targets`` (n,)."""

    inputs: Tensor
    targets: Tensor


def split(p: int, fraction: float, seed: int) -> tuple[Pairs, Pairs]:
    """Training pairs, and all others."""
    pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
    chosen = torch.randperm(p * p, generator=torch.Generator().manual_seed(seed))
    some, rest = chosen.split([round(fraction * p * p), p * p - round(fraction * p * p)])
    return Pairs(pairs[some], pairs[some].sum(1) % p), Pairs(pairs[rest], pairs[rest].sum(1) % p)


def train(model: torch.nn.Module, loss: Callable[[Tensor, Tensor], Tensor], optimiser: torch.optim.Optimizer,
          training: Pairs, held_out: Pairs, monitor: LLCMonitor, steps: int) -> None:
    """A plain loop, all training pairs in each step; the monitor never sees the pairs that are held out."""
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        error = loss(model(training.inputs), training.targets)
        error.backward()
        optimiser.step()
        signal = monitor.step(model)
        if signal is not None:
            print(f"step {step}: signal, the excess fell by {signal.fall:.0%} from its peak at step {signal.peak.step}")
        if step % max(steps // EVALUATIONS, 1) == 0:
            last = monitor.measurements[-1] if monitor.measurements else None
            measured = "not measured yet" if last is None else f"{last.llc:.1f} +- {last.mcse:.1f}"
            print(f"step {step:6}: training loss {error.item():.2e}, accuracy {accuracy(model, training):.2f}, "
                  f"held out {accuracy(model, held_out):.2f}; excess {measured}", flush=True)
    spent = sum(measurement.seconds for measurement in monitor.measurements)
    print(f"{len(monitor.measurements)} measurements took {spent:.1f} s")


@torch.no_grad()
def accuracy(model: torch.nn.Module, pairs: Pairs) -> float:
    """The share of pairs whose label has the largest output."""
    model.eval()
    right = model(pairs.inputs).argmax(1) == pairs.targets
    model.train()
    return float(right.double().mean())
