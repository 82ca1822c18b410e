"""Second and higher derivatives of one generator at its zeros: a lower bound.

Theorem. Let there be one generator g, and P the free variables and the near ones without order and Jacobian order.
At every point of the stratum where g vanishes let one of the following be nonzero.

- *gradient*: a derivative of g in P; the pair of g^2 is at least (1/2, 1) there;
- *minor* of size 2 or 3 of its Hessian in P: at least (1/2, 2), or (1/2, 1);
- *fold*: ``g_aa M_k``, ``M_2 = g_aa g_ii - g_ai^2``, ``M_{j+1} = g_aa d_i M_j - g_ai d_a M_j``, a and i in P, k >= 3:
  at least ``(1/4 + 1/(2k), 1)``.

Then v is at least the product of the pairs of ``x^{2k}`` with the measure ``x^h dx`` and of the least of these.

Proof. Let p be such a point, and c a number below; C depends on p alone. *Gradient*: g is a coordinate. Else g and its
gradient in P vanish at p. *Minor*: by the splitting lemma with parameters ``g = Q(y) + r`` near p, Q a nondegenerate
quadratic form in 2 or 3 coordinates that replace some of P, r a function of all others. For each value c of r the set
``|Q + c| < e`` of y has a volume of at most ``C e log(1/e)`` for two y, at most ``C e`` for three (two of them give
``C e (1 + log(1/max(e, |c'|)))`` with ``c' = c ± y_3^2``, whose integral by y_3 is bounded by C e). *Fold*: where
``g_a = 0`` is solved for x_a, g is a function r of the other coordinates; on that hypersurface
``D = d_i - (g_ai / g_aa) d_a`` is the derivative by x_i, ``D r = g_i`` and ``D D r = M_2 / g_aa``, so that
``D^j r`` is ``M_j / g_aa^{j-1}`` plus multiples of ``M_2, .., M_{j-1}``: one of the derivatives of r by ``z = x_i``
from the second to the k-th is not 0 at p. By Taylor's formula ``g = ± y^2 + r``, y a coordinate in the place of x_a.
For each z the set ``|± y^2 + r| < e`` of y has the length ``C min(e^{1/2}, e |r|^{-1/2})``; by van der Corput's lemma
``|r| < d`` for a set of z of the length ``C d^{1/k}`` (here a lower derivative gives more), whatever the other
coordinates are. The sum over ``d = 2^n e`` is at most ``C e^{1/2 + 1/k}``, as k > 2.
In each case this is uniform in the coordinates that carry orders: the integral of ``|g|^{-2s}`` over the others is at
most C times that of the pair named, and ``x^{-2ks+h}`` is multiplied to it. Where g is not 0 the loss is a monomial.

K is at most a multiple of its monomials, whose pair is an upper bound. (A cuspidal edge has folds with k = 3, in any
coordinates; van der Corput's lemma for sublevel sets: Carbery, Christ, Wright, J. AMS 12, 1999.)
"""

from __future__ import annotations

from fractions import Fraction

from slt_symbolic.check.algebra.ring import Polynomial, at_zero, times
from slt_symbolic.check.algebra.signs import determinant, require_empty
from slt_symbolic.check.bracket import Bracket, End, product_of
from slt_symbolic.check.step import Data, fields, integer, items, require
from slt_symbolic.check.steps.common import Outcome, monomial_upper_bound, position
from slt_symbolic.check.stratum import Stratum

MOST_DERIVATIVES = 6  # along which a function on a fold is not 0
LINE = End(Fraction(1, 2), 1)
CROSSING = End(Fraction(1, 2), 2)


def hessian(s: Stratum, data: Data) -> Outcome:
    """Data: ``gradient``, names; ``minors``, pairs of lists of names; ``folds``, triples a, i, k.

    ``empty`` shows that the generator has no common zero with these derivatives; ``optimum`` is that of the monomials.
    """
    gradient, minors, folds, proof, optimum = fields(data, "gradient", "minors", "folds", "empty", "optimum")
    require(len(s.generators) == 1, "needs exactly one generator; here there are {}", len(s.generators))
    g = plane(s)
    found, ends = [g], [LINE]
    found += [g.derivative(_plain(s, name)) for name in items(gradient, None, "a gradient is a list of names")]
    for rows, columns in items(minors, 2, "a minor needs rows and columns"):
        chosen = [[_plain(s, name) for name in items(side, None, "rows and columns are names")]
                  for side in (rows, columns)]
        size = len(chosen[0])
        require(size in (2, 3) and all(len({*side}) == len(side) == size for side in chosen),
                "needs minors of 2 or 3 distinct rows and as many columns; here {} and {}", rows, columns)
        found.append(determinant([[g.derivative(a).derivative(b) for b in chosen[1]] for a in chosen[0]]))
        ends.append(CROSSING if size == 2 else LINE)
    for first, second, count in items(folds, 3, "a fold needs two names and a number"):
        a, i = _plain(s, first), _plain(s, second)
        k = integer(count, 3, "the number of derivatives")
        require(k <= MOST_DERIVATIVES, "needs at most {} derivatives; here {}", MOST_DERIVATIVES, k)
        require(a != i, "needs two variables for a fold; here {} twice", first)
        found.append(fold(g, a, i, k))
        ends.append(End(Fraction(1, 4) + Fraction(1, 2 * k), 1))
    require_empty([s.on_stratum(f) for f in found], proof, s.units, s.constants)
    orders = [End(Fraction(h + 1, 2 * k), 1) for k, h in zip(s.orders, s.jacobian, strict=True) if k]
    lower, upper = product_of([*orders, min(ends)]), monomial_upper_bound(s, optimum)
    return [], lambda _: Bracket(lower, upper)


def plane(s: Stratum) -> Polynomial:
    """The generator where the near variables outside P are 0: derivatives in P see nothing else of it."""
    (g,) = s.generators
    return at_zero(g, [j for j in s.near if s.orders[j] or s.jacobian[j]])


def _plain(s: Stratum, name: str) -> int:
    """A variable of P."""
    j = position(s, name)
    require(j not in s.constants, "needs a coordinate; here {} is a constant", name)
    require(s.orders[j] == 0 == s.jacobian[j], "needs a variable without orders; here {} has one", name)
    return j


def fold(g: Polynomial, a: int, i: int, k: int) -> Polynomial:
    """``g_aa M_k``."""
    slope = g.derivative(a)
    second, mixed = slope.derivative(a), slope.derivative(i)
    current = times(second, g.derivative(i).derivative(i)) - times(mixed, mixed)
    for _ in range(k - 2):
        current = times(second, current.derivative(i)) - times(mixed, current.derivative(a))
    return times(second, current)
