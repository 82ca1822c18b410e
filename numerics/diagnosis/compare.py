"""Two trained networks compared: the leading terms of their free energies, and within windows all of them, sampled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from numerics.diagnosis.basin import network_basin, polished
from numerics.estimation.free_energy import window_free_energy
from numerics.networks.file import read_network
from numerics.sampling.summary import EstimateError
from slt_symbolic.free_energy.basins import Comparison

WIDTH = 0.1  # of a window, in root mean squares of the weights
LARGEST_UNASKED = 600  # weights: sampling takes a minute or so, and grows with their square


def compare_files(a: Path, b: Path, n: int, gamma: float | None = None, *, progress: bool = False) -> Comparison:
    """The networks in two files at n, polished; within windows of ``gamma`` where minimisers form manifolds.

    By default a window moves each weight by a tenth of the root mean square of all weights of both, and networks of
    more than `LARGEST_UNASKED` weights are not sampled, which would take long. Nor is it possible where a point is not
    regular, or where chains do not come together: the comparison says so. Raises `InvalidInput`.
    """
    one, other = read_network(a), read_network(b)
    there, here = polished(one, str(a)), polished(other, str(b))
    comparison = Comparison(network_basin(one, there, str(a)), network_basin(other, here, str(b)), n)
    points = {str(a): there.geometry, str(b): here.geometry}
    problem = next((f"at {name} minimisers form no manifold" for name, point in points.items()
                    if not (point.regular and point.spectrum.rank)), "")
    if not problem and gamma is None and max(one.theta.numel(), other.theta.numel()) > LARGEST_UNASKED:
        problem = f"more than {LARGEST_UNASKED} weights take long, unless --gamma is given"
    if problem:
        return replace(comparison, not_sampled=problem)
    gamma = gamma or 2 / sum(float(point.point.square().mean()) for point in points.values()) / WIDTH**2
    try:
        return comparison.with_windows(
            window_free_energy(one.loss, there.geometry, n, gamma, progress=progress),
            window_free_energy(other.loss, here.geometry, n, gamma, progress=progress))
    except EstimateError as error:
        return replace(comparison, not_sampled=str(error))
