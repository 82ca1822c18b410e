"""Latent classes by their local moments: against hand reductions, against the cells, and what is refused."""

from itertools import product

import mpmath
import pytest
import sympy
from sympy import Rational, symbols

from slt_symbolic import InvalidInput, models

HALF, THIRD, QUARTER = Rational(1, 2), Rational(1, 3), Rational(1, 4)
FAIR = [THIRD] * 3  # three states
a, b, c, d, t = symbols("a b c d t")


def classes(weights, *places):
    """Components and their truth: the last weight is determined, distributions are given by the state or states."""
    free = symbols(f"w0:{len(places) - 1}")
    components, at = [], dict(zip(free, weights, strict=True))
    for k, (weight, place) in enumerate(zip((*free, 1 - sum(free)), places, strict=True)):
        component = []
        for i, given in enumerate(place):
            states = given[:-1] if isinstance(given, list) else [given]
            found = symbols(f"p{k}_{i}_0:{len(states)}")
            at.update(zip(found, states, strict=True))
            component.append([*found, 1 - sum(found)] if isinstance(given, list) else found[0])
        components.append((weight, component))
    return components, at


def latent(weights, *places):
    return models.mixture("independent", *classes(weights, *places))


def cells_of(components):
    tables = [[list(p) if isinstance(p, list) else [p, 1 - p] for p in component] for _, component in components]
    return [sum(weight * sympy.prod(table[i][j] for i, j in enumerate(cell))
                for (weight, _), table in zip(components, tables, strict=True))
            for cell in product(*(range(len(one)) for one in tables[0]))]


PAIR_AND_ONE = ([THIRD, THIRD], [THIRD] * 4, [THIRD] * 4, [QUARTER] * 4)

# A place takes a coordinate for its weight (but one place), n for its mean, and n/4 for the difference of two classes
# there, whose products d_i d_j are generators (n >= 3); with more states d_i is a vector.
BY_HAND = [
    ("two of three classes coincide", lambda: latent(*PAIR_AND_ONE), "11/2", 1),
    ("two pairs", lambda: latent([QUARTER] * 3, [THIRD] * 5, [THIRD] * 5, [QUARTER] * 5, [QUARTER] * 5), "8", 1),
    # |d_i| |d_j| with d_i in R^2: 3 * 2/4 beside the means 6/2
    ("two classes, three states", lambda: latent([HALF], [FAIR] * 3, [FAIR] * 3), "9/2", 1),
    # w d_i d_j at w = 0: (n + 1)/2 as in Rusakov and Geiger; and with the class elsewhere
    ("a class of weight 0 at another", lambda: latent([0, HALF], [THIRD] * 4, [THIRD] * 4, [QUARTER] * 4), "5", 1),
    # weights two coordinates, places 2 n
    ("a class of weight 0 elsewhere", lambda: latent([0, HALF], [HALF] * 4, [THIRD] * 4, [QUARTER] * 4), "5", 1),
]


