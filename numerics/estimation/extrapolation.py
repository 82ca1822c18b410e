"""From the means of ``nbeta K`` on a ladder of inverse temperatures to the learning coefficient.

With ``Z(t) = ∫ exp(-t K) ~ t^{-lambda} P(log t) + smaller powers``, P a polynomial of degree m - 1,

    t E_t[K] = -d log Z / d log t = lambda - P'(log t) / P(log t) + sum_j a_j t^-delta_j   (Watanabe 2009, ch. 4).

Which powers there are, from which rung on, and m where it is not given, nobody knows. Each possibility is fitted, and
the limit is the mean of what they give, with weights ``exp(-AIC/2)``, where AIC is ``chi^2`` and twice the number of
parameters and of rungs left out. A single choice by a threshold would jump from one ladder to the next, by more than
the error of any of its fits: how far the fits are apart is part of the error.
Source: Jay and Neil, Phys. Rev. D 103, 114502 (2021).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

Array = NDArray[np.float64]
POWERS = (1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 3 / 4, 1.0, 3 / 2)  # delta for m = 1, alone or with its double
FASTER = ((), (1 / 8,), (1 / 4,), (1 / 2,), (1.0,))  # for m > 1, besides the logarithms
SMALLEST_ERROR = 1e-9  # relative to the largest mean: columns that agree exactly must not divide by zero
UNLIKELY = 1e-3  # probability of so large a chi^2 below which a fit does not hold
LOOSEST = 3.0  # standard error of the logarithm of a root, up to which errors are linear
FEWEST_SPARE = 2  # rungs beyond the number of parameters
NEGLIGIBLE = 12.0  # above the least AIC: a weight of 1/400
NEAREST, FARTHEST = 0.3, 3000.0  # of a root of P from the first rung, in log t, to the left of it
ROOTS = (2.0, 4.0)  # the first guess of the nearest and the farthest of them
STEPS, DAMPING, MOST_DAMPING, LONGEST_STEP, DONE = 40, 1e-3, 1e4, 1.5, 1e-4  # of Gauss-Newton for their logarithms


@dataclass(frozen=True)
class Extrapolation:
    """``limit``, its Monte-Carlo error, how far it depends on the form of the fit, and whether the best one ``holds``.

    ``first`` is the first rung that the best one uses, ``multiplicity`` its m.
    """

    limit: float
    mcse: float
    systematic: float
    first: int
    holds: bool
    multiplicity: int


def extrapolate(nbeta: Array, means: Array, multiplicities: Sequence[int]) -> Extrapolation | None:
    """The limit for ``nbeta`` to infinity of the rung means of independent columns, ``means`` (M, C).

    None where the ladder is too short. Where not even the best fit holds, all of the distance that it bridges is
    uncertain.
    """
    ladder = _ladder(nbeta, means)
    fits = [fit for m in multiplicities for fit in _fits(ladder, m)]
    if not fits:
        return None
    criterion = np.array([fit.criterion for fit in fits])
    weights = np.exp((criterion.min() - criterion) / 2)
    weights /= weights.sum()
    limits, best = np.array([fit.limit for fit in fits]), fits[int(criterion.argmin())]
    limit = float(weights @ limits)
    deviations = weights @ np.array([fit.deviations for fit in fits])  # of each column, by which the limit would change
    holds = bool(chi2.sf(best.square, best.spare) > UNLIKELY)
    apart = math.sqrt(float(weights @ (limits - limit) ** 2))
    return Extrapolation(limit, float(np.linalg.norm(deviations)),
                         apart if holds else math.hypot(apart, limit - float(ladder.values[-1])),
                         best.first, holds, best.multiplicity)


@dataclass(frozen=True)
class _Ladder:
    """``values`` (M,) at ``logs`` of t with their ``errors``; ``deviations`` (M, C) of the columns in units of these.

    Squared deviations of a rung add up to 1: what a fit does to them is what it does to the errors, correlations of
    the rungs included.
    """

    logs: Array
    values: Array
    errors: Array
    deviations: Array

    def since(self, first: int) -> _Ladder:
        """Without the first rungs."""
        return _Ladder(self.logs[first:], self.values[first:], self.errors[first:], self.deviations[first:])


@dataclass(frozen=True)
class _Fit:
    """The ``limit`` of one form from one rung on, its chi^2 ``square`` with ``spare`` degrees of freedom."""

    limit: float
    deviations: Array
    square: float
    spare: int
    criterion: float
    first: int
    roots: Array

    @property
    def multiplicity(self) -> int:
        """One more than P has roots."""
        return len(self.roots) + 1


def _ladder(nbeta: Array, means: Array) -> _Ladder:
    values, columns = means.mean(1), means.shape[1]
    errors = means.std(1, ddof=1) / columns**0.5
    errors = np.maximum(errors, SMALLEST_ERROR * np.abs(values).max())
    deviations = (means - values[:, None]) / errors[:, None] / (columns * (columns - 1)) ** 0.5
    return _Ladder(np.log(nbeta), values, errors, deviations)


def _fits(ladder: _Ladder, multiplicity: int) -> Iterator[_Fit]:
    """All forms of this multiplicity from all rungs on, but for those whose weight is negligible."""
    forms = [(d,) for d in POWERS] + [(d, 2 * d) for d in POWERS] if multiplicity == 1 else FASTER
    least = math.inf
    for powers in forms:
        roots: Array = np.linspace(*ROOTS, multiplicity - 1)
        parameters = multiplicity + len(powers)
        for first in range(len(ladder.logs) - parameters - FEWEST_SPARE + 1):
            penalty = 2 * (parameters + first + math.log(len(forms)))
            if penalty > least + NEGLIGIBLE:
                break
            fit = _fit(ladder.since(first), powers, roots, penalty, first)
            least, roots = min(least, fit.criterion), fit.roots + ladder.logs[first + 1] - ladder.logs[first]
            yield fit


def _fit(ladder: _Ladder, powers: Sequence[float], guess: Array, penalty: float, first: int) -> _Fit:
    """Least squares, roots from a guess on; errors by the linear change of the limit with each column."""
    since = ladder.logs - ladder.logs[0]
    linear = np.stack([np.exp(-power * since) for power in (0.0, *powers)], 1) / ladder.errors[:, None]
    roots = _roots(ladder, linear, guess)
    left = (ladder.values + (1 / (since[:, None] + roots)).sum(1)) / ladder.errors
    columns = np.hstack([linear, _determined(ladder, linear, roots)])
    span, sizes, mixing = np.linalg.svd(columns, full_matrices=False)
    of_limit = span @ (mixing[:, 0] / sizes)
    solution = np.linalg.lstsq(linear, left, rcond=None)[0]
    left = left - linear @ solution
    unexplained = ladder.deviations - span @ (span.T @ ladder.deviations)
    spare = len(left) - len(sizes)
    # Over what it would be on average if the form held, rungs correlated as they are, times that of independent ones.
    square = float(np.square(left).sum() / np.square(unexplained).sum()) * spare
    return _Fit(float(solution[0]), of_limit @ ladder.deviations, square, spare, square + penalty, first, roots)


def _determined(ladder: _Ladder, linear: Array, roots: Array) -> Array:
    """(M, k): what the form does along the directions, in the logarithms of roots, that the ladder determines.

    Where roots come together or are at their bounds a direction is left in which errors are not linear in the data.
    """
    free = roots[(roots > NEAREST) & (roots < FARTHEST)]
    slopes = _slopes(ladder, free)
    basis = np.linalg.qr(linear)[0]
    _, sizes, directions = np.linalg.svd(slopes - basis @ (basis.T @ slopes), full_matrices=False)
    return np.asarray(slopes @ directions[sizes > 1 / LOOSEST].T)


def _slopes(ladder: _Ladder, roots: Array) -> Array:
    """(M, k): derivatives of the negative form by the logarithms of the roots, in units of the errors."""
    return np.asarray(-roots / (ladder.logs[:, None] - ladder.logs[0] + roots) ** 2 / ladder.errors[:, None])


def _roots(ladder: _Ladder, linear: Array, guess: Array) -> Array:
    """How far left of the first rung the roots of P are: damped Gauss-Newton steps for their logarithms from a guess.

    What is linear in the form is minimised over at each of them (variable projection, Golub and Pereyra 1973).
    """
    since, basis = ladder.logs - ladder.logs[0], np.linalg.qr(linear)[0]

    def beside(columns: Array) -> Array:
        return np.asarray(columns - basis @ (basis.T @ columns))

    def residual(logs: Array) -> Array:
        return beside((ladder.values + (1 / (since[:, None] + np.exp(logs))).sum(1)) / ladder.errors)

    logs, damping = np.log(np.clip(guess, NEAREST, FARTHEST)), DAMPING
    found = residual(logs)
    for _ in range(STEPS if len(guess) else 0):
        slopes = beside(_slopes(ladder, np.exp(logs)))
        normal = slopes.T @ slopes
        step = np.linalg.lstsq(normal + damping * np.diag(np.diag(normal)), -slopes.T @ found, rcond=None)[0]
        moved = np.clip(logs + np.clip(step, -LONGEST_STEP, LONGEST_STEP), math.log(NEAREST), math.log(FARTHEST))
        trial = residual(moved)
        gain = float(found @ found - trial @ trial)
        if gain > 0:
            logs, found, damping = moved, trial, damping / 5
        else:
            damping *= 5
        if 0 < gain < DONE * (1 + float(found @ found)) or damping > MOST_DAMPING:
            break
    return np.asarray(np.exp(logs))
