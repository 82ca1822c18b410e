"""Two trained networks compared: the leading terms of their free energies, and within windows all of them, sampled."""

from __future__ import annotations

from pathlib import Path

from numerics.diagnosis.basin import network_basin, polished
from numerics.estimation.free_energy import window_free_energy
from numerics.networks.file import read_network
from numerics.sampling.summary import EstimateError
from slt_symbolic.free_energy.basins import Comparison

WIDTH = 0.1  # of a window, in root mean squares of the weights


def compare_files(a: Path, b: Path, n: int, gamma: float | None = None, *, progress: bool = False) -> Comparison:
    """The networks in two files at n, polished; within windows of ``gamma`` where minimisers form manifolds.

    By default a window moves each weight by a tenth of the root mean square of all weights of both. Without windows
    where a point is not regular, or where chains do not come together. Raises `InvalidInput`.
    """
    (one, there), (other, here) = ((network, polished(network, str(path))) for network, path in (
        (read_network(a), a), (read_network(b), b)))
    comparison = Comparison(network_basin(one, there, str(a)), network_basin(other, here, str(b)), n)
    points = (there.geometry, here.geometry)
    if not all(point.regular and point.spectrum.rank for point in points):
        return comparison
    if gamma is None:
        gamma = 2 / sum(float(point.point.square().mean()) for point in points) / WIDTH**2
    try:
        return comparison.with_windows(
            window_free_energy(one.loss, points[0], n, gamma, progress=progress),
            window_free_energy(other.loss, points[1], n, gamma, progress=progress))
    except EstimateError:
        return comparison
