"""Canonical form: what a node states against what a step derives."""

from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.check.algebra.signs import place
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.stratum import Derived, as_stated
from tests.check.tables import REMOVED, Accepted, Denied, edited, reader, rows, stratum, table

RING, read = reader("x y z c")


def derived(generators, near="x y", orders=(0, 0, 0, 0), jacobian=(0, 0, 0, 0), units=(), constants=None):
    found = {place(RING, c): read(q) for c, q in (constants or {}).items()}
    return Derived(RING, tuple(map(read, generators)), frozenset(place(RING, n) for n in near.split()), orders,
                   jacobian, tuple(map(read, units)), found)


def states(given, stated):
    def run():
        return as_stated(given, stated, read_text).to_json()
    return run


def read_text(text):
    assert isinstance(text, str)
    return read(text)


def yes(given, stated, result=None):
    return Accepted(str(stated)[:60], states(given, stated), result or stated)


def no(given, stated, sentence, error=None):
    return Denied(str(stated)[:60], states(given, stated), sentence, **({"error": error} if error else {}))


CONE = derived(["2*x^2*y", "x*z*y^2"], units=["z*(z-1)"])
STATED = table(["x", "y"], "x y", {"x": 1, "y": 1}, units=["z", "z-1"])
RELATION = {"c": "c^2 - 2"}
ROOTED = derived(["x*(z+c)", "y^3", "x*(c^2-2)"], constants=RELATION, units=["c*z"])
AT_ROOT = table(["x*z + x*c", "y^3"], "x y", units=["z"], constants=RELATION)
GONE = derived(["x"], near="x y z", units=["z"])

