"""The Fourier solution of modular addition: its rank by counting on a graph, the fits around it, and a dead unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from flint import nmod_mat
from numpy.typing import NDArray
from sympy import QQ_I
from sympy.polys.matrices import DomainMatrix

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.closed_forms.sources import F_PURITY
from slt_symbolic.networks.fourier import FourierSolution, third_is_onto
from slt_symbolic.networks.fourier_dead_units import (
    image_rows,
    initial_monomials,
    initial_monomials_of_two,
    is_f_pure_beside_zero,
    summands,
)
from slt_symbolic.networks.two_dead_units import chosen, is_f_pure_with_two
from slt_symbolic.search.proofs.newton import monomial_threshold

MODULI = (3, 5, 7, 9, 11, 13)


def _dimension(p: int, rows: Sequence[Mapping[tuple[int, int], Any]]) -> int:
    """The dimension of the span of combinations of monomials, over the Gaussian rationals."""
    matrix = [[row.get((a, b), QQ_I.zero) for a in range(p) for b in range(p)] for row in rows]
    return int(DomainMatrix(matrix, (len(rows), p * p), QQ_I).rank())


def _rank(p: int) -> int:
    """The sum of the dimensions of the summands, as the counting step finds them."""
    return (4 * p - 3) + sum(6 * p - 8 - int(3 * k == p) for k, _ in summands(p) if k)


def _it_fits() -> None:
    k, a, b = sympy.symbols("k a b", real=True)
    cos, sin = (sympy.cos(k * a), sympy.cos(k * b)), (sympy.sin(k * a), sympy.sin(k * b))
    for one, two, wave in ((cos[0] + cos[1], sin[0] - sin[1], sympy.cos), (sin[0] + cos[1], cos[0] + sin[1], sympy.sin)):
        require_equal(sympy.simplify(sympy.expand_trig(one**2 + two**2 - 2 - 2 * wave(k * (a + b)))), 0, f"the squares that make {wave}")
    for p in MODULI:
        values = FourierSolution(p).values()
        require(all(values[p * x + y, c] == int((x + y) % p == c) for x in range(p) for y in range(p) for c in range(p)),
                f"f(a, b) at p={p}")


def _the_image_splits() -> None:
    for p in (3, 5, 7):
        total = sum(_dimension(p, list(image_rows(p, k, eps))) for k, eps in summands(p))
        solution = FourierSolution(p)
        require_equal(total, solution.rank, f"the dimensions of the summands at p={p}")
        units = [np.add.outer(u, v).ravel() % solution.prime for u, v, _ in solution.weights]
        squares = [s * s % solution.prime for s in units]
        axes = [np.repeat(row, p) for row in np.eye(p, dtype=np.int64)]
        axes += [np.tile(row, p) for row in np.eye(p, dtype=np.int64)]
        for block, (k, eps) in enumerate(summands(p)):
            image = [_function(solution, row) for row in image_rows(p, k, eps)]
            own = [units[0]] if k == 0 else units[2 * block - 1: 2 * block + 1]
            tangents = squares + [s * axis % solution.prime for s in own for axis in axes]
            require_equal(solution.rank_of(np.array(image + tangents)), solution.rank_of(np.array(image)),
                          f"the tangent vectors with the output of block {block} at p={p}")


def _function(solution: FourierSolution, row: Mapping[tuple[int, int], Any]) -> NDArray[np.int64]:
    """A combination of monomials as a function of the pairs, modulo the prime; four times it, to clear denominators."""
    p, prime = solution.modulus, solution.prime
    total = np.zeros(p * p, dtype=np.int64)
    for (x, y), value in row.items():
        coefficient = int(4 * value.x) + int(4 * value.y) * solution.power_of_root(p)
        wave = [solution.power_of_root(4 * (x * a + y * b)) for a in range(p) for b in range(p)]
        total = (total + coefficient % prime * np.array(wave)) % prime
    return total


def _counting() -> None:
    for p in (3, 5, 7, 9):
        for k, eps in summands(p):
            rows = list(image_rows(p, k, eps))
            products, whole = _dimension(p, rows[2 * p - 1:]), _dimension(p, rows)
            if k:
                require_equal((products, whole), (4 * p - 4, 6 * p - 8 - int(3 * k == p)), f"p={p}, k={k}, eps={eps}")
            else:
                require_equal((products, whole), (2 * p - 1, 4 * p - 3), f"L + A at p={p}")


def _from_below() -> None:
    for p in MODULI:
        require_equal(FourierSolution(p).rank, _rank(p), f"rank modulo a prime at p={p}")


def _families() -> None:
    t, k, a, b = sympy.symbols("t k a b", real=True)
    for second in (1, sympy.I):
        x, y = sympy.exp(sympy.I * k * a), second * sympy.exp(-sympy.I * k * b)
        modulus = sympy.expand((x + y) * sympy.conjugate(x + y))
        stretched = sympy.exp(t) * x + sympy.exp(-t) * y
        difference = sympy.expand(stretched * sympy.conjugate(stretched)) - modulus
        require_equal(sympy.simplify(difference - (sympy.exp(2 * t) + sympy.exp(-2 * t) - 2)), 0, f"the stretch, phase {second}")
    for p in MODULI:
        solution = FourierSolution(p)
        tangents = solution.tangents(centred=True)
        own = len(tangents) - p  # the others are tangent to fits of the centred loss alone
        require(np.array_equal(solution.tangents(centred=False), tangents[:own]), f"the vectors of both losses at p={p}")
        for rows, expected in ((tangents[:own], 7 * p - 5), (tangents, 8 * p - 5)):
            require_equal(solution.rank_of(rows), expected, f"independent tangent vectors at p={p}")
        product = (nmod_mat(*tangents.shape, tangents.ravel().tolist(), solution.prime)
                   * nmod_mat(*solution.jacobian.shape, solution.jacobian.ravel().tolist(), solution.prime))
        for row in range(len(tangents)):
            values = [int(product[row, column]) for column in range(p**3)]
            require(values == values[:p] * p**2 and (row >= own or not any(values)), f"tangent vector {row} at p={p}")


def _codimension() -> None:
    for p in MODULI:
        if p % 3:
            require_equal(3 * p * (2 * p - 1) - (2 * (2 * p - 1) + 3 * (p - 1)), _rank(p), f"the codimension at p={p}")
    require(third_is_onto(), "16 equations modulo 3")
    for p in (3, 9, 15, 21):
        require_equal(3 * p * (2 * p - 1) - (2 * (2 * p - 1) + 3 * (p - 1) + 2), _rank(p), f"the codimension at p={p}")


def _cauchy_schwarz() -> None:
    u = sympy.symbols("u0:3")
    v = sympy.symbols("v0:3")
    gap = sum(x**2 for x in u) * sum(y**2 for y in v) - sum(x * y for x, y in zip(u, v, strict=True)) ** 2
    squares = sum((u[i] * v[j] - u[j] * v[i]) ** 2 for i in range(3) for j in range(i))
    require_equal(sympy.expand(gap - squares), 0, "Lagrange's identity")


def _matching(p: int) -> dict[tuple[str, ...], Fraction]:
    """Masses on monomials ``V c u``, ``V c v``, ``V u v`` that sum to 1 on c and each u, v: see the step."""
    third = p // 3 if p % 3 == 0 else 0
    with_c = [k for k in range(1, (p + 1) // 2) if k != third]
    gamma = Fraction(1, 2 * len(with_c))
    alpha = 1 - (gamma + Fraction(3, 2 * (p - 1))) / 2
    mass: dict[tuple[str, ...], Fraction] = {}
    on_axis = dict.fromkeys(range(1, p), Fraction(0))
    for k in range(1, (p + 1) // 2):
        inner = [i for i in range(1, p) if i not in (k, p - k)]
        axis = [i for i in inner if i not in (2 * k % p, -2 * k % p)] if k in with_c else []
        pairs = [(i, j) for i in inner for j in inner if j not in (i, p - i)]
        for eps in "1i":
            mass |= {(f"V{k}{eps}", f"u{i}", f"v{j}"): alpha / len(pairs) for i, j in pairs}
            mass |= {(f"V{k}{eps}", "c", f"{w}{i}"): gamma / (2 * len(axis)) for i in axis for w in "uv"}
        for i in axis:
            on_axis[i] += gamma / len(axis)
    left = {i: 1 - alpha - on_axis[i] for i in on_axis}
    special = [third, p - third] if third else []
    for i in left:
        for j in left:
            if j in (i, p - i) or (i in special and j in special):
                continue
            if i in special or j in special:
                mass["V0", f"u{i}", f"v{j}"] = left[third] / (p - 3)
            else:
                rest = left[i] - (2 * left[third] / (p - 3) if third else 0)
                mass["V0", f"u{i}", f"v{j}"] = rest / (p - 3 - len(special))
    return mass


def _initial_ideal() -> None:
    for p in (7, 9, 11):
        require_equal(monomial_threshold(initial_monomials(p)), (Fraction(2 * p - 1, 4), 1), f"Howald at p={p}")
    for p in range(7, 29, 2):
        masses = _matching(p)
        totals: dict[str, Fraction] = {}
        for monomial, mass in masses.items():
            require(mass > 0, f"the mass of {monomial} at p={p}")
            for variable in monomial:
                totals[variable] = totals.get(variable, Fraction(0)) + mass
        require_equal(sum(masses.values()), Fraction(2 * p - 1, 2), f"the total at p={p}")
        require_equal({totals[x] for x in totals if not x.startswith("V")}, {Fraction(1)}, f"c, u and v at p={p}")
        require_equal(len(totals), 3 * p - 1, f"all variables at p={p}")
        require(max(totals[x] for x in totals if x.startswith("V")) < 1, f"V at p={p}")


def _matching_uses_the_ideal() -> None:
    for p in (7, 9):
        names = ["V0", *(f"V{k}{eps}" for k in range(1, (p + 1) // 2) for eps in "1i"), "c",
                 *(f"u{i}" for i in range(1, p)), *(f"v{i}" for i in range(1, p))]
        ideal = {tuple(sorted(names[i] for i, e in enumerate(exponent) if e)) for exponent in initial_monomials(p)}
        require({tuple(sorted(monomial)) for monomial in _matching(p)} <= ideal, f"the monomials of the matching at p={p}")
    for p in (7, 9):
        monomials = initial_monomials(p)
        require_equal({_mirrored(exponent, p) for exponent in monomials}, set(monomials), f"x and y may change places at p={p}")
        require_equal({_conjugate(exponent, p) for exponent in monomials}, set(monomials), f"and inverses at p={p}")
        for place in range(p, p + (p + 1) // 2):  # the chart where c or u_a is 1, up to these symmetries
            chart = [exponent[:place] + exponent[place + 1:] for exponent in monomials]
            require(monomial_threshold(chart)[0] > Fraction(2 * p - 1, 4), f"the threshold in chart {place} at p={p}")


def _mirrored(exponent: Sequence[int], p: int) -> tuple[int, ...]:
    """The monomial with u and v exchanged."""
    return (*exponent[:p + 1], *exponent[2 * p:], *exponent[p + 1:2 * p])


def _conjugate(exponent: Sequence[int], p: int) -> tuple[int, ...]:
    """The monomial with u_a and v_b replaced by u_-a and v_-b."""
    return (*exponent[:p + 1], *reversed(exponent[p + 1:2 * p]), *reversed(exponent[2 * p:]))


def _f_purity() -> None:
    require(is_f_pure_beside_zero(), "19 quadrics modulo 5 whose product has nine independent linear forms in fifth powers")
    require(Fraction(19, 5 - 1) > Fraction(2 * 5 - 1, 2), "the exponent beside s = 0 exceeds 9/2")


def _two_dead_units_f_pure() -> None:
    a, b = sympy.symbols("a b")
    binomials = [sympy.binomial(4, k) ** 2 % 5 for k in range(5)]
    powers = sympy.Poly(sum(binomials[k] * a**k * b ** (4 - k) for k in range(5)) - (a - b) ** 4, a, b, modulus=5)
    require(powers.is_zero, "the coefficient of V_1^4 V_2^4 of two factors is a fourth power")
    require_equal(sympy.binomial(4, 2) % 5, 1, "that of V_1^2 V_2^2 of one")
    for p in (5, 7):
        factors = 4 + 8 * len(chosen(p).pairs)
        require_equal(factors, 4 * (2 * p - 1), f"the number of factors at p={p}")
        require(is_f_pure_with_two(p), f"a residue modulo 5 that is not 0 at p={p}")


def _two_dead_units() -> None:
    for p in (9, 11, 13):
        found, multiplicity = monomial_threshold(initial_monomials_of_two(p))
        require_equal(found, Fraction(2 * p - 1, 2), f"the threshold of the initial ideal at p={p}")
        require((multiplicity == 1) == (p == 13), f"its multiplicity at p={p}")


def _full_rank_nearby() -> None:
    for p in (5, 7):
        left = [p * p - (4 * p - 3), p * p - (6 * p - 8)]
        require_equal(left, [(p - 1) * (p - 3), (p - 2) * (p - 4)], f"what the summands leave at p={p}")
        require(left[0] >= left[1] + 1, f"so many squares fill all of them at p={p}")
    require_equal(_rank(3), 27, "p = 3 has full rank")


def _compare() -> None:
    entry = closed_form("modular-addition-fourier")
    for p in range(3, 40, 2):
        for centred in (0, 1):
            value = Fraction(_rank(p) - p * centred, 2)
            for dead in (0, 1):
                added = dead * (Fraction(2 * p - 1, 4) if p > 3 else 0)
                sizes = entry.check(p=p, units=2 * p - 1 + dead, centred=bool(centred))
                require_equal(entry.formula(sizes), (value + added, 1), format_sizes(sizes))


DERIVATION = Derivation(
    entry="modular-addition-fourier",
    sources=F_PURITY,
    statement=r"Let $p\ge3$ be odd, $w^F$ the Fourier fit of $a+b$ mod $p$ on all pairs, of width $2p-1$, and $c=1$ if the loss is "
    r"centred, else $0$. There $\lambda=\tfrac12\bigl(6p^2-10p+5-2[3\mid p]-cp\bigr)$ and $m=1$. One dead unit adds exactly "
    r"$\tfrac{2p-1}{4}$ for $p\ge5$, and nothing for $p=3$; $m=1$ still. Two add exactly $\tfrac{2p-1}2$ to $\lambda$ for $p=5,7,9,11,13$.",
    assumptions=(r"$f(a,b)=\sum_jV_j(u_j(a)+v_j(b))^2$, $V_j\in\mathbb R^p$, on all $p^2$ pairs",
                 r"unit 0 is constant, $u=v=\tfrac12$; for $k=1..\tfrac{p-1}2$ (angles times $2\pi/p$) $s_1=\cos ka+\cos kb$, $s_2=\sin "
                 r"ka-\sin kb$ have the output $\cos kc/p$ and $s_3=\sin ka+\cos kb$, $s_4=\cos ka+\sin kb$ have $\sin kc/p$; "
                 r"$V_0(c)=\tfrac1p-\tfrac2p\sum_k(\cos kc+\sin kc)$"),
    instances=r"Proved for every odd $p$ without dead units, and with one for $p=3$ and $p\ge7$. With one at $p=5$ the pair is certified "
    r"by F-purity modulo 5; with two at $p=5,7,9,11,13$ $\lambda$ is certified ($m$ at $p=13$ only). With more dead units the value is an upper bound, and the entry gives a bracket.",
    steps=(
        Step("It fits", r"$s_1^2+s_2^2=2+2\cos k(a+b)$ and $s_3^2+s_4^2=2+2\sin k(a+b)$, so $f(a,b)_c=\tfrac1p\bigl(1+2\sum_k\cos k(a+b-c)\bigr)$, "
             r"which is 1 where $a+b=c$ and else 0. Checked with exact roots of unity in a finite field as well.", _it_fits),
        Step("The image of the Jacobian splits", r"The tangent vectors are $e\otimes s_j^2$ for all $e\in\mathbb R^p$, and $V_j\otimes s_j(\alpha(a)+\beta(b))$. "
             r"$V_0$, $\cos kc$ and $\sin kc$ are a basis of $\mathbb R^p$ ($V_0$ has mean $1/p\ne0$). In it the image is $V_0\otimes(L+A)\oplus\bigoplus_k\cos "
             r"kc\otimes(L+G_{k,1})\oplus\sin kc\otimes(L+G_{k,i})$: $A$ are the functions $\alpha(a)+\beta(b)$, $L$ the span of all squares, $G_{k,1}=s_1A+s_2A$ and "
             r"$G_{k,i}=s_3A+s_4A$. Over $\mathbb C$ with characters $x,y$ of $a,b$: $s_1\pm is_2=x^{\pm k}+y^{\mp k}$ and $s_4\pm is_3=x^{\pm k}\pm iy^{\mp k}$, so "
             r"$G_{k,\varepsilon}=(x^{-k}+\varepsilon^{-1}y^{k})A+(x^{k}+\varepsilon y^{-k})A$; $L$ is spanned by $1$, $x^{j}y^{j}$ and $2x^jy^{-j}+\tfrac{1-i}2(x^{2j}+x^{-2j})+"
             r"\tfrac{1+i}2(y^{2j}+y^{-2j})$, $j\ne0$ (with $i\mapsto-i$ for $j\mapsto-j$).", _the_image_splits),
        Step("Counting on a graph", r"$A$ has dimension $2p-1$ and meets $L$ in the constants: $\dim(L+A)=4p-3$. $G_{k,\varepsilon}$ is spanned by sums of two monomials, edges of a "
             r"graph: $x^jy^k-x^{j-k}$, $x^jy^{-k}-x^{j+k}$, $y^{j+k}-x^{-k}y^j$, $y^{j-k}-x^ky^j$. Its dimension is that of the vertices less one for each component where the "
             r"coefficients are consistent. There are $4p$ edges; those at $x^0$ and $y^0$ give the same two elements, and in the component of $1$, $x^ky^k$, $x^{-k}y^{-k}$ two edges "
             r"are repeated; all else is a tree unless $3k=p$: $\dim G=4p-4$. (If $3k\equiv0$ the components of $x^{k}$ and of $x^{-k}$ are triangles $x^{k},\,y^{-k},\,x^{-k}y^{k}$ with "
             r"$\varepsilon^3\ne-1$, which are inconsistent, of the same rank as the trees they replace.) Now add $L$: for $j\ne\pm k$ the monomials $x^jy^{\pm j}$ are not vertices, $2(p-3)$ new dimensions; "
             r"$1$ adds one and brings $x^{\pm k}y^{\pm k}$; the two elements with $x^{\pm k}y^{\mp k}$ become multiples of $x^{2k}-x^{-2k}$ modulo $G$: one more, unless $3k\equiv0$, when both are "
             r"zero. So $\dim(L+G)=6p-8-[3k=p]$, and the sum is $6p^2-10p+5-2[3\mid p]$.", _counting),
        Step("From below", "Independent of the counting: the rank of the Jacobian modulo a prime that is 1 mod $4p$, which is at most the true rank, is this number.", _from_below),
        Step("Families of exact fits", r"Each unit has a scaling and a shift. With $S=s_1+is_2=x^k+y^{-k}$ (or $s_4+is_3$), $|S|^2$ is what the pair contributes. $e^{it}S$ leaves it alone; "
             r"$e^tx^k+e^{-t}y^{-k}$ changes it by a constant; $e^{it}x^k+y^{-k}$ turns $\operatorname{Re}x^ky^k$ by an angle. As long as the angles of the two pairs of a frequency "
             r"differ, they span $\cos k(a+b)$ and $\sin k(a+b)$ and unique outputs restore $f$; unit 0 absorbs constants. These are exact fits of dimension $2(2p-1)+6\tfrac{p-1}2=7p-5$. "
             r"Centred, $V_0$ is free too: $p$ more. The tangent vectors are in the kernel and independent: groups have disjoint units; within one, the coefficients of $\cos$, $\sin$ of $ka$ and $kb$ and of 1 in its two units separate scalings, shifts, mixing, stretch and phase; "
             r"the last $p$ touch $V_0$ only, as scaling and shift of unit 0 change its weights.", _families),
        Step("From above", r"$3p(2p-1)-(7p-5)=6p^2-10p+5$. If $3\mid p$, the units of $k=p/3$ see only residues mod 3: four $s_j$ in the span of $1,x^{\pm k},y^{\pm k}$ and outputs in that of $\cos kc$, "
             r"$\sin kc$, 28 parameters, and 16 equations (functions mod constants, which unit 0 absorbs). Their Jacobian is onto, so the fits are a manifold of dimension 12 instead of "
             r"$4+6$: two more. Either way the codimension is the rank: $\lambda=\tfrac12$ rank and $m=1$. Centring takes $\mathbb R^p\otimes1$, which is in the image, from the rank.", _codimension),
        Step("A dead unit, from above", r"Near $w^F$ the zero set is a manifold on which the rank is constant. $|F+V\otimes s^2|^2\le2|F|^2+2|V|^2\,|s^2|^2$, and $|s^2|\le C|s|^2$: "
             r"$\lambda$ grows at most by that of $|V|^2|s|^4$ in $p$ and $2p-1$ variables, $\min(\tfrac p2,\tfrac{2p-1}4)$ (`modular-addition-dead-unit`).", _cauchy_schwarz),
        Step(r"A dead unit, from below, p >= 7", r"Eliminate the $R$ coordinates. What is left is the ideal of the $V_j\,\varphi(s^2)$, $\varphi\in T_j^\perp$ for the summand $T_j$, plus terms of order 4 in $s$, with "
             r"coefficients that depend on the position on the fibre. Half the complex threshold is a lower bound, and it can only fall in the initial ideal for the weights 1 of all of $s$, 0 of $V$ and of the fibre, and "
             r"on the fibre through $w^F$. Write $s=c+\sum u_ix^i+\sum v_iy^i$ and degenerate once more with $c\to\infty$. The initial ideal has $V_ju_av_b$ where $x^ay^b$ is in no vector of $T_j$ "
             r"($a\ne\pm b$, and $a,b\ne\pm k$), and $V_{k,\varepsilon}cu_a$, $V_{k,\varepsilon}cv_a$ for $a\notin\{0,\pm k,\pm2k\}$: the functional is $x^a$ less its neighbours in the graph. Put masses on these "
             r"monomials: on $V_{k,\varepsilon}$ $\alpha$ for $uv$, uniformly, and $\gamma$ for $cu$, $cv$ (none if $3k=p$), on $V_0$ what is missing. Then $c$ and every $u_a$, $v_a$ have total mass 1, every $V$ less than 1, "
             r"and all masses are positive. (With $n$ frequencies $k\ne p/3$ and $\gamma=\tfrac1{2n}$ the pairs of $V_0$ get $1-\alpha-\gamma\tfrac{n-2}{p-5}$ at each $a$, and $1-\alpha-\gamma\tfrac n{p-5}$ at $\pm p/3$. If $3\nmid p$, $\alpha=1-\tfrac5{4(p-1)}$: $V_0$ has mass $\tfrac34$ and the others "
             r"$1-\tfrac1{4(p-1)}$. If $3\mid p$, $p\ge9$: $V_0$ has $\tfrac{p-1}{2(p-3)}+\tfrac14$, the others $1+\tfrac\gamma2-\tfrac3{4(p-1)}$ or $\alpha$.) The sum is $\tfrac{2p-1}2$: by Howald's theorem the threshold is at least that, and $\lambda$ grows by at least $\tfrac{2p-1}4$.", _initial_ideal),
        Step("Multiplicity", r"Blow up $s=0$, with exceptional divisor $\rho=0$, and let $\tilde J$ be what is left of the ideal after division by $\rho^2$. The complex threshold of $\tilde J$ restricted to $\rho=0$ (and to $w^F$) exceeds $\tfrac{2p-1}2$ at all points with $V=0$: for the monomial initial ideal, in the chart where a coordinate $z$ of $s$ is 1, the exponent of "
             r"$z$ does not count; $z$ is in a triangle $c,u_a,v_b$ of the monomials, and moving a little mass from the opposite side to the two sides at $z$ raises the sum. The set where an ideal has no larger threshold is closed, projective space is proper, and the degeneration would move a point of that set to one of the monomial ideal, whose set is closed and invariant under the torus, so that it would contain the origin of a chart. "
             r"By inversion of adjunction $(\rho=0)+\tfrac{2p-1}2\tilde J$ is purely log terminal: every divisor over it but $\rho=0$ has a strictly larger ratio, for $K$ over the reals as well. So the pole at $-\lambda$ is simple: $m=1$.", _matching_uses_the_ideal),
        Step("A dead unit at p = 5", r"Here three functionals are left of each $T_{k,\varepsilon}$, too few monomials. It is enough, as in the last step, that the complex threshold of $\tilde J$ on $\rho=0$, that is of the ideal of the $V_j\varphi(s^2)$ at $V=0$, $s\ne0$, exceeds $\tfrac92$ everywhere: then "
             r"$\rho=0$ alone has the ratio $\tfrac92$, and one dead unit adds exactly $\tfrac94$ with $m=1$. Modulo 5 a product of 19 elements of the ideal, three with $V_0$ and four with each other $V_j$, is $V_0^3V_1^4\cdots V_4^4\sum_\mu a_\mu s^\mu$ with all $\mu_i\le4$ and $a_\mu$ in the fifth powers of the variables of $s$. "
             r"For $|\mu|=33$ the $a_\mu$ are linear in $c^5,u_1^5,\dots,v_4^5$, and nine of them are independent: at each $s_0\ne0$, over any field, one does not vanish, so the product is not in the ideal of the fifth powers of the $V_j$ and the $s_i-s_{0i}$. The pair with exponent $19/4>\tfrac92$ is sharply F-pure there (Fedder), hence log canonical in characteristic 5 "
             r"(Hara-Watanabe, Schwede). Log canonical thresholds are given by dimensions of jet schemes in every characteristic (Mustata, Zhu). These are upper semicontinuous over $\operatorname{Spec}\mathbb Z[i]$: jets contract to constant ones ($t\mapsto\lambda t$), these to $V=0$, and $\mathbb P^8\ni s$ is proper. So the complex threshold is at least $\tfrac{19}4$ beside $s=0$.", _f_purity),
        Step("Two dead units at p = 5 and 7", r"""The generators are $g_\varphi=V_{1j}\varphi(s_1^2)+V_{2j}\varphi(s_2^2)$, $\varphi\in T_j^\perp$. Multiply $4(2p-1)$ of them modulo 5: $g_{\varphi_0}$ for $T_0$ and $g_{\varphi_j}$, $g_{\psi_j}$ for each of the other $p-1$ summands, four times each. As $\tbinom4a\equiv(-1)^a$, the coefficient of $V_{10}^2V_{20}^2\prod_{j\ne0}V_{1j}^4V_{2j}^4$ is
