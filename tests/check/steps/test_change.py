"""The steps `change` and `eliminate`: one coordinate for another."""

from tests.check.tables import accepts, refuses, rows, stratum

TANGENT = stratum(["(y-x^2)^2+x^5"], "x y")
FREE = stratum(["x*(y+z)", "x^2"], free="z", units=["z"])
CARRIES = stratum(["y+x"], "x y", orders={"x": 1}, jacobian={"y": 1})
ROOTED = stratum(["c*x+y^2"], "x y c", constants={"c": "c^2-2"})
LINEAR = stratum(["x*(1+y)+y^2", "x*y"], "x y")


def change(variable, unit="1", shift="0", nonzero=()):
    return {"variable": variable, "unit": unit, "shift": shift, "nonzero": list(nonzero)}


def eliminate(generator, variable, nonzero=()):
    return {"generator": generator, "variable": variable, "nonzero": list(nonzero)}


CHANGE = [
    # y' = y - x^2
    accepts("change", TANGENT, change("y", shift="-x^2"), {"x^5 + y^2 | near x, y": "7/20"}, "7/20"),
    # z' = 2 z + 4 y: the unit z is (z' - 4 y) / 2, which is z' / 2 on the stratum
    accepts("change", stratum(["x*(y+z)", "x^3"], free="z", units=["z"]), change("z", "2", "4*y"),
            {"y - 1/2*z, x^2 | near x, y | units z | orders x: 1": "1/2"}, "1/2"),
    # x' = (1 + y) x although x carries an order: a unit, no shift
    accepts("change", CARRIES, change("x", "1+y"), {"y^2 + x + y | near x, y | orders x: 1 | jacobian y: 1": "1/2"},
            "1/2"),
    # c vanishes at no root of c^2 - 2
    accepts("change", ROOTED, change("x", "c", nonzero=[["c", 1, "field"]]),
            {"y^2*c + x*c | near x, y | constants c: c^2 - 2": "1/2"}, "1/2"),
    refuses("change", ROOTED, change("c"), "needs a coordinate; here c is a constant"),
    refuses("change", TANGENT, change("y", unit="1+y"), r"needs a unit free of y; here it is y \+ 1"),
    refuses("change", TANGENT, change("y", shift="x*y"), r"needs a shift free of y; here it is x\*y"),
    refuses("change", TANGENT, change("y", shift="1"), "needs a shift that vanishes on the stratum; here it is 1"),
    refuses("change", FREE, change("y", shift="z"), "needs a shift that vanishes on the stratum; here it is z"),
    refuses("change", CARRIES, change("x", shift="y"), "needs the shift 0, since x carries an order; here it is y"),
    refuses("change", CARRIES, change("y", shift="x"), "needs the shift 0, since y carries an order; here it is x"),
    # x y^2 + ... : x is no unit near 0
    refuses("change", TANGENT, change("y", unit="x"), "0 is zero everywhere"),
    refuses("change", FREE, change("x", unit="z-1", nonzero=[["z-1", 1, "unit"]]), "z - 1 is no unit"),
    refuses("change", TANGENT, change("y", unit=["x"]), "is no text of a polynomial"),
]
ELIMINATE = [
    # x = -y^2 / (1 + y): what is left is y^3 up to the unit
    accepts("eliminate", LINEAR, eliminate(0, "x"), {"1 | near y | orders y: 3": "1/6"}, "2/3"),
    # nothing is left: the loss is x'^2
    accepts("eliminate", stratum(["x-y^2"], "x y"), eliminate(0, "x"), {"": "0"}, "1/2"),
    # z = -y, where the unit z becomes -y: 0 on the stratum, so that no point is left, and K vanishes nowhere
    accepts("eliminate", stratum(["y+z", "x^2"], free="z", units=["z"]), eliminate(0, "z"),
            {"1 | near x | units 0 | orders x: 2": "oo"}, "oo"),
    accepts("eliminate", stratum(["z-1", "x^2"], free="z"), eliminate(0, "z"), {"1 | near x | orders x: 2": "1/4"},
            "3/4"),
    refuses("eliminate", CARRIES, eliminate(0, "y"), "needs orders 0; here x has the order 1"),
    refuses("eliminate", ROOTED, eliminate(0, "c"), "needs a coordinate; here c is a constant"),
    refuses("eliminate", stratum(["y+x"], "x y", jacobian={"y": 1}), eliminate(0, "y"),
            "needs a variable without Jacobian order; here y has 1"),
    refuses("eliminate", LINEAR, eliminate(0, "y"), "needs a generator linear in y"),
    refuses("eliminate", stratum(["x", "y^2"], "x y"), eliminate(0, "y"),
            "needs a generator linear in y; here it is x"),
    # x = 1 is not near 0
    refuses("eliminate", stratum(["x-1"], "x y"), eliminate(0, "x"), "needs a remainder that vanishes on the stratum"),
    refuses("eliminate", LINEAR, eliminate(1, "x"), "0 is zero everywhere"),
    refuses("eliminate", LINEAR, eliminate(2, "x"), "there is no generator 2"),
    refuses("eliminate", LINEAR, eliminate(0, "x", [["y+1", 1, "unit"]]), "the factors listed do not multiply to 1"),
]
ROWS = [*CHANGE, *ELIMINATE]
ACCEPTED = [row for row in ROWS if hasattr(row, "value")]
REFUSED = [row for row in ROWS if not hasattr(row, "value")]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
