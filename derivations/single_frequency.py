"""No exact fit of modular addition at p = 5 with at most 8 units has a single frequency in each unit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import sympy
from flint import fmpq, fmpq_mat

from derivations.framework import Derivation, Step, require, require_equal
from derivations.least_width import labels, values
from slt_symbolic.closed_forms.sources import LEVINE_2026
from slt_symbolic.networks.fourier import FourierSolution

Pattern = tuple[tuple[int, ...], tuple[int, ...]]  # the line, 0 or 1, and the sign of each unit


def _square_modulo_5(k: int) -> dict[tuple[int, int], sympy.Expr]:
    """The coefficients of ``s²``, of monomials in x and y with exponents modulo 5, for a unit of frequency k."""
    a, a_bar, b, b_bar, c = sympy.symbols("a a_bar b b_bar c")
    s = {(0, 0): c, (k, 0): a / 2, (-k, 0): a_bar / 2, (0, k): b / 2, (0, -k): b_bar / 2}
    square: dict[tuple[int, int], sympy.Expr] = {}
    for (one, left), (two, right) in product(s.items(), repeat=2):
        place = (one[0] + two[0]) % 5, (one[1] + two[1]) % 5
        square[place] = sympy.expand(square.get(place, 0) + left * right)
    return square


def _coefficients() -> None:
    a, a_bar, b, b_bar, c = sympy.symbols("a a_bar b b_bar c")
    for k in (1, 2):
        square, other = _square_modulo_5(k), _square_modulo_5(3 - k)
        for place in ((k, k), (k, -k % 5)):
            require(place not in other, f"the other frequency has no monomial {place}")
        require_equal((square[k, k], square[k, -k % 5]), (a * b / 2, a * b_bar / 2), f"x^k y^k and x^k / y^k at k={k}")
    require_equal((_square_modulo_5(1)[2, 0], _square_modulo_5(2)[2, 0]), (a**2 / 4, a * c), "x²")
    require_equal((_square_modulo_5(1)[4, 0], _square_modulo_5(2)[4, 0]), (a_bar * c, a**2 / 4), "1/x, as 4 = -1")
    solution = FourierSolution(5)
    require_equal(solution.values().ravel().tolist(), labels(5), "nine units of a single frequency each do fit")


def _sizes_of_groups() -> None:
    cases = {(n_1, n_2) for n_1, n_2 in product(range(3, 9), repeat=2) if n_1 + n_2 <= 8}
    require_equal(cases, {(3, 3), (3, 4), (4, 3), (3, 5), (5, 3), (4, 4)}, "the sizes of the groups")


def _one_line() -> None:
    a, a_bar, kappa, kappa_bar, lam = sympy.symbols("a a_bar kappa kappa_bar lam", nonzero=True)
    b, b_bar, z = kappa_bar * lam / a_bar, kappa * lam / a, a / a_bar
    require_equal(sympy.simplify(a * b_bar - kappa * lam), 0, "A B'")
    require_equal(sympy.simplify(a * b - kappa_bar * lam * z), 0, "A B")
    require_equal(sympy.simplify(a**2 - a * a_bar * z), 0, "A^2")
    require_equal(sympy.simplify(b**2 - kappa_bar**2 * lam**2 / (a * a_bar) * z), 0, "B^2")


def _on_the_circle(rng: random.Random) -> tuple[fmpq, fmpq]:
    t = fmpq(rng.randint(1, 40), rng.randint(41, 80))
    return (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)


def _conditions(points: list[tuple[fmpq, fmpq]], h: list[fmpq]) -> int:
    """How many independent conditions the relations of z, of h² z, and h are."""
    rows = [[x for x, _ in points], [y for _, y in points], h]
    rows += [[x * s * s for x, s in zip(row, h, strict=True)] for row in rows[:2]]
    return int(fmpq_mat(rows).rank())


def _two_lines() -> None:
    rng = random.Random(0)
    for n in (4, 5) * 20:
        first, second = (_on_the_circle(rng) for _ in range(2))
        signs = [rng.choice((1, -1)) for _ in range(n)]
        on_first = [True, *(rng.random() < Fraction(1, 2) for _ in range(n - 2)), False]
        z = [(s * x, s * y) for s, one in zip(signs, on_first, strict=True) for x, y in [first if one else second]]
        heights = fmpq(rng.randint(1, 9)), fmpq(rng.randint(10, 19))
        h = [s * heights[0 if one else 1] for s, one in zip(signs, on_first, strict=True)]
        require_equal(_conditions(z, h), 2, f"on two lines nothing more is asked of {n} units")
        points = {_on_the_circle(rng) for _ in range(40)}
        z = rng.sample(sorted(points), n)
        in_the_span = [3 * x - y for x, y in z]
        for other in (in_the_span, [fmpq(s) for s in signs], [fmpq(rng.randint(1, 9)) for _ in z]):
            require(_conditions(z, other) > 2, f"on more than two lines more is asked of {n} units")


def _patterns(n: int) -> Iterator[tuple[Pattern, int, int]]:
    """How n units lie on two lines, with the dimensions of E(C) and of what it kills.

    With ``t_j = r_j |A_j|²``: C is ``sum of σ_j t_j = 0`` on each line, and E the sum of ``t_j`` on each.
    """
    for first, signs in product(range(1, n), product((1, -1), repeat=n)):
        lines = (0,) * first + (1,) * (n - first)
        conditions = [[sign * (line == k) for line, sign in zip(lines, signs, strict=True)] for k in (0, 1)]
        sums = [[int(line == k) for line in lines] for k in (0, 1)]
        kernel = n - fmpq_mat(conditions + sums).rank()
        yield (lines, signs), n - fmpq_mat(conditions).rank() - kernel, kernel


def _has_twins(pattern: Pattern) -> bool:
    """Whether two units of a line have the same sign: then their difference is in C and makes no label."""
    units = list(zip(*pattern, strict=True))
    return len(set(units)) < len(units)


def _signs() -> None:
    onto = [(pattern, killed) for pattern, image, killed in _patterns(4) if image == 2]
    require_equal({(lines, signs[0] + signs[1], signs[2] + signs[3]) for (lines, signs), _ in onto},
                  {((0, 0, 1, 1), 0, 0)}, "(a): two opposite units on each line")
    for n, dimension in ((5, 2), (4, 1)):
        found = [(pattern, killed) for pattern, image, killed in _patterns(n) if image == dimension]
        require(found and all(killed == 1 and _has_twins(pattern) for pattern, killed in found), f"(b), (c) at n={n}")


def _proportional_units() -> None:
    c, rho, f = sympy.symbols("c rho f", nonzero=True)
    for sign in (1, -1):
        difference = sympy.expand((c / rho + f) ** 2 - (sign * c + sign * rho * f) ** 2 / rho**2)
        require_equal(difference, 0, f"two proportional units, sign {sign}, without a linear term have no constant either")


def _opposite_units() -> None:
    x, y, rho = sympy.symbols("x y rho", real=True)
    matrix = sympy.Matrix([[x, y], [-rho * y, rho * x]])  # A and rho i A as real vectors
    require_equal(sympy.expand(matrix.det()), sympy.expand(rho * (x**2 + y**2)), "A and rho i A are independent over R")


def _too_many(clean: int, units: int, where: str) -> None:
    """More clean vectors than the relations of the z of these units."""
    require(clean > units - 2, f"{where}: {clean} dimensions of clean vectors on {units} units exceed the relations")


def _three_and_three() -> None:
    _too_many(2, 3, "Phi on a group of three")
    _signs()
    _opposite_units()


def _three_and_five() -> None:
    _too_many(2, 3, "Phi on the group of three")
    require_equal(2 + 1, 5 - 2, "Phi_1 and r are as many as Lemma 2 asks for")
    _too_many(2, 5 - 2, "Phi_1 where two λ vanish")
    _proportional_units()


def _four_and_four() -> None:
    _too_many(2 + 1, 4, "Phi and r on the group of four")
    require_equal(1 + 1, 4 - 2, "r and one of Phi_1 are as many as Lemma 2 asks for")
    _proportional_units()


def _no_constants() -> None:
    _opposite_units()
    _too_many(2 + 1, 4, "Phi and r on a group of four")


def _together() -> None:
    _sizes_of_groups()
    solution = FourierSolution(5)
    units = solution.weights
    require_equal(len(units), 9, "the least width of a single-frequency fit that is known")
    w = [[int(x) for x in (*u, *v)] for u, v, _ in units]
    v = [[int(x) for x in output] for _, _, output in units]
    for left_out in range(9):
        kept = [j for j in range(9) if j != left_out]
        found = [x % solution.prime for x in values(5, [w[j] for j in kept], [v[j] for j in kept])]
        require(found != labels(5), f"unit {left_out} of it cannot be left out")


def _nine_units() -> None:
    counts = {(9 - first - second, first, second) for first in range(3, 10) for second in range(first, 10 - first)}
    empty = {(constant, first, second) for constant, first, second in counts if first == 3 and second <= 4}
    require_equal(empty, {(3, 3, 3), (2, 3, 4)}, "a group of three beside at most four")
    require_equal(counts - empty, {(1, 3, 5), (1, 4, 4), (0, 3, 6), (0, 4, 5)}, "what is left")
    require_equal(FourierSolution(5).rank, 105, "the rank at the Fourier fit, which has the counts (1, 4, 4)")


DERIVATION = Derivation(
    entry="single-frequency-fits",
    sources=(LEVINE_2026,),
    title="At p = 5 no exact fit with at most 8 units has a single frequency in each unit",
    statement=r"""Let $p=5$. No exact fit $\sum_{j\le H}V_j(u_j(a)+v_j(b))^2=\bigl([a+b=c]\bigr)_c$ for all residues $(a,b)$ and classes $c$ mod 5 with $H\le8$ has units of one frequency each, constants allowed. (With $H=9$ the Fourier fit has.)""",
    assumptions=(r"$s_j=u_j(a)+v_j(b)$, $u_j,v_j,V_j\in\mathbb R^5$; characters $x=e^{2\pi ia/5}$, $y=e^{2\pi ib/5}$",
                 r"for $H\le7$ there is no fit at all ([least-width](least-width.md)); the proof here does not use that"),
    steps=(
        Step("The equations", r"""Units that do nothing are left out. Let every other unit have one frequency,
