"""Generic hyperplane arrangements: one blow-up."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derivations.framework import Derivation, Step, require_equal
from slt_symbolic import closed_form
from slt_symbolic.search.proofs.newton import monomial_threshold


def _few() -> None:
    for d in range(1, 6):
        for n in range(1, d + 1):
            product = tuple(int(i < n) for i in range(d))
            require_equal(monomial_threshold([product]), (Fraction(1, 2), n), f"a product of {n} coordinates in R^{d}")


def _blow_up() -> None:
    for d in range(2, 5):
        x = sympy.symbols(f"x1:{d + 1}")
        t = sympy.Symbol("t")
        chart = [t, *(t * y for y in x[1:])]
        jacobian = sympy.Matrix(chart).jacobian([t, *x[1:]]).det()
        require_equal(sympy.expand(jacobian - t ** (d - 1)), 0, f"the Jacobian of a chart at d={d}")
        for n in range(d + 1, d + 4):
            forms = [sum(sympy.Integer(k) ** i * y for i, y in enumerate(chart)) for k in range(1, n + 1)]
            quotients = [sympy.expand(form / t) for form in forms]
            require_equal(any(q.has(t) for q in quotients), False, f"f is t^{n} times a product without t")
            for rows in ([quotients[i] for i in range(d - 1)], quotients[-(d - 1):]):
                gradient = sympy.Matrix(rows).jacobian(x[1:])
                require_equal(gradient.rank(), d - 1, f"d - 1 of the factors have independent linear parts, d={d}, n={n}")


def _compare() -> None:
    entry = closed_form("hyperplane-arrangement")
    for d in range(2, 9):
        for n in range(1, 15):
            poles = [(Fraction(1, 2), min(n, d - 1 if n > d else n)), (Fraction(d, 2 * n), 1)] if n > d else [(Fraction(1, 2), n)]
            least = min(value for value, _ in poles)
            require_equal(entry.formula({"d": d, "n": n}), (least, next(m for value, m in poles if value == least)), f"d={d}, n={n}")


DERIVATION = Derivation(
    entry="hyperplane-arrangement",
    statement=r"For $K=f^2$, $f$ a product of $n$ linear forms on $\mathbb R^d$ of which any $\min(d,n)$ are independent, at 0: $$\lambda=\tfrac12\min\bigl(1,\tfrac dn\bigr),\qquad m=n\ (n\le d),\qquad m=1\ (n>d).$$",
    assumptions=("Mustata (2006) has the complex threshold of any arrangement; a generic one has this simple proof over the reals",),
    steps=(
        Step("n <= d", r"The forms are coordinates: $f=x_1\cdots x_n$.", _few),
        Step("n > d: blow up the origin", r"In a chart $x=(t,tx_2,\dots,tx_d)$ the Jacobian is $t^{d-1}$ and $f=t^ng$, $g$ the product of the forms at $(1,x_2,\dots,x_d)$. Any $d$ forms have no common zero but 0, so at most $d-1$ factors of $g$ vanish at a point; they are independent there: normal crossings. "
             r"The poles of $\int|f|^{2z}$ are $-\tfrac d{2n}$ from $t$, and $-\tfrac12$. As $d<n$, the first is larger and simple.", _blow_up),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
