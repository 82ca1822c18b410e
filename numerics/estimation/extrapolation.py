"""From the means of ``nbeta K`` on a ladder of inverse temperatures to the learning coefficient.

With ``Z(t) = ∫ exp(-t K) ~ t^{-lambda} P(log t) + smaller powers``, P a polynomial of degree m - 1,

    t E_t[K] = -d log Z / d log t = lambda - P'(log t) / P(log t) + sum_j a_j t^-delta_j   (Watanabe 2009, ch. 4).

At a crossing of m divisors the pole of the zeta function is ``g(s) / s^m`` with g analytic, and ``P(L)`` is the
coefficient of ``s^(m-1)`` in ``g(s) exp(s L)``: of the cumulants of g the first, a shift of L, and the second, kappa,
are fitted (up to m = 3 they are all that matter), ``P = H_(m-1)(L + a)``, ``H_(n+1)(y) = y H_n(y) + n kappa
H_(n-1)(y)``. Sums of independent crossings have real roots; a single one, with its Gamma functions, complex ones.

Which powers there are, from which rung on, and m where it is not given, nobody knows. Each possibility is fitted, and
the limit is the mean of what they give, with weights ``exp(-AIC/2)`` (between different m the root of that), where AIC
is ``chi^2`` and twice the number of parameters and of rungs left out. A single choice by a threshold would jump from
one ladder to the next, by more than the error of any of its fits: how far the fits are apart is part of the error.
Source: Jay and Neil, Phys. Rev. D 103, 114502 (2021).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.stats import chi2

Array = NDArray[np.float64]
POWERS = (1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 3 / 4, 1.0, 3 / 2)  # delta for m = 1, alone or with its double
FASTER = ((), (1 / 8,), (1 / 4,), (1 / 2,), (1.0,))  # for m > 1, besides the logarithms
SMALLEST_ERROR = 1e-9  # relative to the largest mean: columns that agree exactly must not divide by zero
UNLIKELY = 1e-3  # probability of so large a chi^2 below which a fit does not hold
LOOSEST = 3.0  # standard error of a number of the shape of P, up to which errors are linear
FEWEST_SPARE = 2  # rungs beyond the number of parameters
COLDEST, CERTAIN = 3, 3.0  # one rung in so many is one of the coldest; standard errors by which a limit is another one
EVENNESS = 2.0  # divides differences of AIC between multiplicities: forms far apart, of which none need be right
NEGLIGIBLE = 12.0  # above the least AIC: a weight of 1/400
NEAREST, FARTHEST = 0.3, 3000.0  # of the centre of the roots of P from the first rung, in log t, to the left of it
LEAST, MOST = -6.0, 6.0  # of the logarithm of 1 + kappa over where roots come to the first rung
GUESS = 2.0  # of the centre; kappa is 0 then
STEPS, DAMPING, MOST_DAMPING, LONGEST_STEP, DONE = 40, 1e-3, 1e4, 1.5, 1e-4  # of Gauss-Newton for the shape


@dataclass(frozen=True)
class Extrapolation:
    """``limit``, its Monte-Carlo error, how far it depends on the form of the fit, and whether the best one ``holds``.

    ``first`` is the first rung that the best one uses, ``multiplicity`` its m. It holds if the coldest rungs agree.
    """

    limit: float
    mcse: float
    systematic: float
    first: int
    holds: bool
    multiplicity: int

    @property
    def uncertainty(self) -> float:
        """Both errors together."""
        return math.hypot(self.mcse, self.systematic)


def extrapolate(nbeta: Array, means: Array, multiplicities: Sequence[int]) -> Extrapolation | None:
    """The limit for ``nbeta`` to infinity of the rung means of independent columns, ``means`` (M, C).

    None where the ladder is too short. Where not even the best fit holds, all of the distance that it bridges is
    uncertain; where the coldest rungs, which chains explore last, lead to another limit than those before them, so is
    how far the two are apart.
    """
    found, before = (_limit(_ladder(nbeta[:rungs], means[:rungs]), multiplicities)
                     for rungs in (len(nbeta), len(nbeta) - len(nbeta) // COLDEST))
    if found is None or before is None:
        return found
    change = abs(found.limit - before.limit)
    if change <= CERTAIN * math.hypot(found.uncertainty, before.uncertainty):
        return found
    return replace(found, systematic=math.hypot(found.systematic, change), holds=False)


def _limit(ladder: _Ladder, multiplicities: Sequence[int]) -> Extrapolation | None:
    fits = [fit for m in multiplicities for fit in _fits(ladder, m)]
    if not fits:
        return None
    weights, best = _weights(fits), min(fits, key=lambda fit: fit.criterion)
    limits = np.array([fit.limit for fit in fits])
    limit = float(weights @ limits)
    deviations = weights @ np.array([fit.deviations for fit in fits])  # of each column, by which the limit would change
    holds = bool(chi2.sf(best.square, best.spare) > UNLIKELY)
    apart = math.sqrt(float(weights @ (limits - limit) ** 2))
    return Extrapolation(limit, float(np.linalg.norm(deviations)),
                         apart if holds else math.hypot(apart, limit - float(ladder.values[-1])),
                         best.first, holds, best.multiplicity)


def _weights(fits: Sequence[_Fit]) -> Array:
    """Of fits with the same m as AIC has them, of each m by the best of its fits, more evenly."""
    criterion, m = np.array([fit.criterion for fit in fits]), np.array([fit.multiplicity for fit in fits])
    weights = np.zeros_like(criterion)
    for one in set(m.tolist()):
        least = criterion[m == one].min()
        share = np.exp((least - criterion[m == one]) / 2)
        weights[m == one] = share / share.sum() * math.exp((criterion.min() - least) / 2 / EVENNESS)
    return np.asarray(weights / weights.sum())


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
    multiplicity: int
    shape: Array


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
        shape: Array = np.array([math.log(GUESS), 0.0][:multiplicity - 1])
        parameters = 1 + len(shape) + len(powers)
        for first in range(len(ladder.logs) - parameters - FEWEST_SPARE + 1):
            penalty = 2 * (parameters + first + math.log(len(forms)))
            if penalty > least + NEGLIGIBLE:
                break
            fit = _fit(ladder.since(first), multiplicity, powers, shape, penalty, first)
            least, shape = min(least, fit.criterion), _since_next(ladder, first, fit.shape)
            yield fit


def _since_next(ladder: _Ladder, first: int, shape: Array) -> Array:
    """The same P in the shape that it has from the next rung on, a first guess of what is fitted there."""
    if len(shape) == 0:
        return shape
    centre: Array = np.exp(shape[:1])
    later: Array = centre + ladder.logs[first + 1] - ladder.logs[first]
    rest = np.log1p(np.expm1(shape[1:]) * (centre / later) ** 2)
    return np.asarray(np.clip(np.concatenate([np.log(later), rest]), _LOWEST[:len(shape)], _HIGHEST[:len(shape)]))


def _fit(ladder: _Ladder, multiplicity: int, powers: Sequence[float], guess: Array, penalty: float,
         first: int) -> _Fit:
    """Least squares, the shape of P from a guess on; errors by the linear change of the limit with each column."""
    since = ladder.logs - ladder.logs[0]
    linear = np.stack([np.exp(-power * since) for power in (0.0, *powers)], 1) / ladder.errors[:, None]
    shape = _shape(ladder, multiplicity, linear, guess)
    logarithms, slopes = _logarithms(ladder, multiplicity, shape)
    left = ladder.values / ladder.errors - logarithms
    columns = np.hstack([linear, _determined(linear, slopes[:, (shape > _LOWEST[:len(shape)])
                                                            & (shape < _HIGHEST[:len(shape)])])])
    span, sizes, mixing = np.linalg.svd(columns, full_matrices=False)
    of_limit = span @ (mixing[:, 0] / sizes)
    solution = np.linalg.lstsq(linear, left, rcond=None)[0]
    left = left - linear @ solution
    unexplained = ladder.deviations - span @ (span.T @ ladder.deviations)
    spare = len(left) - len(sizes)
    # Over what it would be on average if the form held, rungs correlated as they are, times that of independent ones.
    square = float(np.square(left).sum() / np.square(unexplained).sum()) * spare
    return _Fit(float(solution[0]), of_limit @ ladder.deviations, square, spare, square + penalty, first, multiplicity,
                shape)


def _determined(linear: Array, slopes: Array) -> Array:
    """(M, k): what the form does along the directions, in the shape of P, that the ladder determines.

    Where a direction is left, errors are not linear in the data.
    """
    basis = np.linalg.qr(linear)[0]
    _, sizes, directions = np.linalg.svd(slopes - basis @ (basis.T @ slopes), full_matrices=False)
    return np.asarray(slopes @ directions[sizes > 1 / LOOSEST].T)


_LOWEST, _HIGHEST = np.array([math.log(NEAREST), LEAST]), np.array([math.log(FARTHEST), MOST])


@cache
def _largest_square(degree: int) -> float:
    """Of the roots of the Hermite polynomial with kappa = -1."""
    return float(hermegauss(degree)[0].max()) ** 2


def _logarithms(ladder: _Ladder, multiplicity: int, shape: Array) -> tuple[Array, Array]:
    """``-P'/P`` (M,) and its derivatives (M, k) by the ``shape``, in units of the errors.

    The shape is ``log a`` and ``log(1 + kappa c / a^2)``, c such that at kappa = -a^2/c a root is at the first rung.
    """
    degree = multiplicity - 1
    if degree == 0:
        return np.zeros_like(ladder.logs), np.zeros((len(ladder.logs), 0))
    centre, most = math.exp(shape[0]), _largest_square(degree)
    kappa = centre**2 * math.expm1(shape[1]) / most if degree > 1 else 0.0
    y = ladder.logs - ladder.logs[0] + centre
    p = [np.zeros_like(y), np.zeros_like(y), np.ones_like(y)]  # H_n of degree n is p[n + 2]
    for n in range(degree):
        p.append(y * p[-1] + n * kappa * p[-2])
    top, second, third, fourth = p[-1], p[-2], p[-3], p[-4] if degree > 1 else p[0]
    value = -degree * second / top
    by_y = -degree * (degree - 1) * third / top + value**2
    by_kappa = -degree * (degree - 1) / 2 * ((degree - 2) * fourth / top - degree * second * third / top**2)
    by_centre = centre * by_y + 2 * kappa * by_kappa
    columns = [by_centre, by_kappa * centre**2 * math.exp(shape[1]) / most] if degree > 1 else [by_centre]
    return value / ladder.errors, np.stack(columns, 1) / ladder.errors[:, None]


def _shape(ladder: _Ladder, multiplicity: int, linear: Array, guess: Array) -> Array:
    """The shape of P by damped Gauss-Newton steps from a guess.

    What is linear in the form is minimised over at each of them (variable projection, Golub and Pereyra 1973).
    """
    basis, low, high = np.linalg.qr(linear)[0], _LOWEST[:len(guess)], _HIGHEST[:len(guess)]

    def beside(columns: Array) -> Array:
        return np.asarray(columns - basis @ (basis.T @ columns))

    def residual(shape: Array) -> tuple[Array, Array]:
        logarithms, slopes = _logarithms(ladder, multiplicity, shape)
        return beside(ladder.values / ladder.errors - logarithms), beside(-slopes)

    shape, damping = guess, DAMPING
    found, slopes = residual(shape)
    for _ in range(STEPS if len(guess) else 0):
        normal = slopes.T @ slopes
        step = np.linalg.lstsq(normal + damping * np.diag(np.diag(normal)), -slopes.T @ found, rcond=None)[0]
        moved = np.clip(shape + np.clip(step, -LONGEST_STEP, LONGEST_STEP), low, high)
        trial, there = residual(moved)
        gain = float(found @ found - trial @ trial)
        if gain > 0:
            shape, found, slopes, damping = moved, trial, there, damping / 5
        else:
            damping *= 5
        if 0 < gain < DONE * (1 + float(found @ found)) or damping > MOST_DAMPING:
            break
    return shape
