"""Lower bounds of what dead units add at the Fourier solution, under squared loss and under cross-entropy."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from slt_symbolic.networks.fourier_dead_units import (
    TWO_DEAD_UNITS,
    initial_monomials,
    initial_monomials_of_two,
    is_f_pure_beside_zero,
)
from slt_symbolic.networks.softmax_dead_units import initial_monomials_under_softmax, is_f_pure_under_softmax
from slt_symbolic.networks.two_dead_units import CHOSEN, is_f_pure_with_two
from slt_symbolic.search.proofs.newton import monomial_threshold

ONE_F_PURE = "beside s = 0 the ideal of one is F-pure modulo 5 with exponent 19/4 > 9/2"
TWO_F_PURE = "the ideal of two is F-pure modulo 5 with exponent 2p - 1"
ONE_MONOMIAL, TWO_MONOMIAL = "a monomial initial ideal for one", "a monomial initial ideal for two"
SOFTMAX_F_PURE = "the ideal of one is F-pure modulo 5 with exponent 4"


@dataclass(frozen=True)
class Cost:
    """What dead units add: a lower bound, its multiplicity where that is decided, and why."""

    value: Fraction
    multiplicity: int | None
    reason: str


@lru_cache(maxsize=32)
def cost_of_dead_units(p: int, dead: int) -> Cost:
    """A proved lower bound of what ``dead >= 1`` dead units add at the Fourier solution.

    For p = 3 nothing is left of the equations. For p >= 7 an initial ideal is monomial with the threshold
    ``(2p-1)/4`` and m = 1; then m = 1 for one dead unit, as the threshold is larger in all charts of the blow-up of
    ``s = 0`` (derivations/modular_addition_fourier.py has the argument). At p = 5 there are too few monomials; beside
    ``s = 0`` the ideal is F-pure modulo 5 with a larger exponent. For two units the ideal is F-pure at p = 5 and 7, and
    an initial ideal is enough where `TWO_DEAD_UNITS` has weights. More units add no less than two.

    >>> cost_of_dead_units(7, 1).value, cost_of_dead_units(7, 1).multiplicity
    (Fraction(13, 4), 1)
    """
    if p == 3:
        return Cost(Fraction(0), 1, "no equation is left")
    if dead >= 2 and p in CHOSEN and is_f_pure_with_two(p):
        return Cost(Fraction(2 * p - 1, 2), None, TWO_F_PURE)
    if dead >= 2 and p in TWO_DEAD_UNITS:
        value, multiplicity = monomial_threshold(initial_monomials_of_two(p))
        return Cost(value, 1 if multiplicity == 1 and dead == 2 else None, TWO_MONOMIAL)
    if p == 5:
        if not is_f_pure_beside_zero():
            return Cost(Fraction(0), None, "nothing is known")
        return Cost(Fraction(9, 4), 1 if dead == 1 else None, ONE_F_PURE)
    value, multiplicity = monomial_threshold(initial_monomials(p))
    return Cost(value, multiplicity if dead == 1 else None, ONE_MONOMIAL)


@lru_cache(maxsize=32)
def cost_under_softmax(p: int, dead: int) -> Cost:
    """A proved lower bound of what ``dead >= 1`` dead units add under cross-entropy, with outputs modulo constants.

    For p = 3 nothing is left of the equations. For p >= 7 an initial ideal is monomial with the threshold ``(p-1)/2``,
    and larger ones in all charts of the blow-up of ``V = 0``: m = 1 for one dead unit. At p = 5 four equations are
    left, whose ideal is F-pure modulo 5.

    >>> cost_under_softmax(7, 1).value, cost_under_softmax(7, 1).multiplicity
    (Fraction(3, 1), 1)
    """
    if p == 3:
        return Cost(Fraction(0), 1, "no equation is left")
    if p == 5:
        pure = is_f_pure_under_softmax()
        return Cost(Fraction(2 if pure else 0), None, SOFTMAX_F_PURE if pure else "nothing is known")
    value, _ = monomial_threshold(initial_monomials_under_softmax(p))
    simple = dead == 1 and all(monomial_threshold(initial_monomials_under_softmax(p, chart))[0] > value
                               for chart in range(p - 1))
    return Cost(value, 1 if simple else None, ONE_MONOMIAL)
