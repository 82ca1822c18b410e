"""Restricted Boltzmann machines at zero weights: rows of weights that are nearly orthogonal."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import sympy

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import AOYAGI_2010_RBM, THIS_PROJECT
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.threshold import Bound, Threshold

VISIBLE = Parameter("M", "number of visible units", minimum=2)
HIDDEN = Parameter("N", "number of hidden units")
BIASES = Parameter("biases", "whether units have biases, 0 at the point", is_flag=True, default=sympy.Integer(0))
M, N, biases = (parameter.symbol for parameter in (VISIBLE, HIDDEN, BIASES))
U, m = sympy.symbols("U m")

Characters = dict[frozenset[int], sympy.Expr]  # coefficients of the products of the visible units, each -1 or 1


def nearly_orthogonal(rows: int, columns: int) -> tuple[int, int]:
    """``(4 lambda, m)`` of ``a_k (1 + E_kl) a_l``, k < l: products of rows that are nearly orthogonal, at zero.

    >>> nearly_orthogonal(3, 2), nearly_orthogonal(4, 2)
    ((6, 3), (8, 1))
    """
    return rows * min(columns, rows - 1), rows if columns == rows - 1 else 1


def is_decided(sizes: Sizes) -> bool:
    """Whether the products of two weights decide: fewer hidden units than visible ones, or no other equations."""
    return bool(sizes["N"] < sizes["M"] or sizes["M"] <= 3 - sizes["biases"])


def _derived(sizes: Sizes) -> tuple[int, int]:
    """``U, m``: four times what the weights add (at most, where that is not decided), and m.

    >>> _derived({"M": 4, "N": 8, "biases": 0})  # so many hidden units may have each pattern of signs
    (14, 1)
    """
    visible, hidden, with_biases = sizes["M"], sizes["N"], sizes["biases"]
    if is_decided(sizes):
        return nearly_orthogonal(visible, hidden)
    bound = visible * hidden
    if visible <= hidden.bit_length():  # hidden >= 2^(visible - 1)
        equations = 2**(visible - 1) - 1 + with_biases * (2**(visible - 1) - visible)
        bound = min(bound, 2 * equations)
    return bound, 1


def boltzmann_germ(visible: int, hidden: int, with_biases: bool) -> Germ:
    """The characters of the distribution but 1, in the hyperbolic tangents of weights and biases."""
    weights = [sympy.symbols(f"t{j}_0:{visible}") for j in range(hidden)]
    outer, inner = sympy.symbols(f"b0:{visible}"), sympy.symbols(f"c0:{hidden}")
    subsets = [frozenset(chosen) for size in range(visible + 1) for chosen in combinations(range(visible), size)]
    product: Characters = {frozenset(): sympy.Integer(1)}
    for row, bias in zip(weights, inner, strict=True):
        shared = bias if with_biases else sympy.Integer(0)
        product = _times(product, {chosen: sympy.prod([row[i] for i in chosen]) * (shared if len(chosen) % 2 else 1)
                                   for chosen in subsets})
    if with_biases:
        product = _times(product, {chosen: sympy.prod([outer[i] for i in chosen]) for chosen in subsets})
    variables = [x for row in weights for x in row] + ([*outer, *inner] if with_biases else [])
    return Germ.at([value for chosen, value in product.items() if chosen], variables)


def _times(first: Characters, second: Characters) -> Characters:
    """The product of two functions of the visible units."""
    found: Characters = {}
    for a, x in first.items():
        for b, y in second.items():
            found[a ^ b] = found.get(a ^ b, sympy.Integer(0)) + x * y
    return {chosen: sympy.expand(value) for chosen, value in found.items()}


def _decide(sizes: Sizes) -> Threshold:
    value, multiplicity = RESTRICTED_BOLTZMANN.formula(sizes)
    if is_decided(sizes):
        return Threshold(value, value, multiplicity, RESTRICTED_BOLTZMANN.evidence)
    pairs, _ = nearly_orthogonal(sizes["M"], sizes["N"])
    lower = Fraction(pairs, 4) + Fraction(sizes["biases"] * sizes["M"], 2)
    return Threshold.between(Bound(lower, "the products of two weights"),
                             Bound(value, "the fourth power of the norm, or all patterns of signs"), None, "proved")


RESTRICTED_BOLTZMANN = ClosedForm(
    name="restricted-boltzmann",
    title="Restricted Boltzmann machine with binary units at zero weights",
    parameters=(VISIBLE, HIDDEN, BIASES),
    sources=(AOYAGI_2010_RBM, THIS_PROJECT),
    derived=Derived((U, m), _derived),
    expr=biases * M / 2 + U / 4,
    multiplicity=m,
    assumptions=(
        "P(x) is proportional to the sum over y of exp(sum_ij a_ij x_i y_j + sum_i b_i x_i + sum_j c_j y_j), all x_i "
        "and y_j -1 or 1; without biases b = c = 0; the truth is uniform, the point is 0",
        "U = M min(N, M - 1), m = M if N = M - 1, else 1; if N < M, or M = 2, or M = 3 without biases",
        "else U / 4 is an upper bound, U = M N or, if N >= 2^(M-1), at most twice the number of equations, and `at` "
        "gives the bracket",
    ),
    evidence=Evidence("proved", "products of two weights dominate: rows that are nearly orthogonal",
                      (AOYAGI_2010_RBM, THIS_PROJECT)),
    recompute=lambda sizes: rlct(boltzmann_germ(sizes["M"], sizes["N"], bool(sizes["biases"])),
                                 timeout=AUDIT_SECONDS).threshold,
    decide=_decide,
    audits=({"M": 2, "N": 1}, {"M": 2, "N": 2}, {"M": 3, "N": 1}, {"M": 3, "N": 2}, {"M": 4, "N": 1}, {"M": 5, "N": 1},
            {"M": 2, "N": 1, "biases": True}, {"M": 3, "N": 1, "biases": True}),
    derivation="boltzmann",
)
