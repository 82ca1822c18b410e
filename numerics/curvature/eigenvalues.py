"""Eigenvalues of a dense Hessian: the numerical rank and the gap behind it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from slt_symbolic.errors import InvalidInput

ZERO_EIGENVALUE = 1e-10  # relative to the largest; the gap is reported
NOISE = 10  # times the most negative eigenvalue: off the minimum zeros turn into eigenvalues of both signs
LARGEST_DENSE = 3000  # parameters, for a dense Hessian: its eigenvalues take seconds


@dataclass(frozen=True)
class Spectrum:
    """Hessian eigenvalues of the loss at the point: the numerical rank and the gap behind it."""

    rank: int
    largest: float
    smallest_nonzero: float
    largest_zero: float


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
    return Spectrum(
        rank=int(nonzero.sum()), largest=largest if nonzero.any() else 0.0,
        smallest_nonzero=float(values[nonzero].min()) if nonzero.any() else 0.0,
        largest_zero=float(zeros.abs().max()) if len(zeros) else 0.0)
