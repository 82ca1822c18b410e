"""Markov chain steps, pure ``(state) -> (state, info)``, all chains at once.

The density of a chain is ``exp(-nbeta L(theta) - gamma/2 |theta - centre|^2)``, each chain at its own ``nbeta``.
Chains live in coordinates ``theta = centre + basis z`` with an orthogonal ``basis`` (None: the identity); ``scale``
(C, P) is the length in ``z`` that a step of size 1 has in each direction. It changes how a chain moves, never where it
goes.

Sources: HMC: Neal, Handbook of Markov Chain Monte Carlo (2011), ch. 5; SGLD: Welling and Teh (2011), with the
localisation of Lau et al., arXiv:2308.12108; replica exchange, even and odd pairs in turn: Syed et al. (2022).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from numerics.losses.polynomial import Loss

Shape = tuple[int, ...]
RATIOS = (0.0, 0.5, 1.0, 2.0)  # of the exponents: one factor alone; degrees 1:2, 1:1 and 2:1
NARROWEST, WIDEST = 0.05, 3.0  # standard deviation of the logarithm of the factor: no width fits all of a valley


@dataclass(frozen=True)
class Posterior:
    """Localised tempered posteriors around ``centre`` (P,), at ``nbeta`` (C,), with one ``gamma``."""

    loss: Loss
    centre: Tensor
    basis: Tensor | None
    nbeta: Tensor
    gamma: float

    def parameters(self, z: Tensor) -> Tensor:
        """``theta`` at positions (C, P)."""
        return self.centre + z if self.basis is None else torch.addmm(self.centre, z, self.basis.T)

    def coordinates(self, offset: Tensor) -> Tensor:
        """``z`` for offsets from the centre (C, P), or the gradient in ``z`` for one in ``theta``."""
        return offset if self.basis is None else offset @ self.basis

    def at(self, z: Tensor) -> State:
        """The state at positions (C, P)."""
        loss, gradient = self.loss.value_and_gradient(self.parameters(z))
        return State(z, loss, self.coordinates(gradient))

    def at_minibatch(self, z: Tensor, size: int, generator: torch.Generator) -> State:
        """The state at positions (C, P), loss and gradient over a fresh minibatch for each chain."""
        loss, gradient = self.loss.minibatch(self.parameters(z), size, generator)
        return State(z, loss, self.coordinates(gradient))

    def potential(self, state: State) -> Tensor:
        """(C,), float64: minus the logarithm of the density, up to a constant. Its differences are small, it is not."""
        return self.energy(state.z, state.loss)

    def energy(self, z: Tensor, loss: Tensor) -> Tensor:
        """The potential (C,) at positions (C, P) with that loss (C,)."""
        return self.nbeta * loss.double() + self.gamma / 2 * z.square().sum(1, dtype=torch.float64)

    def force(self, state: State) -> Tensor:
        """Gradient of the potential (C, P)."""
        return torch.addcmul(self.gamma * state.z, self.nbeta[:, None], state.gradient)


@dataclass(frozen=True)
class State:
    """Positions ``z`` (C, P) with the loss there (C,) and its gradient in ``z`` (C, P)."""

    z: Tensor
    loss: Tensor
    gradient: Tensor

    def where(self, chosen: Tensor, rest: State) -> State:
        """The same state for the ``chosen`` chains (C,), ``rest`` for the others."""
        return State(torch.where(chosen[:, None], self.z, rest.z), torch.where(chosen, self.loss, rest.loss),
                     torch.where(chosen[:, None], self.gradient, rest.gradient))

    def permuted(self, order: Tensor) -> State:
        """The states with other chains in their places."""
        return State(self.z[order], self.loss[order], self.gradient[order])


@dataclass(frozen=True)
class Info:
    """Whether each chain moved (C,)."""

    accepted: Tensor


@dataclass(frozen=True)
class Probability(Info):
    """The probability (C,) with which each chain was to move, 0 where the trajectory ran away."""

    probability: Tensor


def hmc_step(posterior: Posterior, state: State, step: Tensor, scale: Tensor, leapfrogs: int,
             generator: torch.Generator) -> tuple[State, Info]:
    """Hamiltonian Monte Carlo with steps of size ``step`` (C,); one leapfrog is MALA. Exact: nothing biases it."""
    momentum = torch.randn(state.z.shape, generator=generator, dtype=state.z.dtype, device=state.z.device)
    length = step[:, None] * scale
    before = posterior.potential(state) + momentum.square().sum(1) / 2
    moved, momentum = state, momentum - length / 2 * posterior.force(state)
    for index in range(leapfrogs):
        moved = posterior.at(moved.z + length * momentum)
        momentum = momentum - (length if index < leapfrogs - 1 else length / 2) * posterior.force(moved)
    after = posterior.potential(moved) + momentum.square().sum(1) / 2
    uniform = torch.rand(before.shape, generator=generator, dtype=before.dtype, device=before.device)
    accepted = uniform.log() < before - after  # False where the trajectory ran away
    return moved.where(accepted, state), Info(accepted)


def rotating_hmc_step(posterior: Posterior, state: State, time: Tensor, kicks: int,
                      generator: torch.Generator) -> tuple[State, Probability]:
    """Hamiltonian Monte Carlo with unit mass, where localisation moves exactly and the loss kicks. Exact.

    Between two kicks ``z`` and ``momentum / sqrt(gamma)`` rotate by the angle ``sqrt(gamma) time``, time (C,). Like the
    leapfrog it keeps volumes and is its own inverse but for the sign of the momentum; directions that the loss does not
    see add no error, and there may be any number of them. Split HMC: Shahbaba, Lan, Johnson, Neal (Stat. Comput. 2014).
    """
    frequency = posterior.gamma**0.5
    cosine, sine = (frequency * time).cos()[:, None], (frequency * time).sin()[:, None]
    momentum = torch.randn(state.z.shape, generator=generator, dtype=state.z.dtype, device=state.z.device)
    before = posterior.potential(state) + momentum.square().sum(1, dtype=torch.float64) / 2
    push = time[:, None] * posterior.nbeta[:, None]
    moved, momentum = state, momentum - push / 2 * state.gradient
    for index in range(kicks):
        z = cosine * moved.z + sine / frequency * momentum
        momentum = cosine * momentum - frequency * sine * moved.z
        moved = posterior.at(z)
        momentum = momentum - (push if index < kicks - 1 else push / 2) * moved.gradient
    after = posterior.potential(moved) + momentum.square().sum(1, dtype=torch.float64) / 2
    probability = torch.nan_to_num((before - after).exp().clamp(max=1), nan=0.0)
    uniform = torch.rand(before.shape, generator=generator, dtype=before.dtype, device=before.device)
    accepted = uniform < probability
    return moved.where(accepted, state), Probability(accepted, probability)


def sgld_step(posterior: Posterior, state: State, step: Tensor, scale: Tensor, batch: int | None,
              generator: torch.Generator) -> tuple[State, Info]:
    """``z <- z - step/2 scale^2 grad U + sqrt(step) scale noise``, and loss and gradient at the new place.

    They are over all samples, or over a fresh minibatch of ``batch`` for each chain. Biased by the step size and by
    the noise of minibatches. A chain that runs away is not finite any more.
    """
    noise = torch.randn(state.z.shape, generator=generator, dtype=state.z.dtype, device=state.z.device)
    length = step.sqrt()[:, None] * scale
    z = torch.addcmul(state.z, length, torch.addcmul(noise, length, posterior.force(state), value=-0.5))
    moved = posterior.at(z) if batch is None else posterior.at_minibatch(z, batch, generator)
    return moved, Info(moved.loss < math.inf)


def stretch_steps(posterior: Posterior, state: State, shapes: Sequence[Shape], steps: int,
                  generator: torch.Generator) -> tuple[State, Info]:
    """Stretch one tensor of parameters along a direction by ``e^a``, shrink another by ``e^-ka``; so many steps.

    Products of weights have valleys in which one factor grows as another shrinks, over as many orders of magnitude as
    nbeta has; no step size fits all of a valley, a factor does. Direction: a unit of one axis of the tensor, a random
    vector on that axis (the same for both tensors where the axes have the same length), or the whole tensor; around
    zero, where rescaling may be a symmetry, or around the centre. All chains stretch the same tensors, each by its own
    factor. The move and its inverse are equally likely, so Metropolis needs the loss and the change of volume, and the
    gradient is that of the last place. Exact.
    """
    z, loss, moved = state.z, state.loss, torch.zeros_like(state.loss, dtype=torch.bool)
    for _ in range(steps):
        proposed, volume, uniform = _stretch(posterior, z, shapes, generator)
        there = posterior.loss.value(posterior.parameters(proposed))
        accepted = uniform.log() < posterior.energy(z, loss) - posterior.energy(proposed, there) + volume
        z, loss = torch.where(accepted[:, None], proposed, z), torch.where(accepted, there, loss)
        moved = moved | accepted
    return posterior.at(z), Info(moved)


def _stretch(posterior: Posterior, z: Tensor, shapes: Sequence[Shape],
             generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Positions (C, P) after one stretch, the log of the change of volume (C,), and what decides on it (C,)."""
    chains, device, dtype = len(z), z.device, z.dtype

    def choice(count: int) -> int:
        return int(torch.randint(count, (1,), generator=generator, device=device))

    def uniform() -> Tensor:
        return torch.rand(chains, generator=generator, dtype=dtype, device=device)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=dtype, device=device)

    slots = [(tensor, axis) for tensor, shape in enumerate(shapes) for axis in range(len(shape))]
    first = slots[choice(len(slots))]
    partners = [(tensor, axis) for tensor, axis in slots
                if tensor != first[0] and shapes[tensor][axis] == shapes[first[0]][first[1]]]
    pool = partners if partners and choice(4) else slots
    second = pool[choice(len(pool))]
    ratio = RATIOS[choice(len(RATIOS))]
    width = torch.exp(math.log(WIDEST) - math.log(WIDEST / NARROWEST) * uniform())
    stretch = width * normal(chains)
    lengths = [shapes[tensor][axis] for tensor, axis in (first, second)]
    kind = choice(3)
    if kind == 1 and first[0] != second[0]:  # stretches of one tensor along two directions need not commute
        directions = [normal(chains, length) for length in lengths]
        if lengths[0] == lengths[1]:
            directions[1] = directions[0]
        directions = [direction / direction.norm(dim=1, keepdim=True) for direction in directions]
    else:
        units = [torch.randint(length, (chains,), generator=generator, device=device) for length in lengths]
        if lengths[0] == lengths[1] and first != second:
            units[1] = units[0]
        directions = [torch.nn.functional.one_hot(unit, length).to(dtype)
                      for unit, length in zip(units, lengths, strict=True)]
    around = posterior.centre if choice(2) else torch.zeros_like(posterior.centre)
    theta = posterior.parameters(z) - posterior.centre + around
    volume = torch.zeros_like(stretch)
    for (tensor, axis), direction, amount in zip((first, second), directions, (stretch, -ratio * stretch), strict=True):
        theta, change = stretched(theta, shapes, tensor, axis, None if kind == 2 else direction, amount)
        volume = volume + change
    return posterior.coordinates(theta - around), volume, uniform()