@pytest.mark.parametrize(("build", "value", "m"), [pytest.param(*row[1:], id=row[0]) for row in BY_HAND])
def test_values(build, value, m):
    answer = build().rlct(timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == (value, m)


@pytest.mark.long
def test_many_classes_of_many_features():
    """Means n/2, and n rows of three differences that are nearly orthogonal: n 3/4 (derivations/orthogonal_rows.py)."""
    answer = latent([QUARTER] * 3, *[[THIRD] * 6] * 4).rlct(timeout=300)
    assert (str(answer.lambda_), answer.multiplicity) == ("15/2", 1)


@pytest.mark.parametrize("germ", [
    ([HALF], [HALF] * 3, [HALF] * 3), ([THIRD], [THIRD] * 3, [QUARTER] * 3),
    ([HALF], [FAIR, HALF, HALF], [FAIR, HALF, HALF]), ([HALF], [THIRD, HALF, HALF], [QUARTER, HALF, HALF]),
    ([THIRD, THIRD], [THIRD] * 3, [THIRD] * 3, [QUARTER] * 3)],
    ids=["uniform", "distinct", "states", "one differs", "few cells"])
def test_the_same_as_by_the_cells(germ):
    components, at = classes(*germ)
    moments, cells = latent(*germ).rlct(timeout=60), models.categorical(cells_of(components), at).rlct(timeout=60)
    assert moments.status == cells.status == "exact"
    assert (moments.lambda_, moments.multiplicity) == (cells.lambda_, cells.multiplicity)


def divergence(components, at, names):
    values = sympy.lambdify(names, cells_of(components), "mpmath")
    truth = values(*at.values())
    return lambda point: sum(q * mpmath.log(q / p) for q, p in zip(truth, values(*point), strict=True))


CURVES = [[1, -1, 0], [1, -2, 1], [0, 0, 1], [1, 1, 0]]  # how far the three classes move at each feature


@pytest.mark.parametrize(("kept", "comparable"), [(15, True), (9, False)])
def test_the_divergence_along_curves_that_means_do_not_see(kept, comparable):
    """Two classes that part from each other leave the mean where it is: without the products K is of another order."""
    components, at = classes(*PAIR_AND_ONE)
    names, found = list(at), []
    squares = sympy.lambdify(names, latent(*PAIR_AND_ONE).generators[:kept], "mpmath")
    with mpmath.workdps(40):
        k_of = divergence(components, {s: mpmath.mpf(v.p) / v.q for s, v in at.items()}, names)
        for moved in CURVES:
            for e in (mpmath.mpf(1) / 100, mpmath.mpf(1) / 1000):
                steps = [0, 0, *(speed * (i + 1) * e for speed in moved for i in range(4))]
                point = [mpmath.mpf(v.p) / v.q + step for v, step in zip(at.values(), steps, strict=True)]
                total = sum(g**2 for g in squares(*point))
                found.append(k_of(point) / total if total > mpmath.mpf(10)**-60 else mpmath.inf)
    assert (max(found) < 1000 * min(found)) == comparable


def test_what_the_statement_says():
    assert "local moments" in latent(*PAIR_AND_ONE).statement
    assert "all cells" in latent([THIRD, THIRD], [THIRD] * 3, [THIRD] * 3, [QUARTER] * 3).statement


INNER = {t: HALF, a: HALF, b: HALF, c: HALF, d: HALF}


@pytest.mark.parametrize(("components", "at", "words"), [
    ([(t, a), (1 - t, b)], INNER, "a is no list of variables"),
    ([(t, []), (1 - t, [])], INNER, "is no list of variables"),
    ([(t, [a, b]), (1 - t, [c])], INNER, "differ in their variables, or in the numbers of their states"),
    ([(t, [a, [b, 1 - b]]), (1 - t, [c, [d, HALF, HALF - d]])], {**INNER, d: QUARTER}, "the numbers of their states"),
    ([(t, [a, [b, b]]), (1 - t, [c, d])], {**INNER, b: QUARTER}, "do not sum to 1"),
    ([(t, [a, b]), (1 - t, [c, d])], {**INNER, a: 0}, "probabilities: are 0, 1 at the truth"),
    ([(t, [a, b]), (1 - t, [c, d])], {**INNER, a: 2}, "probabilities: are 2, -1 at the truth"),
    ([(t, [a, b]), (1 - t, [c, d])], {**INNER, t: 2}, "weights: are 2, -1 at the truth"),
    ([(t, [a, b]), (1 - t, [c, 0.5])], INNER, "the float 0.5.* is not exact"),
    ([(t, [a] * 13), (1 - t, [b] * 13)], INNER, "have 8192 cells; try variables with at most 4096"),
])
def test_refused(components, at, words):
    with pytest.raises(InvalidInput, match=words) as caught:
        models.mixture("independent", components, at)
    assert "\n" not in str(caught.value)
