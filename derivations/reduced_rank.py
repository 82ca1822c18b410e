"""Products of two matrices: what is left after elimination is a monomial ideal in singular values and norms."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations, product
from typing import NamedTuple

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from derivations.products import (
    MOST_SINGULAR,
    completed,
    kernel,
    random_invertible,
    random_matrix,
    tangents_of_singular_values,
    unit_matrix,
)
from slt_symbolic import Germ, closed_form, rlct
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.networks.linear import LinearNetwork, germ_at
from slt_symbolic.search.proofs.newton import weighted_threshold


class Types(NamedTuple):
    """How many hidden directions there are of each type, and what A kills and B misses.

    ``through``: in the image of A and seen by B; ``image``: only in the image; ``seen``: only seen; ``neither``.
    """

    through: int
    image: int
    seen: int
    neither: int
    inputs: int
    outputs: int

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes in the notation of the catalogue."""
        r, a, b = self.through, self.through + self.image, self.through + self.seen
        return {"M": b + self.outputs, "N": a + self.inputs, "H": a + self.seen + self.neither, "r": r, "a": a, "b": b}

    def factors(self) -> tuple[sympy.Matrix, sympy.Matrix]:
        """The normal form of A and B, the hidden directions in the order of their types."""
        r, i, s, h, n, m = self
        b = unit_matrix(r + s + m, r + i + s + h, r)
        b[r: r + s, r + i: r + i + s] = sympy.eye(s)
        return unit_matrix(r + i + s + h, r + i + n, r + i), b


def _all_types(largest: int) -> Iterator[Types]:
    """All with each number at most ``largest`` and a network that has parameters."""
    for numbers in product(range(largest + 1), repeat=6):
        types = Types(*numbers)
        if min(types.sizes[x] for x in "MNH") > 0:
            yield types


def _normal_form() -> None:
    rng = random.Random(0)
    for types in (Types(1, 1, 1, 1, 1, 1), Types(2, 1, 0, 1, 1, 2), Types(0, 1, 2, 1, 2, 1), Types(1, 0, 1, 2, 2, 0)):
        normal_a, normal_b = types.factors()
        inputs, hidden, outputs = (random_invertible(rng, types.sizes[x]) for x in "NHM")
        a, b = hidden * normal_a * inputs, outputs * normal_b * hidden.inv()
        killed = kernel(a)
        unseen = completed(killed, kernel(b * a))
        through = completed(killed.row_join(unseen), sympy.eye(a.cols))
        image = b * a * through
        seen = completed(image, b)  # columns of B: images of unit vectors
        units = [next(j for j in range(b.cols) if b[:, j] == seen[:, i]) for i in range(seen.cols)]
        only_seen = sympy.eye(b.cols).extract(list(range(b.cols)), units)
        neither = completed(a * unseen, kernel(b))
        of_inputs = through.row_join(unseen).row_join(killed)
        of_hidden = (a * through).row_join(a * unseen).row_join(only_seen).row_join(neither)
        of_outputs = image.row_join(seen)
        of_outputs = of_outputs.row_join(completed(of_outputs, sympy.eye(b.rows)))
        for basis in (of_inputs, of_hidden, of_outputs):
            require(basis.is_square and basis.det() != 0, f"a basis at {types}")
        require_equal(a * of_inputs, of_hidden * normal_a, f"A at {types}")
        require_equal(b * of_hidden, of_outputs * normal_b, f"B at {types}")


def _germ(types: Types) -> Germ:
    sizes = types.sizes
    a, b = (matrix.tolist() for matrix in types.factors())
    rows = [[[int(x) for x in row] for row in matrix] for matrix in (a, b)]
    return germ_at(LinearNetwork((sizes["N"], sizes["H"], sizes["M"])), rows)


def _linear_count(types: Types) -> int:
    """Entries of the residual in the rows that B reaches, or in the columns that A does not kill."""
    sizes = types.sizes
    return sum(1 for i, j in product(range(sizes["M"]), range(sizes["N"])) if i < sizes["b"] or j < sizes["a"])


