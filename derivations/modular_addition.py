"""Quadratic networks on the two-hot inputs of modular addition: the generic point and the dead unit."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import fmpz_mat

from derivations.framework import Derivation, Step, require, require_equal
from derivations.ranks import CONCAVE, FROM_BELOW, ends_of_linear_pieces, rank_modulo_prime
from slt_symbolic import closed_form
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.networks.data import Pair, TwoHotPairs, all_pairs
from slt_symbolic.ranks.edge_sets import minimising_edge_set


def jacobian(inputs: TwoHotPairs, w: Sequence[Sequence[Any]], v: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Straight from ``f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2``, over any ring.

    Rows are the derivatives by u_j, v_j, V_j, unit by unit; columns the values, output by output, as the loss sees them.
    """
    p, pairs = inputs.modulus, inputs.pairs
    rows = []
    for w_j, v_j in zip(w, v, strict=True):
        s = [w_j[a] + w_j[p + b] for a, b in pairs]
        for vertex in range(2 * p):
            slope = [2 * x * int(vertex in (a, p + b)) for x, (a, b) in zip(s, pairs, strict=True)]
            rows.append([c * entry for c in v_j for entry in slope])
        rows += [[x * x * int(c == k) for c in range(len(v_j)) for x in s] for k in range(len(v_j))]
    if inputs.centred:
        n = len(pairs)
        rows = [[row[c * n + i] - row[c * n + n - 1] for c in range(len(v[0])) for i in range(n - 1)] for row in rows]
    return rows


def jacobian_rank(inputs: TwoHotPairs, w: list[list[int]], v: list[list[int]]) -> int:
    """The exact rank over Q at integer parameters."""
    return int(fmpz_mat(jacobian(inputs, w, v)).rank())


def _random_pairs(rng: random.Random, p: int, count: int) -> tuple[Pair, ...]:
    return tuple(sorted(rng.sample([(a, b) for a in range(p) for b in range(p)], count)))


def _random_rows(rng: random.Random, count: int, length: int) -> list[list[int]]:
    return [[rng.randint(1, 10**6) for _ in range(length)] for _ in range(count)]


def _shift_is_a_symmetry() -> None:
    u, v, t = sympy.symbols("u v t")
    require_equal(sympy.expand(((u + t) + (v - t)) ** 2 - (u + v) ** 2), 0, "(u(a)+v(b))^2 under u+t, v-t")


def _forest_rank(p: int, kept: tuple[Pair, ...]) -> int:
    """``r(F)``: the rank of the incidence matrix."""
    return int(fmpz_mat([[int(x in (a, p + b)) for x in range(2 * p)] for a, b in kept]).rank()) if kept else 0


def _count(p: int, pairs: tuple[Pair, ...], kept: tuple[Pair, ...], units: int) -> int:
    """``p|E - F| + K(p - 1 + r(F))``, and ``p|E|`` for the empty ``F``."""
    return p * (len(pairs) - len(kept)) + (units * (p - 1 + _forest_rank(p, kept)) if kept else 0)


def _subsets(pairs: tuple[Pair, ...]) -> list[tuple[Pair, ...]]:
    return [kept for size in range(len(pairs) + 1) for kept in itertools.combinations(pairs, size)]


def _edge_set_bound() -> None:
    rng = random.Random(0)
    for p, count, units in ((2, 3, 1), (3, 5, 4), (3, 6, 3), (3, 7, 5)):
        inputs = TwoHotPairs(p, _random_pairs(rng, p, count), centred=False)
        rank = jacobian_rank(inputs, _random_rows(rng, units, 2 * p), _random_rows(rng, units, p))
        for kept in _subsets(inputs.pairs):
            require(rank <= _count(p, inputs.pairs, kept, units), f"rank {rank} exceeds the bound of {kept}")


