"""The step `arrangement`."""

from tests.check.tables import accepts, refuses, rows, stratum

ONE = {"combination": [[[1, 3], "2/3"]], "weights": ["0", "1/3"]}
LINES = stratum(["(x-y)*(x+y)*(x+2*y)"], "x y")
FORMS = [["x-y", 1], ["x+y", 1], ["-2*x-4*y", 1]]
# The lines x + y = 0, x - y = 0, y = 0 and x = 0 have the rows (0, 2), (0, 1), (0, 1), (2, 0); the origin has (3, 4).
WEIGHTED = stratum(["(x+y)^2*(x-y)"], "x y", orders={"y": 1}, jacobian={"x": 2})

ACCEPTED = [
    accepts("arrangement", LINES, {"factors": [FORMS], "optima": [ONE]}, {}, "1/3"),
    # along x = 0 and x = y: t_1 t_2^2, t_2^2; along y = 0: t_2^2, t_1^2 t_2^2
    accepts("arrangement", stratum(["x*(x-y)", "y^2"], "x y"), {
        "factors": [[["x", 1], ["x-y", 1]], [["y", 2]]],
        "optima": [{"combination": [[[0, 2], "1"]], "weights": ["0", "1/2"]},
                   {"combination": [[[0, 2], "1"]], "weights": ["0", "1/2"]}]}, {}, "1/2"),
    accepts("arrangement", WEIGHTED, {"factors": [[["x+y", 2], ["x-y", 1]]], "optima": [
        {"combination": [[[1, 4], "1"]], "weights": ["1/2", "1/8"]},
        {"combination": [[[2, 4], "1/2"]], "weights": ["1/2", "0"]},
        {"combination": [[[0, 4], "1"]], "weights": ["0", "1/4"]}]}, {}, "1/4"),
]


def lines(**changed):
    return {"factors": [FORMS], "optima": [ONE], **changed}


REFUSED = [
    refuses("arrangement", stratum(["x*(x+y)"], "x y", free="y"), lines(), "needs no free variable; here y is free"),
    refuses("arrangement", stratum([], "x y"), lines(), "needs a generator; here the loss is 0"),
    refuses("arrangement", LINES, lines(factors="x"), "factors are a list for each generator"),
    refuses("arrangement", LINES, lines(factors=[FORMS, FORMS]), "needs factors for each of 1 generators"),
    refuses("arrangement", LINES, lines(factors=[["x", "y"]]), "a factor has a power"),
    refuses("arrangement", LINES, lines(factors=[[["x-y", 0]]]), "a power is 0, not an integer >= 1"),
    # a parabola, a line that misses the origin, 0: their flats are no subspaces
    refuses("arrangement", stratum(["(x+y)*(x-y^2)"], "x y"), lines(factors=[[["x+y", 1], ["x-y^2", 1]]]),
            r"needs linear forms; -y\^2 \+ x is none"),
    refuses("arrangement", stratum(["(x-y)*(x-1)"], "x y"), lines(factors=[[["x-y", 1], ["x-1", 1]]]),
            "needs linear forms; x - 1 is none"),
    refuses("arrangement", LINES, lines(factors=[[["x-y", 1], ["0", 1]]]), "needs linear forms; 0 is none"),
    refuses("arrangement", LINES, lines(factors=[[["x-y", 1], ["x+y", 1], ["x-2*y", 1]]]), "needs the factors of"),
    refuses("arrangement", LINES, lines(factors=[[["x-y", 1], ["x+y", 1]]]), "needs the factors of"),
    refuses("arrangement", LINES, lines(factors=[[["x-y", 10**9]]]), "needs the factors of"),
    refuses("arrangement", stratum(["1"], "x y"), lines(factors=[[]]), "needs a form that vanishes; here there is"),
    refuses("arrangement", LINES, lines(optima={}), "optima are a list"),
    refuses("arrangement", LINES, lines(optima=[ONE, ONE]), "needs an optimum for each of 1 chains"),
    refuses("arrangement", LINES, lines(optima=[{"combination": [[[1, 3], "1"]], "weights": ["1", "0"]}]),
            "the combination is not feasible"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