$$\varphi_0(s_1^2)^2\varphi_0(s_2^2)^2\prod_{j\ne0}\bigl(\varphi_j(s_1^2)\psi_j(s_2^2)-\psi_j(s_1^2)\varphi_j(s_2^2)\bigr)^4,$$
of degree $4(2p-1)$ in $s_1$ and in $s_2$. For quadrics found by a search the coefficient of the product of the fourth powers of all $2(2p-1)$ variables is not 0. So the $4(2p-1)$-th power of the ideal is not in the ideal of the fifth powers of all variables: the pair with exponent $2p-1$ is sharply F-pure at the origin, hence, as for one unit, log canonical there in characteristic 5 and in characteristic 0, and together the two add at least $\tfrac{2p-1}2$, which is what they add at most.

At $p=5$ the coefficient is a number of points: by Chevalley and Warning it is the sum of all values modulo 5. At $p=7$ it is found by multiplying out; that both ways agree, at either $p$, is a test. $m$ is undecided.""", _two_dead_units_f_pure),
        Step("Two dead units at p = 9, 11, 13", r"The generators are $V_{1j}\varphi(s_1^2)+V_{2j}\varphi(s_2^2)$. With weights found by a search, different for the two units, the leading monomials (exact elimination over $\mathbb Q(i)$) have the threshold $2\cdot\tfrac{2p-1}4$ "
             r"(exact linear program): each of the two adds exactly $\tfrac{2p-1}4$. At $p=13$ the monomial ideal has $m=1$: the optimal weights are $\tfrac12$ on all of $s_1,s_2$ and no others, so the threshold is larger in every chart of the blow-up of $s_1=s_2=0$, and as for one unit $m=1$. At $p=9$ and $11$ $m$ is undecided.", _two_dead_units),
        Step("Many dead units, and a table", r"""With $V=0$ and generic weights the squares of $(p-1)(p-3)$ dead units fill what any summand leaves: exact fits of full rank are as near as one likes, and $\lambda\le\tfrac12$ the number of equations. At $p=3$ nothing is left to begin with. What is added to $\lambda$ (the other loss is that of [modular-addition-fourier-softmax](modular-addition-fourier-softmax.md)):

