"""Small drawings of networks and models, as SVG that takes the colours of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

Point = tuple[int, int]
WIDTH, HEIGHT = 320, 150


def drawing_of(name: str) -> str | None:
    """The drawing for an entry that is called so, or None.

    >>> drawing_of("deep-linear").startswith("<svg")
    True
    >>> drawing_of("no-such-model") is None
    True
    """
    return next((draw() for pattern, draw in _DRAWINGS if re.match(pattern, name)), None)


def _svg(title: str, *parts: str) -> str:
    return (f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
            f"<title>{title}</title>{''.join(parts)}</svg>")


def _line(start: Point, end: Point, kind: str = "") -> str:
    (x, y), (u, v) = start, end
    return f'<line x1="{x}" y1="{y}" x2="{u}" y2="{v}" class="{kind}"/>'


def _node(place: Point, text: str, kind: str = "") -> str:
    x, y = place
    return f'<circle cx="{x}" cy="{y}" r="11" class="{kind}"/>' + _text((x, y + 4), text)


def _text(place: Point, text: str) -> str:
    return f'<text x="{place[0]}" y="{place[1]}" text-anchor="middle">{text}</text>'


def _column(x: int, number: int) -> list[Point]:
    gap = HEIGHT // (number + 1)
    return [(x, gap * (place + 1)) for place in range(number)]


def _network(title: str, widths: Sequence[int], letter: Sequence[str], idle: int = 0) -> str:
    """Layers from left to right, all joined; the last ``idle`` nodes of the middle layer are switched off."""
    step = (WIDTH - 60) // (len(widths) - 1)
    layers = [_column(30 + step * place, width) for place, width in enumerate(widths)]
    off = set(layers[1][len(layers[1]) - idle:])
    edges = [_line(a, b, "idle" if {a, b} & off else "") for left, right in pairwise(layers)
             for a in left for b in right]
    nodes = [_node(place, letter[layer], "idle" if place in off else "") for layer, places in enumerate(layers)
             for place in places]
    return _svg(title, *edges, *nodes)


def _quadratic(title: str, idle: int = 0, outputs: int = 2) -> Callable[[], str]:
    return lambda: _network(title, (3, 4, outputs), ("x", "s²", "f"), idle)


def _two_hot() -> str:
    inputs, units, outputs = _column(30, 4), _column(160, 4), _column(290, 2)
    edges = [_line(a, b) for a in inputs for b in units] + [_line(a, b) for a in units for b in outputs]
    nodes = [_node(place, "a" if index < 2 else "b") for index, place in enumerate(inputs)]
    return _svg("Two-hot inputs a and b, quadratic units, outputs for a + b", *edges, *nodes,
                *(_node(place, "s²") for place in units), *(_node(place, "c") for place in outputs))


def _latent(title: str, latent: Sequence[str], observed: Sequence[str]) -> str:
    above = [(WIDTH * (i + 1) // (len(latent) + 1), 35) for i in range(len(latent))]
    below = [(WIDTH * (i + 1) // (len(observed) + 1), 115) for i in range(len(observed))]
    return _svg(title, *(_line(a, b) for a in above for b in below),
                *(_node(place, text, "latent") for place, text in zip(above, latent, strict=True)),
                *(_node(place, text) for place, text in zip(below, observed, strict=True)))


def _humps() -> str:
    def bell(centre: int, half: int, height: int) -> str:
        top, foot = 120 - height, 120
        return (f'<path d="M{centre - half} {foot} C{centre - half // 2} {foot} {centre - half // 2} {top} {centre} '
                f'{top} S{centre + half // 2} {foot} {centre + half} {foot}"/>')

    return _svg("A mixture of components", bell(110, 90, 70), bell(200, 90, 95), _line((15, 120), (305, 120)))


def _arrangement() -> str:
    ends = [((40, 15), (280, 135)), ((40, 135), (280, 15)), ((160, 5), (160, 145)), ((20, 75), (300, 75))]
    return _svg("Hyperplanes through the origin", *(_line(a, b) for a, b in ends), _node((160, 75), "0"))


def _matrices(title: str, boxes: Sequence[tuple[str, int, int]]) -> str:
    """Boxes of given widths and heights, side by side."""
    parts, x = [], 30
    for text, width, height in boxes:
        top = HEIGHT // 2 - height // 2
        parts.append(f'<rect x="{x}" y="{top}" width="{width}" height="{height}"/>'
                     + _text((x + width // 2, HEIGHT // 2 + 4), text))
        x += width + 14
    return _svg(title, *parts)


def _attention() -> str:
    tokens = [(40 + 60 * place, 120) for place in range(5)]
    return _svg("One head reads all tokens from the last one", *(_line(token, (160, 35), "") for token in tokens),
                *(_node(token, "t") for token in tokens), _node((160, 35), "σ"))


def _linear(*widths: int) -> Callable[[], str]:
    return lambda: _network("A linear network", widths, ["x", *["h"] * (len(widths) - 2), "y"])


_DRAWINGS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("quadratic-(dead|padded)", _quadratic("A quadratic network with a unit switched off", 1)),
    ("quadratic-single", _quadratic("A quadratic network with one output", outputs=1)),
    ("quadratic-|cullen-2026-(cor-4|thm)", _quadratic("A network with quadratic units")),
    ("modular-addition-|cullen-2026-cor-5", _two_hot),
    ("reduced-rank", _linear(4, 2, 3)),
    ("deep-linear", _linear(3, 2, 3, 2)),
    ("symmetric-", lambda: _matrices("W times its transpose", (("W", 50, 110), ("Wᵀ", 110, 50)))),
    ("stochastic-", lambda: _matrices("A stochastic matrix as a product", (("A", 50, 110), ("B", 150, 50)))),
    ("linear-convolution", lambda: _matrices("Two filters", (("a", 90, 26), ("∗", 20, 26), ("b", 120, 26)))),
    ("tanh-", lambda: _network("One input, tanh units, one output", (1, 4, 1), ("x", "tanh", "y"))),
    (".*-attention", _attention),
    (".*-mixture$", _humps),
    ("naive-bayes", lambda: _latent("One hidden class, features", ("h",), ("x₁", "x₂", "x₃", "x₄"))),
    ("factor-analysis", lambda: _latent("Factors above observed variables", ("f₁", "f₂"), ("x₁", "x₂", "x₃", "x₄"))),
    ("latent-", lambda: _latent("A hidden variable, leaves", ("h",), ("1", "2", "3"))),
    ("hyperplane-", _arrangement),
)
