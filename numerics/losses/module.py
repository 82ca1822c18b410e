"""The loss of a user's module on a user's data, at many parameter vectors at once.

Notation as in `numerics.losses.polynomial`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from numerics.losses.polynomial import hessian_of
from numerics.losses.recorded import Recorded
from numerics.losses.samples import Samples, Stream, Tree, leaves, mapped
from slt_symbolic.errors import InvalidInput

SAMPLE_CHUNK, PASS = 4096, 2**18  # samples, and chains × samples, in one pass: memory stays small
RECORDED = 4  # chunks of samples at most: with more of them the operations themselves take the time
MODEL = "model."  # before the names of its tensors among those of an `Objective`
FEW = 50  # a batch that is less than this share of the samples is drawn without shuffling all of them


class Objective(torch.nn.Module):
    """What a batch costs: ``loss(model(inputs), targets)``, or the user's own ``evaluate(model, batch)``.

    Inputs that are a tuple or a dictionary are the arguments of the model.
    """

    def __init__(self, model: torch.nn.Module, loss: Callable[[Any, Any], Tensor] | None,
                 evaluate: Callable[[torch.nn.Module, Any], Tensor] | None = None) -> None:
        """Keep them; the model is left as it is. Raises `InvalidInput` unless there is one of the two."""
        super().__init__()
        if not isinstance(model, torch.nn.Module):
            raise InvalidInput("model", f"is a {type(model).__name__}", "a torch.nn.Module")
        for name, x in [*model.named_parameters(), *model.named_buffers()]:
            if torch.nn.parameter.is_lazy(x) or x.is_meta:
                raise InvalidInput("model", f"has {name} that holds no numbers yet", "a model that has been run once")
            if x.is_inference():
                raise InvalidInput("model", f"has {name} made in torch.inference_mode", "a model as it is trained")
        for name, x in model.named_parameters():
            if x.requires_grad and x.is_complex():
                raise InvalidInput("model", f"has {name} of complex numbers", "torch.view_as_complex of real ones")
        for given in (loss, evaluate):
            if not (given is None or callable(given)):
                raise InvalidInput("loss, evaluate", f"is a {type(given).__name__}", "a function")
        if (loss is None) == (evaluate is None):
            raise InvalidInput("loss, evaluate", "are both missing" if loss is None else "are both given",
                               "loss(model(inputs), targets), or evaluate(model, batch)")
        self.model, self._loss, self._evaluate = model, loss, evaluate

    def forward(self, batch: Tree, outputs: Any = None) -> Tensor:
        """The loss of a batch, a number; of the model's ``outputs``, where they are known."""
        if self._evaluate is not None:
            return self._evaluate(self.model, batch)
        assert self._loss is not None
        if outputs is None:
            positional, named = arguments(batch[0])
            outputs = self.model(*positional, **named)
        return self._loss(outputs, batch[1])

    @property
    def takes_outputs(self) -> bool:
        """Whether the loss is a function of the model's outputs; the user's own takes the model."""
        return self._loss is not None


def arguments(inputs: Tree) -> tuple[tuple[Tree, ...], dict[str, Tree]]:
    """Inputs as the arguments of a model: a tuple or a dictionary of several, else one."""
    if isinstance(inputs, Mapping):
        return (), dict(inputs)
    return (inputs if isinstance(inputs, tuple) else (inputs,)), {}