ACCEPTED = [
    # z and z - 1 instead of their product; z is divided off, x y moves into the orders
    yes(CONE, {**STATED, "units": ["z", "z - 1"]}),
    # other order, other factors; from here on the polynomials that are stated
    yes(CONE, {**STATED, "generators": ["-y", "1/2*x"], "near": ["y", "x"], "units": ["2*z", "1-z"]},
        {**STATED, "generators": ["-y", "1/2*x"], "units": ["2*z", "-z + 1"]}),
    # c z = 0 where z = 0 only; c^2 - 2 is 0
    yes(ROOTED, {**AT_ROOT, "generators": ["x*(z+c)", "y^3"]}, AT_ROOT),
    yes(ROOTED, {**AT_ROOT, "constants": {"c": "4-2*c^2"}}, AT_ROOT),
    # no points are left
    yes(GONE, table(["1"], "x", {"x": 1}, units=["0"])),
    # z occurs nowhere: it is flat, and without Jacobian order
    yes(derived(["x+y"], near="x y z", jacobian=(1, 0, 5, 0)), table(["x + y"], "x y", jacobian={"x": 1})),
]
SHAPE = [
    no(CONE, {**STATED, "extra": {}},
            "data needs exactly the keys generators, near, units, orders, jacobian, constants"),
    no(CONE, edited(STATED, "units", REMOVED), "data needs exactly the keys"),
    no(CONE, list(STATED), "data needs exactly the keys"),
    no(CONE, {**STATED, "near": "xy"}, "generators, near and units are lists"),
    no(CONE, {**STATED, "near": {"x": 1, "y": 1}}, "generators, near and units are lists"),
    no(CONE, {**STATED, "generators": "xy"}, "generators, near and units are lists"),
    no(derived(["x"], units=["z"]), {**table(["1"], "x", {"x": 1}), "units": "z"},
            "generators, near and units are lists"),
]
UNITS = [
    no(CONE, {**STATED, "units": ["z"]}, r"the units stated leave the factor z - 1 of z\^2 - z"),
    no(CONE, {**STATED, "units": []}, "the units stated leave the factor"),
    no(CONE, {**STATED, "units": ["z", "z-1", "z-2"]}, "a unit is stated that divides none of those derived"),
    no(CONE, {**STATED, "units": ["z", "z-1", "2-2*z"]}, r"the unit -2\*z \+ 2 is stated twice"),
    no(CONE, {**STATED, "units": ["z", "z-1", "x"]}, "the unit x does not involve free variables only"),
    no(CONE, {**STATED, "units": ["z", "z-1", "z+x"]}, r"the unit x \+ z does not involve free variables only"),
    no(CONE, {**STATED, "units": ["z", "z-1", "3"]}, "the unit 3 does not involve free variables only"),
    no(CONE, {**STATED, "units": ["0"]}, "the unit 0 does not involve free variables only"),
    no(ROOTED, {**AT_ROOT, "units": ["c"]}, "the unit c does not involve free variables only"),
    no(ROOTED, {**AT_ROOT, "units": ["z+c^2-2"]}, r"the unit c\^2 \+ z - 2 is not reduced modulo the constant"),
    no(GONE, table(["1"], "x", {"x": 1}), "the stratum has no points, so that its unit is 0"),
    no(GONE, table(["1"], "x", {"x": 1}, units=["z"]), "the stratum has no points, so that its unit is 0"),
    # z + c divides z^2 - 2 modulo c^2 - 2 only
    no(derived(["x"], constants=RELATION, units=["z^2-2"]), table(["1"], "x", {"x": 1}, units=["z^2-2", "z+c"],
                                                                 constants=RELATION),
                                                                         "a unit is stated that divides none"),
]
OTHERS = [
    no(CONE, {**STATED, "generators": ["x"]}, "states 1 generators, where 2 are derived"),
    no(CONE, {**STATED, "generators": ["x", "y", "x"]}, "states 3 generators, where 2 are derived"),
    no(CONE, {**STATED, "generators": ["x", "y+x"]}, "states generators other than those derived"),
    no(CONE, {**STATED, "generators": ["x", "-x"]}, "states generators other than those derived"),
    no(CONE, {**STATED, "near": ["x"]}, "states near other than those derived"),
    no(CONE, {**STATED, "near": ["x", "y", "z"]}, "states near other than those derived"),
    no(CONE, {**STATED, "near": ["x", "y", "y"]}, "states near other than those derived"),
    no(CONE, {**STATED, "orders": {"x": 1}}, "states orders other than those derived"),
    no(CONE, {**STATED, "orders": {"x": True, "y": 1}}, "states orders other than those derived"),
    no(CONE, {**STATED, "orders": {"x": 1.0, "y": 1}}, "states orders other than those derived"),
    no(CONE, {**STATED, "orders": {"x": 1, "y": 1, "z": 0}}, "states orders other than those derived"),
    no(CONE, {**STATED, "jacobian": {"x": 1}}, "states jacobian other than those derived"),
    no(CONE, {**STATED, "constants": RELATION}, "states a constant other than the one derived"),
    no(ROOTED, {**AT_ROOT, "constants": {}}, "states a constant other than the one derived"),
    no(ROOTED, {**AT_ROOT, "constants": {"c": "c^2-3"}}, "states a constant other than the one derived"),
    no(ROOTED, {**AT_ROOT, "constants": {"c": "0"}}, "states a constant other than the one derived"),
    # a free variable carries no order
    no(derived(["x"], orders=(0, 0, 1, 0)), table(["1"], "x", {"x": 1, "z": 1}),
            "a variable that is not near 0 has an order"),
    no(derived(["x"], jacobian=(0, 0, 1, 0)), table(["1"], "x", {"x": 1}),
            "a variable that is not near 0 has an order"),
    # the grammar has no text for it
    no(derived(["x^400*y^200*x^300+1"]), table(["1"], "x"), "of a degree that no text may have", OverBudget),
]
REFUSED = [*SHAPE, *UNITS, *OTHERS]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)


def test_strata_in_tables_are_canonical():
    assert stratum(["x*y"], "x y").to_json() == table(["1"], "x y", {"x": 1, "y": 1})
    assert ring_of(["x"]).names() == ("x",)
