"""One-sided bounds: `best`, `order`, `initial`, `rank`, `subset`, `sign`, `nearby`."""

from tests.check.tables import accepts, refuses, rows, stratum

CONE = stratum(["x^2-y*z"])
CUSP = stratum(["x^2-y^3"], "x y")
CROSS = stratum(["x-y"], "x y", orders={"y": 1})
ROOTED = stratum(["c*x+y^2"], "x y c", constants={"c": "c^2-2"})
FREE = stratum(["x*(1+z)+y^2"], free="z")
NOTHING = stratum([], "x y")
TWISTED = stratum(["x-y^2", "x*z"])
# The optimum of x^2, y^3: weights (1/2, 1/3), x^2 and y^3 with 1/2 and 1/3.
OPTIMUM = {"combination": [[[2, 0], "1/2"], [[0, 3], "1/3"]], "weights": ["1/2", "1/3"]}
CONE_OPTIMUM = {"combination": [[[2, 0, 0], "1/2"], [[0, 1, 1], "1"]], "weights": ["1/2", "1/2", "1/2"]}


def signs(*curves):
    return {"curves": [[list(weights), list(point)] for weights, point in curves]}


PARABOLAS = stratum(["x^2-y^4"], "x y")

BEST = [
    accepts("best", CUSP, {"arguments": 2},
            [("y^3 - x^2 | near x, y", "1/3 .. 1/2"), ("y^3 - x^2 | near x, y", "5/12 .. oo")], "5/12 .. 1/2"),
    refuses("best", CUSP, {"arguments": 0}, "needs 1 to 10 arguments; here there are 0"),
    refuses("best", CUSP, {"arguments": 11}, "needs 1 to 10 arguments; here there are 11"),
    refuses("best", CUSP, {"arguments": True}, "needs 1 to 10 arguments; here there are True"),
]
ORDER = [
    # degree 3 in two variables: (1/6, 2) at least; the polyhedron gives 5/12 at most
    accepts("order", CUSP, {"optimum": OPTIMUM}, {}, "1/6,2 .. 5/12"),
    accepts("order", CUSP, {"optimum": {"weights": ["1/2", "1/2"]}}, {}, "1/6,2 .. 1/2"),
    # 1 / (2 (1 + 1)): the order of y counts
    accepts("order", CROSS, {"optimum": {"weights": ["0", "1"]}}, {}, "1/4,2 .. 1/2"),
    accepts("order", stratum(["1"], "x y"), {"optimum": None}, {}, "oo"),
    # at z = -1 the germ is y^2 alone: the degree 2 counts z, and the bound holds
    accepts("order", FREE, {"optimum": {"weights": ["1", "1/2"]}}, {}, "1/4,3 .. 3/4"),
    refuses("order", NOTHING, {"optimum": None}, "needs a generator; here the loss is 0"),
    refuses("order", CUSP, {"optimum": {"weights": ["1/2", "1/4"]}}, "the weights are not feasible"),
    refuses("order", CUSP, {"optimum": {"weights": ["3/2", "-1/2"]}}, "a weight is negative"),
    refuses("order", stratum(["1"], "x y"), {"optimum": {"weights": []}}, "the weights are not feasible"),
]
INITIAL = [
    # weights (3, 3): the term of least weight of y^3 - x^2 is x^2, whose threshold is 1/4
    accepts("initial", CUSP, {"weights": {}, "optimum": {"combination": [[[2, 0], "1/2"]], "weights": ["1/2", "0"]}},
            {}, "1/4,2 .. oo"),
    accepts("initial", stratum(["x^2", "y^3+x^3"], "x y"), {"weights": {"x": 2}, "optimum": OPTIMUM}, {},
            "5/12,2 .. oo"),
    refuses("initial", CUSP, {"weights": {"x": 3, "y": 2}, "optimum": OPTIMUM},
            "needs one term of least weight; y^3 - x^2 has several".replace("^", r"\^")),
    refuses("initial", CUSP, {"weights": {"x": 0}, "optimum": OPTIMUM}, "the weight of x is 0, not an integer >= 1"),
    refuses("initial", CUSP, {"weights": ["x"], "optimum": OPTIMUM}, "weights are a table of names"),
    refuses("initial", stratum(["1+x"]), {"weights": {}, "optimum": None}, "here one is a number"),
    refuses("initial", CROSS, {"weights": {}, "optimum": OPTIMUM}, "needs orders 0; here y has the order 1"),
    refuses("initial", FREE, {"weights": {}, "optimum": OPTIMUM}, "needs no free variable; here z is free"),
    refuses("initial", ROOTED, {"weights": {}, "optimum": OPTIMUM}, "needs no constant; here c is one"),
]
RANK = [
    # as many generators as the rank: coordinates
    accepts("rank", stratum(["x-y^2", "z"]), {"fields": []}, {}, "1"),
    # rank 1 with two generators: the multiple is annihilated by d/dy + 2 y d/dx
    accepts("rank", stratum(["x-y^2", "(x-y^2)^2"], "x y"), {"fields": [{"y": "1", "x": "2*y"}]}, {}, "1/2"),
    accepts("rank", stratum(["x-y^2", "x*y"], "x y"), {"fields": []}, {}, "1/2 .. oo"),
    # a Jacobian order makes the measure smaller: the lower bound stays
    accepts("rank", stratum(["x-y"], "x y", jacobian={"x": 1}), {"fields": []}, {}, "1/2 .. oo"),
    refuses("rank", stratum(["x", "1+y"]), {"fields": []},
            "needs generators that vanish at the point; y \\+ 1 does not"),
    refuses("rank", CUSP, {"fields": []}, "needs a generator with a linear part; here there is none"),
    refuses("rank", TWISTED, {"fields": [{"y": "1", "x": "2*y"}]}, r"a vector field does not annihilate x\*z"),
    refuses("rank", TWISTED, {"fields": {}}, "fields are a list of tables"),
    refuses("rank", TWISTED, {"fields": [{"w": "1"}]}, "there is no variable w"),
    refuses("rank", CROSS, {"fields": []}, "needs orders 0; here y has the order 1"),
    refuses("rank", FREE, {"fields": []}, "needs no free variable; here z is free"),
]
SUBSET = [
    accepts("subset", TWISTED, {"keep": [1]}, {"1 | near x, z | orders x: 1, z: 1": "1/2,2"}, "1/2,2 .. oo"),
    refuses("subset", TWISTED, {"keep": []}, "needs a generator that is kept; here there is none"),
    refuses("subset", TWISTED, {"keep": [0, 0]}, "needs distinct generators; here one is kept twice"),
    refuses("subset", TWISTED, {"keep": [2]}, "there is no generator 2"),
    refuses("subset", TWISTED, {"keep": [-1]}, "there is no generator -1"),
    refuses("subset", TWISTED, {"keep": [False]}, "there is no generator False"),
    refuses("subset", TWISTED, {"keep": "0"}, "keep lists numbers of generators"),
]
SIGN = [
    # x = 2 y^2 and y = 1, x = e: both signs near 0
    accepts("sign", PARABOLAS, signs(([2, 1], ["1", "2"]), ([1, 1], ["2", "1"])), {}, "1/8,2 .. 1/2"),
    refuses("sign", PARABOLAS, signs(([1, 1], ["1", "1"]), ([1, 1], ["2", "1"])), "needs opposite signs"),
    refuses("sign", PARABOLAS, signs(([2, 1], ["1", "1"]), ([1, 1], ["2", "1"])), "needs opposite signs.* 0 and -4"),
    refuses("sign", PARABOLAS, signs(([1, 0], ["1", "2"]), ([1, 1], ["2", "1"])), "a weight is 0, not an integer >= 1"),
    refuses("sign", PARABOLAS, signs(([2, 1], ["1"]), ([1, 1], ["2", "1"])),
            "needs a weight and a coordinate for each"),
    refuses("sign", PARABOLAS, signs(([2, 1], ["1", "2"])), "needs two curves; here there are 1"),
    refuses("sign", PARABOLAS, {"curves": [[[2, 1]], [[1, 1]]]}, "a curve needs weights and a point"),
    refuses("sign", TWISTED, signs(), "needs exactly one generator; here there are 2"),
    # x^2 y (x - y) has both signs, but the order of x makes its pair smaller at x = 0 already: not treated
    refuses("sign", CROSS, signs(), "needs orders 0; here y has the order 1"),
    refuses("sign", stratum(["x-y"], "x y", jacobian={"y": 2}), signs(),
            "needs Jacobian orders 0; here y has the Jacobian order 2"),
    refuses("sign", FREE, signs(), "needs no free variable; here z is free"),
    refuses("sign", ROOTED, signs(), "needs no constant; here c is one"),
]
NEARBY = [
    # on the cone x^2 = y z the point (0, 1, 0) is smooth
    accepts("nearby", CONE, {"weights": {"x": 1, "y": 1, "z": 1}, "point": {"y": "1"}},
            {"x^2 - y*z - z | near x, y, z": "1/2"}, "1/4,3 .. 1/2"),
    accepts("nearby", CONE, {"weights": {"x": 1, "y": 2}, "point": {"y": "1", "z": "0"}},
            {"x^2 - y*z - z | near x, y, z": "1/2"}, "1/4,3 .. 1/2"),
    refuses("nearby", CONE, {"weights": {"x": 1, "y": 1, "z": 1}, "point": {"y": "1", "z": "1"}},
            "needs a zero of all generators; .* does not vanish at the point"),
    refuses("nearby", CONE, {"weights": {"x": 1, "y": 2}, "point": {"z": "1"}},
            "needs a weight for each coordinate that is not 0; z has none"),
    refuses("nearby", CONE, {"weights": {"x": 1, "y": 1}, "point": {"y": "1"}}, "is not quasi-homogeneous"),
    refuses("nearby", CONE, {"weights": {"x": 1, "y": 1, "z": 1}, "point": [0, 1, 0]}, "a point is a table of names"),
    refuses("nearby", NOTHING, {"weights": {}, "point": {}}, "needs a generator; here the loss is 0"),
    refuses("nearby", CROSS, {"weights": {}, "point": {}}, "needs orders 0; here y has the order 1"),
    refuses("nearby", stratum(["x-y"], "x y", jacobian={"y": 2}), {"weights": {}, "point": {}},
            "needs Jacobian orders 0"),
    refuses("nearby", FREE, {"weights": {}, "point": {}}, "needs no free variable; here z is free"),
]
ROWS = [*BEST, *ORDER, *INITIAL, *RANK, *SUBSET, *SIGN, *NEARBY]
ACCEPTED = [row for row in ROWS if hasattr(row, "value")]
REFUSED = [row for row in ROWS if not hasattr(row, "value")]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