class ModuleLoss:
    """An `Objective` over samples as a function of the parameters, in float64 by default.

    Parameters that ask for a gradient are sampled, in the order of ``model.named_parameters()``, of those in ``mask``
    the entries that are true there; the module itself is left as it is, ``buffers`` are copies of its own. Chains go
    through `torch.func.vmap` in chunks, samples are added up in chunks, unless the loss is not ``additive`` over them:
    then all of them are one chunk.
    """

    def __init__(self, objective: Objective, data: Samples | Stream, device: str | torch.device = "cpu",
                 dtype: torch.dtype = torch.float64, mask: Mapping[str, Tensor] | None = None) -> None:
        """Copy the trained parameters in ``dtype``; the data move to the ``device``."""
        def moved(tensor: Tensor) -> Tensor:
            return tensor.detach().to(device, dtype if tensor.is_floating_point() else tensor.dtype)

        def kept(tensor: Tensor) -> Tensor:  # buffers that a forward changes in place are not the user's
            found = moved(tensor)
            return found.clone() if found.data_ptr() == tensor.data_ptr() else found

        self.objective, self.data = objective, data.mapped(moved)
        own = dict(objective.model.named_parameters())
        trained = {name: moved(x) for name, x in own.items() if x.requires_grad}
        chosen = _chosen(mask, trained, padding_rows(objective.model))
        trained = {name: x for name, x in trained.items() if name in chosen}
        self.buffers = {name: kept(x) for name, x in objective.model.named_buffers()}
        self._fixed = {name: moved(x) for name, x in own.items() if name not in trained} | self.buffers
        self._of_loss = {name: moved(x) for name, x in [*objective.named_parameters(), *objective.named_buffers()]
                         if not name.startswith(MODEL)}  # weights of classes, say
        self._shapes = {name: x.shape for name, x in trained.items()}
        self._whole = torch.cat([x.flatten() for x in trained.values()]) if trained else torch.zeros(0)
        free = torch.cat([chosen[name].flatten() for name in trained]) if trained else torch.zeros(0, dtype=torch.bool)
        self._free = None if bool(free.all()) else free.nonzero()[:, 0].to(device)
        self.start = self._whole if self._free is None else self._whole[self._free]
        self.additive = self.smooth = True
        self._together = max(PASS // min(self.samples, SAMPLE_CHUNK), 1)
        self._each = torch.func.vmap(torch.func.grad_and_value(self.single), in_dims=(0, None))
        self._each_value = torch.func.vmap(self.single, in_dims=(0, None))
        self._each_own = torch.func.vmap(torch.func.grad_and_value(self.single), chunk_size=self._together)
        self._recorded: dict[tuple[Any, ...], Recorded] = {}

    @property
    def parameters(self) -> int:
        """The number P of parameters that ask for a gradient."""
        return len(self.start)

    @property
    def samples(self) -> int:
        """The number n of samples."""
        return self.data.count

    def value(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C,)."""
        total = torch.zeros_like(theta[:, 0])
        for index, (share, batch) in enumerate(self.chunks()):
            value, = self._of_chunk(self._values, index, batch)(theta)
            total = total + share * value
        return total

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P)."""
        total, gradient = torch.zeros_like(theta[:, 0]), torch.zeros_like(theta)
        for index, (share, batch) in enumerate(self.chunks()):
            slope, value = self._of_chunk(self._slopes, index, batch)(theta)
            total, gradient = total + share * value, gradient + share * slope
        return total, gradient

    def _of_chunk(self, measure: Callable[..., tuple[Tensor, ...]], index: int, batch: Tree) -> Recorded:
        """Losses, or gradients too, on some of the samples, recorded where these come again and are few."""
        key = measure.__name__, index, len(leaves(batch)[0])
        found = self._recorded.get(key)
        if found is None:
            found = Recorded(partial(measure, batch=batch), self._together)
            if isinstance(self.data, Samples) and index < RECORDED:
                self._recorded[key] = found
        return found

    def _values(self, theta: Tensor, batch: Tree) -> tuple[Tensor]:
        with plain_kernels(self.objective.model):
            if is_recurrent(self.objective.model):  # rules for batches of chains are there for gradients only
                return self._each(theta, batch)[1],
            return self._each_value(theta, batch),

    def _slopes(self, theta: Tensor, batch: Tree) -> tuple[Tensor, Tensor]:
        with plain_kernels(self.objective.model):
            slope, value = self._each(theta, batch)
        return slope, value

    def hessian_product(self, theta: Tensor) -> Callable[[Tensor], Tensor]:
        """``z -> H z`` for vectors (C, P), H the Hessian at ``theta`` (P,), as that is made: by rows, ``z^T H``.

        The gradient of ``z·grad L`` over chains is another number where torch's second derivative of a layer
        (LayerNorm) is wrong under its `vmap`.
        """
        def product(z: Tensor) -> Tensor:
            return sum((share * self.curved(theta, z, batch) for share, batch in self.chunks()), torch.zeros_like(z))

        return product

    def curved(self, theta: Tensor, z: Tensor, batch: Tree) -> Tensor:
        """``z^T H`` of a batch at ``theta`` (P,), for vectors (C, P)."""
        with plain_kernels(self.objective.model):
            back = torch.func.vjp(torch.func.grad(partial(self.single, batch=batch)), theta)[1]
            found: Tensor = torch.func.vmap(lambda row: back(row)[0], chunk_size=self._together)(z)
        return found

    def minibatch(self, theta: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P): each chain draws ``size`` different samples of its own."""
        assert isinstance(self.data, Samples)
        rows = torch.stack([different(self.samples, size, generator, theta.device) for _ in theta])
        with torch.inference_mode(False), plain_kernels(self.objective.model):
            gradient, value = self._each_own(_differentiable(theta), mapped(self.data.rows(rows), _differentiable))
        return value, gradient

    def per_sample(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C, n): the loss of each sample, whose mean is the value where the loss is ``additive``."""
        assert isinstance(self.data, Samples)
        each = torch.func.vmap(torch.func.vmap(self._of_one, in_dims=(None, 0)), in_dims=(0, None))
        with torch.no_grad(), plain_kernels(self.objective.model):
            return torch.cat([each(theta, batch) for _, batch in self.data.chunks(SAMPLE_CHUNK)], 1)

    def _of_one(self, theta: Tensor, sample: Tree) -> Tensor:
        return self.single(theta, mapped(sample, lambda x: x[None]))

    def hessian(self, theta: Tensor) -> Tensor:
        """(P,) -> (P, P)."""
        total = torch.zeros(len(theta), len(theta), dtype=theta.dtype, device=theta.device)
        for share, batch in self.chunks():
            with plain_kernels(self.objective.model):
                total += share * hessian_of(partial(self.single, batch=batch), theta)
        return total

    @property
    def shapes(self) -> Sequence[tuple[int, ...]]:
        """The shapes of the parameters that are sampled; a number is (1,), what a mask leaves one vector."""
        if self._free is not None:
            return [(self.parameters,)]
        return [tuple(shape) or (1,) for shape in self._shapes.values()]

    def chunks(self) -> Iterator[tuple[float, Tree]]:
        """Some of the samples at a time, and which share of all they are."""
        return self.data.chunks(SAMPLE_CHUNK if self.additive else self.samples)

    def state(self, theta: Tensor) -> dict[str, Tensor]:
        """The state dict of the model with the parameters (P,)."""
        named = {id(x): name for name, x in self.objective.model.named_parameters()}
        values = self._parameters(theta) | self._fixed
        state = self.objective.model.state_dict(keep_vars=True)
        return {key: values.get(named.get(id(x), key), x).detach().clone() for key, x in state.items()}

    def outputs(self, theta: Tensor, batch: Tree) -> Any:
        """What the model makes of the inputs of a batch at parameters (P,)."""
        positional, named = arguments(batch[0])
        weights = self._parameters(theta) | self._fixed
        with default_dtype(self.start.dtype):
            return torch.func.functional_call(self.objective.model, weights, positional, named)

    def cost(self, outputs: Any, batch: Tree) -> Tensor:
        """The loss of a batch as a function of the model's outputs alone, where it is one."""
        with default_dtype(self.start.dtype):
            found: Tensor = torch.func.functional_call(self.objective, self._of_loss, (batch, outputs))
        return found

    def _parameters(self, theta: Tensor) -> dict[str, Tensor]:
        whole = theta if self._free is None else self._whole.scatter(0, self._free, theta)
        parts = whole.split([shape.numel() for shape in self._shapes.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self._shapes.items(), parts, strict=True)}

    def single(self, theta: Tensor, batch: Tree) -> Tensor:
        """The loss of a batch at parameters (P,)."""
        named = {f"{MODEL}{name}": x for name, x in (self._parameters(theta) | self._fixed).items()}
        with default_dtype(self.start.dtype):
            found: Tensor = torch.func.functional_call(self.objective, named | self._of_loss, (batch,))
        return found


class OneChainLoss(ModuleLoss):
    """A `ModuleLoss` whose chains go one after another, by plain autograd: for modules that `torch.func` refuses.

    For few chains it is as fast or faster, and memory is that of one.
    """

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P)."""
        total, gradient = torch.zeros_like(theta[:, 0]), torch.zeros_like(theta)
        for share, batch in self.chunks():
            for chain, weights in enumerate(theta):
                value, slope = self._one(weights, batch)
                total[chain] += share * value
                gradient[chain].add_(slope, alpha=share)
        return total, gradient

    def value(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C,)."""
        total = torch.zeros_like(theta[:, 0])
        with torch.no_grad():
            for share, batch in self.chunks():
                total += share * torch.stack([self.single(weights, batch) for weights in theta]).to(total)
        return total

    def hessian(self, theta: Tensor) -> Tensor:
        """(P,) -> (P, P), a row at a time."""
        return self.hessian_product(theta)(torch.eye(len(theta), dtype=theta.dtype, device=theta.device))

    def curved(self, theta: Tensor, z: Tensor, batch: Tree) -> Tensor:
        """``z^T H`` of a batch at ``theta`` (P,), for vectors (C, P)."""
        with torch.enable_grad(), plain_kernels(self.objective.model):
            weights = theta.detach().clone().requires_grad_()
            slope, = torch.autograd.grad(self.single(weights, batch), weights, create_graph=True)
            if not slope.requires_grad:  # where the loss is linear
                return torch.zeros_like(z)
            return torch.stack([torch.autograd.grad(slope, weights, row, retain_graph=True)[0] for row in z])

    def per_sample(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C, n)."""
        assert isinstance(self.data, Samples)
        with torch.no_grad():
            return torch.stack([torch.stack([self._of_one(weights, self.data.rows(torch.tensor(row)))
                                             for row in range(self.samples)]) for weights in theta])

    def minibatch(self, theta: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P): ``size`` different samples of each chain's own; of a stream, all its next batch."""
        found = [self._one(weights, batch) for weights, batch in zip(theta, self._batches(len(theta), size, generator),
                                                                     strict=True)]
        return torch.stack([value for value, _ in found]).to(theta), torch.stack([slope for _, slope in found])

    def _batches(self, chains: int, size: int, generator: torch.Generator) -> list[Tree]:
        if isinstance(self.data, Stream):
            self._coming = getattr(self, "_coming", None) or self.data.chunks(size)
            batch = next(self._coming, None)
            if batch is None:
                self._coming = self.data.chunks(size)
                batch = next(self._coming)
            return [batch[1]] * chains
        device = self.start.device
        return [self.data.rows(different(self.samples, size, generator, device)) for _ in range(chains)]

    def _one(self, weights: Tensor, batch: Tree) -> tuple[Tensor, Tensor]:
        with torch.inference_mode(False), torch.enable_grad():
            weights = weights.detach().clone().requires_grad_()
            value = self.single(weights, mapped(batch, _differentiable))
            slope, = torch.autograd.grad(value, weights)
        return value.detach(), slope


