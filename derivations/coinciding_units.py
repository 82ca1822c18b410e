"""Two units in one direction: eliminate what is linear; what is left is monomial in polar coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import sympy

from derivations.framework import Derivation, Step, require_equal
from slt_symbolic import Germ, closed_form, rlct
from slt_symbolic.check.bracket import End, product_of, sum_of
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at
from slt_symbolic.search.proofs.newton import weighted_threshold

KINDS = ("independent", "parallel", "cancelling", "one zero", "both zero")
Case = tuple[str, int, int]  # the kind of V_1, V_2; d, p


def _cases(largest: int) -> Iterator[Case]:
    for kind, d, p in product(KINDS, range(1, largest + 1), range(1, largest + 1)):
        if p >= 2 or kind != "independent":
            yield kind, d, p


def _outputs(kind: str, p: int) -> list[list[int]]:
    first = [int(c == 0) for c in range(p)]
    other = {"independent": [int(c == 1) for c in range(p)], "parallel": [-3 * x for x in first],
             "cancelling": [-x for x in first], "one zero": [0] * p, "both zero": [0] * p}[kind]
    return [[0] * p if kind == "both zero" else first, other]


def _germ(kind: str, d: int, p: int) -> Germ:
    w = [[int(a == 0) for a in range(d)]] * 2
    return germ_at(QuadraticNetwork(QuadraticForms(d), p, units=2), w, _outputs(kind, p))


def _scales() -> None:
    v, a, x, y = sympy.symbols("v a x y")
    b = sympy.Symbol("b")
    require_equal(sympy.expand(sympy.cancel(v * ((1 + a) * x + b * y) ** 2
                                            - (v * (1 + a) ** 2) * (x + b / (1 + a) * y) ** 2)), 0, "V (w·x)^2")


def _linear_count(kind: str, d: int, p: int) -> int:
    """Sum of the V_j, and a β for each dimension of their span."""
    return p + (d - 1) * {"independent": 2, "both zero": 0}.get(kind, 1)


def _linear_part() -> None:
    for case in _cases(3):
        require_equal(_germ(*case).jacobian_rank(), _linear_count(*case), f"rank at {case}")


def _elimination() -> None:
    sigma, nu, xi, beta, other = sympy.symbols("sigma nu xi beta beta_")
    first = -nu * beta / (sigma - nu)  # β_1, from the component of V_1 β_1 + V_2 β_2 along U
    require_equal(sympy.cancel((sigma - nu) * first + nu * beta), 0, "the component along U")
    unit = sigma / (sigma - nu)
    require_equal(sympy.cancel(xi * (beta - first) - unit * xi * beta), 0, "the components across U")
    other_first = first.subs(beta, other)
    require_equal(sympy.cancel((sigma - nu) * first * other_first + nu * beta * other - unit * nu * beta * other), 0,
                  "the squares along U")
    multiple = (sigma**2 - 2 * sigma * nu) / (sigma - nu) ** 2
    require_equal(sympy.cancel(xi * (beta * other - first * other_first) - multiple * other * (xi * beta)), 0,
                  "the squares across U are multiples of ξ β")


def _zero_truth() -> None:
    v, b1, b2, c1, c2 = sympy.symbols("v b1 b2 c1 c2")
    squares = v * (b2 * c2 - b1 * c1)
    require_equal(sympy.expand(squares - (v * (b2 - b1) * c2 + b1 * v * (c2 - c1))), 0, "multiples of V (β_2 - β_1)")


def _independent() -> None:
    a, b = sympy.symbols("w0_0 w1_0")
    for d, p in ((2, 2), (3, 2), (2, 3)):
        germ, (first, other) = _germ("independent", d, p), _outputs("independent", p)
        family: dict[sympy.Symbol, sympy.Expr] = {sympy.Symbol(f"w{j}_{x}"): 0 for j in range(2) for x in range(1, d)}
        for c in range(p):
            changed = (other[c] + sympy.Symbol(f"v1_{c}")) * (1 + b) ** 2
            family[sympy.Symbol(f"v0_{c}")] = (first[c] + other[c] - changed) / (1 + a) ** 2 - first[c]
        require_equal(len(family), germ.jacobian_rank(), f"codimension of the family at d={d}, p={p}")
        for g in germ.expressions:
            require_equal(sympy.cancel(g.subs(family)), 0, f"an exact fit at d={d}, p={p}")


def _polar() -> None:
    for n, q in ((1, 1), (2, 2), (3, 1)):
        beta, xi = sympy.symbols(f"b:{n}"), sympy.symbols(f"x:{q}")
        r2, s2 = sum(b**2 for b in beta), sum(x**2 for x in xi)
        require_equal(sympy.expand(sum((b * x) ** 2 for b in beta for x in xi) - r2 * s2), 0, f"|β|^2 |ξ|^2 in {n} + {q} coordinates")
        require_equal(sympy.expand(sum((a * b) ** 2 for a in beta for b in beta) - r2**2), 0, f"|β|^4 in {n} coordinates")


def _left_over(kind: str, d: int, p: int) -> End:
    """``(lambda, m)`` of what is left, by a linear program on the radii of β and ξ, and on ν where it is 0 at the point."""
    n, q = d - 1, p - 1
    if n == 0 or kind in ("independent", "cancelling"):
        return End(Fraction(0), 1)
    if kind == "both zero":
        return product_of([End(Fraction(p, 2), 1), End(Fraction(n, 2), 1)])
    nu = int(kind == "one zero")
    exponents = ((2, 0, nu), (1, 1, 0)) if q else ((2, 0, nu),)
    value, multiplicity, _ = weighted_threshold(exponents, (n - 1, max(q - 1, 0), 0))
    return End(value, multiplicity)


def _value(kind: str, d: int, p: int) -> tuple[Fraction, int]:
    found = sum_of([End(Fraction(_linear_count(kind, d, p), 2), 1), _left_over(kind, d, p)])
    return found.value or Fraction(0), found.multiplicity


def _against_the_engine() -> None:
    for case in _cases(3):
        if case[1:] != (3, 3):
            found = rlct(_germ(*case), timeout=60)
            require_equal((found.lambda_, found.multiplicity), _value(*case), f"engine at {case}")


def _compare() -> None:
    entry = closed_form("quadratic-coinciding-units")
    for kind, d, p in _cases(9):
        outputs = sympy.Matrix(_outputs(kind, p))
        sizes = entry.check(d=d, p=p, active=sum(any(v) for v in outputs.tolist()), rank=outputs.rank(),
                            cancel=kind == "cancelling")
        require_equal(entry.formula(sizes), _value(kind, d, p), f"{kind} d={d} p={p}")


DERIVATION = Derivation(
    entry="quadratic-coinciding-units",
    statement=r"At $w_1\parallel w_2$, both nonzero, $n = d-1$, $q = p-1$. $V_1,V_2$ independent: $\lambda = (p+2n)/2$. Parallel, "
    r"nonzero, no sum zero: $(p+n)/2 + \min(n/2,(n+q)/4)$, $m=2$ iff $n=q>0$. $V_1+V_2=0\ne V_1$: $(p+n)/2$. One zero: "
    r"$(p+n)/2+\min(p/2,(n+q)/4,n/2)$, $m=2$ iff $n=q>0$ or $n=q+2$. Both zero: $p/2+\min(p,n)/2$, $m=2$ iff $n=p$. Else $m=1$.",
    assumptions=(r"$f(x) = V_1(w_1\cdot x)^2 + V_2(w_2\cdot x)^2$, $x\in\mathbb R^d$, $V_j\in\mathbb R^p$",
                 "the inputs identify quadratic forms", "the truth is the network at this point"),
    steps=(
        Step("Scales", r"$w_j\to tw_j$, $V_j\to V_j/t^2$ leaves $f$ alone, and a linear change of $x$ and of the outputs keeps losses "
             r"comparable: $w_j = e_1+\beta_j$, $\beta_j\in\mathbb R^n$ near 0. The generators are $u = V_1+V_2-U$, "
             r"$V_1\beta_1^\top+V_2\beta_2^\top$ and $V_1\otimes\beta_1^2+V_2\otimes\beta_2^2$.", _scales),
        Step("Linear parts", r"$u$ is linear: $p$ coordinates. If $V_1,V_2$ span a line, the component of "
             r"$V_1\beta_1^\top+V_2\beta_2^\top$ along it gives $n$ more; if they are independent, $\beta_1,\beta_2$ both.",
             _linear_part),
        Step("Independent", r"$u=0$, $\beta_1=\beta_2=0$ are exact fits of codimension $p+2n$, which is the rank: "
             r"$\lambda=(p+2n)/2$, $m=1$.", _independent),
        Step("Parallel, or one zero", r"Order the units so that $V_1\ne0$. Modulo $u$, $V_2=\nu e+\xi$, $V_1=(\sigma-\nu)e-\xi$ with $U=\sigma e$, $\xi\perp e$. The "
             r"component along $e$ is $\beta_1=-\nu\beta_2/(\sigma-\nu)$. If $\sigma\ne0$, with the unit $\sigma/(\sigma-\nu)$ what is left is "
             r"$\xi\otimes\beta_2$ and $\nu\beta_2^2$: $K\asymp|u|^2+|\beta_1'|^2+|\beta|^2(|\xi|^2+\nu^2|\beta|^2)$; $\nu$ is a unit if "
             r"$V_2\ne0$, a coordinate if $V_2=0$. If $\sigma=0$ then $\beta_1=\beta_2$ and nothing is left.", _elimination),
        Step("Both zero", r"Modulo $u$, $V_1=-V_2$, and with $\gamma=\beta_2-\beta_1$ the squares are multiples of $V_2\otimes\gamma$: "
             r"$K\asymp|u|^2+|V_2|^2|\gamma|^2$.", _zero_truth),
        Step("Polar coordinates", r"With $r=|\beta|$, $s=|\xi|$ the remainder is $(rs)^2+(r^2\nu)^2$ (or $(rs)^2+r^4$) with the measure "
             r"$r^{n-1}s^{q-1}$: monomial, a linear program. E.g. parallel: weights $(\tfrac12,\tfrac12)$ and $(1,0)$ of $(r,s)$, $\min((n+q)/2,n)/2$. "
             r"A product in separate variables for both zero.", _polar),
        Step("A second way", "The engine certifies these values on the network itself.", _against_the_engine),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
