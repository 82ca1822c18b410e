"""Naive Bayes with two classes: means, and one product of weights with products of differences."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form
from slt_symbolic.search.proofs.newton import monomial_threshold


def _moments() -> None:
    w, a, b, c = sympy.symbols("w a b c")
    classes = [(1 - w, -w), (w, 1 - w)]  # weights, and where the class lies along the difference from the mean
    differences = (a, b, c)

    def central(chosen: tuple[int, ...]) -> sympy.Expr:
        return sympy.expand(sum(weight * sympy.prod([place * differences[i] for i in chosen]) for weight, place in classes))

    require_equal(central((0,)), 0, "means")
    require_equal(sympy.expand(central((0, 1)) - w * (1 - w) * a * b), 0, "covariances")
    require_equal(sympy.expand(central((0, 1, 2)) - w * (1 - w) * (1 - 2 * w) * a * b * c), 0, "third moments")


def _exponents(n: int, with_weight: bool) -> list[tuple[int, ...]]:
    return [(int(with_weight), *(int(i in pair) for i in range(n))) for pair in combinations(range(n), 2)]


def _strata() -> None:
    for n in range(3, 9):
        require_equal(monomial_threshold(_exponents(n, True)), (Fraction(1, 2), 1), f"a weight and all differences 0, n={n}")
        inner = [x[1:] for x in _exponents(n, False)]
        require_equal(monomial_threshold(inner), (Fraction(n, 4), 1), f"positive weights, equal classes, n={n}")
        along = [(1, *(int(i == j) for i in range(n - 1))) for j in range(n - 1)]
        require_equal(monomial_threshold(along), (Fraction(1, 2), 1), f"one difference is not 0, n={n}")
        require(Fraction(n, 4) > Fraction(1, 2) < Fraction(n - 1, 2), f"and these are larger or equal, n={n}")


def _two_classes() -> None:
    w, a, b, c = sympy.symbols("w a b c")
    u = w * (1 - w)
    generators = [u * a * b, u * a * c, u * b * c, u * (1 - 2 * w) * a * b * c]
    determinant = sympy.factor(sympy.Matrix(generators).jacobian([w, a, b, c]).det())
    for at in ({w: sympy.Rational(1, 2), a: 1, b: 2, c: 3}, {w: sympy.Rational(1, 3), a: -1, b: 2, c: 5}):
        require(determinant.subs(at) != 0, f"independent at {at}")
    factors = {factor for factor, _ in sympy.factor_list(determinant)[1]}
    require_equal(factors, {w, w - 1, a, b, c}, "the factors of the determinant: no zero where weights are positive")


def _more_classes() -> None:
    for n, classes, true in ((3, 3, 1), (3, 3, 2), (4, 3, 2), (4, 4, 2)):
        weights = [*sympy.symbols(f"w1:{true}"), *[sympy.Integer(0)] * (classes - true)]
        shares = [1 - sum(weights), *weights]
        features = [sympy.symbols(f"t{c}_0:{n}") for c in range(classes)]
        free = {x for row in features[true:] for x in row}
        for cell in product((0, 1), repeat=n):
            mass = sum(share * sympy.prod([x if bit else 1 - x for x, bit in zip(row, cell, strict=True)])
                       for share, row in zip(shares, features, strict=True))
            require(not free & mass.free_symbols, f"classes of weight 0 are not seen at n={n}, k={classes}, r={true}")
        fixed = n * classes + classes - 1 - len(free)
        upper = closed_form("naive-bayes").at(n=n, k=classes, r=true).upper
        require_equal(upper, Fraction(fixed, 2), f"half the codimension of these fits at n={n}, k={classes}, r={true}")


def _compare() -> None:
    entry = closed_form("naive-bayes")
    for n in range(3, 12):
        for classes, true, value in ((1, 1, Fraction(n, 2)), (2, 1, Fraction(n + 1, 2)), (2, 2, Fraction(2 * n + 1, 2))):
            require_equal(entry.formula({"n": n, "k": classes, "r": true}), (value, 1), f"n={n}, k={classes}, r={true}")


DERIVATION = Derivation(
    entry="naive-bayes",
    statement=r"""With $n\ge3$ binary features and two classes, the minimum over all parameters with the true distribution is
$$\lambda=\frac{n+1}2\ (\text{independent features}),\qquad\lambda=\frac{2n+1}2\ (\text{two classes that differ in every feature}),\qquad m=1.$$
With $k$ classes and a truth of $r$, $\lambda\le\tfrac12(rn+k-1)$.""",
    assumptions=(r"$P(x)=\sum_cw_c\prod_iP(x_i\mid c)$, true probabilities strictly between 0 and 1",
                 "Rusakov and Geiger (2005, Theorem 4) have these values for two classes"),
    steps=(
        Step("Coordinates", r"""Let the classes have weights $1-w$, $w$, let $\mu_i$ be the mean of feature $i$ and $\delta_i$ the difference of the classes. Cells and central moments determine each other; these are, besides the means,
$$w(1-w)\,\delta_i\delta_j,\qquad w(1-w)(1-2w)\,\delta_i\delta_j\delta_k,\qquad\dots$$""", _moments),
        Step("Independent features", r"""All higher moments are multiples of the $w(1-w)\delta_i\delta_j$, $i<j$. The means add $\tfrac n2$. What is left is monomial. Where $w(1-w)=0$: $\tfrac12$, $m=1$, whether all $\delta_i$ are 0, or one is not, or more are not (then it is $w$ alone). Where $w(1-w)\ne0$: $\tfrac n4$ at $\delta=0$, $\tfrac{n-1}2$ if one $\delta_i$ is not 0.
The least is $\tfrac12$.""", _strata),
        Step("Two classes", r"""For $n\ge3$ the parameters are determined up to exchange of the classes. The derivatives of the three covariances and the third moment of three features by $w,\delta_1,\delta_2,\delta_3$ are independent where $w(1-w)\delta_1\delta_2\delta_3\ne0$; each more feature adds a covariance with the first. All $2n+1$ parameters are regular.""", _two_classes),
        Step("More classes", r"Keep the true classes and give $k-r$ others the weight 0: exact fits of codimension $r(n+1)-1+(k-r)=rn+k-1$.", _more_classes),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
