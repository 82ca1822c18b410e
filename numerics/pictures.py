"""Pictures of a certificate: the Newton polyhedron at the root, and the tree of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.figures import drawn
from slt_symbolic.check.algebra.ring import terms
from slt_symbolic.check.core import read_stratum, ring_of_certificate
from slt_symbolic.check.polyhedron import Polyhedron
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.rendering.explain import bracket_text, loss_text
from slt_symbolic.storage.files import write_named

MOST_NODES = 400
WIDEST_LABEL = 44


def draw_resolution(certificate: Mapping[str, Any], folder: Path) -> list[Path]:
    """Writes ``newton-polyhedron.svg`` (projections to pairs of variables) and ``tree.svg``; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    root = read_stratum(ring_of_certificate(certificate), certificate["tree"]["stratum"])
    paths = []
    for name, figure in (("newton-polyhedron.svg", _polyhedron(root)), ("tree.svg", _tree(certificate))):
        if figure is not None:
            write_named(folder / name, drawn(figure, "svg").decode())
            paths.append(folder / name)
    return paths


def _polyhedron(s: Stratum) -> Figure | None:
    active = s.active
    if len(active) < 2:
        return None
    pairs = list(combinations(active, 2))[:6]
    figure = Figure(figsize=(4 * min(len(pairs), 3), 4 * (1 + (len(pairs) > 3))))
    for place, pair in enumerate(pairs, 1):
        axes = figure.add_subplot(1 + (len(pairs) > 3), min(len(pairs), 3), place)
        _projection(axes, s, pair, whole=len(active) == 2)
    figure.tight_layout()
    return figure


def _projection(axes: Axes, s: Stratum, pair: tuple[int, int], whole: bool) -> None:
    """The polyhedron in two variables, or its projection to them: vertices, compact edges, the diagonal."""
    points = sorted({(e[pair[0]], e[pair[1]]) for g in s.generators for e in terms(g)})
    top = max(max(p) for p in points) + 1
    faces = Polyhedron.of(points).compact_faces
    for face in faces:
        corners = sorted(face.exponents)
        axes.plot([p[0] for p in corners], [p[1] for p in corners], "k-", linewidth=1.5)
    vertices = sorted(p for face in faces if len(face.exponents) == 1 for p in face.exponents)
    axes.plot([vertices[0][0]] * 2, [vertices[0][1], top], "k-", linewidth=1.5)
    axes.plot([vertices[-1][0], top], [vertices[-1][1]] * 2, "k-", linewidth=1.5)
    outline = [(vertices[0][0], top), *vertices, (top, vertices[-1][1]), (top, top)]
    axes.fill([p[0] for p in outline], [p[1] for p in outline], color="0.9")
    axes.plot([p[0] for p in points], [p[1] for p in points], "o", color="tab:blue")
    axes.plot([0, top], [0, top], "--", color="tab:red", linewidth=1)
    names = s.ring.names()
    axes.set(xlabel=f"exponent of {names[pair[0]]}", ylabel=f"exponent of {names[pair[1]]}", xlim=(0, top),
             ylim=(0, top), title="Newton polyhedron and diagonal" if whole else "projection", aspect="equal")


def _tree(certificate: Mapping[str, Any]) -> Figure:
    """Each node: its step and its bracket; leaves below each other, parents to the left."""
    ring = ring_of_certificate(certificate)
    placed: list[tuple[int, float, str]] = []
    edges: list[tuple[int, int]] = []
    rows = 0.0

    def place(node: Mapping[str, Any], depth: int, label: str = "") -> int:
        nonlocal rows
        number = len(placed)
        loss = loss_text(read_stratum(ring, node["stratum"]))
        text = f"{label}{node['step']}  [{bracket_text(node['bracket'])}]\n{_cut(loss)}"
        placed.append((depth, 0.0, text))
        below = []
        for child in node["children"]:
            if len(placed) < MOST_NODES:
                below.append(place(child, depth + 1))
                edges.append((number, below[-1]))
        if below:
            height = sum(placed[i][1] for i in below) / len(below)
        else:
            height, rows = rows, rows + 1
        placed[number] = (depth, height, text)
        return number

    place(certificate["tree"], 0)
    for number, lemma in enumerate(certificate["lemmas"]):
        if len(placed) < MOST_NODES:
            place(lemma, 0, f"lemma {number}: ")
    deepest = max(depth for depth, _, _ in placed)
    figure = Figure(figsize=(4.5 * (deepest + 1), max(1.5, 0.6 * rows)))
    axes = figure.add_subplot()
    for a, b in edges:
        axes.plot([placed[a][0], placed[b][0]], [-placed[a][1], -placed[b][1]], "-", color="0.7", zorder=1)
    for depth, height, text in placed:
        axes.text(depth, -height, text, fontsize=7, va="center", parse_math=False,
                  bbox={"boxstyle": "round", "facecolor": "white", "edgecolor": "0.6"}, zorder=2)
    axes.set(xlim=(-0.1, deepest + 1), ylim=(-rows, 1))
    axes.axis("off")
    return figure


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST_LABEL else text[: WIDEST_LABEL - 3] + "..."
