"""The catalogue: values, domains, evidence, and what it refuses."""

import itertools
import json
import math
import random
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from slt_symbolic import Contradiction, InvalidInput, closed_forms, rlct
from slt_symbolic.closed_forms import Claim, ClosedForm
from slt_symbolic.closed_forms.linear import normal_factors, normal_form
from slt_symbolic.evidence import Source
from slt_symbolic.networks.linear import LinearNetwork, germ_at
from tests.catalogue.test_edge_sets import pair_sets
from tests.oracles import dense_rank, read_table, two_hot

FORMULAS = [entry for entry in closed_forms.values() if isinstance(entry, ClosedForm)]
CLAIMS = [entry for entry in closed_forms.values() if isinstance(entry, Claim)]


@pytest.mark.parametrize("table", ["quadratic_generic.txt", "quadratic_defective.txt"])
def test_quadratic_generic_against_the_golden_tables(table):
    entry = closed_forms["quadratic-generic"]
    for p, d, units, rank in read_table(table):
        answer = entry.at(d=d, p=p, K=units)
        assert (answer.lambda_, answer.multiplicity) == (Fraction(rank, 2), 1), (p, d, units)
        assert answer.evidence.grade in ("proved", "certified")


def test_large_sizes_are_cited_inside_a_proved_bracket():
    answer = closed_forms["quadratic-generic"].at(d=40, p=30, K=400)
    assert answer.evidence.grade == "cited"
    assert answer.lower < answer.lambda_ == answer.upper


@given(pair_sets(largest=4, most=16), st.integers(1, 12), st.booleans())
@settings(deadline=None, max_examples=40)
def test_modular_addition_with_explicit_pairs(problem, units, centred):
    p, pairs = problem
    if len(pairs) <= centred:
        return
    answer = closed_forms["modular-addition-generic"].at(p=p, K=units, pairs=pairs, centred=centred)
    assert answer.lambda_ == Fraction(dense_rank(two_hot(p, pairs), p, units, centred), 2)


@pytest.mark.parametrize(("p", "centred", "dead", "value", "m"), [
    # Ranks of the Jacobian at the solution in floating point: 27, 105 and 100, 229, 399.
    (3, False, 0, "27/2", 1), (5, False, 0, "105/2", 1), (5, True, 0, "50", 1), (7, False, 0, "229/2", 1),
    (9, False, 0, "399/2", 1), (3, False, 4, "27/2", 1),
    (5, False, 1, "219/4", None), (7, False, 1, "471/4", 1), (101, True, 1, "120401/4", 1),
    (9, False, 2, "208", None), (13, False, 2, "457", 1),
])
def test_fourier_solution(p, centred, dead, value, m):
    answer = closed_forms["modular-addition-fourier"].at(p=p, units=2 * p - 1 + dead, centred=centred)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), m)
    assert answer.evidence.grade == ("certified" if (p == 5 and dead) or dead == 2 else "proved")


def test_several_dead_units_are_a_bracket_below_the_ceiling():
    entry = closed_forms["modular-addition-fourier"]
    answer = entry.at(p=7, units=15, centred=False)
    assert (answer.lower, answer.upper, answer.lambda_) == (Fraction(471, 4), Fraction(484, 4), None)
    assert entry.at(p=5, units=100, centred=False).upper == Fraction(125, 2)


@pytest.mark.parametrize(("d", "K", "r", "value"), [
    (1, 3, 0, "3/4"),  # |w|^4 on R^3
    (3, 1, 1, "3/2"), (4, 4, 4, "5"),  # a smooth fibre: half of d, half of d(d+1)/2
    (2, 2, 1, "5/4"),  # 2(u^2 + v^2) + |y|^4, by hand: 1 + 1/4
    (3, 2, 2, "5/2"),  # smooth: symmetric 3 × 3 matrices of rank 2 have dimension 5
])
def test_symmetric_factorisation_known_answers(d, K, r, value):
    answer = closed_forms["symmetric-factorisation"].at(d=d, K=K, r=r)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), 1, "proved")


