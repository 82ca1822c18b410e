"""The least width of an exact fit of modular addition: minimal bilinear algorithms for C^m split."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from typing import Any

import sympy
from flint import arb, fmpq, nmod_mat

from derivations.framework import Derivation, Step, require, require_equal
from derivations.narrow_fits import NODES, modulo, prime_above, primitive_roots, width_eight, width_four
from slt_symbolic.closed_forms.sources import ALDER_STRASSEN_1981, LEVINE_2026, MAIS_2
from slt_symbolic.networks.fourier import FourierSolution

Rows = Sequence[Sequence[Any]]
Complex = tuple[Any, Any]  # real and imaginary part


def values(p: int, w: Rows, v: Rows) -> list[Any]:
    """``f(a, b)_c`` in the order of a, b, c."""
    return [sum(((row[a] + row[p + b]) ** 2 * output[c] for row, output in zip(w, v, strict=True)), 0 * v[0][0])
            for a, b, c in product(range(p), repeat=3)]


def labels(p: int) -> list[int]:
    """``[a + b = c]`` in the order of a, b, c."""
    return [int((a + b) % p == c) for a, b, c in product(range(p), repeat=3)]


def _zero_sum(rng: random.Random, p: int) -> list[int]:
    x = [rng.randint(-9, 9) for _ in range(p - 1)]
    return [*x, -sum(x)]


def _contraction() -> None:
    rng = random.Random(0)
    w, v = width_four()
    for _ in range(5):
        x, y = _zero_sum(rng, 3), _zero_sum(rng, 3)
        for c in range(3):
            found = sum(2 * output[c] * sum(s * t for s, t in zip(row[:3], x, strict=True))
                        * sum(s * t for s, t in zip(row[3:], y, strict=True)) for row, output in zip(w, v, strict=True))
            require_equal(found, sum(x[a] * y[(c - a) % 3] for a in range(3)), f"output {c} of the fit of width 4, contracted")
    u, t, x0, x1, y0, y1 = sympy.symbols("u t x0 x1 y0 y1")
    squares = sum((u * a + t * b) ** 2 * x * y for a, x in ((x0, 1), (x1, -1)) for b, y in ((y0, 1), (y1, -1)))
    require_equal(sympy.expand(squares - 2 * u * (x0 - x1) * t * (y0 - y1)), 0, "pure squares drop out")


def _algebra() -> None:
    for p in range(3, 15, 2):
        solution = FourierSolution(p)
        rows = []
        for a in range(1, p):  # e_a - e_0, and its transforms at the frequencies 1..p-1, which are complex conjugates in pairs
            rows.append([(solution.power_of_root(-4 * k * a) - 1) % solution.prime for k in range(1, p)])
        require_equal(nmod_mat(rows, solution.prime).rank(), p - 1, f"the transform is injective on zero sums at p={p}")


def _times(x: Complex, y: Complex) -> Complex:
    return x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0]


def _one_factor() -> None:
    a, b, c, d = sympy.symbols("a b c d", real=True)
    first, second, third = a * c, b * d, (a + b) * (c + d)
    gauss = first - second, third - first - second
    require_equal([sympy.expand(x - y) for x, y in zip(gauss, _times((a, b), (c, d)), strict=True)], [0, 0], "three products")
    matrix = sympy.Matrix([[a, -b], [b, a]])
    require_equal(sympy.expand(matrix.det()), a**2 + b**2, "multiplication by a + bi is of rank 2 unless it is 0")


def _splitting() -> None:
    # The count: if two forms f do not vanish on the other factors, two forms f and two forms g can be killed.
    for m in range(2, 30):
        length = next(size for size in range(1, 4 * m) if size - 4 >= 3 * (m - 1))
        require_equal(length, 3 * m + 1, f"the least length at which an algorithm need not split, m={m}")
    mixed_frequencies()  # where that length is reached, mixed products do occur


def mixed_frequencies() -> None:
    """The three mixed units of the fit of width 8 at p = 5 have both frequencies."""
    w, _ = width_eight(lambda angle: arb(angle * fmpq(1, 40)).cos_pi(), lambda x: arb(fmpq(x.numerator, x.denominator)))
    for row in w[4:7]:
        for k in (1, 2):
            part = sum((x * arb(fmpq(2 * k * b, 5)).cos_pi() for b, x in enumerate(row[5:])), arb(0))
            require(abs(part) > fmpq(1, 100), f"frequency {k} of a mixed unit")


def _coefficients_of_a_square() -> None:
    a, a_bar, b, b_bar, d, x, y = sympy.symbols("a a_bar b b_bar d x y")
    s = d + (a * x + a_bar / x + b * y + b_bar / y) / 2
    square = sympy.expand(s**2)
    for monomial, coefficient in ((x * y, a * b / 2), (x / y, a * b_bar / 2), (x**2, a**2 / 4), (x, a * d)):
        found = sum(term / monomial for term in square.args if not (term / monomial).free_symbols & {x, y})
        require_equal(sympy.expand(found - coefficient), 0, f"the coefficient of {monomial}")


def _parallel() -> None:
    kappa_bar, lam, a, size, nu, mu = sympy.symbols("kappa_bar lam a size nu mu", nonzero=True)
    b = kappa_bar * lam / (size / a)  # conj(A) B = kappa' lambda, with conj(A) = |A|^2/A
    require_equal(sympy.simplify(a * b - kappa_bar * lam * a**2 / size), 0, "A B in terms of A^2")
    with_square = sympy.expand(a * b).subs(a**2, nu * mu)
    require_equal(sympy.simplify(with_square / (kappa_bar * nu) - lam * mu / size), 0, "A B is a real multiple of kappa' nu")


def _a_frequency_is_left() -> None:
    for p in range(5, 200, 2):
        frequencies = range(1, (p + 1) // 2)
        for special in (None, *frequencies):
            require(any(k != special and 3 * k % p for k in frequencies), f"p={p}, four units at {special}")
        require(all(2 * k % p not in (0,) for k in frequencies), f"2k is a frequency at p={p}")
    require(not any(3 * k % 3 for k in (1,)), "none is left at p = 3, where a fit of width 4 = 3m + 1 exists")


def _width_eight_fits() -> None:
    weights = [1 / ((y - a) * (y - b)) for y, a, b in ((NODES[i], NODES[i - 1], NODES[i - 2]) for i in range(3))]
    preactivation = 2 * 4 * 192**2  # clears the denominators of u + v: cosines have 2, R has 4, nodes 3·64
    output = 2 * 2 * 5 * int(sympy.ilcm(*(x.denominator for x in (*weights, *NODES)))) ** 2 * 64
    largest = 8 * 10**2 * 10**5  # of 8 units |s| <= 10 and |V| <= 10^5 in every embedding: see below
    require(max(abs(x) for x in weights) <= 3, "the outputs of the mixed units")
    primes = [prime_above(2**61)]
    primes += [prime_above(primes[0])]
    primes += [prime_above(primes[1])]
    require(preactivation**2 * output * largest < primes[0] * primes[1] * primes[2], "a multiple too small to be nonzero")
    for prime in primes:
        for root in primitive_roots(prime):
            w, v = width_eight(*modulo(prime, root))
            require([int(x) for x in values(5, w, v)] == labels(5), f"the fit modulo {prime}")


def _fits() -> None:
    require_equal(values(3, *width_four()), labels(3), "the fit of width 4")
    _width_eight_fits()
    for p in (3, 5, 7):
        found = FourierSolution(p).values().ravel().tolist()
        require_equal(found, labels(p), f"the Fourier fit of width 2p - 1 at p={p}")


def _bounds() -> None:
    lower = {p: 3 * (p - 1) // 2 + (1 if p == 3 else 2) for p in range(3, 100, 2)}
    require_equal((lower[3], lower[5], lower[7]), (4, 8, 11), "the lower bounds at p = 3, 5, 7")
    require(all(bound == (3 * p + 1) // 2 for p, bound in lower.items() if p > 3), "(3p + 1)/2")


DERIVATION = Derivation(
    entry="least-width",
    sources=(LEVINE_2026, MAIS_2, ALDER_STRASSEN_1981,),
    title="The least width of an exact fit of modular addition",
    statement=r"""Let $p\ge3$ be odd and $H_{\min}(p)$ the least width $H$ of an exact fit
