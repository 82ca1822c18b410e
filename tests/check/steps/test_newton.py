"""The step `newton`: an argument for every compact face."""

from tests.check.tables import accepts, refuses, rows, stratum

CUSP = stratum(["x^2-y^3"], "x y")
EDGE = [[2, 0], [0, 3]]
OPTIMUM = {"combination": [[[2, 0], "1/2"], [[0, 3], "1/3"]], "weights": ["1/2", "1/3"]}
MINORS = {"minors": [[[0], ["x"]]], "empty": {"cofactors": [[1, "1"]], "units": [["x", 1]]}}
# (y - x)(y - 2 x): two lines, whose forms vanish together at no point with x, y nonzero
LINES = stratum(["(y-x)*(y-2*x)"], "x y")
LINES_EDGE = [[2, 0], [1, 1], [0, 2]]
LINES_OPTIMUM = {"combination": [[[2, 0], "1/2"], [[0, 2], "1/2"]], "weights": ["1/2", "1/2"]}
EACH = [{"of": [i], "argument": "independent",
         "proof": {"minors": [[[0], ["y"]]], "empty": {"cofactors": [[1, "1"]], "units": []}}} for i in (0, 1)]
BOTH = {"of": [0, 1], "argument": "empty", "proof": {"cofactors": [[0, "1"], [1, "-1"]], "units": [["x", 1]]}}
ZERO = [0, ["1", "1/2"], ["1", "3/2"]]  # y - x is -1/2 and 1/2 there
FREE = stratum(["(y-x)*(y-z*x)"], free="z", units=["z"])
ROOTED = stratum(["(y-x)*(y-c*x)"], "x y c", constants={"c": "c^2-2"})
C_TIMES = {"exponents": [[2, 0]], "argument": "empty",
           "proof": {"form": 0, "nonzero": [["c", 1, "field"], ["x", 2, "unit"]]}}
VERTEX = stratum(["z*x^2+y^2"], free="z")
CURVE = stratum(["d^3 + a^2"], "a d x", free="a d", units=["a"], orders={"x": 6}, jacobian={"x": 5})
BY_A = {"minors": [[[0], ["a"]]], "empty": {"cofactors": [[1, "1"]], "units": [["a", 1]]}}


def newton(*faces, optimum=OPTIMUM):
    return {"optimum": optimum, "faces": list(faces)}


def face(exponents, argument, **data):
    return {"exponents": exponents, "argument": argument, **data}


def smooth(rank=1, proof=MINORS):
    return newton(face(EDGE, "smooth", rank=rank, proof=proof))


def crossing(subsets=(*EACH, BOTH), zeros=(ZERO,), factors=(["y-x", 1], ["y-2*x", 1])):
    return newton(face(LINES_EDGE, "crossing", factors=[list(f) for f in factors], subsets=list(subsets),
                       zeros=list(zeros)), optimum=LINES_OPTIMUM)


def at_vertex(argument="smooth", **data):
    return newton(face([[]], argument, **(data or {"rank": 1, "proof": BY_A})),
                  optimum={"combination": [[[6], "1"]], "weights": ["1/6"]})


