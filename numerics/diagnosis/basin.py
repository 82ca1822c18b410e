"""The basin that a trained network lies in: polished to the minimiser next to it, with what is exact there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numerics.curvature.eigenvalues import LARGEST_DENSE
from numerics.curvature.geometry import Geometry, geometry
from numerics.curvature.polish import polish
from numerics.curvature.threshold import value_there
from numerics.losses.polynomial import Twin
from numerics.networks.file import COPIES, LARGEST_MEMORY, Network, read_network
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.errors import InvalidInput
from slt_symbolic.free_energy.basins import Basin
from slt_symbolic.networks.data import component_count
from slt_symbolic.threshold import Threshold

FARTHEST = 0.5  # that polishing may move the weights, relative to their norm; beyond, it is another basin
LOSS_DIGITS = 12
PROBES, PROBE_DISTANCE, LOWER = 64, 1e-3, 1e-13  # along flat directions; relative to the weights, and to the loss


@dataclass(frozen=True)
class Polished:
    """The ``geometry`` where polishing a network ends, and how far away it is, in norms of the weights.

    ``is_near`` says that this is a minimiser, and next to the network.
    """

    geometry: Geometry
    moved: float
    is_near: bool

    @property
    def fits(self) -> bool:
        """Whether that minimiser fits."""
        return self.is_near and self.geometry.fits

    @property
    def where(self) -> str:
        """The distance in words."""
        return f"polishing ends at loss {self.geometry.loss:.3g}, {self.moved:.2g} norms of the weights away"

    @property
    def loss(self) -> Fraction:
        """Nats per sample, to 12 digits; zero where it is zero to double precision."""
        return Fraction(0) if self.geometry.fits else Fraction(f"{self.geometry.loss:.{LOSS_DIGITS}g}")


def polish_network(network: Network, name: str) -> Polished:
    """Polish ``network``, called ``name`` in errors. Raises `InvalidInput` if it is too large."""
    return polish_weights(network.loss, network.theta, name)


def polish_weights(loss: Twin, start: Tensor, name: str) -> Polished:
    """Polish the weights ``start`` (P,), called ``name`` in errors. Raises `InvalidInput` if that takes too much."""
    if loss.parameters > LARGEST_DENSE:
        raise InvalidInput(name, f"has {loss.parameters} parameters, and the Hessian is dense: at most {LARGEST_DENSE}",
                           "a narrower network")
    rows = loss.residual(start[None]).numel()
    if 8 * COPIES * rows * loss.parameters > LARGEST_MEMORY:
        raise InvalidInput(name, f"has a Jacobian of {rows} x {loss.parameters} numbers, {COPIES} of which would take "
                           f"more than {LARGEST_MEMORY // 2**30} GiB", "fewer pairs, or a smaller p")
    found = geometry(loss, polish(loss, start))
    moved = distance_moved(found.point, start)
    return Polished(found, moved, found.is_minimum and moved <= FARTHEST and not _falls(loss, found))


def distance_moved(theta: Tensor, start: Tensor) -> float:
    """In norms of the start; from weights that are zero, or that small, as it is."""
    norm, moved = float(start.norm()), float((theta - start).norm())
    return moved / norm if norm else moved


def polished(network: Network, name: str) -> Polished:
    """The minimiser next to ``network``, called ``name`` in errors.

    Raises `InvalidInput` where there is none near, and for networks that are too large.
    """
    found = polish_network(network, name)
    if not found.is_near:
        raise InvalidInput(name, f"is not near a minimum of its loss: {found.where}",
                           "a network that was trained to the end")
    return found


def _falls(loss: Twin, found: Geometry) -> bool:
    """Whether a loss that is not zero falls along flat directions, as it does next to a dead unit: to third order."""
    rank = found.spectrum.rank
    generator = torch.Generator().manual_seed(0)
    flat = torch.randn(PROBES, len(found.point) - rank, generator=generator, dtype=found.point.dtype)
    steps = PROBE_DISTANCE * found.size * flat / flat.norm(dim=1, keepdim=True).clamp(min=1)
    around = loss.value(found.point + steps @ found.basis[:, rank:].T)
    return not found.fits and bool((around < found.loss * (1 - LOWER)).any())


def _upper_with_dead_units(network: Network, dead: NDArray[np.bool_], name: str) -> Fraction:
    """``lambda(f + g) <= lambda(f) + lambda(g)`` where f fits and g, on units of its own, is to vanish.

    For ``|f + g - y|^2 <= 2 |f - y|^2 + 2 |g|^2``, and lambda adds in separate variables.
    """
    alive = replace(network, w=network.w[~dead], v=network.v[~dead])
    components = component_count(network.modulus, network.pairs)
    unit = closed_forms["modular-addition-dead-unit"].at(
        p=network.modulus, components=components, centred=network.centred)
    return value_there(polished(alive, name).geometry).upper + int(dead.sum()) * unit.upper


def bracket_there(network: Network, found: Polished, name: str) -> Threshold:
    """What is known where polishing ``network``, called ``name`` in errors, has ended."""
    known = value_there(found.geometry)
    how = known.evidence.how
    dead = np.logical_not(network.w.any(axis=1) | network.v.any(axis=1))
    if known.lambda_ is None and found.geometry.fits and dead.any() and not dead.all():
        padded = _upper_with_dead_units(network, dead, name)
        how += f"; the units at zero add at most what each has alone: lambda <= {padded}"
        known = replace(known, upper=min(known.upper, padded))
    return known.with_evidence(how=f"{how}; polishing moved the weights by {found.moved:.1e} of their norm")


def network_basin(network: Network, found: Polished, name: str) -> Basin:
    """The basin of ``network``, called ``name``, which was polished: loss and numerical rank there."""
    sizes = {"p": network.modulus, "K": len(network.w), "N": len(network.pairs), "centred": int(network.centred),
             "operation": network.operation, "pairs": network.pairs}
    return Basin(name, sizes, found.loss, bracket_there(network, found, name), is_file=True)


def basin_of_file(path: Path) -> Basin:
    """The basin of the network in the file: loss and numerical rank after polishing. Raises `InvalidInput`."""
    network = read_network(path)
    return network_basin(network, polished(network, str(path)), str(path))
