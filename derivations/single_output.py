"""One output, every unit switched on: isotropic matrices, resolved by blowing up the origin again and again."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, product

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import Germ, closed_form, rlct
from slt_symbolic.check.bracket import End, product_of, sum_of
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at

Stratum = tuple[int, int, int, int, int, int]  # d, plus, minus, rank_plus, rank_minus, span


def _strata(largest_d: int, most_units: int) -> Iterator[Stratum]:
    """All of them: a subspace of R^K with that signature and a radical of dimension span - rank."""
    for d, plus, minus in product(range(1, largest_d + 1), *[range(most_units + 1)] * 2):
        if 1 <= plus + minus <= most_units:
            for up, down, radical in product(range(plus + 1), range(minus + 1), range(min(plus, minus) + 1)):
                if up + radical <= plus and down + radical <= minus and up + down + radical <= d:
                    yield d, plus, minus, up, down, up + down + radical


def _form(plus: int, minus: int) -> sympy.Matrix:
    return sympy.diag(*[1] * plus, *[-1] * minus)


def _point(stratum: Stratum) -> sympy.Matrix:
    """The d × K matrix with rows e_i for the truth, then e_i + e_j of opposite signs, then 0."""
    d, plus, minus, up, down, span = stratum
    rows = sympy.zeros(d, plus + minus)
    for i in range(up):
        rows[i, i] = 1
    for i in range(down):
        rows[up + i, plus + i] = 1
    for i in range(span - up - down):
        rows[up + down + i, up + i] = rows[up + down + i, plus + down + i] = 1
    return rows


def _germ(stratum: Stratum) -> Germ:
    d, plus, minus, *_ = stratum
    network = QuadraticNetwork(QuadraticForms(d), outputs=1, units=plus + minus)
    w = [[int(x) for x in column] for column in _point(stratum).T.tolist()]
    return germ_at(network, w, [[1]] * plus + [[-1]] * minus)


def _scales() -> None:
    v, w, x = sympy.symbols("v w x", positive=True)
    for sign in (1, -1):
        require_equal(sympy.simplify(sign * v * (w * x) ** 2 - sign * ((sympy.sqrt(v) * w) * x) ** 2), 0, f"V (w·x)^2 for V of sign {sign}")
    require_equal(sympy.diff(sympy.sqrt(v) * w, w), sympy.sqrt(v), "(V, w) -> (V, |V|^(1/2) w) is a coordinate change")


def _isometry(form: sympy.Matrix) -> sympy.Matrix:
    """A rational isometry by Cayley's formula, from a skew matrix that makes it exist."""
    size = form.rows
    skew = sympy.Matrix(size, size, lambda i, j: sympy.sign(j - i) * (i + j + 1)) / 7
    generator = form.inv() * skew
    return (sympy.eye(size) - generator).inv() * (sympy.eye(size) + generator)


def _one_point_is_enough() -> None:
    for stratum in ((2, 2, 1, 1, 0, 1), (2, 1, 1, 0, 0, 1), (3, 2, 2, 1, 0, 2)):
        d, plus, minus, up, down, span = stratum
        form, start = _form(plus, minus), _point(stratum)
        truth = start * form * start.T
        require_equal(truth, sympy.diag(*[1] * up, *[-1] * down, *[0] * (d - up - down)), f"the truth at {stratum}")
        require_equal(start.rank(), span, f"span at {stratum}")
        isometry = _isometry(form)
        require_equal(isometry * form * isometry.T, form, f"Q S Q^T at {stratum}")
        change = sympy.Matrix(d, d, lambda a, b: 1 if a == b else sympy.Max(a - b, 0) * (b + 2))
        w = start + sympy.Matrix(d, plus + minus, lambda a, j: sympy.Symbol(f"w{a}_{j}"))
        moved = change * w * isometry
        residual = moved * form * moved.T - change * truth * change.T
        require_equal((residual - change * (w * form * w.T - truth) * change.T).expand(), sympy.zeros(d, d),
                      f"the residual at G W Q, {stratum}")


