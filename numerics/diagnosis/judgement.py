"""What is known of ``(lambda, m)`` at the exact fit next to a trained network, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.curvature.eigenvalues import LARGEST_DENSE
from numerics.curvature.geometry import EXACT_FIT
from numerics.diagnosis.ball_proof import features_span, independent_features, onto_fit
from numerics.diagnosis.basin import FARTHEST, Polished, bracket_there
from numerics.diagnosis.fourier_match import TOLERANCE
from numerics.diagnosis.units import Units
from numerics.networks.file import Network
from slt_symbolic.closed_forms import Evidence, closed_forms
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.networks.data import TwoHotPairs
from slt_symbolic.threshold import Threshold

FOURIER = "modular-addition-fourier"


@dataclass(frozen=True, repr=False)
class Judgement:
    """Rank and what is known of ``(lambda, m)``: no ``threshold`` where there is no exact fit that it would belong to.

    ``problem`` says why there is none.
    """

    rank: int | None
    threshold: Threshold | None
    problem: str = ""

    def __repr__(self) -> str:
        rank = "" if self.rank is None else f"rank {self.rank}, "
        return f"{rank}{self.problem if self.threshold is None else repr(self.threshold)}"

    @property
    def lambda_(self) -> Fraction | None:
        """The value where it is known, else None."""
        return None if self.threshold is None else self.threshold.lambda_

    @property
    def lower(self) -> Fraction | None:
        """A lower bound of lambda at the exact fit, None without one."""
        return None if self.threshold is None else self.threshold.lower

    @property
    def upper(self) -> Fraction | None:
        """An upper bound of lambda at the exact fit, None without one."""
        return None if self.threshold is None else self.threshold.upper

    @property
    def multiplicity(self) -> int | None:
        """The multiplicity where it is known, else None."""
        return None if self.threshold is None else self.threshold.multiplicity

    @property
    def evidence(self) -> Evidence:
        """How far this is to be trusted, and why."""
        return Evidence("numerical", self.problem) if self.threshold is None else self.threshold.evidence


def judge(network: Network, polished: Polished, distance: float | None, name: str) -> Judgement:
    """The strongest statement about ``network``, called ``name`` in errors, at the exact fit where polishing ended.

    ``distance`` is that of the file from the Fourier solution, None if it is not small.
    """
    if not polished.fits:
        return Judgement(None, None, f"no exact fit is near: {polished.where}"
                         + (", a minimum that fits less" if polished.is_near else ""))
    rank = polished.geometry.spectrum.rank
    known = _fourier(network, distance, rank) or _proved(network, rank)
    if known is not None:
        return known
    return Judgement(rank, bracket_there(network, polished, name))


def judge_large(network: Network, units: Units, loss: float, moved: float, distance: float | None) -> Judgement:
    """Judge without a dense Jacobian: ``network`` is polished, at a distance of ``moved``, and has this ``loss``.

    Each V_j moves the fit by a feature: p times the rank of the features is a lower bound of the rank, and the rank if
    they span all functions. From above, scaling and one shift for each component of the pairs leave
    ``3p - components - 1`` parameters of a unit; other units add at most what they have alone.
    """
    known = _fourier(network, distance, None)
    if known is not None:
        return known
    size = f"{network.theta.numel()} parameters are too many for a dense Jacobian, at most {LARGEST_DENSE}"
    if loss >= EXACT_FIT or moved > FARTHEST:
        return Judgement(None, None, f"no exact fit is found near: polishing, of bounded length, ends at loss "
                                     f"{loss:.3g}, {moved:.2g} norms of the weights away; {size}")
    p, data = network.modulus, TwoHotPairs(network.modulus, network.pairs, network.centred)
    features = (network.w @ data.matrix().T) ** 2
    found = int(np.linalg.matrix_rank(features - features.mean(1, keepdims=True) * network.centred))
    lower = lambda_of_rank(p * found)
    if found == data.equations:
        proved = features_span(network.w, data.matrix(), network.centred)
        how = (f"rank {p * found}: the features span all functions on the pairs"
               + (" (ball arithmetic), so there is an exact fit with these w" if proved else ""))
        return Judgement(p * found, Threshold(lower, lower, 1, Evidence("certified" if proved else "numerical", how)))
    upper = (Fraction(len(units.active) * (p + data.span - 1), 2) + Fraction(len(units.zero_output) * p, 2)
             + Fraction((len(units.dead) + len(units.blind)) * data.span, 4))
    how = f"{size}; {found} independent features from below, symmetries of each unit from above"
    return Judgement(None, Threshold(lower, upper, None, Evidence("numerical", how)))


def _fourier(network: Network, distance: float | None, rank: int | None) -> Judgement | None:
    """What the entry says, if the network is the Fourier solution on all pairs."""
    if distance is None or len(network.pairs) < network.modulus**2:
        return None
    answer = closed_forms[FOURIER].at(p=network.modulus, units=len(network.w), centred=network.centred)
    dead = len(network.w) - 2 * network.modulus + 1
    how = (f"recognised: up to its symmetries the file is within {TOLERANCE:g} (at {distance:.1e}) of the Fourier "
           f"solution, {dead} of {len(network.w)} units dead, and this is about that: {answer.evidence.how}")
    return Judgement(rank, answer.threshold.with_evidence(how=how))


def _proved(network: Network, rank: int) -> Judgement | None:
    """A proof by ball arithmetic, where the Jacobian is onto, or is onto but for the sum of the outputs.

    Centred labels add up to 0. With features that are independent modulo constants the sums of the V_j then vanish at
    exact fits, and are coordinates: `modular-addition-labels`.
    """
    p, K, data = network.modulus, len(network.w), TwoHotPairs(network.modulus, network.pairs, network.centred)
    for outputs, of_sum in ((p, 0), (p - 1, K)):
        if rank != outputs * data.equations + of_sum or (of_sum and not (network.centred and K <= data.equations)):
            continue
        fit = onto_fit(network.w, network.v[:, :outputs], data.matrix(), network.targets[:, :outputs], network.centred)
        if fit is None or (of_sum and not independent_features(fit, data.matrix())):
            continue
        value = lambda_of_rank(rank)
        distance, onto = fit.distance, "onto"
        if of_sum:  # the last output weight of each unit is less the sum of the others
            distance = outputs * fit.distance + float(np.abs(network.v.sum(1)).max())
            onto = f"onto for outputs that add up to 0, of rank {K} for their sum"
        how = (f"rank {rank}: ball arithmetic proves an exact fit some {distance:.0e} from the polished weights, where "
               f"the Jacobian is {onto}")
        return Judgement(rank, Threshold(value, value, 1, Evidence("certified", how)))
    return None
