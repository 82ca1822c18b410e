"""Means of polynomials over Gaussian noise in their variables, monomial by monomial; small and slow."""

from fractions import Fraction
from itertools import combinations

import sympy


def mean_under_noise(polynomial: sympy.Expr, at: dict[sympy.Symbol, Fraction], variance: Fraction) -> Fraction:
    """``E p(at + delta)`` for independent Gaussian ``delta``: ``E delta^k = (k-1)!! variance^(k/2)`` for even k."""
    moved = sympy.Poly(polynomial.subs({x: x + sympy.Rational(value) for x, value in at.items()}), *at)
    total = Fraction(0)
    for exponents, coefficient in moved.terms():
        if all(k % 2 == 0 for k in exponents):
            moment = sympy.prod(sympy.factorial2(k - 1) for k in exponents)
            total += Fraction(str(coefficient)) * int(moment) * variance ** (sum(exponents) // 2)
    return total


def quadratic_loss(w, v, pairs, targets, centred: bool, batch: int) -> sympy.Expr:
    """Half the mean squared error in the mean over all batches, each with its own constants taken away."""
    p = len(targets[0])
    errors = [[sum(row[c] * (inner[a] + inner[p + b]) ** 2 for inner, row in zip(w, v, strict=True)) - target[c]
               for c in range(p)] for (a, b), target in zip(pairs, targets, strict=True)]
    batches = list(combinations(errors, batch))
    total = 0
    for chosen in batches:
        for column in zip(*chosen, strict=True):
            mean = sympy.Rational(1, batch) * sum(column) if centred else 0
            total += sum((error - mean) ** 2 for error in column)
    return total / (2 * batch * len(batches))
