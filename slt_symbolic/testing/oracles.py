"""Oracles: what is known at sizes without reading the formula under test: by the engine, exact ranks, or sampled."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import entry_points
from numbers import Rational
from typing import Any, TypeAlias, TypeGuard, TypeVar

from slt_symbolic.check.algebra.ring import support
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.engine import rlct
from slt_symbolic.errors import InvalidInput, install_command
from slt_symbolic.germ.germ import Germ
from slt_symbolic.germ.reading import Generator, read
from slt_symbolic.models.model import Model
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import Matrix, QuadraticNetwork, germ_at
from slt_symbolic.ranks.jacobian import certified_threshold
from slt_symbolic.threshold import Bound, HasThreshold, Threshold

RANK_BUDGET = 10**10  # field multiplications of a rank: some seconds
ORACLES = "slt_symbolic.oracles"  # the group of entry points: `sampled` of whoever samples


class Undecided(Exception):
    """An oracle has no answer at these sizes; raised by an oracle, it counts as undecided."""


class Unfit(Exception):
    """What an oracle or a formula was given makes no sense: no question of the domain, so it ends the test."""

    def __init__(self, reason: InvalidInput) -> None:
        """Keep what to tell the user."""
        super().__init__(str(reason))
        self.reason = reason


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


Truth: TypeAlias = "Rational | tuple[Rational, Rational] | Threshold | HasThreshold | Approximation"
Oracle: TypeAlias = Callable[..., Truth]
Polynomials: TypeAlias = "Germ | Model | Generator | list[Generator] | tuple[Any, Mapping[Any, Any]]"
Result = TypeVar("Result")


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

    >>> from slt_symbolic.testing import check_formula
    >>> dead_unit = lambda d, p, K: min(Fraction(p, 2), Fraction(d, 4))
    >>> check_formula(dead_unit, against=engine(), sizes={"d": range(1, 4), "p": range(1, 3), "K": range(1, 2)})
    >>> print(check_formula(dead_unit, against=engine(), sizes={"d": range(1, 3), "p": range(1, 2), "K": range(1, 3)}))
    d=1 p=1 K=2: formula 1/4, truth 1/2
    """
    def oracle(d: int, p: int, K: int) -> Threshold:
        network = QuadraticNetwork(QuadraticForms(d), p, K)
        return rlct(germ_at(network, *weights(d, p, K)), timeout=timeout).threshold

    return oracle


def engine_on(germ: Callable[..., Polynomials], *, timeout: float | Fraction = 10) -> Oracle:
    """The oracle that runs `rlct` on ``germ(**sizes)``: see `germ_of` for what that may return.

    Of a `Model` its domain and prior count too.

    >>> cusp = engine_on(lambda a, b: f"x^{a} - y^{b}")
    >>> cusp(a=2, b=3)
    lambda = 5/12, m = 1 (certified)
    """
    def oracle(**sizes: Any) -> Threshold:
        subject = germ(**sizes)
        if isinstance(subject, Model) and _is_measured(subject):
            return _fit("germ", sizes, lambda: subject.rlct(timeout=timeout).threshold)
        given = germ_of(subject, sizes)
        if not given.generators:
            return jacobian_threshold(given)
        return _fit("germ", sizes, lambda: rlct(given, timeout=timeout).threshold)

    return oracle


def rank_of(subject: Callable[..., QuadraticNetwork[Any] | Polynomials]) -> Oracle:
    """The oracle of exact ranks: of a `QuadraticNetwork` at generic weights, or of the Jacobian of a germ.

    The Jacobian alone decides few germs: see `jacobian_threshold`. Where K is 0, lambda is 0 and m is 1 by convention,
    for the engine too.

    >>> rank_of(lambda d, p, K: QuadraticNetwork(QuadraticForms(d), p, K))(d=4, p=3, K=5).lambda_
    Fraction(29, 2)
    >>> rank_of(lambda n: [f"x{i} + x{i}^2" for i in range(n)])(n=3).lambda_
    Fraction(3, 2)
    """
    def oracle(**sizes: Any) -> Threshold:
        given = subject(**sizes)
        if isinstance(given, QuadraticNetwork):
            return _fit("network", sizes, lambda: certified_threshold(given, RANK_BUDGET))
        return jacobian_threshold(germ_of(given, sizes))

    return oracle


