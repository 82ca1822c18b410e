"""`check_formula`: that the smallest counterexample is found, and what is compared with what."""

from __future__ import annotations

import subprocess
import sys
import time
from fractions import Fraction

import hypothesis
import pytest
import sympy
from hypothesis import strategies as st

from slt_symbolic import InvalidInput
from slt_symbolic.evidence import Evidence
from slt_symbolic.testing import (
    Approximation,
    CounterExample,
    Pair,
    Undecided,
    architectures,
    check_formula,
    engine,
    exact_rank,
    try_formula,
)
from slt_symbolic.threshold import Threshold

SMALL = {"d": range(1, 4), "p": range(1, 4), "K": range(1, 4)}
LARGE = {"d": range(1, 50), "p": range(1, 50), "K": range(1, 50)}


def truth(d, p, K):
    return Fraction(d + p * K, 2)


def wrong_from(d=1, p=1, K=1):
    """The truth, until all sizes reach these."""
    return lambda **sizes: truth(**sizes) + (sizes["d"] >= d and sizes["p"] >= p and sizes["K"] >= K)


@pytest.mark.parametrize("sizes", [SMALL, LARGE, architectures()], ids=["small", "large", "strategy"])
def test_a_right_formula_passes(sizes):
    assert check_formula(truth, against=truth, sizes=sizes) is None


@pytest.mark.parametrize("sizes", [SMALL, LARGE, architectures()], ids=["small", "large", "strategy"])
@pytest.mark.parametrize("place", [(1, 1, 1), (2, 1, 3), (2, 3, 3)])
def test_the_smallest_counterexample_is_found(sizes, place):
    smallest = dict(zip(("d", "p", "K"), place, strict=True))
    found = check_formula(wrong_from(*place), against=truth, sizes=sizes, examples=200)
    assert found == CounterExample(smallest, truth(**smallest) + 1, truth(**smallest))


def test_smallest_is_by_sum_then_in_the_order_of_the_names():
    def formula(a, b):
        return 0 if (a, b) in {(1, 4), (2, 2), (3, 1)} else 1

    sizes = {"a": range(1, 5), "b": range(1, 5)}
    assert check_formula(formula, against=lambda a, b: 1, sizes=sizes).sizes == {"a": 2, "b": 2}
    swapped = dict(reversed(sizes.items()))
    assert check_formula(formula, against=lambda a, b: 1, sizes=swapped).sizes == {"b": 1, "a": 3}


def test_a_large_search_is_the_same_every_time():
    def formula(d, p, K):
        return truth(d, p, K) + (d * p * K > 200)

    found = [check_formula(formula, against=truth, sizes=LARGE) for _ in range(2)]
    assert found[0] is not None
    assert found[0] == found[1]


def test_only_what_lies_outside_a_bracket_is_wrong():
    def oracle(n):
        return Fraction(n), Fraction(n + 1)

    sizes = {"n": range(1, 6)}
    assert check_formula(lambda n: n + Fraction(1, 2), against=oracle, sizes=sizes) is None
    assert check_formula(lambda n: n + 1, against=oracle, sizes=sizes) is None
    found = check_formula(lambda n: 2 * n, against=oracle, sizes=sizes)
    assert found == CounterExample({"n": 2}, Fraction(4), (Fraction(2), Fraction(3)))
    assert str(found) == "n=2: formula 4, truth between 2 and 3"


def test_an_estimate_is_compared_with_three_times_its_uncertainty():
    def oracle(n):
        return Approximation(n + 0.25, 0.125)

    sizes = {"n": range(1, 5)}
    assert check_formula(lambda n: n, against=oracle, sizes=sizes) is None
    found = check_formula(lambda n: Fraction(9 * n, 10), against=oracle, sizes=sizes)
    assert found == CounterExample({"n": 2}, Fraction(9, 5), Approximation(2.25, 0.125))
    assert str(found) == "n=2: formula 9/5, truth estimated 2.25 +- 0.125"


@pytest.mark.parametrize("arguments", [(float("nan"), 1), (1, 0), (1, -1), (1, float("inf")), (1, float("nan"))])
def test_an_estimate_without_an_uncertainty_is_refused(arguments):
    with pytest.raises(InvalidInput):
        Approximation(*arguments)


