"""Hidden Markov models: one state too many leaves monomials; a generic model is regular, size by size."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form
from slt_symbolic.closed_forms.hidden_markov import dimension, generic_rank, words_of
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.search.proofs.newton import monomial_threshold

START, CHANGE, THETA = sympy.symbols("pi u theta")


def _moment(times: tuple[int, ...]) -> sympy.Expr:
    """The mean of the product of (h_t - pi) over these times, for a chain with the values 0 and 1."""
    stay = {(1, 1): 1 - START, (0, 1): START}  # the chain's first value
    first = START + CHANGE - THETA * START  # from 0 to 1
    second = first + THETA  # from 1 to 1
    total = sympy.Integer(0)
    for path in product((0, 1), repeat=max(times) + 1):
        weight = stay[0, 1] if path[0] else stay[1, 1]
        for before, after in pairwise(path):
            up = second if before else first
            weight *= up if after else 1 - up
        total += weight * sympy.prod([path[t] - START for t in times])
    return sympy.expand(total)


def _chain() -> None:
    require_equal(_moment((0,)), 0, "the first mean")
    require_equal(_moment((1,)), CHANGE, "the second mean is u away")
    require_equal(sympy.factor(_moment((0, 1))), sympy.factor(START * (1 - START) * THETA), "the first covariance")
    for times in ((2,), (3,), (0, 2), (1, 2), (1, 3), (0, 1, 2), (1, 2, 3), (0, 1, 2, 3)):
        moment = _moment(times).subs(CHANGE, 0)
        if len(times) == 1:
            require_equal(moment, 0, f"stationary, times {times}")
        else:
            quotient = sympy.cancel(moment / (START * (1 - START) * THETA))
            require(quotient.is_polynomial(START, THETA), f"a multiple of pi (1 - pi) theta, times {times}")


def _monomials(n: int, *, corner: bool) -> list[tuple[int, ...]]:
    """delta_i u and delta_i delta_j, the latter times pi theta at the corner."""
    found = []
    for i in range(n):
        found.append((*(int(x == i) for x in range(n)), 1, 0, 0))
        found += [(*(int(x == i) + int(x == j) for x in range(n)), 0, int(corner), int(corner)) for j in range(i, n)]
    return found


def _value(symbols: int) -> tuple[Fraction, int]:
    multiplicity = {2: 2, 3: 1, 4: 3}.get(symbols, 2)
    return Fraction(symbols - 1, 2) + min(Fraction(symbols, 4), Fraction(1)), multiplicity


def _corner() -> None:
    for symbols in range(2, 8):
        value, multiplicity = monomial_threshold(_monomials(symbols - 1, corner=True))
        require_equal((Fraction(symbols - 1, 2) + value, multiplicity), _value(symbols), f"{symbols} symbols")
        inside, _ = monomial_threshold(_monomials(symbols - 1, corner=False))
        require(inside >= value, f"inside it is no less, {symbols} symbols")


def _weights() -> None:
    n, v = sympy.symbols("n v", positive=True)
    ratio = (n + 1 + 2 * v) / (2 + v)  # weights 1 for delta, 1 + v for u, v for pi theta
    require_equal(sympy.simplify(sympy.diff(ratio, v) - (3 - n) / (2 + v)**2), 0, "monotone in v")
    require_equal((ratio.subs(v, 0), sympy.limit(ratio, v, sympy.oo)), ((n + 1) / 2, 2), "its ends")


def _generic() -> None:
    for states, symbols, length in product((2, 3), (2, 3, 4), (2, 3, 4)):
        require_equal(generic_rank(states, symbols, length), dimension(states, symbols, length),
                      f"k={states}, s={symbols}, L={length}")
    require(generic_rank(4, 3, 3) < dimension(4, 3, 3), "not at all sizes: k=4, s=3, L=3")


def _unreached() -> None:
    free = sympy.symbols("x0:6")
    share = sympy.Rational(1, 3)
    moves = [[1, 0, 0], [free[0], free[1], 1 - free[0] - free[1]], [free[2], free[3], 1 - free[2] - free[3]]]
    emissions = [[share, 1 - share], [free[4], 1 - free[4]], [free[5], 1 - free[5]]]
    for word, bits in zip(words_of([1, 0, 0], moves, emissions, 3), product((0, 1), repeat=3), strict=True):
        require_equal(sympy.expand(word), sympy.prod([emissions[0][x] for x in bits]), f"the word {bits} sees one state")


def _compare() -> None:
    entry = closed_form("hidden-markov")
    for symbols in range(2, 9):
        for length in (2, 5):
            sizes = {"k": 2, "r": 1, "s": symbols, "L": length}
            require_equal(entry.formula(sizes), _value(symbols), format_sizes(sizes))
    for states, symbols, length in product((1, 2, 3), (2, 3), (2, 3, 4)):
        sizes = {"k": states, "r": states, "s": symbols, "L": length}
        require_equal(entry.formula(sizes), (Fraction(dimension(states, symbols, length), 2), 1), format_sizes(sizes))


DERIVATION = Derivation(
    entry="hidden-markov",
    statement=r"""With two states and words of length $L\ge2$ over $s\ge2$ symbols, the minimum over all parameters with a given distribution of independent symbols is
