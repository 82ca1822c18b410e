"""The Fourier solution of modular addition (`slt_symbolic.networks.fourier`), alone and with dead units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial

from sympy import Eq, Mod, Piecewise, Symbol

from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.modular_addition import CENTRED
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import LEVINE_2026, THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.evidence import Evidence, Grade
from slt_symbolic.networks.dead_unit_costs import (
    ONE_F_PURE,
    ONE_MONOMIAL,
    TWO_F_PURE,
    TWO_MONOMIAL,
    Cost,
    cost_of_dead_units,
)
from slt_symbolic.networks.fourier import FourierSolution
from slt_symbolic.networks.fourier_dead_units import TWO_DEAD_UNITS
from slt_symbolic.networks.two_dead_units import CHOSEN
from slt_symbolic.threshold import Bound, Threshold

MODULUS = Parameter("p", "modulus, odd; also the number of outputs", minimum=3)
UNITS = Parameter("units", "number of units; those beyond 2p - 1 are dead", default=2 * MODULUS.symbol - 1)
p, units, c = MODULUS.symbol, UNITS.symbol, CENTRED.symbol
m = Symbol("m")
ONE_WHERE_DECIDED = Derived((m,), lambda sizes: (1,))  # the assumptions say where, and so does `at`

_RANK = 6 * p**2 - 10 * p + 5 - Piecewise((2, Eq(Mod(p, 3), 0)), (0, True)) - c * p
TWO_DECIDED = (*CHOSEN, *TWO_DEAD_UNITS)  # moduli at which lambda is known with two dead units
_DEAD_UNIT = Piecewise((0, Eq(p, 3)), ((2 * p - 1) / 4, True))


@lru_cache(maxsize=8)
def _ranks(modulus: int, centred: bool) -> tuple[int, int]:
    """The rank of the Jacobian, and the codimension of the known exact fits."""
    solution = FourierSolution(modulus)
    rank = solution.rank - modulus if centred else solution.rank
    return rank, solution.parameters - solution.tangent_dimension(centred)


@dataclass(frozen=True)
class Padding:
    """What dead units may add to a bracket: each at most ``each``, and ``enough`` of them at most up to ``ceiling``.

    Where the units can be moved to ``V = 0`` with weights whose squares fill what is left of the equations, there are
    exact fits of full rank as near as one likes, and ``lambda`` is at most half the number of equations.
    """

    each: Fraction
    enough: int
    ceiling: Fraction
    cost: Callable[[int], Cost]

    def threshold(self, dead: int, lower: Bound, upper: Bound, grade: Grade) -> Threshold:
        """The bracket with dead units, from that of the solution without them."""
        if not dead:
            return Threshold.between(lower, upper, 1 if lower.value == upper.value else None, grade)
        cost = self.cost(dead)
        above = Bound(upper.value + dead * self.each,
                      f"{upper.reason}, and {self.each} at most for each of {dead} dead units")
        if dead >= self.enough:
            above = min(above, Bound(self.ceiling, "exact fits of full rank are near"))
        below = Bound(lower.value + cost.value, f"{lower.reason}; dead units add {cost.value}: {cost.reason}")
        return Threshold.between(below, above, cost.multiplicity if below.value == above.value else None, grade)


def _padding(sizes: Sizes, cost: Callable[[int, int], Cost]) -> tuple[int, Padding]:
    """How many dead units there are, and what they may add."""
    modulus = sizes["p"]
    return sizes["units"] - (2 * modulus - 1), Padding(
        Fraction(2 * modulus - 1, 4), (modulus - 1) * (modulus - 3),
        lambda_of_rank(modulus**3 - modulus * sizes["centred"]), partial(cost, modulus))


def _recompute(sizes: Sizes) -> Threshold:
    """Ranks modulo a prime from below and from above; for dead units an initial ideal, or F-purity."""
    modulus, centred = sizes["p"], bool(sizes["centred"])
    rank, codimension = _ranks(modulus, centred)
    lower = Bound(lambda_of_rank(rank), f"rank {rank} modulo {FourierSolution(modulus).prime}")
    upper = Bound(lambda_of_rank(codimension), f"exact fits of codimension {codimension}")
    dead, padding = _padding(sizes, cost_of_dead_units)
    return padding.threshold(dead, lower, upper, "certified")


def _decide(sizes: Sizes) -> Threshold:
    """The rank is proved for every p (derivations/modular_addition_fourier.py)."""
    modulus = sizes["p"]
    rank = 6 * modulus**2 - 10 * modulus + 5 - (2 if modulus % 3 == 0 else 0) - modulus * sizes["centred"]
    value = lambda_of_rank(rank)
    dead, padding = _padding(sizes, _known_cost)
    certified = dead >= (1 if modulus == 5 else 2) and modulus in TWO_DECIDED
    return padding.threshold(dead, Bound(value, f"rank {rank}"), Bound(value, f"exact fits of codimension {rank}"),
                             "certified" if certified else "proved")


def _known_cost(modulus: int, dead: int) -> Cost:
    """What the derivation proves for p >= 7, or has certified at p = 5 and for two units."""
    if modulus == 3:
        return cost_of_dead_units(modulus, dead)
    if dead > 1 and modulus in TWO_DECIDED:
        simple = modulus == 13 and dead == 2
        return Cost(Fraction(2 * modulus - 1, 2), 1 if simple else None,
                    TWO_F_PURE if modulus in CHOSEN else TWO_MONOMIAL)
    return Cost(Fraction(2 * modulus - 1, 4), 1 if dead == 1 else None, ONE_F_PURE if modulus == 5 else ONE_MONOMIAL)


MODULAR_ADDITION_FOURIER = ClosedForm(
    name="modular-addition-fourier",
    title="The Fourier solution of modular addition on all pairs, with dead units",
    parameters=(MODULUS, UNITS, CENTRED),
    sources=(THIS_PROJECT, LEVINE_2026),
    derived=ONE_WHERE_DECIDED,
    expr=_RANK / 2 + (units - 2 * p + 1) * _DEAD_UNIT,
    multiplicity=m,
    conditions=(
        Condition(Eq(Mod(p, 2), 1), "the Fourier solution is for odd p", "p=5"),
        Condition(units >= 2 * p - 1, "the Fourier solution has 2p - 1 units", "units >= 2p - 1"),
    ),
    assumptions=(
        "f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2 on all p^2 pairs, labels a + b mod p",
        "at the fit of width 2p - 1 with a constant unit and four units of each frequency, and units at zero besides",
        "with no or one dead unit the formula is the value, also that of lambda with two at p = 5, 7, 9, 11, 13; with "
        "more it is an upper bound, and `at` gives the bracket; m = 1 with no or one, with two at p = 13, and at p = 3 "
        "with any number; else m is open",
    ),
    evidence=Evidence(
        "certified",
        "proved without dead units for every odd p, with one for p = 3 (nothing is left to add) and p >= 7; certified "
        "with one at p = 5 and two at p = 5, 7 (F-purity; m of two undecided), with two at p = 9, 11 (m undecided) "
        "and 13 (an initial ideal); "
        "with more a bracket; ranks recomputed for p <= 13",
        (THIS_PROJECT,),
    ),
    recompute=_recompute,
    decide=_decide,
    audits=(
        {"p": 3}, {"p": 3, "centred": False}, {"p": 3, "units": 7}, {"p": 5}, {"p": 5, "centred": False}, {"p": 7},
        {"p": 7, "units": 14}, {"p": 9}, {"p": 9, "units": 18, "centred": False},
    ),
    more_audits=lambda: tuple({"p": modulus, "centred": centred} for modulus in (11, 13) for centred in (True, False)),
    derivation="modular_addition_fourier",
)
