"""Exact expectations for samplers: ``K = 3/2 |V|^2 |w|^4`` under a localised tempered density, by quadrature."""

import numpy as np


def mean_of_dead_unit(nbeta: float, gamma: float, d: int = 2, p: int = 2) -> float:
    """``nbeta E[K]`` around zero, in the radii of w and V."""
    r = s = np.linspace(0, 9 / gamma**0.5, 3001)
    k = 1.5 * s[None] ** 2 * r[:, None] ** 4
    density = r[:, None] ** (d - 1) * s[None] ** (p - 1) * np.exp(
        -nbeta * k - gamma / 2 * (r[:, None] ** 2 + s[None] ** 2))
    return float(nbeta * (density * k).sum() / density.sum())


def mean_around(centre: tuple[float, float], nbeta: float, gamma: float) -> float:
    """``nbeta E[K]`` for d = p = 1 around ``centre = (w, v)``."""
    x = np.linspace(-9 / gamma**0.5, 9 / gamma**0.5, 3001)
    w, v = centre[0] + x[:, None], centre[1] + x[None]
    k = 1.5 * v**2 * w**4
    density = np.exp(-nbeta * k - gamma / 2 * (x[:, None] ** 2 + x[None] ** 2))
    return float(nbeta * (density * k).sum() / density.sum())
