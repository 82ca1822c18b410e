"""Regression with Gaussian noise of known variance and a polynomial mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.measure import Domain, Prior
from slt_symbolic.models.model import (
    Model,
    Point,
    differences,
    exact_point,
    expressions,
    inputs_of,
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
               inputs: Sequence[Point] | Literal["gaussian"], at: Point, *,
               domain: Domain = None, prior: Prior = None) -> Model:
    """Outputs ``mean + noise``, Gaussian with a known variance; ``mean`` has one expression for each output.

    Theorem: ``K = E|f - f*|^2 / 2`` (unit variance). With ``inputs`` a list of points it is comparable to the squares
    of ``f - f*`` there, which have to be polynomials in the parameters near the truth, or quotients of them (of Max,
    Min and Abs the branch counts that holds there); with ``"gaussian"`` to those of the coefficients of ``f - f*`` at
    the monomials of the inputs, the symbols of the mean that are not in ``at`` and that the statement names (any
    distribution with all moments and a density that is positive on an open set does as well). Raises `InvalidInput`.
    """
    point = exact_point(at)
    outputs = listed("mean", mean)
    if isinstance(inputs, str):
        if inputs != "gaussian":
            raise InvalidInput("inputs", f"{inputs!r:.60} is no distribution that is known here",
                               '"gaussian", or a list')
        variables = sorted(set().union(*(f.free_symbols for f in outputs)).difference(point), key=str)
        polynomials = expressions("mean", outputs, [*point, *variables])
        values = [c for f in polynomials for c in (sympy.Poly(f, *variables).coeffs() if variables else [f])]
        return model(differences(values, point), point, domain, prior, GAUSSIAN.format(", ".join(map(str, variables))))
    tables = inputs_of(inputs, point)
    require_distinct_names("mean", {*point, *tables[0], *(s for f in outputs for s in f.free_symbols)})
    values = expressions("mean", [near_the_truth(f.subs(table), point) for table in tables for f in outputs], point,
                         quotients=True)
    return model(differences(values, point), point, domain, prior, FINITE)