$$s_j=c_j+\operatorname{Re}(A_jx^k+B_jy^k),\qquad j\in G_k,\quad|G_k|=n_k,\quad k=1,2,$$
with $n_0$ constant units besides. For a functional $\varphi$ of the outputs let $\varphi_j=\varphi(V_j)$, and let $E_k(\varphi)$ be what it sees of the labels at $x^ky^k$. Let $\Phi_k$ be the functionals that see $\cos\tfrac{2\pi kc}5$, $\sin\tfrac{2\pi kc}5$ only: two dimensions, which $E_k$ maps onto $\mathbb C$, the other one being 0; $\varphi_0$ sees constants only. Comparing coefficients, for every $\varphi$ and $k=1,2$, up to constant factors in $E_k$,
$$\sum_{G_k}\varphi_jA_jB_j=E_k(\varphi),\qquad\sum_{G_k}\varphi_jA_j\bar B_j=0,\qquad(1)$$
$$\sum_{G_1}\varphi_jA_j^2+4\sum_{G_2}\varphi_jc_jA_j=0,\qquad\sum_{G_2}\varphi_j\bar A_j^2+4\sum_{G_1}\varphi_jc_jA_j=0\qquad(2)$$
(as $4\equiv-1$), the same with $B$ for $A$; and the constants.""", _coefficients),
        Step("Groups, relations, clean vectors", r"""Let $M_j=(A_jB_j,A_j\bar B_j)\in\mathbb C^2$ and $N_k=\{r\in\mathbb R^{G_k}:\sum r_jM_j=0\}$. By (1) $\varphi|_{G_k}\in N_k$ if $E_k(\varphi)=0$, and $\Phi_k|_{G_k}$ has dimension 2 and meets $N_k$ in 0.

