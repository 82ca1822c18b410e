"""Idle units beside a generic exact fit: a torus makes what is left a monomial ideal."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import Germ, closed_form, rlct
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at
from slt_symbolic.search.proofs.newton import monomial_threshold, weighted_threshold

Monomial = tuple[int, int, int]  # (c, a, b): output c of x_a x_b, a <= b
Fit = tuple[int, int, int, int]  # d, p, active, silent with active + silent <= d, active <= p or p = 1


def _fits(largest_d: int, largest_p: int) -> Iterator[Fit]:
    for d, p in product(range(1, largest_d + 1), range(1, largest_p + 1)):
        for active in range(1, (d if p == 1 else min(d, p)) + 1):
            for silent in range(d - active + 1):
                yield d, p, active, silent


def _unit(index: int, length: int) -> list[int]:
    return [int(x == index) for x in range(length)]


def _germ(fit: Fit, blind: int = 0, dead: int = 0) -> Germ:
    d, p, active, silent = fit
    w = [_unit(j, d) for j in range(active + silent)] + [[0] * d] * (blind + dead)
    v = ([_unit(j, p) if p > 1 else [(-1) ** j] for j in range(active)] + [[0] * p] * silent
         + [_unit(active + j, p) for j in range(blind)] + [[0] * p] * dead)
    return germ_at(QuadraticNetwork(QuadraticForms(d), p, len(w)), w, v)


def _tangent(fit: Fit) -> set[Monomial]:
    d, p, active, silent = fit
    squares = {(c, j, j) for c in range(p) for j in range(active + silent)}
    if p == 1:
        return squares | {(0, a, b) for a in range(active) for b in range(a, d)}
    return squares | {(j, min(j, a), max(j, a)) for j in range(active) for a in range(d)}


def _outside(fit: Fit) -> list[Monomial]:
    d, p, *_ = fit
    inside = _tangent(fit)
    return [(c, a, b) for c in range(p) for a, b in combinations_with_replacement(range(d), 2) if (c, a, b) not in inside]


def _tangent_space() -> None:
    for fit in _fits(3, 3):
        d, p, active, silent = fit
        generic = active * (p + d - 1) if p > 1 else sum(d - a for a in range(active))
        require_equal(len(_tangent(fit)), generic + silent * p, f"monomials of the tangent space at {fit}")
        for dead in (0, 1):
            require_equal(_germ(fit, dead=dead).jacobian_rank(), len(_tangent(fit)), f"rank at {fit}")


def _holding_units() -> None:
    # g e_l = e_l + b leaves the active units of the fit alone, and so the truth.
    for d, active in ((2, 1), (3, 1), (3, 2)):
        change = sympy.Matrix(d, d, lambda i, j, a=active: int(i == j) + (sympy.Symbol(f"b{i}{j}") if j >= a else 0))
        for j in range(active):
            require_equal(list(change.inv().col(j)), _unit(j, d), f"g^-1 e_{j} at d={d}, K={active}")


def _one_output() -> None:
    v = sympy.Symbol("v")
    for active, rest in ((1, 2), (2, 1), (2, 2)):
        x = sympy.Matrix(active, active, lambda i, j: sympy.Symbol(f"x{i}{j}"))
        h, gap = sympy.Matrix(sympy.symbols(f"h:{active}")), sympy.Matrix(sympy.symbols(f"g:{rest}"))
        signs = sympy.diag(*((-1) ** j for j in range(active)))
        y = -v * gap * h.T * x.inv().T * signs
        require((y * signs * x.T + v * gap * h.T).applyfunc(sympy.cancel).is_zero_matrix,
                f"block (2,1) for K={active}, {rest} more rows")
        unit = 1 + v * (h.T * (x * signs * x.T).inv() * h)[0]
        require((y * signs * y.T + v * gap * gap.T - unit * v * gap * gap.T).applyfunc(sympy.cancel).is_zero_matrix,
                f"block (2,2) for K={active}, {rest} more rows")
    for n in range(3, 8):
        for silent in range(n + 1):
            require_equal(_dead_pair((n + 1, 1, 1, silent)), (Fraction(1, 2), 1), f"V w_a w_b on {n} inputs")


def _balanced(fit: Fit, monomial: Monomial, largest: int) -> set[tuple[int, ...]]:
    """Exponents of V and of w, up to this degree in V, of the weight of (c; a, b) under the torus that keeps the fit."""
    d, p, active, _ = fit
    c, a, b = monomial

    def weight(outputs: list[int], inputs: list[int]) -> tuple[int, ...]:
        # s_i = t_i^-2 for active i: their weights are powers of t_i alone.
        return (*(inputs[x] - (2 * outputs[x] if x < active else 0) for x in range(d)), *outputs[active:])

    target = weight(_unit(c, p), [x + y for x, y in zip(_unit(a, d), _unit(b, d), strict=True)])
    found = set()
    for degree in range(1, largest + 1):
        for chosen in combinations_with_replacement(range(p), degree):
            outputs = [chosen.count(x) for x in range(p)]
            for other in combinations_with_replacement(range(d), 2 * degree):
                inputs = [other.count(x) for x in range(d)]
                if weight(outputs, inputs) == target:
                    found.add((*outputs, *inputs))
    return found


def _torus() -> None:
    for fit in ((2, 2, 1, 0), (2, 3, 2, 0), (3, 2, 2, 0), (3, 3, 2, 1), (3, 3, 3, 0)):
        d, p, *_ = fit
        for c, a, b in _outside(fit):
            smallest = (*_unit(c, p), *(int(x == a) + int(x == b) for x in range(d)))
            for exponents in _balanced(fit, (c, a, b), 3):
                require(all(x >= y for x, y in zip(exponents, smallest, strict=True)), f"{exponents} at {fit}, {c, a, b}")


def _dead_monomials(fit: Fit) -> tuple[tuple[int, ...], ...]:
    d, p, *_ = fit
    return tuple((*_unit(c, p), *(int(x == a) + int(x == b) for x in range(d))) for c, a, b in _outside(fit))


def _dead_pair(fit: Fit) -> tuple[Fraction, int]:
    return monomial_threshold(_dead_monomials(fit))


def _blind_pair(fit: Fit) -> tuple[Fraction, int]:
    """Of the monomials at an output of its own."""
    d, p, active, silent = fit
    return monomial_threshold([tuple(int(x == a) + int(x == b) for x in range(d))
                               for c, a, b in _outside((d, p + 1, active, silent)) if c == p])


def _loads(d: int, p: int, active: int) -> tuple[Fraction, list[list[Fraction]]]:
    """The mass of each output, and its shares of the inputs, for d >= 5."""
    mass = min(Fraction(1), Fraction(d, 2 * p))
    even = 2 * mass / d
    if active == 1:
        own = [Fraction(0), *[2 * mass / (d - 1)] * (d - 1)]
        first = d * even * p / (d * (p - 1)) if p > 1 else Fraction(0)
        return mass, [own] + [[first, *[(2 * mass - first) / (d - 1)] * (d - 1)]] * (p - 1)
    more = even * active / (active - 1)
    return mass, [[Fraction(0) if x == c else more if x < active else even for x in range(d)] if c < active else [even] * d
                  for c in range(p)]


def _one_dead_unit() -> None:
    for d, p in product(range(5, 12), range(1, 14)):
        for active in range(1, min(d, p) + 1):
            mass, shares = _loads(d, p, active)
            for c, share in enumerate(shares):
                require_equal(sum(share), 2 * mass, f"mass of output {c}, d={d} p={p} K={active}")
                allowed = [x for a, x in enumerate(share) if a != c or c >= active]
                require(all(0 < x < mass for x in allowed), f"shares of output {c} are those of pairs, d={d} p={p} K={active}")
            totals = [sum(share[a] for share in shares) for a in range(d)]
            require(max(totals) <= 1 and (max(totals) < 1 or d <= 2 * p), f"loads at d={d} p={p} K={active}")
            require_equal(p * mass, min(Fraction(p), Fraction(d, 2)), f"total at d={d} p={p} K={active}")
    for fit in _fits(6, 3):
        d, p, active, _ = fit
        single = min(Fraction(p, 2), Fraction(d, 4)), 2 if d == 2 * p else 1
        require(d < 5 or active > p or _dead_pair(fit) == single, f"one dead unit at {fit}")


def _many_outputs() -> None:
    for d, _, active, silent in _fits(4, 4):
        fit = (d, max(active + 2, 3), active, silent)
        if not _outside(fit):
            continue
        require_equal(_dead_pair(fit)[0], Fraction(d, 4), f"the value at {fit}")
        # V costs 99, w 100: if some optimum had V > 0, this would be less.
        cheaper, _, _ = weighted_threshold(_dead_monomials(fit), (98,) * fit[1] + (99,) * d)
        require_equal(cheaper, Fraction(100 * d, 4), f"V = 0 at all optima at {fit}")
        more = (d, fit[1] + 1, active, silent)
        require_equal(_dead_pair(more), _dead_pair(fit), f"one more output at {fit}")
    for d in range(3, 7):
        for active, occupied in combinations(range(d + 1), 2):
            fit = (d, active, active, occupied - active)
            require_equal(_blind_pair(fit), (Fraction(d, 4), 1), f"a blind unit at d={d}")


def _full_rank() -> None:
    germ = germ_at(QuadraticNetwork(QuadraticForms(2), 2, 4), [[1, 0], [0, 1], [1, 1], [0, 0]],
                   [[1, 0], [0, 1], [1, 1], [0, 0]])
    require_equal(germ.jacobian_rank(), 6, "the rank is that of all equations")
    found = rlct(germ, timeout=60)
    require_equal((found.lambda_, found.multiplicity), (Fraction(6, 2), 1), "a dead unit adds nothing")


def _value(fit: Fit, blind: int, dead: int) -> tuple[Fraction, int]:
    value, ties = _dead_pair(fit) if dead else _blind_pair(fit)
    if not dead:
        value, ties = blind * value, 1 + blind * (ties - 1)
    return Fraction(len(_tangent(fit)), 2) + value, ties


def _against_the_engine() -> None:
    for fit, blind, dead in (((2, 4, 1, 0), 0, 1), ((2, 4, 2, 0), 0, 1), ((2, 3, 1, 1), 0, 1), ((3, 1, 2, 1), 0, 1),
                             ((3, 3, 1, 0), 1, 0), ((3, 1, 1, 1), 0, 0), ((3, 2, 1, 1), 1, 0)):
        found = rlct(_germ(fit, blind, dead), timeout=60)
        require_equal((found.lambda_, found.multiplicity), _value(fit, blind, dead), f"engine at {fit}, {blind}, {dead}")


def _dead_on_blocks(fit: Fit, dead: int) -> Fraction:
    """The threshold of the monomials V_c w_a w_b outside of several dead units, each on inputs of its own."""
    d, p, active, _ = fit
    first = active if p == 1 else 0
    size = (d - first) // dead
    exponents = []
    for j, (c, a, b) in product(range(dead), _outside(fit)):
        if {(a - first) // size, (b - first) // size} == {j}:
            outputs = [int(x == (j, c)) for x in product(range(dead), range(p))]
            exponents.append((*outputs, *(int(x == a) + int(x == b) for x in range(d))))
    return monomial_threshold(exponents)[0]


def _several_dead() -> None:
    fit, dead = (2, 1, 1, 0), 2
    lowest = {g.subs({sympy.Symbol("v0_0"): 0, **{sympy.Symbol(f"w0_{a}"): 0 for a in range(2)}})
              for g in _germ(fit, dead=dead).expressions}
    x, y = (sympy.Symbol("v1_0") * sympy.Symbol(f"w1_{a}") * sympy.Symbol(f"w1_{b}") for a, b in ((0, 0), (1, 1)))
    z = sympy.Symbol("v2_0") * sympy.Symbol("w2_1") ** 2
    require(x + sympy.Symbol("v2_0") * sympy.Symbol("w2_0") ** 2 in lowest and y + z in lowest, "sums of atoms")
    for fit, dead in (((8, 2, 1, 0), 2), ((8, 2, 2, 3), 2), ((9, 2, 2, 0), 2), ((5, 1, 1, 0), 2), ((8, 1, 2, 3), 3)):
        require_equal(_dead_on_blocks(fit, dead), Fraction(dead * fit[1], 2), f"{dead} dead units at {fit}")


def _compare() -> None:
    entry = closed_form("quadratic-padded")
    for fit in _fits(4, 4):
        d, p, active, silent = fit
        for blind, dead in ((0, 1), *((blind, 0) for blind in range(max(p - active, 0) + 1))):
            sizes = {"d": d, "p": p, "K": active, "silent": silent, "blind": blind, "dead": dead}
            expected = _value(fit, blind, dead)
            require_equal(entry.formula(entry.check(**sizes)), expected, f"formula at {fit}, {blind}, {dead}")
            answer = entry.at(**sizes)
            require_equal((answer.lambda_, answer.multiplicity), expected, f"{fit}, {blind}, {dead}")
            require_equal(answer.evidence.grade, "proved", f"grade at {fit}")
        several = entry.at(d=d, p=p, K=active, silent=silent, dead=2)
        require(_value(fit, 0, 1)[0] <= several.lower, f"lower bound of two dead units at {fit}")
    for fit, dead in (((8, 2, 1, 0), 2), ((9, 2, 2, 0), 2), ((5, 1, 1, 0), 2), ((8, 1, 2, 3), 3)):
        d, p, active, silent = fit
        several = entry.at(d=d, p=p, K=active, silent=silent, dead=dead)
        value = Fraction(len(_tangent(fit)), 2) + Fraction(dead * p, 2)
        require_equal(several.lambda_, value, f"{dead} dead units at {fit}")


DERIVATION = Derivation(
    entry="quadratic-padded",
    statement=r"A generic exact fit by $K$ active units, $o$ silent ($V=0$), $i$ blind ($w=0$) and $z$ dead ones ($V=0$, $w=0$). "
    r"Let $D$ be the rank of the active units alone. Where $D=pq$, $q=\tfrac12d(d+1)$, $\lambda=pq/2$, $m=1$. For $K+o\le d$, $K+i\le p$ and $z=0$, or $z=1$ and $i=0$: "
    r"$\lambda = \tfrac12(K(p+d-1)+op) + \lambda(J)$ with the $m$ of $J$, a monomial ideal. For one dead unit $\lambda(J)=\min(p/2,d/4)$ up to "
    r"exceptions at $d\le3$, for blind ones $id/4$ if $d\ge2$. For $p=1$ "
    r"and one dead unit $K+o\le d$ is enough, with $Kd-\tfrac12K(K-1)+o$ in place of $K(p+d-1)+op$. Always $\lambda\le D/2+op/2+\lambda_0(z)+id/4$, $\lambda_0(z)$ the value of "
    r"the dead units alone.",
    instances=r"Proved for all these sizes with few units; where $D=pq$ the rank of the active units is that of quadratic-generic, proved "
    r"or certified.",
    assumptions=(r"$f(x)=\sum_j V_j(w_j\cdot x)^2$, $x\in\mathbb R^d$, $V_j\in\mathbb R^p$, the units that are not idle generic",
                 "the inputs identify quadratic forms", "the truth is the network at this point"),
    steps=(
        Step("All equations", r"If the active units have rank $pq$, all generators have independent linear parts, whatever the idle units "
             r"do: $\lambda=pq/2$, $m=1$.", _full_rank),
        Step("Upper bound", r"$|\sum_k f_k|^2\le n\sum_{k\le n}|f_k|^2$: the loss is at most a constant times the sum of those of the active units, of "
             r"each silent one ($\asymp|V|^2$), of each blind one ($\asymp|w|^4$) and of the dead ones alone, in separate variables.",
             _tangent_space),
        Step("Tangent space", r"For $K+o\le d$, $K+i\le p$ bases make the active units $V_j=w_j=e_j$, the silent $w=e_j$, the blind $V=e_j$, further $j$. "
             r"The linear parts span the monomials $(c;j,j)$, $j\le K+o$, and $(j;j,a)$, $j\le K$: $R=K(p+d-1)+op$ coordinates, solved for the "
             r"$V_j$ of active and silent units and the $w_j$ of active ones, whose $j$-th component is held at 1 by scaling. If there is no dead or blind unit nothing is left: silent units have "
             r"$V=0$ then, and $\lambda=R/2$.", _tangent_space),
        Step("Units that may be held", r"$x\to g^\top x$ with $g e_l=w_l$ for silent $l$, $ge_a=e_a$ else, leaves the truth $\sum_j e_j\otimes e_j^2$ alone; so $w_l=e_l$. In "
             r"the same way $V=e_l$ for blind units.", _holding_units),
        Step("A torus", r"$x_a\to t_ax_a$ and output $c\to s_c$ with $s_jt_j^2=1$, $j\le K$, leaves the truth alone, and so does the scaling of each idle unit. The "
             r"solution of the eliminated equations is unique, so equivariant, and what is left at $(c;a,b)$ outside the tangent space is a power series in "
             r"monomials of its weight. For one dead unit these are $V_cw_aw_b\prod_{j\le K}(V_jw_j^2)^{k_j}$, $k_j\in\mathbb Z$: if $j\ne c$ the exponent of $V_j$ is $k_j\ge0$; "
             r"if $j=c\le K$ then $a,b\ne j$ and that of $w_j$ is $2k_j\ge0$. So it is $V_cw_aw_b$ times a unit: its lowest term is there, as first-order "
             r"changes of the eliminated variables stay in the tangent space. For blind unit $j$ the same count leaves $w_aw_b$ at its own output alone, and no "
             r"monomial elsewhere. Hence $J=(V_cw_aw_b)$, or the sum over blind units of $(w_aw_b)$, over the $(c;a,b)$ outside.", _torus),
        Step("One output", r"For $p=1$, $K+o\le d$, no blind unit: $W=\binom XY$ the active weights, $w=\binom h\gamma$ the dead one. Modulo block $(2,1)$, "
             r"block $(2,2)$ is $V\gamma\gamma^\top$ times the unit $1+Vh^\top(XSX^\top)^{-1}h$: $J=(V\gamma_a\gamma_b)$ less the squares of the silent units, "
             r"a dead unit on $d-K$ inputs without an active one: $\min(1/2,(d-K)/4)$, and $(\tfrac12,1)$ from 3 inputs on.", _one_output),
        Step("One dead unit, d >= 5", r"Weights $w=\tfrac12$, or $V=1$, give $\lambda(J)\le\min(p/2,d/4)$. Dual: output $c$ spreads its mass $\mu=\min(1,d/2p)$ over pairs $a\ne b$ "
             r"of inputs, not $c$ if $c\le K$; shares $0<\ell<\mu$ with sum $2\mu$ are those of a distribution on all pairs. With $K\ge2$: $\ell=2\mu K/(d(K-1))$ on other $a\le K$, "
             r"$2\mu/d$ elsewhere; with $K=1$ outputs $c>1$ make up at input 1. Each input then carries $2p\mu/d\le1$ (for $K=p=1$ at most $2/(d-1)$), in all $\min(p,d/2)$. By complementary slackness $w=0$ if $2p<d$ and $V=0$ if "
             r"$2p>d$, and $V_c+w_a+w_b=1$ on all pairs with mass, whose graph is connected and not bipartite, so the optimum is unique; if $2p=d$, $w$ is constant and a line of optima is left: $m=2$.", _one_dead_unit),
        Step("One dead unit, d <= 4; blind units", r"A linear program. It does not depend on $p$ for $p\ge\max(K+2,3)$: there $V=0$ at all optima, so an optimum for one more output, which is no worse without it, "
             r"has $V=0$, and outputs $c>K$ all put the same conditions on $w$. The pairs $w_aw_b$, $a\ne b$, of $d\ge3$ inputs have the unique optimal weights "
             r"$\tfrac12$: $d/4$, $m=1$.", _many_outputs),
        Step("Several dead units", r"Give $V,w$ of dead units weight 1: the lowest forms of what is left are the sums over dead units of "
             r"$V_cw_aw_b$ outside the tangent space (corrections have degree $\ge6$). Half the complex threshold of this initial ideal is a lower bound, and "
             r"does not grow under restriction: to one dead unit, or to dead units on inputs of their own, where the ideal is monomial. For $d\ge2pz$ "
             r"($p=1$: $d-K\ge2z$) this is $zp/2$, the upper bound. Blind units beside dead ones: restricted to $w=0$ of either.", _several_dead),
        Step("A second way", "The engine certifies such values on the network itself.", _against_the_engine),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
