"""What certificates say about the open questions O6, O62, O63, O64 on quadratic networks and modular addition."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import sympy
from flint import arb, fmpq, fmpq_mat, nmod_mat

from derivations import modular_addition_fourier
from derivations.framework import Derivation, Step, require, require_equal
from derivations.least_width import labels, mixed_frequencies, values
from derivations.modular_addition import jacobian
from derivations.narrow_fits import family, modulo, prime_above, primitive_roots, width_eight, width_four
from slt_symbolic import closed_form
from slt_symbolic.networks.data import all_pairs


def _width_four() -> None:
    w, v = width_four()
    require_equal(values(3, w, v), labels(3), "the fit of width 4")
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


def _width_eight_family() -> None:
    prime = prime_above(2**30)
    root, pairs = primitive_roots(prime)[0], all_pairs(5, centred=False)
    closed = nmod_mat([[int(x) for x in row] for row in jacobian(pairs, *width_eight(*modulo(prime, root)))], prime)
    require_equal(closed.rank(), 98, "rank modulo a prime")
    units, conditions = family(prime, root)
    require_equal([x.value for x in conditions], [0, 0], "the conditions at the point")
    w = [[x.value for x in (*u, *v)] for u, v, _ in units]
    v = [[x.value for x in output] for _, _, output in units]
    require_equal([x % prime for x in values(5, w, v)], labels(5), "the family contains the fit")
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


def _one_line() -> None:
    a, a_bar, kappa, kappa_bar, lam = sympy.symbols("a a_bar kappa kappa_bar lam", nonzero=True)
    b, b_bar, z = kappa_bar * lam / a_bar, kappa * lam / a, a / a_bar
    require_equal(sympy.simplify(a * b_bar - kappa * lam), 0, "A B'")
    require_equal(sympy.simplify(a * b - kappa_bar * lam * z), 0, "A B")
    require_equal(sympy.simplify(a**2 - a * a_bar * z), 0, "A^2")
    require_equal(sympy.simplify(b**2 - kappa_bar**2 * lam**2 / (a * a_bar) * z), 0, "B^2")


def _proportional_units() -> None:
    c, rho, f = sympy.symbols("c rho f", nonzero=True)
    for sign in (1, -1):
        difference = sympy.expand((c / rho + f) ** 2 - (sign * c + sign * rho * f) ** 2 / rho**2)
        require_equal(difference, 0, "two proportional units without a linear term have no constant either")


def _sizes_of_groups() -> None:
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
                  ["O62", "O63(a)", "O63(b)", "O64", "O6"], "a row for each question")
    require(8 < 2 * 5 - 1 == 9, "the width of the mixed fit is below the range of O6, O63(b) and O64")


_TABLE = r"""
| question, with its range | what is proved or certified here | prior claims, unrefereed |
|---|---|---|
| **O62**: the least width $H_{\min}(p)$ of an exact fit | $\tfrac{3p+1}2\le H_{\min}(p)\le2p-1$ for odd $p\ge5$, $H_{\min}(3)=4$, $H_{\min}(5)=8$ (proved: `least-width`) | $H_{\min}(p)\ge\tfrac{3p-1}2$, $H_{\min}(3)=4$ ([MAIS issue 2](https://github.com/lionellevine/MAIS/issues/2)) |
| **O63(a)**: $\lambda,m$ at $w^F$ with dead units up to width $H\ge2p-1$ | $\tfrac12(6p^2-10p+5-2[3\mid p])$, $m=1$ without; one dead unit adds exactly $\tfrac{2p-1}4$ for $p\ge5$ ($m=1$ for $p\ge7$; at $p=5$ certified, $m$ open), two add twice that for $p=9,11,13$ (certified; $m=1$ at $p=13$, else open); at $p=3$ the value is $\tfrac{27}2$ for every $H\ge5$; otherwise a bracket (`slt at modular-addition-fourier p=.. units=..`) | |
| **O63(b)**: the least $\lambda$ over $W_0(p,H)$, $\lvert w\rvert\le R$, $R\ge R_p$, $H\ge2p-1$ | not attained at $w^F$ at $(p,H)=(5,9)$: it is at most $49+\tfrac94=\tfrac{205}4$, where $w^F$ has $\tfrac{105}2$ (certified) | $\tfrac{205}4$, numerically ([issue 21](https://github.com/lionellevine/MAIS/issues/21)) |
| **O64**: for $R\ge R_p$, $H\ge2p-1$ and as long as the sum is at most $\tfrac{p^3}2$, that minimum grows by exactly $\tfrac{2p-1}4$ per unit | open; it grows by at most $\tfrac{2p-1}4$ from $H$ to $H+1$ (proved). At $p=3$ nothing is asserted if every exact fit of width $H\ge5$ has rank at least 25, which is not proved | |
| **O6**: for $H\ge2p-1$, every minimiser of $\lambda$ over the fits in the ball of radius $R_p$ has active units of a single frequency each | open at $(p,H)=(5,9)$, the first case that says something: $\lambda_{\min}\le\tfrac{205}4$. Below its range, at $(5,8)$, there is a fit with two frequencies in three units, $\lambda=49$, $m=1$, in the ball, and no fit with single frequencies only (proved): that refutes nothing | a numerical counterexample at $(5,9)$ with $\tfrac{105}2$ as the bound for single frequencies (issue 21); no proof of that bound is known. The conclusion would follow from rank at least 103 at all single-frequency fits of width 9 |
"""


DERIVATION = Derivation(
    entry="open-questions",
    title="What certificates say about the open questions O6, O62, O63, O64",
    statement=r"Questions posed about quadratic networks (L. Levine, *Math for AI Safety*, [agenda A6](https://github.com/lionellevine/MAIS), 2026): $W_0(p,H)$ are the exact fits of width $H$, $w^F$ is the Fourier fit and $R_p=1+\lvert w^F\rvert$. The last step has the table of what is known, with the range of each question.",
    assumptions=(r"$f(a,b)=\sum_jV_j(u_j(a)+v_j(b))^2$, labels $a+b$ mod $p$, all pairs, not centred",),
    instances=r"The table says what is proved for all $p$, and what is certified at $p=3$ and $p=5$.",
    steps=(
        Step("Width 4 at p = 3", r"$s_j=\cos(a+j)+\cos(b+j)-\tfrac14$ in thirds of a turn, $j=0,1,2$, with outputs $\tfrac23e_j-\tfrac29$, and a constant unit with $\tfrac13$. The rank is 26. The three units alone, with outputs of sum 0, map 21 parameters "
             r"(shifts left out) onto the 16 equations without constants: fits of dimension 5; with one scaling and 4 shifts 10 of 36: $\lambda=13$, $m=1$. It is in the ball.", _width_four),
        Step("Width 8 at p = 5: its coefficient", r"The fit is that of the derivation of `least-width`. Its rank is at least 98 (modulo a prime). The fit is in a family: $\alpha,\beta,\gamma,\delta\in\mathbb C$ with two conditions that make $m$ and $n$ real, $y_1$, $y_2$, and scalings and shifts; it consists of fits, as $\sum_iw_iy_i^k=0,0,1,y_1+y_2+y_3$ for $k=0..3$ "
             r"($w_i=\prod_{j\ne i}\tfrac1{y_i-y_j}$) makes $P(R^2+mS)+Q(S^2+nR)$ of the mixed units, up to constants, and $b^2=B_R^2+2mB_S$ is the reality of $m$, so that the other units cancel the rest. Its tangent vectors, computed with derivatives modulo "
             r"the prime, span 22 dimensions. $120-22=98$: $\lambda=49$, $m=1$.", _width_eight_family),
        Step("It is in the ball", r"With its units scaled the fit has $|w|^2<36$, and $R_p^2>|w^F|^2>\tfrac{85}2$.", _width_eight_is_small),
        Step("Two frequencies", "The Fourier coefficients of the three mixed units at both frequencies are not zero (ball arithmetic).", mixed_frequencies),
        Step("No single-frequency fit has at most 8 units at p = 5: the equations", r"""Units that do nothing are left out. Let every unit have one frequency: $s_j=c_j+\operatorname{Re}(A_jx^k+B_jy^k)$ for $n_k$ units $j\in G_k$, $k=1,2$, and $n_0$ constant units. For a functional $\varphi$ of the outputs let $\varphi_j=\varphi(V_j)$. $\Phi_k$ are those that see $\cos kc$, $\sin kc$ only (2 dimensions), $\varphi_0$ sees constants only. Comparing coefficients, for every $\varphi$ and each $k$,
$$\sum_{G_k}\varphi_jA_jB_j=\varphi(E_k),\qquad\sum_{G_k}\varphi_jA_j\bar B_j=0,$$
where $E_k$ is onto $\mathbb C$ on $\Phi_k$ and 0 on the others;
$$\sum_{G_1}\varphi_jA_j^2+4\sum_{G_2}\varphi_jc_jA_j=0,\qquad\sum_{G_2}\varphi_j\bar A_j^2+4\sum_{G_1}\varphi_jc_jA_j=0$$
(as $4\equiv-1$), the same with $B$; and the constants. Let $M_j=(A_jB_j,A_j\bar B_j)$ and $N_k=\{r\in\mathbb R^{G_k}:\sum r_jM_j=0\}$: $\varphi|_{G_k}\in N_k$ unless $\varphi$ sees $E_k$. The span of the $M_j$ contains $\mathbb C\times0$ and more, else all $A_j\bar B_j=0$ and so all $A_jB_j=0$: its dimension is 3 or 4, and $n_k\ge3$. Call $r\in\mathbb R^{G_k}$ *clean* if $\sum r_jA_j^2$, $\sum r_jB_j^2$, $\sum r_jc_jA_j$, $\sum r_jc_jB_j$ vanish.""", _sizes_of_groups),
        Step("Lemma (i): three independent products", r"""*If the dimension is 3*, the $A_j\bar B_j$ vanish on the $n_k-1$ dimensions $\Phi_k\oplus N_k$: $A_j\bar B_j=\kappa\lambda_j$, $\lambda_j$ real. Where $\lambda_j\ne0$ let $z_j=A_j/\bar A_j$: $B_j=\bar\kappa\lambda_j/\bar A_j$, $A_jB_j=\bar\kappa\lambda_jz_j$, $A_j^2=|A_j|^2z_j$, and $B_j^2$ is a multiple, the same for all $j$, of $\lambda_j^2|A_j|^{-2}z_j$. The $z_j$ are not all parallel ($E_k$ is onto), so their real relations have dimension $n_k-2$, and clean vectors at most that. ($\lambda_j=0$ only where $M_j=0$.) If $M_j=0$, then $e_j\in N_k$, one of $A_j,B_j$ is not 0 (the unit is not constant), and $e_j$ is not clean.""", _one_line),
        Step("Lemma (ii): two lines", r"""*If all $\lambda_j\ne0$ and a space $C\subset\Phi_k\oplus N_k$ of clean vectors has dimension $n_k-2$*, let $P$ be the span of $\operatorname{Re}z,\operatorname{Im}z$ and $h_j=\lambda_j/|A_j|^2$. Both $\{r_j|A_j|^2\}$ and $\{r_j\lambda_j^2/|A_j|^2\}$, $r\in C$, are all relations of $z$, so $h^2P\subset P$; and $\sum r_j\lambda_j=0$ on $C$ says $h\in P$. By Cayley-Hamilton $q(h^2)h=0$ with $\deg q\le2$, and no $h_j$ is 0: $h^2$ takes at most two values. If two, $P$ is spanned by $h$ on either set, so the $z_j$ are on two lines; if one, $h_j=\operatorname{Re}(\bar wz_j)=\pm|h|$ with $|z_j|=1$ puts them on two lines as well. So $z_j=\sigma_j\zeta$ on two lines, and on each $h_j$ is $\sigma_j$ times a constant and $|B_j|^2/|A_j|^2$ is constant; $C$ is the sum over the lines of the $r$ with $\sum\sigma_jr_j|A_j|^2=0$, and $\sum r_jA_jB_j$ is the sum of multiples of $\zeta\sum r_j|A_j|^2$. Two units of a line with the same $\sigma$ are proportional up to constants, $s_1=c_1+f$, $s_2=c_2\pm\rho f$; if $r=(1,-\rho^{-2})$ is clean, $c_1=\pm c_2/\rho$ and the constant $c_1^2-c_2^2/\rho^2$ is 0.""", _proportional_units),
        Step("A group of three beside at most four", r"""If a group has three units, let it be $G_2$. If $n_2=3$, $N_2=0$, and $\Phi_2$ cannot be clean: 2 dimensions where relations have 1. Also $\Phi_0\oplus\Phi_1$ vanishes on $G_2$, so $\Phi_1$ and $\varphi_0|_{G_1}\in N_1$ are clean. $n_1=3$: $N_1=0$, $\Phi_2$ is clean. $n_1=4$, $n_0\le1$: if $\varphi_0|_{G_1}\ne0$ or $N_1=0$, all of $N_1$ is clean and so is $\Phi_2$. Else $N_1$ is a line; $\Phi_1$ is clean of dimension $n_1-2$ (and all $\lambda_j\ne0$: else $e_j$ spans $N_1$, and one of $A_j,B_j$ is 0, so $\Phi_1$ satisfies a relation of the other three $z$, 2 dimensions instead of 1). By (ii) and as $E_1$ is onto, each line has two units with opposite $\sigma$, $\sum r_jc_jA_j=0$ for independent $A_1,A_2=\pm\rho iA_1$: all $c_j=0$ on $G_1$, so $\sum_{G_2}\varphi_jA_j^2=\sum_{G_2}\varphi_jB_j^2=0$ on $\Phi_2$, 2 dimensions where the relations of three $z$ have 1.""", _sizes_of_groups),
        Step("A group of three beside five", r"""$n_1=5$, $n_0=0$: $\varphi_0|_{G_1}=r\ne0$ is clean. If $N_1=\mathbb Rr$, $\Phi_2$ is clean. Else the dimension is 3 and $\Phi_1\oplus\mathbb Rr$ is clean of dimension $n_1-2$. If all $\lambda_j\ne0$, (ii): both lines contribute to $E_1$, so they have 3 and 2 units, with both signs; $r$ makes no $E_1$, so it is a multiple of $(1,-\rho^{-2})$ on two units with the same sign, and its constant is 0 instead of $\tfrac15$. If one $\lambda_j=0$, the other four $z$ have 2 dimensions of relations, with $A$ or $B$: a combination of $r$ and $\Phi_1$ is a multiple of $e_j$, in $N_1$, so $r\parallel e_j$, not clean. If two are 0, $N_1$ is spanned by the two $e_j$, and $r$ is not clean, or both have $B_j=0$ (or $A_j=0$) and the other three $z$ have 2 dimensions of relations on $\Phi_1$.""", _proportional_units),
        Step("Four and four", r"""Here $n_0=0$. If $N_2=0$, $\Phi_1\oplus\mathbb R\varphi_0|_{G_1}$ is clean, one dimension too many. So both $N_k=\mathbb Rr^k$ are lines and $\varphi_0=(t_1r^1,t_2r^2)$. If $t_2=0$, $r^1$ is clean and so is a $\varphi\in\Phi_1$ with $\varphi|_{G_2}=0$: dimension 2; all $\lambda_j\ne0$; $\varphi$ makes some $E_1$, $r^1$ none, so (ii) a line has two units with the same sign that carry it (three of the same sign and one beside would make no $E_1$ at all), and its constant is 0. The same for $t_1=0$. If both are not 0, adding multiples of $\varphi_0$ makes all $\varphi\in\Phi_1$ vanish on $G_2$, hence clean on $G_1$, up to $r^1$: as before all $c_j=0$ on $G_1$ (all $\lambda_j\ne0$ as before), and likewise on $G_2$. Then the equations of $\varphi_0$ say that $r^1$ is clean: one dimension too many.""", _sizes_of_groups),
        Step("Dead units", r"A dead unit adds at most $\tfrac{2p-1}4$ at any exact fit (Cauchy-Schwarz, as in `modular-addition-fourier`): $\tfrac{205}4<\tfrac{105}2$. Adding one to a minimiser shows that the minimum grows by at most that.", _padding),
        Step("Table", _TABLE.strip(), _table),
    ),
)
