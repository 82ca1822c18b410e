"""Regression with Gaussian noise of known variance and a polynomial mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import sympy

from slt_symbolic.germ.measure import Domain, Prior
from slt_symbolic.models.inputs import gaussian_inputs, inputs_of
from slt_symbolic.models.model import (
    Model,
    Point,
    differences,
    exact_point,
    expressions,
    listed,
    model,
    near_the_truth,
    require_distinct_names,
)

FINITE = ("K = E|f - f*|^2/2 over finitely many inputs, each of positive probability, is comparable to the sum of the "
          "squares of f - f* at the inputs")
GAUSSIAN = ("K = E|f - f*|^2/2 over Gaussian inputs {} is a positive definite quadratic form in the coefficients of "
            "f - f* at the monomials of the inputs, which are independent functions on every open set")


def regression(mean: sympy.Expr | Sequence[sympy.Expr] | sympy.MatrixBase,
               inputs: Sequence[Point] | Mapping[sympy.Symbol, Literal["gaussian"]] | Literal["gaussian"], at: Point, *,
               domain: Domain = None, prior: Prior = None) -> Model:
    """Outputs ``mean + noise``, Gaussian with a known variance; ``mean`` has one expression for each output.

    Theorem: ``K = E|f - f*|^2 / 2`` (unit variance). With ``inputs`` a list of points it is comparable to the squares
    of ``f - f*`` there, which have to be polynomials in the parameters near the truth, or quotients of them (of Max,
    Min and Abs the branch counts that holds there); with Gaussian inputs, ``{x: "gaussian"}``, to those of the
    coefficients of ``f - f*`` at the monomials of the inputs (any distribution with all moments and a density that is
    positive on an open set does as well). ``"gaussian"`` alone: the symbols of the mean that are not in ``at``, where
    none of them may be a parameter. Raises `InvalidInput`.

    >>> a, b, x = sympy.symbols("a b x")
    >>> print(regression(a*b*x, "gaussian", {a: 0, b: 0}).rlct().threshold)
    lambda = 1/2, m = 2
    >>> regression(a*b*x, "gaussian", {a: 0})
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: at: b has no value and may be an input or a parameter; try b: 0, or ...
    """
    point = exact_point(at)
    outputs = listed("mean", mean)
    if isinstance(inputs, str | Mapping):
        free = set().union(*(f.free_symbols for f in outputs))
        require_distinct_names("mean", free.union(point))
        variables = gaussian_inputs(inputs, free, point)
        polynomials = expressions("mean", outputs, [*point, *variables])
        values = [c for f in polynomials for c in (sympy.Poly(f, *variables).coeffs() if variables else [f])]
        return model(differences(values, point), point, domain, prior, GAUSSIAN.format(", ".join(map(str, variables))))
    tables = inputs_of(inputs, point)
    require_distinct_names("mean", {*point, *tables[0], *(s for f in outputs for s in f.free_symbols)})
    values = expressions("mean", [near_the_truth(f.subs(table), point) for table in tables for f in outputs], point,
                         quotients=True)
    return model(differences(values, point), point, domain, prior, FINITE)