ACCEPTED = [
    # nothing but monomials
    accepts("newton", stratum(["x^2", "y^3"], "x y"), newton(), {}, "5/12"),
    accepts("newton", CUSP, smooth(), {}, "5/12"),
    # x = t^3, y = t^2 y: one chart; at y = 1 the curve meets the divisor transversally
    # x = t^3 and y = t^2 y with y nonzero: at y = 1 the curve crosses the divisor
    accepts("newton", CUSP, newton(face(EDGE, "charts")),
            {"y^3 - 1 | near x | units y | orders x: 6 | jacobian x: 4": "5/12 .. 1/2"}, "5/12"),
    accepts("newton", stratum(["x^2+x*y+y^2"], "x y"),
            newton(face(LINES_EDGE, "empty", proof={"form": 0, "nonzero": [
                ["x^2+x*y+y^2", 1, {"discriminant": "x", "factors": [["y", 2, "unit"]]}]]}), optimum=LINES_OPTIMUM),
            {}, "1/2"),
    accepts("newton", LINES, crossing(), {}, "1/2,2"),
    # the coefficient c of a vertex is not 0 at the roots of c^2 - 2
    accepts("newton", stratum(["c*x^2", "y^2"], "x y c", constants={"c": "c^2-2"}),
            newton(C_TIMES, optimum=LINES_OPTIMUM), {}, "1/2"),
    accepts("newton", LINES, crossing(zeros=[]), {}, "1/2,2 .. 1/2"),
    # x^6 (d^3 + a^2) with |x|^5 dx: the curve is smooth where a is not 0, so at worst x^6 times a coordinate
    accepts("newton", CURVE, at_vertex(), {}, "1/2,2 .. 1/2"),
    accepts("newton", CURVE, at_vertex("crossing", factors=[["d^3 + a^2", 1]], zeros=[], subsets=[
        {"of": [0], "argument": "independent", "proof": BY_A}]), {}, "1/2,2 .. 1/2"),
    # z x^2 + y^2: near z = 0 the coefficient z is a coordinate, on the edge the gradient has 2 y
    accepts("newton", VERTEX, newton(face([[2, 0]], "smooth", rank=1, proof={
        "minors": [[[0], ["z"]]], "empty": {"cofactors": [[1, "1"]], "units": [["x", 2]]}}),
        face(LINES_EDGE[::2], "smooth", rank=1, proof={
            "minors": [[[0], ["y"]]], "empty": {"cofactors": [[1, "1"]], "units": [["y", 1]]}}),
        optimum=LINES_OPTIMUM), {}, "1/2,2 .. 1/2"),
]
ARGUMENTS = [
    refuses("newton", stratum([]), newton(), "needs a generator; here the loss is 0"),
    refuses("newton", CUSP, newton(), r"needs an argument for the face \[\(0, 3\), \(2, 0\)\]"),
    refuses("newton", VERTEX, newton(), r"needs an argument for the face .*\(2, 0\)"),  # at z = 0 it is y^2 alone
    refuses("newton", CUSP, newton(face([[2, 0]], "charts"), face(EDGE, "charts")),
            "a vertex has no charts; here they are its argument"),
    # the cusp is singular at a = d = 0, which is a point of the stratum if a may vanish
    refuses("newton", stratum(["d^3 + a^2"], "a d x", free="a d", orders={"x": 6}, jacobian={"x": 5}), at_vertex(),
            "a is no unit"),
    refuses("newton", CURVE, at_vertex(rank=1, proof={
        "minors": [[[0], ["d"]]], "empty": {"cofactors": [[1, "1"]], "units": [["a", 1]]}}),
            "the cofactors do not combine"),
    refuses("newton", CUSP, newton(face(EDGE, "smooth ")), "an argument is empty, smooth, crossing or charts"),
    refuses("newton", CUSP, newton(face(EDGE, None)), "an argument is empty, smooth, crossing or charts"),
    refuses("newton", CUSP, newton({"exponents": EDGE}), "an argument is empty, smooth, crossing or charts"),
    refuses("newton", CUSP, newton("exponents"), "an entry for a face has no exponents"),
    refuses("newton", CUSP, newton([EDGE]), "an entry for a face has no exponents"),
    refuses("newton", CUSP, newton(face(EDGE, "charts", rank=1)), "data needs exactly the keys exponents, argument"),
    refuses("newton", CUSP, newton(face([[2, 0], [0, 4]], "charts")), "needs a compact face; here .* is none"),
    refuses("newton", CUSP, newton(face(EDGE, "charts"), face(EDGE[::-1], "charts")), "needs each face once"),
    refuses("newton", CUSP, newton(face("20", "charts")), "exponents are a list"),
    # the real zeros of x^2 - y^3 on the torus
    refuses("newton", CUSP, newton(face(EDGE, "empty", proof={"form": 0, "nonzero": "even"})), "not shown to be even"),
    refuses("newton", CUSP, smooth(rank=0), "the rank of a smooth face is 0, not an integer >= 1"),
    refuses("newton", CUSP, smooth(rank=True), "the rank of a smooth face is True, not an integer >= 1"),
    refuses("newton", CUSP, smooth(rank=2), "a minor is not of size 2"),
    refuses("newton", CUSP, smooth(proof={"minors": [], "empty": MINORS["empty"]}), "there is no polynomial 1"),
]
CROSSING = [
    refuses("newton", stratum(["y-x", "(y-2*x)^2"], "x y"),
            newton(face([[1, 0], [0, 1]], "crossing", factors=[], subsets=[], zeros=[]),
                   optimum={"combination": [[[1, 0], "1"], [[0, 1], "1"]], "weights": ["1", "1"]}),
            "crossing needs exactly one generator; here there are 2"),
    refuses("newton", LINES, crossing(factors=(["y-x", 2],)), "crossing needs the factors of the generator"),
    refuses("newton", LINES, crossing(factors=(["y-x", 1],)), "crossing needs the factors of the generator"),
    refuses("newton", LINES, crossing(factors=(["y-x", 1, 1],)), "a factor needs a polynomial and its power"),
    refuses("newton", LINES, crossing(factors=(["y-x", 0],)), "the power of a factor is 0, not an integer >= 1"),
    refuses("newton", LINES, crossing(subsets=EACH), r"crossing needs an argument for the factors \[0, 1\]"),
    refuses("newton", LINES, crossing(subsets=[EACH[0], BOTH]), r"crossing needs an argument for the factors \[1\]"),
    refuses("newton", LINES, crossing(subsets=[*EACH, BOTH, BOTH]), r"the factors \[0, 1\] are listed twice"),
    refuses("newton", LINES, crossing(subsets=[{**BOTH, "of": [1, 0]}]),
            "a set of factors does not increase, or is empty"),
    refuses("newton", LINES, crossing(subsets=[{**BOTH, "of": [0, 0]}]),
            "a set of factors does not increase, or is empty"),
    refuses("newton", LINES, crossing(subsets=[{**BOTH, "of": []}]), "a set of factors does not increase, or is empty"),
    refuses("newton", LINES, crossing(subsets=[{**BOTH, "of": 0}]), "a set of factors is a list"),
    refuses("newton", LINES, crossing(subsets=[{**BOTH, "argument": "smooth"}]), "factors are empty or independent"),
    refuses("newton", LINES, crossing(subsets=[*EACH, {**BOTH, "argument": "independent"}]),
            "data needs exactly the keys minors"),
    refuses("newton", LINES, crossing(factors=(["y-x", 1], ["y-x", 1])), "crossing needs the factors of the generator"),
]
ZEROS = [
    refuses("newton", ROOTED, newton(face(LINES_EDGE, "crossing", factors=[["y-x", 1], ["y-c*x", 1]], subsets=[
                *EACH, {**BOTH, "proof": {"cofactors": [[0, "-1-c"], [1, "1+c"]], "units": [["x", 1]]}}],
            zeros=[ZERO]), C_TIMES, optimum=LINES_OPTIMUM),
                    "a zero between two points needs signs; with a constant there are none"),
    refuses("newton", LINES, crossing(zeros=[[0, ["1"], ["1", "3/2"]]]),
            "a point needs a coordinate for each variable"),
    refuses("newton", LINES, crossing(zeros=[[0, ["1", "1/2"], ["-1", "3/2"]]]), "two points need one orthant"),
    refuses("newton", LINES, crossing(zeros=[[0, ["1", "0"], ["1", "3/2"]]]), "two points need one orthant"),
    refuses("newton", LINES, crossing(zeros=[[0, ["1", "1/2"], ["1", "1/3"]]]), "two points need opposite signs of"),
    refuses("newton", LINES, crossing(zeros=[[0, ["1", "1"], ["1", "3/2"]]]), "two points need opposite signs of"),
    refuses("newton", LINES, crossing(zeros=[[2, ["1", "1"], ["1", "3/2"]]]), "there is no factor 2"),
    refuses("newton", LINES, crossing(zeros=[[0, ["1", "1"]]]), "a zero needs a factor and two points"),
    refuses("newton", LINES, crossing(zeros=[[0, "11", ["1", "3/2"]]]), "a point is a list of rationals"),
]


