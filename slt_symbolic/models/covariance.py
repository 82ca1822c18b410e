"""Centred Gaussian vectors whose covariance is a polynomial map."""

from __future__ import annotations

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.measure import Domain, Prior
from slt_symbolic.models.model import Model, Point, differences, exact_point, expressions, model, value_at, vanishes

STATEMENT = ("K = (tr(S^-1 S*) - log det(S^-1 S*) - n)/2 is comparable to |S - S*|^2 near a positive definite S*: its "
             "Hessian in S is tr(S*^-1 H S*^-1 H)/2 (Drton, Sturmfels, Sullivant 2009, Lectures on Algebraic "
             "Statistics, ch. 2 and 5)")


def covariance(matrix: sympy.MatrixBase, at: Point, *, domain: Domain = None, prior: Prior = None) -> Model:
    """Gaussian vectors with mean 0 and the covariance ``matrix``, its entries polynomials in the parameters.

    Quotients of polynomials do as well (the inverse of a precision matrix, say), if no denominator is 0 at the truth.
    Theorem: near a positive definite covariance the divergence is comparable to the sum of the squares of the entries'
    differences from those of the truth, the matrix at ``at``. Raises `InvalidInput` if the matrix is not symmetric, or
    not positive definite at the truth.
    """
    point = exact_point(at)
    if not isinstance(matrix, sympy.MatrixBase) or matrix.rows != matrix.cols or not matrix.rows:
        raise InvalidInput("matrix", "is no square matrix of SymPy", "Matrix([[1 + a**2, a*b], [a*b, 1 + b**2]])")
    if not all(vanishes(entry) for entry in matrix - matrix.T):
        raise InvalidInput("matrix", "is not symmetric", "a covariance")
    n = matrix.rows
    entries = expressions("matrix", [matrix[i, j] for i in range(n) for j in range(i, n)], point,
                          quotients=True)
    truth = matrix.applyfunc(lambda entry: value_at(entry, point))
    for k in range(1, n + 1):
        minor = truth[:k, :k].det()
        if not minor.is_positive:
            raise InvalidInput("matrix", f"is not positive definite at the truth: its leading minor of size {k} is "
                               f"{minor}", "a truth with noise in every direction")
    return model(differences(entries, point), point, domain, prior, STATEMENT)
