"""Naive Bayes (latent class) models with binary features: the minimum over the fibre."""

from __future__ import annotations

from fractions import Fraction

import sympy

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import MULTIPLICITY_ONE, ClosedForm
from slt_symbolic.closed_forms.parameter import Condition, Parameter, Sizes
from slt_symbolic.closed_forms.sources import RUSAKOV_GEIGER_2005, THIS_PROJECT
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.threshold import Bound, Threshold

FEATURES = Parameter("n", "number of binary features", minimum=3)
CLASSES = Parameter("k", "number of classes of the model")
TRUE_CLASSES = Parameter("r", "number of distinct classes of the truth, of positive weight")
n, k, r = (parameter.symbol for parameter in (FEATURES, CLASSES, TRUE_CLASSES))


def cells_germ(features: int, classes: int, true: int) -> Germ:
    """Mixed moments of all sets of features less the truth's; surplus classes have weight 0 and other probabilities."""
    places = [[sympy.Rational(1 + (c + 1) * (i + 2) % 7, 9) for i in range(features)] for c in range(classes)]
    shares = [sympy.Rational(1, true)] * true + [sympy.Integer(0)] * (classes - true)
    weights = sympy.symbols(f"w1:{classes}")
    moves = [sympy.symbols(f"t{c}_0:{features}") for c in range(classes)]
    masses = [shares[0] - sum(weights), *(share + weight for share, weight in zip(shares[1:], weights, strict=True))]
    generators = []
    for subset in range(1, 2**features):
        chosen = [i for i in range(features) if subset >> i & 1]
        found = sum(mass * sympy.prod([place[i] + move[i] for i in chosen])
                    for mass, place, move in zip(masses, places, moves, strict=True))
        truth = sum(share * sympy.prod([place[i] for i in chosen]) for share, place in zip(shares, places, strict=True))
        generators.append(sympy.expand(found - truth))
    return Germ.at(generators, (*weights, *(x for row in moves for x in row)))


def _decide(sizes: Sizes) -> Threshold:
    value, multiplicity = NAIVE_BAYES.formula(sizes)
    if sizes["k"] <= 2:
        return Threshold(value, value, multiplicity, NAIVE_BAYES.evidence)
    return Threshold.between(Bound(Fraction(sizes["n"], 2), "the means of the features are coordinates"),
                             Bound(value, "true classes, and others of weight 0"), None, "proved")


NAIVE_BAYES = ClosedForm(
    name="naive-bayes",
    title="Naive Bayes (latent class) model with binary features",
    parameters=(FEATURES, CLASSES, TRUE_CLASSES),
    sources=(RUSAKOV_GEIGER_2005, THIS_PROJECT),
    expr=(r * n + k - 1) / 2,
    multiplicity=MULTIPLICITY_ONE,
    conditions=(Condition(r <= k, "the truth has more classes than the model", "r <= k"),),
    assumptions=(
        "P(x) = sum_c w_c prod_i P(x_i | c), w_c >= 0 that sum to 1; the truth has r classes in general position (any "
        "two differ in every feature), with probabilities strictly between 0 and 1",
        "the minimum over all parameters with the true distribution, for k <= 2; for k > 2 the formula is an upper "
        "bound, and `at` gives the bracket",
    ),
    evidence=Evidence("proved", "means, and w(1 - w) times products of differences; least where a weight is 0",
                      (RUSAKOV_GEIGER_2005, THIS_PROJECT)),
    recompute=lambda sizes: rlct(cells_germ(sizes["n"], sizes["k"], sizes["r"]), timeout=AUDIT_SECONDS).threshold,
    decide=_decide,
    audits=({"n": 3, "k": 1, "r": 1}, {"n": 3, "k": 2, "r": 1}, {"n": 3, "k": 2, "r": 2}, {"n": 4, "k": 2, "r": 1},
            {"n": 4, "k": 2, "r": 2}),
    derivation="naive_bayes",
)
