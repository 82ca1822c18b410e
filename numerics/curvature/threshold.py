"""What the Hessian at a minimiser says of lambda there."""

from __future__ import annotations

from fractions import Fraction

from numerics.curvature.geometry import Geometry
from slt_symbolic.closed_forms import Answer
from slt_symbolic.evidence import Evidence
from slt_symbolic.threshold import Threshold

SAME_ON_THE_FIBRE = ("symmetric-factorisation",)


def value_there(found: Geometry, answer: Answer | None = None) -> Threshold:
    """What is known where ``found`` is: exact up to the numerical rank at regular points, else a bracket.

    Where no gap shows which eigenvalues are zero it has half of each rank that they allow. The value of the entry,
    whose ``answer`` is given, is taken at other points if it holds on the whole fibre.
    """
    half_rank = Fraction(found.spectrum.rank, 2)
    ranks = (found.spectrum.rank, *found.spectrum.others)
    if found.regular and found.spectrum.others:
        return Threshold(Fraction(min(ranks), 2), Fraction(max(ranks), 2), None, Evidence(
            "numerical", f"rank {min(ranks)} to {max(ranks)}: no gap shows which eigenvalues are zero"))
    if found.regular:
        matches = " as at the entry's own point" if answer is not None and answer.lambda_ == half_rank else ""
        how = f"rank {found.spectrum.rank}, minimisers form a manifold{matches}"
        return Threshold(half_rank, half_rank, 1, Evidence("numerical", how))
    if answer is not None and answer.name in SAME_ON_THE_FIBRE:
        return answer.threshold.with_evidence(how="the entry holds at every minimiser")
    flat = len(found.point) - found.spectrum.rank
    how = f"rank {found.spectrum.rank}, of {flat} flat directions some are of higher order"
    return Threshold(Fraction(min(ranks), 2), half_rank + Fraction(flat, 4), None, Evidence("numerical", how))
