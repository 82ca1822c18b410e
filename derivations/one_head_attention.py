"""One-head attention at a zero-padded teacher: elimination by rational formulas, and what is left."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations

import sympy
from sympy import Matrix, Rational

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form, rlct
from slt_symbolic.networks.attention import OneHeadAttention, germ_at, linear_rank, reduced_germ

SIZES = ((2, 2, 1), (3, 2, 1), (3, 3, 1), (4, 3, 2), (4, 4, 2), (5, 4, 2))  # v, e, e0


def _scores_are_seen() -> None:
    s, t, d = sympy.symbols("s t d")
    weight = 1 / (1 + sympy.exp(s - t))  # of one token beside another
    slope = sympy.simplify(sympy.diff(weight * d, t) - weight * (1 - weight) * d)
    require_equal(slope, 0, "the logits on two tokens move with the difference of scores unless d = 0")


def _random(rng: random.Random, rows: int, columns: int) -> Matrix:
    return Matrix(rows, columns, lambda _i, _j: Rational(2 * rng.randint(-40, 40) + 1, rng.randint(1, 5)))


def _reduction_at(v: int, e: int, e0: int, rng: random.Random) -> None:
    """Choose all free coordinates at random, solve for the others by the formulas, and compare all generators."""
    f, n, one = e - e0, v - 1 - e0, Matrix([1] * e0)
    # the teacher: rows I are the first e0, J the others, the last one is the token v
    x_i, z_0, gamma, rest, q_0 = (_random(rng, *shape) for shape in (
        (e0, e0), (v - e0, e0), (e0, e0), (e0, n), (e0, e0)))
    given = gamma.row_join(rest)
    a_0 = x_i * q_0 * x_i.T
    y, left, n_1, n_2, x_new, b, c, r = (_random(rng, *shape) for shape in (
        (e0, f), (v - e0, f), (f, e0), (f, n), (e0, e0), (e0, f), (f, e0), (f, f)))
    small = n_1 * gamma.inv()
    z = z_0 - left * small
    rows_i = Matrix([[int(i == j) for j in range(e0)] for i in range(e0)])

    def differences(block: Matrix) -> Matrix:
        whole = rows_i.col_join(block)
        return Matrix([list(whole.row(t) - whole.row(v - 1)) for t in range(v - 1)])

    delta, delta_0, h = differences(z), differences(z_0), left.row(v - e0 - 1)
    k = delta[e0:, :] * delta[:e0, :].inv()
    alpha = Matrix(n, 1, lambda t, _: 1 - (k.row(t) * one)[0])
    g = left[:n, :] - alpha * h
    b_2 = x_new * (b + y * r)
    known = a_0 * delta_0[:e0, :].T
    a_2 = (known + b_2 * h.T * one.T) * delta[:e0, :].T.inv()
    a = x_new.inv() * a_2 * x_new.T.inv() - y * c - b * y.T - y * r * y.T
    embedding = x_new.row_join(x_new * y).col_join((z * x_new).row_join(left + z * x_new * y))
    logits = embedding * (x_new.inv() * (given - x_new * y * n_1.row_join(n_2))).col_join(n_1.row_join(n_2))
    logits -= rows_i.col_join(z_0) * given
    scores = embedding * (a.row_join(b)).col_join(c.row_join(r))
    tokens = Matrix([list(embedding.row(t) - embedding.row(v - 1)) for t in range(v - 1)])
    scores = scores * tokens.T - rows_i.col_join(z_0) * a_0 * delta_0.T
    # the claims
    w_1 = n_2 - small * rest
    sigma, rho = b_2 - a_0 * small.T, r - small * a_0 * small.T
    w_2 = (c + r * y.T) * x_new.T - (r * h.T * one.T + small * known) * delta[:e0, :].T.inv()
    require_equal(logits, sympy.zeros(v, e0).row_join(sympy.zeros(e0, n).col_join(left * w_1)), f"logits at v={v}, e={e}, e0={e0}")
    upper = sympy.zeros(e0, e0).row_join(sigma * g.T)
    lower = left * w_2 * delta.T + sympy.zeros(v - e0, e0).row_join(left * rho * g.T) + z * upper
    require_equal((scores[:e0, :] - upper, sympy.simplify(scores[e0:, :] - lower)),
                  (sympy.zeros(e0, v - 1), sympy.zeros(v - e0, v - 1)), f"scores at v={v}, e={e}, e0={e0}")


def _reduction() -> None:
    rng = random.Random(0)
    for sizes in SIZES:
        _reduction_at(*sizes, rng)


def _teacher(v: int, e: int, e0: int) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    rng = random.Random(v)
    def padded(rows: int, columns: int, height: int, width: int) -> list[list[int]]:
        return [[rng.randint(-9, 9) if i < rows and j < columns else 0 for j in range(width)] for i in range(height)]
    return padded(v, e0, v, e), padded(e0, e0, e, e), padded(e0, v, e, v)


def _linear_coordinates() -> None:
    for v, e, e0 in SIZES:
        germ = germ_at(OneHeadAttention(v, e), *_teacher(v, e, e0))
        require_equal(linear_rank(germ), e0 * (2 * v - 1), f"independent linear parts at v={v}, e={e}, e0={e0}")
    for v, e, e0 in ((2, 2, 2), (2, 3, 2), (3, 3, 3), (3, 4, 4)):
        germ = germ_at(OneHeadAttention(v, e), *_teacher(v, e, e0))
        require_equal(linear_rank(germ), 2 * v * (v - 1), f"onto at v={v}, e={e}, e0={e0}")
    found = rlct(germ_at(OneHeadAttention(2, 2), *_teacher(2, 2, 1)), timeout=60)
    require_equal((found.lambda_, found.multiplicity), (Fraction(2), 2), "the engine on all of (2, 2, 1), without reducing")


def _regression(m: int, n: int, h: int) -> tuple[int, int]:
    """Twice lambda, and m, of an m × h times an h × n matrix at zero: reduced-rank-regression-local has the proof."""
    values = [(h - t) * (m - t) + n * t for t in range(min(h, m) + 1)]
    return min(values), values.count(min(values))


def _orders(v: int, e0: int, f: int, zeros: int, halves: int) -> Fraction:
    """The order of the volume where the first singular values in s_1, g_1, s_2, g_2, ... have order 0, 1/2, else 1."""
    n = v - 1 - e0
    few = min(n, f)
    length = few + min(n + 1, f)
    x = [Fraction(0) if k < zeros else Fraction(1, 2) if k < halves else Fraction(1) for k in range(length)]
    s, g = x[0::2], x[1::2]
    density = sum(((abs(f - n) + 1 + 2 * (few - 1 - j)) * y for j, y in enumerate(g)), Fraction(0))
    components = [sum(s[:j + 1]) - sum(g[:j]) for j in range(len(s))]
    density += sum(components[:few]) + (f - few) * (components[few] if f > few else 0)
    products = sum((1 - y - z for y in s for z in g if y + z < 1), Fraction(0))
    return density + (v - 1) * sum(1 - y for y in s) + e0 * sum(1 - y for y in g) + products


def _vertices(v: int, e0: int, f: int) -> tuple[Fraction, int]:
    """Twice lambda_0, and m_0: the least order over all vertices, and the dimension of the face of those that have it."""
    length = min(v - 1 - e0, f) + min(v - e0, f)
    places = [(a, b) for a in range(length + 1) for b in range(a, length + 1)]
    orders = {place: _orders(v, e0, f, *place) for place in places}
    least = min(orders.values())
    face = [[int(k < a) + int(k < b) for k in range(length)] for (a, b), value in orders.items() if value == least]
    return least, int(sympy.Matrix([[x - y for x, y in zip(row, face[0], strict=True)] for row in face]).rank()) + 1


def _minors() -> None:
    for n, f in ((1, 1), (1, 2), (2, 2), (3, 2), (2, 3)):
        few = min(n, f)
        matrix = sympy.zeros(few + 1, few + int(f > few))
        for j in range(few):
            matrix[j, j] = sympy.Symbol(f"g{j}")
        for j in range(matrix.cols):
            matrix[few, j] = sympy.Symbol(f"h{j}")
        for size in range(1, min(matrix.shape) + 1):
            for rows in combinations(range(matrix.rows), size):
                for columns in combinations(range(matrix.cols), size):
                    minor = sympy.expand(matrix.extract(list(rows), list(columns)).det())
                    require(len(sympy.Add.make_args(minor)) == 1, f"a minor of size {size} is a monomial or 0")


def _interlacing() -> None:
    rng = random.Random(1)
    for _ in range(200):
        few = rng.randint(1, 4)
        chain = sorted(Fraction(rng.randint(0, 12), 6) for _ in range(2 * few + 1))
        s, g = chain[0::2], chain[1::2]
        h = [sum(s[:j + 1], Fraction(0)) - sum(g[:j]) for j in range(few + 1)]
        for k in range(1, few + 2):
            minors = [sum(g[:k], Fraction(0))] if k <= few else []
            others = [(h[j], sorted(g[:j] + g[j + 1:])) for j in range(few + 1)]
            minors += [own + sum(left[:k - 1], Fraction(0)) for own, left in others if len(left) >= k - 1]
            require_equal(min(minors), sum(s[:k]), f"the order of the minors of size {k} with {few} singular values of G")


def _closed(v: int, e0: int, f: int) -> Fraction:
    """Twice lambda_0: the two parabolas."""
    n, kappa = v - 1 - e0, f + 1 - 2 * e0
    parabola = [Fraction(z * (kappa - z), 2) for z in range(f + 2 * n + 2)]
    odd = max(parabola[1:2 * n + 2]) + Fraction(f, 2) - n
    return (v - e0) * f - (max(parabola) if f <= 2 * n else max(Fraction(0), odd))


def _parabolas() -> None:
    for v in range(2, 7):
        for e0 in range(1, v):
            for f in range(1, 3 * v):
                require_equal(_vertices(v, e0, f)[0], _closed(v, e0, f), f"v={v}, e0={e0}, f={f}")
    require_equal([_vertices(*sizes) for sizes in ((3, 1, 1), (3, 1, 2), (3, 1, 5), (5, 1, 3), (5, 1, 6))],
                  [(2, 1), (4, 3), (Fraction(13, 2), 1), (Fraction(23, 2), 1), (21, 7)], "some values")


def _engine() -> None:
    for (v, e, e0), left in {(3, 2, 1): (1, 1), (4, 2, 1): (Fraction(3, 2), 1), (2, 3, 1): (Fraction(1, 2), 1),
                             (3, 3, 2): (Fraction(1, 2), 1), (3, 3, 1): (2, 3)}.items():
        found = rlct(reduced_germ(v, e0, e - e0), timeout=60)
        require_equal((found.lambda_, found.multiplicity), left, f"the engine on the reduced ideal at {(v, e, e0)}")


def _values(v: int, e: int, e0: int) -> tuple[Fraction, int]:
    if e0 == 0:
        value, ties = _regression(v, v - 1, e)
        return Fraction(value, 2), ties
    if e0 >= v:
        return Fraction(v * (v - 1)), 1
    twice, multiplicity = _vertices(v, e0, e - e0) if e > e0 else (Fraction(0), 1)
    return (e0 * (2 * v - 1) + twice) / 2, multiplicity


def _compare() -> None:
    entry = closed_form("one-head-attention")
    for v in range(2, 6):
        for e in range(1, 11):
            for e0 in range(e + 1):
                require_equal(entry.formula({"v": v, "e": e, "e0": e0}), _values(v, e, e0), f"v={v}, e={e}, e0={e0}")


DERIVATION = Derivation(
    entry="one-head-attention",
    statement=r"""At a generic teacher of dimension $e_0$, padded by $f=e-e_0$ zeros, $1\le e_0<v$,
