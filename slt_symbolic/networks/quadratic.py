"""Quadratic networks ``f(x) = sum_j V_j (w_j·x)^2`` with ``w_j in R^d``, ``V_j in R^p``, ``j = 1..K``.

Their function map on a data model, and the germ of the loss at a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import sympy

from slt_symbolic.germ import Germ
from slt_symbolic.networks.data import Counts, Inputs

Matrix = Sequence[Sequence[int]]
Data = TypeVar("Data", bound=Counts, covariant=True)


@dataclass(frozen=True)
class QuadraticNetwork(Generic[Data]):
    """The architecture: ``outputs`` p, ``units`` K, and the data that it is trained on."""

    inputs: Data
    outputs: int
    units: int


def parameter_symbols(network: QuadraticNetwork[Inputs]) -> tuple[sympy.Matrix, sympy.Matrix]:
    """The parameters ``W`` (K × d) and ``V`` (K × p) as matrices of symbols."""
    w = sympy.Matrix(network.units, network.inputs.width, lambda j, a: sympy.Symbol(f"w{j}_{a}"))
    v = sympy.Matrix(network.units, network.outputs, lambda j, c: sympy.Symbol(f"v{j}_{c}"))
    return w, v


def function_values(inputs: Inputs, w: sympy.Matrix, v: sympy.Matrix) -> list[sympy.Expr]:
    """What the loss sees: ``f_c(x)`` for each input and output; differences to the last input if centred."""
    preactivations = sympy.Matrix(inputs.matrix().tolist()) * w.T
    table = preactivations.applyfunc(lambda s: s**2) * v
    rows = [table.row(i) for i in range(table.rows)]
    if inputs.centred:
        rows = [row - rows[-1] for row in rows[:-1]]
    return [value for row in rows for value in row]


def germ_at(network: QuadraticNetwork[Inputs], w: Matrix, v: Matrix) -> Germ:
    """The germ of the loss at the parameters ``(w, v)``, where the truth is this very network.

    >>> from slt_symbolic.networks.data import QuadraticForms
    >>> germ = germ_at(QuadraticNetwork(QuadraticForms(1), outputs=1, units=1), [[0]], [[0]])
    >>> [g.as_expr() for g in germ.generators]
    [v0_0*w0_0**2]
    """
    w_symbols, v_symbols = parameter_symbols(network)
    variables = [*w_symbols, *v_symbols]
    start = [sympy.Integer(int(x)) for x in [*np.ravel(w), *np.ravel(v)]]
    truth = function_values(network.inputs, sympy.Matrix(w), sympy.Matrix(v))
    values = function_values(network.inputs, w_symbols, v_symbols)
    generators = [f - y for f, y in zip(values, truth, strict=True)]
    return Germ.at(generators, variables, dict(zip(variables, start, strict=True)))
