"""The step `coordinates`: generators that are coordinates wherever they vanish together."""

import copy

import pytest

from slt_symbolic.check.core import verify
from slt_symbolic.check.step import Refused
from slt_symbolic.recheck import Refused as SecondRefused
from slt_symbolic.recheck import recheck
from tests.check.certificates import CERTIFICATES
from tests.check.mutants import nodes
from tests.check.tables import accepts, refuses, rows, stratum

# t^2 (y^2 + z^2 - 1, t^3): on the circle the first is a coordinate
CIRCLE = stratum(["y^2 + z^2 - 1 + t*y", "t^3"], "t y z", free="y z", orders={"t": 2}, jacobian={"t": 2})
GRADIENT = {"minors": [["y"], ["z"]], "empty": {"cofactors": [[0, "-2"], [1, "y"], [2, "z"]], "units": []}}
# near 0: w - z^2 and x (1 + w) - y^3, with orders on y and z
NEAR = stratum(["w - z^2", "x*(1 + w) - y^3"], "x y z w", orders={"y": 3, "z": 3}, jacobian={"y": 5, "z": 5})
MINOR = {"minors": [["x", "w"]], "empty": {"cofactors": [[2, "1"]], "units": []}}
CUSP = stratum(["y^2 - z^3"], "x y z", free="y z", orders={"x": 1})


def data(generators=(0,), names=("y",), zero=None, **given):
    return {"generators": list(generators), "names": list(names), "zero": zero, **(given or GRADIENT)}


ACCEPTED = [
    accepts("coordinates", CIRCLE, data(), {"y, t^3 | near t, y | orders t: 2 | jacobian t: 2": "3/5"}, "3/5 .. oo"),
    accepts("coordinates", CIRCLE, data(zero={"y": "3/5", "z": "-4/5"}, names=["z"]),
            {"z, t^3 | near t, z | orders t: 2 | jacobian t: 2": "3/5"}, "3/5"),
    accepts("coordinates", NEAR, data((0, 1), ("x", "w"), {}, **MINOR),
            {"x, w | near x, y, z, w | orders y: 3, z: 3 | jacobian y: 5, z: 5": "1,3"}, "1,3"),
    # the cusp is smooth off its vertex
    accepts("coordinates", stratum(["y^2 - z^3"], "x y z", free="y z", orders={"x": 1}, units=["y"]),
            data(minors=[["y"]], empty={"cofactors": [[1, "1"]], "units": [["y", 1]]}, zero={"y": "1", "z": "1"}),
            {"1 | near x, y | orders x: 1, y: 1": "1/2,2"}, "1/2,2"),
]
REFUSED = [
    refuses("coordinates", CIRCLE, data(()), "needs distinct generators; here"),
    refuses("coordinates", CIRCLE, data((0, 0), ("y", "z")), "needs distinct generators; here"),
    refuses("coordinates", CIRCLE, {**data(), "generators": "0"}, "generators are listed by number"),
    refuses("coordinates", CIRCLE, data((1,), ("y",)), r"needs other generators without free variables; here .*y\^2"),
    refuses("coordinates", CIRCLE, data(names=()), "needs a name for each of 1 coordinates"),
    refuses("coordinates", CIRCLE, data(names=("y", "z")), "needs a name for each of 1 coordinates"),
    refuses("coordinates", CIRCLE, {**data(), "names": "y"}, "names are a list"),
    # t carries an order: its place is not free
    refuses("coordinates", CIRCLE, data(names=("t",)), "needs names of variables that are replaced; here t is none"),
    refuses("coordinates", CIRCLE, data(minors="y", empty=GRADIENT["empty"]), "minors are a list"),
    refuses("coordinates", CIRCLE, data(minors=["y"], empty=GRADIENT["empty"]), "a minor is a list of names"),
    refuses("coordinates", CIRCLE, data(minors=[["t"]], empty=GRADIENT["empty"]), "that may be replaced, in order"),
    refuses("coordinates", CIRCLE, data(minors=[["z", "y"]], empty=GRADIENT["empty"]),
            "needs 1 variables that may be replaced, in order"),
    refuses("coordinates", NEAR, data((0, 1), ("x", "w"), {}, minors=[["w", "x"]], empty=MINOR["empty"]),
            "needs 2 variables that may be replaced, in order"),
    # a Jacobian order is a measure that a new coordinate would not have
    refuses("coordinates", stratum(["w - z^2", "z^2"], "z w", jacobian={"w": 1}, orders={"z": 1}), data(
        names=("w",), minors=[["w"]], empty={"cofactors": [[1, "1"]], "units": []}), "here w is none"),
    # y is in another generator
    refuses("coordinates", stratum(["x - y", "y^2"], "x y z", orders={"z": 1}), data(
        names=("y",), minors=[["y"]], empty={"cofactors": [[1, "-1"]], "units": []}), "here y is none"),
    # the cusp at its vertex: the derivatives vanish there with it
    refuses("coordinates", CUSP, data(minors=[["y"], ["z"]], empty={"cofactors": [[0, "1"]], "units": []}),
            "the cofactors do not combine"),
    refuses("coordinates", CIRCLE, data(zero={"y": "1"}), "a common zero is a table of all free variables"),
    refuses("coordinates", CIRCLE, data(zero=["1", "0"]), "a common zero is a table of all free variables"),
    refuses("coordinates", CIRCLE, data(zero={"y": "1", "z": "1"}), "needs a common zero"),
    refuses("coordinates", stratum(["y - 1"], "x y", free="y", orders={"x": 1}, units=["y-1"]), data(
        minors=[["y"]], empty={"cofactors": [[1, "1"]], "units": []}, zero={"y": "1"}), "here a unit vanishes"),
    refuses("coordinates", stratum(["y - c", "t"], "t y c", free="y", orders={"t": 1}, constants={"c": "c^2-2"}),
            data(minors=[["y"]], empty={"cofactors": [[1, "1"]], "units": []}, zero={"y": "0"}),
            "a common zero is rational, so that there is no constant"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)

FORGED = [
    ("empty", {"cofactors": [], "units": []}), ("names", []), ("generators", [0]), ("minors", []), ("zero", None),
    ("zero", {"x": "1"}), ("names", ["x", "x"]), ("minors", [["x"]]),
]


@pytest.mark.parametrize(("key", "value"), FORGED, ids=str)
def test_both_checkers_refuse_what_is_forged(key, value):
    """In the certificate of two cubics whose zeros are smooth on each exceptional divisor: (1, 3)."""
    genuine = CERTIFICATES["coordinates"]
    assert recheck(genuine).upper == (1, 3)
    tried = 0
    for number, node in enumerate(nodes(genuine)):
        if node["step"] == "coordinates" and node["data"][key] != value:
            forged = copy.deepcopy(genuine)
            list(nodes(forged))[number]["data"][key] = value
            tried += 1
            for check, error in ((verify, Refused), (recheck, SecondRefused)):
                with pytest.raises(error):
                    check(forged)
    assert tried > 0
