"""What each unit of a trained network does: nothing, the same as another one, or a wave of which frequency."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import networkx
import numpy as np
from numpy.typing import NDArray
from sympy import isprime, primitive_root

from numerics.network_file import Network
from slt_symbolic.networks.data import TwoHotPairs

ZERO = 1e-6  # relative to the largest unit
SAME = 1e-6  # distance of preactivations, each of norm 1
PRESENT = 0.01  # share of a unit's power from which on a frequency is listed

Indices = tuple[int, ...]


@dataclass(frozen=True)
class Units:
    """The units of a network, counted from 0, by what they do on its pairs.

    ``active``       output weights and preactivation are not zero
    ``dead``         both are zero, to `ZERO`
    ``zero_output``  the output weights alone are zero
    ``blind``        the preactivation alone is zero
    ``duplicate``    groups of active units with the same preactivation up to a factor
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
        """For each unit the frequencies that it carries, the strongest first: [0] if constant, [] if it is zero."""
        return tuple(tuple(int(k) for k in np.argsort(-row) if row[k] >= PRESENT) for row in self.shares)

    @property
    def by_frequency(self) -> dict[int | None, Indices]:
        """The active units that carry this frequency alone, or several (None)."""
        carried = {unit: group for unit, group in enumerate(self.frequencies) if unit in self.active}
        single = sorted({group[0] for group in carried.values() if len(group) == 1})
        groups = {k: tuple(unit for unit, group in carried.items() if group == (k,)) for k in single}
        mixed = tuple(unit for unit, group in carried.items() if len(group) != 1)
        return groups | ({None: mixed} if mixed else {})

    def is_fourier(self, modulus: int) -> bool:
        """Whether one unit is constant, four have each frequency, as in the Fourier solution, and others are dead."""
        wanted = {(0,): 1} | {(k,): 4 for k in range(1, (modulus + 1) // 2)}
        found = Counter(self.frequencies[unit] for unit in self.active)
        return modulus % 2 == 1 and not self.zero_output and not self.blind and found == wanted


def units_of(network: Network) -> Units:
    """The units of ``network``. Scaling ``(t w, V/t^2)`` and shifting ``(u + t, v - t)`` a unit change nothing."""
    s = network.w @ TwoHotPairs(network.modulus, network.pairs).matrix().T  # (K, N)
    sizes, outputs = np.linalg.norm(s, axis=1), np.linalg.norm(network.v, axis=1)
    negligible = _small(outputs * sizes**2)  # an active unit may have the one small and the other large
    no_output, no_input = _small(outputs) & negligible, _small(sizes) & negligible
    active = _where(~no_output & ~no_input)
    return Units(active, _where(no_output & no_input), _where(no_output & ~no_input), _where(no_input & ~no_output),
                 _duplicates(s, sizes, active), _shares(network) * ~no_input[:, None])


def _small(x: NDArray[np.float64]) -> NDArray[np.bool_]:
    return x <= ZERO * x.max()


def _where(flags: NDArray[np.bool_]) -> Indices:
    return tuple(np.flatnonzero(flags).tolist())


def _duplicates(s: NDArray[np.float64], sizes: NDArray[np.float64], active: Indices) -> tuple[Indices, ...]:
    directions = s[list(active)] / sizes[list(active), None]
    cosines = np.abs(directions @ directions.T)
    graph = networkx.from_numpy_array(2 - 2 * cosines <= SAME**2)  # |x - y|^2 for the nearer sign
    groups = (tuple(active[i] for i in sorted(group)) for group in networkx.connected_components(graph))
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
    return power / np.where(total > 0, total, 1)


def _group(network: Network) -> list[int]:
    """The residues in the order of a cyclic group: for products modulo a prime the powers of a primitive root."""
    p = network.modulus
    if network.operation != "mul" or p < 3 or not isprime(p):
        return list(range(p))
    root = int(primitive_root(p))
    return [pow(root, i, p) for i in range(p - 1)]