$\sum_{j\le H}V_j(u_j(a)+v_j(b))^2=\bigl([a+b=c]\bigr)_c$ on all pairs. Then
$$\tfrac{3p+1}2\le H_{\min}(p)\le2p-1\quad(p\ge5),\qquad H_{\min}(3)=4,\qquad H_{\min}(5)=8.$$""",
    assumptions=(r"$u_j,v_j\in\mathbb R^p$, $V_j\in\mathbb R^p$; $s_j=u_j(a)+v_j(b)$, $c_j=\sum_cV_{jc}$, $m=\tfrac{p-1}2$",
                 r"prior claims, unrefereed: $H_{\min}(p)\ge\tfrac{3p-1}2$ by the theorem of Alder and Strassen, and $H_{\min}(3)=4$ "
                 "([MAIS issue 2](https://github.com/lionellevine/MAIS/issues/2)); a numerical fit of width 8 at $p=5$ "
                 "([issue 21](https://github.com/lionellevine/MAIS/issues/21)). Proved here beyond them: one unit more from "
                 "$p=5$ on, without that theorem, and so the value at $p=5$; and the exact fit of width 8"),
    steps=(
        Step("A fit is a bilinear algorithm", r"""Let $x,y\in\mathbb R^p$ have sum 0. In $\sum_{a,b}x_ay_bs_j(a,b)^2$ the pure squares drop out, and