def _search_finds_the_minimum() -> None:
    rng = random.Random(5)
    for p, count in ((2, 4), (3, 6), (3, 8), (4, 9)):
        pairs = _random_pairs(rng, p, count)
        for units in range(1, count + 1):
            def cost(kept: tuple[Pair, ...], units: int = units, p: int = p, pairs: tuple[Pair, ...] = pairs) -> int:
                return units * _forest_rank(p, kept) + p * (len(pairs) - len(kept))
            least = min(map(cost, _subsets(pairs)))
            require_equal(cost(minimising_edge_set(p, pairs, units)), least, f"minimum on {pairs} at K={units}")


def _no_choice_of_rows_counts_better() -> None:
    rng = random.Random(6)
    for p, pairs in ((2, ((0, 0), (0, 1), (1, 0), (1, 1))), (2, ((0, 0), (1, 0), (1, 1))), (3, ((0, 0), (0, 1), (2, 2)))):
        u, v_j = rng.sample(range(1, 10**6), 2 * p), rng.sample(range(1, 10**6), p)
        rows = {}
        for a, b in pairs:
            s = u[a] + u[p + b]
            for c in range(p):
                rows[a, b, c] = ([s * s * int(k == c) for k in range(p)]
                                 + [2 * s * v_j[c] * int(x in (a, p + b)) for x in range(2 * p)])
        chosen = [keys for size in range(1, len(rows) + 1) for keys in itertools.combinations(rows, size)]
        ranks = {keys: int(fmpz_mat([rows[key] for key in keys]).rank()) for keys in chosen}
        for units in (1, 2, 3, 5):
            best = min(len(rows) - len(keys) + units * rank for keys, rank in ranks.items())
            least = min(_count(p, pairs, kept, units) for kept in _subsets(pairs))
            require_equal(min(best, len(rows)), least, f"best choice of rows on {pairs} at K={units}")


def _squares_span() -> None:
    rng = random.Random(1)
    for p in (2, 3, 4):
        squares = [[(w[a] + w[p + b]) ** 2 for a in range(p) for b in range(p)]
                   for w in _random_rows(rng, p * p, 2 * p)]
        require_equal(fmpz_mat(squares).rank(), p * p, f"span of squares at p={p}")


def _reciprocal_is_not_a_sum() -> None:
    # On a cycle the alternating sum of alpha(a) + beta(b) vanishes; that of 1/s does not, at s = 1, 2, 3, 2.
    s = (1, 2, 3, 2)
    require_equal(s[0] - s[1] + s[2] - s[3], 0, "s is a sum u(a) + v(b) on the 4-cycle")
    require(Fraction(1, 1) - Fraction(1, 2) + Fraction(1, 3) - Fraction(1, 2) != 0, "1/s is not")


def _narrow_networks() -> None:
    rng = random.Random(2)
    for p, count in ((2, 2), (2, 3), (2, 4), (3, 4), (3, 5), (3, 7), (3, 9), (4, 9)):
        for centred in (False, True):
            inputs = TwoHotPairs(p, _random_pairs(rng, p, count), centred)
            r, m = inputs.span, inputs.equations
            for units in range(1, min(p, m) + 1):
                v = [[int(c == j) for c in range(p)] for j in range(units)]
                rank = jacobian_rank(inputs, _random_rows(rng, units, 2 * p), v)
                lower = units * min(r + units - 1, m) + (p - units) * min(units, m)
                k = min(units, p, m)
                upper = min(units * (p + r - 1), k * (p + m - k))
                require_equal((rank, lower), (upper, upper), f"{inputs.pairs}, centred={centred}, K={units}")


