"""A certificate as text that a mathematician can follow by hand.

Each node is printed with its loss, in the words of its step: centres, charts with their coordinates, exceptional
equations, the divisor that computes a threshold. Nothing is computed that the certificate does not hold, but for the
optimal weights of linear programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.ring import Ring
from slt_symbolic.check.core import read_stratum, ring_of_certificate
from slt_symbolic.check.steps.charts import blowup_images, torus_images
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.optimum import preferred_weights

Table = Mapping[str, Any]

WORDS = {
    "algebraic": "{variable} is a root {constant} of {polynomial}, then {variable} := {variable} - {constant}, or not",
    "arrangement": "products of linear forms: monomials along each chain of flats of their hyperplanes",
    "best": "several arguments, of which the best bounds count",
    "blowup": "weighted blow-up of the origin in {weights}",
    "change": "new coordinate {variable} := {coordinate}",
    "closure": "drop what is in the integral closure of the monomial generators",
    "combine": "subtract multiples of generators from each other",
    "composite": "new coordinate {variable} := {inner}",
    "contract": "scaling with weights {weights} moves free variables to 0, where (lambda, m) is least",
    "coordinates": "generators {generators} are coordinates where they vanish together, from here on {names}",
    "definite": "{factor} has no real zeros off the coordinate hyperplanes: its vertex monomials take its place",
    "diagonal": "rotations of rows and columns: only singular values of {matrix} matter, called by the diagonal",
    "dominate": "a combination of products of two generators has no real zeros off the coordinate hyperplanes: square "
                "roots of its vertex monomials are at most as large as the generators, and join them",
    "eliminate": "generator {generator} is a coordinate in place of {variable}: it adds 1/2; the others where it is 0",
    "empty": "no points",
    "flow": "fields that keep the ideal move across {names} = 0: what matters is there",
    "hessian": "derivatives of the generator have no common zero with it: where it vanishes it is a coordinate, of a "
               "rank of two or more, or a fold",
    "initial": "initial monomials bound the complex threshold from below",
    "lemma": "the same as lemma {number} up to names {renaming}",
    "nearby": "the germ at {point}, on an orbit that tends to the point, has no smaller (lambda, m)",
    "newton": "Newton polyhedron",
    "order": "bounds by the degree and by the monomials",
    "orthogonal": "scalar products of rows {rows}: at zeros they are orthogonal, blown up one after the other",
    "polar": "{block} enter through their radius, called by the first name",
    "power": "power {exponent} of {base}: lambda of the base, divided by it",
    "product": "a product in separate variables: the least (lambda, m), multiplicities of ties add",
    "rank": "the Jacobian at the point",
    "regular": "zeros along a curve to the point where the generators are coordinates: at most half their number",
    "remainder": "take remainders of generators divided by others",
    "rotate": "rotations leave the loss comparable: only the radius of {block} matters, called by the first name",
    "sign": "the generator takes both signs near the point: zeros of codimension one",
    "span": "linear combinations of the generators",
    "split": "{variable} is 0 or not",
    "squares": "a sum of squares: their terms as generators, lambda of these, divided by 2",
    "subset": "only generators {keep}: a lower bound",
    "sum": "a sum in separate variables: lambda adds",
    "total": "the sum of squares as one function: lambda of it, times 2",
    "units": "divide by factors without zeros",
    "vandermonde": "sums of powers of {units} with weights of their own: minors of a Vandermonde matrix",
    "zero": "the loss is identically zero: lambda = 0",
}


def explanation(certificate: Table) -> str:
    """The tree of a certificate in words, lemmas first.

    >>> from slt_symbolic import rlct
    >>> print(explanation(rlct("x^2 - y^3").certificate))
    K = (y^3 - x^2)^2   [5/12, m = 1]
      Newton polyhedron: weights x:3 y:2, the divisor of order 6 and Jacobian order 4, lambda = 5/12
        face x^2, y^3: the forms of the factors cross normally; real zeros of y^3 - x^2
    """
    ring = ring_of_certificate(certificate)
    lines: list[str] = []
    for number, node in enumerate(certificate["lemmas"]):
        lines.append(f"Lemma {number}")
        lines.extend("  " + line for line in _node(ring, node))
    lines.extend(_node(ring, certificate["tree"]))
    return "\n".join(lines)


def _node(ring: Ring, node: Table) -> Iterator[str]:
    s = read_stratum(ring, node["stratum"])
    yield f"{loss_text(s)}   [{bracket_text(node['bracket'])}]"
    yield f"  {step_words(s, node)}"
    yield from (f"    {line}" for line in face_words(s, node))
    children = node["children"]
    charts = chart_words(s, node)
    for i, child in enumerate(children):
        if len(children) > 1 or charts:
            yield f"  {child_word(node['step'])} {i + 1} of {len(children)}{charts[i] if charts else ''}"
        indent = "    " if len(children) > 1 or charts else "  "
        yield from (indent + line for line in _node(ring, child))


def step_words(s: Stratum, node: Table) -> str:
    """The step of a node in words, with the divisor that computes what it decides."""
    data = {key: _value(value) for key, value in node["data"].items()}
    if node["step"] == "change":
        x = s.variables[list(s.ring.names()).index(data["variable"])]
        data["coordinate"] = str(parse(data["unit"], s.ring) * x + parse(data["shift"], s.ring))
    return WORDS[node["step"]].format_map(data) + _detail(s, node)


def face_words(s: Stratum, node: Table) -> list[str]:
    """The compact faces of a Newton polyhedron, each with its argument; none for other steps."""
    if node["step"] != "newton":
        return []
    return [f"face {_face(s, face['exponents'])}: {_argument(face)}" for face in node["data"]["faces"]]


def loss_text(s: Stratum) -> str:
    """The loss of a stratum in one line, with its measure and what is known about its variables.

    >>> from slt_symbolic.check.germ import germ_polynomials, root_stratum
    >>> from slt_symbolic.check.point import Point
    >>> from slt_symbolic.check.stratum import canonical
    >>> names = ["x", "y"]
    >>> root = root_stratum(names, germ_polynomials(names, ["x^2*y", "x*y^2"]), Point((Fraction(0),) * 2))
    >>> loss_text(canonical(root, []))
    'K = x^2*y^2*[(x)^2 + (y)^2]'
    """
    names = s.ring.names()
    powers = "*".join(f"{names[j]}^{2 * k}" for j, k in enumerate(s.orders) if k)
    squares = " + ".join(f"({g})^2" for g in s.generators) or "0"
    text = f"K = {powers}*[{squares}]" if powers else f"K = {squares}"
    measure = "*".join(f"|{names[j]}|^{h}" if h > 1 else f"|{names[j]}|" for j, h in enumerate(s.jacobian) if h)
    notes = [f"measure {measure}"] if measure else []
    free = [names[j] for j in s.free]
    notes += [f"{', '.join(free)} free"] if free else []
    notes += [f"{', '.join(str(u) for u in s.units)} != 0"] if s.units else []
    notes += [f"{names[j]} a root of {q}" for j, q in s.constants.items()]
    return "; ".join([text, *notes])


def bracket_text(bracket: Any) -> str:
    """``[lower, upper]`` of a certificate in words."""
    lower, upper = bracket
    if lower is None:
        return "does not vanish"
    if lower == upper:
        return f"{lower[0]}, m = {lower[1]}"
    if upper is None:
        return f"lambda >= {lower[0]}"
    if lower[0] == upper[0]:
        return f"{lower[0]}, m from {upper[1]} to {lower[1]}"
    return f"{lower[0]} <= lambda <= {upper[0]}"


def computing_divisor(s: Stratum) -> tuple[dict[str, int], int, int] | None:
    """Integer weights at which the linear program of a stratum is optimal: the divisor that computes the threshold.

    The weights by name, the order of ``K^(1/2)`` along the divisor, and its Jacobian order; None if the loss does not
    vanish there.
    """
    if not s.generators or not any(weights := preferred_weights(s)):
        return None
    order = min(sum(weights[j] * e for j, e in zip(s.ridges, exponent, strict=True)) for exponent in s.monomials)
    jacobian = sum(w * (h + 1) for w, h in zip(weights, s.jacobian, strict=True)) - 1
    return {name: w for name, w in zip(s.ring.names(), weights, strict=True) if w}, order, jacobian


def _detail(s: Stratum, node: Table) -> str:
    if node["step"] not in ("newton", "order"):
        return ""
    divisor = computing_divisor(s)
    if divisor is None:
        return ": the loss does not vanish"
    weights, order, jacobian = divisor
    return (f": weights {_value(weights)}, the divisor of order {order} and Jacobian order {jacobian}, "
            f"lambda = {Fraction(jacobian + 1, 2 * order)}")


def chart_words(s: Stratum, node: Table) -> list[str]:
    """The substitutions of the charts of a node, in the order of its children; none for steps without charts."""
    if node["step"] == "blowup":
        return list(_blowup_charts(s, node["data"]["weights"]))
    if node["step"] != "newton":
        return []
    charted = [frozenset(map(tuple, face["exponents"])) for face in node["data"]["faces"]
               if face["argument"] == "charts"]
    faces = {face.exponents: face for face in s.polyhedron.compact_faces} if charted else {}
    found = []
    for exponents in charted:
        for rays in s.polyhedron.cones(faces[exponents]):
            pivots, substitutions = torus_images(s, rays, s.active)
            found += [_substitution(s, images, pivots) for images in substitutions]
    return found


def _blowup_charts(s: Stratum, pairs: list[tuple[str, int]]) -> Iterator[str]:
    names = list(s.ring.names())
    weights = [dict(pairs).get(name, 0) for name in names]
    centre = [names.index(name) for name, _ in pairs]
    for place, pivot in enumerate(centre):
        ordered = sum(1 for j in centre[place + 1 :] if s.orders[j] or s.jacobian[j])
        for sign in (1, -1) if weights[pivot] % 2 == 0 else (1,):
            yield from [_substitution(s, blowup_images(s, weights, pivot, sign), [pivot])] * 2**ordered


def _substitution(s: Stratum, images: Mapping[int, Any], pivots: list[int]) -> str:
    names = s.ring.names()
    moved = ", ".join(f"{names[j]} = {image}" for j, image in sorted(images.items()) if str(image) != names[j])
    return f": {moved}; exceptional {'*'.join(names[j] for j in pivots)} = 0"


def _face(s: Stratum, exponents: list[list[int]]) -> str:
    names = [s.ring.names()[j] for j in s.active]
    return ", ".join("*".join(f"{n}^{e}" if e > 1 else n for n, e in zip(names, exponent, strict=True) if e) or "1"
                     for exponent in sorted(exponents, reverse=True))


def _argument(face: Table) -> str:
    if face["argument"] == "smooth":
        return f"{face['rank']} of the forms have independent gradients at common zeros"
    if face["argument"] == "crossing":
        seen = ", ".join(face["factors"][i][0] for i, *_ in face["zeros"])
        return "the forms of the factors cross normally" + (f"; real zeros of {seen}" if seen else "")
    return {"empty": "no common zero", "charts": "charts"}[face["argument"]]


def child_word(step: str) -> str:
    """What the children of a step are called where there may be several."""
    return {"blowup": "chart", "newton": "chart", "split": "case", "algebraic": "case", "sum": "summand",
            "product": "factor", "best": "argument"}[step]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}:{entry}" for key, entry in value.items() if key != entry)
    if isinstance(value, list):
        return ", ".join(":".join(str(x) for x in entry) if isinstance(entry, list) else str(entry) for entry in value)
    return str(value)
