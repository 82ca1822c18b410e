"""Arguments for the faces of a Newton polyhedron, and which faces lack one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from slt_symbolic.check.algebra.ring import Polynomial, support
from slt_symbolic.check.algebra.signs import is_even_where
from slt_symbolic.check.bracket import INFINITE, End
from slt_symbolic.check.optimum import minimal
from slt_symbolic.check.polyhedron import Face, Polyhedron
from slt_symbolic.check.steps.forms import Graded
from slt_symbolic.check.steps.newton import Orbit, crossing_end, initial_forms, orbits_of, smooth_end
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.factors import factors
from slt_symbolic.search.proofs.nonvanishing import empty_proof, independence_proof, nonzero_proof, sign_proof
from slt_symbolic.search.proofs.optimum import monomial_proof
from slt_symbolic.search.tree import Proposal, poll, propose

MOST_EXPONENTS = 60
MOST_ACTIVE = 9
MOST_ACTIVE_IN_ONE = 14  # variables of a definite polynomial
MOST_FACES = 4000
MOST_FACTORS = 6  # that may vanish on a face
MOST_FACTORS_IN_ALL = 12
LARGEST_RANK = 3
SIGN_BASES, SIGN_TRIALS = 8, 60
SIGNED = [sign * a for a in (1, 1, 2, 3, 4, 5, 9, 25) for sign in (1, -1)]


@dataclass(frozen=True)
class Smooth:
    """An argument for a face, with its end if that may be less than the truth: no point is known that attains it."""

    face: Face
    end: End | None
    argument: dict[str, Any]


@dataclass(frozen=True)
class Analysis:
    """The compact faces of a stratum: arguments found, vertices that may vanish, faces without an argument.

    ``vanishing``: the forms at vertices that are not shown to be nonzero. ``vertices``: arguments for all of these,
    which prove a lower bound; none if one has none.
    """

    arguments: tuple[dict[str, Any], ...]
    smooth: tuple[Smooth, ...]
    vanishing: tuple[Polynomial, ...]
    vertices: tuple[dict[str, Any], ...]
    open: tuple[tuple[Face, tuple[Polynomial, ...]], ...]

    def charted(self, goal: End | None) -> list[Face]:
        """The faces that need charts: open ones, and smooth ones that do not reach the goal."""
        below = [smooth.face for smooth in self.smooth if goal is not None and smooth.end and smooth.end < goal]
        return [face for face, _ in self.open] + below

    def proposal(self, s: Stratum, goal: End | None) -> Proposal | None:
        """The Newton step; charts for the open faces, and for smooth ones that do not reach the goal.

        Without a goal there are no charts: None if a face is open.
        """
        if (self.vanishing and not self.vertices) or (self.open and goal is None):
            return None
        charted = self.charted(goal)
        kept = [smooth.argument for smooth in self.smooth if smooth.face not in charted]
        charted.sort(key=lambda face: sorted(face.exponents))
        extra = [{"exponents": _listed(face), "argument": "charts"} for face in charted]
        return propose(s, "newton", optimum=monomial_proof(s), faces=[*self.arguments, *self.vertices, *kept, *extra])


def analyse(s: Stratum, patience: int = MOST_FACES) -> Analysis | None:
    """Look at every compact face, at vertices alone after so many open ones; None if there are too many."""
    if all(len(g) == 1 and s.support(g) <= s.near for g in s.generators):
        return Analysis((), (), (), (), ())
    if len(s.active) > MOST_ACTIVE or len(s.polyhedron.exponents) > MOST_EXPONENTS:
        return None
    if len(s.polyhedron.compact_faces) > MOST_FACES:
        return None
    arguments: list[dict[str, Any]] = []
    smooth: list[Smooth] = []
    vanishing: list[Polynomial] = []
    vertices: list[Smooth | None] = []
    open_faces: list[tuple[Face, tuple[Polynomial, ...]]] = []
    for orbit in orbits_of(s):
        poll()
        face = orbit.face
        if len(open_faces) >= patience and len(face.exponents) > 1:
            continue
        if any(is_even_where(form, orbit.nonzero) for form in orbit.forms):
            continue
        entry: dict[str, Any] = {"exponents": _listed(face)}
        proof = sign_proof(orbit.forms, orbit.units, s.constants)
        if proof is None and (len(face.exponents) == 1 or len(s.generators) > 1):
            proof = empty_proof(orbit.forms, orbit.units, s.constants)
        if proof is not None:
            arguments.append({**entry, "argument": "empty", "proof": proof})
            continue
        forms = [form for form in orbit.forms if not form.is_zero()]
        vertex = len(face.exponents) == 1
        hopeless = vertex and None in vertices
        found = None if hopeless else _crossing(orbit, entry) if len(s.generators) == 1 else _smooth(orbit, entry)
        if vertex:
            vanishing.extend(forms)
            vertices.append(found)
        elif found is None:
            open_faces.append((face, tuple(forms)))
        elif found.end is None:
            arguments.append(found.argument)
        else:
            smooth.append(found)
    shown = tuple(found.argument for found in vertices if found is not None)
    return Analysis(tuple(arguments), tuple(smooth), tuple(vanishing), shown if len(shown) == len(vertices) else (),
                    tuple(open_faces))


def _smooth(orbit: Orbit, entry: dict[str, Any]) -> Smooth | None:
    s = orbit.stratum
    forms = [form for form in orbit.forms if not form.is_zero()]
    relevant = [j for j in orbit.coordinates if any(j in support(f) for f in forms)]
    for rank in range(min(len(forms), len(relevant), LARGEST_RANK), 0, -1):
        proof = independence_proof(orbit.forms, rank, orbit.coordinates, orbit.units, s.constants)
        if proof is not None:
            argument = {**entry, "argument": "smooth", "rank": rank, "proof": proof}
            return Smooth(orbit.face, smooth_end(orbit, rank), argument)
    return None


def _crossing(orbit: Orbit, entry: dict[str, Any]) -> Smooth | None:
    """The bound of the crossing argument, with zeros for each factor where a change of sign is seen."""
    s = orbit.stratum
    table = factors(s.generators[0])
    if len(table) > MOST_FACTORS_IN_ALL:
        return None
    forms = initial_forms(orbit, [f for f, _ in table])
    subsets = _subsets(orbit, forms)
    if subsets is None:
        return None
    independent = [entry["of"] for entry in subsets if entry["argument"] == "independent"]
    bound = min((crossing_end(orbit, [table[i][1] for i in chosen]) for chosen in independent), default=INFINITE)
    zeros, attained = [], INFINITE
    for i, form in enumerate(forms):
        points = None if s.constants or [i] not in independent else _sign_change(s, s.active, form)
        if points is not None:
            zeros.append([i, *points])
            attained = min(attained, crossing_end(orbit, [table[i][1]]))
    argument = {**entry, "argument": "crossing", "factors": [[str(f), e] for f, e in table], "subsets": subsets,
                "zeros": zeros}
    return Smooth(orbit.face, None if bound == attained else bound, argument)


def _subsets(orbit: Orbit, forms: Sequence[Polynomial]) -> list[dict[str, Any]] | None:
    """Each set of factors has no common zero, or independent gradients there; None if one has neither."""
    constants = orbit.stratum.constants
    found: list[dict[str, Any]] = []
    possible = []
    for i, form in enumerate(forms):
        proof = sign_proof([form], orbit.units, constants)
        if proof is None:
            possible.append(i)
        else:
            found.append({"of": [i], "argument": "empty", "proof": proof})
    if len(possible) > MOST_FACTORS:
        return None
    meeting: set[tuple[int, ...]] = {()}
    for size in range(1, len(possible) + 1):
        for chosen in combinations(possible, size):
            if any(part not in meeting for part in combinations(chosen, size - 1)):
                continue  # some of them have no common zero already
            own = [forms[i] for i in chosen]
            proof = empty_proof(own, orbit.units, constants) if size > 1 else None
            if proof is not None:
                found.append({"of": list(chosen), "argument": "empty", "proof": proof})
                continue
            proof = independence_proof(own, size, orbit.coordinates, orbit.units, constants)
            if proof is None:
                return None
            found.append({"of": list(chosen), "argument": "independent", "proof": proof})
            meeting.add(chosen)
    return found


def definite(s: Stratum, i: int, f: Polynomial) -> Proposal | None:
    """A factor of generator i without zeros off the coordinate hyperplanes, with a proof for each face."""
    faces = definite_faces(s, f)
    return None if faces is None else propose(s, "definite", generator=i, factor=str(f), faces=faces)


def definite_faces(s: Stratum, f: Polynomial) -> list[dict[str, Any]] | None:
    """Proofs that the form of ``f`` on no compact face vanishes; None if one is not found."""
    active = sorted(j for j in s.near if f.degrees()[j])
    graded = Graded(f, active)
    exponents = list(graded.parts)
    if len(active) > MOST_ACTIVE_IN_ONE or len(minimal(exponents)) > MOST_EXPONENTS:
        return None
    torus = [*s.units, *(s.variables[j] for j in active)]
    faces = []
    for face in Polyhedron.of(exponents).compact_faces:
        poll()
        proof = nonzero_proof(graded.form_on(face.exponents), torus, s.constants)
        if proof is None:
            return None
        if proof != "even":
            faces.append({"exponents": _listed(face), "nonzero": proof})
    return faces


def _sign_change(s: Stratum, active: Sequence[int], form: Polynomial) -> list[list[str]] | None:
    """Two points of one orthant where the form has opposite signs, the free variables the same, the units nonzero."""
    generator = random.Random(0)
    used = [j for j in active if j in support(form)]
    for trial in range(SIGN_BASES):
        base = [1] * s.size
        for j in s.free if trial else ():
            base[j] = generator.choice(SIGNED)
        if any(u(*base) == 0 for u in s.units):
            continue
        seen: dict[tuple[bool, ...], dict[bool, list[int]]] = {}
        for _ in range(SIGN_TRIALS):
            point = list(base)
            for j in used:
                point[j] = generator.choice(SIGNED)
            value = form(*point)
            if value != 0:
                found = seen.setdefault(tuple(point[j] > 0 for j in used), {})
                found[bool(value > 0)] = point
                if len(found) == 2:
                    return [[str(x) for x in p] for p in found.values()]
        if not s.free:
            return None
    return None


def _listed(face: Face) -> list[list[int]]:
    return sorted(list(e) for e in face.exponents)