def test_floats_are_refused_and_sympy_is_welcome():
    half = {"n": range(1, 3)}
    assert check_formula(lambda n: sympy.Rational(n, 2), against=lambda n: Fraction(n, 2), sizes=half) is None
    with pytest.raises(InvalidInput, match=r"formula at n=1: is the float 0\.5"):
        check_formula(lambda n: n / 2, against=lambda n: Fraction(n, 2), sizes=half)
    with pytest.raises(InvalidInput, match=r"oracle at n=1: is the float .* or Approximation"):
        check_formula(lambda n: Fraction(n, 2), against=lambda n: n / 2, sizes=half)
    with pytest.raises(InvalidInput, match="is empty"):
        check_formula(truth, against=truth, sizes={"d": range(0)})


def test_published_formulas_of_quadratic_networks():
    """Corollary 4.2 without its hypothesis fails first at one output, and at a defective case of more outputs."""
    def naive(d, p, K):
        return Fraction(min(K * (d + p - 1), p * d * (d + 1) // 2), 2)

    assert check_formula(naive, against=exact_rank, sizes=SMALL).sizes == {"d": 3, "p": 1, "K": 2}
    found = check_formula(naive, against=exact_rank, sizes={"d": range(4, 5), "p": range(3, 4), "K": range(1, 8)})
    assert found == CounterExample({"d": 4, "p": 3, "K": 5}, Fraction(15), Fraction(29, 2))


def test_the_engine_as_an_oracle():
    def one_unit(d, p, K):
        return [[1] + [0] * (d - 1)] * K, [[1] + [0] * (p - 1)] * K

    sizes = {"d": range(1, 3), "p": range(1, 3), "K": range(1, 2)}
    assert check_formula(exact_rank, against=engine(one_unit), sizes=sizes) is None
    assert check_formula(exact_rank, against=engine(), sizes=sizes).sizes == {"d": 1, "p": 1, "K": 1}


@pytest.mark.parametrize("place", [(1, 1), (13, 7), (19, 19), (20, 1)])
def test_a_formula_wrong_at_one_size_of_hundreds_is_found(place):
    sizes = {"a": range(1, 21), "b": range(1, 21)}
    found = check_formula(lambda a, b: a + b + ((a, b) == place), against=lambda a, b: a + b, sizes=sizes)
    assert found.sizes == dict(zip("ab", place, strict=True))
    assert check_formula(lambda a, b: a + b, against=lambda a, b: a + b, sizes=sizes) is None


def known(value, m):
    return Threshold(Fraction(value), Fraction(value), m, Evidence("proved", "by hand"))


def test_pairs_are_compared_with_their_multiplicity():
    sizes = {"n": range(1, 6)}
    assert check_formula(lambda n: (n, 2), against=lambda n: known(n, 2), sizes=sizes) is None
    found = check_formula(lambda n: (n, 1 if n == 4 else 2), against=lambda n: known(n, 2), sizes=sizes)
    assert found == CounterExample({"n": 4}, Pair(Fraction(4), 1), Pair(Fraction(4), 2))
    assert str(found) == "n=4: formula 4, m = 1, truth 4, m = 2"


def test_an_unknown_multiplicity_is_not_counted_as_decided():
    trial = try_formula(lambda n: (n, 1), against=lambda n: known(n, None if n < 3 else 1), sizes={"n": range(1, 6)})
    assert (trial.decided, trial.bracketed, trial.counterexample) == (3, 2, None)


def test_what_became_of_every_size_is_counted():
    def oracle(n):
        if n == 2:
            raise Undecided
        if n == 3:
            raise InvalidInput("n=3", "is not for this oracle", "n=4")
        return {4: (n, n + 1), 5: Approximation(n, 1)}.get(n, n)

    def formula(n):
        if n == 6:
            raise InvalidInput("n=6", "is outside", "n=5")
        return n

    trial = try_formula(formula, against=oracle, sizes={"n": range(1, 9)}, domain=lambda n: n != 7)
    assert (trial.decided, trial.bracketed, trial.estimated, trial.undecided, trial.skipped) == (2, 1, 1, 1, 3)
    assert trial.tried == 5
    assert str(trial) == ("5 of 8 sizes tried: 2 decided exactly, 1 only bracketed, 1 compared with an estimate, "
                          "1 undecided; 3 outside the domain (n=3: n=3: is not for this oracle)")


def test_a_check_that_tries_nothing_is_refused():
    with pytest.raises(InvalidInput, match="sizes: none is in the domain"):
        check_formula(truth, against=truth, sizes=SMALL, domain=lambda **_: False)


@pytest.mark.parametrize("sizes", [{"n": range(1, 10**6)}, {"n": range(1, 10)},
                                   st.fixed_dictionaries({"n": st.integers(1)})], ids=["sampled", "small", "strategy"])
def test_what_does_not_return_ends_with_the_time(sizes):
    def formula(n):
        while n > 3:
            pass
        return n

    trial = try_formula(formula, against=lambda n: n, sizes=sizes, seconds=1)
    assert trial.counterexample is None
    assert trial.undecided == 1
    assert trial.stopped_at["n"] > 3


def test_what_was_wrong_before_the_time_was_over_is_told():
    def formula(n):
        while n == 2:
            pass
        return n + 1

    sizes = st.fixed_dictionaries({"n": st.integers(2, 90)})
    sampled = try_formula(formula, against=lambda n: n, sizes=sizes, seconds=2)
    assert sampled.counterexample is None or sampled.counterexample.sizes["n"] > 2
    assert sampled.stopped_at == {"n": 2}


def drawn_with(pause):
    """Two numbers, and what ``pause`` does between them from the sixth time on."""
    @st.composite
    def sizes(draw):
        first = draw(st.just(0))
        times.append(first)
        if len(times) > 5:
            pause()
        return {"a": draw(st.integers(0, 9)), "b": first}

    times = []
    return sizes()


def test_time_that_is_over_between_two_draws_ends_the_search():
    found = try_formula(lambda a, b: a, against=lambda a, b: a, sizes=drawn_with(lambda: time.sleep(9)), seconds=2)
    assert (found.all_sizes, found.counterexample) == (None, None)


def test_a_strategy_that_draws_differently_from_time_to_time_is_refused():
    def stop():
        raise hypothesis.errors.UnsatisfiedAssumption

    with pytest.raises(InvalidInput, match="draws differently from time to time"):
        try_formula(lambda a, b: a, against=lambda a, b: a, sizes=drawn_with(stop))


@pytest.mark.parametrize(("sizes", "words"), [
    ([1, 2], "no table of ranges"), ({"n": 3}, "no range"), ({1: range(3)}, "no table"), ({"n": ["a"]}, "no integer"),
    ({"n": []}, "is empty"), (st.just(3), "draws 3, no table"), (st.just({"n": "x"}), "not all integers"),
    ({"n": st.just(2.5)}, "not all integers"),
])
def test_sizes_that_are_none_are_refused(sizes, words):
    with pytest.raises(InvalidInput, match=words):
        check_formula(lambda n: n, against=lambda n: n, sizes=sizes)


@pytest.mark.parametrize(("value", "words"), [
    (float("nan"), "the float nan"), (True, "the bool True"), (None, "NoneType"), ("1/2", "the str"),
    ((1, 2, 3), "gives 3 values"), ((1, 0), "m = 0"), ((1, 1.5), "m = 1.5"), ((1.5, 1), "the float 1.5"),
    (10**5000, "very many digits"), (sympy.oo, "not exact"), (sympy.sqrt(2), "not exact"),
], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("sizes", [{"n": range(1, 3)}, {"n": range(1, 10**9)}], ids=["small", "sampled"])
def test_values_that_are_not_exact_are_refused(value, words, sizes):
    with pytest.raises(InvalidInput, match=words):
        check_formula(lambda n: value, against=lambda n: n, sizes=sizes)


def test_ranges_longer_than_len_can_tell():
    assert check_formula(lambda n: n, against=lambda n: n, sizes={"n": range(1, 10**30)}, examples=20) is None
    assert check_formula(lambda n: n + 1, against=lambda n: n, sizes={"n": range(1, 10**30)}).sizes == {"n": 1}


def test_hypothesis_is_optional():
    code = "import sys, slt_symbolic; assert 'hypothesis' not in sys.modules; sys.modules['hypothesis'] = None\n"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    code += "import slt_symbolic.testing"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.strip().splitlines()[-1].endswith(
        "needs the testing extra (hypothesis is not installed); try pip install 'slt-symbolic[testing]', "
        "or pip install '.[testing]' in a checkout")
