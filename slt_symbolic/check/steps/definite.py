"""A factor without real zeros off the coordinate hyperplanes.

Theorem. Let ``f`` be a polynomial in near variables, with coefficients in free ones, such that for every compact face
of its Newton polyhedron the form of ``f`` on that face has no real zero with all near variables nonzero, at no point of
the stratum. Then ``|f|`` is comparable near every point of the stratum to the sum of ``|x^a|`` over the vertices
``a`` (pass to the toric variety of the normal fan: there ``f`` is a monomial times a unit). A generator ``f c`` may be
replaced by the list of ``x^a c``.

If f is a combination of products of two generators, ``f = sum a_ij g_i g_j``, then ``|f| <= C sum g_i^2`` there, and so
is ``(x^b)^2`` for every ``b >= a/2``: such ``x^b`` may be added to the generators.
"""

from __future__ import annotations

from slt_symbolic.check.algebra.ring import Polynomial, monomial, quotient, times
from slt_symbolic.check.algebra.signs import require_nonzero
from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.step import Data, fields, items, require
from slt_symbolic.check.steps.common import Outcome, generator, only_child, polynomial
from slt_symbolic.check.steps.forms import Graded, arguments_by_face, lifted
from slt_symbolic.check.stratum import Stratum


def definite(s: Stratum, data: Data) -> Outcome:
    """Data: ``generator`` i, ``factor`` f, ``faces``, proofs for those whose form is not simply even."""
    i, text, faces = fields(data, "generator", "factor", "faces")
    g, f = generator(s, i), polynomial(s, text)
    cofactor = None if f.is_zero() else quotient(g, f)
    require(cofactor is not None, "needs a factor; here {} does not divide {}", f, g)
    vertices = _vertices(s, f, items(faces, None, "faces are a list"))
    others = [h for place, h in enumerate(s.generators) if place != i]
    return [s.derive([*others, *(times(cofactor, monomial(s.ring, a)) for a in vertices)])], only_child


def dominate(s: Stratum, data: Data) -> Outcome:
    """Data: ``products``, a list of ``[i, j, a]``, whose sum of ``a g_i g_j`` is f; ``faces``, proofs as above."""
    products, faces = fields(data, "products", "faces")
    f = s.ring.constant(0)
    for i, j, text in items(products, 3, "a product needs two generators and a polynomial"):
        f += times(polynomial(s, text), times(generator(s, i), generator(s, j)))
    require(not f.is_zero(), "needs a combination of products; here it is 0")
    vertices = _vertices(s, f, items(faces, None, "faces are a list"))
    return [s.derive([*s.generators, *(monomial(s.ring, [(e + 1) // 2 for e in a]) for a in vertices)])], only_child


def _vertices(s: Stratum, f: Polynomial, faces: list[object]) -> list[list[int]]:
    """The exponents of the vertices of ``f``; refuses if a compact face may have zeros."""
    active = sorted(j for j in s.near if f.degrees()[j])
    require(bool(active), "needs a factor that involves a near variable; here it is {}", f)
    graded = Graded(f, active)
    compact = Polyhedron.of(graded.parts).compact_faces
    arguments = arguments_by_face(faces, compact)
    torus = [*s.units, *(s.variables[j] for j in active)]
    for face in compact:
        proof = "even"
        if face.exponents in arguments:
            _, proof = fields(arguments[face.exponents], "exponents", "nonzero")
        require_nonzero(graded.form_on(face.exponents), proof, torus, s.constants)
    return [lifted(s.size, active, exponent)
            for face in compact if len(face.exponents) == 1 for exponent in face.exponents]
