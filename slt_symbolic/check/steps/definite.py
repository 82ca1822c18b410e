"""A factor without real zeros off the coordinate hyperplanes.

Theorem. Let ``f`` be a polynomial in near variables, with coefficients in free ones, such that for every compact face
of its Newton polyhedron the form of ``f`` on that face has no real zero with all near variables nonzero, at no point of
the stratum. Then ``|f|`` is comparable near every point of the stratum to the sum of ``|x^a|`` over the vertices
``a`` (pass to the toric variety of the normal fan: there ``f`` is a monomial times a unit). A generator ``f c`` may be
replaced by the list of ``x^a c``.
"""

from __future__ import annotations

from slt_symbolic.check.polyhedron import compact_faces
from slt_symbolic.check.ring import Polynomial, coefficients_in, monomial
from slt_symbolic.check.signs import is_nonvanishing
from slt_symbolic.check.step import Combine, Data, fields, only_child, polynomial, require
from slt_symbolic.check.stratum import Stratum


def definite(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``generator`` i, ``factor`` f."""
    i, text = fields(data, "generator", "factor")
    f = polynomial(s, text)
    require(type(i) is int and 0 <= i < len(s.generators), f"no generator {i}")
    cofactor, remainder = divmod(s.generators[i], f)
    require(remainder.is_zero(), f"{f} does not divide {s.generators[i]}")
    vertices = definite_vertices(s, f)
    others = [g for place, g in enumerate(s.generators) if place != i]
    return [s.derive([*others, *(cofactor * v for v in vertices)])], only_child


def definite_vertices(s: Stratum, f: Polynomial) -> list[Polynomial]:
    """The vertex monomials of ``f``; refuses if a compact face may have zeros."""
    active = sorted(j for j in s.near if f.degrees()[j])
    parts = coefficients_in(f, active)
    torus = [*s.units, *(s.variables[j] for j in active)]
    found = []
    for face in compact_faces(sorted(parts)) if active else ():
        form = s.ring.constant(0)
        for exponent in face.exponents:
            full = [0] * s.size
            for j, e in zip(active, exponent, strict=True):
                full[j] = e
            term = monomial(s.ring, full)
            form += s.on_stratum(parts[exponent]) * term
            if len(face.exponents) == 1:
                found.append(term)
        require(is_nonvanishing(form, torus, s.constants), f"{form} may vanish")
    require(bool(found), f"{f} involves no near variable")
    return found
