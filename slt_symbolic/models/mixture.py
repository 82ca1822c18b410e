r"""Finite mixtures of a family with one parameter, by their moments.

Theorem. Let ``p = sum_k a_k f(. | b_k)``, k <= H, with weights ``a_k >= 0`` that sum to 1, and let q be the truth; f
the normal density with mean b, which may be a vector, and known covariance, the Poisson law with mean b, or the
binomial law of T trials with success probability b. For each value c that some of the b_k have at the truth, put ``m_n
= sum a_k (b_k - c)^n`` (tensor powers of vectors), over these k, less its value there. Then the divergence is
comparable to the sum over c of the ``m_n^2``: n = 0 where q has no weight at c; else n = 0, 1, and n = 2 too if there
are several such k. In m_0 of the first kind, and in m_2 (of vectors in its trace, no entry being larger), no term is
negative: their terms may be squared instead. For binomial laws the number of these ``m_n`` may be at most T + 1. If it
is larger, the divergence is comparable to the squares of ``sum_k a_k b_k^n``, ``0 < n <= T``, less the truth's.

Proof. By Taylor's formula ``p - q`` is the sum of ``m_n f^(n)(. | c)/n!`` over these n, and of a remainder R. Weights
are not negative, so that R is at most a constant times ``max |b_k - c|`` times the sum of the ``|m_n|`` (of m_2; of m_1
for a single k, whose weight is positive; of m_0 where q has no weight). The functions ``f^(n)(. | c)`` are independent:
exponentials times polynomials, or Hermite interpolation by polynomials of degree T; and so are their restrictions to a
large bounded set. With ``S(u) = u - 1 - log u`` the divergence is ``∫ q S(p/q)``. From below: on a bounded set p/q is
near 1, ``S(u) >= c (u - 1)^2``, and ``∫ (p - q)^2/q`` over it is a positive definite form in the ``m_n``, but for R.
From above: ``S(u) <= (u - 1)^2 (1 + |log u|)``; ``(p/q - 1)^2`` is at most the sum of the ``m_n^2`` times what grows
like ``e^{C|x|}``, ``|log p/q|`` like a polynomial (a weight is bounded below), and q has all exponential moments. The
second form for binomial laws: ``f(. | b) = sum_{n<=T} b^n e_n`` with independent functions ``e_n``.

A weight that is 0 at the truth is not negative nearby only on one side: that side is the domain. Normal densities with
free variances have a theorem of their own, in `normal_mixture`; so have independent variables, in `independent`.
Sources: Watanabe 2009, ch. 7; Yamazaki, Watanabe, Neural Networks 16 (2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.measure import Domain, Prior
from slt_symbolic.models import independent, normal_mixture
from slt_symbolic.models.model import Model, Point, differences, exact_point, expressions, intersection, model

Vector = tuple[sympy.Expr, ...]
FAMILIES = ("normal", "normal-variance", "poisson", "binomial", "independent")
LOCAL = ("K is comparable to the squares of the moments sum_k a_k (b_k - c)^n, less those of the truth, over the "
         "components near each value c, n <= 2 (n = 0 where the truth has no weight), or of terms that are not "
         "negative: weights are not, so that remainders of Taylor's formula are smaller (Watanabe 2009, ch. 7; "
         "Yamazaki, Watanabe 2003)")
BINOMIAL = ("K is comparable to the squares of the moments sum_k a_k b_k^n - (those of the truth), 0 < n <= T: these "
            "are coordinates of the law of T trials (Watanabe 2009, ch. 7)")


def mixture(family: str, components: Sequence[tuple[sympy.Expr, Any]], at: Point, trials: int | None = None, *,
            domain: Domain = None, prior: Prior = None) -> Model:
    """A mixture of ``components``, pairs of a weight and a parameter, polynomials; the truth is the mixture at ``at``.

    ``family``: ``"normal"`` (the parameter is the mean, or a list of means for a vector; the covariance is known),
    ``"normal-variance"`` (a pair, mean and variance), ``"poisson"`` (the mean), ``"binomial"`` (the success
    probability, with ``trials``) or ``"independent"`` (latent classes: a list with an entry for each observed variable,
    the probabilities of its states, or the first of two). Few moments decide, those that the theorems name. A weight
    that is 0 at the truth bounds the domain, beside the bounds that are given. Raises `InvalidInput` if the weights do
    not sum to 1 identically, one is negative at the truth, or a parameter is outside its open range there.

    >>> t, a, b, c, d, e, f = sympy.symbols("t a b c d e f")
    >>> classes = [(t, [a, b, c]), (1 - t, [d, e, f])]  # two classes, three variables with two states
    >>> half = sympy.Rational(1, 2)
    >>> print(mixture("independent", classes, dict.fromkeys((t, a, b, c, d, e, f), half)).rlct().threshold)
    lambda = 9/4, m = 1
    """
    _require_family(family, trials)
    point = exact_point(at)
    pairs = list(components) if isinstance(components, Sequence) else []
    if not pairs or not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise InvalidInput("components", "are no list of pairs of a weight and a parameter", "[(t, a), (1 - t, b)]")
    weights = expressions("weights", [a for a, _ in pairs], point)
    if sympy.expand(sum(weights) - 1) != 0:
        raise InvalidInput("weights", f"sum to {str(sympy.expand(sum(weights)))[:60]}, not to 1", "t and 1 - t")
    masses = [a.subs(point) for a in weights]
    if any(a < 0 for a in masses):
        raise InvalidInput("weights", f"are {', '.join(map(str, masses))} at the truth", "none that is negative")
    given = [b for _, b in pairs]
    if family == "normal-variance":
        moments, order = normal_mixture.moments(weights, normal_mixture.normal_parameters(given, point), point)
        statement = normal_mixture.STATEMENT.format(order)
    elif family == "independent":
        moments, statement = independent.moments(weights, independent.tables(given, point), point)
    else:
        parameters = _vectors(family, given, point)
        places = _inner_places(family, parameters, point)
        moments, count = _local_moments(weights, parameters, places, masses)
        statement = LOCAL
        if trials is not None and count > trials + 1:
            moments = [sum((a * b**n for a, (b,) in zip(weights, parameters, strict=True)), sympy.Integer(0))
                       for n in range(1, trials + 1)]
            statement = BINOMIAL
    sides = [_side(a, point) for a, mass in zip(weights, masses, strict=True) if mass == 0]
    return model(differences(moments, point), point, intersection(sides, domain, point), prior, statement)


def _vectors(family: str, given: Sequence[Any], point: dict[sympy.Symbol, sympy.Rational]) -> list[Vector]:
    """The parameters as vectors, which have one entry but for normal densities. Raises `InvalidInput`."""
    vectors = [tuple(expressions("parameters", value, point)) for value in given]
    if len(set(map(len, vectors))) > 1:
        raise InvalidInput("components", "differ in the number of their means", "vectors of one dimension")
    if family != "normal" and len(vectors[0]) > 1:
        raise InvalidInput("components", f"of the family {family} have one parameter each", "[(t, a), (1 - t, b)]")
    return vectors


def _inner_places(family: str, parameters: Sequence[Vector], point: Point) -> list[Vector]:
    """The parameters at the truth. Raises `InvalidInput` if one is outside its open range."""
    places = [tuple(x.subs(point) for x in b) for b in parameters]
    for b, *_ in places:
        if (family == "poisson" and not b > 0) or (family == "binomial" and not 0 < b < 1):
            raise InvalidInput("parameters", f"are {', '.join(str(x) for x, *_ in places)} at the truth", "inner ones")
    return places


def _local_moments(weights: Sequence[sympy.Expr], parameters: Sequence[Vector], places: Sequence[Vector],
                   masses: Sequence[sympy.Expr]) -> tuple[list[sympy.Expr], int]:
    """The moments that decide, around each place, or their terms; and how many functions have to be independent."""
    totals, others, count = [], list[sympy.Expr](), 0
    for c in dict.fromkeys(places):
        near = [k for k, place in enumerate(places) if place == c]
        if not any(masses[k] for k in near):
            others += [weights[k] for k in near]
            count += 1
            continue
        totals.append(sum((weights[k] for k in near), sympy.Integer(0)))
        others += [sum((weights[k] * (parameters[k][i] - x) for k in near), sympy.Integer(0)) for i, x in enumerate(c)]
        if len(near) > 1:
            others += [(1 if masses[k] else weights[k]) * (parameters[k][i] - x)**2
                       for k in near for i, x in enumerate(c)]
        count += 1 + min(len(near), 2)
    return [*totals[1:], *others], count  # all weights sum to 1: the first total is determined


def _require_family(family: str, trials: int | None) -> None:
    if family not in FAMILIES:
        raise InvalidInput(f"family {family!r:.40}", "is not known here", f"one of {', '.join(FAMILIES)}")
    wanted = family == "binomial"
    if (trials is not None) != wanted or (wanted and not (type(trials) is int and trials > 0)):
        raise InvalidInput(f"trials={trials!r:.40}", f"do not fit the family {family}",
                           "a positive integer, for the binomial family alone")


def _side(weight: sympy.Expr, point: Point) -> str:
    """The bound by which a weight that is 0 at the truth is not negative."""
    symbols = list(weight.free_symbols)
    slope = sympy.expand(weight.diff(symbols[0])) if len(symbols) == 1 else sympy.nan
    if not slope.is_Rational or slope == 0:
        raise InvalidInput("weights", f"{str(weight)[:60]} is 0 at the truth, and nonnegative on no side of a "
                           "coordinate", "weights like t and 1 - t, or positive ones")
    return f"{symbols[0]}{'>=' if slope > 0 else '<='}{point[symbols[0]]}"
