"""Oracles: what they answer at sizes that are decided by hand, and what they refuse."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy

from slt_symbolic import Germ, InvalidInput, rlct
from slt_symbolic.models import covariance
from slt_symbolic.networks import QuadraticForms, QuadraticNetwork
from slt_symbolic.testing import check_formula, engine_on, jacobian_threshold, rank_of, sampled


@pytest.mark.parametrize("given", [
    "x^2 - 2*x - y^3 + 1", ["x^2 - 2*x - y^3 + 1"], ("x^2 - 2*x - y^3 + 1",),
    Germ.at(["(x-1)^2 - y^3"], ["x", "y"], {"x": 1}),
], ids=["text", "list", "tuple", "germ"])
def test_the_engine_takes_what_rlct_takes(given):
    at = {"x": 1}
    found = engine_on(lambda n: given if isinstance(given, Germ) else (given, at))(n=1)
    assert (found.lambda_, found.multiplicity) == (Fraction(5, 12), 1)


def variance(n: int, **measure):
    """A normal variable of variance ``1 + x^n``, near ``x = 0``: K is comparable to ``x^(2n)``."""
    x = sympy.Symbol("x")
    return covariance(sympy.Matrix([[1 + x**n]]), {x: 0}, **measure)


def test_a_model_is_asked_with_its_domain_and_its_prior():
    assert engine_on(variance)(n=3).lambda_ == Fraction(1, 6)
    half = engine_on(lambda n: variance(n, domain="x>=0", prior={"x": "-1/2"}))
    assert half(n=3).lambda_ == Fraction(1, 12)
    assert rank_of(variance)(n=1).lambda_ == Fraction(1, 2)
    with pytest.raises(InvalidInput, match="germ at n=1: the model: has a domain or a prior"):
        check_formula(lambda n: 1, against=rank_of(lambda n: variance(n, prior={"x": 1})), sizes={"n": range(1, 3)})


@pytest.mark.parametrize(("given", "words"), [
    (["x + 1"], "germ at n=1: x \\+ 1: does not vanish"), (3.5, "float"), (None, "NoneType"),
    ([], "there are none"), ((["x"], {"y": 1}), "names no variable"), (["x*"], "no polynomial"), ({"x": 1}, "dict"),
])
def test_a_germ_that_makes_no_sense_is_no_size_outside_the_domain(given, words):
    with pytest.raises(InvalidInput, match=words):
        check_formula(lambda n: 1, against=engine_on(lambda n: given), sizes={"n": range(1, 3)})


@pytest.mark.parametrize("generators", [
    ["x + y^2", "z - x"], ["x", "2*x", "y^2*x + x"], ["x + y^2", "y^3"], ["x^2", "y"], ["x*y"],
    ["x + y", "x - y", "x^5"], ["x^2 + y^2", "z"],
])
def test_the_rank_of_the_jacobian_claims_no_more_than_the_engine_finds(generators):
    germ = Germ.at(generators, ("x", "y", "z"))
    found, exact = jacobian_threshold(germ), rlct(germ)
    assert exact.status == "exact"
    assert found.lower <= exact.lambda_ <= found.upper
    assert found.multiplicity in (None, exact.multiplicity)


def test_where_the_rank_does_not_decide_it_is_a_bracket():
    """``x^2``: half the rank is 0, the answer 1/4. A germ whose generators span the rank: half of it."""
    square, plane = (Germ.at(generators, ("x", "y")) for generators in (["x^2"], ["x + y^2", "3*x + 3*y^2", "y"]))
    assert (jacobian_threshold(square).lower, jacobian_threshold(square).upper) == (0, Fraction(1, 4))
    assert jacobian_threshold(plane).lambda_ == 1


def test_a_loss_that_is_0_has_lambda_0_for_all():
    for oracle in (engine_on, rank_of):
        assert check_formula(lambda n: (0, 1), against=oracle(lambda n: ["0*x"]), sizes={"n": range(1, 3)}) is None
        assert check_formula(lambda n: 1, against=oracle(lambda n: ["0*x"]), sizes={"n": range(1, 3)}) is not None


def test_ranks_of_networks():
    """All quadratic forms on R^2 and one output: three equations, filled by two units."""
    oracle = rank_of(lambda d, p, K: QuadraticNetwork(QuadraticForms(d), p, K))
    assert oracle(d=2, p=1, K=5).lambda_ == Fraction(3, 2)
    assert check_formula(lambda d, p, K: Fraction(3, 2), against=oracle,
                         sizes={"d": [2], "p": [1], "K": range(1, 4)}).sizes["K"] == 1


def test_without_numerics_the_sampler_is_one_line(monkeypatch):
    class Absent:
        def load(self):
            raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("slt_symbolic.testing.oracles.entry_points", lambda **_: [Absent()])
    with pytest.raises(InvalidInput, match=r"needs the numerics extra \(torch is not installed\); try pip install"):
        sampled(lambda n: ["x"])
    monkeypatch.setattr("slt_symbolic.testing.oracles.entry_points", lambda **_: [])
    with pytest.raises(InvalidInput, match="numerics extra"):
        sampled(lambda n: ["x"])
