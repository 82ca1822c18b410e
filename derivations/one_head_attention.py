"""One-head attention at a zero-padded teacher: elimination by rational formulas, and what is left."""

from __future__ import annotations

import random
from fractions import Fraction

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
    require_equal(logits, sympy.zeros(v, e0).row_join(sympy.zeros(e0, n).col_join(left * w_1)), "logits")
    upper = sympy.zeros(e0, e0).row_join(sigma * g.T)
    lower = left * w_2 * delta.T + sympy.zeros(v - e0, e0).row_join(left * rho * g.T) + z * upper
    require_equal((scores[:e0, :] - upper, sympy.simplify(scores[e0:, :] - lower)),
                  (sympy.zeros(e0, v - 1), sympy.zeros(v - e0, v - 1)), "scores")


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
    found = rlct(germ_at(OneHeadAttention(2, 2), *_teacher(2, 2, 1)))
    require_equal((found.lambda_, found.multiplicity), (Fraction(2), 2), "the engine on all of (2, 2, 1), without reducing")


def _regression(m: int, n: int, h: int) -> tuple[int, int]:
    """Twice lambda, and m, of an m × h times an h × n matrix at zero: reduced-rank-regression-local has the proof."""
    values = [(h - t) * (m - t) + n * t for t in range(min(h, m) + 1)]
    return min(values), values.count(min(values))


def _few_more_dimensions() -> None:
    for v in range(2, 12):
        for e0 in range(1, v - 1):
            for f in range(1, e0 + 1):
                m = v - e0
                value, ties = _regression(m, v - 1, f)
                require_equal(value, m * f, f"L = 0 is cheapest at v={v}, e0={e0}, f={f}")
                require((ties > 1) == (f == e0), "with a tie only if f = e0")
                if f == e0:  # L of rank 1 on the exceptional divisor of L = 0, W = 0
                    ranks = [t * (v - 1) + _regression(m - t, v - 1, f - t)[0] for t in range(1, min(m, f) + 1)]
                    require(ranks[0] == m * f and all(x > m * f for x in ranks[1:]), "rank 1 ties, more does not")
                    rest = _regression(m - 1, v - 1, f - 1)
                    require_equal(rest, ((m - 1) * (f - 1), 1), "where G = 0: what is left of L W beside the last row")


def _last_token_only() -> None:
    for v in range(2, 12):
        for f in range(1, 2 * v):
            value, ties = _regression(1, v - 1, f)
            require_equal((value, ties), (min(f, v - 1), 1 + (f == v - 1)), f"h W at v={v}, f={f}")


def _engine() -> None:
    for (v, e, e0), left in {(3, 2, 1): (1, 1), (4, 2, 1): (Fraction(3, 2), 1), (2, 3, 1): (Fraction(1, 2), 1),
                             (3, 3, 2): (Fraction(1, 2), 1), (3, 3, 1): (2, 3)}.items():
        found = rlct(reduced_germ(v, e0, e - e0), timeout=60)
        require_equal((found.lambda_, found.multiplicity), left, f"the engine on the reduced ideal at {(v, e, e0)}")


def _values(v: int, e: int, e0: int) -> tuple[Fraction, int]:
    f = e - e0
    if e0 == 0:
        value, ties = _regression(v, v - 1, e)
        return Fraction(value, 2), ties
    if e0 >= v:
        return Fraction(v * (v - 1)), 1
    if f == 0 or e0 < v - 1:
        return Fraction(e0 * (2 * v - 1) + (v - e0) * f, 2), 1
    return Fraction(e0 * (2 * v - 1) + min(f, v - 1), 2), 1 + (f == v - 1)


def _compare() -> None:
    entry = closed_form("one-head-attention")
    for v in range(2, 7):
        for e in range(1, 8):
            for e0 in range(e + 1):
                if e0 in (0, v - 1) or e0 >= v or e <= 2 * e0:
                    require_equal(entry.formula({"v": v, "e": e, "e0": e0}), _values(v, e, e0), f"v={v}, e={e}, e0={e0}")


