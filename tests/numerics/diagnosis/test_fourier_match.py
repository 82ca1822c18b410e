"""The distance to the Fourier solution up to its symmetries."""

import numpy as np

from numerics.diagnosis.fourier_match import distance_to_fourier
from numerics.diagnosis.units import units_of
from numerics.networks.file import Network
from numerics.networks.fourier import fourier_weights
from slt_symbolic.networks.data import all_pairs


def network(w, v, pairs=None, centred=True, operation="add"):
    return Network(w, v, all_pairs(v.shape[1]).pairs if pairs is None else pairs, centred, operation)


def test_what_is_not_the_fourier_solution():
    w, v = fourier_weights(5)
    rng = np.random.default_rng(0)
    other = v.copy()
    other[0] += 1e-3
    swapped = v.copy()
    swapped[[1, 3]] = swapped[[3, 1]]
    constant = np.ones((9, 10))
    for x, y, operation in ((w, other, "add"), (w, swapped, "add"), (w, v, "mul"), (w[:8], v[:8], "add"),
                            (w + 1e-5 * rng.normal(size=w.shape), v, "add"), (constant, v, "add"),
                            (np.vstack([w, w[:1]]), np.vstack([v, 0 * v[:1]]), "add")):
        assert distance_to_fourier(network(x, y, operation=operation), units_of(network(x, y))) is None
    near = network(w + 1e-8 * rng.normal(size=w.shape), v)
    assert 1e-9 < distance_to_fourier(near, units_of(near)) < 1e-6