def _linear_count(stratum: Stratum) -> int:
    """Entries on and above the diagonal in the first span rows."""
    d, *_, span = stratum
    return sum(1 for a in range(span) for _ in range(a, d))


def _linear_part() -> None:
    for stratum in _strata(3, 4):
        require_equal(_germ(stratum).jacobian_rank(), _linear_count(stratum), f"rank at {stratum}")


def _inertia(symmetric: sympy.Matrix) -> tuple[int, int]:
    """Numbers of positive and of negative eigenvalues, by Descartes' rule: they are all real."""
    x = sympy.Symbol("x")
    signs = [sympy.sign(c) for c in symmetric.charpoly(x).all_coeffs() if c != 0]
    positive = sum(a != b for a, b in pairwise(signs))
    return positive, symmetric.rank() - positive


def _left_over(stratum: Stratum) -> tuple[int, int]:
    """Units of each sign that neither carry the truth nor are one of a cancelling pair."""
    _, plus, minus, up, down, span = stratum
    radical = span - up - down
    return plus - up - radical, minus - down - radical


def _orthogonal_complement() -> None:
    for stratum in _strata(3, 4):
        form = _form(*stratum[1:3])
        complement = (_point(stratum)[:stratum[-1], :] * form).nullspace()
        gram = sympy.Matrix(len(complement), len(complement),
                            lambda i, j, basis=complement, s=form: (basis[i].T * s * basis[j])[0])
        require_equal(_inertia(gram), _left_over(stratum), f"signature of the complement at {stratum}")
        require_equal(len(complement), stratum[1] + stratum[2] - stratum[-1], f"dimension at {stratum}")


def _isotropic(n: int, a: int, b: int) -> End:
    """``Z S Z^T`` at 0, Z with n rows and S of signature (a, b): the least ``(lambda, m)`` over the points of a blow-up."""
    scale = End(Fraction(n * (a + b), 4), 1)
    points = [scale]
    for rank in range(1, min(n, a, b) + 1):
        stratum = (n, a, b, 0, 0, rank)
        inner = _isotropic(n - rank, *_left_over(stratum)) if rank < n else End(Fraction(0), 1)
        points.append(product_of([scale, sum_of([End(Fraction(_linear_count(stratum), 2), 1), inner])]))
    return min(points)


def _blow_up() -> None:
    t, z = sympy.Symbol("t"), sympy.Symbol("z", positive=True)
    for n, a, b in ((1, 1, 1), (2, 2, 1)):
        y = sympy.Matrix(n, a + b, lambda i, j: sympy.Symbol(f"y{i}_{j}"))
        require_equal((t * y * _form(a, b) * t * y.T - t**2 * y * _form(a, b) * y.T).expand(), sympy.zeros(n, n),
                      f"order 2 in the radius at n={n}, a={a}, b={b}")
        require_equal((sympy.diag(*[t] * (n * (a + b)))).det(), t ** (n * (a + b)), f"the measure is t^(nk-1) dt at n={n}, a={a}, b={b}")
        integral = sympy.integrate(t ** (4 * z + n * (a + b) - 1), (t, 0, 1))
        require_equal(sympy.simplify(integral * 4 * (z + sympy.Rational(n * (a + b), 4))), 1, f"zeta of the radius at n={n}, a={a}, b={b}")
    # An isotropic space has rank <= a and <= b: it meets the definite parts in 0. Ranks up to min(n, a, b) occur.
    for n, a, b in product(range(1, 4), repeat=3):
        for rank in range(1, min(n, a, b) + 1):
            point = _point((n, a, b, 0, 0, rank))
            require_equal((point * _form(a, b) * point.T, point.rank()), (sympy.zeros(n, n), rank), f"{n} {a} {b} {rank}")