DERIVATION = Derivation(
    entry="one-head-attention",
    statement=r"""At a generic teacher of dimension $e_0$, padded by $f=e-e_0$ zeros, $1\le e_0<v$,
$$\lambda=\tfrac12e_0(2v-1)+\lambda_0,\qquad m=m_0,$$
where $(\lambda_0,m_0)$ is the pair at 0 of the ideal $(LW,\;L\rho G^\top,\;\sigma G^\top)$: $L=\binom Gh$ has $v-e_0$ rows (the last is $h$) and $f$ columns, $W$ is $f\times(v-1)$, $\rho$ $f\times f$, $\sigma$ $e_0\times f$. It is the same at all teachers off a proper algebraic subset.
$$\lambda_0=\tfrac12(v-e_0)f,\ m_0=1\quad(f\le e_0\le v-2);\qquad\lambda_0=\tfrac12\min(f,v-1),\ m_0=1+[f=v-1]\quad(e_0=v-1).$$
For $f=1$: $\lambda=e_0(v-1)+\tfrac v2$, $m=1$ ($m=2$ iff $v=2$). If $e_0\ge v$: $\lambda=v(v-1)$, $m=1$. At the uniform truth ($e_0=0$): reduced rank regression $(v,v-1,e,0)$.""",
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
Let $X_I^0M^0=(\Gamma\,|\,\Gamma')$, $\Gamma$ its first $e_0$ columns (independent, after ordering), $n=N_1\Gamma^{-1}$ with the same columns of $N=(N_1,N_2)$, and $\Delta(Z)$ the $(v-1)\times e_0$ matrix of the differences of rows of $\binom1Z$. New coordinates of the scores are
$$A''=X_I(A+yC+By^\top+yRy^\top)X_I^\top,\quad B''=X_I(B+yR),\quad C''=(C+Ry^\top)X_I^\top.$$""", _linear_coordinates),
        Step("Theorem: the reduced ideal", r"""(i) The rows $I$ of $EU$ have $M$ as a linear coordinate, the first $e_0$ columns of the rows $J$ then $Z=Z^0-Ln$; what is left of $EU$ is $LW_1$, $W_1=N_2-n\Gamma'$.

(ii) With $k=\Delta_J\Delta_I^{-1}$, $\alpha=1-k\mathbf 1$ and $G'=G-\alpha h$ (same row space as $G$ together with $h$) the rows and columns $I$ of the scores have $A''$ as a linear coordinate. As $Z-Z^0=-Ln$, $k-k^0=-G'n(\Delta^0_I)^{-1}$, and with $A^0=X^0_IQ^0X_I^{0\top}$
the rows $I$, columns $J$ are $\sigma G'^\top$, $\sigma=B''-A^0n^\top$; the rows $J$ are, up to multiples of these,
$$L\,W_2\,\Delta^\top+\bigl(0\,|\,L\rho G'^\top\bigr),\qquad\rho=R-nA^0n^\top,\quad W_2=C''-\bigl(Rh^\top\mathbf 1^\top+nA^0\Delta_I^{0\top}\bigr)\Delta_I^{-\top}.$$
$W_1$ and $W_2$ together are $W$. $\Delta_I$ is invertible, so the ideal is $(LW,L\rho G'^\top,\sigma G'^\top)$, and $e_0(v-1)+(v-e_0)e_0+e_0^2=e_0(2v-1)$ coordinates are eliminated.
Checked at random rational values of all free coordinates at six sizes: all $2v(v-1)$ polynomials are as stated. Only the named hypotheses were used: the pair is constant where they hold.""", _reduction),
        Step("f <= e0 <= v - 2", r"""*From above:* $L=0$ are exact fits of codimension $(v-e_0)f$. *From below:* the ideal contains $LW$, reduced rank regression at zero, with $2\lambda=\min_t\,(f-t)(v-e_0-t)+(v-1)t$ (`reduced-rank-regression-local`). The terms $t=1$ and $t=0$ differ by $e_0-f$ and the terms are convex in $t$, so the least is $(v-e_0)f$, attained at $t=0$, and $\lambda_0$ is half of it.
If $f<e_0$ only there: $m=1$, as $K$ is at least that loss, whose pole is simple.

*If $f=e_0$* it ties with $t=1$. Blow up $L=0$. It is enough that $\lambda>\tfrac12(v-e_0)f$ for what is left after division by the exceptional coordinate, which contains $(\tilde LW,\sigma\tilde G^\top)$, at each point of the exceptional divisor. By the same count at a point of rank $t\ge1$ with $W=0$, $\tilde LW$ alone has $2\lambda$ equal to $(v-e_0)f$ for $t=1$, more for $t\ge2$. Let $t=1$. If $\tilde G\ne0$ there, $\sigma\tilde G^\top$ has $e_0$ independent linear parts in separate variables, which add $\tfrac{e_0}2$. If $\tilde G=0$, the last row eliminates $v-1$ variables of $W$, and
what is left is $(G_1W',\,\sigma_1G_2^\top+\sigma'G_1^\top)$, $G_2$ the first column of $\tilde G$ (where $\tilde h$ has its 1), $G_1$ the others, up to a change of coordinates. $G_1W'$ has $2\lambda'=(v-e_0-1)(f-1)$ with a simple pole, that of $G_1=0$. Let $\delta=|\sigma_1||G_2|$. Either $|\sigma'G_1^\top|\le\tfrac12\delta$, and the second
part is at least $\tfrac12\delta$; or $|G_1|\ge c\,\delta$. In both cases the integral of $K^{-s}$ over $(G_1,W')$ is, for $s$ a little above $\lambda'$, at most a multiple of $\delta^{-2(s-\lambda')}$, which is integrable over $\sigma_1$ and $G_2$. So $\lambda$ is larger than $\lambda'$ there, and $m=1$.""", _few_more_dimensions),
        Step("e0 = v - 1", r"$G$ has no rows. The ideal is $hW$, $1\times f$ times $f\times(v-1)$ at zero: $2\lambda_0=\min(f,v-1)$, with a tie iff $f=v-1$.", _last_token_only),
        Step("e0 >= v, and e0 = 0", r"If $E^0$ has rank $v$, the derivatives of $EU$ by $U$ and of the scores by $Q$ are onto: all $2v(v-1)$ equations are independent, $\lambda=v(v-1)$, $m=1$ (ranks checked in the step on coordinates). At the uniform truth and $w=0$ the scores multiply products that are already in the ideal of $EU$ modulo constants: reduced rank regression $(v,v-1,e,0)$.", _linear_coordinates),
        Step("f > e0, 1 <= e0 <= v - 2", r"""Only bounds: $LW$ from below, families of exact fits from above (rank $t$ of $L$, $G$ of rank $t$ or $t-1$). The engine decides the reduced ideal at
| $(v,e,e_0)$ | (2,2,1) | (3,2,1) | (4,2,1) | (2,3,1) | (3,3,2) | (3,3,1) |
|---|---|---|---|---|---|---|
| $\lambda$ | 2 | 7/2 | 5 | 2 | 11/2 | 9/2 |
| $m$ | 2 | 1 | 1 | 1 | 1 | 3 |

of which only $(3,3,1)$ is not covered by the formulas. What is missing in general is a lower bound that sees $L\rho G^\top$ as well.""", _engine),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
