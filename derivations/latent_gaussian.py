"""Gaussian models with latent variables at independence: monomials; and factor analysis at generic truths."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from derivations.orthogonal_rows import RECURSION, ROWS, pair_of_rows
from slt_symbolic import closed_form, rlct
from slt_symbolic.closed_forms.latent import factor_germ, generic_rank
from slt_symbolic.search.proofs.newton import monomial_threshold


def _pairs(p: int) -> list[tuple[int, ...]]:
    return [tuple(int(i in pair) for i in range(p)) for pair in combinations(range(p), 2)]


def _star() -> None:
    for p in range(2, 10):
        value, multiplicity = monomial_threshold(_pairs(p))
        require_equal((value, multiplicity), (Fraction(p, 4), 2 if p == 2 else 1), f"products of pairs of {p} variables")


def _variances() -> None:
    psi, l1, l2 = sympy.symbols("psi l1 l2")
    require_equal(sympy.diff(l1**2 + l2**2 + psi, psi), 1, "a variance is a coordinate in place of psi")


def _dimension() -> None:
    t = sympy.Symbol("t")
    turn = sympy.Matrix([[sympy.cos(t), sympy.sin(t)], [-sympy.sin(t), sympy.cos(t)]])
    require_equal(sympy.simplify(turn * turn.T), sympy.eye(2), "factors may be turned")
    for p in range(1, 9):
        for k in range(1, p + 1):
            bound = min(p * (k + 1) - k * (k - 1) // 2, p * (p + 1) // 2)
            require_equal(generic_rank(p, k), bound, f"the rank modulo a prime at p={p}, k={k}")


def _more_factors() -> None:
    for p, k, value, multiplicity in ((2, 2, "1/2", 1), (3, 2, "3/2", 3), (4, 2, "2", 1)):
        found = rlct(factor_germ(p, [[0] * k for _ in range(p)]), timeout=60)
        require_equal((found.lambda_, found.multiplicity), (Fraction(value), multiplicity), f"covariances at p={p}, k={k}")
        require_equal(pair_of_rows(p, k), (Fraction(value), multiplicity), f"and the recursion at p={p}, k={k}")


def _full() -> None:
    for p, k in ((2, 1), (3, 1), (4, 3), (5, 3), (6, 3)):
        require_equal(generic_rank(p, k) == p * (p + 1) // 2, p * (k + 1) - k * (k - 1) // 2 >= p * (p + 1) // 2, f"{p}, {k}")


def _compare_factors() -> None:
    entry = closed_form("factor-analysis")
    for p in range(2, 12):
        for k in range(1, 14):
            value, multiplicity = pair_of_rows(p, k)
            require_equal(entry.formula({"p": p, "k": k, "r": 0}), (Fraction(p, 2) + value, multiplicity), f"0, p={p}, k={k}")
        for k in range(1, p + 1):
            bound = min(p * (k + 1) - k * (k - 1) // 2, p * (p + 1) // 2)
            require_equal(entry.formula({"p": p, "k": k, "r": k}), (Fraction(bound, 2), 1), f"p={p}, k={k}")
    require_equal([entry.formula({"p": p, "k": k, "r": 0})[0] for p, k in ((2, 1), (2, 2), (2, 5), (3, 2))],
                  [Fraction(3, 2), Fraction(3, 2), Fraction(3, 2), Fraction(3)], "zero loadings of more factors")


def _compare_forests() -> None:
    entry = closed_form("latent-forest")
    for leaves in range(3, 12):
        require_equal(entry.formula({"leaves": leaves}), (Fraction(3 * leaves, 4), 1), f"a star with {leaves} leaves")
    require_equal(entry.formula({"leaves": 2}), (Fraction(3, 2), 2), "a path")


def _quartet() -> None:
    # Edges h1, h2, g3, g4, hg; by hand: masses 1/2 on pairs of leaves at one node, none through hg.
    paths = [(1, 1, 0, 0, 0), (1, 0, 1, 0, 1), (1, 0, 0, 1, 1), (0, 1, 1, 0, 1), (0, 1, 0, 1, 1), (0, 0, 1, 1, 0)]
    own = closed_form("latent-forest").at(edges=[["h", "1"], ["h", "2"], ["g", "3"], ["g", "4"], ["h", "g"]])
    value, multiplicity = monomial_threshold(paths)
    require_equal((own.lambda_, own.multiplicity), (2 + value, multiplicity), "the quartet")
    require_equal(value, 1, "no more than two leaves' pairs can be packed")
    require(own.lambda_ is not None and own.lambda_ <= 3, "not more than a star")


FACTORS = Derivation(
    entry="factor-analysis",
    statement=r"""At a generic truth of $k$ factors $\lambda=\tfrac12\min\bigl(p(k+1)-\tfrac{k(k-1)}2,\tfrac{p(p+1)}2\bigr)$ ($k\le p$), $m=1$. At independence, where all loadings are 0,
