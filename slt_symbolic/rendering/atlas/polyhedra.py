"""Newton polyhedra in two or three variables, as SVG that takes the colours of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations

from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.rendering.explain import computing_divisor

Point = tuple[Fraction | int, ...]
MARGIN, SIDE, RADIUS = 30, 240, 110  # of the drawing in the plane, and of the one in space, in pixels
MOST_TICKS = 8


@dataclass(frozen=True)
class Picture:
    """What is drawn: the polyhedron of a loss, and where the line of its measure enters it.

    ``direction``  ``h + 1`` for the measure ``|x|^h dx``: the diagonal where the measure is that of the coordinates
    ``enters``     the least t with ``t (h + 1)`` in the polyhedron of ``K^(1/2)``: lambda is at most ``1 / (2 t)``
    """

    names: tuple[str, ...]
    exponents: tuple[tuple[int, ...], ...]
    direction: tuple[int, ...]
    enters: Fraction

    @property
    def bound(self) -> Fraction:
        """What the polyhedron says of lambda: an upper bound, and equal to it where no face is degenerate."""
        return 1 / (2 * self.enters)

    @property
    def top(self) -> int:
        """Where the drawing ends, beyond all vertices and the crossing."""
        crossing = max(-(-self.enters.numerator * d // self.enters.denominator) for d in self.direction)
        return max(crossing, *chain(*Polyhedron.of(self.exponents).exponents)) + 1

    @property
    def crossing(self) -> Point:
        """Where the line enters."""
        return tuple(self.enters * d for d in self.direction)

    @property
    def end(self) -> Point:
        """Where the line leaves the drawing."""
        return tuple(Fraction(self.top, max(self.direction)) * d for d in self.direction)

    @property
    def monomials(self) -> list[tuple[int, ...]]:
        """The exponents that the drawing has room for."""
        return [e for e in self.exponents if max(e) <= self.top]

    @property
    def words(self) -> str:
        """The picture in words, for those who hear it."""
        minimal = ", ".join(_shown(self.names, e) for e in sorted(Polyhedron.of(self.exponents).exponents))
        return (f"Newton polyhedron in {', '.join(self.names)} of {minimal}; the line in direction "
                f"({', '.join(map(str, self.direction))}) enters it at t = {self.enters}, lambda at most {self.bound}")


def picture_of(s: Stratum) -> Picture | None:
    """The picture of a loss in two or three variables that vanishes; None for more, which no projection shows truly."""
    divisor = computing_divisor(s)
    if len(s.ridges) not in (2, 3) or divisor is None:
        return None
    _, order, jacobian = divisor
    names = tuple(s.names[j] for j in s.ridges)
    direction = tuple(s.jacobian[j] + 1 for j in s.ridges)
    return Picture(names, tuple(sorted(s.monomials)), direction, Fraction(order, jacobian + 1))


def drawing(picture: Picture) -> str:
    """The picture as SVG.

    >>> drawing(Picture(("x", "y"), ((0, 3), (2, 0)), (1, 1), Fraction(6, 5)))[:33]
    '<svg viewBox="0 0 300 300" class='
    """
    space = len(picture.names) == 3
    box, kind = (f"{-RADIUS - 20} {-RADIUS - 10} {2 * RADIUS + 40} {2 * RADIUS}", "polyhedron space") if space else (
        f"0 0 {SIDE + 2 * MARGIN} {SIDE + 2 * MARGIN}", "polyhedron")
    parts = [*_axes(picture), *_faces(picture), *_ticks(picture), *_line(picture), *_dots(picture)]
    return (f'<svg viewBox="{box}" class="{kind}" data-scale="{RADIUS}/{picture.top}" role="img" '
            f'aria-label="{picture.words}"><title>{picture.words}</title>{"".join(parts)}</svg>')


def _axes(picture: Picture) -> Iterator[str]:
    size, top = len(picture.names), picture.top
    for j, name in enumerate(picture.names):
        end = tuple(top if i == j else 0 for i in range(size))
        yield _path(picture, "polyline", "axis", [(0,) * size, end])
        dx, dy = (6, -6) if size == 2 else ((-8, 8), (10, 8), (8, -2))[j]
        yield _at(picture, end, f'<text class="name" dx="{dx}" dy="{dy}">{name}</text>')


def _faces(picture: Picture) -> Iterator[str]:
    """The facets, cut where the drawing ends; in the plane also the polyhedron itself, cut."""
    polyhedron = Polyhedron.of(picture.exponents)
    flat = len(picture.names) == 2
    if flat:
        inside = [end for ray in polyhedron.on for end in _facet(polyhedron, ray, picture.top)]
        yield _path(picture, "polygon", "inside", _hull([*inside, (picture.top,) * 2], (0, 1)))
    for ray in polyhedron.on:
        kept = [j for j in range(len(ray)) if j != max(range(len(ray)), key=lambda j: ray[j])]
        points = _facet(polyhedron, ray, picture.top)
        outline = sorted(points) if flat else _hull(points, (kept[0], kept[1]))
        kind = "compact" if all(ray) else "unbounded"
        yield _path(picture, "polyline" if flat else "polygon", f"face {kind}", outline)


def _facet(polyhedron: Polyhedron, ray: Sequence[int], top: int) -> list[tuple[int, ...]]:
    """Points whose convex hull is a facet, cut where a coordinate in which it is unbounded passes ``top``."""
    axes = [j for j, weight in enumerate(ray) if weight == 0]
    count = len(polyhedron.exponents)
    found = {tuple(top if j in moved else a for j, a in enumerate(polyhedron.exponents[i]))
             for i in polyhedron.on[tuple(ray)] if i < count
             for size in range(len(axes) + 1) for moved in combinations(axes, size)}
    return sorted(found)


def _hull(points: Iterable[tuple[int, ...]], axes: tuple[int, int]) -> list[tuple[int, ...]]:
    """The vertices of the convex hull in two of the coordinates, in order (Andrew's monotone chain)."""
    x, y = axes
    ordered = sorted(set(points), key=lambda p: (p[x], p[y]))
    halves: list[tuple[int, ...]] = []
    for sequence in (ordered, ordered[::-1]):
        half: list[tuple[int, ...]] = []
        for p in sequence:
            while len(half) > 1 and ((half[-1][x] - half[-2][x]) * (p[y] - half[-2][y])
                                     <= (half[-1][y] - half[-2][y]) * (p[x] - half[-2][x])):
                half.pop()
            half.append(p)
        halves += half[:-1]
    return halves


def _ticks(picture: Picture) -> Iterator[str]:
    size, step = len(picture.names), -(-picture.top // MOST_TICKS)
    for j in range(size):
        for value in range(step, picture.top, step):
            place = tuple(value if i == j else 0 for i in range(size))
            dx, dy = (0, 14) if size == 2 and j == 0 else (-12, 4)
            yield _at(picture, place, f'<text class="tick" dx="{dx}" dy="{dy}">{value}</text>')


def _line(picture: Picture) -> Iterator[str]:
    yield _path(picture, "polyline", "diagonal", [(0,) * len(picture.names), picture.end])


def _dots(picture: Picture) -> Iterator[str]:
    minimal = set(Polyhedron.of(picture.exponents).exponents)
    for e in picture.monomials:
        kind = "minimal" if e in minimal else "monomial"
        yield _at(picture, e, f'<circle r="4" class="{kind}"><title>{_shown(picture.names, e)}</title></circle>')
    words = f"enters at t = {picture.enters}: lambda at most {picture.bound}"
    yield _at(picture, picture.crossing, f'<rect x="-5" y="-5" width="10" height="10" transform="rotate(45)" '
              f'class="crossing"><title>{words}</title></rect>')


def _shown(names: Sequence[str], exponent: Sequence[int]) -> str:
    return "*".join(f"{n}^{e}" if e > 1 else n for n, e in zip(names, exponent, strict=True) if e) or "1"


def _path(picture: Picture, tag: str, kind: str, points: Sequence[Point]) -> str:
    shown = " ".join(f"{x},{y}" for x, y in (_placed(picture, p) for p in points))
    return f'<{tag} class="{kind}" points="{shown}"{_data(points)}/>'


def _at(picture: Picture, point: Point, inner: str) -> str:
    x, y = _placed(picture, point)
    return f'<g transform="translate({x},{y})"{_data([point])}>{inner}</g>'


def _data(points: Sequence[Point]) -> str:
    """The points themselves, with which the script turns a picture in space."""
    return f' data-at="{";".join(" ".join(map(str, p)) for p in points)}"' if len(points[0]) == 3 else ""


def _placed(picture: Picture, point: Point) -> tuple[int, int]:
    """The pixel of a point: in space seen from above at 30 degrees, turned by the angle of sine 3/5."""
    if len(point) == 2:
        x, y = point
        return round(MARGIN + SIDE * x / picture.top), round(MARGIN + SIDE - SIDE * y / picture.top)
    x, y, z = point
    across, down = (4 * y - 3 * x) / Fraction(5), (4 * x + 3 * y) / Fraction(10) - z * Fraction(13, 15)
    return round(RADIUS * across / picture.top), round(RADIUS * down / picture.top)
