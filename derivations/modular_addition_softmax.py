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
from slt_symbolic.networks.fourier import FourierSolution
from slt_symbolic.networks.fourier_dead_units import axis_functional, image_rows, summands


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


def _compare() -> None:
    entry = closed_form("modular-addition-fourier-softmax")
    for p in range(3, 40, 2):
        require_equal(entry.formula(entry.check(p=p)), (Fraction(_rank(p), 2), 1), f"p={p}")


DERIVATION = Derivation(
    entry="modular-addition-fourier-softmax",
    statement=r"""Let $p\ge3$ be odd, $0<\beta<\infty$, and let the truth at each of the $p^2$ pairs $(a,b)$ be $\operatorname{softmax}(\beta\delta)$, $\delta_c=[a+b=c]$ the label as a vector over the classes $c$. At the Fourier solution with outputs times $\beta$
$$\lambda=3(p-1)^2-[3\mid p]\quad(p\ge5),\qquad\lambda=9\quad(p=3),\qquad m=1.$$
This is the first part of question O65 (L. Levine, [agenda A6](https://github.com/lionellevine/MAIS), 2026).""",
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
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
