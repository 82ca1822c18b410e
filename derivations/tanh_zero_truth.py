"""tanh units at zero truth: the volume of near-fits by minors of a Vandermonde matrix."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import isqrt

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form, rlct
from slt_symbolic.closed_forms.tanh import vandermonde_germ


def _odd_coefficients() -> None:
    x = sympy.Symbol("x")
    series = sympy.series(sympy.tanh(x), x, 0, 14).removeO()
    require(all(series.coeff(x, 2 * n + 1) != 0 for n in range(6)), "the odd coefficients of tanh")


def _minors() -> None:
    for k in range(1, 5):
        b = sympy.symbols(f"b1:{k + 1}")
        matrix = sympy.Matrix(k, k, lambda n, h, b=b: b[h] ** (2 * n + 1))
        product = sympy.prod(b) * sympy.prod([y**2 - x**2 for x, y in combinations(b, 2)])
        require_equal(sympy.expand(matrix.det() - product), 0, f"the minor of size {k}")
        require_equal(sympy.Poly(product, *b).total_degree(), k * k, "its degree")


def _exponents(units: int, k: int, mixed: Fraction) -> tuple[Fraction, Fraction]:
    """alpha and beta: geometric means over all subsets of k and of k + 1, with the shares 1 - mixed and mixed."""
    alpha = (k + mixed) / Fraction(units)
    beta = Fraction(0)
    if units > 1:
        beta = ((1 - mixed) * k * (k - 1) + mixed * (k + 1) * k) / Fraction(units * (units - 1))
    return alpha, beta


def _from_above() -> None:
    for units in range(1, 60):
        k = isqrt(units)
        mixed = Fraction(units - k * k, 2 * k + 1)
        require(0 <= mixed < 1, "a share")
        alpha, beta = _exponents(units, k, mixed)
        require_equal(alpha + beta * (units - 1), 1, f"critical at the origin, H={units}")
        require(all(alpha + beta * (size - 1) < 1 for size in range(1, units)), "fewer units at 0 are not")
        require(all(beta * size / 2 < 1 for size in range(2, units + 1)), "nor units that are equal up to sign")
        require_equal((k + mixed) / 2, Fraction(units + k * k + k, 4 * k + 2), "and half the power of epsilon")


def _from_below() -> None:
    for units in range(1, 60):
        k = isqrt(units)
        t = Fraction(1, 2 * k + 1)
        costs = [units * t + n - n * n * t for n in range(units + 1)]
        require_equal(max(costs), Fraction(units + k * k + k, 2 * k + 1), f"the order at t = 1/(2i + 1), H={units}")
        left = Fraction(1, 2 * k - 1)
        flat = units * left + max(n - n * n * left for n in range(units + 1)) == max(costs)
        require_equal(flat, k * k == units, "a whole interval of t attains it only at squares")


def _engine() -> None:
    for units, pair in ((1, (Fraction(1, 2), 2)), (2, (Fraction(2, 3), 1))):
        found = rlct(vandermonde_germ(units), timeout=60)
        require_equal((found.lambda_, found.multiplicity), pair, f"the engine at H={units}")


def _compare() -> None:
    entry = closed_form("tanh-zero-truth")
    for units in range(1, 40):
        k = isqrt(units)
        value = Fraction(units + k * k + k, 4 * k + 2)
        require_equal(entry.formula({"H": units}), (value, 1 + (k * k == units)), f"H={units}")


DERIVATION = Derivation(
    entry="tanh-zero-truth",
    statement=r"""For $f(x)=\sum_{h\le H}a_h\tanh(b_hx)$ and truth 0, at $a=b=0$, with $i=\lfloor\sqrt H\rfloor$,