@pytest.mark.parametrize(("d", "p", "K", "value", "m"), [
    (1, 1, 2, "1/2", 2), (1, 3, 5, "5/4", 1), (1, 2, 9, "1", 1),  # |w|^4 |u|^2 after one blow-up
    (4, 1, 1, "1/2", 1), (6, 3, 1, "3/2", 2),  # |V|^2 |w|^4
    (2, 1, 2, "1", 4), (4, 2, 2, "2", 3), (5, 2, 2, "2", 1), (3, 2, 2, "3/2", 1),  # min(p, d/2)
    (8, 1, 7, "7/2", None), (3, 9, 5, "15/4", None),  # pairs of units on inputs, or on outputs, of their own
])
def test_zero_truth_known_answers(d, p, K, value, m):
    answer = closed_forms["quadratic-zero-truth"].at(d=d, p=p, K=K)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), m, "proved")


def test_zero_truth_is_a_bracket_elsewhere():
    bracket = closed_forms["quadratic-zero-truth"].at(d=2, p=1, K=3)
    assert (bracket.lambda_, bracket.lower, bracket.upper) == (None, 1, Fraction(5, 4))
    assert closed_forms["quadratic-zero-truth"].at(d=2, p=2, K=99).upper == 3  # all equations
    large = closed_forms["quadratic-zero-truth"].at(d=10**17, p=10**16, K=10**18)
    assert large.lower < large.upper


@pytest.mark.parametrize(("d", "p", "K", "dead", "silent", "blind", "value", "m"), [
    (2, 2, 3, 7, 2, 1, "3", 1), (1, 4, 2, 3, 0, 0, "2", 1),  # active units of full rank: idle ones cost nothing
    (4, 3, 2, 0, 2, 0, "9", 1),  # two atoms of 6 directions, and two V of 3
    (3, 2, 1, 0, 0, 1, "11/4", 1),  # 4 directions, and |w|^4 on R^3
    (6, 4, 2, 0, 1, 2, "14", 1),  # 2 of 9 directions, V of 4, twice |w|^4 on R^6
    (2, 2, 1, 0, 0, 1, "2", 2),  # 3 directions, then w_2 (w_1, w_2): 1/2 twice
    (2, 1, 1, 1, 0, 0, "5/4", 1),  # 2 directions, then V w_2^2
    (4, 1, 2, 1, 0, 0, "4", 2), (9, 1, 4, 1, 0, 0, "31/2", 1),  # symmetric matrices of rank K, then V |w|^2 on R^(d-K)
    (3, 1, 1, 1, 0, 0, "2", 2),  # 3 directions, then |V|^2 |w|^4 on R x R^2
    (2, 2, 1, 1, 1, 0, "3", 3),  # all but V_2 w_1 w_2
    (3, 2, 2, 1, 0, 0, "9/2", 1),  # 8 directions, then w_3 = 0
    (7, 4, 3, 1, 2, 0, "83/4", 1), (6, 3, 2, 1, 0, 0, "19/2", 2),  # min(p/2, d/4) on top
])
def test_padded_known_answers(d, p, K, dead, silent, blind, value, m):
    answer = closed_forms["quadratic-padded"].at(d=d, p=p, K=K, dead=dead, silent=silent, blind=blind)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), m)
    assert answer.evidence.grade == "proved"


def test_padding_is_a_bracket_elsewhere():
    entry = closed_forms["quadratic-padded"]
    several = entry.at(d=5, p=3, K=2, dead=3)
    assert (several.lambda_, several.lower, several.upper) == (None, 7 + Fraction(5, 4), 7 + Fraction(15, 4))
    wide = entry.at(d=12, p=2, K=2, dead=3)
    assert (wide.lambda_, wide.multiplicity) == (13 + 3, None)  # 3 times p/2
    many = entry.at(d=4, p=3, K=5, dead=1, silent=1)
    assert (many.lower, many.upper) == (Fraction(29, 2), Fraction(29, 2) + Fraction(3, 2) + 1)
    assert entry.at(d=10**16, p=10**17, K=10**15, dead=1).lambda_ is not None
    assert entry.at(d=40, p=30, K=400, dead=2, silent=3, blind=1).lower >= closed_forms["quadratic-generic"].at(
        d=40, p=30, K=400).lower


