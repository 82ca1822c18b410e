"""Deep linear networks: the singular values of partial products are a Markov chain with monomial kernels."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import accumulate, combinations_with_replacement, pairwise, permutations, product

import sympy

from derivations import reduced_rank
from derivations.framework import Derivation, Step, require, require_equal
from derivations.products import MOST_SINGULAR, random_matrix, tangents_of_singular_values, unit_matrix
from slt_symbolic import Germ, closed_form, rlct
from slt_symbolic.networks.linear import LinearNetwork, germ_at


def _germ(widths: Sequence[int], r: int) -> Germ:
    matrices = [[[int(i == j < r) for j in range(n)] for i in range(m)] for n, m in pairwise(widths)]
    return germ_at(LinearNetwork(tuple(widths)), matrices)


def _linear_count(widths: Sequence[int], r: int) -> int:
    """Entries of the residual in the first r rows or columns."""
    return sum(1 for i, j in product(range(widths[-1]), range(widths[0])) if i < r or j < r)


def _elimination() -> None:
    rng = random.Random(0)
    for widths, r in (((2, 3, 2), 1), ((3, 3, 4, 3), 2), ((3, 2, 3, 2, 4), 1)):
        factors = [unit_matrix(m, n, r) + random_matrix(rng, m, n) for n, m in pairwise(widths)]
        for factor in factors[:-1]:  # in adapted bases of the hidden layers
            factor[:, :r] = unit_matrix(factor.rows, r, r)
        whole, before, small = (reduce(lambda x, y: y * x, matrices) for matrices in (
            factors, factors[:-1], [factor[r:, r:] for factor in factors]))
        last = factors[-1]
        corner = last[:r, :r] * before[:r, r:] + last[:r, r:] * before[r:, r:]
        require_equal(whole[:, :r], last[:, :r], f"p and q at widths {widths}")
        require_equal(whole[:r, r:], corner, f"p a + a_L C' at widths {widths}")
        require_equal(whole[r:, r:] - last[r:, :r] * before[:r, r:], small, f"C_L ... C_1 but for a multiple of q, widths {widths}")
    for layers in (*product((1, 2), repeat=3), *product((1, 2), repeat=4)):
        for r in range(min(layers) + 1):
            germ = _germ(layers, r)
            gens = dict(zip(germ.variables, germ.generators[0].context().gens(), strict=True))
            left = [gens[f"a{i}_{row}_{column}"] for i, (n, m) in enumerate(pairwise(layers), 1)
                    for row in range(r, m) for column in range(r, n)]
            found = Germ.of(germ.variables, [*germ.generators, *left]).jacobian_rank() - len(left)
            require_equal((germ.jacobian_rank(), found), 2 * (_linear_count(layers, r),), f"rank at {layers}, r={r}")


def _narrowest_first() -> None:
    rng, x = random.Random(1), sympy.Symbol("x")
    for widths, start in (((3, 2, 3), 1), ((4, 3, 2, 3), 2), ((3, 4, 2), 2)):
        factors = [random_matrix(rng, m, n) for n, m in pairwise(widths)]
        left = reduce(lambda a, b: b * a, factors[:start])  # Y, down to the narrowest layer
        outer = reduce(lambda a, b: b * a, factors[start:], sympy.eye(widths[start]))
        by_columns, by_rows = (left.T * left).charpoly(x).as_expr(), (left * left.T).charpoly(x).as_expr()
        require_equal(sympy.expand(by_columns - x ** (widths[0] - widths[start]) * by_rows), 0, f"Y and Y^T at widths {widths}")
        require_equal(outer * left * (outer * left).T, outer * (left * left.T) * outer.T, f"X Y depends on Y Y^T at widths {widths}")


def _one_step() -> None:
    for d, k in ((1, 1), (3, 1), (2, 2), (3, 2), (4, 2), (3, 3), (4, 3)):
        mu = sympy.symbols(f"mu:{k}", positive=True)
        density = sympy.prod(x ** (d - k) for x in mu) * sympy.prod(
            mu[i] ** 2 - mu[j] ** 2 for j in range(k) for i in range(j))
        determinant = tangents_of_singular_values(d, mu, k).det()
        require_equal(sympy.factor(determinant**2 - density**2), 0, f"the density at d={d}, k={k}")
        w = sympy.Matrix(k, k, sympy.symbols(f"w:{k * k}"))
        gram = (sympy.diag(*mu) * w).T * (sympy.diag(*mu) * w)  # of U diag(mu) W, as U^T U = I
        for j in range(k):
            require_equal(sympy.expand(gram[j, j] - sum(mu[i] ** 2 * w[i, j] ** 2 for i in range(k))), 0, f"|y_{j}|^2 at d={d}, k={k}")


def _rotations() -> None:
    rng = random.Random(3)
    for k in (2, 3, 4, 5):
        below = sympy.Matrix(k, k, lambda i, j: rng.randint(-3, 3) if i > j else 0)
        skew = below - below.T
        rows = (sympy.eye(k) - skew) * (sympy.eye(k) + skew).inv()
        chosen: list[int] = []
        for i in range(k):  # eliminate the chosen columns from row i, then choose its largest entry
            for row, column in enumerate(chosen):
                rows[i, :] -= rows[i, column] / rows[row, column] * rows[row, :]
            chosen.append(max(range(k), key=lambda j: abs(rows[i, j])))
            require(sum(x**2 for x in rows[i, :]) >= 1, f"row {i} of k={k} is orthogonal to what is subtracted: no shorter than before")
            require(k * rows[i, chosen[i]] ** 2 >= 1, f"the pivot of row {i} of k={k}")
    for k in (2, 3, 4):
        for alpha in combinations_with_replacement(range(3), k):
            for mu in combinations_with_replacement(range(3), k):
                bounds = [[max(0, alpha[j] - mu[i]) for j in range(k)] for i in range(k)]
                least = sum(bounds[i][j] for i in range(k) for j in range(i + 1, k))
                for pivots in permutations(range(k)):
                    if all(bounds[i][pivots[i]] == 0 for i in range(k)):
                        found = sum(bounds[i][j] for i in range(k) for j in set(range(k)) - set(pivots[: i + 1]))
                        require(found >= least, f"the chart {pivots} at {alpha}, {mu}")


def _cost(width: sympy.Expr, before: Sequence[sympy.Expr], after: Sequence[sympy.Expr]) -> sympy.Expr:
    """The exponent of a step to a layer: ``before`` and ``after`` are those of the singular values."""
    k = len(before)
    return (sum((width - k + 2 * (k - j) + 1) * x for j, x in enumerate(after, 1)) - width * sum(before)
            + sum(max(0, before[j] - after[i]) for j in range(k) for i in range(j)))


def _level_sets() -> None:
    width = sympy.Symbol("D")
    for k in range(1, 6):
        for u in range(k + 1):
            for s in range(u + 1):
                before, after = ([int(j >= rank) for j in range(k)] for rank in (u, s))
                require_equal(sympy.expand(_cost(width, before, after) - (u - s) * (width - s)), 0, f"k={k}, {u} to {s}")
    rng = random.Random(4)
    for k in (2, 3, 4):
        before = sorted(rng.randint(0, 5) for _ in range(k))
        after = [x + y for x, y in zip(before, sorted(rng.randint(0, 5) for _ in range(k)), strict=True)]
        levels = sum(_cost(width, *([int(x > level) for x in xs] for xs in (before, after))) for level in range(10))
        require_equal(sympy.expand(_cost(width, before, after) - levels), 0, f"a sum over the level sets, k={k}")


def _strata(narrowest: int, others: Sequence[int]) -> tuple[int, int]:
    """The least codimension of ranks ``narrowest >= s_1 >= ... >= s_L = 0``, and the longest chain of minimisers."""
    codimensions = {}
    for ranks in product(range(narrowest + 1), repeat=len(others) - 1):
        path = (narrowest, *ranks, 0)
        if all(u >= s for u, s in pairwise(path)):
            codimensions[path] = sum((u - s) * (D - s) for (u, s), D in zip(pairwise(path), others, strict=True))
    least = min(codimensions.values())
    longest: dict[tuple[int, ...], int] = {}
    for path in sorted((path for path, codimension in codimensions.items() if codimension == least), key=sum):
        longest[path] = 1 + max((longest[q] for q in longest if all(x <= y for x, y in zip(q, path, strict=True))),
                                default=0)
    return least, max(longest.values())


def _balanced(narrowest: int, others: Sequence[int]) -> tuple[int, int]:
    """The least heights and how many, by raising the lowest of the heights ``D_i`` ``narrowest`` times."""
    heights = list(others)
    for _ in range(narrowest):
        heights[heights.index(min(heights))] += 1
    raised = [(height, D) for height, D in zip(heights, others, strict=True) if height > D]
    drops = [height - D for height, D in raised]
    codimension = sum(drop * D for drop, (_, D) in zip(drops, raised, strict=True)) - sum(
        x * y for x, y in zip(drops, accumulate(drops, initial=0), strict=False))
    level = max((height for height, _ in raised), default=0)
    top = sum(1 for height, _ in raised if height == level)
    below = sum(1 for D in others if D < level)
    return codimension, top * (below - top) + 1


def _balance() -> None:
    for L in range(1, 5):
        p, D = sympy.symbols(f"p1:{L + 1}"), sympy.symbols(f"D1:{L + 1}")
        ranks = [sum(p[i:]) for i in range(L + 1)]
        codimension = sum(p[i] * (D[i] - ranks[i + 1]) for i in range(L))
        squares = (sum((x + y) ** 2 for x, y in zip(p, D, strict=True)) - sum(y**2 for y in D) - ranks[0] ** 2) / 2
        require_equal(sympy.expand(codimension - squares), 0, f"half a sum of squares, L={L}")
    for narrowest in range(5):
        for others in (*product(range(5), repeat=2), *product(range(5), repeat=3), *product(range(4), repeat=4)):
            if narrowest <= min(others):
                require_equal(_strata(narrowest, others), _balanced(narrowest, others), f"{narrowest}, {others}")


def _closed_form() -> None:
    l, a, level, squares = sympy.symbols("l a level squares")  # noqa: E741
    s = l * (level - 1) + a
    pairs = (s**2 - squares) / 2
    codimension = (a * level**2 + (l - a) * (level - 1) ** 2 - squares) / 2
    formula = a * (l - a) / (2 * l) - (l - 1) * s**2 / (2 * l) + pairs
    require_equal(sympy.simplify(codimension - formula), 0, "the codimension in the numbers of S")
    # Layers of width level, where all heights are level, may be in S or not.
    at_level = formula.subs(a, l).subs(squares, squares + l * level**2)
    require_equal(sympy.simplify(sympy.diff(at_level, l)), 0, "another layer of width level")


def _value(widths: Sequence[int], r: int) -> tuple[Fraction, int]:
    narrowest, *others = sorted(d - r for d in widths)
    codimension, multiplicity = _balanced(narrowest, others)
    return Fraction(_linear_count(widths, r) + codimension, 2), multiplicity


def _other_ways() -> None:
    for N, H, M in product(range(1, 6), repeat=3):
        for r in range(min(N, H, M) + 1):
            two = reduced_rank.global_value(M, N, H, r)
            require_equal(_value((N, H, M), r), two, f"two matrices, N={N} H={H} M={M} r={r}")
    for widths, r in (((1, 1, 1, 1), 0), ((2, 1, 2, 2), 0), ((2, 2, 2, 1), 0), ((2, 2, 2, 2), 1), ((1, 2, 1, 1, 2), 0)):
        found = rlct(_germ(widths, r), timeout=60)
        require_equal((found.lambda_, found.multiplicity), _value(widths, r), f"the engine at {widths}, r={r}")


def _compare() -> None:
    entry = closed_form("deep-linear")
    sizes = (*product(range(1, 6), repeat=3), *product(range(1, 4), repeat=4), *product((1, 3), repeat=5), (4, 6, 5, 7))
    for widths in sizes:
        for r in range(min(widths) + 1):
            require_equal(entry.formula({"widths": widths, "r": r}), _value(widths, r), f"{widths}, r={r}")


DERIVATION = Derivation(
    entry="deep-linear",
    statement=r"The least $\lambda$ at the exact fits $A_L\cdots A_1 = T$, $\operatorname{rank}T = r$, and the largest $m$ there, are given "
    r"by the formula of Aoyagi (2024). Let $D_i = d_i - r$, $S$ the set of layers with $\max_SD<D_j$ and $l\max_SD\le\sum_SD<lD_j$ for all other $j$, "
    r"$l=|S|-1\ge1$, $s=\sum_SD$ and $a=s-l(\lceil s/l\rceil-1)$. Then"
    "\n" r"$$\lambda=\tfrac12\bigl(r(d_0+d_L)-r^2\bigr)+\tfrac{a(l-a)}{4l}-\tfrac{(l-1)s^2}{4l}+\tfrac12\sum_{i<j\in S}D_iD_j,\qquad m=a(l-a)+1.$$" "\n"
    r"$2\lambda - r(d_0+d_L-r)$ is the codimension of $\{C_L\cdots C_1 = 0\}$, $C_i\in\mathbb R^{D_i\times D_{i-1}}$.",
    assumptions=(r"the loss is comparable to $|A_L\cdots A_1 - T|^2$, $A_i\in\mathbb R^{d_i\times d_{i-1}}$, $L\ge2$",),
    steps=(
        MOST_SINGULAR,
        Step("Elimination", r"Near $W_*$ let the first $r$ columns of $A_1$, then of $A_2A_1$ in the new basis, and so on, start a basis "
             r"of each hidden layer, the other unit vectors completing it. In these bases, whose first columns are free coordinates that the loss "
             r"does not see, $A_i = \begin{pmatrix}I&a_i\\0&C_i\end{pmatrix}$ for $i<L$ and $A_L = \begin{pmatrix}p&a_L\\q&C_L\end{pmatrix}$. If "
             r"$A_{L-1}\cdots A_1 = \begin{pmatrix}I&a\\0&C'\end{pmatrix}$, the residual is $\begin{pmatrix}p-I&pa+a_LC'\\q&qa+C_LC'\end{pmatrix}$. "
             r"Its first three blocks have the linear parts $dp$, $dq$, $da_1$: they are $r(d_0+d_L-r)$ coordinates beside $C_1,\dots,C_L$, and modulo $q$ "
             r"the fourth is $C_LC' = C_L\cdots C_1$. Each coordinate adds $\tfrac12$ to $\lambda$ and leaves $m$ alone.", _elimination),
        Step("The narrowest layer first", r"Now $K = |C_L\cdots C_1|^2$ near $0$. It is homogeneous in each matrix, so the volumes of $\{K\le\epsilon^2\}$ "
             r"in any two bounded neighbourhoods are the same up to constants; $V(\epsilon)\asymp\epsilon^{2\lambda}(\log1/\epsilon)^{m-1}$ is the probability of "
             r"$|C_L\cdots C_1|\le\epsilon$ for independent $C_i$, uniform in the unit balls of the spectral norm, whose laws rotations from both sides leave "
             r"alone. Let $k = D_\iota$ be the least width ($k = 0$: $K = 0$, $\lambda = 0$, $m = 1$), $Y = C_\iota\cdots C_1$ and $X = C_L\cdots C_{\iota+1}$. The law "
             r"of the norm of $XY$ depends on the law of the singular values of $Y$ only, and those of $Y$ are those of $Y^\top = "
             r"C_1^\top\cdots C_\iota^\top$. So start with $k$ singular values $1$ and visit the layers $\iota-1,\dots,0$, then $\iota+1,\dots,L$. To visit one of "
             r"width $D\ge k$ is to multiply a matrix with singular values $\alpha$ and $k$ columns (on the way back: rows, after a rotation) by the next matrix: "
             r"the new singular values $\mu$ are those of $G\operatorname{diag}(\alpha)$, $G\in\mathbb R^{D\times k}$ being $k$ columns of it in a rotated basis. "
             r"Its density is bounded, zero where $|G|>1$ and bounded from below where $|G|\le\tfrac12$. $V(\epsilon)$ is the probability that at the end all are at "
             r"most $\epsilon$. Call the layers in this order $D_0 = k, D_1,\dots,D_L$.", _narrowest_first),
        Step("One step", r"With $Y = G\operatorname{diag}(\alpha) = U\operatorname{diag}(\mu)W$, $W\in O(k)$: $dG = \prod\alpha_j^{-D}dY$, $dY = "
             r"\prod_i\mu_i^{D-k}\prod_{i<j}(\mu_i^2-\mu_j^2)\,d\mu\,dU\,dW$, and column $j$ of $Y$ has the norm $\sum_i\mu_i^2w_{ij}^2$, squared. So up to constants the "
             r"density of $\mu$, $\mu_1\ge\dots\ge\mu_k$, is $\prod\alpha_j^{-D}\prod\mu_i^{D-k}\prod_{i<j}(\mu_i^2-\mu_j^2)\,\Omega$, where $\Omega$ is the measure of the "
             r"$W\in O(k)$ with $\mu_i|w_{ij}|\le C\alpha_j$ for all $i,j$: for a large $C$ it is an upper bound, for a small one a lower bound. $\mu_i\le|G|\alpha_i$ "
             r"always.", _one_step),
        Step("How many rotations", r"$\Omega\asymp\prod_{i<j}c_{ij}$ with $c_{ij} = \min(1,\alpha_j/\mu_i)$, which falls with $j$ and grows with $i$; for the lower "
             r"bound let $\mu_i\le c\,\alpha_i$ with a small $c$. *Lower bound.* Let $x_i = e_i + \eta\sum_{j>i}c_{ij}u_{ij}e_j$, $|u_{ij}|\le1$, with a small $\eta$, and $w$ "
             r"their Gram-Schmidt orthonormalisation: as $c_{lj}\le c_{ij}$ for $l<i$, $|w_{ij}|\le C\eta c_{ij}$ for $j>i$; for $j\le i$, $\mu_i\le\mu_j\le c\,\alpha_j$. "
             r"The $x_{ij}$, $i<j$, are coordinates of $O(k)$ near $I$, so these $W$ have measure at least a constant times $\prod_{i<j}c_{ij}$. *Upper bound.* "
             r"$|w_{ij}|\le Cc_{ij}$. Subtract from row $i$ multiples of the rows before so that their pivot columns vanish, and let $\pi(i)$ be the column of its largest "
             r"entry. What is subtracted is orthogonal to $w_i$, so the row keeps a norm $\ge1$ and the pivot is at least $k^{-1/2}$: all multiples are bounded, and "
             r"the entries of the new row $i$ are still at most $Cc_{ij}$. Divided by their pivots, the entries outside the columns $\pi(1),\dots,\pi(i)$ are coordinates of $W$ "
             r"(Gram-Schmidt), with bounded density; so the part of $\Omega$ with these pivots is at most $C\prod_i\prod_{j\notin\pi(\{1..i\})}c_{ij}$. The pivots give "
             r"$c_{i\pi(i)}\ge1/C$. If $j_* = \max\pi(\{1..i\})$ is the pivot of row $l\le i$, $c_{ij}\ge c_{ij_*}\ge c_{lj_*}\ge1/C$ for $j\le j_*$, while all $j>j_*$ are "
             r"in the product: it is at most $C\prod_{j>i}c_{ij}$.", _rotations),
        Step("A volume of exponents", r"$\mu_i^2-\mu_j^2$ is at most $\mu_i^2$, and at least $\tfrac34\mu_i^2$ where $\mu_{i+1}\le\tfrac12\mu_i$. So $V(\epsilon)$ lies between "
             r"constants times integrals of a density made of powers of the singular values and of the $c_{ij}$, over $\sigma^{(i)}_j$, $i\le L$, $j\le k$, that fall with $j$ and "
             r"with $i$, up to constants in these inequalities, with $\sigma^{(L)}_1\le\epsilon$; $\sigma^{(i)}_j\mapsto b^{ik+j}\sigma^{(i)}_j$ from below and $C^i\sigma^{(i)}_j$ "
             r"from above remove these constants. With $\sigma = \epsilon^x$ the integral is $(\log1/\epsilon)^{kL}\int_Q\epsilon^{c(x)}dx$ over a polyhedron $Q$: $x^{(i)}_j\ge0$ grows with $j$ and $i$, "
             r"and $x^{(L)}_1\ge1$. $c$ is convex and piecewise linear, the sum over the layers of $\sum_j(D_i-k+2(k-j)+1)x^{(i)}_j - D_i\sum_jx^{(i-1)}_j + "
             r"\sum_{l<j}\max(0,x^{(i-1)}_j-x^{(i)}_l)$. Let $v$ be its minimum on $Q$, attained on $F$, which is bounded (next step). As $c$ and $Q$ are polyhedral, $c-v$ is "
             r"between multiples of the distance to $F$ on $Q$, so the integral of $\epsilon^{c(x)}$ is $\epsilon^v(\log1/\epsilon)^{\dim F-kL}$ up to constants, and "
             r"$V(\epsilon)\asymp \epsilon^v(\log1/\epsilon)^{\dim F}$: $\lambda = v/2$, $m = 1+\dim F$.", _level_sets),
        Step("Strata", r"Each term of $c$ is the integral over $\theta>0$ of its value at the vector of zeros and ones $[x\ge\theta]$, so $c$ is. If layer $i$ of that "
             r"vector has $s_i$ zeros, $k = s_0\ge s_1\ge\dots\ge s_L$ and its $c$ is $\sum(s_{i-1}-s_i)(D_i-s_i)$, the codimension of a stratum, partial products of "
             r"ranks $s_i$: given the factors before, the next is a $D_i\times s_{i-1}$ matrix on their image, and those of rank $s_i$ have codimension "
             r"$(s_{i-1}-s_i)(D_i-s_i)$. The strata with $s_L = 0$ cover $\{C_L\cdots C_1 = 0\}$. It is positive unless all $s_i = k$, for $D_i\ge k\ge s_i$. For $\theta\le1$, $s_L = 0$. So $v$ is the least codimension with "
             r"$s_L = 0$, and $x$ is optimal if $[x\ge\theta]$ is for almost all $\theta\le1$ and $x\le1$: as $s$ grows with $\theta$, $F$ is the union over the chains of optimal $s$ "
             r"(in the order by components) of simplices whose vertices are the chain's: $m$ is the length of the longest chain. Let $p_i = s_{i-1}-s_i$: the "
             r"codimension is $\tfrac12\sum(p_i+D_i)^2$ less a constant, and $p\ge0$ has the sum $k$. A minimum is where no unit can be moved to gain, that is, where the heights "
             r"$p_i+D_i$ of the layers with $p_i>0$ are at most one more than any height. Then there is a level $\ell$, the largest height of those, such that the $l$ "
             r"layers with $D_i<\ell$ have the heights $\ell$, $a\ge1$ of them, and $\ell-1$, and the others $p_i = 0$; all choices of the $a$ are optimal. All "
             r"minimisers share $\ell$: with a larger $\ell'$ all heights would be at least $\max(D_i,\ell)$, so none smaller and one larger, but their sum is the same; then $l$ and $a$ "
             r"are the same too. Larger $s$ means that the "
             r"choices come later; $s<s'$ makes their sum of positions larger, and it can grow by one from the first $a$ to the last $a$: the longest chain has $a(l-a)+1$ "
             r"elements.", _balance),
        Step("Aoyagi's numbers", r"Let $S$ be the narrowest layer and the $l$ layers with $D_i<\ell$. The sum of $D$ over $S$ is that of the heights, "
             r"$s = l(\ell-1)+a$ with $1\le a\le l$: so $\ell = \lceil s/l\rceil$ and $a = s-l(\lceil s/l\rceil-1)$. The squares of the heights sum to $s^2/l + a(l-a)/l$, "
             r"and the codimension is the formula. $S$ is Aoyagi's, the only one with his properties (in sorted order $D_0+\dots+D_j-jD_j$ "
             r"does not grow with $j$): $l\max_SD\le l(\ell-1)<s\le l\ell\le lD_j$ for the others; where $s = lD_j$, that is "
             r"$a = l$, $D_j = \ell$, his $S$ has those layers too, with $a = l$ again: $m = 1$ and the same codimension, for such a layer "
             r"adds $\ell^2$ to the squares of both the heights and the widths. If $k = 0$, $S$ is the zeros, or the one zero and the next smallest: $a = l$, and both "
             r"numbers are $0$ and $1$ as well.", _closed_form),
        Step("Other ways", "Two matrices are reduced rank regression, with the values of `reduced-rank-regression`; the engine certifies small sizes.",
             _other_ways),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
