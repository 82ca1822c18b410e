"""Generic Jacobian ranks of quadratic networks: rigorous bounds from both sides.

The generic rank of ``(W, V) -> sum_j V_j (w_j·x)^2`` on a data model with ``M`` equations per output and
span ``r`` is twice the learning coefficient at a generic point (`slt_symbolic.conventions`).

Lower bound. The rank at *any* integer point, modulo *any* prime, is at most the generic rank over Q: a
minor that does not vanish there is not the zero polynomial. With ``phi_j`` the feature vector of unit
``j`` on the data and ``t_{j,x} = s_j A_x`` its derivative by coordinate ``x``, the tangent space is
    L ⊗ R^p + sum_{j,x} R (t_{j,x} ⊗ V_j),      L = span(phi_1, ..., phi_K),
so after reducing modulo ``L`` only vectors of length ``M - K`` remain. The outputs are cut into groups and
each ``V_j`` is supported on one group: then the rest is block diagonal, one block a group. Small groups
are cheap; one group is a random point.

Upper bounds. Counted symmetries, the ambient dimension, classical equations: see `_upper_bounds`.

Notation: p outputs, K units, d width of the input, M equations, r span, q = d(d+1)/2.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from flint import nmod_mat
from numpy.typing import NDArray

from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.networks.data import Counts, Inputs, PairCounts, QuadraticForms, TwoHotPairs
from slt_symbolic.networks.quadratic import QuadraticNetwork
from slt_symbolic.ranks.edge_sets import minimising_edge_set, rank_bound
from slt_symbolic.threshold import Bound, Threshold

PRIME = 2**31 - 1  # products of two residues fit into int64
SPARE_ROWS = 16  # more random rows than columns before a block counts as rank deficient
# Field multiplications that a call may spend on one rank, as `_cost` counts them: some 2e9 take a second.
LOOKUP_BUDGET = 10**9
DECIDE_BUDGET = 2 * 10**11
MULTIPLICITY = 1  # the rank is constant near a generic point, whatever its value

Residues = NDArray[np.int64]
RankBound = tuple[int, str]


def proved_threshold(network: QuadraticNetwork[Counts]) -> Threshold:
    """``(lambda, m)`` at a generic point as far as it is proved for all sizes, without any computation of ranks.

    >>> from slt_symbolic.networks.data import PairCounts
    >>> published = PairCounts(modulus=53, number=1123, components=1, centred=True)
    >>> proved_threshold(QuadraticNetwork(published, outputs=53, units=1024)).lambda_
    Fraction(29733, 1)
    """
    return Threshold.between(*proved_bounds(network), MULTIPLICITY, "proved")


def certified_threshold(network: QuadraticNetwork[Inputs], budget: int = DECIDE_BUDGET, seed: int = 0) -> Threshold:
    """``(lambda, m)`` at a generic point: ranks modulo a prime from below, proved bounds from above.

    The truth is itself a generic network of this width on these inputs. Exact where the bounds meet, else
    the bracket. ``budget`` bounds the field multiplications of a single rank computation.

    >>> certified_threshold(QuadraticNetwork(QuadraticForms(4), outputs=3, units=5)).lambda_
    Fraction(29, 2)
    """
    return Threshold.between(*certified_bounds(network, budget, seed), MULTIPLICITY, "certified")


def proved_bounds(network: QuadraticNetwork[Counts]) -> tuple[Bound, Bound]:
    """The two sides of `proved_threshold`."""
    return _sides(max(_structural_bounds(network), key=_rank), min(_upper_bounds(network), key=_rank))


def certified_bounds(network: QuadraticNetwork[Inputs], budget: int = DECIDE_BUDGET, seed: int = 0,
                     ) -> tuple[Bound, Bound]:
    """The two sides of `certified_threshold`."""
    upper = min(_upper_bounds(network), key=_rank)
    if isinstance(network.inputs, TwoHotPairs) and len(network.inputs.pairs) < network.inputs.modulus**2:
        # On all pairs the best edge set is everything or nothing, and those bounds are there already.
        upper = min(upper, _edge_set_bound(network, network.inputs), key=_rank)
    lower = 0, "a rank is not negative"
    for group in _group_sizes(network, upper[0]) if _feature_cost(network) <= budget else ():
        if lower[0] == upper[0] or _cost(network, group) > budget:
            break
        rank = rank_at_grouped_point(network, group, seed)
        how = f"rank {rank} modulo {PRIME} (seed {seed}, outputs in groups of {group})"
        lower = max(lower, (rank, how), key=_rank)
    if lower[0] < upper[0]:
        lower = max([lower, *_structural_bounds(network)], key=_rank)
    return _sides(lower, upper)


def _sides(lower: RankBound, upper: RankBound) -> tuple[Bound, Bound]:
    return (Bound(lambda_of_rank(lower[0]), lower[1]),
            Bound(lambda_of_rank(upper[0]), f"rank <= {upper[0]}, {upper[1]}"))


def _rank(bound: RankBound) -> int:
    return bound[0]


def rank_at_grouped_point(network: QuadraticNetwork[Inputs], group: int, seed: int) -> int:
    """The Jacobian rank modulo `PRIME` at a seeded point whose ``V_j`` live on ``group`` outputs each.

    A lower bound of the generic rank over Q, for every ``group`` and ``seed``.

    >>> rank_at_grouped_point(QuadraticNetwork(QuadraticForms(2), outputs=2, units=1), group=2, seed=0)
    3
    """
    rng = np.random.default_rng(seed)
    inputs, outputs, units = network.inputs, network.outputs, network.units
    matrix = inputs.matrix()
    weights = rng.integers(PRIME, size=(units, inputs.width))
    preactivations = weights @ matrix.T % PRIME  # K × n; inputs are 0, 1: no overflow
    features = _centre(preactivations**2 % PRIME, inputs.centred)
    echelon, feature_rank = _nmod(features[: inputs.equations + SPARE_ROWS]).rref()
    rank = outputs * int(feature_rank)
    if feature_rank == inputs.equations:
        return rank
    pivots, others, relations = _quotient(echelon, int(feature_rank), inputs.equations)
    for size, members in _groups(outputs, units, group):
        columns = size * len(others)
        directions = np.array([(j, x) for j in members for x in range(inputs.width)])
        if len(directions) == 0:
            continue
        directions = rng.permutation(directions)
        output_weights = rng.integers(PRIME, size=(units, size))
        block_rank = 0
        for rows in sorted({min(columns + SPARE_ROWS, len(directions)), len(directions)}):
            unit, coordinate = directions[:rows].T
            tangents = _centre(preactivations[unit] * matrix[:, coordinate].T % PRIME, inputs.centred)
            reduced = (tangents[:, others] - _product(tangents[:, pivots], relations)) % PRIME
            block = output_weights[unit][:, :, None] * reduced[:, None, :] % PRIME
            block_rank = int(_nmod(block.reshape(rows, columns)).rank())
            if block_rank == columns:
                break
        rank += block_rank
    return rank


def _upper_bounds(network: QuadraticNetwork[Counts]) -> Iterator[RankBound]:
    """Proved upper bounds of the generic rank, each with its reason."""
    inputs, p, units = network.inputs, network.outputs, network.units
    m, r = inputs.equations, inputs.span
    # p values on the feature of a unit and r of its derivatives; the scaling of w_j against V_j is in both.
    yield units * (p + r - 1), f"{units} units of p+r-1 = {p + r - 1} directions, one symmetry each counted"
    k = min(units, p, m)
    yield k * (p + m - k), f"p x M matrices of rank <= {k}" if k < min(p, m) else f"p M = {p * m} equations"
    if p == 1:
        k = min(units, r)
        yield k * r - k * (k - 1) // 2, f"symmetric {r} x {r} matrices of rank <= {k}"
    if isinstance(inputs, QuadraticForms):
        yield from _classical_equations(p, inputs.width, units)


def _classical_equations(p: int, d: int, units: int) -> Iterator[RankBound]:
    """Known equations of secant varieties of ``P^{p-1} x v_2(P^{d-1})``.

    *Pfaffian* (Strassen; Ottaviani): for symmetric slices A, B, C the skew matrix
    ``[[0, A, -B], [-A, 0, C], [B, -C, 0]]`` has rank 2 on an atom, so at most ``2K`` on ``K`` units;
    for even ``d`` it is invertible in general (block-diagonal slices make it a direct sum of copies of the case
    ``d = 2``, which derivations/quadratic_generic.py exhibits), so its Pfaffian is an equation if ``2K < 3d``.
    *Rational curve* (Abo, Brambilla 2013): six general points of P^4 x P^3 lie on a rational curve of
    bidegree (4, 3), since PGL_5 and PGL_4 move them to ``(nu_4(s_i), nu_3(s_i))``; in the embedding O(1, 2)
    the curve has degree 10, its six tangent lines span at most 11 dimensions instead of 12.
    """
    if p == 3 and d % 2 == 0 and 2 * units < 3 * d:
        yield p * d * (d + 1) // 2 - 1, "the Pfaffian of Strassen and Ottaviani vanishes"
    if (p, d, units) == (5, 4, 6):
        yield units * (p + d - 1) - 1, "six points of P^4 x P^3 lie on a rational curve of degree 10"


def _edge_set_bound(network: QuadraticNetwork[Inputs], inputs: TwoHotPairs) -> RankBound:
    """The bound of `edge_sets` at a minimising edge set; at all the pairs where that set is empty."""
    kept = minimising_edge_set(inputs.modulus, inputs.pairs, network.units) or inputs.pairs
    bound = rank_bound(inputs, kept, network.outputs, network.units)
    return bound, f"minimising edge set: {len(kept)} of the {len(inputs.pairs)} pairs kept"


def _structural_bounds(network: QuadraticNetwork[Counts]) -> Iterator[RankBound]:
    """Lower bounds proved for all sizes (derivations/quadratic_generic.py and modular_addition.py have the steps).

    *V_j = e_j* for the first ``min(K, p)`` units, 0 for the others. In the output of unit ``j`` the tangent
    space holds ``s_j·(A_x)``, of dimension ``min(r, M)``, and the other ``K - 1`` squares: squares span
    everything, so generic ones add a dimension each until ``M``. Other outputs hold ``min(K, M)`` squares.
    *w_j = e_j* for ``k = min(K, d)`` units when the inputs identify quadratic forms: the tangent space holds
    ``R^p ⊗ e_j^2`` and ``V_j ⊗ e_j e_a``, where ``V_i, V_j ⊗ e_i e_j`` count twice if ``p >= 2``.
    *Shared outputs* on all ``n^2`` pairs: ``k < n`` units of one output span ``k(2n-2-k) + min(2n-1, k(k+3)/2)``
    dimensions, the constants perhaps among them; the other ``K - k`` squares add one each.
    """
    p, units, m, r = network.outputs, network.units, network.inputs.equations, network.inputs.span
    active = min(units, p)
    rank = active * min(r + units - 1, m) + (p - active) * min(units, m)
    yield rank, f"tangent space of dimension {rank} at V_j = e_j, generic w_j"
    if isinstance(network.inputs, QuadraticForms):
        k = min(units, network.inputs.width)
        rank = k * (p + r - 1) if p >= 2 else k * r - k * (k - 1) // 2
        yield rank, f"tangent space of dimension {rank} at w_j = e_j, generic V_j"
    if isinstance(network.inputs, TwoHotPairs | PairCounts) and network.inputs.number == network.inputs.modulus**2:
        n = network.inputs.modulus
        k = min(units // p, n - 1)
        shared = k * (2 * n - 2 - k) + min(2 * n - 1, k * (k + 3) // 2) - int(network.inputs.centred)
        rank = p * min(m, shared + units - k) if k else 0
        yield rank, f"tangent space of dimension {rank} where {k} units share each output"


def _group_sizes(network: QuadraticNetwork[Inputs], target: int) -> Iterator[int]:
    """1, 2, 4, ..., p; without 1 where it cannot reach ``target``.

    Units that share their only output can be rotated into one another: ``k`` of them lose ``k(k-1)/2``.
    """
    p, m, r = network.outputs, network.inputs.equations, network.inputs.span
    sharing = [len(units) for _, units in _groups(p, network.units, 1)]
    if sum(min(m, network.units + k * (r - 1) - k * (k - 1) // 2) for k in sharing) >= target:
        yield 1
    size = 2
    while size < p:
        yield size
        size *= 2
    if p > 1:
        yield p


def _groups(outputs: int, units: int, group: int) -> Iterator[tuple[int, range]]:
    """The outputs in groups of at least ``group``, as equal as can be, with their share of the units.

    A group smaller than the others would have symmetries that they do not have (one output: rotations).
    """
    count = outputs // group
    for index in range(count):
        start, stop = index * outputs // count, (index + 1) * outputs // count
        yield stop - start, range(start * units // outputs, stop * units // outputs)


def _feature_cost(network: QuadraticNetwork[Inputs]) -> int:
    """Field multiplications of `rank_at_grouped_point` before its blocks, roughly."""
    m, d = network.inputs.equations, network.inputs.width
    rank = min(network.units, m)
    return rank**2 * m + rank * m * d


def _cost(network: QuadraticNetwork[Inputs], group: int) -> int:
    """Field multiplications of `rank_at_grouped_point`, roughly."""
    m, d = network.inputs.equations, network.inputs.width
    rank = min(network.units, m)
    total = _feature_cost(network)
    for size, members in _groups(network.outputs, network.units, group):
        columns = size * (m - rank)
        rows = min(len(members) * d, columns + SPARE_ROWS)
        total += rows * columns * (min(rows, columns) + rank)
    return total


def _centre(values: Residues, centred: bool) -> Residues:
    """The quotient of the value space by constants: differences to the last input."""
    return (values[:, :-1] - values[:, -1:]) % PRIME if centred else values


def _quotient(echelon: nmod_mat, rank: int, columns: int) -> tuple[Residues, Residues, nmod_mat]:
    """Coordinates of the quotient by a row space in echelon form: ``y -> y_others - y_pivots·relations``."""
    table = np.array([[int(x) for x in row] for row in echelon.tolist()[:rank]], dtype=np.int64).reshape(rank, columns)
    pivots = np.array([int(np.flatnonzero(row)[0]) for row in table], dtype=np.int64)
    others = np.setdiff1d(np.arange(columns), pivots)
    return pivots, others, _nmod(table[:, others])


def _product(left: Residues, right: nmod_mat) -> Residues:
    product = _nmod(left) * right
    entries = np.fromiter((int(x) for x in product.entries()), dtype=np.int64, count=product.nrows() * product.ncols())
    return entries.reshape(product.nrows(), product.ncols())


def _nmod(values: Residues) -> nmod_mat:
    rows, columns = values.shape
    return nmod_mat(rows, columns, values.ravel().tolist(), PRIME)
