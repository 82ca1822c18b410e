r"""Finite mixtures of a family with one parameter, by their moments.

Theorem. Let ``p = sum_k a_k f(. | b_k)``, k <= H, with weights ``a_k >= 0`` that sum to 1, and let q be the truth, with
r distinct parameters ``c_i`` of positive weight; f the normal density with mean b and known variance, the Poisson law
with mean b, or the binomial law of T trials with success probability b. Then the divergence is comparable to the sum
of ``M_n^2``, ``0 < n < H + r`` (and ``n <= T``), with ``M_n = sum_k a_k b_k^n - sum_i a*_i c_i^n``.

Proof. ``f(. | b) = sum_n b^n e_n`` with functions ``e_n`` (none for ``n > T``), so ``p - q = sum_{n>0} M_n e_n``. All
``b_k`` and ``c_i`` are roots of one polynomial of degree ``N = H + r``: for ``n >= N`` ``M_n`` is a combination of
``M_1, ..., M_{N-1}`` with coefficients that are polynomials in b. Hence ``p - q = sum_{0<n<N} M_n phi_n``, where
``phi_n`` is ``e_n`` and a sum of later e. Hermite polynomials, or factorial moments, are functionals that take
``f(. | b)`` to a multiple of ``b^j``, so ``e_n`` to 0 for ``n != j``: the ``phi_n`` are independent, and so are their
restrictions to a large bounded set. With ``S(u) = u - 1 - log u`` the divergence is ``∫ q S(p/q)``. From below: on a
bounded set p/q is near 1, ``S(u) >= c (u - 1)^2``, and ``∫ (p - q)^2/q`` over it is a positive definite form in the
``M_n``. From above: ``S(u) <= (u - 1)^2 (1 + |log u|)``, ``(p/q - 1)^2`` is a form in the ``M_n`` whose coefficients
grow like ``e^{C|x|}``, ``|log p/q|`` like a polynomial (a weight is bounded below), and q has all exponential moments.

A weight that is 0 at the truth is not negative nearby only on one side: that side is the domain. Normal densities with
free variances have a theorem of their own, in `normal_mixture`.
Sources: Watanabe 2009, ch. 7; Yamazaki, Watanabe, Neural Networks 16 (2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.measure import Domain, Prior
from slt_symbolic.models import normal_mixture
from slt_symbolic.models.model import Model, Point, differences, exact_point, expressions, intersection, model

FAMILIES = ("normal", "normal-variance", "poisson", "binomial")
STATEMENT = ("K is comparable to the squares of the moments sum_k a_k b_k^n - (those of the truth), 0 < n < {}: "
             "further ones are combinations of these, since all parameters are roots of one polynomial of that degree, "
             "or 0 (Watanabe 2009, ch. 7; Yamazaki, Watanabe 2003)")


def mixture(family: str, components: Sequence[tuple[sympy.Expr, Any]], at: Point, trials: int | None = None, *,
            domain: Domain = None, prior: Prior = None) -> Model:
    """A mixture of ``components``, pairs of a weight and a parameter, polynomials; the truth is the mixture at ``at``.

    ``family``: ``"normal"`` (the parameter is the mean, the variance is known), ``"normal-variance"`` (the parameter
    is a pair, mean and variance), ``"poisson"`` (the mean) or ``"binomial"`` (the success probability, with
    ``trials``). Finitely many moments decide, those that the theorems name. A weight that is 0 at the truth bounds the
    domain, beside the bounds that are given. Raises `InvalidInput` if the weights do not sum to 1 identically, one is
    negative at the truth, or a parameter is outside its open range there.
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
        moments = normal_mixture.moments(weights, normal_mixture.normal_parameters(given, point), point)
        statement = normal_mixture.STATEMENT
    else:
        moments = _moments(family, weights, expressions("parameters", given, point), point, trials)
        statement = STATEMENT
    sides = [_side(a, point) for a, mass in zip(weights, masses, strict=True) if mass == 0]
    return model(differences(moments, point), point, intersection(sides, domain, point), prior,
                 statement.format(len(moments) + 1))


def _moments(family: str, weights: Sequence[sympy.Expr], parameters: Sequence[sympy.Expr],
             point: dict[sympy.Symbol, sympy.Rational], trials: int | None) -> list[sympy.Expr]:
    """The moments that decide, of a family with one parameter."""
    places = [b.subs(point) for b in parameters]
    for b in places:
        if (family == "poisson" and not b > 0) or (family == "binomial" and not 0 < b < 1):
            raise InvalidInput("parameters", f"are {', '.join(map(str, places))} at the truth", "inner ones")
    order = len(places) + len({b for a, b in zip(weights, places, strict=True) if a.subs(point)})
    last = order - 1 if trials is None else min(order - 1, trials)
    return [sum((a * b**n for a, b in zip(weights, parameters, strict=True)), sympy.Integer(0))
            for n in range(1, last + 1)]


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
