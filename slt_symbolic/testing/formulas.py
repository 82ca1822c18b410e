"""Formulas of sizes against an oracle that knows better: what became of each size, and the smallest that refutes."""

from __future__ import annotations

import math
import operator
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import product
from numbers import Rational
from random import Random
from typing import Any, TypeAlias

import hypothesis
from hypothesis import strategies as st

from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.reading import exact_number
from slt_symbolic.germ.sympy_input import digits_exceed
from slt_symbolic.testing.limit import TimeIsUp, limited
from slt_symbolic.testing.oracles import Approximation, Oracle, Truth, Undecided, Unfit
from slt_symbolic.threshold import HasThreshold, Threshold

Formula: TypeAlias = "Callable[..., Rational | tuple[Rational, int]]"
Sizes: TypeAlias = "Mapping[str, Sequence[int] | st.SearchStrategy[int]] | st.SearchStrategy[dict[str, int]]"
Items: TypeAlias = "tuple[tuple[str, int], ...]"

OUTCOMES = ("decided", "bracketed", "estimated", "undecided", "skipped")  # of one size; see `Trial`


@dataclass(frozen=True)
class Pair:
    """``(lambda, m)``, as a formula or an oracle says it.

    >>> print(Pair(Fraction(1, 2), 2))
    1/2, m = 2
    """

    lambda_: Fraction
    multiplicity: int

    def __str__(self) -> str:
        return f"{self.lambda_}, m = {self.multiplicity}"


@dataclass(frozen=True)
class CounterExample:
    """Sizes at which a formula is wrong, what it says there, and the oracle's answer."""

    sizes: Mapping[str, int]
    formula: Fraction | Pair
    exact: Fraction | Pair | tuple[Fraction, Fraction] | Approximation

    def __str__(self) -> str:
        match self.exact:
            case Approximation(mean, uncertainty):
                truth = f"estimated {mean} +- {uncertainty}"
            case (lower, upper):
                truth = f"between {lower} and {upper}"
            case exact:
                truth = str(exact)
        place = f"{format_sizes(self.sizes)}: " if self.sizes else ""
        return f"{place}formula {self.formula}, truth {truth}"


@dataclass(frozen=True)
class Trial:
    """What became of a formula: how many sizes were tried, what was decided of them, and what refutes it.

    ``decided``    compared with an exact answer (of m too, where the formula says m)
    ``bracketed``  compared with a bracket: inside, which proves nothing
    ``estimated``  compared with an estimate
    ``undecided``  the oracle had no answer, or not within the time
    ``skipped``    outside the domain: not tried; ``outside`` says why at the first of them
    ``all_sizes``  the number of sizes of a grid; None where they are sampled
    ``stopped_at`` where the time was over
    """

    decided: int
    bracketed: int
    estimated: int
    undecided: int
    skipped: int
    all_sizes: int | None = None
    outside: str | None = None
    stopped_at: Mapping[str, int] | None = None
    counterexample: CounterExample | None = None

    @property
    def tried(self) -> int:
        """The number of sizes that the oracle was asked about."""
        return self.decided + self.bracketed + self.estimated + self.undecided

    def __str__(self) -> str:
        grid = "" if self.all_sizes is None else f" of {self.all_sizes}"
        parts = [f"{number} {what}" for number, what in (
            (self.decided, "decided exactly"), (self.bracketed, "only bracketed"),
            (self.estimated, "compared with an estimate"), (self.undecided, "undecided")) if number]
        text = f"{self.tried}{grid} sizes tried: {', '.join(parts) or 'none decided'}"
        if self.skipped:
            text += f"; {self.skipped} outside the domain" + (f" ({self.outside})" if self.outside else "")
        return text if self.stopped_at is None else f"{text}; the time was over at {format_sizes(self.stopped_at)}"


