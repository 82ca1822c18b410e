"""Eigenvalues of a dense Hessian: the numerical rank and the gap behind it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from slt_symbolic.errors import InvalidInput

ZERO_EIGENVALUE = 1e-10  # relative to the largest; the gap is reported
NOISE = 10  # times the most negative eigenvalue: off the minimum zeros turn into eigenvalues of both signs
CLEAR = 1e4  # ratio of neighbours that is a gap, and of a curvature to the rounding errors that it is not one of
ROUNDING = 2e-15  # of eigenvalues in float64, relative to the largest: ten units in the last place
LARGEST_DENSE = 3000  # parameters, for a dense Hessian: its eigenvalues take seconds


@dataclass(frozen=True)
class Spectrum:
    """Hessian eigenvalues of the loss at the point: the numerical rank and the gap behind it.

    ``others``: the ranks that the eigenvalues allow too, where no gap shows which of them are zero.
    """

    rank: int
    largest: float
    smallest_nonzero: float
    largest_zero: float
    others: tuple[int, ...] = ()


def allows_dense(parameters: int) -> bool:
    """Whether the Hessian of so many parameters is small enough to be dense."""
    return parameters <= LARGEST_DENSE


def require_dense(parameters: int) -> None:
    """Raise `InvalidInput` where the Hessian is too large to be dense."""
    if not allows_dense(parameters):
        raise InvalidInput(f"{parameters} parameters", f"the Hessian is dense, at most {LARGEST_DENSE}",
                           "a smaller network, or requires_grad=False for what is not of interest")


def spectrum_of(values: Tensor) -> Spectrum:
    """The numerical rank of a Hessian with eigenvalues ``values`` (P,): what negative ones show to be noise is zero."""
    largest = float(values.max())
    nonzero = values > max(ZERO_EIGENVALUE * max(largest, ZERO_EIGENVALUE), -NOISE * float(values.min()))
    zeros = values[~nonzero]
    rank = int(nonzero.sum())
    return Spectrum(
        rank=rank, others=_other_ranks(values.sort(descending=True).values.tolist(), rank),
        largest=largest if nonzero.any() else 0.0,
        smallest_nonzero=float(values[nonzero].min()) if nonzero.any() else 0.0,
        largest_zero=float(zeros.abs().max()) if len(zeros) else 0.0)


def _other_ranks(values: list[float], rank: int) -> tuple[int, ...]:
    """Besides ``rank``, for eigenvalues that are largest first.

    With a gap behind the rank none. Without one, what is far above the rounding errors is counted, and what follows
    may be, down to the next gap; if the eigenvalues fall into the rounding errors first, all may be: an eigenvalue
    below them is as well a small curvature as a zero.
    """
    size, largest = len(values), max(values[0], 0.0)
    noise = max(ROUNDING * largest, -values[-1], 0.0)
    if rank in (0, size) or values[rank - 1] >= CLEAR * max(abs(values[rank]), noise):
        return ()
    lowest = sum(value > CLEAR * noise for value in values[:rank])
    highest = rank
    while highest < size and values[highest - 1] < CLEAR * max(values[highest], noise):
        highest += 1
    if values[highest - 1] <= CLEAR * noise:
        highest = size
    return tuple(other for other in range(lowest, highest + 1) if other != rank)
