"""An exact fit by generic active units, padded with units that do nothing.

Few units: K + silent <= d and K + blind <= p. Then changes of basis put the active units at V_j = w_j = e_j, the silent
ones at w = e_j and the blind ones at V = e_j for further j. The tangent space of the fit holds the monomials (c; a, b),
output c of x_a x_b, with a = b <= K + silent, or with c = a <= K or c = b <= K. What an idle unit adds is the monomial
ideal of the others (derivations/padded_units.py): V_c w_a w_b for one dead unit, w_a w_b for each blind unit. For p = 1
no blind unit is allowed, K <= d is enough, and the tangent space holds all (1; a, b) with a <= K.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from sympy import Integer, symbols

from slt_symbolic.closed_forms.at_weights import threshold_at, unit_vector
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Derived, Parameter, Sizes
from slt_symbolic.closed_forms.quadratic import INPUTS, OUTPUTS, QUADRATIC_GENERIC, generic_bounds
from slt_symbolic.closed_forms.sources import THIS_PROJECT
from slt_symbolic.closed_forms.zero_truth import zero_truth_upper
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.evidence import Evidence, Grade
from slt_symbolic.ranks.jacobian import MULTIPLICITY
from slt_symbolic.search.proofs.newton import monomial_threshold
from slt_symbolic.threshold import Bound, Threshold

ACTIVE = Parameter("K", "number of active units")
DEAD = Parameter("dead", "number of units with V = 0 and w = 0", minimum=0)
SILENT = Parameter("silent", "number of units with V = 0 and generic w", minimum=0, default=Integer(0))
BLIND = Parameter("blind", "number of units with w = 0 and generic V", minimum=0, default=Integer(0))
rank, fourfold, multiplicity = symbols("R e mu")

End = tuple[Fraction, int]


def _others(d: int, p: int, active: int, silent: int) -> Iterator[tuple[int, int, int]]:
    """The (c; a, b) outside the tangent space, a <= b, all from 0."""
    for c in range(p):
        for a in range(d):
            for b in range(a, d):
                if not (a == b < active + silent or (c in (a, b) and c < active)):
                    yield c, a, b


def _dead_unit(d: int, p: int, active: int, silent: int) -> End:
    """(lambda, m) of the monomials V_c w_a w_b; beyond small sizes that of all of them together, |V|^2 |w|^4."""
    if p == 1:
        d, active = d - active, 0
    if d >= 5:
        return min(Fraction(p, 2), Fraction(d, 4)), 2 if d == 2 * p else 1
    p = min(p, max(active + 2, 3))  # more outputs change nothing: V = 0 is the smaller stratum already
    return monomial_threshold([tuple((x == c) if x < p else (x - p == a) + (x - p == b) for x in range(p + d))
                               for c, a, b in _others(d, p, active, silent)])


def _block(d: int, p: int, active: int, dead: int) -> Fraction:
    """A lower bound for each of several dead units that keep to inputs of their own, all of these occupied."""
    size = (d if p > 1 else d - active) // dead
    active = min(active, size) if p > 1 else 0
    return _dead_unit(size, p, active, size - active)[0]


def _blind_unit(d: int, occupied: int) -> End:
    """(lambda, m) of the monomials w_a w_b without the squares of occupied directions."""
    if d >= 3:
        return Fraction(d, 4), 1
    return monomial_threshold([tuple((x == a) + (x == b) for x in range(d))
                               for _, a, b in _others(d, 1, 0, occupied)])


def _few(sizes: Sizes) -> bool:
    outputs_suffice = sizes["K"] + sizes["blind"] <= sizes["p"] or (sizes["p"] == 1 and sizes["blind"] == 0)
    return bool(sizes["K"] + sizes["silent"] <= sizes["d"] and outputs_suffice)


def _is_decided(sizes: Sizes) -> bool:
    return _few(sizes) and (sizes["dead"] == 0 or (sizes["dead"] == 1 and sizes["blind"] == 0))


def _idle_units(sizes: Sizes) -> End:
    """What dead and blind units add: exactly where that is decided, else an upper bound."""
    d, p, dead, blind = sizes["d"], sizes["p"], sizes["dead"], sizes["blind"]
    if not _is_decided(sizes):
        return zero_truth_upper(d, p, dead).value + Fraction(blind * d, 4), 1
    if dead:
        return _dead_unit(d, p, sizes["K"], sizes["silent"])
    value, ties = _blind_unit(d, sizes["K"] + sizes["silent"])
    return blind * value, 1 + blind * (ties - 1)


def _equations(sizes: Sizes) -> int:
    return int(sizes["p"] * sizes["d"] * (sizes["d"] + 1) // 2)


def _derived(sizes: Sizes) -> tuple[int, int, int]:
    """``R, e, mu``: the rank of the Jacobian, four times what idle units add to lambda, and the multiplicity."""
    generic = int(2 * QUADRATIC_GENERIC.formula(sizes)[0])
    if generic == _equations(sizes):
        return generic, 0, 1
    value, ties = _idle_units(sizes)
    return generic + sizes["p"] * sizes["silent"], int(4 * value), ties


def _decide(sizes: Sizes) -> Threshold:
    d, p, active, silent = sizes["d"], sizes["p"], sizes["K"], sizes["silent"]
    generic_grade, lower, upper = generic_bounds({"d": d, "p": p, "K": active})
    grade: Grade = "proved" if generic_grade == "proved" else "certified"
    if lower.value == lambda_of_rank(_equations(sizes)):
        return Threshold.between(lower, upper, MULTIPLICITY, grade)
    value, ties = _idle_units(sizes)
    linear = Fraction(p * silent, 2)
    below, above = f"active units: {lower.reason}", f"active units: {upper.reason}"
    alone = Bound(upper.value + linear + value, f"{above}; idle units as if alone")
    if not _few(sizes):
        squares = lambda_of_rank(p * min(active + silent, d * (d + 1) // 2))
        return Threshold.between(Bound(max(lower.value, squares), below), alone, None, grade)
    reason = "idle units: the monomials outside the tangent space"
    if _is_decided(sizes):
        return Threshold.between(Bound(lower.value + linear + value, f"{below}; {reason}"),
                                 Bound(upper.value + linear + value, f"{above}; {reason}"), ties, grade)
    least = max(sizes["blind"] * _blind_unit(d, active + silent)[0], _dead_unit(d, p, active, silent)[0],
                sizes["dead"] * _block(d, p, active, sizes["dead"]))
    return Threshold.between(Bound(lower.value + linear + least, f"{below}; {reason}"), alone, None, grade)


def _vector(index: int, length: int) -> list[int]:
    """e_index; beyond them vectors in general position."""
    return unit_vector(index, length) if index < length else [(index + 2) ** x for x in range(length)]


def _recompute(sizes: Sizes) -> Threshold:
    """What the engine certifies with the units at the vectors of a basis."""
    d, p, active, silent = sizes["d"], sizes["p"], sizes["K"], sizes["silent"]
    w = [_vector(j, d) for j in range(active + silent)] + [[0] * d] * (sizes["blind"] + sizes["dead"])
    v = [_vector(j, p) for j in range(active)] + [[0] * p] * silent
    v += [_vector(active + j, p) for j in range(sizes["blind"])] + [[0] * p] * sizes["dead"]
    return threshold_at(w, v)


QUADRATIC_PADDED = ClosedForm(
    name="quadratic-padded",
    title="A generic exact fit padded with idle units",
    parameters=(INPUTS, OUTPUTS, ACTIVE, DEAD, SILENT, BLIND),
    sources=(THIS_PROJECT,),
    derived=Derived((rank, fourfold, multiplicity), _derived),
    expr=rank / 2 + fourfold / 4,
    multiplicity=multiplicity,
    assumptions=(
        "f(x) = sum_j V_j (w_j·x)^2 with x in R^d, V_j in R^p: K generic active units, and idle ones with V = 0 "
        "(silent) or w = 0 (blind), generic otherwise, or both (dead); the inputs identify quadratic forms",
        "R is the rank of the Jacobian, p d(d+1)/2 where K active units reach it: then idle units add nothing",
        "for K + silent <= d and K + blind <= p, R = K(p+d-1) + silent p, and e/4 is what idle units add: one dead "
        "unit min(p/2, d/4), except 0 where R = p d(d+1)/2, 1/4 at (d, p, K) = (2, 1, 1), 1/2 at (3, 2, 2); each blind "
        "unit d/4, except 0 at d = 1",
        "for p = 1, K + silent <= d, R = K d - K(K-1)/2 + silent, and one dead unit adds min(1/2, (d-K)/4), except 0 "
        "where R = d(d+1)/2",
        "for more active units, several dead ones, or dead and blind ones, the formula is an upper bound, attained "
        "beside few active units if d >= 2p dead (p = 1: d - K >= 2 dead) and blind = 0",
    ),
    evidence=Evidence("certified",
                      "few units: elimination leaves a monomial ideal, by the symmetry of a torus (proved); where "
                      "active units reach all equations, by their rank; elsewhere a bracket", (THIS_PROJECT,)),
    recompute=_recompute,
    decide=_decide,
    audits=tuple(dict(zip(("d", "p", "K", "dead", "silent", "blind"), sizes, strict=True)) for sizes in (
        (1, 1, 1, 1, 0, 0), (2, 1, 1, 1, 0, 0), (2, 1, 1, 1, 1, 0), (2, 2, 1, 1, 0, 0), (2, 2, 1, 1, 1, 0),
        (2, 2, 2, 1, 0, 0), (2, 3, 1, 1, 0, 0), (2, 3, 2, 1, 0, 0), (3, 1, 1, 1, 0, 0), (3, 1, 1, 1, 1, 0),
        (3, 2, 1, 1, 0, 0), (4, 2, 1, 1, 0, 0), (2, 2, 1, 0, 0, 1), (3, 2, 1, 0, 0, 1), (2, 3, 1, 0, 1, 1),
        (2, 2, 1, 0, 1, 0), (3, 1, 2, 1, 0, 0), (4, 1, 2, 1, 0, 0), (2, 1, 2, 2, 1, 1), (2, 2, 3, 1, 0, 0),
    )),
    derivation="padded_units",
)