def sampled(germ: Callable[..., Polynomials], **settings: Any) -> Oracle:
    """The oracle that samples the loss of ``germ(**sizes)``: an `Approximation`. Needs the numerics extra.

    It is found in the group of entry points ``slt_symbolic.oracles``. Raises `InvalidInput` without the extra.
    """
    argument = "sampled"
    try:
        found = [point.load() for point in entry_points(group=ORACLES, name=argument)]
    except ImportError as error:
        raise InvalidInput(argument, f"needs the numerics extra ({error.name or error} is not installed)",
                           install_command("numerics")) from None
    if not found:
        raise InvalidInput(argument, "needs the numerics extra (no package samples)", install_command("numerics"))
    oracle: Oracle = found[0](lambda **sizes: germ_of(germ(**sizes), sizes), **settings)
    return oracle


def germ_of(given: Polynomials, sizes: Mapping[str, Any] | None = None) -> Germ:
    """A germ from a `Germ`, a `Model`, from polynomials as `rlct` takes them, or from ``(polynomials, point)``.

    Raises `Unfit` for anything else, for polynomials that do not vanish at the point, and for a model with a domain or
    a prior, which no germ has.

    >>> germ_of((["x^2 - y"], {"x": 1, "y": 1})).expressions
    (x**2 + 2*x - y,)
    """
    if isinstance(given, Germ):
        return given
    generators, point = _polynomials_and_point(given)

    def made() -> Germ:
        if isinstance(given, Model) and _is_measured(given):
            raise InvalidInput("the model", "has a domain or a prior, which the engine alone takes", "against engine")
        asked = read(generators, None, point)
        return Germ.of(asked.names, asked.at_origin())

    return _fit("germ", sizes or {}, made)


def _polynomials_and_point(given: Any) -> tuple[Any, Mapping[Any, Any] | None]:
    if isinstance(given, Model):
        return list(given.generators), given.point
    return (given[0], given[1]) if _has_point(given) else (given, None)


def _is_measured(model: Model) -> bool:
    return model.domain is not None or model.prior is not None


def _has_point(given: Any) -> TypeGuard[tuple[Any, Mapping[Any, Any]]]:
    return isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], Mapping)


def jacobian_threshold(germ: Germ) -> Threshold:
    """What the linear parts alone prove of ``(lambda, m)``: half their rank r where that decides, else a bracket.

    Generators with independent linear parts are coordinates, and K is at least the sum of their squares: so
    ``lambda >= r/2``. If the generators span r dimensions, these squares are comparable to K, and ``m = 1``. In any
    case K is at most a multiple of the squares of r coordinates and of the fourth powers of the other ``n - r`` that
    occur: ``lambda <= r/2 + (n - r)/4``.

    >>> jacobian_threshold(Germ.at(["x + y^2", "2*x + 2*y^2"], ("x", "y")))
    lambda = 1/2, m = 1 (proved)
    >>> jacobian_threshold(Germ.at(["x + y^2", "y^3"], ("x", "y")))
    1/2 <= lambda <= 3/4 (proved)
    """
    reduced = germ.row_reduced()
    rank = reduced.jacobian_rank()
    occurring = len(frozenset[int]().union(*(support(g) for g in reduced.generators)))
    lower = Bound(Fraction(rank, 2), f"the Jacobian has rank {rank}")
    if len(reduced.generators) == rank:
        return Threshold.between(lower, Bound(lower.value, f"{rank} generators span the others"), 1, "proved")
    upper = Bound(lower.value + Fraction(occurring - rank, 4), f"order two or more in {occurring - rank} directions")
    return Threshold.between(lower, upper, 1 if occurring == rank else None, "proved")


def _fit(what: str, sizes: Mapping[str, Any], compute: Callable[[], Result]) -> Result:
    """What is computed of something that the user's function returned; `Unfit` if that makes no sense."""
    try:
        return compute()
    except InvalidInput as error:
        place = f"{what} at {format_sizes(sizes)}" if sizes else what
        raise Unfit(InvalidInput(place, f"{error.argument}: {error.problem}", error.remedy)) from None
