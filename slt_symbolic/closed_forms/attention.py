"""One-head softmax attention at a zero-padded teacher.

Notation: v tokens, embedding dimension e, teacher of dimension e0; f = e - e0 more dimensions.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Piecewise, symbols

from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.linear import REDUCED_RANK_REGRESSION, at_normal_form
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import LEVINE_2026, MAIS_29, THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.evidence import Evidence
from slt_symbolic.networks.attention import OneHeadAttention, germ_at, linear_rank, reduced_germ
from slt_symbolic.threshold import Bound, Threshold

TOKENS = Parameter("v", "number of tokens", minimum=2)
DIMENSION = Parameter("e", "embedding dimension")
TEACHER = Parameter("e0", "embedding dimension of the teacher; 0 for the uniform truth", minimum=0)
v, e, e0 = (parameter.symbol for parameter in (TOKENS, DIMENSION, TEACHER))
c, m = symbols("c m")
DECIDED = {(3, 3, 1): 3}  # (v, e, e0) with e > 2 e0 at which the engine meets the upper bound, and m there: audited


def teacher(tokens: int, dimension: int, known: int) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """E, Q and U of a teacher in general position, padded by zeros.

    >>> teacher(2, 2, 1)
    ([[1, 0], [2, 0]], [[1, 0], [0, 0]], [[1, 2], [0, 0]])
    """
    extra = dimension - known
    embedding = [[(a + 1) ** (i + 1) for i in range(known)] + [0] * extra for a in range(tokens)]
    scores = [[i + 2 * j + 1 if j < known else 0 for j in range(dimension)] for i in range(known)]
    unembedding = [[(t + 1) ** (i + 1) for t in range(tokens)] for i in range(known)]
    return embedding, scores + [[0] * dimension] * extra, unembedding + [[0] * tokens] * extra


def _regression(tokens: int, known: int, dimension: int) -> tuple[int, int]:
    """Twice lambda, and m, of reduced rank regression at zero with ``tokens - known`` outputs."""
    sizes = {"M": tokens - known, "N": tokens - 1, "H": dimension, "r": 0}
    value, multiplicity = REDUCED_RANK_REGRESSION.formula(sizes)
    return int(2 * value), multiplicity


def _is_decided(sizes: Sizes) -> bool:
    """Whether the value is proved: elsewhere only its upper bound is in the formula."""
    tokens, dimension, known = sizes["v"], sizes["e"], sizes["e0"]
    return bool(known == 0 or known >= tokens - 1 or dimension <= 2 * known)


def _derived(sizes: Sizes) -> tuple[int, int]:
    """``c, m``: twice what the reduced ideal adds, and the multiplicity.

    >>> _derived({"v": 3, "e": 3, "e0": 1})
    (4, 3)
    """
    tokens, dimension, known = sizes["v"], sizes["e"], sizes["e0"]
    extra = dimension - known
    if known >= tokens or extra <= 0:
        return 0, 1
    if known in (0, tokens - 1):
        return _regression(tokens, known, extra)
    return _cheapest(tokens, known, extra), DECIDED.get((tokens, dimension, known), 1)


def _cheapest(tokens: int, known: int, extra: int) -> int:
    """The least codimension of a family of zeros of the reduced ideal: L of rank t, W and rho and sigma as it asks.

    Either G has the rank of L, or one less, with the last row of L beside its span.
    """
    rows, lines = tokens - known, tokens - known - 1
    costs = []
    for rank in range(min(rows, extra) + 1):
        beside = [(rank, (rows - rank) * (extra - rank))] if rank <= lines else []
        if rank:
            beside.append((rank - 1, (lines - rank + 1) * (extra - rank + 1)))
        costs += [ranks_of_l + rank * (tokens - 1) + rank * upper + known * upper for upper, ranks_of_l in beside]
    return min(costs)


def _decide(sizes: Sizes) -> Threshold:
    value, multiplicity = ONE_HEAD_ATTENTION.formula(sizes)
    if _is_decided(sizes):
        return Threshold(value, value, multiplicity, ONE_HEAD_ATTENTION.evidence)
    tokens, known, extra = sizes["v"], sizes["e0"], sizes["e"] - sizes["e0"]
    if (tokens, sizes["e"], known) in DECIDED:
        found = Evidence("certified", "the engine on the reduced ideal", (THIS_PROJECT,))
        return Threshold(value, value, multiplicity, found)
    below = Fraction(known * (2 * tokens - 1) + _regression(tokens, known, extra)[0], 2)
    return Threshold.between(Bound(below, "the reduced ideal contains L W, a reduced rank regression"),
                             Bound(value, "a family of exact fits"), 1 if below == value else None, "proved")


def _recompute(sizes: Sizes) -> Threshold:
    """The rank of the linear part at a teacher, and the engine on the reduced ideal."""
    tokens, dimension, known = sizes["v"], sizes["e"], sizes["e0"]
    if known == 0:
        return REDUCED_RANK_REGRESSION.recompute({"M": tokens, "N": tokens - 1, "H": dimension, "r": 0})
    germ = germ_at(OneHeadAttention(tokens, dimension), *teacher(tokens, dimension, known))
    half = lambda_of_rank(linear_rank(germ))
    how = f"rank {2 * half} of the linear part at a teacher"
    if known >= tokens or dimension == known:
        bound = Bound(half, how)
        onto = Bound(half if len(germ.generators) == 2 * half else Fraction(known * (2 * tokens - 1), 2),
                     "the Jacobian is onto, or what is left is 0")
        return Threshold.between(bound, onto, 1, "certified")
    left = at_normal_form(reduced_germ(tokens, known, dimension - known))
    return Threshold.between(Bound(half + left.lower, f"{how}, and the engine on what is left"),
                             Bound(half + left.upper, "as below"), left.multiplicity, "certified")


ONE_HEAD_ATTENTION = ClosedForm(
    name="one-head-attention",
    title="One-head softmax attention at a generic zero-padded teacher",
    parameters=(TOKENS, DIMENSION, TEACHER),
    sources=(THIS_PROJECT, LEVINE_2026, MAIS_29),
    derived=Derived((c, m), _derived),
    expr=Piecewise((v * (v - 1), e0 >= v), (e0 * (2 * v - 1) / 2 + c / 2, True)),
    multiplicity=m,
    conditions=(Condition(e0 <= e, "the teacher has more dimensions than the network", "e0 <= e"),),
    assumptions=(
        "logits sum_t softmax_t(E_{x_T} Q E_{x_t}^T) E_{x_t} U on strings of T >= 2 tokens, uniform; softmax output",
        "at a teacher of dimension e0 padded by zeros, generic: E0 and U0 have full rank, also modulo constants over "
        "tokens, and no two tokens have the same logits modulo constants; e0 = 0 is the uniform truth",
        "with f = e - e0, c is (v - e0) f if f <= e0 < v, and then m = 1; min(f, v - 1) if e0 = v - 1, and m = 2 iff "
        "f = v - 1; that of reduced rank regression (v, v - 1, e, 0) if e0 = 0",
        "for 1 <= e0 <= v - 2 and f > e0 the formula is an upper bound, and `at` gives the bracket",
    ),
    evidence=Evidence("proved", "e0 (2v - 1) linear coordinates to eliminate, then an ideal in L, W, rho, sigma",
                      (THIS_PROJECT, MAIS_29)),
    recompute=_recompute,
    decide=_decide,
    audits=(
        {"v": 2, "e": 1, "e0": 0}, {"v": 3, "e": 2, "e0": 0}, {"v": 2, "e": 1, "e0": 1}, {"v": 2, "e": 2, "e0": 1},
        {"v": 3, "e": 2, "e0": 1}, {"v": 2, "e": 3, "e0": 1}, {"v": 4, "e": 2, "e0": 1}, {"v": 3, "e": 3, "e0": 2},
        {"v": 2, "e": 3, "e0": 2}, {"v": 3, "e": 4, "e0": 3}, {"v": 4, "e": 3, "e0": 2},
        {"v": 3, "e": 3, "e0": 1},
    ),
    derivation="one_head_attention",
)
