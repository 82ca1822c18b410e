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


def _derived(sizes: Sizes) -> tuple[int, int]:
    """``c, m``: four times what the reduced ideal adds, and the multiplicity.

    >>> _derived({"v": 3, "e": 3, "e0": 1}), _derived({"v": 5, "e": 4, "e0": 1})
    ((8, 3), (23, 1))
    """
    tokens, dimension, known = sizes["v"], sizes["e"], sizes["e0"]
    if known == 0:
        value, multiplicity = REDUCED_RANK_REGRESSION.formula({"M": tokens, "N": tokens - 1, "H": dimension, "r": 0})
        return int(4 * value), multiplicity
    if known >= tokens or dimension == known:
        return 0, 1
    extra, rows = dimension - known, tokens - 1 - known
    found = _narrow if extra <= 2 * rows else _wide
    gain, multiplicity = found(extra, rows, extra + 1 - 2 * known)
    return 2 * (rows + 1) * extra - gain, multiplicity


def _narrow(extra: int, rows: int, kappa: int) -> tuple[int, int]:
    """What singular values of order 0 and 1/2 gain, times 4, and m: at most twice as many dimensions as rows of G."""
    if kappa <= 0:
        return 0, 1
    ties = kappa + 2 if extra == 2 * rows else (kappa + 3) // 2 if kappa % 2 else kappa // 4 + 1
    return kappa**2 // 4, ties


def _wide(extra: int, rows: int, kappa: int) -> tuple[int, int]:
    """The same for more dimensions: odd numbers of singular values are 0 and 1/2."""
    last = 2 * rows + 1  # number of singular values of L and of G
    middle = min(max(kappa // 2, 1), last)
    gain = extra - 2 * rows + middle * (kappa - middle)
    if gain <= 0:
        return 0, 2 if gain == 0 else 1
    low, high = (kappa - last - 1, min(kappa, last)) if kappa % 2 else (kappa - last, kappa // 2)
    return gain, max((high - max(low, 1)) // 2 + 1, 1)


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
    expr=Piecewise((v * (v - 1), e0 >= v), (e0 * (2 * v - 1) / 2 + c / 4, True)),
    multiplicity=m,
    conditions=(Condition(e0 <= e, "the teacher has more dimensions than the network", "e0 <= e"),),
    assumptions=(
        "logits sum_t softmax_t(E_{x_T} Q E_{x_t}^T) E_{x_t} U on strings of T >= 2 tokens, uniform; softmax output",
        "at a teacher of dimension e0 padded by zeros, generic: E0 and U0 have full rank, also modulo constants over "
        "tokens, and no two tokens have the same logits modulo constants; e0 = 0 is the uniform truth",
        "with f = e - e0, n = v - 1 - e0, k = f + 1 - 2 e0, for 1 <= e0 < v: c = 2(v - e0) f - floor(max(k, 0)^2 / 4) "
        "if f <= 2n, else c = 2(v - e0) f - max(0, f - 2n + z (k - z)), z from 1 to 2n + 1 nearest to k / 2",
        "at e0 = 0 c is four times lambda of reduced rank regression (v, v - 1, e, 0); m counts directions in "
        "which singular values may be scaled (derivations/rendered/one-head-attention.md)",
    ),
    evidence=Evidence("proved", "e0 (2v - 1) linear coordinates to eliminate, then singular values of L and G",
                      (THIS_PROJECT, MAIS_29)),
    recompute=_recompute,
    audits=(
        {"v": 2, "e": 1, "e0": 0}, {"v": 3, "e": 2, "e0": 0}, {"v": 2, "e": 1, "e0": 1}, {"v": 2, "e": 2, "e0": 1},
        {"v": 3, "e": 2, "e0": 1}, {"v": 2, "e": 3, "e0": 1}, {"v": 4, "e": 2, "e0": 1}, {"v": 3, "e": 3, "e0": 2},
        {"v": 2, "e": 3, "e0": 2}, {"v": 3, "e": 4, "e0": 3}, {"v": 4, "e": 3, "e0": 2},
        {"v": 3, "e": 3, "e0": 1},
    ),
    derivation="one_head_attention",
)
