"""The checker: independent of the search, and certificates that are tampered with are refused."""

import ast
import copy
import json
from fractions import Fraction
from unittest.mock import patch

import pytest

from slt_symbolic.check import core
from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.step import Refused
from slt_symbolic.check.stratum import NO_CONSTANTS, Derived, canonical
from tests import ROOT
from tests.check.certificates import CERTIFICATES, GERMS
from tests.check.mutants import nodes
from tests.check.tables import REMOVED, Accepted, Denied, bracket, certificate, denies, edited, node, rows, table


@pytest.mark.parametrize("name", GERMS)
def test_certificates_survive_json(name):
    again = json.loads(json.dumps(CERTIFICATES[name]))
    statement = verify(again)
    ring = ring_of(statement.variables)
    assert list(statement.generators) == [str(parse(text, ring)) for text in GERMS[name]]
    assert core.bracket_json(statement.bracket) == again["bracket"]


def _shift_order(node):
    node["stratum"]["orders"] = {k: v + 1 for k, v in node["stratum"]["orders"].items()}


def _shift_jacobian(node):
    node["stratum"]["jacobian"] = {k: v + 1 for k, v in node["stratum"]["jacobian"].items()}


def _drop_child(node):
    node["children"] = node["children"][:-1]


def _flip_sign(node):
    node["stratum"]["generators"] = [_flipped(g) for g in node["stratum"]["generators"]]


def _flipped(text):
    return text.replace(" + ", " @ ").replace(" - ", " + ").replace(" @ ", " - ")


def _change_coefficient(node):
    node["stratum"]["generators"] = [g if g == "1" else f"({g})^2" if " " not in g else g + " + " + g.split(" ")[0]
                                     for g in node["stratum"]["generators"]]


def _forget_unit(node):
    node["stratum"]["units"] = node["stratum"]["units"][1:]


def _improve_lower(node):
    if node["bracket"][0] is not None:
        node["bracket"] = [[str(Fraction(node["bracket"][0][0]) + 1), 1], node["bracket"][1]]


def _change_coordinate(node):
    if node["step"] == "change":
        node["data"]["shift"] = f"{node['data']['shift']} + {node['data']['variable']}^0"


def _change_weight(node):
    if node["step"] == "contract":
        node["data"]["weights"] = {name: w + 1 for name, w in list(node["data"]["weights"].items())[:1]}
    if node["step"] == "blowup":
        node["data"]["weights"][0][1] += 1


def _forget_chart(node):
    if node["step"] == "newton":
        node["data"]["faces"] = [f for f in node["data"]["faces"] if f["argument"] != "charts"]


def _swap_step(node):
    node["step"] = "empty" if node["step"] != "empty" else "zero"


TAMPERINGS = [_shift_order, _shift_jacobian, _drop_child, _flip_sign, _change_coefficient, _forget_unit,
              _improve_lower, _change_coordinate, _change_weight, _forget_chart, _swap_step]


def _places_that_change(certificate, tamper):
    """Some nodes that the tampering changes."""
    forged = copy.deepcopy(certificate)
    found = []
    for number, (before, after) in enumerate(zip(nodes(certificate), list(nodes(forged)), strict=True)):
        tamper(after)
        if {k: v for k, v in after.items() if k != "children"} != {k: v for k, v in before.items() if k != "children"} \
                or len(after["children"]) != len(before["children"]):
            found.append(number)
    return found[:8]


@pytest.mark.parametrize("tamper", [
    pytest.param(f, id=f.__name__.strip("_"), marks=[pytest.mark.long] * (number % 2))
    for number, f in enumerate(TAMPERINGS)])
def test_tampering_with_any_node_is_refused_and_the_step_is_named(tamper):
    tried = 0
    for genuine in (CERTIFICATES[name] for name in GERMS):
        for number in _places_that_change(genuine, tamper):
            forged = copy.deepcopy(genuine)
            tamper(list(nodes(forged))[number])
            tried += 1
            with pytest.raises(Refused, match=r"(root|lemma \d+)[.0-9]*, step|(root|lemma \d+)[.0-9]*: "):
                verify(forged)
    assert tried >= 3


