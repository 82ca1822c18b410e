"""The two linear regimes: lambda is half a rank."""

from __future__ import annotations

import itertools
import random

import sympy
from flint import fmpz_mat

from derivations.framework import Derivation, Step, require_equal
from slt_symbolic import closed_form
from slt_symbolic.conventions import lambda_of_rank

_LINEAR = r"""Let the residuals be linear, $g = A\,\delta$ with $\operatorname{rank} A = r$, so
$K = |A\delta|^2$. In coordinates adapted to the kernel, $A = (I_r\;0)$ up to an invertible map of the values, and
$c(y_1^2+\dots+y_r^2) \le K \le C(y_1^2+\dots+y_r^2)$. The zeta function of $y_1^2+\dots+y_r^2$ in polar coordinates is
$\int_0^1 \rho^{2z+r-1}\,d\rho = 1/(2z+r)$: a simple pole at $z = -r/2$, so $\lambda = r/2$, $m = 1$."""


def _polar_pole() -> None:
    z, r, rho = sympy.symbols("z r rho", positive=True)
    integral = sympy.integrate(rho ** (2 * z + r - 1), (rho, 0, 1))
    require_equal(sympy.simplify(integral - 1 / (2 * z + r)), 0, "the zeta function of r squares")
    pole = sympy.Symbol("pole")
    require_equal(sympy.solve(2 * pole + r, pole), [-r / 2], "its pole")


HALF_THE_RANK = Step("A linear model has half its rank", _LINEAR, _polar_pole)


def _fisher_rank() -> None:
    rng = random.Random(1)
    for rows, columns, rank in ((4, 3, 2), (3, 6, 3), (5, 5, 1), (7, 4, 4)):
        left, right = ([[rng.randint(-9, 9) for _ in range(n)] for _ in range(m)] for m, n in ((rows, rank), (rank, columns)))
        jacobian = fmpz_mat(left) * fmpz_mat(right)
        require_equal((jacobian.rank(), (jacobian.transpose() * jacobian).rank()), (rank, rank), f"rank of J and of J^T J, {rows} × {columns}")


FISHER = Step("The Fisher matrix has that rank", r"$\delta^\top\mathbb E[J^\top J]\,\delta=\mathbb E|J\delta|^2$ vanishes only if "
              r"$J\delta=0$ on the data: over the reals $J$ and $\mathbb E[J^\top J]$ have the same kernel.", _fisher_rank)


def _generic_features_have_full_rank() -> None:
    # phi_j(x) = x^j at l points: Vandermonde features, in general position in an l-dimensional space.
    for units in range(1, 6):
        for span in range(1, 6):
            features = fmpz_mat([[(x + 1) ** j for x in range(span)] for j in range(units)])
            require_equal(int(features.rank()), min(units, span), f"rank of {units} features in dimension {span}")


def _squares_span_the_functions_on_pairs() -> None:
    # (1_a + 1_b)^2 - (1_a + 0)^2 - (0 + 1_b)^2 is twice the indicator of the pair (a, b).
    for p in (2, 3, 4):
        pairs = list(itertools.product(range(p), repeat=2))
        for a, b in pairs:
            u, v = ([int(x == y) for x in range(p)] for y in (a, b))
            values = [(u[x] + v[y]) ** 2 - u[x] ** 2 - v[y] ** 2 for x, y in pairs]
            require_equal(values, [2 * int(pair == (a, b)) for pair in pairs], f"polarisation at ({a}, {b})")


def _lazy_features_on_pairs() -> None:
    rng = random.Random(0)
    for p, count in ((2, 3), (3, 5), (3, 9), (5, 14)):
        pairs = rng.sample(list(itertools.product(range(p), repeat=2)), count)
        for centred in (0, 1):
            for units in range(1, count + 2):
                features = []
                for _ in range(units):
                    u, v = ([rng.randint(1, 10**6) for _ in range(p)] for _ in range(2))
                    squares = [(u[a] + v[b]) ** 2 for a, b in pairs]
                    features.append([x - squares[-1] for x in squares[:-1]] if centred else squares)
                require_equal(fmpz_mat(features).rank(), min(units, count - centred), f"{pairs}, K={units}, c={centred}")


def _lazy_rank() -> None:
    # The Jacobian of sum_j V_j phi_j in V is features ⊗ identity: its rank is p times that of the features.
    for outputs, units, span in ((1, 2, 3), (2, 3, 2), (3, 2, 2)):
        features = sympy.Matrix(span, units, lambda x, j: (x + 1) ** j)
        jacobian = sympy.kronecker_product(features, sympy.eye(outputs))
        require_equal(jacobian.rank(), outputs * min(units, span), f"rank of features ⊗ identity at p={outputs}, K={units}, l={span}")


def _compare_lazy() -> None:
    entry = closed_form("quadratic-lazy")
    for p in range(1, 5):
        for units in range(1, 6):
            for span in range(1, 6):
                expected = lambda_of_rank(p * min(span, units))
                require_equal(entry.formula({"p": p, "K": units, "l": span}), (expected, 1), f"p={p} K={units} l={span}")


def _compare_ntk() -> None:
    entry = closed_form("quadratic-ntk")
    for rank in range(8):
        require_equal(entry.formula({"r": rank}), (lambda_of_rank(rank), 1), f"r={rank}")


LAZY = Derivation(
    entry="quadratic-lazy",
    statement=r"With $W$ frozen, $\lambda = \tfrac12\,p\min(l, K)$ and $m = 1$. On $N$ two-hot pairs $l = N-c$ ($c = 1$ if centred), "
    r"so $\lambda = \tfrac12\,p\min(N-c, K)$ there.",
    assumptions=("the $K$ features are generic in a space of dimension $l$", "the truth is realisable"),
    steps=(
        HALF_THE_RANK,
        Step("Generic features", r"$K$ generic vectors of an $l$-dimensional space span $\min(l,K)$ dimensions: a minor "
             r"that does not vanish at one choice does not vanish at a generic one. Vandermonde vectors are such a "
             r"choice.", _generic_features_have_full_rank),
        Step("Two-hot inputs: polarisation", r"On $N$ pairs the squares $(u(a)+v(b))^2$ span all functions: with indicators, "
             r"$(1_a+1_b)^2-1_a^2-1_b^2$ is twice the indicator of the pair $(a,b)$.", _squares_span_the_functions_on_pairs),
        Step("Two-hot inputs: l = N - c", r"Hence $l=N$. The squares form an irreducible family that lies in no hyperplane, so each "
             r"generic one leaves the span of those before until everything is reached: rank $\min(K,N)$. Centring is the "
             r"quotient by the constants, where the same holds with $l=N-1$.", _lazy_features_on_pairs),
        Step("The Jacobian", r"The derivative of $\sum_j V_j\varphi_j$ in $V$ is $\Phi\otimes I_p$, of rank "
             r"$p\,\operatorname{rank}\Phi$.", _lazy_rank),
        Step("Comparison", "The catalogue entry has these values.", _compare_lazy),
    ),
)

NTK = Derivation(
    entry="quadratic-ntk",
    statement=r"For the linearised model $\lambda = r/2$ and $m = 1$, $r$ the rank of the Fisher matrix.",
    assumptions=(r"$f(x;w) = f(x;w_0) + J(x)(w-w_0)$", "the truth is realisable"),
    steps=(
        HALF_THE_RANK,
        FISHER,
        Step("Comparison", "The catalogue entry has these values.", _compare_ntk),
    ),
)
