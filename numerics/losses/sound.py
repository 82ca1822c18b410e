"""Whether a user's model, loss and data can be sampled at all: each refusal is one line with the true cause."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm
from torch.nn.modules.dropout import _DropoutNd as Dropout

from numerics.losses.module import ModuleLoss, Objective, OneChainLoss, plain_kernels, sampled_dtype
from numerics.losses.polynomial import Loss
from numerics.losses.samples import Samples, Stream, Tree, joined, leaves, mapped
from slt_symbolic.errors import InvalidInput

LARGEST_PASS = 2**16  # samples of a loss that is no mean over parts of them, which takes all of them at once
TRIED = 512  # samples, for what is asked of a loss before it is used
CHEAP = 2**21  # parameters × samples × chains up to which chains side by side cost hardly more than one
FEWEST_CHAINS, MOST_CHAINS = 4, 64
MOST_IN_TURN = 16  # chains that go one after another, each at the cost of one: as many as tell their own error
AWAY, DIRECTIONS, DIFFERENCES = 0.1, 5, (1e-2, 1e-3)  # where slopes are compared, over the size of the weights
BENDS, SHORT = 3, (1e-4, 1e-5)  # lines along which second derivatives are compared, and how far
LINES, LINE, TRAPEZIA, TIMES, SEEN = 2, 1.0, 16, 5.0, 100.0  # lines over the size of the weights; errors, roundings
AGREE, DISAGREE = 0.01, 0.05  # of differences with each other, and with a gradient that is another one
WITH_GRADIENTS = "a forward without torch.no_grad(), .detach() and .item()"
MEAN_TOLERANCE, SAME = {torch.float64: 1e-6}, {torch.float64: 1e-9}  # else 1e-3, and 1e-5 of the same sum


def sampled_loss(objective: Objective, data: Samples | Stream, device: str | torch.device = "cpu",
                 mask: Mapping[str, Tensor] | None = None) -> ModuleLoss:
    """The loss in the model's own precision, as it is sampled: chains side by side where they are cheap, else in turn.

    Also in turn where `torch.func` does not take the module. Raises `InvalidInput` as `require_sound` does.
    """
    one = OneChainLoss(objective, data, device, sampled_dtype(objective.model), mask)
    require_sound(one)
    return one if chains_for(one) == FEWEST_CHAINS or isinstance(data, Stream) else _together(one, mask)


def minimised_loss(objective: Objective, data: Samples | Stream, device: str | torch.device = "cpu",
                   mask: Mapping[str, Tensor] | None = None) -> ModuleLoss:
    """The loss in double precision, for a minimum; by plain autograd where `torch.func` has not its second derivatives.

    Raises `InvalidInput` as `require_sound` does.
    """
    one = OneChainLoss(objective, data, device, mask=mask)
    require_sound(one)
    _require_curvature(one)
    found = _together(one, mask)
    return found if found is one or _has_curvature(found) else one


def _together(one: OneChainLoss, mask: Mapping[str, Tensor] | None) -> ModuleLoss:
    """The same with its chains side by side, if `torch.func` takes the module."""
    found = ModuleLoss(one.objective, one.data, one.start.device, one.start.dtype, mask)
    found.additive, found.smooth = one.additive, one.smooth
    try:
        require_derivatives(found)
    except InvalidInput:
        return one
    return found


def chains_for(loss: Loss) -> int:
    """How many chains: as many as cost hardly more than one."""
    cheap = CHEAP // max(loss.parameters * (loss.samples or 1), 1)
    most = MOST_IN_TURN if isinstance(loss, OneChainLoss) else MOST_CHAINS
    return min(max(1 << max(cheap, 1).bit_length() - 1, FEWEST_CHAINS), most)


def require_sound(problem: ModuleLoss) -> None:
    """Refuse a loss that is no function of the weights, or no mean; note where it is no mean over parts of the samples.

    The loss of the data twice over is the same if it is a mean; a sum doubles. A mean over all samples is that of the
    means over parts if it is *additive*; with class weights or ignored targets it is not. Raises `InvalidInput`.
    """
    if problem.parameters == 0:
        raise InvalidInput("model", "has no parameter with requires_grad", "one that has")
    _require_same_each_time(problem)
    rows = _tried(problem)
    once, again = _tried_value(problem, [rows]), _tried_value(problem, [rows])
    tolerance, same = MEAN_TOLERANCE.get(once.dtype, 1e-3), SAME.get(once.dtype, 1e-5)

    def differs(one: Tensor, other: Tensor, share: float = tolerance) -> bool:
        return not abs(float(one) - float(other)) <= share * max(abs(float(once)), 1e-12)

    twice = _tried_value(problem, [rows, rows])
    count = len(leaves(rows)[0])
    half = count // 2
    parts = [_tried_value(problem, [mapped(rows, lambda x: x[:half])]) * (half / count),
             _tried_value(problem, [mapped(rows, lambda x: x[half:])]) * (1 - half / count)] if half else [once]
    if torch.isfinite(once):
        if differs(once, again, same):
            raise _changes()
        if differs(once, twice):
            raise InvalidInput("loss", "is not a mean over the samples", "reduction='mean'")
        _require_no_memory(problem, rows, once)
    _require_slopes(problem, rows)
    with suppress(Exception):  # whatever a user's code raises at other weights
        problem.smooth = _is_smooth(problem, rows)
    if torch.isfinite(once) and differs(once, _tried_value(problem, [rows]), same):  # by little at each call
        raise _changes()
    problem.additive = not differs(once, sum(parts, torch.zeros_like(once)))
    if not problem.additive and problem.samples > LARGEST_PASS:
        raise InvalidInput("loss", f"is no mean over parts of the {problem.samples} samples (class weights, ignored "
                           "targets, batch statistics?), and they are too many for one pass",
                           f"{LARGEST_PASS} samples, or a loss that is a plain mean")
    here, slope = problem.value_and_gradient(problem.start[None])
    if not torch.isfinite(here[0]):
        raise InvalidInput("loss", f"is {float(here[0])} at the model's parameters", "a trained model")
    if not torch.isfinite(slope).all():
        raise InvalidInput("model, loss", "have a gradient that is no number at the model's parameters: is there a "
                           "root or a norm of zero?", "a loss with a slope there")


def require_derivatives(problem: ModuleLoss) -> None:
    """Raise `InvalidInput` where `torch.func`, which chains side by side need, does not take the module."""
    try:
        _, batch = next(iter(problem.chunks()))
        few = mapped(batch, lambda x: x[:2])
        with plain_kernels(problem.objective.model):
            torch.func.vmap(torch.func.grad(problem.single), in_dims=(0, None))(problem.start[None], few)
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        raise InvalidInput("model, loss", f"cannot be differentiated under torch.func ({_first_line(error)})",
                           'at="here", which takes plain gradients, or a model without .item(), in-place changes and '
                           "branches on values") from None


def _changes() -> InvalidInput:
    return InvalidInput("model", "gives another loss each time at the same weights: something in it is random, or "
                        "changes as it is called", "model.eval(), or a model without either")


def _require_no_memory(problem: ModuleLoss, rows: Tree, once: Tensor) -> None:
    """Raise `InvalidInput` where a buffer follows the weights, as that of spectral_norm does in train mode.

    Then the loss at the same weights is another one after calls at others, be it by the last digit. Also where weights
    are changed in place, which are those of the chains.
    """
    before = {name: x.clone() for name, x in problem.buffers.items()}
    generator, start = torch.Generator().manual_seed(0), problem.start
    away = torch.randn(len(start), generator=generator, dtype=start.dtype).to(start)
    for far in (AWAY, LINE):
        theta = start + far * away * start.square().mean().sqrt()
        given = theta.clone()
        with torch.no_grad(), suppress(Exception):  # whatever a user's code raises there
            problem.single(theta, rows)
        if not torch.equal(theta, given):
            raise InvalidInput("model", "changes its own weights as it is called", "a forward that leaves them")
    changed = any(not torch.equal(x, before[name]) for name, x in problem.buffers.items())
    if changed and float(_tried_value(problem, [rows])) != float(once):
        raise InvalidInput("model", "gives another loss at the same weights after it was called at others: a buffer "
                           "changes as it is called", "model.eval(), or a model without")


def _require_slopes(problem: ModuleLoss, rows: Tree) -> None:
    """Raise `InvalidInput` where autograd has no gradient, or not the loss's, as where a part of it is detached.

    Away from the weights, at which both may be zero; only differences that agree at two distances are believed.
    """
    generator, start = torch.Generator().manual_seed(0), problem.start
    size = float(start.square().mean().sqrt()) or 1.0

    def direction() -> Tensor:
        return size * torch.randn(len(start), generator=generator, dtype=start.dtype).to(start)

    theta = (start + AWAY * direction()).requires_grad_()
    slope = _slope(problem, theta, rows)
    wrong = 0
    with torch.no_grad():
        for along in (direction() for _ in range(DIRECTIONS)):
            far, near = (float(problem.single(theta + step * along, rows) - problem.single(theta - step * along, rows))
                         / (2 * step) for step in DIFFERENCES)
            wrong += abs(far - near) < AGREE * abs(near) and abs(near - float(slope @ along)) > DISAGREE * abs(near)
    if wrong > DIRECTIONS / 2:  # one or two may be next to a kink
        raise InvalidInput("model, loss", "have a gradient that is not the slope of the loss: something that hangs on "
                           "the weights is detached", WITH_GRADIENTS)


def _is_smooth(problem: ModuleLoss, rows: Tree) -> bool:
    """Whether the loss changes along lines by the integral of its slope; not where it jumps (rounding, the best of k).

    Trapezia, whose error is known from those twice and four times as wide.
    """
    generator, start = torch.Generator().manual_seed(1), problem.start
    shares = torch.linspace(0, 1, TRAPEZIA + 1)
    for _ in range(LINES):
        way = torch.randn(len(start), generator=generator, dtype=start.dtype).to(start)
        way *= LINE * (start.square().mean().sqrt() or 1.0)
        losses, slopes = [], []
        for share in shares:
            with torch.enable_grad():
                theta = (start + float(share) * way).requires_grad_()
                value = problem.single(theta, rows)
                slope, = torch.autograd.grad(value, theta)
            losses.append(value.item())
            slopes.append(float(slope @ way))
        fine, coarse, coarser = (float(np.trapezoid(slopes[::each], shares[::each])) for each in (1, 2, 4))
        error = max(abs(fine - coarse), abs(coarse - coarser) / 4)
        rounding = torch.finfo(start.dtype).eps * max(map(abs, losses)) * SEEN
        if abs(losses[-1] - losses[0] - fine) > TIMES * error + rounding:
            return False
    return True


def _slope(problem: ModuleLoss, theta: Tensor, rows: Tree) -> Tensor:
    """The gradient (P,) by autograd. Raises `InvalidInput` where it is not that of the loss at ``theta`` (P,) alone."""
    own = [x for x in problem.objective.model.parameters() if x.requires_grad]
    within: list[Tensor] = []  # taken before the model has its own weights back

    def take(_: Any, __: Any, value: Tensor) -> None:
        within.extend(torch.autograd.grad(value, theta, retain_graph=True))

    hook = problem.objective.register_forward_hook(take)
    try:
        with torch.enable_grad():
            value = problem.single(theta, rows)
            besides = torch.autograd.grad(value, own, retain_graph=True, allow_unused=True)
            slope, = torch.autograd.grad(value, theta)
    except Exception as error:  # whatever a user's code raises
        if within:
            raise _again() from None
        raise InvalidInput("model, loss", f"have no gradient ({_first_line(error)})", WITH_GRADIENTS) from None
    finally:
        hook.remove()
    if any(x is not None for x in besides):
        raise InvalidInput("loss", "takes weights from the model by itself (a penalty?), which stay what they are as "
                           "those of chains move", "evaluate(model, batch), of the model it is given")
    if float((slope - within[0]).norm()) > SAME.get(slope.dtype, 1e-3) * float(slope.norm()):
        raise _again()
    return slope


def _again() -> InvalidInput:
    return InvalidInput("model", "computes its outputs again when gradients are taken (torch.utils.checkpoint), at the "
                        "weights that it has and not at those of the chains", "the model without checkpoints within")


def _require_curvature(one: OneChainLoss) -> None:
    """Raise `InvalidInput` where torch has no second derivative of a layer (EmbeddingBag, say), or a wrong one."""
    try:
        one.curved(one.start, torch.ones_like(one.start)[None], _tried(one))
    except (RuntimeError, NotImplementedError) as error:
        raise InvalidInput("model, loss", f"have no second derivatives ({_first_line(error)})",
                           'at="here", which takes gradients alone') from None
    if not _has_curvature(one):
        raise InvalidInput("model, loss", "have second derivatives that are not the slopes of the gradient (a backward "
                           "that detaches what it keeps?)", 'at="here", which takes gradients alone')


def _has_curvature(problem: ModuleLoss) -> bool:
    """Whether second derivatives are the slopes of the gradient; not of a TorchScript under `torch.func` once it ran.

    By differences as `_require_slopes` takes them of losses, so short that hardly a kink lies between.
    """
    rows, start = _tried(problem), problem.start
    generator = torch.Generator().manual_seed(0)
    size = float(start.square().mean().sqrt()) or 1.0

    def slope(theta: Tensor) -> Tensor:
        with torch.enable_grad(), plain_kernels(problem.objective.model):
            at = theta.clone().requires_grad_()
            found, = torch.autograd.grad(problem.single(at, rows), at)
        return found

    ways = size * torch.randn(1 + BENDS, len(start), generator=generator, dtype=start.dtype).to(start)
    theta, wrong = start + AWAY * ways[0], 0
    for along in ways[1:]:
        far, near = ((slope(theta + step * along) - slope(theta - step * along)) / (2 * step) for step in SHORT)
        much = float(near.norm())
        wrong += (float((far - near).norm()) < AGREE * much
                  and float((problem.curved(theta, along[None], rows)[0] - near).norm()) > DISAGREE * much)
    return wrong <= BENDS / 2


def _tried(problem: ModuleLoss) -> Tree:
    """At most `TRIED` samples: evenly spread over all, or from the first batches."""
    if isinstance(problem.data, Stream):
        return next(iter(problem.data.chunks(TRIED)))[1]
    few = min(problem.samples, TRIED)
    return problem.data.rows(torch.arange(few, device=problem.start.device) * problem.samples // few)


def _tried_value(problem: ModuleLoss, parts: list[Tree]) -> Tensor:
    """What the loss returns at the model's parameters, a number. Raises `InvalidInput` with the cause in one line."""
    try:
        with torch.no_grad():
            found: Any = problem.single(problem.start, joined(parts))
    except Exception as error:  # whatever a user's code raises
        raise InvalidInput("model, loss, data", f"do not work together ({_first_line(error)})",
                           f"loss(model(inputs), targets) in {problem.start.dtype}") from None
    if not isinstance(found, Tensor):
        raise InvalidInput("loss", f"returns a {type(found).__name__}", "a tensor that holds one number")
    if found.dim() > 0:
        raise InvalidInput("loss", f"returns a tensor of shape {tuple(found.shape)}", "reduction='mean'")
    if not found.is_floating_point():
        raise InvalidInput("loss", f"returns a tensor of {found.dtype}", "one real number")
    return found


def _require_same_each_time(problem: ModuleLoss) -> None:
    for name, module in problem.objective.model.named_modules():
        kind = type(module).__name__
        if module.training and isinstance(module, Dropout) and module.p > 0:
            raise InvalidInput("model", f"is in train mode, where {kind} ({name or 'itself'}) draws at random",
                               "model.eval()")
        if getattr(module, "max_norm", None) is not None:
            raise InvalidInput("model", f"has max_norm, by which {kind} ({name or 'itself'}) changes its own weights "
                               "as it is called", "max_norm=None")
        if module.training and isinstance(module, BatchNorm):
            raise InvalidInput("model", f"is in train mode, where {kind} ({name or 'itself'}) hangs on the batch",
                               "model.eval()")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