def _linear_part() -> None:
    for types in _all_types(1):
        sizes, germ = types.sizes, _germ(types)
        require_equal(germ.jacobian_rank(), _linear_count(types), f"rank at {types}")
        # Beside them, what is left: h × n entries of A and s × h entries of B.
        left = sizes["H"] - types.neither
        names = [f"a1_{i}_{j}" for i in range(left, sizes["H"]) for j in range(sizes["a"], sizes["N"])]
        names += [f"a2_{i}_{j}" for i in range(sizes["b"], sizes["M"]) for j in range(left, sizes["H"])]
        if germ.generators:
            gens = dict(zip(germ.variables, germ.generators[0].context().gens(), strict=True))
            both = Germ.of(germ.variables, [*germ.generators, *(gens[name] for name in names)])
            require_equal(both.jacobian_rank(), _linear_count(types) + len(names), f"coordinates at {types}")


def _elimination() -> None:
    rng = random.Random(1)
    _eliminate(Types(1, 1, 1, 1, 1, 1), lambda name, i, j: sympy.Matrix(i, j, sympy.symbols(f"{name}:{i * j}")))
    for types in (Types(2, 1, 1, 2, 2, 1), Types(1, 2, 2, 1, 2, 2), Types(0, 1, 2, 2, 1, 3), Types(2, 0, 2, 1, 3, 2)):
        _eliminate(types, lambda name, i, j: random_matrix(rng, i, j) / 100)  # small: a unit stays one


def _eliminate(types: Types, free: Callable[[str, int, int], sympy.Matrix]) -> None:
    """Where two blocks vanish the third one is S'_h Phi S_h: as an identity in the free coordinates, or at a point."""
    r, i, s, h, n, m = types
    a, b = r + i, r + s
    base_a, base_b = types.factors()
    a1, b1 = base_a[:, :a] + free("x", a + s + h, a), base_b[:b, :] + free("y", b, a + s + h)
    hidden_a, hidden_b = free("p", h, n), free("q", m, h)  # S_h and S'_h
    # Hidden directions outside the image of A: those seen by B, then h. Unseen by B: those in the image, then h.
    outside = b1[:, a:]
    unseen = a1[[*range(r, a), *range(a + s, a + s + h)], :]
    c, d = -outside[r:, :s].inv() * outside[r:, s:], -unseen[i:, r:] * unseen[:i, r:].inv()
    lift_a, lift_b = c.col_join(sympy.eye(h)), d.row_join(sympy.eye(h))
    schur_a, schur_b = lift_a * hidden_a, hidden_b * lift_b
    z = (-outside[:r, :] * schur_a).col_join(free("z", i, n))
    y = (-schur_b * unseen[:, :r]).row_join(free("w", m, s))
    matrix_a = a1.row_join(a1 * z + sympy.zeros(a, n).col_join(schur_a))
    padded = sympy.zeros(m, a + s + h)
    for index, column in enumerate([*range(r, a), *range(a + s, a + s + h)]):
        padded[:, column] = schur_b[:, index]
    matrix_b = b1.col_join(y * b1 + padded)
    residual = matrix_b * matrix_a - base_b * base_a
    rows, columns = sympy.eye(b + m), sympy.eye(a + n)
    rows[b:, :b], columns[:a, a:] = -y, -z
    blocks = rows * residual * columns
    overlap = sympy.zeros(i + h, s + h)
    overlap[i:, s:] = sympy.eye(h)
    phi = lift_b * (overlap - unseen[:, :r] * outside[:r, :]) * lift_a
    for entries, what in ((blocks[:b, a:], "block (1,2)"), (blocks[b:, :a], "block (2,1)"),
                          (blocks[b:, a:] - hidden_b * phi * hidden_a, "block (2,2) less S'_h Phi S_h")):
        require(all(sympy.cancel(x) == 0 for x in entries), f"{what} at {types}")
    if phi.free_symbols:
        require_equal(phi.subs(dict.fromkeys(phi.free_symbols, 0)), sympy.eye(h), "Phi at the point")


