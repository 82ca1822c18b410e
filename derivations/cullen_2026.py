"""The claims of Cullen, Estan-Ruiz, Danait, Li (arXiv:2603.01192): what is said, what is true, and the verdict."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np
import sympy
from flint import fmpz_mat

from derivations import modular_addition, quadratic_generic
from derivations.framework import Derivation, Step, require, require_equal
from derivations.linear_models import FISHER, HALF_THE_RANK
from derivations.ranks import FROM_BELOW, rank_modulo_prime
from slt_symbolic import rlct
from slt_symbolic.closed_forms import claim
from slt_symbolic.closed_forms.parameter import Sizes
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.networks.data import QuadraticForms, all_pairs
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at
from slt_symbolic.networks.weight_noise import added_by_noise

# The published experiment: 40 % of the pairs at p = 53, K = 1024; its LLC peaks at 4900 and ends at 4300.
MODULUS, UNITS, PAIRS = 53, 1024, 53**2 * 2 // 5
PEAK, END = 4900, 4300


def _compare(name: str, exact: Callable[[Sizes], Fraction]) -> None:
    """The claim's recorded verdicts are those at the exact values."""
    entry = claim(name)
    for record in entry.records:
        found = entry.judge(record.sizes, exact(record.sizes))
        require_equal((found.below, found.above, found.kind), (record.below, record.above, record.kind),
                      f"verdict at {record.sizes}")


def _comparison(name: str, exact: Callable[[Sizes], Fraction]) -> Step:
    return Step("Comparison", "The catalogue's claim and its recorded verdicts agree with these values.",
                partial(_compare, name, exact))


def _secant_dimension(sizes: Sizes) -> int:
    """The rank modulo a prime at these sizes, where it meets the least upper bound of quadratic-generic's derivation."""
    d, p, units = sizes["d"], sizes["p"], sizes["K"]
    rank = rank_modulo_prime(QuadraticForms(d).matrix(), p, units)
    require_equal(rank, quadratic_generic.bounds_by_width(d, p)[units], f"rank at d={d}, p={p}, K={units}")
    return rank


def _terracini() -> None:
    # The dimension of the image at one unit: rank-one tensors v ⊗ ww^T, p + d - 1.
    for d in range(1, 5):
        for p in range(1, 5):
            require_equal(_secant_dimension({"d": d, "p": p, "K": 1}), p + d - 1, f"the cone of atoms at d={d}, p={p}")


