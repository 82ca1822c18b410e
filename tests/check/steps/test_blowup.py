"""The step `blowup`."""

from tests.check.tables import accepts, refuses, rows, stratum

CUSP = stratum(["x^2-y^3"], "x y")
WEIGHTED = stratum(["z+x"], "x y z", orders={"y": 1}, jacobian={"y": 2})
FREE = stratum(["x*(1+z)+y^2"], "x y z", free="z")

ACCEPTED = [
    # x = t^3, y = t^2 y: 3 is odd, so that one sign is enough. Then y = ±t^2, x = t^3 x with x near 0: units.
    accepts("blowup", CUSP, {"weights": [["x", 3], ["y", 2]]},
            [("y^3 - 1 | near x | orders x: 6 | jacobian x: 4", "1/2"),
             ("x^2 - 1 | near x, y | orders y: 6 | jacobian y: 4", "5/12"),
             ("x^2 + 1 | near x, y | orders y: 6 | jacobian y: 4", "5/12")], "5/12"),
    # y carries orders: in the chart of z it is 0 or nonzero, earlier x is 0
    accepts("blowup", WEIGHTED, {"weights": [["z", 1], ["y", 1]]},
            [("x + z | near x, y, z | orders y: 1, z: 1 | jacobian y: 2, z: 3", "1"),
             ("x + z | near x, z | units y | orders z: 1 | jacobian z: 3", "1 .. oo"),
             ("y*z + x | near x, y, z | orders y: 1 | jacobian y: 3", "1,2")], "1,2 .. 1,2"),
]
REFUSED = [
    refuses("blowup", FREE, {"weights": [["x", 1], ["z", 1]]}, "needs near variables; here z is not near 0"),
    refuses("blowup", CUSP, {"weights": [["x", 1], ["x", 1]]}, "needs distinct variables; here x is listed twice"),
    refuses("blowup", CUSP, {"weights": [["x", 1]]}, "needs a centre of two variables or more; here it has 1"),
    refuses("blowup", CUSP, {"weights": [["x", 3], ["y", 0]]}, "the weight of a variable is 0, not an integer >= 1"),
    refuses("blowup", CUSP, {"weights": [["x", 3], ["y", 2.0]]}, "the weight of a variable is 2.0, not an integer"),
    refuses("blowup", CUSP, {"weights": [["x", 3], ["y", True]]}, "the weight of a variable is True, not an integer"),
    refuses("blowup", CUSP, {"weights": {"x": 3, "y": 2}}, "the centre lists variables with their weights"),
    refuses("blowup", CUSP, {"weights": [["x", 3, 0], ["y", 2]]}, "the centre lists variables with their weights"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
