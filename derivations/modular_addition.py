"""Quadratic networks on the two-hot inputs of modular addition: the generic point and the dead unit."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import sympy
from flint import fmpz_mat

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_forms
from slt_symbolic.edge_sets import rank_bound
from slt_symbolic.networks.data import Pair, TwoHotPairs, all_pairs


def _jacobian_rank(inputs: TwoHotPairs, w: list[list[int]], v: list[list[int]]) -> int:
    """The exact rank over Q at integer parameters, straight from ``f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2``."""
    p, pairs = inputs.modulus, inputs.pairs
    rows = []
    for w_j, v_j in zip(w, v, strict=True):
        s = [w_j[a] + w_j[p + b] for a, b in pairs]
        rows += [[x * x * int(c == k) for c in range(len(v_j)) for x in s] for k in range(len(v_j))]
        for vertex in range(2 * p):
            slope = [2 * x * int(vertex in (a, p + b)) for x, (a, b) in zip(s, pairs, strict=True)]
            rows.append([c * entry for c in v_j for entry in slope])
    if inputs.centred:
        n = len(pairs)
        rows = [[row[c * n + i] - row[c * n + n - 1] for c in range(len(v[0])) for i in range(n - 1)] for row in rows]
    return int(fmpz_mat(rows).rank())


def _random_pairs(rng: random.Random, p: int, count: int) -> tuple[Pair, ...]:
    return tuple(sorted(rng.sample(list(itertools.product(range(p), repeat=2)), count)))


def _random_rows(rng: random.Random, count: int, length: int) -> list[list[int]]:
    return [[rng.randint(1, 10**6) for _ in range(length)] for _ in range(count)]


def _shift_is_a_symmetry() -> None:
    u, v, t = sympy.symbols("u v t")
    require_equal(sympy.expand(((u + t) + (v - t)) ** 2 - (u + v) ** 2), 0, "(u(a)+v(b))^2 under u+t, v-t")


def _edge_set_bound() -> None:
    rng = random.Random(0)
    for p, count, units in ((2, 3, 1), (3, 5, 4), (3, 6, 3), (3, 7, 5)):
        inputs = TwoHotPairs(p, _random_pairs(rng, p, count), centred=False)
        rank = _jacobian_rank(inputs, _random_rows(rng, units, 2 * p), _random_rows(rng, units, p))
        for size in range(1, count + 1):
            for kept in itertools.combinations(inputs.pairs, size):
                require(rank <= rank_bound(inputs, kept, p, units), f"rank {rank} exceeds the bound of {kept}")


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
                rank = _jacobian_rank(inputs, _random_rows(rng, units, 2 * p), v)
                lower = units * min(r + units - 1, m) + (p - units) * min(units, m)
                k = min(units, p, m)
                upper = min(units * (p + r - 1), k * (p + m - k))
                require_equal((rank, lower), (upper, upper), f"{inputs.pairs}, centred={centred}, K={units}")


def _compare_generic() -> None:
    entry = closed_forms["modular-addition-generic"]
    rng = random.Random(3)
    for p, count in ((2, 4), (3, 6), (3, 9), (4, 11), (5, 8), (5, 25)):
        for centred in (False, True):
            inputs = TwoHotPairs(p, _random_pairs(rng, p, count), centred)
            m = inputs.equations
            for units in (*range(1, p + 1), m, m + 3):
                active = min(units, p)
                rank = active * min(inputs.span + units - 1, m) + (p - active) * min(units, m)
                sizes = entry.check(p=p, K=units, pairs=inputs.pairs, centred=centred)
                require_equal(entry.formula(sizes), (Fraction(rank, 2), 1), f"{sizes}")


GENERIC = Derivation(
    entry="modular-addition-generic",
    statement=r"On a training set of $N$ pairs whose bipartite graph has $\kappa$ components, with $r=2p-\kappa$, "
    r"$M=N-c$ ($c=1$ if centred): for $K\le p$, and wherever $K+r-1\ge M$, "
    r"$\lambda=\tfrac12\min\bigl(K(p+r-1),\,k(p+M-k)\bigr)$, $k=\min(K,p,M)$, and $m=1$; for every $K$ and every nonempty "
    r"$F\subseteq E$, $\lambda\le\tfrac12\bigl(p|E\setminus F|+K(p-1+r(F))\bigr)$. ",
    instances=r"All $K\le p$ and all exhausted equations are proved; other sizes are certified one by one by a rank from "
    r"below and a minimising edge set from above.",
    assumptions=(r"$f(a,b)=\sum_{j\le K}V_j(u_j(a)+v_j(b))^2$, $V_j\in\mathbb R^p$",
                 "the truth is itself a generic network of this width on these pairs"),
    steps=(
        Step("One more symmetry per unit", r"$(u+t,\,v-t)$ leaves $u(a)+v(b)$ alone. With the scaling of $w_j$ against "
             r"$V_j$ a unit has $3p-2$ directions on all pairs, not the $3p-1$ of Cor. 5.4 of arXiv:2603.01192; on a "
             r"training set the $\kappa$ components shift separately.", _shift_is_a_symmetry),
        Step("Upper bounds", r"Outside $F$ each pair has $p$ values. On $F$ a unit has $\mathbb R^p\otimes s^2$ and "
             r"$V_j\otimes s(\alpha(a)+\beta(b))$, of dimension $r(F)$, which share $V_j\otimes s^2$. And $p\times M$ matrices "
             r"of rank at most $k$ have dimension $k(p+M-k)$. Centring is a projection: it raises no rank.",
             _edge_set_bound),
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
        Step("Comparison", "The catalogue entry has these values.", _compare_generic),
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
    entry = closed_forms["modular-addition-dead-unit"]
    for p in range(2, 8):
        for components in range(1, 2 * p):
            rank = 2 * p - components
            for centred in (0, 1):
                if rank <= centred:
                    continue
                poles = [Fraction(p, 2), Fraction(rank, 4)] + [Fraction(rank - 1, 2)] * centred
                expected = min(poles), poles.count(min(poles))
                sizes = {"p": p, "components": components, "centred": centred}
                require_equal(entry.formula(sizes), expected, f"{sizes}")


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
