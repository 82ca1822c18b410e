"""Polynomials without common real zeros where certain others do not vanish.

Every test here is sufficient, none is necessary: False means *not shown*.

- A factor that is itself known not to vanish is a unit.
- *Even*: all exponents even, all coefficients of one sign, and a term that does not vanish.
- *Sturm*: a univariate polynomial without real roots.
- *Scaling*: a quasi-homogeneous polynomial, with one nonzero variable set to +1 and to -1.
- *Plane*: a polynomial in two variables, by the roots of its discriminant and samples between them.
Both signs of a polynomial in one orthant show that none of this can succeed.
- *Discriminant*: ``a y^2 + b y + c`` with ``b^2 - 4ac < 0`` everywhere, by the same tests on fewer variables.
- *Nullstellensatz*: 1 lies in the ideal, by a Buchberger run with fixed limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from math import gcd
from types import MappingProxyType

import sympy
from flint import fmpq, fmpz_mat, fmpz_mpoly_ctx, fmpz_mpoly_vec

from slt_symbolic.check import ring as rings
from slt_symbolic.check.ring import Polynomial
from slt_symbolic.newton import feasible_point

Constants = Mapping[int, Polynomial]  # positions of algebraic constants, and their minimal polynomials
NO_CONSTANTS: Constants = MappingProxyType({})
LARGEST_PLANAR_DEGREE = 24
SAMPLES = (1, 2, 5, 3, 11, 1, 7)
LIMITS = (60, 150, 2000)  # of a Buchberger run: polynomials, terms of one, bits of a coefficient


def no_common_zero(polynomials: Iterable[Polynomial], units: Sequence[Polynomial],
                   constants: Constants = NO_CONSTANTS) -> bool:
    """Have the polynomials no common real zero where all ``units`` are nonzero? By signs only.

    >>> R = rings.ring_of(["x", "y"]); x, y = R.gens()
    >>> no_common_zero([x**2 + x * y + y**2], [y]), no_common_zero([x**2 - y**2], [y])
    (True, False)
    """
    return any(is_nonvanishing(p, units, constants) for p in polynomials)


def is_nonvanishing(polynomial: Polynomial, units: Sequence[Polynomial], constants: Constants = NO_CONSTANTS) -> bool:
    """Is every irreducible factor a unit, or a nonzero element of the field of one constant, or of one strict sign?

    A polynomial in one constant that is not 0 modulo the minimal polynomial, which is irreducible, vanishes at none of
    its roots. The other tests take a constant for a variable that may have any real value.
    """
    polynomial = rings.reduced(polynomial, constants)
    if polynomial.is_zero():
        return False
    known = {str(rings.monic(u)) for u in units}
    return all(str(f) in known or _in_field(f, constants) or has_strict_sign(f, units)
               for f, _ in rings.factors(polynomial))


def _in_field(polynomial: Polynomial, constants: Constants) -> bool:
    variables = rings.support(polynomial)
    return len(variables) == 1 and variables <= frozenset(constants)


def has_strict_sign(polynomial: Polynomial, units: Sequence[Polynomial]) -> bool:
    """Is an irreducible polynomial never zero where the units are not?"""
    if polynomial.is_constant():
        return not polynomial.is_zero()
    key = (polynomial.context().names(), str(polynomial), tuple(str(rings.monic(u)) for u in units))
    if key not in _STRICT:
        _STRICT[key] = _has_strict_sign(polynomial, units, frozenset(key[2]))
    return _STRICT[key]


_STRICT: dict[tuple[object, ...], bool] = {}  # answers are asked for again and again


def _has_strict_sign(polynomial: Polynomial, units: Sequence[Polynomial], known: frozenset[str]) -> bool:
    nonzero = frozenset(j for j, name in enumerate(polynomial.context().names()) if name in known)
    if _changes_sign(polynomial, units):
        return False
    return (_even(polynomial, nonzero) or _sturm(polynomial, units) or _discriminant(polynomial, units)
            or _scaled(polynomial, units, nonzero) or _planar(polynomial, units))


def _changes_sign(polynomial: Polynomial, units: Sequence[Polynomial]) -> bool:
    """Values of both signs in one orthant, if only coordinates are units: then it has a zero, and no test succeeds."""
    if any(len(u) > 1 for u in units):
        return False
    size = len(polynomial.degrees())
    for pattern in range(4):
        found = set()
        for seed in range(7):
            point = [(-1) ** (pattern >> (j % 2) & 1) * SAMPLES[(seed * (j + 1) + j * j) % len(SAMPLES)]
                     for j in range(size)]
            value = polynomial(*point)
            if value != 0:
                found.add(value > 0)
        if len(found) == 2:
            return True
    return False


def _even(polynomial: Polynomial, nonzero: frozenset[int]) -> bool:
    table = rings.terms(polynomial)
    content = [min(e[j] for e in table) if j in nonzero else 0 for j in range(len(next(iter(table))))]
    shifted = [tuple(a - b for a, b in zip(e, content, strict=True)) for e in table]
    one_sign = len({c > 0 for c in table.values()}) == 1
    even = all(a % 2 == 0 for e in shifted for a in e)
    return one_sign and even and any(all(j in nonzero for j, a in enumerate(e) if a) for e in shifted)


def _sturm(polynomial: Polynomial, units: Sequence[Polynomial]) -> bool:
    variables = sorted(rings.support(polynomial))
    return len(variables) == 1 and _no_real_root(polynomial, variables[0], units)


def _no_real_root(polynomial: Polynomial, position: int, units: Sequence[Polynomial]) -> bool:
    """A polynomial in one variable has no real root other than those of units in that variable."""
    if polynomial.is_zero():
        return False
    known = {str(rings.monic(u)) for u in units}
    for factor, _ in rings.factors(polynomial):
        if str(factor) not in known:
            symbol = sympy.Dummy()
            univariate = sympy.Poly({(e[position],): sympy.Rational(int(c.p), int(c.q))
                                     for e, c in rings.terms(factor).items()}, symbol, domain="QQ")
            if univariate.degree() == 1 or univariate.intervals():
                return False
    return True


def _discriminant(polynomial: Polynomial, units: Sequence[Polynomial]) -> bool:
    for position in sorted(rings.support(polynomial)):
        if polynomial.degrees()[position] == 2 and _is_negative(polynomial.discriminant(position), units):
            return True
    return False


def _is_negative(polynomial: Polynomial, units: Sequence[Polynomial]) -> bool:
    """Negative wherever the units are not zero: even powers of factors that do not vanish there, times factors that
    vanish nowhere at all, so that their signs at the origin are their signs."""
    if polynomial.is_zero():
        return False
    sign, table = polynomial.factor()
    for factor, power in table:
        if not (is_nonvanishing(factor, units) if power % 2 == 0 else has_strict_sign(factor, [])):
            return False
        if power % 2:
            sign *= rings.at_zero(factor, range(len(factor.degrees()))).leading_coefficient()
    return bool(sign < 0)


def _scaled(polynomial: Polynomial, units: Sequence[Polynomial], nonzero: frozenset[int]) -> bool:
    """Quasi-homogeneous with weights >= 0: a zero can be scaled until a nonzero coordinate of positive weight is ±1.

    The coordinates that are units stay so; other units are not used.
    """
    variables = sorted(rings.support(polynomial))
    ring = polynomial.context()
    coordinates = [ring.gens()[j] for j in sorted(nonzero)]
    first, *others = [[e[j] for j in variables] for e in rings.terms(polynomial)]
    rows = [[a - b for a, b in zip(e, first, strict=True)] for e in others]
    for fixed in variables:
        if fixed in nonzero and feasible_point(rows, len(variables), variables.index(fixed)) is not None:
            return all(is_nonvanishing(rings.substitute(polynomial, {fixed: ring.constant(sign)}), coordinates)
                       for sign in (1, -1))
    return False


def _planar(polynomial: Polynomial, units: Sequence[Polynomial]) -> bool:
    """In two variables: let ``D`` be the discriminant along one of them, times the leading coefficient and the
    resultants with the units. Between real roots of ``D`` the number of zeros where no unit vanishes is constant along
    the other variable, and one sample decides; over a root of ``D`` that is no root of a unit, a resultant does."""
    variables = sorted(rings.support(polynomial))
    if len(variables) != 2 or polynomial.total_degree() > LARGEST_PLANAR_DEGREE:
        return False
    return any(_no_zero_over_line(polynomial, base, fibre, units) for base, fibre in (variables, variables[::-1]))


def _no_zero_over_line(p: Polynomial, base: int, fibre: int, units: Sequence[Polynomial]) -> bool:
    above = [u for u in units if rings.support(u) == {fibre}]
    leading = max(rings.coefficients_in(p, [fibre]).items())[1]
    special = leading * p.discriminant(fibre)
    for u in above:
        special *= p.resultant(u, fibre)
    if special.is_zero():
        return False
    known = {str(rings.monic(u)) for u in units}
    symbol = sympy.Dummy()
    squarefree = sympy.Poly(1, symbol, domain="QQ")
    for factor, _ in rings.factors(special):
        univariate = sympy.Poly({(e[base],): sympy.Rational(int(c.p), int(c.q))
                                 for e, c in rings.terms(factor).items()}, symbol, domain="QQ")
        if not univariate.intervals():
            continue
        squarefree *= univariate
        if str(factor) not in known and not _no_real_root(p.resultant(factor, base), fibre, above):
            return False
    ends = [interval for interval, _ in squarefree.intervals()] if squarefree.degree() > 0 else []
    samples = [ends[0][0] - 1, *((a[1] + b[0]) / 2 for a, b in pairwise(ends)), ends[-1][1] + 1] if ends else [0]
    for sample in samples:
        x = fmpq(int(sympy.Rational(sample).p), int(sympy.Rational(sample).q))
        value = p.context().constant(1) * x
        if squarefree.eval(sample) == 0 or not _no_real_root(rings.substitute(p, {base: value}), fibre, above):
            return False
    return True


def unit_ideal(polynomials: Iterable[Polynomial], units: Sequence[Polynomial],
               constants: Constants = NO_CONSTANTS) -> bool:
    """Is 1 in the ideal once the units are inverted? Then there is no common zero, not even a complex one.

    >>> R = rings.ring_of(["x", "y"]); x, y = R.gens()
    >>> unit_ideal([x**2 - y, x * y - 1, x - 2], []), unit_ideal([x - y], [x])
    (True, False)
    """
    given = [p for p in (rings.reduced(p, constants) for p in polynomials) if not p.is_zero()]
    if not given:
        return False
    given += constants.values()
    ring = given[0].context()
    used = sorted(set().union(*(rings.support(p) for p in (*given, *units))))
    context = fmpz_mpoly_ctx.get(["z", *(f"x{j}" for j in used)], "degrevlex")
    inverse, *variables = context.gens()
    place = dict(zip(used, variables, strict=True))

    def integral(polynomial: Polynomial) -> Polynomial:
        table = rings.terms(polynomial)
        scale = 1
        for c in table.values():
            scale = scale * int(c.q) // gcd(scale, int(c.q))
        total = context.constant(0)
        for exponent, c in table.items():
            term = context.constant(int((c * scale).p))
            for j, e in enumerate(exponent):
                if e:
                    term *= place[j] ** e
            total += term
        return total

    product = ring.constant(1)
    for u in units:
        product *= u
    equations = [integral(p) for p in given]
    if units:
        equations.append(context.constant(1) - inverse * integral(product))
    basis, _ = fmpz_mpoly_vec(equations, context).buchberger_naive(limits=LIMITS)
    return any(p.is_constant() and not p.is_zero() for p in basis)


def empty(polynomials: Sequence[Polynomial], units: Sequence[Polynomial],
          constants: Constants = NO_CONSTANTS) -> bool:
    """By signs, or by the Nullstellensatz."""
    return no_common_zero(polynomials, units, constants) or unit_ideal(polynomials, units, constants)


def independent_at_zeros(polynomials: Sequence[Polynomial], rank: int, positions: Sequence[int],
                         units: Sequence[Polynomial], constants: Constants = NO_CONSTANTS) -> bool:
    """Has the Jacobian with respect to ``positions`` rank >= ``rank`` at every common zero where units are nonzero?

    The ``rank × rank`` minors and the polynomials have no common zero.
    """
    rows = [[p.derivative(j) for j in positions] for p in polynomials]
    minors = [_determinant([[rows[i][j] for j in columns] for i in chosen])
              for chosen in combinations(range(len(rows)), rank)
              for columns in combinations(range(len(positions)), rank)]
    return empty([*polynomials, *(minor for minor in minors if not minor.is_zero())], units, constants)


def _determinant(matrix: Sequence[Sequence[Polynomial]]) -> Polynomial:
    if len(matrix) == 1:
        return matrix[0][0]
    total = matrix[0][0].context().constant(0)
    for j, entry in enumerate(matrix[0]):
        if not entry.is_zero():
            minor = _determinant([[*row[:j], *row[j + 1 :]] for row in matrix[1:]])
            total += minor * entry if j % 2 == 0 else -minor * entry
    return total


def rational_rank(rows: Sequence[Sequence[int]]) -> int:
    """The rank of an integer matrix."""
    return int(fmpz_mat([list(row) for row in rows]).rank()) if rows else 0
