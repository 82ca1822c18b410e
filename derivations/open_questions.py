"""What is proved of the open questions O6 and O62 to O67 on modular addition and one-head attention."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from flint import arb, fmpq, fmpq_mat, nmod_mat

from derivations import (
    least_width,
    modular_addition_fourier,
    modular_addition_softmax,
    one_head_attention,
    single_frequency,
)
from derivations.fits_at_three import rank_twenty_four
from derivations.framework import Derivation, Step, require, require_equal
from derivations.least_width import labels, mixed_frequencies, values
from derivations.modular_addition import jacobian
from derivations.narrow_fits import family, modulo, prime_above, primitive_roots, width_eight, width_four
from slt_symbolic import closed_form
from slt_symbolic.closed_forms.sources import LEVINE_2026, MAIS_2, MAIS_29
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


def _padding() -> None:
    fourier = closed_form("modular-addition-fourier")
    require_equal(fourier.at(p=5, centred=False).lambda_, Fraction(105, 2), "at w^F")
    require_equal(fourier.at(p=3, units=9, centred=False).lambda_, Fraction(27, 2), "at p = 3")
    require_equal(fourier.at(p=5, units=10, centred=False).lambda_, Fraction(219, 4), "with a dead unit")
    require(49 + Fraction(9, 4) < Fraction(105, 2), "the mixed fit with a dead unit is below w^F")
    require(modular_addition_fourier.DERIVATION.entry == fourier.name, "proved there")


def _table() -> None:
    require_equal([line.split("**")[1] for line in _TABLE.splitlines() if "**" in line],
                  ["O62", "O63(a)", "O63(b)", "O64", "O6", "O65, first part", "O66, O67"], "a row for each question")
    require(8 < 2 * 5 - 1 == 9, "the width of the mixed fit is below the range of O6, O63(b) and O64")
    pages = (least_width, modular_addition_fourier, modular_addition_softmax, one_head_attention, single_frequency)
    for derivation in (module.DERIVATION for module in pages):
        require(f"[{derivation.entry}]({derivation.entry}.md)" in _TABLE, f"a link to {derivation.entry}")
        require_equal(derivation.grade, "certified" if derivation.entry == "modular-addition-fourier" else "proved",
                      derivation.entry)


def _answered_at_all_sizes() -> None:
    softmax, attention = closed_form("modular-addition-fourier-softmax"), closed_form("one-head-attention")
    for p in range(3, 40, 2):
        found = softmax.at(p=p)
        expected = 9 if p == 3 else 3 * (p - 1) ** 2 - int(p % 3 == 0)
        require_equal((found.lambda_, found.multiplicity, found.evidence.grade), (expected, 1, "proved"), f"O65 at p={p}")
    for v, e in product(range(2, 5), range(2, 8)):
        for e0 in range(1, e):
            found = attention.at(v=v, e=e, e0=e0)
            require_equal(found.evidence.grade, "proved", f"O67 at {v, e, e0}")
            if e0 >= v:
                require_equal((found.lambda_, found.multiplicity), (v * (v - 1), 1), f"e0 >= v at {v, e, e0}")
            elif e == e0 + 1:
                require_equal((found.lambda_, found.multiplicity), (e0 * (v - 1) + Fraction(v, 2), 1 + int(v == 2)),
                              f"one more dimension at {v, e, e0}")


_TABLE = r"""
| question, with its range | what is proved or certified here | prior claims, unrefereed |
|---|---|---|
| **O62**: the least width $H_{\min}(p)$ of an exact fit | $\tfrac{3p+1}2\le H_{\min}(p)\le2p-1$ for odd $p\ge5$, $H_{\min}(3)=4$, $H_{\min}(5)=8$ (proved: [least-width](least-width.md)); open from $p=7$ on | $H_{\min}(p)\ge\tfrac{3p-1}2$, $H_{\min}(3)=4$ ([MAIS issue 2](https://github.com/lionellevine/MAIS/issues/2)) |
| **O63(a)**: $\lambda,m$ at $w^F$ with dead units up to width $H\ge2p-1$ | $\tfrac12(6p^2-10p+5-2[3\mid p])$, $m=1$ without; one dead unit adds exactly $\tfrac{2p-1}4$ for $p\ge5$, $m=1$ (at $p=5$ certified), two add twice that for $p=5,7,9,11,13$ (certified; $m=1$ at $p=13$, else open); at $p=3$ the value is $\tfrac{27}2$ for every $H\ge5$; otherwise a bracket ([modular-addition-fourier](modular-addition-fourier.md), `slt at modular-addition-fourier p=.. units=..`) | |
| **O63(b)**: the least $\lambda$ over $W_0(p,H)$, $\lvert w\rvert\le R$, $R\ge R_p$, $H\ge2p-1$ | not attained at $w^F$ at $(p,H)=(5,9)$: it is at most $49+\tfrac94=\tfrac{205}4$, where $w^F$ has $\tfrac{105}2$ (certified); its value is open | $\tfrac{205}4$, numerically ([issue 21](https://github.com/lionellevine/MAIS/issues/21)) |
| **O64**: for $R\ge R_p$, $H\ge2p-1$ and as long as the sum is at most $\tfrac{p^3}2$, that minimum grows by exactly $\tfrac{2p-1}4$ per unit | open; it grows by at most $\tfrac{2p-1}4$ from $H$ to $H+1$ (proved). At $p=3$ nothing is asserted unless some fit has $\lambda\le\tfrac{49}4$; none is known, and the fit of least rank that is known, 24 at width 6, has $\lambda\ge\tfrac{25}2$ (certified, above), but that there is none is not proved | |
| **O6**: for $H\ge2p-1$, every minimiser of $\lambda$ over the fits in the ball of radius $R_p$ has active units of a single frequency each | open at $(p,H)=(5,9)$, the first case that says something: $\lambda_{\min}\le\tfrac{205}4$. Below its range, at $(5,8)$, there is a fit with two frequencies in three units, $\lambda=49$, $m=1$, in the ball, and no fit with single frequencies only (proved: [single-frequency-fits](single-frequency-fits.md)): that refutes nothing | a numerical counterexample at $(5,9)$ with $\tfrac{105}2$ as the bound for single frequencies (issue 21); no proof of that bound is known. The conclusion would follow from rank at least 103 at all single-frequency fits of width 9, which are of four kinds of six ([table](single-frequency-fits.md)) |
| **O65, first part**: $\lambda,m$ at $w^F$ with $V$ times $\beta$, under cross-entropy with the truth $\operatorname{softmax}(\beta[a+b=c])$, $\beta$ finite | answered for every odd $p$: $3(p-1)^2-[3\mid p]$ for $p\ge5$, $9$ for $p=3$, $m=1$ (proved: [modular-addition-fourier-softmax](modular-addition-fourier-softmax.md)) | none known to us |
| **O66, O67**: one-head attention on $v$ tokens, a teacher of dimension $e_0$ padded to $e$, $1\le e_0\lt e$, uniform inputs: is the pair the same at generic teachers, and what is it | answered at all sizes: the same off a proper algebraic subset, $\lambda=v(v-1)$, $m=1$ for $e_0\ge v$, and a closed form for $e_0\lt v$; at $e=e_0+1$ it is $e_0(v-1)+\tfrac v2$, $m=1$ ($m=2$ for $v=2$) (proved: [one-head-attention](one-head-attention.md)) | generic constancy, the case $e_0\ge v$, and for $e_0\lt v$ a germ that is the ideal of that page in other letters ([issue 29](https://github.com/lionellevine/MAIS/issues/29)); no value for $e_0\lt v$ is known to us |
"""


DERIVATION = Derivation(
    entry="open-questions",
    sources=(LEVINE_2026, MAIS_2, MAIS_29,),
    title="What is proved of the open questions O6 and O62 to O67",
    statement=r"Questions posed about quadratic networks and attention (L. Levine, *Math for AI Safety*, [agenda A6](https://github.com/lionellevine/MAIS), 2026): $W_0(p,H)$ are the exact fits of width $H$, $w^F$ is the Fourier fit and $R_p=1+\lvert w^F\rvert$. The last step has the table of what is known, with the range of each question.",
    assumptions=(r"$f(a,b)=\sum_jV_j(u_j(a)+v_j(b))^2$, labels $a+b$ mod $p$, all pairs, not centred; O65 and O66, O67 are about other losses, as the table says",),
    instances=r"The table says what is proved at all sizes, and what is certified at $p=3$ and $p=5$.",
    steps=(
        Step("Width 4 at p = 3", r"$s_j=\cos(a+j)+\cos(b+j)-\tfrac14$ in thirds of a turn, $j=0,1,2$, with outputs $\tfrac23e_j-\tfrac29$, and a constant unit with $\tfrac13$. The rank is 26. The three units alone, with outputs of sum 0, map 21 parameters "
             r"(shifts left out) onto the 16 equations without constants: fits of dimension 5; with one scaling and 4 shifts 10 of 36: $\lambda=13$, $m=1$. It is in the ball.", _width_four),
        Step("p = 3: fits of low rank", r"At $p=3$ the hypothesis of O64, $\lambda_{\min}+\tfrac54\le\tfrac{27}2$, asks for a fit with $\lambda\le\tfrac{49}4$. Rank at least 25 at every fit would exclude that, but there are fits of less. With $S_k=e^{it_k}(x-e^{2\pi ik/3}\bar y)$ for characters $x,y$ of $a,b$, $|S_k|^2$ is 0 where $a+b=k$ and 3 elsewhere, so the real and "
             r"imaginary parts of $S_0,S_1,S_2$ with the outputs $\tfrac13(\tfrac12-e_k)$ are a fit of width 6 for all angles. At $t=(0,0,0)$ the rank is 27, hence (the rank is lower semicontinuous and the family is analytic) at angles as near as one likes to any: $\lambda\le\tfrac{27}2$ on the family. At $t=(30°,-30°,0)$ the rank is 24. "
             r"There the functional $f_1+f_2$ at $(a,b)=(0,0)$ less that at $(1,2)$ vanishes on the image of the Jacobian, and its second derivatives have rank at least 2 on the kernel. After elimination of 24 coordinates $K$ is at least a multiple of their squares and of the square of a function $g$ of others with these second derivatives; "
             r"$g$ alone has at least $\tfrac12$, as $g=z_1^2\pm z_2^2+h(z_3,\dots)$ in suitable coordinates. So $\tfrac{25}2\le\lambda\le\tfrac{27}2$ at this fit, which is more than O64's hypothesis allows. A proof for every fit is missing: it would be enough that the rank is at least 24 and, where it is 24, that some functional has such second derivatives. "
             r"(Numerical searches for fits with a prescribed rank found 26 and 25 at width 5, 24 at width 6, and none of 23 at widths 6 to 8.)", rank_twenty_four),
        Step("Width 8 at p = 5: its coefficient", r"The fit is that of [least-width](least-width.md). Its rank is at least 98 (modulo a prime). The fit is in a family: $\alpha,\beta,\gamma,\delta\in\mathbb C$ with two conditions that make $m$ and $n$ real, $y_1$, $y_2$, and scalings and shifts; it consists of fits, as $\sum_iw_iy_i^k=0,0,1,y_1+y_2+y_3$ for $k=0..3$ "
             r"($w_i=\prod_{j\ne i}\tfrac1{y_i-y_j}$) makes $P(R^2+mS)+Q(S^2+nR)$ of the mixed units, up to constants, and $b^2=B_R^2+2mB_S$ is the reality of $m$, so that the other units cancel the rest. Its tangent vectors, computed with derivatives modulo "
             r"the prime, span 22 dimensions. $120-22=98$: $\lambda=49$, $m=1$.", _width_eight_family),
        Step("It is in the ball", r"With its units scaled the fit has $|w|^2<36$, and $R_p^2>|w^F|^2>\tfrac{85}2$.", _width_eight_is_small),
        Step("Two frequencies", r"The Fourier coefficients of the three mixed units at both frequencies are not zero (ball arithmetic). With units of a single frequency each there is no fit of this width: [single-frequency-fits](single-frequency-fits.md).", mixed_frequencies),
        Step("Dead units", r"A dead unit adds at most $\tfrac{2p-1}4$ at any exact fit (Cauchy-Schwarz, as in [modular-addition-fourier](modular-addition-fourier.md)): $\tfrac{205}4<\tfrac{105}2$. Adding one to a minimiser shows that the minimum grows by at most that.", _padding),
        Step("Questions that are answered at all sizes", r"""O65, first part, and O67 have pages of their own, [modular-addition-fourier-softmax](modular-addition-fourier-softmax.md) and [one-head-attention](one-head-attention.md). What the table says of them is compared with the catalogue for all odd $p\lt40$, and for $v\le4$, $e\le7$, $1\le e_0\lt e$.""", _answered_at_all_sizes),
        Step("Table", _TABLE.strip(), _table),
    ),
)
