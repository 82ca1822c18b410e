"""Arguments for the faces of a Newton polyhedron, and which faces lack one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slt_symbolic.check.pairs import Pair
from slt_symbolic.check.polyhedron import Face, TooManyFaces, compact_faces, minimal
from slt_symbolic.check.ring import Polynomial, support
from slt_symbolic.check.signs import empty, independent_at_zeros, no_common_zero
from slt_symbolic.check.step import Refused
from slt_symbolic.check.steps.newton import (
    active_variables,
    crossing,
    crossing_forms,
    exponents_of,
    face_forms,
    smooth_pair,
)
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.resolve.tree import Proposal, poll, propose

MOST_EXPONENTS = 60
MOST_ACTIVE = 9
MOST_FACES = 4000
MOST_FACTORS = 6
LARGEST_RANK = 3
SIGN_BASES, SIGN_TRIALS = 8, 60
SIGNED = [sign * a for a in (1, 1, 2, 3, 4, 5, 9, 25) for sign in (1, -1)]


@dataclass(frozen=True)
class Smooth:
    """An argument for a face, with its pair if that may be less than the truth: no point is known that attains it."""

    face: Face
    pair: Pair | None
    argument: dict[str, Any]


@dataclass(frozen=True)
class Analysis:
    """The compact faces of a stratum: arguments found, vertices that may vanish, faces without an argument."""

    active: tuple[int, ...]
    arguments: tuple[dict[str, Any], ...]
    smooth: tuple[Smooth, ...]
    vanishing: tuple[Polynomial, ...]
    open: tuple[tuple[Face, tuple[Polynomial, ...]], ...]

    def proposal(self, s: Stratum, goal: Pair | None) -> Proposal | None:
        """The Newton step; charts for the open faces, and for smooth ones that do not reach the goal.

        Without a goal there are no charts: None if a face is open.
        """
        if self.vanishing or (self.open and goal is None):
            return None
        charted = [face for face, _ in self.open]
        charted += [smooth.face for smooth in self.smooth if goal is not None and smooth.pair and smooth.pair < goal]
        kept = [smooth.argument for smooth in self.smooth if smooth.face not in charted]
        extra = [{"exponents": _listed(face), "argument": "charts"} for face in charted]
        return propose(s, "newton", faces=[*self.arguments, *kept, *extra])


def analyse(s: Stratum) -> Analysis | None:
    """Look at every compact face; None if there are too many."""
    active = active_variables(s)
    exponents = exponents_of(s, active)
    if len(active) > MOST_ACTIVE or len(minimal(exponents)) > MOST_EXPONENTS:
        return None
    try:
        faces = compact_faces(exponents) if active else [Face(frozenset(exponents), ())]
    except TooManyFaces:
        return None
    if len(faces) > MOST_FACES:
        return None
    arguments: list[dict[str, Any]] = []
    smooth: list[Smooth] = []
    vanishing: list[Polynomial] = []
    open_faces: list[tuple[Face, tuple[Polynomial, ...]]] = []
    units = [*s.units, *(s.variables[j] for j in active)]
    for face in faces:
        poll()
        forms = face_forms(s, active, face)
        if no_common_zero(forms, units, s.constants):
            continue
        if len(face.exponents) == 1:
            if empty(forms, units, s.constants):
                arguments.append({"exponents": _listed(face), "argument": "empty"})
            else:
                vanishing.extend(forms)
            continue
        found = _crossing(s, active, face, units) if len(s.generators) == 1 else _smooth(s, active, face, forms, units)
        if found is None:
            open_faces.append((face, tuple(forms)))
        elif found.pair is None:
            arguments.append(found.argument)
        else:
            smooth.append(found)
    return Analysis(tuple(active), tuple(arguments), tuple(smooth), tuple(vanishing), tuple(open_faces))


def _smooth(s: Stratum, active: Sequence[int], face: Face, forms: Sequence[Polynomial],
            units: Sequence[Polynomial]) -> Smooth | None:
    entry: dict[str, Any] = {"exponents": _listed(face)}
    if empty(forms, units, s.constants):
        return Smooth(face, None, {**entry, "argument": "empty"})
    coordinates = [*active, *s.free]
    relevant = [j for j in coordinates if any(j in support(f) for f in forms)]
    for rank in range(min(len(forms), len(relevant), LARGEST_RANK), 0, -1):
        if independent_at_zeros(forms, rank, coordinates, units, s.constants):
            return Smooth(face, smooth_pair(s, active, face, rank), {**entry, "argument": "smooth", "rank": rank})
    return None


def _crossing(s: Stratum, active: Sequence[int], face: Face, units: Sequence[Polynomial]) -> Smooth | None:
    """The bound of the crossing argument, with zeros for each factor where a change of sign is seen."""
    forms = crossing_forms(s, active, face, units)
    if len(forms) > MOST_FACTORS:
        return None
    zeros = []
    for name, (form, _) in forms.items():
        points = None if s.constants else _sign_change(s, active, form)
        if points is not None:
            zeros.append([name, *points])
    entry = {"exponents": _listed(face), "argument": "crossing", "zeros": zeros}
    try:
        bound, attained = crossing(s, active, face, units, entry)
    except Refused:
        return None
    return Smooth(face, None if bound == attained else bound, entry)


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
