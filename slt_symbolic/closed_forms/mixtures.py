"""Mixtures of a one-parameter family, at a truth with fewer components: the minimum over the fibre.

Notation: H components of the model, r of the truth. Weights are at least 0 and sum to 1, and that is used: a second
moment about a true component is a sum of terms of one sign.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import MULTIPLICITY_ONE, ClosedForm
from slt_symbolic.closed_forms.parameter import Condition, Parameter, Sizes
from slt_symbolic.closed_forms.sources import AOYAGI_2010, THIS_PROJECT
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.threshold import Bound, Threshold

COMPONENTS = Parameter("H", "number of components of the model")
TRUE_COMPONENTS = Parameter("r", "number of components of the truth, distinct and of positive weight")
TRIALS = Parameter("n", "number of trials")
H, r, n = (parameter.symbol for parameter in (COMPONENTS, TRUE_COMPONENTS, TRIALS))


def moment_germ(components: int, true: int, moments: int) -> Germ:
    """Moments of the mixing measure less the truth's, where the surplus components lie on the first true one.

    The true components are at 0, ..., true - 1, of equal weights; all weights are positive.

    >>> moment_germ(2, 1, 2).expressions[0]
    -a1*b0 + a1*b1 + b0/2 + b1/2
    """
    surplus = components - true + 1
    places = [0] * surplus + list(range(1, true))
    shares = [Fraction(1, true * surplus)] * surplus + [Fraction(1, true)] * (true - 1)
    changes, moves = sympy.symbols(f"a1:{components}"), sympy.symbols(f"b0:{components}")
    weights = [sympy.Rational(shares[0]) - sum(changes),
               *(sympy.Rational(share) + change for share, change in zip(shares[1:], changes, strict=True))]
    generators = []
    for j in range(1, moments + 1):
        found = sum(weight * (place + move) ** j for weight, place, move in zip(weights, places, moves, strict=True))
        generators.append(sympy.expand(found - sum(sympy.Rational(share) * place**j
                                                   for share, place in zip(shares, places, strict=True))))
    return Germ.at(generators, (*changes, *moves))


def _recompute(sizes: Sizes, moments: Callable[[Sizes], int]) -> Threshold:
    """What the engine certifies where all weights are positive."""
    return rlct(moment_germ(sizes["H"], sizes["r"], moments(sizes)), timeout=AUDIT_SECONDS).threshold


_VALUE = (H + 3 * r - 2) / 4
_CONDITION = Condition(r <= H, "the truth has more components than the model", "r <= H")
_AUDITS = ({"H": 1, "r": 1}, {"H": 2, "r": 1}, {"H": 3, "r": 1}, {"H": 2, "r": 2}, {"H": 3, "r": 2})
_HOW = "weights, first and second moments about the true components"
_FIBRE = ("the minimum over all parameters with the true distribution; it is attained where every component lies on a "
          "true one")


def _mixture(name: str, title: str, family: str) -> ClosedForm:
    return ClosedForm(
        name=name, title=title, parameters=(COMPONENTS, TRUE_COMPONENTS), sources=(THIS_PROJECT, AOYAGI_2010),
        expr=_VALUE, multiplicity=MULTIPLICITY_ONE, conditions=(_CONDITION,),
        assumptions=(family, _FIBRE),
        evidence=Evidence("proved", _HOW, (THIS_PROJECT,)),
        recompute=lambda sizes: _recompute(sizes, lambda given: 2 * given["H"] - 1),
        audits=_AUDITS,
        derivation="mixtures",
    )


NORMAL_MIXTURE = _mixture(
    "normal-mixture", "Mixture of normal distributions in one dimension, known variance",
    "weights >= 0 that sum to 1, and means in a compact interval, true ones inside; the variance is known")
POISSON_MIXTURE = _mixture(
    "poisson-mixture", "Mixture of Poisson distributions",
    "weights >= 0 that sum to 1, and rates in a compact interval of positive numbers, true ones inside")


def _decide_binomial(sizes: Sizes) -> Threshold:
    value, multiplicity = BINOMIAL_MIXTURE.formula(sizes)
    if sizes["n"] >= 2 * sizes["H"] - 1:
        return Threshold(value, value, multiplicity, BINOMIAL_MIXTURE.evidence)
    return Threshold.between(Bound(min(Fraction(1, 2), value), "the mean is a coordinate"),
                             Bound(value, "what more trials would give"), None, "proved")


BINOMIAL_MIXTURE = ClosedForm(
    name="binomial-mixture",
    title="Mixture of binomial distributions of n trials",
    parameters=(TRIALS, COMPONENTS, TRUE_COMPONENTS),
    sources=(THIS_PROJECT,),
    expr=_VALUE,
    multiplicity=MULTIPLICITY_ONE,
    conditions=(_CONDITION,),
    assumptions=(
        "weights >= 0 that sum to 1, and probabilities in [0, 1], true ones strictly between", _FIBRE,
        "for n >= 2H - 1, where the mixture determines its components; with fewer trials the formula is an upper "
        "bound, and `at` gives the bracket",
    ),
    evidence=Evidence("proved", _HOW, (THIS_PROJECT,)),
    recompute=lambda sizes: _recompute(sizes, lambda given: int(given["n"])),
    decide=_decide_binomial,
    audits=tuple({"n": 2 * sizes["H"] - 1, **sizes} for sizes in _AUDITS) + ({"n": 4, "H": 2, "r": 1},),
    derivation="mixtures",
)