def _singular_values() -> None:
    for h, n in product(range(1, 4), repeat=2):
        sigma = sympy.symbols(f"sigma:{min(h, n)}", positive=True)
        jacobian = tangents_of_singular_values(h, sigma, n)
        density = sympy.prod(x ** abs(h - n) for x in sigma) * sympy.prod(
            sigma[i] ** 2 - sigma[j] ** 2 for j in range(min(h, n)) for i in range(j))
        require_equal(sympy.factor(jacobian.det() ** 2 - density**2), 0, f"the density at h={h}, n={n}")


def _exponents(h: int, n: int, s: int) -> tuple[list[tuple[int, ...]], list[int]]:
    """The monomials tau_1 ... tau_j rho_j, and the exponents of the measure in tau_1, ..., tau_k, rho_1, ..., rho_k."""
    k = min(h, n)
    sigma = [abs(h - n) + 2 * (k - j) for j in range(1, k + 1)]
    # d sigma_j = tau_1 ... tau_(j-1) d tau_j + ...: one more power of tau_i for each j > i.
    tau = [sum(sigma[i:]) + k - i - 1 for i in range(k)]
    monomials = [tuple(int(i <= j) for i in range(k)) + tuple(int(i == j) for i in range(k)) for j in range(k)]
    return monomials, tau + k * [s - 1]


def _ordered() -> None:
    ratio = sympy.Symbol("ratio", nonnegative=True)
    gap = 1 - ratio**2  # |sigma_i^2 - sigma_j^2| / sigma_i^2 with ratio = sigma_j / sigma_i <= 1
    require_equal((gap.subs(ratio, 0), gap.subs(ratio, sympy.Rational(1, 2))), (1, sympy.Rational(3, 4)), "the gap")
    require(sympy.diff(gap, ratio).is_nonpositive, "the gap falls with the ratio")
    for h, n in product(range(1, 9), repeat=2):
        k = min(h, n)
        _, measure = _exponents(h, n, 1)
        require_equal([e + 1 for e in measure[:k]], [(h - t) * (n - t) for t in range(k)], f"the measure at h={h}, n={n}")


def _costs(h: int, n: int, s: int) -> list[int]:
    """c(t) for t = 0, ..., min(h, n)."""
    return [(h - t) * (n - t) + s * t for t in range(min(h, n) + 1)]


def _linear_program() -> None:
    h, n, s = sympy.symbols("h n s")
    for k in range(1, 6):
        w = sympy.symbols(f"w1:{k + 2}")  # w_(k+1) = 1 - w_1 - ... - w_k; v_j = 1 - w_1 - ... - w_j
        cost = sum(w[t] * (h - t) * (n - t) for t in range(k)) + s * sum(sum(w[j:]) for j in range(1, k + 1))
        vertices = sum(w[t] * ((h - t) * (n - t) + s * t) for t in range(k)) + w[k] * s * k
        require_equal(sympy.expand(cost - vertices), 0, f"the program is linear in the simplex, k={k}")
    for sizes in product(range(1, 6), repeat=3):
        monomials, measure = _exponents(*sizes)
        value, multiplicity, _ = weighted_threshold(tuple(monomials), tuple(measure))
        costs = _costs(*sizes)
        require_equal((2 * value, multiplicity), (min(costs), costs.count(min(costs))), f"h, n, s = {sizes}")


def _two_neighbours() -> None:
    h, n, s, t = sympy.symbols("h n s t")
    cost = (h - t) * (n - t) + s * t
    require_equal(sympy.expand(cost - ((h * n - (h + n - s) ** 2 / 4) + (t - (h + n - s) / 2) ** 2)), 0, "the square")
    for sizes in product(range(9), repeat=3):
        costs = _costs(*sizes)
        require_equal((min(costs), costs.count(min(costs))), _least_cost(*sizes), f"h, n, s = {sizes}")
        for others in permutations(sizes):
            require_equal(_least_cost(*others), _least_cost(*sizes), f"the three sizes may be exchanged, {sizes}")


