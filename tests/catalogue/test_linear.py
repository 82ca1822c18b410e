"""Linear networks: two matrices, at a point or at the least one, and any number of them."""

import itertools
import random
from fractions import Fraction

import pytest
import sympy

from slt_symbolic import InvalidInput, closed_forms, rlct
from slt_symbolic.closed_forms.linear import normal_factors, normal_form
from slt_symbolic.networks.linear import LinearNetwork, germ_at


@pytest.mark.parametrize(("M", "N", "H", "r", "value", "m"), [
    # Aoyagi, Watanabe (2005), the formula at sizes worked out by hand.
    (3, 5, 1, 0, "3/2", 1), (3, 5, 2, 1, "9/2", 1), (3, 5, 3, 0, "9/2", 2), (3, 5, 3, 2, "13/2", 1),
    # One hidden unit at zero truth, |a|^2 |b|^2: min(M, N)/2, m = 2 on a tie.
    (1, 1, 1, 0, "1/2", 2), (4, 2, 1, 0, "1", 1), (3, 3, 1, 0, "3/2", 2),
    # A hidden layer that is not too narrow, at a truth of full rank: a smooth fibre of codimension MN.
    (3, 4, 3, 3, "6", 1), (2, 5, 9, 2, "5", 1),
])
def test_reduced_rank_regression_known_answers(M, N, H, r, value, m):
    answer = closed_forms["reduced-rank-regression"].at(M=M, N=N, H=H, r=r)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), m)


def test_reduced_rank_regression_is_half_a_codimension():
    """Less the truth: the matrices A of rank a, and B that vanishes on their image."""
    entry = closed_forms["reduced-rank-regression"]
    for M, N, H in itertools.product(range(1, 5), repeat=3):
        for r in range(min(M, N, H) + 1):
            m, n, h = M - r, N - r, H - r
            strata = [(n - a) * (h - a) + a * m for a in range(min(n, h) + 1)]
            codimension = r * (M + N - r) + min(strata)
            answer = entry.at(M=M, N=N, H=H, r=r)
            assert answer.lambda_ == Fraction(codimension, 2), (M, N, H, r)


LOCAL = closed_forms["reduced-rank-regression-local"]


@pytest.mark.parametrize(("M", "N", "H", "r", "a", "b", "value", "m"), [
    # A = diag(1, 0), B = 0: the first column of B is two coordinates; then x b, x a number, b in R^2: 1 + min(1/2, 1).
    (2, 2, 2, 0, 1, 0, "3/2", 1),
    # One unit, A = 0, B != 0 in R^M: smooth, N equations. And both zero: |a|^2 |b|^2.
    (3, 4, 1, 0, 0, 1, "2", 1), (4, 4, 1, 0, 0, 0, "2", 2),
    # Both of full rank, the product zero: only q = Ma + bN - ab equations.
    (2, 3, 4, 0, 2, 2, "3", 1),
    # x1 y1 + x2 y2 + x3 y3, an indefinite quadratic form: blown up once, min(6/4, 1/2).
    (1, 1, 3, 0, 0, 0, "1/2", 1),
    # Beyond the triangle inequalities on all three sides.
    (9, 2, 3, 0, 0, 0, "3", 1), (2, 9, 3, 0, 0, 0, "3", 1), (2, 3, 9, 0, 0, 0, "3", 1),
])
def test_reduced_rank_regression_at_a_point_known_answers(M, N, H, r, a, b, value, m):
    answer = LOCAL.at(M=M, N=N, H=H, r=r, a=a, b=b)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), m, "proved")


def test_reduced_rank_regression_at_a_point_is_the_minimum_over_strata_and_its_count():
    """As by hand; transposed; and its least value on a fibre is the global entry's."""
    for M, N, H in itertools.product(range(1, 4), repeat=3):
        for r in range(min(M, N, H) + 1):
            found = []
            for a, b in itertools.product(range(r, min(H, N) + 1), range(r, min(H, M) + 1)):
                if a + b - r <= H:
                    s, n, h = M - b, N - a, H - a - b + r
                    costs = [(h - t) * (n - t) + s * t for t in range(min(h, n) + 1)]
                    value = Fraction(M * a + b * N - a * b + min(costs), 2), costs.count(min(costs))
                    assert LOCAL.formula({"M": M, "N": N, "H": H, "r": r, "a": a, "b": b}) == value
                    assert LOCAL.formula({"M": N, "N": M, "H": H, "r": r, "a": b, "b": a}) == value
                    found.append(value)
            least = min(value for value, _ in found)
            whole = closed_forms["reduced-rank-regression"].formula({"M": M, "N": N, "H": H, "r": r})
            assert whole == (least, max(m for value, m in found if value == least)) == LOCAL.formula(
                {"M": M, "N": N, "H": H, "r": r, "a": r, "b": r})


@pytest.mark.parametrize("ranks", [
    (3, 2, 2, 0, 1, 1), (2, 3, 3, 1, 1, 2), (2, 2, 3, 0, 1, 1), (1, 3, 3, 0, 2, 0), (3, 3, 2, 1, 1, 2),
    (2, 2, 4, 0, 2, 1),
])
def test_reduced_rank_regression_in_any_basis(ranks):
    """The engine at sizes that are in no audit, in random bases of the three layers."""
    sizes = dict(zip("MNHrab", ranks, strict=True))
    rng = random.Random(5)
    outputs, inputs, hidden = (
        sympy.Matrix(k, k, lambda i, j: rng.randint(-2, 2) if i > j else int(i == j)).T
        * sympy.Matrix(k, k, lambda i, j: rng.randint(-1, 1) if i > j else int(i == j)) for k in ranks[:3])
    A, B = (sympy.Matrix(factor) for factor in normal_factors(sizes))
    A, B = hidden * A * inputs, outputs * B * hidden.inv()
    assert (A.rank(), B.rank(), (B * A).rank()) == (sizes["a"], sizes["b"], sizes["r"])
    point = [[[int(x) for x in row] for row in matrix.tolist()] for matrix in (A, B)]
    found = rlct(germ_at(LinearNetwork((sizes["N"], sizes["H"], sizes["M"])), point), timeout=30)
    assert (found.lambda_, found.multiplicity) == LOCAL.formula(sizes)