$$\sum_{j\le H}2V_j\,(u_j\cdot x)(v_j\cdot y)=x*y,\qquad(x*y)_c=\sum_{a+b=c}x_ay_b.$$
So a fit computes the product of the algebra $A=\{x:\sum x_a=0\}$ by $H$ products $\beta_j(x,y)=f_j(x)g_j(y)$ of linear forms $f_j=u_j|_A$, $g_j=v_j|_A$.""",
             _contraction),
        Step("The algebra", r"""The Fourier transform at the frequencies $1,\dots,m$ is an isomorphism $A\cong\mathbb C^m$ of real algebras: it is multiplicative, and on real vectors of sum 0 it is injective
as the other frequencies are conjugate to these. A form $f_j$ vanishes on the factor $k$ if and only if $u_j$ has no frequency $k$.""", _algebra),
        Step("Lemma 1: one factor takes three products", r"""Two products do not compute the product of $\mathbb C$: for $x\ne0$ with $f_1(x)=0$ the map $y\mapsto xy$ would have rank at most 1. Three do (Gauss).""", _one_factor),
        Step("Lemma 2: minimal algorithms of C^m split", r"""*Let $\ell\le3m$ products compute the product of $\mathbb C^m$. Then $\ell=3m$, and for each factor there are three products of which both forms vanish on all other factors.*
For $m=1$ this is Lemma 1. Let $m\ge2$.