The span of the $M_j$ contains $\mathbb C\times0$ and more: else all $A_j\bar B_j=0$, and so all $A_jB_j=0$. Its dimension is 3 or 4, so $n_k\ge3$: six pairs $(n_1,n_2)$ are left, four up to the exchange of the frequencies ($x\mapsto x^2$).

Call $r\in\mathbb R^{G_k}$ *clean* if $\sum r_jA_j^2$, $\sum r_jB_j^2$, $\sum r_jc_jA_j$, $\sum r_jc_jB_j$ vanish. By (2), if $\varphi$ vanishes on one group it is clean on the other; and if it is clean on one, then on the other.""", _sizes_of_groups),
        Step("Lemma 1: three independent products", r"""*Let the span of the $M_j$ of a group of $n$ units have dimension 3. Then $A_j\bar B_j=\kappa\lambda_j$ with $\lambda_j$ real; clean vectors have at most $n-2$ dimensions; and $\lambda_j=0$ only where $M_j=0$: then $e_j\in N_k$, it is not clean, and exactly one of $A_j$, $B_j$ is 0.*

The $A_j\bar B_j$ vanish on $\Phi_k\oplus N_k$, of dimension $2+(n-3)=n-1$: they are real multiples of one number. If $\lambda_j=0$, one of $A_j,B_j$ is 0, so $M_j=0$; not both are, as the unit is not constant. Where $\lambda_j\ne0$ let $z_j=A_j/\bar A_j$. Then
$$B_j=\bar\kappa\frac{\lambda_j}{\bar A_j},\qquad A_jB_j=\bar\kappa\lambda_jz_j,\qquad A_j^2=|A_j|^2z_j,\qquad B_j^2=\bar\kappa^2\frac{\lambda_j^2}{|A_j|^2}z_j.$$
As $E_k$ is onto, the $z_j$ are not all parallel: $\sum r_jA_j^2=0$ is two independent real conditions.""", _one_line),
        Step("Lemma 2: two lines", r"""*Let all $\lambda_j\ne0$, and let $C\subset\Phi_k\oplus N_k$ be clean of dimension $n-2$. Then the $z_j$ lie on two lines, $z_j=\sigma_j\zeta$ with $\sigma_j=\pm1$ on each. On a line $h_j=\lambda_j/|A_j|^2$ is $\sigma_j$ times a constant, $|B_j|/|A_j|$ is constant, and*