@pytest.mark.parametrize(("widths", "r", "value", "m"), [
    # Aoyagi (2024), the formula at sizes worked out by hand.
    ("2-2-2-2", 0, "3/2", 3), ("3-3-3-3", 1, "4", 3),
    # Numbers: a product of L variables. One narrow layer between wide ones: |x|^2 |y|^2. A truth of full rank: smooth.
    ("1-1-1-1-1", 0, "1/2", 4), ("3-1-3", 0, "3/2", 2), ("2-5-7-3", 2, "3", 1),
])
def test_deep_linear_known_answers(widths, r, value, m):
    answer = closed_forms["deep-linear"].at(widths=widths, r=r)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), m)
    assert answer == closed_forms["deep-linear"].at(widths=[int(d) for d in widths.split("-")], r=r)


@pytest.mark.parametrize(("widths", "r"), [
    ((1, 2, 2, 2), 0), ((2, 2, 1, 2, 2), 0), ((3, 3, 2, 2), 1), ((1, 2, 3, 1), 0), ((1, 2, 2, 2, 1), 0),
])
def test_deep_linear_against_the_engine(widths, r):
    """At sizes that are in no audit; m up to 4."""
    found = rlct(germ_at(LinearNetwork(widths), [normal_form(m, n, r) for n, m in itertools.pairwise(widths)]))
    assert (found.lambda_, found.multiplicity) == closed_forms["deep-linear"].formula({"widths": widths, "r": r})


def test_two_matrices_are_reduced_rank_regression():
    deep, reduced = closed_forms["deep-linear"], closed_forms["reduced-rank-regression"]
    for M, N, H in itertools.product(range(1, 5), repeat=3):
        for r in range(min(M, N, H) + 1):
            assert deep.formula({"widths": (N, H, M), "r": r}) == reduced.formula({"M": M, "N": N, "H": H, "r": r})


def test_the_set_of_deep_linear_networks_is_the_one_of_its_definition():
    """All subsets of the layers, where the entry sorts; one and only one has the three properties."""
    entry = closed_forms["deep-linear"]
    for widths in itertools.chain(*(itertools.product(range(1, 6), repeat=length) for length in (3, 4))):
        for r in range(min(widths) + 1):
            excesses = [d - r for d in widths]
            found = []
            for chosen in itertools.product((False, True), repeat=len(widths)):
                inside = [D for D, taken in zip(excesses, chosen, strict=True) if taken]
                outside = [D for D, taken in zip(excesses, chosen, strict=True) if not taken]
                l = len(inside) - 1  # noqa: E741
                if l >= 1 and max(inside) * l <= sum(inside) and all(
                        max(inside) < D and sum(inside) < l * D for D in outside):
                    found.append((l, sum(inside), sum(x * y for x, y in itertools.combinations(inside, 2))))
            _, _, _, _, l, s, _, e = entry.arguments({"widths": widths, "r": r})  # noqa: E741
            assert found == [(l, s, e)], (widths, r)


def test_deep_linear_is_half_a_codimension():
    """The zeros of a product of matrices by the ranks of its left ends, all of them; less the truth."""
    entry = closed_forms["deep-linear"]
    for widths in itertools.product(range(1, 4), repeat=4):
        for r in range(min(widths) + 1):
            first, *excesses = [d - r for d in widths]
            codimensions = {first: 0}  # the rank so far, and the least codimension with it
            for D in excesses:
                codimensions = {rank: min(c + (before - rank) * (D - rank)
                                          for before, c in codimensions.items() if rank <= before)
                                for rank in range(min(D, max(codimensions)) + 1)}
            answer = entry.at(widths=widths, r=r)
            codimension = codimensions[0] + r * (widths[0] + widths[-1] - r)
            assert answer.lambda_ == Fraction(codimension, 2), (widths, r)


def test_long_lists_of_widths_are_answered_at_once():
    answer = closed_forms["deep-linear"].at(widths=[10**17 + k for k in range(20_000)], r=10**16)
    assert answer.evidence.grade == "proved"


@pytest.mark.parametrize("widths", [
    [2, 2], "2-2", 3, "", "-", "2-2-2-", "-2-2-2", "2--2-2", "2-x-2", "2-0-2", "2-2.0-2", [2, 2, 0], [2, 2.0, 2],
    [2, True, 2], [2, [2], 2], None, True, {2: 2}, "२-2-2",
], ids=repr)
def test_bad_widths_are_refused(widths):
    with pytest.raises(InvalidInput) as error:
        closed_forms["deep-linear"].at(widths=widths, r=0)
    assert "must be at least 3 integers >= 1; try widths=2-2-2" in str(error.value)


def test_widths_beyond_the_domain_are_refused():
    with pytest.raises(InvalidInput, match="widths: must be at most"):
        closed_forms["deep-linear"].at(widths=[2, 10**19, 2], r=0)
    with pytest.raises(InvalidInput, match="widths=3-2-4-3 r=3: the truth has more rank than the network"):
        closed_forms["deep-linear"].at(widths="3-2-4-3", r=3)
