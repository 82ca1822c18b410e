"""Stochastic and non-negative factorisation reduce to reduced rank regression; a convolution at 0 is a product."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form, rlct
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.closed_forms.products import convolution_germ, positive_factors, stochastic_germ
from slt_symbolic.search.proofs.newton import monomial_threshold


def _columns() -> None:
    for words, documents, topics in ((2, 2, 2), (3, 2, 2), (3, 3, 3)):
        a = sympy.Matrix(words - 1, topics, lambda i, h: sympy.Symbol(f"a{i}{h}"))
        b = sympy.Matrix(topics - 1, documents, lambda h, n: sympy.Symbol(f"b{h}{n}"))
        whole = b.col_join(sympy.ones(1, documents) - sympy.ones(1, topics - 1) * b)
        differences = sympy.Matrix(words - 1, topics - 1, lambda i, h, a=a, t=topics: a[i, h] - a[i, t - 1])
        product = a * whole
        last = a[:, topics - 1] + differences * b[:, documents - 1]
        require_equal(sympy.expand(product[:, documents - 1] - last), sympy.zeros(words - 1, 1), f"the last column at M={words}, N={documents}, H={topics}")
        for n in range(documents - 1):
            change = product[:, n] - product[:, documents - 1] - differences * (b[:, n] - b[:, documents - 1])
            require_equal(sympy.expand(change), sympy.zeros(words - 1, 1), f"column {n} less the last, M={words}, N={documents}, H={topics}")


def _regression(m: int, n: int, h: int, r: int) -> tuple[Fraction, int]:
    """lambda and m of reduced rank regression where both factors have the rank r of the truth."""
    linear, left = m * r + n * r - r * r, (m - r, n - r, h - r)
    values = [(left[2] - t) * (left[1] - t) + left[0] * t for t in range(min(left[1], left[2]) + 1)]
    return Fraction(linear + min(values), 2), values.count(min(values))


def _stochastic_engine() -> None:
    for words, documents, topics, rank in ((2, 2, 2, 0), (3, 3, 2, 0), (3, 3, 2, 1)):
        found = rlct(stochastic_germ({"M": words, "N": documents, "H": topics, "r": rank}), timeout=60)
        value, multiplicity = _regression(words - 1, documents - 1, topics - 1, rank)
        require_equal((found.lambda_, found.multiplicity), (Fraction(words - 1, 2) + value, multiplicity),
                      f"the engine at M={words}, N={documents}, H={topics}, r={rank}")


def _compare_stochastic() -> None:
    entry = closed_form("stochastic-factorisation")
    for words in range(2, 6):
        for documents in range(2, 6):
            for topics in range(2, 5):
                for rank in range(min(words, documents, topics)):
                    value, multiplicity = _regression(words - 1, documents - 1, topics - 1, rank)
                    sizes = {"M": words, "N": documents, "H": topics, "r": rank}
                    require_equal(entry.formula(sizes), (Fraction(words - 1, 2) + value, multiplicity), format_sizes(sizes))


def _orthant() -> None:
    a, b = sympy.symbols("a1:4", positive=True), sympy.symbols("b1:4", positive=True)
    total = sympy.expand(sum(x * y for x, y in zip(a, b, strict=True)) ** 2 - sum((x * y) ** 2 for x, y in zip(a, b, strict=True)))
    require(all(coefficient > 0 for coefficient in sympy.Poly(total, *a, *b).coeffs()), "terms do not cancel")
    for m, n, h in ((1, 1, 1), (2, 2, 2), (2, 3, 2), (3, 3, 1)):
        variables = h * (m + n)
        exponents = [tuple(int(v in (t * (m + n) + i, t * (m + n) + m + j)) for v in range(variables))
                     for t in range(h) for i in range(m) for j in range(n)]
        require_equal(monomial_threshold(exponents), (Fraction(h * min(m, n), 2), h + 1 if m == n else 1), f"{m}, {n}, {h}")


def _positive_fit() -> None:
    for m, n, h, r in ((2, 2, 2, 1), (3, 3, 3, 2), (3, 4, 5, 2), (4, 4, 4, 4)):
        a, b = positive_factors(m, n, h, r)
        require(all(x > 0 for x in (*a, *b)), f"positive at {m, n, h, r}")
        require_equal((a.rank(), b.rank(), (a * b).rank()), (r, r, r), f"ranks at {m}, {n}, {h}, {r}")
    for m in range(1, 6):
        for n in range(1, 6):
            for h in range(1, 6):
                for r in range(min(m, n, h) + 1):
                    least = min(_anywhere(m, n, h, r, a, b) for a in range(r, min(h, n) + 1)
                                for b in range(r, min(h, m) + 1) if a + b - r <= h)
                    require_equal(_regression(m, n, h, r)[0], least, f"no ranks have less at {m}, {n}, {h}, {r}")


def _anywhere(m: int, n: int, h: int, r: int, a: int, b: int) -> Fraction:
    """lambda of reduced rank regression at a fit whose factors have the ranks a and b."""
    s, left, hidden = m - b, n - a, h - a - b + r
    linear = m * a + n * b - a * b
    return Fraction(linear + min((hidden - t) * (left - t) + s * t for t in range(min(hidden, left) + 1)), 2)


def _published_bounds() -> None:
    met: dict[int, set[tuple[int, int, int, int]]] = {1: set(), 2: set()}
    for m, n, h in ((m, n, h) for m in range(1, 7) for n in range(1, 7) for h in range(1, 7)):
        for r in range(min(m, n, h) + 1):
            value = _regression(m, n, h, r)[0] if r else Fraction(h * min(m, n), 2)
            bounds = (Fraction((h - r) * min(m, n) + r * (m + n - 1), 2),
                      Fraction((h - r) * min(m, n) + r * (m + n - 2) + r % 2, 2))
            for which, bound in zip(met, bounds, strict=True):
                require(value <= bound, f"bound {which} at {m}, {n}, {h}, {r}")
                met[which] |= {(m, n, h, r)} if value == bound else set()
    require(all((m, n, h, 0) in met[which] for which in met for m in (1, 3) for n in (2, 3) for h in (1, 4)), "met at r = 0")
    require((3, 3, 2, 2) in met[2] - met[1] and (3, 3, 2, 1) not in met[2], "met at H = r = 2 by the second, not in general")


def _compare_nonnegative() -> None:
    entry = closed_form("nonnegative-factorisation")
    for m, n, h in ((m, n, h) for m in range(1, 6) for n in range(1, 6) for h in range(1, 6)):
        zero = Fraction(h * min(m, n), 2), h + 1 if m == n else 1
        require_equal(entry.formula({"M": m, "N": n, "H": h, "r": 0}), zero, f"{m}, {n}, {h}, 0")
        for r in range(1, min(m, n, h) + 1):
            require_equal(entry.formula({"M": m, "N": n, "H": h, "r": r}), _regression(m, n, h, r), f"{m}, {n}, {h}, {r}")


def _norms() -> None:
    u, v = sympy.symbols("u0:3"), sympy.symbols("v0:2")
    t = sympy.Symbol("t")
    first = sum(x * t**k for k, x in enumerate(u))
    second = sum(x * t**k for k, x in enumerate(v))
    coefficients = sympy.Poly(first * second, t).all_coeffs()
    require_equal(len(coefficients), 4, "a + b - 1 coefficients")
    zero = sympy.solve([*coefficients, u[2] - 1, v[1] - 1], [*u, *v], dict=True)
    require_equal(zero, [], "no zero divisors")
    z, rho = sympy.symbols("z rho", positive=True)
    radial = [sympy.integrate(rho ** (2 * z + n - 1), (rho, 0, 1)) for n in (3, 2)]
    require_equal(sympy.simplify(radial[0] * radial[1] - 1 / ((2 * z + 3) * (2 * z + 2))), 0, "the zeta function")


def _sylvester_rank(first: sympy.Expr, second: sympy.Expr, t: sympy.Symbol) -> tuple[int, int]:
    """The rank of the derivatives of the product, and the number of its coefficients."""
    p, q = sympy.Poly(first, t), sympy.Poly(second, t)
    sizes = p.degree() + 1, q.degree() + 1
    rows = [sympy.Poly(second * t**k, t) for k in range(sizes[0])] + [sympy.Poly(first * t**k, t) for k in range(sizes[1])]
    matrix = sympy.Matrix([[row.coeff_monomial(t**k) for k in range(sum(sizes) - 1)] for row in rows])
    return matrix.rank(), sum(sizes) - 1


def _sylvester() -> None:
    t = sympy.Symbol("t")
    for first, second in ((t**2 + 1, t - 2), (t**2 - 3, t**2 + t), (sympy.Integer(1), t)):
        rank, equations = _sylvester_rank(first, second, t)
        require_equal(rank, equations, f"the derivatives are onto at {first} and {second}")
    for first, second in ((t**2 - 1, t - 1), (t**3 + t, t**2 + 1)):
        rank, equations = _sylvester_rank(first, second, t)
        require(rank < equations, f"and not at a common zero of {first} and {second}")


def _convolution_engine() -> None:
    for a, b, pair in ((2, 2, (Fraction(1), 2)), (2, 3, (Fraction(1), 1))):
        found = rlct(convolution_germ({"a": a, "b": b, "coprime": 0}), timeout=60)
        require_equal((found.lambda_, found.multiplicity), pair, f"the engine at a={a}, b={b}")


def _compare_convolution() -> None:
    entry = closed_form("linear-convolution")
    for a in range(1, 9):
        for b in range(1, 9):
            poles = [Fraction(a, 2), Fraction(b, 2)]
            require_equal(entry.formula({"a": a, "b": b, "coprime": 0}), (min(poles), poles.count(min(poles))), f"{a}, {b}")
            require_equal(entry.formula({"a": a, "b": b, "coprime": 1}), (Fraction(a + b - 1, 2), 1), f"{a}, {b}, coprime")


STOCHASTIC = Derivation(
    entry="stochastic-factorisation",
    statement=r"For $K\asymp|AB-T|^2$, $A\in\mathbb R^{M\times H}$, $B\in\mathbb R^{H\times N}$ with columns of sum 1, at positive $A,B$ whose column differences have the rank $r$ of those of $T$: $$\lambda=\tfrac{M-1}2+\lambda_{RRR}(M-1,N-1,H-1,r),\qquad m=m_{RRR}.$$",
    assumptions=("Hayashi (2021) has this value for latent Dirichlet allocation", "positive entries: the constraints $\\ge0$ play no part near the point"),
    steps=(
        Step("Columns", r"""Without the last rows, which the sums determine, let $A'$ be the differences of the columns of $A$ to its last one $\alpha$, and $b_n$ the columns of $B$ without their last entries. The columns of the product are $\alpha+A'b_n$. That of $n=N$ is a coordinate in place of $\alpha$: $\tfrac{M-1}2$. The others, less it, are
