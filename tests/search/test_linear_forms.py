"""Products of linear forms: against the flats by hand, and against a search that does not know the step."""

import random
from fractions import Fraction
from itertools import combinations

import pytest
import sympy

from slt_symbolic import recheck, rlct

X = sympy.symbols("x:5")


def braid(n):
    return [(x - y, 1) for x, y in combinations(X[:n], 2)]


def flats(forms):
    """Codimension and multiplicity of every flat, by the ranks of all sets of forms; the forms that vanish there."""
    vectors = [[sympy.diff(f, x) for x in X] for f, _ in forms]
    found = {}
    for size in range(1, len(X) + 1):
        for chosen in combinations(range(len(forms)), size):
            rank = sympy.Matrix([vectors[i] for i in chosen]).rank()
            if rank == size:
                closed = frozenset(i for i in range(len(forms))
                                   if sympy.Matrix([vectors[k] for k in (*chosen, i)]).rank() == rank)
                found[closed] = (rank, sum(forms[i][1] for i in closed))
    return found


def expected(forms):
    """The least codimension over twice the multiplicity; m is the most flats that attain it one inside the other."""
    found = flats(forms)
    ratio = {flat: Fraction(rank, 2 * total) for flat, (rank, total) in found.items()}
    least = [flat for flat in sorted(ratio, key=len) if ratio[flat] == min(ratio.values())]
    longest = {}
    for flat in least:
        longest[flat] = 1 + max((longest[other] for other in longest if other < flat), default=0)
    return min(ratio.values()), max(longest.values())


def typed(forms):
    return "*".join(f"({f})^{e}" for f, e in forms)


ARRANGEMENTS = {
    "braid of 4": braid(4),
    "braid of 5": braid(5),
    "generic": [*((x, 1) for x in X[:3]), (sum(X[:3]), 1), (X[0] + 2 * X[1] + 4 * X[2], 1),
                (X[0] + 3 * X[1] - X[2], 1)],
    "ties": [(X[0], 3), (X[0] + X[1], 1), (X[1], 2), (X[0] + X[1] + X[2], 2), (X[2] - X[1], 1), (X[3] + X[2], 3)],
    "type B": [*((x, 1) for x in X[:3]), *((x + s * y, 1) for x, y in combinations(X[:3], 2) for s in (1, -1))],
}

SLOW = ("braid of 5", "type B", "generic")  # to enumerate by hand


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in SLOW else n for n in ARRANGEMENTS])
def test_one_product(name):
    answer = rlct(typed(ARRANGEMENTS[name]))
    assert (answer.lambda_, answer.multiplicity) == expected(ARRANGEMENTS[name])
    assert answer.certificate["tree"]["step"] == "arrangement"
    statement = recheck.recheck(answer.certificate)
    assert statement.lower == statement.upper == (answer.lambda_, answer.multiplicity)


def products(seed, count):
    """Generators of products of small forms in three variables."""
    numbers = random.Random(seed)

    def form():
        return (sum(numbers.choice((-1, 0, 1, 2)) * x for x in X[:3]) or X[0], numbers.randint(1, 2))

    return [typed([form() for _ in range(numbers.randint(1, 3))]) for _ in range(count)]


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(n, marks=pytest.mark.long) for n in range(4, 40))])
def test_as_without_the_step(seed, monkeypatch):
    """Several generators: charts and Newton polyhedra decide the same."""
    generators = products(seed, 2 + seed % 2)
    answer = rlct(generators)
    monkeypatch.setattr("slt_symbolic.search.search.linear_forms", lambda s: None)
    other = rlct(generators)
    assert other.lower <= answer.lambda_ <= other.upper
    if other.status == "exact" and None not in (answer.multiplicity, other.multiplicity):
        assert answer.multiplicity == other.multiplicity


def test_domains_and_priors():
    """A bound or a prior is an order of its coordinate, and counts in every flat on which that vanishes."""
    forms = "(x-y)*(x+y)*(x-2*y)"
    assert rlct(forms).lambda_ == Fraction(1, 3)
    with_prior = rlct(forms, prior={"x": 1})  # (1 + 1 + 1) / 6 at the origin, 1/2 at the lines
    assert (with_prior.lambda_, with_prior.multiplicity) == (Fraction(1, 2), 2)
    assert rlct("x*(x+y)", domain="x>=0,y>=0").lambda_ == Fraction(1, 2)
