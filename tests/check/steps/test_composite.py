"""The step `composite`: a function of a near variable as the coordinate."""

from tests.check.tables import accepts, refuses, rows, stratum

CUSP = stratum(["(x^2+2*x)^2-y^3"], "x y")
MIXED = stratum(["(x+x*z+y^2)^2-y^3", "y^5"], free="z")  # x + x z + y^2 is a coordinate where 1 + z is not 0
UNIT = stratum(["(x+x*z+y^2)^2-y^3", "y^5"], free="z", units=["z+1"])
FREE = stratum(["x*(z^2+2*z)", "x^2"], "x z", free="z")


def composite(outer, variable="x", inner="x^2+2*x", nonzero=()):
    return {"variable": variable, "inner": inner, "outer": outer, "nonzero": list(nonzero)}


ACCEPTED = [
    # (x + 1)^2 - 1 is a coordinate at 0
    accepts("composite", CUSP, composite(["x^2-y^3"]), {"y^3 - x^2 | near x, y": "5/12"}, "5/12"),
    accepts("composite", UNIT, composite(["x^2-y^3", "y^5"], inner="x+x*z+y^2", nonzero=[["z+1", 1, "unit"]]),
            {"y^3 - x^2, y^5 | near x, y | units z + 1": "5/12"}, "5/12"),
]
REFUSED = [
    refuses("composite", FREE, composite(["x*z", "x^2"], "z", "z^2+2*z"), "needs a near variable; here z is"),
    refuses("composite", stratum(["x^2+2*x+y"], "x y", orders={"x": 1}), composite(["x+y"]), "here x has one"),
    refuses("composite", stratum(["x^2+2*x+y"], "x y", jacobian={"x": 1}), composite(["x+y"]), "here x has one"),
    refuses("composite", CUSP, composite(["(x-1)^2-y^3"], inner="x^2+2*x+1"), "needs a function that vanishes on the"),
    # y^2 is no coordinate at 0
    refuses("composite", stratum(["x^2-y^4"], "x y"), composite(["x^2-y^2"], "y", "y^2"), "0 is zero everywhere"),
    refuses("composite", MIXED, composite(["x^2-y^3", "y^5"], inner="x+x*z+y^2", nonzero=[["z+1", 1, "unit"]]),
            r"z \+ 1 is no unit"),
    refuses("composite", CUSP, composite(["x^2-y^3", "y"]), "needs 1 polynomials; here there are 2"),
    refuses("composite", CUSP, composite("x^2-y^3"), "outer is a list of polynomials"),
    refuses("composite", CUSP, composite(["x^2+y^3"]), "gives another one"),
    refuses("composite", CUSP, composite(["x^2-y^3"], inner=2), "2 is no text of a polynomial"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
