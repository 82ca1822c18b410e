"""Products of matrices: linear networks, which see ``A_L ... A_1``.

Notation: N inputs, H hidden units, M outputs, or widths d_0 (inputs), ..., d_L (outputs); r the rank of the truth T.
``local`` is at one exact fit, of which only the ranks of its factors matter. The others are global, the minimum over
the fibre ``A_L ... A_1 = T``. With T = [I_r 0; 0 0] it is attained where every matrix is [I_r 0; 0 0]: that point is in
the closure of every orbit of the changes of basis in the hidden layers (derivations/products.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from sympy import And, Mod, Piecewise, symbols

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import AOYAGI_2024, AOYAGI_WATANABE_2005, MAIS_3, MAIS_12, THIS_PROJECT
from slt_symbolic.engine import rlct, threshold_of
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.networks.linear import LinearNetwork, germ_at
from slt_symbolic.threshold import Threshold

OUTPUTS = Parameter("M", "number of outputs")
INPUTS = Parameter("N", "number of inputs")
HIDDEN = Parameter("H", "number of hidden units")
TRUE_RANK = Parameter("r", "rank of the truth", minimum=0)
WIDTHS = Parameter("widths", "inputs, hidden layers, outputs", length=3)
RANKS = (Parameter("a", "rank of the first matrix", minimum=0), Parameter("b", "rank of the second matrix", minimum=0))
M, N, H, r, a, b = (parameter.symbol for parameter in (OUTPUTS, INPUTS, HIDDEN, TRUE_RANK, *RANKS))


def normal_form(rows: int, columns: int, rank: int) -> list[list[int]]:
    """The matrix [I 0; 0 0] of this rank."""
    return [[int(i == j < rank) for j in range(columns)] for i in range(rows)]


def normal_factors(sizes: Sizes) -> tuple[list[list[int]], list[list[int]]]:
    """A and B of ranks a and b with B A = [I_r 0; 0 0]: A = [I_a 0; 0 0], and B does not see a - r of its units.

    >>> normal_factors({"M": 2, "N": 2, "H": 3, "r": 0, "a": 1, "b": 2})
    ([[1, 0], [0, 0], [0, 0]], [[0, 1, 0], [0, 0, 1]])
    """
    rank, image, seen = sizes["r"], sizes["a"], sizes["b"]
    units = [*range(rank), *range(image, image + seen - rank)]  # those that B sees
    outer = [[int(units[i:i + 1] == [j]) for j in range(sizes["H"])] for i in range(sizes["M"])]
    return normal_form(sizes["H"], sizes["N"], image), outer


def at_normal_form(germ: Germ) -> Threshold:
    """What the engine certifies for a germ at such matrices."""
    found = rlct(germ, timeout=AUDIT_SECONDS)
    return threshold_of(found.statement, found.threshold.certificate, "certificate of the engine at a normal form")


def _by_the_engine(widths: Sequence[int], rank: int) -> Threshold:
    """What the engine certifies at the most singular point of the fibre, where every matrix is [I_r 0; 0 0]."""
    matrices = [normal_form(m, n, rank) for n, m in pairwise(widths)]
    return at_normal_form(germ_at(LinearNetwork(tuple(widths)), matrices))


def _blocks(sizes: Sizes) -> tuple[int, int, int, int]:
    """``q, s, n, h``: the equations with a linear part, and the sizes s × h, h × n of the matrices that are left."""
    seen, image = sizes["b"], sizes["a"]
    linear = sizes["M"] * image + sizes["N"] * seen - image * seen
    return linear, sizes["M"] - seen, sizes["N"] - image, sizes["H"] - image - seen + sizes["r"]


def _selected(widths: Sequence[int], rank: int) -> list[int]:
    """The excesses ``D = d - r`` of the layers in Aoyagi's set S, in the order of the layers.

    S has max_S D < D elsewhere and l·max_S D <= sum_S D < l·D elsewhere, l = |S| - 1. So it starts the sorted excesses,
    and as ``D_0 + ... + D_k - k D_k`` does not grow with k, it ends at the last k where that is not negative.

    >>> _selected((2, 5, 2, 3), 0)
    [2, 2, 3]
    """
    excesses = sorted(width - rank for width in widths)
    totals = list(accumulate(excesses))
    largest = max(excesses[k] for k in range(1, len(excesses)) if k == 1 or totals[k] >= k * excesses[k])
    return [width - rank for width in widths if width - rank <= largest]


q, s, n, h = symbols("q s n h")
_TRIANGLE = And(s <= n + h, n <= s + h, h <= s + n)

REDUCED_RANK_REGRESSION_LOCAL = ClosedForm(
    name="reduced-rank-regression-local",
    title="Reduced rank regression, plain matrix factorisation: two matrices, at any exact fit",
    parameters=(OUTPUTS, INPUTS, HIDDEN, TRUE_RANK, *RANKS),
    sources=(THIS_PROJECT, MAIS_3, MAIS_12),
    derived=Derived((q, s, n, h), _blocks),
    expr=Piecewise(
        (q / 2 + (2 * (h * n + h * s + n * s) - h**2 - n**2 - s**2 + Mod(h + n + s, 2)) / 8, _TRIANGLE),
        ((q + h * n) / 2, n + h < s),
        ((q + h * s) / 2, s + h < n),
        ((q + n * s) / 2, True),
    ),
    multiplicity=Piecewise((1 + Mod(h + n + s, 2), _TRIANGLE), (1, True)),
    conditions=(
        Condition(And(r <= a, r <= b), "the product has more rank than a factor", "r <= min(a, b)"),
        Condition(And(a <= H, a <= N), "the first matrix, H x N, has less rank than a", "a <= min(H, N)"),
        Condition(And(b <= H, b <= M), "the second matrix, M x H, has less rank than b", "b <= min(H, M)"),
        Condition(a + b - r <= H, "factors of these ranks have a product of more rank", "r >= a + b - H"),
    ),
    assumptions=(
        "f(x) = B A x with A of shape H × N and B of shape M × H; the inputs span R^N",
        "at a fit with rank A = a, rank B = b, rank BA = r: the same value at all of them",
        "q = M a + N b - a b equations are linear; what is left has the sizes s = M - b, n = N - a, h = H - a - b + r",
        "2 lambda - q is the least of (h - t)(n - t) + s t over t = 0 .. min(h, n); m is how often it is attained",
    ),
    evidence=Evidence("proved", "q coordinates to eliminate, then two matrices at zero, by the singular values of one",
                      (THIS_PROJECT,)),
    recompute=lambda sizes: at_normal_form(
        germ_at(LinearNetwork((sizes["N"], sizes["H"], sizes["M"])), normal_factors(sizes))),
    audits=(
        {"M": 1, "N": 1, "H": 1, "r": 0, "a": 0, "b": 0}, {"M": 1, "N": 1, "H": 1, "r": 0, "a": 1, "b": 0},
        {"M": 1, "N": 1, "H": 2, "r": 0, "a": 1, "b": 1}, {"M": 2, "N": 2, "H": 2, "r": 0, "a": 0, "b": 0},
        {"M": 2, "N": 2, "H": 2, "r": 0, "a": 1, "b": 1}, {"M": 2, "N": 2, "H": 2, "r": 1, "a": 1, "b": 1},
        {"M": 3, "N": 1, "H": 1, "r": 0, "a": 0, "b": 0}, {"M": 1, "N": 3, "H": 1, "r": 0, "a": 0, "b": 0},
        {"M": 1, "N": 1, "H": 3, "r": 0, "a": 0, "b": 0}, {"M": 2, "N": 2, "H": 2, "r": 0, "a": 1, "b": 0},
        {"M": 2, "N": 2, "H": 2, "r": 0, "a": 0, "b": 1}, {"M": 2, "N": 3, "H": 3, "r": 1, "a": 2, "b": 1},
        {"M": 3, "N": 2, "H": 3, "r": 0, "a": 1, "b": 1}, {"M": 2, "N": 3, "H": 3, "r": 1, "a": 1, "b": 1},
        {"M": 1, "N": 2, "H": 4, "r": 0, "a": 1, "b": 0}, {"M": 2, "N": 2, "H": 1, "r": 0, "a": 0, "b": 1},
        {"M": 3, "N": 3, "H": 3, "r": 1, "a": 1, "b": 2}, {"M": 4, "N": 2, "H": 2, "r": 0, "a": 1, "b": 1},
        {"M": 2, "N": 1, "H": 4, "r": 0, "a": 0, "b": 1}, {"M": 3, "N": 2, "H": 1, "r": 0, "a": 0, "b": 0},
        {"M": 2, "N": 3, "H": 1, "r": 0, "a": 0, "b": 0}, {"M": 3, "N": 3, "H": 2, "r": 1, "a": 2, "b": 1},
        {"M": 4, "N": 1, "H": 2, "r": 0, "a": 0, "b": 1},
    ),
    derivation="reduced_rank",
)

_BALANCED = And(M + r <= N + H, N + r <= M + H, H + r <= M + N)
_PARITY = Mod(M + N + H + r, 2)

REDUCED_RANK_REGRESSION = ClosedForm(
    name="reduced-rank-regression",
    title="Reduced rank regression, plain matrix factorisation: two matrices, the minimum over the fibre",
    parameters=(OUTPUTS, INPUTS, HIDDEN, TRUE_RANK),
    sources=(AOYAGI_WATANABE_2005, THIS_PROJECT),
    expr=Piecewise(
        ((2 * (H + r) * (M + N) - (M - N) ** 2 - (H + r) ** 2 + _PARITY) / 8, _BALANCED),
        ((H * N - H * r + M * r) / 2, N + H < M + r),
        ((H * M - H * r + N * r) / 2, M + H < N + r),
        (M * N / 2, True),
    ),
    multiplicity=Piecewise((1 + _PARITY, _BALANCED), (1, True)),
    conditions=(
        Condition(And(r <= M, r <= N, r <= H), "the truth has more rank than the network", "r <= min(M, N, H)"),
    ),
    assumptions=(
        "f(x) = B A x with A of shape H × N and B of shape M × H; the inputs span R^N",
        "the truth has rank r; the minimum is over all exact fits, attained at A = [I_r 0; 0 0], B = [I_r 0; 0 0]",
    ),
    evidence=Evidence("proved", "reduced-rank-regression-local at a = b = r, near which every orbit of the fibre comes",
                      (AOYAGI_WATANABE_2005, THIS_PROJECT)),
    recompute=lambda sizes: _by_the_engine((sizes["N"], sizes["H"], sizes["M"]), sizes["r"]),
    audits=(
        {"M": 3, "N": 5, "H": 1, "r": 0}, {"M": 3, "N": 5, "H": 2, "r": 1}, {"M": 3, "N": 5, "H": 3, "r": 0},
        {"M": 3, "N": 5, "H": 3, "r": 2}, {"M": 2, "N": 2, "H": 2, "r": 0}, {"M": 2, "N": 3, "H": 2, "r": 0},
        {"M": 3, "N": 3, "H": 3, "r": 1}, {"M": 3, "N": 3, "H": 2, "r": 1}, {"M": 5, "N": 2, "H": 2, "r": 1},
        {"M": 3, "N": 1, "H": 1, "r": 0}, {"M": 2, "N": 5, "H": 2, "r": 1}, {"M": 1, "N": 1, "H": 3, "r": 0},
        {"M": 1, "N": 2, "H": 4, "r": 1}, {"M": 2, "N": 1, "H": 4, "r": 0},
    ),
    derivation="reduced_rank",
)


d_0, d_L, d_min, l, s, a, e = symbols("d_0 d_L d_min l s a e")  # noqa: E741


def _derived(sizes: Sizes) -> tuple[int, ...]:
    """``d_0, d_L, d_min, l, s, a, e``: the ends and the least of the widths, and Aoyagi's numbers of the set S.

    ``l = |S| - 1``, ``s = sum_S D``, ``a = s - l(ceil(s/l) - 1)``, ``e = sum_{i<j in S} D_i D_j`` with ``D = d - r``.

    >>> _derived({"widths": (2, 2, 2, 2), "r": 0})
    (2, 2, 2, 3, 8, 2, 24)
    """
    widths = sizes["widths"]
    selected = _selected(widths, sizes["r"])
    parts, total = len(selected) - 1, sum(selected)
    at_ceiling = total - parts * (-(-total // parts) - 1)
    pairs = (total**2 - sum(excess**2 for excess in selected)) // 2
    return widths[0], widths[-1], min(widths), parts, total, at_ceiling, pairs


DEEP_LINEAR = ClosedForm(
    name="deep-linear",
    title="Deep linear networks, the minimum over the fibre",
    parameters=(WIDTHS, TRUE_RANK),
    sources=(AOYAGI_2024, THIS_PROJECT),
    derived=Derived((d_0, d_L, d_min, l, s, a, e), _derived),
    expr=(r * (d_0 + d_L) - r**2) / 2 + a * (l - a) / (4 * l) - (l - 1) * s**2 / (4 * l) + e / 2,
    multiplicity=a * (l - a) + 1,
    conditions=(Condition(r <= d_min, "the truth has more rank than the network", "r <= the least of the widths"),),
    assumptions=(
        "f(x) = A_L ... A_1 x, L >= 2, with A_i of shape d_i × d_{i-1}; the inputs span their space",
        "d_min is the least width; with D_i = d_i - r, S is the set of layers with max_S D < D_j and "
        "l max_S D <= sum_S D < l D_j for the others j, where l = |S| - 1",
        "s = sum_S D, a = s - l (ceil(s/l) - 1), e = sum of D_i D_j over the pairs in S",
        "the truth has rank r; the minimum is over all exact fits, attained where every A_i is [I_r 0; 0 0]",
    ),
    evidence=Evidence("proved", "half the codimension of the fibre, m the longest chain of strata that attain it",
                      (AOYAGI_2024, THIS_PROJECT)),
    recompute=lambda sizes: _by_the_engine(sizes["widths"], sizes["r"]),
    audits=(
        {"widths": (2, 2, 2), "r": 0}, {"widths": (2, 3, 2), "r": 0}, {"widths": (1, 1, 1, 1), "r": 0},
        {"widths": (2, 2, 2, 1), "r": 0}, {"widths": (4, 2, 2, 1), "r": 0}, {"widths": (3, 3, 1, 3), "r": 0},
        {"widths": (3, 2, 2, 2), "r": 0}, {"widths": (2, 2, 1, 2), "r": 1}, {"widths": (2, 2, 2, 2), "r": 1},
        {"widths": (3, 2, 2, 2), "r": 1}, {"widths": (1, 1, 1, 1, 1), "r": 0}, {"widths": (2, 2, 2, 2, 2), "r": 1},
        {"widths": (2, 2, 2, 2, 2), "r": 2}, {"widths": (4, 3, 3), "r": 2},
    ),
    derivation="deep_linear",
)