(i) Let $f_a,f_b$ be independent on the first factor. Then $\{f_a=f_b=0\}=\{(\varphi(z),z):z\in\mathbb C^{m-1}\}$ with $\varphi$ linear over $\mathbb R$, and the other $\ell-2$ products compute there
$$\bigl(z,(y_1,y')\bigr)\mapsto\bigl(\varphi(z)y_1,\;zy'\bigr).$$
If $\varphi\ne0$, no $y_1\ne0$ is annihilated by all $\varphi(z)$, so the forms $g$ of these products span the dual of the first factor, and two of them are independent on it. Where these two vanish, $y_1=\psi(y')$; what is
left are $\ell-4\le3m-4$ products, and they compute $zy'$, the product of $\mathbb C^{m-1}$, which takes $3m-3$ by induction. So $\varphi=0$: *$f_a$ and $f_b$ vanish on all other factors*.

(ii) The forms $f_j$ span the dual of the first factor, as $x*y=0$ for all $y$ only if $x=0$. Any $f_j$ that does not vanish on it is independent there of one of two independent ones: by (i) it vanishes on all other factors. The same
holds for every factor, and for the forms $g_j$.

(iii) So each form lives on one factor. Products with both forms on the factor $k$ compute, alone, the product of $\mathbb C$: there are at least three of them by Lemma 1, for each $k$. As $\ell\le3m$, there are exactly three, and no others.

In particular the $3m$ products of a minimal algorithm are independent: a relation would leave an algorithm of $3m-1$. (With one product more forms may live on several factors: three units of the fit of width 8 at $p=5$ have two frequencies.)""", _splitting),
        Step("Lemma 3: at least 3m + 1 units", r"""By Lemma 2 $H\ge3m$. Summing a fit over $c$ gives $\sum_jc_js_j^2=1$, and contracted with $x,y$ of sum 0
$$\sum_jc_j\beta_j=0.\qquad(1)$$
If $H=3m$, the $\beta_j$ are independent, all $c_j=0$, and $0=1$. So $H\ge3m+1=\tfrac{3p-1}2$.""", _contraction),
        Step("Lemma 4: where the units of a fit of width 3m + 1 live", r"""Let $H=3m+1$. Not all $c_j$ vanish: $c_H\ne0$, say. By (1) the $\beta_j$, $j<H$, with the vectors $2(V_j-\tfrac{c_j}{c_H}V_H)$ are an algorithm of length $3m$. By Lemma 2 each frequency $k$ has three units
$G_k^0$ among the first $3m$, of that frequency alone, with independent products. By (1) $\beta_H$ is a sum of forms of the factors; as it has rank at most 1, at most one of them is not 0.

*Either* $\beta_H=0$. Then all other $c_j=0$ by (1), and $c_Hs_H^2=1$: $s_H^2$ is constant. *Or* $\beta_H$ lives on one frequency, $k_0$ say, and so do $u_H$ and $v_H$, up to constants; then $c_j=0$ for the units of all other frequencies. Let $G_k$ be the units
of frequency $k$: $G_k^0$, and also $H$ if $k=k_0$.""", _splitting),
        Step("The equations of a fit", r"""For $j\in G_k$ let $s_j=d_j+\operatorname{Re}(A_jx^k+B_jy^k)$, with characters $x=e^{2\pi ia/p}$, $y=e^{2\pi ib/p}$. For a linear functional $\varphi$ of the outputs let $\varphi_j=\varphi(V_j)$, and let $E_k(\varphi)=\tfrac2p\sum_c\varphi_ce^{-2\pi ikc/p}$
be the coefficient of the labels. Comparing the coefficients of $x^ky^k$, $x^ky^{-k}$ and $x^{2k}$ (no other products have them, as $2k\ne0$ and $4k\ne0$ mod $p$):
$$\sum_{G_k}\varphi_jA_jB_j=E_k(\varphi),\qquad\sum_{G_k}\varphi_jA_j\bar B_j=0,\qquad\sum_{G_k}\varphi_jA_j^2+4\sum_{G_{2k}}\varphi_jd_jA'_j=0,\qquad(2)$$
where $A'_j$ is $A_j$ or its conjugate. The first two say $\sum_{G_k}\varphi_j\beta_j=0$ if $E_k(\varphi)=0$.""", _coefficients_of_a_square),
        Step("Theorem: width 3m + 1 is impossible for p >= 5", r"""Choose a frequency $k\ne k_0$ with $3k\not\equiv0$ mod $p$; there is one for every odd $p\ge5$. Let $\Phi$ be the functionals spanned by $\cos(2\pi kc/p)$ and $\sin(2\pi kc/p)$: two dimensions, $E_k$ maps them onto $\mathbb C$, and $E_l=0$ on them for $l\ne k$.

(i) For $l\ne k,k_0$ the three products of $G_l$ are independent, so $\varphi\in\Phi$ vanishes on $G_l$. On $G_{k_0}$ the relations of four products of which three are independent are a line, and $(c_j)$ is on it and is not 0 (else $c_H=0$): $\varphi_j=t(\varphi)c_j$. As the $c_j$ vanish elsewhere,
$\varphi-t(\varphi)\sum_c$ vanishes on all $G_l$, $l\ne k$, and agrees with $\varphi$ on $G_k$. Call the space of these functionals $\Psi$.

(ii) $\psi\in\Psi$ is determined by its values on $G_k$: if they vanished, so would $E_k(\psi)$. So $\Psi|_{G_k}\subset\mathbb R^3$ has dimension 2, and by (2), as $2k\not\equiv\pm k$,
$$\sum_{G_k}\psi_jA_j\bar B_j=0,\qquad\sum_{G_k}\psi_jA_j^2=0\qquad\text{on two dimensions of three}.$$
So the three numbers $A_j\bar B_j$ are real multiples $\kappa\lambda_j$ of one number, and the $A_j^2$ are real multiples $\nu\mu_j$ of one number. No $A_j$, $B_j$ is 0 (the products are not).

(iii) Then $A_jB_j=\bar\kappa\lambda_jA_j/\bar A_j=\bar\kappa\nu\,\lambda_j\mu_j/|A_j|^2$: real multiples of one number, and $E_k(\psi)=\sum\psi_jA_jB_j$ is not onto $\mathbb C$. A contradiction: $H\ge3m+2=\tfrac{3p+1}2$.""", _a_frequency_is_left),
        Step("The identities of (iii)", r"$\bar A_jB_j=\bar\kappa\lambda_j$ gives $B_j$; the rest is substitution.", _parallel),
        Step("Fits", r"""The Fourier fit has width $2p-1$. At $p=3$: $s_j=\cos(a+j)+\cos(b+j)-\tfrac14$ in thirds of a turn, $j=0,1,2$, with outputs $\tfrac23e_j-\tfrac29$, and a constant unit with $\tfrac13$.
At $p=5$: two units for half of each frequency, three with both frequencies, and a constant one, all weights in $\mathbb Q(\zeta_{80})$ (`derivations/narrow_fits.py`). $R$ and $S$ have one frequency each, and the three mixed units make $R^2+mS$
and $S^2+nR$ of their squares: the linear terms cancel the doubled frequencies of the others, as $4\equiv-1$ mod 5. A multiple of the residual is an algebraic integer; it vanishes modulo all primes above three rational primes (all embeddings), and all its conjugates are smaller
than their product (in any embedding $|s|\le10$, as cosines are at most 1, and $|V|\le10^5$, as the rational factors of the outputs are at most $16\cdot3$): it is 0.""", _fits),
        Step("Together", r"$H_{\min}(3)=4$ by Lemma 3 and the fit of width 4, $H_{\min}(5)=8$ by the theorem and the fit of width 8. (Searches cannot decide width 7 at $p=5$: the loss falls towards 0 while the weights run away, and the value 0 is not attained.)", _bounds),
    ),
)