| dead units | squared loss, centred or not | cross-entropy |
|---|---|---|
| any number, $p=3$ | 0, $m=1$ | 0, $m=1$ |
| one, $p=5$ | $\tfrac94$, $m=1$ (F-purity) | 2, $m$ undecided (F-purity) |
| one, $p\ge7$ | $\tfrac{2p-1}4$, $m=1$ | $\tfrac{p-1}2$, $m=1$ |
| two, $p=5$ | $\tfrac92$, $m$ undecided (F-purity) | 2, $m$ undecided: all equations |
| two, $p=7$ | $\tfrac{13}2$, $m$ undecided (F-purity) | between 3 and 6 |
| two, $p=9,11$ | $\tfrac{2p-1}2$, $m$ undecided (initial ideal) | between $\tfrac{p-1}2$ and $p-1$ |
| two, $p=13$ | $\tfrac{25}2$, $m=1$ (initial ideal) | between 6 and 12 |
| more, or two at $p\ge15$ | at least as two or one, at most $\tfrac{2p-1}4$ for each and the ceiling | 2 at $p=5$; else at least $\tfrac{p-1}2$, at most that for each and the ceiling |

The obstacle: for two units or more the leading forms $V_{1j}\varphi(s_1^2)+V_{2j}\varphi(s_2^2)+\dots$ have few monomials, as all units meet the same $\varphi$. A monomial initial ideal with the full threshold exists only for special weights, and one coefficient modulo 5 only for special quadrics; both were searched for at each $p$, and no pattern in $p$ is known. Four units at $p=5$ cannot be decided by this coefficient: the other summands have three functionals each, too few factors. Under cross-entropy monomials $V_{ij}u_av_b$ alone do not do: masses with the full sum give total 1 to every $V_{ij}$, $u_a$ and $v_b$ of either unit, so that no weights can prefer all monomials used for the first unit and, for the second, all of its own.""", _full_rank_nearby),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