def check_formula(formula: Formula, *, against: Oracle, sizes: Sizes, examples: int = 400,
                  domain: Callable[..., bool] | None = None) -> CounterExample | None:
    """The smallest sizes found at which ``formula`` contradicts the oracle ``against``; None if there are none.

    Both are called with the sizes as keywords. ``sizes`` maps each name to a range, or is a Hypothesis strategy of such
    dicts. Up to ``examples`` combinations of the ranges are tried one and all, in the order of their sum, then of
    themselves: the first failure is the smallest. More of them, and strategies, are sampled (the same way each time)
    and a failure is shrunk; then "smallest" means that none of those tried was smaller.
    The formula gives lambda, or a pair ``(lambda, m)``: then both are compared, where the oracle knows m.
    An oracle answers with a rational (compared exactly, never with a tolerance), with a bracket ``(lower, upper)``
    (what lies outside is wrong), with a `Threshold` or with an `Approximation`: `engine_on`, `rank_of` and `sampled`
    make one. Sizes where ``domain`` is false, or where formula or oracle raise `InvalidInput`, are left out. Raises
    `InvalidInput` where a float stands for a rational, and if no sizes are left: a test that tries nothing proves
    nothing. `try_formula` returns the counts too.

    Corollary 5.4 of Cullen et al. (2026) counts ``d + p - 1`` directions a unit. Two units of one input share theirs:

    >>> from slt_symbolic.testing import engine_on, exact_rank
    >>> claim = lambda d, p, K: Fraction(K * (d + p - 1), 2)
    >>> print(check_formula(claim, against=exact_rank, sizes={"d": range(1, 4), "p": range(1, 4), "K": range(1, 4)}))
    d=1 p=1 K=2: formula 1, truth 1/2
    >>> check_formula(claim, against=exact_rank, sizes={"d": range(1, 5), "p": range(1, 5), "K": range(1, 2)})
    >>> crossing = engine_on(lambda n: "*".join(f"x{i}" for i in range(n)))
    >>> check_formula(lambda n: (Fraction(1, 2), n), against=crossing, sizes={"n": range(1, 5)})
    >>> print(check_formula(lambda n: (Fraction(1, 2), 1), against=crossing, sizes={"n": range(1, 5)}))
    n=2: formula 1/2, m = 1, truth 1/2, m = 2
    >>> check_formula(lambda d: d / 2, against=lambda d: Fraction(d, 2), sizes={"d": range(1, 4)})
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: formula at d=1: is the float 0.5, not exact; try Fraction(a, b)
    """
    found = try_formula(formula, against=against, sizes=sizes, examples=examples, domain=domain)
    if found.tried == 0:
        raise InvalidInput("sizes", f"none is in the domain{f' ({found.outside})' if found.outside else ''}",
                           "sizes that the formula is about")
    return found.counterexample


def try_formula(formula: Formula, *, against: Oracle, sizes: Sizes, examples: int = 400,
                domain: Callable[..., bool] | None = None, seconds: float | Fraction | None = None,
                watch: Callable[[int, Mapping[str, int]], None] | None = None) -> Trial:
    """What `check_formula` does, with the counts of what was tried, within so many ``seconds``.

    ``watch(number, sizes)`` is called before each of the sizes is tried. A formula or an oracle that does not return
    is stopped in the main thread of a process; what was tried until then counts.

    >>> print(try_formula(lambda n: n, against=lambda n: (n, n + n // 3), sizes={"n": range(1, 5)}))
    4 of 4 sizes tried: 2 decided exactly, 2 only bracketed
    """
    grid = _grid(sizes)
    small = grid is not None and grid.number <= examples
    run = _Run(formula, against, domain, watch, grid.number if small and grid else None,
                   None if seconds is None else time.monotonic() + float(seconds))
    try:
        with limited(seconds):
            if small and grid is not None:
                run.all_of(grid.by_size())
            else:
                run.some_of(_strategy(sizes), examples)
    except (TimeIsUp, _OutOfTime) as error:
        run.stop(isinstance(error, TimeIsUp))
    except _Ended as ended:
        raise ended.reason from None
    return run.result()


class _OutOfTime(BaseException):
    """The time is over between two sizes. No `Exception`: Hypothesis would take it for a failure, and shrink it."""


class _Ended(BaseException):
    """A formula or an oracle that makes no sense ends the search; no `Exception`, as above."""

    def __init__(self, reason: Unfit | InvalidInput) -> None:
        self.reason = reason.reason if isinstance(reason, Unfit) else reason


