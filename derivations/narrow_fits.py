"""Exact fits of modular addition that are narrower than the Fourier solution: width 4 at p = 3, width 8 at p = 5.

The fit of width 8 lies in a family that is computed here with its derivatives, modulo a prime. A complex number of the
construction is carried as the pair of itself and its conjugate, which are two residues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy
from flint import nmod

WIDTH_FOUR_COSINE = (Fraction(1), Fraction(-1, 2), Fraction(-1, 2))
TURN = 80  # angles of the fit of width 8 are in units of 2 pi / 80
FIFTH = TURN // 5
NODES = (Fraction(1, 3), Fraction(-1), Fraction(-3, 64))  # y_1, y_2, y_3, with product 1/64
# alpha, beta, gamma, delta as real and imaginary parts
POINT = ((Fraction(0), Fraction(-1, 4)), (Fraction(0), Fraction(-1)), (Fraction(1, 4), Fraction(1, 4)),
         (Fraction(-1), Fraction(-1)))


def width_four() -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """``W`` (4 × 6) and ``V`` (4 × 3) at p = 3: s_j = cos(a+j) + cos(b+j) - 1/4 in thirds of a turn, and s = 1."""
    w = [[WIDTH_FOUR_COSINE[(a + j) % 3] - Fraction(1, 8) for a in range(3)] * 2 for j in range(3)]
    v = [[Fraction(2 * int(j == c), 3) - Fraction(2, 9) for c in range(3)] for j in range(3)]
    return [*w, [Fraction(1, 2)] * 6], [*v, [Fraction(1, 3)] * 3]


def prime_above(bound: int) -> int:
    """The least prime above ``bound`` that is 1 mod 80 and modulo which 2 is a fourth power: it has all that is used."""
    candidate = bound - bound % TURN + 1 + TURN
    while not (sympy.isprime(candidate) and pow(2, (candidate - 1) // 4, candidate) == 1):
        candidate += TURN
    return candidate


def primitive_roots(prime: int) -> list[int]:
    """All primitive 80-th roots of unity modulo the prime."""
    root = pow(int(sympy.primitive_root(prime)), (prime - 1) // TURN, prime)
    return [pow(root, k, prime) for k in range(1, TURN) if sympy.gcd(k, TURN) == 1]


def width_eight(cosine: Callable[[int], Any], number: Callable[[Fraction], Any]) -> tuple[list[list[Any]], list[list[Any]]]:
    """``W`` (8 × 10) and ``V`` (8 × 5) at p = 5 in closed form: ``cosine`` of 80ths of a turn, ``number`` of rationals.

    With ``R = (sin a + cos b - sin b)/4``, ``S = sin 2a - cos 2b + sin 2b`` (angles times 2 pi/5) the units are
    ``cos(a + 25) + cos(b - 25)``, ``cos(a + 45) + cos(b - 45)``, ``cos(2a + 15) + cos(2b + 5)``,
    ``cos(2a + 35) + cos(2b - 15)`` (shifts in 80ths of a turn), ``R + y_i S + y_i^2 - (y_1 + y_2 + y_3) y_i``, and 1.
    """
    def sine(angle: int) -> Any:
        return cosine(angle - TURN // 4)

    half, quarter, two_fifths = (number(Fraction(*x)) for x in ((1, 2), (1, 4), (2, 5)))
    turns = [FIFTH * x for x in range(5)]
    w = [[cosine(k * x + shift) for x in turns] + [cosine(k * x + other) for x in turns]
         for k, shift, other in ((1, 25, -25), (1, 45, -45), (2, 15, 5), (2, 35, -15))]
    root_two = cosine(10) + cosine(10)
    v = []
    for k, twist, signs in ((1, sine, (-1, 1)), (2, cosine, (1, -1))):
        for sign in signs:
            v.append([two_fifths * half * (cosine(k * x) - sine(k * x) + number(Fraction(sign)) * root_two * twist(k * x))
                      for x in turns])
    for y in NODES:
        first, second = (z for z in NODES if z != y)
        weight = 1 / ((y - first) * (y - second))
        constant, node = number(y * y - sum(NODES) * y), number(y)
        w.append([quarter * sine(x) + node * sine(2 * x) for x in turns]
                 + [quarter * (cosine(x) - sine(x)) + node * (sine(2 * x) - cosine(2 * x)) + constant for x in turns])
        v.append([two_fifths * (number(16 * first * second * weight) * sine(x) - number(weight) * cosine(2 * x))
                  for x in turns])
    values = [sum(((row[0] + row[5]) ** 2 * output[c] for row, output in zip(w, v, strict=True)), number(Fraction(0)))
              for c in range(5)]
    w.append([half] * 10)
    v.append([number(Fraction(int(c == 0))) - value for c, value in enumerate(values)])
    return w, v


def modulo(prime: int, root: int) -> tuple[Callable[[int], nmod], Callable[[Fraction], nmod]]:
    """The cosine and the rationals modulo a prime, e^{2 pi i/80} being the residue ``root``."""
    def cosine(angle: int) -> nmod:
        wave = nmod(pow(root, angle % TURN, prime), prime)
        return (wave + 1 / wave) / 2

    return cosine, lambda x: nmod(x.numerator, prime) / nmod(x.denominator, prime)


@dataclass(frozen=True)
class Jet:
    """A residue with its derivatives by some parameters."""

    value: int
    slopes: tuple[int, ...]
    prime: int

    def __add__(self, other: Jet) -> Jet:
        return self._with(self.value + other.value, (x + y for x, y in zip(self.slopes, other.slopes, strict=True)))

    def __neg__(self) -> Jet:
        return self._with(-self.value, (-x for x in self.slopes))

    def __sub__(self, other: Jet) -> Jet:
        return self + -other

    def __mul__(self, other: Jet) -> Jet:
        return self._with(self.value * other.value, (self.value * y + other.value * x for x, y in zip(
            self.slopes, other.slopes, strict=True)))

    def __truediv__(self, other: Jet) -> Jet:
        inverse = pow(other.value, -1, self.prime)
        return self * other._with(inverse, (-x * inverse * inverse for x in other.slopes))

    def scaled(self, factor: int) -> Jet:
        """Times a constant."""
        return self._with(self.value * factor, (x * factor for x in self.slopes))

    def root(self, of_value: int) -> Jet:
        """The square root with this value."""
        inverse = pow(2 * of_value, -1, self.prime)
        return self._with(of_value, (x * inverse for x in self.slopes))

    def _with(self, value: int, slopes: Iterable[int]) -> Jet:
        return Jet(value % self.prime, tuple(x % self.prime for x in slopes), self.prime)


Complex = tuple[Jet, Jet]  # a number and its conjugate
Unit = tuple[list[Jet], list[Jet], list[Jet]]  # u, v and V


def family(prime: int, root: int) -> tuple[list[Unit], list[Jet]]:
    """The fits of width 8 near `width_eight`, up to scalings of units, with derivatives; and the conditions.

    Parameters are alpha, beta, gamma, delta in C and y_1, y_2. The conditions ``Im(alpha²/beta) = Im(gamma²/delta)`` and
    ``Im(beta²/alpha') = Im(delta²/gamma')`` (a prime conjugates) make
        m = -(alpha²/beta + (gamma²/delta)')/2    and    n = -(beta²/alpha' + (delta²/gamma')')/2
    real. With ``R = Re(alpha x + gamma y)``, ``S = Re(beta x² + delta y²)``, ``y_3 = m/(n y_1 y_2)`` the mixed units are
    ``R + y_i S + (n/2) (y_i² - (y_1+y_2+y_3) y_i)``. Their outputs ``y_1 y_2 y_3 w_i/y_i P + w_i Q``, ``w_i`` the product
    of ``1/(y_i - y_j)``, leave of their squares ``P (R² + m S) + Q (S² + n R)``, up to constants. `_single_frequency` adds
    what is missing at each of the two frequencies.
    """

    def variable(index: int, value: Fraction) -> Jet:
        residue = value.numerator * pow(value.denominator, -1, prime) % prime
        return Jet(residue, tuple(int(k == index) for k in range(10)), prime)

    unit = pow(root, TURN // 4, prime)
    numbers = []
    for k, (real, imaginary) in enumerate(POINT):
        x, y = variable(2 * k, real), variable(2 * k + 1, imaginary).scaled(unit)
        numbers.append((x + y, x - y))
    alpha, beta, gamma, delta = numbers
    half = pow(2, -1, prime)
    ratios = [(z[0] * z[0] / x[0], z[1] * z[1] / x[1]) for z, x in (
        (alpha, beta), (gamma, delta), (beta, alpha[::-1]), (delta, gamma[::-1]))]
    conditions = [ratios[k][0] - ratios[k][1] - ratios[k + 1][0] + ratios[k + 1][1] for k in (0, 2)]
    m, n = (-(ratios[k][0] + ratios[k + 1][1]).scaled(half) for k in (0, 2))
    nodes = [variable(8, NODES[0]), variable(9, NODES[1])]
    nodes.append(m / (n * nodes[0] * nodes[1]))
    fourth = int(sympy.sqrt_mod(pow(root, 10, prime) + pow(root, -10, prime), prime))  # of 2
    units, p = _single_frequency(1, (alpha, gamma), beta, m, (fourth * pow(4, -1, prime), 25), root)
    more, q = _single_frequency(2, (beta, delta), alpha[::-1], n, (fourth, 15), root)
    units += more
    one = (nodes[0] / nodes[0])
    for y in nodes:
        first, second = (z for z in nodes if z is not y)
        weight = one / ((y - first) * (y - second))
        constant = n.scaled(half) * (y * y - (y + first + second) * y)
        units.append(([r + y * s for r, s in zip(_wave(1, alpha, root), _wave(2, beta, root), strict=True)],
                      [r + y * s + constant for r, s in zip(_wave(1, gamma, root), _wave(2, delta, root), strict=True)],
                      [first * second * weight * x + weight * z for x, z in zip(p, q, strict=True)]))
    values = [reduce(Jet.__add__, ((u[0] + v[0]) * (u[0] + v[0]) * output[c] for u, v, output in units))
              for c in range(5)]
    constant_unit = [one.scaled(half)] * 5
    units.append((constant_unit, constant_unit, [one.scaled(int(c == 0)) - value for c, value in enumerate(values)]))
    return units, conditions


def _wave(k: int, amplitude: Complex, root: int) -> list[Jet]:
    """``Re(A e^{2 pi i k x/5})`` at x = 0..4."""
    prime = amplitude[0].prime
    return [(amplitude[0].scaled(pow(root, FIFTH * k * x % TURN, prime))
             + amplitude[1].scaled(pow(root, -FIFTH * k * x % TURN, prime))).scaled(pow(2, -1, prime)) for x in range(5)]


def _single_frequency(k: int, r: tuple[Complex, Complex], a_s: Complex, m: Jet, start: tuple[int, int],
                      root: int) -> tuple[list[Unit], list[Jet]]:
    """Two units of frequency k, and the output P of R², such that P (R² + m S) and their squares make the label's part.

    ``r`` is ``(A_R, B_R)``; B_S follows.

    Let ``a² = A_R² + 2m A_S`` (a is ``start``, a residue and an angle, at the point) and ``b = (A_R B_R'/a)'``, so that
    ``b² = B_R² + 2m B_S``. The units ``Re(ax + by)``, ``Re(i(ax - by))`` with outputs ``(D - P)/2``, ``(D + P)/2`` cancel
    the terms in x², y², xy' of P (R² + m S), and ``D ab + P A_R B_R`` is the label's coefficient of xy.
    """
    prime, (a_r, b_r) = m.prime, r
    half, unit = pow(2, -1, prime), pow(root, TURN // 4, prime)
    size, angle = start
    value, conjugate = (
        (a_r[c] * a_r[c] + (m * a_s[c]).scaled(2)).root(size * pow(root, sign * angle % TURN, prime) % prime)
        for c, sign in ((0, 1), (1, -1)))
    a = value, conjugate
    b = (a_r[1] * b_r[0] / a[1], a_r[0] * b_r[1] / a[0])
    own, mixed = [a[c] * b[c] for c in (0, 1)], [a_r[c] * b_r[c] for c in (0, 1)]
    determinant = own[0] * mixed[1] - own[1] * mixed[0]
    d, p = [], []
    for x in range(5):
        label = [pow(root, sign * FIFTH * k * x % TURN, prime) * 2 * pow(5, -1, prime) for sign in (-1, 1)]
        d.append((mixed[1].scaled(label[0]) - mixed[0].scaled(label[1])) / determinant)
        p.append((own[0].scaled(label[1]) - own[1].scaled(label[0])) / determinant)
    turned_a = (a[0].scaled(unit), a[1].scaled(-unit))
    turned_b = (b[0].scaled(-unit), b[1].scaled(unit))
    return [(_wave(k, a, root), _wave(k, b, root), [(x - y).scaled(half) for x, y in zip(d, p, strict=True)]),
            (_wave(k, turned_a, root), _wave(k, turned_b, root),
             [(x + y).scaled(half) for x, y in zip(d, p, strict=True)])], p