$$\lambda=\frac p2+\frac p4\min(k,p-1)\quad(p\ge2),\qquad m=p\ \text{ if }k=p-1,\quad\text{else }1.$$
With more factors than a generic truth of $r\ge1$, $\tfrac12D_r\le\lambda\le\tfrac12D_r+\tfrac p4\min(k-r,p-1)$, $D_r$ twice the value at $k=r$; if $D_r=\tfrac{p(p+1)}2$, then $\lambda=\tfrac12D_r$, $m=1$.""",
    instances="Independence is proved, for any number of factors; that the rank is the dimension is certified size by size, at p <= 8 here.",
    assumptions=(r"covariance $\Lambda\Lambda^\top+\Psi$, $\Lambda\in\mathbb R^{p\times k}$, $\Psi>0$ diagonal; the truth is positive definite, so $K$ is comparable to the squared differences of covariances",),
    steps=(
        Step("Variances", r"The $p$ variances are coordinates in place of $\Psi$ and add $\tfrac p2$. What is left are the covariances $\sum_f\Lambda_{if}\Lambda_{jf}$, $i<j$.", _variances),
        Step("One factor at zero", r"The ideal of the $\Lambda_i\Lambda_j$, $i<j$, is monomial. Masses $\tfrac1{p-1}$ on all pairs pack $\tfrac p2$, and weights $\tfrac12$ cover it: $\tfrac p4$; for $p\ge3$ no others do, $m=1$.", _star),
        Step("Generic truths", r"Turning the factors leaves the covariance as it is: the rank is at most $p(k+1)-\tfrac{k(k-1)}2$, and at most all covariances (Drton, Sturmfels, Sullivant 2007, have equality). From below, the rank modulo a prime. It is constant near a generic truth.", _dimension),
        ROWS, RECURSION,
        Step("Independence", r"The covariances are the products of the rows of $\Lambda$: the lemma with $E=0$ gives $\tfrac p4\min(k,p-1)$ for them. The engine, which knows nothing of this, agrees at $(p,k)=(2,2)$, $(3,2)$, $(4,2)$.", _more_factors),
        Step("More factors than a generic truth", r"$K\le C(K_r+\sum_{i<j}(N_i\cdot N_j)^2)$ for the rows $N_i$ of the other columns, whose diagonal $NN^\top$ the variances absorb: separate variables, and they add at most the value of the lemma. If the true factors alone reach all covariances, $K$ is regular: $\lambda=\tfrac{p(p+1)}4$.", _full),
        Step("Comparison", "The catalogue entry has these values.", _compare_factors),
    ),
)


FOREST = Derivation(
    entry="latent-forest",
    statement=r"At independent leaves $\lambda=\tfrac n2+\lambda_0$, $n$ the number of leaves and $(\lambda_0,m)$ the pair of the monomial ideal $\bigl(\prod_{e\in ij}\omega_e\bigr)_{i<j}$ of the paths between leaves, $\omega_e$ the correlation of the edge $e$. For a star $\lambda=\tfrac{3n}4$, $m=1$ ($n\ge3$).",
    assumptions=("leaves are observed, other nodes latent; Drton, Lin, Weihs and Zwiernik (2017) treat truths on any subforest",),
    steps=(
        Step("Monomials", r"The correlation of two leaves is the product of the correlations $\omega_e\in(-1,1)$ on the path between them, 0 between different trees; variances are coordinates. By Howald's theorem (over the reals: S. Lin 2011) the Newton polyhedron decides. The origin has the least value: any other point of the fibre is carried near it by scaling the $\omega_e$, which leaves the ideal as it is.", _star),
        Step("Another tree", "Two latent nodes with two leaves each, by hand.", _quartet),
        Step("Comparison", "The catalogue entry has these values for stars.", _compare_forests),
    ),
)
