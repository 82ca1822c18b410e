"""The loss of a user's module on a user's data, at many parameter vectors at once.

Notation as in `numerics.losses.polynomial`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset

from numerics.losses.polynomial import hessian_of
from slt_symbolic.errors import InvalidInput

SAMPLE_CHUNK, PASS = 4096, 2**18  # samples, and chains × samples, in one pass: memory stays small
MEAN_TOLERANCE = {torch.float64: 1e-6}  # else 1e-3


class ModuleLoss:
    """The loss of a user's module: ``loss(model(inputs), targets)``, a mean over the samples, in float64 by default.

    Parameters that ask for a gradient are sampled, in the order of ``model.named_parameters()``; the module itself is
    left as it is. Chains go through `torch.func.vmap` in chunks, samples are added up in chunks.
    """

    def __init__(self, model: torch.nn.Module, loss: Callable[[Any, Any], Tensor], inputs: Tensor, targets: Tensor,
                 device: str | torch.device = "cpu", dtype: torch.dtype = torch.float64) -> None:
        """Copy the trained parameters in ``dtype``; the data move to the ``device``."""
        def moved(tensor: Tensor) -> Tensor:
            return tensor.detach().to(device, dtype if tensor.is_floating_point() else tensor.dtype)

        self._model, self._loss = model, loss
        self._inputs, self._targets = moved(inputs), moved(targets)
        trained = {name: moved(x) for name, x in model.named_parameters() if x.requires_grad}
        frozen = {name: moved(x) for name, x in model.named_parameters() if not x.requires_grad}
        self._fixed = frozen | {name: moved(x) for name, x in model.named_buffers()}
        self._shapes = {name: x.shape for name, x in trained.items()}
        self.start = torch.cat([x.flatten() for x in trained.values()]) if trained else torch.zeros(0)
        chains = max(PASS // min(len(inputs), SAMPLE_CHUNK), 1)
        self._each = torch.func.vmap(
            torch.func.grad_and_value(self._single), in_dims=(0, None, None), chunk_size=chains)
        self._each_own = torch.func.vmap(torch.func.grad_and_value(self._single), chunk_size=chains)

    @property
    def parameters(self) -> int:
        """The number P of parameters that ask for a gradient."""
        return len(self.start)

    @property
    def samples(self) -> int:
        """The number n of samples."""
        return len(self._inputs)

    def value(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C,)."""
        return self.value_and_gradient(theta)[0]

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P)."""
        theta = _differentiable(theta)
        total, gradient = torch.zeros_like(theta[:, 0]), torch.zeros_like(theta)
        for share, inputs, targets in self._chunks():
            with torch.inference_mode(False):
                slope, value = self._each(theta, inputs, targets)
            total, gradient = total + share * value, gradient + share * slope
        return total, gradient

    def repeated(self, times: int) -> Tensor:
        """What ``loss`` returns at the module's parameters for all samples, ``times`` over."""
        inputs = torch.cat([self._inputs] * times)
        return self._single(self.start, inputs, torch.cat([self._targets] * times)).detach()

    def minibatch(self, theta: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P): each chain draws ``size`` samples of its own, with replacement."""
        rows = torch.randint(self.samples, (len(theta), size), generator=generator, device=theta.device)
        inputs, targets = (_differentiable(x[rows]) for x in (self._inputs, self._targets))
        with torch.inference_mode(False):
            gradient, value = self._each_own(_differentiable(theta), inputs, targets)
        return value, gradient

    def hessian(self, theta: Tensor) -> Tensor:
        """(P,) -> (P, P)."""
        total = torch.zeros(len(theta), len(theta), dtype=theta.dtype, device=theta.device)
        for share, inputs, targets in self._chunks():
            total += share * hessian_of(partial(self._single, inputs=inputs, targets=targets), theta)
        return total

    @property
    def shapes(self) -> Sequence[tuple[int, ...]]:
        """The shapes of the parameters that ask for a gradient; a number is (1,)."""
        return [tuple(shape) or (1,) for shape in self._shapes.values()]

    def _chunks(self) -> Iterator[tuple[float, Tensor, Tensor]]:
        """Some of the samples at a time, and which share of all they are."""
        for inputs, targets in zip(self._inputs.split(SAMPLE_CHUNK), self._targets.split(SAMPLE_CHUNK), strict=True):
            yield len(inputs) / self.samples, inputs, targets

    def _single(self, theta: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        parts = theta.split([shape.numel() for shape in self._shapes.values()])
        parameters = {name: part.view(shape) for (name, shape), part in zip(self._shapes.items(), parts, strict=True)}
        return self._loss(torch.func.functional_call(self._model, parameters | self._fixed, (inputs,)), targets)


class OneChainLoss(ModuleLoss):
    """A `ModuleLoss` for one parameter vector at a time, by plain autograd: a tenth of the time for small modules.

    Its gradients cannot be differentiated again.
    """

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(1, P) -> (1,), (1, P)."""
        theta = theta.detach()[0].requires_grad_()
        total, gradient = torch.zeros_like(theta[:1], requires_grad=False), torch.zeros_like(theta, requires_grad=False)
        for share, inputs, targets in self._chunks():
            with torch.enable_grad():
                value = self._single(theta, inputs, targets)
                slope, = torch.autograd.grad(value, theta)
            total, gradient = total + share * value.detach(), gradient + share * slope
        return total, gradient[None]


def tensors(data: Any) -> tuple[Tensor, Tensor]:
    """Inputs and targets, one sample a row."""
    try:
        if isinstance(data, TorchDataset):
            if not isinstance(data, Sized):
                raise TypeError("how many samples there are is not known")
            columns = zip(*(data[index] for index in range(len(data))), strict=True)
            pair = [torch.stack([torch.as_tensor(x) for x in column]) for column in columns]
        elif isinstance(data, Iterable) and not isinstance(data, (tuple, list, Tensor)):
            pair = [torch.cat(parts) for parts in zip(*data, strict=True)]
        else:
            pair = list(data) if isinstance(data, (tuple, list)) else []
    except (TypeError, ValueError, RuntimeError):  # batches that are no pairs of tensors
        pair = []
    if len(pair) != 2 or not all(isinstance(x, Tensor) and x.dim() > 0 for x in pair) or len(pair[0]) != len(pair[1]):
        raise InvalidInput("data", "is not inputs and targets with one row for each sample", "(inputs, targets)")
    if len(pair[0]) == 0:
        raise InvalidInput("data", "has no samples", "at least one")
    return pair[0], pair[1]


def require_mean(problem: ModuleLoss) -> None:
    """The loss of the data twice over is the same if it is a mean; a sum doubles."""
    try:
        once, twice = problem.repeated(1), problem.repeated(2)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidInput("model, loss, data", f"do not work together under torch.func ({first})",
                           f"loss(model(inputs), targets) in {problem.start.dtype}") from None
    if once.dim() > 0:
        raise InvalidInput("loss", f"returns a tensor of shape {tuple(once.shape)}", "reduction='mean'")
    if not torch.isfinite(once):
        raise InvalidInput("loss", f"is {float(once)} at the model's parameters", "a trained model")
    if abs(float(twice - once)) > MEAN_TOLERANCE.get(once.dtype, 1e-3) * max(abs(float(once)), 1e-12):
        raise InvalidInput("loss", "is not a mean over the samples", "reduction='mean'")


def _differentiable(computed: Tensor) -> Tensor:
    """A copy where it was ``computed`` in inference mode, as the chains are: autograd refuses those."""
    with torch.inference_mode(False):
        return computed.clone() if computed.is_inference() else computed
