"""The excess at given weights, beside devinterp: ``python -m tests.benchmarks.bench_excess [MODULE ...] [--keep]``.

`numerics.llc` at its defaults and devinterp 1.3.2 on the same posterior of the same module, at the weights that a short
training left. The value is exact, or that of long chains of our own, which are corrected for their step by rejection
and started apart. An error is the root mean square over seeds of the distance from it.

In as many seconds: devinterp gets the seconds of one core that ours took, and four chains, whole batches, a third of
its draws as burn-in before them, and its start for free; of several steps the one that turns out best counts, each of
which had that time for itself. To an error of 5 %: each program with a quarter of that time, all of it, 4 and 16 times,
the first that is within; the best step at each.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from numerics import llc
from numerics.estimation.result import Estimate
from numerics.estimation.settings import EXCESS_GAMMA, default_nbeta
from tests.benchmarks.kept import Table, keep, kept_rows, show
from tests.benchmarks.peer import SGLD, LLCEstimator, require_peer, sample, whole_batches
from tests.benchmarks.trained import LARGE, Loss, tanh, train

CHAINS, STEPS = 4, (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)  # of devinterp
SEEDS, FEW = 10, 3  # of small modules; of those of more than LARGE parameters, and where times are compared
LADDER = (0.25, 1, 4)  # times as long as ours
WITHIN = 0.05  # of the value


@dataclass(frozen=True)
class Problem:
    """A module, its loss and data, and how strongly chains are held to its weights."""

    model: nn.Module
    loss: Loss
    x: Tensor
    y: Tensor
    gamma: float = EXCESS_GAMMA

    @property
    def nbeta(self) -> float:
        """What `numerics.llc` takes by default."""
        return default_nbeta(len(self.x))

    @property
    def parameters(self) -> int:
        """How many entries are sampled."""
        return sum(q.numel() for q in self.model.parameters())


def least_squares() -> Problem:
    """At its minimum the posterior is Gaussian."""
    x = torch.randn(60, 8, generator=torch.Generator().manual_seed(0))
    y = x[:, :1] + torch.randn(60, 1, generator=torch.Generator().manual_seed(1))
    model = nn.Linear(8, 1, bias=False)
    model.weight.data = torch.linalg.lstsq(x, y).solution.T
    return Problem(model, mse_loss, x, y)


def softmax() -> Problem:
    """Five noisy classes of ten features."""
    torch.manual_seed(0)
    x = torch.randn(500, 10)
    y = (x @ torch.randn(10, 5) + 2 * torch.randn(500, 5)).argmax(1)
    return _trained(nn.Linear(10, 5), cross_entropy, x, y, 300)


def small() -> Problem:
    """Regression on a product of two inputs by one hidden layer."""
    model, x, y = tanh((4, 4, 1), 60, 300)
    return Problem(model, mse_loss, x, y)


def large(width: int) -> Problem:
    """Regression on a product of two inputs by two hidden layers, at the start of training."""
    model, x, y = tanh((8, width, width, 1), 1000, 20)
    return Problem(model, mse_loss, x, y, gamma=100.0)


def deep_linear() -> Problem:
    """Three layers of width six on a truth of rank two, with noise."""
    torch.manual_seed(0)
    x = torch.randn(200, 6)
    y = x @ torch.randn(6, 2) @ torch.randn(2, 6) / 3 + torch.randn(200, 6) / 10
    return _trained(nn.Sequential(*(nn.Linear(6, 6, bias=False) for _ in range(3))), mse_loss, x, y, 300)


class Superposition(nn.Module):
    """``relu(W^T W x + b)``."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(torch.randn(hidden, features) / 2), nn.Parameter(torch.zeros(features))

    def forward(self, x: Tensor) -> Tensor:
        """(n, features) -> (n, features)."""
        return torch.relu(x @ self.w.T @ self.w + self.b)


