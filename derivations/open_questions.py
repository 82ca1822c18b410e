"""What certificates say about the open questions O6, O62, O63, O64 on quadratic networks and modular addition."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import sympy
from flint import arb, fmpq, fmpq_mat, nmod_mat

from derivations import modular_addition_fourier
from derivations.framework import Derivation, Step, require, require_equal
from derivations.modular_addition import jacobian
from derivations.narrow_fits import NODES, family, modulo, prime_above, primitive_roots, width_eight, width_four
from slt_symbolic import closed_form
from slt_symbolic.networks.data import all_pairs

Rows = Sequence[Sequence[Any]]


def _values(p: int, w: Rows, v: Rows) -> list[Any]:
    """``f(a, b)_c`` in the order of a, b, c."""
    return [sum(((row[a] + row[p + b]) ** 2 * output[c] for row, output in zip(w, v, strict=True)), 0 * v[0][0])
            for a, b, c in product(range(p), repeat=3)]


def _labels(p: int) -> list[int]:
    return [int((a + b) % p == c) for a, b, c in product(range(p), repeat=3)]


def _width_is_more_than_p() -> None:
    # p = 3: s = sigma g(a + b) with signs sigma is a sum u(a) + v(b) only if |g| is constant.
    for signs in product((1, -1), repeat=8):
        sigma = dict(zip(product(range(3), repeat=2), (1, *signs), strict=True))
        equations = []
        for a, b in product((1, 2), repeat=2):
            row = [0, 0, 0]
            for x, y, sign in ((0, 0, 1), (a, 0, -1), (0, b, -1), (a, b, 1)):
                row[(x + y) % 3] += sign * sigma[x, y]
            equations.append(row)
        require(fmpq_mat(equations).rank() >= 2, "at most a line of solutions")
        for g in sympy.Matrix(equations).nullspace():
            require_equal(len({abs(x) for x in g}), 1, f"|g| for the signs {signs}")
    u, c1, c2 = sympy.symbols("u c1 c2")
    require_equal(sympy.degree(3 * u**2 + 2 * u * c1 + c2, u), 2, "the sum of squares in a row")


def _width_four() -> None:
    w, v = width_four()
    require_equal(_values(3, w, v), _labels(3), "the fit of width 4")
    whole, seen = ([[fmpq(x.numerator, x.denominator) for x in map(Fraction, row)]
                    for row in jacobian(all_pairs(3, centred), w, v)] for centred in (False, True))
    require_equal(fmpq_mat(whole).rank(), 26, "its rank")
    # Without the constant unit: 3 units with s in 5 dimensions and outputs with sum 0 in 2, functions without constants.
    rows = []
    for unit in range(3):
        rows += seen[9 * unit: 9 * unit + 6]
        outputs = seen[9 * unit + 6: 9 * unit + 9]
        rows += [[x - y for x, y in zip(outputs[k], outputs[2], strict=True)] for k in range(2)]
    require_equal(fmpq_mat(rows).rank(), 16, "all 16 equations")
    squares = sum(x * x for row in (*w, *v) for x in row)
    require(squares < Fraction(27, 2), "the fit is in the ball: w^F has |W|^2 = 27/2")
    require_equal(36 - ((3 * (5 + 2) - 16) + 1 + 4), 26, "the codimension: 5 dimensions, a scaling, 4 shifts")


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
            require([int(x) for x in _values(5, w, v)] == _labels(5), f"the fit modulo {prime}")


def _width_eight_family() -> None:
    prime = prime_above(2**30)
    root, pairs = primitive_roots(prime)[0], all_pairs(5, centred=False)
    closed = nmod_mat([[int(x) for x in row] for row in jacobian(pairs, *width_eight(*modulo(prime, root)))], prime)
    require_equal(closed.rank(), 98, "rank modulo a prime")
    units, conditions = family(prime, root)
    require_equal([x.value for x in conditions], [0, 0], "the conditions at the point")
    w = [[x.value for x in (*u, *v)] for u, v, _ in units]
    v = [[x.value for x in output] for _, _, output in units]
    require_equal([x % prime for x in _values(5, w, v)], _labels(5), "the family contains the fit")
    derivatives = nmod_mat([[x % prime for x in row] for row in jacobian(pairs, w, v)], prime)
    kernel, dimension = nmod_mat([list(x.slopes) for x in conditions], prime).nullspace()
    require_equal(dimension, 8, "directions in the family")
    flat = [x for u, below, output in units for x in (*u, *below, *output)]
    tangents = [[sum(int(kernel[i, k]) * slope for i, slope in enumerate(x.slopes)) % prime for x in flat] for k in range(8)]
    for unit in range(8):
        scaling, shift = [0] * 120, [0] * 120
        scaling[15 * unit: 15 * unit + 15] = [*w[unit], *(-2 * x % prime for x in v[unit])]
        shift[15 * unit: 15 * unit + 10] = [1] * 5 + [prime - 1] * 5
        tangents += [scaling, shift]
    matrix = nmod_mat(tangents, prime)
    require(not any(int(x) for x in (matrix * derivatives).entries()), "its tangent vectors are in the kernel")
    require_equal((matrix.rank(), 120 - matrix.rank()), (22, 98), "its dimension and codimension")


def _width_eight_is_small() -> None:
    w, v = width_eight(lambda angle: arb(angle * fmpq(1, 40)).cos_pi(), lambda x: arb(fmpq(x.numerator, x.denominator)))
    # Scaling a unit by t, |w|^2 = A and |V|^2 = B become t^2 A + B/t^4, at best (3/2) A^(2/3) (2B)^(1/3).
    total = arb(0)
    for row, output in zip(w, v, strict=True):
        shift = (sum(row[:5], arb(0)) - sum(row[5:], arb(0))) / 10
        a = sum(((x - shift) ** 2 for x in row[:5]), arb(0)) + sum(((x + shift) ** 2 for x in row[5:]), arb(0))
        b = sum((x * x for x in output), arb(0))
        total += arb(3) / 2 * (a * a * 2 * b).root(3)
    require(total < 36, f"the norm of the scaled fit: its square is {total}")
    require(36 < fmpq(85, 2), "w^F alone has |W|^2 = 85/2")


def _mixed_frequencies() -> None:
    w, _ = width_eight(lambda angle: arb(angle * fmpq(1, 40)).cos_pi(), lambda x: arb(fmpq(x.numerator, x.denominator)))
    for row in w[4:7]:
        for k in (1, 2):
            part = sum((x * arb(fmpq(2 * k * b, 5)).cos_pi() for b, x in enumerate(row[5:])), arb(0))
            require(abs(part) > fmpq(1, 100), f"frequency {k} of a mixed unit")


def _single_frequencies() -> None:
    a, a_bar, kappa, kappa_bar, lam, c, rho = sympy.symbols("a a_bar kappa kappa_bar lam c rho", nonzero=True)
    b, b_bar, z = kappa_bar * lam / a_bar, kappa * lam / a, a / a_bar
    require_equal(sympy.simplify(a * b_bar - kappa * lam), 0, "A B'")
    require_equal(sympy.simplify(a * b - kappa_bar * lam * z), 0, "A B")
    require_equal(sympy.simplify(a**2 - a * a_bar * z), 0, "A^2")
    require_equal(sympy.simplify(b**2 - kappa_bar**2 * lam**2 / (a * a_bar) * z), 0, "B^2")
    f = sympy.Symbol("f")
    for sign in (1, -1):
        difference = sympy.expand((c / rho + f) ** 2 - (sign * c + sign * rho * f) ** 2 / rho**2)
        require_equal(difference, 0, "two proportional units without a linear term have no constant either")
    cases = {(n_1, n_2) for n_1, n_2 in product(range(3, 9), repeat=2) if n_1 + n_2 <= 8}
    require_equal(cases, {(3, 3), (3, 4), (4, 3), (3, 5), (5, 3), (4, 4)}, "the sizes of the groups")


def _padding() -> None:
    fourier = closed_form("modular-addition-fourier")
    require_equal(fourier.at(p=5, centred=False).lambda_, Fraction(105, 2), "at w^F")
    require_equal(fourier.at(p=3, units=9, centred=False).lambda_, Fraction(27, 2), "at p = 3")
    require_equal(fourier.at(p=5, units=10, centred=False).lambda_, Fraction(219, 4), "with a dead unit")
    require(49 + Fraction(9, 4) < Fraction(105, 2), "the mixed fit with a dead unit is below w^F")
    require(modular_addition_fourier.DERIVATION.entry == fourier.name, "proved there")


def _table() -> None:
    require_equal([line.split("**")[1] for line in _TABLE.splitlines() if "**" in line],
                  ["O62", "O63(a)", "O63(b)", "O64", "O6"], "a verdict on each question")


_TABLE = r"""
| question | verdict, as far as certificates reach |
|---|---|
| **O62**: the least width $H_{\min}(p)$ of an exact fit | $p+1\le H_{\min}(p)\le2p-1$ for every odd $p\ge3$ (proved); $H_{\min}(3)=4$ (proved, rational weights); $6\le H_{\min}(5)\le8$ (certified) |
| **O63(a)**: $\lambda,m$ at $w^F$ with dead units up to width $H$ | $\tfrac12(6p^2-10p+5-2[3\mid p])$, $m=1$ without; one dead unit adds exactly $\tfrac{2p-1}4$ for $p\ge5$ ($m=1$ for $p\ge7$; at $p=5$ certified, $m$ open), two add twice that for $p=9,11,13$ (certified; $m=1$ at $p=13$, else open); at $p=3$ the value is $\tfrac{27}2$ for every $H\ge5$; otherwise a bracket (`slt at modular-addition-fourier p=.. units=..`) |
| **O63(b)**: the least $\lambda$ over $W_0(p,H)$, $\lvert w\rvert\le R$, $R\ge R_p$ | not attained at $w^F$: for $p=5$ it is at most $49$ at $H=8$ and at most $49+\tfrac94=\tfrac{205}4$ at $H=9$, where $w^F$ has $\tfrac{105}2$ (certified); for $p=3$ at most $13$ at $H=4$ |
| **O64**: that minimum grows by exactly $\tfrac{2p-1}4$ per unit up to $\tfrac{p^3}2$ | open; proved is that it grows by at most $\tfrac{2p-1}4$ from $H$ to $H+1$, wherever there are exact fits in the ball |
| **O6**: at the minimum every active unit carries a single frequency | refuted at $p=5$, $H=8$ (one unit less than $w^F$ has): no exact fit of that width has single frequencies only (proved), and there is one with two frequencies in three units ($\lambda=49$, $m=1$, certified; in the ball). At $H=9$, with a dead unit, it is below $w^F$; whether a single-frequency fit of width 9 goes below $\tfrac{205}4$ is open |
"""


DERIVATION = Derivation(
    entry="open-questions",
    title="What certificates say about the open questions O6, O62, O63, O64",
    statement=r"Questions posed about quadratic networks (L. Levine, *Math for AI Safety*, agenda A6, 2026): $W_0(p,H)$ are the exact fits of width $H$, $w^F$ is the Fourier fit and $R_p=1+\lvert w^F\rvert$. The last step has the table of verdicts.",
    assumptions=(r"$f(a,b)=\sum_jV_j(u_j(a)+v_j(b))^2$, labels $a+b$ mod $p$, all pairs, not centred",),
    instances=r"The table says what is proved for all $p$, and what is certified at $p=3$ and $p=5$.",
    steps=(
        Step("More than p units", r"The $p$ outputs $[a+b=c]$ are independent and in the span of the $H$ squares: $H\ge p$. If $H=p$, the squares are in the span of the outputs: every $s_j^2=h_j(a+b)$, and the $h_j$ are a basis of all "
             r"functions. In row $a$ of $s=u(a)+v(b)$ the values of $s^2$ are all those of $h$: $\sum_b(u(a)+v(b))^2=pu(a)^2+2u(a)\sum v+\sum v^2$ is the same for all $a$, so $u$ takes at most two values. "
             r"$u(a)=u(a')$ gives $h$ the period $a'-a$, and $u$ is injective on the cosets of the periods, which are an odd number: one. So $h$ is constant, for every $j$: no basis. Checked for $p=3$ by all sign patterns.", _width_is_more_than_p),
        Step("Width 4 at p = 3", r"$s_j=\cos(a+j)+\cos(b+j)-\tfrac14$ in thirds of a turn, $j=0,1,2$, with outputs $\tfrac23e_j-\tfrac29$, and a constant unit with $\tfrac13$. The rank is 26. The three units alone, with outputs of sum 0, map 21 parameters "
             r"(shifts left out) onto the 16 equations without constants: fits of dimension 5; with one scaling and 4 shifts 10 of 36: $\lambda=13$, $m=1$. It is in the ball.", _width_four),
        Step("Width 8 at p = 5: it fits", r"Two units for half of each frequency, three with both frequencies, and a constant one, all weights in $\mathbb Q(\zeta_{80})$: `derivations/narrow_fits.py` has them. $R$ and $S$ have one frequency each, and the three mixed units make $R^2+mS$ "
             r"and $S^2+nR$ of their squares: the linear terms cancel the doubled frequencies of the others, as $4\equiv-1$ mod 5. A multiple of the residual is an algebraic integer; it vanishes modulo all primes above three rational primes (all embeddings), and all its conjugates are smaller "
             r"than their product (in any embedding $|s|\le10$, as cosines are at most 1, and $|V|\le10^5$, as the rational factors of the outputs are at most $16\cdot3$): it is 0.", _width_eight_fits),
        Step("Width 8 at p = 5: its coefficient", r"The rank is at least 98 (modulo a prime). The fit is in a family: $\alpha,\beta,\gamma,\delta\in\mathbb C$ with two conditions that make $m$ and $n$ real, $y_1$, $y_2$, and scalings and shifts; it consists of fits, as $\sum_iw_iy_i^k=0,0,1,y_1+y_2+y_3$ for $k=0..3$ "
             r"($w_i=\prod_{j\ne i}\tfrac1{y_i-y_j}$) makes $P(R^2+mS)+Q(S^2+nR)$ of the mixed units, up to constants, and $b^2=B_R^2+2mB_S$ is the reality of $m$, so that the other units cancel the rest. Its tangent vectors, computed with derivatives modulo "
             r"the prime, span 22 dimensions. $120-22=98$: $\lambda=49$, $m=1$.", _width_eight_family),
        Step("It is in the ball", r"With its units scaled the fit has $|w|^2<36$, and $R_p^2>|w^F|^2>\tfrac{85}2$.", _width_eight_is_small),
        Step("Two frequencies", "The Fourier coefficients of the three mixed units at both frequencies are not zero (ball arithmetic).", _mixed_frequencies),
        Step("No single-frequency fit has at most 8 units at p = 5", r"Units that do nothing are left out. Let every unit have one frequency: $s_j=c_j+\operatorname{Re}(A_jx^k+B_jy^k)$ for $n_k$ units $j\in G_k$, $k=1,2$, and $n_0$ constant units. For a functional $\varphi$ of the outputs let $\varphi_j=\varphi(V_j)$. "
             r"$\Phi_k$ are those that see $\cos kc$, $\sin kc$ only (2 dimensions), $\varphi_0$ sees constants only. Comparing coefficients, for every $\varphi$ and each $k$: $\sum_{G_k}\varphi_jA_jB_j=\varphi(E_k)$ and $\sum_{G_k}\varphi_jA_j\bar B_j=0$, where $E_k$ is onto $\mathbb C$ on "
             r"$\Phi_k$ and 0 on the others; $\sum_{G_1}\varphi_jA_j^2+4\sum_{G_2}\varphi_jc_jA_j=0$, $\sum_{G_2}\varphi_j\bar A_j^2+4\sum_{G_1}\varphi_jc_jA_j=0$ (as $4\equiv-1$), the same with $B$; and the constants. Let $M_j=(A_jB_j,A_j\bar B_j)$ and $N_k=\{r\in\mathbb R^{G_k}:\sum r_jM_j=0\}$: "
             r"$\varphi|_{G_k}\in N_k$ unless $\varphi$ sees $E_k$. The span of the $M_j$ contains $\mathbb C\times0$ and more, else all $A_j\bar B_j=0$ and so all $A_jB_j=0$: its dimension is 3 or 4, and $n_k\ge3$. Call $r\in\mathbb R^{G_k}$ *clean* if $\sum r_jA_j^2$, $\sum r_jB_j^2$, $\sum r_jc_jA_j$, $\sum r_jc_jB_j$ vanish. "
             r"*(i) If the dimension is 3*, the $A_j\bar B_j$ vanish on the $n_k-1$ dimensions $\Phi_k\oplus N_k$: $A_j\bar B_j=\kappa\lambda_j$, $\lambda_j$ real. Where $\lambda_j\ne0$ let $z_j=A_j/\bar A_j$: $B_j=\bar\kappa\lambda_j/\bar A_j$, $A_jB_j=\bar\kappa\lambda_jz_j$, $A_j^2=|A_j|^2z_j$, and $B_j^2$ is a multiple, the same for all $j$, of $\lambda_j^2|A_j|^{-2}z_j$. The $z_j$ are not all parallel ($E_k$ is onto), so their "
             r"real relations have dimension $n_k-2$, and clean vectors at most that. ($\lambda_j=0$ only where $M_j=0$.) If $M_j=0$, then $e_j\in N_k$, one of $A_j,B_j$ is not 0 (the unit is not constant), and $e_j$ is not clean. *(ii) If all $\lambda_j\ne0$ and a space $C\subset\Phi_k\oplus N_k$ of clean vectors has dimension $n_k-2$*, let $P$ be the span of $\operatorname{Re}z,\operatorname{Im}z$ and $h_j=\lambda_j/|A_j|^2$. Both $\{r_j|A_j|^2\}$ and $\{r_j\lambda_j^2/|A_j|^2\}$, $r\in C$, are all relations of $z$, so $h^2P\subset P$; and $\sum r_j\lambda_j=0$ on $C$ says $h\in P$. "
             r"By Cayley-Hamilton $q(h^2)h=0$ with $\deg q\le2$, and no $h_j$ is 0: $h^2$ takes at most two values. If two, $P$ is spanned by $h$ on either set, so the $z_j$ are on two lines; if one, $h_j=\operatorname{Re}(\bar wz_j)=\pm|h|$ with $|z_j|=1$ puts them on two lines as well. So $z_j=\sigma_j\zeta$ on two lines, and on each $h_j$ is $\sigma_j$ times a constant and $|B_j|^2/|A_j|^2$ is constant; $C$ is the sum over the lines of the $r$ with $\sum\sigma_jr_j|A_j|^2=0$, and $\sum r_jA_jB_j$ is the sum of multiples of $\zeta\sum r_j|A_j|^2$. Two units of a line with the same $\sigma$ are proportional up to constants, $s_1=c_1+f$, $s_2=c_2\pm\rho f$; if $r=(1,-\rho^{-2})$ is clean, $c_1=\pm c_2/\rho$ and the constant $c_1^2-c_2^2/\rho^2$ is 0. "
             r"*Three units.* If $n_2=3$, $N_2=0$, and $\Phi_2$ cannot be clean: 2 dimensions where relations have 1. Also $\Phi_0\oplus\Phi_1$ vanishes on $G_2$, so $\Phi_1$ and $\varphi_0|_{G_1}\in N_1$ are clean. $n_1=3$: $N_1=0$, $\Phi_2$ is clean. $n_1=4$, $n_0\le1$: if $\varphi_0|_{G_1}\ne0$ or $N_1=0$, all of $N_1$ is clean and so is $\Phi_2$. Else $N_1$ is a line; $\Phi_1$ is clean of dimension $n_1-2$ (and all $\lambda_j\ne0$: else $e_j$ spans $N_1$, and one of $A_j,B_j$ is 0, so $\Phi_1$ satisfies a relation of the other three $z$, 2 dimensions instead of 1). By (ii) and as $E_1$ is onto, each line has two units with opposite $\sigma$, "
             r"$\sum r_jc_jA_j=0$ for independent $A_1,A_2=\pm\rho iA_1$: all $c_j=0$ on $G_1$, so $\sum_{G_2}\varphi_jA_j^2=\sum_{G_2}\varphi_jB_j^2=0$ on $\Phi_2$, 2 dimensions where the relations of three $z$ have 1. $n_1=5$, $n_0=0$: $\varphi_0|_{G_1}=r\ne0$ is clean. If $N_1=\mathbb Rr$, $\Phi_2$ is clean. Else the dimension is 3 and $\Phi_1\oplus\mathbb Rr$ is clean of dimension $n_1-2$. If all $\lambda_j\ne0$, (ii): both lines contribute to $E_1$, so they have 3 and 2 units, with both signs; $r$ makes no $E_1$, so it is a multiple of $(1,-\rho^{-2})$ on two units with the same sign, and its constant is 0 instead of $\tfrac15$. If one $\lambda_j=0$, the other four $z$ have 2 dimensions of relations, with $A$ or $B$: a combination of $r$ and "
             r"$\Phi_1$ is a multiple of $e_j$, in $N_1$, so $r\parallel e_j$, not clean. If two are 0, $N_1$ is spanned by the two $e_j$, and $r$ is not clean, or both have $B_j=0$ (or $A_j=0$) and the other three $z$ have 2 dimensions of relations on $\Phi_1$. *Four and four*, $n_0=0$. If $N_2=0$, $\Phi_1\oplus\mathbb R\varphi_0|_{G_1}$ is clean, one dimension too many. So both $N_k=\mathbb Rr^k$ are lines and $\varphi_0=(t_1r^1,t_2r^2)$. If $t_2=0$, $r^1$ is clean and so is a $\varphi\in\Phi_1$ with $\varphi|_{G_2}=0$: dimension 2; all $\lambda_j\ne0$; "
             r"$\varphi$ makes some $E_1$, $r^1$ none, so (ii) a line has two units with the same sign that carry it (three of the same sign and one beside would make no $E_1$ at all), and its constant is 0. The same for $t_1=0$. If both are not 0, adding multiples of $\varphi_0$ makes all $\varphi\in\Phi_1$ vanish on $G_2$, hence clean on $G_1$, up to $r^1$: as before all $c_j=0$ on $G_1$ (all $\lambda_j\ne0$ as before), and likewise on $G_2$. Then the equations of $\varphi_0$ say that $r^1$ is clean: one dimension too many.", _single_frequencies),
        Step("Dead units", r"A dead unit adds at most $\tfrac{2p-1}4$ at any exact fit (Cauchy-Schwarz, as in `modular-addition-fourier`): $\tfrac{205}4<\tfrac{105}2$. Adding one to a minimiser shows that the minimum grows by at most that.", _padding),
        Step("Table", _TABLE.strip(), _table),
    ),
)
