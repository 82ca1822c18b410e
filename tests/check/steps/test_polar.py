"""The steps `polar` and `power`."""

from tests.check.tables import accepts, refuses, rows, stratum

BLOCK = stratum(["z*x^2", "z*y^2", "z^3"], jacobian={"y": 1})

ACCEPTED = [
    # r^2 = x^2 + y^2 with r^(1 + 2 - 1) dr
    accepts("polar", BLOCK, {"block": ["x", "y"]}, {"x^2, z^2 | near x, z | orders z: 1 | jacobian x: 2": "1/2"},
            "1/2"),
    accepts("power", stratum(["(x-y)^4"], "x y", orders={"x": 2}), {"base": "(y-x)^2", "exponent": 2},
            {"x^2 - 2*x*y + y^2 | near x, y | orders x: 1": "1/2,2 .. oo"}, "1/4,2 .. oo"),
]
REFUSED = [
    refuses("polar", BLOCK, {"block": ["x", "x"]}, "needs distinct variables; here one is named twice"),
    refuses("polar", BLOCK, {"block": ["x"]}, "needs a block of two variables or more; here it has 1"),
    refuses("polar", BLOCK, {"block": "xy"}, "a block is a list of names"),
    refuses("polar", stratum(["z*x^2", "z*y^2"], free="y"), {"block": ["x", "y"]},
            "needs near variables; here y is not"),
    refuses("polar", stratum(["x+z", "y"], orders={"y": 2}), {"block": ["x", "y"]},
            "needs variables without orders; here y has the order 2"),
    refuses("polar", stratum(["x*y", "x^2", "y^2"]), {"block": ["x", "y"]},
            r"needs generators c b\^e; here x\*y is none"),
    refuses("polar", stratum(["x+z", "y+z"]), {"block": ["x", "y"]}, r"needs generators c b\^e; here x \+ z is none"),
    # x^2 and y^4 are no function of the radius, nor are x^2 and z y^2
    refuses("polar", stratum(["x^2", "y^4"]), {"block": ["x", "y"]}, "needs the like of .* for every variable"),
    refuses("polar", stratum(["x^2", "z*y^2"]), {"block": ["x", "y"]}, "needs the like of .* for every variable"),
    refuses("polar", stratum(["y^2", "z^2"]), {"block": ["x", "y"]}, "needs the like of .* for every variable"),
    refuses("power", stratum(["x^2", "y^2"]), {"base": "x", "exponent": 2},
            "needs exactly one generator; here there are 2"),
    refuses("power", stratum(["(x-y)^2"]), {"base": "x-y", "exponent": 1}, "the exponent is 1, not an integer >= 2"),
    refuses("power", stratum(["(x-y)^2"]), {"base": "x+y", "exponent": 2}, r"needs the power 2 of x \+ y"),
    refuses("power", stratum(["(x-y)^2"]), {"base": "x-y", "exponent": 10**18}, "needs the power 10000"),
    refuses("power", stratum(["(x-y)^2"]), {"base": "0", "exponent": 2}, "needs the power 2 of 0"),
    # x^2 (x - y)^2 is a square, x^6 (x - y)^2 = (x^3 (x - y))^2 too; x^2 (x^3)^2 (x-y)^4 no fourth power
    refuses("power", stratum(["(x-y)^2"], orders={"x": 3}), {"base": "x-y", "exponent": 2},
            "needs orders that 2 divides; here x has the order 3"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
