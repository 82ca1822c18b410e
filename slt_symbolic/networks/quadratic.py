"""Quadratic networks ``f(x) = sum_j V_j (w_j·x)^2`` with ``w_j in R^d``, ``V_j in R^p``, ``j = 1..K``.

Their function map on a data model, and the germ of the loss at a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.germ import Germ
from slt_symbolic.networks.data import Counts, Inputs

Matrix = Sequence[Sequence[int | Fraction]]
Data = TypeVar("Data", bound=Counts, covariant=True)


@dataclass(frozen=True)
class QuadraticNetwork(Generic[Data]):
    """The architecture: ``outputs`` p, ``units`` K, and the data that it is trained on."""

    inputs: Data
    outputs: int
    units: int


def germ_at(network: QuadraticNetwork[Inputs], w: Matrix, v: Matrix) -> Germ:
    """The germ of the loss at rational parameters ``w`` (K × d), ``v`` (K × p); the truth is this very network.

    The generators are ``f_c(x)`` minus its value, for each input and output; differences to the last input if centred.

    >>> from slt_symbolic.networks.data import QuadraticForms
    >>> germ = germ_at(QuadraticNetwork(QuadraticForms(1), outputs=1, units=1), [[0]], [[0]])
    >>> germ.expressions
    (v0_0*w0_0**2,)
    """
    d, p, units = network.inputs.width, network.outputs, range(network.units)
    names = [*(f"w{j}_{a}" for j in units for a in range(d)), *(f"v{j}_{c}" for j in units for c in range(p))]
    start = [Fraction(x) for row in (*w, *v) for x in row]
    if len(start) != len(names):
        raise InvalidInput("parameters", f"there are {len(start)} where the network has {len(names)}",
                           f"w of shape {network.units} x {d} and v of shape {network.units} x {p}")
    ring = ring_of(names)
    parameters = [g + ring.constant(x.numerator) / x.denominator for g, x in zip(ring.gens(), start, strict=True)]
    rows = [parameters[j * d : (j + 1) * d] for j in units]
    columns = parameters[len(rows) * d :]
    values = []
    for x in network.inputs.matrix().tolist():
        squares = [sum((int(e) * a for e, a in zip(x, row, strict=True) if e), ring.constant(0)) ** 2 for row in rows]
        values.append([sum((columns[j * p + c] * squares[j] for j in units), ring.constant(0)) for c in range(p)])
    if network.inputs.centred:
        values = [[a - b for a, b in zip(row, values[-1], strict=True)] for row in values[:-1]]
    return Germ.of(names, (f - f(*[0] * len(names)) for row in values for f in row))