def _sharing_rank(p: int, k: int) -> int:
    """The dimension ``T_k`` of the sum of ``s_j(alpha + beta)`` for ``k < p`` generic units on all pairs."""
    return k * (2 * p - 2 - k) + min(2 * p - 1, k * (k + 3) // 2)


def _units_that_share_an_output() -> None:
    for p in range(2, 8):
        for k in range(1, p):
            found = rank_modulo_prime(all_pairs(p).matrix(), 1, k)
            require_equal(found, _sharing_rank(p, k), f"{k} units of one output at p={p}")
    rng = random.Random(10)
    for p, k in ((4, 2), (5, 2)):
        units = p * k
        require(_sharing_rank(p, k) + units - k >= p * p > 2 * p - 1 + units - 1, f"a new width at p={p}")
        v = [[int(c == j % p) for c in range(p)] for j in range(units)]
        for centred in (False, True):
            rank = jacobian_rank(all_pairs(p, centred), _random_rows(rng, units, 2 * p), v)
            require_equal(rank, p * (p * p - int(centred)), f"V_j = e_(j mod p) at p={p}, K={units}")
    for p in range(40, 200):
        k = next(k for k in range(1, p) if _sharing_rank(p, k) + p * k - k >= p * p)
        require(Fraction(p * k, p * p) < Fraction(2, 5), f"full from K = {p * k} at p={p}")


def _vertices_peel_off() -> None:
    rng = random.Random(9)
    for p, degree, units in ((2, 1, 2), (3, 1, 3), (3, 2, 6), (4, 2, 9)):
        vertex = p - 1
        rest = tuple((a, b) for a, b in _random_pairs(rng, p, p * p // 2 + 2) if a != vertex)
        pairs = rest + tuple((vertex, b) for b in rng.sample(range(p), degree))
        w, v = _random_rows(rng, units, 2 * p), _random_rows(rng, units, p)
        for centred in (False, True):
            whole, part = (jacobian_rank(TwoHotPairs(p, chosen, centred), w, v) for chosen in (pairs, rest))
            require_equal(whole, p * degree + part, f"rank with a vertex of degree {degree} at p={p}, K={units}")


_best_edge_set = functools.cache(minimising_edge_set)  # the same with and without centring


@functools.cache
def bounds_by_width(inputs: TwoHotPairs) -> list[int]:
    """Proved upper bounds of the generic rank for ``K = 0, 1, ..., M + 1``.

    Edge sets are added until the ends of linear pieces have their best ones; as the least bound is concave, no other
    width has a better one.
    """
    p, pairs, m = inputs.modulus, inputs.pairs, inputs.equations
    sets, searched = {pairs}, set[int]()
    while True:
        lines = {(p * (len(pairs) - len(kept)), p - 1 + _forest_rank(p, kept)) for kept in sets}
        bounds = [0]
        for units in range(1, m + 2):
            k = min(units, p, m)
            bounds.append(min(k * (p + m - k), *(outside + units * inside for outside, inside in lines)))
        new = set(widths_to_certify(inputs, bounds)) - searched
        if not new:
            return bounds
        searched |= new
        sets |= {_best_edge_set(p, pairs, units) for units in new} - {()}


def widths_to_certify(inputs: TwoHotPairs, bounds: list[int]) -> list[int]:
    """The ends of linear pieces between ``K <= p`` and ``K + r - 1 >= M``, where all is proved."""
    return [k for k in ends_of_linear_pieces(bounds) if inputs.modulus < k < inputs.equations - inputs.span + 1]


def random_training_set(rng: random.Random, p: int) -> tuple[Pair, ...]:
    """A set of at least two pairs: one to three random rectangles of residues, each whole or thinned.

    Isolated and low-degree vertices, several components, complete bipartite blocks and uniform sets all occur.
    """
    pairs: set[Pair] = set()
    while len(pairs) < 2:
        for _ in range(rng.randint(1, 3)):
            rows, columns = (rng.sample(range(p), rng.randint(1, p)) for _ in range(2))
            block = list(itertools.product(rows, columns))
            pairs |= set(rng.sample(block, rng.choice((len(block), rng.randint(1, len(block))))))
    return tuple(sorted(pairs))


def _certify(inputs: TwoHotPairs) -> None:
    bounds = bounds_by_width(inputs)
    for units in widths_to_certify(inputs, bounds):
        rank = rank_modulo_prime(inputs.matrix(), inputs.modulus, units, inputs.centred)
        require_equal(rank, bounds[units], f"rank at K={units}, centred={inputs.centred}, pairs {inputs.pairs}")


def _differences_decrease() -> None:
    rng = random.Random(7)
    for inputs in (all_pairs(3, False), all_pairs(4, True), TwoHotPairs(5, _random_pairs(rng, 5, 14))):
        ranks = [0, *(rank_modulo_prime(inputs.matrix(), inputs.modulus, units, inputs.centred) for units in range(1, 12))]
        require(all(a + b <= 2 * c for a, c, b in zip(ranks, ranks[1:], ranks[2:], strict=False)), f"concave: {ranks}")


LARGEST_MODULUS = 11  # all pairs, all widths
SETS_PER_MODULUS = 60  # random training sets for each p = 3..7, centred and not, all widths


def _all_pairs_at_every_width() -> None:
    for p in range(2, LARGEST_MODULUS + 1):
        for centred in (True, False):
            inputs = all_pairs(p, centred)
            filled, bounds = p * inputs.equations, bounds_by_width(inputs)
            for units in range(p, len(bounds)):
                require_equal(bounds[units], min(units * (3 * p - 2), filled), f"least bound at p={p}, K={units}")
            _certify(inputs)


def _training_sets_at_every_width() -> None:
    rng = random.Random(8)
    beaten = 0
    for p in range(3, 8):
        for _ in range(SETS_PER_MODULUS):
            pairs = random_training_set(rng, p)
            for centred in (True, False):
                inputs = TwoHotPairs(p, pairs, centred)
                bounds = bounds_by_width(inputs)
                _certify(inputs)
                beaten += any(bounds[units] < min(_count(p, pairs, pairs, units), p * inputs.equations)
                              for units in range(p + 1, len(bounds)))
    require(beaten, "F = E is not always the best edge set")


def _compare_generic() -> None:
    entry = closed_form("modular-addition-generic")
    rng = random.Random(3)
    for p, count in ((2, 4), (3, 6), (3, 9), (4, 11), (5, 8), (5, 25)):
        for centred in (False, True):
            inputs = TwoHotPairs(p, _random_pairs(rng, p, count), centred)
            m = inputs.equations
            for units in (*range(1, p + 1), m, m + 3):
                active = min(units, p)
                rank = active * min(inputs.span + units - 1, m) + (p - active) * min(units, m)
                sizes = entry.check(p=p, K=units, pairs=inputs.pairs, centred=centred)
                require_equal(entry.formula(sizes), (Fraction(rank, 2), 1), format_sizes(sizes))
    for p in (2, 3, 5, 8, LARGEST_MODULUS):
        for centred in (True, False):
            bounds = bounds_by_width(all_pairs(p, centred))
            for units in {1, p, *(k + step for k in ends_of_linear_pieces(bounds) for step in (-1, 0, 1))} - {0}:
                found = entry.formula(entry.check(p=p, K=units, centred=centred))
                require_equal(found, (Fraction(bounds[units], 2), 1), f"p={p} K={units} centred={centred}")
    for _ in range(3):
        inputs = TwoHotPairs(6, random_training_set(rng, 6))
        bounds = bounds_by_width(inputs)
        for units in range(7, inputs.equations, 3):
            answer = entry.at(p=6, K=units, pairs=inputs.pairs)
            require_equal(answer.lambda_, Fraction(bounds[units], 2), f"K={units} {inputs.pairs}")


GENERIC = Derivation(
    entry="modular-addition-generic",
    statement=r"On a training set $E$ of $N$ pairs whose bipartite graph has $\kappa$ components, with $r=2p-\kappa$, "
    r"$M=N-c$ ($c=1$ if centred): for $K\le p$, and wherever $K+r-1\ge M$, "
    r"$\lambda=\tfrac12\min\bigl(K(p+r-1),\,k(p+M-k)\bigr)$, $k=\min(K,p,M)$, and $m=1$; for every $K$ and every nonempty "
    r"$F\subseteq E$, $\lambda\le\tfrac12\bigl(p|E\setminus F|+K(p-1+r(F))\bigr)$ and $\lambda\le\tfrac12pM$, and the least "
    r"of these bounds was the value on every set decided so far.",
    instances=r"All $K\le p$ and all $K$ with $K+r-1\ge M$ are proved, on all pairs already all $K\ge\tfrac25p^2$ at "
    r"$40\le p<200$, and the upper bounds at all sizes. Certified are, at "
    rf"every $K$, all $p^2$ pairs for $p\le{LARGEST_MODULUS}$ and {5 * SETS_PER_MODULUS} random training sets for $3\le p\le7$, "
    r"centred and not. Other sizes are decided one by one, by a rank from below and a minimising edge set from above. "
    r"That the bound is always attained for $K>p$ is not proved.",
    assumptions=(r"$f(a,b)=\sum_{j\le K}V_j(u_j(a)+v_j(b))^2$, $V_j\in\mathbb R^p$",
                 "the truth is itself a generic network of this width on these pairs"),
    steps=(
        Step("One more symmetry per unit", r"$(u+t,\,v-t)$ leaves $u(a)+v(b)$ alone. With the scaling of $w_j$ against "
             r"$V_j$ a unit has $3p-2$ directions on all pairs, not the $3p-1$ of Cor. 5.4 of arXiv:2603.01192; on a "
             r"training set the $\kappa$ components shift separately.", _shift_is_a_symmetry),
        Step("Upper bounds", r"Outside $F$ each pair has $p$ values. On $F$ a unit has $\mathbb R^p\otimes s^2$ and "
             r"$V_j\otimes s(\alpha(a)+\beta(b))$, of dimension $r(F)$, the vertices less the components of $F$; they share "
             r"$V_j\otimes s^2$. So the rank is at most $p|E\setminus F|+K(p-1+r(F))$ for *every* nonempty $F$. And "
             r"$p\times M$ matrices of rank at most $k$ have dimension $k(p+M-k)$. Centring is a projection: it raises no rank.",
             _edge_set_bound),
        Step("The best edge set in polynomial time", r"The best $F$ minimises $K\,r(F)+p|E\setminus F|$. It may be taken "
             r"closed: the edges inside the blocks of a partition of the vertices, with $r(F)$ = vertices less blocks (a block "
             r"that falls apart only improves on this). So one minimises $p\cdot$(crossing edges) $-\,K\cdot$(blocks): a sum "
             r"over the blocks $B$ of $\tfrac p2d(B)-K$, $d(B)$ the edges that leave $B$, a submodular function; its least sum "
             r"over partitions is a Dilworth truncation, which the greedy algorithm computes with one minimum cut a vertex "
             r"(Cunningham 1985; `slt_symbolic/edge_sets.py`). The search need not be trusted: whatever $F$ it returns, the "
             r"bound is evaluated there by the step above, and a worse $F$ gives a weaker bound, never a wrong one.",
             _search_finds_the_minimum),
        Step("No choice of rows counts better", r"More generally let $A\subseteq E\times\{1..p\}$ be any set of values, "
             r"$\rho(A)$ the rank of one generic unit on it: the rank is at most $|A^c|+K\rho(A)$, and the least of these is "
             r"the rank of the union of $K$ copies of the matroid $\rho$. The minimisers of a submodular function are closed "
             r"under unions, so the largest is invariant under permutations of the outputs, under which a generic unit stays "
             r"generic: it is $F\times\{1..p\}$, where $\rho=p-1+r(F)$ (0 for $F=\emptyset$). Units with independent generic "
             r"row scalings would attain it; those of a network scale value $(a,b,c)$ by $V_{jc}\,s_j(a,b)$, and for $K<p$ the "
             r"matrices of rank $K$ are in the way. This is why equality for $K>p$ is certified, not proved.",
             _no_choice_of_rows_counts_better),
        Step("Squares span all functions", r"Polarising, the span of $(u(a)+v(b))^2$ holds $u(a)v(b)$. The squares form an "
             r"irreducible family, so generic ones add one dimension each to any subspace until everything is reached.",
             _squares_span),
        Step("Centring costs nothing else", r"$s\cdot(\alpha+\beta)$ contains the constants only if $1/s=\alpha(a)+\beta(b)$, and "
             r"then the alternating sum of $1/s_e$ along a cycle vanishes. On a cycle $s$ is bound by one equation, the "
             r"alternating sum of $s_e$; let one $s_e\to0$ with the others nonzero and that sum kept at 0: $1/s_e$ alone blows up, "
             r"so for generic $s$ it fails (checked at $s=1,2,3,2$). Without a cycle $r=N$ and the space is everything.",
             _reciprocal_is_not_a_sum),
        Step("Lower bound", r"At $V_j=e_j$ for $j\le\min(K,p)$ output $j$ holds $s_j(\alpha+\beta)$, of dimension "
             r"$\min(r,M)$, and $K-1$ other squares: $\min(r+K-1,M)$; the other outputs hold $\min(K,M)$ squares. For "
             r"$K\le p$ the sum is the upper bound, and for $r+K-1\ge M$ with $K\ge p$ it is all $pM$ equations.",
             _narrow_networks),
        Step("All pairs are filled early", r"On all pairs let $k=\lfloor K/p\rfloor<p$ units share each output, $V_j=e_c$. Their "
             r"$s_j(\alpha+\beta)$ span $T_k=k(2p-2-k)+\min\bigl(2p-1,\,k(k+3)/2\bigr)$: modulo the sums $\alpha(a)+\beta(b)$ "
             r"they are the tangent space of $(p-1)\times(p-1)$ matrices of rank $k$; the sums among them are spanned by "
             r"$u_iu_j-v_iv_j$ and $u_j+v_j$, and as functions on the $2p$ vertices, with $(1,-1)$ for the zero sum, these are the "
             r"values of the polynomials of degree $\le2$ at points of two kinds, $(x_ix_j,x_j,1)$ and $(-y_iy_j,y_j,-1)$, each "
             r"kind in no hyperplane: rank $\min(2p,\,k(k+3)/2+1)$, less 1. The other $K-k$ squares add a dimension each. So "
             r"wherever $T_k+K-k\ge p^2$ all equations are reached, with centring too ($T_k$ loses at most the 1 that the equations "
             r"lose), and $\lambda=\tfrac12pM$: for large $p$ from about $K=\tfrac{3-\sqrt5}2p^2$ on, where the count gives $p^2/3$.",
             _units_that_share_an_output),
        Step("Vertices of low degree peel off", r"Let the vertex $a$ have $\delta\ge1$ pairs, $p\delta\le K$. The "
             r"derivatives by $u_j(a)$ live on its pairs alone and are, up to a factor 2, $(V_{jc}\,s_j(a,b))_{c,b}$: $K$ "
             r"generic tensors of rank one in $\mathbb R^p\otimes\mathbb R^\delta$ (the $v_j(b)$ are free), which span it. So the "
             r"rank is $p\delta$ plus the rank on the other pairs (if there are any, also with centring: add the constants to both "
             r"spaces). This proves the minimum of the bounds wherever peeling ends at nothing or where all is proved; "
             r"open is equality on graphs with all degrees above $K/p>1$.", _vertices_peel_off),
        Step("Few ranks decide all widths", CONCAVE + r" The bounds above are, for $K\ge p$, a minimum of linear functions of "
             r"$K$.", _differences_decrease),
        Step("All pairs, every width", FROM_BELOW + rf" On all $p^2$ pairs, $p\le{LARGEST_MODULUS}$, the least bound is "
             r"$\min(K(3p-2),pM)$ for $K\ge p$, with one change of slope; the ranks at the two widths beside it decide all "
             r"others. (Dense Jacobian of `derivations/ranks.py`, not `slt_symbolic.ranks.jacobian`.)", _all_pairs_at_every_width),
        Step("Training sets, every width", rf"{SETS_PER_MODULUS} seeded random sets for each $p=3..7$: uniform, with isolated "
             r"and low-degree vertices, with several components, with complete bipartite blocks. On each, at every $K$ and "
             r"centred or not, the rank is the least bound; on many of them $F=E$ does not give it.",
             _training_sets_at_every_width),
        Step("Comparison", "The catalogue entry has these values; on sets it finds them by its own ranks and edge sets.",
             _compare_generic),
    ),
)


def _preactivations_are_independent() -> None:
    rng = random.Random(4)
    for p, count in ((2, 2), (3, 4), (3, 9), (5, 12)):
        inputs = TwoHotPairs(p, _random_pairs(rng, p, count), centred=False)
        require_equal(fmpz_mat(inputs.matrix().tolist()).rank(), inputs.span, f"rank of the pairs {inputs.pairs}")


def _uncentred_poles() -> None:
    z, p, r, rho = sympy.symbols("z p r rho", positive=True)
    radial = sympy.integrate(rho ** (4 * z + r - 1), (rho, 0, 1)) * sympy.integrate(rho ** (2 * z + p - 1), (rho, 0, 1))
    require_equal(sympy.simplify(radial - 1 / ((4 * z + r) * (2 * z + p))), 0, "zeta of |V|^2 |s|^4")


def _lines_are_transversal() -> None:
    # On all pairs s = u + v takes two values +-1 only if u or v is constant: s(a, b) = eps(b), say. There the
    # derivatives of s_e^2 - s_f^2 vanish on the line and on the shifts, and nowhere else.
    for p in (2, 3):
        inputs = all_pairs(p, centred=False)
        table = inputs.matrix().tolist()
        for signs in itertools.product((1, -1), repeat=p):
            s = [signs[b] for _, b in inputs.pairs]
            rows = [[s[i] * x - s[0] * y for x, y in zip(table[i], table[0], strict=True)] for i in range(1, len(s))]
            require_equal(2 * p - fmpz_mat(rows).rank(), 1 + inputs.components, f"dimension of the kernel at {signs}")


def _two_pairs() -> None:
    x, y = sympy.symbols("x y")
    mean = (x**2 + y**2) / 2
    loss = sympy.factor((x**2 - mean) ** 2 + (y**2 - mean) ** 2)
    require_equal(sympy.expand(loss - (x - y) ** 2 * (x + y) ** 2 / 2), 0, "the centred loss of two pairs")


def _compare_dead_unit() -> None:
    entry = closed_form("modular-addition-dead-unit")
    for p in range(2, 8):
        for components in range(1, 2 * p):
            rank = 2 * p - components
            for centred in (0, 1):
                if rank <= centred:
                    continue
                poles = [Fraction(p, 2), Fraction(rank, 4)] + [Fraction(rank - 1, 2)] * centred
                expected = min(poles), poles.count(min(poles))
                sizes = {"p": p, "components": components, "centred": centred}
                require_equal(entry.formula(sizes), expected, format_sizes(sizes))


DEAD_UNIT = Derivation(
    entry="modular-addition-dead-unit",
    statement=r"At a unit at zero with zero truth $\lambda=(2p-\kappa)/4$; $m=1$, but $m=2$ for two pairs with centring.",
    assumptions=(r"$f(a,b)=V(u(a)+v(b))^2$, $V\in\mathbb R^p$", r"the pairs' graph has $\kappa$ components"),
    steps=(
        Step("Preactivations", r"The values $s_e=u(a)+v(b)$ on the pairs span $r=2p-\kappa$ linear forms, which are "
             r"coordinates; the other $\kappa$ directions are flat.", _preactivations_are_independent),
        Step("Not centred", r"$K=|V|^2\sum_e s_e^4\asymp|V|^2|s|^4$: poles at $-r/4$ and $-p/2$, and $r/4<p/2$.",
             _uncentred_poles),
        Step("Centred", r"$K=|V|^2Q(s)$, $Q=\sum_e(s_e^2-\overline{s^2})^2$ homogeneous of degree 4. Blow up $s=0$: the "
             r"exceptional divisor gives $r/4$; the strict transform vanishes where $s^2$ is constant, on isolated lines "
             r"$s=t\varepsilon$ with signs $\varepsilon$. Along $\delta s$ the derivative of $s_e^2-s_f^2$ is "
             r"$2t(\varepsilon_e\delta s_e-\varepsilon_f\delta s_f)$, zero only for $\delta s\parallel\varepsilon$: the zero is "
             r"transversal and gives $(r-1)/2\ge r/4$ for $r\ge2$.", _lines_are_transversal),
        Step("Two pairs", r"Equality, hence $m=2$, only for $r=2$: two pairs, $Q=(s_1-s_2)^2(s_1+s_2)^2/2$.", _two_pairs),
        Step("Comparison", "The catalogue entry has these values.", _compare_dead_unit),
    ),
)
