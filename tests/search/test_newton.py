"""Monomial thresholds against the golden cases, and the case that SymPy's simplex gets wrong."""

import itertools
import json
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from slt_symbolic.search.proofs.newton import monomial_threshold
from slt_symbolic.search.proofs.optimum import proof_of
from tests import DATA


def _monomial_cases():
    for case in json.loads((DATA / "rlct_cases.json").read_text()):
        symbols = sympy.symbols(case["vars"])
        names = dict(zip(case["vars"], symbols, strict=True))
        generators = [sympy.Poly(sympy.sympify(g, locals=names), *symbols) for g in case["gens"]]
        if case["kind"] == "ideal" and all(len(g.monoms()) == 1 for g in generators):
            yield pytest.param([g.monoms()[0] for g in generators], case["lam"], case["m"], id=case["id"])


@pytest.mark.parametrize(("exponents", "value", "multiplicity"), list(_monomial_cases()))
def test_golden_case(exponents, value, multiplicity):
    assert monomial_threshold(exponents) == (Fraction(value), multiplicity)


def test_products_of_three_of_five():
    # SymPy 1.14's lpmin answers 1 for this program, at a point that violates four constraints; the optimum is 5/3.
    exponents = [tuple(int(i in chosen) for i in range(5)) for chosen in itertools.combinations(range(5), 3)]
    assert monomial_threshold(exponents) == (Fraction(5, 6), 1)


def test_no_generators_is_the_zero_loss():
    assert monomial_threshold([]) == (0, 1)


def test_a_proof_holds_the_exponents_that_were_asked_for():
    """Equal exponents of other types (True is 1) may have been asked for before."""
    monomial_threshold([(True, 17)])
    ((exponent, _),) = proof_of([(1, 17)], [0, 0])["combination"]
    assert list(map(type, exponent)) == [int, int]


EXPONENTS = st.lists(st.tuples(*[st.integers(0, 4)] * 3).filter(any), min_size=1, max_size=5)


@given(EXPONENTS, st.permutations(range(3)))
def test_permutation_of_variables(exponents, order):
    permuted = [tuple(e[i] for i in order) for e in exponents]
    assert monomial_threshold(permuted) == monomial_threshold(exponents)


@given(EXPONENTS, st.integers(1, 4))
def test_powers_divide_lambda(exponents, power):
    value, multiplicity = monomial_threshold(exponents)
    powers = [tuple(power * x for x in e) for e in exponents]
    assert monomial_threshold(powers) == (value / power, multiplicity)


@given(EXPONENTS, EXPONENTS)
def test_separate_variables(first, second):
    """Sums add with m1 + m2 - 1; products take the minimum and add multiplicities on ties."""
    (a, m), (b, n) = monomial_threshold(first), monomial_threshold(second)
    zero = (0,) * 3
    assert monomial_threshold([e + zero for e in first] + [zero + e for e in second]) == (a + b, m + n - 1)
    product = m + n if a == b else (m if a < b else n)
    assert monomial_threshold([e + f for e in first for f in second]) == (min(a, b), product)


@given(EXPONENTS, st.tuples(*[st.integers(0, 4)] * 3).filter(any))
def test_more_generators_never_lower_lambda(exponents, extra):
    assert monomial_threshold([*exponents, extra])[0] >= monomial_threshold(exponents)[0]
