"""Other products that a loss may see: stochastic and non-negative matrices, and convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import sympy
from sympy import Min, Piecewise

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.linear import REDUCED_RANK_REGRESSION
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import HAYASHI_2021, HAYASHI_WATANABE_2017, THIS_PROJECT
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

ROWS = Parameter("M", "number of rows")
COLUMNS = Parameter("N", "number of columns")
INNER = Parameter("H", "number of terms of the model")
TRUE_TERMS = Parameter("r", "number of terms of the truth, which is its rank", minimum=0)


def _unconstrained(sizes: Sizes) -> tuple[int, int]:
    """``L, m``: twice lambda of reduced rank regression, and m; at the truth 0 that of products of orthants.

    >>> _unconstrained({"M": 2, "N": 2, "H": 3, "r": 0}), _unconstrained({"M": 3, "N": 2, "H": 2, "r": 1})
    ((6, 4), (5, 1))
    """
    if sizes["r"] == 0:
        least = sizes["H"] * min(sizes["M"], sizes["N"])
        return least, sizes["H"] + 1 if sizes["M"] == sizes["N"] else 1
    value, multiplicity = REDUCED_RANK_REGRESSION.formula({name: sizes[name] for name in "MNHr"})
    return int(2 * value), multiplicity


def positive_factors(rows: int, columns: int, inner: int, true: int) -> tuple[sympy.Matrix, sympy.Matrix]:
    """Positive A and B of rank ``true`` whose product has that rank: surplus terms are shares of the first one.

    >>> A, B = positive_factors(3, 2, 3, 2)
    >>> A.rank(), B.rank(), (A * B).rank()
    (2, 2, 2)
    """
    own = sympy.Matrix(rows, true, lambda i, h: 1 + int(i == h))
    other = sympy.Matrix(true, columns, lambda h, j: 1 + int(h == j))
    copies = inner - true + 1
    first = sympy.Matrix.hstack(own, *[own[:, 0]] * (copies - 1))
    scaled = sympy.Matrix.vstack(other[0, :] / copies, other[1:, :])
    return first, sympy.Matrix.vstack(scaled, *[other[0, :] / copies] * (copies - 1))


def _recompute_nonnegative(sizes: Sizes) -> Threshold:
    """The engine on the orthant at the truth 0, else at positive factors."""
    rows, columns, inner, true = (sizes[name] for name in "MNHr")
    first = sympy.Matrix(rows, inner, lambda i, h: sympy.Symbol(f"a{i}_{h}"))
    second = sympy.Matrix(inner, columns, lambda h, j: sympy.Symbol(f"b{h}_{j}"))
    names = [*first, *second]
    if true == 0:
        orthant = ", ".join(f"{name}>=0" for name in names)
        return rlct(list(first * second), names, domain=orthant, timeout=AUDIT_SECONDS).threshold
    a, b = positive_factors(rows, columns, inner, true)
    return rlct(Germ.at([*((first + a) * (second + b) - a * b).expand()], names), timeout=AUDIT_SECONDS).threshold


NONNEGATIVE_FACTORISATION = ClosedForm(
    name="nonnegative-factorisation",
    title="Non-negative matrix factorisation",
    parameters=(ROWS, COLUMNS, INNER, TRUE_TERMS),
    sources=(HAYASHI_WATANABE_2017, THIS_PROJECT),
    derived=Derived((L, m), _unconstrained),
    expr=L / 2,
    multiplicity=m,
    conditions=(Condition((r <= M) & (r <= N) & (r <= H), "the truth has more terms than it can",
                          "r <= min(M, N, H)"),),
    assumptions=(
        "K is comparable to |A B - T|^2, A of shape M × H and B of shape H × N with entries >= 0; the minimum over all "
        "such A, B with A B = T",
        "T = A' B' with positive A', B' of r columns and rows, and the rank r: L and m are twice lambda, and m, of "
        "reduced-rank-regression, whose minimum is attained at positive factors",
        "at T = 0: L = H min(M, N), m = H + 1 if M = N, else 1",
    ),
    evidence=Evidence("proved", "the minimum without constraints is attained inside; at 0 no terms cancel",
                      (THIS_PROJECT,)),
    recompute=_recompute_nonnegative,
    audits=({"M": 1, "N": 1, "H": 1, "r": 0}, {"M": 2, "N": 2, "H": 2, "r": 0}, {"M": 2, "N": 3, "H": 1, "r": 0},
            {"M": 2, "N": 2, "H": 1, "r": 1}, {"M": 2, "N": 2, "H": 2, "r": 1}, {"M": 2, "N": 3, "H": 2, "r": 2}),
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
