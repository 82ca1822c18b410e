"""One germ typed in other ways: the search depends neither on the order of variables nor on how the loss is typed."""

import random
import re
from itertools import pairwise

import pytest

from slt_symbolic import rlct
from slt_symbolic.networks.linear import LinearNetwork, germ_at
from slt_symbolic.recheck import recheck
from slt_symbolic.search.proofs.optimum import flattest_weights, preferred_weights
from slt_symbolic.search.proposals.rotations import left_over, rotating_fields, rotation
from slt_symbolic.search.proposals.singular_values import singular_values
from slt_symbolic.search.proposals.squares import as_squares
from tests.benchmarks.metamorphic import cases, changed, expanded, gram, polynomials, regenerated
from tests.check.tables import stratum

ORDERS = 12
TANH = [f"a1*b1^{k}+a2*b2^{k}+a3*b3^{k}" for k in (1, 3, 5)]


def loss_of(name):
    """A golden or public case as a positive definite form in its generators, multiplied out."""
    question = next(question for case, question, *_ in cases() if case == name)
    return gram(question, random.Random(f"{(name, 'gram')}"))


def at_the_point(question):
    """The stratum of a function at the point of the question."""
    names, (function,), at = polynomials(question)
    moved = str(function)
    for name in names:
        moved = re.sub(rf"\b{name}\b", f"({name}+{at[name]})", moved)
    return stratum([moved], " ".join(names))


def orders(names):
    generator = random.Random(0)
    return [generator.sample(names, len(names)) for _ in range(ORDERS)]


def table(weights, names):
    return dict(zip(sorted(names), [weights[names.index(name)] for name in sorted(names)], strict=True))


def test_weights_do_not_hang_on_the_order_of_variables():
    """The first vectors are blown up: all terms have one weight. The linear program leaves a choice, as is seen."""
    names = ["a1", "a2", "a3", "b1", "b2", "b3"]
    strata = [(stratum(TANH, " ".join(order)), order) for order in orders(names)]
    assert all(table(flattest_weights(s), order) == {n: int(n < "b") for n in names} for s, order in strata)
    assert len({str(table(preferred_weights(s), order)) for s, order in strata}) > 1


def test_weights_where_there_is_no_choice():
    s = stratum(["x^2", "y^3"], "x y")
    assert flattest_weights(s) == preferred_weights(s) == [3, 2]
    assert flattest_weights(stratum(["x+1"], "x")) == [0]


def test_what_is_turned_does_not_hang_on_the_order_of_variables():
    """Of a product of four matrices two become diagonal; then, of what may be turned, the best is taken."""
    widths = (2, 2, 2, 2, 2)
    germ = germ_at(LinearNetwork(widths), [[[0] * n for _ in range(m)] for n, m in pairwise(widths)])
    names = [str(v) for v in germ.variables]
    found = set()
    for order in orders(names):
        s = stratum([str(g).replace("**", "^") for g in germ.generators], " ".join(order))
        for step in (singular_values, singular_values, rotation):
            s = step(s, rotating_fields(s)).child
        found.add(left_over(s))
    assert len(found) == 1


def test_another_choice_of_coordinates():
    """The Vandermonde ideal `vand1_3` of the golden cases, with ``b1 + b2 + b3^2`` for b2."""
    moved = [f"(a1+a2-a2^2)*b1^{k} + a2*(b2+b1+b3^2)^{k} + (a3+2*b1)*b3^{k}" for k in (1, 2, 3)]
    answer = rlct(moved, timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == ("1", 2)


@pytest.mark.parametrize(("name", "way"), [("factor2_rank1", regenerated), ("tanh_4", expanded), ("tanh_4", changed),
                                           ("gmix3", expanded)])
def test_one_germ_one_answer(name, way):
    """Multiples of generators are taken away first; squares are continued from their least terms."""
    question, value, m = next((question, value, m) for case, question, value, m in cases() if case == name)
    answer = rlct(**way(question, random.Random(f"{(name, way.__name__)}")), timeout=20)
    assert (str(answer.lambda_), answer.multiplicity) == (value, m)
    recheck(answer.certificate)


@pytest.mark.parametrize("name", ["sym_3x3_r1", "symtensor", pytest.param("gmix3", marks=pytest.mark.long)])
def test_squares_of_a_loss(name):
    """Gram matrices of less than full rank, the only ones there are; the last one is found roughly."""
    found = as_squares(at_the_point(loss_of(name)))
    assert found is not None
    assert found.step == "squares"


def test_rotations_of_a_loss_are_those_of_its_squares():
    answer = rlct(**loss_of("sym_3x3_r1"), timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == ("3/2", 2)
    recheck(answer.certificate)