def _least_cost(h: int, n: int, s: int) -> tuple[int, int]:
    """The least of c(t), and how often it is attained, by the triangle inequalities."""
    small, middle, large = sorted((h, n, s))
    if large >= small + middle:
        return small * middle, 1
    odd = (h + n + s) % 2
    return (2 * (h * n + h * s + n * s) - h**2 - n**2 - s**2 + odd) // 4, 1 + odd


def _value(types: Types) -> tuple[Fraction, int]:
    """``(lambda, m)``, by counting."""
    costs = _costs(types.neither, types.inputs, types.outputs)
    return Fraction(_linear_count(types) + min(costs), 2), costs.count(min(costs))


def _against_the_engine() -> None:
    for types in (Types(0, 1, 0, 1, 1, 1), Types(1, 1, 0, 1, 1, 1), Types(0, 1, 1, 1, 1, 1), Types(1, 0, 1, 1, 2, 1),
                  Types(0, 0, 1, 2, 1, 1), Types(0, 1, 0, 1, 1, 3), Types(0, 1, 1, 0, 2, 1), Types(1, 0, 0, 1, 1, 1)):
        found = rlct(_germ(types), timeout=60)
        require_equal((found.lambda_, found.multiplicity), _value(types), f"the engine at {types}")


def _of_sizes(M: int, N: int, H: int, r: int, a: int, b: int) -> Types | None:
    """The types at these sizes, None where there are no such factors."""
    types = Types(r, a - r, b - r, H - a - b + r, N - a, M - b)
    return types if min(types) >= 0 else None


def _compare_local() -> None:
    entry = closed_form("reduced-rank-regression-local")
    blocks = (Types(1, 0, 1, *sizes) for sizes in product(range(5), repeat=3))
    for types in (*_all_types(2), *blocks):
        require_equal(entry.formula(types.sizes), _value(types), format_sizes(types.sizes))


def _sizes(largest: int) -> Iterator[tuple[int, int, int, int]]:
    for M, N, H in product(range(1, largest + 1), repeat=3):
        for r in range(min(M, N, H) + 1):
            yield M, N, H, r


def global_value(M: int, N: int, H: int, r: int) -> tuple[Fraction, int]:
    """The value at the most singular point, by counting."""
    return _value(Types(r, 0, 0, H - r, N - r, M - r))


def _least_singular() -> None:
    for M, N, H, r in _sizes(6):
        found = [_value(types) for a, b in product(range(r, H + 1), repeat=2)
                 if (types := _of_sizes(M, N, H, r, a, b)) is not None]
        least = min(value for value, _ in found)
        most = max(m for value, m in found if value == least)
        require_equal((least, most), global_value(M, N, H, r), f"M={M} N={N} H={H} r={r}")


def _branches() -> None:
    M, N, H, r = sympy.symbols("M N H r")
    s, n, h = M - r, N - r, H - r
    linear = r * (M + N - r)
    for left, right, what in (
            (linear + (2 * (h * n + h * s + n * s) - h**2 - n**2 - s**2) / 4,
             (2 * (H + r) * (M + N) - (M - N) ** 2 - (H + r) ** 2) / 4, "within the triangle inequalities"),
            (linear + h * n, H * N - H * r + M * r, "s > h + n"), (linear + h * s, H * M - H * r + N * r, "n > h + s"),
            (linear + n * s, M * N, "h > n + s"),
            (h + n - s, H + N - M - r, "s <= h + n"), (h + s - n, H + M - N - r, "n <= h + s"),
            (n + s - h, M + N - H - r, "h <= n + s"), (h + n + s, M + N + H + r - 4 * r, "the parity")):
        require_equal(sympy.expand(left - right), 0, what)


