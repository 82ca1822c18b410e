"""A matrix of coordinates that rotations of its rows and columns bring onto its diagonal: its singular values.

Theorem. Let the entries of a matrix X of p rows and q >= p columns be near 0, without orders and Jacobian orders. For
each row b > 1 let there be a linear field, a sum of multiples of ``x_i d/dx_j - x_j d/dx_i``, that turns the first row
to row b at speed 1 and mixes X with nothing else; so for columns. Let each field map every generator to a combination
of the generators with rational coefficients. If with ``X = diag(a_1..a_p)`` the terms of each generator have one
exponent in the a, then the germ has the pair of that with this X and the Jacobian orders ``q - p + 2 (p - i)`` at a_i.

Proof. As in `rotate` the flows generate a group whose elements leave K comparable, with constants for all of them, and
the measure as it is; on X they are ``X -> U X V^T``, U in SO(p), V in SO(q). So X may be diagonal, ``a_1 >= ... >=
|a_p|``, with the measure ``J da``, J the product of ``|a_i^2 - a_j^2|`` over i < j and of the ``|a_i|^(q-p)`` (Muirhead
1982, ch. 2 and 3). Let F(a) be the volume of ``K < e`` in the other
coordinates. It does not increase with any ``|a_i|``, since generators are monomials in a times what is free of a; and
up to a factor at e it stays if the a_i are permuted, which U and V may do up to signs. Let M be J with ``max(a_i^2,
a_j^2)`` for the differences, and N the monomial of the theorem: ``N <= M`` everywhere, with equality in the sector.
So over the sector ``F J <= F N``: the volume of the theorem's germ is not less. It is at most that of ``F M``, hence
of ``F N`` over the sector, up to a factor; where ``a_i`` may be replaced by ``a_i/2^i`` and F does not fall:
then ``a_{i+1} <= a_i/2``, and J is at least a multiple of N.
"""

from __future__ import annotations

from fractions import Fraction

from slt_symbolic.check.algebra.ring import at_zero, terms
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import Outcome, only_child, position
from slt_symbolic.check.steps.rotate import require_invariant, turns
from slt_symbolic.check.stratum import Stratum


def diagonal(s: Stratum, data: Data) -> Outcome:
    """Data: ``matrix``, rows of names; ``fields`` and ``images`` as in `rotate`, for rows b > 1, then for columns."""
    table, listed, images = fields(data, "matrix", "fields", "images")
    matrix = [[position(s, name) for name in items(row, None, "a row is a list of names")]
              for row in items(table, None, "a matrix is a list of rows")]
    p, q = len(matrix), len(matrix[0]) if matrix else 0
    require(1 < p <= q and {len(row) for row in matrix} == {q}, "needs two rows or more, none shorter than columns")
    entries = [j for row in matrix for j in row]
    require(len(set(entries)) == p * q, "needs a matrix of distinct variables")
    moves = [*(list(zip(matrix[0], row, strict=True)) for row in matrix[1:]),
             *([(row[0], row[c]) for row in matrix] for c in range(1, q))]
    planes, becoming = items(listed, None, "fields are a list"), items(images, None, "images are a list")
    require(len(planes) == len(becoming) == p + q - 2, "needs a field and its images for each of {} rows and columns",
            p + q - 2)
    for move, field, image in zip(moves, planes, becoming, strict=True):
        found = turns(s, field)
        own = [plane for plane in found if {*plane[:2]} & {*entries}]
        require(sorted(own) == sorted((i, j, Fraction(1)) for i, j in move),
                "needs a field that turns {} to {}, on the matrix", s.names[move[0][0]], s.names[move[0][1]])
        require_invariant(s, found, image)
    values = [matrix[i][i] for i in range(p)]
    generators = [at_zero(g, sorted({*entries}.difference(values))) for g in s.generators]
    for g in generators:
        require(len({tuple(e[j] for j in values) for e in terms(g)}) <= 1,
                "needs generators with one exponent in the diagonal; here {}", g)
    order = {j: q - p + 2 * (p - 1 - i) for i, j in enumerate(values)}
    return [s.derive(generators, jacobian=[order.get(j, h) for j, h in enumerate(s.jacobian)])], only_child
