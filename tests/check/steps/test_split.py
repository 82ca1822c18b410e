"""The steps `split` and `algebraic`: a stratum in two parts."""

from tests.check.tables import accepts, refuses, rows, stratum

FREE_Y = stratum(["x*(y+1)", "x^2"], free="y")
PELL = stratum(["x*(y^2-2)", "x^2"], "x y c", free="y")  # c is flat, and may become the constant
AT_ROOT = stratum(["x*y", "c*x+y^2"], "x y z c", free="y", constants={"c": "c^2-2"})


def algebraic(**changes):
    return {"variable": "y", "polynomial": "y^2-2", "constant": "c", **changes}


ACCEPTED = [
    # y = 0, or y is a unit; the bracket is the least of both
    accepts("split", FREE_Y, {"variable": "y"},
            {"y + 1, x | near x, y | orders x: 1": "1/2", "y + 1, x | near x | units y | orders x: 1": "1/4 .. 1/2"},
            "1/4 .. 1/2"),
    # y = c + y' with c^2 = 2, where y^2 - 2 = y'^2 + 2 c y'; or y^2 - 2 is a unit
    accepts("algebraic", PELL, algebraic(),
            {"y^2 + 2*y*c, x | near x, y | orders x: 1 | constants c: c^2 - 2": "1/2 .. oo",
             "y^2 - 2, x | near x | units y^2 - 2 | orders x: 1": "1/2,2"}, "1/2,2"),
]
REFUSED = [
    refuses("split", FREE_Y, {"variable": "x"}, "needs a free variable; here x is not free"),
    refuses("split", AT_ROOT, {"variable": "c"}, "needs a free variable; here c is not free"),
    refuses("split", FREE_Y, {"variable": "w"}, "there is no variable w"),
    refuses("split", FREE_Y, {"variable": 1}, "there is no variable 1"),
    # Q[c, z] modulo two polynomials need not be a field
    refuses("algebraic", AT_ROOT, algebraic(constant="z"), "needs no constant; here c is one already"),
    refuses("algebraic", PELL, algebraic(variable="x"), "needs a free variable; here x is not free"),
    refuses("algebraic", PELL, algebraic(constant="x"), "needs a flat variable to be the constant; here x is not flat"),
    refuses("algebraic", PELL, algebraic(polynomial="y^2-2*x"),
            r"needs a polynomial in y alone; here it is y\^2 - 2\*x"),
    refuses("algebraic", PELL, algebraic(polynomial="2"), "needs a polynomial in y alone"),
    refuses("algebraic", PELL, algebraic(polynomial=2), "2 is no text of a polynomial"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
