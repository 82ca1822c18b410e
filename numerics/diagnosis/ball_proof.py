"""An exact fit next to floating-point weights, proved in ball arithmetic (python-flint), where the Jacobian is onto.

Let ``F: R^P -> R^M`` be the errors on the pairs (centred: less those of the last pair), ``x`` the weights, which
floats give exactly, and A any P × M matrix. If ``|I - F'(x + A y) A| <= q < 1`` in the norm of the largest row sum for
all ``|y| <= r`` (largest entry), and ``|F(x)| <= (1 - q) r``, then ``y -> y - F(x + A y)`` maps these y to themselves
and contracts. So ``F`` vanishes at some ``x* = x + A y*``, and ``F'(x*)`` is onto, as ``F'(x*) A`` is invertible: near
x* the exact fits are a manifold of codimension M, ``lambda = M/2``, ``m = 1``. All of it is checked with rounding
errors included; that A comes from floats does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx
from numpy.typing import NDArray

Array = NDArray[np.float64]
Balls = NDArray[Any]  # of arb
BITS = 128
LARGEST_EQUATIONS, LARGEST_SPAN = 1000, 1200  # for products of dense matrices of balls; a minute


@dataclass(frozen=True)
class ExactFit:
    """Balls ``w`` (K, 2p) and ``v`` (K, q) around the weights that hold an exact fit with F' onto.

    They are of radius ``distance`` at most.
    """

    w: Balls
    v: Balls
    distance: float


def onto_fit(w: Array, v: Array, inputs: NDArray[np.int64], targets: NDArray[np.int64], centred: bool,
             ) -> ExactFit | None:
    """The exact fit near ``w`` (K, 2p), ``v`` (K, q) on ``inputs`` (N, 2p), ``targets`` (N, q); None if not proved."""
    equations, parameters = (len(inputs) - int(centred)) * v.shape[1], w.size + v.size
    if not 0 < equations <= min(parameters, LARGEST_EQUATIONS):
        return None
    with _precision():
        point = _balls(w), _balls(v)
        errors = _less_last(_values(*point, inputs) - _balls(targets), centred)
        error = _largest(errors.ravel())
        inverse = np.linalg.pinv(_jacobian(w, v, inputs, centred))
        radius = arb(2 * float(error))  # any number would do
        moves = radius * np.array([arb(x) for x in np.abs(inverse).sum(1) * (1 + 2.0**-20)])  # above all rounding
        unit = arb(0, 1)
        box = _split(np.concatenate([x.ravel() for x in point]) + unit * moves, w, v)
        defect = _defect(_jacobian(*box, inputs, centred), inverse)
        if not (defect < 1 and error <= (1 - defect) * radius):
            return None
        return ExactFit(*box, float(_largest(moves)))


def independent_features(fit: ExactFit, inputs: NDArray[np.int64]) -> bool:
    """Whether the features ``(w_j·x)^2`` of the exact fit are proved to be independent modulo constants."""
    with _precision():
        features = _less_last(_squares(fit.w, inputs), centred=True)  # (N - 1, K)
        left = np.linalg.pinv(features.astype(float))
        return len(features) >= len(fit.w) and bool(_defect(left, features) < 1)


def features_span(w: Array, inputs: NDArray[np.int64], centred: bool) -> bool:
    """Whether the features of ``w`` (K, 2p) are proved to span all functions on the inputs, centred: but constants.

    Any labels then have an exact fit with these w, and the Jacobian is onto there.
    """
    if not 0 < len(inputs) - int(centred) <= min(len(w), LARGEST_SPAN):
        return False
    with _precision():
        features = _less_last(_squares(_balls(w), inputs), centred)
        right = np.linalg.pinv(_less_last(_squares(w, inputs), centred))
        return bool(_defect(features, right) < 1)


@contextmanager
def _precision() -> Iterator[None]:
    before, ctx.prec = ctx.prec, BITS
    try:
        yield
    finally:
        ctx.prec = before


def _balls(numbers: NDArray[Any]) -> Balls:
    """Exactly these numbers."""
    return np.array([arb(value) for value in numbers.ravel().tolist()], dtype=object).reshape(numbers.shape)


def _split(theta: Balls, w: Array, v: Array) -> tuple[Balls, Balls]:
    return theta[: w.size].reshape(w.shape), theta[w.size :].reshape(v.shape)


def _values(w: Any, v: Any, inputs: NDArray[np.int64]) -> Any:
    """(N, q): what the network computes, in floats or in balls."""
    return _squares(w, inputs) @ v


def _squares(w: Any, inputs: NDArray[np.int64]) -> Any:
    """(N, K): the features; a power of a ball that holds 0 would be NaN."""
    s = _preactivations(w, inputs)
    return s * s


def _preactivations(w: Any, inputs: NDArray[np.int64]) -> Any:
    """(N, K): each input is two-hot, so that a sum of two weights is all there is."""
    first, second = inputs.nonzero()[1].reshape(-1, 2).T
    return (w[:, first] + w[:, second]).T


def _jacobian(w: Any, v: Any, inputs: NDArray[np.int64], centred: bool) -> Any:
    """(M, P): the derivatives of the errors by ``w`` and then ``v``, in floats or in balls."""
    s = _preactivations(w, inputs)
    identity = np.eye(v.shape[1], dtype=np.int64)
    by_w = 2 * s[:, None, :, None] * v.T[None, :, :, None] * inputs[:, None, None, :]
    by_v = _squares(w, inputs)[:, None, :, None] * identity[None, :, None, :]
    rows = np.concatenate([x.reshape(len(inputs), v.shape[1], -1) for x in (by_w, by_v)], axis=2)
    rows = _less_last(rows, centred)
    return rows.reshape(-1, rows.shape[2])


def _less_last(rows: Any, centred: bool) -> Any:
    return rows[:-1] - rows[-1:] if centred else rows


def _defect(left: Any, right: Any) -> arb:
    """``|I - left right|``, the largest sum of a row, from above."""
    product = arb_mat(left.tolist()) * arb_mat(right.tolist())
    size = product.nrows()
    return _largest(sum((abs(product[i, j] - int(i == j)) for j in range(size)), arb(0)) for i in range(size))


def _largest(values: Iterable[arb]) -> arb:
    """The largest absolute value, from above; floats would round it."""
    return reduce(lambda x, y: x.max(y), (abs(value).upper() for value in values))
