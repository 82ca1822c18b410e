"""Parameters less symmetries, as one counts them for generic quadratic networks: wrong at one of these sizes.

Cullen et al., A Basin-Selection Perspective on Grokking via SLT (arXiv:2603.01192), count so. Each unit of
``sum_j V_j (w_j·x)^2`` adds ``d + p - 1`` directions, as long as the ``p d(d+1)/2`` equations are not used up: the
expected dimension of a secant variety of a Segre-Veronese variety. Some of these are defective: Abo, Brambilla, Secant
varieties of Segre-Veronese varieties P^m x P^n embedded by O(1,2), Experimental Mathematics 18 (2009) 369-384.

    slt test expected_dimension.py                        # finds the defective one
"""

from __future__ import annotations

from fractions import Fraction

from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import QuadraticNetwork

sizes = {"d": range(1, 6), "p": range(2, 5), "K": range(1, 13)}


def formula(d: int, p: int, K: int) -> Fraction:
    """Half the expected dimension."""
    return Fraction(min(K * (d + p - 1), p * d * (d + 1) // 2), 2)


def network(d: int, p: int, K: int) -> QuadraticNetwork[QuadraticForms]:
    """A generic network on inputs that identify quadratic forms."""
    return QuadraticNetwork(QuadraticForms(d), p, K)
