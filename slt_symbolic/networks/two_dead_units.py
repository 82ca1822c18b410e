"""Two dead units at the Fourier solution of modular addition, p = 5 and 7: F-purity modulo 5 by one coefficient.

Two dead units leave the ideal of the ``V_1j phi(s_1^2) + V_2j phi(s_2^2)``, phi a functional that vanishes on ``T_j``
(`slt_symbolic.networks.fourier_dead_units`). Multiply 4(2p-1) of them: with one phi_0 for T_0, and with phi_j and psi_j
for every other T_j, each four times. As the binomials (4 over a) are (-1)^a modulo 5, the coefficient of
``V_10^2 V_20^2`` and of all other ``V_ij^4`` is
    phi_0(s_1)^2 phi_0(s_2)^2 prod_j (phi_j(s_1) psi_j(s_2) - psi_j(s_1) phi_j(s_2))^4,
of degree 4(2p-1) in s_1 and in s_2. If it contains the product of the fourth powers of all 2(2p-1) variables, the
4(2p-1)-th power of the ideal is not in the ideal of the fifth powers of all variables: the ideal is F-pure modulo 5
with exponent 2p-1 at the origin. That coefficient is computed here, in two ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from slt_symbolic.networks.fourier_dead_units import PHASES, quadrics_modulo_five, summands
from slt_symbolic.networks.residues_modulo_five import Quadric, Residues, projective_points, values_at

Pair = tuple[Quadric, Quadric]

# Found by a search, as positions of the quadrics: of phi_0, and of phi_j and psi_j. At p = 7 all but two pairs are
# monomials. Not trusted: `is_f_pure_with_two` computes the coefficient.
CHOSEN: Mapping[int, tuple[int, tuple[tuple[int, int], ...]]] = {
    5: (0, ((0, 1), (0, 1), (0, 1), (0, 1))),
    7: (15, ((10, 11), (0, 9), (2, 5), (12, 13), (7, 13), (0, 2))),
}


@dataclass(frozen=True)
class Choice:
    """Quadrics in ``variables`` variables: ``first`` is phi_0, ``pairs`` the phi_j and psi_j."""

    variables: int
    first: Quadric
    pairs: tuple[Pair, ...]


@cache
def is_f_pure_with_two(p: int) -> bool:
    """Whether the coefficient is seen not to vanish at p = 5, by points, or p = 7, by products."""
    choice = chosen(p)
    return bool(coefficient_by_points(choice) if p == 5 else coefficient_by_products(choice))


def chosen(p: int) -> Choice:
    """The quadrics of `CHOSEN`."""
    first, positions = CHOSEN[p]
    blocks = [quadrics_modulo_five(p, k, PHASES.index(eps)) for k, eps in summands(p)]
    pairs = tuple((block[one], block[two]) for block, (one, two) in zip(blocks[1:], positions, strict=True))
    return Choice(2 * p - 1, blocks[0][first], pairs)


def coefficient_by_points(choice: Choice) -> int:
    """By the theorem of Chevalley and Warning: the sum of all values, as the degree is that of the monomial.

    Modulo 5 the sum of ``x^e`` over all x is -1 if ``e > 0`` is a multiple of 4, else 0. A fourth power is 1 where its
    base is not 0, so pairs of points count whose ratios ``phi_j : psi_j`` differ for each j. Of points on a line
    through 0 one is enough, as the degrees are multiples of 4: four of them in s_1, four in s_2, and 16 is 1.
    """
    many = len(choice.pairs)
    count = np.zeros(6**many, dtype=np.int64)
    for points in projective_points(choice.variables):
        first = values_at(choice.first, points)
        there, place = first != 0, np.zeros(points.shape[1], dtype=np.int64)
        for phi, psi in choice.pairs:
            ratio = _RATIOS[values_at(phi, points), values_at(psi, points)]
            there &= ratio < 6
            place = 6 * place + ratio
        weights = first[there].astype(np.int64) ** 2 % 5
        count = (count + np.bincount(place[there], weights, 6**many).astype(np.int64)) % 5
    tensor = others = count.reshape((6,) * many)
    for axis in range(many):
        others = (others.sum(axis, keepdims=True) - others) % 5
    return int((tensor * others).sum()) % 5


def _ratios() -> NDArray[np.int64]:
    """The ratio psi/phi for all pairs of residues: 5 for infinity, 6 for 0/0."""
    table = np.array([[psi * pow(phi, 3, 5) % 5 for psi in range(5)] for phi in range(5)])
    table[0] = [6, 5, 5, 5, 5]
    return table


_RATIOS = _ratios()


def coefficient_by_products(choice: Choice) -> int:
    """By multiplying out: the sum over a of ``c_a c_{4-a}``, c_a that of ``phi_0^2 prod_j phi_j^a_j psi_j^{4-a_j}``.

    Pairs that are not monomials are multiplied in two halves.
    """
    monomials = [pair for pair in choice.pairs if len(pair[0]) == len(pair[1]) == 1]
    others = [pair for pair in choice.pairs if pair not in monomials]
    half = len(others) // 2
    left, right = _products(others[:half], [choice.first] * 2), _products(others[half:], [])
    found: dict[tuple[int, ...], int] = {}
    for powers, (value, exponents) in _monomials(monomials, choice.variables).items():
        for (one, first), (two, second) in product(left.items(), right.items()):
            if coefficient := value * first.coefficient_with(second, exponents) % 5:
                found[(*powers, *one, *two)] = coefficient
    return sum(value * found.get(tuple(4 - a for a in powers), 0) for powers, value in found.items()) % 5


def _products(pairs: Sequence[Pair], more: Sequence[Quadric]) -> dict[tuple[int, ...], Residues]:
    """By the powers a: ``prod_j phi_j^a_j psi_j^{4-a_j}``, times ``more``."""
    found = {}
    for powers in product(range(5), repeat=len(pairs)):
        factors = [quadric for a, (phi, psi) in zip(powers, pairs, strict=True)
                   for quadric in [phi] * a + [psi] * (4 - a)]
        found[powers] = Residues.product([*more, *factors], fifth_powers=0)
    return found


def _monomials(pairs: Sequence[Pair], variables: int) -> dict[tuple[int, ...], tuple[int, list[int]]]:
    """By the powers of pairs of monomials: their coefficient, and the exponents that are missing to fourth powers."""
    found = {}
    for powers in product(range(5), repeat=len(pairs)):
        value, missing = 1, [4] * variables
        for a, pair in zip(powers, pairs, strict=True):
            for power, quadric in zip((a, 4 - a), pair, strict=True):
                ((places, coefficient),) = quadric.items()
                value = value * pow(coefficient, power, 5) % 5
                for place in places:
                    missing[place] -= power
        if min(missing) >= 0:
            found[powers] = value, missing
    return found