$$C=\bigoplus_{\text{lines}}\{r:\sum\sigma_jr_j|A_j|^2=0\},\qquad\sum r_jA_jB_j=\sum_{\text{lines}}\mathrm{const}\cdot\zeta\sum r_j|A_j|^2.$$
Let $P\subset\mathbb R^n$ be the span of $\operatorname{Re}z$, $\operatorname{Im}z$. Both $\{r_j|A_j|^2\}$ and $\{r_j\lambda_j^2/|A_j|^2\}$, $r\in C$, consist of relations of $z$, and by dimension the first are all of them: $h^2P^\perp\subset P^\perp$, so $h^2P\subset P$. By (1) $\sum r_j\lambda_j=0$ on $C$, so $h\in P$. By Cayley and Hamilton $q(h^2)h=0$ with $\deg q\le2$, and no $h_j$ is 0: $h^2$ takes at most two values.

If two, the parts of $h$ on either set are in $P$ and span it, so on either set $z_j$ is $h_j$ times a constant; as $|z_j|=1$, it is $\pm\zeta$. If one, $h_j=\operatorname{Re}(\bar wz_j)=\pm|h|$ with $|z_j|=1$ allows four points on two lines, and $h_j$ is $\sigma_j$ times a constant on each.

Checked at 40 random configurations in rational numbers: on two lines the five conditions of $C$ have rank 2, on more lines always more.""", _two_lines),
        Step("Lemma 3: signs", r"""*In Lemma 2, (a) if $n=4$ and $E_k(C)=\mathbb C$, each line has two units, with opposite signs. (b) If $n=5$ and $E_k(C)=\mathbb C$, or (c) $n=4$ and $E_k(C)$ is a line, what makes no label, $\{r\in C:\sum r_jA_jB_j=0\}$, is spanned by one vector that lives on two units of a line with the same sign.*

