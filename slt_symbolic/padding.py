"""What a dead unit adds to the learning coefficient at the Fourier solution of modular addition (odd p, all pairs).

Let T be the image of the Jacobian at the solution, of dimension R. The outputs have a basis ``V_0, cos kc, sin kc`` in
which ``T = sum_j e_j ⊗ T_j``, with characters ``x^i = e^{2 pi i a/p}``, ``y^i`` of the inputs and complex coefficients
    T_0 = L + A,   T_{k,eps} = L + (x^{-k} + y^k/eps) A + (x^k + eps y^{-k}) A,     eps = 1 for cos, i for sin,
where ``A`` is spanned by all ``x^i, y^i`` and ``L`` by the squares of the units: ``1, x^j y^j``, and
``2 x^j y^{-j} + (1-i)/2 (x^{2j} + x^{-2j}) + (1+i)/2 (y^{2j} + y^{-2j})``, and their conjugates.

A dead unit ``V s^2``, ``s = c + sum u_i x^i + sum v_i y^i``, ``V = sum_j V_j e_j``, leaves after elimination of R
coordinates the ideal of the ``V_j phi(s^2)``, ``phi`` a functional that vanishes on ``T_j``, up to terms of higher
order and with coefficients that depend on the position on the fibre. Complex thresholds are lower semicontinuous in
such families, so half the complex threshold of these products, and of any initial ideal of theirs, bounds what is
added from below; ``(2p-1)/4`` bounds it from above (Cauchy-Schwarz, ``|V s^2|^2 <= |V|^2 |s|^4``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import nmod_mat
from numpy.typing import NDArray
from sympy import QQ_I, I

from slt_symbolic.newton import Exponent, monomial_threshold

Monomial = tuple[int, int]  # exponents of x and y modulo p
Combination = Mapping[Monomial, Any]  # of monomials, with Gaussian rational coefficients
PHASES = (QQ_I.one, QQ_I.from_sympy(I))
SEED, ATTEMPTS = 0, 20


@dataclass(frozen=True)
class Cost:
    """What one dead unit adds: a lower bound, its multiplicity where that is decided, and why."""

    value: Fraction
    multiplicity: int | None
    reason: str


@lru_cache(maxsize=8)
def dead_unit_cost(p: int) -> Cost:
    """A proved lower bound of what one dead unit adds at the Fourier solution.

    For p = 3 nothing is left of the equations. For p >= 7 an initial ideal is monomial with the threshold
    ``(2p-1)/4`` and m = 1; then m = 1 for the dead unit, as the threshold is larger in all charts of the blow-up of
    ``s = 0`` (derivations/modular_addition_fourier.py has the argument). At p = 5 there are too few monomials; the
    ideal is F-pure modulo 5 with that exponent.

    >>> dead_unit_cost(7).value, dead_unit_cost(7).multiplicity
    (Fraction(13, 4), 1)
    """
    if p == 3:
        return Cost(Fraction(0), 1, "no equation is left")
    if p == 5:
        if not is_f_pure():
            return Cost(Fraction(0), None, "nothing is known")
        return Cost(Fraction(9, 4), None, "the ideal is F-pure modulo 5 with exponent 9/2")
    value, multiplicity = monomial_threshold(initial_monomials(p))
    return Cost(value, multiplicity, f"threshold {value}, m = {multiplicity} of a monomial initial ideal")


def image_rows(p: int, k: int, eps: Any) -> Iterator[Combination]:
    """Vectors that span ``T_{k,eps}``, or ``T_0`` for ``k = 0``."""
    half, i = QQ_I(1, 0) / 2, PHASES[1]
    yield {(0, 0): QQ_I.one}
    for j in range(1, (p + 1) // 2):
        for sign in (1, -1):
            yield {(sign * j % p, sign * j % p): QQ_I.one}
            on_x, on_y = half * (1 - sign * i), half * (1 + sign * i)
            yield {(sign * j % p, -sign * j % p): QQ_I(2, 0),
                   (2 * j % p, 0): on_x, (-2 * j % p, 0): on_x, (0, 2 * j % p): on_y, (0, -2 * j % p): on_y}
    for j in range(p):
        if k == 0:
            yield {(j, 0): QQ_I.one}
            yield {(0, j): QQ_I.one}
        else:
            yield {(j, k): QQ_I.one, ((j - k) % p, 0): eps}
            yield {(0, (j + k) % p): QQ_I.one, (-k % p, j): eps}
            yield {(j, -k % p): eps, ((j + k) % p, 0): QQ_I.one}
            yield {(0, (j - k) % p): eps, (k, j): QQ_I.one}


def axis_functional(p: int, k: int, eps: Any, i: int) -> Combination:
    """The functional that vanishes on ``T_{k,eps}`` and sees ``x^i``, no other ``x^m`` or ``y^m``; i not 0, ±k, ±2k."""
    half, unit = QQ_I(1, 0) / 2, PHASES[1]
    found: dict[Monomial, Any] = {(i, 0): QQ_I.one, ((i + k) % p, k): -eps, ((i - k) % p, -k % p): -1 / eps}
    for j in range(1, (p + 1) // 2):
        if i in (2 * j % p, -2 * j % p):
            for sign in (1, -1):
                found[(sign * j % p, -sign * j % p)] = -half * half * (1 - sign * unit)
    return found


def initial_monomials(p: int) -> tuple[Exponent, ...]:
    """Exponents in ``V_0..V_{p-1}, c, u_1..u_{p-1}, v_1..v_{p-1}`` of monomials of the initial ideal, c of weight 1.

    ``V_j u_a v_b`` where no vector of `image_rows` has ``x^a y^b``; ``V_j c u_i`` and ``V_j c v_i`` where
    `axis_functional` (with x and y changing places) vanishes on all of them. All that is checked.
    """
    found = []

    def exponent(j: int, *places: int) -> Exponent:
        entries = [0] * (3 * p - 1)
        entries[j] = 1
        for place in places:
            entries[p + place] += 1
        return tuple(entries)

    blocks = [(0, PHASES[0]), *((k, eps) for k in range(1, (p + 1) // 2) for eps in PHASES)]
    for j, (k, eps) in enumerate(blocks):
        rows = list(image_rows(p, k, eps))
        seen = {monomial for row in rows for monomial in row}
        found += [exponent(j, a, p - 1 + b) for a in range(1, p) for b in range(1, p) if (a, b) not in seen]
        for i in set(range(1, p)) - {k, p - k, 2 * k % p, -2 * k % p} if k else ():
            functional = axis_functional(p, k, eps, i)
            for offset, by_axis in ((0, functional), (p - 1, {(b, a): value for (a, b), value in functional.items()})):
                if _vanishes(by_axis, rows):
                    found.append(exponent(j, 0, offset + i))
    return tuple(found)


def _vanishes(functional: Combination, rows: list[Combination]) -> bool:
    return not any(sum((functional[m] * value for m, value in row.items() if m in functional), QQ_I.zero)
                   for row in rows)


def is_f_pure() -> bool:
    """Whether at p = 5 the ideal is seen to be F-pure modulo 5 with exponent 9/2.

    If a product of quadrics ``phi(s^2)``, four for each of four ``T_j`` and two for the fifth, has the fourth power of
    the product of the 9 variables as a monomial modulo 5, then the 18th power of the ideal is not in the ideal of the
    fifth powers of the variables. As ``18/(5-1) = 9/2``, in characteristic 5 the pair is sharply F-pure (Fedder 1983;
    Schwede 2008), so log canonical (Hara, Watanabe 2002), which bounds the dimensions of jet schemes (Mustata 2002;
    Zhu 2013 in positive characteristic). These do not grow from the special fibre to the general one: the complex
    threshold is at least 9/2. The reduction is good, as the ``T_j`` keep their dimensions modulo 5.
    """
    blocks = [_quadrics_modulo_five(k, phase) for k, phase in ((0, 0), (1, 0), (1, 1), (2, 0), (2, 1))]
    if [len(quadrics) for quadrics in blocks] != [8, 3, 3, 3, 3]:
        return False
    rng = random.Random(SEED)
    for _ in range(ATTEMPTS):
        product = np.zeros((5,) * 9, dtype=np.int32)
        product[(0,) * 9] = 1
        for quadrics, power in zip(blocks, (2, 4, 4, 4, 4), strict=True):
            for _ in range(power):
                product = _times(product, rng.choice(quadrics))
        if product[(4,) * 9]:
            return True
    return False


def _quadrics_modulo_five(k: int, phase: int) -> list[dict[tuple[int, int], int]]:
    """``phi(s^2)`` for a basis of the phi, as coefficients of products of two of ``c, u_1..u_4, v_1..v_4``; i is 2."""
    p, table = 5, []
    for row in image_rows(p, k, PHASES[phase]):
        entries = [0] * p**2
        for (a, b), value in row.items():
            x, y = 2 * value.x, 2 * value.y  # integers; a factor 2 is a unit
            entries[p * a + b] += int(x) + 2 * int(y)
        table.append(entries)
    kernel, dimension = nmod_mat(table, 5).nullspace()
    exponents = [(0, 0), *((i, 0) for i in range(1, p)), *((0, i) for i in range(1, p))]
    found = []
    for column in range(dimension):
        quadric = {}
        for one, (a, b) in enumerate(exponents):
            for two, (c, d) in enumerate(exponents[: one + 1]):
                value = int(kernel[p * ((a + c) % p) + (b + d) % p, column]) * (1 if one == two else 2) % 5
                if value:
                    quadric[one, two] = value
        found.append(quadric)
    return found


def _times(product: NDArray[np.int32], quadric: Mapping[tuple[int, int], int]) -> NDArray[np.int32]:
    """The product modulo 5 and modulo fifth powers of the variables."""
    total = np.zeros_like(product)
    for places, value in quadric.items():
        degrees = [places.count(variable) for variable in range(product.ndim)]
        total[tuple(slice(d, None) for d in degrees)] += value * product[tuple(slice(0, 5 - d) for d in degrees)]
    return total % 5
