"""The Fourier solution of modular addition (`slt_symbolic.networks.fourier`), alone and with dead units."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from sympy import Eq, Mod, Piecewise

from slt_symbolic.closed_forms.formulas import MULTIPLICITY_ONE, ClosedForm
from slt_symbolic.closed_forms.modular_addition import CENTRED
from slt_symbolic.closed_forms.parameter import Condition, Parameter, Sizes
from slt_symbolic.closed_forms.sources import LEVINE_2026, THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.evidence import Evidence, Grade
from slt_symbolic.networks.fourier import FourierSolution
from slt_symbolic.networks.fourier_dead_units import F_PURE, TWO_DEAD_UNITS, Cost, cost_of_dead_units
from slt_symbolic.threshold import Bound, Threshold

MODULUS = Parameter("p", "modulus, odd; also the number of outputs", minimum=3)
UNITS = Parameter("units", "number of units; those beyond 2p - 1 are dead", default=2 * MODULUS.symbol - 1)
p, units, c = MODULUS.symbol, UNITS.symbol, CENTRED.symbol

_RANK = 6 * p**2 - 10 * p + 5 - Piecewise((2, Eq(Mod(p, 3), 0)), (0, True)) - c * p
_DEAD_UNIT = Piecewise((0, Eq(p, 3)), ((2 * p - 1) / 4, True))


@lru_cache(maxsize=8)
def _ranks(modulus: int, centred: bool) -> tuple[int, int]:
    """The rank of the Jacobian, and the codimension of the known exact fits."""
    solution = FourierSolution(modulus)
    rank = solution.rank - modulus if centred else solution.rank
    return rank, solution.parameters - solution.tangent_dimension(centred)


def _recompute(sizes: Sizes) -> Threshold:
    """Ranks modulo a prime from below and from above; for dead units an initial ideal, or F-purity."""
    modulus, centred = sizes["p"], bool(sizes["centred"])
    rank, codimension = _ranks(modulus, centred)
    lower = Bound(lambda_of_rank(rank), f"rank {rank} modulo {FourierSolution(modulus).prime}")
    upper = Bound(lambda_of_rank(codimension), f"exact fits of codimension {codimension}")
    return _padded(sizes, lower, upper, cost_of_dead_units, "certified")


def _padded(sizes: Sizes, lower: Bound, upper: Bound, cost_of: Callable[[int, int], Cost], grade: Grade) -> Threshold:
    """The bracket with dead units, from that of the solution without them and what they add at least.

    A dead unit adds at most ``(2p-1)/4``. Where the units can be moved to ``V = 0`` with weights whose squares fill
    what is left of the equations, there are exact fits of full rank as near as one likes, and ``lambda`` is at most
    half the number of equations.
    """
    modulus, dead = sizes["p"], sizes["units"] - (2 * sizes["p"] - 1)
    if not dead:
        return Threshold.between(lower, upper, 1 if lower.value == upper.value else None, grade)
    cost = cost_of(modulus, dead)
    above = Bound(upper.value + dead * Fraction(2 * modulus - 1, 4),
                  f"{upper.reason}, and (2p-1)/4 for each of {dead} dead units")
    if dead >= (modulus - 1) * (modulus - 3):
        ceiling = lambda_of_rank(modulus**3 - modulus * sizes["centred"])
        above = min(above, Bound(ceiling, "exact fits of full rank are near"))
    below = Bound(lower.value + cost.value, f"{lower.reason}; dead units add {cost.value}: {cost.reason}")
    return Threshold.between(below, above, cost.multiplicity if below.value == above.value else None, grade)


def _decide(sizes: Sizes) -> Threshold:
    """The rank is proved for every p (derivations/modular_addition_fourier.py)."""
    modulus = sizes["p"]
    rank = 6 * modulus**2 - 10 * modulus + 5 - (2 if modulus % 3 == 0 else 0) - modulus * sizes["centred"]
    value = lambda_of_rank(rank)
    dead = sizes["units"] - (2 * modulus - 1)
    certified = dead >= (1 if modulus == 5 else 2) and modulus in (5, *TWO_DEAD_UNITS)
    return _padded(sizes, Bound(value, f"rank {rank}"), Bound(value, f"exact fits of codimension {rank}"), _known_cost,
                   "certified" if certified else "proved")


def _known_cost(modulus: int, dead: int) -> Cost:
    """What the derivation proves for p >= 7, or has certified at p = 5 and for two units."""
    if modulus == 3:
        return cost_of_dead_units(modulus, dead)
    if modulus == 5:
        return Cost(Fraction(9, 4), 1 if dead == 1 else None, F_PURE)
    if dead > 1 and modulus in TWO_DEAD_UNITS:
        simple = modulus == 13 and dead == 2
        return Cost(Fraction(2 * modulus - 1, 2), 1 if simple else None, "a monomial initial ideal for two")
    return Cost(Fraction(2 * modulus - 1, 4), 1 if dead == 1 else None, "a monomial initial ideal for one")


MODULAR_ADDITION_FOURIER = ClosedForm(
    name="modular-addition-fourier",
    title="The Fourier solution of modular addition on all pairs, with dead units",
    parameters=(MODULUS, UNITS, CENTRED),
    sources=(THIS_PROJECT, LEVINE_2026),
    expr=_RANK / 2 + (units - 2 * p + 1) * _DEAD_UNIT,
    multiplicity=MULTIPLICITY_ONE,
    conditions=(
        Condition(Eq(Mod(p, 2), 1), "the Fourier solution is for odd p", "p=5"),
        Condition(units >= 2 * p - 1, "the Fourier solution has 2p - 1 units", "units >= 2p - 1"),
    ),
    assumptions=(
        "f(a, b) = sum_j V_j (u_j(a) + v_j(b))^2 on all p^2 pairs, labels a + b mod p",
        "at the fit of width 2p - 1 with a constant unit and four units of each frequency, and units at zero besides",
        "with no or one dead unit the formula is the value, also that of lambda with two at p = 9, 11, 13; with more "
        "it is an upper bound, and `at` gives the bracket",
    ),
    evidence=Evidence(
        "certified",
        "proved without dead units for every odd p, with one for p = 3 (nothing is left to add) and p >= 7; certified "
        "with one at p = 5 (F-purity) and with two at p = 9, 11 (m undecided) and 13 (an initial ideal); "
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
