"""The Fourier solution of modular addition: an exact fit of width ``2p - 1`` for odd p, modulo a prime.

On all pairs, ``f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2``, angles times ``2 pi / p``: unit 0 has ``u = v = 1/2`` and
``V_0(c) = 1/p - (2/p) sum_k (cos kc + sin kc)``; for each frequency ``k = 1..(p-1)/2`` there are four units
    s_1 = cos ka + cos kb,  s_2 = sin ka - sin kb,  with V = cos(kc)/p,
    s_3 = sin ka + cos kb,  s_4 = cos ka + sin kb,  with V = sin(kc)/p.
As ``s_1^2 + s_2^2 = 2 + 2 cos k(a+b)`` and ``s_3^2 + s_4^2 = 2 + 2 sin k(a+b)``, f is 1 where ``a + b = c``, else 0.

The weights are cyclotomic. They are reduced modulo a prime that is 1 modulo 4p, where ``i`` and the p-th roots of unity
are residues. A minor that does not vanish there does not vanish: ranks modulo the prime are at most the true ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from flint import nmod_mat
from numpy.typing import NDArray

Residues = NDArray[np.int64]
SMALLEST_PRIME = 2**30  # products of two residues fit into int64


@dataclass(frozen=True)
class FourierSolution:
    """The network for an odd modulus p >= 3; parameters are of shape units × 3 × p, ``u_j, v_j, V_j`` for each unit.

    >>> FourierSolution(5).rank, FourierSolution(5).tangent_dimension(centred=False)
    (105, 30)
    """

    modulus: int

    @property
    def frequencies(self) -> range:
        """1, ..., (p-1)/2."""
        return range(1, (self.modulus + 1) // 2)

    @property
    def parameters(self) -> int:
        """3p for each of the 2p - 1 units."""
        return 3 * self.modulus * (2 * self.modulus - 1)

    @cached_property
    def prime(self) -> int:
        """The least prime above `SMALLEST_PRIME` that is 1 modulo 4p."""
        candidate = SMALLEST_PRIME - SMALLEST_PRIME % (4 * self.modulus) + 1
        while candidate <= SMALLEST_PRIME or not sympy.isprime(candidate):
            candidate += 4 * self.modulus
        return candidate

    @cached_property
    def weights(self) -> Residues:
        """The parameters, shape units × 3 × p."""
        p, inverse = self.modulus, pow(self.modulus, -1, self.prime)
        half = np.full(p, pow(2, -1, self.prime))
        constant = np.ones(p, dtype=np.int64)
        units = [[half, half, constant]]
        for k in self.frequencies:
            cos, sin = self._wave(k)
            units += [[cos, cos, cos], [sin, -sin, cos], [sin, cos, sin], [cos, sin, sin]]
            constant -= 2 * (cos + sin)
        weights = np.array(units) % self.prime
        weights[:, 2] = weights[:, 2] * inverse % self.prime
        return weights

    def values(self) -> Residues:
        """``f(a, b)``, shape p² × p."""
        total = np.zeros((self.modulus**2, self.modulus), dtype=np.int64)
        for s, output in zip(self._preactivations(), self.weights[:, 2], strict=True):
            total = (total + np.outer(s * s % self.prime, output)) % self.prime
        return total

    @cached_property
    def jacobian(self) -> Residues:
        """The derivatives of all values (columns) by the parameters (rows)."""
        p = self.modulus
        first, second = np.divmod(np.arange(p * p), p)
        incident = np.concatenate([np.equal.outer(np.arange(p), first), np.equal.outer(np.arange(p), second)])
        identity = np.eye(p, dtype=np.int64)
        blocks = []
        for s, output in zip(self._preactivations(), self.weights[:, 2], strict=True):
            slopes = 2 * s * incident % self.prime
            blocks.append((slopes[:, :, None] * output % self.prime).reshape(2 * p, -1))
            blocks.append(((s * s % self.prime)[None, :, None] * identity[:, None, :]).reshape(p, -1))
        return np.concatenate(blocks)

    @cached_property
    def rank(self) -> int:
        """The rank of the Jacobian modulo the prime, not centred; centring takes p from it, as it reaches constants."""
        return self.rank_of(self.jacobian)

    def tangents(self, centred: bool) -> Residues:
        """Tangent vectors (rows) at the solution of families of exact fits through it, on all pairs.

        For each unit the scaling ``w -> e^t w, V -> e^-2t V`` and the shift ``(u + t, v - t)``. The groups of a
        frequency are ``S = s_1 + i s_2 = e^{ika} + e^{-ikb}`` and ``S = s_4 + i s_3 = e^{ika} + i e^{-ikb}``;
        for each of them the mixing ``e^{it} S``, the stretch ``e^t e^{ika} + e^-t (...)`` and the phase
        ``e^{it} e^{ika} + (...)``, which turns ``Re e^{ik(a+b)}`` or ``Im e^{ik(a+b)}`` and is made good by the
        outputs of the other group; unit 0 absorbs constants. Centred, the output of unit 0 is free as well.
        """
        p, w = self.modulus, self.weights
        found = []

        def tangent(*changes: tuple[int, Sequence[Any]]) -> None:
            vector = np.zeros_like(w)
            for unit, change in changes:
                for row, x in zip(vector[unit], change, strict=True):
                    row[:] = x % self.prime
            found.append(vector.ravel())

        for unit, (u, v, output) in enumerate(w):
            tangent((unit, (u, v, -2 * output)))
            tangent((unit, (1, -1, 0)))
        for k in self.frequencies:
            cos, sin = self._wave(k)
            one, two, three, four = range(4 * k - 3, 4 * k + 1)
            for real, imaginary, phase in ((one, two, 1), (four, three, -1)):
                (u_r, v_r, _), (u_i, v_i, _) = w[real], w[imaginary]
                tangent((real, (-u_i, -v_i, 0)), (imaginary, (u_r, v_r, 0)))
                tangent((real, (u_r, -v_r, 0)), (imaginary, (u_i, -v_i, 0)))
                outputs = phase * w[real][2]
                others = (three, four) if phase == 1 else (one, two)
                tangent((real, (-sin, 0, 0)), (imaginary, (cos, 0, 0)), (0, (0, 0, -2 * outputs)),
                        *((other, (0, 0, outputs)) for other in others))
        for row in np.eye(p, dtype=np.int64) if centred else ():
            tangent((0, (0, 0, row)))
        return np.array(found)

    def tangent_dimension(self, centred: bool) -> int:
        """The dimension of the exact fits near the solution, as far as families of them are known.

        These are `tangents`, and two more if 3 divides p and `third_is_onto`.
        """
        known = self.rank_of(self.tangents(centred))
        return known + 2 if self.modulus % 3 == 0 and third_is_onto() else known

    def rank_of(self, rows: Residues) -> int:
        """The rank modulo the prime."""
        return int(nmod_mat(*rows.shape, rows.ravel().tolist(), self.prime).rank())

    @cached_property
    def _root(self) -> int:
        """A primitive root of unity of order 4p."""
        generator = int(sympy.primitive_root(self.prime))
        return pow(generator, (self.prime - 1) // (4 * self.modulus), self.prime)

    def power_of_root(self, exponent: int) -> int:
        """``e^{2 pi i exponent/4p}`` modulo the prime."""
        return pow(self._root, exponent % (4 * self.modulus), self.prime)

    def _wave(self, k: int) -> tuple[Residues, Residues]:
        """``cos kx`` and ``sin kx`` at ``x = 0..p-1``, angles times ``2 pi / p``."""
        wave, back = (np.array([self.power_of_root(sign * 4 * k * x) for x in range(self.modulus)]) for sign in (1, -1))
        half = pow(2, -1, self.prime)
        return ((wave + back) * half % self.prime,
                (back - wave) * half % self.prime * self.power_of_root(self.modulus) % self.prime)

    def _preactivations(self) -> Iterator[Residues]:
        """``u_j(a) + v_j(b)`` for each unit, of length p²."""
        for u, v, _ in self.weights:
            yield np.add.outer(u, v).ravel() % self.prime


def third_is_onto() -> bool:
    """Whether two more directions belong to exact fits when 3 divides p.

    The units of frequency ``k = p/3`` see only residues modulo 3: their map from ``s_j`` in the span of ``1``,
    ``e^{+-ika}, e^{+-ikb}`` (5 parameters) and ``V_j`` in that of ``cos kc, sin kc`` (2) to functions on the pairs of
    residues without constants (8 for each output) is that of p = 3. If it is onto, with rank 16 of 28 parameters, the
    implicit function theorem gives fits of 12 dimensions: 4 scalings, 6 more as at other frequencies, and two.
    """
    solution = FourierSolution(3)
    slopes = solution.jacobian.reshape(5, 9, 9, 3)[1:, :6].reshape(-1, 9, 3)
    outputs = solution.jacobian.reshape(5, 9, 9, 3)[1:, 6:]
    waves = np.array(solution._wave(1))
    varied = np.einsum("wc,jcxd->jwxd", waves, outputs).reshape(-1, 9, 3)
    rows = np.concatenate([slopes, varied]) % solution.prime
    differences = (rows[:, :-1] - rows[:, -1:]) % solution.prime
    return solution.rank_of(differences.reshape(len(differences), -1)) == 16