$$\lambda=\tfrac12e_0(2v-1)+\lambda_0,\qquad m=m_0,$$
where $(\lambda_0,m_0)$ is the pair at 0 of the ideal $(LW,\;L\rho G^\top,\;\sigma G^\top)$: $L=\binom Gh$ has $v-e_0$ rows ($h$ is the last one, $G$ the others) and $f$ columns, $W$ is $f\times(v-1)$, $\rho$ $f\times f$, $\sigma$ $e_0\times f$. It is the same at all teachers off a proper algebraic subset.
With $n=v-1-e_0$, $\kappa=f+1-2e_0$ and $x_+=\max(x,0)$
$$2\lambda_0=(v-e_0)f-\tfrac12\lfloor\tfrac{\kappa_+^2}4\rfloor\quad(f\le2n),\qquad2\lambda_0=(v-e_0)f-\max\Bigl(0,\ \tfrac f2-n+\max_{1\le z\le2n+1}\tfrac{z(\kappa-z)}2\Bigr)\quad(f\ge2n).$$
So $\lambda_0=\tfrac12(v-e_0)f$ for $f\le2e_0$, $f\le2n$; $\lambda_0=\tfrac12\min(f,v-1)$ for $e_0=v-1$; $\lambda=e_0(v-1)+\tfrac v2$ for $f=1$. $m_0$ is one more than the dimension of a face (below). If $e_0\ge v$: $\lambda=v(v-1)$, $m=1$. At the uniform truth ($e_0=0$): reduced rank regression $(v,v-1,e,0)$.""",
    assumptions=(r"logits $\sum_t\operatorname{softmax}_t(E_{x_T}QE_{x_t}^\top)\,E_{x_t}U$ on strings of $T\ge2$ tokens of $v$, uniform; $E$ is $v\times e$, $Q$ $e\times e$, $U$ $e\times v$",
                 r"generic: $E^0$ and $U^0$ have full rank, also after subtracting a token ($E^0$ from the rows, $U^0$ from the columns), and no two rows of $E^0U^0$ are equal modulo constants; nothing is asked of $Q^0$",
                 "questions O66 and O67 (L. Levine, [agenda A6](https://github.com/lionellevine/MAIS), 2026). Prior claim, unrefereed: "
                 "[MAIS issue 29](https://github.com/lionellevine/MAIS/issues/29) has generic constancy, the case $e_0\\ge v$ and a germ that is this ideal in other letters. "
                 "Derived here independently; the values of $\\lambda_0$ are beyond it as far as it is known to us"),
    steps=(
        Step("What the loss sees", r"""$K$ is comparable to the squared differences of logits modulo constants. On constant strings these are the rows of $EU$. On a string of tokens $a=x_T$ and $t$ they are a mean of two rows of $EU$, which differ; the weight has a derivative that does not vanish in the difference of scores
