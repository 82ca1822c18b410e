"""Restricted Boltzmann machines at zero weights: the products of two weights dominate."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import sympy
from flint import nmod_mat

from derivations.framework import Derivation, Step, require, require_equal
from derivations.orthogonal_rows import HIGHER, RECURSION, ROWS, pair_of_rows
from slt_symbolic import closed_form, rlct
from slt_symbolic.closed_forms.boltzmann import boltzmann_germ

PRIME = 10007


def _cosh(e: sympy.Expr) -> sympy.Expr:
    """cosh a, e the exponential of a."""
    return (e + 1 / e) / 2


def _tanh(e: sympy.Expr) -> sympy.Expr:
    """tanh a, e the exponential of a."""
    return (e**2 - 1) / (e**2 + 1)


def _one_unit() -> None:
    for visible in (2, 3):
        *powers, last = sympy.symbols(f"e0:{visible + 1}")  # e^a_i and e^c
        for signs in product((1, -1), repeat=visible):
            whole = last * sympy.prod([e**sign for e, sign in zip(powers, signs, strict=True)])
            characters = sum((_tanh(last) if size % 2 else 1) * sympy.prod([_tanh(powers[i]) * signs[i] for i in chosen])
                             for size in range(visible + 1) for chosen in combinations(range(visible), size))
            product_form = sympy.prod([_cosh(e) for e in (*powers, last)]) * characters
            require_equal(sympy.cancel(sympy.together(_cosh(whole) - product_form)), 0, f"one hidden unit at {signs}")


def _leading_terms() -> None:
    scale = sympy.Symbol("scale")
    for visible, hidden in ((3, 1), (3, 2), (4, 2)):
        germ = boltzmann_germ(visible, hidden, False)
        names = [sympy.Symbol(x) for x in germ.variables]
        rows = [names[j * visible:(j + 1) * visible] for j in range(hidden)]
        expected = {sympy.expand(sum(row[i] * row[k] for row in rows)) for i, k in combinations(range(visible), 2)}
        found = set()
        for expression in germ.expressions:
            scaled = sympy.Poly(expression.subs({x: scale * x for x in names}, simultaneous=True), scale)
            leading = scaled.coeff_monomial(scale**2)
            require(leading != 0 or min(scaled.monoms())[0] >= 4, f"quadratic, or of order 4, at M={visible}, N={hidden}")
            found |= {leading} if leading != 0 else set()
        require_equal(found, expected, f"the quadratic parts at M={visible}, N={hidden}")


def _oddness() -> None:
    """A hidden unit's share of a product of two weights is odd in both: it is their product times an even series."""
    a, b, c, d = sympy.symbols("a b c d")
    for signs in ((-1, 1), (1, -1), (-1, -1)):
        flipped = {a: signs[0] * a, b: signs[1] * b}
        share = sum(x * y * sympy.log(sympy.cosh(a * x + b * y + c * z + d)) for x, y, z in product((1, -1), repeat=3))
        mirrored = share.subs(flipped, simultaneous=True)
        terms = sum(signs[0] * signs[1] * x * y * sympy.log(sympy.cosh(a * x + b * y + c * z + d))
                    for x, y, z in product((1, -1), repeat=3))
        require_equal(mirrored, terms, f"odd in the two weights, signs {signs}")


def _signs() -> None:
    for visible in (2, 3, 4):
        patterns = [p for p in product((1, -1), repeat=visible) if p[0] == 1]
        even = [chosen for size in range(2, visible + 1, 2) for chosen in combinations(range(visible), size)]
        for chosen in even:
            require_equal(sum(sympy.prod([p[i] for i in chosen]) for p in patterns), 0, f"all patterns cancel {chosen}")
        rows = [[int(sympy.prod([p[i] for i in chosen if i != k])) * int(k in chosen) * (1 + len(chosen)) % PRIME
                 for chosen in even] for p in patterns for k in range(visible)]
        require_equal(nmod_mat(rows, PRIME).rank(), len(even), f"all equations are independent at M={visible}")


def _engine() -> None:
    for visible, hidden, biases, pair in ((2, 1, False, ("1/2", 2)), (4, 1, False, ("1", 1)),
                                          (2, 1, True, ("3/2", 2)), (3, 1, True, ("9/4", 1))):
        found = rlct(boltzmann_germ(visible, hidden, biases), timeout=60)
        require_equal((found.lambda_, found.multiplicity), (Fraction(pair[0]), pair[1]), f"M={visible}, N={hidden}, {biases}")