def _compare_global() -> None:
    entry = closed_form("reduced-rank-regression")
    for M, N, H, r in _sizes(8):
        sizes = {"M": M, "N": N, "H": H, "r": r}
        require_equal(entry.formula(sizes), global_value(M, N, H, r), format_sizes(sizes))


LOCAL = Derivation(
    entry="reduced-rank-regression-local",
    statement=r"At every $(A,B)$ with $\operatorname{rank}A = a$, $\operatorname{rank}B = b$, $\operatorname{rank}BA = r$: with "
    r"$q = Ma+Nb-ab$, $s = M-b$, $n = N-a$, $h = H-a-b+r$ and $c(t) = (h-t)(n-t)+st$, $\lambda = \tfrac12(q + \min_t c(t))$ "
    r"over $t = 0,\dots,\min(h,n)$, and $m$ is the number of minimisers, $1$ or $2$.",
    assumptions=(r"the loss is comparable to $|BA - T|^2$, $A\in\mathbb R^{H\times N}$, $B\in\mathbb R^{M\times H}$",
                 r"$T = BA$ at the point"),
    steps=(
        Step("A normal form", r"$A\mapsto hAg$, $B\mapsto kBh^{-1}$ with invertible $g$, $h$, $k$ changes $BA - T$ to $k(BA-T)g$: "
             r"a comparable loss in other coordinates. Let $G_3$ be a basis of $\ker A$, $G_2$ complete it to $\ker BA$, $G_1$ "
             r"to $\mathbb R^N$. $AG_1$ and $AG_2$ are a basis of $\operatorname{im}A$, and $AG_2$ is one of $\operatorname{im}A\cap"
             r"\ker B$. Choose $a-r$, $b-r$, $h$ columns: $AG_2$; $E$ such that $BE$ completes $BAG_1$ to a basis of "
             r"$\operatorname{im}B$; $F$ that completes $AG_2$ to $\ker B$. Then $AG_1, AG_2, E, F$ is a basis of the hidden layer "
             r"of four types: in the image of $A$ and seen by $B$; only in the image; only seen; neither. In these bases $A$ and "
             r"$B$ are matrices of zeros and ones that depend on the sizes only.", _normal_form),
        Step("Linear parts", r"The linear part of the residual is $B_0\,dA + dB\,A_0$: it reaches the entries in the $b$ rows "
             r"that $B_0$ reaches or in the $a$ columns that $A_0$ does not kill, $q = Ma+Nb-ab$ of them, each with a linear part "
             r"of its own. They are coordinates together with the entries $A'$ of $A$ (type neither, killed columns, $h\times n$) "
             r"and $B'$ of $B$ (other rows, type neither, $s\times h$).", _linear_part),
        Step("Elimination", r"Write $A = (A_1\;\;A_1Z + E_nS)$ and $B = \begin{pmatrix}B_1\\YB_1 + S'E_u^\top\end{pmatrix}$, where $A_1$ are the "
             r"first $a$ columns, $B_1$ the first $b$ rows, $E_n$ includes the hidden directions outside the image of $A_0$ and $E_u$ "
             r"those unseen by $B_0$: $Z, S, Y, S'$ are coordinates beside $A_1, B_1$, as $A_1$ has an invertible block in the image and "
             r"$B_1$ in the seen directions. With $L = \begin{pmatrix}I&0\\-Y&I\end{pmatrix}$, $R = \begin{pmatrix}I&-Z\\0&I\end{pmatrix}$, "
             r"$N = B_1E_n$, $U = E_u^\top A_1$ and $T_1 = \begin{pmatrix}I_r&0\\0&0\end{pmatrix}$, the blocks of $L(BA-T)R$ are "
             r"$B_1A_1 - T_1$; $P_{12} = NS + T_1Z$; $P_{21} = S'U + YT_1$; $P_{22} = S'E_u^\top E_nS - YT_1Z$. As $T_1 = T_1T_1^\top T_1$, modulo "
             r"$P_{12}$ and $P_{21}$ $YT_1Z = S'UT_1^\top NS$; and the last $b-r$ rows of $P_{12}$ and $a-r$ columns of $P_{21}$ say that "
             r"$S = \begin{pmatrix}C\\I\end{pmatrix}S_h$, $S' = S_h'\,(D\;\;I)$ with $C, D$ analytic and zero at the point. So $P_{22} = "
             r"S_h'\Phi S_h$ with $\Phi = (D\;\;I)(E_u^\top E_n - UT_1^\top N)\begin{pmatrix}C\\I\end{pmatrix}$, and $\Phi = I$ at the point, for $UT_1^\top$ and "
             r"$T_1^\top N$ vanish there. With $A' = \Phi S_h$ and $B' = S_h'$ as coordinates, the ideal is that of the $q$ coordinates of the second "
             r"step and of the entries of $B'A'$: $K\asymp|u|^2 + |B'A'|^2$.", _elimination),
        Step("Singular values", r"$|B'A'|^2$ is homogeneous in $A'$ and in $B'$: rescaling shows that the volumes of $\{|B'A'|^2\le e\}$ in any two "
             r"bounded neighbourhoods of $0$ are the same up to constants, in $e$ and in front. Let $k = \min(h,n)$, $A' = V\operatorname{diag}"
             r"(\sigma)W^\top$: $dA' = \prod_j\sigma_j^{|h-n|}\prod_{i<j}|\sigma_i^2-\sigma_j^2|\,d\sigma\,dV\,dW$, the density at $V = W = I$ being that "
             r"everywhere, as rotations keep $dA'$. Let $b_j = B'v_j$, for fixed $V$ a rotation of $B'$. Then $|B'A'|^2 = \sum_{j\le k}"
             r"\sigma_j^2|b_j|^2$, which does not depend on $V$, $W$ nor on the $h-k$ other $b_j$. In the neighbourhood $\sigma_j\le1$, "
             r"$|b_j|\le1$ (for $h>n$, $|(b_j)_{j>k}|\le1$), in polar coordinates, the volume is up to a constant that of "
             r"$\sum\sigma_j^2\rho_j^2\le e$ with the density "
             r"$\prod\sigma_j^{|h-n|}\prod|\sigma_i^2-\sigma_j^2|\prod\rho_j^{s-1}$ in the cube $[0,1]^{2k}$. If $s$, $h$ or $n$ is $0$, "
             r"nothing is left, $\lambda = q/2$ and $m = 1$, as $\min c = 0$ is attained once.", _singular_values),
        Step("A monomial ideal", r"Order $\sigma_1\ge\dots\ge\sigma_k$ and let $\sigma_j = \tau_1\cdots\tau_j$, $\tau\in[0,1]^k$. For $i<j$, "
             r"$|\sigma_i^2-\sigma_j^2|\le\sigma_i^2$, so the volume is at most the one with the density $\prod\sigma_j^{|h-n|+2(k-j)}"
             r"\prod\rho_j^{s-1}$; on $\tau_2,\dots,\tau_k\le\tfrac12$, $|\sigma_i^2-\sigma_j^2|\ge\tfrac34\sigma_i^2$, so it is at least a constant times "
             r"the one with that density in the smaller cube, and doubling $\tau_2,\dots,\tau_k$ makes that the same up to constants. "
             r"So where singular values meet there is no other pole, and $(\lambda, m)$ is that of the monomials $\tau_1\cdots\tau_j\rho_j$ "
             r"with a monomial measure; $\tau_i$ has the exponent $(h-i+1)(n-i+1)-1$.", _ordered),
        Step("Its linear program", r"With $\tau_i = \epsilon^{w_i}$, $\rho_j = \epsilon^{v_j}$ the volume of $\{K\le\epsilon^2\}$ in the cube becomes, up to constants, that of a "
             r"polyhedron with the density $\epsilon^{\sum w_i\gamma_i+s\sum v_j}$ and a power of $\log1/\epsilon$: $2\lambda = \min\sum_iw_i\gamma_i + s\sum_jv_j$, "
             r"$\gamma_i = (h-i+1)(n-i+1) > 0$, over $w, v\ge0$ with $w_1+\dots+w_j+v_j\ge1$, and $m$ is one more than the dimension of the set of optimal "
             r"weights, which is bounded (Howald's theorem for a monomial measure). At an "
             r"optimum $v_j = \max(0, 1-w_1-\dots-w_j)$, as $s>0$, and $\sum w\le1$, else the last positive $w_i$ could be less. With "
             r"$w_{k+1} = 1-\sum w$ these are the points of a simplex, and there the objective is linear, $\sum_tw_{t+1}c(t)$: its minimum is "
             r"$\min c$ and the optimal weights are the face of the minimisers.", _linear_program),
        Step("One or two minimisers", r"$c(t) = hn - \tfrac14(h+n-s)^2 + (t - \tfrac12(h+n-s))^2$: the minimisers are the integers of "
             r"$[0,k]$ nearest to $t_0 = \tfrac12(h+n-s)$. $0\le t_0\le k$ is $s\le h+n$, $n\le h+s$ and $h\le n+s$; then, if $h+n+s$ is even, "
             r"$t_0$ is the only one, and if it is odd there are two, $t_0\pm\tfrac12$, still in $[0,k]$. Else $t = 0$ if $s>h+n$ and "
             r"$t = k$ if $n>h+s$ or $h>n+s$, with $c = hn, hs, ns$. All is symmetric in $h, n, s$, so transposition changes nothing.",
             _two_neighbours),
        Step("A second way", "The engine certifies small sizes.", _against_the_engine),
        Step("Comparison", "The catalogue entry has these values.", _compare_local),
    ),
)