@dataclass
class _Run:
    """The sizes tried so far, and what became of them."""

    formula: Formula
    against: Oracle
    domain: Callable[..., bool] | None
    watch: Callable[[int, Mapping[str, int]], None] | None
    all_sizes: int | None
    end: float | None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    outside: str | None = None
    current: dict[str, int] | None = None  # whose turn it is
    stopped_at: dict[str, int] | None = None
    known: dict[Items, CounterExample | None] = field(default_factory=dict)

    def all_of(self, grid: Iterator[Items]) -> None:
        """Try sizes in their order, up to the first that refutes."""
        for items in grid:
            if self.refuted(items) is not None:
                return

    def some_of(self, sizes: st.SearchStrategy[dict[str, int]], examples: int) -> None:
        """Try sampled sizes; Hypothesis shrinks what refutes."""
        settings = hypothesis.settings(max_examples=examples, database=None, deadline=None)
        try:
            hypothesis.find(sizes, lambda given: self.refuted(_items(given)) is not None, settings=settings,
                            random=Random(0))
        except (hypothesis.errors.NoSuchExample, hypothesis.errors.Unsatisfiable):
            pass
        except hypothesis.errors.InvalidArgument as error:
            raise InvalidInput("sizes", f"Hypothesis refuses them: {' '.join(str(error).split())}",
                               '{"d": range(1, 5)}') from None
        except hypothesis.errors.Flaky:  # what an alarm between two draws ends as, too
            if self.end is not None and time.monotonic() > self.end:
                raise _OutOfTime from None
            raise InvalidInput("sizes", "is a strategy that draws differently from time to time",
                               "one that depends on its draws alone") from None

    def refuted(self, items: Items) -> CounterExample | None:
        """What refutes the formula at these sizes, each asked about once."""
        if items not in self.known:
            if self.end is not None and time.monotonic() > self.end:
                self.current = dict(items)
                raise _OutOfTime
            self.current = dict(items)
            if self.watch is not None:
                self.watch(len(self.known) + 1, self.current)
            try:
                outcome, found = self._compared(self.current)
            except (Unfit, InvalidInput) as error:
                raise _Ended(error) from None
            self.current = None
            self.counts[outcome] += 1
            self.known[items] = found
        return self.known[items]

    def _compared(self, sizes: dict[str, int]) -> tuple[str, CounterExample | None]:
        place = format_sizes(sizes)
        try:
            if self.domain is not None and not self.domain(**sizes):
                return "skipped", None
            value = self.formula(**sizes)
        except InvalidInput as error:
            return self._skipped(place, error)
        said = _said(value, f"formula at {place}")
        try:
            truth = self.against(**sizes)
        except InvalidInput as error:
            return self._skipped(place, error)
        except Undecided:
            return "undecided", None
        outcome, exact = _outcome(said, truth, f"oracle at {place}")
        return outcome, None if exact is None else CounterExample(sizes, said, exact)

    def _skipped(self, place: str, error: InvalidInput) -> tuple[str, None]:
        if self.outside is None:
            self.outside = f"{place}: {error.argument}: {error.problem}"
        return "skipped", None

    def stop(self, amid: bool) -> None:
        """The time is over: before the current sizes, or amid them, which then are undecided."""
        self.stopped_at = self.current
        if amid and self.current is not None:
            self.counts["undecided"] += 1

    def result(self) -> Trial:
        """The counts, and the smallest sizes that refute the formula."""
        wrong = [(items, found) for items, found in self.known.items() if found is not None]
        smallest = min(wrong, key=lambda row: _rank(row[0]))[1] if wrong else None
        return Trial(**self.counts, all_sizes=self.all_sizes, outside=self.outside, stopped_at=self.stopped_at,
                      counterexample=smallest)


def _outcome(said: Fraction | Pair, truth: Truth, what: str) -> tuple[str, Any]:
    """How the truth decides what the formula said, and that truth where it refutes it."""
    value = said.lambda_ if isinstance(said, Pair) else said
    if isinstance(truth, Approximation):
        wrong = abs(value - Fraction(truth.mean)) > 3 * Fraction(truth.uncertainty)
        return "estimated", truth if wrong else None
    lower, upper, m = _ends(truth, what)
    if lower < upper:
        return "bracketed", None if lower <= value <= upper else (lower, upper)
    if not isinstance(said, Pair):
        return "decided", None if value == lower else lower
    if m is None:
        return ("bracketed", None) if value == lower else ("decided", lower)
    return "decided", None if said == Pair(lower, m) else Pair(lower, m)


def _ends(truth: Any, what: str) -> tuple[Fraction, Fraction, int | None]:
    """Both ends of the bracket of lambda, and m where it is known."""
    if isinstance(truth, HasThreshold):
        truth = truth.threshold
    if isinstance(truth, Threshold):
        return truth.lower, truth.upper, truth.multiplicity
    if isinstance(truth, Pair):
        return truth.lambda_, truth.lambda_, truth.multiplicity
    remedy = "Fraction(a, b), or Approximation(mean, uncertainty)"
    ends = truth if isinstance(truth, tuple) and len(truth) == 2 else (truth, truth)
    lower, upper = (_exact(end, what, remedy) for end in ends)
    if lower > upper:
        raise InvalidInput(what, f"is a bracket from {lower} to {upper}", "the lower end first")
    return lower, upper, None