def _compare() -> None:
    entry = closed_form("restricted-boltzmann")
    for visible in range(2, 10):
        for hidden in range(1, visible):
            value, multiplicity = pair_of_rows(visible, hidden)
            for biases in (0, 1):
                expected = value + Fraction(biases * visible, 2), multiplicity
                require_equal(entry.formula({"M": visible, "N": hidden, "biases": biases}), expected, f"{visible}, {hidden}")
    for hidden in range(3, 9):
        require_equal(entry.formula({"M": 3, "N": hidden, "biases": 0}), (Fraction(3, 2), 1), f"M=3, N={hidden}")
    answer = entry.at(M=4, N=8)
    require_equal((answer.lower, answer.upper), (Fraction(3), Fraction(7, 2)), "a bracket at M=4, N=8")


DERIVATION = Derivation(
    entry="restricted-boltzmann",
    statement=r"""For $M\ge2$ visible and $N<M$ hidden units, at zero weights and the uniform truth,
$$\lambda=\frac{MN}4,\qquad m=M\ \text{ if }N=M-1,\quad\text{else }1;$$
with biases of all units $\lambda=\tfrac M2+\tfrac{MN}4$ and the same $m$. For $N\ge M$ and $M=2$, or $M=3$ without biases, $\lambda=\tfrac{M(M-1)}4$ (and $\tfrac M2$ with biases), $m=1$. Else $\tfrac{M(M-1)}4\le\lambda\le\tfrac{MN}4$, and $\lambda\le\tfrac12(2^{M-1}-1)$ if $N\ge2^{M-1}$ (with biases $\tfrac M2$ more, and $\tfrac12(2^M-1)$).""",
    assumptions=(r"$P(x)\propto\sum_y\exp(\sum a_{ij}x_iy_j+\sum b_ix_i+\sum c_jy_j)$, all $x_i,y_j\in\{-1,1\}$; without biases $b=c=0$",
                 "the truth is the uniform distribution, the point is 0; Aoyagi (2010) studies these machines without biases, by other blow-ups"),
    steps=(
        Step("Characters", r"""The sum over $y$ is $e^{b\cdot x}\prod_j2\cosh(\sum_ia_{ij}x_i+c_j)$. With $t=\tanh a$, $s=\tanh c$ and $x_I=\prod_{i\in I}x_i$,
$$\cosh\Bigl(\sum_ia_ix_i+c\Bigr)=\cosh c\prod_i\cosh a_i\,\Bigl(\sum_{|I|\text{ even}}t_Ix_I+s\sum_{|I|\text{ odd}}t_Ix_I\Bigr).$$
The truth is constant, so $K$ is comparable to the sum of squares of the coefficients of all $x_I$, $I\ne\varnothing$: polynomials in $t$, $s$, $\tanh b$.""", _one_unit),
        Step("Two weights", r"""Without biases the coefficient of $x_ix_k$ is $\sum_jt_{ij}t_{kj}$ and terms of order 4, the others (of even $|I|\ge4$) have order 4. So $K\le C|a|^4$, and $\lambda\le\tfrac{MN}4$.""", _leading_terms),
        Step("What is between two rows", r"""$K$ is also comparable to the sum of squares of the characters of $\log P$, of which that of $x_ix_k$ is $\sum_j\varphi(a_{\cdot j},c_j)$ with $\varphi=2^{-M}\sum_xx_ix_k\log\cosh(a\cdot x+c)$: odd in $a_i$ and in $a_k$, so $\varphi=a_ia_k(1+\text{terms that vanish at }0)$. For the rows $a_i=(a_{i1},\dots,a_{iN})$ these are $a_i^\top(I+E_{ik})a_k$ with diagonal $E_{ik}$ that vanish at the origin.""", _oddness),
        ROWS, RECURSION,
        Step(HIGHER.title, HIGHER.text + r""" Here $e=8$ without biases; with biases $e=6$, after the visible biases are taken as coordinates in place of the coefficients of the $x_i$ ($\tfrac M2$): the coefficients of $|I|\ge3$ have order 3 in the weights. From below $K$ is at least its part of the coefficients of $x_i$ and $x_ix_k$, to which the lemma applies. For $M=2$, and $M=3$ without biases, there are no others.""", HIGHER.check),
        Step("Many hidden units", r"""Let $N\ge2^{M-1}$. Take a vector $a$ and hidden units with the weights $(\sigma_1a_1,\dots,\sigma_Ma_M)$, one for each pattern of signs up to $\pm1$: the coefficient of $x_I$ in $\log P$ is multiplied by $\sigma_I$, and $\sum_\sigma\sigma_I=0$: an exact fit, arbitrarily near 0. Its derivatives by the weights are $\sigma_I\sigma_k\partial_k\varphi_I$, and for fixed $k$ the characters $\sigma_I\sigma_k$ of different $I$ are independent: for generic $a$ all equations are. So $\lambda$ is at most half their number, there, and at 0. (With biases, those of odd $|I|$ are reached by derivatives by $c$.)""", _signs),
        Step("Against the engine", "At small sizes, with and without biases.", _engine),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
