"""Mixtures of a one-parameter family: weights and two moments about each true component are all there is."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import sympy
from flint import fmpq, fmpq_mat

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form, rlct
from slt_symbolic.closed_forms.parameter import format_sizes


def _second_moments() -> None:
    a = sympy.symbols("a1:4", nonnegative=True)
    b = sympy.symbols("b1:4", real=True)
    mean = sum(x * y for x, y in zip(a, b, strict=True)) / sum(a)
    moment = sum(x * y**2 for x, y in zip(a, b, strict=True))
    about = sum(x * (y - mean) ** 2 for x, y in zip(a, b, strict=True))
    require_equal(sympy.simplify(moment - about - mean**2 * sum(a)), 0, "the second moment is at least its part about the mean")
    gap = sum(a[1:]) * sum(x * y**2 for x, y in zip(a[1:], b[1:], strict=True)) - sum(
        x * y for x, y in zip(a[1:], b[1:], strict=True)) ** 2
    require_equal(sympy.expand(gap - a[1] * a[2] * (b[1] - b[2]) ** 2), 0, "Cauchy-Schwarz with weights")


def _one_surplus_component() -> None:
    z = sympy.symbols("z", positive=True)
    a, b = sympy.symbols("a b", positive=True)
    zeta = sympy.integrate(a ** (2 * z), (a, 0, 1)) * sympy.integrate(b ** (4 * z), (b, 0, 1))
    require_equal(sympy.simplify(zeta - 1 / ((2 * z + 1) * (4 * z + 1))), 0, "weight and place of a surplus component")
    found = rlct("a*b^2")
    require_equal((found.lambda_, found.multiplicity), (Fraction(1, 4), 1), "the engine, weights of both signs")


def _far_components() -> None:
    for surplus in range(1, 6):
        require(all(Fraction(far, 2) + Fraction(surplus - far, 4) > Fraction(surplus, 4) for far in range(1, surplus + 1)),
                f"components of weight 0 elsewhere cost more, H-r={surplus}")


def _value(components: int, true: int) -> Fraction:
    """Weights, first moments, and a quarter for each surplus component."""
    return Fraction(true - 1, 2) + Fraction(true, 2) + Fraction(components - true, 4)


def _exponentials() -> None:
    """Values at x = 0, 1, 2, ... of b^x, x b^x, x^2 b^x: normal densities are exp(c x) times powers of x and one factor."""
    for places in range(1, 6):
        points, bases = range(3 * places), [Fraction(x + 1, 2) for x in range(places)]
        rows = [[fmpq(x**power) * fmpq(*(base**x).as_integer_ratio()) for x in points] for base in bases for power in range(3)]
        require_equal(fmpq_mat(rows).rank(), 3 * places, f"values and two derivatives at {places} places are independent")


def _hermite() -> None:
    """On n trials, e_j(θ) = moments 1, θ, ..., θ^n: values and two derivatives at distinct places are independent."""
    for n in range(1, 12):
        for places in range(1, n + 2):
            if 3 * places <= n + 1:
                rows = []
                for x in range(1, places + 1):  # rescaled to integers
                    rows += [[x**j for j in range(n + 1)], [j * x ** max(j - 1, 0) for j in range(n + 1)],
                             [j * (j - 1) * x ** max(j - 2, 0) for j in range(n + 1)]]
                require_equal(fmpq_mat(rows).rank(), 3 * places, f"independent at {places} places, n={n}")
    for components in range(1, 9):
        for true in range(1, components + 1):
            needed = [sum(2 + (size > 1) for size in sizes) + components - sum(sizes)
                      for sizes in _compositions(true, components)]
            require(max(needed) <= components + true <= 2 * components,
                    f"H + r functions are needed at most, not more than 2H, at H={components}, r={true}")


def _compositions(parts: int, total: int) -> list[tuple[int, ...]]:
    """Sizes >= 1 of ``parts`` groups with a sum of at most ``total``."""
    if parts == 0:
        return [()]
    return [(size, *rest) for size in range(1, total - parts + 2) for rest in _compositions(parts - 1, total - size)]


def _compare(name: str) -> None:
    entry = closed_form(name)
    for components in range(1, 9):
        for true in range(1, components + 1):
            sizes = {"H": components, "r": true} | ({"n": 2 * components - 1} if name.startswith("binomial") else {})
            require_equal(entry.formula(entry.check(**sizes)), (_value(components, true), 1), format_sizes(sizes))


def _derivation(name: str, family: str, independent: str) -> Derivation:
    return Derivation(
        entry=name,
        statement=r"""For $H$ components and a truth of $r\le H$ distinct ones of positive weight, the minimum over all parameters with the true distribution is
