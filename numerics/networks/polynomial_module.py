"""A polynomial torch module at rational weights as a statistical model: `from_module`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import sympy
import torch
from sympy.polys.rings import PolyElement, ring
from torch import Tensor, nn

from slt_symbolic import models
from slt_symbolic.errors import InvalidInput

aten = torch.ops.aten
Values = np.ndarray[Any, Any]  # of polynomials


def from_module(module: nn.Module, inputs: Tensor | Literal["gaussian"]) -> models.Model:
    """The germ of regression with Gaussian noise, whose truth is the module at its own weights.

    The module is run on polynomials instead of numbers: ``forward`` may do what is polynomial in parameters and inputs.
    Its floating-point weights are the rationals that they are. ``inputs``: a tensor (n, ...) of finitely many inputs,
    each of positive probability, or ``"gaussian"``, for a module whose first ``nn.Linear`` says how many there are.
    Parameters become symbols like ``p0_weight_1_0``. Raises `InvalidInput` where an operation is
    not polynomial, and as `slt_symbolic.models.regression` does, which holds the theorem.

    >>> net = nn.Sequential(nn.Linear(1, 2, bias=False), nn.Linear(2, 1, bias=False))
    >>> with torch.no_grad():
    ...     for weights in net.parameters():
    ...         _ = weights.zero_()
    >>> print(from_module(net, "gaussian").rlct().threshold)
    lambda = 1/2, m = 1
    """
    tensors = dict(module.named_parameters())
    names = {name: _names(name, tensor) for name, tensor in tensors.items()}
    width = _width(module) if isinstance(inputs, str) else 0
    if isinstance(inputs, str) and inputs != "gaussian":
        raise InvalidInput("inputs", f"{inputs!r:.60} is no distribution that is known here", '"gaussian", or a tensor')
    if not isinstance(inputs, str | Tensor):
        raise InvalidInput("inputs", f"{inputs!r:.60} is no tensor", "torch.tensor([[0.], [1.]])")
    listed = [name for texts in names.values() for name in texts]
    data_names = [f"{'x' * (1 + max(map(len, listed), default=0))}{i}" if f"x{i}" in listed else f"x{i}"
                  for i in range(width)]
    if len(set(listed)) < len(listed):
        raise InvalidInput("module", "has parameters whose names differ by dots and underscores alone", "other names")
    over, *gens = ring([*listed, *data_names], sympy.QQ)
    variables = iter(gens)
    symbolic = {name: Polynomials(np.array([next(variables) for _ in texts], dtype=object)
                                     .reshape(tuple(tensors[name].shape)), over) for name, texts in names.items()}
    data = (Polynomials(np.array(list(variables), dtype=object).reshape(1, width), over)
            if isinstance(inputs, str) else inputs)
    try:
        with torch.no_grad():
            outputs = torch.func.functional_call(module, dict[str, Tensor](symbolic), (data,))
    except InvalidInput:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise InvalidInput("inputs", f"are not what the module takes: {' '.join(str(error).split())[:100]}",
                           "inputs of its shape") from error
    if not isinstance(outputs, Polynomials):
        raise InvalidInput("module", "does not depend on its parameters, or gives no single tensor", "one that does")
    point = {sympy.Symbol(name): sympy.Rational(*_exact(value)) for key, texts in names.items()
             for name, value in zip(texts, tensors[key].detach().flatten().tolist(), strict=True)}
    mean = [value.as_expr() if isinstance(value, PolyElement) else sympy.sympify(value)
            for value in outputs.entries.flatten()]
    data_law: dict[Any, Literal["gaussian"]] = dict.fromkeys(map(sympy.Symbol, data_names), "gaussian")
    return models.regression(mean, data_law or [{sympy.Dummy("row"): 0}], point)


def _names(name: str, tensor: Tensor) -> list[str]:
    """A name for each entry."""
    stem = name.replace(".", "_")
    stem = stem if stem[:1].isalpha() else f"p{stem}"
    places = np.ndindex(*tensor.shape) if tensor.dim() else [()]
    return ["_".join([stem, *map(str, place)]) for place in places]


def _width(module: nn.Module) -> int:
    for part in module.modules():
        if isinstance(part, nn.Linear):
            return part.in_features
    raise InvalidInput("inputs", "are Gaussian, and no nn.Linear says how many", "a tensor of inputs")


def _exact(value: float) -> tuple[int, int]:
    try:
        exact = Fraction(value)
    except (ValueError, OverflowError):
        raise InvalidInput("module", f"has the weight {value}", "finite weights") from None
    return exact.numerator, exact.denominator


class Polynomials(Tensor):
    """A tensor whose entries are polynomials: what torch is asked to do with it, NumPy does with its entries."""

    entries: Values
    over: Any

    @staticmethod
    def __new__(cls, entries: Values, over: Any) -> Polynomials:
        """A tensor of that shape, which has no memory of its own."""
        made = Tensor._make_wrapper_subclass(cls, entries.shape, dtype=torch.float64)
        made.entries, made.over = entries, over
        return made

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # torch calls it on the class, its stub shows the default
            cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """What torch would do, with polynomials. Raises `InvalidInput` for what is not polynomial."""
        operation = OPERATIONS.get(func.overloadpacket)
        if operation is None:
            raise InvalidInput("module", f"does {func.overloadpacket.__name__}, which is not polynomial or not "
                               "known here", "sums, products, powers, linear and convolution layers")
        over = next(tensor.over for tensor in _tensors(args) if isinstance(tensor, Polynomials))
        plain = [_values(argument) for argument in args]
        named = {key: _values(value) for key, value in (kwargs or {}).items() if key not in IGNORED}
        return cls(np.asarray(operation(*plain, **named), dtype=object), over)


IGNORED = {"dtype", "layout", "device", "pin_memory", "memory_format", "non_blocking"}


def _tensors(arguments: Any) -> Sequence[Tensor]:
    return [part for argument in arguments
            for part in (argument if isinstance(argument, list | tuple) else [argument]) if isinstance(part, Tensor)]


def _values(argument: Any) -> Any:
    """Polynomials and exact numbers in the place of tensors and floats."""
    if isinstance(argument, Polynomials):
        return argument.entries
    if isinstance(argument, Tensor):
        exact = [sympy.QQ(*_exact(value)) for value in argument.detach().flatten().tolist()]
        return np.array(exact, dtype=object).reshape(tuple(argument.shape))
    if isinstance(argument, float):
        return sympy.QQ(*_exact(argument))
    if isinstance(argument, list | tuple) and any(isinstance(part, Tensor) for part in argument):
        return [_values(part) for part in argument]
    return argument


def _power(base: Values, exponent: Any) -> Values:
    if not (isinstance(exponent, int) or getattr(exponent, "denominator", 0) == 1) or exponent < 0:
        raise InvalidInput("module", f"takes the power {exponent}", "natural powers")
    return np.asarray(base**int(exponent), dtype=object)


def _quotient(base: Values, divisor: Any) -> Values:
    entries = divisor.flatten() if isinstance(divisor, np.ndarray) else [divisor]
    if any(isinstance(entry, PolyElement) for entry in entries):
        raise InvalidInput("module", "divides by what depends on parameters or inputs", "products")
    return np.asarray(base * (1 / (divisor if isinstance(divisor, np.ndarray) else sympy.QQ(divisor))), dtype=object)


def _sum(values: Values, dim: Any = None, keepdim: bool = False) -> Values:
    axis = tuple(dim) if isinstance(dim, list | tuple) and dim else dim if isinstance(dim, int) else None
    return np.asarray(values.sum(axis=axis, keepdims=keepdim), dtype=object)


def _mean(values: Values, dim: Any = None, keepdim: bool = False) -> Values:
    total = _sum(values, dim, keepdim)
    return _quotient(total, max(values.size // max(total.size, 1), 1))


def _product(left: Values, right: Values) -> Values:
    return np.asarray(np.matmul(left, right), dtype=object)


def _affine(bias: Values, left: Values, right: Values, beta: Any = 1, alpha: Any = 1) -> Values:
    return np.asarray(bias * beta + _product(left, right) * alpha, dtype=object)


def _slice(values: Values, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Values:
    return np.asarray(values[(slice(None),) * (dim % values.ndim) + (slice(start, end, step),)], dtype=object)


def _expand(values: Values, sizes: Sequence[int]) -> Values:
    old = (1,) * (len(sizes) - values.ndim) + values.shape
    return np.broadcast_to(values.reshape(old), [o if n == -1 else n for o, n in zip(old, sizes, strict=True)])


def _squeeze(values: Values, dim: Any = None) -> Values:
    chosen = range(values.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    drop = {d % values.ndim for d in chosen if values.shape[d] == 1} if values.ndim else set()
    return values.reshape([n for d, n in enumerate(values.shape) if d not in drop])


def _convolution(values: Values, kernel: Values, bias: Values | None, stride: Sequence[int], padding: Sequence[int],
                 dilation: Sequence[int], transposed: bool, *rest: Any) -> Values:
    if transposed or any(d != 1 for d in dilation) or rest[-1] != 1:
        raise InvalidInput("module", "does a transposed, dilated or grouped convolution", "a plain one")
    dims = kernel.ndim - 2
    padded = np.pad(values, [(0, 0), (0, 0), *((p, p) for p in padding)], constant_values=sympy.QQ(0))
    sizes = [(n - k) // s + 1 for n, k, s in zip(padded.shape[2:], kernel.shape[2:], stride, strict=True)]
    found = np.empty((len(values), len(kernel), *sizes), dtype=object)
    for place in np.ndindex(*sizes):
        window = (slice(None), slice(None), *(slice(i * s, i * s + k) for i, s, k in
                                              zip(place, stride, kernel.shape[2:], strict=True)))
        axes = list(range(1, dims + 2))
        found[(slice(None), slice(None), *place)] = np.tensordot(padded[window], kernel, (axes, axes))
    return found if bias is None else found + bias.reshape((1, -1) + (1,) * dims)


OPERATIONS: dict[Any, Callable[..., Any]] = {
    aten.add: lambda x, y, alpha=1: x + y * alpha, aten.sub: lambda x, y, alpha=1: x - y * alpha,
    aten.rsub: lambda x, y, alpha=1: y - x * alpha, aten.mul: lambda x, y: x * y, aten.neg: lambda x: -x,
    aten.div: _quotient, aten.pow: _power, aten.mm: _product, aten.bmm: _product, aten.mv: _product, aten.dot: _product,
    aten.addmm: _affine, aten.addmv: _affine, aten.baddbmm: _affine, aten.sum: _sum, aten.mean: _mean,
    aten.prod: lambda x, dim=None, keepdim=False: x.prod(axis=dim, keepdims=keepdim),
    aten.t: lambda x: x.T, aten.transpose: lambda x, i, j: np.swapaxes(x, i, j), aten.permute: np.transpose,
    aten.view: np.reshape, aten._unsafe_view: np.reshape, aten.reshape: np.reshape, aten.expand: _expand,
    aten.unsqueeze: lambda x, dim: np.expand_dims(x, dim), aten.squeeze: _squeeze,
    aten.select: lambda x, dim, i: np.take(x, i, axis=dim), aten.slice: _slice,
    aten.cat: lambda xs, dim=0: np.concatenate(xs, axis=dim), aten.stack: lambda xs, dim=0: np.stack(xs, axis=dim),
    aten.diagonal: lambda x, offset=0, dim1=0, dim2=1: np.diagonal(x, offset, dim1, dim2),
    aten.clone: lambda x: x, aten.detach: lambda x: x, aten.alias: lambda x: x, aten._to_copy: lambda x: x,
    aten.lift_fresh: lambda x: x, aten.convolution: _convolution,
}
