"""Rows that are nearly orthogonal: the threshold of the products of different rows, for what sees such products."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import combinations

import sympy

from derivations.framework import Step, require, require_equal


@cache
def pair_of_rows(rows: int, columns: int) -> tuple[Fraction, int]:
    """``(lambda, m)`` by blowing up the origin again and again: its divisor, and what is left beside it."""
    if rows <= 1 or columns == 0:
        return Fraction(0), 1
    beside = []
    for s in range(1, min(rows, columns) + 1):
        value, multiplicity = pair_of_rows(rows - s, columns - s)
        beside.append((Fraction(s * (rows - s) + s * (s - 1) // 2, 2) + value, multiplicity))
    divisor = Fraction(rows * columns, 4)
    least = min(divisor, *(value for value, _ in beside))
    deepest = max([multiplicity for value, multiplicity in beside if value == least], default=0)
    return least, deepest + (divisor == least)


def _independent() -> None:
    for rows, columns, s in ((3, 2, 1), (3, 3, 2), (4, 3, 2), (4, 4, 3)):
        a = sympy.Matrix(rows, columns, lambda i, j: sympy.Symbol(f"a{i}_{j}"))
        at = {a[i, j]: 0 for i in range(rows) for j in range(columns)} | {a[i, i]: i + 1 for i in range(s)}
        products = [sum(x * y for x, y in zip(a.row(k), a.row(n), strict=True)) for k, n in combinations(range(rows), 2)]
        gradients = sympy.Matrix([[sympy.diff(g, x).subs(at) for x in a] for g in products])
        require_equal(gradients.rank(), s * (rows - s) + s * (s - 1) // 2, f"linear parts at {rows}, {columns}, {s}")


def _recursion() -> None:
    for rows in range(2, 14):
        for columns in range(1, 16):
            value = Fraction(rows * min(columns, rows - 1), 4)
            require_equal(pair_of_rows(rows, columns), (value, rows if columns == rows - 1 else 1), f"{rows}, {columns}")
    s, rows, columns = sympy.symbols("s rows columns")
    beside = (2 * s * (rows - s) + s * (s - 1) + (rows - s) * (columns - s)) / 4
    require_equal(sympy.expand(beside - (rows * columns + s * (rows - 1 - columns)) / 4), 0, "linear in s")


def _volume() -> None:
    for rows in range(2, 9):
        for order in (6, 8):
            columns = rows - 1
            near = Fraction(rows * columns, order)  # a of the order of epsilon^(1/order)
            inside = Fraction(order - 4, order) * Fraction(rows * columns, 4)  # the share of the ball
            require_equal(near + inside, Fraction(rows * columns, 4), f"the power of epsilon, {rows} rows")
    require(sympy.Rational(3, 5) + sympy.Rational(1, 5) != sympy.Rational(3, 4), "another power would be seen")


ROWS = Step("Rows that are nearly orthogonal", r"""**Lemma.** Let $a_1,\dots,a_p\in\mathbb R^k$ ($p\ge2$, $k\ge1$) and $F_{ij}=a_i^\top(I+E_{ij})a_j$ for $i<j$, where the matrices $E_{ij}$ are analytic in the $a$ and in further variables and vanish at the origin. Then $\sum_{i<j}F_{ij}^2$ has at the origin
$$\lambda=\tfrac p4\min(k,p-1),\qquad m=p\ \text{ if }k=p-1,\quad\text{else }1.$$
*Proof,* by induction on $p$; for $p=1$ there is nothing, $\lambda=0$. Blow up $a=0$: $a=\rho\alpha$ with $|\alpha|=1$, $F_{ij}=\rho^2F'_{ij}$, with the pole $\int\rho^{4z+pk-1}d\rho$, $\tfrac{pk}4$. The $F'_{ij}$ are of the same kind in $\alpha$, with matrices that vanish on $\rho=0$ where the further variables do. There, at a common zero, the rows $\alpha_i\ne0$, $i\in S$, are pairwise orthogonal, so *over the reals* independent: $1\le s=|S|\le k$.
The $F'_{ij}$ with $i$ or $j$ in $S$ have independent linear parts, $s(p-s)+\tfrac12s(s-1)$ of them: coordinates, called $y$. On $y=0$ the equations $F'_{ij}=0$, $i\in S$, are linear in a row $\alpha_j$, $j\notin S$, with coefficients near the $\alpha_i$: so $\alpha_j=(I+\text{small})\gamma_j$ with $\gamma_j$ orthogonal to all $\alpha_i$, $i\in S$. What is left are $\gamma_i^\top(I+\text{small})\gamma_j$: the lemma for $p-s$ rows in $\mathbb R^{k-s}$. So
$$\lambda(p,k)=\min\Bigl(\tfrac{pk}4,\ \min_{1\le s\le\min(p,k)}\tfrac{s(p-s)}2+\tfrac{s(s-1)}4+\lambda(p-s,k-s)\Bigr),$$
and $m$ is the largest beside the divisor, and one more if the divisor has the same pole. With $\lambda(p-s,k-s)=\tfrac{(p-s)(k-s)}4$ the second term is $\tfrac14(pk+s(p-1-k))$, linear in $s$: it exceeds $\tfrac{pk}4$ if $k<p-1$, equals it at each step if $k=p-1$ ($p-1$ divisors and the coordinates meet: $m=p$), and is least at the end, where all $\tfrac{p(p-1)}2$ products are coordinates, if $k\ge p$.""", _independent)

RECURSION = Step("The recursion", "The minimum over $s$, and the multiplicity, are computed from the recursion alone.", _recursion)

HIGHER = Step("Terms of higher order do not change $m$", r"""Let $K\le C\bigl(\sum F_{ij}^2+|a|^e\bigr)$, $e=6$ or $8$, in a case $k=p-1$. The part of the ball with $|a|\le\epsilon^{1/e}$ and $\sum_{i<j}(a_i\cdot a_j)^2\le\epsilon$ is, with $a=\epsilon^{1/e}\alpha$, that of the unit ball with $\sum(\alpha_i\cdot\alpha_j)^2\le\epsilon^{1-4/e}$, scaled: by the lemma its volume is of the order
$$\epsilon^{pk/e}\cdot\epsilon^{(1-4/e)pk/4}\log(\tfrac1\epsilon)^{p-1}=\epsilon^{pk/4}\log(\tfrac1\epsilon)^{p-1}.$$
So the multiplicity of $K$ is at least $p$, if its $\lambda$ is $\tfrac{pk}4$.""", _volume)