$$A'(b_n-b_N),\qquad n<N:$$
reduced rank regression with the sizes $(M-1,N-1,H-1)$, in separate variables ($b_N$ is free).""", _columns),
        Step("Against the engine", "At positive matrices.", _stochastic_engine),
        Step("Comparison", "The catalogue entry has these values, with reduced rank regression in the form of `reduced-rank-regression-local`.", _compare_stochastic),
    ),
)

NONNEGATIVE = Derivation(
    entry="nonnegative-factorisation",
    statement=r"""Let $A\in\mathbb R^{M\times H}$, $B\in\mathbb R^{H\times N}$ have entries $\ge0$, $K\asymp|AB-T|^2$, and let $T=A'B'$ have rank $r\ge1$, $A'$ and $B'$ positive with $r$ columns and rows. The minimum over all such fits is
$$\lambda=\lambda_{RRR}(M,N,H,r),\qquad m=m_{RRR},$$
that of `reduced-rank-regression`. At $T=0$ $\lambda=\tfrac H2\min(M,N)$, $m=H+1$ if $M=N$, else 1.""",
    assumptions=("the prior is positive on the orthant; Hayashi and Watanabe (2017) have upper bounds for any truth of non-negative rank $r$",),
    steps=(
        Step("The truth 0", r"""In the orthant no terms cancel: $\sum_{ij}(\sum_ha_{ih}b_{hj})^2\asymp\sum_{ijh}a_{ih}^2b_{hj}^2=\sum_h|a_h|^2|b_h|^2$. Separate variables: each $h$ has $\tfrac12\min(M,N)$, with multiplicity 2 if $M=N$. Other fits of 0 have larger ideals.""", _orthant),
        Step("Inside", r"""Let $r\ge1$. The volume of near-fits in the orthant is at most that in the whole space: $(\lambda,m)$ is no better than that of reduced rank regression, whose least pair is attained where both factors have rank $r$ (there it is the same at all fits, `reduced-rank-regression-local`). There are positive ones: repeat the first column of $A'$ and share the first row of $B'$ among the copies. Near these the orthant is everything.""", _positive_fit),
        Step("Published bounds", r"""The bounds $\tfrac12\bigl((H-r)\min(M,N)+r(M+N-1)\bigr)$ and $\tfrac12\bigl((H-r)\min(M,N)+r(M+N-2)+(r\bmod2)\bigr)$ of Hayashi and Watanabe hold at all sizes up to 6. They are met at $r=0$, the second at $H=r=2$; in general, for such truths, they are above the value.""", _published_bounds),
        Step("Comparison", "The catalogue entry has these values.", _compare_nonnegative),
    ),
)

CONVOLUTION = Derivation(
    entry="linear-convolution",
    statement=r"For $K\asymp|u*v-w|^2$, $u\in\mathbb R^a$, $v\in\mathbb R^b$, $w$ the true product: $\lambda=\tfrac12\min(a,b)$, $m=2$ iff $a=b$, at $u=v=0$; $\lambda=\tfrac12(a+b-1)$, $m=1$, where $u$ and $v$ are coprime.",
    assumptions=("the convolution is the product of polynomials of degree less than $a$ and $b$",),
    steps=(
        Step("At zero", r"Polynomials have no zero divisors, so $|u*v|$ has a positive minimum on the product of the unit spheres: $K\asymp|u|^2|v|^2$, and $\int K^z=C/((2z+a)(2z+b))$.", _norms),
        Step("Coprime factors", r"The derivative $(du,dv)\mapsto v*du+u*dv$ has the rows of Sylvester's matrix (with one more): it is onto if and only if $u$ and $v$ have no common zero, also at infinity. All $a+b-1$ equations are independent.", _sylvester),
        Step("Against the engine", "At zero.", _convolution_engine),
        Step("Comparison", "The catalogue entry has these values.", _compare_convolution),
    ),
)