On each line $\sum\sigma_jt_j=0$ for $t_j=r_j|A_j|^2$, and the label made is a multiple of $\zeta\sum t_j$: it is 0 unless the line has both signs. All distributions of four and of five units over two lines, with all signs, are gone through.""", _signs),
        Step("Lemma 4: proportional units", r"""*Two units of a line with the same sign are proportional up to constants, $s_1=c_1+f$, $s_2=c_2\pm\rho f$. If $r=(1,-\rho^{-2})$ on them is clean, $r_1s_1^2+r_2s_2^2$ has no constant term.*

$A_2=\pm\rho A_1$, and $B_j=\bar\kappa h_jA_j$ with the same $h$. $\sum r_jc_jA_j=0$ says $c_1=\pm c_2/\rho$; the constant is $c_1^2-c_2^2/\rho^2=0$.""", _proportional_units),
        Step("Lemma 5: opposite units", r"""*In case (a) of Lemma 3 all $c_j=0$.*

On a line $z_2=-z_1$, so $A_2=\pm\rho iA_1$, which is independent of $A_1$ over $\mathbb R$. The vector $(r_1,r_2)$ of $C$ on this line has $r_1,r_2\ne0$ and is clean: $r_1c_1A_1+r_2c_2A_2=0$.""", _opposite_units),
        Step("A group of three beside at most four", r"""Let $n_2=3$. Then $N_2=0$, the $M_j$ of $G_2$ are independent, and $\Phi_2$ cannot be clean on $G_2$: two dimensions, where Lemma 1 allows one. Moreover $\Phi_1$ and $\varphi_0$ vanish on $G_2$, so on $G_1$ they are clean, and $\varphi_0|_{G_1}\in N_1$.

(i) If $N_1=0$ ($n_1=3$, or $n_1=4$ with independent $M_j$), $\Phi_2$ vanishes on $G_1$ and is clean on $G_2$. A contradiction.

(ii) Else $n_1=4$ and $N_1$ is a line. If $\varphi_0|_{G_1}\ne0$, it spans $N_1$: all of $N_1$ is clean, $\Phi_2|_{G_1}\subset N_1$ is, and so $\Phi_2$ is clean on $G_2$. A contradiction.

(iii) Else $\Phi_1$ is clean of dimension $2=n_1-2$. All $\lambda_j\ne0$: else $e_j$ spans $N_1$, and as one of $A_j,B_j$ is 0, $\Phi_1$ satisfies the relation of the other three $z$; it has two dimensions there, as it does not contain $e_j$, and the relations have one. By Lemmas 3(a) and 5 all $c_j=0$ on $G_1$. By (2) $\sum_{G_2}\varphi_jA_j^2=\sum_{G_2}\varphi_jB_j^2=0$ on $\Phi_2$: two dimensions, where the relations of three $z$ have one. A contradiction.""", _three_and_three),
        Step("A group of three beside five", r"""Let $n_2=3$, $n_1=5$, $n_0=0$. As before $\Phi_2$ cannot be clean on $G_2$, and $\Phi_1$ and $r=\varphi_0|_{G_1}\in N_1$ are clean. $r\ne0$: all of the constant of the labels is made on $G_1$.

(i) If $N_1=\mathbb Rr$, it is clean, and so is $\Phi_2$ on $G_2$. A contradiction. Else the dimension is 3, that of $N_1$ is 2, and $\Phi_1\oplus\mathbb Rr$ is clean of dimension $3=n_1-2$.

(ii) If all $\lambda_j\ne0$, $r$ makes no label, so by Lemma 3(b) it lives on two units of a line with the same sign, and by Lemma 4 it makes no constant. A contradiction.

(iii) If one $\lambda_j=0$, the other four $z$ have two dimensions of relations, with $A$ or with $B$. So some vector of $\Phi_1\oplus\mathbb Rr$ is a multiple of $e_j\in N_1$; it is in $N_1\cap(\Phi_1\oplus\mathbb Rr)=\mathbb Rr$, but $e_j$ is not clean. A contradiction.