def different(count: int, size: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """(size,): different numbers below ``count`` at random, all sets of them as likely."""
    if size * FEW > count:
        return torch.randperm(count, generator=generator, device=device)[:size]
    found = torch.randint(count, (0,), device=device)
    while len(found) < size:  # those that come twice are drawn again, in the order in which they came
        more = torch.randint(count, (size,), generator=generator, device=device)
        together = torch.cat([found, more])
        values, place = together.unique(return_inverse=True)
        first = torch.full_like(values, len(together)).scatter_reduce(0, place, torch.arange(
            len(together), device=device), "amin")
        found = together[first.sort().values][:size]
    return found


def _chosen(mask: Mapping[str, Tensor] | None, trained: Mapping[str, Tensor],
            padding: Mapping[str, int]) -> dict[str, Tensor]:
    """Which entries of which trained parameters are sampled: no ``padding`` rows. Raises `InvalidInput`."""
    everything = {name: torch.ones_like(x, dtype=torch.bool) for name, x in trained.items()}
    for name in padding.keys() & trained.keys():
        everything[name][padding[name]] = False
    if mask is None:
        return everything
    if not isinstance(mask, Mapping):
        raise InvalidInput("mask", f"is a {type(mask).__name__}", "a dictionary of tensors of bools by parameters")
    for name, chosen in mask.items():
        if name not in trained:
            raise InvalidInput(f"mask[{name!r}]", "is no parameter with requires_grad", " or ".join(trained) or "none")
        if not (isinstance(chosen, Tensor) and chosen.dtype == torch.bool and chosen.shape == trained[name].shape):
            raise InvalidInput(f"mask[{name!r}]", "is no tensor of bools in the shape of the parameter",
                               f"one of shape {tuple(trained[name].shape)}")
    found = {name: x.to(everything[name].device) & everything[name] for name, x in mask.items()}
    found = {name: x for name, x in found.items() if bool(x.any())}
    if not found:
        raise InvalidInput("mask", "chooses no parameter", "True at one entry or more")
    return found


def padding_rows(model: torch.nn.Module) -> dict[str, int]:
    """Rows of embeddings that no gradient reaches, by parameter: training leaves them as they are.

    Of weights that another layer has too, whose gradient reaches them, none.
    """
    names = {id(x): name for name, x in model.named_parameters()}
    owners = Counter(id(x) for part in model.modules() for x in part.parameters(recurse=False))
    return {names[id(part.weight)]: part.padding_idx for part in model.modules()
            if isinstance(part, (torch.nn.Embedding, torch.nn.EmbeddingBag)) and part.padding_idx is not None
            and owners[id(part.weight)] == 1}


def sampled_dtype(model: torch.nn.Module) -> torch.dtype:
    """That of the trained parameters, float32 at least: bfloat16 has no room for differences of losses."""
    own = next((x.dtype for x in model.parameters() if x.requires_grad), torch.float64)
    return own if own in (torch.float32, torch.float64) else torch.float32


def is_recurrent(model: torch.nn.Module) -> bool:
    """Whether one of its layers is a recurrent one of torch."""
    return any(isinstance(part, torch.nn.RNNBase) for part in model.modules())


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """That of the tensors that a user's program makes as it goes: of a first state, a mask, weights of classes."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def as_it_was(model: torch.nn.Module) -> Iterator[None]:
    """Afterwards each part of the model has the attributes and buffers that it had.

    Forward and its hooks may keep what they computed, at chains' weights or under `vmap`, where it is no tensor to
    copy or to save.
    """
    before = [(part, dict(vars(part)), dict(part._buffers)) for part in model.modules()
              if not isinstance(part, torch.jit.ScriptModule)]  # whose attributes are not Python's
    try:
        yield
    finally:
        for part, attributes, buffers in before:
            vars(part).clear()
            vars(part).update(attributes)
            part._buffers.update(buffers)


@contextmanager
def plain_kernels(model: torch.nn.Module) -> Iterator[None]:
    """The plain kernels of attention and of recurrent layers, for derivatives of derivatives and batches of chains."""
    fast, fused = torch.backends.mha.get_fastpath_enabled(), torch.backends.mkldnn.enabled
    torch.backends.mha.set_fastpath_enabled(False)
    if is_recurrent(model):
        torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        torch.backends.mkldnn.enabled = fused


def _differentiable(computed: Tensor) -> Tensor:
    """A copy where it was ``computed`` in inference mode, as the chains are: autograd refuses those."""
    with torch.inference_mode(False):
        return computed.clone() if computed.is_inference() else computed
