"""Exact fits of modular addition at p = 3 whose Jacobian has low rank, and the second derivatives that it does not see."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from derivations.framework import require, require_equal
from derivations.least_width import labels, values
from derivations.modular_addition import jacobian
from slt_symbolic.networks.data import all_pairs

# Cosines of twelfths of a turn; those of odd ones are divided by the root of 3.
TWELFTHS = tuple(map(Fraction, ("1", "1/2", "1/2", "0", "-1/2", "-1/2", "-1", "-1/2", "-1/2", "0", "1/2", "1/2")))
BLIND = {(0, 0): 1, (1, 2): -1}  # the functional: outputs 1 and 2 at these two pairs, with these signs
Weights = list[list[Fraction]]


def width_six(turns: Sequence[int]) -> tuple[Weights, Weights]:
    """``W`` (6 × 6) and ``V`` (6 × 3): real and imaginary parts of ``e^{it_k} (x - e^{2 pi ik/3}/y)``, k = 0, 1, 2.

    ``turns`` are the t_k in twelfths of a turn. Units with odd ones are divided by the root of 3, their outputs times 3.
    """
    w, v = [], []
    for k, turn in enumerate(turns):
        for start in (turn, turn - 3):
            w.append([TWELFTHS[(start + 4 * a) % 12] for a in range(3)]
                     + [-TWELFTHS[(start + 4 * k - 4 * b) % 12] for b in range(3)])
            v.append([(Fraction(1, 2) - int(c == k)) / (1 if start % 2 else 3) for c in range(3)])
    return w, v


def rank_twenty_four() -> None:
    """A fit of rank 24 near which there are fits of rank 27, and a second derivative of rank at least 2 on the kernel."""
    for turns, rank in (((0, 0, 0), 27), ((1, 11, 0), 24)):
        w, v = width_six(turns)
        require_equal(values(3, w, v), labels(3), f"a fit of width 6 with the angles {turns}")
        derivatives = _rational(jacobian(all_pairs(3, centred=False), w, v))
        require_equal(derivatives.rank(), rank, f"its rank with the angles {turns}")
    functional = [int(c != 0) * BLIND.get((a, b), 0) for c in range(3) for a in range(3) for b in range(3)]
    require((derivatives * _rational([[x] for x in functional])).is_zero_matrix, "the functional vanishes on the image")
    kernel = derivatives.transpose().nullspace()
    require_equal(kernel.shape[0], 54 - 24, "the dimension of the kernel")
    form = kernel * _second_derivatives(w, v) * kernel.transpose()
    require(form.rank() >= 2, "its second derivatives have rank at least 2 on the kernel")
    require(Fraction(24 + 1, 2) > Fraction(27, 2) - Fraction(5, 4), "more than the hypothesis of O64 allows")


def _second_derivatives(w: Weights, v: Weights) -> DomainMatrix:
    """Of the functional, by all pairs of weights: ``2 V s's'' + 2 s (V's'' + V''s')`` for each unit ``V s^2``."""
    matrix = [[Fraction(0)] * 54 for _ in range(54)]
    for unit, (row, output) in enumerate(zip(w, v, strict=True)):
        for (a, b), sign in BLIND.items():
            inner, outer = (9 * unit + a, 9 * unit + 3 + b), (9 * unit + 7, 9 * unit + 8)
            for one in inner:
                for two in inner:
                    matrix[one][two] += 2 * sign * (output[1] + output[2])
                for two in outer:
                    matrix[one][two] += 2 * sign * (row[a] + row[3 + b])
                    matrix[two][one] += 2 * sign * (row[a] + row[3 + b])
    return _rational(matrix)


def _rational(rows: Sequence[Sequence[Fraction | int]]) -> DomainMatrix:
    return DomainMatrix([[QQ(Fraction(x).numerator, Fraction(x).denominator) for x in row] for row in rows],
                        (len(rows), len(rows[0])), QQ)
