"""Generic quadratic networks on inputs that identify quadratic forms: what is proved, and the defective cases."""

from __future__ import annotations

import random
from fractions import Fraction

import sympy
from flint import fmpz_mat, nmod_mat

from derivations.framework import Derivation, Step, require, require_equal
from derivations.ranks import CONCAVE, FROM_BELOW, ends_of_linear_pieces, rank_modulo_prime
from slt_symbolic import closed_form
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at

PRIME = 1_000_003


def _atoms_jacobian(w: list[list[int]], v: list[list[int]]) -> fmpz_mat:
    """The Jacobian of ``sum_j V_j (w_j·x)^2`` at ``(w, v)``, rows the derivatives, columns (c, a <= b)."""
    d, p = len(w[0]), len(v[0])
    monomials = [(a, b) for a in range(d) for b in range(a, d)]
    rows = []
    for w_j, v_j in zip(w, v, strict=True):
        square = [w_j[a] * w_j[b] * (1 if a == b else 2) for a, b in monomials]
        rows += [[square[i] * int(c == k) for c in range(p) for i in range(len(monomials))] for k in range(p)]
        for x in range(d):
            slope = [2 * w_j[b] * int(a == x) + 2 * w_j[a] * int(b == x and a != b) for a, b in monomials]
            rows.append([v_j[c] * entry for c in range(p) for entry in slope])
    return fmpz_mat(rows)


def _random_rows(rng: random.Random, count: int, length: int) -> list[list[int]]:
    return [[rng.randint(-9, 9) for _ in range(length)] for _ in range(count)]


def _unit_rows(count: int, length: int) -> list[list[int]]:
    return [[int(i == j) for i in range(length)] for j in range(count)]


def _the_jacobian_is_the_networks() -> None:
    rng = random.Random(0)
    for d, p, k in ((2, 2, 1), (3, 2, 2), (2, 3, 3)):
        w, v = _random_rows(rng, k, d), _random_rows(rng, k, p)
        germ = germ_at(QuadraticNetwork(QuadraticForms(d), p, k), w, v)
        require_equal(_atoms_jacobian(w, v).rank(), germ.jacobian_rank(), f"rank at d={d}, p={p}, K={k}")


def _scaling_is_a_symmetry() -> None:
    t = sympy.Symbol("t", positive=True)
    v, s = sympy.symbols("v s")
    require_equal(sympy.simplify((v / t**2) * (t * s) ** 2 - v * s**2), 0, "V (w·x)^2 under w -> t w, V -> V/t^2")


def _matrices_of_bounded_rank() -> None:
    # p x q matrices of rank <= k are images of (p x k)(k x q); the Jacobian there has rank k(p + q - k).
    rng = random.Random(1)
    for p, q, k in ((3, 4, 2), (4, 6, 3), (2, 5, 2)):
        left, right = _random_rows(rng, p, k), _random_rows(rng, k, q)
        rows = [[right[j][c] * int(r == i) for r in range(p) for c in range(q)] for i in range(p) for j in range(k)]
        rows += [[left[r][j] * int(c == i) for r in range(p) for c in range(q)] for j in range(k) for i in range(q)]
        require_equal(fmpz_mat(rows).rank(), k * (p + q - k), f"p={p} q={q} k={k}")


