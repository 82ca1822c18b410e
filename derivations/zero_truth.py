"""All units at zero, zero truth: blow-ups in w for two units or one input, bounds from both sides elsewhere."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement, product

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import Germ, closed_form, rlct
from slt_symbolic.check.bracket import End, product_of, sum_of
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at
from slt_symbolic.search.proofs.newton import monomial_threshold


def _germ(w: list[list[int]], v: list[list[int]]) -> Germ:
    return germ_at(QuadraticNetwork(QuadraticForms(len(w[0])), len(v[0]), len(w)), w, v)


def _zeros(rows: int, columns: int) -> list[list[int]]:
    return [[0] * columns for _ in range(rows)]


def _one_input() -> None:
    tau = sympy.Symbol("tau")
    for units in (1, 2, 4):
        v, ratios = sympy.symbols(f"v:{units}"), (1, *sympy.symbols(f"r1:{units}"))
        f = sum(a * (tau * ratio) ** 2 for a, ratio in zip(v, ratios, strict=True))
        u = v[0] + sum(a * ratio**2 for a, ratio in zip(v[1:], ratios[1:], strict=True))
        require_equal(sympy.expand(f - tau**2 * u), 0, f"the chart of K={units}")
        require_equal(sympy.diff(u, v[0]), 1, f"u takes the place of V_1 at K={units}")


def _one_input_end(p: int, units: int) -> End:
    return product_of([End(Fraction(units, 4), 1), End(Fraction(p, 2), 1)])


def _chart_of_two_units() -> None:
    tau, c, v1, v2 = sympy.symbols("tau c v1 v2")
    for d in (1, 2, 3):
        ratios, gap = sympy.symbols(f"r1:{d}"), sympy.symbols(f"g1:{d}")
        first = tau * sympy.Matrix([1, *ratios])
        other = c * first + tau * sympy.Matrix([0, *gap])
        straight = sympy.Matrix(d, d, lambda i, j, r=ratios: int(i == j) if j or not i else -r[i - 1])
        form = straight * (v1 * first * first.T + v2 * other * other.T) * straight.T
        expected = sympy.Matrix(d, d, lambda i, j, g=gap: tau**2 * (
            v1 + c**2 * v2 if i == j == 0 else v2 * (c if i == 0 else g[i - 1]) * (c if j == 0 else g[j - 1])))
        require_equal((form - expected).expand(), sympy.zeros(d, d), f"the chart at d={d}")
        jacobian = sympy.Matrix([*first, *other]).jacobian([tau, *ratios, c, *gap])
        require(sympy.factor(jacobian.det()) in (tau ** (2 * d - 1), -tau ** (2 * d - 1)), f"the measure at d={d}")


def _two_units_end(d: int, p: int) -> End:
    """``(lambda, m)`` of ``tau^2 (u, V_2 (δ) (c, δ))`` with the measure ``tau^(2d-1)``."""
    size = d - 1
    gaps = [tuple(int(a == x) for a in range(size)) for x in range(size)]
    exponents = [(1, *g) for g in gaps] + [(0, *(x + y for x, y in zip(g, h, strict=True)))
                                           for g, h in combinations_with_replacement(gaps, 2)]
    rest = product_of([End(Fraction(p, 2), 1), End(*monomial_threshold(exponents))]) if size else End(Fraction(0), 1)
    return product_of([End(Fraction(2 * d, 4), 1), sum_of([End(Fraction(p, 2), 1), rest])])


def _one_unit_end(d: int, p: int) -> End:
    return product_of([End(Fraction(p, 2), 1), End(Fraction(d, 4), 1)])


def _restrictions() -> None:
    # Units 0, 1 on the first input, unit 2 on the second: the ideal is the sum of the two.
    germ = _germ(_zeros(3, 2), _zeros(3, 1))
    off = {sympy.Symbol(name): 0 for name in ("w0_1", "w1_1", "w2_0")}
    v = sympy.symbols("v0_0 v1_0 v2_0")
    x, y, z = sympy.symbols("w0_0 w1_0 w2_1")
    restricted = {sympy.expand(g.subs(off)) for g in germ.expressions} - {0}
    one, other = sympy.expand(v[0] * x**2 + v[1] * y**2), v[2] * z**2
    require_equal(restricted, {one, other, sympy.expand(one + other)}, "inputs of their own")


def _divisors() -> None:
    for d, p, units in ((2, 1, 2), (2, 2, 3), (3, 1, 5), (2, 2, 5)):
        w = [[(index + 2) ** a for a in range(d)] for index in range(units)]
        found = _germ(w, _zeros(units, p)).jacobian_rank()
        require_equal(found, p * min(units, d * (d + 1) // 2), f"rank at V = 0, generic w, d={d}, p={p}, K={units}")
    for d, p, s in ((2, 1, 1), (2, 1, 2), (3, 1, 2), (2, 2, 1), (2, 2, 2), (3, 2, 1)):
        w = [[int(a == i) for a in range(d)] for i in range(s) for _ in range(p + 1)] + [[1] * d]
        cancelling = [[int(c == i) for c in range(p)] for i in range(p)] + [[-1] * p]
        germ = _germ([*w[:-1], [0] * d], [*cancelling * s, [1] * p])
        expected = sum(p for a in range(s) for _ in range(a, d))
        require_equal(germ.jacobian_rank(), expected, f"rank at {s} directions, d={d}, p={p}")


def _third_family(d: int, p: int, units: int, s: int) -> Fraction:
    linear = sum(p for a in range(s) for _ in range(a, d))
    return Fraction(linear, 2) + Fraction((units - (p + 1) * s) * (d - s), 4)


def _upper(d: int, p: int, units: int) -> Fraction:
    directions = range(min(d, units // (p + 1)) + 1)
    quadratic_forms = sum(1 for a in range(d) for _ in range(a, d))
    return min(Fraction(p * min(units, quadratic_forms), 2), *(_third_family(d, p, units, s) for s in directions),
               Fraction(units * d, 4))


def _against_the_engine() -> None:
    for d, p, units in ((1, 2, 1), (1, 1, 4), (1, 3, 2), (2, 1, 2), (2, 2, 2), (3, 1, 2), (2, 3, 2)):
        found = rlct(_germ(_zeros(units, d), _zeros(units, p)), timeout=60)
        end = _one_input_end(p, units) if d == 1 else _two_units_end(d, p)
        require_equal((found.lambda_, found.multiplicity), (end.value, end.multiplicity), f"d={d}, p={p}, K={units}")


def _compare() -> None:
    entry = closed_form("quadratic-zero-truth")
    for d, p in product(range(1, 9), repeat=2):
        for units in range(1, 12):
            sizes = {"d": d, "p": p, "K": units}
            value, multiplicity = entry.formula(sizes)
            simple = min(Fraction(units * d, 4), Fraction(p * min(units, d * (d + 1) // 2), 2))
            require_equal(value, simple, f"the formula at d={d} p={p} K={units}")
            answer = entry.at(**sizes)
            if d == 1 or units <= 2:
                end = (_one_input_end(p, units) if d == 1 else _one_unit_end(d, p) if units == 1
                        else _two_units_end(d, p))
                found = answer.lambda_, answer.multiplicity, value, multiplicity
                require_equal(found, (end.value, end.multiplicity) * 2, f"d={d} p={p} K={units}")
                continue
            require_equal(answer.upper, _upper(d, p, units), f"upper bound at d={d} p={p} K={units}")
            two = _two_units_end(d, p).value or Fraction(0)
            one = _one_input_end(p, units).value or Fraction(0)
            require(answer.lower >= max(two, one), f"lower bound at d={d} p={p} K={units}")
            half = -(-units // 2)
            if d >= 2 * p * half or p >= half * -(-d // 2):
                require_equal(answer.lambda_, simple, f"blocks at d={d} p={p} K={units}")


DERIVATION = Derivation(
    entry="quadratic-zero-truth",
    statement=r"At $V=0$, $w=0$ with zero truth: for $d=1$, $\lambda=\min(K/4,p/2)$, $m=2$ iff $K=2p$; for $K=1$, $\min(p/2,d/4)$, $m=2$ iff $d=2p$; for "
    r"$K=2$, $d\ge2$, $\lambda=\min(p,d/2)$, $m = 1$ unless $d=2p$, then $3$, or $4$ if $d=2$. Else a bracket, which closes for "
    r"$d\ge2p\lceil K/2\rceil$ at $Kp/2$ and for $p\ge\lceil K/2\rceil\lceil d/2\rceil$ at $Kd/4$. Where $d=1$ or $K\le2$ and no other $m$ is named, $m=1$.",
    assumptions=(r"$f(x)=\sum_{j\le K}V_j(w_j\cdot x)^2$, $x\in\mathbb R^d$, $V_j\in\mathbb R^p$", "the inputs identify quadratic forms"),
    steps=(
        Step("One input", r"Blow up $w=0$: in the chart $w=\tau(1,\theta_2,\dots)$, $f=\tau^2u$ with $u=V_1+\sum\theta_j^2V_j$ a "
             r"coordinate in place of $V_1$. With the measure $\tau^{K-1}$ this is a product of $(K/4,1)$ and $(p/2,1)$.", _one_input),
        Step("Two units: the chart", r"Blow up $w=0$: $w_1=\tau\omega$, $w_2=\tau(c\,\omega+\delta)$ with $\omega=(1,\cdot)$, $\delta=(0,\cdot)$ (or the "
             r"units exchanged). In a basis of $x$ that starts with $\omega$ the entries of $f$ are $\tau^2u$ with $u=V_1+c^2V_2$, $\tau^2cV_2\delta$ "
             r"and $\tau^2V_2\delta\delta^\top$; the measure is $\tau^{2d-1}$.", _chart_of_two_units),
        Step("Two units: the pair", r"So a product in separate variables of $\tau^2$ and $(u) + (V_2)(\delta)(c,\delta)$: $(d/2,1)$ against "
             r"$(p/2,1)$ plus the product of $(p/2,1)$ and the monomial ideal $(\delta)(c,\delta)$, least at $c=0$. For $d\ge2$ the value is "
             r"$\min(d/2,\,p,\,p/2+d/4)=\min(d/2,p)$. Charts and ideals are algebraic and monomial in the end: half the complex "
             r"threshold is the same number.", _against_the_engine),
        Step("Lower bounds", r"$\lambda\ge\tfrac12\mathrm{lct}_{\mathbb C}$, which does not grow when the ideal is restricted to a linear "
             r"subspace (inversion of adjunction; not true of the real threshold). Put all but two units to 0; or put pairs of units on inputs, or outputs, of "
             r"their own: separate variables. And $f$ on one input direction alone is a smaller loss: $\min(K/4,p/2)$.", _restrictions),
        Step("Upper bounds", r"Weight $\tfrac12$ on all $w$: $Kd/4$. At $V=0$, $w$ generic the rank is $p\min(K,q)$, and if $K>q$ it is "
             r"$pq$, full; if $K\le q$, $V=0$ is a family of that codimension. At $w=e_i$ for $p+1$ units each, $i\le s$, whose $V_j$ span "
             r"$\mathbb R^p$ and add up to 0, $w=0$ for the others: $GL_d$ keeps the zero truth, so the first unit of each group may be held at $e_i$; "
             r"$p(sd-s(s-1)/2)$ coordinates get weight 1, the components $\gamma$ of the other $w_j$ across $e_1..e_s$ weight $\tfrac12$, "
             r"all else 0. After elimination the groups' own components across are of order $|\gamma|$, so all generators have order $\ge1$. Exact fits with "
             r"these values lie arbitrarily near 0 ($f$ is homogeneous), and $\lambda$ is lower semicontinuous in the point.", _divisors),
        Step("Comparison", "The catalogue entry has these values and bounds.", _compare),
    ),
)