$E_aQ(E_t-E_a)^\top$. All other strings depend on these numbers. So the ideal is that of
$$EU\ \text{modulo constants},\qquad\sigma_a(t)=E_aQ(E_t-E_v)^\top\quad(t<v),$$
less their values at the teacher: $2v(v-1)$ polynomials, for every $T\ge2$.""", _scores_are_seen),
        Step("Coordinates", r"""Order the tokens so that $E^0$ has $e_0$ independent rows $I$, the first, and the token $v$ among the others $J$, with $E_t-E_v$, $t\in I$, independent (affinely independent $e_0+1$ rows of which one has a barycentric coordinate of 0 that is not 0).
Write $E=(X\,|\,Y)$, $U=\binom MN$ modulo constants, with $M,N$ of $v-1$ columns, $Q=\begin{pmatrix}A&B\\C&R\end{pmatrix}$, and
$$y=X_I^{-1}Y_I,\quad Z=X_JX_I^{-1},\quad L=Y_J-ZY_I.$$
Let $X_I^0M^0=(\Gamma\,|\,\Gamma')$, $\Gamma$ its first $e_0$ columns (independent, after ordering), $\nu=N_1\Gamma^{-1}$ with the same columns of $N=(N_1,N_2)$, and $\Delta(Z)$ the $(v-1)\times e_0$ matrix of the differences of rows of $\binom1Z$. New coordinates of the scores are
$$A''=X_I(A+yC+By^\top+yRy^\top)X_I^\top,\quad B''=X_I(B+yR),\quad C''=(C+Ry^\top)X_I^\top.$$""", _linear_coordinates),
        Step("Theorem: the reduced ideal", r"""(i) The rows $I$ of $EU$ have $M$ as a linear coordinate, the first $e_0$ columns of the rows $J$ then $Z=Z^0-L\nu$; what is left of $EU$ is $LW_1$, $W_1=N_2-\nu\Gamma'$.

(ii) With $k=\Delta_J\Delta_I^{-1}$, $\alpha=1-k\mathbf 1$ and $G'=G-\alpha h$ (same row space as $G$ together with $h$) the rows and columns $I$ of the scores have $A''$ as a linear coordinate. As $Z-Z^0=-L\nu$, $k-k^0=-G'\nu(\Delta^0_I)^{-1}$, and with $A^0=X^0_IQ^0X_I^{0\top}$
the rows $I$, columns $J$ are $\sigma G'^\top$, $\sigma=B''-A^0\nu^\top$; the rows $J$ are, up to multiples of these,
$$L\,W_2\,\Delta^\top+\bigl(0\,|\,L\rho G'^\top\bigr),\qquad\rho=R-\nu A^0\nu^\top,\quad W_2=C''-\bigl(Rh^\top\mathbf 1^\top+\nu A^0\Delta_I^{0\top}\bigr)\Delta_I^{-\top}.$$
$W_1$ and $W_2$ together are $W$. $\Delta_I$ is invertible, so the ideal is $(LW,L\rho G'^\top,\sigma G'^\top)$, and $e_0(v-1)+(v-e_0)e_0+e_0^2=e_0(2v-1)$ coordinates are eliminated.
Checked at random rational values of all free coordinates at six sizes: all $2v(v-1)$ polynomials are as stated. Only the named hypotheses were used: the pair is constant where they hold.""", _reduction),
        Step("The volume by singular values", r"""Let $G$ have the singular values $g_1\ge g_2\ge\dots$ and $L$ $s_1\ge s_2\ge\dots$ For fixed $L$ the ideal is linear in $W$, $\rho$, $\sigma$, and $\rho\mapsto L\rho G^\top$ has the singular values $s_ig_j$. So the volume of near-fits is comparable to
$$\int\prod_i\min\bigl(1,\tfrac\epsilon{s_i}\bigr)^{v-1}\prod_j\min\bigl(1,\tfrac\epsilon{g_j}\bigr)^{e_0}\prod_{ij}\min\bigl(1,\tfrac\epsilon{s_ig_j}\bigr)\;dG\,dh.$$
With $r=\min(n,f)$ singular values, $G$ has the density $\prod_jg_j^{|f-n|}\prod_{i<j}(g_i^2-g_j^2)\,dg$. Let $h_1,\dots,h_r$ be the components of $h$ along the right singular vectors, and $h_{r+1}$, if $f>r$, the length of the rest, of density $h_{r+1}^{f-r-1}$. $L$ has the singular values of $\operatorname{diag}(g)$ with the row $h$ below: every minor is a monomial, and $s_1\cdots s_k$ is comparable to the largest of size $k$.""", _minors),
        Step("Orders", r"""Put $g_j=\epsilon^{\gamma_j}$, $s_i=\epsilon^{\tau_i}$, $h_j=\epsilon^{\eta_j}$. Singular values interlace, $0\le\tau_1\le\gamma_1\le\tau_2\le\gamma_2\le\dots$; and as $s_1\cdots s_j\ge|h_j|g_1\cdots g_{j-1}$ up to constants,
$$\eta_j\ge\tau_1+\dots+\tau_j-\gamma_1-\dots-\gamma_{j-1}.$$
Conversely, with equality here for all $j$ the largest minors have the orders $\tau_1+\dots+\tau_k$, for every interlacing chain. So the volume is comparable to $\int\epsilon^\Phi$ over the orders times a power of $\log\tfrac1\epsilon$ for the number of variables, and $2\lambda_0=\min\Phi$ over all chains,
$$\Phi=\sum_j(|f-n|+1+2(r-j))\gamma_j+\sum_{j\le r}\eta_j+(f-r)\eta_{r+1}+(v-1)\sum_i(1-\tau_i)_++e_0\sum_j(1-\gamma_j)_++\sum_{ij}(1-\tau_i-\gamma_j)_+,$$
and $m_0$ is one more than the dimension of the face where it is attained (each direction along the face adds a logarithm, each across it none).""", _interlacing),
        Step("Vertices", r"""$\Phi$ is convex and piecewise linear, and grows beyond 1: its coefficients there are $f+1-i$ for $\tau_i$ and $n+1-j$ for $\gamma_j$. At a vertex every value is fixed by equations $x=0$, $x=1$, $x=y$, $x+y=1$ of members of the chain: it is 0, $\tfrac12$ or 1. Let the first $a$ members be 0, the next, up to $b$, be $\tfrac12$, the others 1. With $p_a=\lceil a/2\rceil$, $q_a=\lfloor a/2\rfloor$
$$\Phi(a,b)=(n+1)f+\tfrac12\bigl(\ell(a)+\ell(b)+p_aq_b+p_bq_a\bigr),\qquad\ell(a)=p_a(n+e_0-f-1)+\tfrac{p_a(p_a+1)}2+q_a(e_0-n-1)+\tfrac{q_a(q_a+1)}2.$$
For $z=\tfrac{a+b}2$ this is $(n+1)f-\tfrac12z(\kappa-z)$ if $a$ and $b$ are even, and $n-\tfrac f2$ more if they are odd; with one of each it is the mean of two of these, at $z\mp\tfrac12$. If $f\le2n$ the even ones are least, at $z=\lfloor\kappa/2\rfloor$ or 0; if $f\ge2n$, $z=0$ or an odd pair.""", _parabolas),
        Step("e0 >= v, and e0 = 0", r"If $E^0$ has rank $v$, the derivatives of $EU$ by $U$ and of the scores by $Q$ are onto: all $2v(v-1)$ equations are independent, $\lambda=v(v-1)$, $m=1$ (ranks checked in the step on coordinates). At the uniform truth and $w=0$ the scores multiply products that are already in the ideal of $EU$ modulo constants: reduced rank regression $(v,v-1,e,0)$.", _linear_coordinates),
        Step("Against the engine", r"""The engine, which knows nothing of this, decides the reduced ideal at
| $(v,e,e_0)$ | (2,2,1) | (3,2,1) | (4,2,1) | (2,3,1) | (3,3,2) | (3,3,1) |
|---|---|---|---|---|---|---|
| $\lambda$ | 2 | 7/2 | 5 | 2 | 11/2 | 9/2 |
| $m$ | 2 | 1 | 1 | 1 | 1 | 3 |""", _engine),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