def _where_it_holds() -> None:
    for d, p, units in ((4, 3, 2), (4, 3, 6), (3, 2, 4), (5, 4, 7)):
        expected = min(units * (d + p - 1), p * d * (d + 1) // 2)
        require_equal(_secant_dimension({"d": d, "p": p, "K": units}), expected, f"d={d}, p={p}, K={units}")


def _where_it_fails() -> None:
    p, q, k = sympy.symbols("p q k")
    require_equal(sympy.factor(p * q - k * (p + q - k)), (p - k) * (q - k), "equations less matrices of rank k")
    for d in range(1, 9):
        q_ = d * (d + 1) // 2
        for units in range(1, q_ + 3):
            k_ = min(units, d)
            defective = k_ * d - k_ * (k_ - 1) // 2 < min(units * d, q_)
            require_equal(defective, 1 < units < d, f"p = 1, d={d}, K={units}")
            for p_ in range(2, q_ + 4):
                k_ = min(units, p_, q_)
                defective = k_ * (p_ + q_ - k_) < min(units * (d + p_ - 1), p_ * q_)
                require_equal(defective, d * (d - 1) // 2 + 1 < units < min(p_, q_), f"d={d}, p={p_}, K={units}")
    for d, p_, units in ((3, 1, 2), (3, 8, 5), (4, 3, 5), (6, 3, 8), (4, 5, 6)):
        expected = min(units * (d + p_ - 1), p_ * d * (d + 1) // 2)
        require(_secant_dimension({"d": d, "p": p_, "K": units}) < expected, f"defective at d={d}, p={p_}, K={units}")


def _padding() -> None:
    network = QuadraticNetwork(QuadraticForms(2), outputs=1, units=2)
    found = rlct(germ_at(network, [[1, 2], [0, 0]], [[1], [0]]), timeout=60)
    effective = lambda_of_rank(_secant_dimension({"d": 2, "p": 1, "K": 1}))
    require_equal((found.lambda_, effective), (Fraction(5, 4), Fraction(1)), "one unit that fits and a dead one")


def _dead_units_count() -> None:
    for units, expected in ((1, Fraction(1)), (2, Fraction(5, 4)), (3, Fraction(3, 2))):
        weights = [[1, 2]] + [[0, 0]] * (units - 1), [[1]] + [[0]] * (units - 1)
        found = rlct(germ_at(QuadraticNetwork(QuadraticForms(2), outputs=1, units=units), *weights), timeout=60)
        require_equal(found.lambda_, expected, f"one unit that fits and {units - 1} at zero, d = 2, p = 1")


COROLLARY_4_2 = Derivation(
    entry="cullen-2026-cor-4.2",
    statement=r"*Claim.* At a generic true solution $\lambda=\tfrac12\min\bigl(K(d+p-1),\,p\,d(d+1)/2\bigr)$ if the secant variety "
    r"is not defective. *Verdict.* True under its hypothesis, by Terracini's lemma. *Outside its hypothesis*, where nothing is claimed "
    r"and the formula would be too large: $p=1$ with $1<K<d$, $d(d-1)/2+1<K<\min(p,d(d+1)/2)$, $p=3$ with $K=(3d-2)/2$, $d\ge4$ even, and "
    r"$(p,d,K)=(5,4,6)$.",
    instances="That these sizes are outside the hypothesis is proved in all these families; that a size is not defective is certified size by size, by its "
    "rank.",
    assumptions=(r"$f(x)=\sum_{j\le K}V_j(w_j\cdot x)^2$, $x\in\mathbb R^d$, $V_j\in\mathbb R^p$; the inputs identify "
                 "quadratic forms", "the truth is a generic network of the same width"),
    steps=(
        Step("Half a dimension", r"The image of $(W,V)\mapsto\sum_jV_j\otimes w_jw_j^\top$ is the cone of the secant variety; its "
             r"dimension $D$ is the generic rank of the Jacobian (Terracini), the rank is constant near a generic point, and so "
             r"$\lambda=D/2$, $m=1$. One atom has $p+d-1$ directions.", _terracini),
        Step("Where it holds", r"Not defective *means* $D=\min(K(d+p-1),pq)$, $q=d(d+1)/2$, the claim. " + FROM_BELOW,
             _where_it_holds),
        Step("Where its hypothesis fails", r"The upper bounds are proved in the derivation of `quadratic-generic`. On $p=1$: symmetric matrices "
             r"of rank $K$ have dimension $Kd-K(K-1)/2$, less than both $Kd$ and $q$ for $1<K<d$. Wide outputs: $p\times q$ "
             r"matrices of rank $K$ have dimension $K(p+q-K)$, less than $pq$ by $(p-K)(q-K)$ and less than $K(d+p-1)$ if "
             r"$K>q-d+1$. And a Pfaffian ($p=3$), and a rational curve through six points ($(5,4,6)$), take one dimension each. "
             r"At each kind one size is certified, with one more even $d$.", _where_it_fails),
        Step("Padding by dead units", r"The paper puts the number $K_{\mathrm{eff}}$ of distinct nonzero atoms for $K$ where some "
             r"units are dead or equal. At such a point that counts the rank, which bounds $\lambda$ from below only: the dead "
             r"units have a singularity of their own. At $d=2$, $p=1$, one unit that fits and one at zero give $5/4$ (certificate "
             r"checked), not $1$; with $K_{\mathrm{eff}}=0$ one dead unit gives $\min(p/2,d/4)$, not $0$ (`quadratic-dead-unit`).",
             _padding),
        Step("What was measured, and what that can show", r"What holds: the formula at generic truths, and the paper's own caution that it is "
             r"a reference for trained networks and no classification, since these may lie on smaller strata. *Measured* is that estimates at the end of training "
             r"grow with the width $K$ at which all networks generalise; from that the paper concludes that a wide network is not a small one with redundant units. "
             r"*What that can show.* Not this, even of $\lambda$ itself: a small network with redundant units has a $\lambda$ that grows with the width too. At $d=2$, $p=1$ one unit "
             r"that fits has $1$, with one dead unit beside it $5/4$, with two $3/2$ (certificates checked). And the published estimates grow with $K$ where all weights are zero and nothing "
             r"is learned (`cullen-2026-cor-5.4`). The conclusion may be true: a growth in $K$ does not tell.", _dead_units_count),
        _comparison("cullen-2026-cor-4.2", lambda sizes: lambda_of_rank(_secant_dimension(sizes))),
    ),
)


def _direction_of_a_linear_model() -> None:
    # nbeta E[h x^2 / 2] where x has the density of exp(-(nbeta h + gamma) x^2 / 2).
    x = sympy.symbols("x", real=True)
    h, temperature, gamma = sympy.symbols("h beta gamma", positive=True)
    density = sympy.exp(-(temperature * h + gamma) * x**2 / 2)
    mean = sympy.integrate(h * x**2 / 2 * density, (x, -sympy.oo, sympy.oo)) / sympy.integrate(density, (x, -sympy.oo, sympy.oo))
    share = temperature * h / (2 * (temperature * h + gamma))
    require_equal(sympy.simplify(temperature * mean - share), 0, "what a direction of curvature h adds, for all h, nbeta and gamma")
    require_equal(sympy.limit(share, gamma, 0), sympy.Rational(1, 2), "without localisation")
    require_equal(share.subs(h, gamma / temperature), sympy.Rational(1, 4), "at h = gamma / nbeta")


THEOREM_5_1 = Derivation(
    entry="cullen-2026-thm-5.1",
    statement=r"*Claim.* The linearised (NTK) model has $\lambda=r/2$, $r$ the rank of the Fisher matrix. *Verdict.* True at all "
    r"sizes, with $m=1$.",
    assumptions=(r"$f(x;w)=f(x;w_0)+J(x)(w-w_0)$, realisable",),
    steps=(
        HALF_THE_RANK,
        FISHER,
        Step("What was measured, and what that can show", r"What holds: the formula, at all sizes. *Measured* was nothing: the paper calls this an early baseline, and of its "
             r"formulas compares that of Corollary 5.4 alone with estimates. *What an estimate could show.* Near a minimiser of a linear model the localised posterior is Gaussian, and a direction "
             r"of curvature $h$ adds $\tfrac12\,n\beta h/(n\beta h+\gamma)$ to $n\beta\,\mathbb E[L-L^*]$: the sum stays below $r/2$, and directions count where $h$ is well above $\gamma/n\beta$, which is "
             r"$0.19$ at the published $\gamma=5$ and $3.8$ at $\gamma=100$ ($n\beta=128/\ln128$). An estimate at these settings would count stiff directions and not the rank, "
             r"and a linear model needs none: its Hessian is known.", _direction_of_a_linear_model),
        _comparison("cullen-2026-thm-5.1", lambda sizes: Fraction(sizes["r"], 2)),
    ),
)


def _lazy_rank(p: int, units: int, span: int) -> int:
    """The rank over Q of features ⊗ identity, the features generic in dimension ``span``."""
    rng = random.Random(span)
    features = [[rng.randint(-10**6, 10**6) for _ in range(span)] for _ in range(units)]
    return int(fmpz_mat([[x * int(c == k) for x in row for c in range(p)] for row in features for k in range(p)]).rank())


def _lazy_grid() -> None:
    for p in range(1, 4):
        for units in range(1, 6):
            for span in range(1, 6):
                require_equal(_lazy_rank(p, units, span), p * min(span, units), f"p={p}, K={units}, l={span}")


def _localised_features() -> None:
    for p, units in ((2, 2), (3, 2), (2, 3)):
        features = sympy.Matrix(units, units + 1, lambda row, column: (row + 1) ** column)
        gram = features * features.T / (units + 1)
        blurred = gram * (gram + sympy.eye(units) / 5).inv()
        whole = sympy.kronecker_product(gram, sympy.eye(p))
        found = (whole * (whole + sympy.eye(p * units) / 5).inv()).trace()
        require_equal(found, p * blurred.trace(), f"p={p}, K={units}, gamma / nbeta = 1/5")


THEOREM_5_2 = Derivation(
    entry="cullen-2026-thm-5.2",
    statement=r"*Claim.* In the lazy regime ($W$ frozen, $V$ trained without a ridge) $\lambda=\tfrac12p\min(l,K)$, $l$ the dimension "
    r"of the span of the random features. *Verdict.* True at all sizes, with $m=1$.",
    assumptions=("the $K$ features are generic in a space of dimension $l$", "the truth is realisable"),
    steps=(
        HALF_THE_RANK,
        Step("Features ⊗ identity", r"The Jacobian of $\sum_jV_j\varphi_j$ in $V$ is $\Phi\otimes I_p$ of rank "
             r"$p\operatorname{rank}\Phi$, and $K$ generic vectors of an $l$-dimensional space span $\min(l,K)$ dimensions.",
             _lazy_grid),
        Step("What was measured, and what that can show", r"What holds: the formula, at all sizes. *Measured* was nothing with $W$ frozen: the published chains move all $3pK$ weights, "
             r"also where a network has only memorised, so that no estimate is one of this model. *What an estimate could show.* The model is linear in $V$, and what a chain with $W$ frozen would give once it has arrived is known: "
             r"$\tfrac12p\operatorname{tr}\bigl(G(G+\tfrac{\gamma}{n\beta})^{-1}\bigr)$, $G$ the Gram matrix of the features over the pairs, below $\tfrac12p\min(l,K)$ and near it only if all eigenvalues of $G$ that are not zero are well above $\gamma/n\beta$ "
             r"(derivation of `cullen-2026-thm-5.1`).", _localised_features),
        _comparison("cullen-2026-thm-5.2", lambda sizes: lambda_of_rank(_lazy_rank(sizes["p"], sizes["K"], sizes["l"]))),
    ),
)


def _lazy_on_all_pairs(sizes: Sizes) -> Fraction:
    """Half of ``p`` times the rank over Q of ``K`` squares on all pairs, constants not seen."""
    p = sizes["p"]
    rng = random.Random(p)
    features = []
    for _ in range(sizes["K"]):
        u, v = ([rng.randint(1, 10**6) for _ in range(p)] for _ in range(2))
        squares = [(a + b) ** 2 for a in u for b in v]
        features.append([x - squares[-1] for x in squares[:-1]])
    return lambda_of_rank(p * int(fmpz_mat(features).rank()))


def _upper_end_is_attained() -> None:
    for p in (2, 3, 4, 5):
        for units in range(2 * p, p * p):
            value = _lazy_on_all_pairs({"p": p, "K": units})
            require_equal(value, Fraction(p * units, 2), f"p={p}, K={units}")
            require(Fraction(p * (2 * p - 1), 2) < value, f"the lower end is strict at p={p}, K={units}")


def _published_lazy_value() -> None:
    equations = PAIRS - 1
    require_equal(PAIRS, 1123, "40 % of the pairs")
    lower, lazy = Fraction(MODULUS * (2 * MODULUS - 1), 2), Fraction(MODULUS * min(equations, UNITS), 2)
    require_equal((lower, lazy), (Fraction(5565, 2), 27136), "the ends at p = 53, K = 1024")
    require(lower < END < PEAK < lazy / 5, "the published estimates are inside the interval, below a fifth of the value")
    require(Fraction(MODULUS * equations, 2) < lazy * Fraction(11, 10), "the ceiling is within 10 % of the lazy value")


def _order_of_the_formulas() -> None:
    lazy = Fraction(MODULUS * UNITS, 2)
    generic, labels = Fraction(MODULUS * (PAIRS - 1), 2), Fraction((MODULUS - 1) * (PAIRS - 1) + UNITS, 2)
    require(lazy < labels < generic < Fraction(UNITS * (3 * MODULUS - 1), 2), "lazy, a fit of the labels, a generic truth, the claim, p = 53, K = 1024")
    for p in range(2, 60):
        require(3 * p - 1 > p, f"K(3p-1)/2 above pK/2 at p={p}, every K")


COROLLARY_5_3 = Derivation(
    entry="cullen-2026-cor-5.3",
    statement=r"*Claim.* In the lazy regime on modular addition $\tfrac12p(2p-1)\le\lambda\le\tfrac12pK$ for $2p-1<K\ll p^2$. "
    r"*Verdict.* True, and it is an equality: $\lambda=\tfrac12pK$ for all $K\le p^2-1$ (centred, all pairs), "
    r"$\lambda=\tfrac12p\min(N-1,K)$ on $N$ pairs.",
    assumptions=("two-hot inputs, $W$ frozen at random, $V$ trained without a ridge", "constants per output are not seen"),
    steps=(
        Step("The upper end is attained", r"On $N$ pairs the squares $(u(a)+v(b))^2$ span all functions and generic features have "
             r"rank $\min(K,N-1)$ (derivation of `quadratic-lazy`), so $\lambda=\tfrac12pK$ for $K\le N-1$. With $K>2p-1$ the lower "
             r"end holds and is strict.", _upper_end_is_attained),
        Step("What the experiment could show", r"At $p=53$, $K=1024$, $N=1123$ the interval is $2782.5\dots27136$ and the value "
             r"27136. The published estimates (4300 to 4900) lie in the interval, which therefore does not test them, and "
             r"below a fifth of the value. The ceiling $\tfrac12p(N-1)=29733$, the value at a generic truth, is less than 10 % "
             r"above: at this width the values of the lazy and the feature-learning model hardly differ.", _published_lazy_value),
        Step("What was measured, and what that can show", r"What holds: the interval. *Measured* are networks with all weights trained; along a run the estimate rises to a peak while the network "
             r"has memorised and falls while it generalises, which the paper reads as a way from a basin of larger to one of smaller $\lambda$. *What that can show.* The formulas do not say so: the one for "
             r"memorising, $\tfrac12pK$ with $W$ frozen, is below the claim for the end of training, $\tfrac12K(3p-1)$, at every size, and at $p=53$, $K=1024$ below what is true there as well ($27136$, against $29684$ at a fit of the labels and $29733$ at a "
             r"generic truth). These are different models, one a part of the other, so that this is no contradiction; but the order of the two basins rests on the trajectories alone, and those are of the two numbers that "
             r"`cullen-2026-cor-5.4` describes.", _order_of_the_formulas),
        _comparison("cullen-2026-cor-5.3", _lazy_on_all_pairs),
    ),
)


def _one_unit() -> None:
    u, v, t = sympy.symbols("u v t")
    require_equal(sympy.expand(((u + t) + (v - t)) ** 2 - (u + v) ** 2), 0, "(u(a)+v(b))^2 under u+t, v-t")
    for p in range(2, 8):
        for centred in (False, True):
            rank = rank_modulo_prime(all_pairs(p).matrix(), p, 1, centred)
            equations = p * (p * p - int(centred))
            require_equal(rank, 3 * p - 2, f"directions of one unit at p={p}")
            require(rank <= equations, f"a unit fits into the {equations} equations at p={p}")


def _feature_learning(sizes: Sizes) -> Fraction:
    """Half the rank on all pairs, centred, where it meets the least bound of modular-addition-generic's derivation."""
    p, units = sizes["p"], sizes["K"]
    inputs = all_pairs(p)
    rank = rank_modulo_prime(inputs.matrix(), p, units, inputs.centred)
    require_equal(rank, modular_addition.bounds_by_width(inputs)[units], f"rank at p={p}, K={units}")
    return lambda_of_rank(rank)


def _too_large_everywhere() -> None:
    for p in (2, 3, 5, 7):
        filled = Fraction(p * (p * p - 1), 2)
        for units in (1, 2, p, p + 1, p * (p * p - 1) // (3 * p - 2), p * p):
            value, claimed = _feature_learning({"p": p, "K": units}), Fraction(units * (3 * p - 1), 2)
            require(claimed - value >= Fraction(units, 2), f"the claim is K/2 too large at p={p}, K={units}")
            require(value <= filled, f"the number of equations is a ceiling at p={p}, K={units}")


def _ceiling(p: int) -> Fraction:
    return Fraction(p * (p * p * 2 // 5 - 1), 2)


def _past_the_ceiling() -> None:
    claimed = Fraction(UNITS * (3 * MODULUS - 1), 2)
    require_equal((claimed, _ceiling(MODULUS)), (80896, 29733), "claimed, and all equations, at the published size")
    require(UNITS >= MODULUS and UNITS + (2 * MODULUS - 1) - 1 >= PAIRS - 1, "K + r - 1 >= M: the rank is full")
    reached = {p: -(-int(2 * _ceiling(p)) // (3 * p - 2)) for p in (MODULUS, 67, 71, 73, 79, 83, 89, 97)}
    require_equal(list(reached.values()), [379, 605, 679, 717, 839, 926, 1064, 1263], "the least K with K(3p-2) >= p(N-1)")
    require_equal([[p for p, width in reached.items() if width > published] for published in (600, 1000, 1400)],
                  [[67, 71, 73, 79, 83, 89, 97], [89, 97], []], "the published p whose count is below the ceiling")
    require(6 * PEAK < _ceiling(MODULUS) < 7 * END, "the estimates are a sixth to a seventh of it")
    at_labels = Fraction((MODULUS - 1) * (PAIRS - 1) + UNITS, 2)
    require_equal(at_labels, 29684, "at a fit of the labels with independent features")
    require(UNITS < PAIRS - 1 and 2 * at_labels < claimed, "K < N - 1, and less than half the claim")


def _slopes() -> None:
    p, units = sympy.symbols("p K")
    claim, count = units * (3 * p - 1) / 2, units * (3 * p - 2) / 2
    require_equal(sympy.expand(sympy.diff(claim - count, p)), 0, "both counts have the slope 3K/2 in p")
    for width, published in ((600, "51.06"), (1000, "80.57"), (1400, "108.61")):
        ratio = Fraction(3 * width, 2) / Fraction(published)
        require(17 < ratio < 20, f"claimed over published slope in p at K={width}: {ratio}")
        require(count.subs({p: 53, units: width}) > _ceiling(53), f"both counts exceed all equations at p=53, K={width}")
    for modulus, published in ((53, "2.65"), (61, "3.28"), (71, "4.02")):
        ratio = Fraction(3 * modulus - 1, 2) / Fraction(published)
        require(26 < ratio < 30, f"claimed over published slope in K at p={modulus}: {ratio}")
        require(Fraction(1, 2) / Fraction(3 * modulus - 1, 2) < Fraction(1, 150), f"3p-1 and 3p-2 differ by less than 1/150 at p={modulus}")
        require(Fraction(1, 2) < Fraction(published) / 5, f"the slope in K at a fit of the labels, 1/2, is a fifth of the published one at most, p={modulus}")
        require(1000 * (3 * modulus - 2) > 2 * _ceiling(modulus), f"both counts exceed all equations at K=1000, p={modulus}")


def _published_chain() -> None:
    step, gamma, variance, a = sympy.symbols("eta gamma s a", positive=True)
    factor = 1 - step * gamma / 2
    limit = sympy.solve(factor**2 * variance + step - variance, variance)
    require_equal([sympy.simplify(x - 1 / (gamma * (1 - step * gamma / 4))) for x in limit], [0], "the stationary variance")
    after = limit[0] * (1 - a)  # and a -> factor² a in a step
    require_equal(sympy.simplify(factor**2 * after + step - after.subs(a, factor**2 * a)), 0, "the approach to it")
    for size, strength, draws in ((Fraction(1, 2000), 5, 400), (Fraction(4, 10**4), 100, 25)):
        left = [(1 - size * strength / 2) ** (2 * k) for k in (draws - 1, draws)]
        require(left[1] < Fraction(36788, 10**5) < left[0] * Fraction(103, 100), f"a share 1/e is left after {draws} steps")
    shares = [1 - (1 - Fraction(1, 800)) ** (2 * k) for k in (100, 600)]
    require_equal([round(100 * x) for x in shares], [22, 78], "the share at the first and the last draw, in percent")
    require_equal(100 * (1 - Fraction(4, 10**4) * 100 / 4), 99, "the inverse variance at gamma = 100")


def _noise_of_zeros() -> None:
    for p, units, variance in ((2, 1, Fraction(1, 10)), (5, 3, Fraction(1, 7)), (7, 2, Fraction(1, 100)), (7, 4, Fraction(1, 100))):
        zero = np.full((units, 2 * p), Fraction(0)), np.full((units, p), Fraction(0))
        added = added_by_noise(*zero, np.array(all_pairs(p).pairs), variance)
        require_equal(added, Fraction(2 * units * (2 * p + 1) * (p - 1), p) * variance**3, f"all weights zero, p={p}, K={units}")


COROLLARY_5_4 = Derivation(
    entry="cullen-2026-cor-5.4",
    statement=r"*Claim.* Feature learning on modular addition, $d=2p$, has $\lambda=\tfrac12K(3p-1)$. *Verdict.* False at every "
    r"$p\ge2$ and every $K\ge1$ on all $p^2$ pairs: $\lambda\le\tfrac12\min\bigl(K(3p-2),\,p(p^2-1)\bigr)$, so it is at least $K/2$ too "
    r"large; on $N$ pairs $\lambda\le\tfrac12p(N-1)$ for every $K$. About the labels see `modular-addition-labels`.",
    assumptions=(r"$f(a,b)=\sum_{j\le K}V_j(u_j(a)+v_j(b))^2$, constants per output are not seen",
                 "the truth is a generic network of that width on these pairs"),
    steps=(
        Step("The count misses a symmetry", r"$K(3p-1)$ counts $p+2p$ parameters less one scaling a unit, as Cor. 4.2 does for inputs "
             r"that identify quadratic forms. Two-hot inputs do not: $(u+t,\,v-t)$ leaves $u(a)+v(b)$ alone. A unit has $3p-2$ "
             r"directions, so $\lambda\le\tfrac12K(3p-2)$ at every size (a sum of $K$ spaces of that dimension).", _one_unit),
        Step("A ceiling that the claim ignores", r"The loss sees $p(p^2-1)$ numbers, on $N$ pairs $p(N-1)$, and half of them bounds "
             r"$\lambda$: past $K(3p-2)=p(p^2-1)$ the claim grows and the truth does not. " + FROM_BELOW + r" At the sizes here "
             r"the rank meets the bound; `modular-addition-generic` has all widths at $p\le11$.", _too_large_everywhere),
        Step("The published sizes and the ceiling", r"At $p=53$, $K=1024$ on 40 % of the pairs, $N=1123$, a generic network has "
             r"$\lambda=29733$ (for a connected graph, $r=2p-1$: proved as $K+r-1\ge N-1$), and the same at every larger $K$; claimed "
             r"is 80896, and the published estimates are 4300 to 4900. The count $K(3p-2)$ reaches the ceiling $p(N-1)$ at $K=379$ for $p=53$, and at "
             r"$K=605,679,717,839,926,1064,1263$ for the published $p=67,71,73,79,83,89,97$. So not every published size is past it: $K=600$ is below for "
             r"$p\ge67$, $K=1000$ for $p=89,97$, $K=1400$ for none, and the sweep over $K$ starts at 200. Below it $\tfrac12p(N-1)$ is only a bound, no $\lambda$. "
             r"The trained network fits labels, which are no generic truth: as centred labels add up "
             r"to 0, a fit with independent features that is otherwise onto has $\tfrac12\bigl((p-1)(N-1)+K\bigr)=29684$, which grows with $K$ up to "
             r"$K=N-1=1122$ (`modular-addition-labels`). Both are far below the claim.",
             _past_the_ceiling),
        Step("What growth in p and K could show", r"$3p-1$ and $3p-2$ have the same slope $3K/2$ in $p$, and in $K$ slopes that differ "
             r"by less than 1/150. The published slopes (51.06, 80.57, 108.61 in $p$ at $K=600,1000,1400$; 2.65, 3.28, 4.02 in $K$ at "
             r"$p=53,61,71$) are 17 to 20 and 26 to 30 times smaller than the claimed ones. They show that the estimate grows "
             r"about linearly; they cannot tell the two counts apart. And neither is $\lambda$ there: at $p=53$ from $K=600$, at all "
             r"three $p$ from $K=1000$, both exceed $\tfrac12p(N-1)$ (40 % of the pairs), and once the equations are exhausted "
             r"$\lambda$ at a generic truth does not depend on $K$ at all (at a fit of the labels with independent features it grows by $\tfrac12$ a unit, "
             r"less than a fifth of even the published slopes in $K$).", _slopes),
        Step("What the published sampler can see", r"Two estimators stand behind the published figures, with different reasons why they do not measure $\lambda$. "
             r"Both step $w\mapsto w-\tfrac\eta2\bigl(n\beta\nabla L+\gamma(w-w^*)\bigr)+\sqrt\eta\,\xi$, $\xi$ standard normal. By the localisation alone the variance of a weight is, after $k$ "
             r"steps, $(1-a^{2k})/\bigl(\gamma(1-\tfrac{\eta\gamma}4)\bigr)$ with $a=1-\tfrac{\eta\gamma}2$. *At $\gamma=5$, $\eta=5\cdot10^{-4}$* (the code) it reaches the share $1-1/e$ of its limit after 400 steps; "
             r"the chain has 100 steps of burn-in and 500 draws, over which the share runs from 22 to 78 %: it has not arrived, and its mean depends on its length. "
             r"*At $\gamma=100$, $\eta=4\cdot10^{-4}$* (stored runs of the authors) it takes 25 steps: that chain arrives, at weights blurred by noise of variance $1/99$. A chain that the loss hardly moves then measures "
             r"$n\beta\,\mathbb E[L(w+\delta)-L(w)]$, $\delta$ Gaussian: the expected sharpness (Neyshabur et al. 2017), a polynomial in the weights and their variance. Neither number is $\lambda$; neither can confirm or refute a count.",
             _published_chain),
        Step("What was measured, and what that can show", r"What holds: along the published runs the number rises while a network memorises and falls while it "
             r"generalises, and at $\gamma=100$ it is an honest measure of flatness at one scale. What it cannot show is that a network has learned, nor which count is right. "
             r"*Growth in $p$ and $K$ needs no learning*: with all weights zero, noise of variance $\sigma^2$ adds $2K\sigma^6(2p+1)(p-1)/p$ to the loss on all pairs, proportional to $K$ and all but linear in $p$. "
             r"*Measured* (one seed at $p=53$, $K=1024$; `python -m numerics.studies.published --size published`, quoted from `results/p53_K1024/results.json` there, with two standard errors; no check of this page): "
             r"at $\gamma=5$ the number is $4113\pm5+(0.409\pm0.004)|w|^2$ along eleven snapshots ($R^2=0.9998$), and it is 4377 for a generalised network, 4363 for random Gaussian weights of nearly its norm, 7928 for "
             r"the same network after 1500 steps of burn-in. Its slopes in $p$ over $53,61,71$ are 62, 103, 137 at $K=600,1000,1400$ with all weights zero, its slopes in $K$ over those widths 3.30, 4.03, 4.98: above the published ones, near a public reproduction's "
             r"(71.3, 113, 150 and 3.42, 4.22, 5.22), and without any learning. At $\gamma=100$ the chain is within 2 % of plain weight noise on 27 networks, trained, random and zero, and within 1 % of the authors' stored run of these settings. "
             r"Both numbers rise and fall on random labels too, where nothing is generalised, and at $\gamma=5$ writing the same function as $(tu,tv,V/t^2)$, $t=1.3$, moves it by $57.5\pm2.4$. In the authors' 17 stored runs that generalise the first fall by 5 % "
             r"comes while validation accuracy is below one half in 7, between one half and 0.95 in 4, after it in 2, and never in 4. Why the paper's slopes are lower than its reproduction's by a factor 1.3 to 1.4 is open. "
             r"*Whether it tracks* (small networks, $p=23$; `python -m numerics.studies.tracking`, its questions fixed before its runs, quoted from `results/results.json` there, 95 % intervals; no check of this page): in 15 runs, of three settings at which seeds differ in outcome, that generalise, "
             r"the rank correlation with the validation loss within a run is 0.06 (0.01 to 0.12) at $\gamma=5$, 0.04 ($-0.01$ to 0.09) at $\gamma=100$, and 0.08 (0.04 to 0.13) for the weight norm; in the 45 runs that do not it is 0.56, 0.54 and 0.58. Which of two seeds generalises first it does not foretell: "
             r"concordance 0.49 (0.32 to 0.63) and 0.48 (0.31 to 0.67), where 0.5 is nothing. This is about networks of one kind near the border of generalising; in a few runs of a ReLU network trained by cross-entropy both numbers do go along with the validation loss, while the norm grows; on random labels they fall as well, with the training loss, while the validation loss rises. "
             r"At the published size (`--size published`, ten runs, which all generalise) the correlations are 0.29, 0.23 and, of the norm, 0.29; over epochs counted evenly and to the last one they are 0.63, 0.52 and 0.64: what a figure shows is there, and the norm has it too. "
             r"As the paper says, the trace of the Hessian parts from the number at the end: it rises where both numbers go on falling, in all ten. "
             r"On so few pairs that 5 of 20 seeds generalise (`--size few-pairs`) the correlations until then are 0.90, 0.64 and 0.89, but while networks generalise the number at $\gamma=100$ *rises*, with the trace: of one that has and one that has not, the former ends with the lower number in 0.80 (0.56 to 1.00) of the pairs at $\gamma=5$ "
             r"and in 0.01 (0.00 to 0.07) at $\gamma=100$. In five small transformers (`--size transformer`) the number at $\gamma=100$ does go along with the validation loss, 0.97 (0.96 to 0.99), and the norm does not, 0.13 ($-0.25$ to 0.49); on random "
             r"labels, three runs, where the validation loss only rises, it does not fall: few runs, and the strongest evidence here for the paper's idea. A curve that rises and falls along one run is no diagnostic yet: that takes other runs, and controls.",
             _noise_of_zeros),
        _comparison("cullen-2026-cor-5.4", _feature_learning),
    ),
)
