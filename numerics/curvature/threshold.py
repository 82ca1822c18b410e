"""What the Hessian at a minimiser says of lambda there."""

from __future__ import annotations

from fractions import Fraction

from numerics.curvature.geometry import Geometry
from slt_symbolic.closed_forms import Answer


def value_there(found: Geometry, answer: Answer | None = None) -> tuple[Fraction, Fraction, int | None, str]:
    """Lower and upper end, m, and why: exact up to the numerical rank at regular points.

    Elsewhere the value of the entry, where there is one, if it holds on the whole fibre.
    """
    half_rank = Fraction(found.spectrum.rank, 2)
    if found.regular:
        matches = " as at the entry's own point" if answer is not None and answer.lambda_ == half_rank else ""
        return half_rank, half_rank, 1, f"numerical: rank {found.spectrum.rank}, minimisers form a manifold{matches}"
    if answer is not None and answer.name in SAME_ON_THE_FIBRE and answer.lambda_ is not None:
        return answer.lambda_, answer.lambda_, answer.multiplicity, "the entry holds at every minimiser"
    flat = len(found.point) - found.spectrum.rank
    return (half_rank, half_rank + Fraction(flat, 4), None,
            f"numerical: rank {found.spectrum.rank}, of {flat} flat directions some are of higher order")

SAME_ON_THE_FIBRE = ("symmetric-factorisation",)
