"""Formulas of sizes against an oracle that knows better: `exact_rank`, `engine`, or a callable of the user."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from numbers import Rational
from random import Random
from typing import TypeAlias

import hypothesis
from hypothesis import strategies as st

from slt_symbolic.engine import rlct
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import Matrix, QuadraticNetwork, germ_at
from slt_symbolic.ranks.jacobian import certified_threshold


@dataclass(frozen=True)
class Approximation:
    """What an oracle that samples answers: a value disagrees if it is more than ``3 uncertainty`` from ``mean``.

    >>> Approximation(2, 0)
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: uncertainty=0: is not positive and finite; try a standard error
    """

    mean: float
    uncertainty: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.mean):
            raise InvalidInput(f"mean={self.mean}", "is not finite", "a converged estimate")
        if not (math.isfinite(self.uncertainty) and self.uncertainty > 0):
            raise InvalidInput(f"uncertainty={self.uncertainty}", "is not positive and finite", "a standard error")


Truth: TypeAlias = "Rational | tuple[Rational, Rational] | Approximation"
Formula: TypeAlias = Callable[..., Rational]
Oracle: TypeAlias = Callable[..., Truth]


@dataclass(frozen=True)
class CounterExample:
    """Sizes at which a formula is wrong, what it says there, and the oracle's answer."""

    sizes: Mapping[str, int]
    formula: Fraction
    exact: Fraction | tuple[Fraction, Fraction] | Approximation

    def __str__(self) -> str:
        match self.exact:
            case Approximation(mean, uncertainty):
                truth = f"estimated {mean} +- {uncertainty}"
            case (lower, upper):
                truth = f"between {lower} and {upper}"
            case exact:
                truth = str(exact)
        return f"{_place(self.sizes)}: formula {self.formula}, truth {truth}"


def check_formula(formula: Formula, *, against: Oracle,
                  sizes: Mapping[str, range] | st.SearchStrategy[dict[str, int]],
                  examples: int = 50) -> CounterExample | None:
    """The smallest sizes found at which ``formula`` contradicts the oracle ``against``; None if there are none.

    Both are called with the sizes as keywords. ``sizes`` maps each name to a range, or is a Hypothesis strategy of such
    dicts. Up to ``examples`` combinations of the ranges are tried one and all, in the order of their sum, then of
    themselves: the first failure is the smallest. More of them, and strategies, are sampled (the same way each time)
    and a failure is shrunk; then "smallest" means that Hypothesis found no simpler one.
    An oracle answers with a rational (compared exactly, never with a tolerance), with a bracket ``(lower, upper)``
    (what lies outside is wrong) or with an `Approximation`. Raises `InvalidInput` where a float stands for a rational.

    Corollary 5.4 of Cullen et al. (2026) counts ``d + p - 1`` directions a unit. Two units of one input share theirs:

    >>> claim = lambda d, p, K: Fraction(K * (d + p - 1), 2)
    >>> print(check_formula(claim, against=exact_rank, sizes={"d": range(1, 4), "p": range(1, 4), "K": range(1, 4)}))
    d=1 p=1 K=2: formula 1, truth 1/2
    >>> check_formula(claim, against=exact_rank, sizes={"d": range(1, 5), "p": range(1, 5), "K": range(1, 2)})
    >>> check_formula(lambda d: d / 2, against=lambda d: Fraction(d, 2), sizes={"d": range(1, 4)})
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: formula at d=1: is the float 0.5, not exact; try Fraction(a, b)
    """
    @cache
    def refuted(*items: tuple[str, int]) -> CounterExample | None:
        return _compared(formula, against, dict(items))

    if isinstance(sizes, Mapping):
        for name, values in sizes.items():
            if not values:
                raise InvalidInput(f"{name}={values}", "is empty", f"{name}=range(1, 5)")
        if math.prod(len(values) for values in sizes.values()) <= examples:
            return next((found for given in _by_size(sizes) if (found := refuted(*given)) is not None), None)
        sizes = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in sizes.items()})
    settings = hypothesis.settings(max_examples=examples, database=None, deadline=None)
    try:
        smallest = hypothesis.find(sizes, lambda given: refuted(*given.items()) is not None, settings=settings,
                                   random=Random(0))
    except hypothesis.errors.NoSuchExample:
        return None
    return refuted(*smallest.items())


def exact_rank(d: int, p: int, K: int) -> Fraction | tuple[Fraction, Fraction]:
    """The oracle for generic quadratic networks: certified ranks, a bracket where they do not meet.

    >>> exact_rank(d=4, p=3, K=5)
    Fraction(29, 2)
    """
    found = certified_threshold(QuadraticNetwork(QuadraticForms(d), p, K))
    return (found.lower, found.upper) if found.lambda_ is None else found.lambda_


def zero_weights(d: int, p: int, K: int) -> tuple[Matrix, Matrix]:
    """All units dead.

    >>> zero_weights(2, 1, 1)
    ([[0, 0]], [[0]])
    """
    return [[0] * d for _ in range(K)], [[0] * p for _ in range(K)]


def engine(weights: Callable[[int, int, int], tuple[Matrix, Matrix]] = zero_weights, *, timeout: int = 10) -> Oracle:
    """The oracle that runs `rlct` on the loss of a quadratic network at ``weights(d, p, K) = (W, V)``, integers.

    >>> dead_unit = lambda d, p, K: min(Fraction(p, 2), Fraction(d, 4))
    >>> check_formula(dead_unit, against=engine(), sizes={"d": range(1, 4), "p": range(1, 3), "K": range(1, 2)})
    >>> print(check_formula(dead_unit, against=engine(), sizes={"d": range(1, 3), "p": range(1, 2), "K": range(1, 3)}))
    d=1 p=1 K=2: formula 1/4, truth 1/2
    """
    def oracle(d: int, p: int, K: int) -> Fraction | tuple[Fraction, Fraction]:
        found = rlct(germ_at(QuadraticNetwork(QuadraticForms(d), p, K), *weights(d, p, K)), timeout=timeout)
        return (found.lower, found.upper) if found.lambda_ is None else found.lambda_

    return oracle


def _compared(formula: Formula, against: Oracle, sizes: Mapping[str, int]) -> CounterExample | None:
    place = _place(sizes)
    value = _exact(formula(**sizes), f"formula at {place}", "Fraction(a, b)")
    truth = against(**sizes)
    if isinstance(truth, Approximation):
        wrong = abs(value - Fraction(truth.mean)) > 3 * Fraction(truth.uncertainty)
        return CounterExample(sizes, value, truth) if wrong else None
    ends = truth if isinstance(truth, tuple) else (truth, truth)
    remedy = "Fraction(a, b), or Approximation(mean, uncertainty)"
    lower, upper = (_exact(end, f"oracle at {place}", remedy) for end in ends)
    if lower <= value <= upper:
        return None
    return CounterExample(sizes, value, (lower, upper) if lower < upper else lower)


def _place(sizes: Mapping[str, int]) -> str:
    return " ".join(f"{name}={value}" for name, value in sizes.items())


def _exact(value: object, what: str, remedy: str) -> Fraction:
    if not isinstance(value, Rational):
        raise InvalidInput(what, f"is the {type(value).__name__} {value}, not exact", remedy)
    return Fraction(value)


def _by_size(sizes: Mapping[str, range]) -> Iterator[tuple[tuple[str, int], ...]]:
    """All combinations, by their sum and then lexicographically."""
    for values in sorted(product(*sizes.values()), key=lambda values: (sum(values), values)):
        yield tuple(zip(sizes, values, strict=True))
