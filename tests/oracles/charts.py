"""Which points a monomial chart reaches, by solving for the chart's variables.

A chart has k variables t and is ``x_j = s_j t^{u_j}`` for k coordinates, the pivots, ``x_j = s_j t^{u_j} y_j`` for the
others, with signs ``s_j`` and independent u_j of the pivots. At a point with all ``x_j != 0`` the positive ``|t_l|``
solve ``u^T log|t| = log|x|`` on the pivots, in exactly one way; the other x_j are reached by one y_j for each of the
``2^k`` choices of signs of the t_l. So the chart reaches the point if and only if for some choice the signs agree on
the pivots. The point is near the origin of the chart in the directions t if all ``|t_l| < 1``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

Exponents = tuple[int, ...]
Chart = Mapping[int, tuple[int, Exponents]]  # the sign and the exponents u_j of each pivot


def sizes(chart: Chart, point: Sequence[float]) -> list[float]:
    """The ``|t_l|`` at the point.

    >>> [round(t, 9) for t in sizes({0: (1, (2,))}, [0.25, 3.0])]
    [0.5]
    """
    matrix = np.array([u for _, u in chart.values()], float)
    return [float(t) for t in np.exp(np.linalg.solve(matrix, np.log(np.abs([point[j] for j in chart]))))]


def reaches(chart: Chart, point: Sequence[float]) -> bool:
    """Is the point in the image?

    >>> reaches({0: (1, (1,))}, [-0.5, 3.0]), reaches({0: (1, (2,))}, [-0.5, 3.0])
    (True, False)
    """
    width = len(next(iter(chart.values()))[1])
    return any(all(sign * np.prod([t**e for t, e in zip(choice, u, strict=True)]) * point[j] > 0
                   for j, (sign, u) in chart.items())
               for choice in product((1, -1), repeat=width))


def random_points(rays: Sequence[Exponents], rng: np.random.Generator) -> list[list[float]]:
    """A point of each orthant with ``-log|x|`` in the interior of the cone over the rays.

    >>> [[x > 0 for x in point] for point in random_points([(1, 2)], np.random.default_rng(0))]
    [[True, True], [True, False], [False, True], [False, False]]
    """
    weights = rng.uniform(0.1, 2, len(rays)) @ np.array(rays, float)
    return [[float(s * np.exp(-w)) for s, w in zip(signs, weights, strict=True)]
            for signs in product((1, -1), repeat=len(rays[0]))]


def failures(charts: Sequence[Chart], points: Sequence[Sequence[float]]) -> list[str]:
    """The points that are not reached by exactly one of the charts, with all ``|t_l| < 1``."""
    found = []
    for point in points:
        reached = [chart for chart in charts if reaches(chart, point)]
        if len(reached) != 1:
            found.append(f"{point} is reached by {len(reached)} charts")
        elif not all(t < 1 for t in sizes(reached[0], point)):
            found.append(f"{point} is not near the origin of its chart")
    return found
