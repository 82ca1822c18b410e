"""The second checker of certificates, on certificates written by hand."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from slt_symbolic import recheck as module
from slt_symbolic.check.core import verify
from slt_symbolic.check.step import Refused as FirstRefused
from slt_symbolic.recheck import Domain, Meter, OverBudget, Proofs, Refused, Ring, recheck

PROGRAM = Path(module.__file__)
HALF = [["1/2", 1], ["1/2", 1]]
HALF2 = [["1/2", 2], ["1/2", 2]]
ONE = [["1", 1], ["1", 1]]
NOWHERE = [None, None]


def node(step: str, data: Any, gens: list[str], near: list[str], bracket: Any, *children: Any, **rest: Any) -> Any:
    stratum = {"generators": gens, "near": near, "orders": {}, "jacobian": {}, "units": [], "constants": {}, **rest}
    return {"step": step, "data": data, "stratum": stratum, "bracket": bracket, "children": list(children)}


def certificate(tree: Any, gens: list[str], variables: str = "x y", lemmas: Any = (), **rest: Any) -> Any:
    names = variables.split()
    germ = {"variables": names, "generators": gens, "point": ["0"] * len(names), "function": False}
    whole = {"format": "slt-symbolic certificate 2", "germ": germ, "constants": [], "bracket": tree["bracket"]}
    return {**whole, "lemmas": list(lemmas), "tree": tree, **rest}


def normal_crossing(bracket: Any, near: list[str], combination: Any, weights: list[str], **rest: Any) -> Any:
    optimum = {"combination": combination, "weights": weights}
    return node("newton", {"optimum": optimum, "faces": []}, ["1"], near, bracket, **rest)


def plane() -> Any:
    return certificate(node("rank", {"fields": []}, ["x", "y"], ["x", "y"], ONE), ["x", "y"])


def two_irrational_lines() -> Any:
    """x^2 - 2 y^2: blown up, y = 1/sqrt 2 needs a constant, and the rest of its stratum a unit."""
    at_root = node(
        "units", {"factors": [[0, "2*c + y", [["2", 1, "even"], ["c", 1, "field"]]]]}, ["2*c + y"], ["x", "y"], HALF2,
        normal_crossing(
            HALF2, ["x", "y"], [[[2, 1], "1"]], ["1/4", "1/2"],
            orders={"x": 2, "y": 1}, jacobian={"x": 1}, constants={"c": "c^2 - 1/2"},
        ),
        orders={"x": 2, "y": 1}, jacobian={"x": 1}, constants={"c": "2*c^2 - 1"},
    )
    elsewhere = node(
        "units", {"factors": [[0, "1 - 2*y^2", [["y^2 - 1/2", 1, "unit"]]]]}, ["1 - 2*y^2"], ["x"], HALF,
        normal_crossing(
            HALF, ["x"], [[[2], "1"]], ["1/2"], orders={"x": 2}, jacobian={"x": 1}, units=["2*y^2 - 1"],
        ),
        orders={"x": 2}, jacobian={"x": 1}, units=["2*y^2 - 1"],
    )
    first = node(
        "algebraic", {"variable": "y", "polynomial": "y^2 - 1/2", "constant": "c"}, ["1 - 2*y^2"], ["x"], HALF2,
        at_root, elsewhere, orders={"x": 2}, jacobian={"x": 1},
    )
    second = node(
        "newton", {"optimum": {"combination": [[[0, 2], "1"]], "weights": ["0", "1/2"]}, "faces": []},
        ["x^2 - 2"], ["x", "y"], HALF, orders={"y": 2}, jacobian={"y": 1},
    )
    tree = node("blowup", {"weights": [["x", 1], ["y", 1]]}, ["x^2 - 2*y^2"], ["x", "y"], HALF2, first, second)
    constants = [{"name": "c", "minimal_polynomials": [["c^2 - 1/2", 3, 1]]}]
    return certificate(tree, ["x^2 - 2*y^2"], constants=constants)


@pytest.mark.parametrize(("unit", "words"), [
    (["x^2+1", 1, "sturm"], ""), (["x^2+1", 1], "is no unit"), (["x^2+1", 1, "unit"], "no reason why"),
    (["x^2-1", 1, "sturm"], "real root"), (["x^2+y^2", 1, "sturm"], "exactly one variable"),
    (["x^2+1", 0, "sturm"], "a power"), (["x^2+1"], "2"), (["0", 1, "sturm"], "no reason why"),
])
def test_common_zeros_that_are_not_real(unit: list[Any], words: str) -> None:
    ring = Ring(["x", "y"], Meter())
    forms = [ring.read(text, "a form") for text in ("y-x", "x*y+1")]
    proof = {"cofactors": [[0, "-x"], [1, "1"]], "units": [unit]}
    if not words:
        Proofs(ring).empty(forms, Domain([]), None, proof, "the forms")
        return
    with pytest.raises(Refused, match=words):
        Proofs(ring).empty(forms, Domain([]), None, proof, "the forms")


def test_a_plane() -> None:
    statement = recheck(plane())
    assert (statement.lower, statement.upper) == ((1, 1), (1, 1))
    assert statement.lines()[0] == "accepted: the sum of squares of 2 polynomials: x, y"


def test_a_constant() -> None:
    assert recheck(two_irrational_lines()).upper == (module.Fraction(1, 2), 2)


@pytest.mark.parametrize("entry", [["c^2 - 1/2", 2, 1], ["c^2 - 1/4", 4, 1], ["c^2 + 1/2", 3, 1], ["2*c - 1", 3, 1]])
def test_a_constant_that_is_not_proved(entry: Any) -> None:
    whole = two_irrational_lines()
    whole["constants"][0]["minimal_polynomials"] = [entry]
    with pytest.raises(Refused):
        recheck(whole)


def test_paths_and_reasons() -> None:
    whole = two_irrational_lines()
    whole["tree"]["children"][0]["children"][1]["data"]["factors"][0][2] = "even"
    with pytest.raises(Refused, match=r"^root\.0\.1, step units: .* is not even"):
        recheck(whole)


def test_a_number_wrong_in_a_bracket() -> None:
    whole = plane()
    whole["bracket"] = whole["tree"]["bracket"] = [["1", 1], ["1", True]]
    with pytest.raises(Refused, match="not an integer"):
        recheck(whole)


def test_rank_needs_generators_that_vanish() -> None:
    """(1 + x) y has the pair (1/2, 1); without this hypothesis it would be (1/2, 2)."""
    unit = node("rank", {"fields": []}, ["x + 1"], ["x"], HALF)
    tree = node("product", {"factors": [["x + 1"]]}, ["x + 1"], ["x", "y"], HALF2, unit, orders={"y": 1})
    with pytest.raises(Refused, match="does not vanish at 0"):
        recheck(certificate(tree, ["x*y + y"]))


def test_fields() -> None:
    gens = ["x + y", "x^2 + 2*x*y + y^2"]
    tree = node("rank", {"fields": [{"x": "1", "y": "-1"}]}, gens, ["x", "y"], HALF)
    assert recheck(certificate(tree, gens)).upper == (module.Fraction(1, 2), 1)
    tree["data"]["fields"][0]["y"] = "1"
    with pytest.raises(Refused, match="does not annihilate"):
        recheck(certificate(tree, gens))
    tree = node("rank", {"fields": []}, gens, ["x", "y"], [["1/2", 1], None])
    assert recheck(certificate(tree, gens)).upper is None


def test_bounds() -> None:
    """Several arguments for y + x^2."""
    gens, near = ["y + x^2"], ["x", "y"]
    curves = [[[1, 2], ["0", "1"]], [[1, 1], ["5", "-1/2"]]]
    sign = node("sign", {"curves": curves}, gens, near, [["1/4", 2], ["1/2", 1]])
    optimum = {"combination": [[[0, 1], "1"]], "weights": ["0", "1"]}
    initial = node("initial", {"weights": {}, "optimum": optimum}, gens, near, [["1/2", 2], None])
    optimum = {"combination": [[[0, 1], "1"], [[2, 0], "1/2"]], "weights": ["1/2", "1"]}
    order = node("order", {"optimum": optimum}, gens, near, [["1/4", 2], ["3/4", 1]])
    at = node("rank", {"fields": []}, ["2*x + x^2 + y"], near, HALF)
    point = {"weights": {"x": 1, "y": 2}, "point": {"x": "1", "y": "-1"}}
    nearby = node("nearby", point, gens, near, [["1/4", 2], ["1/2", 1]], at)
    arguments = [sign, initial, order, nearby]
    tree = node("best", {"arguments": 4}, gens, near, [["1/2", 2], ["1/2", 1]], *arguments)
    assert recheck(certificate(tree, gens)).lower == (module.Fraction(1, 2), 2)
    sign["data"]["curves"][1][1] = ["5", "1"]
    with pytest.raises(Refused, match=r"^root\.0, step sign: .* opposite signs"):
        recheck(certificate(tree, gens))


def test_regular_zeros() -> None:
    """Those of x y + z^2 along (e, 0, 0)."""
    line = {"weights": [1, 1, 1], "point": ["1", "0", "0"]}
    gens, near = ["x*y + z^2"], ["x", "y", "z"]
    whole = certificate(node("regular", line, gens, near, [["1/4", 3], ["1/2", 1]]), gens, "x y z")
    assert recheck(whole).upper == (module.Fraction(1, 2), 1)
    refused = [({"point": ["1", "1", "1"]}, "vanish along"), ({"point": ["0", "0", "0"]}, "no coordinates"),
               ({"weights": [1, 0, 1]}, "weight"), ({"point": ["1", "0"]}, "point")]
    for changed, words in refused:
        tree = node("regular", {**line, **changed}, gens, near, [["1/4", 3], ["1/2", 1]])
        with pytest.raises(Refused, match=words):
            recheck(certificate(tree, gens, "x y z"))


def test_a_remainder() -> None:
    """(1 + y)(x + y z) - (x + x y + z^2) = y z + y^2 z - z^2: 1 + y is a unit at the origin, y is none."""
    gens, near = ["x + y*z", "x + x*y + z^2"], ["x", "y", "z"]
    after = ["y*z + y^2*z - z^2", "x + x*y + z^2"]
    order = node("order", {"optimum": {"weights": ["1", "1/2", "1/2"]}}, after, near, [["1/4", 3], ["1", 1]])
    data = {"divisions": [[0, "1 + y", [], 1, "1"]]}
    tree = node("remainder", data, gens, near, [["1/4", 3], ["1", 1]], order)
    assert recheck(certificate(tree, gens, "x y z")).upper == (module.Fraction(1), 1)
    refused = [([0, "y", [], 1, "1"], "on the stratum"), ([0, "1 + y", [], 0, "1"], "divided by itself"),
               ([0, "1 + y", [], 2, "1"], "generator"), ([0, "1 + y", [], 1, "x"], "is not stated"),
               ([0, "1 + y"], "a division")]
    for division, words in refused:
        tree = node("remainder", {"divisions": [division]}, gens, near, [["1/4", 3], ["1", 1]], order)
        with pytest.raises(Refused, match=words):
            recheck(certificate(tree, gens, "x y z"))


def test_a_function_as_coordinate() -> None:
    """(x^2 + 2 x)^2 - y^2 with (x + 1)^2 - 1 as x: of x^2 - y^2 the bounds by degree and monomials."""
    gens, near, bracket = ["x^4 + 4*x^3 + 4*x^2 - y^2"], ["x", "y"], [["1/4", 2], ["1/2", 1]]
    data = {"variable": "x", "inner": "x^2 + 2*x", "outer": ["x^2 - y^2"], "nonzero": []}
    child = node("order", {"optimum": {"weights": ["1/2", "1/2"]}}, ["x^2 - y^2"], near, bracket)
    assert recheck(certificate(node("composite", data, gens, near, bracket, child), gens)).lower[1] == 2
    refused = [({"inner": "x^2 + 2*x + 1"}, "does not vanish on the stratum"), ({"inner": "x^2"}, "derivative"),
               ({"outer": ["x^2 + y^2"]}, "does not give the generator"), ({"outer": []}, "0 outer polynomials"),
               ({"variable": "y", "outer": gens}, "derivative")]
    for changed, words in refused:
        tree = node("composite", {**data, **changed}, gens, near, bracket, child)
        with pytest.raises(Refused, match=words):
            recheck(certificate(tree, gens))


def test_a_block_that_is_turned() -> None:
    """The product of two complex numbers: turning the first mixes its two parts."""
    gens, names = ["a*c + b*d", "a*d - b*c"], "a b c d"
    data = {"block": ["a", "b"], "fields": [[["a", "b", "1"]]], "images": [[[0, 1, "1"], [1, 0, "-1"]]]}
    bracket = [["1/3", 4], ["1", 1]]
    child = node("order", {"optimum": {"weights": ["1", "0", "0"]}}, ["c", "d"], ["a", "c", "d"], bracket,
                 orders={"a": 1}, jacobian={"a": 1})
    tree = node("rotate", data, gens, list("abcd"), bracket, child)
    assert recheck(certificate(tree, gens, names)).upper == (module.Fraction(1), 1)
    refused = [({"block": ["a"]}, "fewer than two"), ({"block": ["a", "a"]}, "given twice"),
               ({"fields": [[["a", "b", "2"]]]}, "does not turn the block"),
               ({"fields": [[["a", "b", "1"], ["c", "c", "1"]]]}, "given twice"),
               ({"fields": [[["a", "b", "1"], ["c", "d", "1"]]]}, "does not become the combination"),
               ({"images": [[[0, 1, "1"], [1, 0, "1"]]]}, "does not become the combination"),
               ({"images": [[[0, 2, "1"]]]}, "there is no generator"), ({"images": []}, "0 members, not 1")]
    for changed, words in refused:
        tree = node("rotate", {**data, **changed}, gens, list("abcd"), bracket, child)
        with pytest.raises(Refused, match=words):
            recheck(certificate(tree, gens, names))


def test_a_matrix_that_is_made_diagonal() -> None:
    """A matrix times a column: turning its rows mixes the two entries, its columns turn the other factor too."""
    gens, names = ["a*e + b*f", "c*e + d*f"], "a b c d e f"
    rows, columns = [["a", "c", "1"], ["b", "d", "1"]], [["a", "b", "1"], ["c", "d", "1"], ["e", "f", "1"]]
    data = {"matrix": [["a", "b"], ["c", "d"]], "fields": [rows, columns], "images": [[[0, 1, "-1"], [1, 0, "1"]], []]}
    optimum = {"combination": [[[1, 0, 1, 0], "1"], [[0, 1, 0, 1], "1"]], "weights": ["0", "1/2", "1", "1/2"]}
    bracket = [["1", 2], ["1", 2]]
    child = node("newton", {"optimum": optimum, "faces": []}, ["a*e", "d*f"], ["a", "d", "e", "f"], bracket,
                 jacobian={"a": 2})
    tree = node("diagonal", data, gens, list("abcdef"), bracket, child)
    assert recheck(certificate(tree, gens, names)).upper == (module.Fraction(1), 2)
    refused = [({"matrix": [["a", "b"]]}, "fewer than two rows"), ({"matrix": [["a", "b"], ["c"]]}, "several lengths"),
               ({"matrix": [["a"], ["c"]]}, "more rows than columns"),
               ({"matrix": [["a", "b"], ["c", "a"]]}, "stands twice in the matrix"),
               ({"fields": [rows]}, "1 members, not 2"), ({"images": [[], []]}, "does not become the combination"),
               ({"fields": [rows[:1], columns]}, "does not turn the matrix"),
               ({"fields": [[*rows, ["a", "e", "1"]], columns]}, "does not turn the matrix"),
               ({"fields": [[["c", "a", "1"], rows[1]], columns]}, "does not turn the matrix"),
               ({"fields": [rows, columns[:2]]}, "does not become the combination"),
               ({"matrix": [["a", "c"], ["b", "d"]]}, "does not turn the matrix")]
    for changed, words in refused:
        tree = node("diagonal", {**data, **changed}, gens, list("abcdef"), bracket, child)
        with pytest.raises(Refused, match=words):
            recheck(certificate(tree, gens, names))
    flat = {**child, "stratum": {**child["stratum"], "jacobian": {}}}
    with pytest.raises(Refused, match="jacobian"):
        recheck(certificate(node("diagonal", data, gens, list("abcdef"), bracket, flat), gens, names))
    gap = ["(a^2 + b^2 + c^2 + d^2)^2 - 4*(a*d - b*c)^2"]
    fields = {**data, "fields": [rows, columns[:2]], "images": [[], []]}
    with pytest.raises(Refused, match="several exponents in the diagonal"):
        recheck(certificate(node("diagonal", fields, gap, list("abcd"), bracket, child), gap, "a b c d"))


def test_coordinates_across_which_fields_lead() -> None:
    """Circles about (-1, 0): their rotation leads across y = 0."""
    gens = ["x^2 + y^2 + 2*x"]
    data = {"names": ["y"], "fields": [[["x", "-y"], ["y", "x + 1"]]], "images": [[]]}
    bracket = [["1/4", 2], ["1/2", 1]]
    child = node("order", {"optimum": {"weights": ["1"]}}, ["x + 2"], ["x"], bracket, orders={"x": 1})
    tree = node("flow", data, gens, ["x", "y"], bracket, child)
    assert recheck(certificate(tree, gens)).upper == (module.Fraction(1, 2), 1)
    refused = [({"names": []}, "no variable is named"), ({"names": ["y", "y"]}, "given twice"),
               ({"names": ["x"]}, "moves x at another speed"),
               ({"fields": [[["x", "-2*y"], ["y", "2*x + 2"]]]}, "moves y at another speed"),
               ({"fields": [[["x", "-y"], ["y", "1"]]]}, "does not become the combination"),
               ({"images": [[[0, 0, "1"]]]}, "does not become the combination"),
               ({"images": [[[0, 1, "1"]]]}, "there is no generator"), ({"images": []}, "0 members, not 1"),
               ({"fields": []}, "0 members, not 1")]
    for changed, words in refused:
        tree = node("flow", {**data, **changed}, gens, ["x", "y"], bracket, child)
        with pytest.raises(Refused, match=words):
            recheck(certificate(tree, gens))
    raised = node("flow", {**data, "fields": [[["x", "-y"], ["y", "x + 1"]]]}, gens, ["x", "y"], bracket, child,
                  jacobian={"y": 1})
    with pytest.raises(Refused):
        recheck(certificate(raised, gens))


def test_fields_keep_hyperplanes_with_orders() -> None:
    """On x (x - y) the translation along (1, 1) moves x = 0, where the loss vanishes too."""
    gens, stated, bracket = ["x^2 - x*y"], ["x - y"], [["1/2", 2], ["1/2", 2]]
    for field, words in (([["x", "1"], ["y", "1"]], "has an order"), ([["x", "x"], ["y", "y"]], "another speed")):
        data = {"names": ["y"], "fields": [field], "images": [[]]}
        child = node("order", {"optimum": {"weights": ["1"]}}, [], ["x"], bracket, orders={"x": 2})
        tree = node("flow", data, stated, ["x", "y"], bracket, child, orders={"x": 1})
        with pytest.raises(Refused, match=words):
            recheck(certificate(tree, gens))


def test_an_arrangement() -> None:
    """Three lines through the origin of a plane."""
    gens, near = ["(x-y)*(x+y)*(x+2*y)"], ["x", "y"]
    stated = ["x^3 + 2*x^2*y - x*y^2 - 2*y^3"]
    data = {"factors": [[["x - y", 1], ["x + y", 1], ["2*x + 4*y", 1]]],
            "optima": [{"combination": [[[1, 3], "2/3"]], "weights": ["0", "1/3"]}]}
    third = [["1/3", 1], ["1/3", 1]]
    assert recheck(certificate(node("arrangement", data, stated, near, third), gens)).lower[0] == module.Fraction(1, 3)
    refused = [({"factors": [[["x - y", 1], ["x + y", 1], ["x + 3*y", 1]]]}, "is not the product"),
               ({"factors": [[["x - y", 1], ["x + y", 1]]]}, "another degree"),
               ({"factors": [[["(x - y)*(x + y)", 1], ["x + 2*y", 1]]]}, "is no linear form"),
               ({"factors": []}, "factors"), ({"optima": []}, "optima"),
               ({"optima": [{"combination": [[[1, 3], "1"]], "weights": ["1", "0"]}]}, "larger than h")]
    for changed, words in refused:
        with pytest.raises(Refused, match=words):
            recheck(certificate(node("arrangement", {**data, **changed}, stated, near, third), gens))
    with pytest.raises(Refused, match="the lower end is stated as"):
        recheck(certificate(node("arrangement", data, stated, near, HALF), gens))


def test_rows_that_are_nearly_orthogonal() -> None:
    """Three rows of a plane, with a term of third order, and a further generator of three factors."""
    gens, names = ["a*c + b*d + a*d*e", "a*e + b*f", "c*e + d*f", "a*c*e"], "a b c d e f"
    data = {"rows": [["a", "b"], ["c", "d"], ["e", "f"]], "pairs": [0, 1, 2]}
    bracket = [["3/2", 3], ["3/2", 3]]

    def stated(gens: list[str], bracket: Any = bracket, **changed: Any) -> Any:
        return recheck(certificate(node("orthogonal", {**data, **changed}, gens, list("abcdef"), bracket), gens, names))

    assert stated(gens).upper == (module.Fraction(3, 2), 3)
    assert stated([*gens[:3], "a^2 - c^2"], [["3/2", 3], ["3/2", 1]]).upper == (module.Fraction(3, 2), 1)
    assert stated([*gens[:3], "a"], [["3/2", 3], None]).upper is None
    pairs = gens[1:3]
    refused = [(gens, {"rows": [["a", "b"]], "pairs": []}, "fewer than two rows"),
               (gens, {"rows": [["a", "b"], ["c", "d"], ["e"]]}, "fewer than two rows, or not of one length"),
               (gens, {"rows": [["a", "b"], ["c", "d"], ["e", "a"]]}, "with a variable in common"),
               (gens, {"rows": [[], [], []]}, "not of one length from 1 to 12"),
               (gens, {"pairs": [0, 1]}, "do not have a generator each"),
               (gens, {"pairs": [0, 1, 1]}, "do not have a generator each"),
               (gens, {"pairs": [0, 1, 4]}, "there is no generator 4"),
               (gens, {"pairs": [1, 0, 2]}, "a term without a variable of both"),
               (["a*c + b*d + c^3", *pairs], {}, "a term without a variable of both"),
               (["2*a*c + b*d", *pairs], {}, "not multiples of each other"),
               (["a*c + a*d + b*d", "a*e + a*f + b*f", "c*e + c*f + d*f"], {}, "is not symmetric"),
               (["a*d + b*c", "a*f + b*e", "c*f + d*e"], {}, "its first entry is 0"),
               (["a*c - b*d", "a*e - b*f", "c*e - d*f"], {}, "is not definite")]
    for generators, changed, words in refused:
        with pytest.raises(Refused, match=words):
            stated(generators, **changed)
    for false in ([["3/2", 2], ["3/2", 2]], [["2", 1], ["2", 1]], [["3/2", 3], ["1", 1]]):
        with pytest.raises(Refused, match="is stated as"):
            stated(gens, false)
    with pytest.raises(Refused, match="is stated as"):  # of order 2, other generators leave m open
        stated([*gens[:3], "a^2 - c^2"])


def test_sums_of_powers() -> None:
    """Two units of an odd activation."""
    gens, names, bracket = ["a*x + b*y", "a*x^3 + b*y^3"], "a b x y", [["2/3", 1], ["2/3", 1]]
    data = {"units": ["x", "y"], "weights": [["a", "b"]], "stride": 2}

    def stated(gens: list[str], bracket: Any = bracket, **changed: Any) -> Any:
        return recheck(certificate(node("vandermonde", {**data, **changed}, gens, list("abxy"), bracket), gens, names))

    assert stated(gens).upper == (module.Fraction(2, 3), 1)
    assert stated(["a*x^3 + b*y^3", "a*x^5 + b*y^5"], [["1/3", 1], ["1/3", 1]]).upper == (module.Fraction(1, 3), 1)
    assert stated(["a + b", "a*x^3 + b*y^3"], [["5/6", 1], ["5/6", 1]], stride=3).lower == (module.Fraction(5, 6), 1)
    refused = [(gens, {"units": []}, "not distinct, or there are none"), (gens, {"weights": []}, "there are none"),
               (gens, {"weights": [["a", "x"]]}, "not distinct"), (gens, {"weights": [["a"]]}, "not distinct"),
               (gens, {"stride": 0}, "the stride"), (gens, {"stride": 1}, "lacks one of as many powers"),
               (["a*x + b*y", "a*x^2 + b*y^2"], {}, "a power that the stride does not give"),
               (["a*x + b*y", "a*x^3 + 2*b*y^3"], {}, "several coefficients"),
               ([*gens, "a*x^5"], {}, "no sum over the units"),
               (["a*x + b*y", "b*x^3 + a*y^3"], {}, "no sum over the units"),
               (["a*x + b*y", "a*x^5 + b*y^5"], {}, "lacks one of as many powers"),
               (["a + b", *gens], {}, "a power that the stride does not give"),
               (["a + 2*b", "a*x^3 + b*y^3"], {"stride": 3}, "several coefficients"),
               (["a + b", "a*x^2 + b*y^2"], {}, "too few for the stride")]
    for generators, changed, words in refused:
        with pytest.raises(Refused, match=words):
            stated(generators, **changed)
    for false in ([["2/3", 2], ["2/3", 2]], [["3/4", 1], ["3/4", 1]]):
        with pytest.raises(Refused, match="is stated as"):
            stated(gens, false)


def test_a_definite_factor() -> None:
    """z (x^2 + x y + y^2), after another basis of the space of one polynomial."""
    near, face = ["x", "y", "z"], [[0, 2], [1, 1], [2, 0]]
    proof = [["x^2 + x*y + y^2", 1, {"discriminant": "x", "factors": [["y", 2, "unit"]]}]]
    optimum = {"combination": [[[2, 0, 1], "1/2"], [[0, 2, 1], "1/2"]], "weights": ["1/4", "1/4", "1/2"]}
    leaf = node("newton", {"optimum": optimum, "faces": []}, ["x^2", "y^2"], near, HALF2, orders={"z": 1})
    data = {"generator": 0, "factor": "x^2 + x*y + y^2", "faces": [{"exponents": face, "nonzero": proof}]}
    definite = node("definite", data, ["x^2 + x*y + y^2"], near, HALF2, leaf, orders={"z": 1})
    span = {"generators": ["2*x^2 + 2*x*y + 2*y^2"]}
    tree = node("span", span, ["x^2 + x*y + y^2"], near, HALF2, definite, orders={"z": 1})
    whole = certificate(tree, ["z*(x^2 + x*y + y^2)"], "x y z")
    assert recheck(whole).upper == (module.Fraction(1, 2), 2)
    data["faces"] = []
    with pytest.raises(Refused, match=r"^root\.0, step definite: the form on the face .* is not even"):
        recheck(whole)


def test_a_combination_of_products() -> None:
    """(r s)(r t) s t = (r s t)^2, so that r s t joins, and is dropped as a multiple of a monomial."""
    near = ["r", "s", "t"]
    optimum = {"combination": [[e, "1/2"] for e in ([1, 1, 0], [1, 0, 1], [0, 1, 1])], "weights": ["1/2"] * 3}
    value = [["3/4", 1], ["3/4", 1]]
    leaf = node("newton", {"optimum": optimum, "faces": []}, ["r*s", "r*t", "s*t"], near, value)
    closure = node("closure", {"combinations": []}, ["r*s", "r*t", "s*t", "r*s*t"], near, value, leaf)
    data: dict[str, Any] = {"products": [[0, 1, "s*t"]], "faces": []}
    whole = certificate(node("dominate", data, ["r*s", "r*t", "s*t"], near, value, closure), ["r*s", "r*t", "s*t"],
                        "r s t")
    assert recheck(whole).upper == (module.Fraction(3, 4), 1)
    for products, words in [([[0, 1, "1"], [0, 2, "-1"]], "is not even"), ([], "involves no near variable"),
                            ([[0, 3, "1"]], "generator"), ([[0, 1]], "a product"),
                            ([[0, 1, "s*t"], [2, 2, "1"]], "is not derived")]:
        data["products"] = products
        with pytest.raises(Refused, match=words):
            recheck(whole)


def test_a_stratum_without_points() -> None:
    """In a lemma, whose unit is a variable that a split sets to 0."""
    empty = node("empty", {}, ["x + 1"], ["x"], NOWHERE, units=["0"])
    inside = node(
        "units", {"factors": [[0, "x + 1", [["x + 1", 1, "unit"]]]]}, ["x + 1"], [], NOWHERE,
        node("newton", {"optimum": None, "faces": []}, ["1"], [], NOWHERE, units=["x", "x + 1"]),
        units=["x", "x + 1"],
    )
    lemma = node("split", {"variable": "x"}, ["x + 1"], [], NOWHERE, empty, inside, units=["x", "x + 1"])
    whole = {**plane(), "lemmas": [lemma]}
    assert recheck(whole).lower == (1, 1)
    empty["step"] = "zero"
    with pytest.raises(Refused, match=r"^lemma 0\.0, step zero: .*must be empty"):
        recheck(whole)


def proofs(text: str, proof: Any, units: str = "", names: str = "x y z") -> None:
    ring = Ring(names.split(), Meter())
    domain = Domain(ring.read(u, "a unit") for u in units.split())
    Proofs(ring).nonzero(ring.read(text, "f"), domain, None, proof, "f")


@pytest.mark.parametrize(("text", "units", "proof"), [
    ("x^2 + y^2", "x", "even"),
    ("-x^3*y^2 - x", "x", "even"),
    ("x^2 - x + 1", "", [["x^2 - x + 1", 1, "sturm"]]),
    ("x^2 + x*y + y^2", "y", [["x^2 + x*y + y^2", 1, {"discriminant": "x", "factors": [["y", 2, "unit"]]}]]),
    ("y^2 + x^2 - x + 1", "", [["y^2 + x^2 - x + 1", 1, {
        "discriminant": "y", "factors": [["x^2 - x + 1", 1, "sturm"]]}]]),
    ("x^4 + x^2*y^2 + y^4", "x", [["x^4 + x^2*y^2 + y^4", 1, {
        "scaled": "x", "weights": {"x": 1, "y": 1}, "plus": "even", "minus": "even"}]]),
    ("7", "", []),
    ("y^2 - 2*y + 1 + x^2", "x", [["y^2 - 2*y + 1 + x^2", 1, {
        "planar": "x", "fibre": "y", "special": [["x", 2, "unit"]], "samples": ["-1", "1"]}]]),
])
def test_no_zero(text: str, units: str, proof: Any) -> None:
    proofs(text, proof, units)


@pytest.mark.parametrize(("text", "units", "proof"), [
    ("x^2 + y^2", "z", "even"),
    ("x^2 - y^2", "x y", "even"),
    ("x + 1", "x", "even"),
    ("x^2 - x - 1", "", [["x^2 - x - 1", 1, "sturm"]]),
    ("x^2 + x*y + y^2", "", [["x^2 + x*y + y^2", 1, {"discriminant": "x", "factors": [["y", 2, "unit"]]}]]),
    ("x^2 + 3*x*y + y^2", "y", [["x^2 + 3*x*y + y^2", 1, {"discriminant": "x", "factors": [["y", 2, "unit"]]}]]),
    ("x^2 + y", "y", [["x^2 + y", 1, {"discriminant": "x", "factors": [["y", 1, "unit"]]}]]),
    ("x^2 + y^3", "x", [["x^2 + y^3", 1, {
        "scaled": "x", "weights": {"x": 1, "y": 1}, "plus": "even", "minus": "even"}]]),
    ("0", "", []),
    ("x", "", [["x", 1, "field"]]),
    ("y^2 - 2*y + 1 + x^2", "", [["y^2 - 2*y + 1 + x^2", 1, {
        "planar": "x", "fibre": "y", "special": [["x", 2, "unit"]], "samples": ["-1", "1"]}]]),
    ("y^2 - 2*y + 1 + x^2", "x", [["y^2 - 2*y + 1 + x^2", 1, {
        "planar": "x", "fibre": "y", "special": [["x", 2, "unit"]], "samples": ["1"]}]]),
    ("y^2 - x", "x", [["y^2 - x", 1, {
        "planar": "x", "fibre": "y", "special": [["x", 1, "unit"]], "samples": ["-1", "1"]}]]),
])
def test_zeros_are_found(text: str, units: str, proof: Any) -> None:
    with pytest.raises(Refused):
        proofs(text, proof, units)


@pytest.mark.parametrize(("text", "same"), [
    ("-x^2", "0 - x*x"), ("2*-x^2", "-2*x**2"), ("(x + y)^2/4", "0.25*x^2+x*y/2 + y^2*(1/4)"), ("--x", "x"),
    ("x^0", "1"),
])
def test_grammar(text: str, same: str) -> None:
    ring = Ring(["x", "y"], Meter())
    assert ring.read(text, "f") == ring.read(same, "g")


NOT_TEXTS = ["", "x y", "2x", "x^-1", "x^y", "x/y", "x/0", "x^1.5", "(x", "x)", "z", "x^2^2", "1e5", "x\v", "\u0663"]


@pytest.mark.parametrize("text", NOT_TEXTS)
def test_not_in_the_grammar(text: str) -> None:
    with pytest.raises(Refused):
        Ring(["x", "y"], Meter()).read(text, "f")


@pytest.mark.parametrize("text", ["x^501", "(" * 101 + "x" + ")" * 101, "9" * 1001, "(x^500)^3",
                                  pytest.param("(x + y + 1)^300", marks=pytest.mark.long)])
def test_limits(text: str) -> None:
    with pytest.raises(OverBudget):
        Ring(["x", "y"], Meter()).read(text, "f")


def test_what_python_cannot_print() -> None:
    nested: Any = []
    for _ in range(5000):
        nested = [nested]
    for value in (nested, 10**5000):
        with pytest.raises((Refused, OverBudget)):
            recheck({**plane(), "format": value})
        with pytest.raises((Refused, OverBudget)):
            recheck(certificate({**plane()["tree"], "step": value}, ["x", "y"]))


def test_a_germ_needs_a_variable_of_a_sensible_name() -> None:
    zero = [["0", 1], ["0", 1]]
    with pytest.raises(Refused, match="or there is none"):
        recheck(certificate(node("zero", {}, [], [], zero), [], ""))
    with pytest.raises(OverBudget, match="a name of more than 100"):
        recheck(certificate(node("zero", {}, [], [], zero), [], "x" * 101))


@pytest.mark.parametrize(("unit", "shift", "proof", "accepted"), [
    ("c^2", "0", [["c", 2, "field"]], True),
    ("c^2", "0", "even", False),
    ("1", "c^2-2", [], False),
])
def test_data_are_not_reduced(unit: str, shift: str, proof: Any, accepted: bool) -> None:
    """Only what FORMAT.md says is meant modulo q; both checkers agree."""
    ends, field = [["1/2", 3], ["1", 1]], {"constants": {"c": "c^2-2"}}
    child = node("order", {"optimum": {"weights": ["1", "1"]}}, ["x", "y"], ["x", "y"], ends, **field)
    data = {"variable": "x", "unit": unit, "shift": shift, "nonzero": proof}
    lemma = node("change", data, ["x", "y"], ["x", "y"], ends, child, **field)
    constants = [{"name": "c", "minimal_polynomials": [["c^2-2", 5, 1]]}]
    whole = certificate(plane()["tree"], ["x", "y"], lemmas=[lemma], constants=constants)
    whole["tree"] = node("order", {"optimum": {"weights": ["1", "1"]}}, ["x", "y"], ["x", "y"], ends)
    whole["bracket"] = ends
    for check, error in ((recheck, Refused), (verify, FirstRefused)):
        if accepted:
            check(copy.deepcopy(whole))
        else:
            with pytest.raises(error):
                check(copy.deepcopy(whole))


def test_a_term_of_many_variables_costs_more() -> None:
    few, many = Meter(), Meter()
    for names, meter in ((4, few), (400, many)):
        Ring([f"x{i}" for i in range(names)], meter).read("(x0+x1+x2+x3)^10", "a text")
    assert module.BUDGET - many.left > 20 * (module.BUDGET - few.left)


def run(*paths: object) -> Any:
    command = [sys.executable, "-I", "-S", str(PROGRAM), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_program(tmp_path: Path) -> None:
    good, bad, broken, long = (tmp_path / name for name in ("good", "bad", "broken", "long"))
    good.write_text(json.dumps(plane()))
    wrong = copy.deepcopy(plane())
    wrong["tree"]["step"] = "no\nsuch"
    bad.write_text(json.dumps(wrong))
    broken.write_text("{")
    wrong["germ"]["generators"] = ["9" * 1001]
    long.write_text(json.dumps(wrong))
    accepted = run(good)
    assert accepted.returncode == 0
    assert len(accepted.stdout.splitlines()) == 3
    assert not accepted.stderr
    for codes, paths in ((1, [bad]), (2, [broken]), (3, [long]), (2, [tmp_path]), (2, [tmp_path / "none"]), (2, []),
                         (1, [long, broken, good, bad]), (2, [long, broken])):
        answer = run(*paths)
        assert answer.returncode == codes
        assert "Traceback" not in answer.stderr
        assert all(len(line) <= 200 for line in answer.stderr.splitlines())
    for text in ('{"a": 1, "a": 1}', '{"a": NaN}', '{"a": 1.0}', "[]"):
        broken.write_text(text)
        assert run(broken).returncode == 1
    for text in ("[" * 100_000, '{"a": ' + "9" * 1001 + "}"):
        broken.write_text(text)
        assert run(broken).returncode == 3
