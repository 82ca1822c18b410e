"""What Gaussian noise in the weights adds to the loss: the expected sharpness of a quadratic network on two-hot pairs."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import sympy

from derivations.framework import Derivation, Step, require_equal
from slt_symbolic.closed_forms.sources import CULLEN_2026, NEYSHABUR_2017
from slt_symbolic.networks.weight_noise import added_by_noise

Pairs = tuple[tuple[int, int], ...]
CASES: tuple[tuple[int, Pairs], ...] = (
    (2, ((0, 0), (0, 1), (1, 0), (1, 1))), (2, ((0, 1), (1, 1), (1, 0))), (3, ((0, 0), (0, 2), (1, 2))))


def _mean(polynomial: sympy.Expr, noise: list[sympy.Symbol], variance: sympy.Expr) -> sympy.Expr:
    """Over independent Gaussian ``noise``, monomial by monomial: ``E x^k = (k-1)!! variance^(k/2)`` for even k."""
    total = sympy.Integer(0)
    for exponents, coefficient in sympy.Poly(polynomial, *noise).terms():
        if all(k % 2 == 0 for k in exponents):
            moment = sympy.prod(sympy.factorial2(k - 1) for k in exponents)
            total += coefficient * moment * variance ** (sum(exponents) // 2)
    return sympy.expand(total)


def _two_squares() -> None:
    s, t, a, b, c, x = sympy.symbols("s t a b c x")
    for shared, other in ((0, (b, c)), (1, (b, c)), (2, (b, b))):
        first = (s + a + other[0]) ** 2 if shared else (s + b + x) ** 2
        second = (t + a + other[1]) ** 2 if shared else (t + a + c) ** 2
        k, noise = shared * sympy.Symbol("v"), [a, b, c, x]
        variance = sympy.Symbol("v")
        means = [_mean(square, noise, variance) for square in (first, second)]
        require_equal(means, [sympy.expand(r**2 + 2 * variance) for r in (s, t)], f"the mean of a square with {shared} residues in common")
        require_equal(sympy.expand(_mean(first * second, noise, variance) - means[0] * means[1]),
                      sympy.expand(4 * s * t * k + 2 * k**2), f"the covariance with {shared} residues in common")


def _point(rng: random.Random, p: int) -> list[sympy.Rational]:
    """Weights of one unit: u, v, V."""
    return [sympy.Rational(rng.randint(-5, 5), rng.randint(1, 3)) for _ in range(3 * p)]


def _by_moments(p: int, pairs: Pairs, at: list[sympy.Rational], labels: list[int], variance: sympy.Rational,
                batch: int | None = None) -> sympy.Rational:
    """``E L(w + delta) - L(w)`` of one unit, from the expanded polynomial, in the mean over all batches."""
    noise = list(sympy.symbols(f"d:{3 * p}"))
    u, v, out = (np.array(at, dtype=object) + noise).reshape(3, p)
    errors = [[out[c] * (u[a] + v[b]) ** 2 - int(label == c) for c in range(p)]
              for (a, b), label in zip(pairs, labels, strict=True)]
    batches = list(combinations(errors, batch or len(pairs)))
    loss = sympy.Integer(0)
    for chosen in batches:
        for column in zip(*chosen, strict=True):
            loss += sum(error**2 for error in column) - sum(column) ** 2 / len(column)
    loss /= 2 * len(batches[0]) * len(batches)
    return _mean(loss, noise, variance) - loss.subs(dict.fromkeys(noise, 0))


def _by_hand(p: int, pairs: Pairs, at: list[sympy.Rational], variance: sympy.Rational) -> sympy.Rational:
    """The sums of the text, term by term, of one unit."""
    u, v, out = at[:p], at[p : 2 * p], at[2 * p :]
    n, sums = len(pairs), [u[a] + v[b] for a, b in pairs]
    spread = sum(s**4 for s in sums) / n - (sum(s**2 for s in sums) / n) ** 2
    own = sum(8 * variance * (s**2 + variance) for s in sums) / n
    shared = sympy.Integer(0)
    for (s, (a, b)), (t, (c, d)) in product(zip(sums, pairs, strict=True), repeat=2):
        k = variance * ((a == c) + (b == d))
        shared += 4 * s * t * k + 2 * k**2
    multiplied = sum(x**2 for x in out) + p * variance
    return (multiplied * (own - shared / n**2) + p * variance * spread) / 2


def _sums_over_pairs() -> None:
    rng, variance = random.Random(0), sympy.Rational(2, 7)
    for p, pairs in CASES:
        at = _point(rng, p)
        found = {_by_moments(p, pairs, at, labels, variance) for labels in ([a * b % p for a, b in pairs],
                                                                          [(a + b) % p for a, b in pairs])}
        require_equal(found, {_by_hand(p, pairs, at, variance)}, f"p={p}, {len(pairs)} pairs, two kinds of labels")


def _all_pairs() -> None:
    rng, variance = random.Random(1), sympy.Rational(3, 5)
    for p in (2, 3, 4, 5):
        at = _point(rng, p)
        u, v, out = at[:p], at[p : 2 * p], at[2 * p :]
        means = [sum(x) / p for x in (u, v)]
        x, y = (sum((value - mean) ** 2 for value in values) / p for values, mean in zip((u, v), means, strict=True))
        z = (means[0] + means[1]) ** 2
        squares = [(a + b) ** 2 for a, b in product(u, v)]
        spread = sum(s**2 for s in squares) / p**2 - (sum(squares) / p**2) ** 2
        inner = 8 * variance * (x + y + z + variance) - 4 * variance * (x + y + 2 * z) / p
        inner -= 4 * variance**2 * sympy.Rational(p + 1, p**2)
        pairs = tuple((a, b) for a in range(p) for b in range(p))
        found = ((sum(c**2 for c in out) + p * variance) * inner + p * variance * spread) / 2
        require_equal(found, _by_hand(p, pairs, at, variance), f"all pairs at p={p}")
        nothing = _by_hand(p, pairs, [sympy.Integer(0)] * 3 * p, variance)
        require_equal(nothing, 2 * p * variance**3 * (2 - sympy.Rational(p + 1, p**2)), f"zero weights at p={p}")


def _batches() -> None:
    rng, variance = random.Random(2), sympy.Rational(1, 3)
    p, pairs = CASES[0]
    at, n = _point(rng, p), len(pairs)
    for batch in (2, 3):
        factor = sympy.Rational((batch - 1) * n, batch * (n - 1))
        require_equal(_by_moments(p, pairs, at, [0, 1, 1, 0], variance, batch),
                      factor * _by_hand(p, pairs, at, variance), f"batches of {batch}")


def _chain() -> None:
    step, gamma, variance = sympy.symbols("step gamma variance", positive=True)
    stationary, = sympy.solve(sympy.Eq(variance, (1 - step * gamma / 2) ** 2 * variance + step), variance)
    require_equal(sympy.simplify(stationary - 1 / (gamma * (1 - step * gamma / 4))), 0, "the variance of the chain")


def _compare() -> None:
    rng = random.Random(3)
    for p, pairs in CASES:
        at = _point(rng, p)
        w, v = (np.array([[Fraction(int(x.p), int(x.q)) for x in some]]) for some in (at[: 2 * p], at[2 * p :]))
        for variance in (Fraction(1, 100), Fraction(3)):
            expected = _by_hand(p, pairs, at, sympy.Rational(variance))
            require_equal(sympy.Rational(added_by_noise(w, v, np.array(pairs), variance)), expected,
                          f"p={p}, {len(pairs)} pairs, variance {variance}")


DERIVATION = Derivation(
    entry="expected-sharpness",
    sources=(NEYSHABUR_2017, CULLEN_2026,),
    title="What noise in the weights adds to the loss, in closed form",
    statement=r"Let $f(a,b)=\sum_jV_j(u_j(a)+v_j(b))^2$ have the modulus $p$ and the weights $w$: $u_j,v_j,V_j\in\mathbb R^p$ of each unit, $L=\frac1{2n}\lvert(f-Y)P^\perp\rvert^2$ on $n$ "
              r"different pairs, where $P^\perp$ takes the mean over the pairs away, and $\delta$ has the normal "
              r"law $N(0,\sigma^2)$, independent in each weight. Then, with $s_{ji}=u_j(a_i)+v_j(b_i)$ and $k_{ii'}=\sigma^2([a_i=a_{i'}]+"
              r"[b_i=b_{i'}])$, $$\mathbb E L(w+\delta)-L(w)=\tfrac12\sum_j\bigl((|V_j|^2+p\sigma^2)B_j+p\sigma^2"
              r"\operatorname{Var}_i s_{ji}^2\bigr),\qquad B_j=\frac1n\sum_i8\sigma^2(s_{ji}^2+\sigma^2)-\frac1{n^2}\sum_{i,i'}"
              r"(4s_{ji}s_{ji'}k_{ii'}+2k_{ii'}^2):$$ a polynomial of degree 4 in the weights. It does not depend on the "
              "labels $Y$.",
    assumptions=(r"noise of the same variance in all weights; $\sigma^2=1/\gamma$ and a factor $n\beta$ make it the "
                 "expected sharpness (Neyshabur, Bhojanapalli, McAllester, Srebro 2017)",),
    steps=(
        Step("Two squares", r"$s+e$ with $e$ the sum of two independent noises has $\mathbb E(s+e)^2=s^2+2\sigma^2$, and "
             r"for two pairs whose noises have the covariance $k$ (0, 1 or 2 residues in common) $\operatorname{Cov}((s+e)^2,"
             r"(s'+e')^2)=4ss'k+2k^2$.", _two_squares),
        Step("The sum over pairs", r"Units are independent, and the noise in $V_j$ is independent of that in $s_j$: with $m=s^2+"
             r"2\sigma^2$ the covariance of $f_c$ on two pairs is $\sum_j(V_{jc}^2+\sigma^2)(4ss'k+2k^2)+\sigma^2mm'$. The mean "
             r"$\mathbb Ef_c=f_c+2\sigma^2\sum_jV_{jc}$ moves by the same constant on all pairs, which $P^\perp$ takes away, and with "
             r"it all that the labels have to do with. The variance over the pairs, $\frac1n\sum_i-\frac1{n^2}\sum_{ii'}$, summed over "
             r"outputs, is the statement. Checked from the expanded polynomial, for two kinds of labels.", _sums_over_pairs),
        Step("All pairs", r"On all $n=p^2$ pairs, with $x$, $y$ the variances of $u_j$ and $v_j$ over the residues and $z=(\bar "
             r"u_j+\bar v_j)^2$, $B_j$ is $8\sigma^2(x+y+z+\sigma^2)-\frac{4\sigma^2}p(x+y+2z)-4\sigma^4\frac{p+1}{p^2}$: "
             r"products of the layers' squared norms, and fourth moments of $s$. Of $K$ units at zero weights it is "
             r"$2Kp\,\sigma^6(2-\frac{p+1}{p^2})$, which every network of that size has.", _all_pairs),
        Step("Batches", r"Over a batch of $B$ pairs drawn without replacement the variance is $\frac{(B-1)n}{B(n-1)}$ times that "
             r"over all pairs, in the mean: 0.992 at $B=128$, 0.938 at $B=16$, for large $n$.", _batches),
        Step("A chain that feels the localisation alone", r"$\delta'=(1-\tfrac{\epsilon\gamma}2)\delta+\sqrt\epsilon\,\xi$ is the "
             r"Langevin step without the loss; its stationary variance is $\frac1{\gamma(1-\epsilon\gamma/4)}$. At $\gamma=100$, "
             r"$\epsilon=4\cdot10^{-4}$ this is $\frac1{99}$. It is what such a chain measures as long as the curvature times $n\beta$ "
             r"is small beside $\gamma$.", _chain),
        Step("Comparison", "`slt sharpness` has these values.", _compare),
    ),
)