def superposition() -> Problem:
    """The toy model of six features in two dimensions, one feature at a time."""
    torch.manual_seed(0)
    x = torch.eye(6)[torch.randint(6, (1000,))] * torch.rand(1000, 1)
    return _trained(Superposition(6, 2), mse_loss, x, x, 300)


class Sums(nn.Module):
    """Two embedded numbers, a hidden layer of both, logits of their sum modulo p."""

    def __init__(self, p: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(p, embedding)
        self.left, self.right = nn.Linear(embedding, hidden), nn.Linear(embedding, hidden)
        self.out = nn.Linear(hidden, p, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 2) -> (n, p)."""
        one, other = self.embedding(x).unbind(1)
        logits: Tensor = self.out(nn.functional.gelu(self.left(one) + self.right(other)))
        return logits


class Transformer(nn.Module):
    """One block of attention and an MLP, read at the last position."""

    def __init__(self, p: int, width: int) -> None:
        super().__init__()
        self.embedding, self.position = nn.Embedding(p, width), nn.Parameter(torch.randn(2, width) / 4)
        self.block = nn.TransformerEncoderLayer(width, 2, 2 * width, dropout=0.0, activation="gelu", batch_first=True)
        self.out = nn.Linear(width, p)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 2) -> (n, p)."""
        logits: Tensor = self.out(self.block(self.embedding(x) + self.position)[:, -1])
        return logits


def _modular_addition(model: nn.Module, p: int, share: float) -> Problem:
    pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
    chosen = pairs[torch.randperm(p * p)[:int(share * p * p)]]
    return _trained(model, cross_entropy, chosen, chosen.sum(1) % p, 200)


def grokking() -> Problem:
    """4428 parameters that add modulo 53, as in a notebook that is often copied."""
    torch.manual_seed(0)
    return _modular_addition(Sums(53, 12, 48), 53, 0.4)


def transformer() -> Problem:
    """A small one, which adds modulo 11."""
    torch.manual_seed(0)
    return _modular_addition(Transformer(11, 16), 11, 1.0)


def _trained(model: nn.Module, loss: Loss, x: Tensor, y: Tensor, steps: int) -> Problem:
    train(model, loss, x, y, steps)
    return Problem(model, loss, x, y)


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "least squares": least_squares,
    "softmax 10-5": softmax,
    "tanh 4-4-1": small,
    "deep linear 6-6-6-6": deep_linear,
    "superposition 6-2": superposition,
    "transformer": transformer,
    "grokking": grokking,
    "tanh 8-300-300-1": lambda: large(300),
    "tanh 8-1000-1000-1": lambda: large(1000)}


