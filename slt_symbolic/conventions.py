"""What lambda and m mean in this package. Every other file refers to this one.

Let ``K(w) >= 0`` be real analytic near ``w*`` with ``K(w*) = 0``: the population loss, in the sense
of Watanabe a Kullback-Leibler divergence up to a unit.

Definition.
    ``-lambda`` is the largest pole of ``z -> ∫ K(w)^z phi(w) dw`` over a small neighbourhood of
    ``w*`` and ``m`` is its order. Equivalently ``vol{K <= e} ~ c e^lambda (log 1/e)^(m-1)``.
    ``lambda`` is the *real log canonical threshold*, in statistics the *learning coefficient*; taken
    at a point it is the *local learning coefficient*. ``K = x^2`` has ``lambda = 1/2``.

Ideals.
    A list of generators ``g_1, ..., g_r`` stands for the loss ``K = g_1^2 + ... + g_r^2``. Losses with
    ``c K_1 <= K_2 <= C K_1`` near the point have the same ``(lambda, m)``, so the factor 1/2 of a
    squared error, the number of samples and the choice of coordinates in the output do not matter.

Ranks.
    ``J`` the Jacobian of the generators at the point: ``rank J / 2 <= lambda``. Where the rank is
    constant near the point the zero set is smooth, ``K`` is comparable to ``rank J`` squares of
    coordinates, and ``lambda = rank J / 2``, ``m = 1``. A *generic* point is such a point.

The zero loss (no equations) has ``lambda = 0``, ``m = 1``.

Centred.
    The published loss of modular addition is ``1/2 ||(Y - Y_hat) P||_F^2`` with ``P`` the projector
    onto the vectors over the samples that sum to zero: constants per output are not seen. It is the
    default wherever modular addition appears.

Sources: S. Watanabe, Algebraic Geometry and Statistical Learning Theory, Cambridge 2009, ch. 2, 6;
S. Lin, Algebraic Methods for Evaluating Integrals in Bayesian Statistics, thesis, Berkeley 2011, ch. 3.
"""

from __future__ import annotations

from fractions import Fraction


def lambda_of_rank(rank: int) -> Fraction:
    """``rank / 2``: the learning coefficient of ``rank`` squared coordinates.

    >>> lambda_of_rank(29)
    Fraction(29, 2)
    """
    return Fraction(rank, 2)
