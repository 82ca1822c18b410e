"""The two SGLD chains of the published learning coefficients, literally, on quadratic networks with two-hot inputs.

``w <- w - step/2 (nbeta grad L_B(w) + gamma (w - w*)) + sqrt(step) noise``, ``L_B`` over a fresh batch of different
pairs at each step, the mean error of each output over that batch taken away (Cullen et al., arXiv:2603.01192, whose
``nbeta`` is that of the batch, ``B / log B``). The value is ``nbeta`` times the mean of ``L_B`` over the draws, less
``nbeta`` times the loss at w*.

The same steps as `numerics.sampling.langevin` makes on any loss, with nothing between: one chain at a time, whose
weights stay in the cache, and no gradient in memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from numerics.losses.polynomial import Loss
from numerics.losses.two_hot import TwoHotLoss
from numerics.progress import Progress
from numerics.sampling.schedule import Schedule
from numerics.sampling.summary import Rung, rung_of
from slt_symbolic.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class Sgld(Schedule):
    """Chains of fixed ``step`` at ``nbeta`` and ``gamma`` on batches of ``batch`` pairs. Raises `InvalidInput`.

    >>> chain = PUBLISHED["gamma 5"]
    >>> chain.relaxation, round(chain.nbeta, 2)
    (400.0, 26.38)
    >>> round(chain.variance(100) * chain.gamma, 2), round(chain.variance(600) * chain.gamma, 2)
    (0.22, 0.78)
    """

    step: float
    gamma: float
    nbeta: float
    batch: int

    def __post_init__(self) -> None:
        for name in ("step", "gamma", "nbeta"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InvalidInput(f"{name}={value}", "must be a positive number", f"{name}=5")
        if self.step * self.gamma >= 4:
            raise InvalidInput(f"step={self.step}", "lets the localisation alone run away (step · gamma >= 4)",
                               f"step={1 / (100 * self.gamma):.2g}")
        for name, least in (("batch", 2), ("chains", 1), ("burn_in", 0), ("draws", 4), ("seed", 0)):
            if getattr(self, name) < least:
                raise InvalidInput(f"{name}={getattr(self, name)}", f"must be an integer >= {least}", f"{name}={least}")

    @property
    def relaxation(self) -> float:
        """Steps in which the localisation's variance comes a factor e closer to its limit."""
        return 1 / (self.step * self.gamma)

    def variance(self, steps: float = math.inf) -> float:
        """Of each weight after so many steps by noise and localisation alone, as if there were no loss."""
        limit = 1 / (self.gamma * (1 - self.step * self.gamma / 4))
        return limit * (1 - math.pow(1 - self.step * self.gamma / 2, 2 * steps))


def _published(step: float, gamma: float) -> Sgld:
    return Sgld(chains=3, burn_in=100, draws=500, step=step, gamma=gamma, nbeta=128 / math.log(128), batch=128)


PUBLISHED: Mapping[str, Sgld] = MappingProxyType({"gamma 5": _published(5e-4, 5.0),
                                                  "gamma 100": _published(4e-4, 100.0)})


@dataclass(frozen=True)
class Chains:
    """``trace`` (chains, steps): ``nbeta (L_B - L(w*))`` at each step, the burn-in and w* itself included."""

    trace: Tensor
    settings: Sgld

    @property
    def rung(self) -> Rung:
        """Value, error, ESS and R-hat of the draws. Raises `EstimateError` where a chain ran away."""
        return rung_of(self.settings.nbeta, self.trace[:, self.settings.burn_in:].numpy())

    @property
    def values(self) -> Tensor:
        """(chains,): the mean of each chain's draws."""
        return self.trace[:, self.settings.burn_in:].mean(1)


@torch.inference_mode()
def literal_chains(loss: TwoHotLoss, point: Tensor, settings: Sgld, progress: bool = False) -> Chains:
    """Chains around ``point`` (3pK,), in its precision, one after the other. Raises `InvalidInput`.

    ``L(w*)`` is the mean over all batches of that size, exactly: less mean errors taken away from a batch, that is the
    loss on all n pairs times ``(B - 1) n / (B (n - 1))``.
    """
    here = float(_here(loss, point[None], settings.batch))
    generator = torch.Generator().manual_seed(settings.seed)
    with Progress("SGLD", settings.chains * settings.steps, shown=progress) as bar:
        losses = []
        for _ in range(settings.chains):
            losses.append(_chain(loss, point, settings, generator))
            bar.advance(settings.steps)
    return Chains(settings.nbeta * (torch.stack(losses).double() - here), settings)


