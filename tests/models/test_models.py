"""Statistical models: their coefficients against the literature, their reductions against the divergence itself."""

from fractions import Fraction
from itertools import product

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Integer, Matrix, Rational, Symbol, symbols

from slt_symbolic import InvalidInput, models
from slt_symbolic.models import recipes

HALF, THIRD = Rational(1, 2), Rational(1, 3)
t, a, b, c, d, s, u, v, x = symbols("t a b c d s u v x")


def naive_bayes(states, features, at_weight=HALF):
    """The cells of binary features that are independent given a hidden state, and a truth that is uniform."""
    weights = list(symbols(f"w1:{states}"))
    weights.append(1 - sum(weights))
    p = [symbols(f"p{k}_0:{features}") for k in range(states)]
    cells = [sum(w * sympy.prod(q if e else 1 - q for q, e in zip(row, cell, strict=True))
                 for w, row in zip(weights, p, strict=True)) for cell in product((0, 1), repeat=features)]
    return cells, {**dict.fromkeys(weights[:-1], at_weight), **{q: HALF for row in p for q in row}}


def factor_analysis(loadings):
    n = len(loadings)
    load, noise = symbols(f"l0:{n}"), symbols(f"u0:{n}")
    matrix = Matrix(n, n, lambda i, j: load[i] * load[j] + (noise[i] if i == j else 0))
    return models.covariance(matrix, {**dict(zip(load, loadings, strict=True)), **dict.fromkeys(noise, 1)})


def reduced_rank(outputs, inputs, hidden):
    first = Matrix(hidden, inputs, symbols(f"a0:{hidden * inputs}"))
    second = Matrix(outputs, hidden, symbols(f"b0:{outputs * hidden}"))
    mean = second * first * Matrix(symbols(f"x0:{inputs}"))
    return models.regression(list(mean), "gaussian", dict.fromkeys([*first, *second], 0))


def hidden_markov():
    """Two states and two symbols, three steps, from the second state on symmetric: p(cell) by the forward recursion."""
    stay, emit = symbols("g e")
    rows = {0: (1 - emit, emit), 1: (emit, 1 - emit)}
    cells = []
    for word in product((0, 1), repeat=3):
        weight = [HALF * rows[0][word[0]], HALF * rows[1][word[0]]]
        for letter in word[1:]:
            weight = [(stay * weight[k] + (1 - stay) * weight[1 - k]) * rows[k][letter] for k in (0, 1)]
        cells.append(sum(weight))
    return models.categorical(cells, {stay: HALF, emit: HALF})


def latent_tree(edges):
    """A Gaussian star with unit variances: covariances are products of the edges' correlations."""
    r = symbols(f"r0:{len(edges)}")
    matrix = Matrix(len(r), len(r), lambda i, j: 1 if i == j else r[i] * r[j])
    return models.covariance(matrix, dict(zip(r, edges, strict=True)))


def matrix_factorisation():
    """Stochastic matrix factorisation (LDA) in the interior: columns of A B with column sums 1, at equal topics."""
    p, q = symbols("p0:4"), symbols("q0:3")  # topics (p0, p1, .), (p2, p3, .) and their shares in three documents
    cells = [sum(Rational(1, 3) * value for value in (share * p[i] + (1 - share) * p[2 + i],))
             for share in q for i in (0, 1)]
    rest = [Rational(1, 3) - cells[2 * k] - cells[2 * k + 1] for k in range(3)]
    return models.categorical([*cells, *rest], {**dict.fromkeys(p, THIRD), **dict.fromkeys(q, HALF)})


def normals(weight, first=(0, 1), second=(0, 1)):
    return models.mixture("normal-variance", [(t, (a, u)), (1 - t, (b, v))],
                          {t: weight, a: first[0], u: first[1], b: second[0], v: second[1]})


def located_normals(*places):
    """Normals of equal weights, of which all but one may change, with these means at the truth."""
    weights, means = symbols(f"w1:{len(places)}"), symbols(f"m0:{len(places)}")
    return models.mixture("normal", [*zip(weights, means[1:], strict=True), (1 - sum(weights), means[0])],
                          {**dict.fromkeys(weights, Rational(1, len(places))), **dict(zip(means, places, strict=True))})


def tanh_units(count, inputs=1):
    """Units of one output at zero truth."""
    weights = [symbols(f"a{k} b{k}_0:{inputs}") for k in range(count)]
    forms = [sum(b * y for b, y in zip(row[1:], symbols(f"x0:{inputs}"), strict=True)) for row in weights]
    return models.jets([row[0] * sympy.tanh(form) for row, form in zip(weights, forms, strict=True)],
                       {p: 0 for row in weights for p in row}, 2 * count - 1)