def _one_output() -> None:
    for d in range(1, 6):
        for units in range(1, d + 3):
            k = min(units, d)
            w = _unit_rows(k, d) + [[0] * d] * (units - k)
            rank = _atoms_jacobian(w, [[1]] * units).rank()
            require_equal(rank, k * d - k * (k - 1) // 2, f"w_j = e_j at d={d}, K={units}")
            forms = sum(d - i for i in range(k))  # symmetric matrices of rank k: k rows of the upper triangle
            require_equal(rank, forms, f"the dimension of symmetric matrices of rank <= min(K, d) at d={d}, K={units}")


def _units_on_coordinates() -> None:
    rng = random.Random(2)
    for d in range(1, 6):
        for p in range(2, 5):
            for units in range(1, d + 1):
                v = [[rng.randint(1, 10**6) for _ in range(p)] for _ in range(units)]
                rank = _atoms_jacobian(_unit_rows(units, d), v).rank()
                require_equal(rank, units * (p + d - 1), f"w_j = e_j at d={d}, p={p}, K={units}")


def _outputs_on_units() -> None:
    rng = random.Random(3)
    for d in range(1, 5):
        q = d * (d + 1) // 2
        for p in range(1, 5):
            for units in range(1, q + 2):
                active = min(units, p)
                v = _unit_rows(active, p) + [[0] * p] * (units - active)
                w = [[rng.randint(1, 10**6) for _ in range(d)] for _ in range(units)]
                bound = active * min(d + units - 1, q) + (p - active) * min(units, q)
                require_equal(_atoms_jacobian(w, v).rank(), bound, f"V_j = e_j at d={d}, p={p}, K={units}")
                if units <= p:
                    k = min(units, q)
                    require_equal(bound, min(units * (p + d - 1), k * (p + q - k)), f"both upper bounds are met at d={d}, p={p}, K={units}")


def _pfaffian() -> None:
    rng = random.Random(4)
    a, b, c = sympy.symbols("a b c")
    skew = sympy.Matrix([[0, a, -b], [-a, 0, c], [b, -c, 0]])
    require_equal(sympy.expand(skew.det()), 0, "the skew 3 x 3 matrix of an atom is singular")
    for d in (2, 4, 6):
        slices = []
        for _ in range(3):
            entries = _random_rows(rng, d, d)
            slices.append([[entries[min(i, j)][max(i, j)] for j in range(d)] for i in range(d)])
        signs = ((None, (0, 1), (1, -1)), ((0, -1), None, (2, 1)), ((1, 1), (2, -1), None))
        big = [[0 if block is None else block[1] * slices[block[0]][i][j] for block in row for j in range(d)]
               for row in signs for i in range(d)]
        require_equal(nmod_mat(big, PRIME).rank(), 3 * d, f"rank of the skew {3 * d} x {3 * d} matrix in general")
        if d >= 4:
            units = (3 * d - 2) // 2
            w = [[rng.randint(1, 10**6) for _ in range(d)] for _ in range(units)]
            v = [[rng.randint(1, 10**6) for _ in range(3)] for _ in range(units)]
            require_equal(_atoms_jacobian(w, v).rank(), 3 * d * (d + 1) // 2 - 1, f"rank at d={d}, K={units}")


def _six_points() -> None:
    s = sympy.Symbol("s")
    point = sympy.Matrix([s**i for i in range(5)])
    weight = sympy.Matrix([s**i for i in range(4)])
    curve = sympy.kronecker_product(point, sympy.kronecker_product(weight, weight))
    require_equal(max(sympy.degree(entry, s) for entry in curve if entry != 1), 10, "degree of the curve")
    # Coordinates of degree <= 10 span 11 dimensions, so six tangent lines (12 vectors) are dependent.
    vectors = [list(curve.subs(s, x)) for x in range(1, 7)] + [list(curve.diff(s).subs(s, x)) for x in range(1, 7)]
    require_equal(sympy.Matrix(vectors).rank(), 11, "span of six tangent lines")
    nodes = (1, 2, 3, 5, 7, 11)
    v = [[x**i for i in range(5)] for x in nodes]
    w = [[x**i for i in range(4)] for x in nodes]
    require_equal(_atoms_jacobian(w, v).rank(), 6 * (5 + 4 - 1) - 1, "rank at six points of the curve")


LARGEST_INPUT = 7  # all p, all K


def bounds_by_width(d: int, p: int) -> list[int]:
    """The least of the upper bounds above for ``K = 0, 1, ..., q + 1``."""
    q = d * (d + 1) // 2
    bounds = []
    for units in range(q + 2):
        k = min(units, p, q)
        bound = min(units * (p + d - 1), k * (p + q - k))
        if p == 1:
            k = min(units, d)
            bound = min(bound, k * d - k * (k - 1) // 2)
        if p == 3 and d % 2 == 0 and 2 * units < 3 * d:
            bound = min(bound, p * q - 1)
        if (p, d, units) == (5, 4, 6):
            bound = min(bound, 47)
        bounds.append(bound)
    return bounds


def _open_widths(d: int, p: int) -> range:
    """The widths at which no step above gives the value."""
    return range(max(d, p) + 1, d * (d + 1) // 2 - d + 1)


def _differences_decrease() -> None:
    for d, p in ((3, 2), (4, 3), (4, 5)):
        inputs = QuadraticForms(d).matrix()
        ranks = [0, *(rank_modulo_prime(inputs, p, units) for units in range(1, d * (d + 1) // 2 + 2))]
        require(all(a + b <= 2 * c for a, c, b in zip(ranks, ranks[1:], ranks[2:], strict=False)), f"concave: {ranks}")


def _every_width() -> None:
    for d in range(1, LARGEST_INPUT + 1):
        q = d * (d + 1) // 2
        require(not any(_open_widths(d, p) for p in range(q, 2 * q)), f"nothing is open for p >= q, d={d}")
        for p in range(2, q):
            for units in ends_of_linear_pieces(bounds := bounds_by_width(d, p)):
                if units in _open_widths(d, p):
                    rank = rank_modulo_prime(QuadraticForms(d).matrix(), p, units)
                    require_equal(rank, bounds[units], f"rank at d={d}, p={p}, K={units}")


def _compare() -> None:
    entry = closed_form("quadratic-generic")
    for d in range(1, LARGEST_INPUT + 1):
        q = d * (d + 1) // 2
        for p in range(1, q + 1):
            by_width = bounds_by_width(d, p)
            for units in {1, q + 1, *(k + step for k in ends_of_linear_pieces(by_width) for step in (-1, 0, 1))} - {0}:
                found = entry.formula({"d": d, "p": p, "K": units})
                require_equal(found, (Fraction(by_width[units], 2), 1), f"d={d} p={p} K={units}")


DERIVATION = Derivation(
    entry="quadratic-generic",
    statement=r"""At a generic point $\lambda=D/2$, $m=1$, $D$ the generic rank of the Jacobian. With $q=\tfrac12d(d+1)$
$$D=kd-\tfrac12k(k-1),\quad k=\min(K,d)\qquad(p=1),$$
$$D\le\min\bigl(K(p+d-1),\ k(p+q-k)\bigr)-\delta,\quad k=\min(K,p,q)\qquad(p\ge2),$$
where $\delta=1$ if $p=3$, $d\ge4$ is even and $K=\tfrac12(3d-2)$, or if $(p,d,K)=(5,4,6)$, else $\delta=0$. Equality holds at the sizes named below; no other case is known.""",
    instances=r"Proved are $D$ for $p = 1$, for $K \le d$, for $K \le p$ and for $K \ge p$ with $K+d-1 \ge q = d(d+1)/2$, and "
    rf"the upper bounds for all sizes, the two defective families included; certified is $D$ at all $d \le {LARGEST_INPUT}$, every "
    r"$p$ and every $K$. That no other case is defective is cited (conjectural beyond the certified sizes).",
    assumptions=(r"$f(x) = \sum_{j\le K} V_j (w_j\cdot x)^2$, $x\in\mathbb R^d$, $V_j\in\mathbb R^p$",
                 "the inputs identify quadratic forms", "the truth is a generic network of the same width"),
    steps=(
        Step("The Jacobian", r"The tangent space is spanned by $e_c\otimes w_j^2$ and $V_j\otimes w_j e_a$ in "
             r"$\mathbb R^p\otimes S^2\mathbb R^d$. Near a generic point the rank is constant, so the zero set is smooth, "
             r"$K$ is comparable to $D$ squares, $\lambda = D/2$ and $m = 1$.", _the_jacobian_is_the_networks),
        Step("Upper bound: scaling", r"$w_j\to t w_j$, $V_j\to V_j/t^2$ leaves $f$ alone: $D\le K(p+d-1)$.",
             _scaling_is_a_symmetry),
        Step("Upper bound: rank", r"The image lies in the $p\times q$ matrices of rank at most $k=\min(K,p,q)$: "
             r"$D\le k(p+q-k)$, which is $pq$ once $k = \min(p,q)$.", _matrices_of_bounded_rank),
        Step("One output", r"For $p=1$ the image lies in the symmetric matrices of rank at most $k=\min(K,d)$, of dimension "
             r"$kd-k(k-1)/2$, and $w_j=e_j$ attains it: the tangent space holds $e_je_a$ for $j\le k$.", _one_output),
        Step("K <= d", r"At $w_j=e_j$ the tangent space holds $\mathbb R^p\otimes e_j^2$, $V_j\otimes e_je_a$ for $a>K$, and "
             r"at $e_ie_j$ both $V_i$ and $V_j$, independent as $p\ge2$: $Kp+K(d-K)+K(K-1)=K(p+d-1)$.",
             _units_on_coordinates),
        Step("K <= p, and K >= p with K + d - 1 >= q", r"At $V_j=e_j$ output $j$ holds $w_j\cdot\mathbb R^d$ ($d$ dimensions) and the other $K-1$ squares, "
             r"which are generic and span $S^2$: $\min(d+K-1,q)$; the outputs beyond hold $\min(K,q)$ squares. For $K\le p$ the sum "
             r"is the smaller upper bound; for $K\ge p$ and $d+K-1\ge q$ it is $pq$.",
             _outputs_on_units),
        Step("p = 3, d even, K = (3d-2)/2", r"With slices $A,B,C$ the skew matrix "
             r"$\begin{pmatrix}0&A&-B\\-A&0&C\\B&-C&0\end{pmatrix}$ has rank 2 on an atom (a singular skew $3\times3$ "
             r"matrix times $ww^\top$), so at most $2K<3d$ on $K$ units, yet it is invertible in general (block-diagonal slices make it a direct sum of $d/2$ copies of the case $d=2$): its Pfaffian "
             r"is an equation (Strassen; Ottaviani), $D\le pq-1$.", _pfaffian),
        Step("(p, d, K) = (5, 4, 6)", r"Six general points of $\mathbb P^4\times\mathbb P^3$ lie on a rational curve of "
             r"bidegree $(4,3)$: through six general points of $\mathbb P^3$ passes a twisted cubic, and $PGL_5$ moves six "
             r"general points of $\mathbb P^4$ to those of the rational normal quartic with the same parameters. In "
             r"$\mathcal O(1,2)$ the curve has degree 10 and spans 11 dimensions; the six tangent lines would need 12, so "
             r"$D\le 48-1$.", _six_points),
        Step("Few ranks decide all widths", CONCAVE, _differences_decrease),
        Step(f"Every p and K at d <= {LARGEST_INPUT}", FROM_BELOW + r" Let $p\ge2$ and $B(K)$ be the least of the upper bounds "
             r"above. For $p\ge q$ every $K$ is at most $p$ or fills; for $p<q$ the ranks at the ends of the linear pieces of $B$ "
             r"with $\max(d,p)<K\le q-d$ are computed: $D=B$. (Dense Jacobian of `derivations/ranks.py`, not "
             r"`slt_symbolic.ranks.jacobian`.)", _every_width),
        Step("Comparison", "The catalogue entry has these values, at the ends of linear pieces and beside them.", _compare),
    ),
)
