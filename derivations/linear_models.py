"""The two linear regimes: lambda is half a rank."""

from __future__ import annotations

import sympy
from flint import fmpz_mat

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_forms
from slt_symbolic.closed_forms.entry import ClosedForm
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


def _generic_features_have_full_rank() -> None:
    # phi_j(x) = x^j at l points: Vandermonde features, in general position in an l-dimensional space.
    for units in range(1, 6):
        for span in range(1, 6):
            features = fmpz_mat([[(x + 1) ** j for x in range(span)] for j in range(units)])
            require_equal(int(features.rank()), min(units, span), f"rank of {units} features in dimension {span}")


def _lazy_rank() -> None:
    # The Jacobian of sum_j V_j phi_j in V is features ⊗ identity: its rank is p times that of the features.
    for outputs, units, span in ((1, 2, 3), (2, 3, 2), (3, 2, 2)):
        features = sympy.Matrix(span, units, lambda x, j: (x + 1) ** j)
        jacobian = sympy.kronecker_product(features, sympy.eye(outputs))
        require_equal(jacobian.rank(), outputs * min(units, span), "rank of features ⊗ identity")


def _compare_lazy() -> None:
    entry = closed_forms["quadratic-lazy"]
    require(isinstance(entry, ClosedForm), "the entry is a closed form")
    for p in range(1, 5):
        for units in range(1, 6):
            for span in range(1, 6):
                expected = lambda_of_rank(p * min(span, units))
                require_equal(entry.formula({"p": p, "K": units, "l": span}), (expected, 1), f"p={p} K={units} l={span}")


def _compare_ntk() -> None:
    entry = closed_forms["quadratic-ntk"]
    for rank in range(8):
        require_equal(entry.formula({"r": rank}), (lambda_of_rank(rank), 1), f"r={rank}")


LAZY = Derivation(
    entry="quadratic-lazy",
    statement=r"With $W$ frozen, $\lambda = \tfrac12\,p\min(l, K)$ and $m = 1$.",
    assumptions=("the $K$ features are generic in a space of dimension $l$", "the truth is realisable"),
    steps=(
        Step("A linear model has half its rank", _LINEAR, _polar_pole),
        Step("Generic features", r"$K$ generic vectors of an $l$-dimensional space span $\min(l,K)$ dimensions: a minor "
             r"that does not vanish at one choice does not vanish at a generic one. Vandermonde vectors are such a "
             r"choice.", _generic_features_have_full_rank),
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
        Step("A linear model has half its rank", _LINEAR + r" Here $A^\top A = \mathbb E[J^\top J]$.", _polar_pole),
        Step("Comparison", "The catalogue entry has these values.", _compare_ntk),
    ),
)