@pytest.mark.parametrize("number", [1.0, True])
def test_numbers_are_integers_and_nothing_equal_to_them(number):
    forged = copy.deepcopy(CERTIFICATES["shibuta"])
    assert forged["bracket"][0][1] == 1
    forged["bracket"][0][1] = number
    with pytest.raises(Refused):
        verify(forged)


def test_a_certificate_of_another_germ_does_not_pass():
    forged = copy.deepcopy(CERTIFICATES["shibuta"])
    forged["germ"]["generators"] = ["x^2-y*z", "x*z"]
    with pytest.raises(Refused, match="root, step"):
        verify(forged)
    forged = copy.deepcopy(CERTIFICATES["shibuta"])
    forged["germ"]["function"] = True
    with pytest.raises(Refused):
        verify(forged)


@pytest.mark.parametrize("damage", [
    lambda c: c.pop("tree"), lambda c: c.update(format="other"), lambda c: c.update(tree=None),
    lambda c: c["germ"].update(point=["0"]), lambda c: c["germ"].update(variables=["x", "x", "z"]),
    lambda c: c["tree"].update(data=[]), lambda c: c["tree"].update(children=None), lambda c: c.update(extra=1),
    lambda c: c["tree"].update(step="lemma", data={"number": 0, "renaming": {}}),
    lambda c: c["tree"].update(step="best", data={"arguments": 0}, children=[]),
    lambda c: c["tree"].update(step="sum", data={"groups": []}, children=[]),
    lambda c: c["tree"].update(step="product", data={"factors": []}, children=[]),
])
def test_malformed_certificates_are_refused(damage):
    forged = copy.deepcopy(CERTIFICATES["shibuta"])
    damage(forged)
    with pytest.raises(Refused):
        verify(forged)


def test_a_stratum_without_points_proves_nothing():
    """A split on a unit leaves no points; no step but `empty` may speak about them (it would be true of any value)."""
    ring = ring_of(["x", "z"])
    x, _ = ring.gens()
    derived = Derived(ring, (x + 1,), frozenset({0, 1}), (0, 4), (0, 3), (x,), NO_CONSTANTS)
    assert derived.is_empty
    s = canonical(derived, [ring.constant(0)])
    for step in ("product", "units", "zero"):
        node = {"step": step, "data": {"factors": []}, "stratum": s.to_json(), "bracket": [None, None], "children": []}
        with pytest.raises(Refused, match="no points"):
            core.Verifier(ring, ()).verify(node, derived, "root", 0)


def test_a_variable_must_not_look_like_a_polynomial():
    forged = copy.deepcopy(CERTIFICATES["shibuta"])
    forged["germ"].update(variables=["x", "y", "z", "x - y"], point=["0", "0", "0", "0"])
    with pytest.raises(Refused, match="identifier"):
        verify(forged)


def test_deep_and_huge_certificates_are_refused_not_crashes():
    node = copy.deepcopy(CERTIFICATES["definite"]["tree"])
    for _ in range(3000):
        node = {"step": "best", "data": {"arguments": 1}, "stratum": node["stratum"], "bracket": node["bracket"],
                "children": [node]}
    with pytest.raises(OverBudget, match="deep"):
        verify({**CERTIFICATES["definite"], "tree": node})
    huge = {**node, "data": {"arguments": 10**10}}
    with pytest.raises(Refused, match="arguments"):
        verify({**CERTIFICATES["definite"], "tree": huge})
    with pytest.raises(Refused, match="no rational number"):
        verify({**CERTIFICATES["definite"],
                "germ": {**CERTIFICATES["definite"]["germ"], "point": ["1e999999999", "0", "0"]}})


def test_the_checker_imports_no_search():
    allowed = ("slt_symbolic.check", "slt_symbolic.errors")
    for path in (ROOT / "slt_symbolic" / "check").rglob("*.py"):
        for line in ast.walk(ast.parse(path.read_text())):
            if isinstance(line, ast.ImportFrom) and str(line.module).startswith("slt_symbolic"):
                assert str(line.module).startswith(allowed), f"{path}: {line.module}"


