"""The verification of a certificate.

A certificate states a germ (variables, generators, point, whether the loss is the sum of squares or the function
itself) and a bracket for its pair, and holds a tree. Each node names a *step* with its data. A step is a theorem: it
derives from the node's stratum the strata of the children, refusing if a hypothesis fails, and gives a bracket for
the node from brackets for the children. Subtrees that occur several times, up to the names of variables, are
lemmas: each states its own stratum and may use those before it. The verifier derives every stratum and every bracket
itself, from the root downwards and back, and compares them with what the node states. Nothing that a certificate
states is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from slt_symbolic.check.pairs import INFINITE, Bracket, Pair
from slt_symbolic.check.ring import Polynomial, Ring, ring_of, substitute, terms
from slt_symbolic.check.step import Combine, Data, Refused, fields, position, require
from slt_symbolic.check.steps import STEPS
from slt_symbolic.check.steps.algebraic import require_minimal_polynomial
from slt_symbolic.check.stratum import Stratum, stratum
from slt_symbolic.grammar import is_identifier, parse, rational

FORMAT = "slt-symbolic certificate 1"
Lemma = tuple[Stratum, Bracket]


@dataclass(frozen=True)
class Statement:
    """What an accepted certificate says: ``lower <= (lambda, m) <= upper`` for this germ.

    Of a function f it speaks of ``|f|``; it never says that f takes no negative values.
    """

    variables: tuple[str, ...]
    generators: tuple[str, ...]
    point: tuple[Fraction, ...]
    function: bool
    bracket: Bracket

    def germ_text(self) -> str:
        """The germ in one line."""
        loss = "|f| for f = " if self.function else "sum of squares of "
        point = ", ".join(f"{name} = {value}" for name, value in zip(self.variables, self.point, strict=True))
        return f"K = {loss}{', '.join(self.generators)} at {point}"


def root_stratum(variables: Sequence[str], generators: Sequence[str], point: Sequence[Fraction],
                 constants: Sequence[str] = ()) -> Stratum:
    """The germ translated to the origin, all variables near 0; ``constants`` are flat variables for later use.

    >>> root_stratum(["x"], ["x^2 - 1"], [Fraction(1)]).to_json()["generators"]
    ['x + 2']
    """
    ring = ring_of([*variables, *constants])
    shift = {j: x + ring.constant(value.numerator) / value.denominator
             for j, (x, value) in enumerate(zip(ring.gens(), point, strict=False)) if value}
    translated = [substitute(g, shift) for g in germ_polynomials(variables, generators, ring)]
    zero = [0] * (len(variables) + len(constants))
    for text, g in zip(generators, translated, strict=True):
        require(g(*zero) == 0, f"generator {text} does not vanish at the point")
    return stratum(ring, translated, range(len(zero)), zero, zero, [])


def germ_polynomials(variables: Sequence[str], generators: Sequence[str], ring: Ring) -> list[Polynomial]:
    """The generators, read in the ring of their own variables: a name that the germ does not declare is refused."""
    own = ring_of(variables)
    tables = [terms(parse(text, own)) for text in generators]
    rest = (0,) * (len(ring.names()) - len(variables))
    return [ring.from_dict({(*exponent, *rest): c for exponent, c in table.items()}) for table in tables]


def verify(certificate: Mapping[str, Any]) -> Statement:
    """The statement that the certificate proves; raises `Refused` otherwise."""
    try:
        require(certificate.get("format") == FORMAT, f"format is not {FORMAT!r}")
        germ = certificate["germ"]
        variables, generators = _texts(germ["variables"]), _texts(germ["generators"])
        constants = _texts(certificate["constants"])
        # Polynomials are compared by their text, so that a variable must not look like one.
        require(all(is_identifier(name) for name in (*variables, *constants)), "a variable is no identifier")
        require(len({*variables, *constants}) == len(variables) + len(constants), "a variable is named twice")
        # Q[a, b]/(q1, q2) need not be a field: what is not 0 in it may vanish at the roots.
        require(len(constants) <= 1, "more than one algebraic constant")
        point = tuple(rational(value) for value in _texts(germ["point"]))
        function = germ["function"]
        require(isinstance(function, bool) and (not function or len(generators) == 1), "a function has one generator")
        _only(certificate, {"format", "germ", "constants", "bracket", "lemmas", "tree"})
        _only(germ, {"variables", "generators", "point", "function"})
        require(len(point) == len(variables), "the point has a coordinate for each variable")
        root = root_stratum(variables, generators, point, constants)
        lemmas: list[Lemma] = []
        for number, node in enumerate(certificate["lemmas"]):
            claimed = read_stratum(root.ring, node["stratum"])
            lemmas.append((claimed, verify_node(node, claimed, f"lemma {number}", lemmas)))
        bracket = verify_node(certificate["tree"], root, "root", lemmas)
    except Refused:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, IndexError, RecursionError) as error:
        raise Refused(f"malformed: {type(error).__name__}: {error}") from None
    scaled = scale(bracket, 2 if function else 1)
    require(_same(bracket_json(scaled), certificate["bracket"]),
            f"root: the tree proves {bracket_json(scaled)}, the certificate states {certificate['bracket']}")
    own = ring_of(variables)
    return Statement(variables, tuple(str(parse(text, own)) for text in generators), point, function, scaled)


def verify_node(node: Mapping[str, Any], derived: Stratum, path: str, lemmas: Sequence[Lemma]) -> Bracket:
    """The bracket that the node proves for the stratum derived for it; ``lemmas`` are proved already."""
    name = node.get("step")
    where = f"{path}, step {name}"
    require(isinstance(name, str) and (name == "lemma" or name in STEPS), f"{where}: no such step")
    require(set(node) == {"step", "data", "stratum", "bracket", "children"}, f"{where}: missing or unknown keys")
    require(_same(node["stratum"], derived.to_json()), f"{where}: states a stratum other than the one derived")
    require(name == "empty" or not derived.is_empty, f"{where}: the stratum has no points, which is step empty")
    try:
        if name == "lemma":
            strata, combine = _lemma(derived, node["data"], lemmas)
        else:
            strata, combine = STEPS[str(name)](derived, node["data"])
    except Refused as error:
        raise Refused(f"{where}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, IndexError) as error:
        raise Refused(f"{where}: malformed data: {type(error).__name__}: {error}") from None
    children = node["children"]
    require(len(children) == len(strata), f"{where}: {len(children)} children where {len(strata)} are needed to cover")
    bracket = combine([verify_node(child, s, f"{path}.{i}", lemmas)
                       for i, (child, s) in enumerate(zip(children, strata, strict=True))])
    require(bracket.lower <= bracket.upper, f"{where}: the lower bound {bracket_json(bracket)[0]} exceeds the upper")
    require(_same(bracket_json(bracket), node["bracket"]),
            f"{where}: proves {bracket_json(bracket)}, states {node['bracket']}")
    return bracket


def _lemma(s: Stratum, data: Data, lemmas: Sequence[Lemma]) -> tuple[list[Stratum], Combine]:
    """A stratum that is, up to names, one treated before. Data: ``number``, ``renaming`` from its names to ours."""
    number, renaming = fields(data, "number", "renaming")
    require(type(number) is int and 0 <= number < len(lemmas), f"no lemma {number} comes before")
    stated, bracket = lemmas[number]
    images = [position(s, renaming[name]) for name in s.ring.names()]
    require(sorted(images) == list(range(s.size)), "the renaming is no permutation")
    require(all(images[j] == j for j in range(s.size) if j in stated.constants or j in s.constants),
            "the renaming moves a constant")
    variables = {j: s.variables[i] for j, i in enumerate(images)}

    def moved(values: Sequence[int]) -> list[int]:
        return [value for _, value in sorted(zip(images, values, strict=True))]

    renamed = stratum(s.ring, [substitute(g, variables) for g in stated.generators], [images[j] for j in stated.near],
                      moved(stated.orders), moved(stated.jacobian), [substitute(u, variables) for u in stated.units],
                      stated.constants)
    require(_unordered(renamed) == _unordered(s), f"lemma {number} speaks of another stratum")
    return [], lambda _: bracket


def _unordered(s: Stratum) -> dict[str, Any]:
    table = s.to_json()
    return {**table, "generators": sorted(table["generators"])}


def read_stratum(ring: Ring, table: Mapping[str, Any]) -> Stratum:
    """The stratum that a lemma states."""
    names = list(ring.names())

    def vector(name: str) -> list[int]:
        require(set(table[name]) <= set(names), f"{name} names no variable")
        return [table[name].get(n, 0) for n in names]

    _only(table, {"generators", "near", "orders", "jacobian", "units", "constants"})
    orders, jacobian = vector("orders"), vector("jacobian")
    require(all(type(e) is int and e >= 0 for e in (*orders, *jacobian)), "an order is not an integer >= 0")
    return stratum(ring, [parse(g, ring) for g in table["generators"]], [names.index(n) for n in table["near"]],
                   orders, jacobian, [parse(u, ring) for u in table["units"]], read_constants(ring, table["constants"]))


def read_constants(ring: Ring, table: Mapping[str, str]) -> dict[int, Polynomial]:
    """The constants that a lemma states: irreducible polynomials in one variable with a real root."""
    found = {}
    for name, text in table.items():
        j = list(ring.names()).index(name)
        found[j] = parse(text, ring)
        require_minimal_polynomial(found[j], j)
    return found


def scale(bracket: Bracket, factor: int) -> Bracket:
    """``lambda`` of ``|f|`` is twice that of ``f^2``."""
    def scaled(pair: Pair) -> Pair:
        return pair if pair.value is None else Pair(factor * pair.value, pair.multiplicity)

    return Bracket(scaled(bracket.lower), scaled(bracket.upper))


def bracket_json(bracket: Bracket) -> list[list[Any] | None]:
    """``[lower, upper]``, each ``["a/b", m]``, or None for infinity."""
    return [None if pair == INFINITE else [str(pair.value), pair.multiplicity]
            for pair in (bracket.lower, bracket.upper)]


def _same(first: Any, second: Any) -> bool:
    """Are two pieces of plain data equal, and of equal types? In Python ``True == 1 == 1.0``."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(value, second[key]) for key, value in first.items())
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_same, first, second))
    return type(first) is type(second) and bool(first == second)


def _texts(values: Any) -> tuple[str, ...]:
    require(isinstance(values, list) and all(isinstance(v, str) for v in values), "a list of texts is missing")
    return tuple(values)


def _only(table: Mapping[str, Any], names: set[str]) -> None:
    require(set(table) == names, f"missing or unknown keys: {sorted(set(table) ^ names)}")
