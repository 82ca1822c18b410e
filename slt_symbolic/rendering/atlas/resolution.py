"""The resolution of a small germ for a page: the tree of a certificate, with charts, orders, divisors and polyhedra."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from slt_symbolic.check.algebra.ring import Ring
from slt_symbolic.check.core import read_stratum, ring_of_certificate
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.engine import rlct
from slt_symbolic.rendering.atlas.polyhedra import Picture, drawing, picture_of
from slt_symbolic.rendering.explain import bracket_text, chart_words, child_word, face_words, loss_text, step_words

Table = Mapping[str, Any]
MOST_NODES = 40  # what a reader follows on one page
LEAST = ("algebraic", "best", "blowup", "newton", "product", "split")  # steps whose value is the least of several

# Germs of few variables that show what the steps do, each with a word on it.
GERMS = (
    (("x*y",), "two lines that cross: the multiplicity is 2"),
    (("x^2 - y^3",), "the cusp: one face, one divisor"),
    (("(y^2 - x^3)^3 + x^10",), "a degenerate face: the polyhedron gives a bound, and a chart decides"),
    (("x^2 - y^2*z",), "Whitney's umbrella: not isolated"),
    (("x^2 + y^3 + z^5",), "the surface singularity E8"),
    (("x*y", "y*z", "z*x"), "three coordinate axes"),
    (("a*b + c*d", "a*b^3 + c*d^3"), "two units of tanh at zero truth: outputs a, c, inputs b, d"),
)


@dataclass(frozen=True)
class Node:
    """A node of the tree.

    ``place``     what it is called among several children of a step
    ``chart``     the substitution through which it is reached
    ``computes``  whether lambda of the germ is taken from it, alone or with others
    """

    s: Stratum
    table: Table
    place: str
    chart: str
    computes: bool
    children: tuple[Node, ...]

    @property
    def step(self) -> str:
        """The name of its step."""
        return str(self.table["step"])

    @property
    def loss(self) -> str:
        """The loss with its orders and its measure."""
        return loss_text(self.s)

    @property
    def bracket(self) -> str:
        """What is known of lambda."""
        return bracket_text(self.table["bracket"])

    @property
    def words(self) -> list[str]:
        """The step in words."""
        return [step_words(self.s, self.table), *face_words(self.s, self.table)]

    @cached_property
    def picture(self) -> Picture | None:
        """The Newton polyhedron, if it can be drawn truly."""
        return picture_of(self.s)

    @property
    def drawing(self) -> str | None:
        """The picture as SVG."""
        return None if self.picture is None else drawing(self.picture)

    @property
    def attained(self) -> bool:
        """Whether the polyhedron's bound is lambda."""
        lower, upper = self.table["bracket"]
        return self.picture is not None and None not in (lower, upper) and (
            lower[0] == upper[0] == str(self.picture.bound))

    @property
    def chain(self) -> list[Node]:
        """The node, its only child, and so on, to a node with several children or none."""
        return [self, *self.children[0].chain] if len(self.children) == 1 else [self]

    def __iter__(self) -> Iterator[Node]:
        """All nodes from here on, parents first."""
        yield self
        for child in self.children:
            yield from child


@dataclass(frozen=True)
class Resolution:
    """A certificate as trees: the germ's own, and those of its lemmas."""

    title: str
    tree: Node
    lemmas: tuple[Node, ...]

    def __iter__(self) -> Iterator[Node]:
        """All nodes."""
        for tree in (self.tree, *self.lemmas):
            yield from tree

    @property
    def pictures(self) -> int:
        """How many of its nodes have a polyhedron to draw."""
        return sum(node.picture is not None for node in self)


def resolution_of(certificate: Table, title: str) -> Resolution:
    """The trees of a certificate.

    >>> from slt_symbolic import rlct
    >>> resolution = resolution_of(rlct("x^2 - y^3").certificate, "the cusp")
    >>> (resolution.tree.step, resolution.tree.bracket, resolution.tree.attained)
    ('newton', '5/12, m = 1', True)
    """
    ring = ring_of_certificate(certificate)
    lemmas = tuple(_node(ring, node) for node in certificate["lemmas"])
    return Resolution(title, _node(ring, certificate["tree"]), lemmas)


def _node(ring: Ring, table: Table, place: str = "", chart: str = "", computes: bool = True) -> Node:
    s, step, children = read_stratum(ring, table["stratum"]), str(table["step"]), table["children"]
    charts = [text.removeprefix(": ") for text in chart_words(s, table)] or [""] * len(children)
    several = len(children) > 1
    below = tuple(
        _node(ring, child, f"{child_word(step)} {number}" if several else "", charts[number - 1],
              computes and _at_most(child) is not None and (step not in LEAST or _at_most(child) == _at_most(table)))
        for number, child in enumerate(children, 1))
    return Node(s, table, place, chart, computes, below)


def _at_most(table: Table) -> str | None:
    """Lambda at most, of a node; None if its loss does not vanish."""
    upper = table["bracket"][1]
    return None if upper is None else str(upper[0])


def resolution_in(instances: Iterable[Table], folder: Path) -> Resolution | None:
    """Of the certificates of an entry the one to show: few nodes, most of them with a polyhedron; None if none has."""
    found = []
    for instance in instances:
        if instance["certificate"] is not None:
            certificate = json.loads((folder / instance["certificate"]["file"]).read_text())
            if sum(map(_size, (certificate["tree"], *certificate["lemmas"]))) <= MOST_NODES:
                found.append(resolution_of(certificate, format_sizes(instance["sizes"])))
    best = max(found, key=lambda one: (one.pictures, -len(list(one))), default=None)
    return best if best is not None and best.pictures else None


def _size(table: Table) -> int:
    return 1 + sum(map(_size, table["children"]))


def resolutions() -> list[tuple[str, Resolution]]:
    """The germs of the atlas's own page, each with what it shows, decided now."""
    answers = [(generators, words, rlct(generators)) for generators, words in GERMS]
    return [(words, resolution_of(answer.certificate, ", ".join(generators)))
            for generators, words, answer in answers if answer.certificate is not None]