def _induction() -> None:
    n, k, s, rank = sympy.symbols("n k s rank")

    def value(rows: sympy.Expr, columns: sympy.Expr, isotropic: sympy.Expr) -> sympy.Expr:
        return (rows * columns - isotropic * (columns - isotropic - 1)) / 4

    inner = rank * (rank + 1) / 4 + rank * (n - rank) / 2 + value(n - rank, k - 2 * rank, s - rank)
    require_equal(sympy.expand(inner - value(n, k, s)), 0, "the value at a point of rank >= 1")
    require_equal(sympy.expand(n * k / 4 - value(n, k, s) - s * (k - s - 1) / 4), 0, "the value of the radius")
    for a, b in product(range(1, 9), repeat=2):
        s_ = min(a, b)
        require(s_ * (a + b - s_ - 1) >= 0 and (s_ * (a + b - s_ - 1) == 0) == (a == b == 1), f"a tie only at 1, 1: {a} {b}")


def _value(stratum: Stratum) -> tuple[Fraction, int]:
    d, *_, span = stratum
    linear = End(Fraction(_linear_count(stratum), 2), 1)
    left = _isotropic(d - span, *_left_over(stratum)) if span < d else End(Fraction(0), 1)
    found = sum_of([linear, left])
    return found.value or Fraction(0), found.multiplicity


def _hyperbolic(n: int, planes: int, squares: int) -> list[str]:
    """Entries of ``Z S Z^T`` for ``planes`` hyperbolic planes and ``squares`` positive squares."""
    return ["+".join([*(f"x{i}_{h}*y{j}_{h}+x{j}_{h}*y{i}_{h}" for h in range(planes)),
                      *(f"z{i}_{h}*z{j}_{h}" for h in range(squares))])
            for i in range(n) for j in range(i, n)]


def _against_the_engine() -> None:
    for stratum in ((1, 1, 2, 0, 0, 0), (2, 2, 1, 0, 1, 1), (3, 1, 1, 0, 0, 0), (3, 1, 1, 0, 0, 1), (3, 2, 1, 1, 0, 1),
                    (2, 2, 2, 1, 0, 1), (3, 2, 1, 0, 0, 1)):
        found = rlct(_germ(stratum), timeout=60)
        require_equal((found.lambda_, found.multiplicity), _value(stratum), f"engine at {stratum}")
    for n, planes in ((1, 2), (2, 2), (3, 1)):
        left = rlct(_hyperbolic(n, planes, 0), timeout=60)
        require_equal((left.lambda_, left.multiplicity), _value((n, planes, planes, 0, 0, 0)), f"n={n}, {planes} planes")
    bracket = rlct(_hyperbolic(2, 1, 1), timeout=2)
    value, _ = _value((2, 2, 1, 0, 0, 0))
    require(bracket.lower <= value <= bracket.upper, f"{value} is not in the engine's bracket at n=2, signature (2, 1)")


def _compare() -> None:
    entry = closed_form("quadratic-single-output")
    names = [parameter.name for parameter in entry.parameters]
    for stratum in _strata(4, 5):
        sizes = entry.check(**dict(zip(names, stratum, strict=True)))
        require_equal(entry.formula(sizes), _value(stratum), format_sizes(sizes))