def stretched(theta: Tensor, shapes: Sequence[Shape], tensor: int, axis: int, direction: Tensor | None,
               amount: Tensor) -> tuple[Tensor, Tensor]:
    """One tensor of ``theta`` (C, P) times ``e^amount`` (C,) along ``direction`` (C, length); the log of the volume."""
    sizes = [math.prod(shape) for shape in shapes]
    parts = list(theta.split(sizes, 1))
    if direction is None:
        parts[tensor] = parts[tensor] * amount.exp()[:, None]
        return torch.cat(parts, 1), amount * sizes[tensor]
    values = parts[tensor].reshape(len(theta), *shapes[tensor]).movedim(axis + 1, 1)
    rows = values.flatten(2) if values.dim() > 2 else values[..., None]
    along = (direction[:, None] @ rows) * torch.expm1(amount)[:, None, None]
    rows = rows + direction[:, :, None] * along
    parts[tensor] = rows.reshape(values.shape).movedim(1, axis + 1).flatten(1)
    return torch.cat(parts, 1), amount * (sizes[tensor] // shapes[tensor][axis])


def exchange(posterior: Posterior, state: State, rungs: int, first: int,
             generator: torch.Generator) -> tuple[State, Info]:
    """Exchange the states of neighbouring rungs ``first, first + 1``; ``first + 2, first + 3``; and so on. Exact.

    Chains are ordered by rung; chain c of one rung meets chain c of the next.
    """
    nbeta, loss = posterior.nbeta.reshape(rungs, -1), state.loss.reshape(rungs, -1)
    lower = torch.arange(first, rungs - 1, 2, device=loss.device)
    gain = (nbeta[lower] - nbeta[lower + 1]) * (loss[lower] - loss[lower + 1])
    uniform = torch.rand(gain.shape, generator=generator, dtype=gain.dtype, device=gain.device)
    accepted = uniform.log() < gain
    order = torch.arange(loss.numel(), device=loss.device).reshape(rungs, -1)
    low, high = order[lower], order[lower + 1]
    order[lower], order[lower + 1] = torch.where(accepted, high, low), torch.where(accepted, low, high)
    return state.permuted(order.flatten()), Info(accepted)
