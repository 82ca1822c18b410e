"""Categorical outputs: the probabilities of finitely many cells, or logits at finitely many inputs."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.measure import Domain, Prior
from slt_symbolic.models.inputs import inputs_of
from slt_symbolic.models.model import (
    Model,
    Point,
    differences,
    exact_point,
    expanded,
    expressions,
    listed,
    model,
    near_the_truth,
    require_distinct_names,
    value_at,
    vanishes,
)

CELLS = ("K = sum_i q_i log(q_i/p_i) is comparable to sum_i (p_i - q_i)^2 where all q_i > 0: the p_i sum to 1, so that "
         "K has no linear term in p - q, and the Hessian of K in p is diag(1/q_i) (Watanabe 2009, ch. 7)")
LOGITS = ("softmax is a diffeomorphism from logits modulo constants onto the open simplex, so that K is comparable to "
          "the squares of the differences of logits from the last one, less those of the truth, summed over inputs")


def categorical(cells: Sequence[sympy.Expr] | sympy.MatrixBase, at: Point, *, domain: Domain = None,
                prior: Prior = None) -> Model:
    """A model of a categorical variable: ``cells`` are the probabilities of its values, polynomials in the parameters.

    Quotients of polynomials do as well, if no denominator is 0 at the truth. Theorem: near a truth with positive
    probabilities q the divergence is comparable to ``sum_i (p_i - q_i)^2``. The truth is the model at ``at``, and all
    parameters near it count: where one is at the end of its range, a weight that is 0 say, ``domain`` has to say so.

    >>> a = sympy.Symbol("a")
    >>> print(categorical([1/(1 + a**2), a**2/(1 + a**2)], {a: 1}).rlct().threshold)
    lambda = 1/2, m = 1

    Raises `InvalidInput` if the cells do not sum to 1 identically, or one of them is not positive at the truth: there
    the divergence is linear in the cell, and this theorem says nothing.
    """
    point = exact_point(at)
    probabilities = expressions("cells", cells, point, quotients=True)
    rest = expanded(sum(probabilities) - 1)
    if not vanishes(rest):
        raise InvalidInput("cells", f"do not sum to 1: the sum less 1 is {str(rest)[:60]}",
                           "probabilities of all values")
    for i, cell in enumerate(probabilities):
        value = value_at(cell, point)
        if not value.is_positive:
            raise InvalidInput(f"cell {i}", f"is {value} at the truth, where it must be positive",
                               "a truth inside the simplex")
    return model(differences(probabilities, point), point, domain, prior, CELLS)


def softmax(logits: Sequence[sympy.Expr] | sympy.MatrixBase, inputs: Sequence[Point], at: Point, *,
            domain: Domain = None, prior: Prior = None) -> Model:
    """Classes with the probabilities ``softmax(logits)``, at finitely many inputs, each of positive probability.

    Theorem: the divergence is comparable to the sum over inputs of the squares of ``z_c - z_last``, less their values
    at the truth. ``logits`` are polynomials in the parameters (those of ``at``), or quotients, at each input. Raises
    `InvalidInput`; inputs that are not finitely many are refused: for unbounded ones the divergence is not comparable.
    """
    point = exact_point(at)
    tables = inputs_of(inputs, point)
    z = listed("logits", logits)
    if len(z) < 2:
        raise InvalidInput("logits", "of a single class say nothing", "two classes or more")
    require_distinct_names("logits", {*point, *tables[0], *(s for c in z for s in c.free_symbols)})
    values = expressions("logits", [near_the_truth((c - z[-1]).subs(table), point) for table in tables for c in z[:-1]],
                         point, quotients=True)
    return model(differences(values, point), point, domain, prior, LOGITS)