def units_at(*truth):
    """Units ``a tanh(b x)`` at these a and b."""
    known = [(*symbols(f"a{k} b{k}"), *pair) for k, pair in enumerate(truth)]
    return models.jets([p * sympy.tanh(q * x) for p, q, *_ in known],
                       {symbol: value for p, q, *pair in known for symbol, value in zip((p, q), pair, strict=True)}, 60)


IN_THE_PLANE = {t: HALF, **dict.fromkeys((a, b, c, d), 0)}
LITERATURE = [
    # Rusakov, Geiger 2002: 3n/4 at an inner weight and equal states, (n + 1)/2 at weight 0
    ("naive Bayes, 3 features", lambda: models.categorical(*naive_bayes(2, 3)), "9/4", 1),
    ("naive Bayes, 4 features", lambda: models.categorical(*naive_bayes(2, 4)), "3", 1),
    ("naive Bayes, weight 0", lambda: models.categorical(*naive_bayes(2, 4, 0)), "5/2", 1),
    # Drton, Plummer 2017; Drton, Lin, Weihs, Zwiernik 2017: n/2 of the variances, n/4 of zero loadings
    ("one factor, 3 variables", lambda: factor_analysis([0] * 3), "9/4", 1),
    ("one factor, 4 variables", lambda: factor_analysis([0] * 4), "3", 1),
    ("one factor, two loadings", lambda: factor_analysis([1, 1, 0, 0]), "7/2", 1),
    ("Gaussian star of 4", lambda: latent_tree([0] * 4), "1", 1),
    # Aoyagi, Watanabe 2005
    ("reduced rank 2 2 2", lambda: reduced_rank(2, 2, 2), "3/2", 1),
    ("reduced rank 3 2 1", lambda: reduced_rank(3, 2, 1), "1", 1),
    ("reduced rank 2 2 1", lambda: reduced_rank(2, 2, 1), "1", 2),
    # Yamazaki, Watanabe 2003; Watanabe 2009, ch. 7
    ("two normals", lambda: models.mixture("normal", [(t, a), (1 - t, b)], {t: HALF, a: 0, b: 0}), "3/4", 1),
    # a mean for each place, a square for each component beyond its first, weights of places: 1/2 + 5/4, 3/2 + 3/4 + 1
    ("six normals at one", lambda: located_normals(*[0] * 6), "7/4", 1),
    ("six normals at three", lambda: located_normals(0, 0, 1, 1, 2, 2), "13/4", 1),
    # weights of places that the truth has not are coordinates >= 0
    ("two superfluous normals elsewhere", lambda: models.mixture(
        "normal", [(t, a), (s, b), (1 - t - s, c)], {t: 0, s: 0, a: 1, b: 1, c: 0}), "3/2", 1),
    # in R^d: d/2 of the mean and d/4, or (d + 1)/2 at the weight 0; at two places each has a mean, and one a weight
    ("two normals in the plane", lambda: models.mixture("normal", [(t, [a, b]), (1 - t, [c, d])], IN_THE_PLANE),
     "3/2", 1),
    ("a normal of weight 0 in space", lambda: models.mixture("normal", [(t, [a, b, u]), (1 - t, [c, d, v])],
                                                             {t: 0, **dict.fromkeys((a, b, c, d, u, v), 0)}), "2", 1),
    ("three normals at two places of the plane", lambda: models.mixture(
        "normal", [(t, [a, b]), (THIRD, [c, d]), (1 - THIRD - t, [u, v])],
        {t: THIRD, u: 1, **dict.fromkeys((a, b, c, d, v), 0)}), "3", 1),
    ("two normals, one mean fixed",
     lambda: models.mixture("normal", [(1 - t, Integer(0)), (t, b)], {t: 0, b: 0}), "1/2", 2),
    ("two Poisson laws", lambda: models.mixture("poisson", [(t, a), (1 - t, b)], {t: HALF, a: 1, b: 1}), "3/4", 1),
    ("two binomial laws", lambda: models.mixture("binomial", [(t, a), (1 - t, b)], {t: HALF, a: HALF, b: HALF}, 4),
     "3/4", 1),
    ("two coins", lambda: models.mixture("binomial", [(t, a), (1 - t, b)], {t: HALF, a: HALF, b: HALF}, 1), "1/2", 1),
    # by cumulants: mean, variance, and (d e, e^2, d^4) with e = v1 - v2 + (...) d^2 for d = b1 - b2, times the weights
    ("two normals with variances", lambda: normals(HALF), "3/2", 2),
    ("two normals with variances, weight 1", lambda: normals(1), "3/2", 3),
    ("two distinct normals with variances", lambda: normals(THIRD, (0, 1), (1, 2)), "5/2", 1),
    # two at one place, 1 + 1/2 of the mean and the variance there, and one elsewhere, with its weight 3/2
    ("three normals with variances", lambda: models.mixture(
        "normal-variance", [(HALF, (a, u)), (t, (b, v)), (HALF - t, (c, s))],
        {t: THIRD, a: 0, b: 0, c: 1, u: 1, v: 1, s: Rational(3, 2)}), "3", 2),
    ("three distinct normals with variances", lambda: models.mixture(
        "normal-variance", [(x, (a, u)), (t, (b, v)), (1 - t - x, (c, s))],
        {t: THIRD, x: THIRD, a: 0, b: 2, c: 1, u: 1, v: 1, s: Rational(3, 2)}), "4", 1),
    # mean, variance, and (1 - 2t) d^3, d^4: 1 + 1/8 at t = 1/2, where t - 1/2 and d meet at (1, 3)
    ("two normals with one variance", lambda: models.mixture(
        "normal-variance", [(t, (a, v)), (1 - t, (b, v))], {t: HALF, a: 0, b: 0, v: 1}), "7/6", 1),
    # Aoyagi 2010: (H + i^2 + i)/(4i + 2), i = floor(sqrt H)
    ("one tanh unit", lambda: tanh_units(1), "1/2", 2),
    ("two tanh units", lambda: tanh_units(2), "2/3", 1),
    # units of other directions are regular, and units at zero as at zero truth: 1 + 5/6; pairs as mixtures: 5/4 each,
    # and two regular equations, a0 b0 + a1 b1 and b0^2 - 1 times it, where they cancel
    ("a tanh unit and three at zero", lambda: units_at((1, 1), (0, 0), (0, 0), (0, 0)), "11/6", 1),
    ("two pairs of tanh units", lambda: units_at((HALF, 1), (HALF, 1), (1, 2), (1, 2)), "5/2", 1),
    ("two pairs of which one cancels", lambda: units_at((HALF, 1), (HALF, -1), (1, 2), (1, 2)), "9/4", 1),
    # a b = 0 with b in R^2: min(1, 2)/2
    ("one tanh unit of two inputs", lambda: tanh_units(1, 2), "1/2", 1),
    # a b (coefficients of b x + ...) and its even part, sum of a b^2 = (sum of a b) b1 + a2 b2 (b2 - b1)
    ("two exponential units", lambda: models.jets(
        [a * sympy.exp(b * x), c * sympy.exp(d * x)], dict.fromkeys((a, b, c, d), 0), 1), "1", 2),
    # derivations/one_head_attention.py, and the last is reduced rank regression (2, 1, 2, 0)
    ("attention, 3 tokens", lambda: models.attention(3, 2, 1), "7/2", 1),
    ("attention, onto", lambda: models.attention(3, 3, 3), "6", 1),
    ("attention, uniform truth", lambda: models.attention(2, 2, 0), "1", 2),
    # K is comparable to t^2 + b^2 on t >= 0, and a is flat
    ("a superfluous normal elsewhere", lambda: models.mixture("normal", [(t, a), (1 - t, b)], {t: 0, a: 1, b: 0}),
     "1", 1),
    # Hayashi 2021: (M - 1)/2 + that of reduced rank regression (2, 2, 1, 0)
    ("two topics", matrix_factorisation, "2", 2),
    # u = 2e - 1 and v = 2g - 1: neighbours have the covariance u^2 v, the ends u^2 v^2
    ("hidden Markov chain", hidden_markov, "1/4", 1),
    ("softmax of two layers", lambda: models.softmax([t * s * x, Integer(0)], [{x: 0}, {x: 1}], {t: 0, s: 0}),
     "1/2", 2),
]


