"""Other products that a loss may see: stochastic matrices, and convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import sympy
from sympy import Min, Piecewise

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.linear import REDUCED_RANK_REGRESSION
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import HAYASHI_2021, THIS_PROJECT
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.threshold import Threshold

WORDS = Parameter("M", "number of words, rows of the first factor", minimum=2)
DOCUMENTS = Parameter("N", "number of documents, columns of the second factor", minimum=2)
TOPICS = Parameter("H", "number of topics", minimum=2)
RANK = Parameter("r", "rank of the differences of the truth's columns", minimum=0)
M, N, H, r = (parameter.symbol for parameter in (WORDS, DOCUMENTS, TOPICS, RANK))


def stochastic_germ(sizes: Sizes) -> Germ:
    """``A B`` without its last row, less its value, at positive stochastic A and B whose differences have rank r."""
    words, documents, topics, rank = (sizes[name] for name in "MNHr")
    share = sympy.Rational(1, 4 * words)
    first = [[sympy.Rational(1, words) + share * int(i == h < rank) for h in range(topics)] for i in range(words - 1)]
    second = [[sympy.Rational(1, topics) + sympy.Rational(1, 4 * topics) * int(h == n < rank) for n in range(documents)]
              for h in range(topics - 1)]
    a = [[sympy.Symbol(f"a{i}_{h}") for h in range(topics)] for i in range(words - 1)]
    b = [[sympy.Symbol(f"b{h}_{n}") for n in range(documents)] for h in range(topics - 1)]
    moved = _with_last([[x + y for x, y in zip(*rows, strict=True)] for rows in zip(second, b, strict=True)])
    still = _with_last(second)
    generators = []
    for i, n in product(range(words - 1), range(documents)):
        found = sum((first[i][h] + a[i][h]) * moved[h][n] for h in range(topics))
        generators.append(sympy.expand(found - sum(first[i][h] * still[h][n] for h in range(topics))))
    return Germ.at(generators, [x for row in (*a, *b) for x in row])


def _with_last(rows: Sequence[Sequence[sympy.Expr]]) -> list[list[sympy.Expr]]:
    """Rows of a matrix whose columns sum to 1, with the last one."""
    return [*map(list, rows), [1 - sum(column) for column in zip(*rows, strict=True)]]


L, m = sympy.symbols("L m")


def _regression(sizes: Sizes) -> tuple[int, int]:
    """``L, m``: twice lambda, and m, of reduced rank regression with sizes less by one.

    >>> _regression({"M": 3, "N": 3, "H": 2, "r": 0})
    (2, 2)
    """
    smaller = {"M": sizes["M"] - 1, "N": sizes["N"] - 1, "H": sizes["H"] - 1, "r": sizes["r"]}
    value, multiplicity = REDUCED_RANK_REGRESSION.formula(smaller)
    return int(2 * value), multiplicity

STOCHASTIC_FACTORISATION = ClosedForm(
    name="stochastic-factorisation",
    title="Stochastic matrix factorisation (latent Dirichlet allocation) at a positive fit",
    parameters=(WORDS, DOCUMENTS, TOPICS, RANK),
    sources=(HAYASHI_2021, THIS_PROJECT),
    derived=Derived((L, m), _regression),
    expr=(M - 1 + L) / 2,
    multiplicity=m,
    conditions=(Condition((r <= M - 1) & (r <= N - 1) & (r <= H - 1), "the differences have more rank than they can",
                          "r <= min(M, N, H) - 1"),),
    assumptions=(
        "K is comparable to |A B - T|^2, A of shape M × H and B of shape H × N with columns that sum to 1",
        "L and m are twice lambda, and m, of reduced-rank-regression (M - 1, N - 1, H - 1, r)",
        "at A, B with positive entries, whose differences of columns of A, and of columns of B, have the rank r of the "
        "differences of columns of T: the least value at positive fits, if there is such a one",
    ),
    evidence=Evidence("proved", "a column of the product is M - 1 coordinates; what is left is reduced rank regression",
                      (HAYASHI_2021, THIS_PROJECT)),
    recompute=lambda sizes: rlct(stochastic_germ(sizes), timeout=AUDIT_SECONDS).threshold,
    audits=({"M": 2, "N": 2, "H": 2, "r": 0}, {"M": 3, "N": 3, "H": 2, "r": 0}, {"M": 3, "N": 3, "H": 2, "r": 1},
            {"M": 3, "N": 2, "H": 3, "r": 1}),
    derivation="other_products",
)

FIRST = Parameter("a", "number of coefficients of the first factor")
SECOND = Parameter("b", "number of coefficients of the second factor")
COPRIME = Parameter("coprime", "whether the factors are at coprime polynomials, else both are 0", is_flag=True,
                    default=sympy.Integer(0))
a, b, coprime = (parameter.symbol for parameter in (FIRST, SECOND, COPRIME))


def convolution_germ(sizes: Sizes) -> Germ:
    """The coefficients of the product of two polynomials less its value, at 0 or at 1 and t^(b-1)."""
    names = [sympy.symbols(f"{name}0:{sizes[name]}") for name in "ab"]
    places = [[sizes["coprime"] * int(k == 0) for k in range(sizes["a"])],
              [sizes["coprime"] * int(k == sizes["b"] - 1) for k in range(sizes["b"])]]
    rows = [[place + name for place, name in zip(*pair, strict=True)] for pair in zip(places, names, strict=True)]
    generators = []
    for k in range(sizes["a"] + sizes["b"] - 1):
        inside = [(x, k - x) for x in range(sizes["a"]) if 0 <= k - x < sizes["b"]]
        generators.append(sympy.expand(sum(rows[0][x] * rows[1][y] - places[0][x] * places[1][y] for x, y in inside)))
    return Germ.at(generators, (*names[0], *names[1]))


def _recompute(sizes: Sizes) -> Threshold:
    return rlct(convolution_germ(sizes), timeout=AUDIT_SECONDS).threshold


LINEAR_CONVOLUTION = ClosedForm(
    name="linear-convolution",
    title="Linear convolution of two filters",
    parameters=(FIRST, SECOND, COPRIME),
    sources=(THIS_PROJECT,),
    expr=Piecewise((Min(a, b) / 2, sympy.Eq(coprime, 0)), ((a + b - 1) / 2, True)),
    multiplicity=Piecewise((2, sympy.Eq(coprime, 0) & sympy.Eq(a, b)), (1, True)),
    assumptions=("K is comparable to |u * v - w|^2, u with a and v with b coefficients: the product of two polynomials",
                 "at u = v = 0, w = 0; or, with coprime=true, at u, v without a common zero, also at infinity"),
    evidence=Evidence("proved", "|u * v| is comparable to |u||v|; coprime factors have an invertible Sylvester matrix",
                      (THIS_PROJECT,)),
    recompute=_recompute,
    audits=({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}, {"a": 2, "b": 3}, {"a": 3, "b": 2},
            {"a": 2, "b": 2, "coprime": True}, {"a": 3, "b": 2, "coprime": True}, {"a": 1, "b": 1, "coprime": True}),
    derivation="other_products",
)
