"""The Fourier solution of modular addition under cross-entropy: what softmax does not see, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from flint import nmod_mat
from sympy import QQ_I
from sympy.polys.matrices import DomainMatrix

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form
from slt_symbolic.closed_forms.sources import F_PURITY
from slt_symbolic.networks.fourier import FourierSolution
from slt_symbolic.networks.fourier_dead_units import axis_functional, image_rows, summands
from slt_symbolic.networks.softmax_dead_units import (
    initial_monomials_under_softmax,
    is_f_pure_under_softmax,
    matrix_modulo_five,
)
from slt_symbolic.search.proofs.newton import monomial_threshold


def _information() -> None:
    q = sympy.symbols("q1:4", positive=True)
    hessian = sympy.Matrix(3, 3, lambda i, j: (q[i] if i == j else 0) - q[i] * q[j])
    one = sympy.ones(3, 1)
    require_equal(sympy.simplify((hessian * one).subs(q[2], 1 - q[0] - q[1])), sympy.zeros(3, 1), "constants are not seen")
    minor = sympy.factor(hessian[:2, :2].det().subs(q[2], 1 - q[0] - q[1]))
    require_equal(sympy.expand(minor - q[0] * q[1] * (1 - q[0] - q[1])), 0, "all else is, as long as no q is 0")


def _matrix(p: int, rows: Sequence[Mapping[tuple[int, int], Any]]) -> list[list[Any]]:
    return [[row.get((a, b), QQ_I.zero) for a in range(p) for b in range(p)] for row in rows]


def _dimension(rows: list[list[Any]]) -> int:
    return int(DomainMatrix(rows, (len(rows), len(rows[0])), QQ_I).rank())


def _image() -> None:
    for p in (3, 5, 7):
        blocks = [_matrix(p, list(image_rows(p, k, eps))) for k, eps in summands(p) if k]
        axes = [{(j, 0): QQ_I.one} for j in range(p)] + [{(0, j): QQ_I.one} for j in range(1, p)]
        count, width = len(blocks), p * p
        total = [[QQ_I.zero] * (width * i) + row + [QQ_I.zero] * (width * (count - 1 - i))
                 for i, block in enumerate(blocks) for row in block]
        total += [row * count for row in _matrix(p, axes)]  # V_0 is minus the sum of the others times 2/p
        alone = sum(_dimension(block) for block in blocks)
        expected = (p - 1) * (6 * p - 8) - (2 if p % 3 == 0 else 0)
        require_equal(alone, expected, f"the blocks at p={p}")
        require_equal(_dimension(total) - alone, 0 if p == 3 else 2 * p - 2, f"what the constant unit adds at p={p}")


def _functionals() -> None:
    for p in (7, 9, 11, 13):
        for k, eps in summands(p)[1:]:
            rows = list(image_rows(p, k, eps))
            for i in set(range(1, p)) - {k, p - k, 2 * k % p, -2 * k % p}:
                functional = axis_functional(p, k, eps, i)
                swapped = {(b, a): value for (a, b), value in functional.items()}
                for one in (functional, swapped):
                    require(not any(sum((one[x] * value for x, value in row.items() if x in one), QQ_I.zero) for row in rows),
                            f"the functional vanishes at p={p}, k={k}, i={i}")
                    require_equal(sum(0 in monomial for monomial in one), 1, f"the functional sees one monomial of an axis at p={p}, k={k}, i={i}")
    for p in range(7, 200, 2):
        for i in range(1, p):
            half = i * (p + 1) // 2 % p
            left = set(range(1, (p + 1) // 2)) - {min(x, p - x) for x in (i, half)}
            require(left, f"a frequency that leaves x^{i} alone at p={p}")


def _rank(p: int) -> int:
    """The count of the steps: blocks and the constant unit."""
    return 18 if p == 3 else (p - 1) * (6 * p - 8) - (2 if p % 3 == 0 else 0) + 2 * p - 2


def _from_below() -> None:
    for p in (3, 5, 7, 9):
        solution = FourierSolution(p)
        outputs = solution.jacobian.reshape(solution.parameters, p * p, p)
        seen = (outputs[:, :, :-1] - outputs[:, :, -1:]) % solution.prime
        require_equal(solution.rank_of(seen.reshape(solution.parameters, -1)), _rank(p), f"rank modulo a prime at p={p}")


def _families() -> None:
    for p in (3, 5, 7, 9):
        solution = FourierSolution(p)
        constants = np.zeros((2 * p - 1, 2 * p - 1, 3, p), dtype=np.int64)
        for unit in range(2 * p - 1):
            constants[unit, unit, 2] = 1
        tangents = np.concatenate([solution.tangents(centred=False), constants.reshape(2 * p - 1, -1)])
        require_equal(solution.rank_of(tangents), 9 * p - 6, f"independent directions at p={p}")
        outputs = solution.jacobian.reshape(solution.parameters, p * p, p)
        seen = ((outputs[:, :, :-1] - outputs[:, :, -1:]) % solution.prime).reshape(solution.parameters, -1)
        product = (nmod_mat(*tangents.shape, tangents.ravel().tolist(), solution.prime)
                   * nmod_mat(*seen.shape, seen.ravel().tolist(), solution.prime))
        require_equal(product.rank(), 0, f"they are in the kernel at p={p}")
    for p in range(5, 60, 2):
        directions = 9 * p - 6 + (2 if p % 3 == 0 else 0)
        require_equal(3 * p * (2 * p - 1) - directions, _rank(p), f"the codimension at p={p}")


def _at_most() -> None:
    for p in range(3, 200, 2):
        require(Fraction(p - 1, 2) < Fraction(2 * p - 1, 4), f"V = 0 is met before s = 0 at p={p}")


def _at_least() -> None:
    for p in (7, 9, 11):
        monomials = initial_monomials_under_softmax(p)
        require_equal(monomial_threshold(monomials)[0], Fraction(p - 1, 2), f"Howald at p={p}")
        totals = [Fraction(sum(column), (p - 3) * (p - 5)) for column in zip(*monomials, strict=True)]
        require_equal(totals, [1] * (p - 1) + [0] + [1] * (2 * p - 2), f"equal masses: V, c, u and v at p={p}")
        require_equal(Fraction(len(monomials), (p - 3) * (p - 5)), p - 1, f"the sum of all masses at p={p}")


def _charts() -> None:
    for p in (7, 9):
        for chart in range(p - 1):
            threshold, _ = monomial_threshold(initial_monomials_under_softmax(p, chart))
            require(threshold > Fraction(p - 1, 2), f"the threshold in chart {chart} at p={p}")
    for p in range(7, 200, 2):
        classes = range(1, (p + 1) // 2)
        for b in classes:
            require(any(i not in (k, min(2 * k, p - 2 * k), b) for k in classes if k != b for i in classes),
                    f"k and i for the class of {b} at p={p}")


def _five() -> None:
    require_equal(len(matrix_modulo_five()), 125 - 25 - _rank(5), "equations that are left at p = 5, also modulo 5")
    require(is_f_pure_under_softmax(), "a number of points that 5 does not divide")
    solution, rng = FourierSolution(5), np.random.default_rng(0)
    s = np.add.outer(rng.integers(solution.prime, size=5), rng.integers(solution.prime, size=5)).ravel() % solution.prime
    own = (s * s % solution.prime)[None, :, None] * np.eye(5, dtype=np.int64)[:, None, :]
    outputs = np.concatenate([solution.jacobian.reshape(solution.parameters, 25, 5), own])
    seen = (outputs[:, :, :-1] - outputs[:, :, -1:]) % solution.prime
    require_equal(solution.rank_of(seen.reshape(len(seen), -1)), 100, "all equations, with one unit at V = 0 and random weights")


def _compare() -> None:
    entry = closed_form("modular-addition-fourier-softmax")
    for p in range(3, 40, 2):
        for dead in (0, 1):
            added = 0 if p == 3 else Fraction(dead * (p - 1), 2)
            sizes = entry.check(p=p, units=2 * p - 1 + dead)
            require_equal(entry.formula(sizes), (Fraction(_rank(p), 2) + added, 1), f"p={p}, dead units: {dead}")
    for dead in (1, 2, 9):
        require_equal((entry.at(p=5, units=9 + dead).lambda_, entry.at(p=5, units=9 + dead).multiplicity), (50, None),
                      f"lambda without m at p=5, dead units: {dead}")


DERIVATION = Derivation(
    entry="modular-addition-fourier-softmax",
    sources=F_PURITY,
    statement=r"""Let $p\ge3$ be odd, $0<\beta<\infty$, and let the truth at each of the $p^2$ pairs $(a,b)$ be $\operatorname{softmax}(\beta\delta)$, $\delta_c=[a+b=c]$ the label as a vector over the classes $c$. At the Fourier solution with outputs times $\beta$