@pytest.mark.parametrize(("build", "value", "m"), [pytest.param(*row[1:], id=row[0]) for row in LITERATURE])
def test_literature(build, value, m):
    model = build()
    answer = model.rlct(timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == (value, m)
    assert "K" in model.statement


@pytest.mark.long
@pytest.mark.parametrize(("build", "value"), [
    # means n/2, and rows of two differences, orthogonal for the covariance of the classes: n/2, as in derivations
    (lambda: models.categorical(*naive_bayes(3, 4, THIRD)), "4"),
    (lambda: models.categorical(*naive_bayes(2, 6)), "9/2"),
    (lambda: models.categorical(*naive_bayes(2, 5, 0)), "3"), (lambda: factor_analysis([0] * 6), "9/2"),
    (lambda: reduced_rank(3, 3, 2), "5/2")], ids=["three classes", "naive Bayes", "naive Bayes, weight 0", "one factor",
                                                               "reduced rank"])
def test_literature_at_larger_sizes(build, value):
    assert str(build().rlct(timeout=120).lambda_) == value


# The divergence itself, written again for mpmath: of what lies at a point from the truth; both are lists of numbers.


def function_of(names, expressions):
    return sympy.lambdify(list(names), list(expressions), "mpmath")


def of_cells(names, cells):
    values = function_of(names, cells)
    return lambda truth, point: sum(q * mpmath.log(q / p) for q, p in zip(values(*truth), values(*point), strict=True))


def of_covariance(names, matrix):
    values, n = function_of(names, matrix), matrix.rows

    def divergence(truth, point):
        first, second = (mpmath.matrix([values(*where)[k:k + n] for k in range(0, n * n, n)])
                         for where in (truth, point))
        ratio = second**-1 * first
        return (sum(ratio[i, i] for i in range(n)) - mpmath.log(mpmath.det(ratio)) - n) / 2
    return divergence


def of_mixture(names, pairs, density, total):
    weights, places = function_of(names, [w for w, _ in pairs]), function_of(names, [m for _, m in pairs])

    def divergence(truth, point):
        def mass(where):
            known = list(zip(weights(*where), places(*where), strict=True))
            return lambda y: sum(w * density(y, m) for w, m in known)
        q, p = mass(truth), mass(point)
        return total(lambda y: q(y) * mpmath.log(q(y) / p(y)))
    return divergence


def of_softmax(names, logits):
    values = [function_of(names, [z.subs(x, place) for z in logits]) for place in range(3)]

    def divergence(truth, point):
        total = mpmath.mpf(0)
        for z in values:
            q, p = ([mpmath.exp(value) for value in z(*where)] for where in (truth, point))
            total += sum(u / sum(q) * mpmath.log((u / sum(q)) / (v / sum(p))) for u, v in zip(q, p, strict=True))
        return total
    return divergence


def normal(y, mean):
    return mpmath.exp(-((y - mean) ** 2) / 2) / mpmath.sqrt(2 * mpmath.pi)


def over_the_line(f):
    """The trapezoidal rule with steps of 1/8: exact to 20 digits for what is analytic and falls like a Gaussian."""
    return sum(f(mpmath.mpf(k) / 8) for k in range(-88, 89)) / 8


def normal_with_variance(y, place):
    return normal(((y - place[0]) / mpmath.sqrt(place[1])), 0) / mpmath.sqrt(place[1])


def of_units(names, units):
    """``E|f - f*|^2/2`` for inputs uniform on [-1, 1], by Gauss-Legendre nodes."""
    value = sympy.lambdify([x, *names], sum(units), "mpmath")

    def divergence(truth, point):
        return mpmath.quad(lambda y: (value(y, *point) - value(y, *truth))**2, [-1, 1]) / 4
    return divergence


def poisson(k, mean):
    return mpmath.exp(-mean) * mean**k / mpmath.factorial(k)


def binomial(k, chance):
    """Of two trials."""
    return mpmath.binomial(2, k) * chance**k * (1 - chance)**(2 - k)


def boltzmann_cells(visible, hidden):
    """Probabilities by summation over the hidden units, in the hyperbolic tangents of the weights."""
    names = symbols(f"t0:{visible * hidden}")
    weights = [sympy.prod(sum(sympy.prod(1 + names[i * hidden + k] * x * h for i, x in enumerate(spins))
                              for h in (1, -1)) for k in range(hidden)) for spins in product((1, -1), repeat=visible)]
    return [weight / sum(weights) for weight in weights]


def over_the_integers(f):
    return sum(f(k) for k in range(40))


CELLS, UNIFORM = naive_bayes(2, 3)
FACTOR = factor_analysis([1, 1, 0])
FACTOR_MATRIX = Matrix(3, 3, lambda i, j: Symbol(f"l{i}") * Symbol(f"l{j}") + (Symbol(f"u{i}") if i == j else 0))
PAIR = [(t, a), (1 - t, b)]
TRIPLE = [(t, a), (THIRD, b), (1 - THIRD - t, c)]
COINS = [(t, a), (s, b), (1 - t - s, c)]
MACHINE = recipes.boltzmann_machine(3, 2)
TWO_NORMALS = [(t, (a, u)), (1 - t, (b, v))]
UNITS = [a * sympy.tanh(b * x), c * sympy.tanh(d * x)]
LOGITS = [t * s * x, t + s * x**2, Integer(0)]
REDUCTIONS = {
    "categorical": (models.categorical(CELLS, UNIFORM), of_cells(UNIFORM, CELLS)),
    "covariance": (FACTOR, of_covariance(FACTOR.point, FACTOR_MATRIX)),
    "normal": (models.mixture("normal", PAIR, {t: HALF, a: 0, b: 0}),
               of_mixture((t, a, b), PAIR, normal, over_the_line)),
    "normal at two places": (models.mixture("normal", TRIPLE, {t: THIRD, a: 0, b: 0, c: 1}),
                             of_mixture((t, a, b, c), TRIPLE, normal, over_the_line)),
    "poisson": (models.mixture("poisson", PAIR, {t: THIRD, a: 1, b: 1}),
                of_mixture((t, a, b), PAIR, poisson, over_the_integers)),
    "binomial": (models.mixture("binomial", COINS, {t: THIRD, s: THIRD, a: THIRD, b: THIRD, c: THIRD}, 2),
                 of_mixture((t, s, a, b, c), COINS, binomial, lambda f: sum(map(f, range(3))))),
    "Boltzmann machine": (MACHINE, of_cells(MACHINE.point, boltzmann_cells(3, 2))),
    "normal-variance": (normals(HALF), of_mixture((t, a, u, b, v), TWO_NORMALS, normal_with_variance, over_the_line)),
    "jets": (models.jets(UNITS, {a: 1, b: 1, c: 0, d: 1}, 9), of_units((a, b, c, d), UNITS)),
    "softmax": (models.softmax(LOGITS, [{x: 0}, {x: 1}, {x: 2}], {t: 0, s: 0}), of_softmax((t, s), LOGITS)),
}
RAYS = [(1, 1, 1), (0, 1, -1), (1, -1, 0), (0, 1, 1), (1, 0, 0), (1, 2, -1), (0, 2, -1), (-1, 0, 2), (0, 0, 1)]


def ratios(model, generators, divergence):
    """The divergence over the sum of squares, along rays through the truth."""
    squares = function_of(model.point, generators)
    with mpmath.workdps(30):
        truth = [mpmath.mpf(v.p) / v.q for v in model.point.values()]
        for ray in RAYS:
            direction = [ray[i % 3] * (1 if i < 3 else (-1)**i) for i in range(len(truth))]
            for e in (mpmath.mpf(1) / 50, mpmath.mpf(1) / 400):
                point = [value + d * e for value, d in zip(truth, direction, strict=True)]
                total, k = sum(g**2 for g in squares(*point)), divergence(truth, point)
                if max(total, k) > mpmath.mpf(10)**-17:  # both are 0 on rays of the fibre
                    yield k / total if total > mpmath.mpf(10)**-25 else mpmath.inf


@pytest.mark.parametrize("name", REDUCTIONS)
def test_the_divergence_is_comparable_to_the_squares(name):
    """Within a factor of 1000 along all rays: a generator too few or too many is off by powers of 50 and 400."""
    model, divergence = REDUCTIONS[name]
    found = list(ratios(model, model.generators, divergence))
    assert len(found) > 10
    assert max(found) < 1000 * min(found)


@pytest.mark.parametrize("name", ["normal", "poisson", "Boltzmann machine", "jets"])
def test_a_moment_too_few_is_noticed(name):
    model, divergence = REDUCTIONS[name]
    found = list(ratios(model, model.generators[:1], divergence))
    assert max(found) > 1000 * min(found)


@pytest.mark.parametrize(("kept", "comparable"), [(6, True), (2, False)])
def test_the_divergence_of_normals_in_the_plane(kept, comparable):
    """Without the second moments those that part from each other are lost; sums over a lattice are integrals."""
    model = models.mixture("normal", [(t, [a, b]), (1 - t, [c, d])], IN_THE_PLANE)
    squares = sympy.lambdify(list(model.point), [g**2 for g in model.generators[:kept]])
    grid = np.arange(-8, 8.25, 0.25)
    y, z = np.meshgrid(grid, grid)

    def density(weight, *means):
        return sum(w * np.exp(-((y - m) ** 2 + (z - n) ** 2) / 2)
                   for w, m, n in ((weight, *means[:2]), (1 - weight, *means[2:])))

    q, found = density(0.5, 0, 0, 0, 0), []
    for moved in ((1, 0, -1, 0), (1, 1, -1, -1), (0, 1, 0, 0), (1, 2, 2, -1)):
        for e in (0.2, 0.05):
            point = (0.5, *(e * m for m in moved))
            ratio = density(*point) / q - 1
            total = sum(squares(*point))
            found.append((q * (ratio - np.log1p(ratio))).sum() / total if total > 1e-30 else np.inf)
    assert (max(found) < 100 * min(found)) == comparable


def test_a_wrong_exponent_is_noticed():
    """The squares of a mean instead of the mean: on rays the quotient grows like e^-2."""
    model, divergence = REDUCTIONS["covariance"]
    found = list(ratios(model, [g**2 for g in model.generators], divergence))
    assert max(found) > 1000 * min(found)


REFUSED = [
    (lambda: models.categorical([t, t], {t: HALF}), "do not sum to 1"),
    (lambda: models.categorical([t, 1 - t], {t: 0}), "cell 0: is 0 at the truth"),
    (lambda: models.categorical([t, 1 - t], {t: 2}), "cell 1: is -1 at the truth"),
    (lambda: models.categorical([t * s, 1 - t * s], {t: HALF}), "s has no value at the truth"),
    (lambda: models.categorical([sympy.exp(t), 1 - sympy.exp(t)], {t: -1}), "is no quotient of polynomials"),
    (lambda: models.categorical([1 / t, 1 - 1 / t], {t: 0}), "cell 0: is zoo at the truth"),
    (lambda: models.covariance(Matrix([[a**2]]).inv(), {a: 0}), "is not positive definite at the truth"),
    (lambda: models.regression(a * x / (1 + b * x), [{x: 1}], {a: 1, b: -1}), "parameters at which no denominator"),
    (lambda: models.categorical([t, 1 - t], {t: 0.5}), "at t: 0.5 is no rational number"),
    (lambda: models.categorical([t, 1 - t], {"t": HALF}), "is no symbol"),
    (lambda: models.categorical([t, 1 - t], []), "is no table of all parameters"),
    (lambda: models.categorical([], {t: 0}), "there are none"),
    (lambda: models.categorical([HALF, HALF], {t: 0}), "does not depend on its parameters"),
    (lambda: models.softmax([t * x, Integer(0)], "gaussian", {t: 0}), "is no list of tables"),
    (lambda: models.softmax([t * x], [{x: 1}], {t: 0}), "of a single class"),
    (lambda: models.softmax([t * x, Integer(0)], [{t: 1}], {t: 0}), "t is a parameter too"),
    (lambda: models.softmax([t * x, Integer(0)], [{x: 1}, {s: 1}], {t: 0}), "is no table of the same symbols"),
    (lambda: models.regression(t * x, "uniform", {t: 0}), "is no distribution that is known"),
    (lambda: models.regression(t / x, "gaussian", {t: 0}), "is no polynomial"),
    # at a kink there is no branch, and with a kink in the inputs there are cells
    (lambda: models.regression(a * sympy.Max(b * x, 0), [{x: 1}], {a: 1, b: 0}), "quotient .* try each cell of signs"),
    (lambda: models.regression(a * sympy.Abs(x), "gaussian", {a: 1}), "is no polynomial; try each cell of signs"),
    (lambda: models.regression(a * sympy.tanh(b * x), [{x: 1}], {a: 0, b: 0}), "or models.jets for sums of units"),
    (lambda: models.regression(t * x, [{x: 0.5}], {t: 0}), "input x: 0.5 is no rational number"),
    (lambda: models.covariance(Matrix([[1, a], [b, 1]]), {a: 0, b: 0}), "is not symmetric"),
    (lambda: models.covariance(Matrix([[1, a], [a, 1]]), {a: 1}), "not positive definite at the truth: .* size 2 is 0"),
    (lambda: models.covariance(Matrix([[a], [a]]), {a: 1}), "is no square matrix"),
    (lambda: models.mixture("cauchy", PAIR, {t: HALF, a: 0, b: 0}), "is not known here"),
    (lambda: models.mixture("normal", PAIR, {t: HALF, a: 0, b: 0}, 3), "do not fit the family"),
    (lambda: models.mixture("binomial", PAIR, {t: HALF, a: HALF, b: HALF}), "do not fit the family"),
    (lambda: models.mixture("normal", [(t, a), (t, b)], {t: HALF, a: 0, b: 0}), "sum to 2\\*t, not to 1"),
    (lambda: models.mixture("normal", PAIR, {t: 2, a: 0, b: 0}), "weights: are 2, -1 at the truth"),
    (lambda: models.mixture("poisson", PAIR, {t: HALF, a: 0, b: 1}), "parameters: are 0, 1 at the truth"),
    (lambda: models.mixture("binomial", PAIR, {t: HALF, a: 1, b: HALF}, 2), "parameters: are 1, 1/2 at the truth"),
    (lambda: models.mixture("normal", [(t * s, a), (1 - t * s, b)], {t: 0, s: 0, a: 0, b: 0}), "on no side"),
    (lambda: models.mixture("normal", [t, a], {t: 0, a: 0}), "no list of pairs"),
    (lambda: models.mixture("normal", [(t, [a, b]), (1 - t, [c])], IN_THE_PLANE), "in the number of their means"),
    (lambda: models.mixture("poisson", [(t, [a, b]), (1 - t, [c, d])], {t: HALF, a: 1, b: 1, c: 1, d: 1}),
     "components: of the family poisson have one parameter each"),
    (lambda: models.mixture("normal-variance", PAIR, {t: HALF, a: 0, b: 0}), "a is no pair of a mean and a variance"),
    (lambda: normals(HALF, (0, 0)), "have the variance 0 at the truth"),
    (lambda: normals(0, (0, 2)), "have the variance 2 at the truth; try positive ones below 2"),
    (lambda: models.mixture("normal-variance", [(HALF / 2, pair) for pair in ((a, u), (b, v), (c, s), (d, t))],
                            {**dict.fromkeys((a, b, c, d), 0), **dict.fromkeys((u, v, s, t), 1)}), "by 30 moments"),
    (lambda: models.jets(UNITS, {a: 0, b: 0, c: 0, d: 0}, 1), "order=1: does not determine .* try order=3"),
    (lambda: models.jets([a * sympy.tanh(b * x + c)], {a: 0, b: 0, c: 0}, 9), "no linear form in the inputs without"),
    (lambda: models.jets([a * sympy.tanh(b * x), c * sympy.sin(d * x)], {a: 0, b: 0, c: 0, d: 0}, 9), "not of one"),
    (lambda: models.jets([a * sympy.Abs(b * x)], {a: 0, b: 0}, 9), "no analytic function of a form"),
    (lambda: models.jets([a * sympy.log(b * x)], {a: 0, b: 0}, 9), "is not analytic at 0"),
    (lambda: models.jets([a * x * sympy.tanh(b * x)], {a: 0, b: 0}, 9), "output weights: a/b is no polynomial"),
    (lambda: models.jets([a * sympy.tanh(b)], {a: 0, b: 0}, 9), "have no inputs"),
    (lambda: models.jets([[a * sympy.tanh(b * x)], [a, b]], {a: 0, b: 0}, 9), "the same number of outputs"),
    (lambda: models.attention(3, 2, 4), "is no network with its teacher"),
    # a parameter that was forgotten is no input
    (lambda: models.regression(a * b * x, "gaussian", {a: 0}), "at: b has no value and may be an input or a parameter"),
    (lambda: models.regression(a * (b * x + c), "gaussian", {a: 0, b: 0}), "at: c has no value and may be an input"),
    (lambda: models.regression(symbols("a1") * a, "gaussian", {a: 0}), "at: a1 has no value and may be an input"),
    (lambda: models.regression(a * b * x, {x: "gaussian"}, {a: 0}), "mean: b has no value at the truth"),
    (lambda: models.regression(a * b * x, {x: "gaussian", a: "gaussian"}, {a: 0, b: 0}), "a is a parameter too"),
    (lambda: models.regression(a * x, {x: 1}, {a: 0}), "input.* x: 1 is no law of a symbol"),
    (lambda: models.regression(a * x, {}, {a: 0}), "inputs: {} is no distribution"),
    (lambda: models.jets([a * sympy.tanh(b * x + c)], {a: 0, b: 0}, 9), "at: c has no value and may be an input"),
    # SymPy tells symbols of one name apart by their assumptions: the other one would be an input, silently
    (lambda: models.regression(Symbol("a", real=True) * b * x, "gaussian", {a: 0, b: 0}), "mean: a is the name of two"),
    (lambda: models.softmax([Symbol("x", real=True) * t, Integer(0)], [{x: 1}], {t: 0}), "logits: x is the name of"),
    (lambda: models.jets([Symbol("a", real=True) * sympy.tanh(b * x)], {a: 0, b: 0}, 9), "units: a is the name of two"),
    (lambda: models.categorical([0.5 + t, 0.5 - t], {t: 0}), "cells: the float 0.5.* is not exact"),
    (lambda: models.covariance(Matrix([[1.0 + t]]), {t: 0}), "matrix: the float 1.0.* is not exact"),
]


@pytest.mark.parametrize(("build", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_refused(build, words):
    with pytest.raises(InvalidInput, match=words) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_divergence_of_two_normals_along_curves_that_moments_tell_apart():
    """Along ``b1 = -b2 = e`` and variances ``1 - e^2`` the first three moments agree with the truth's, the fourth not:
    the divergence is that of order ``e^8``, and quotients with three generators run away."""
    model, divergence = REDUCTIONS["normal-variance"]
    with mpmath.workdps(30):
        found = []
        for e in (mpmath.mpf(1) / 10, mpmath.mpf(1) / 40):
            squares = [g**2 for g in function_of(model.point, model.generators)(HALF, e, 1 - e**2, -e, 1 - e**2)]
            k = divergence([HALF, 0, 1, 0, 1], [HALF, e, 1 - e**2, -e, 1 - e**2])
            assert sum(squares[:3]) < mpmath.mpf(10)**-50 < k
            found.append(k / sum(squares))
        assert 0.5 < found[0] / found[1] < 2


def test_orders_that_decide():
    """Even, odd and mixed functions, a finite part, and truths with distinct forms."""
    zero = dict.fromkeys((a, b, c, d), 0)
    cases = [(sympy.cos, zero, "0, 2"), (sympy.exp, zero, "0, 1"), (sympy.tanh, {**zero, a: 1, b: 1}, "1, 3, 5"),
             (lambda z: z * (1 + sympy.erf(z)), zero, "1, 2, 4"), (lambda z: 1 / (1 + sympy.exp(-z)), zero, "0, 1"),
             (lambda z: 1 / (1 + sympy.exp(-z)), {**zero, a: 1, b: 1}, "0, 1, 3, 5")]
    for g, at, orders in cases:
        assert f"n = {orders}:" in models.jets([a * g(b * x), c * g(d * x)], at, 9).statement


def test_generators_that_a_hand_reduction_gives():
    """Two normals at one: the mean, and ``t a^2 + (1 - t) b^2``, whose terms are not negative."""
    model = REDUCTIONS["normal"][0]
    mean, *squares = model.generators
    assert sympy.expand(mean - t * a - (1 - t) * b) == 0
    assert squares == [a**2, b**2]
    assert model.domain == []
    one = models.mixture("normal", PAIR, {t: 1, a: 0, b: 0})
    assert (one.domain, one.generators[1:]) == (["t<=1"], (a**2, sympy.expand(b**2 * (1 - t))))


def test_a_weight_that_is_0_stays_nonnegative_beside_a_domain_of_the_user():
    components, at = TRIPLE, {t: 0, a: 0, b: 0, c: 0}
    for domain, expected in [(None, ["t>=0"]), ("a<=5", ["t>=0", "a<=5"]), ("t>=-1", ["t>=0"])]:
        model = models.mixture("normal", components, at, domain=domain)
        assert model.domain == expected
        assert model.rlct(domain="c<=1").statement.measure.bounds[-1][:2] == ("c", "<=")
        assert "t >= 0" in model.rlct(domain="c<=1").germ_text()


def test_matrices_and_features_of_the_inputs():
    """Outputs in a column, and what is polynomial only once the inputs are put in."""
    column = models.regression(Matrix([a * x, b * x]), "gaussian", {a: 0, b: 0})
    assert column.generators == (a, b)
    assert "Gaussian inputs x " in column.statement
    features = models.regression(a * sympy.Max(x, 0) + b * sympy.Piecewise((x, x < 0), (0, True)), [{x: 2}, {x: -1}],
                                 {a: 0, b: 0})
    assert features.generators == (2 * a, -b)
    assert models.categorical(Matrix([a, 1 - a]), {a: HALF}).generators[0] == a - HALF


def test_inputs_that_are_named():
    """A symbol that may be a parameter is an input where it is named; x and y need no names."""
    named = models.regression(a * t * x, dict.fromkeys([t, x], "gaussian"), {a: 0})
    assert named.generators == (a,)
    assert "Gaussian inputs t, x " in named.statement
    assert models.regression(a * x + b * symbols("y"), "gaussian", {a: 0, b: 0}).generators == (a, b)


def test_branches_that_hold_near_the_truth():
    """A ReLU unit with a bias is a (b x + c) where it is active at the truth, 0 where it is not, by hand."""
    relu = a * sympy.Max(b * x + c, 0)
    at = {a: 1, b: 1, c: 0}
    model = models.regression(relu, [{x: value} for value in (-2, 1, 2)], at)
    assert model.generators == tuple(sympy.expand(a * (b * value + c) - value) for value in (1, 2))
    assert models.softmax([sympy.Abs(b) * x, sympy.Min(c, b)], [{x: 1}], at).generators == (b - c - 1,)


def test_inputs_that_determine_the_mean_are_as_good_as_gaussian_ones():
    mean = a * (b * x + c * x**2)
    at = {a: 0, b: 0, c: 1}
    few = models.regression(mean, [{x: value} for value in (0, 1, 2)], at).rlct()
    assert few.lambda_ == models.regression(mean, "gaussian", at).rlct().lambda_ == Fraction(1, 2)


@pytest.mark.parametrize(("build", "other"), [
    (lambda: models.categorical([a * b / (1 + a * b), 1 / (1 + a * b)], {a: 0 + HALF, b: 2}),
     lambda: models.categorical([a * b / 3, 1 - a * b / 3], {a: HALF, b: 2})),
    (lambda: models.categorical([q / (3 + a**2 * b**2) for q in (1 - a * b, 1 + a * b, 1 + a**2 * b**2)], {a: 0, b: 0}),
     lambda: models.regression(a * b * x, [{x: 1}], {a: 0, b: 0})),
    (lambda: models.covariance(Matrix([[1 + a**2, a * b], [a * b, 1 + b**2]]).inv(), {a: 0, b: 0}),
     lambda: models.covariance(Matrix([[1 + a**2, a * b], [a * b, 1 + b**2]]), {a: 0, b: 0})),
    (lambda: models.regression(a * b * x / (1 + b * x), [{x: 1}, {x: 2}], {a: 0, b: 0}),
     lambda: models.regression(a * b * x, [{x: 1}], {a: 0, b: 0})),
], ids=["odds", "three cells", "precision", "saturating"])
def test_quotients_of_polynomials(build, other):
    """The same model in coordinates of the outputs, in which it is polynomial, by hand."""
    found, same = build().rlct(), other().rlct()
    assert found.status == same.status == "exact"
    assert (found.lambda_, found.multiplicity) == (same.lambda_, same.multiplicity)