GLOBAL = Derivation(
    entry="reduced-rank-regression",
    statement=r"""The least $\lambda$ at the $(A,B)$ with $BA = T$ of rank $r$, and the largest $m$ there, are those where $A$ and $B$ have rank $r$ too; they have the closed form of Aoyagi and Watanabe (2005): if $M+r\le N+H$, $N+r\le M+H$ and $H+r\le M+N$,
$$\lambda=\tfrac18\bigl(2(H+r)(M+N)-(M-N)^2-(H+r)^2\bigr)+\tfrac18[M+N+H+r\ \text{odd}],\qquad m=1+[M+N+H+r\ \text{odd}];$$
else $m=1$ and $\lambda$ is $\tfrac12(HN-Hr+Mr)$ if $N+H<M+r$, $\tfrac12(HM-Hr+Nr)$ if $M+H<N+r$, and $\tfrac12MN$ if $M+N<H+r$.""",
    assumptions=(r"the loss is comparable to $|BA - T|^2$, $A\in\mathbb R^{H\times N}$, $B\in\mathbb R^{M\times H}$",),
    steps=(
        MOST_SINGULAR,
        Step("Its coefficient", r"There $A$ and $B$ have the ranks $a = b = r$, so by `reduced-rank-regression-local` $2\lambda = r(M+N-r) + \min_t c(t)$ with $s = M-r$, "
             r"$n = N-r$, $h = H-r$, $c(t)=(h-t)(n-t)+st$, $t=0,\dots,\min(h,n)$. As it must, this is the least over all ranks $(a,b)$.", _least_singular),
        Step("Its branches", r"$s\le h+n$ is $M+r\le N+H$, and so on; the parity of $h+n+s$ is that of $M+N+H+r$. In each case "
             r"of the minimum of $c$ the formula in $M, N, H, r$ is a polynomial identity.", _branches),
        Step("Comparison", "The catalogue entry has these values.", _compare_global),
    ),
)
