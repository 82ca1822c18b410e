"""What each unit of a trained network does: nothing, the same as another one, or a wave of which frequency."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from sympy import isprime, primitive_root

from numerics.networks.file import Network
from slt_symbolic.networks.data import TwoHotPairs

PRESENT = 0.01  # share of a unit's power from which on a frequency is listed

Indices = tuple[int, ...]


@dataclass(frozen=True)
class Tolerance:
    """Up to where a unit does nothing, and two units coincide.

    ``idle``: the share of the largest unit's contribution ``|V_j| |s_j|^2``, s_j the preactivations on the pairs;
    ``same``: the distance ``|s_i ± s_j|`` at norm 1.
    """

    idle: float
    same: float


EXACT = Tolerance(1e-6, 1e-6)
TRAINED = Tolerance(1e-3, 2e-3**0.5)  # on the way, while weights decay; the cosine is above 1 - 1e-3


@dataclass(frozen=True)
class Units:
    """The units of a network, counted from 0, by what they do on its pairs.

    ``active``       their contribution is more than ``Tolerance.idle``
    ``dead``         it is not, and output weights and preactivation are both small: up to the cube root of that share
    ``zero_output``  it is not, as the output weights are small
    ``blind``        it is not, as the preactivation is small
    ``duplicate``    groups of active units that coincide, each with another one of its group
    ``shares``       (K, 1 + n/2): of the power of ``u(a) + v(b)`` by frequency on n residues; 0 if there is none
    """

    active: Indices
    dead: Indices
    zero_output: Indices
    blind: Indices
    duplicate: tuple[Indices, ...]
    shares: NDArray[np.float64]

    @property
    def distinct(self) -> int:
        """Active units, those with the same preactivation counted once."""
        return len(self.active) - sum(len(group) - 1 for group in self.duplicate)

    @property
    def frequencies(self) -> tuple[Indices, ...]:
        """The frequencies that each unit carries, the strongest first: [0] if constant, [] if it is zero."""
        return tuple(tuple(int(k) for k in np.argsort(-row) if row[k] >= PRESENT) for row in self.shares)

    @property
    def by_frequency(self) -> dict[int | None, Indices]:
        """The active units that carry this frequency alone, or several (None)."""
        frequencies = self.frequencies
        carried = {unit: frequencies[unit] for unit in self.active}
        single = sorted({group[0] for group in carried.values() if len(group) == 1})
        groups = {k: tuple(unit for unit, group in carried.items() if group == (k,)) for k in single}
        mixed = tuple(unit for unit, group in carried.items() if len(group) != 1)
        return groups | ({None: mixed} if mixed else {})

    def is_fourier(self, modulus: int) -> bool:
        """Whether one unit is constant, four have each frequency, as in the Fourier solution, and others are dead."""
        wanted = {(0,): 1} | {(k,): 4 for k in range(1, (modulus + 1) // 2)}
        frequencies = self.frequencies
        found = Counter(frequencies[unit] for unit in self.active)
        return modulus % 2 == 1 and not self.zero_output and not self.blind and found == wanted


def units_of(network: Network, tolerance: Tolerance = EXACT) -> Units:
    """The units of ``network``. Scaling ``(t w, V/t^2)`` and shifting ``(u + t, v - t)`` an active one change nothing.

    If ``|V| |s|^2 <= q`` one of the two is at most the cube root of q, so that each idle unit is of one kind.
    """
    s = network.w @ TwoHotPairs(network.modulus, network.pairs).matrix().T  # (K, N)
    sizes, outputs = np.linalg.norm(s, axis=1), np.linalg.norm(network.v, axis=1)
    idle = _is_small(outputs * sizes**2, tolerance.idle)
    no_output, no_input = (_is_small(x, tolerance.idle ** (1 / 3)) for x in (outputs, sizes))
    active = _indices(~idle)
    return Units(active, _indices(idle & no_output & no_input), _indices(idle & ~no_input), _indices(idle & ~no_output),
                 _duplicates(s, sizes, active, tolerance.same), _shares(network) * ~(idle & no_input)[:, None])


def _is_small(sizes: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    small: NDArray[np.bool_] = sizes <= share * sizes.max()
    return small


def _indices(flags: NDArray[np.bool_]) -> Indices:
    return tuple(np.flatnonzero(flags).tolist())


def _duplicates(s: NDArray[np.float64], sizes: NDArray[np.float64], active: Indices, same: float
                ) -> tuple[Indices, ...]:
    directions = s[list(active)] / sizes[list(active), None]
    cosines = np.abs(directions @ directions.T)  # |x - y|^2 = 2 - 2 x·y for the nearer sign
    _, labels = connected_components(2 - 2 * cosines <= same**2, directed=False) if active else (0, np.zeros(0))
    groups = (tuple(active[i] for i in np.flatnonzero(labels == label)) for label in np.unique(labels))
    return tuple(sorted(group for group in groups if len(group) > 1))


def _shares(network: Network) -> NDArray[np.float64]:
    """Shares of the mean of ``(u(a) + v(b))^2`` over all pairs: Parseval; the means of u and v count together."""
    order = _group(network)
    u, v = (np.fft.rfft(network.w[:, [shift + x for x in order]]) / len(order) for shift in (0, network.modulus))
    power = 2 * (np.abs(u) ** 2 + np.abs(v) ** 2)
    if len(order) % 2 == 0:
        power[:, -1] /= 2
    power[:, 0] = np.abs(u[:, 0] + v[:, 0]) ** 2
    total = power.sum(1, keepdims=True)
    shares: NDArray[np.float64] = power / np.where(total > 0, total, 1)
    return shares


def _group(network: Network) -> list[int]:
    """The residues in the order of a cyclic group: for products modulo a prime the powers of a primitive root."""
    p = network.modulus
    if network.operation != "mul" or p < 3 or not isprime(p):
        return list(range(p))
    root = int(primitive_root(p))
    return [pow(root, i, p) for i in range(p - 1)]
