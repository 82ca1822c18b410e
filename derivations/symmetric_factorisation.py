"""Symmetric factorisation: eliminate what is linear; what is left is comparable to a fourth power of a norm."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import Germ, closed_form, rlct
from slt_symbolic.networks.symmetric import SymmetricFactorisation, germ_at

SIZES = tuple((d, k, r) for d, k in product(range(1, 5), repeat=2) for r in range(min(d, k) + 1))


def _point(d: int, k: int, r: int) -> sympy.Matrix:
    return sympy.Matrix([[int(a == j < r) for j in range(k)] for a in range(d)])


def _germ(w: sympy.Matrix) -> Germ:
    rows = [[Fraction(int(x.p), int(x.q)) for x in row] for row in w.tolist()]
    return germ_at(SymmetricFactorisation(*w.shape), rows)


def _variables(d: int, k: int) -> sympy.Matrix:
    return sympy.Matrix(d, k, lambda a, j: sympy.Symbol(f"w{a}_{j}"))


def _one_point_is_enough() -> None:
    # W = G W* Q: the germ at W, in the coordinates V = G V' Q, is the one at W* up to congruence by G.
    for d, k, r in ((2, 2, 1), (3, 2, 1), (2, 3, 2)):
        skew = sympy.Matrix(k, k, lambda i, j: sympy.sign(j - i))
        rotation = (sympy.eye(k) - skew) * (sympy.eye(k) + skew).inv()  # Cayley: rational and orthogonal
        require_equal(rotation * rotation.T, sympy.eye(k), f"Q Q^T at d={d}, K={k}, r={r}")
        change = sympy.Matrix(d, d, lambda a, b: 1 if a == b else sympy.Max(a - b, 0) * (b + 2))
        start, w = _point(d, k, r), _variables(d, k)
        moved, expected = change * start * rotation, change * ((start + w) * (start + w).T - start * start.T) * change.T
        entries = dict(zip(w, change * w * rotation, strict=True))
        found = [g.subs(entries, simultaneous=True) for g in _germ(moved).expressions]
        upper = [expected[a, b] for a in range(d) for b in range(a, d)]
        differences = [sympy.expand(f - e) for f, e in zip(found, upper, strict=True)]
        require_equal(differences, [0] * len(upper), f"the germ at G W* Q, d={d}, K={k}, r={r}")


def _linear_part() -> None:
    for d, k, r in SIZES:
        germ = _germ(_point(d, k, r))
        require_equal(germ.jacobian_rank(), _linear_count(d, r), f"rank at d={d}, K={k}, r={r}")


def _linear_count(d: int, r: int) -> int:
    """Entries on and above the diagonal in the first r rows."""
    return sum(1 for a in range(r) for _ in range(a, d))


def _elimination() -> None:
    for d, k, r in ((2, 2, 1), (3, 3, 1), (3, 4, 2), (4, 3, 2)):
        w = _variables(d, k)
        x1, y1, y2 = w[:r, :r], w[:r, r:], w[r:, r:]
        z = y1.T * x1.T.inv()
        x2 = -y2 * z
        zero, left = x2 * x1.T + y2 * y1.T, x2 * x2.T + y2 * y2.T - y2 * (sympy.eye(k - r) + z * z.T) * y2.T
        for matrix, what in ((zero, "block (2,1)"), (left, "block (2,2) less Y2 P Y2^T")):
            require(all(sympy.cancel(entry) == 0 for entry in matrix), f"{what} at d={d}, K={k}, r={r}")


def _comparison_with_a_norm() -> None:
    for n, k, r in ((1, 2, 1), (2, 2, 2), (3, 2, 1)):
        y, z = sympy.Matrix(n, k, sympy.symbols(f"y:{n * k}")), sympy.Matrix(k, r, sympy.symbols(f"z:{k * r}"))
        trace = (y * (sympy.eye(k) + z * z.T) * y.T).trace()
        squares = sum(x**2 for x in y) + sum(x**2 for x in y * z)
        require_equal(sympy.expand(trace - squares), 0, f"tr Y P Y^T = |Y|^2 + |Y Z|^2 at n={n}, k={k}, r={r}")
    for n in range(1, 5):
        s = sympy.Matrix(n, n, lambda i, j: sympy.Symbol(f"s{min(i, j)}_{max(i, j)}"))
        gap = n * sum(x**2 for x in s) - s.trace() ** 2
        squares = (sum((s[i, i] - s[j, j]) ** 2 for i in range(n) for j in range(i))
                   + 2 * n * sum(s[i, j] ** 2 for i in range(n) for j in range(i)))
        require_equal(sympy.expand(gap - squares), 0, f"n |S|^2 - (tr S)^2 is a sum of squares at n={n}")


def _zeta() -> None:
    z, n, rho = sympy.symbols("z n rho", positive=True)
    for power, pole in ((2, n / 2), (4, n / 4)):
        integral = sympy.integrate(rho ** (power * z + n - 1), (rho, 0, 1))
        require_equal(sympy.simplify(integral * power * (z + pole)), 1, f"the zeta function of |y|^{power} on R^n")


def _value(d: int, k: int, r: int) -> tuple[Fraction, int]:
    quartic = sum(1 for _ in range(r, d) for _ in range(r, k))
    return Fraction(_linear_count(d, r), 2) + Fraction(quartic, 4), 1


def _against_the_engine() -> None:
    for d, k, r in SIZES:
        germ = _germ(_point(d, k, r))
        ring = germ.generators[0].context()
        slice_ = [x if a >= r or j <= a else ring.constant(0)
                  for x, (a, j) in zip(ring.gens(), product(range(d), range(k)), strict=True)]
        # The slice meets every orbit near the point: it and the orbit's directions W* A, A skew, span everything.
        skew = sum(1 for j in range(k) for i in range(j) if i < r)
        require_equal(sum(1 for x in slice_ if x in ring.gens()) + skew, d * k, f"dimensions at d={d}, K={k}, r={r}")
        found = rlct(Germ.of(germ.variables, [g.compose(*slice_, ctx=ring) for g in germ.generators]), timeout=60)
        require_equal((found.lambda_, found.multiplicity), _value(d, k, r), f"engine at d={d}, K={k}, r={r}")


def _compare() -> None:
    entry = closed_form("symmetric-factorisation")
    for d, k in product(range(1, 9), repeat=2):
        for r in range(min(d, k) + 1):
            require_equal(entry.formula({"d": d, "K": k, "r": r}), _value(d, k, r), f"d={d} K={k} r={r}")


DERIVATION = Derivation(
    entry="symmetric-factorisation",
    statement=r"At every $W$ with $WW^\top = T$, $\lambda = \tfrac14 r(r+1) + \tfrac12 r(d-r) + \tfrac14(d-r)(K-r)$ and "
    r"$m = 1$.",
    assumptions=(r"the loss is comparable to $|WW^\top - T|^2$, $W\in\mathbb R^{d\times K}$",
                 r"$T$ is positive semidefinite of rank $r\le\min(d,K)$"),
    steps=(
        Step("One point is enough", r"Some $G\in GL_d$ has $T = G\,\mathrm{diag}(I_r,0)\,G^\top$, and two factors of one "
             r"matrix differ by some $Q\in O(K)$: every $W$ of the fibre is $GW_*Q$ with $W_* = "
             r"\begin{pmatrix}I_r&0\\0&0\end{pmatrix}$. In the coordinates $V = GV'Q$ the residual at $W$ is $G(\cdot)G^\top$ "
             r"of the residual at $W_*$, and congruence keeps losses comparable.", _one_point_is_enough),
        Step("Linear parts", r"Write $W = \begin{pmatrix}X_1&Y_1\\X_2&Y_2\end{pmatrix}$ near $W_*$. Block $(1,1)$ of the "
             r"residual, $X_1X_1^\top + Y_1Y_1^\top - I$, has the linear part $\xi+\xi^\top$ with $X_1 = I+\xi$; block "
             r"$(2,1)$, $C = X_2X_1^\top + Y_2Y_1^\top$, has the linear part $X_2$; block $(2,2)$ has none. So "
             r"$r(r+1)/2 + r(d-r)$ entries are coordinates, beside $Y_1$, $Y_2$ and the skew part of $\xi$.", _linear_part),
        Step("Elimination", r"Modulo $C$, $X_2 = -Y_2Z$ with $Z = Y_1^\top X_1^{-\top}$, and block $(2,2)$ becomes "
             r"$X_2X_2^\top + Y_2Y_2^\top = Y_2PY_2^\top$ with $P = I + ZZ^\top$. A loss changes to a comparable one when "
             r"multiples of its generators are added to others.", _elimination),
        Step("A norm", r"$S = Y_2PY_2^\top$ has $|S|\le|P||Y_2|^2$, and $\sqrt{d-r}\,|S|\ge\operatorname{tr}S = "
             r"|Y_2|^2 + |Y_2Z|^2\ge|Y_2|^2$: as $P$ is bounded near $W_*$, $|S|^2\asymp|Y_2|^4$. So $K\asymp|u|^2 + |Y_2|^4$, $u$ the "
             r"coordinates of the second step.", _comparison_with_a_norm),
        Step("Two zeta functions", r"In polar coordinates $|u|^2$ on $\mathbb R^n$ has $\lambda = n/2$ and $|y|^4$ has "
             r"$\lambda = n/4$, both with a simple pole. In separate variables $\lambda$ adds, and $m = 1$.", _zeta),
        Step("A second way", r"$[X_1\;Y_1] = [L\;0]\,Q$ with $L$ lower triangular and $Q\in O(K)$, and the loss does not "
             r"depend on $Q$: the slice $X_1$ lower triangular, $Y_1 = 0$ has the same pair, which the engine certifies.",
             _against_the_engine),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
