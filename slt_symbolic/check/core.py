"""The verification of a certificate.

A certificate states a germ (variables, generators, point, whether the loss is the sum of squares or the function
itself) and a bracket for its ``(lambda, m)``, and holds a tree. Each node names a *step* with its data. A step is a
theorem: it derives from the node's stratum the strata of the children, refusing if a hypothesis fails, and gives a
bracket for the node from brackets for the children. Subtrees that occur several times, up to the names of variables,
are lemmas: each states its own stratum and may use those before it. The verifier derives every stratum and every
bracket itself, from the root downwards and back, and compares them with what the node states. Nothing that a
certificate states is believed. FORMAT.md is the contract, certificate.schema.json its shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flint.utils.flint_exceptions import FlintError

from slt_symbolic.check.algebra.grammar import TooLarge, parse
from slt_symbolic.check.algebra.real_roots import require_minimal_polynomial, univariate
from slt_symbolic.check.algebra.ring import Polynomial, Ring, is_member, monic, ring_of, substitute, support
from slt_symbolic.check.algebra.signs import index, place
from slt_symbolic.check.bracket import INFINITE, Bracket, End
from slt_symbolic.check.budget import LARGEST_WORK, Budget, OverBudget, charge, metered
from slt_symbolic.check.germ import Statement, read_germ, require_names, root_stratum, texts_of
from slt_symbolic.check.step import Data, Refused, fields, items, require
from slt_symbolic.check.steps import STEPS
from slt_symbolic.check.steps.common import Outcome
from slt_symbolic.check.stratum import Derived, Stratum, as_stated, canonical

FORMAT = "slt-symbolic certificate 2"
OPTIONAL = ("signs", "irreducible", "chart")
DEEPEST_TREE = 400

Proved = tuple[Stratum, Bracket]
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, IndexError, FlintError)


def verify(certificate: Mapping[str, Any], work: int = LARGEST_WORK) -> Statement:
    """The statement that the certificate proves; raises `Refused` otherwise, `OverBudget` if it costs more ``work``."""
    with metered(Budget(work)):
        try:
            return _verified(certificate)
        except (Refused, OverBudget):
            raise
        except TooLarge as error:
            raise OverBudget(str(error)) from None
        except (RecursionError, MemoryError):
            raise OverBudget("the data are nested too deeply, or too large") from None
        except MALFORMED as error:
            raise Refused(f"malformed: {type(error).__name__}: {str(error)[:200]}") from None


def _verified(certificate: Mapping[str, Any]) -> Statement:
    require(isinstance(certificate, Mapping) and certificate.get("format") == FORMAT, "the format is not {}", FORMAT)
    listed = {key: value for key, value in certificate.items() if key not in ("format", *OPTIONAL)}
    germ, constants, _, nodes, tree = fields(listed, "germ", "constants", "bracket", "lemmas", "tree")
    asked = read_germ(germ)
    signs, chart = list(texts_of(certificate.get("signs", []))), certificate.get("chart")
    require("signs" not in certificate or 0 < len(signs) <= len(asked.variables), "signs are those of some variables")
    name, minimal_polynomials = _constant(constants)
    require_names([*asked.variables, *signs, *name])
    number = asked.point.number
    require((number is not None) == ("irreducible" in certificate), "a number needs its proof, and no other point")
    require("chart" not in certificate or number is not None, "a chart is for a point that is not rational")
    if number is not None:
        number.require_proved(certificate["irreducible"])
    for q in asked.denominators:
        require(asked.point.value_of(q) != 0, "the denominator {} vanishes at the point", q)
    root = root_stratum(asked.variables, asked.generators, asked.point, name, asked.measure, signs, chart)
    verifier = Verifier(root.ring, _proved_minimal(root.ring, name, minimal_polynomials))
    for lemma, node in enumerate(items(nodes, None, "lemmas are a list")):
        stated = verifier.read_stratum(node["stratum"])
        verifier.lemmas.append(verifier.verify(node, stated, f"lemma {lemma}", 0))
    _, proved = verifier.verify(tree, root, "root", 0)
    scaled = scale(proved, 2 if asked.function else 1)
    require(_is_stated(scaled, certificate["bracket"]),
            "root: the tree proves {}, the certificate states {}", bracket_json(scaled), certificate["bracket"])
    return asked.statement(scaled)


def _constant(constants: Any) -> tuple[list[str], list[Any]]:
    """The name of the constant, if there is one, and what is said of its minimal polynomials.

    One constant at most: Q[a, b]/(q1, q2) need not be a field, and what is not 0 in it may vanish at the roots.
    """
    listed = items(constants, None, "constants are a list")
    require(len(listed) <= 1, "more than one algebraic constant")
    if not listed:
        return [], []
    name, polynomials = fields(listed[0], "name", "minimal_polynomials")
    return list(texts_of([name])), items(polynomials, 3, "a minimal polynomial needs a value and a cofactor")


def _proved_minimal(ring: Ring, name: Sequence[str], listed: Sequence[Any]) -> list[Polynomial]:
    found = []
    for text, n, d in listed:
        q = parse(text, ring)
        c = place(ring, name[0])
        require(support(q) == {c}, "a minimal polynomial needs the constant alone; here it is {}", q)
        require_minimal_polynomial(univariate(q, c), n, d)
        found.append(q)
    return found


@dataclass
class Verifier:
    """One verification: the ring, the minimal polynomials that were proved, the lemmas so far, texts that were read."""

    ring: Ring
    minimal_polynomials: Sequence[Polynomial]
    lemmas: list[Proved] = field(default_factory=list)
    texts: dict[str, Polynomial] = field(default_factory=dict)

    def read(self, text: Any) -> Polynomial:
        """The polynomial of a text, read once."""
        require(isinstance(text, str), "{} is no text of a polynomial", text)
        if text not in self.texts:
            self.texts[text] = parse(text, self.ring)
        return self.texts[text]

    def verify(self, node: Mapping[str, Any], derived: Derived, path: str, depth: int) -> Proved:
        """The stratum that the node states, if it is the one derived for it, and the bracket that it proves there."""
        if depth > DEEPEST_TREE:
            raise OverBudget(f"a tree deeper than {DEEPEST_TREE}")
        charge(1)
        name, data, stated, claimed, children = fields(node, "step", "data", "stratum", "bracket", "children")
        require(isinstance(name, str) and (name == "lemma" or name in STEPS), "{}: there is no step {}", path, name)
        where = f"{path}, step {name}"
        try:
            s = as_stated(derived, stated, self.read)
            self._require_known_constant(s)
            require((name == "empty") == s.is_empty, "the stratum has no points, which is step empty" if s.is_empty
                    else "needs a stratum without points; here no unit is 0")
            strata, combine = self._lemma(s, data) if name == "lemma" else STEPS[name](s, data)
        except Refused as error:
            raise Refused(f"{where}: {error}") from None
        except RecursionError:
            raise
        except TooLarge as error:
            raise OverBudget(f"{where}: {error}") from None
        except MALFORMED as error:
            raise Refused(f"{where}: malformed data: {type(error).__name__}: {str(error)[:200]}") from None
        require(isinstance(children, list) and len(children) == len(strata),
                "{}: needs {} children to cover", where, len(strata))
        bracket = combine([self.verify(child, stratum, f"{path}.{i}", depth + 1)[1]
                           for i, (child, stratum) in enumerate(zip(children, strata, strict=True))])
        require(bracket.lower <= bracket.upper, "{}: the lower bound exceeds the upper: {}", where,
                bracket_json(bracket))
        require(_is_stated(bracket, claimed), "{}: proves {}, states {}", where, bracket_json(bracket), claimed)
        return s, bracket

    def _require_known_constant(self, s: Stratum) -> None:
        for q in s.constants.values():
            require(is_member(q, self.minimal_polynomials), "needs a listed minimal polynomial; here it is {}", q)

    def _lemma(self, s: Stratum, data: Data) -> Outcome:
        """A stratum that is, up to names, one treated before. Data: ``number``, ``renaming`` from its names to ours."""
        number, renaming = fields(data, "number", "renaming")
        stated, bracket = self.lemmas[index(number, len(self.lemmas), "lemma")]
        require(isinstance(renaming, Mapping) and set(renaming) == set(s.names), "a renaming needs all variables")
        images = [place(self.ring, renaming[name]) for name in s.names]
        require(sorted(images) == list(range(s.size)), "a renaming needs each variable once")
        require(all(images[j] == j for j in (*stated.constants, *s.constants)), "a renaming moves the constant")
        require(_renamed(stated, images) == _described(s), "lemma {} speaks of another stratum", number)
        return [], lambda _: bracket

    def read_stratum(self, table: Mapping[str, Any]) -> Derived:
        """The stratum that a lemma states."""
        names = list(self.ring.names())

        def vector(key: str) -> tuple[int, ...]:
            require(set(table[key]) <= set(names), "{} names no variable", key)
            values = tuple(table[key].get(n, 0) for n in names)
            require(all(type(e) is int and e >= 0 for e in values), "an order is not an integer >= 0")
            return values

        near = [place(self.ring, name) for name in table["near"]]
        constants = {place(self.ring, name): monic(self.read(text)) for name, text in table["constants"].items()}
        require(len(constants) <= 1, "more than one algebraic constant")
        require(all(support(q) == {c} and c not in near for c, q in constants.items()),
                "a constant needs a polynomial in itself, and is not near 0")
        return Derived(self.ring, tuple(self.read(g) for g in table["generators"]), frozenset(near), vector("orders"),
                       vector("jacobian"), tuple(self.read(u) for u in table["units"]), constants)


def ring_of_certificate(certificate: Mapping[str, Any]) -> Ring:
    """The ring of a certificate: its variables, then its signs, then its constant."""
    constants = [constant["name"] for constant in certificate["constants"]]
    return ring_of([*certificate["germ"]["variables"], *certificate.get("signs", ()), *constants])


def read_stratum(ring: Ring, table: Mapping[str, Any]) -> Stratum:
    """A stratum as a node states it, to be shown: it proves nothing."""
    derived = Verifier(ring, ()).read_stratum(table)
    return canonical(derived, derived.units)


def _described(s: Stratum) -> dict[str, Any]:
    """A stratum without the order and the factors of its polynomials."""
    return {"generators": sorted(str(monic(g)) for g in s.generators), "units": sorted(str(monic(u)) for u in s.units),
            "near": s.near, "flat": s.flat, "orders": s.orders, "jacobian": s.jacobian,
            "constants": {j: str(monic(q)) for j, q in s.constants.items()}}


def _renamed(s: Stratum, images: Sequence[int]) -> dict[str, Any]:
    """The JSON of a stratum with its variables renamed."""
    variables = {j: s.variables[i] for j, i in enumerate(images)}

    def moved(values: Sequence[int]) -> tuple[int, ...]:
        return tuple(value for _, value in sorted(zip(images, values, strict=True)))

    return _described(Stratum(s.ring, tuple(substitute(g, variables) for g in s.generators),
                              frozenset(images[j] for j in s.near), moved(s.orders), moved(s.jacobian),
                              tuple(substitute(u, variables) for u in s.units), s.constants))


def scale(bracket: Bracket, factor: int) -> Bracket:
    """``lambda`` of ``|f|`` is twice that of ``f^2``."""
    def scaled(end: End) -> End:
        return end if end.value is None else End(factor * end.value, end.multiplicity)

    return Bracket(scaled(bracket.lower), scaled(bracket.upper))


def bracket_json(bracket: Bracket) -> list[list[Any] | None]:
    """``[lower, upper]``, each ``["a/b", m]``, or None for infinity."""
    return [None if end == INFINITE else [str(end.value), end.multiplicity]
            for end in (bracket.lower, bracket.upper)]


def _is_stated(bracket: Bracket, claimed: Any) -> bool:
    """Is this the bracket that a node states, its multiplicities integers?"""
    return bool(bracket_json(bracket) == claimed) and all(end is None or type(end[1]) is int for end in claimed)
