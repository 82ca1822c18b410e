"""The volume of parameters whose divergence from the truth is below e: its exponent is lambda, without any reduction.

Plain Monte Carlo in a box around the truth, ``V(e) ~ e^lambda (log 1/e)^(m-1)`` at two values of e.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from slt_symbolic import models

DRAWS, CHUNK, REACH = 4_000_000, 500_000, 0.4
BIAS = 0.06  # what smaller powers and constants beside the logarithm leave at these e
HALF = sympy.Rational(1, 2)
a, b, c, t, u, v = sympy.symbols("a b c t u v")


def coins(*flips):
    """Cells of independent flips of one of two biased coins."""
    return [sympy.expand(t * sympy.prod([a if up else 1 - a for up in faces])
                         + (1 - t) * sympy.prod([b if up else 1 - b for up in faces])) for faces in flips]


def of_cells(cells, names):
    values = sympy.lambdify(names, cells, "numpy")

    def divergence(truth, points):
        q = np.array(values(*truth), dtype=float)[:, None]
        excess = np.array(np.broadcast_arrays(*values(*points.T))) / q - 1
        return (q * (excess - np.log1p(excess))).sum(0)
    return divergence


def of_factor(truth, points):
    """Two observed variables, one factor, with unit noise at the truth of no factor."""
    one, two, first, second = points.T
    diagonal = 1 + first + one**2, 1 + second + two**2
    determinant = diagonal[0] * diagonal[1] - (one * two) ** 2
    return ((diagonal[0] + diagonal[1]) / determinant - 2 + np.log(determinant)) / 2


PAIR = coins((1, 1), (1, 0), (0, 1), (0, 0))
FACTOR = sympy.Matrix([[1 + u + a**2, a * b], [a * b, 1 + v + b**2]])
TRUTH = {t: HALF, a: HALF, b: HALF}
CASES = {
    "fair coins": (models.categorical(PAIR, TRUTH), of_cells(PAIR, [t, a, b]), (1e-3, 1e-6)),
    "coins": (models.categorical(PAIR, dict.fromkeys(TRUTH, HALF / 2)), of_cells(PAIR, [t, a, b]), (1e-3, 1e-6)),
    "one factor": (models.covariance(FACTOR, {a: 0, b: 0, u: 0, v: 0}), of_factor, (1e-2, 1e-5)),
    "two layers": (models.regression(a * b * c, "gaussian", {a: 0, b: 0}), lambda _, points: points.prod(1) ** 2 / 2,
                   (1e-5, 1e-9)),
}


def volumes(truth, divergence, bounds):
    """How many draws are below each bound."""
    rng, found = np.random.default_rng(0), np.zeros(len(bounds))
    for _ in range(DRAWS // CHUNK):
        points = truth + REACH * rng.uniform(-1, 1, size=(CHUNK, len(truth)))
        with np.errstate(invalid="ignore"):
            below = divergence(truth, points)
        found += [(below < e).sum() for e in bounds]
    return found


def exponent(truth, divergence, m, bounds):
    """Of e, and its standard error."""
    many, few = volumes(np.array(truth), divergence, bounds)
    apart = math.log(bounds[0] / bounds[1])
    logs = (m - 1) * math.log(math.log(bounds[0]) / math.log(bounds[1]))
    return (math.log(many / few) - logs) / apart, math.hypot(many**-0.5, few**-0.5) / apart


@pytest.mark.sampled
@pytest.mark.parametrize("name", CASES)
def test_lambda_is_the_exponent_of_the_volume(name):
    model, divergence, bounds = CASES[name]
    answer = model.rlct()
    truth = [float(value) for value in model.point.values()]
    found, error = exponent(truth, divergence, answer.multiplicity, bounds)
    assert abs(found - answer.lambda_) < BIAS + 5 * error
    for wrong in (answer.lambda_ - Fraction(1, 4), answer.lambda_ + Fraction(1, 4)):
        assert abs(found - wrong) > BIAS + 5 * error
