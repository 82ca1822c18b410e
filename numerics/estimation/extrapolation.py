"""From the means of ``nbeta K`` on a ladder of inverse temperatures to the learning coefficient.

With ``Z(t) = ∫ exp(-t K) ~ t^{-lambda} P(log t) + smaller powers``, P a polynomial of degree m - 1,

    t E_t[K] = -d log Z / d log t = lambda - P'(log t) / P(log t) + O(t^-delta).

For ``m = 1`` the fit is ``lambda + a t^-delta``, for more ``lambda - P'/P`` with the coefficients of P free. It uses
the rungs from the first one on from which it holds within the errors. Source: Watanabe 2009, ch. 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

Array = NDArray[np.float64]
SMALLEST_POWER, LARGEST_POWER = 0.1, 1.5  # delta: slower or faster than that a ladder cannot tell
SMALLEST_ERROR = 1e-9  # relative to the largest mean: columns that agree exactly must not divide by zero
ACCEPTABLE = 1.5  # chi^2 per degree of freedom
FEWEST_SPARE = 2  # rungs beyond the number of parameters
LEFT_OVER = {1: 0.3, 2: 0.15}  # for m = 1, m > 1: uncertain share of the last rung's distance to the limit


@dataclass(frozen=True)
class Extrapolation:
    """``limit``, its Monte-Carlo error, how far it depends on the form of the fit, and whether that ``holds``.

    ``first`` is the first rung used.
    """

    limit: float
    mcse: float
    systematic: float
    first: int
    holds: bool


def extrapolate(nbeta: Array, means: Array, multiplicity: int) -> Extrapolation | None:
    """The limit for ``nbeta`` to infinity of the rung means of independent columns, ``means`` (M, C).

    None where the ladder is too short. The error is a jackknife over the columns. Where the fit does not hold, all of
    the distance that it bridges is uncertain.
    """
    logs = np.log(nbeta / nbeta[-1])
    average, error = means.mean(1), means.std(1, ddof=1) / means.shape[1] ** 0.5
    error = np.maximum(error, SMALLEST_ERROR * np.abs(average).max())
    parameters = 3 if multiplicity == 1 else multiplicity
    last = len(nbeta) - parameters - FEWEST_SPARE
    if last < 0:
        return None
    fit = partial(_fit, multiplicity=multiplicity)
    for first in range(last + 1):
        solution, chi2 = fit(logs[first:], average[first:], error[first:])
        if chi2 < ACCEPTABLE or first == last:
            break
    leave_one_out = (means.sum(1, keepdims=True) - means) / (means.shape[1] - 1)
    limits = np.array([fit(logs[first:], column[first:], error[first:], start=solution)[0][0]
                       for column in leave_one_out.T])
    mcse = float(((len(limits) - 1) * limits.var()) ** 0.5)
    later = min(first + max((len(nbeta) - first) // 3, 1), last)
    shifted, _ = fit(logs[later:], average[later:], error[later:])
    # The shorter fit is noisier; what its own noise explains is no sign of a wrong form.
    difference = abs(shifted[0] - solution[0])
    holds = chi2 < ACCEPTABLE
    left_over = (LEFT_OVER[min(multiplicity, 2)] if holds else 1) * (solution[0] - average[-1])
    systematic = float(np.hypot(max(difference - mcse, 0.0), left_over))
    return Extrapolation(float(solution[0]), mcse, systematic, first, holds)


def _fit(logs: Array, values: Array, errors: Array, multiplicity: int,
         start: Array | None = None) -> tuple[Array, float]:
    """Parameters, the limit first, and chi^2 per degree of freedom."""
    gap = max(values[-1] - values[0], 1e-12)
    if multiplicity == 1:
        guess = np.array([values[-1], -0.3 * gap, 0.5])
        bounds = ([-np.inf, -np.inf, SMALLEST_POWER], [np.inf, np.inf, LARGEST_POWER])
    else:  # roots of P left of the ladder: P = prod (log t + c_i), all c_i > 0 from its first rung on
        offset = -logs[0]
        guess = np.array([values[-1] + 0.05, *(offset + 2.0 + np.arange(multiplicity - 1))])
        bounds = ([-np.inf, *[offset + 1e-3] * (multiplicity - 1)], [np.inf] * multiplicity)
    fitted = least_squares(lambda parameters: (_model(parameters, logs, multiplicity) - values) / errors,
                           guess if start is None else start, bounds=bounds, x_scale="jac")
    return fitted.x, 2 * fitted.cost / max(len(values) - len(guess), 1)


def _model(parameters: Array, logs: Array, multiplicity: int) -> Array:
    if multiplicity == 1:
        limit, scale, power = parameters
        return np.asarray(limit + scale * np.exp(-power * logs))
    return np.asarray(parameters[0] - sum(1 / (logs + c) for c in parameters[1:]))