$$\lambda=\frac{H+3r-2}4=\frac{2r-1}2+\frac{H-r}4,\qquad m=1.$$""" + (r" On $n$ trials: for $n\ge2H-1$." if "binomial" in name else ""),
        assumptions=(family, r"weights $a_h\ge0$, $\sum a_h=1$; locations $b_h$ in a compact set, the true ones $c_1,\dots,c_r$ inside it; "
                     r"$K$ is comparable to the squared norm of the difference of densities divided by the root of the true one"),
        steps=(
            Step("Expansion", r"""By identifiability a parameter has the true distribution if and only if its components of positive weight lie on the $c_i$ and have their weights $\pi_i$ in sum. Near such a point let $I_i$ be the components near $c_i$ and $F$ the others, of small weights, near places $d\ne c_i$. Taylor's formula gives
$$p-q=\sum_i\Bigl(\delta_if(c_i)+M_{1i}f'(c_i)+\tfrac12M_{2i}f''(c_i)\Bigr)+\sum_da_df(d)+\text{rest},$$
$$\delta_i=\sum_{I_i}a_h-\pi_i,\quad M_{ji}=\sum_{I_i}a_h(b_h-c_i)^j,\quad a_d=\text{the weight near }d.$$
The rest is at most a small multiple of the $M_{2i}$ and $a_d$: *weights are not negative*, so $|\sum a_h(b_h-c_i)^3|\le\epsilon M_{2i}$. """ + independent + r"""
So $K\asymp\sum_i(\delta_i^2+M_{1i}^2+M_{2i}^2)+\sum_da_d^2$ with $\sum\delta_i+\sum a_d=0$ (where $I_i$ is a single component of weight $\pi_i$, $M_{2i}$ is smaller than $M_{1i}^2$ and is not needed).""",
                 _hermite if "binomial" in name else _exponentials),
            Step("Second moments", r"""In $I_i$ one component has a weight that does not vanish: $M_{1i}$ is a coordinate in place of its location. Then, as terms of one sign and by Cauchy-Schwarz,
$$M_{1i}^2+M_{2i}^2\asymp M_{1i}^2+\sum_ha_h^2(b_h-c_i)^4,$$
the sum over the others of $I_i$: separate variables.""", _second_moments),
            Step("A surplus component", r"$\int a^{2z}b^{4z}=1/((2z+1)(4z+1))$: a surplus component at a true one adds $\tfrac14$, $m=1$, at weight 0 as well as at positive weight. One that lies elsewhere has weight 0 and adds $\tfrac12$.", _one_surplus_component),
            Step("Sum", r"$r-1$ of the $\delta_i$ and $r$ first moments add $\tfrac12$ each. The least value is where all surplus components lie on true ones, and is the same at all these points; $m=1$, as multiplicities add less one.", _far_components),
            Step("Comparison", "The catalogue entry has these values.", partial(_compare, name)),
        ))


NORMAL = _derivation(
    "normal-mixture", "normal densities in one dimension, known variance",
    "The functions $f(c_i),f'(c_i),f''(c_i),f(d)$ are independent: up to a common factor they are powers $(e^{c/\\sigma^2})^x$ times polynomials in $x$, with different bases, $\\sigma^2$ the variance.")
POISSON = _derivation(
    "poisson-mixture", "Poisson laws with positive rates",
    "The functions $f(c_i),f'(c_i),f''(c_i),f(d)$ are independent: powers $c^x$ times polynomials in $x$.")
BINOMIAL = _derivation(
    "binomial-mixture", "binomial laws of $n$ trials, true probabilities strictly between 0 and 1",
    "Of the functions $f(c_i),f'(c_i),f''(c_i),f(d)$ (no $f''$ at a single component) at most $H+r\\le n+1$ occur; they are independent by Hermite interpolation in degree $n$. "
    "And $2H\\le n+1$ makes the mixture identify its components (two mixtures differ by at most $2H$ binomials).")