def main() -> None:
    """A table of errors in as many seconds, and one of the seconds to an error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(PROBLEMS)} (default: all)")
    parser.add_argument("--keep", action="store_true", help="write what the documentation shows")
    options = parser.parse_args()
    require_peer(parser)
    rows = {row[0]: row for row in kept_rows("excess")} if options.keep else {}  # beside those of other calls
    for name in options.modules or PROBLEMS:
        rows[name] = _compared(name, PROBLEMS[name]())
        if options.keep:
            keep("excess", [_table(rows)], of_one_call=False)
    show([_table(rows)])


def _table(rows: Mapping[str, list[str]]) -> Table:
    return Table("The excess at the weights as they are, in as many seconds", (
        "module", "parameters", "gamma", "value", "seeds", "CPU s each", "our error", "devinterp's", "at a step of",
        "ratio", "devinterp's CPU s to 5 %"), [rows[name] for name in PROBLEMS if name in rows],
        "Errors are root mean squares over seeds.")


def _compared(name: str, problem: Problem) -> list[str]:
    """The row of a problem, printed as well."""
    value, uncertain = _gaussian(problem) if name == "least squares" else _long_chains(problem)
    large = problem.parameters > LARGE
    seeds, steps, shares = (FEW, STEPS[:3], LADDER[:2]) if large else (SEEDS, STEPS, LADDER)
    found = [_timed(problem, seed) for seed in range(seeds)]
    seconds, ours = statistics.median(s for _, s in found), _size(one.mean - value for one, _ in found)
    peer = Peer(problem)
    theirs = {step: _size(peer.within(seconds, step, seed) - value for seed in range(seeds)) for step in steps}
    best, second = sorted(steps, key=theirs.__getitem__)[:2]
    near = (share * seconds for share in shares for step in (best, second) if WITHIN * abs(value) >= _size(
        peer.within(share * seconds, step, seed) - value for seed in range(FEW)))
    row = [name, str(problem.parameters), f"{problem.gamma:g}", f"{value:.4f} ± {uncertain:.1g}", str(seeds),
           f"{seconds:.1f}", f"{ours:.4f}", f"{theirs[best]:.4f}", f"{best:g}", f"{theirs[best] / ours:.1f}",
           f"{first:.2g}" if (first := next(near, None)) else f"> {shares[-1] * seconds:.2g}"]
    print(*row, sep="  ", flush=True)
    return row


Run = tuple[Estimate, float]  # with its seconds of one core


def _timed(problem: Problem, seed: int, **settings: Any) -> Run:
    start = time.process_time()
    found = llc(problem.model, problem.loss, (problem.x, problem.y), at="here", gamma=problem.gamma, seed=seed,
                progress=False, **settings)
    return found, time.process_time() - start


def _size(errors: Iterable[float]) -> float:
    """Root mean square; infinite where a chain ran away."""
    found = math.sqrt(statistics.mean(x * x for x in errors))
    return found if math.isfinite(found) else math.inf


def _gaussian(problem: Problem) -> tuple[float, float]:
    x = problem.x.double()
    stiff = problem.nbeta * torch.linalg.eigvalsh(2 * x.T @ x / len(x))
    return float((stiff / (2 * (stiff + problem.gamma))).sum()), 0.0


def _long_chains(problem: Problem) -> tuple[float, float]:
    lengths = {"chains": 8, "burn_in": 60, "draws": 100} if problem.parameters > LARGE else {
        "chains": 32, "burn_in": 150, "draws": 4000}
    exact = Problem(deepcopy(problem.model).double(), problem.loss,
                    problem.x.double() if problem.x.is_floating_point() else problem.x,
                    problem.y.double() if problem.y.is_floating_point() else problem.y, problem.gamma)
    found, _ = _timed(exact, 10**6, **lengths)
    return found.mean, found.mcse


class Peer:
    """devinterp on a problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.loader = whole_batches(problem.x, problem.y, size=len(problem.x))
        self.here = float(problem.loss(problem.model(problem.x), problem.y).detach())
        short, long = (3, 9) if problem.parameters > LARGE else (30, 150)
        self._seconds(short)
        self.each = (self._seconds(long) - self._seconds(short)) / (long - short)  # of a draw

    def within(self, seconds: float, step: float, seed: int) -> float:
        """What it finds in so many seconds of one core; no number where it stops at losses that are none."""
        try:
            return self._value(max(int(seconds / self.each), 10), step, seed)
        except RuntimeError as error:
            if "NaN" not in str(error):
                raise
            return math.nan

    def _value(self, draws: int, step: float, seed: int) -> float:
        callback = LLCEstimator(num_chains=CHAINS, num_draws=draws, init_loss=self.here, nbeta=self.problem.nbeta)
        sample(model=deepcopy(self.problem.model), loader=self.loader, callbacks=[callback], evaluate=self._loss,
               sampling_method=SGLD, num_draws=draws, num_burnin_steps=draws // 3, num_chains=CHAINS,
               optimizer_kwargs={"lr": step, "nbeta": self.problem.nbeta, "localization": self.problem.gamma},
               init_loss=self.here, seed=seed, verbose=False)
        return float(callback.get_results()["llc/mean"])

    def _loss(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        return self.problem.loss(model(batch[0]), batch[1])

    def _seconds(self, draws: int) -> float:
        start = time.process_time()
        self._value(draws, STEPS[0], 0)
        return time.process_time() - start


if __name__ == "__main__":
    main()
