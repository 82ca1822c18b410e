"""What dead units add to the learning coefficient at the Fourier solution of modular addition (odd p, all pairs).

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
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Any

from flint import nmod_mat
from sympy import QQ_I, I
from sympy.polys.matrices import DomainMatrix

from slt_symbolic.networks.residues_modulo_five import Residues
from slt_symbolic.search.proofs.newton import Exponent

Monomial = tuple[int, int]  # exponents of x and y modulo p
Combination = Mapping[Monomial, Any]  # of monomials, with Gaussian rational coefficients
PHASES = (QQ_I.one, QQ_I.from_sympy(I))
SEED, ATTEMPTS = 0, 20
FORMS = 20  # linear forms among which nine independent ones are looked for

# Found by a search: weights of c, u_1.., v_1.. of each unit, and of V_1j, V_2j, for which the initial ideal of two dead
# units is monomial enough. Not trusted: `initial_monomials_of_two` computes what they give.
TWO_DEAD_UNITS: Mapping[int, tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, int], ...]]] = {
    9: (((1068, -347, -356, 156, 18, 96, 102, 298, 182, -88, 240, 54, -19, 331, 272, 421, 117),
         (942, -25, -238, -17, 249, -107, -187, 305, 455, 165, 54, -103, 350, 367, -151, 420, 668)),
        ((111, -63), (56, -76), (-51, 481), (208, -58), (39, -23), (445, -224), (23, -125), (-167, -18), (-77, 74))),
    11: (((7535, 889, -169, 20, 588, 245, 112, 697, 1003, -619, 257, -563, 307, -1119, 93, -408, 697, 46, -73, 335,
           998),
          (7307, 855, 826, 194, -97, -267, -10, 422, 1596, -272, -658, -1113, 188, -257, 110, 811, 206, -202, -134, 233,
           1491)),
         ((-532, -194), (51, -186), (-60, 55), (-7, 14), (-521, 10), (380, 25), (1125, -393), (-44, -435), (18, -31),
          (-121, 39), (92, 886))),
    13: (((2760, 91, -3, 29, 112, -22, 98, 308, 127, -249, -5, 163, 211, 119, -2, 96, 124, 878, 208, 324, -166, -37,
           68, -207, -124),
          (2689, -33, 226, -241, -311, 152, 152, 289, 234, -70, -256, 196, 177, 123, 48, -17, 391, 639, 99, 188, -52,
           69, 78, 212, 141)),
         ((-18, -13), (-10, 511), (-23, -23), (12, 6), (30, -63), (174, 49), (-75, 4), (-31, -15), (507, 16),
          (-11, -26), (12, -98), (32, -38), (-81, -3))),
}
# Positions of initial monomials that have the threshold of all, proposed by a linear program; fewer only lower it.
ENOUGH_MONOMIALS: Mapping[int, tuple[int, ...]] = {
    9: (24, 32, 40, 52, 58, 62, 74, 113, 114, 137, 140, 182, 183, 185, 186, 213, 221, 233, 256, 258, 261, 285, 292,
         313, 318, 320),
    11: (28, 31, 44, 103, 131, 138, 140, 193, 197, 235, 240, 259, 274, 296, 324, 331, 376, 388, 393, 426, 456, 458,
         478, 515, 518, 565, 566, 568, 594, 615, 645, 653, 690, 691),
    13: (7, 11, 24, 44, 71, 112, 114, 115, 138, 155, 157, 211, 217, 243, 265, 267, 279, 295, 299, 313, 314, 353,
         364, 365, 376, 383, 393, 402, 413, 467, 468, 473, 474, 490, 499, 505, 560, 571, 575, 581, 588, 591, 593, 595,
         606, 610, 645, 656, 667, 677, 707, 731, 748, 779, 787, 808, 809, 810, 880, 891, 897, 901, 903, 907, 940, 967,
         969, 975, 986, 992, 995, 1008, 1009, 1010, 1026, 1029, 1056, 1060, 1067, 1087, 1088, 1116, 1127, 1128, 1164,
         1170, 1178, 1184, 1198, 1202, 1206, 1221, 1238, 1263, 1269, 1273, 1282, 1289, 1307),
}


def summands(p: int) -> list[tuple[int, Any]]:
    """``(k, eps)`` of ``T_0`` and of the ``T_{k,eps}``."""
    return [(0, PHASES[0]), *((k, eps) for k in range(1, (p + 1) // 2) for eps in PHASES)]


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

    for j, (k, eps) in enumerate(summands(p)):
        rows = list(image_rows(p, k, eps))
        seen = {monomial for row in rows for monomial in row}
        found += [exponent(j, a, p - 1 + b) for a in range(1, p) for b in range(1, p) if (a, b) not in seen]
        for i in set(range(1, p)) - {k, p - k, 2 * k % p, -2 * k % p} if k else ():
            functional = axis_functional(p, k, eps, i)
            for offset, by_axis in ((0, functional), (p - 1, {(b, a): value for (a, b), value in functional.items()})):
                if vanishes(by_axis, rows):
                    found.append(exponent(j, 0, offset + i))
    return tuple(found)


def vanishes(functional: Combination, rows: list[Combination]) -> bool:
    """Whether the functional is zero on all rows."""
    return not any(sum((functional[m] * value for m, value in row.items() if m in functional), QQ_I.zero)
                   for row in rows)


def is_f_pure_beside_zero() -> bool:
    """Whether at p = 5 the ideal is seen to be F-pure modulo 5 with exponent 19/4 wherever ``V = 0`` and s is not 0.

    A product of 19 quadrics ``phi(s^2)``, at most four of each ``T_j``, is ``sum_mu a_mu s^mu`` with ``mu_i <= 4`` and
    ``a_mu`` in the fifth powers of the variables; for ``|mu| = 33`` the ``a_mu`` are linear in these. Where one of them
    is not 0, the 19th power of the ideal is not in the ideal of the fifth powers of what vanishes at the point; if they
    have rank 9, this is so at every ``s != 0``. As ``19/(5-1) = 19/4``, in characteristic 5 the pair is sharply F-pure
    there (Fedder 1983; Schwede 2008), so log canonical (Hara, Watanabe 2002), which bounds the dimensions of jet
    schemes (Mustata 2002; Zhu 2013 in positive characteristic). These do not grow from the special fibre to the general
    one. The reduction is good, as the ``T_j`` keep their dimensions modulo 5.
    """
    blocks = [quadrics_modulo_five(5, k, phase) for k, phase in ((0, 0), (1, 0), (1, 1), (2, 0), (2, 1))]
    rng = random.Random(SEED)
    for _ in range(ATTEMPTS):
        chosen = [[rng.choice(quadrics) for _ in range(power)]
                  for quadrics, power in zip(blocks, (3, 4, 4, 4, 4), strict=True)]
        first = Residues.product(chosen[0] + chosen[1] + chosen[2][:3])
        second = Residues.product(chosen[2][3:] + chosen[3] + chosen[4])
        forms = []
        for missing in rng.sample(list(combinations_with_replacement(range(9), 3)), FORMS):
            mu = [4 - missing.count(variable) for variable in range(9)]
            raised = ([x + 5 * (variable == place) for variable, x in enumerate(mu)] for place in range(9))
            forms.append([first.coefficient_with(second, exponents) for exponents in raised])
        if nmod_mat(forms, 5).rank() == 9:
            return True
    return False


def quadrics_modulo_five(p: int, k: int, phase: int) -> list[dict[tuple[int, int], int]]:
    """``phi(s^2)`` for a basis of the phi that vanish on ``T_{k,eps}``; the imaginary unit is 2.

    Raises `ArithmeticError` unless the image keeps its dimension modulo 5.
    """
    table = []
    for row in image_rows(p, k, PHASES[phase]):
        entries = [0] * p**2
        for (a, b), value in row.items():
            entries[p * a + b] += 2 * int(2 * value.x) + 4 * int(2 * value.y)  # fourfold
        table.append(entries)
    kernel, dimension = nmod_mat(table, 5).nullspace()
    if dimension != ((p - 2) * (p - 4) + int(3 * k == p) if k else (p - 1) * (p - 3)):
        raise ArithmeticError(f"5 is a bad prime for T_{k} at p = {p}")
    quadrics = [quadric_of(p, [int(kernel[m, column]) for m in range(p**2)]) for column in range(dimension)]
    return [{places: value % 5 for places, value in quadric.items() if value % 5} for quadric in quadrics]


def quadric_of(p: int, functional: Sequence[Any]) -> dict[tuple[int, int], Any]:
    """``phi(s^2)``: coefficients of products of two of ``c, u_1.., v_1..``; phi by its values at the ``x^a y^b``."""
    exponents = [(0, 0), *((i, 0) for i in range(1, p)), *((0, i) for i in range(1, p))]
    found = {}
    for one, (a, b) in enumerate(exponents):
        for two, (c, d) in enumerate(exponents[: one + 1]):
            value = functional[p * ((a + c) % p) + (b + d) % p]
            if value:
                found[one, two] = value if one == two else 2 * value
    return found


def initial_monomials_of_two(p: int) -> tuple[Exponent, ...]:
    """Enough monomials of an initial ideal for two dead units: of the ``V_1j phi(s_1^2) + V_2j phi(s_2^2)``.

    Exponents in ``V_10, V_20, V_11, ...``, then ``c, u_1.., v_1..`` of ``s_1`` and of ``s_2``, those at the places of
    `ENOUGH_MONOMIALS`. Ties of the weights are broken lexicographically, as a small change of the weights would.
    """
    of_s, of_v = TWO_DEAD_UNITS[p]
    found = []
    for j, (k, eps) in enumerate(summands(p)):
        rows = [[row.get((a, b), QQ_I.zero) for a in range(p) for b in range(p)] for row in image_rows(p, k, eps)]
        kernel = DomainMatrix(rows, (len(rows), p * p), QQ_I).nullspace().to_list()
        quadrics = [quadric_of(p, functional) for functional in kernel]
        columns = {}
        for unit in range(2):
            for one, two in {places for quadric in quadrics for places in quadric}:
                exponent = [0] * (2 * p + 2 * (2 * p - 1))
                exponent[2 * j + unit] = 1
                for place in (one, two):
                    exponent[2 * p + unit * (2 * p - 1) + place] += 1
                weight = of_v[j][unit] + of_s[unit][one] + of_s[unit][two]
                columns[weight, tuple(exponent)] = one, two
        order = sorted(columns, reverse=True)
        matrix = [[quadric.get(columns[column], QQ_I.zero) for column in order] for quadric in quadrics]
        _, pivots = DomainMatrix(matrix, (len(quadrics), len(order)), QQ_I).rref()
        found += [order[pivot][1] for pivot in pivots]
    return tuple(found[place] for place in ENOUGH_MONOMIALS[p])
