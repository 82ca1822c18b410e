"""`check_formula`: that the smallest counterexample is found, and what is compared with what."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest
import sympy

from slt_symbolic import InvalidInput
from slt_symbolic.testing import (
    Approximation,
    CounterExample,
    architectures,
    check_formula,
    engine,
    exact_rank,
)

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


def test_hypothesis_is_optional():
    code = "import sys, slt_symbolic; assert 'hypothesis' not in sys.modules; sys.modules['hypothesis'] = None\n"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    code += "import slt_symbolic.testing"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.strip().splitlines()[-1].endswith(
        "needs the testing extra (hypothesis is not installed); try pip install 'slt-symbolic[testing]', "
        "or pip install '.[testing]' in a checkout")