DERIVATION = Derivation(
    entry="quadratic-single-output",
    statement=r"At every exact fit with all $V_j\ne0$ whose $w_j$ span $\rho$ dimensions, with $n = d-\rho$, "
    r"$a = \mathrm{plus} - r_+ - (\rho-r)$, $b = \mathrm{minus} - r_- - (\rho-r)$, $k = a+b$, $s = \min(n,a,b)$: "
    r"$\lambda = \tfrac14\rho(\rho+1) + \tfrac12\rho n + \tfrac14\bigl(nk - s(k-s-1)\bigr)$, and $m = 2$ if $k = 2s > 0$, "
    r"else $1$.",
    assumptions=(r"$f(x) = \sum_j V_j(w_j\cdot x)^2$, $V_j\in\mathbb R$, all $V_j\ne0$ at the point",
                 "the inputs identify quadratic forms",
                 r"$f = x^\top Tx$ with $r_+$ positive and $r_-$ negative eigenvalues of $T$, $r = r_++r_-\le\rho$"),
    steps=(
        Step("Scales", r"$V_j(w_j\cdot x)^2 = \pm(u_j\cdot x)^2$ with $u_j = |V_j|^{1/2}w_j$, and $(V,w)\to(V,u)$ is an analytic "
             r"change of coordinates: the loss is comparable to $|WSW^\top - T|^2$, the columns of $W$ the $u_j$, "
             r"$S = \mathrm{diag}(\pm1)$. The $V_j$ are flat.", _scales),
        Step("One point is enough", r"$W = G\begin{pmatrix}R\\0\end{pmatrix}$, the rows of $R$ independent. $S$ on their span "
             r"has the signature $(r_+,r_-)$ of $T$ and a radical of dimension $\rho-r$. By Witt's theorem two such $R$ with "
             r"the same $RSR^\top$ differ by some $Q$ with $QSQ^\top=S$; congruence by $G$ keeps losses comparable. So the "
             r"rows may be $e_i$ for the truth, then $e_i+e_j$ with opposite signs.", _one_point_is_enough),
        Step("Linear parts", r"Write $W = \binom{W_1}{W_2}$ near $\binom R0$. Block $(1,1)$ of the residual has the linear part "
             r"$\delta W_1SR^\top + (\cdot)^\top$ and block $(2,1)$ $W_2SR^\top$: as $SR^\top$ has rank $\rho$, these are all "
             r"symmetric and all rectangular matrices, $\rho(\rho+1)/2 + \rho(d-\rho)$ coordinates. Block $(2,2)$, "
             r"$W_2SW_2^\top$, has none.", _linear_part),
        Step("What is left", r"On the manifold where blocks $(1,1)$ and $(2,1)$ vanish, $W_1 = Rg$ with $g$ in the isometry group of $S$ "
             r"(Witt), which may be chosen to depend analytically on $W_1$ (the orbit map is a submersion), and the rows of $W_2g^{-1}$ "
             r"lie in $R^\perp$, a fixed space. $S$ on it is $S'\oplus0$ with $S'$ of signature $(a,b)$, and $0$ on the "
             r"radical of $R$, in $R^\perp$ too. So what is left is $ZS'Z^\top$ at $Z=0$, $Z$ of shape $n\times k$, in coordinates of their own; "
             r"elimination adds $\tfrac12$ a coordinate.", _orthogonal_complement),
        Step("Blow-up of the origin", r"$Z = tY$, $|Y|=1$: $ZS'Z^\top = t^2\,YS'Y^\top$ with the measure $t^{nk-1}dt\,dY$, a product in "
             r"separate variables with the pair $(nk/4,1)$ of $t$. $\lambda$ and $m$ at $0$ are the least pair over the compact "
             r"sphere. Where $YS'Y^\top\ne0$ it is that of $t$. At an isotropic $Y$ of rank $\sigma\ge1$ the germ is this very "
             r"problem at $T=0$, $\rho=\sigma$ (it does not change along the radius, so the sphere sees the same pair): "
             r"$\sigma(\sigma+1)/2+\sigma(n-\sigma)$ coordinates and the germ of $(n-\sigma;a-\sigma,b-\sigma)$.", _blow_up),
        Step("Induction", r"Let $\lambda(n;a,b) = \tfrac14(nk-s(k-s-1))$ for fewer rows. Then every isotropic $Y$ has this same "
             r"value, whatever its rank, and $t$ has $s(k-s-1)/4\ge0$ more. For $s=0$ only $t$ counts, $m=1$. For $s\ge1$ $t$ ties only if $k = s+1$, "
             r"that is $a=b=1$: $m = 1+1$. Else $m$ is the largest over the isotropic $Y$, and $(n;a,b)$ comes down to $(n';1,1)$ with $n'\ge1$ "
             r"exactly if $a=b\le n$.", _induction),
        Step("A second way", r"The engine certifies networks, and germs $ZS'Z^\top$ in hyperbolic coordinates.", _against_the_engine),
        Step("Comparison", r"The catalogue entry has the values of the recursion.", _compare),
    ),
)
