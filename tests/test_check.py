"""The checker: independent of the search, and certificates that are tampered with are refused."""

import ast
import copy
import json
from pathlib import Path

import pytest

from slt_symbolic import rlct
from slt_symbolic.check import core
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.grammar import parse
from slt_symbolic.check.ring import ring_of
from slt_symbolic.check.step import Refused
from slt_symbolic.check.steps import STEPS
from slt_symbolic.check.stratum import NO_CONSTANTS, Derived, canonical
from slt_symbolic.resolve.tree import settled

ROOT = Path(__file__).parent.parent
GERMS = {
    "cusp of cusps": ["(y^2-x^3)^3+x^10"],
    "irrational tangents": ["(y^2-2*x^2)^2+x^5"],
    "matrix product": ["a*e+b*g", "a*f+b*h", "c*e+d*g", "c*f+d*h"],
    "shibuta": ["x^2-y*z", "x*y"],
    "tangent": ["y-x^2", "(z-x^3)^2+y^5"],
    "sum": ["x^2-y^3", "z*w"],
    "definite": ["(x^2+y^2+z^2)^2"],
    "units": ["v1*w1^2+v2*w2^2"],
    "rank one": ["a*d-b*c", "a*f-b*e", "c*f-d*e"],
    "power": ["((x^2-2*y^2)^2-x^5)^2"],
    "three by three": [" + ".join(f"a{i}{k}*b{k}{j}" for k in range(3)) for i in range(3) for j in range(3)],
}
CERTIFICATES = {name: rlct(generators).certificate for name, generators in GERMS.items()}


def _nodes(certificate):
    stack = [certificate["tree"], *certificate["lemmas"]]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node["children"])


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
        node["bracket"] = [[str(core.Fraction(node["bracket"][0][0]) + 1), 1], node["bracket"][1]]


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
    for number, (before, node) in enumerate(zip(_nodes(certificate), list(_nodes(forged)), strict=True)):
        tamper(node)
        if {k: v for k, v in node.items() if k != "children"} != {k: v for k, v in before.items() if k != "children"} \
                or len(node["children"]) != len(before["children"]):
            found.append(number)
    return found[:8]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda f: f.__name__.strip("_"))
def test_tampering_with_any_node_is_refused_and_the_step_is_named(tamper):
    tried = 0
    for certificate in CERTIFICATES.values():
        for number in _places_that_change(certificate, tamper):
            forged = copy.deepcopy(certificate)
            tamper(list(_nodes(forged))[number])
            tried += 1
            with pytest.raises(Refused, match=r"(root|lemma \d+)[.0-9]*, step|(root|lemma \d+)[.0-9]*: "):
                verify(forged)
    assert tried >= 3


REFUSED = sorted((ROOT / "tests" / "data" / "refused").glob("*.json"))


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_false_certificates_that_were_accepted_once(path):
    with pytest.raises(Refused):
        verify(json.loads(path.read_text()))


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
    with pytest.raises(Refused, match="malformed"):
        verify({**CERTIFICATES["definite"],
                "germ": {**CERTIFICATES["definite"]["germ"], "point": ["1e999999999", "0", "0"]}})


def test_the_checker_imports_no_search():
    allowed = ("slt_symbolic.check", "slt_symbolic.errors")
    for path in (ROOT / "slt_symbolic" / "check").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("slt_symbolic"):
                assert str(node.module).startswith(allowed), f"{path}: {node.module}"


def test_the_core_is_read_in_one_sitting():
    assert len((ROOT / "slt_symbolic" / "check" / "core.py").read_text().splitlines()) <= 300
    for path in (ROOT / "slt_symbolic" / "check" / "steps").glob("*.py"):
        assert len(path.read_text().splitlines()) <= 250, path


def _root(texts, names):
    return settled(core.root_stratum(names, texts, [0] * len(names), []))


@pytest.mark.parametrize(("step", "texts", "data", "reason"), [
    ("power", ["x^4"], {"base": "x^2", "exponent": 1}, "exponent"),
    ("power", ["(x^2-y^3)^2"], {"base": "x^2-y^2", "exponent": 2}, "needs the power"),
    ("power", ["(x-y)^2", "x^2"], {"base": "x-y", "exponent": 2}, "exactly one"),
    ("power", ["x*(x-y)^2"], {"base": "x-y", "exponent": 2}, "order"),
    ("sign", ["x^2-y^4"], {"curves": [[[1, 1], ["1", "1"]], [[1, 1], ["2", "1"]]]}, "needs opposite signs"),
    ("sign", ["x^2-y^4"], {"curves": [[[2, 1], ["2", "1"]], [[1, 2], ["2", "1"]]]}, "needs opposite signs"),
    ("sign", ["x^2-y^2"], {"curves": [[[1, 0], ["1", "2"]], [[1, 1], ["2", "1"]]]}, "not an integer >= 1"),
    ("sign", ["x^2-y^2", "x*y"], {"curves": [[[1, 1], ["1", "2"]], [[1, 1], ["2", "1"]]]}, "exactly one"),
    ("sign", ["x*(x-y)"], {"curves": [[[1, 1], ["1", "2"]], [[1, 1], ["2", "1"]]]}, "orders"),
    ("nearby", ["x*y-z^2"], {"weights": {"x": 1, "y": 1, "z": 1}, "point": {"x": "1", "y": "2"}}, "not vanish"),
    ("nearby", ["x*y-z^3"], {"weights": {"x": 1, "y": 1, "z": 1}, "point": {"x": "1"}}, "quasi-homogeneous"),
    ("nearby", ["x*y-y*z"], {"weights": {"x": 1}, "point": {"x": "1"}}, "orders|quasi"),
    ("nearby", ["x^2-y*z"], {"weights": {"x": 1, "y": 2}, "point": {"z": "1"}}, "has none"),
])
def test_steps_refuse_data_that_miss_a_hypothesis(step, texts, data, reason):
    with pytest.raises(Refused, match=reason):
        STEPS[step](_root(texts, ["x", "y", "z"][: 3 if step == "nearby" else 2]), data)


def test_bounds_that_hold():
    """On the quadric cone x y = z^2 the nearby point (1, 0, 0) is smooth: 1/2; x^2 - y^4 takes both signs."""
    root = _root(["x*y-z^2"], ["x", "y", "z"])
    (child,), combine = STEPS["nearby"](root, {"weights": {"x": 1, "y": 1, "z": 1}, "point": {"x": "1"}})
    assert [str(g) for g in child.generators] == ["x*y - z^2 + y"]
    bracket = combine([STEPS["rank"](settled(child), {"fields": []})[1]([])])
    assert str(bracket.upper.value) == "1/2"
    _, combine = STEPS["sign"](_root(["x^2-y^4"], ["x", "y"]), {"curves": [[[2, 1], ["1", "2"]], [[1, 1], ["2", "1"]]]})
    assert str(combine([]).upper.value) == "1/2"