def test_padding_by_what_the_other_entries_know():
    """At most what a dead unit costs alone; nearby it is silent on the atom, and near that silent elsewhere."""
    padded, dead = closed_forms["quadratic-padded"], closed_forms["quadratic-dead-unit"]
    for d, p in itertools.product(range(2, 7), range(1, 5)):
        generic = closed_forms["quadratic-generic"].at(d=d, p=p, K=1).lambda_
        answer = padded.at(d=d, p=p, K=1, dead=1)
        assert generic <= answer.lambda_ <= generic + dead.at(d=d, p=p).lambda_
        coinciding = closed_forms["quadratic-coinciding-units"].at(d=d, p=p, active=1, rank=1).lambda_
        assert answer.lambda_ <= coinciding <= padded.at(d=d, p=p, K=1, dead=0, silent=1).lambda_


@pytest.mark.parametrize(("d", "plus", "minus", "up", "down", "span", "value", "m"), [
    (2, 3, 0, 0, 0, 0, "3/2", 1),  # |w|^4 on R^6
    (1, 1, 1, 0, 0, 0, "1/2", 2), (1, 2, 1, 0, 0, 0, "1/2", 1),  # x^2 - y^2, and x^2 + y^2 - z^2: smooth nearby
    (3, 1, 1, 0, 0, 0, "3/2", 2),  # symmetric products of two vectors of R^3: |x|^2 |y|^2
    (2, 2, 2, 0, 0, 0, "3/2", 2),  # 3 equations, regular at isotropic planes; two lines of the quadric through a point
    (2, 1, 1, 0, 0, 1, "1", 1),  # u^2 - v^2 cancels at u = v: two coordinates, nothing left
    (3, 4, 4, 0, 0, 3, "3", 1),  # full rank: half of 6 equations
    (2, 3, 2, 1, 1, 2, "3/2", 1),  # a nondegenerate truth: half of 3 equations
    (2, 2, 1, 1, 0, 1, "3/2", 2),  # 2 coordinates, then x^2 - y^2
])
def test_single_output_known_answers(d, plus, minus, up, down, span, value, m):
    answer = closed_forms["quadratic-single-output"].at(d=d, plus=plus, minus=minus, rank_plus=up, rank_minus=down,
                                                        span=span)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), m, "proved")


def test_one_sign_is_the_symmetric_factorisation():
    signed, symmetric = closed_forms["quadratic-single-output"], closed_forms["symmetric-factorisation"]
    for d, K in itertools.product(range(1, 6), repeat=2):
        for r in range(min(d, K) + 1):
            positive = signed.formula(signed.check(d=d, plus=K, minus=0, rank_plus=r, rank_minus=0))
            negative = signed.formula(signed.check(d=d, plus=0, minus=K, rank_plus=0, rank_minus=r))
            assert positive == negative == symmetric.formula({"d": d, "K": K, "r": r})