$$\lambda=\frac{s-1}2+\min\Bigl(\frac s4,1\Bigr),\qquad m=2,1,3,2\ \text{ for }s=2,\ 3,\ 4,\ \ge5.$$
At a generic model of $k$ states $\lambda$ is half the rank of the Jacobian, $m=1$, and
$$\lambda\le\tfrac12\min\bigl(k(s-1)+k^2-1,\ s^L-1\bigr),\qquad\lambda\le\tfrac12(ks-1)\quad(L=2,\ k<s);$$
the least of these bounds is the value at all sizes with $k\le3$, $s\le4$, $L\le4$, and not at $k=4$, $s=3$, $L=3$. With $k$ states for $r$ true ones $\tfrac{s-1}2\le\lambda\le\tfrac12\bigl(r(s-1)+r(k-1)+k-1\bigr)$.""",
    instances="Two states for one are proved; that the rank at a generic model is the dimension is certified size by size (here k <= 3, s <= 4, L <= 4; it fails at k=4, s=3, L=3).",
    assumptions=("start, transition and emission probabilities are free, non-negative with sums 1; true probabilities of words are positive",
                 "Yamazaki and Watanabe (2005) study these models and bound $\\lambda$ from above"),
    steps=(
        Step("The chain", r"""Let the states be $h=0,1$, the start $P(h_1=1)=\pi$, $\theta$ the second eigenvalue of the transitions, and $u=P(h_2=1)-\pi$; the transitions are $P(1|0)=u+(1-\theta)\pi$ and $P(1|1)=P(1|0)+\theta$. Let $\delta$ be the difference of the emissions, $s-1$ free entries. In place of the first emission take the coordinate $y=$ distribution of the first symbol less the true $q$. Then the emission of $h$ is $q+y+(h-\pi)\delta$, and on $y=0$
$$P(x_1\dots x_L)-\prod q(x_t)=\sum_{\varnothing\ne T}E\Bigl[\prod_{t\in T}(h_t-\pi)\Bigr]\prod_{t\in T}\delta(x_t)\prod_{t\notin T}q(x_t).$$
$E[h_2-\pi]=u$, $E[(h_1-\pi)(h_2-\pi)]=\pi(1-\pi)\theta$. On $u=0$ the chain is stationary: all $E[h_t-\pi]$ are 0; and the others vanish for $\pi=0$, $\pi=1$ (constant) and for $\theta=0$ (independent), so are multiples of $\pi(1-\pi)\theta$. So the ideal is, for every $L\ge2$,
$$\bigl(y,\ u\,\delta_i,\ \pi(1-\pi)\theta\,\delta_i\delta_j\bigr).$$""", _chain),
        Step("The deepest point", r"""It is monomial. The value is least where most factors vanish: $\delta=u=\theta=0$ and $\pi=0$ (or 1): the second state is never reached. Its domain, $\pi\ge0$, $u+(1-\theta)\pi\ge0$, $P(1|1)\ge0$, contains the orthant $\pi,u,\theta\ge0$, on which a monomial ideal has the threshold of the whole space. Howald's theorem gives $\min(\tfrac s4,1)$ for $(u\delta_i,\pi\theta\delta_i\delta_j)$, and the $m$ of the statement; $y$ adds $\tfrac{s-1}2$. Every other parameter with the true distribution has a larger ideal, up to the exchange of states, so at least this value.""", _corner),
        Step("For all numbers of symbols", r"""With $n=s-1$ and weights 1 for the $\delta_i$, $1+v$ for $u$ and $v$ for $\pi\theta$ the order of the ideal is $2+v$ and the sum of weights $n+1+2v$: half the quotient goes from $\tfrac{n+1}4$ at $v=0$ to 1 at $v=\infty$ (where $\delta\ne0$), monotonely, up if $n<3$, down if $n>3$. All other weights do no better: orders are $\min(d+w,2d+v)$. For $n>3$ it is attained at $\delta\ne0$ alone, $(u,\pi\theta)$: $\tfrac12+\tfrac12$, $m=2$.""", _weights),
        Step("Generic models", r"The rank modulo a prime at seeded parameters is a lower bound of the rank at generic ones; the number of parameters and of equations bound it from above. For $L=2$ and $k<s$ the probabilities are a matrix $B^\top MB$ with $M$ of size $k$: $k(s-k)$ for the space of its rows, the same as that of its columns, $k^2$ for $M$, less 1.", _generic),
        Step("More states", r"If $k-r$ states are never reached, $K$ is at most a multiple of the squared distance of the true states' emissions and transitions (to all states) and of the start: $r(s-1)+r(k-1)+k-1$ coordinates. From below, $K$ sees the distribution of the first symbol, $\sum_h\pi_hB_h$, which is onto.", _unreached),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
