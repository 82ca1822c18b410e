"""The step `regular`."""

from tests.check.tables import accepts, refuses, rows, stratum

NAMES = "x y z w"
# along (e, 0, 0, e) both vanish, with the derivatives e in y and z
LINES = stratum(["x*y+y^3*w+z^3", "z*w+x^2*y*z"], NAMES)
LINE = {"weights": [1, 1, 1, 1], "point": ["1", "0", "0", "1"]}
# along (e^2, e^3) a cusp
CUSP = {"weights": [2, 3, 1, 1], "point": ["1", "-1", "0", "0"]}

ACCEPTED = [
    accepts("regular", LINES, LINE, {}, "1/8,4 .. 1"),
    accepts("regular", stratum(["x^3-y^2"], NAMES), CUSP, {}, "1/6,4 .. 1/2"),
]
REFUSED = [
    refuses("regular", LINES, {**LINE, "weights": [1, 1, 1, 0]}, "a weight is 0, not an integer >= 1"),
    refuses("regular", LINES, {**LINE, "weights": "1"}, "weights are a list"),
    refuses("regular", LINES, {**LINE, "point": ["1"]}, "needs a weight and a coordinate for each variable"),
    refuses("regular", stratum([], NAMES), LINE, "needs a generator; here the loss is 0"),
    refuses("regular", stratum(["x*z", "y*z"], NAMES), LINE, "needs orders 0; here z has the order 1"),
    refuses("regular", stratum(["x*y+z*w"], NAMES, jacobian={"x": 1}), LINE, "needs Jacobian orders 0; here x has"),
    refuses("regular", stratum(["x*y+z*w"], NAMES, free="w"), LINE, "needs no free variable; here w is free"),
    # 0 at the point, and nowhere else on the line
    refuses("regular", stratum(["x*w-x^2*w^2+y", "z"], NAMES), LINE,
            "needs zeros along the curve; .* of weight [24]"),
    refuses("regular", stratum(["x^3-y^2"], NAMES), {**CUSP, "weights": [1, 1, 1, 1]}, "needs zeros along the curve"),
    # two generators, and at the zeros they are functions of one coordinate
    refuses("regular", stratum(["x*y", "y*z+y^2*x"], "x y z w u"),
            {"weights": [1] * 5, "point": ["1", "0", "1", "0", "0"]}, "needs orders 0; here y has the order 1"),
    refuses("regular", stratum(["x*y+z^2", "y*w+z^3"], NAMES), LINE,
            "needs generators that are coordinates; here 2 have the rank 1"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