@pytest.mark.parametrize(("d", "p", "active", "rank", "cancel", "value", "m"), [
    (4, 3, 2, 2, False, "9/2", 1),  # regular: 3 sums and both directions
    (3, 2, 2, 1, True, "2", 1),  # V, -V along one line: the same direction and V_1 + V_2 = 0
    (1, 4, 2, 1, False, "2", 1), (1, 4, 1, 1, False, "2", 1), (1, 4, 0, 0, False, "2", 1),  # one input: p equations
    (3, 1, 2, 1, False, "2", 1),  # 3 coordinates, then |b|^4 on R^2
    (3, 3, 2, 1, False, "7/2", 2),  # 5 coordinates, then |b|^2 (|x|^2 + |b|^2) on R^2 x R^2: 1 twice
    (2, 5, 2, 1, False, "7/2", 1),  # 6 coordinates, then b^2 (|x|^2 + b^2), where b = 0 is a family
    (3, 1, 1, 1, False, "2", 2),  # 3 coordinates, then v^2 |b|^4 on R^2: 1/2 twice
    (4, 2, 1, 1, False, "7/2", 2),  # 5 coordinates, then |b|^2 (x^2 + v^2 |b|^2) on R^3 x R x R
    (2, 3, 0, 0, False, "2", 1), (4, 3, 0, 0, False, "3", 2),  # |V|^2 |b|^2
])
def test_coinciding_units_known_answers(d, p, active, rank, cancel, value, m):
    answer = closed_forms["quadratic-coinciding-units"].at(d=d, p=p, active=active, rank=rank, cancel=cancel)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), m, "proved")


def test_coinciding_units_of_one_output_have_signs():
    coinciding, signed = closed_forms["quadratic-coinciding-units"], closed_forms["quadratic-single-output"]
    for d in range(1, 7):
        for cancel in (False, True):
            expected = signed.at(d=d, plus=2 - cancel, minus=int(cancel), rank_plus=1 - cancel, rank_minus=0, span=1)
            answer = coinciding.at(d=d, p=1, active=2, rank=1, cancel=cancel)
            assert (answer.lambda_, answer.multiplicity) == (expected.lambda_, expected.multiplicity)