def test_the_core_is_read_in_one_sitting():
    assert len((ROOT / "slt_symbolic" / "check" / "core.py").read_text().splitlines()) <= 300
    for path in (ROOT / "slt_symbolic" / "check" / "steps").glob("*.py"):
        assert len(path.read_text().splitlines()) <= 250, path


# K = x^2 y^2: the monomial moves into the orders, and nothing is left to prove.
MONOMIAL = {"combination": [[[1, 1], "1"]], "weights": ["1/2", "1/2"]}
PLANE = table(["1"], "x y", {"x": 1, "y": 1})
NEWTON = node("newton", {"optimum": MONOMIAL, "faces": []}, PLANE, "1/2,2")
CROSS = certificate("x y", ["x*y"], NEWTON, "1/2,2")
SQRT2 = {"name": "c", "minimal_polynomials": [["c^2-2", 5, 1]]}
LEMMA = node("lemma", {"number": 0, "renaming": {"x": "y", "y": "x"}}, PLANE, "1/2,2")
WITH_LEMMA = certificate("x y", ["x*y"], LEMMA, "1/2,2", lemmas=[NEWTON])
BEST = certificate("x y", ["x*y"], node("best", {"arguments": 1}, PLANE, "1/2,2", [NEWTON]), "1/2,2")


def _rooted(near, c="c^2-2", **changes):
    """A lemma about x = 0 with a constant, and the germ x y, which does not use it."""
    stated = {**table(["1"], near, {"x": 1}, constants={"c": c}), **changes}
    optimum = {"combination": [[[1], "1"]], "weights": ["1"]}
    return edited(edited(CROSS, "constants", [SQRT2]), "lemmas", [
        node("newton", {"optimum": optimum, "faces": []}, stated, "1/2")])


def _with_lemma(stated, renaming):
    return edited(edited(_rooted("x"), "tree.step", "lemma"), "tree.data", {"number": 0, "renaming": renaming}) | {
        "tree": node("lemma", {"number": 0, "renaming": renaming}, stated, "1/2")}


def _rebuilt(text):
    """The generator that a lemma about a monomial would be used for."""
    return certificate("x y", [text], LEMMA, "1/2,2", lemmas=[NEWTON])


def _yes(name, made):
    return Accepted(name, lambda: core.bracket_json(verify(made).bracket), [list(p) for p in made["bracket"]])