(iv) If $\lambda_i=\lambda_j=0$, $e_i,e_j$ span $N_1\ni r$. As $r$ is clean and $e_i,e_j$ are not, $r_i,r_j\ne0$, and $B_i=B_j=0$ or $A_i=A_j=0$. Then $\Phi_1$ satisfies the relations of the other three $z$: two dimensions instead of one. A contradiction.""", _three_and_five),
        Step("Four and four: one group makes the constant", r"""Let $n_1=n_2=4$, $n_0=0$. If $N_2=0$, $\Phi_1\oplus\mathbb R\varphi_0|_{G_1}$ is clean: three dimensions, one too many for Lemma 1 (which applies, as $0\ne\varphi_0|_{G_1}\in N_1$). So both $N_k=\mathbb Rr^k$ are lines, and $\varphi_0=(t_1r^1,t_2r^2)$.

Let $t_2=0$ (or, the same, $t_1=0$). Then $r^1$ is clean. As $\Phi_1|_{G_2}\subset N_2$ is at most a line, some $\varphi\in\Phi_1$, $\varphi\ne0$, vanishes on $G_2$, so it is clean: $C$ is spanned by $r^1$ and $\varphi$. All $\lambda_j\ne0$, else $e_j$ spans $N_1$ and is clean. $E_1(C)$ is a line, so by Lemma 3(c) $r^1$ lives on two units of a line with the same sign, and by Lemma 4 it makes no constant. But all of the constant is made on $G_1$. A contradiction.""", _four_and_four),
        Step("Four and four: both make it", r"""Let $t_1,t_2\ne0$. Adding a multiple of $\varphi_0$ to each $\varphi\in\Phi_1$ makes it vanish on $G_2$, hence clean on $G_1$: a clean space $C\subset\Phi_1\oplus N_1$ of dimension 2 with $E_1(C)=\mathbb C$. All $\lambda_j\ne0$: else $e_j$ spans $N_1$, and $C$, which does not contain it, satisfies the relation of the other three $z$. By Lemmas 3(a) and 5 all $c_j=0$ on $G_1$, and likewise on $G_2$. Now (2) for $\varphi_0$ says that $r^1$ is clean: $C\oplus\mathbb Rr^1$ has one dimension too many for Lemma 1. A contradiction.""", _no_constants),
        Step("Together", r"The sizes $(3,3)$, $(4,3)$, $(5,3)$, $(4,4)$ are impossible, with $n_0\le2$, $\le1$, $0$, $0$ constant units. Nine units do fit: the Fourier fit ([modular-addition-fourier](modular-addition-fourier.md)), of which no unit can be left out.", _together),
        Step("Nine units", r"""The step on a group of three beside at most four does not count constant units. So of the six ways in which nine units may be constant, of frequency 1 or of frequency 2, up to the exchange of the frequencies, two have no fit, and O6 at $(p,H)=(5,9)$ is about the other four:

| constant, frequency 1, frequency 2 | |
|---|---|
| 3, 3, 3 and 2, 3, 4 | no fit |
| 1, 4, 4 | the Fourier fit, of rank 105; the least rank is not known |
| 1, 3, 5 | fits only numerically; the least rank is not known |
| 0, 3, 6 | fits only numerically; the least rank is not known |
| 0, 4, 5 | fits only numerically; the least rank is not known |

A search from random starts (`tests/derivations/test_single_frequency_search.py`; double precision, no proof) finds fits of all four kinds in a third of the starts or more, with residuals below $10^{-10}$ and numerical ranks from 104 on: 105 to 109 for 1, 4, 4; 104 to 108 for 1, 3, 5; 105 to 108 for 0, 3, 6; 104 to 109 for 0, 4, 5. So $\tfrac{105}2$ is not their least, and the rank 103 that O6 would follow from is neither proved nor refuted.

The obstacles. 1, 4, 4 and 1, 3, 5: a constant unit makes the constant of the labels, so neither group needs a clean vector for it, and the steps on four and four and on three and five end. 0, 3, 6: there $\Phi_1$ and $\varphi_0$ are clean on the group of six, three dimensions, where Lemma 1 allows four. 0, 4, 5: the relations of five products may have two dimensions, and Lemma 2 needs clean vectors of dimension $n-2=3$, where only two are forced. In each case fits exist, so an argument would have to bound how much the relations of a fit may degenerate; and the fits of a kind are no orbit of one of them: their ranks differ.""", _nine_units),
    ),
)