@pytest.mark.parametrize(("M", "N", "H", "r", "value", "m"), [
    # Aoyagi, Watanabe (2005), the formula at the sizes of the project's fact sheet.
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
    """As the fact sheet has it; transposed; and its least value on a fibre is the global entry's."""
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
    # Aoyagi (2024), the formula at the sizes of the project's fact sheet.
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


def test_modular_addition_without_pairs_is_a_bracket_that_holds_for_every_set():
    entry = closed_forms["modular-addition-generic"]
    bracket = entry.at(p=7, K=8, N=23)
    assert bracket.lambda_ is None
    rng = random.Random(2)
    found = set()
    for _ in range(10):
        pairs = sorted(rng.sample(list(itertools.product(range(7), repeat=2)), 23))
        answer = entry.at(p=7, K=8, pairs=pairs)
        if answer.sizes["components"] == 1:
            assert bracket.lower <= answer.lambda_ <= bracket.upper
            found.add(answer.lambda_)
    assert len(found) > 1  # the pairs do decide


def test_published_experiment():
    entry = closed_forms["modular-addition-generic"]
    pairs = random.Random(3).sample(list(itertools.product(range(53), repeat=2)), 1123)
    assert entry.at(p=53, K=1024, pairs=pairs).lambda_ == 29733
    assert entry.at(p=53, K=1024, N=1123).lambda_ == 29733


@pytest.mark.parametrize(("p", "K", "N", "components", "value"), [
    (2, 1, 2, 2, "1"), (3, 2, 4, 2, "4"),  # s arbitrary on a path of pairs: one-hot squares fit, onto but for the sum
    (3, 4, 8, 1, "9"), (5, 9, 20, 1, "85/2"),  # ranks 18 and 85 of trained networks
    (5, 18, 20, 1, "94/2"), (5, 19, 20, 1, "95/2"), (5, 400, 20, 1, "95/2"),  # nothing is lost from K = N - 1 on
    (53, 1024, 1123, 1, "29684"),
])
def test_labels_known_answers(p, K, N, components, value):
    answer = closed_forms["modular-addition-labels"].at(p=p, K=K, N=N, components=components)
    assert (answer.lambda_, answer.multiplicity, answer.evidence.grade) == (Fraction(value), 1, "proved")
    generic = closed_forms["modular-addition-generic"].at(p=p, K=K, N=N, components=components)
    assert answer.lambda_ <= generic.upper


def test_corollary_5_4_is_refuted_by_half_the_width():
    answer = closed_forms["cullen-2026-cor-5.4"].at(p=7, K=6)
    assert answer.evidence.grade == "refuted"
    assert (answer.lambda_, answer.claimed) == (57, "60")
    assert "3 too large" in answer.evidence.how


def test_corollary_5_4_is_refuted_by_a_bracket_at_the_published_width():
    answer = closed_forms["cullen-2026-cor-5.4"].at(p=53, K=1024)
    assert answer.evidence.grade == "refuted"
    assert answer.upper < Fraction(answer.claimed)


def test_the_published_size_as_the_reason_of_corollary_5_4_has_it():
    claim = closed_forms["cullen-2026-cor-5.4"]
    assert claim.ends({"p": 53, "K": 1024}) == (80896, 80896)
    assert closed_forms["modular-addition-generic"].at(p=53, K=1024, N=1123).upper == 29733
    assert "80896 where lambda <= 29733" in claim.reason


def test_corollary_5_3_holds_with_the_upper_end_attained():
    answer = closed_forms["cullen-2026-cor-5.3"].at(p=5, K=12)
    assert answer.evidence.grade == "proved"
    assert answer.lambda_ == 30
    assert "upper end attained" in answer.evidence.how


@pytest.mark.parametrize("entry", FORMULAS, ids=lambda entry: entry.name)
def test_expr_lambdifies(entry):
    function = sympy.lambdify(entry.symbols, entry.expr)
    for sizes in entry.audits:
        checked = entry.check(**sizes)
        arguments = entry.arguments(checked)
        value = function(*arguments)
        assert np.isclose(float(entry.expr.subs(dict(zip(entry.symbols, arguments, strict=True)))), float(value))
        assert np.isclose(float(value), float(entry.formula(checked)[0])), sizes


@pytest.mark.parametrize("entry", FORMULAS, ids=lambda entry: entry.name)
def test_answers_are_brackets_with_evidence(entry):
    for sizes in entry.audits:
        answer = entry.at(**sizes)
        assert answer.lower <= answer.lambda_ <= answer.upper
        underived = entry.evidence.grade == "cited" and entry.derivation is None
        assert answer.evidence.grade in ("proved", "certified", *(["cited"] if underived else []))
        assert answer.evidence.how
        assert answer.evidence.sources
        json.dumps(answer.to_json())


@pytest.mark.parametrize("entry", closed_forms.values(), ids=lambda entry: entry.name)
def test_entries_are_complete(entry):
    assert entry.title
    assert entry.sources
    assert all(isinstance(source, Source) for source in entry.sources)
    assert (entry.records if isinstance(entry, Claim) else entry.audits)


def test_contract_names_and_symbols():
    expected = {
        "quadratic-generic": "d p K", "quadratic-lazy": "p K l", "quadratic-ntk": "r", "quadratic-dead-unit": "d p",
        "quadratic-zero-truth": "d p K",
        "quadratic-padded": "d p K dead silent blind",
        "quadratic-single-output": "d plus minus rank_plus rank_minus span",
        "quadratic-coinciding-units": "d p active rank cancel",
        "modular-addition-generic": "p K N components centred", "modular-addition-labels": "p K N components",
        "modular-addition-dead-unit": "p components centred",
        "modular-addition-fourier": "p units centred",
        "symmetric-factorisation": "d K r", "reduced-rank-regression": "M N H r",
        "reduced-rank-regression-local": "M N H r a b", "deep-linear": "widths r",
        "cullen-2026-cor-4.2": "d p K", "cullen-2026-thm-5.1": "r", "cullen-2026-thm-5.2": "p K l",
        "cullen-2026-cor-5.3": "p K", "cullen-2026-cor-5.4": "p K",
    }
    assert {name: " ".join(x.name for x in entry.parameters) for name, entry in closed_forms.items()} == expected


@pytest.mark.parametrize(("name", "sizes", "message"), [
    ("quadratic-generic", {"d": 4, "p": 3, "K": 0}, "K=0: must be an integer >= 1; try K=1"),
    ("quadratic-generic", {"d": 4, "p": 3, "K": 2.0}, "K=2.0: must be an integer >= 1; try K=2"),
    ("quadratic-generic", {"d": 4, "p": 3, "K": True}, "K=True: must be an integer >= 1; try K=1"),
    ("quadratic-generic", {"d": 4, "p": "3", "K": 1}, "p='3': must be an integer >= 1; try p=3"),
    ("quadratic-generic", {"d": 4, "p": 3}, "K: is missing: number of units; try K=..."),
    ("quadratic-generic", {"d": 4, "p": 3, "K": 1, "q": 1}, "q: is not a parameter of quadratic-generic"),
    ("quadratic-generic", {"d": 4, "p": 3, "K": 1, "pairs": []}, "pairs: is not a parameter of quadratic-generic"),
    ("modular-addition-generic", {"p": 1, "K": 1}, "p=1: must be an integer >= 2"),
    ("modular-addition-generic", {"p": 3, "K": 1, "N": 10}, "N=10: must be from 2 to p^2 = 9"),
    ("modular-addition-generic", {"p": 3, "K": 1, "N": 1}, "the pairs leave no equation"),
    ("modular-addition-generic", {"p": 3, "K": 1, "N": 9, "components": 2}, "components=2: 9 pairs at p=3"),
    ("modular-addition-generic", {"p": 3, "K": 1, "centred": 2}, "centred=2: must be true or false"),
    ("modular-addition-generic", {"p": 3, "K": 1, "centred": 1.0}, "centred=1.0: must be true or false"),
    ("modular-addition-generic", {"p": 3, "K": 1, "N": 2, "pairs": [[0, 0], [1, 1]]}, "N: is already given by pairs"),
    ("modular-addition-generic", {"p": 3, "K": 1, "pairs": [[0, 0]]}, "pairs: 1 of them leave no equation"),
    ("modular-addition-labels", {"p": 1, "K": 1}, "p=1: must be an integer >= 2"),
    ("modular-addition-labels", {"p": 3, "K": 5, "centred": False}, "centred: is not a parameter of"),
    ("modular-addition-labels", {"p": 3, "K": 5, "N": 1}, "the pairs leave no equation; try N >= 2"),
    ("modular-addition-labels", {"p": 3, "K": 5, "N": 10}, "N=10: must be from 2 to p^2 = 9"),
    ("modular-addition-labels", {"p": 3, "K": 8, "components": 2}, "components=2: 9 pairs at p=3"),
    ("modular-addition-labels", {"p": 3, "K": 2}, "no fit with so few units is onto"),  # 12 directions, 16 equations
    ("modular-addition-labels", {"p": 7, "K": 5, "N": 8, "components": 6}, "no fit with so few units is"),  # rank 6
    ("modular-addition-dead-unit", {"p": 3, "components": 5}, "so many components leave no equation"),
    ("modular-addition-fourier", {"p": 4}, "the Fourier solution is for odd p"),
    ("modular-addition-fourier", {"p": 5, "units": 8}, "the Fourier solution has 2p - 1 units"),
    ("quadratic-zero-truth", {"d": 2, "p": 1, "K": 0}, "K=0: must be an integer >= 1; try K=1"),
    ("quadratic-padded", {"d": 2, "p": 1, "K": 0, "dead": 1}, "K=0: must be an integer >= 1; try K=1"),
    ("quadratic-padded", {"d": 2, "p": 1, "K": 1, "dead": -1}, "dead=-1: must be an integer >= 0"),
    ("quadratic-single-output", {"d": 2, "plus": 0, "minus": 0, "rank_plus": 0, "rank_minus": 0}, "has no unit"),
    ("quadratic-single-output", {"d": 2, "plus": 3, "minus": 0, "rank_plus": 3, "rank_minus": 0},
     "so many directions do not carry such a truth; try rank_plus + rank_minus <= span <= d"),
    ("quadratic-single-output", {"d": 2, "plus": 1, "minus": 1, "rank_plus": 1, "rank_minus": 0, "span": 2},
     "so few units of a sign have no such fit"),
    ("quadratic-coinciding-units", {"d": 2, "p": 2, "active": 3, "rank": 1}, "there are two units"),
    ("quadratic-coinciding-units", {"d": 2, "p": 1, "active": 2, "rank": 2}, "no such V_1 and V_2 have this rank"),
    ("quadratic-coinciding-units", {"d": 2, "p": 2, "active": 2, "rank": 0}, "no such V_1 and V_2 have this rank"),
    ("quadratic-coinciding-units", {"d": 2, "p": 2, "active": 1, "rank": 1, "cancel": True}, "do not cancel"),
    ("symmetric-factorisation", {"d": 4, "K": 2, "r": 3}, "the truth has more rank than the factor"),
    ("reduced-rank-regression", {"M": 3, "N": 2, "H": 4, "r": 3}, "the truth has more rank than the network"),
    ("reduced-rank-regression", {"M": 3, "N": 2, "H": 4, "r": -1}, "r=-1: must be an integer >= 0"),
    ("reduced-rank-regression-local", {"M": 3, "N": 2, "H": 4, "r": 2, "a": 1, "b": 2},
     "the product has more rank than a factor; try r <= min(a, b)"),
    ("reduced-rank-regression-local", {"M": 3, "N": 2, "H": 4, "r": 1, "a": 3, "b": 2}, "less rank than a; try a <="),
    ("reduced-rank-regression-local", {"M": 3, "N": 2, "H": 4, "r": 1, "a": 1, "b": 4}, "less rank than b; try b <="),
    ("reduced-rank-regression-local", {"M": 3, "N": 3, "H": 3, "r": 0, "a": 2, "b": 2}, "try r >= a + b - H"),
    ("reduced-rank-regression-local", {"M": 3, "N": 3, "H": 3, "r": 0, "a": 2}, "b: is missing"),
    ("cullen-2026-cor-5.3", {"p": 5, "K": 9}, "the claim is made for 2p-1 < K < p^2"),
])
def test_bad_sizes_are_refused(name, sizes, message):
    with pytest.raises(InvalidInput) as error:
        closed_forms[name].at(**sizes)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


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


def test_numpy_integers_are_integers():
    assert closed_forms["quadratic-ntk"].at(r=np.int64(3)).lambda_ == Fraction(3, 2)


@pytest.mark.parametrize(("size", "remedy"), [
    (4.0, "d=4"), (np.float64(4), "d=4"), (Fraction(4), "d=4"), ("4.0", "d=4"), ("+4", "d=4"), (2.5, "d=1"),
    (0.0, "d=1"), (-3.0, "d=1"), (math.nan, "d=1"), (math.inf, "d=1"), (1e300, "d=1"), (Fraction(9, 2), "d=1"),
    (True, "d=1"), (None, "d=1"), ([4], "d=1")])
def test_a_size_in_another_spelling_is_answered_with_the_integer_that_is_meant(size, remedy):
    with pytest.raises(InvalidInput, match="must be an integer >= 1") as error:
        closed_forms["quadratic-generic"].at(d=size, p=3, K=2)
    assert error.value.remedy == remedy


def test_a_formula_that_is_contradicted_raises():
    import dataclasses

    entry = closed_forms["quadratic-generic"]
    wrong = dataclasses.replace(entry, expr=entry.expr + sympy.Rational(1, 2))
    with pytest.raises(Contradiction):
        wrong.at(d=4, p=3, K=5)
    with pytest.raises(Contradiction):  # outside the proved bracket of a cited size
        wrong.at(d=40, p=30, K=400)
