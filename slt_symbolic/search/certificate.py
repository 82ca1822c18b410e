"""A tree as a certificate: plain data, subtrees that occur several times as lemmas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flint import fmpq_poly

from slt_symbolic.check.algebra.real_roots import univariate
from slt_symbolic.check.core import FORMAT, bracket_json, scale
from slt_symbolic.check.step import Refused
from slt_symbolic.search.proofs.irreducible import irreducible
from slt_symbolic.search.tree import Node


def certificate(germ: Mapping[str, Any], tree: Node, constants: Sequence[str],
                signs: Sequence[str] = ()) -> dict[str, Any]:
    """The certificate of a germ, as `slt_symbolic.check.core.verify` reads it."""
    numbers: dict[int, int] = {}
    lemmas: list[dict[str, Any]] = []
    shared = _shared(tree)

    def table(node: Node, lift: bool = True) -> dict[str, Any]:
        if node.step == "lemma":
            original = node.data["of"]
            if id(original) not in numbers:
                lemmas.append(table(original, lift=False))
                numbers[id(original)] = len(lemmas) - 1
            data: dict[str, Any] = {"number": numbers[id(original)], "renaming": node.data["renaming"]}
            children: list[dict[str, Any]] = []
        elif lift and id(node) in shared:
            names = node.stratum.ring.names()
            same = Node(node.stratum, "lemma", {"of": node, "renaming": dict(zip(names, names, strict=True))}, (),
                        node.bracket)
            return table(same)
        else:
            data, children = dict(node.data), [table(child) for child in node.children]
        return {"step": node.step, "data": data, "stratum": node.stratum.to_json(),
                "bracket": bracket_json(node.bracket), "children": children}

    body = table(tree)
    return {"format": FORMAT, "germ": dict(germ), **({"signs": list(signs)} if signs else {}),
            "constants": [{"name": name, "minimal_polynomials": _minimal_polynomials(tree)} for name in constants],
            "bracket": bracket_json(scale(tree.bracket, 2 if germ["function"] else 1)),
            "lemmas": lemmas, "tree": body}


def proves_irreducible(q: fmpq_poly) -> list[int] | None:
    """What shows the checker that a polynomial is irreducible; None if it is not found."""
    try:
        return irreducible(q)
    except Refused:
        return None


def _minimal_polynomials(tree: Node) -> list[list[Any]]:
    """The minimal polynomials of the constants in the tree, each with what shows that it is irreducible."""
    found: dict[str, list[Any]] = {}
    seen: set[int] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            for j, q in node.stratum.constants.items():
                found[str(q)] = [str(q), *irreducible(univariate(q, j))]
            stack.extend([node.data["of"]] if node.step == "lemma" else node.children)
    return [found[text] for text in sorted(found)]


def _shared(tree: Node) -> set[int]:
    """The nodes that lemma steps refer to."""
    found: set[int] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if node.step == "lemma":
            original = node.data["of"]
            if id(original) not in found:
                found.add(id(original))
                stack.append(original)
        stack.extend(node.children)
    return found