ACCEPTED = [
    _yes("monomial", CROSS), _yes("lemma", WITH_LEMMA), _yes("best", BEST), _yes("lemma with a constant", _rooted("x")),
    _yes("translated", certificate("x y", ["(x-1)*y"], NEWTON, "1/2,2", point=["1", "0"])),
    _yes("|f| for f = x y", certificate("x y", ["x*y"], NEWTON, "1,2", function=True)),
]
THE_FILE = [
    denies(CROSS, "format", "slt-symbolic certificate 1", "the format is not slt-symbolic certificate 2"),
    Denied("a list", lambda: verify([CROSS]), "the format is not"),
    denies(CROSS, "extra", 1, "data needs exactly the keys germ, constants, bracket, lemmas, tree"),
    denies(CROSS, "tree", REMOVED, "data needs exactly the keys germ"),
    denies(CROSS, "germ.weight", 1, "data needs exactly the keys variables, generators, point, function"),
    denies(CROSS, "germ.variables", "xy", "a list of texts is missing"),
    denies(CROSS, "germ.variables", ["x", 1], "a list of texts holds something else"),
    denies(CROSS, "germ.generators", [["x*y"]], "a list of texts holds something else"),
    denies(CROSS, "germ.variables", [], "the germ has no variables"),
    denies(CROSS, "germ.variables", ["x", "x"], "a variable is named twice"),
    denies(CROSS, "germ.variables", ["x", "y-x"], "a variable is no identifier"),
    denies(CROSS, "germ.variables", ["x", "\u0443"], "a variable is no identifier"),
    denies(CROSS, "germ.variables", ["x", "y" * 101], "a name of more than 100 characters", OverBudget),
    denies(CROSS, "germ.variables", [f"x{i}" for i in range(401)], "more than 400 variables", OverBudget),
    denies(CROSS, "germ.function", 1, "function is neither true nor false"),
    Denied("two functions", lambda: verify(certificate("x y", ["x*y", "y"], NEWTON, "1,2", function=True)),
           "a function has exactly one generator"),
    denies(CROSS, "germ.point", ["0"], "the point needs a coordinate for each variable"),
    denies(CROSS, "germ.point", ["0", 0], "a list of texts holds something else"),
    denies(CROSS, "germ.point", ["0", "1/0"], "malformed: InvalidInput"),
    denies(CROSS, "germ.point", ["0", "0.0"], "0.0 is no rational number a or a/b"),
    denies(CROSS, "germ.point", ["1", "1"], "generator x\\*y does not vanish at the point"),
    denies(CROSS, "germ.generators", ["x*z"], "malformed: InvalidInput.*unknown variable z"),
    denies(CROSS, "germ.generators", ["(x+y)^900"], "exponent 900", OverBudget),
    denies(CROSS, "germ.generators", ["(" * 5000 + "x" + ")" * 5000], "nested parentheses", OverBudget),
    denies(CROSS, "bracket", [["1/2", 1], ["1/2", 1]], "root: the tree proves .*, the certificate states"),
    denies(CROSS, "bracket", [["2/4", 2], ["1/2", 2]], "root: the tree proves .*, the certificate states"),
    denies(CROSS, "bracket", [["1/2", 2.0], ["1/2", 2]], "root: the tree proves .*, the certificate states"),
    denies(CROSS, "bracket", None, "root: the tree proves .*, the certificate states"),
    denies(CROSS, "lemmas", {}, "lemmas are a list"),
]
CONSTANTS = [
    denies(CROSS, "constants", {}, "constants are a list"),
    denies(CROSS, "constants", [SQRT2, {**SQRT2, "name": "d"}], "more than one algebraic constant"),
    denies(CROSS, "constants", [{**SQRT2, "name": "x"}], "a variable is named twice"),
    denies(CROSS, "constants", [{**SQRT2, "name": 1}], "a list of texts holds something else"),
    denies(CROSS, "constants", [{"name": "c"}], "data needs exactly the keys name, minimal_polynomials"),
    denies(CROSS, "constants", [{**SQRT2, "minimal_polynomials": [["c^2-2", 5]]}], "needs a value and a cofactor"),
    denies(CROSS, "constants", [{**SQRT2, "minimal_polynomials": [["x^2-2", 5, 1]]}], "needs the constant alone; here"),
    denies(CROSS, "constants", [{**SQRT2, "minimal_polynomials": [["2", 5, 1]]}],
            "needs the constant alone; here it is 2"),
    denies(CROSS, "constants", [{**SQRT2, "minimal_polynomials": [["c^2-1", 5, 1]]}], "is not 1 times a prime"),
    denies(CROSS, "germ.generators", ["x*c"], "unknown variable c"),
    Denied("another polynomial", lambda: verify(_rooted("x", "c^2-3")),
            "needs a listed minimal polynomial; here it is"),
    Denied("a constant near 0", lambda: verify(_rooted("c x")),
            "a constant needs a polynomial in itself, and is not near"),
    Denied("another variable", lambda: verify(_rooted("x", "y^2-2")), "a constant needs a polynomial in itself"),
    Denied("two", lambda: verify(_rooted("x", constants={"c": "c^2-2", "y": "y^2-2"})),
            "more than one algebraic constant"),
    Denied("no variable", lambda: verify(_rooted("x w")), "there is no variable w"),
    Denied("an order of no variable", lambda: verify(_rooted("x", orders={"w": 1})), "orders names no variable"),
    Denied("an order below 0", lambda: verify(_rooted("x", jacobian={"x": -1})), "an order is not an integer >= 0"),
    Denied("an order that is true", lambda: verify(_rooted("x", orders={"x": True})),
            "an order is not an integer >= 0"),
    Denied("no text", lambda: verify(_rooted("x", generators=[1])), "1 is no text of a polynomial"),
]
NODES = [
    denies(CROSS, "tree.extra", 1, "data needs exactly the keys step, data, stratum, bracket, children"),
    denies(CROSS, "tree.step", "guess", "root: there is no step guess"),
    denies(CROSS, "tree.step", ["newton"], "root: there is no step"),
    denies(CROSS, "tree.stratum.orders", {"x": 1}, "root, step newton: states orders other than those derived"),
    denies(CROSS, "tree.step", "empty", "needs a stratum without points; here no unit is 0"),
    denies(CROSS, "tree.children", [NEWTON], "root, step newton: needs 0 children to cover"),
    denies(CROSS, "tree.children", {}, "root, step newton: needs 0 children to cover"),
    denies(BEST, "tree.children", [], "root, step best: needs 1 children to cover"),
    denies(CROSS, "tree.bracket", [["1/2", 2], ["3/4", 1]], "root, step newton: proves .*, states"),
    denies(CROSS, "tree.data", [], "root, step newton: data needs exactly the keys optimum, faces"),
    denies(CROSS, "tree.data.optimum.weights", ["a", "b"], "root, step newton: a is no rational number a or a/b"),
    denies(CROSS, "tree.data.optimum.weights", ["1/0", "1"], "root, step newton: malformed data: InvalidInput"),
    denies(CROSS, "tree.stratum.units", ["(x+y)^900"], "root, step newton: .*exponent 900", OverBudget),
]
LEMMAS = [
    denies(WITH_LEMMA, "tree.data.number", 1, "there is no lemma 1"),
    denies(WITH_LEMMA, "tree.data.number", -1, "there is no lemma -1"),
    denies(WITH_LEMMA, "tree.data.number", False, "there is no lemma False"),
    denies(WITH_LEMMA, "lemmas", [LEMMA], "lemma 0, step lemma: there is no lemma 0"),
    denies(WITH_LEMMA, "lemmas", [edited(LEMMA, "data.number", 1), NEWTON], "lemma 0, step lemma: there is no lemma 1"),
    denies(WITH_LEMMA, "tree.data.renaming", {"x": "y"}, "a renaming needs all variables"),
    denies(WITH_LEMMA, "tree.data.renaming", ["x", "y"], "a renaming needs all variables"),
    denies(WITH_LEMMA, "tree.data.renaming", {"x": "y", "y": "y"}, "a renaming needs each variable once"),
    denies(WITH_LEMMA, "tree.data.renaming", {"x": "y", "y": "z"}, "there is no variable z"),
    Denied("another germ", lambda: verify(edited(_rebuilt("x^2*y"), "tree.stratum.orders", {"x": 2, "y": 1})),
           "lemma 0 speaks of another stratum"),
    Denied("moves c", lambda: verify(_with_lemma(PLANE, {"x": "x", "y": "c", "c": "y"})),
            "a renaming moves the constant"),
    Denied("with a constant", lambda: verify(_with_lemma(PLANE, {n: n for n in "xyc"})), "speaks of another stratum"),
]


def _within(work):
    return lambda: verify(CROSS, work)


NODES += [
    Denied("no work", _within(10), "costs more work than the format allows", OverBudget),
    Denied("deep", lambda: verify(edited(CROSS, "bracket", _deep(10**5))), "nested too deeply", OverBudget),
    Denied("deep tree", lambda: verify(edited(CROSS, "tree", _deep_tree())), "a tree deeper than 400", OverBudget),
    Denied("unsound", lambda: _unsound(), "the lower bound exceeds the upper"),
]


def _deep(levels):
    nested = []
    for _ in range(levels):
        nested = [nested]
    return nested


def _deep_tree():
    tree = NEWTON
    for _ in range(402):
        tree = node("best", {"arguments": 1}, PLANE, "1/2,2", [tree])
    return tree


def _unsound():
    """No sound step has a lower end above the upper one: one that has is found out all the same."""
    def step(s, data):
        return [], lambda _: bracket("1/2 .. 1/2,2")

    with patch.dict(core.STEPS, unsound=step):
        verify(edited(edited(CROSS, "tree.step", "unsound"), "tree.bracket", [["1/2", 1], ["1/2", 2]]))


REFUSED = [*THE_FILE, *CONSTANTS, *NODES, *LEMMAS]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
