"""The steps `squares` and `total`."""

from tests.check.tables import accepts, refuses, rows, stratum

QUARTIC = stratum(["x^4 + y^4 - 2*x^2*y^2 + 3*x^2*z^2"], orders={"x": 2}, jacobian={"y": 1})
PLANE = stratum(["x", "y"], "x y", orders={"x": 1})

ACCEPTED = [
    accepts("squares", QUARTIC, {"squares": [["1", "x^2 - y^2"], ["3", "x*z"]]},
            {"x^2 - y^2, x*z | near x, y, z | orders x: 1 | jacobian y: 1": "1/2,2 .. oo"}, "1/4,2 .. oo"),
    # a function that is minus a sum of squares has the same absolute value
    accepts("squares", stratum(["-x^2 - y^4"], "x y"), {"squares": [["1", "x"], ["1", "y^2"]]},
            {"x, y^2 | near x, y": "3/4"}, "3/8"),
    accepts("squares", stratum(["y^2 - 2*y + 1 + x^2"], "x y", free="y", units=["y"]),
            {"squares": [["1/2", "x"], ["1/2", "y-1"], ["1/2", "x"], ["1/2", "1-y"]]},
            {"x, y - 1 | near x | units y": "1"}, "1/2"),
    accepts("total", PLANE, {"coefficients": ["2", "1/2"]},
            {"x^2 + 1/4*y^2 | near x, y | orders x: 2": "1/4,2 .. 1/2"}, "1/2,2 .. 1"),
]
REFUSED = [
    refuses("squares", PLANE, {"squares": [["1", "x"]]}, "needs exactly one generator; here there are 2"),
    refuses("squares", QUARTIC, {"squares": []}, "needs a square; here there is none"),
    refuses("squares", QUARTIC, {"squares": [["1", "x^2 - y^2"]]}, "needs squares that add up to the generator"),
    refuses("squares", QUARTIC, {"squares": [["1", "x^2 - y^2", "x"]]}, "squares are a list of pairs"),
    # (x^2 + y^2)^2 - 4 x^2 y^2 is the same polynomial, whose zeros are lines and no point
    refuses("squares", stratum(["(x^2-y^2)^2"], "x y"), {"squares": [["1", "x^2+y^2"], ["-4", "x*y"]]},
            "needs positive coefficients; here -4 is one"),
    refuses("squares", stratum(["x^2 + y^2"], "x y"), {"squares": [["1", "x"], ["1", "y"], ["0", "1"]]},
            "needs positive coefficients; here 0 is one"),
    # the root of x^2 (x^2 + y^2)^2 is |x| (x^2 + y^2), whose monomial has the order 1/2
    refuses("squares", stratum(["x^2 + y^2"], "x y", orders={"x": 1}), {"squares": [["1", "x"], ["1", "y"]]},
            "needs even orders; here x has the order 1"),
    refuses("total", PLANE, {"coefficients": ["1"]}, "needs a coefficient for each of 2 generators"),
    refuses("total", PLANE, {"coefficients": ["1", "-1"]}, "needs positive coefficients; here -1 is one"),
    refuses("total", PLANE, {"coefficients": "1"}, "coefficients are a list"),
    refuses("total", stratum([], "x y"), {"coefficients": []}, "needs a generator; here the loss is 0"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
