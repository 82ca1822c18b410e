"""Worked reductions at sizes that the doctests do not have: against the literature, and cells against an oracle."""

import itertools

import pytest
import sympy

from slt_symbolic import InvalidInput, rlct_over
from slt_symbolic.models import recipes

ROWS = [
    # one hidden unit: the products t_i t_j, n/4 at 0 for n >= 3 (Aoyagi 2010; the star of Zwiernik 2011)
    ("Boltzmann machine 4 1", lambda: recipes.boltzmann_machine(4, 1), "1", 1),
    # U/4, U = M min(N, M - 1) at M = 4, N = 2: rows of weights are nearly orthogonal (derivations/boltzmann.py)
    ("Boltzmann machine 4 2", lambda: recipes.boltzmann_machine(4, 2), "2", 1),
    # one covariance, sum of t_0k t_1k, with zeros of full rank nearby
    ("Boltzmann machine 2 2", lambda: recipes.boltzmann_machine(2, 2), "1/2", 1),
    # Drton, Lin, Weihs, Zwiernik 2017: two inner nodes at independence
    ("quartet", lambda: recipes.latent_tree([("a", "g"), ("b", "g"), ("g", "h"), ("h", "c"), ("h", "d")]), "1", 1),
    # |u|^2 |v|^2 |w|^2 with u in R^2, v in R^2, w in R^3: 2/2, where two tie
    ("tensor 2 2 3", lambda: recipes.tensor((2, 2, 3), 1), "1", 2),
    # a matrix of one entry, to the third power
    ("tied weights 1 3", lambda: recipes.tied_weights(1, 3), "1/6", 1),
    # min(n_a, n_b)/2, m = 2 iff equal: |a|^2 |b|^2 up to constants, since polynomials have no zero divisors
    ("convolution 2 2", lambda: recipes.convolution(2, 2), "1", 2),
    ("state space 1", lambda: recipes.state_space(1), "1/2", 2),
]


@pytest.mark.parametrize(("build", "value", "m"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_literature(build, value, m):
    answer = build().rlct(timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == (value, m)


@pytest.mark.long
def test_what_is_decided_at_once_is_not_cleaned_first():
    """31 generators with 31744 terms: M N/4 at N < M - 1 (derivations/boltzmann.py)."""
    answer = recipes.boltzmann_machine(6, 3).rlct(timeout=300)
    assert (str(answer.lambda_), answer.multiplicity) == ("9/2", 1)


def test_a_boltzmann_machine_by_its_cells():
    """Its generators are the moments ``E x_S`` times one positive factor, by summation over all states."""
    machine = recipes.boltzmann_machine(3, 2)
    t = [[0.3, -0.2], [0.5, 0.1], [-0.4, 0.7]]
    spins = list(itertools.product((1, -1), repeat=3))
    weights = {x: sympy.prod(sum(sympy.prod(1 + t[i][k] * x[i] * h for i in range(3)) for h in (1, -1)) / 2
                             for k in range(2)) for x in spins}
    expected = [sum(w * sympy.prod(x[i] for i in s) for x, w in weights.items()) / 8
                for s in itertools.combinations(range(3), 2)]
    found = sympy.lambdify(list(machine.point), machine.generators)(*(value for row in t for value in row))
    assert sorted(found) == pytest.approx(sorted(map(float, expected)), abs=1e-12)


def test_cells_of_relu_units():
    """One unit on the inputs 1, 2, -1 is a b in either cell, on half a plane."""
    cells = recipes.relu_cells(1, [1, 2, -1])
    assert [cell.domain for cell in cells] == [["b0>=0"], ["b0<=0"]]
    assert str(rlct_over([cell.rlct() for cell in cells])) == "lambda = 1/2, m = 2"


@pytest.mark.parametrize(("build", "words"), [
    (lambda: recipes.boltzmann_machine(-3, 1), "visible=-3: is no size"),
    (lambda: recipes.tensor((2, 0), 1), r"shape\[1\]=0: is no size"),
    (lambda: recipes.state_space(0), "modes=0: is no size"),
    (lambda: recipes.latent_tree([("a", "b"), ("c", "d")]), "are not those of a tree"),
    (lambda: recipes.latent_tree([("a", "h"), ("a", "h"), ("b", "h")]), "are not those of a tree"),
    (lambda: recipes.relu_cells(2, [1, 2]), "leave all units inactive in one cell"),
])
def test_refused(build, words):
    with pytest.raises(InvalidInput, match=words):
        build()