$$\lambda=\frac{H+i^2+i}{4i+2},\qquad m=2\ (H=i^2),\qquad m=1\ (\text{else}).$$
The value is Aoyagi's (2006); the proof here is another one.""",
    assumptions=(r"inputs fill an interval; any odd analytic activation all of whose odd Taylor coefficients are not zero",),
    steps=(
        Step("The ideal", r"""The Taylor coefficients of $f$ are those of $\tanh$, none of which is 0, times $A_n=\sum_ha_hb_h^{2n+1}$. Those with $n\ge H$ are combinations of the first $H$ with coefficients that are polynomials in $b$. So $K\asymp\sum_{n<H}A_n^2$.""", _odd_coefficients),
        Step("The volume over a", r"""For fixed $b$ the $A_n$ are linear in $a$, with the matrix $V=(b_h^{2n+1})$ of singular values $\sigma_1\ge\sigma_2\ge\dots$ The volume of $\{|a|\le1,|Va|\le\epsilon\}$ is comparable to
$$\prod_j\min\bigl(1,\tfrac\epsilon{\sigma_j}\bigr)=\min_k\frac{\epsilon^k}{\sigma_1\cdots\sigma_k}\asymp\min_k\frac{\epsilon^k}{D_k(b)},\qquad D_k=\max_{|S|=k}|\Delta_S|,\quad\Delta_S=\prod_{h\in S}b_h\prod_{h<h'\in S}(b_{h'}^2-b_h^2).$$
(The product of the $k$ largest singular values is comparable to the largest minor of size $k$; for $|b|\le1$ the minors of the first $k$ rows are the largest up to a constant, since all others are symmetric polynomials times these.) $\Delta_S$ has degree $k^2$.""", _minors),
        Step("From above", r"""Let $\theta=\tfrac{H-i^2}{2i+1}\in[0,1)$. The minimum is at most the geometric mean of the terms $k=i$ and $k=i+1$ with shares $1-\theta$ and $\theta$, and $D_k$ at least the geometric mean of all $|\Delta_S|$, $|S|=k$. So the volume of $\{K\le\epsilon^2\}$ is at most a multiple of
$$\epsilon^{i+\theta}\int_{|b|\le1}\prod_h|b_h|^{-\alpha}\prod_{h<h'}|b_h^2-b_{h'}^2|^{-\beta}db,\qquad\alpha=\frac{i+\theta}H,\quad\beta=\frac{(1-\theta)i(i-1)+\theta(i+1)i}{H(H-1)}.$$
Such an integral converges if for each set of the hyperplanes $b_h=0$, $b_h=\pm b_{h'}$ with a common flat the sum of exponents is less than the codimension: $\alpha+\beta(k-1)<1$ for $k$ units at 0, $\tfrac12\beta k<1$ for $k$ that are equal up to sign. All hold but the one at the origin, $k=H$, which is an equality. There, with $b=\rho\omega$, the integral over $\omega$
converges, also for shares near $\theta$; and shares on both sides of $\theta$ for $\rho$ on both sides of $\epsilon^{1/(2i+1)}$ make the integral over $\rho$ converge if $0<\theta$. If $\theta=0$, $H=i^2$, the term $k=i$ alone is $\epsilon^i\rho^{-1}d\rho$ between $\epsilon^{1/(2i-1)}$ and $\epsilon^{1/(2i+1)}$, a logarithm, and shares with $k=i\mp1$ converge beyond.
So the volume is at most $C\epsilon^{2\lambda}$, times $\log\tfrac1\epsilon$ if $H=i^2$, with $2\lambda=i+\theta$.""", _from_above),
        Step("From below", r"""Where $\omega$ keeps all $D_k(\omega)$ away from 0 and $\rho=\epsilon^t$, the volume is $\epsilon^{Ht+\max_k(k-k^2t)}$ for each factor $e$ of $\rho$. The exponent is least at $t=\tfrac1{2i+1}$, where it is $\tfrac{H+i^2+i}{2i+1}=i+\theta$; on an interval of $t$ if and only if $H=i^2$. So the bounds are attained.""", _from_below),
        Step("Against the engine", "At one and two units, which knows nothing of this.", _engine),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