$$\lambda=3(p-1)^2-[3\mid p]\quad(p\ge5),\qquad\lambda=9\quad(p=3),\qquad m=1.$$
This is the first part of question O65 (L. Levine, [agenda A6](https://github.com/lionellevine/MAIS), 2026). One dead unit adds exactly $\tfrac{p-1}2$ for $p\ge7$, and $m=1$ still. At $p=5$ one or more add 2 together, and at $p=3$ they add nothing.""",
    assumptions=(r"logits $f(a,b)=\sum_jV_j(u_j(a)+v_j(b))^2$, $2p-1$ units, inputs uniform on all $p^2$ pairs",
                 "notation of the derivation of [modular-addition-fourier](modular-addition-fourier.md): characters $x,y$ of $a,b$; $A$, the functions "
                 r"$\alpha(a)+\beta(b)$; $L$, the span of the squares; $T_{k,\varepsilon}=L+G_{k,\varepsilon}$"),
    steps=(
        Step("What softmax sees", r"""Write $V=\beta\tilde V$: linear new coordinates, in which the logits are $\beta\tilde f$. The second derivative of $\log\sum e^{f_c}$ at a law $q$ without zeros is $\operatorname{diag}(q)-qq^\top$, whose kernel are the constants. So near the solution
$$K\asymp\sum_{a,b}\bigl|P(\tilde f(a,b)-[a+b=\cdot])\bigr|^2,$$
$P$ the projector onto outputs of sum 0. The right-hand side does not know $\beta$.""", _information),
        Step("The image modulo constants", r"""In the basis $V_0,\cos kc,\sin kc$ of the outputs the image of the Jacobian is $V_0\otimes(L+A)\oplus\bigoplus e_{k,\varepsilon}\otimes T_{k,\varepsilon}$, with $\dim T_{k,\varepsilon}=6p-8-[3k=p]$.
Modulo constants $V_0\equiv-\tfrac2p\sum e_{k,\varepsilon}$. So the image is $\bigoplus e_{k,\varepsilon}\otimes T_{k,\varepsilon}$ and the diagonal of $A$, and
$$\operatorname{rank}=(p-1)(6p-8)-2[3\mid p]+D,\qquad D=\dim A/\bigl(A\cap\textstyle\bigcap T_{k,\varepsilon}\bigr).$$
At $p=5$ elimination over $\mathbb Q(i)$ gives $D=8=2p-2$; at $p=3$ $D=0$.""", _image),
        Step("D = 2p - 2 for p >= 7", r"""For $i\notin\{0,\pm k,\pm2k\}$ the functional
$$\phi_i=[x^i]-\varepsilon\,[x^{i+k}y^k]-\varepsilon^{-1}[x^{i-k}y^{-k}]-\tfrac14\sum_{2j=\pm i}(1\mp i)[x^{\pm j}y^{\mp j}]$$
(in the last bracket $i$ is the imaginary unit) vanishes on $T_{k,\varepsilon}$, and of the monomials $x^j,y^j$ it sees $x^i$ only: the vectors that span $T_{k,\varepsilon}$ and contain one of its monomials contain two of them, with coefficients that cancel. The same with $x$ and $y$ changing places. So
an element of $A\cap\bigcap T_{k,\varepsilon}$ has no $x^i$ and no $y^i$ for which some frequency $k$ has $i\ne\pm k,\pm2k$. Of the $\tfrac{p-1}2\ge3$ frequencies at most two are excluded for given $i\ne0$. What is left are the constants, which are in $L$.""", _functionals),
        Step("From below", r"So the rank is $(p-1)(6p-8)+2p-2-2[3\mid p]=6(p-1)^2-2[3\mid p]$ for $p\ge5$, and 18, all equations, for $p=3$. Independent of the counting: the rank modulo a prime.", _from_below),
        Step("From above", r"""The exact fits of `modular-addition-fourier` have $7p-5$ dimensions, two more if $3\mid p$. Here $V_j+t_j\mathbf 1$ is another one for each unit: the other directions change the outputs of the units $j\ge1$ within sums 0, and unit 0 by its scaling, which changes $u_0+v_0$, or within sums 0; so these are independent of them. The codimension is
$$3p(2p-1)-(7p-5)-(2p-1)-2[3\mid p]=6(p-1)^2-2[3\mid p]\qquad(p\ge5),$$
the rank: $\lambda$ is half of it, $m=1$. At $p=3$ the Jacobian is onto.""", _families),
        Step("A dead unit, from above", r"""As under squared loss ([modular-addition-fourier](modular-addition-fourier.md)) a dead unit adds at most what $|V|^2|s|^4$ has, but modulo constants $V$ has $p-1$ coordinates: $\min\bigl(\tfrac{p-1}2,\tfrac{2p-1}4\bigr)=\tfrac{p-1}2$.""", _at_most),
        Step("A dead unit, from below, p >= 7", r"""Eliminate the $R$ coordinates. With $V\equiv\sum V_{k,\varepsilon}e_{k,\varepsilon}$ what is left are the $\sum V_{k,\varepsilon}\varphi_{k,\varepsilon}(s^2)$, $\varphi_{k,\varepsilon}\in T_{k,\varepsilon}^\perp$ with $\sum\varphi_{k,\varepsilon}=0$ on $A$, and terms of higher order in $V$ and $s$, with coefficients that depend on the position on the fibre. As there, half the complex threshold of these and of an initial ideal is a lower bound.
Write $s=c+\sum u_ix^i+\sum v_iy^i$. For $a,b\ne0,\pm k$ and $a\ne\pm b$ no vector that spans $T_{k,\varepsilon}$ has the monomial $x^ay^b$, and none of $A$ has: the ideal contains $V_{k,\varepsilon}u_av_b$. Give each of these $(p-1)(p-3)(p-5)$ monomials the mass $\tfrac1{(p-3)(p-5)}$: every $V_{k,\varepsilon}$ and every $u_a$, $v_b$ has total mass 1, and the sum is $p-1$. By Howald's theorem the threshold is at least that: the unit adds at least $\tfrac{p-1}2$.""", _at_least),
        Step("Multiplicity, p >= 7", r"""Blow up $V=0$ (coordinates $V_{k,\varepsilon}$), with exceptional divisor $E$: its ratio is $p-1$. If the threshold of what is left of the ideal after division by the equation of $E$, restricted to $E$, exceeds $p-1$ at all $(\hat V,s=0)$, $\hat V\in\mathbb P^{p-2}$, every other divisor over $E$ has a larger ratio (inversion of adjunction; $s\ne0$ contracts to $s=0$), so the pole at $-\lambda$ is simple and $m=1$.

For $i\ne0,\pm k,\pm2k$ the functional $\phi_i$ of $(k,1)$ less that of $(k,i)$ (the second $i$ is the imaginary unit) is zero on $A$: the ideal contains $(V_{k,1}-V_{k,i})\,2cu_i+\dots$, without another $c$, and the same with $v_i$. Let $c$ be heavy, and $V_{k,1}$ heavier than $V_{k,i}$: $V_{k,1}cu_i$ and $V_{k,1}cv_i$ are in the initial ideal. As in [modular-addition-fourier](modular-addition-fourier.md), if the threshold were at most $p-1$ somewhere on the proper $\mathbb P^{p-2}$, so it would be for the monomial ideal at the origin of a chart, where one $V_{j_0}$ is 1.

There the masses above are still admissible, with the sum $p-1$ and total 0 on $c$. If no masses had a larger sum, by duality there would be weights of $V_j$ ($j\ne j_0$), $c$, $u_a$, $v_b$, not negative and of sum $p-1$, that give each monomial at least 1; where the total mass is below 1 the weight is 0, and monomials of positive mass have weight 1 exactly. So $c$ has weight 0, $V_{k,1}cu_i$ leaves the weights of $V_{k,1}$ and $u_i$ a sum of at least 1, and in $V_{k,1}u_iv_b$, of weight 1, nothing is left for $v_b$, $b\ne0,\pm k,\pm i$. Every $b$ occurs: some $k$ and $i$ have $k\ne\pm b$, $i\ne\pm b,\pm k,\pm2k$. So all $v_b$ and, likewise, all $u_a$ have weight 0. But the monomials $u_av_b$ of $j_0$ have weight 1. A contradiction.""", _charts),
        Step("Dead units at p = 5 and p = 3", r"""At $p=5$ four equations are left, $M(s)V=0$ with quadrics in a matrix of size 4. At $V=0$ and generic $s$ the Jacobian is onto, so $\lambda\le\tfrac{100}2$ with any number of dead units. From below: modulo 5 the coefficient of $\prod V^4$ in the product of the fourth powers of the four is $\det M(s)^4$, which is 1 where $M(s)$ is regular. It has a monomial in which no variable of $s$ has a power above the fourth, as the number of $s$ modulo 5 with $c\ne0$, $\det M(s)\ne0$ is not divisible by 5: minus this number is the coefficient of $\prod s^4$ in $c^4\det M(s)^4$. So the ideal is F-pure with exponent 4 and, as in [modular-addition-fourier](modular-addition-fourier.md), the complex threshold is at least 4: one dead unit adds 2, $\lambda=50$, and more add nothing to that. $m$ is undecided. At $p=3$ nothing is left to begin with.""", _five),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
