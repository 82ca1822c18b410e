"""Vandermonde ideals, and tanh units at zero truth: the volume of near-fits by minors of a Vandermonde matrix."""

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
    for step, k in ((1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (2, 4), (3, 2), (3, 3)):
        b = sympy.symbols(f"b1:{k + 1}")
        matrix = sympy.Matrix(k, k, lambda n, h, b=b, q=step: b[h] ** (q * n + 1))
        product = sympy.prod(b) * sympy.prod([y**step - x**step for x, y in combinations(b, 2)])
        require_equal(sympy.expand(matrix.det() - product), 0, f"the minor of size {k}, Q={step}")
        require_equal(sympy.Poly(product, *b).total_degree(), _degree(step, k), f"its degree at k={k}, Q={step}")


def _degree(step: int, k: int) -> int:
    return k + step * k * (k - 1) // 2


SIZES = [(units, outputs, step) for units in range(1, 25) for outputs in range(1, 5) for step in range(1, 5)]


def _case(units: int, outputs: int, step: int) -> tuple[int, Fraction]:
    """The largest k whose minors have not more degree than H/M, and the share theta of those of size k + 1."""
    k = max(x for x in range(units + 1) if outputs * _degree(step, x) <= units)
    return k, Fraction(units - outputs * _degree(step, k), outputs * (1 + step * k))


def _from_above() -> None:
    for units, outputs, step in SIZES:
        k, mixed = _case(units, outputs, step)
        require(0 <= mixed < 1, f"a share at {units, outputs, step}")
        if k == 0:
            require(outputs > units, f"fewer units than outputs at {units, outputs, step}")
            continue
        if k == 1 and mixed == 0:
            require_equal(outputs, units, f"as many units as outputs at {units, outputs, step}")
            continue
        alpha = outputs * (k + mixed) / units
        beta = Fraction(0) if units == 1 else outputs * (
            (1 - mixed) * k * (k - 1) + mixed * (k + 1) * k) / Fraction(units * (units - 1))
        require_equal(alpha + beta * step * Fraction(units - 1, 2), 1, f"critical at the origin, {units, outputs, step}")
        require(all(alpha + beta * step * Fraction(size - 1, 2) < 1 for size in range(1, units)), f"fewer units at 0 are not critical at {units, outputs, step}")
        require(all(beta * size / 2 < 1 for size in range(2, units + 1)), f"nor units with one value of b^Q at {units, outputs, step}")
        value = Fraction(outputs * step * k * (k + 1) + 2 * units, 4 * (1 + k * step))
        require_equal(outputs * (k + mixed) / 2, value, f"and half the power of epsilon at {units, outputs, step}")


def _from_below() -> None:
    for units, outputs, step in SIZES:
        k, _ = _case(units, outputs, step)
        t = Fraction(1, step * k + 1)
        order = units * t + outputs * max(n - _degree(step, n) * t for n in range(units + 1))
        value = Fraction(outputs * step * k * (k + 1) + 2 * units, 2 * (1 + k * step))
        require_equal(order, value, f"the order at t = 1/(1 + kQ), {units, outputs, step}")
        left = Fraction(1, step * (k - 1) + 1) if k else t + 1
        flat = units * left + outputs * max(n - _degree(step, n) * left for n in range(units + 1)) == order
        require_equal(flat, k > 0 and outputs * _degree(step, k) == units, f"a whole interval of t attains it only at ties, {units, outputs, step}")


def _vandermonde_engine() -> None:
    for sizes, pair in (((1, 2, 3), ("1/2", 1)), ((2, 1, 1), ("3/4", 1)), ((2, 1, 3), ("5/8", 1)), ((2, 2, 1), ("1", 2))):
        found = rlct(vandermonde_germ(*sizes), timeout=60)
        require_equal((found.lambda_, found.multiplicity), (Fraction(pair[0]), pair[1]), f"the engine at H, M, Q = {sizes}")


def _compare_vandermonde() -> None:
    entry = closed_form("vandermonde")
    for units, outputs, step in SIZES[::5]:
        k, mixed = _case(units, outputs, step)
        value = outputs * (k + mixed) / 2 if k else Fraction(units, 2)
        ties = k > 0 and outputs * _degree(step, k) == units
        require_equal(entry.formula({"H": units, "M": outputs, "Q": step}), (value, 1 + ties), f"{units, outputs, step}")


def _engine() -> None:
    for units, pair in ((1, (Fraction(1, 2), 2)), (2, (Fraction(2, 3), 1))):
        found = rlct(vandermonde_germ(units), timeout=60)
        require_equal((found.lambda_, found.multiplicity), pair, f"the engine at H={units}")


def _squares() -> None:
    for units in range(1, 60):
        k, _ = _case(units, 1, 2)
        require_equal((k, _degree(2, k)), (isqrt(units), isqrt(units) ** 2), f"d_k = k^2, H={units}")


def _compare() -> None:
    entry = closed_form("tanh-zero-truth")
    for units in range(1, 40):
        k = isqrt(units)
        value = Fraction(units + k * k + k, 4 * k + 2)
        require_equal(entry.formula({"H": units}), (value, 1 + (k * k == units)), f"H={units}")


VANDERMONDE = Derivation(
    entry="vandermonde",
    statement=r"""The ideal of all $A_{in}=\sum_{h\le H}a_{ih}b_h^{Qn+1}$, $i\le M$, $n\ge0$, has at $a=b=0$, with $d_k=k+\tfrac Q2k(k-1)$ and $k$ the largest integer with $Md_k\le H$,
$$\lambda=\frac{MQk(k+1)+2H}{4(1+kQ)},\qquad m=2\ (Md_k=H,\ k\ge1),\qquad m=1\ (\text{else}).$$
The value is Aoyagi's (2010); the proof here is another one.""",
    assumptions=(r"$Q\ge1$; $a\in\mathbb R^{M\times H}$, $b\in\mathbb R^H$",),
    steps=(
        Step("The volume over a", r"""The $A_{in}$ with $n\ge H$ are combinations of the first $H$ with coefficients that are polynomials in $b$. For fixed $b$ they are linear in the row $a_i$, with the matrix $V=(b_h^{Qn+1})$ of singular values $\sigma_1\ge\sigma_2\ge\dots$ The volume of $\{|a|\le1,\ |Va_i|\le\epsilon\}$ is comparable to the $M$-th power of
$$\prod_j\min\bigl(1,\tfrac\epsilon{\sigma_j}\bigr)=\min_n\frac{\epsilon^n}{\sigma_1\cdots\sigma_n}\asymp\min_n\frac{\epsilon^n}{D_n(b)},\qquad D_n=\max_{|S|=n}|\Delta_S|,\quad\Delta_S=\prod_{h\in S}b_h\prod_{h<h'\in S}(b_{h'}^Q-b_h^Q).$$
(The product of the $n$ largest singular values is comparable to the largest minor of size $n$; for $|b|\le1$ the minors of the first $n$ rows are the largest up to a constant, since all others are symmetric polynomials times these.) $\Delta_S$ has degree $d_n$.""", _minors),
        Step("From above", r"""*Fewer units than outputs*, $H<M$ ($k=0$): the minimum is at most $\min(1,\epsilon/\max|b_h|)^M\le\prod_h\min(1,\epsilon/|b_h|)^{M/H}$, whose integral is comparable to $\epsilon^H$. *As many*, $H=M$ ($k=1$, $\theta=0$): the term 1 is $\epsilon^M/\max|b_h|^M$, whose integral over $\max|b_h|=r$ is a multiple of $\epsilon^M\int r^{-1}dr$, a logarithm between $\epsilon$ and $\epsilon^{1/(1+Q)}$; beyond that a share of the term 2 makes it converge, and before it the term 0.

*Else* let $\theta=\tfrac{H-Md_k}{M(1+kQ)}\in[0,1)$. The minimum is at most the geometric mean of the terms $k$ and $k+1$ with shares $1-\theta$ and $\theta$, and $D_n$ at least the geometric mean of all $|\Delta_S|$, $|S|=n$. So the volume of $\{K\le\epsilon^2\}$ is at most a multiple of
$$\epsilon^{M(k+\theta)}\int_{|b|\le1}\prod_h|b_h|^{-\alpha}\prod_{h<h'}|b_h^Q-b_{h'}^Q|^{-\beta}db,\qquad\alpha=\frac{M(k+\theta)}H,\quad\beta=M\frac{(1-\theta)k(k-1)+\theta(k+1)k}{H(H-1)}.$$
$b^Q-b'^Q$ is a product of the real lines $b=\pm b'$ and a form that vanishes at $b=b'=0$ only. Such an integral converges if for each set of units at 0, or with one value of $b^Q$, the sum of exponents is less than the codimension: $\alpha+\beta Q\tfrac{n-1}2<1$ for $n$ units at 0, $\tfrac12\beta n<1$ for $n$ that coincide. All hold but the one at the origin, $n=H$, which is an equality. There, with $b=\rho\omega$, the integral over $\omega$
converges, also for shares near $\theta$; and shares on both sides of $\theta$ for $\rho$ on both sides of $\epsilon^{1/(1+kQ)}$ make the integral over $\rho$ converge if $0<\theta$. If $\theta=0$, the term $k$ alone is $\epsilon^{Mk}\rho^{-1}d\rho$ between $\epsilon^{1/(1+(k-1)Q)}$ and $\epsilon^{1/(1+kQ)}$, a logarithm, and shares with $k\mp1$ converge beyond.
So the volume is at most $C\epsilon^{2\lambda}$, times $\log\tfrac1\epsilon$ if $Md_k=H$, with $2\lambda=M(k+\theta)$.""", _from_above),
        Step("From below", r"""Where $\omega$ keeps all $D_n(\omega)$ away from 0 and $\rho=\epsilon^t$, the volume is $\epsilon^{Ht+M\max_n(n-d_nt)}$ for each factor $e$ of $\rho$. The exponent is least at $t=\tfrac1{1+kQ}$; on an interval of $t$ if and only if $Md_k=H$, $k\ge1$. So the bounds are attained.""", _from_below),
        Step("Against the engine", "At one and two units, which knows nothing of this.", _vandermonde_engine),
        Step("Comparison", "The catalogue entry has these values.", _compare_vandermonde),
    ),
)


DERIVATION = Derivation(
    entry="tanh-zero-truth",
    statement=r"""For $f(x)=\sum_{h\le H}a_h\tanh(b_hx)$ and truth 0, at $a=b=0$, with $i=\lfloor\sqrt H\rfloor$,
$$\lambda=\frac{H+i^2+i}{4i+2},\qquad m=2\ (H=i^2),\qquad m=1\ (\text{else}).$$
The value is Aoyagi's (2006); the proof here is another one.""",
    assumptions=(r"inputs fill an interval; any odd analytic activation all of whose odd Taylor coefficients are not zero",),
    steps=(
        Step("The ideal", r"""The Taylor coefficients of $f$ are those of $\tanh$, none of which is 0, times $A_n=\sum_ha_hb_h^{2n+1}$. Those with $n\ge H$ are combinations of the first $H$ with coefficients that are polynomials in $b$. So $K\asymp\sum_{n<H}A_n^2$: the ideal of `vandermonde` with $M=1$, $Q=2$.""", _odd_coefficients),
        Step("Its value", r"There $d_k=k^2$: $k=\lfloor\sqrt H\rfloor$, and $\tfrac{2k(k+1)+2H}{4(1+2k)}=\tfrac{H+k^2+k}{4k+2}$.", _squares),
        Step("Against the engine", "At one and two units, which knows nothing of this.", _engine),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