def with_free(*points):
    """y - x and y - z x, z a unit: they meet where z = 1, so that their independence needs z."""
    pairs = [*EACH[:1],
             {"of": [1], "argument": "independent",
              "proof": {"minors": [[[0], ["y"]]], "empty": {"cofactors": [[1, "1"]], "units": []}}},
             {"of": [0, 1], "argument": "independent",
              "proof": {"minors": [[[0, 1], ["y", "z"]]], "empty": {"cofactors": [[2, "1"]], "units": [["x", 1]]}}}]
    return newton(face(LINES_EDGE, "crossing", factors=[["y-x", 1], ["y-z*x", 1]], subsets=pairs,
                       zeros=[[0, *points]]), optimum=LINES_OPTIMUM)


ACCEPTED += [accepts("newton", FREE, with_free(["1", "1/2", "3"], ["1", "3/2", "3"]), {}, "1/2,3 .. 1/2,2")]
ZEROS += [
    refuses("newton", FREE, with_free(["1", "1/2", "3"], ["1", "3/2", "4"]),
            "two points need the same coordinates where"),
    refuses("newton", FREE, with_free(["1", "1/2", "0"], ["1", "3/2", "0"]),
            "a point needs units that are not 0; here one"),
]
REFUSED = [*ARGUMENTS, *CROSSING, *ZEROS]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