def _said(value: object, what: str) -> Fraction | Pair:
    """What a formula says: lambda, or a pair with m."""
    if not isinstance(value, tuple | list):
        return _exact(value, what, "Fraction(a, b)")
    if len(value) != 2:
        raise InvalidInput(what, f"gives {len(value)} values", "lambda, or (lambda, m)")
    m = exact_number(value[1])
    if m is None or m.denominator != 1 or m < 1:
        raise InvalidInput(what, f"gives m = {_shown(value[1])}, which is no integer >= 1", "(Fraction(a, b), 1)")
    return Pair(_exact(value[0], what, "(Fraction(a, b), m)"), int(m))


def _exact(value: object, what: str, remedy: str) -> Fraction:
    number = Fraction(value) if isinstance(value, Rational) and not isinstance(value, bool) else exact_number(value)
    if number is None:
        raise InvalidInput(what, f"is the {type(value).__name__} {_shown(value)}, not exact", remedy)
    if digits_exceed(number.numerator, number.denominator):
        raise InvalidInput(what, "is a number of very many digits", "smaller sizes")
    return number


def _shown(value: object) -> str:
    """As it is printed, if it can be."""
    try:
        return str(value)
    except Exception:  # the text of others' objects is their own program
        return "that cannot be printed"


# Sizes.


@dataclass(frozen=True)
class _Grid:
    """All combinations of some values for each name."""

    values: Mapping[str, Sequence[int]]

    @property
    def number(self) -> int:
        """How many combinations there are."""
        return math.prod(map(_length, self.values.values()))

    def by_size(self) -> Iterator[Items]:
        """All of them, by their sum and then lexicographically."""
        for chosen in sorted(product(*self.values.values()), key=lambda chosen: (sum(chosen), chosen)):
            yield tuple(zip(self.values, chosen, strict=True))


def _grid(sizes: Any) -> _Grid | None:
    """The grid of these sizes; None if a strategy is among them."""
    if isinstance(sizes, st.SearchStrategy):
        return None
    if not isinstance(sizes, Mapping) or not all(isinstance(name, str) for name in sizes):
        raise InvalidInput("sizes", f"are of type {type(sizes).__name__}, no table of ranges", '{"d": range(1, 5)}')
    return None if True in [_is_strategy(*item) for item in sizes.items()] else _Grid(dict(sizes))


def _is_strategy(name: str, values: Any) -> bool:
    if isinstance(values, st.SearchStrategy):
        return True
    if not isinstance(values, range | list | tuple):
        raise InvalidInput(f"sizes: {name}", f"is of type {type(values).__name__}, no range", f"{name}=range(1, 5)")
    if not values:
        raise InvalidInput(f"{name}={values}", "is empty", f"{name}=range(1, 5)")
    if not isinstance(values, range) and not all(isinstance(value, int) for value in values):
        raise InvalidInput(f"sizes: {name}", "holds something that is no integer", f"{name}=range(1, 5)")
    return False


def _length(values: Sequence[int]) -> int:
    """Of ranges of any length, which `len` has not."""
    if isinstance(values, range):
        return max(0, -((values.start - values.stop) // values.step))
    return len(values)


def _strategy(sizes: Any) -> st.SearchStrategy[dict[str, int]]:
    if isinstance(sizes, st.SearchStrategy):
        return sizes
    return st.fixed_dictionaries({name: _values(values) for name, values in sizes.items()})


def _values(values: Any) -> st.SearchStrategy[int]:
    if isinstance(values, st.SearchStrategy):
        return values
    if _length(values) <= sys.maxsize:
        return st.sampled_from(values)
    return st.integers(0, _length(values) - 1).map(partial(_member, values))


def _member(values: range, index: int) -> int:
    return values.start + index * values.step


def _items(given: Any) -> Items:
    """What a strategy drew, as sizes."""
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise _Ended(InvalidInput("sizes", f"the strategy draws {_shown(given)[:60]}, no table of sizes",
                                  'st.fixed_dictionaries({"d": st.integers(1, 4)})'))
    try:
        return tuple((name, value if isinstance(value, bool) else operator.index(value))
                     for name, value in given.items())
    except TypeError:
        raise _Ended(InvalidInput("sizes", f"the strategy draws {_shown(given)[:60]}, not all integers",
                                  'st.fixed_dictionaries({"d": st.integers(1, 4)})')) from None


def _rank(items: Items) -> tuple[int, tuple[int, ...]]:
    values = tuple(value for _, value in items)
    return sum(values), values
