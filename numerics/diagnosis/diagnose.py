"""What a trained quadratic network on modular addition is: its units, its rank, lambda at the exact fit next to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from numerics.curvature.eigenvalues import Spectrum, allows_dense
from numerics.curvature.geometry import EXACT_FIT
from numerics.curvature.polish import polish_large
from numerics.diagnosis.basin import distance_moved, polish_network
from numerics.diagnosis.fourier_match import distance_to_fourier
from numerics.diagnosis.judgement import FOURIER, Judgement, judge, judge_large
from numerics.diagnosis.units import Units, units_of
from numerics.networks.file import Network, read_network
from slt_symbolic.closed_forms import Answer, closed_forms
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.data import TwoHotPairs

LABELS, GENERIC = "modular-addition-labels", "modular-addition-generic"


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """A network, polished if an exact fit is near, with what its units are and what is known there.

    Losses are in nats per sample, zero where they are zero to double precision; ``moved`` is how far polishing went, in
    norms of the weights; ``spectrum`` is None without a dense Jacobian. ``candidates`` are what closed forms say at
    these sizes. ``distance`` is that from the Fourier solution up to its symmetries, None if it is not small.
    """

    file: str
    network: Network
    units: Units
    loss: float
    loss_after_polish: float
    moved: float
    spectrum: Spectrum | None
    distance: float | None
    judgement: Judgement
    candidates: tuple[Answer, ...]

    def __repr__(self) -> str:
        return f"{self.file}: {self.judgement!r}, matches {self.matches or 'no closed form'}"

    @property
    def matches(self) -> str | None:
        """The first candidate whose value is half the rank and whose hypotheses on the units hold numerically."""
        return next((answer.name for answer in self.candidates if self._agrees(answer)), None)

    def _agrees(self, answer: Answer) -> bool:
        if answer.name == FOURIER and not self.units.is_fourier(self.network.modulus):
            return False
        if answer.name == LABELS and not _features_independent(self.network, self.units):
            return False
        if self.judgement.rank is None:  # too large for one, yet it may be recognised
            return answer.name == FOURIER and self.distance is not None and self.judgement.lower is not None
        return answer.lambda_ == lambda_of_rank(self.judgement.rank)

    def to_json(self) -> dict[str, Any]:
        """Plain data, rationals as strings; units are counted from 0."""
        units, judged = self.units, self.judgement
        ends = [None if end is None else str(end) for end in (judged.lower, judged.upper)]
        return {
            "file": self.file, "active": list(units.active), "dead": list(units.dead),
            "duplicate": [list(group) for group in units.duplicate], "zero_output": list(units.zero_output),
            "blind": list(units.blind), "frequencies": [list(group) for group in units.frequencies],
            "shares": [round(float(row.max()), 6) for row in units.shares],
            "loss": self.loss, "loss_after_polish": self.loss_after_polish,
            "moved": self.moved,
            "rank": judged.rank, "lower": ends[0], "upper": ends[1], "multiplicity": judged.multiplicity,
            "evidence": judged.evidence.to_json(), "matches": self.matches,
            "candidates": [{"name": x.name, "K": x.sizes.get("K", x.sizes.get("units")), "lower": str(x.lower),
                            "upper": str(x.upper), "agrees": self._agrees(x)} for x in self.candidates],
        }


def diagnose(path: Path, pairs: object = None, operation: str | None = None, centred: bool | None = None) -> Diagnosis:
    """Read, polish and take apart the network in the file; what else is given goes before what the file says.

    Units that are zero to six digits are set to zero first. Raises `InvalidInput` for bad files.
    """
    network = read_network(path, pairs, operation, centred)
    units = units_of(network)
    loss = _loss(network)
    distance = distance_to_fourier(network, units)
    start = network.theta
    alive = np.ones((len(network.w), 1))
    alive[list(units.dead)] = 0
    network = replace(network, w=network.w * alive, v=network.v * alive)
    if not allows_dense(len(start)):
        network = _polish(network)
        after, moved = _loss(network), distance_moved(network.theta, start)
        spectrum, units = None, units_of(network)
        judgement = judge_large(network, units, after, moved, distance)
    else:
        polished = polish_network(network, str(path))
        after, spectrum = float(polished.loss), polished.geometry.spectrum
        moved = distance_moved(polished.geometry.point, start)
        if polished.fits:
            network = network.at(polished.geometry.point)
            units = units_of(network)
        judgement = judge(network, polished, distance, str(path))
    return Diagnosis(str(path), network, units, loss, after, moved, spectrum, distance, judgement,
                     tuple(_candidates(network, units)))


def _polish(network: Network) -> Network:
    """An exact fit near by output weights alone, which is a linear problem, or by all weights; any number of them.

    Units at zero, which move neither way, are left out.
    """
    alive = network.w.any(1) | network.v.any(1)
    if not alive.any():
        return network
    small = replace(network, w=network.w[alive], v=network.v[alive])
    features = ((small.w @ TwoHotPairs(network.modulus, network.pairs).matrix().T) ** 2).T
    errors = small.targets - features @ small.v
    if network.centred:
        features, errors = features - features.mean(0), errors - errors.mean(0)
    found = replace(small, v=small.v + np.linalg.lstsq(features, errors, rcond=None)[0])
    if _loss(found):
        loss, theta = small.two_hot(torch.float64)
        found = small.at_two_hot(polish_large(loss, theta))
    w, v = np.zeros_like(network.w), np.zeros_like(network.v)
    w[alive], v[alive] = found.w, found.v
    return replace(network, w=w, v=v)


def _loss(network: Network) -> float:
    """Zero where it is zero to double precision."""
    loss = float(network.loss.value(network.theta[None]))
    return loss if loss >= EXACT_FIT else 0.0


def _features_independent(network: Network, units: Units) -> bool:
    """Whether all features are those of active units, which are independent modulo constants."""
    inputs = TwoHotPairs(network.modulus, network.pairs).matrix()
    features = (network.w[list(units.active)] @ inputs.T) ** 2
    rank = int(np.linalg.matrix_rank(features - features.mean(1, keepdims=True))) if units.active else 0
    return not units.zero_output and rank == units.distinct


def _candidates(network: Network, units: Units) -> Iterator[Answer]:
    """The closed forms at these sizes, the most specific first; the ceiling, of full rank, is a generic network too."""
    data = TwoHotPairs(network.modulus, network.pairs, network.centred)
    p, small = network.modulus, allows_dense(network.theta.numel())
    if data.number == p * p and network.operation in ("add", "sub"):
        yield from _answer(FOURIER, p=p, units=2 * p - 1, centred=network.centred)
    counts = {"p": p, "N": data.number, "components": data.components}
    yield from _answer(GENERIC, **counts, K=data.equations, centred=network.centred)
    if network.centred:
        yield from _answer(LABELS, **counts, K=units.distinct)
    given = {"p": p, "pairs": network.pairs} if small else counts  # the pairs decide, by a rank modulo a prime
    if not small and data.number == p * p:
        return  # an exact rank of that size takes minutes, and there is none to compare it with
    for width in dict.fromkeys((units.distinct, len(network.w))):
        yield from _answer(GENERIC, **given, K=width, centred=network.centred)


def _answer(name: str, **sizes: Any) -> Iterator[Answer]:
    """The answer of the entry, if the sizes are in its domain."""
    try:
        yield closed_forms[name].at(**sizes)
    except InvalidInput:
        return


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """Units by frequency, what polishing did, rank and lambda, and the closed forms to compare with."""
    network, units, judged = diagnosis.network, diagnosis.units, diagnosis.judgement
    lines = [f"{diagnosis.file}: p={network.modulus} K={len(network.w)} N={len(network.pairs)} "
             f"centred={int(network.centred)} operation={network.operation}"]
    lines.append(f"  loss {diagnosis.loss:.3g}, {diagnosis.loss_after_polish:.3g} after polishing, which moved the "
                 f"weights by {diagnosis.moved:.1e} of their norm")
    lines.append(f"  units: {len(units.active)} active, {len(units.dead)} dead, {len(units.zero_output)} without "
                 f"output, {len(units.blind)} without preactivation")
    for title, group in (("dead", units.dead), ("without output", units.zero_output),
                         ("without preactivation", units.blind), *(("duplicates", x) for x in units.duplicate)):
        lines += [f"  {title}: {_list_text(group)}"] if group else []
    for k, group in units.by_frequency.items():
        strongest = units.shares[list(group)].max(1)
        lines.append(f"  {'several frequencies' if k is None else f'frequency {k}'}: {_list_text(group)}; "
                     f"the strongest has a share of {strongest.min():.2f} at least")
    if judged.rank is not None and diagnosis.spectrum is not None:
        lines.append(f"  rank {judged.rank}; eigenvalues {diagnosis.spectrum.largest:.1e} to "
                     f"{diagnosis.spectrum.smallest_nonzero:.1e}, then {diagnosis.spectrum.largest_zero:.1e}")
    lines.append("  lambda unknown" if judged.threshold is None else f"  {judged.threshold}")
    lines.append(f"  {judged.evidence}")
    lines.append("  half the rank" + (" is not known" if judged.rank is None else f", {lambda_of_rank(judged.rank)}")
                 + "; closed forms:")
    for answer in diagnosis.candidates:
        width = f"K={answer.sizes['K']}" if "K" in answer.sizes else f"units={answer.sizes['units']}"
        agrees = "  agrees" if diagnosis._agrees(answer) else ""
        lines.append(f"    {answer.name:25} {width:10} {answer.threshold.label}{agrees}")
    lines.append(f"  matches: {diagnosis.matches or 'none of them'}")
    return "\n".join(lines)


def _list_text(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers[:12])) + (f", ... ({len(numbers)})" if len(numbers) > 12 else "")
