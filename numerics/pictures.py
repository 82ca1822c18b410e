"""Pictures of a certificate: the Newton polyhedron at the root, and the tree of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from numerics.figures import COLOURS, drawn, styled
from slt_symbolic.check.algebra.ring import terms
from slt_symbolic.check.core import read_stratum, ring_of_certificate
from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.rendering.explain import bracket_text, computing_divisor, loss_text
from slt_symbolic.storage.files import nameable, write_named

MOST_NODES = 400
WIDEST_LABEL = 70  # characters of a loss at the root
PAGE, LINE, INDENTS = 7, 0.18, 40  # inches of a page and of a line, and steps to the right that a page has room for


def draw_resolution(certificate: Mapping[str, Any], folder: Path) -> list[Path]:
    """Writes ``newton-polyhedron.svg`` (for two variables) and ``tree.svg``; returns the paths."""
    with nameable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    root = read_stratum(ring_of_certificate(certificate), certificate["tree"]["stratum"])
    paths = []
    for name, figure in (("newton-polyhedron.svg", _polyhedron(root)), ("tree.svg", _tree(certificate))):
        if figure is not None:
            write_named(folder / name, drawn(figure, "svg").decode())
            paths.append(folder / name)
    return paths


def _polyhedron(s: Stratum) -> Figure | None:
    """The polyhedron in two variables, with the diagonal and where it enters; None for more, or where nothing vanishes.

    A projection of more variables to two would show another polyhedron, which the diagonal enters elsewhere.
    """
    divisor = computing_divisor(s)
    if len(s.active) != 2 or divisor is None:
        return None
    x, y = s.active
    points = sorted({(e[x], e[y]) for g in s.generators for e in terms(g)})
    top = max(max(p) for p in points) + 1
    faces = Polyhedron.of(points).compact_faces
    vertices = sorted(p for face in faces if len(face.exponents) == 1 for p in face.exponents)
    outline = [(vertices[0][0], top), *vertices, (top, vertices[-1][1])]
    weights, order, _ = divisor
    crossing = Fraction(order, sum(weights.values()))
    with styled():
        figure = Figure(figsize=(4.2, 4.2))
        axes = figure.add_subplot()
        axes.fill(*zip(*outline, (top, top), strict=True), color=COLOURS["sky"], alpha=0.25, linewidth=0)
        axes.plot(*zip(*outline, strict=True), color=COLOURS["blue"])
        axes.plot(*zip(*points, strict=True), "o", color=COLOURS["blue"], label="monomials")
        axes.plot([0, top], [0, top], "--", color=COLOURS["black"], linewidth=1, label="diagonal")
        axes.plot(float(crossing), float(crossing), "D", color=COLOURS["vermillion"], label=f"enters at t = {crossing}")
        axes.set(xlabel=f"exponent of {s.ring.names()[x]}", ylabel=f"exponent of {s.ring.names()[y]}", xlim=(0, top),
                 ylim=(0, top), aspect="equal", title=_enters(s, crossing))
        axes.legend(loc="upper right")
        figure.tight_layout()
    return figure


def _enters(s: Stratum, crossing: Fraction) -> str:
    """What the crossing says of lambda where the measure is that of the coordinates."""
    return "Newton polyhedron" if any(s.jacobian) or any(s.orders) else (
        f"Newton polyhedron: lambda at most 1/(2t) = {1 / (2 * crossing)}")


def _tree(certificate: Mapping[str, Any]) -> Figure:
    """A line for each node, its step and bracket and its loss, below its parent and to the right: as wide as a page."""
    ring = ring_of_certificate(certificate)
    lines: list[tuple[int, str]] = []
    edges: list[tuple[int, int]] = []

    def place(node: Mapping[str, Any], depth: int, label: str = "") -> None:
        number = len(lines)
        loss = _cut(loss_text(read_stratum(ring, node["stratum"])), WIDEST_LABEL - depth)
        lines.append((depth, f"{label}{node['step']}  [{bracket_text(node['bracket'])}]  {loss}"))
        for child in node["children"]:
            if len(lines) < MOST_NODES:
                edges.append((number, len(lines)))
                place(child, depth + 1)

    place(certificate["tree"], 0)
    for number, lemma in enumerate(certificate["lemmas"]):
        if len(lines) < MOST_NODES:
            place(lemma, 0, f"lemma {number}: ")
    with styled():
        figure = Figure(figsize=(PAGE, max(1, LINE * len(lines))))
        axes = figure.add_axes((0, 0, 1, 1))
        for parent, child in edges:
            left, right = lines[parent][0], lines[child][0]
            axes.plot([left, left, right - 0.3], [-parent - 0.3, -child, -child], "-", color="0.7", linewidth=1)
        for number, (depth, text) in enumerate(lines):
            axes.text(depth - 0.2, -number, text, fontsize=7, va="center", parse_math=False)
        axes.set(xlim=(-0.5, INDENTS), ylim=(-len(lines), 1))
        axes.axis("off")
    return figure


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