@torch.inference_mode()
def literal_values(loss: TwoHotLoss, points: Tensor, settings: Sgld) -> Tensor:
    """(T,): the value of the first chain of `literal_chains` around each of the ``points`` (T, 3pK), side by side.

    All chains take the same batches and the same noise, as they do one by one from one seed. Raises `InvalidInput`.
    """
    p, units, size = len(loss.targets), loss.units, settings.batch
    here = _here(loss, points, size)
    generator = torch.Generator().manual_seed(settings.seed)
    pull, push = settings.step * settings.gamma / 2, -settings.step * settings.nbeta / (2 * size)
    centre, labels = points.view(-1, 3 * p, units), loss.targets.T.contiguous()
    rows = loss.pairs + torch.tensor([0, p])
    weights, noise = centre.clone(), torch.empty_like(centre[0])
    v, total = weights[:, 2 * p:], torch.zeros_like(here)
    for step in range(settings.steps):
        chosen = torch.randperm(loss.samples, generator=generator)[:size]
        first, second = rows[chosen].T
        sums = weights.index_select(1, first).add_(weights.index_select(1, second))  # (T, B, K)
        squares = sums.square()
        error = torch.bmm(v, squares.mT).sub_(labels[chosen].T)  # (T, p, B)
        if loss.centred:
            error -= error.mean(2, keepdim=True)
        if step >= settings.burn_in:
            total += error.square().sum((1, 2)).double() / (2 * size)
        to_sums, to_v = torch.bmm(error.mT, v).mul_(sums), torch.bmm(error, squares)
        weights.lerp_(centre, pull).add_(noise.normal_(generator=generator), alpha=settings.step**0.5)
        v.add_(to_v, alpha=push)
        for side in (first, second):
            weights.index_add_(1, side, to_sums, alpha=2 * push)
    return settings.nbeta * (total / settings.draws - here)


def _here(loss: TwoHotLoss, points: Tensor, size: int) -> Tensor:
    """(T,): ``L(w*)`` in the mean over all batches of that size."""
    n = loss.samples
    if size > n:
        raise InvalidInput(f"batch={size}", f"is more than the {n} training pairs", f"batch={n}")
    return loss.value(points).double() * ((size - 1) * n / (size * (n - 1)) if loss.centred else 1)


@torch.no_grad()
def values_around(loss: Loss, points: Tensor, settings: Sgld) -> Tensor:
    """(T,): the same of any loss at ``points`` (T, P), where each chain draws batches of its own, with replacement."""
    generator, theta = torch.Generator().manual_seed(settings.seed), points.clone()
    total = points.new_zeros(len(points), dtype=torch.float64)
    for step in range(settings.steps):
        values, slopes = loss.minibatch(theta, settings.batch, generator)
        if step >= settings.burn_in:
            total += values.double()
        noise = torch.randn(points.shape[1], generator=generator, dtype=points.dtype)
        theta = theta - settings.step / 2 * (settings.nbeta * slopes + settings.gamma * (theta - points))
        theta += settings.step**0.5 * noise
    return settings.nbeta * (total / settings.draws - loss.value(points).double())


def _chain(loss: TwoHotLoss, point: Tensor, settings: Sgld, generator: torch.Generator) -> Tensor:
    """(steps,): the loss of each step's batch."""
    p, units, size = len(loss.targets), loss.units, settings.batch
    pull, push = settings.step * settings.gamma / 2, -settings.step * settings.nbeta / (2 * size)
    centre, labels = point.view(3 * p, units), loss.targets.T.contiguous()
    rows = loss.pairs + torch.tensor([0, p])
    weights, noise = centre.clone(), torch.empty_like(centre)
    v, losses = weights[2 * p:], []
    for _ in range(settings.steps):
        chosen = torch.randperm(loss.samples, generator=generator)[:size]
        sums = embedding_bag(rows[chosen], weights, mode="sum")  # (B, K)
        squares = sums.square()
        error = (v @ squares.T).sub_(labels[chosen].T)  # (p, B)
        if loss.centred:
            error -= error.mean(1, keepdim=True)
        losses.append(error.square().sum() / (2 * size))
        to_sums, to_v = (error.T @ v).mul_(sums), error @ squares
        weights.lerp_(centre, pull).add_(noise.normal_(generator=generator), alpha=settings.step**0.5)
        v.add_(to_v, alpha=push)
        for side in rows[chosen].T:
            weights.index_add_(0, side, to_sums, alpha=2 * push)
    return torch.stack(losses)
